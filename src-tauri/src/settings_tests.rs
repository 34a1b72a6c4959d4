//! Tests of the settings.
#![allow(clippy::expect_used)]

use std::path::PathBuf;

use serde_json::json;

use super::*;

/// A folder of its own for each test, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("earshot-settings-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn file(&self, content: &[u8]) -> PathBuf {
        let path = self.0.join(FILE);
        fs::write(&path, content).expect("a file");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn form(region: &str, login: &str, api: &str, client: &str) -> SignInForm {
    SignInForm { region: region.into(), login_url: login.into(), api_url: api.into(), client_id: client.into() }
}

#[test]
fn no_file_means_defaults_and_no_trouble() {
    let folder = Folder::new("none");
    assert_eq!(read(&folder.0.join(FILE)), (Settings::default(), None));
}

#[test]
fn what_is_written_is_read_again() {
    let folder = Folder::new("round");
    let settings =
        Settings { region: "custom".into(), client_id: "abc".into(), ring: false, volume: 5, ..Settings::default() };
    let fields: Map<String, Value> =
        settings.fields().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let path = folder.file(&serde_json::to_vec(&fields).expect("json"));
    assert_eq!(read(&path), (settings, None));
}

#[test]
fn a_broken_file_is_kept_aside_and_said() {
    for (name, content) in
        [("cut", &b"{\"region\": \"my"[..]), ("list", b"[1,2]"), ("binary", b"\xff\xfe\0"), ("empty", b"")]
    {
        let folder = Folder::new(name);
        let path = folder.file(content);
        let (settings, trouble) = read(&path);
        assert_eq!(settings, Settings::default());
        assert_eq!(trouble.expect("a trouble").code, "settings.broken");
        assert!(!path.exists());
        assert_eq!(fs::read(folder.0.join("settings.json.broken")).expect("the old file"), content);
    }
}

#[test]
fn a_field_that_makes_no_sense_costs_only_itself() {
    let folder = Folder::new("odd");
    let odd = json!({ "region": "mypurecloud.de", "volume": 900, "ring": "loud", "clientId": 7, "later": [1] });
    let (settings, trouble) = read(&folder.file(odd.to_string().as_bytes()));
    assert_eq!(settings, Settings { region: "mypurecloud.de".into(), ..Settings::default() });
    let said = trouble.expect("a trouble").message;
    assert!(said.contains("volume") && said.contains("ring") && said.contains("clientId"), "{said}");
    assert!(!said.contains("later"), "{said}");
}

#[test]
fn a_form_that_leads_nowhere_says_why() {
    let code = |form: &SignInForm| target(form).expect_err("nowhere").code;
    assert_eq!(code(&form("mypurecloud.de", "", "", " ")), "client_id.missing");
    assert_eq!(code(&form("custom", "", "", "abc")), "address.invalid");
    assert_eq!(code(&form("custom", "http://example.org", "http://example.org", "abc")), "address.invalid");
    assert_eq!(target(&form("mypurecloud.de", "", "", " abc ")).expect("somewhere").client_id, "abc");
}
