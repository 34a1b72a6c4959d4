//! What did we hear, and what did we miss? A pure machine: Genesys replays nothing, so hearing is list-then-watch.
//!
//! The moment the link doubts, a gap opens at the last verified instant. When the link is up again, the truth is
//! re-listed: conversations, the agent, and one by one the conversations that were known and are not listed. What is
//! found goes to the desk as *recovered*; an alerting offer rings from whichever source tells of it first. A second look
//! a little later catches a subscription that became active late, and settles the gap.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use earshot_genesys::wire;

use crate::limits::{AUDIT_EVERY, AUDIT_GRACE};
use crate::moment::Moment;
use crate::record::Owed;
use crate::snapshot::{Medium, Millis};
use crate::trouble;

mod absence;
mod closing;
mod echo;
pub(crate) mod essence;
mod gap;
mod io;
mod live;
mod look;
mod lookback;
mod merge;
mod ordered;
mod past;
mod recover;
mod relist;
#[cfg(test)]
mod tests;
mod told;

use absence::Absence;
use closing::settle;
use echo::Echo;
use gap::Gap;
pub use io::{Input, Output};
use look::{Half, Look, Purpose};
use lookback::LookBack;
pub use lookback::{PAGE, Question, Whose};
use ordered::Ordered;
use recover::Recover;
pub use recover::{Hidden, Reading, Said};

/// The feed machine.
#[derive(Debug, Default)]
pub struct Feed {
    me: Option<String>,
    looks: u64,
    look: Option<Look>,
    next_look: Option<(Duration, Purpose)>,
    /// A hand-over waits for a comparison: for which connection, and whether it is under way.
    compare: Option<u64>,
    comparing: Option<u64>,
    /// When the agent is to be looked at beside all that.
    agent_due: Option<Duration>,
    /// `Retry-After` of the reads: nothing cuts it short.
    held_until: Option<Duration>,
    gap: Option<Gap>,
    lookback: LookBack,
    /// Gaps of which nothing more is expected, but for what the desk makes of the last that was found.
    settling: Vec<Gap>,
    up: bool,
    been_up: bool,
    /// The truth has been listed since the link came up: the first time too, when there is no gap to close.
    relisted: bool,
    evicted: bool,
    on_queue: bool,
    routing: Option<String>,
    absence: Absence,
    echo: Echo,
    ordered: Ordered,
    recover: Recover,
    /// An earlier run's, until the first sign-in.
    owed: Option<Owed>,
    /// Conversations that an earlier run knew as going on, until the first re-list.
    known_before: Vec<(String, Medium)>,
    heard_during_look: BTreeSet<String>,
    /// Offers that only a comparison knew of, and until when their event may come.
    unheard: BTreeMap<String, Duration>,
    /// Genesys' own counts differ from the desk's: compared once more then, since events come in no order.
    compare_at: Option<Duration>,
    /// Nobody is signed in so that questions would be answered.
    no_token: bool,
    /// Signed out: what still comes is nobody's.
    signed_out: bool,
    /// When list and socket last agreed, by the wall clock; and the same from the moment the socket is found deaf.
    agreed_at: Option<Millis>,
    deaf_since: Option<Millis>,
    unreadable: Option<(u64, String)>,
    hampered: bool,
    looked: Option<Purpose>,
}

impl Feed {
    /// A feed that owes the time since an earlier run.
    #[must_use]
    pub fn new(owed: Option<Owed>) -> Self {
        Self { owed, ..Self::default() }
    }

    /// What happened while we could not hear has been looked up.
    #[must_use]
    pub fn caught_up(&self) -> bool {
        self.up && self.relisted
    }

    /// The moment of the next needed [`Input::Tick`].
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        let look = match &self.look {
            Some(look) => look.list.due_at().into_iter().chain(look.me.due_at()).min(),
            None => self.next_look.map(|(at, _)| at),
        };
        let agent = self.agent_due.filter(|_| self.look.is_none());
        let absence = self.absence.deadline().filter(|_| self.asking());
        let lookback = self.lookback.deadline().filter(|_| self.up);
        let reading = self.recover.deadline().filter(|_| self.up);
        let asking = [look, agent, absence, lookback, reading].into_iter().flatten().filter(|_| !self.no_token).min();
        let asking = asking.map(|at| self.held_until.map_or(at, |held| held.max(at)));
        [asking, self.unheard.values().min().copied(), self.compare_at, self.ordered.deadline()]
            .into_iter()
            .flatten()
            .min()
    }

    /// One step.
    pub fn handle(&mut self, input: Input, now: Moment) -> Vec<Output> {
        let mut out = Vec::new();
        match input {
            // What this means for our hearing is said next, in the same step. Until then there is nothing to ask.
            Input::Joins { epoch } => {
                self.echo.joins(epoch);
                return out;
            }
            Input::Leaves { epoch } => {
                self.echo.leaves(epoch);
                return out;
            }
            Input::Lost { verified, trouble, evicted } => self.lost(verified, trouble, evicted, now, &mut out),
            Input::Up => {
                self.up = true;
                self.signed_out = false;
                self.relisted = false;
                self.evicted = false;
                self.deaf_since = None;
                self.unheard.clear();
                // Whatever is being looked at, it was begun while nobody listened.
                self.look = None;
                self.looked = None;
                (self.compare, self.comparing) = (None, None);
                // Nobody's conversations can be listed without a user.
                if !std::mem::replace(&mut self.been_up, true) && self.me.is_none() && self.recover.is_thorough() {
                    self.gap.get_or_insert_with(|| gap::Gap::young(now.wall));
                }
                self.look(Purpose::Gap, now);
                self.ordered.hold(now.mono);
                self.recover.begin(self.me.as_deref(), &self.ordered, now.mono);
            }
            Input::SignedOut => {
                *self = Self { looks: self.looks, signed_out: true, ..Self::default() };
                out.push(Output::Deafness(None));
                out.push(Output::Hampered(None));
            }
            Input::Compare { epoch } => self.compare = Some(epoch),
            Input::Doubt { since } => self.doubt(since, &mut out),
            Input::Topic { epoch, topic, body } => self.topic(epoch, &topic, body, now, &mut out),
            Input::Unreadable { fingerprint } => self.unreadable(fingerprint),
            Input::Listed { look, result, mut known } => {
                known.append(&mut self.known_before);
                self.listed(look, result, &known, now, &mut out);
            }
            Input::MeRead { look, result } => self.me_read(look, result, now, &mut out),
            Input::LookedUp { conversation, medium: _, result } => {
                self.looked_up(&conversation, result, now, &mut out);
            }
            Input::Topics { topics, thorough } => {
                self.recover.watch(&topics, thorough);
                let settled = self.lookback.watch(self.recover.whose());
                self.settle_later(settled, &mut out);
            }
            Input::Said { look, said } => self.said(look, &said, &mut out),
            Input::Read { ask, reading, result } => self.read(ask, &reading, result, now, &mut out),
            Input::LookedBack { ask, result } => self.looked_back(ask, result, now, &mut out),
            Input::FoundPast { gap: from, recovered, missed } => {
                let settling = self.settling.iter_mut().find(|gap| gap.from() == from);
                if let Some(gap) = settling.or_else(|| self.lookback.gap(from)) {
                    gap.recovered += recovered;
                    gap.missed += missed;
                }
            }
            Input::Settle => {
                for gap in std::mem::take(&mut self.settling) {
                    settle(gap, now, &mut out);
                }
            }
            Input::Reread { conversation, medium } => self.absence.doubt(&conversation, medium, now.mono),
            // Without a user there is nobody to look at.
            Input::RereadAgent => self.agent_due = self.me.is_some().then_some(now.mono),
            Input::Found { recovered, missed } => {
                if let Some(gap) = &mut self.gap {
                    gap.recovered += recovered;
                    gap.missed += missed;
                }
            }
            Input::OnQueue(on) => {
                if on && !self.on_queue && self.up && self.look.is_none() && self.next_look.is_none() {
                    self.next_look = Some((now.mono + AUDIT_EVERY, Purpose::Audit));
                }
                self.on_queue = on;
            }
            Input::Woke => {
                if let Some(look) = &mut self.look {
                    look.list.hurry(now);
                    look.me.hurry(now);
                } else if self.up {
                    let purpose = self.next_look.map_or(Purpose::Audit, |(_, purpose)| purpose);
                    self.next_look = Some((now.mono, purpose));
                }
            }
            Input::Disagreement => {
                self.compare_at.get_or_insert(now.mono + AUDIT_GRACE);
            }
            Input::StillDisagreement => {
                if self.up && self.next_look.is_none_or(|(_, purpose)| purpose == Purpose::Audit) {
                    self.next_look = Some((now.mono, Purpose::Audit));
                }
            }
            Input::Token(usable) => {
                self.no_token = !usable;
                self.signed_out &= !usable;
                if usable && let Some(owed) = self.owed.take() {
                    self.known_before = owed.known;
                    self.lost(owed.from, trouble::not_running(), false, now, &mut out);
                }
            }
            Input::Looked => self.conclude(now, &mut out),
            Input::Tick => {}
        }
        self.due(now, &mut out);
        self.finish(&mut out);
        self.ordered.due(now.mono, &mut out);
        out
    }

    /// The agent's id, from the first answer of `users/me`.
    pub fn identify(&mut self, me: &wire::Me) {
        self.me = Some(me.id.clone());
        self.lookback.permitted_again();
        self.routing = me.routing_status.as_ref().and_then(|routing| routing.status.clone());
    }

    fn look(&mut self, purpose: Purpose, now: Moment) {
        if self.look.is_some() {
            return;
        }
        // These come between others, and take the place of none.
        if !matches!(purpose, Purpose::Agent | Purpose::HandOver) {
            self.next_look = None;
        }
        // Without a user there is nobody whose conversations could be listed.
        let user = self.me.is_some();
        self.looks += 1;
        self.look = Some(Look {
            id: self.looks,
            purpose,
            begun_at: now.wall,
            list_asked: now.mono,
            me_asked: now.mono,
            list: Half::wanted(purpose != Purpose::Agent && user, now),
            me: Half::wanted(purpose != Purpose::Evicted && user, now),
            lookups: BTreeSet::new(),
        });
    }

    fn ask(&mut self, now: Moment, out: &mut Vec<Output>) {
        let Some(look) = &mut self.look else { return };
        if look.list.ask(now) {
            look.begun_at = now.wall;
            look.list_asked = now.mono;
            self.heard_during_look.clear();
            out.push(Output::List { look: look.id });
        }
        if look.me.ask(now) {
            look.me_asked = now.mono;
            self.agent_due = None;
            out.push(Output::ReadMe { look: look.id });
        }
    }

    /// Conversations are looked up: otherwise what is in doubt waits for the re-list.
    fn asking(&self) -> bool {
        self.up || self.evicted
    }

    fn due(&mut self, now: Moment, out: &mut Vec<Output>) {
        if self.unheard.values().any(|until| *until <= now.mono) {
            self.unheard.clear();
            self.deaf_since = self.agreed_at;
            out.push(Output::Deaf);
        }
        if self.compare_at.take_if(|at| *at <= now.mono).is_some() {
            out.push(Output::Compare);
        }
        if self.no_token || self.held_until.is_some_and(|held| held > now.mono) {
            return;
        }
        if let Some((_, purpose)) = self.next_look.filter(|(at, _)| *at <= now.mono)
            && self.look.is_none()
        {
            let wanted = match purpose {
                Purpose::Audit => self.up && self.on_queue,
                Purpose::Evicted => self.evicted && !self.up,
                Purpose::Gap | Purpose::Second | Purpose::HandOver | Purpose::Agent => self.up,
            };
            if wanted {
                self.look(purpose, now);
            } else {
                self.next_look = None;
            }
            if wanted && purpose == Purpose::Second {
                self.recover.begin(self.me.as_deref(), &self.ordered, now.mono);
            }
        }
        if self.look.is_none()
            && self.up
            && let Some(epoch) = self.compare.take()
        {
            self.comparing = Some(epoch);
            self.look(Purpose::HandOver, now);
        }
        if self.agent_due.is_some_and(|at| at <= now.mono) {
            self.look(Purpose::Agent, now);
        }
        self.ask(now, out);
        if self.up {
            let due = self.recover.due(now.mono).into_iter();
            out.extend(due.map(|(ask, reading)| Output::Read { ask, reading }));
        }
        if self.up
            && let Some(question) = self.lookback.due(now)
        {
            out.push(Output::LookBack(question));
        }
        if self.asking() {
            for (conversation, medium) in self.absence.due(now.mono) {
                out.push(Output::LookUp { conversation, medium });
            }
        }
    }
}
