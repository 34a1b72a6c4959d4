//! One series: the machine, the model and the witness, in virtual time.

use std::time::Duration;

use earshot_engine::desk::io::Command;
use earshot_engine::limits::RETRY_AFTER_FLOOR;
use earshot_engine::machine::{Effect, Input, Machine};
use earshot_engine::moment::Moment;
use earshot_engine::snapshot::Snapshot;
use earshot_genesys::error::ApiError;
use earshot_genesys::transport::{DialError, Frame};

use crate::centre::{At, Shows, State, WALL, Why};
use crate::cloud::{Arrival, Cloud, What, renewal};
use crate::junk;
use crate::steps::{About, Call, Fate, Junk, Sockets, Step};
use crate::witness::{Broken, Witness};

mod doing;
mod judgement;

/// What one series, or many, came to.
#[derive(Debug, Default, Clone, Copy)]
pub struct Tally {
    /// Offers for which the machine has to answer.
    pub offered: u64,
    /// Told by the socket.
    pub live: u64,
    /// Told by a re-list.
    pub recovered: u64,
    /// Told as missed.
    pub missed: u64,
    /// Dealt with elsewhere before Earshot was shown them.
    pub elsewhere: u64,
    /// Came and went inside a gap that is on record, where Genesys lets nobody see them.
    pub unseen: u64,
    /// Steps of the machine.
    pub steps: u64,
}

impl Tally {
    /// Adds another one.
    pub fn add(&mut self, other: Self) {
        self.offered += other.offered;
        self.live += other.live;
        self.recovered += other.recovered;
        self.missed += other.missed;
        self.elsewhere += other.elsewhere;
        self.unseen += other.unseen;
        self.steps += other.steps;
    }
}

const MS: Duration = Duration::from_millis(1);

/// The machine in its world.
pub struct Run {
    machine: Machine,
    cloud: Cloud,
    witness: Witness,
    /// How much of the true time the monotonic clock has slept through.
    slept: Duration,
    asleep: Option<(At, Sockets)>,
    steps: u64,
    idle: u32,
    /// The sign-in cannot be renewed by itself: a person has to come.
    mortal: bool,
    /// Everything is printed: EARSHOT_TRACE is set.
    traced: bool,
}

impl Run {
    /// Signed in, at the beginning.
    pub fn new(seed: u64, about: About) -> Result<Self, String> {
        let mut run = Self {
            machine: Machine::default(),
            cloud: Cloud::new(seed),
            witness: Witness::default(),
            slept: Duration::ZERO,
            asleep: None,
            steps: 0,
            idle: 0,
            mortal: false,
            traced: std::env::var_os("EARSHOT_TRACE").is_some(),
        };
        // Where pings are not answered, a heartbeat proves a new socket: that may come later than the announced end of the old.
        run.cloud.answers_pings |= about == About::Planned;
        run.sign_in(1, 3_600)?;
        Ok(run)
    }

    fn mono(&self) -> Duration {
        self.cloud.now.saturating_sub(self.slept)
    }

    fn moment(&mut self) -> Moment {
        let wall = WALL + i64::try_from(self.cloud.now.as_millis()).unwrap_or(i64::MAX);
        Moment { mono: self.mono(), wall, dice: self.cloud.chance.next() }
    }

    /// What the machine shows.
    pub fn snapshot(&mut self) -> Snapshot {
        let now = self.moment();
        self.machine.snapshot(1, now)
    }

    fn give(&mut self, input: Input) -> Result<bool, String> {
        self.give_with_token(input, None)
    }

    fn give_with_token(&mut self, input: Input, token: Option<usize>) -> Result<bool, String> {
        self.steps += 1;
        let now = self.moment();
        let before = self.machine.generation();
        if self.traced {
            eprintln!("{:?} <- {input:?}", now.mono);
        }
        let effects = self.machine.handle(input, now);
        if self.traced {
            for effect in &effects {
                eprintln!("{:?} -> {effect:?}", now.mono);
            }
        }
        let generation = self.machine.generation();
        if let Some(token) = token.filter(|_| generation > before) {
            self.cloud.name(generation, token);
        }
        let any = !effects.is_empty();
        let mono = self.mono();
        let dropped = effects.iter().any(|effect| matches!(effect, Effect::Drop { .. }));
        for effect in effects {
            self.witness.effect(&effect, &self.cloud, mono, Some(generation))?;
            self.cloud.perform(effect);
        }
        if dropped {
            self.witness.look_is_void();
        }
        Ok(any)
    }

    fn sign_in(&mut self, kind: u8, life: u64) -> Broken {
        self.cloud.lifetime = Duration::from_secs(life);
        self.cloud.credential = true;
        self.mortal = kind == 0;
        let token = self.cloud.issue();
        let mono = self.mono();
        self.witness.begins_anew(false, self.cloud.now, mono);
        let input = Input::SignedIn { renewal: renewal(kind), secrets: 1, lifetime: self.cloud.lifetime };
        self.give_with_token(input, Some(token))?;
        Ok(())
    }

    fn sign_out(&mut self) -> Broken {
        let mono = self.mono();
        let now = self.cloud.now;
        self.give(Input::SignedOut)?;
        self.witness.begins_anew(true, now, mono);
        Ok(())
    }

    /// Time passes, and what is on the agenda happens.
    pub fn pass(&mut self, span: Duration) -> Broken {
        let end = self.cloud.now + span;
        loop {
            let planned = self.cloud.agenda.first_key_value().map(|((at, _), _)| *at);
            let due = self.machine.deadline().map(|at| at + self.slept).filter(|_| self.asleep.is_none());
            let next = [planned, due].into_iter().flatten().min().unwrap_or(end).max(self.cloud.now);
            if next > end {
                self.cloud.now = end;
                return self.look();
            }
            if next > self.cloud.now {
                self.idle = 0;
            }
            self.cloud.now = next;
            if planned == Some(next) || planned.is_some_and(|at| at <= next) {
                if let Some((_, what)) = self.cloud.agenda.pop_first() {
                    self.happens(what)?;
                }
            } else {
                self.tick()?;
            }
            self.look()?;
        }
    }

    fn look(&self) -> Broken {
        // The driver looks at the clocks when it is awake, and so does the witness.
        if self.asleep.is_none() { self.witness.time(self.mono()) } else { Ok(()) }
    }

    fn tick(&mut self) -> Broken {
        let any = self.give(Input::Tick)?;
        let mono = self.mono();
        let due = self.machine.deadline().is_some_and(|at| at <= mono);
        self.idle += 1;
        if due && (!any || self.idle > 20) {
            return Err(format!("10: stalls at {mono:?}: due again, and {}", if any { "busy" } else { "idle" }));
        }
        Ok(())
    }

    fn happens(&mut self, what: What) -> Broken {
        match what {
            What::Arrive(arrival) => match self.asleep {
                Some((wakes, sockets)) => {
                    let on_socket = matches!(arrival, Arrival::Frame { .. } | Arrival::Ended { .. });
                    if !on_socket || matches!(sockets, Sockets::Stay) {
                        self.cloud.plan(wakes.saturating_sub(self.cloud.now) + MS, What::Arrive(arrival));
                    }
                    Ok(())
                }
                None => self.arrives(arrival),
            },
            what => {
                self.cloud.happens(what);
                Ok(())
            }
        }
    }

    fn arrives(&mut self, arrival: Arrival) -> Broken {
        let mono = self.mono();
        match arrival {
            Arrival::Answer(input, shows) => self.answered(input, &shows, mono)?,
            Arrival::Renewed { attempt, token } => {
                // As the driver: the result of a renewal that nobody awaits is forgotten.
                if self.machine.awaits_renewal(attempt) {
                    self.witness.renewal_ended(true);
                    let lifetime = self.cloud.lifetime;
                    self.give_with_token(Input::Renewed { attempt, lifetime }, Some(token))?;
                }
            }
            Arrival::Frame { epoch, frame, shows } => {
                if !self.witness.listens_to(epoch) {
                    return Ok(());
                }
                let pong = matches!(&frame, Frame::Text(text) if text.contains(r#""pong""#));
                self.witness.frame(epoch, mono, pong);
                if matches!(&frame, Frame::Text(text) if text.contains("token_revoked")) {
                    self.witness.revoked();
                }
                self.give(Input::Frame { epoch, frame })?;
                self.witness.shown(&shows, true)?;
            }
            Arrival::Ended { epoch, end } => {
                if self.witness.listens_to(epoch) {
                    self.give(Input::Ended { epoch, end })?;
                }
            }
        }
        Ok(())
    }

    fn answered(&mut self, input: Input, shows: &Shows, mono: Duration) -> Broken {
        let mut counts = false;
        match &input {
            Input::Opened { epoch } => self.witness.opened(*epoch, mono),
            Input::Listed { look, result, .. } => counts = result.is_ok() && self.witness.awaits(*look),
            Input::Checked { check, .. } => self.witness.checked(*check),
            Input::RenewFailed { attempt, .. } | Input::Reread { attempt, .. } => {
                if !self.machine.awaits_renewal(*attempt) {
                    return Ok(());
                }
                self.witness.renewal_ended(false);
            }
            _ => {}
        }
        // A connection or a look that was given up meanwhile has nobody who would wait.
        if let Some((call, wait)) = self.limited(&input) {
            self.witness.limited(call, mono + wait.max(RETRY_AFTER_FLOOR));
        }
        self.give(input)?;
        self.witness.shown(shows, counts)
    }

    /// Which kind of request is to wait now, and how long.
    fn limited(&self, input: &Input) -> Option<(Call, Duration)> {
        let (call, error) = match input {
            Input::Identified { epoch, result: Err(error) } => (self.of(*epoch, Call::Identify)?, error),
            Input::ChannelCreated { epoch, result: Err(error) } => (self.of(*epoch, Call::Channel)?, error),
            Input::Subscribed { epoch, result: Err(error) } => (self.of(*epoch, Call::Subscribe)?, error),
            Input::NotOpened { epoch, error: DialError::Refused { retry_after, .. } } => {
                return Some((self.of(*epoch, Call::Dial)?, (*retry_after)?));
            }
            Input::Listed { look, result: Err(error), .. } if self.witness.awaits(*look) => (Call::List, error),
            Input::RenewFailed { error, .. } => (Call::Renew, error),
            Input::Checked { generation, retry_after, .. } if *generation == self.machine.generation() => {
                return Some((Call::Check, (*retry_after)?));
            }
            _ => return None,
        };
        match error {
            ApiError::Status(status) => Some((call, status.retry_after?)),
            _ => None,
        }
    }

    fn of(&self, epoch: u64, call: Call) -> Option<Call> {
        self.witness.listens_to(epoch).then_some(call)
    }
}
