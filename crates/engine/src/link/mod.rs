//! Can we hear? A pure machine over channel, subscription, socket, liveness and back-off.
//!
//! A connection goes: (who are we) -> channel -> subscription beside socket -> live. Whatever fails becomes a
//! [`Signal`], the failure table gives the verdict, and this machine carries it out. It owns one connection today; the
//! hand-over will add a second beside it, for which each connection has its own epoch, stage and liveness.

use std::time::Duration;

use earshot_genesys::error::ApiError;
use earshot_genesys::transport::{DialError, TransportError, TransportKind};

use crate::backoff::{self, Spread};
use crate::limits::{ATTEMPT_FLOOR, ATTEMPT_LIMIT, CHANNEL_LIFETIME, EXTEND_RETRY, STABLE_AFTER};
use crate::moment::Moment;
use crate::snapshot::{LinkState, LinkView, Millis, Trouble};
use crate::trouble;
use crate::verdict::{Call, Memory, Signal, Verdict, verdict};

mod connection;
mod io;
mod liveness;
mod setback;
#[cfg(test)]
mod tests;

use connection::{Connection, Stage};
pub use io::{End, Heard, Input, Output};
use liveness::{Liveness, Watch};
use setback::Refusal;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// Nobody is signed in.
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
    connection: Option<Connection>,
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
    hearing: bool,
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
            connection: None,
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
            hearing: false,
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
        self.connection.as_ref().is_some_and(Connection::live)
    }

    /// The connection whose frames count; `None` while there is none.
    #[must_use]
    pub fn epoch(&self) -> Option<u64> {
        self.connection.as_ref().map(|connection| connection.epoch)
    }

    /// The indicator. Whether the feed has caught up is the feed's to say.
    #[must_use]
    pub fn view(&self, now: Moment) -> LinkView {
        let next = match (&self.connection, self.rest) {
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
        let Some(connection) = &self.connection else {
            return match self.rest {
                Rest::Until { at, .. } => Some(at),
                Rest::Idle | Rest::Token { .. } | Rest::SignInNeeded => None,
            };
        };
        let stage = match connection.stage {
            Stage::Live { stable_at, extend_at } => {
                let stable_at = stable_at.filter(|_| connection.leave_at.is_none());
                stable_at.map_or(extend_at, |at| at.min(extend_at))
            }
            _ if connection.resubscribe_at.is_some() => Duration::MAX,
            _ => connection.begun_at + ATTEMPT_LIMIT,
        };
        let alive = connection.liveness.map(|liveness| liveness.deadline());
        [Some(stage), alive, connection.resubscribe_at, connection.leave_at].into_iter().flatten().min()
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
                if self.connection.is_none() {
                    self.trouble = Some(trouble);
                    self.rest = Rest::Token { until };
                }
            }
            Input::TokenLost(trouble) => {
                self.token = None;
                self.trouble = Some(trouble);
                self.rest = Rest::SignInNeeded;
                // A socket that still hears is kept: it may ring yet. Anything less cannot get further without a token.
                if let Some(connection) = self.connection.take_if(|connection| !connection.live()) {
                    out.push(Output::Drop { epoch: connection.epoch });
                }
                if let Some(connection) = &mut self.connection {
                    connection.leave_at = None;
                }
            }
            Input::SignedOut => {
                if let Some(connection) = self.connection.take() {
                    out.push(Output::Drop { epoch: connection.epoch });
                }
                let Self { epoch, begun_at, shown, since, .. } = *self;
                *self = Self { epoch, begun_at, shown, since, ..Self::default() };
            }
            Input::Identified { epoch, result } => {
                if self.at(epoch, |stage| stage == Stage::Identifying) {
                    match result {
                        Ok(()) => {
                            self.identified = true;
                            self.accepted(out);
                            self.create(out);
                        }
                        Err(error) => self.fail(&Signal::Rest { call: Call::Me, error }, now, out),
                    }
                }
            }
            Input::ChannelCreated { epoch, result } => {
                if self.at(epoch, |stage| stage == Stage::Creating) {
                    match result {
                        Ok(expires) => self.open(expires, now, out),
                        Err(error) => self.fail(&Signal::Rest { call: Call::CreateChannel, error }, now, out),
                    }
                }
            }
            Input::Subscribed { epoch, result } => self.subscribed(epoch, result, now, out),
            Input::Opened { epoch } => {
                if self.at(epoch, |stage| matches!(stage, Stage::Opening { .. }))
                    && let Some(connection) = &mut self.connection
                {
                    connection.liveness = Some(Liveness::opened(now.mono));
                    self.watch(now, out);
                    self.up_if_complete(now, out);
                }
            }
            Input::NotOpened { epoch, error } => {
                if self.at(epoch, |stage| matches!(stage, Stage::Opening { .. })) {
                    self.fail(&Signal::Upgrade(error), now, out);
                }
            }
            Input::Heard { epoch, heard } => {
                if self.at(epoch, |_| true) {
                    self.heard(heard, now, out);
                }
            }
            Input::Ended { epoch, end } => {
                if self.at(epoch, |_| true) {
                    let signal = match end {
                        End::Closed { code, reason } => Signal::Closed { code, reason },
                        End::Broken(kind) => {
                            Signal::Upgrade(DialError::Transport(TransportError { kind, detail: String::new() }))
                        }
                    };
                    self.fail(&signal, now, out);
                }
            }
            Input::Deaf => {
                if self.live() {
                    self.fail(&Signal::Deaf, now, out);
                }
            }
            Input::ReconnectNow => match (&mut self.connection, self.rest) {
                (Some(connection), _) if connection.live() => self.doubt(now, out),
                (Some(_), _) => {
                    let cause = Trouble::passing("reconnect.asked", "Reconnecting because you asked for it.");
                    self.drop_connection(&cause, false, now, out);
                    self.begin(now, out);
                }
                (None, Rest::Until { may_cut: true, .. }) => self.begin(now, out),
                (None, _) => {}
            },
            Input::Woke => match (&self.connection, self.rest) {
                (Some(connection), _) if connection.open() => self.doubt(now, out),
                (None, Rest::Until { may_cut: true, .. }) => self.begin(now, out),
                _ => {}
            },
            Input::Tick => self.tick(now, out),
        }
    }

    fn token(&mut self, generation: u64, proved: bool, fresh: bool, now: Moment, out: &mut Vec<Output>) {
        self.token = Some(Token { generation, fresh });
        // A new sign-in may be somebody else's; a renewal is not.
        self.identified &= !fresh;
        if proved && let Some(refusal) = &mut self.refusal {
            refusal.proved = true;
        }
        match (&self.connection, self.rest) {
            (Some(connection), _) if connection.generation < generation => {
                self.plan(&Signal::TokenChanges, now, out);
            }
            (None, Rest::Until { .. }) if !fresh => {}
            (Some(_), _) => {}
            // A person has just signed in: what was waited for may be mended. `Retry-After` still holds.
            (None, Rest::Idle | Rest::SignInNeeded | Rest::Until { .. }) => {
                self.failures = 0;
                self.blocks = 0;
                self.refusal = None;
                self.begin(now, out);
            }
            (None, Rest::Token { .. }) => {
                let wait = backoff::delay(self.failures, Spread::Alone, now);
                self.begin_after(wait, true, now, out);
            }
        }
    }

    fn begin_after(&mut self, wait: Duration, may_cut: bool, now: Moment, out: &mut Vec<Output>) {
        if wait.is_zero() {
            self.begin(now, out);
        } else {
            self.rest = Rest::Until { at: now.mono + wait, may_cut };
        }
    }

    fn begin(&mut self, now: Moment, out: &mut Vec<Output>) {
        let Some(token) = self.token else {
            self.rest = Rest::SignInNeeded;
            return;
        };
        if let Some(at) = self.earliest().filter(|at| now.mono < *at) {
            self.rest = Rest::Until { at, may_cut: false };
            return;
        }
        self.epoch += 1;
        self.begun_at = Some(now.mono);
        self.rest = Rest::Idle;
        self.connection = Some(Connection {
            epoch: self.epoch,
            generation: token.generation,
            begun_at: now.mono,
            stage: Stage::Identifying,
            liveness: None,
            resubscribe_at: None,
            leave_at: None,
        });
        if self.identified {
            self.create(out);
        } else {
            out.push(Output::Identify { epoch: self.epoch, generation: token.generation });
        }
    }

    /// Before this no attempt begins, whatever the reason.
    fn earliest(&self) -> Option<Duration> {
        self.begun_at.map(|at| at + ATTEMPT_FLOOR).max(self.held_until)
    }

    fn create(&mut self, out: &mut Vec<Output>) {
        if let Some(connection) = &mut self.connection {
            connection.stage = Stage::Creating;
            out.push(Output::CreateChannel { epoch: connection.epoch, generation: connection.generation });
        }
    }

    fn open(&mut self, expires: Option<Millis>, now: Moment, out: &mut Vec<Output>) {
        self.accepted(out);
        if let Some(connection) = &mut self.connection {
            let left = expires.and_then(|at| u64::try_from(at - now.wall).ok()).map(Duration::from_millis);
            // No channel lives longer: a greater figure is a clock that is wrong.
            let ends_at = now.mono + left.map_or(CHANNEL_LIFETIME, |left| left.min(CHANNEL_LIFETIME));
            connection.stage = Stage::Opening { subscribed: false, ends_at };
            connection.resubscribe_at = self.subscribe_held_until.filter(|held| now.mono < *held);
            let Connection { epoch, generation, .. } = *connection;
            if connection.resubscribe_at.is_none() {
                out.push(Output::Subscribe { epoch, generation });
            }
            out.push(Output::Dial { epoch });
        }
    }

    fn subscribed(&mut self, epoch: u64, result: Result<bool, ApiError>, now: Moment, out: &mut Vec<Output>) {
        let Some(connection) = self.connection.as_mut().filter(|connection| connection.epoch == epoch) else { return };
        match (&mut connection.stage, result) {
            (Stage::Opening { subscribed, .. }, Ok(true)) => {
                *subscribed = true;
                connection.resubscribe_at = None;
                self.accepted(out);
                self.up_if_complete(now, out);
            }
            (Stage::Live { .. }, Ok(true)) => self.accepted(out),
            (Stage::Opening { .. } | Stage::Live { .. }, Ok(false)) => {
                self.fail(&Signal::EssentialTopicRejected, now, out);
            }
            (stage @ (Stage::Opening { .. } | Stage::Live { .. }), Err(error)) => {
                let signal = Signal::Rest { call: Call::Subscribe, error };
                match (verdict(&signal, Memory::default()), stage) {
                    // A wait for this kind of request does not hold up an open socket.
                    (Verdict::Wait(wait), Stage::Opening { .. }) => {
                        connection.resubscribe_at = Some(now.mono + wait);
                        self.subscribe_held_until = connection.resubscribe_at;
                        self.trouble = Some(trouble::of_signal(&signal));
                    }
                    (Verdict::Wait(wait), Stage::Live { extend_at, .. }) => {
                        *extend_at = now.mono + wait;
                        self.subscribe_held_until = Some(*extend_at);
                    }
                    (Verdict::Transient(_), Stage::Live { extend_at, .. }) => *extend_at = now.mono + EXTEND_RETRY,
                    _ => self.fail(&signal, now, out),
                }
            }
            (Stage::Identifying | Stage::Creating, _) => {}
        }
    }

    fn up_if_complete(&mut self, now: Moment, out: &mut Vec<Output>) {
        if let Some(connection) = &mut self.connection
            && let Stage::Opening { subscribed: true, ends_at } = connection.stage
            && connection.open()
        {
            let half_life = ends_at.saturating_sub(now.mono) / 2;
            connection.stage =
                Stage::Live { stable_at: Some(now.mono + STABLE_AFTER), extend_at: now.mono + half_life };
            self.hearing = true;
            self.was_up = true;
            out.push(Output::Up);
        }
    }

    fn heard(&mut self, heard: Heard, now: Moment, out: &mut Vec<Output>) {
        if let Some(liveness) = self.connection.as_mut().and_then(|connection| connection.liveness.as_mut()) {
            liveness.heard(now.mono, heard == Heard::Pong);
        }
        match heard {
            Heard::Closing => self.plan(&Signal::SocketClosing, now, out),
            Heard::Evicted => self.fail(&Signal::Evicted, now, out),
            Heard::Revoked => self.fail(&Signal::TokenRevoked, now, out),
            Heard::InBand(result) if result >= 300 => self.fail(&Signal::InBand(result), now, out),
            Heard::Frame | Heard::Pong | Heard::InBand(_) => {}
        }
    }

    /// The socket must prove itself soon.
    fn doubt(&mut self, now: Moment, out: &mut Vec<Output>) {
        if let Some(liveness) = self.connection.as_mut().and_then(|connection| connection.liveness.as_mut()) {
            liveness.doubt(now.mono);
            self.watch(now, out);
        }
    }

    fn watch(&mut self, now: Moment, out: &mut Vec<Output>) {
        let Some(connection) = &mut self.connection else { return };
        let Some(liveness) = &mut connection.liveness else { return };
        match liveness.watch(now.mono) {
            Watch::Quiet => {}
            Watch::Ping => out.push(Output::Ping { epoch: connection.epoch }),
            Watch::Dead => self.fail(&Signal::Silence, now, out),
        }
    }

    fn tick(&mut self, now: Moment, out: &mut Vec<Output>) {
        self.watch(now, out);
        self.leave(now, out);
        let Some(connection) = &mut self.connection else {
            if let Rest::Until { at, .. } = self.rest
                && now.mono >= at
            {
                self.begin(now, out);
            }
            return;
        };
        let Connection { epoch, generation, .. } = *connection;
        if connection.resubscribe_at.is_some_and(|at| now.mono >= at) {
            connection.resubscribe_at = None;
            connection.begun_at = now.mono;
            out.push(Output::Subscribe { epoch, generation });
        }
        match &mut connection.stage {
            Stage::Live { stable_at, extend_at } => {
                // One that is told to go has proved nothing by lasting.
                if connection.leave_at.is_none() && stable_at.is_some_and(|at| now.mono >= at) {
                    *stable_at = None;
                    self.failures = 0;
                    self.blocks = 0;
                    self.refusal = None;
                }
                if now.mono >= *extend_at {
                    *extend_at = now.mono + CHANNEL_LIFETIME / 2;
                    out.push(Output::Subscribe { epoch, generation });
                }
            }
            _ if connection.resubscribe_at.is_none() && now.mono >= connection.begun_at + ATTEMPT_LIMIT => {
                let stuck = TransportError { kind: TransportKind::Timeout, detail: String::new() };
                self.fail(&Signal::Upgrade(DialError::Transport(stuck)), now, out);
            }
            _ => {}
        }
    }

    fn drop_connection(&mut self, cause: &Trouble, evicted: bool, now: Moment, out: &mut Vec<Output>) {
        let Some(connection) = self.connection.take() else { return };
        out.push(Output::Drop { epoch: connection.epoch });
        if std::mem::take(&mut self.hearing) {
            let heard_at = connection.liveness.map_or(now.mono, |liveness| liveness.heard_at());
            out.push(Output::Lost { verified: now.wall_at(heard_at), trouble: cause.clone(), evicted });
        }
    }

    fn accepted(&mut self, out: &mut Vec<Output>) {
        if let (Some(token), Some(connection)) = (&mut self.token, &self.connection)
            && token.generation == connection.generation
        {
            token.fresh = false;
            out.push(Output::Accepted { generation: connection.generation });
        }
    }

    fn at(&self, epoch: u64, stage: impl Fn(Stage) -> bool) -> bool {
        self.connection.as_ref().is_some_and(|connection| connection.epoch == epoch && stage(connection.stage))
    }

    fn state(&self) -> LinkState {
        match (&self.connection, self.rest) {
            (_, Rest::SignInNeeded) => LinkState::SignInNeeded,
            (Some(connection), _) if connection.live() => LinkState::Connected,
            (None, Rest::Idle) => LinkState::Closed,
            _ if self.blocks > 0 => LinkState::Blocked,
            _ if self.trouble.as_ref().is_some_and(|trouble| trouble.code == trouble::OFFLINE) => LinkState::Offline,
            _ if self.was_up => LinkState::Reconnecting,
            _ => LinkState::Connecting,
        }
    }
}
