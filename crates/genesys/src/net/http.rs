//! HTTP by reqwest: one exchange at a time, no redirects, no cookies, bodies bounded. The production [`HttpTransport`].

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use reqwest::redirect;

use super::failure::{failure, http as http_failure, timed_out};
use super::{MAX_SIZE, Network, USER_AGENT};
use crate::hosts::is_loopback;
use crate::transport::{HttpRequest, HttpResponse, HttpTransport, TransportError, TransportKind};

/// A connection unused for longer has often been forgotten by a firewall on the way, without a word.
const POOL_IDLE: Duration = Duration::from_secs(30);

/// A pooled HTTP/2 connection that lost its network (sleep, Wi-Fi) must not swallow the next requests: asked after this…
const H2_ALIVE_EVERY: Duration = Duration::from_secs(10);
/// … and given up after this.
const H2_ALIVE_WITHIN: Duration = Duration::from_secs(5);

/// HTTP by reqwest.
#[derive(Clone)]
pub struct HttpClient {
    /// For this computer itself: never through a proxy.
    direct: reqwest::Client,
    /// For everywhere else.
    outward: reqwest::Client,
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpClient")
    }
}

impl HttpClient {
    /// A client on `network`.
    pub fn new(network: &Network) -> Result<Self, TransportError> {
        let builder = || {
            reqwest::Client::builder()
                .tls_backend_preconfigured(network.tls.for_http())
                .user_agent(USER_AGENT)
                .redirect(redirect::Policy::none())
                .referer(false)
                .pool_idle_timeout(POOL_IDLE)
                .http2_keep_alive_interval(H2_ALIVE_EVERY)
                .http2_keep_alive_timeout(H2_ALIVE_WITHIN)
        };
        let direct = builder().no_proxy().build().map_err(http_failure)?;
        let outward = network.proxies.apply(builder()).and_then(reqwest::ClientBuilder::build).map_err(http_failure)?;
        Ok(Self { direct, outward })
    }

    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let loopback = is_loopback(&request.url);
        if request.url.scheme() != "https" && !loopback {
            return Err(failure(TransportKind::Tls, "plain http is for this computer itself only"));
        }
        let client = if loopback { &self.direct } else { &self.outward };
        let mut builder = client.request(request.method, request.url).headers(request.headers);
        if let Some(body) = request.body {
            builder = builder.body(body);
        }
        let mut response = builder.send().await.map_err(http_failure)?;
        if response.status() == http::StatusCode::PROXY_AUTHENTICATION_REQUIRED {
            return Err(failure(TransportKind::Proxy, "the proxy wants a user name and password (407)"));
        }
        let status = response.status().as_u16();
        let headers = std::mem::take(response.headers_mut());
        let body = body(&mut response).await?;
        Ok(HttpResponse { status, headers, body })
    }
}

async fn body(response: &mut reqwest::Response) -> Result<Bytes, TransportError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(http_failure)? {
        if body.len() + chunk.len() > MAX_SIZE {
            return Err(failure(TransportKind::TooLarge, format!("an answer of more than {MAX_SIZE} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

#[async_trait]
impl HttpTransport for HttpClient {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let timeout = request.timeout;
        match tokio::time::timeout(timeout, self.exchange(request)).await {
            Ok(result) => result,
            Err(_) => Err(timed_out(timeout)),
        }
    }
}
