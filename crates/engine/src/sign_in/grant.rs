//! What a sign-in brings.

use std::fmt;
use std::time::Duration;

use earshot_genesys::api::AccessToken;
use secrecy::SecretString;

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
    /// The client's secret, if it is a confidential client.
    pub secret: Option<SecretString>,
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Grant([REDACTED])")
    }
}
