//! One sign-in as a question to Genesys, and what an answer to it means. Knows no socket.

use std::fmt::Write as _;
use std::sync::Arc;

use earshot_genesys::hosts::Environment;
use earshot_genesys::oauth::{self, ClientCredentials, Pkce};
use earshot_genesys::transport::HttpTransport;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use url::{Url, form_urlencoded};

use super::{Grant, SecretSource, SignInError};

/// The path Genesys redirects to.
pub(super) const PATH: &str = "/callback";

/// One sign-in: what makes it this one and no other.
pub(super) struct Question {
    environment: Environment,
    client_id: String,
    secret: Option<SecretString>,
    redirect_uri: String,
    state: SecretString,
    pkce: Pkce,
}

/// What a query string says.
pub(super) enum Reply {
    /// A code to exchange.
    Code(SecretString),
    /// No.
    No(SignInError),
    /// Nothing that belongs to this sign-in.
    Stranger,
}

impl Question {
    pub(super) fn new(environment: Environment, client_id: &str, secret: Option<SecretString>, port: u16) -> Self {
        let noise: [u8; 32] = rand::random();
        let mut state = String::with_capacity(2 * noise.len());
        for byte in noise {
            let _ = write!(state, "{byte:02x}");
        }
        Self {
            environment,
            // Ids are pasted from web pages and mails.
            client_id: client_id.trim().to_owned(),
            secret,
            // `localhost` and not 127.0.0.1: registered entries are compared letter by letter.
            redirect_uri: format!("http://localhost:{port}{PATH}"),
            state: state.into(),
            pkce: Pkce::new(),
        }
    }

    pub(super) fn authorize_url(&self) -> Url {
        let state = self.state.expose_secret();
        oauth::authorize_url(&self.environment, &self.client_id, &self.redirect_uri, state, self.pkce.challenge())
    }

    pub(super) fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// Reads the query of a redirect.
    pub(super) fn reply(&self, query: &str) -> Reply {
        let field = |wanted: &str| {
            form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == wanted).map(|(_, value)| value)
        };
        if !field("state").is_some_and(|state| self.is_state(&state)) {
            return Reply::Stranger;
        }
        if let Some(error) = field("error") {
            let about = field("error_description").unwrap_or_default();
            return Reply::No(self.refusal(&error, &about));
        }
        match field("code").filter(|code| !code.is_empty()) {
            Some(code) => Reply::Code(code.into_owned().into()),
            None => Reply::Stranger,
        }
    }

    /// Compares digests, which takes the same time wherever the two differ.
    fn is_state(&self, given: &str) -> bool {
        Sha256::digest(given) == Sha256::digest(self.state.expose_secret())
    }

    /// What an OAuth error means.
    pub(super) fn refusal(&self, code: &str, about: &str) -> SignInError {
        match code {
            "access_denied" => SignInError::Denied,
            "invalid_client" | "unauthorized_client" => SignInError::WrongClient,
            "redirect_uri_mismatch" => self.redirect_not_registered(),
            "invalid_request" if about.to_ascii_lowercase().contains("redirect") => self.redirect_not_registered(),
            code => {
                // Shown to the agent, so only what looks like a code is kept.
                let is_code = !code.is_empty()
                    && code.len() <= 40
                    && code.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'.'));
                SignInError::Refused { code: if is_code { code.to_owned() } else { "unknown_error".to_owned() } }
            }
        }
    }

    pub(super) fn redirect_not_registered(&self) -> SignInError {
        SignInError::RedirectNotRegistered { redirect_uri: self.redirect_uri.clone() }
    }

    /// Exchanges the code for a token.
    pub(super) async fn exchange(
        &self,
        code: &SecretString,
        http: &Arc<dyn HttpTransport>,
    ) -> Result<Grant, SignInError> {
        let client = ClientCredentials { id: &self.client_id, secret: self.secret.as_ref() };
        let verifier = self.pkce.verifier();
        let token = oauth::exchange_code(http, &self.environment, &client, code, &self.redirect_uri, verifier)
            .await
            .map_err(|error| SignInError::of_exchange(error, self.secret.is_some()))?;
        Ok(Grant {
            client_id: self.client_id.clone(),
            access_token: token.access_token,
            expires_in: token.expires_in,
            refresh_token: token.refresh_token,
            secret: self.secret.clone().map(|secret| Arc::new(secret) as Arc<dyn SecretSource>),
        })
    }
}
