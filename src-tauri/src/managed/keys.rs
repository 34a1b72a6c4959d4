//! The keys of the managed file, each checked as it is read, so that an error names its line.

use std::ops::Range;
use std::path::{Path, PathBuf};

use earshot_genesys::hosts::Environment;
use serde::Deserialize;

use super::{Managed, Place};

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    region: Option<Region>,
    login_url: Option<Address>,
    api_url: Option<Address>,
    client_id: Option<ClientId>,
    redirect_port: Option<Port>,
    #[serde(default)]
    grant: Grant,
    client_secret_file: Option<PathBuf>,
    log_level: Option<Level>,
    keep_signed_in: Option<bool>,
    autostart: Option<bool>,
}

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Region(String);

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Address(String);

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct ClientId(String);

#[derive(Deserialize)]
#[serde(try_from = "i64")]
struct Port(u16);

#[derive(Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Grant {
    #[default]
    Pkce,
    Code,
}

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

impl Level {
    /// As a filter names it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

impl TryFrom<String> for Region {
    type Error = String;

    fn try_from(given: String) -> Result<Self, String> {
        Environment::region(&given).map_err(|error| error.to_string())?;
        Ok(Self(given.trim().to_owned()))
    }
}

impl TryFrom<String> for Address {
    type Error = String;

    fn try_from(given: String) -> Result<Self, String> {
        let environment = Environment::custom(&given, &given).map_err(|error| error.to_string())?;
        Ok(Self(environment.api().to_string()))
    }
}

impl TryFrom<String> for ClientId {
    type Error = &'static str;

    fn try_from(given: String) -> Result<Self, &'static str> {
        match given.trim() {
            "" => Err("the client id is empty"),
            id => Ok(Self(id.to_owned())),
        }
    }
}

impl TryFrom<i64> for Port {
    type Error = &'static str;

    fn try_from(given: i64) -> Result<Self, &'static str> {
        // A port that the browser could be sent to, and that needs no rights to listen on.
        match u16::try_from(given) {
            Ok(port @ 1024..) => Ok(Self(port)),
            _ => Err("a port is a number from 1024 to 65535"),
        }
    }
}

/// What the text sets, or why it cannot be used. `home` is what `~` stands for.
pub(super) fn parse(text: &str, home: Option<&Path>) -> Result<Managed, String> {
    // The error's own words alone: what it prints beside them is the line itself, which may hold what it should not.
    let keys: Keys = toml::from_str(text)
        .map_err(|error| error.span().map_or_else(String::new, |at| line(text, &at)) + error.message().trim())?;
    let place = match (keys.region, keys.login_url, keys.api_url) {
        (Some(Region(region)), None, None) => Some(Place::Region(region)),
        (None, Some(Address(login)), Some(Address(api))) => Some(Place::Addresses { login, api }),
        (None, None, None) => None,
        (Some(_), ..) => return Err("set region, or login_url and api_url, not both".into()),
        (None, ..) => return Err("login_url and api_url go together".into()),
    };
    let secret_file = match (keys.grant, keys.client_secret_file) {
        (Grant::Pkce, None) => None,
        (Grant::Pkce, Some(_)) => return Err("client_secret_file needs grant = \"code\"".into()),
        (Grant::Code, None) => return Err("grant = \"code\" needs client_secret_file".into()),
        (Grant::Code, Some(_)) if keys.client_id.is_none() => return Err("grant = \"code\" needs client_id".into()),
        (Grant::Code, Some(path)) => Some(absolute(path, home)?),
    };
    Ok(Managed {
        path: PathBuf::new(),
        place,
        client_id: keys.client_id.map(|ClientId(id)| id),
        redirect_port: keys.redirect_port.map(|Port(port)| port),
        secret_file,
        log_level: keys.log_level,
        keep_signed_in: keys.keep_signed_in,
        autostart: keys.autostart,
    })
}

/// One file for all users cannot be readable by each of them alone, so `~` is each user's own folder.
fn absolute(path: PathBuf, home: Option<&Path>) -> Result<PathBuf, String> {
    match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => Ok(home.join(rest)),
        _ if path.is_absolute() => Ok(path),
        _ => Err("client_secret_file must begin with / or ~/".into()),
    }
}

fn line(text: &str, at: &Range<usize>) -> String {
    let before = text.get(..at.start).unwrap_or(text);
    format!("line {}: ", before.matches('\n').count() + 1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used)]

    use super::*;

    fn of(text: &str) -> Managed {
        parse(text, Some(Path::new("/home/ada"))).expect("a sound file")
    }

    #[test]
    fn every_key_is_understood() {
        let all = r#"
            login_url = "https://login.example.org"
            api_url = "https://api.example.org/"
            client_id = " 0a7b "
            redirect_port = 8086
            grant = "code"
            client_secret_file = "~/.config/earshot/secret"
            log_level = "debug"
            keep_signed_in = false
            autostart = true
        "#;
        let (login, api) = ("https://login.example.org/".to_owned(), "https://api.example.org/".to_owned());
        let wanted = Managed {
            path: PathBuf::new(),
            place: Some(Place::Addresses { login, api }),
            client_id: Some("0a7b".into()),
            redirect_port: Some(8086),
            secret_file: Some("/home/ada/.config/earshot/secret".into()),
            log_level: Some(Level::Debug),
            keep_signed_in: Some(false),
            autostart: Some(true),
        };
        assert_eq!(of(all), wanted);
        assert_eq!(of(""), Managed::default());
        assert_eq!(of("grant = 'pkce'"), Managed::default());
        let absolute = "client_id = 'a'\ngrant = 'code'\nclient_secret_file = '/run/secrets/a'";
        assert_eq!(of(absolute).secret_file, Some("/run/secrets/a".into()));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, words) in [
            ("client_secret = 'canary'", "line 1: unknown field `client_secret`"),
            ("\n\nregion = 'no domain'", "line 3: "),
            ("region = 'a.de'\nregion = 'b.de'", "line 2: duplicate key"),
            ("region = \n", "line 1: "),
            ("# who\nlogin_url = 'http://example.org'", "line 2: http:// would send"),
            ("redirect_port = 80", "line 1: a port is a number"),
            ("redirect_port = 70000", "line 1: a port is a number"),
            ("redirect_port = '8085'", "line 1: invalid type"),
            ("grant = 'implicit'", "line 1: unknown variant `implicit`"),
            ("client_id = ' '", "line 1: the client id is empty"),
            ("log_level = 'loud'", "line 1: unknown variant"),
            ("keep_signed_in = 'yes'", "line 1: invalid type"),
            ("region = 'a.de'\nlogin_url = 'https://a.de'\napi_url = 'https://a.de'", "not both"),
            ("login_url = 'https://a.de'", "go together"),
            ("grant = 'code'\nclient_id = 'a'", "needs client_secret_file"),
            ("client_secret_file = '/a'", "needs grant"),
            ("grant = 'code'\nclient_secret_file = '/a'", "needs client_id"),
            ("grant = 'code'\nclient_id = 'a'\nclient_secret_file = 'a'", "must begin with"),
        ] {
            let said = parse(text, None).expect_err(text);
            assert!(said.contains(words) && !said.contains("canary") && !said.contains('\n'), "{text}: {said}");
        }
    }
}
