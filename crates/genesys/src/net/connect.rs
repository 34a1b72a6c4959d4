//! From a host name to an open connection: every address tried, through a proxy by CONNECT where there is one, and TLS on
//! top. For the socket dialer; reqwest has its own.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::Intercept;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, lookup_host};
use tokio_rustls::TlsConnector;

use super::USER_AGENT;
use super::failure::{failure, io as io_failure, lookup};
use crate::transport::{TransportError, TransportKind};

/// How long an address gets before the next one is tried beside it (RFC 8305 recommends this).
const NEXT_ADDRESS_AFTER: Duration = Duration::from_millis(250);

/// Longest head a proxy may answer CONNECT with.
const LONGEST_CONNECT_HEAD: usize = 8 * 1024;

/// An open connection of whatever kind.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// An open connection.
pub(super) type BoxStream = Box<dyn Stream>;

/// Opens a connection to `host` (as written in the address, IPv6 without brackets).
pub(super) async fn connect(
    host: &str,
    port: u16,
    secure: bool,
    proxy: Option<&Intercept>,
    tls: &Arc<ClientConfig>,
) -> Result<BoxStream, TransportError> {
    let stream = match proxy {
        Some(proxy) => through_proxy(proxy, host, port, tls).await?,
        None => Box::new(tcp(host, port, !secure).await?),
    };
    if secure { self::secure(stream, host, tls).await } else { Ok(stream) }
}

/// Connects to the first address that answers: one after the other, and beside each other where one is slow.
pub(super) async fn tcp(host: &str, port: u16, loopback_only: bool) -> Result<TcpStream, TransportError> {
    let found = lookup_host((host, port)).await.map_err(|error| lookup(&error))?;
    // What goes out unencrypted stays in this computer, whatever a name server says about `localhost`.
    let found: Vec<_> = found.filter(|address| !loopback_only || address.ip().is_loopback()).collect();
    if found.is_empty() {
        return Err(failure(TransportKind::Dns, "the name has no usable address"));
    }
    let mut waiting = interleaved(found).into_iter();
    let mut trying = FuturesUnordered::new();
    let mut last = None;
    loop {
        if let Some(address) = waiting.next() {
            trying.push(TcpStream::connect(address));
        } else if trying.is_empty() {
            let error = last.unwrap_or_else(|| io::Error::from(io::ErrorKind::AddrNotAvailable));
            return Err(io_failure(&error));
        }
        let more = waiting.len() > 0;
        tokio::select! {
            Some(result) = trying.next() => match result {
                Ok(stream) => {
                    // Pings and pongs are small and must not wait for one another.
                    stream.set_nodelay(true).map_err(|error| io_failure(&error))?;
                    return Ok(stream);
                }
                // "Refused" says more than "no route", which an unused IPv6 gives.
                Err(error) if last.is_none() || error.kind() == io::ErrorKind::ConnectionRefused => last = Some(error),
                Err(_) => {}
            },
            () = tokio::time::sleep(NEXT_ADDRESS_AFTER), if more => {}
        }
    }
}

/// Families take turns, beginning with the one the system prefers.
fn interleaved(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let six_first = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) = addresses.into_iter().partition(|address| address.is_ipv6() == six_first);
    let mut second = second.into_iter();
    let mut mixed = Vec::new();
    for address in first {
        mixed.push(address);
        mixed.extend(second.next());
    }
    mixed.extend(second);
    mixed
}

async fn secure(stream: BoxStream, host: &str, tls: &Arc<ClientConfig>) -> Result<BoxStream, TransportError> {
    let name = ServerName::try_from(host.to_owned())
        .map_err(|_| failure(TransportKind::Tls, "the host name cannot be in a certificate"))?;
    let stream = TlsConnector::from(tls.clone()).connect(name, stream).await.map_err(|error| io_failure(&error))?;
    Ok(Box::new(stream))
}

pub(super) async fn through_proxy(
    proxy: &Intercept,
    host: &str,
    port: u16,
    tls: &Arc<ClientConfig>,
) -> Result<BoxStream, TransportError> {
    let (secure_proxy, default_port) = match proxy.uri().scheme_str() {
        Some("http") => (false, 80),
        Some("https") => (true, 443),
        _ => return Err(failure(TransportKind::Proxy, "only http and https proxies can be used, no SOCKS proxies")),
    };
    let proxy_host = bare_host(proxy.uri());
    let proxy_port = proxy.uri().port_u16().unwrap_or(default_port);
    let stream = tcp(proxy_host, proxy_port, false)
        .await
        .map_err(|error| failure(error.kind, format!("the proxy {proxy_host}:{proxy_port}: {}", error.detail)))?;
    let mut stream: BoxStream =
        if secure_proxy { secure(Box::new(stream), proxy_host, tls).await? } else { Box::new(stream) };
    let target = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
    let mut head = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\nUser-Agent: {USER_AGENT}\r\n").into_bytes();
    if let Some(authorization) = proxy.basic_auth() {
        head.extend_from_slice(b"Proxy-Authorization: ");
        head.extend_from_slice(HeaderValue::as_bytes(authorization));
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
    stream.write_all(&head).await.map_err(|error| io_failure(&error))?;
    stream.flush().await.map_err(|error| io_failure(&error))?;
    match connect_status(&mut stream).await? {
        200..300 => Ok(stream),
        407 => Err(failure(TransportKind::Proxy, "the proxy wants a user name and password (407)")),
        status => Err(failure(TransportKind::Proxy, format!("the proxy answered CONNECT with {status}"))),
    }
}

/// The host without the brackets of an IPv6 address.
pub(super) fn bare_host(uri: &Uri) -> &str {
    uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']')
}

/// Reads the head of the proxy's answer and not a byte more: what follows belongs to the tunnel.
async fn connect_status(stream: &mut BoxStream) -> Result<u16, TransportError> {
    let mut head = Vec::with_capacity(256);
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= LONGEST_CONNECT_HEAD {
            return Err(failure(TransportKind::Proxy, "the proxy's answer is too long"));
        }
        let byte = stream.read_u8().await.map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => failure(TransportKind::Proxy, "the proxy closed the connection"),
            _ => io_failure(&error),
        })?;
        head.push(byte);
    }
    let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
    std::str::from_utf8(line)
        .ok()
        .filter(|line| line.starts_with("HTTP/1."))
        .and_then(|line| line.split(' ').nth(1))
        .and_then(|status| status.parse().ok())
        .ok_or_else(|| failure(TransportKind::Proxy, "the proxy's answer is not HTTP"))
}
