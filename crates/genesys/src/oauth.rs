//! OAuth with Genesys Cloud: the address to send a browser to, and the four ways to a token. For the session. The
//! `oauth2` crate speaks the protocol, over our own transport, so that status and `Retry-After` of a refusal survive.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use oauth2::basic::{BasicClient, BasicTokenResponse};
use oauth2::{
    AsyncHttpClient, AuthType, AuthorizationCode, ClientId, ClientSecret, HttpRequest as OAuthRequest,
    HttpResponse as OAuthResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, TokenResponse,
    TokenUrl,
};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::answer;
use crate::api::AccessToken;
use crate::error::ApiError;
use crate::hosts::Environment;
use crate::transport::{HttpRequest, HttpResponse, HttpTransport, TransportError, TransportKind};

/// Genesys' own desktop sign-in waits 10 s; a token is worth a little more patience, since without it nothing works.
const TOKEN_TIMEOUT: Duration = Duration::from_secs(15);

/// Every Genesys token says how long it lives. Should one not, this is what new OAuth clients are set to; the token is
/// checked long before, whenever anything is refused.
const ASSUMED_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// What a token that claims less, or more, is taken to live. Genesys: 300 s to two days, by OAuth client; the width is for
/// servers that are not Genesys. Beyond it a figure is a mistake that must not stop the clock or spin it.
const LEAST_LIFETIME: Duration = Duration::from_secs(1);
const MOST_LIFETIME: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// What goes to the token endpoint as its name in logs and errors.
const CALL: &str = "POST /oauth/token";

/// A PKCE pair, S256: the challenge goes out with the browser, the verifier proves later that it was us.
pub struct Pkce {
    challenge: String,
    verifier: SecretString,
}

impl Pkce {
    /// A new random pair.
    pub fn new() -> Self {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        Self { challenge: challenge.as_str().to_owned(), verifier: verifier.into_secret().into() }
    }

    /// For [`authorize_url`].
    pub fn challenge(&self) -> &str {
        &self.challenge
    }

    /// For [`exchange_code`].
    pub fn verifier(&self) -> &SecretString {
        &self.verifier
    }
}

impl Default for Pkce {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Pkce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pkce([REDACTED])")
    }
}

/// A token, as the token endpoint grants it.
#[derive(Debug, Clone)]
pub struct TokenGrant {
    /// The access token.
    pub access_token: AccessToken,
    /// How long it lives.
    pub expires_in: Duration,
    /// The refresh token to keep from now on, where there is one (confidential clients; PKCE gets none today).
    pub refresh_token: Option<SecretString>,
}

/// Where to send the browser. No `scope`: Genesys takes the scopes of the OAuth client.
pub fn authorize_url(
    environment: &Environment,
    client_id: &str,
    redirect_uri: &str,
    state: &str,
    challenge: &str,
) -> Url {
    let mut url = endpoint(environment, "authorize");
    url.query_pairs_mut()
        .append_pair("client_id", client_id)
        .append_pair("response_type", "code")
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("state", state)
        .append_pair("code_challenge", challenge)
        .append_pair("code_challenge_method", "S256");
    url
}

/// Exchanges an authorization code for a token: a public client proves itself by `verifier` alone, a confidential one by
/// its secret too.
pub async fn exchange_code(
    http: &Arc<dyn HttpTransport>,
    environment: &Environment,
    client: &ClientCredentials<'_>,
    code: &SecretString,
    redirect_uri: &str,
    verifier: &SecretString,
) -> Result<TokenGrant, ApiError> {
    let redirect = RedirectUrl::new(redirect_uri.to_owned()).map_err(|_| unusable("redirect address"))?;
    let sender = Sender::new(http);
    let result = client
        .build(environment)
        .set_redirect_uri(redirect)
        .exchange_code(AuthorizationCode::new(code.expose_secret().to_owned()))
        .set_pkce_verifier(PkceCodeVerifier::new(verifier.expose_secret().to_owned()))
        .request_async(&sender)
        .await;
    sender.grant(result.ok())
}

/// Exchanges a refresh token for a new access token. Store the refresh token that comes back: it may be another one; where
/// none comes back the old one stays.
pub async fn refresh(
    http: &Arc<dyn HttpTransport>,
    environment: &Environment,
    client: &ClientCredentials<'_>,
    refresh_token: &SecretString,
) -> Result<TokenGrant, ApiError> {
    let sender = Sender::new(http);
    let token = RefreshToken::new(refresh_token.expose_secret().to_owned());
    let oauth = client.build(environment);
    let result = oauth.exchange_refresh_token(&token).request_async(&sender).await;
    sender.grant(result.ok())
}

/// A token for the OAuth client itself, without a user.
pub async fn client_credentials(
    http: &Arc<dyn HttpTransport>,
    environment: &Environment,
    client: &ClientCredentials<'_>,
) -> Result<TokenGrant, ApiError> {
    let sender = Sender::new(http);
    let oauth = client.build(environment);
    let result = oauth.exchange_client_credentials().request_async(&sender).await;
    sender.grant(result.ok())
}

/// Who asks for a token.
#[derive(Debug, Clone, Copy)]
pub struct ClientCredentials<'a> {
    /// OAuth client id.
    pub id: &'a str,
    /// Its secret, if it is a confidential client: sent by HTTP Basic, never in the body.
    pub secret: Option<&'a SecretString>,
}

type Client = oauth2::Client<
    oauth2::basic::BasicErrorResponse,
    BasicTokenResponse,
    oauth2::basic::BasicTokenIntrospectionResponse,
    oauth2::StandardRevocableToken,
    oauth2::basic::BasicRevocationErrorResponse,
    oauth2::EndpointNotSet,
    oauth2::EndpointNotSet,
    oauth2::EndpointNotSet,
    oauth2::EndpointNotSet,
    oauth2::EndpointSet,
>;

impl ClientCredentials<'_> {
    fn build(&self, environment: &Environment) -> Client {
        let client = BasicClient::new(ClientId::new(self.id.to_owned()))
            .set_auth_type(AuthType::BasicAuth)
            .set_token_uri(TokenUrl::from_url(endpoint(environment, "token")));
        match self.secret {
            Some(secret) => client.set_client_secret(ClientSecret::new(secret.expose_secret().to_owned())),
            None => client,
        }
    }
}

fn endpoint(environment: &Environment, name: &str) -> Url {
    let mut url = environment.login().clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(["oauth", name]);
    }
    url
}

fn unusable(what: &str) -> ApiError {
    let detail = format!("the {what} cannot be used in a request");
    ApiError::Transport(TransportError { kind: TransportKind::Broken, detail })
}

/// Sends the one request of a grant and keeps what came back, since the `oauth2` crate drops status and headers.
struct Sender {
    http: Arc<dyn HttpTransport>,
    outcome: Mutex<Option<Result<HttpResponse, TransportError>>>,
}

impl<'c> AsyncHttpClient<'c> for Sender {
    type Error = TransportError;
    type Future = Pin<Box<dyn Future<Output = Result<OAuthResponse, TransportError>> + Send + 'c>>;

    fn call(&'c self, request: OAuthRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

impl Sender {
    fn new(http: &Arc<dyn HttpTransport>) -> Self {
        Self { http: Arc::clone(http), outcome: Mutex::new(None) }
    }

    async fn send(&self, request: OAuthRequest) -> Result<OAuthResponse, TransportError> {
        let (parts, body) = request.into_parts();
        let url = Url::parse(&parts.uri.to_string())
            .map_err(|_| TransportError { kind: TransportKind::Broken, detail: "token address".to_owned() })?;
        let mut headers = parts.headers;
        for (name, value) in &mut headers {
            if name == http::header::AUTHORIZATION {
                value.set_sensitive(true);
            }
        }
        let request =
            HttpRequest { method: parts.method, url, headers, body: Some(Bytes::from(body)), timeout: TOKEN_TIMEOUT };
        let begin = Instant::now();
        let result = self.http.send(request).await;
        let took = begin.elapsed();
        match &result {
            Ok(response) => tracing::debug!(call = CALL, status = response.status, ?took, "answered"),
            Err(error) => tracing::debug!(call = CALL, kind = %error.kind, ?took, "not answered"),
        }
        let answer = match &result {
            Ok(response) => {
                let mut copy = OAuthResponse::new(response.body.to_vec());
                *copy.status_mut() = http::StatusCode::from_u16(response.status).unwrap_or_default();
                copy.headers_mut().clone_from(&response.headers);
                Ok(copy)
            }
            Err(error) => Err(error.clone()),
        };
        *self.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        answer
    }

    /// What came of it: the token the crate read, or our own reading of the refusal.
    fn grant(self, token: Option<BasicTokenResponse>) -> Result<TokenGrant, ApiError> {
        if let Some(token) = token {
            return Ok(TokenGrant {
                access_token: AccessToken::new(token.access_token().secret().as_str()),
                expires_in: token.expires_in().unwrap_or(ASSUMED_LIFETIME).clamp(LEAST_LIFETIME, MOST_LIFETIME),
                refresh_token: token.refresh_token().map(|token| token.secret().as_str().into()),
            });
        }
        let outcome = self.outcome.into_inner().unwrap_or_else(PoisonError::into_inner);
        let response = outcome.ok_or_else(|| unusable("token request"))??;
        let response = answer::success(response)?;
        // A success without a token in it; some servers say so in the error of the body.
        let refusal = answer::status_error(&response);
        if refusal.code.is_some() {
            return Err(refusal.into());
        }
        Err(ApiError::Malformed { call: CALL, html: refusal.html })
    }
}

#[cfg(test)]
mod tests;
