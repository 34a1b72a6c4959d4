//! Each effect that is a request, as one call of `earshot_genesys`, and what its answer is called to the machine.

use std::sync::Arc;
use std::time::Duration;

use earshot_genesys::api::{AccessToken, Api, ListedChannel};
use earshot_genesys::error::ApiError;
use earshot_genesys::oauth::{self, ClientCredentials, TokenGrant};
use earshot_genesys::transport::{TransportError, TransportKind};
use earshot_genesys::wire::{IdleTimeout, MediaKind};
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use super::{Arrival, Driver, broken, checked, recovery, retry_after};
use crate::backoff::doubling;
use crate::desk::io::Request;
use crate::desk::{read, sighting::Sighting};
use crate::limits::{RELIST_RETRY, RELIST_RETRY_CAP, STORE_PATIENCE};
use crate::machine::{Effect, Input};
use crate::session::Renewal;
use crate::sign_in::{SecretSource, SourceError};
use crate::snapshot::Medium;
use crate::trouble;
use crate::verdict::token_check;
use crate::world::{CredentialStore, StoreError};

impl Driver {
    /// Performs an effect that is a request. Effects without one are performed by the caller.
    pub(super) fn request(&mut self, effect: Effect) {
        let api = Arc::clone(&self.api);
        match effect {
            Effect::Renew { attempt, secret } => self.renew(attempt, secret),
            Effect::RereadCredential { attempt } => self.reread(attempt),
            Effect::Check { generation } => {
                let token = self.vault.token(generation);
                self.spawn(async move { api.check_token(&held(token)?).await }, move |result| {
                    checked(generation, &result)
                });
            }
            Effect::AskIdle { generation } => {
                let token = self.vault.token(generation);
                self.spawn(async move { api.token_timeout(&held(token)?).await }, move |result| {
                    Input::IdleTimeout { generation, timeout: result.ok().as_ref().and_then(idle_timeout) }.into()
                });
            }
            Effect::Touch { generation } => {
                let token = self.vault.token(generation);
                self.spawn(async move { api.check_token(&held(token)?).await }, move |result| {
                    let (check, retry_after) = (token_check(&result), retry_after(&result));
                    Input::Touched { generation, check, retry_after }.into()
                });
            }
            Effect::Identify { epoch, generation } => {
                let token = self.vault.token(generation);
                self.spawn(async move { api.me(&held(token)?).await.map(Box::new) }, move |result| {
                    Input::Identified { epoch, result }.into()
                });
            }
            Effect::ReadMe { look, generation } => {
                let token = self.vault.token(generation);
                self.spawn(async move { api.me_raw(&held(token)?).await }, move |result| {
                    recovery::me_read(look, generation, result)
                });
            }
            Effect::Read { ask, reading, generation } => {
                let token = self.vault.token(generation);
                let asked = reading.clone();
                self.spawn(async move { recovery::read(&api, &held(token)?, &asked).await }, move |result| {
                    Input::Read { ask, reading, generation, result }.into()
                });
            }
            Effect::CreateChannel { epoch, generation } => {
                let token = self.vault.token(generation);
                self.spawn(async move { api.create_channel(&held(token)?).await }, move |result| match result {
                    Ok(channel) => Arrival::Channel { epoch, channel },
                    Err(error) => Input::ChannelCreated { epoch, result: Err(error) }.into(),
                });
            }
            Effect::Subscribe { epoch, generation, topics } => {
                let token = self.vault.token(generation);
                let channel = self.vault.channel(epoch).map(|channel| channel.id.clone());
                let call = async move {
                    let channel = channel.ok_or_else(|| ApiError::Transport(broken("the channel is gone")))?;
                    api.put_subscriptions(&held(token)?, &channel, &topics).await
                };
                self.spawn(call, move |result| Input::Subscribed { epoch, result }.into());
            }
            Effect::AskExpiry { epoch, generation } => {
                let token = self.vault.token(generation);
                let channel = self.vault.channel(epoch).map(|channel| channel.id.clone());
                let call = async move {
                    let channel = channel.ok_or_else(|| ApiError::Transport(broken("the channel is gone")))?;
                    let channels = api.channels(&held(token)?).await?;
                    let same = |listed: &&ListedChannel| listed.id.expose_secret() == channel.expose_secret();
                    Ok(channels.iter().find(same).and_then(|listed| listed.expires).map(Timestamp::as_millisecond))
                };
                self.spawn(call, move |result| Input::Expiry { epoch, result }.into());
            }
            Effect::List { look, generation } => {
                let token = self.vault.token(generation);
                self.spawn(async move { api.conversations_raw(&held(token)?).await }, move |result| {
                    recovery::listed(look, generation, result)
                });
            }
            Effect::LookUp { conversation, medium, me, generation } => {
                let token = self.vault.token(generation);
                let id = conversation.clone();
                self.spawn(async move { look_up(&api, &held(token)?, &id, medium, &me).await }, move |result| {
                    Input::LookedUp { conversation, medium, generation, result }.into()
                });
            }
            Effect::LookBack { question, generation } => {
                let token = self.vault.token(generation);
                let ask = question.ask;
                self.spawn(async move { recovery::look_back(&api, &held(token)?, &question).await }, move |result| {
                    Input::LookedBack { ask, generation, result }.into()
                });
            }
            Effect::Act { action, request, generation } => {
                let token = self.vault.token(generation);
                self.spawn(async move { act(&api, &held(token)?, request).await }, move |result| {
                    Input::Acted { action, generation, result }.into()
                });
            }
            Effect::Dial { .. } | Effect::Ping { .. } | Effect::Drop { .. } | Effect::Tell(_) | Effect::Record(_) => {}
        }
    }

    fn renew(&mut self, attempt: u64, secret: usize) {
        let Some(credential) = self.vault.credential.clone() else { return };
        let current = self.vault.token(self.machine.generation());
        let environment = self.api.environment().clone();
        let http = Arc::clone(&self.world.http);
        let store = Arc::clone(&self.world.store);
        let call = async move {
            if let Some(source) = &credential.access_token {
                return Ok(handed(&**source, current).await.map(|grant| (grant, true)));
            }
            // Read anew each time: it may have been rotated.
            let secret = match credential.secrets.get(secret) {
                Some(source) => Some(read(&**source).await?),
                None => None,
            };
            let client = ClientCredentials { id: &credential.client_id, secret: secret.as_ref() };
            let grant = match (credential.renewal, &credential.refresh_token) {
                (Renewal::RefreshToken, Some(token)) => oauth::refresh(&http, &environment, &client, token).await?,
                (Renewal::ClientCredentials, _) => oauth::client_credentials(&http, &environment, &client).await?,
                // There is nothing to renew with.
                (Renewal::RefreshToken | Renewal::AccessToken | Renewal::None, _) => return Ok(None),
            };
            let stored = match &grant.refresh_token {
                Some(refresh_token) => store_once(&*store, refresh_token).await.is_ok(),
                None => true,
            };
            Ok(Some((grant, stored)))
        };
        let task = self.spawn(call, move |result| match result {
            Ok(Some((grant, stored))) => Arrival::Renewed { attempt, grant, stored },
            Ok(None) => Arrival::Reread { attempt, refresh_token: None },
            Err(error) => Input::RenewFailed { attempt, error }.into(),
        });
        self.renewing = Some(task);
    }

    fn reread(&mut self, attempt: u64) {
        let store = Arc::clone(&self.world.store);
        let call = async move { Ok(load(&*store).await) };
        self.spawn(call, move |result| Arrival::Reread { attempt, refresh_token: result.ok().flatten() });
    }
}

/// After how long Genesys ends an unused token.
fn idle_timeout(said: &IdleTimeout) -> Option<Duration> {
    let seconds = said.idle_token_timeout_seconds.and_then(|seconds| u64::try_from(seconds).ok())?;
    (said.enable_idle_token_timeout == Some(true) && seconds > 0).then_some(Duration::from_secs(seconds))
}

/// The stored refresh token. A store that does not answer is one without a credential.
pub(super) async fn load(store: &dyn CredentialStore) -> Option<SecretString> {
    in_time(store.load()).await.ok().flatten()
}

/// Reads a secret. One that cannot be read now may be readable later: that is passing trouble, not a refusal.
async fn read(source: &dyn SecretSource) -> Result<SecretString, ApiError> {
    let detail = match timeout(STORE_PATIENCE, source.read()).await {
        Ok(Ok(secret)) => return Ok(secret),
        Ok(Err(SourceError(why))) => why,
        Err(_) => "it takes too long".to_owned(),
    };
    Err(ApiError::Transport(TransportError { kind: TransportKind::Secret, detail }))
}

/// The token that somebody else has left, if it is another one than `current`.
async fn handed(source: &dyn SecretSource, current: Option<AccessToken>) -> Option<TokenGrant> {
    let token = read(source).await.ok()?;
    let same = current.is_some_and(|current| current.expose() == token.expose_secret());
    (!same).then(|| TokenGrant {
        access_token: AccessToken::new(token.expose_secret()),
        // Nobody says how long it lives; the session does not ask.
        expires_in: Duration::ZERO,
        refresh_token: None,
    })
}

/// Takes the stored refresh token over; true if it is another one.
pub(super) fn adopt(current: &mut Option<SecretString>, stored: SecretString) -> bool {
    let same = current.as_ref().is_some_and(|current| current.expose_secret() == stored.expose_secret());
    if !same {
        *current = Some(stored);
    }
    !same
}

/// Stores a refresh token once, before it is used. Where the store fails or does not answer in time the token is used all the
/// same, since a key store must not make the agent deaf.
async fn store_once(store: &dyn CredentialStore, token: &SecretString) -> Result<(), StoreError> {
    in_time(store.save(token)).await
}

/// A store that has not answered in time is too slow to wait for.
pub(super) async fn in_time<T>(call: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    timeout(STORE_PATIENCE, call).await.unwrap_or(Err(StoreError::Slow))
}

/// Stores a refresh token until it works, and says when it does not.
pub(super) async fn keep_storing(
    store: Arc<dyn CredentialStore>,
    token: SecretString,
    arrivals: mpsc::Sender<Arrival>,
) {
    for attempt in 1.. {
        let Err(error) = store_once(&*store, &token).await else {
            let _ = arrivals.send(Input::Store(None).into()).await;
            return;
        };
        tracing::warn!(%error, "the sign-in was not stored");
        let _ = arrivals.send(Input::Store(Some(trouble::not_stored(&error))).into()).await;
        sleep(doubling(RELIST_RETRY, RELIST_RETRY_CAP, attempt)).await;
    }
}

fn held(token: Option<AccessToken>) -> Result<AccessToken, ApiError> {
    token.ok_or_else(|| ApiError::Transport(broken("nobody is signed in")))
}

async fn look_up(
    api: &Api,
    token: &AccessToken,
    conversation: &str,
    medium: Medium,
    me: &str,
) -> Result<Sighting, ApiError> {
    let kind = kind(medium);
    match api.media_conversation(token, kind, conversation).await? {
        Some(found) => Ok(read::media_sighting(&found, kind, me)),
        None => Ok(read::sighting(&api.conversation(token, conversation).await?, me)),
    }
}

async fn act(api: &Api, token: &AccessToken, request: Request) -> Result<(), ApiError> {
    match request {
        Request::Answer { conversation, participant, medium } => {
            api.patch_participant_state(token, kind(medium), &conversation, &participant, "connected").await
        }
        Request::Decline { conversation, participant, medium } => {
            api.patch_participant_state(token, kind(medium), &conversation, &participant, "disconnected").await
        }
        Request::ToVoicemail { conversation, participant } => {
            api.replace_with_voicemail(token, &conversation, &participant).await
        }
        Request::Presence { user, definition } => api.set_presence(token, &user, &definition).await,
        Request::RoutingIdle { user } => api.set_routing_status(token, &user, "IDLE").await,
    }
}

/// Genesys' word for a kind of conversation.
fn kind(medium: Medium) -> MediaKind {
    match medium {
        Medium::Call => MediaKind::Call,
        Medium::Callback => MediaKind::Callback,
        Medium::Message => MediaKind::Message,
        Medium::Email => MediaKind::Email,
        Medium::Chat => MediaKind::Chat,
        Medium::Video => MediaKind::Video,
        Medium::Screenshare => MediaKind::Screenshare,
        Medium::Cobrowse => MediaKind::Cobrowse,
        Medium::Social => MediaKind::Social,
        Medium::Other => MediaKind::Generic,
    }
}
