//! What a sign-in brings, and what one without a person is made from.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use earshot_genesys::api::AccessToken;
use secrecy::SecretString;

use crate::world::StoreError;

/// What a sign-in brings: for [`crate::Engine::sign_in`].
#[derive(Clone)]
pub struct Grant {
    /// OAuth client id.
    pub client_id: String,
    /// The access token.
    pub access_token: AccessToken,
    /// How long it lives.
    pub expires_in: Duration,
    /// Refresh token, where there is one.
    pub refresh_token: Option<SecretString>,
    /// Where the client's secret is read at every renewal, if it is a confidential client. A sign-in leaves here the secret
    /// it was made with; whoever has it in a file puts the file here.
    pub secret: Option<Arc<dyn SecretSource>>,
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Grant([REDACTED])")
    }
}

/// A sign-in without a person, whose token has yet to be fetched: for [`crate::Engine::resume`].
#[derive(Clone)]
pub struct Resume {
    /// OAuth client id.
    pub client_id: String,
    /// How a token is had.
    pub from: ResumeFrom,
    /// The client's secrets, in the order in which they are tried. Each is read again at every renewal, so that one can be
    /// rotated while Earshot runs.
    pub secrets: Vec<Arc<dyn SecretSource>>,
}

/// How a sign-in without a person gets its token.
#[derive(Clone)]
pub enum ResumeFrom {
    /// With the refresh token in the credential store of the [`crate::world::World`].
    RefreshToken,
    /// As the OAuth client itself.
    ClientCredentials,
    /// Somebody else makes it, and leaves it here; it is read again every minute, and when it is refused.
    AccessToken(Arc<dyn SecretSource>),
}

impl fmt::Debug for Resume {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Resume([REDACTED])")
    }
}

/// What came of signing out: from [`crate::Engine::sign_out`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedOut {
    /// What became of the token at Genesys Cloud.
    pub revoked: Revocation,
    /// Whether the credential store has forgotten the refresh token.
    pub cleared: Result<(), StoreError>,
}

/// What became of a token that nobody needs any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revocation {
    /// Genesys Cloud accepts it no longer.
    Revoked,
    /// There was none.
    NothingToRevoke,
    /// Genesys Cloud was not reached, or refused.
    Failed {
        /// By then the token ends by itself, where that is known.
        ends_within: Option<Duration>,
    },
}

/// Where a secret is read from, each time it is needed.
#[async_trait]
pub trait SecretSource: Send + Sync {
    /// What it is now.
    async fn read(&self) -> Result<SecretString, SourceError>;
}

/// The secret could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a secret could not be read: {0}")]
pub struct SourceError(pub String);

/// A secret that stays what it is.
#[async_trait]
impl SecretSource for SecretString {
    async fn read(&self) -> Result<SecretString, SourceError> {
        Ok(self.clone())
    }
}
