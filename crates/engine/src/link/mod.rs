//! Can we hear? A pure machine over channel, subscription, sockets, liveness, back-off and hand-over.
//!
//! A connection goes: (who are we) -> channel -> subscription beside socket -> live. Whatever fails becomes a
//! [`Signal`], the failure table gives the verdict, and this machine carries it out. One connection is `live`; the `next`
//! one is on its way: to be live where there is none, or, for a planned change, to take over while the live one still
//! hears. Each has its own epoch, stage and liveness, and there are never more than these two.

use std::time::Duration;

use earshot_genesys::error::ApiError;
use earshot_genesys::transport::{DialError, TransportError, TransportKind};

use crate::backoff::{self, Spread};
use crate::limits::{ATTEMPT_FLOOR, ATTEMPT_LIMIT, CHANNEL_LIFETIME, COMPARE_LIMIT, EXTEND_RETRY, OVERLAP};
use crate::moment::Moment;
use crate::snapshot::{LinkState, LinkView, Millis, Trouble};
use crate::trouble;
use crate::verdict::{Call, Memory, Signal, Verdict, verdict};

mod connection;
mod extension;
mod handover;
mod io;
mod liveness;
mod opening;
mod setback;
#[cfg(test)]
mod tests;

use connection::{Connection, Stage};
pub use io::{End, Heard, Input, Output};
use liveness::{Liveness, Watch};
use setback::Refusal;

/// What is waited for while no connection is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// Nothing: nobody is signed in, or all is well.
    Idle,
    /// The session is at work on the token.
    Token { until: Option<Duration> },
    /// Only a person can bring a token.
    SignInNeeded,
    /// The next attempt is due then.
    Until { at: Duration, may_cut: bool },
}

#[derive(Debug, Clone, Copy)]
struct Token {
    generation: u64,
    fresh: bool,
}

/// The link machine.
#[derive(Debug)]
pub struct Link {
    token: Option<Token>,
    identified: bool,
    live: Option<Connection>,
    next: Option<Connection>,
    /// Why another connection is to take the place of the live one.
    planned: Option<Trouble>,
    rest: Rest,
    epoch: u64,
    begun_at: Option<Duration>,
    /// `Retry-After` of an attempt as a whole, and of the subscription alone: nothing cuts them short.
    held_until: Option<Duration>,
    subscribe_held_until: Option<Duration>,
    failures: u32,
    blocks: u32,
    refusal: Option<Refusal>,
    evictions: u32,
    evicted_at: Option<Duration>,
    /// The token has not been used for so long that Genesys may have ended it.
    quiet: bool,
    was_up: bool,
    trouble: Option<Trouble>,
    shown: LinkState,
    since: Millis,
}

impl Default for Link {
    fn default() -> Self {
        Self {
            token: None,
            identified: false,
            live: None,
            next: None,
            planned: None,
            rest: Rest::Idle,
            epoch: 0,
            begun_at: None,
            held_until: None,
            subscribe_held_until: None,
            failures: 0,
            blocks: 0,
            refusal: None,
            evictions: 0,
            evicted_at: None,
            quiet: false,
            was_up: false,
            trouble: None,
            shown: LinkState::Closed,
            since: 0,
        }
    }
}

impl Link {
    /// Subscribed, with an open socket.
    #[must_use]
    pub fn live(&self) -> bool {
        self.live.is_some()
    }

    /// The last sign of life of the connection that hears, where there is one.
    #[must_use]
    pub fn heard_at(&self, now: Duration) -> Option<Duration> {
        self.live.as_ref().map(|live| live.heard_at(now))
    }

    /// The connection that counts: the live one, or the one on its way to be.
    #[must_use]
    pub fn epoch(&self) -> Option<u64> {
        self.live.as_ref().or(self.next.as_ref()).map(|connection| connection.epoch)
    }

    /// Whether the frames of this connection count: of two in a hand-over, both do.
    #[must_use]
    pub fn hears(&self, epoch: u64) -> bool {
        self.connections().any(|connection| connection.epoch == epoch)
    }

    /// How many sockets are open or being opened: two at most, and only in a hand-over.
    #[must_use]
    pub fn sockets(&self) -> usize {
        self.connections().filter(|connection| connection.dialled()).count()
    }

    /// The indicator. Whether the feed has caught up is the feed's to say.
    #[must_use]
    pub fn view(&self, now: Moment) -> LinkView {
        let next = match (&self.next, self.rest) {
            (Some(connection), _) => connection.resubscribe_at,
            (None, Rest::Until { at, .. }) => Some(at),
            (None, Rest::Token { until }) => until,
            (None, Rest::Idle | Rest::SignInNeeded) => None,
        };
        LinkView {
            state: self.shown,
            since: self.since,
            trouble: self.trouble.clone(),
            next_try_at: next.map(|at| now.wall_at(at)),
            attempt: self.failures,
            caught_up: false,
        }
    }

    /// The moment of the next needed [`Input::Tick`].
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        let rest = match self.rest {
            Rest::Until { at, .. } if self.next.is_none() => Some(at),
            Rest::Until { .. } | Rest::Idle | Rest::Token { .. } | Rest::SignInNeeded => None,
        };
        self.connections().map(|connection| connection.deadline(self.planned.is_some())).chain(rest).min()
    }

    /// One step.
    pub fn handle(&mut self, input: Input, now: Moment) -> Vec<Output> {
        let mut out = Vec::new();
        self.step(input, now, &mut out);
        let state = self.state();
        if state != self.shown {
            self.shown = state;
            self.since = now.wall;
        }
        out
    }

    fn step(&mut self, input: Input, now: Moment, out: &mut Vec<Output>) {
        match input {
            Input::Token { generation, proved, fresh } => self.token(generation, proved, fresh, now, out),
            Input::TokenWaiting { trouble, until } => {
                if self.next.is_none() && (self.live.is_none() || matches!(self.rest, Rest::Token { .. })) {
                    self.trouble = Some(trouble);
                    self.rest = Rest::Token { until };
                }
            }
            Input::TokenDead { generation } => self.token_dead(generation),
            Input::TokenLost(trouble) => {
                self.token = None;
                self.trouble = Some(trouble);
                // A socket that still hears is kept: it may ring yet. Anything less cannot get further without a token.
                self.abandon(out);
                self.rest = Rest::SignInNeeded;
            }
            Input::SignedOut => {
                self.trouble = Some(Trouble::passing("signed.out", "You signed out."));
                self.abandon(out);
                out.extend(self.live.take().map(|live| Output::Drop { epoch: live.epoch }));
                let Self { epoch, begun_at, shown, since, .. } = *self;
                *self = Self { epoch, begun_at, shown, since, ..Self::default() };
            }
            Input::OtherPerson { epoch } => self.other_person(epoch, now, out),
            Input::Identified { epoch, result } => {
                if self.at(epoch, |stage| stage == Stage::Identifying) {
                    match result {
                        Ok(()) => {
                            self.identified = true;
                            self.accepted(epoch, out);
                            self.create(out);
                        }
                        Err(error) => self.fail(epoch, &Signal::Rest { call: Call::Me, error }, now, out),
                    }
                }
            }
            Input::ChannelCreated { epoch, result } => {
                if self.at(epoch, |stage| stage == Stage::Creating) {
                    match result {
                        Ok(expires) => self.open(expires, now, out),
                        Err(error) => self.fail(epoch, &Signal::Rest { call: Call::CreateChannel, error }, now, out),
                    }
                }
            }
            Input::Subscribed { epoch, result } => self.subscribed(epoch, result, now, out),
            Input::Expiry { epoch, result } => self.expiry(epoch, result, now, out),
            Input::Compared { epoch } => {
                if self.at(epoch, |stage| matches!(stage, Stage::Comparing { .. })) {
                    self.promote(now, out);
                }
            }
            Input::Opened { epoch } => {
                if self.at(epoch, |stage| matches!(stage, Stage::Opening { .. }))
                    && let Some(connection) = &mut self.next
                {
                    connection.liveness = Some(Liveness::opened(now));
                    self.watch(epoch, now, out);
                    self.up_if_complete(now, out);
                }
            }
            Input::NotOpened { epoch, error } => {
                if self.at(epoch, |stage| matches!(stage, Stage::Opening { .. })) {
                    self.fail(epoch, &Signal::Upgrade(error), now, out);
                }
            }
            Input::Heard { epoch, heard } => {
                if self.hears(epoch) {
                    self.heard(epoch, heard, now, out);
                }
            }
            Input::Ended { epoch, end } => {
                if self.hears(epoch) {
                    let signal = match end {
                        End::Closed { code, reason } => Signal::Closed { code, reason },
                        End::Broken(kind) => {
                            Signal::Upgrade(DialError::Transport(TransportError { kind, detail: String::new() }))
                        }
                    };
                    self.fail(epoch, &signal, now, out);
                }
            }
            Input::Deaf => {
                if let Some(epoch) = self.live.as_ref().map(|live| live.epoch) {
                    self.fail(epoch, &Signal::Deaf, now, out);
                }
            }
            Input::Quiet(quiet) => self.quiet = quiet,
            Input::ReconnectNow if self.live.is_none() && self.next.is_some() => {
                if let Some(connection) = self.next.take() {
                    out.push(Output::Drop { epoch: connection.epoch });
                }
                self.begin(now, out);
            }
            Input::ReconnectNow | Input::Woke => {
                for epoch in self.epochs() {
                    self.doubt(epoch, now, out);
                }
                if self.next.is_none() && matches!(self.rest, Rest::Until { may_cut: true, .. }) {
                    self.begin(now, out);
                }
            }
            Input::Tick => self.tick(now, out),
        }
    }

    fn heard(&mut self, epoch: u64, heard: Heard, now: Moment, out: &mut Vec<Output>) {
        let Some(connection) = self.get(epoch) else { return };
        // An eviction happened before its word came: what was published between is lost.
        if let Some(liveness) = connection.liveness.as_mut().filter(|_| heard != Heard::Evicted) {
            liveness.heard(now, heard == Heard::Pong);
        }
        match heard {
            Heard::Closing => {
                connection.closing = true;
                self.follow_up(now, out);
            }
            Heard::Evicted => self.fail(epoch, &Signal::Evicted, now, out),
            Heard::Revoked => self.fail(epoch, &Signal::TokenRevoked, now, out),
            Heard::InBand(result) if result >= 300 => self.fail(epoch, &Signal::InBand(result), now, out),
            Heard::Frame | Heard::Pong | Heard::InBand(_) => {}
        }
        self.overlap(now, out);
    }

    /// The socket must prove itself soon.
    fn doubt(&mut self, epoch: u64, now: Moment, out: &mut Vec<Output>) {
        if let Some(liveness) = self.get(epoch).and_then(|connection| connection.liveness.as_mut()) {
            liveness.doubt(now.mono);
            self.watch(epoch, now, out);
        }
    }

    fn watch(&mut self, epoch: u64, now: Moment, out: &mut Vec<Output>) {
        let Some(liveness) = self.get(epoch).and_then(|connection| connection.liveness.as_mut()) else { return };
        match liveness.watch(now.mono) {
            Watch::Quiet => {}
            Watch::Ping => out.push(Output::Ping { epoch }),
            Watch::Dead => self.fail(epoch, &Signal::Silence, now, out),
        }
    }

    fn tick(&mut self, now: Moment, out: &mut Vec<Output>) {
        for epoch in self.epochs() {
            self.watch(epoch, now, out);
        }
        self.overlap(now, out);
        if self.next.is_none()
            && let Rest::Until { at, .. } = self.rest
            && now.mono >= at
        {
            self.begin(now, out);
        }
        self.tick_opening(now, out);
        self.tick_live(now, out);
    }

    fn connections(&self) -> impl Iterator<Item = &Connection> {
        self.live.iter().chain(&self.next)
    }

    fn epochs(&self) -> Vec<u64> {
        self.connections().map(|connection| connection.epoch).collect()
    }

    fn get(&mut self, epoch: u64) -> Option<&mut Connection> {
        self.live.iter_mut().chain(&mut self.next).find(|connection| connection.epoch == epoch)
    }

    /// Whether this connection is there, at such a stage.
    fn at(&self, epoch: u64, stage: impl Fn(Stage) -> bool) -> bool {
        self.connections().any(|connection| connection.epoch == epoch && stage(connection.stage))
    }

    fn state(&self) -> LinkState {
        match (&self.live, &self.next, self.rest) {
            (_, _, Rest::SignInNeeded) => LinkState::SignInNeeded,
            (Some(_), _, _) => LinkState::Connected,
            (None, None, Rest::Idle) => LinkState::Closed,
            _ if self.blocks > 0 => LinkState::Blocked,
            _ if self.trouble.as_ref().is_some_and(|trouble| trouble.code == trouble::OFFLINE) => LinkState::Offline,
            _ if self.was_up => LinkState::Reconnecting,
            _ => LinkState::Connecting,
        }
    }
}
