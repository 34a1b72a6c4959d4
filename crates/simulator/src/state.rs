//! Everything the simulator knows, behind one lock that is never held across an await.

use crate::access::Access;
use crate::channels::{Hub, TOPICS, TokenEnd};
use crate::clock::{Clock, Ms, iso};
use crate::connection::Wires;
use crate::faults::Faults;
use crate::ids::Ids;
use crate::limits::Limits;
use crate::log::Log;
use crate::oauth::Oauth;
use crate::script::player::Player;
use crate::topics;
use crate::world::{World, catalogue};
use secrecy::SecretString;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// All of it.
pub(crate) struct State {
    pub(crate) clock: Clock,
    pub(crate) world: World,
    pub(crate) hub: Hub,
    pub(crate) oauth: Oauth,
    pub(crate) faults: Faults,
    pub(crate) access: Access,
    /// For ids that only tell one message from another.
    pub(crate) ids: Ids,
    pub(crate) limits: Limits,
    pub(crate) log: Log,
    pub(crate) player: Option<Player>,
    /// Every request but those of the control API meets a reset.
    pub(crate) offline: bool,
    /// Sockets whose closing was announced, and when it is due.
    pub(crate) close_later: Vec<(Ms, Vec<u64>)>,
}

/// What became of one topic of a subscription.
#[derive(Debug, Clone)]
pub(crate) struct TopicResult {
    pub(crate) id: String,
    pub(crate) rejected: Option<(String, Vec<String>)>,
}

/// Why a subscription failed as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SubscribeError {
    TooMany,
    Invalid(String),
    Forbidden(Vec<String>),
}

impl State {
    /// The present.
    pub(crate) fn now(&self) -> Ms {
        self.clock.now()
    }

    /// When [`State::advance`] has something to do.
    pub(crate) fn next_due(&self) -> Option<Ms> {
        [
            self.world.next_due(),
            self.hub.next_due(),
            self.hub.next_quiet(self.access.socket_idle),
            self.oauth.next_due(),
            self.player.as_ref().and_then(Player::next_due),
            self.faults.offline_until,
            self.close_later.iter().map(|(at, _)| *at).min(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Does whatever is due.
    pub(crate) fn advance(&mut self) {
        let now = self.now();
        if self.faults.offline_until.is_some_and(|until| until <= now) {
            self.faults.offline_until = None;
            self.offline = false;
        }
        self.world.advance(now);
        self.flush();
        while let Some(step) = self.player.as_mut().and_then(|p| p.take_due(now)) {
            self.play(&step);
            self.flush();
        }
        self.hub.advance(now);
        self.close_announced(now);
        self.hub.close_quiet(now, self.access.socket_idle);
        let ended = self.oauth.take_ended(now);
        if !ended.old.is_empty() {
            let how = self.oauth.rules.early.as_ref().map_or_else(TokenEnd::expired, |early| early.how.clone());
            self.hub.token_ended(&ended.old, &how);
        }
        if !ended.idle.is_empty() {
            self.hub.token_ended(&ended.idle, &TokenEnd::idle());
        }
    }

    /// Sends out what the world said since the last time; one cause, one correlation id.
    pub(crate) fn flush(&mut self) {
        let events = self.world.take_events();
        if !events.is_empty() {
            let correlation = self.ids.uuid();
            self.hub.publish(self.clock.now(), &events, &correlation, &self.faults);
        }
    }

    /// A token was issued to a user: whoever listens to that hears of it.
    pub(crate) fn token_issued(&mut self, client: &str, user: usize) {
        let profile = &catalogue::AGENTS[user];
        let now = self.now();
        let body = json!({
            "user": {"id": profile.id, "name": profile.name},
            "ipAddress": "127.0.0.1",
            "dateCreated": iso(now),
            "tokenExpirationDate": iso(now + self.oauth.rules.lifetime),
            "sessionId": self.ids.uuid(),
            "clientId": client,
        });
        self.world.tell(format!("v2.users.{}.tokens", profile.id), body);
    }

    /// What a user may do, or the client without one.
    pub(crate) fn permissions(&self, user: Option<usize>) -> &BTreeSet<String> {
        user.map_or(&self.access.service, |user| &self.world.agents[user].permissions)
    }

    /// Judges each topic of a subscription. Without `ignore_errors` one bad topic spoils everything.
    pub(crate) fn judge(
        &self,
        user: Option<usize>,
        ids: &[String],
        ignore_errors: bool,
    ) -> Result<Vec<TopicResult>, SubscribeError> {
        let own = user.map(|u| self.world.agents[u].profile.id);
        let permissions = self.permissions(user);
        let mut results = Vec::new();
        let mut missing = Vec::new();
        for id in ids {
            let mut rejected = None;
            for topic in topics::split(id) {
                if let Some(fault) = self.faults.topic(&topic) {
                    let reason = fault.reason.clone().unwrap_or_else(|| "notification.topic.forbidden".to_owned());
                    missing.extend(fault.missing.clone());
                    rejected = Some((reason, fault.missing.clone()));
                    continue;
                }
                match topics::check(&topic, own, permissions) {
                    Ok(()) => {}
                    Err(topics::Wrong::Unknown) if ignore_errors => {
                        rejected = Some(("notification.invalid.topic".to_owned(), Vec::new()));
                    }
                    Err(topics::Wrong::Unknown) => return Err(SubscribeError::Invalid(topic)),
                    Err(topics::Wrong::Forbidden(needs)) => {
                        missing.extend(needs.clone());
                        rejected = Some(("missing.permissions".to_owned(), needs));
                    }
                }
            }
            results.push(TopicResult { id: id.clone(), rejected });
        }
        if !ignore_errors && results.iter().any(|r| r.rejected.is_some()) {
            return Err(SubscribeError::Forbidden(missing));
        }
        Ok(results)
    }

    /// Puts the permitted topics on a channel, beside or instead of those there, and extends its life.
    pub(crate) fn subscribe(
        &mut self,
        channel: &str,
        ids: &[String],
        replace: bool,
        ignore_errors: bool,
    ) -> Result<Vec<TopicResult>, SubscribeError> {
        let Some(user) = self.hub.channel(channel).map(|c| c.user) else { return Ok(Vec::new()) };
        let results = self.judge(user, ids, ignore_errors)?;
        let now = self.now();
        let heard_from = now + self.faults.subscribe_delay;
        let end = self.hub.extend.then_some(now + self.hub.lifetime);
        let Some(channel) = self.hub.channels.iter_mut().find(|c| c.id == channel) else { return Ok(results) };
        let permitted: Vec<String> = (results.iter())
            .filter(|r| r.rejected.is_none())
            .flat_map(|r| topics::split(&r.id))
            .map(|t| t.to_ascii_lowercase())
            .collect();
        let before = if replace { 0 } else { channel.topics.len() };
        if before + permitted.len() > TOPICS {
            return Err(SubscribeError::TooMany);
        }
        let old = if replace { std::mem::take(&mut channel.topics) } else { BTreeMap::new() };
        for topic in permitted {
            // A topic that was heard already stays heard.
            let from = old.get(&topic).or(channel.topics.get(&topic)).copied().unwrap_or(heard_from);
            channel.topics.insert(topic, from);
        }
        channel.expires = end.unwrap_or(channel.expires);
        if let Some(player) = &mut self.player
            && ids.iter().any(|i| i.starts_with("v2.users."))
        {
            player.heard(now);
        }
        Ok(results)
    }

    /// The in-band form of a subscription.
    pub(crate) fn subscribe_in_band(&mut self, channel: &str, ids: &[String]) -> Result<(), (u16, String)> {
        if self.hub.channel(channel).is_none() {
            return Err((404, "The channel does not exist.".to_owned()));
        }
        self.subscribe(channel, ids, false, false).map(|_| ()).map_err(|error| {
            let why = match error {
                SubscribeError::TooMany => "too many topics".to_owned(),
                SubscribeError::Invalid(topic) => format!("invalid topic {topic}"),
                SubscribeError::Forbidden(_) => "not permitted".to_owned(),
            };
            (400, why)
        })
    }
}

/// The state, shared by every handler and task.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Inner>);

struct Inner {
    state: Mutex<State>,
    wake: Notify,
    wires: Wires,
    control_token: SecretString,
    heartbeat: Duration,
    base_url: String,
}

impl std::fmt::Debug for Shared {
    // Tokens and channel ids are in there.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Simulator").field("base_url", &self.0.base_url).finish_non_exhaustive()
    }
}

impl Shared {
    pub(crate) fn new(
        state: State,
        wires: Wires,
        control_token: SecretString,
        heartbeat: Duration,
        base_url: String,
    ) -> Self {
        Self(Arc::new(Inner {
            state: Mutex::new(state),
            wake: Notify::new(),
            wires,
            control_token,
            heartbeat,
            base_url,
        }))
    }

    /// Does something with the state as it is now, and sends out what follows from it.
    pub(crate) fn with<R>(&self, act: impl FnOnce(&mut State) -> R) -> R {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.advance();
        let result = act(&mut state);
        state.flush();
        drop(state);
        self.0.wake.notify_one();
        result
    }

    /// Reads the state without moving it on.
    pub(crate) fn peek<R>(&self, read: impl FnOnce(&State) -> R) -> R {
        read(&self.0.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Moves the state on whenever something is due; ends only with its task.
    pub(crate) async fn drive(self) {
        loop {
            let next = self.peek(|state| state.next_due().map(|at| state.clock.instant(at)));
            let woken = self.0.wake.notified();
            let Some(at) = next else {
                woken.await;
                continue;
            };
            tokio::select! {
                () = tokio::time::sleep_until(at) => {}
                () = woken => continue,
            }
            let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.advance();
        }
    }

    pub(crate) fn wires(&self) -> &Wires {
        &self.0.wires
    }

    pub(crate) fn control_token(&self) -> &SecretString {
        &self.0.control_token
    }

    pub(crate) fn heartbeat(&self) -> Duration {
        self.0.heartbeat
    }

    pub(crate) fn base_url(&self) -> &str {
        &self.0.base_url
    }
}
