//! For the page: TypeScript of everything in `ipc`, generated into `ui/src/bindings` and committed. These tests fail when
//! the committed files are not those that the Rust types give.
#![allow(clippy::expect_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ts_rs::{Config, TS};

use crate::ipc::{AppView, PageCommand, Reply, WireError};

const REGENERATE: &str = "EARSHOT_WRITE_BINDINGS=1 cargo test -p earshot bindings";

fn committed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/src/bindings")
}

fn generate(folder: &Path) {
    let config = Config::new().with_out_dir(folder);
    AppView::export_all(&config).expect("AppView");
    PageCommand::export_all(&config).expect("PageCommand");
    Reply::export_all(&config).expect("Reply");
    WireError::export_all(&config).expect("WireError");
}

fn files(folder: &Path) -> BTreeMap<String, String> {
    let Ok(entries) = fs::read_dir(folder) else { return BTreeMap::new() };
    entries
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).expect("text"))
        })
        .collect()
}

#[test]
fn bindings_are_current() {
    let folder = std::env::temp_dir().join(format!("earshot-bindings-{}", std::process::id()));
    generate(&folder);
    let wanted = files(&folder);
    fs::remove_dir_all(&folder).expect("the folder of the fresh bindings");
    assert!(wanted.contains_key("AppView.ts") && wanted.contains_key("Snapshot.ts"), "generated: {:?}", wanted.keys());

    if std::env::var_os("EARSHOT_WRITE_BINDINGS").is_some() {
        let _ = fs::remove_dir_all(committed());
        fs::create_dir_all(committed()).expect("ui/src/bindings");
        for (name, text) in &wanted {
            fs::write(committed().join(name), text).expect("a binding");
        }
    }

    let found = files(&committed());
    let stale: Vec<_> =
        wanted.iter().filter(|(name, text)| found.get(*name) != Some(text)).map(|(name, _)| name).collect();
    let left_over: Vec<_> = found.keys().filter(|name| !wanted.contains_key(*name)).collect();
    assert!(
        stale.is_empty() && left_over.is_empty(),
        "ui/src/bindings is not current (stale: {stale:?}, left over: {left_over:?}). Run: {REGENERATE}"
    );
}
