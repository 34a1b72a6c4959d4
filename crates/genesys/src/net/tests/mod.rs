//! The production ports against small real servers on loopback.
#![allow(clippy::unwrap_used)]

mod http;
mod proxy;
mod servers;
mod socket;

use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use crate::transport::{
    DialError, Dialer, HttpRequest, HttpResponse, HttpTransport, Socket, SocketRequest, TransportError, TransportKind,
};

use super::{HttpClient, Network, Proxies, SocketDialer, Tls};

/// Long enough for a busy machine; only tests of time-outs wait it out, and they take a shorter one.
const PATIENCE: Duration = Duration::from_secs(30);

/// A name that no resolver accepts, and for which none asks the network: its first label is too long.
fn unresolvable() -> String {
    format!("{}.example", "x".repeat(64))
}

fn direct() -> Network {
    Network { tls: Tls::system(), proxies: Proxies::None }
}

async fn get(network: &Network, url: &str, timeout: Duration) -> Result<HttpResponse, TransportError> {
    let request = HttpRequest {
        method: ::http::Method::GET,
        url: Url::parse(url).unwrap(),
        headers: ::http::HeaderMap::new(),
        body: None,
        timeout,
    };
    HttpClient::new(network).unwrap().send(request).await
}

async fn dial(network: &Network, uri: &str, timeout: Duration) -> Result<Socket, DialError> {
    let request = SocketRequest { uri: SecretString::from(uri.to_owned()), bearer: None, timeout };
    SocketDialer::new(network).dial(request).await
}

fn kind<T>(result: Result<T, TransportError>) -> TransportKind {
    match result {
        Ok(_) => panic!("it went through"),
        Err(error) => error.kind,
    }
}

fn dial_kind(result: Result<Socket, DialError>) -> TransportKind {
    match result {
        Ok(_) => panic!("it went through"),
        Err(DialError::Transport(error)) => {
            assert!(!error.to_string().contains("canary"), "{error}");
            error.kind
        }
        Err(refused @ (DialError::Refused { .. } | DialError::Untrusted(_))) => panic!("{refused}"),
    }
}
