//! The REST calls Earshot makes, one method each: builds the request, sends it once, reads the answer. For the engine's
//! driver. Nothing here retries, waits or remembers.

mod analytics;
mod conversations;
mod notifications;
mod raw;
mod user;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use url::Url;

pub use self::analytics::{DetailsOf, DetailsQuery};
pub use self::notifications::{Channel, ListedChannel, TopicResult};
pub use self::raw::Unabridged;
use crate::answer;
use crate::error::ApiError;
use crate::hosts::Environment;
use crate::transport::{HttpRequest, HttpResponse, HttpTransport, TransportError, TransportKind};
pub use crate::wire::MediaKind;

/// For calls that read: Genesys' own JavaScript SDK waits 16 s, and what took longer is stale.
const READ_TIMEOUT: Duration = Duration::from_secs(15);

/// For calls that act on an offer: alerting lasts 8 s and more, and after this long the agent must be told.
const ACT_TIMEOUT: Duration = Duration::from_secs(10);

/// For the check of a token, on which a reconnect waits; it reads nothing at the server.
const CHECK_TIMEOUT: Duration = Duration::from_secs(8);

/// An OAuth access token. Never printed.
#[derive(Clone)]
pub struct AccessToken(SecretString);

impl AccessToken {
    /// Wraps a token.
    pub fn new(token: impl Into<String>) -> Self {
        Self(SecretString::from(token.into()))
    }

    /// The token itself, for a header or a key store and nothing else.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    fn header(&self) -> Result<HeaderValue, ApiError> {
        let mut value = HeaderValue::from_str(&format!("Bearer {}", self.expose())).map_err(|_| {
            // The words of the library would quote the token.
            let detail = "the access token has characters that no HTTP header can carry".to_owned();
            ApiError::Transport(TransportError { kind: TransportKind::Broken, detail })
        })?;
        value.set_sensitive(true);
        Ok(value)
    }
}

impl From<SecretString> for AccessToken {
    fn from(token: SecretString) -> Self {
        Self(token)
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken([REDACTED])")
    }
}

/// The REST API of one environment.
#[derive(Clone)]
pub struct Api {
    environment: Environment,
    http: Arc<dyn HttpTransport>,
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api").field("environment", &self.environment).finish_non_exhaustive()
    }
}

/// One call, before it is sent.
struct Call<'a> {
    /// Its method and path as a template: what may be logged.
    name: &'static str,
    method: Method,
    path: &'a [&'a str],
    query: &'a [(&'a str, &'a str)],
    body: Option<Bytes>,
    timeout: Duration,
}

impl<'a> Call<'a> {
    fn get(name: &'static str, path: &'a [&'a str]) -> Self {
        Self { name, method: Method::GET, path, query: &[], body: None, timeout: READ_TIMEOUT }
    }

    fn act(name: &'static str, method: Method, path: &'a [&'a str]) -> Self {
        Self { name, method, path, query: &[], body: None, timeout: ACT_TIMEOUT }
    }

    fn query(mut self, query: &'a [(&'a str, &'a str)]) -> Self {
        self.query = query;
        self
    }

    fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    fn json<T: Serialize>(mut self, body: &T) -> Self {
        // Bodies are lists and maps of text: they always have a JSON form.
        self.body = serde_json::to_vec(body).ok().map(Bytes::from);
        self
    }
}

impl Api {
    /// The API of `environment`, through `http`.
    pub fn new(environment: Environment, http: Arc<dyn HttpTransport>) -> Self {
        Self { environment, http }
    }

    /// Which environment.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    async fn send(&self, token: &AccessToken, call: Call<'_>) -> Result<HttpResponse, ApiError> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(AUTHORIZATION, token.header()?);
        if call.body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let url = address(self.environment.api(), call.path, call.query);
        let request = HttpRequest { method: call.method, url, headers, body: call.body, timeout: call.timeout };
        let begin = Instant::now();
        let result = self.http.send(request).await;
        let took = begin.elapsed();
        match &result {
            Ok(response) => tracing::debug!(call = call.name, status = response.status, ?took, "answered"),
            Err(error) => tracing::debug!(call = call.name, kind = %error.kind, ?took, "not answered"),
        }
        Ok(answer::success(result?)?)
    }

    async fn read<T: serde::de::DeserializeOwned>(&self, token: &AccessToken, call: Call<'_>) -> Result<T, ApiError> {
        let name = call.name;
        let response = self.send(token, call).await?;
        answer::json(name, &response)
    }
}

/// Base, `api/v2`, then each segment percent-encoded: an id can never become another path.
fn address(base: &Url, path: &[&str], query: &[(&str, &str)]) -> Url {
    let mut url = base.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(["api", "v2"]);
        for segment in path {
            match *segment {
                // The URL standard swallows these, which would make it the path of something else; so they are
                // spelled in a way that the server has nothing for.
                "" | "." | ".." => segments.push("_"),
                segment => segments.push(segment),
            };
        }
    }
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    url
}

#[cfg(test)]
mod look_back_tests;
#[cfg(test)]
mod tests;
