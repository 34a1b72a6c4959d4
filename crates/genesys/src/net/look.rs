//! A look at the way to a host, step by step: name, connection, proxy, certificate. Nothing is asked of whoever answers.
//! For self-checks that name the step that fails.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use http::Uri;
use rustls::pki_types::ServerName;
use tokio::net::lookup_host;
use tokio_rustls::TlsConnector;
use url::Url;

use super::Network;
use super::connect::{BoxStream, bare_host, tcp, through_proxy};
use super::failure::{failure, io as io_failure, lookup, timed_out};
use crate::hosts::is_loopback;
use crate::transport::{TransportError, TransportKind};

/// How far it is to a host, and what was met on the way.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    /// The proxy that is used, as `host:port`, without its user and password.
    pub proxy: Option<String>,
    /// What the name leads to; empty behind a proxy, which looks it up itself.
    pub addresses: Vec<IpAddr>,
    /// The certificates that were shown, the server's own first, as DER: also those that are not trusted.
    pub certificates: Vec<Vec<u8>>,
    /// `TLSv1_3`, where there is TLS.
    pub tls_version: Option<String>,
    /// How long all of it took.
    pub took: Duration,
    /// The step that failed, and why.
    pub failed: Option<(Stage, TransportError)>,
}

/// A step of the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The name was looked up.
    Name,
    /// The proxy was to let us through.
    Proxy,
    /// The host was to accept a connection.
    Connection,
    /// It was to prove who it is.
    Certificate,
}

/// Looks at the way to the host of `url`, as requests to it go, within `limit`.
pub async fn look(network: &Network, url: &Url, limit: Duration) -> Reach {
    let begin = Instant::now();
    let mut reach = Reach::default();
    let mut stage = Stage::Name;
    let result = tokio::time::timeout(limit, go(network, url, &mut reach, &mut stage)).await;
    reach.failed = match result {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some((stage, error)),
        Err(_) => Some((stage, timed_out(limit))),
    };
    reach.took = begin.elapsed();
    reach
}

async fn go(network: &Network, url: &Url, reach: &mut Reach, stage: &mut Stage) -> Result<(), TransportError> {
    let unusable = || failure(TransportKind::Broken, "the address has no host");
    let uri: Uri = url.as_str().parse().map_err(|_| unusable())?;
    let (host, port) = (bare_host(&uri), url.port_or_known_default().ok_or_else(unusable)?);
    let (secure, loopback) = (matches!(url.scheme(), "https" | "wss"), is_loopback(url));
    let (tls, shown) = network.tls.looking();
    let proxy = if loopback { None } else { network.proxies.matcher().intercept(&uri) };
    let stream: BoxStream = if let Some(proxy) = proxy {
        *stage = Stage::Proxy;
        let port_of_proxy = proxy.uri().port_u16().map(|port| format!(":{port}")).unwrap_or_default();
        reach.proxy = Some(format!("{}{port_of_proxy}", bare_host(proxy.uri())));
        through_proxy(&proxy, host, port, &tls).await?
    } else {
        reach.addresses = lookup_host((host, port)).await.map_err(|error| lookup(&error))?.map(|at| at.ip()).collect();
        *stage = Stage::Connection;
        Box::new(tcp(host, port, !secure).await?)
    };
    if !secure {
        return Ok(());
    }
    *stage = Stage::Certificate;
    let name = ServerName::try_from(host.to_owned())
        .map_err(|_| failure(TransportKind::Tls, "the host name cannot be in a certificate"))?;
    let shaken = TlsConnector::from(tls).connect(name, stream).await;
    reach.certificates = shown.take();
    let stream = shaken.map_err(|error| io_failure(&error))?;
    reach.tls_version = stream.get_ref().1.protocol_version().map(|version| format!("{version:?}"));
    Ok(())
}
