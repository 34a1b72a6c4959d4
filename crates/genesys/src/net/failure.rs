//! From what the libraries below say to the kinds of failure the engine and its people understand. No address that may be
//! secret gets into the words.

use std::error::Error;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, UdpSocket};

use crate::transport::{TransportError, TransportKind};

/// Longest piece of a library's words that is kept.
const LONGEST_DETAIL: usize = 300;

pub(super) fn failure(kind: TransportKind, detail: impl Into<String>) -> TransportError {
    let detail: String = detail.into();
    TransportError { kind, detail: detail.chars().take(LONGEST_DETAIL).collect() }
}

pub(super) fn timed_out(timeout: std::time::Duration) -> TransportError {
    failure(TransportKind::Timeout, format!("no answer within {} ms", timeout.as_millis()))
}

/// What an input or output error of a connection means.
pub fn io(error: &io::Error) -> TransportError {
    failure(io_kind(error), error.to_string())
}

fn io_kind(error: &io::Error) -> TransportKind {
    // Layers above wrap one such error into the next; what happened is in the innermost.
    if let Some(inner) = error.get_ref() {
        if inner.is::<rustls::Error>() {
            return TransportKind::Tls;
        }
        if inner.is::<rustls::pki_types::InvalidDnsNameError>() {
            return TransportKind::Dns;
        }
        if let Some(inner) = inner.downcast_ref::<io::Error>() {
            return io_kind(inner);
        }
    }
    match error.kind() {
        // A host that cannot be reached is a firewall's word as a rule: this computer has a network.
        io::ErrorKind::ConnectionRefused | io::ErrorKind::HostUnreachable => TransportKind::Refused,
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown | io::ErrorKind::AddrNotAvailable => {
            TransportKind::Offline
        }
        io::ErrorKind::TimedOut => TransportKind::Timeout,
        _ => TransportKind::Broken,
    }
}

/// From a name that was not found: for want of the name, or of a network to ask.
pub(super) fn lookup(error: &io::Error) -> TransportError {
    let kind = if has_route() { TransportKind::Dns } else { TransportKind::Offline };
    failure(kind, error.to_string())
}

/// Whether this computer has a way to anywhere else. Connecting a UDP socket looks up the route and sends nothing; the
/// addresses are those reserved for documentation.
fn has_route() -> bool {
    let v4 = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).and_then(|socket| socket.connect(("192.0.2.1", 9)));
    v4.is_ok()
        || UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0)).and_then(|socket| socket.connect(("2001:db8::1", 9))).is_ok()
}

/// From reqwest, by what lies at the bottom of it.
pub(super) fn http(error: reqwest::Error) -> TransportError {
    let error = error.without_url();
    let causes = || std::iter::successors(Some(&error as &dyn Error), |error| (*error).source());
    let deepest = causes().last().map(ToString::to_string).unwrap_or_default();
    if error.is_timeout() {
        return failure(TransportKind::Timeout, deepest);
    }
    // The deepest cause says most: a refused connection to a proxy is that, before it is a failed tunnel.
    for cause in causes() {
        if let Some(error) = cause.downcast_ref::<io::Error>() {
            let kind = io_kind(error);
            if kind != TransportKind::Broken {
                return failure(kind, deepest);
            }
        }
    }
    for cause in causes() {
        if cause.is::<rustls::pki_types::InvalidDnsNameError>() {
            return failure(TransportKind::Dns, deepest);
        }
        // hyper-util keeps these two types to itself, and says them in these words (a test would notice others).
        let words = cause.to_string();
        if words.starts_with("dns error") {
            let kind = if has_route() { TransportKind::Dns } else { TransportKind::Offline };
            return failure(kind, deepest);
        }
        if words.starts_with("tunnel error") {
            return failure(TransportKind::Proxy, words);
        }
    }
    failure(TransportKind::Broken, deepest)
}

/// From tungstenite, once the socket is open.
pub(super) fn socket(error: &tokio_tungstenite::tungstenite::Error) -> TransportError {
    use tokio_tungstenite::tungstenite::Error as E;
    match error {
        E::Io(error) => io(error),
        E::Capacity(error) => failure(TransportKind::TooLarge, error.to_string()),
        E::Protocol(error) => failure(TransportKind::Broken, error.to_string()),
        E::Utf8(_) => failure(TransportKind::Broken, "text that is not UTF-8"),
        E::ConnectionClosed | E::AlreadyClosed => failure(TransportKind::Broken, "the socket is closed"),
        // The words of the others may quote addresses or content.
        _ => failure(TransportKind::Broken, "not a WebSocket"),
    }
}
