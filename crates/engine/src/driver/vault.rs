//! The secrets themselves: tokens by generation, channels by epoch. The machine knows only the numbers.

use std::collections::BTreeMap;
use std::sync::Arc;

use earshot_genesys::api::{AccessToken, Channel};
use secrecy::SecretString;

use crate::session::Renewal;
use crate::sign_in::SecretSource;

/// What a sign-in left for renewing.
#[derive(Clone)]
pub(super) struct Credential {
    pub(super) client_id: String,
    pub(super) secrets: Vec<Arc<dyn SecretSource>>,
    pub(super) refresh_token: Option<SecretString>,
    /// Where somebody else leaves access tokens.
    pub(super) access_token: Option<Arc<dyn SecretSource>>,
    pub(super) renewal: Renewal,
}

/// The secrets in use.
#[derive(Default)]
pub(super) struct Vault {
    tokens: BTreeMap<u64, AccessToken>,
    channels: BTreeMap<u64, Channel>,
    pub(super) credential: Option<Credential>,
}

impl Vault {
    /// Keeps the token of this generation and the one before, which may still be in use.
    pub(super) fn keep_token(&mut self, generation: u64, token: AccessToken) {
        self.tokens.insert(generation, token);
        self.tokens.retain(|&kept, _| kept + 1 >= generation);
    }

    pub(super) fn token(&self, generation: u64) -> Option<AccessToken> {
        self.tokens.get(&generation).cloned()
    }

    pub(super) fn keep_channel(&mut self, epoch: u64, channel: Channel) {
        self.channels.insert(epoch, channel);
    }

    pub(super) fn channel(&self, epoch: u64) -> Option<&Channel> {
        self.channels.get(&epoch)
    }

    pub(super) fn forget_channel(&mut self, epoch: u64) {
        self.channels.remove(&epoch);
    }
}
