//! Whether, and how, a socket is opened with the access token. For whoever configures the link.
//!
//! Genesys Cloud wants no token on the socket: the channel's address alone opens it. Some recipes, gateways and older
//! servers ask for one, so it can be switched on; then the token goes nowhere but to the servers that have it already.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::api::AccessToken;
use crate::hosts::is_loopback;

/// Name of the query parameter that carries the token.
const PARAMETER: &str = "access_token";

/// How a socket is opened with the access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SocketAuth {
    /// Without it, as Genesys' own clients do.
    #[default]
    None,
    /// In the header `Authorization` of the upgrade.
    Header,
    /// In the address, as `access_token`. Addresses end up in logs of proxies and servers: `Header` is better.
    Query,
}

/// What to open a socket with.
#[derive(Debug, Clone)]
pub struct Authorized {
    /// The address.
    pub uri: SecretString,
    /// The bearer token for the header, where one is to be sent.
    pub bearer: Option<SecretString>,
}

/// Why the token is not sent there. Says nothing of the address: it is secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    /// It cannot be read.
    #[error("the channel's address is no address")]
    NotAnAddress,
    /// It has a user name or a password in it, which can make one host look like another.
    #[error("the channel's address has a user name in it")]
    UserInfo,
    /// It is not encrypted, or no WebSocket address.
    #[error("the channel's address does not begin with wss://")]
    NotEncrypted,
    /// It leads to a server outside the domain of the API.
    #[error("the channel's address leads outside the domain of the API")]
    AnotherDomain,
}

/// Adds `token` to what a socket is opened with, as `auth` says; refuses where `uri` does not lead to the domain of
/// `api`, the address of the REST API. With [`SocketAuth::None`] the address passes as it is.
pub fn apply(auth: SocketAuth, uri: &SecretString, token: &AccessToken, api: &Url) -> Result<Authorized, Refusal> {
    if auth == SocketAuth::None {
        return Ok(Authorized { uri: uri.clone(), bearer: None });
    }
    let mut url = Url::parse(uri.expose_secret()).map_err(|_| Refusal::NotAnAddress)?;
    trusted(&url, api)?;
    if auth == SocketAuth::Header {
        return Ok(Authorized { uri: uri.clone(), bearer: Some(token.expose().into()) });
    }
    if url.query_pairs().any(|(name, _)| name == PARAMETER) {
        // A server that takes the first of two would not take ours.
        let others: Vec<_> = url.query_pairs().filter(|(name, _)| name != PARAMETER).map(owned).collect();
        url.query_pairs_mut().clear().extend_pairs(others);
    }
    url.query_pairs_mut().append_pair(PARAMETER, token.expose());
    Ok(Authorized { uri: String::from(url).into(), bearer: None })
}

fn owned((name, value): (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)) -> (String, String) {
    (name.into_owned(), value.into_owned())
}

fn trusted(url: &Url, api: &Url) -> Result<(), Refusal> {
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refusal::UserInfo);
    }
    // A server on this computer may speak to itself in the clear; a server elsewhere may not send the token here.
    let here = is_loopback(url) && is_loopback(api);
    match url.scheme() {
        "wss" => {}
        "ws" if here => {}
        _ => return Err(Refusal::NotEncrypted),
    }
    if here || within(url.host(), api.host()) { Ok(()) } else { Err(Refusal::AnotherDomain) }
}

/// Whether `socket` is in the domain of `api`. Numeric addresses have no domain: there it is the same or it is not.
fn within(socket: Option<Host<&str>>, api: Option<Host<&str>>) -> bool {
    match (socket, api) {
        (Some(Host::Domain(socket)), Some(Host::Domain(api))) => {
            let (socket, api) = (undotted(socket), undotted(api));
            // `api.mypurecloud.de` belongs to `mypurecloud.de`; but `api.test` belongs to nobody in particular.
            let domain = api.strip_prefix("api.").filter(|domain| domain.contains('.')).unwrap_or(api);
            let under = socket.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
            !domain.is_empty() && under
        }
        (Some(socket), Some(api)) => socket == api,
        _ => false,
    }
}

/// A name without the dot that marks it as complete. `Url` has made its letters small already.
fn undotted(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use rstest::rstest;

    use super::*;

    const CLOUD: &str = "https://api.mypurecloud.de/";

    fn apply_to(auth: SocketAuth, uri: &str, api: &str) -> Result<Authorized, Refusal> {
        apply(auth, &uri.to_owned().into(), &AccessToken::new("canary"), &Url::parse(api).unwrap())
    }

    #[rstest]
    #[case(CLOUD, "wss://streaming.mypurecloud.de/channels/x")]
    #[case(CLOUD, "WSS://Streaming.MyPureCloud.DE/channels/x")]
    #[case(CLOUD, "wss://streaming.mypurecloud.de./channels/x")]
    #[case(CLOUD, "wss://streaming.mypurecloud.de:8443/channels/x")]
    #[case(CLOUD, "wss://mypurecloud.de/")]
    #[case(CLOUD, "wss://a.b.mypurecloud.de/")]
    #[case("https://API.mypurecloud.de./", "wss://streaming.mypurecloud.de/")]
    #[case("https://api.usw2.pure.cloud/", "wss://streaming.usw2.pure.cloud/")]
    #[case("https://genesys.corp.example/", "wss://genesys.corp.example/")]
    #[case("https://genesys.corp.example/", "wss://ws.genesys.corp.example/")]
    #[case("https://api.test/", "wss://api.test/")]
    #[case("https://192.0.2.1/", "wss://192.0.2.1:9/")]
    #[case("https://[2001:db8::1]/", "wss://[2001:db8:0::1]/")]
    #[case("http://127.0.0.1:8080/", "ws://127.0.0.1:8080/channels/x")]
    #[case("http://localhost:8080/", "ws://[::1]:9/")]
    #[case("http://localhost:8080/", "wss://127.0.0.1/")]
    fn the_token_goes_to_its_own_servers(#[case] api: &str, #[case] uri: &str) {
        let authorized = apply_to(SocketAuth::Header, uri, api).unwrap();
        assert_eq!(authorized.uri.expose_secret(), uri);
        assert_eq!(authorized.bearer.unwrap().expose_secret(), "canary");
        let authorized = apply_to(SocketAuth::Query, uri, api).unwrap();
        assert!(authorized.uri.expose_secret().ends_with("?access_token=canary"));
        assert!(authorized.bearer.is_none());
    }

    #[rstest]
    #[case(CLOUD, "wss://evil-mypurecloud.de/", Refusal::AnotherDomain)]
    #[case(CLOUD, "wss://mypurecloud.de.evil.example/", Refusal::AnotherDomain)]
    #[case(CLOUD, "wss://evil.example/?.mypurecloud.de", Refusal::AnotherDomain)]
    #[case(CLOUD, "wss://evil.example/mypurecloud.de", Refusal::AnotherDomain)]
    #[case(CLOUD, "wss://evil.example\\.mypurecloud.de/", Refusal::AnotherDomain)]
    #[case(CLOUD, "wss://evil.example:443#.mypurecloud.de", Refusal::AnotherDomain)]
    #[case(CLOUD, "wss://streaming.mypurecloud.de..", Refusal::AnotherDomain)]
    #[case(CLOUD, "wss://streaming.mypurecloud.com/", Refusal::AnotherDomain)]
    #[case(CLOUD, "wss://streaming.mypurecl\u{43e}ud.de/", Refusal::AnotherDomain)]
    #[case(CLOUD, "wss://de/", Refusal::AnotherDomain)]
    #[case(CLOUD, "wss://192.0.2.1/", Refusal::AnotherDomain)]
    #[case(CLOUD, "wss://127.0.0.1/", Refusal::AnotherDomain)]
    #[case(CLOUD, "ws://127.0.0.1/", Refusal::NotEncrypted)]
    #[case(CLOUD, "ws://streaming.mypurecloud.de/", Refusal::NotEncrypted)]
    #[case(CLOUD, "https://streaming.mypurecloud.de/", Refusal::NotEncrypted)]
    #[case(CLOUD, "wss://streaming.mypurecloud.de@evil.example/", Refusal::UserInfo)]
    #[case(CLOUD, "wss://me:secret@streaming.mypurecloud.de/", Refusal::UserInfo)]
    #[case(CLOUD, "streaming.mypurecloud.de", Refusal::NotAnAddress)]
    #[case(CLOUD, "wss://", Refusal::NotAnAddress)]
    #[case(CLOUD, "", Refusal::NotAnAddress)]
    #[case("https://api.test/", "wss://streaming.test/", Refusal::AnotherDomain)]
    #[case("https://genesys.corp.example/", "wss://other.corp.example/", Refusal::AnotherDomain)]
    #[case("https://192.0.2.1/", "wss://1.192.0.2.1/", Refusal::NotAnAddress)]
    #[case("http://127.0.0.1/", "ws://localhost.evil.example/", Refusal::NotEncrypted)]
    #[case("http://127.0.0.1/", "wss://localhost.evil.example/", Refusal::AnotherDomain)]
    fn the_token_goes_nowhere_else(#[case] api: &str, #[case] uri: &str, #[case] want: Refusal) {
        for auth in [SocketAuth::Header, SocketAuth::Query] {
            let refusal = apply_to(auth, uri, api).unwrap_err();
            assert_eq!(refusal, want);
            assert!(!refusal.to_string().contains("mypurecloud"));
        }
        // Without the token there is nothing to refuse: the dialer has its own rules.
        let authorized = apply_to(SocketAuth::None, uri, api).unwrap();
        assert_eq!(authorized.uri.expose_secret(), uri);
        assert!(authorized.bearer.is_none());
    }

    #[rstest]
    #[case("wss://x.mypurecloud.de/c?a=1", "canary", "wss://x.mypurecloud.de/c?a=1&access_token=canary")]
    #[case(
        "wss://x.mypurecloud.de/c?access_token=old&a=b%26",
        "canary",
        "wss://x.mypurecloud.de/c?a=b%26&access_token=canary"
    )]
    #[case("wss://x.mypurecloud.de/c", "a&b=c#d", "wss://x.mypurecloud.de/c?access_token=a%26b%3Dc%23d")]
    fn the_token_joins_the_query(#[case] uri: &str, #[case] token: &str, #[case] want: &str) {
        let api = Url::parse(CLOUD).unwrap();
        let authorized = apply(SocketAuth::Query, &uri.to_owned().into(), &AccessToken::new(token), &api).unwrap();
        assert_eq!(authorized.uri.expose_secret(), want);
        assert!(!format!("{authorized:?}").contains(token));
    }
}
