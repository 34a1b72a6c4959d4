//! Notification channels and the sockets on them: 20 for each user and client, one socket each, 24 hours.

mod sockets;

use crate::clock::Ms;
use crate::connection::Wire;
use crate::faults::Faults;
use crate::ids::Words;
use crate::world::Event;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use tokio::sync::mpsc::UnboundedSender;

/// Channels for each user and client at Genesys; one more removes the one used longest ago.
pub(crate) const PER_USER_AND_CLIENT: usize = 20;
/// Topics of a channel.
pub(crate) const TOPICS: usize = 1000;
/// So many channels are remembered after their token has ended.
const STALE: usize = 10_000;

/// What a socket's task is told.
#[derive(Debug)]
pub(crate) enum ToSocket {
    Text(String),
    Binary(Vec<u8>),
    Close { code: u16, reason: String },
    Drop,
    HalfOpen,
}

/// A channel.
#[derive(Debug)]
pub(crate) struct Channel {
    pub(crate) id: String,
    pub(crate) client: String,
    pub(crate) user: Option<usize>,
    pub(crate) token: u64,
    pub(crate) expires: Ms,
    last_used: Ms,
    /// Each topic, and from when on it is heard.
    pub(crate) topics: BTreeMap<String, Ms>,
    socket: Option<u64>,
}

/// A socket.
#[derive(Debug)]
pub(crate) struct Socket {
    id: u64,
    channel: String,
    user: Option<usize>,
    tx: UnboundedSender<ToSocket>,
    wire: Arc<Wire>,
    deaf: bool,
    half_open: bool,
    /// When its client last sent anything.
    heard: Ms,
    /// It has been told to close for being quiet.
    closing: bool,
}

/// Which sockets or channels: all, or one agent's.
pub(crate) type Whose = Option<usize>;

/// All of them, and frames that are still to be sent.
#[derive(Debug)]
pub(crate) struct Hub {
    pub(crate) channels: Vec<Channel>,
    sockets: Vec<Socket>,
    late: Vec<(Ms, u64, String)>,
    next_socket: u64,
    words: Words,
    /// A channel's life.
    pub(crate) lifetime: Ms,
    /// Subscribing begins it anew.
    pub(crate) extend: bool,
    stale: VecDeque<String>,
    quota: usize,
    pub(crate) created: u64,
    pub(crate) evicted: u64,
    pub(crate) opened: u64,
    /// The most sockets there were at once.
    most: usize,
    pub(crate) refused: u64,
    pub(crate) events_sent: u64,
}

/// An envelope as the socket carries it.
pub(crate) fn envelope(topic: &str, body: &Value, correlation: &str) -> String {
    json!({"topicName": topic, "version": "2", "eventBody": body, "metadata": {"CorrelationId": correlation}})
        .to_string()
}

/// A `channel.metadata` message.
pub(crate) fn metadata(message: &str) -> String {
    json!({"topicName": "channel.metadata", "eventBody": {"message": message}}).to_string()
}

fn is(whose: Whose, user: Option<usize>) -> bool {
    whose.is_none() || whose == user
}

impl Hub {
    /// No channels yet.
    pub(crate) fn new(lifetime: Ms, quota: usize, seed: Option<u64>) -> Self {
        Self {
            quota: quota.max(1),
            channels: Vec::new(),
            sockets: Vec::new(),
            late: Vec::new(),
            next_socket: 0,
            words: Words::new(seed, 0x6368_616e),
            lifetime,
            extend: true,
            stale: VecDeque::new(),
            created: 0,
            evicted: 0,
            opened: 0,
            most: 0,
            refused: 0,
            events_sent: 0,
        }
    }

    /// A new channel; the victim of the quota, if there was one, is evicted.
    pub(crate) fn create(&mut self, now: Ms, client: &str, user: Option<usize>, token: u64) -> (String, Ms) {
        self.forget_expired(now);
        let mine = |c: &&Channel| c.client == client && c.user == user;
        if self.channels.iter().filter(mine).count() >= self.quota {
            let victim = (self.channels.iter())
                .filter(mine)
                .min_by_key(|c| (c.socket.is_some(), c.last_used))
                .map(|c| c.id.clone());
            if let Some(victim) = victim {
                self.evict(&victim, &Eviction::default());
            }
        }
        let id = self.words.next();
        let expires = now + self.lifetime;
        self.created += 1;
        self.channels.push(Channel {
            id: id.clone(),
            client: client.to_owned(),
            user,
            token,
            expires,
            last_used: now,
            topics: BTreeMap::new(),
            socket: None,
        });
        (id, expires)
    }

    /// A channel of this user and client.
    pub(crate) fn own(&mut self, now: Ms, id: &str, client: &str, user: Option<usize>) -> Option<&mut Channel> {
        self.forget_expired(now);
        let channel = self.channels.iter_mut().find(|c| c.id == id && c.client == client && c.user == user)?;
        channel.last_used = now;
        Some(channel)
    }

    /// Puts a socket on a channel; one that was there is closed. None: no such channel.
    pub(crate) fn attach(
        &mut self,
        now: Ms,
        channel: &str,
        tx: UnboundedSender<ToSocket>,
        wire: Arc<Wire>,
    ) -> Option<u64> {
        self.forget_expired(now);
        let index = self.channels.iter().position(|c| c.id == channel)?;
        self.next_socket += 1;
        let id = self.next_socket;
        if let Some(old) = self.channels[index].socket.replace(id) {
            self.send(old, ToSocket::Close { code: 1001, reason: String::new() });
        }
        self.channels[index].last_used = now;
        let user = self.channels[index].user;
        let channel = channel.to_owned();
        let (deaf, half_open, closing) = (false, false, false);
        self.sockets.push(Socket { id, channel, user, tx, wire, deaf, half_open, heard: now, closing });
        self.opened += 1;
        self.most = self.most.max(self.sockets.len());
        Some(id)
    }

    /// A socket is gone.
    pub(crate) fn detach(&mut self, id: u64) {
        self.sockets.retain(|s| s.id != id);
        for channel in &mut self.channels {
            if channel.socket == Some(id) {
                channel.socket = None;
            }
        }
    }

    /// Does the channel still exist?
    pub(crate) fn channel(&self, id: &str) -> Option<&Channel> {
        self.channels.iter().find(|c| c.id == id)
    }

    fn send(&mut self, socket: u64, what: ToSocket) {
        if let Some(socket) = self.sockets.iter().find(|s| s.id == socket) {
            // The task may just have ended; then there is nobody to tell.
            let _ = socket.tx.send(what);
        }
    }

    /// Sends events to every socket whose channel subscribed.
    pub(crate) fn publish(&mut self, now: Ms, events: &[Event], correlation: &str, faults: &Faults) {
        for event in events {
            let key = event.topic.to_ascii_lowercase();
            let mut text = None;
            for channel in &self.channels {
                let Some(heard_from) = channel.topics.get(&key) else { continue };
                let Some(socket) = channel.socket.and_then(|id| self.sockets.iter().find(|s| s.id == id)) else {
                    continue;
                };
                if *heard_from > now || socket.deaf || socket.half_open {
                    continue;
                }
                let text = text.get_or_insert_with(|| envelope(&event.topic, &event.body, correlation));
                for _ in 0..=faults.duplicate {
                    self.events_sent += 1;
                    if faults.event_delay > 0 {
                        self.late.push((now + faults.event_delay, socket.id, text.clone()));
                    } else {
                        let _ = socket.tx.send(ToSocket::Text(text.clone()));
                    }
                }
            }
        }
    }

    /// When something is due.
    pub(crate) fn next_due(&self) -> Option<Ms> {
        self.late.iter().map(|(at, ..)| *at).chain(self.channels.iter().map(|c| c.expires)).min()
    }

    /// Sends what was delayed, ends what expired.
    pub(crate) fn advance(&mut self, now: Ms) {
        let (due, later) = std::mem::take(&mut self.late).into_iter().partition(|(at, ..)| *at <= now);
        self.late = later;
        let due: Vec<(Ms, u64, String)> = due;
        for (_, socket, text) in due {
            self.send(socket, ToSocket::Text(text));
        }
        self.forget_expired(now);
    }

    fn forget_expired(&mut self, now: Ms) {
        let gone: Vec<_> = self.channels.iter().filter(|c| c.expires <= now).map(|c| c.id.clone()).collect();
        for id in gone {
            self.end_channel(&id, Some(ToSocket::Close { code: 1000, reason: String::new() }));
        }
    }

    /// The channel is gone; its socket is told `last`.
    fn end_channel(&mut self, id: &str, last: Option<ToSocket>) {
        let Some(index) = self.channels.iter().position(|c| c.id == id) else { return };
        let channel = self.channels.remove(index);
        if let (Some(socket), Some(last)) = (channel.socket, last) {
            self.send(socket, last);
        }
    }

    /// A `v2.system` message on a channel's socket, whatever it subscribed to.
    fn system(&mut self, id: &str, kind: &str, reason: Option<&str>, message: &str) {
        let Some(channel) = self.channels.iter().find(|c| c.id == id) else { return };
        let Some(socket) = channel.socket else { return };
        let topic = match kind {
            "socket_closing" => "v2.system.socket_closing".to_owned(),
            _ => format!("v2.system.{kind}.{id}"),
        };
        let correlation = uuid::Uuid::new_v4().to_string();
        let mut body = json!({
            "channelId": id,
            "correlationId": correlation,
            "organizationId": crate::world::catalogue::ORGANIZATION,
            "oauthClientId": channel.client,
            "message": message,
            "data": {},
        });
        if let Some(user) = channel.user {
            body["userId"] = crate::world::catalogue::AGENTS[user].id.into();
        }
        if kind != "socket_closing" {
            body["systemTopicType"] = kind.into();
        }
        if let Some(reason) = reason {
            body["reason"] = reason.into();
        }
        let text = envelope(&topic, &body, &correlation);
        self.send(socket, ToSocket::Text(text));
    }

    /// Evicts a channel.
    pub(crate) fn evict(&mut self, id: &str, how: &Eviction) {
        if !how.silent {
            self.system(id, "no_longer_subscribed", Some(&how.reason), "Another channel was created.");
        }
        let last = (!how.keep_open).then(|| ToSocket::Close { code: 1000, reason: String::new() });
        self.end_channel(id, last);
        self.evicted += 1;
    }

    /// The channels of an agent, or all.
    pub(crate) fn channel_ids(&self, whose: Whose) -> Vec<String> {
        self.channels.iter().filter(|c| is(whose, c.user)).map(|c| c.id.clone()).collect()
    }

    /// Did this channel end with its token?
    pub(crate) fn is_stale(&self, id: &str) -> bool {
        self.stale.iter().any(|stale| stale == id)
    }

    /// Ends the channels that these tokens made.
    pub(crate) fn token_ended(&mut self, tokens: &[u64], how: &TokenEnd) {
        if *how == TokenEnd::Left {
            return;
        }
        let ids: Vec<_> = self.channels.iter().filter(|c| tokens.contains(&c.token)).map(|c| c.id.clone()).collect();
        for id in ids {
            if self.stale.len() == STALE {
                self.stale.pop_front();
            }
            self.stale.push_back(id.clone());
            match how {
                TokenEnd::Revoked => {
                    self.system(&id, "token_revoked", Some("user_tokens_revoked"), "The token was revoked.");
                    self.end_channel(&id, Some(ToSocket::Close { code: 1000, reason: "Token revoked".to_owned() }));
                }
                TokenEnd::Closed { code, reason } => {
                    self.end_channel(&id, Some(ToSocket::Close { code: *code, reason: reason.clone() }));
                }
                TokenEnd::Silent | TokenEnd::Left => self.end_channel(&id, None),
            }
        }
    }

    /// `v2.system.socket_closing`; gives the sockets that were told.
    pub(crate) fn closing(&mut self, whose: Whose) -> Vec<u64> {
        let told = |c: &Channel| c.socket.filter(|_| is(whose, c.user)).map(|socket| (c.id.clone(), socket));
        let told: Vec<_> = self.channels.iter().filter_map(told).collect();
        for (id, _) in &told {
            self.system(id, "socket_closing", None, "The socket will close in about a minute.");
        }
        told.into_iter().map(|(_, socket)| socket).collect()
    }

    /// Closes these sockets, and none that were opened since.
    pub(crate) fn close(&mut self, sockets: &[u64]) {
        for socket in sockets {
            self.send(*socket, ToSocket::Close { code: 1001, reason: "going away".to_owned() });
        }
    }

    /// Counters start anew.
    pub(crate) fn forget_counts(&mut self) {
        (self.created, self.evicted, self.opened, self.refused, self.events_sent) = (0, 0, 0, 0, 0);
        self.most = self.sockets.len();
    }

    /// For the report.
    pub(crate) fn report(&self) -> (Value, Value) {
        let half_open = self.sockets.iter().filter(|s| s.half_open).count();
        let on_channel = self.sockets.iter().filter(|s| self.channel(&s.channel).is_some()).count();
        (
            json!({"live": self.sockets.len(), "on_a_channel": on_channel, "opened": self.opened, "most": self.most,
                   "refused": self.refused, "half_open": half_open}),
            json!({"live": self.channels.len(), "created": self.created, "evicted": self.evicted}),
        )
    }
}

/// How a channel is evicted.
#[derive(Debug, Clone)]
pub(crate) struct Eviction {
    pub(crate) reason: String,
    pub(crate) silent: bool,
    pub(crate) keep_open: bool,
}

impl Default for Eviction {
    fn default() -> Self {
        Self { reason: "another_channel_subscribed".to_owned(), silent: false, keep_open: false }
    }
}

/// What the end of a token means for its sockets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TokenEnd {
    Revoked,
    Closed {
        code: u16,
        reason: String,
    },
    Silent,
    /// They stay as they are.
    Left,
}

impl TokenEnd {
    /// As a token that grew old ends.
    pub(crate) fn expired() -> Self {
        Self::Closed { code: 1000, reason: "Token expired".to_owned() }
    }

    /// As a token that nobody used ends.
    pub(crate) fn idle() -> Self {
        Self::Closed { code: 1001, reason: "idle timeout".to_owned() }
    }
}
