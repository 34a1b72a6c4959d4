//! Tests of what the environment and the administrator override.
#![allow(clippy::expect_used)]

use super::*;

fn form(region: &str, login: &str, api: &str, client: &str) -> SignInForm {
    SignInForm { region: region.into(), login_url: login.into(), api_url: api.into(), client_id: client.into() }
}

/// What an administrator set, and nobody else.
fn managed(place: Option<Place>, client_id: Option<&str>) -> Overrides {
    let managed = Managed {
        path: "/etc/earshot/config.toml".into(),
        place,
        client_id: client_id.map(str::to_owned),
        ..Managed::default()
    };
    Overrides { managed, ..Overrides::default() }
}

fn by(overrides: &Overrides, field: &str) -> Option<LockedBy> {
    overrides.locked().into_iter().find(|locked| locked.field == field).map(|locked| locked.by)
}

fn overrides(pairs: &'static [(&'static str, &'static str)]) -> Overrides {
    Overrides::read(move |name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
}

#[test]
fn the_environment_overrides_and_locks() {
    let overrides = overrides(&[
        ("EARSHOT_LOGIN_URL", "http://127.0.0.1:1"),
        ("EARSHOT_API_URL", " http://127.0.0.1:2 "),
        ("EARSHOT_CLIENT_ID", "forced"),
    ]);
    let view = overrides.view(&Settings { client_id: "mine".into(), ..Settings::default() }, None);
    assert_eq!(view.region, CUSTOM);
    assert_eq!((view.login_url.as_str(), view.api_url.as_str()), ("http://127.0.0.1:1", "http://127.0.0.1:2"));
    assert_eq!(view.client_id, "forced");
    let fields: Vec<&str> = view.locked.iter().map(|locked| locked.field.as_str()).collect();
    assert_eq!(fields, ["loginUrl", "apiUrl", "clientId", "region"]);
    assert!(view.locked.iter().all(|locked| locked.by == LockedBy::Environment));
    assert_eq!(view.locked[2].reason, "Set by your environment (EARSHOT_CLIENT_ID)");
}

#[test]
fn one_address_from_the_environment_leaves_the_other_to_the_region() {
    let applied = overrides(&[("EARSHOT_API_URL", "http://127.0.0.1:2")]).apply(form("mypurecloud.de", "", "", "abc"));
    assert_eq!(applied.region, CUSTOM);
    assert_eq!(applied.login_url, "https://login.mypurecloud.de/");
    assert_eq!(applied.api_url, "http://127.0.0.1:2");
}

#[test]
fn an_empty_variable_overrides_nothing() {
    assert_eq!(overrides(&[("EARSHOT_CLIENT_ID", "  ")]), Overrides::default());
}

#[test]
fn what_the_environment_forced_is_not_remembered() {
    let overrides = overrides(&[("EARSHOT_CLIENT_ID", "forced")]);
    let mut settings = Settings { client_id: "mine".into(), ..Settings::default() };
    overrides.remember(&mut settings, &form("mypurecloud.ie", "", "", "forced"));
    assert_eq!((settings.region.as_str(), settings.client_id.as_str()), ("mypurecloud.ie", "mine"));
}

#[test]
fn the_administrator_overrides_the_settings_and_says_where() {
    let overrides = managed(Some(Place::Region("mypurecloud.de".into())), Some("theirs"));
    let view = overrides.view(&Settings { client_id: "mine".into(), ..Settings::default() }, None);
    assert_eq!((view.region.as_str(), view.client_id.as_str()), ("mypurecloud.de", "theirs"));
    let locked = &view.locked[0];
    assert_eq!((locked.field.as_str(), locked.by), ("region", LockedBy::Administrator));
    assert_eq!(locked.reason, "Set by your administrator in /etc/earshot/config.toml");
    assert_eq!(locked.shown, "Region: mypurecloud.de");
    let mut settings = Settings { client_id: "mine".into(), ..Settings::default() };
    overrides.remember(&mut settings, &form("mypurecloud.de", "", "", "theirs"));
    assert_eq!((settings.region, settings.client_id), (Settings::default().region, "mine".to_owned()));
}

#[test]
fn managed_addresses_are_a_region_of_their_own() {
    let (login, api) = ("https://login.example.org/".to_owned(), "https://api.example.org/".to_owned());
    let overrides = managed(Some(Place::Addresses { login: login.clone(), api: api.clone() }), None);
    let applied = overrides.apply(form("mypurecloud.ie", "", "", "mine"));
    assert_eq!((applied.region, applied.login_url, applied.api_url), (CUSTOM.to_owned(), login, api));
    assert_eq!(applied.client_id, "mine");
    for field in ["region", "loginUrl", "apiUrl"] {
        assert_eq!(by(&overrides, field), Some(LockedBy::Administrator), "{field}");
    }
    assert_eq!(by(&overrides, "clientId"), None);
}

#[test]
fn the_environment_comes_before_the_administrator() {
    let mut overrides = managed(Some(Place::Region("mypurecloud.de".into())), Some("theirs"));
    overrides.api_url = Some("http://127.0.0.1:2".into());
    overrides.client_id = Some("forced".into());
    let applied = overrides.apply(form("mypurecloud.ie", "", "", "mine"));
    assert_eq!((applied.region.as_str(), applied.client_id.as_str()), (CUSTOM, "forced"));
    assert_eq!(
        (applied.login_url.as_str(), applied.api_url.as_str()),
        ("https://login.mypurecloud.de/", "http://127.0.0.1:2")
    );
    for field in ["region", "apiUrl", "clientId"] {
        assert_eq!(by(&overrides, field), Some(LockedBy::Environment), "{field}");
    }
}

#[test]
fn how_to_sign_in_is_the_administrators() {
    let mut overrides = managed(None, Some("theirs"));
    let plain = overrides.target(&form("mypurecloud.de", "", "", "theirs")).expect("somewhere");
    assert_eq!((plain.secret, plain.ports.as_slice(), plain.keep_signed_in), (None, &[8085, 8086, 8087][..], true));
    overrides.managed.secret_file = Some("/home/ada/secret".into());
    overrides.managed.redirect_port = Some(8086);
    overrides.managed.keep_signed_in = Some(false);
    let target = overrides.target(&form("mypurecloud.de", "", "", "theirs")).expect("somewhere");
    assert_eq!((target.ports.as_slice(), target.keep_signed_in), (&[8086][..], false));
    assert_eq!(target.secret, Some(SecretFile::new("/home/ada/secret".into())));
    let another = overrides.target(&form("mypurecloud.de", "", "", "forced")).expect("somewhere");
    assert_eq!(another.secret, None, "the secret belongs to one client");
}

#[test]
fn every_managed_key_is_shown_as_locked() {
    let mut overrides = managed(Some(Place::Region("mypurecloud.de".into())), Some("theirs"));
    let all = &mut overrides.managed;
    (all.redirect_port, all.log_level, all.keep_signed_in) = (Some(8086), Some(Level::Debug), Some(false));
    (all.secret_file, all.autostart) = (Some("/home/ada/secret".into()), Some(true));
    let shown: Vec<String> = overrides.locked().into_iter().map(|locked| locked.shown).collect();
    assert_eq!(
        shown,
        [
            "Region: mypurecloud.de",
            "OAuth client ID: theirs",
            "Sign-in port: 8086",
            "OAuth client secret: in /home/ada/secret",
            "Log level: debug",
            "Kept signed in: no",
            "Starts when you log in: yes",
        ]
    );
}
