//! Session, link, feed and desk as one pure machine: (state, input, now) -> (state, effects).
//!
//! What one room says to another goes through one queue here, first in, first out, so that an input has been dealt with
//! in every room before the next one is looked at. The driver performs the effects and feeds their results back.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use earshot_genesys::topics::Topic;
use earshot_genesys::wire;

use crate::desk::{self, Desk};
use crate::event::{Event, Source};
use crate::feed::{self, Feed};
use crate::limits::WAKE_JUMP;
use crate::link::{self, Link};
use crate::moment::{Moment, millis};
use crate::plan::Plan;
use crate::record::{Fact, Owed};
use crate::session::{self, Session};
use crate::snapshot::{LinkView, Millis, Snapshot, Trouble};

mod admit;
mod chronicle;
mod io;
mod notices;
mod route;
#[cfg(test)]
mod tests;

pub use io::{Effect, Input};
use notices::Notices;

/// What one room says to another.
#[derive(Debug)]
enum Inner {
    Session(session::Input),
    Link(link::Input),
    Feed(feed::Input),
    Desk(desk::io::Input),
    /// The desk is cleared after sign-out.
    ClearDesk,
}

/// Whether what the desk tells was hidden by a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Recovering {
    /// It was told by the socket.
    No,
    /// By a re-list.
    Now,
    /// By analytics, about the gap that began then.
    Past(Millis),
}

/// The whole engine, without a clock, a socket, a task or a random source.
#[derive(Debug, Default)]
pub struct Machine {
    plan: Plan,
    session: Session,
    link: Link,
    feed: Feed,
    desk: Desk,
    notices: Notices,
    queue: VecDeque<Inner>,
    last: Option<Moment>,
    shown: Option<LinkView>,
    proof: chronicle::Proof,
    on_queue: bool,
    /// A person uses the computer.
    person_here: bool,
    /// The token is kept alive: the agent is on queue, in a conversation or at the computer, or the plan wants it always.
    in_use: bool,
    summary: Option<Box<wire::ConversationSummary>>,
    /// What is known of each topic: granted, or why not.
    granted: BTreeMap<String, (bool, Option<String>)>,
}

impl Machine {
    /// A machine that listens to this, and that may owe the time since an earlier run.
    #[must_use]
    pub fn new(plan: Plan, owed: Option<Owed>) -> Self {
        let feed = Feed::new(owed);
        Self { plan, feed, ..Self::default() }
    }

    /// The whole state, for those who draw or print it. The caller gives the revision.
    #[must_use]
    pub fn snapshot(&self, revision: u64, now: Moment) -> Snapshot {
        Snapshot {
            revision,
            link: self.link_view(now),
            agent: self.desk.agent_view(),
            offers: self.desk.offers(),
            conversations: self.desk.conversations(),
            missed: self.desk.missed(),
            notices: self.notices.all(self.feed.notice()),
        }
    }

    /// The moment of the next needed [`Input::Tick`], on the monotonic clock.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        [self.session.deadline(), self.link.deadline(), self.feed.deadline(), self.desk.deadline()]
            .into_iter()
            .flatten()
            .min()
    }

    /// The generation of the token in use.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.session.generation()
    }

    /// Whether this renewal is the one that is awaited; the result of any other is to be forgotten.
    #[must_use]
    pub fn awaits_renewal(&self, attempt: u64) -> bool {
        self.session.awaits_renewal(attempt)
    }

    /// When the token in use ends by itself, where that is known.
    #[must_use]
    pub fn token_ends_within(&self, now: Moment) -> Option<Duration> {
        self.session.ends_within(now)
    }

    /// Whether anybody is signed in.
    #[must_use]
    pub fn signed_in(&self) -> bool {
        self.session.signed_in()
    }

    /// The record cannot be kept, or can be again. That is a notice and nothing more: no clock is looked at, and nothing
    /// has to be done.
    pub fn recorder(&mut self, trouble: Option<Trouble>) {
        self.notices.recorder = trouble;
    }

    /// One step.
    pub fn handle(&mut self, input: Input, now: Moment) -> Vec<Effect> {
        let mut effects = Vec::new();
        let slept = self.look_for_sleep(now, &mut effects);
        self.admit(input, now, &mut effects);
        // Looking at the clock is cheap, and keeps a busy input from starving a timer. What the first two say to the others
        // comes before the others' own clocks: nothing is asked for a connection that was found dead in the same step.
        self.queue.extend([Inner::Session(session::Input::Tick), Inner::Link(link::Input::Tick)]);
        self.drain(now, &mut effects);
        self.queue.extend([Inner::Feed(feed::Input::Tick), Inner::Desk(desk::io::Input::Tick)]);
        self.drain(now, &mut effects);
        let view = self.link_view(now);
        if self.shown.as_ref().is_none_or(|shown| chronicle::is_news(shown, &view)) {
            self.tell(Event::Link(view.clone()), &mut effects);
            self.shown = Some(view);
        }
        if !slept {
            // What is read first after a sleep may have come before it.
            self.note_hearing(now, &mut effects);
        }
        effects
    }

    /// What one room says to another, first in, first out, until nobody has anything to say.
    fn drain(&mut self, now: Moment, effects: &mut Vec<Effect>) {
        while let Some(inner) = self.queue.pop_front() {
            match inner {
                Inner::Session(input) => {
                    for output in self.session.handle(input, now) {
                        self.route_session(output, effects);
                    }
                }
                Inner::Link(input) => {
                    for output in self.link.handle(input, now) {
                        self.route_link(output, effects);
                    }
                }
                Inner::Feed(input) => {
                    for output in self.feed.handle(input, now) {
                        self.route_feed(output, effects);
                    }
                }
                Inner::Desk(input) => {
                    use desk::io::Input::{Gone, Past, Seen};
                    let recovering = match &input {
                        Seen { source: Source::Recovered, .. } | Gone { .. } => Recovering::Now,
                        Past { since, .. } => Recovering::Past(*since),
                        _ => Recovering::No,
                    };
                    let outputs = self.desk.handle(input, now);
                    self.route_desk(outputs, recovering, effects);
                }
                Inner::ClearDesk => {
                    let outputs = self.desk.reset();
                    self.route_desk(outputs, Recovering::No, effects);
                }
            }
        }
    }

    fn look_for_sleep(&mut self, now: Moment, effects: &mut Vec<Effect>) -> bool {
        let Some(last) = self.last.replace(now) else { return false };
        let ran = millis(now.mono.saturating_sub(last.mono));
        let slept = now.wall - last.wall - ran;
        if slept <= millis(WAKE_JUMP) {
            return false;
        }
        if self.signed_in() {
            self.note(Fact::Slept { from: now.wall - slept, to: now.wall }, effects);
        }
        self.woke();
        true
    }

    fn woke(&mut self) {
        self.queue.extend([
            Inner::Session(session::Input::Retry),
            Inner::Link(link::Input::Woke),
            Inner::Feed(feed::Input::Woke),
        ]);
    }

    fn topics(&self) -> Vec<Topic> {
        self.plan.topics(self.desk.me())
    }

    fn link_view(&self, now: Moment) -> LinkView {
        LinkView { caught_up: self.feed.caught_up(), ..self.link.view(now) }
    }
}
