//! The model of Genesys Cloud: tokens, channels, sockets, requests that travel, and everything that can go wrong with
//! them. It performs what the machine asks for, and answers later.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use earshot_engine::link::End;
use earshot_engine::machine::{Effect, Input};
use earshot_engine::session::Renewal;
use earshot_genesys::transport::Frame;

use crate::centre::{At, Centre, News, Shows};
use crate::chance::Chance;
use crate::steps::{Call, How};

mod failing;
mod server;
mod work;

pub use failing::call;

/// What reaches the client.
#[derive(Debug)]
pub enum Arrival {
    /// An answer, and what it says of which legs.
    Answer(Input, Shows),
    /// A new token.
    Renewed { attempt: u64, token: usize },
    /// A frame.
    Frame { epoch: u64, frame: Frame, shows: Shows },
    /// The end of a socket.
    Ended { epoch: u64, end: End },
}

/// What is going to happen.
#[derive(Debug)]
pub enum What {
    /// A request reaches the server.
    Request(Effect),
    /// Something reaches the client.
    Arrive(Arrival),
    /// An event leaves the server for one channel.
    Publish(u64, Rc<News>),
    /// Something happens in the contact centre.
    Centre(Plan),
    /// The server's sign of life on this channel.
    Heartbeat(u64),
    /// The server closes a socket.
    Close(u64, u16, &'static str),
    /// A token ends.
    TokenEnds(usize),
}

/// What happens in the contact centre, to which leg.
#[derive(Debug, Clone)]
pub enum Plan {
    /// Nobody took it.
    TimesOut(String),
    /// The customer leaves.
    CallerLeaves(String),
    /// The agent takes it, and hangs up so much later where that is said.
    Taken(String, Option<Duration>),
    /// The agent turns it down.
    Declined(String),
    /// The agent hangs up.
    HangsUp(String),
    /// The agent is ready again.
    Idle,
}

#[derive(Debug)]
struct Token {
    ends: At,
    used: Cell<At>,
    dead: bool,
}

/// One channel with its socket.
#[derive(Debug)]
pub struct Channel {
    token: usize,
    alive: bool,
    /// Events are published to it from here on.
    active_from: Option<At>,
    /// The server holds an open socket.
    pub open: bool,
    /// Nothing passes any more, in either direction, and nobody says so.
    pub half_open: bool,
    /// Events do not pass; all else does.
    pub deaf: bool,
    /// When the last frame arrives that is under way: TCP keeps the order.
    line: At,
}

#[derive(Debug)]
struct Fault {
    call: Option<Call>,
    how: How,
    left: u32,
    until: At,
}

/// The model.
#[derive(Debug)]
pub struct Cloud {
    /// The contact centre.
    pub centre: Centre,
    /// Channels by the connection that made them.
    pub channels: BTreeMap<u64, Channel>,
    /// What is going to happen, in order.
    pub agenda: BTreeMap<(At, u64), What>,
    /// Chance.
    pub chance: Chance,
    /// The true time.
    pub now: At,
    /// The refresh token, or the client's secret, is good.
    pub credential: bool,
    /// How long new tokens live.
    pub lifetime: Duration,
    /// Events are late by up to this.
    pub late: Duration,
    /// Everything takes up to this.
    pub slow: Duration,
    /// Events come twice.
    pub twice: bool,
    /// Subscriptions become active so much after their answer.
    pub subscribe_late: Duration,
    /// Pings are answered.
    pub answers_pings: bool,
    tokens: Vec<Token>,
    generations: BTreeMap<u64, usize>,
    faults: Vec<Fault>,
    order: u64,
    expiry: u64,
    /// Times in which a socket was deaf.
    pub deafness: Vec<(u64, At, Option<At>)>,
    /// When the truth was listed.
    pub listed: Vec<At>,
    /// Analytics know what happened this long ago; `None`: the agent may not ask.
    pub analytics: Option<Duration>,
    /// Genesys ends tokens that are not used for this long.
    pub idle: Option<Duration>,
    /// Times of sleep.
    pub sleeps: Vec<(At, At)>,
}

/// The quickest and the slowest way between client and server, one direction.
const QUICK: Duration = Duration::from_millis(10);
/// See [`QUICK`].
pub const SLOW: Duration = Duration::from_millis(150);
/// A request without an answer is given up by the client after this.
const PATIENCE: Duration = Duration::from_secs(10);
/// Ended conversations are found by their id for this long.
const REMEMBERED: Duration = Duration::from_secs(600);

impl Cloud {
    /// A server without any trouble.
    pub fn new(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        Self {
            centre: Centre::new(),
            channels: BTreeMap::new(),
            agenda: BTreeMap::new(),
            now: At::ZERO,
            credential: true,
            lifetime: Duration::from_secs(3600),
            late: Duration::ZERO,
            slow: SLOW,
            twice: false,
            subscribe_late: Duration::ZERO,
            answers_pings: !chance.once_in(5),
            tokens: Vec::new(),
            generations: BTreeMap::new(),
            faults: Vec::new(),
            deafness: Vec::new(),
            listed: Vec::new(),
            analytics: chance.once_in(2).then(|| chance.span(Duration::ZERO, Duration::from_secs(50))),
            idle: chance.once_in(4).then(|| Duration::from_secs(300)),
            sleeps: Vec::new(),
            order: 0,
            expiry: chance.below(4),
            chance,
        }
    }

    /// All trouble is over. What is dead stays dead.
    pub fn mend(&mut self) {
        self.faults.clear();
        self.slow = SLOW;
        self.late = Duration::ZERO;
        self.twice = false;
        self.subscribe_late = Duration::ZERO;
        self.credential = true;
    }

    /// Puts something on the agenda.
    pub fn plan(&mut self, after: Duration, what: What) {
        self.order += 1;
        self.agenda.insert((self.now + after, self.order), what);
    }

    fn travel(&mut self) -> Duration {
        self.chance.span(QUICK, self.slow.max(QUICK))
    }

    /// A new token.
    pub fn issue(&mut self) -> usize {
        self.tokens.push(Token { ends: self.now + self.lifetime, used: Cell::new(self.now), dead: false });
        let token = self.tokens.len() - 1;
        self.plan(self.lifetime, What::TokenEnds(token));
        token
    }

    /// The machine knows this token by this number.
    pub fn name(&mut self, generation: u64, token: usize) {
        self.generations.insert(generation, token);
    }

    /// Whether the token of this generation is good.
    pub fn good(&self, generation: u64) -> bool {
        let token = self.generations.get(&generation).and_then(|token| self.tokens.get(*token));
        let used = |token: &Token| self.idle.is_none_or(|idle| self.now < token.used.get() + idle);
        token.is_some_and(|token| !token.dead && self.now < token.ends && used(token))
    }

    /// How long the token of this generation lives yet.
    pub fn left(&self, generation: u64) -> Duration {
        let token = self.generations.get(&generation).and_then(|token| self.tokens.get(*token));
        token.filter(|token| !token.dead).map_or(Duration::ZERO, |token| token.ends.saturating_sub(self.now))
    }

    /// Kills the newest token before its time.
    pub fn kill_token(&mut self, and_sockets: bool) {
        let Some(newest) = self.tokens.len().checked_sub(1) else { return };
        self.tokens[newest].dead = true;
        if and_sockets {
            self.expire(newest);
        }
    }

    /// Kills every token, with word of it.
    pub fn revoke(&mut self) {
        for token in &mut self.tokens {
            token.dead = true;
        }
        self.credential = false;
        for epoch in self.live() {
            self.system(epoch, "token_revoked", None);
        }
    }

    fn expire(&mut self, token: usize) {
        self.tokens[token].dead = true;
        let (code, reason) = match self.expiry {
            0 => return,
            1 => (1008, ""),
            2 => (1000, "Token expired or invalid"),
            _ => (4001, ""),
        };
        let of: Vec<u64> =
            self.channels.iter().filter(|(_, channel)| channel.token == token).map(|(e, _)| *e).collect();
        for epoch in of {
            self.close(epoch, Some(code), reason);
        }
    }

    /// Requests of this kind fail from now on.
    pub fn fail(&mut self, call: Option<Call>, how: How, left: u32, lasts: Duration) {
        self.faults.push(Fault { call, how, left, until: self.now + lasts });
    }

    fn fault(&mut self, call: Call) -> Option<How> {
        let now = self.now;
        self.faults.retain(|fault| fault.left > 0 && now < fault.until);
        let fault = self.faults.iter_mut().find(|fault| fault.call.is_none_or(|kind| kind == call))?;
        fault.left -= 1;
        Some(fault.how)
    }

    /// Channels with a socket that the server holds open, oldest first.
    pub fn live(&self) -> Vec<u64> {
        self.channels.iter().filter(|(_, channel)| channel.open).map(|(epoch, _)| *epoch).collect()
    }

    /// The newest of them.
    pub fn newest(&self) -> Option<u64> {
        self.live().pop()
    }

    /// The server closes a socket, or (no code) it breaks. Frames that are under way arrive first.
    pub fn close(&mut self, epoch: u64, code: Option<u16>, reason: &str) {
        let Some(channel) = self.channels.get_mut(&epoch).filter(|channel| channel.open) else { return };
        channel.open = false;
        if !channel.half_open {
            let end = End::Closed { code, reason: reason.to_owned() };
            self.send(epoch, Arrival::Ended { epoch, end });
        }
    }

    /// This socket lives on and delivers no more events.
    pub fn deafen(&mut self, epoch: u64) {
        if let Some(channel) = self.channels.get_mut(&epoch).filter(|channel| !channel.deaf) {
            channel.deaf = true;
            self.deafness.push((epoch, self.now, None));
        }
    }

    /// The client gave this connection up.
    pub fn forget(&mut self, epoch: u64) {
        let now = self.now;
        for (_, _, until) in self.deafness.iter_mut().filter(|(deaf, ..)| *deaf == epoch) {
            until.get_or_insert(now);
        }
        if let Some(channel) = self.channels.get_mut(&epoch) {
            channel.open = false;
            channel.active_from = None;
        }
    }

    fn send(&mut self, epoch: u64, arrival: Arrival) {
        let travel = self.travel();
        let Some(channel) = self.channels.get_mut(&epoch).filter(|channel| !channel.half_open) else { return };
        channel.line = channel.line.max(self.now + travel);
        let after = channel.line.saturating_sub(self.now);
        self.plan(after, What::Arrive(arrival));
    }

    /// Sends a frame on this socket.
    pub fn frame(&mut self, epoch: u64, frame: Frame, shows: Shows) {
        if self.channels.get(&epoch).is_some_and(|channel| channel.open) {
            self.send(epoch, Arrival::Frame { epoch, frame, shows });
        }
    }

    /// Sends a word about the channel itself.
    pub fn system(&mut self, epoch: u64, kind: &str, reason: Option<&str>) {
        let reason = reason.map(|reason| format!(r#","reason":"{reason}""#)).unwrap_or_default();
        let text = format!(
            r#"{{"topicName":"v2.system.{kind}","version":"2","eventBody":{{"channelId":"canary-channel"{reason}}}}}"#
        );
        self.frame(epoch, Frame::Text(text), Vec::new());
    }

    /// Another channel takes the place of this one.
    pub fn evict(&mut self, epoch: u64) {
        self.system(epoch, "no_longer_subscribed", Some("another_channel_subscribed"));
        if let Some(channel) = self.channels.get_mut(&epoch) {
            channel.active_from = None;
        }
    }

    /// What the centre has said since is published to every channel that listens.
    pub fn publish(&mut self) {
        for news in std::mem::take(&mut self.centre.news) {
            let news = Rc::new(news);
            let now = self.now;
            let listens = |channel: &Channel| channel.active_from.is_some_and(|from| from <= now);
            let to: Vec<u64> = self.channels.iter().filter(|(_, c)| c.open && listens(c)).map(|(e, _)| *e).collect();
            for epoch in to {
                let lateness = self.chance.span(Duration::ZERO, self.late);
                self.plan(lateness, What::Publish(epoch, Rc::clone(&news)));
                if self.twice && self.chance.once_in(2) {
                    let lateness = self.chance.span(Duration::ZERO, self.late);
                    self.plan(lateness, What::Publish(epoch, Rc::clone(&news)));
                }
            }
        }
    }

    /// The machine wants this done.
    pub fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Tell(_) | Effect::Record(_) => {}
            Effect::Drop { epoch } => self.forget(epoch),
            Effect::Ping { epoch } => {
                if self.answers_pings {
                    let pong = r#"{"topicName":"channel.metadata","eventBody":{"message":"pong"}}"#;
                    self.frame(epoch, Frame::Text(pong.into()), Vec::new());
                }
            }
            request => {
                let travel = self.travel();
                self.plan(travel, What::Request(request));
            }
        }
    }

    /// Something on the agenda happens, inside the server.
    pub fn happens(&mut self, what: What) {
        match what {
            What::Request(effect) => self.request(effect),
            What::Publish(epoch, news) => {
                if self.channels.get(&epoch).is_some_and(|channel| !channel.deaf) {
                    let text = format!(
                        r#"{{"topicName":"{}","version":"2","eventBody":{},"metadata":{{"CorrelationId":"x"}}}}"#,
                        news.topic, news.body
                    );
                    self.frame(epoch, Frame::Text(text), news.shows.clone());
                }
            }
            What::Centre(plan) => self.centre(plan),
            What::Heartbeat(epoch) => {
                if self.channels.get(&epoch).is_some_and(|channel| channel.open) {
                    let text = r#"{"topicName":"channel.metadata","eventBody":{"message":"WebSocket Heartbeat"}}"#;
                    self.frame(epoch, Frame::Text(text.into()), Vec::new());
                    self.plan(Duration::from_secs(30), What::Heartbeat(epoch));
                }
            }
            What::Close(epoch, code, reason) => self.close(epoch, Some(code), reason),
            What::TokenEnds(token) => self.expire(token),
            What::Arrive(_) => {}
        }
    }
}

/// How the machine is told of a sign-in of this kind.
pub fn renewal(kind: u8) -> Renewal {
    match kind {
        0 => Renewal::None,
        1 => Renewal::RefreshToken,
        _ => Renewal::ClientCredentials,
    }
}
