//! Signing in and out: what the secrets have to do with it.

use std::sync::Arc;

use earshot_genesys::error::{ApiError, StatusError};
use secrecy::SecretString;
use tokio::time::timeout;

use super::vault::{Credential, Vault};
use super::{Driver, REVOKE_LIMIT, requests};
use crate::machine::Input;
use crate::session::Renewal;
use crate::sign_in::{Grant, Resume, ResumeFrom, Revocation, SignedOut};

impl Driver {
    pub(super) async fn sign_in(&mut self, grant: Grant) {
        let renewal = if grant.refresh_token.is_some() { Renewal::RefreshToken } else { Renewal::None };
        let secrets: Vec<_> = grant.secret.into_iter().collect();
        let input = Input::SignedIn { renewal, secrets: secrets.len(), lifetime: grant.expires_in };
        self.leave_credential();
        if let Some(refresh_token) = grant.refresh_token.clone() {
            self.keep_storing(refresh_token);
        }
        self.vault.credential = Some(Credential {
            client_id: grant.client_id,
            secrets,
            refresh_token: grant.refresh_token,
            access_token: None,
            renewal,
        });
        self.step_with_token(input, grant.access_token).await;
    }

    pub(super) async fn resume(&mut self, resume: Resume) {
        let Resume { client_id, from, secrets } = resume;
        self.leave_credential();
        let (renewal, refresh_token, access_token) = match from {
            ResumeFrom::RefreshToken => (Renewal::RefreshToken, requests::load(&*self.world.store).await, None),
            ResumeFrom::ClientCredentials => (Renewal::ClientCredentials, None, None),
            ResumeFrom::AccessToken(source) => (Renewal::AccessToken, None, Some(source)),
        };
        let input = Input::Resume { renewal, secrets: secrets.len() };
        self.vault.credential = Some(Credential { client_id, secrets, refresh_token, access_token, renewal });
        self.step(input).await;
    }

    pub(super) async fn sign_out(&mut self) -> SignedOut {
        let token = self.vault.token(self.machine.generation());
        let ends_within = self.machine.token_ends_within(self.now());
        self.step(Input::SignedOut).await;
        self.leave_credential();
        self.vault = Vault::default();
        let cleared = requests::in_time(self.world.store.clear()).await;
        if let Err(error) = &cleared {
            tracing::warn!(%error, "the credential store was not cleared");
        }
        let revoked = match token {
            None => Revocation::NothingToRevoke,
            Some(token) => match timeout(REVOKE_LIMIT, self.api.revoke_token(&token)).await {
                // After a 401 there is no such token any more.
                Ok(Ok(()) | Err(ApiError::Status(StatusError { status: 401, html: false, .. }))) => Revocation::Revoked,
                Ok(Err(error)) => {
                    tracing::warn!(%error, "the token could not be revoked; it ends by itself");
                    Revocation::Failed { ends_within }
                }
                Err(_) => {
                    tracing::warn!("revoking the token took too long; it ends by itself");
                    Revocation::Failed { ends_within }
                }
            },
        };
        SignedOut { revoked, cleared }
    }

    /// Nothing that is still under way may store what belongs to a sign-in that is over.
    pub(super) fn leave_credential(&mut self) {
        for task in [self.storing.take(), self.renewing.take()].into_iter().flatten() {
            task.abort();
        }
    }

    pub(super) fn keep_storing(&mut self, refresh_token: SecretString) {
        let task = requests::keep_storing(Arc::clone(&self.world.store), refresh_token, self.arrivals.clone());
        // An older token must not be stored after a newer one.
        if let Some(older) = self.storing.replace(self.tasks.spawn(task)) {
            older.abort();
        }
    }
}
