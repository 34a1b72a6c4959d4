//! The sign-in of a self-check: with what the key store has, or else the system browser, as the window would open it.

use std::io::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;

use earshot_doctor::{Entered, NotIn};
use earshot_engine::snapshot::Trouble;
use earshot_engine::trouble;
use earshot_engine::verdict::Signal;
use earshot_engine::world::{CredentialStore as _, StoreError};
use earshot_genesys::error::{ApiError, StatusError};
use earshot_genesys::oauth::{self, ClientCredentials, TokenGrant};
use earshot_genesys::transport::HttpTransport;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::timeout;

use crate::backend::Target;
use crate::backend::real::browse;
use crate::credentials::{KeyStore, Place, account};

/// For the key store, which may wait for a person; its own row says that it does.
const PATIENCE: Duration = Duration::from_secs(5);

/// Signs in. `may_browse` says why the browser is out of the question, where it is.
pub(super) async fn enter(
    target: Target,
    http: Arc<dyn HttpTransport>,
    may_browse: Result<(), &'static str>,
) -> Result<Entered, NotIn> {
    let place = KeyStore::system().at(account(&target.environment, &target.client_id));
    let stored = timeout(PATIENCE, place.load()).await.unwrap_or(Err(StoreError::Slow)).ok().flatten();
    if let Some(token) = stored {
        match renew(&target, &http, &place, token).await {
            Ok(entered) => return Ok(entered),
            Err(refused) if may_browse.is_err() => return Err(refused.into()),
            Err(Refused::Dead) => {}
            Err(refused) => return Err(refused.into()),
        }
    }
    may_browse.map_err(|why| NotIn::NotTried(format!("no sign-in is stored, and {why}")))?;
    let _ = writeln!(io::stderr(), "Sign in with the browser that opens now. This waits five minutes at most.");
    match browse(&target, &http).await {
        Ok(grant) => Ok(Entered {
            token: grant.access_token,
            expires_in: Some(grant.expires_in),
            renewable: grant.refresh_token.is_some(),
            // Revoking the token of a client with refresh tokens could end those of an Earshot that runs.
            revoke: grant.refresh_token.is_none(),
            how: "with the browser, for this check alone".to_owned(),
            warning: None,
        }),
        Err(trouble) => Err(Refused::Trouble(trouble).into()),
    }
}

/// Why the stored sign-in brought no token.
enum Refused {
    /// It is void: revoked, or too old.
    Dead,
    Trouble(Trouble),
}

impl From<Refused> for NotIn {
    fn from(refused: Refused) -> Self {
        let told = match refused {
            Refused::Dead => trouble::sign_in_needed("The stored sign-in is no longer valid."),
            Refused::Trouble(trouble) => trouble,
        };
        Self::Failed(told.message, told.cure.unwrap_or_else(|| "Try again in a few minutes.".to_owned()))
    }
}

/// With the refresh token of the key store. What Genesys Cloud gives instead is stored before anything else: an Earshot
/// that runs finds it there when its own is refused. Where that Earshot was first, the newer one is tried.
async fn renew(
    target: &Target,
    http: &Arc<dyn HttpTransport>,
    place: &Place,
    token: SecretString,
) -> Result<Entered, Refused> {
    let secret = match &target.secret {
        Some(file) => Some(file.secret().await.map_err(Refused::Trouble)?),
        None => None,
    };
    let client = ClientCredentials { id: &target.client_id, secret: secret.as_ref() };
    let mut token = token;
    let mut granted = oauth::refresh(http, &target.environment, &client, &token).await;
    if is_dead(&granted)
        && let Ok(Ok(Some(newer))) = timeout(PATIENCE, place.load()).await
        && newer.expose_secret() != token.expose_secret()
    {
        token = newer;
        granted = oauth::refresh(http, &target.environment, &client, &token).await;
    }
    if is_dead(&granted) {
        return Err(Refused::Dead);
    }
    let grant = granted.map_err(|error| Refused::Trouble(trouble::of_signal(&Signal::TokenEndpoint(error))))?;
    let mut warning = None;
    if let Some(new) = grant.refresh_token.as_ref().filter(|new| new.expose_secret() != token.expose_secret())
        && !matches!(timeout(PATIENCE, place.save(new)).await, Ok(Ok(())))
    {
        let found = "The new refresh token could not be stored: the one in the key store may be void now.".to_owned();
        warning = Some((found, "Sign in again in Earshot's window.".to_owned()));
    }
    Ok(Entered {
        token: grant.access_token,
        expires_in: Some(grant.expires_in),
        renewable: true,
        revoke: false,
        how: "with the refresh token in the key store".to_owned(),
        warning,
    })
}

fn is_dead(granted: &Result<TokenGrant, ApiError>) -> bool {
    matches!(granted, Err(ApiError::Status(StatusError { code: Some(code), .. })) if code == "invalid_grant")
}
