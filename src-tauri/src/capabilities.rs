//! Tests of what the pages may do: the capability files and the content security policy, as they are built in. What comes of
//! them in a real page, `tests/desktop/test_page.py` shows.
#![allow(clippy::expect_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

fn read(path: &Path) -> Value {
    let text = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn each_window_has_one_file_with_single_permissions_and_no_other() {
    let files = fs::read_dir(root().join("src-tauri/capabilities")).expect("the capabilities");
    let found: BTreeMap<String, Value> = files
        .map(|file| file.expect("a file"))
        .map(|file| (file.file_name().to_string_lossy().into_owned(), read(&file.path())))
        .collect();
    // Hearing the views, and the one command of ours; `commands::from_popup` takes it apart.
    let single = json!(["core:event:allow-listen", "core:event:allow-unlisten", "allow-earshot"]);
    let windows = [("main.json", "main", "main"), ("popup.json", "popup", "popup-*")];
    assert_eq!(found.keys().map(String::as_str).collect::<Vec<_>>(), windows.map(|(file, ..)| file));
    for (file, identifier, window) in windows {
        let capability = found[file].as_object().expect("an object");
        assert_eq!(capability["identifier"], identifier);
        assert_eq!(capability["windows"], json!([window]));
        assert_eq!(capability["permissions"], single, "{file}");
        assert_eq!(capability["local"], true);
        let fields: Vec<_> = capability.keys().map(String::as_str).collect();
        let known = ["identifier", "description", "local", "windows", "permissions"];
        assert!(
            fields.iter().all(|field| known.contains(field)),
            "{file}: {fields:?}: nothing for pages from elsewhere"
        );
    }
    assert_eq!(read(&root().join("tauri.conf.json"))["app"]["security"]["capabilities"], json!(["main", "popup"]));
}

#[test]
fn pages_load_what_is_built_in_and_speak_to_nobody_but_the_shell() {
    let app = &read(&root().join("tauri.conf.json"))["app"];
    assert_eq!(app["withGlobalTauri"], false);
    let security = &app["security"];
    assert_eq!(security["freezePrototype"], true);
    assert_eq!(
        security["csp"],
        json!({
            "default-src": "'self'",
            "connect-src": "ipc: http://ipc.localhost",
            "img-src": "'self' data:",
            "style-src": "'self'",
            "script-src": "'self'",
            "object-src": "'none'",
            "base-uri": "'none'",
            "form-action": "'none'",
            "frame-ancestors": "'none'"
        })
    );
    for loosening in
        ["devCsp", "dangerousDisableAssetCspModification", "assetProtocol", "dangerousRemoteDomainIpcAccess"]
    {
        assert!(security.get(loosening).is_none(), "{loosening}");
    }
}
