//! What is on the agent's desk? Conversations, legs, offers, presence, routing status, wrap-up.
//!
//! A pure state machine for the driver: looks, answers and commands go in with the moment at which they came, what is to be
//! told, sent or looked at comes out. It owns no clock, task or connection. Looks may come late, twice and in any order:
//! a leg only moves forward, absence ends nothing, and in doubt it rings.

mod actions;
mod agent;
mod changes;
mod clock;
pub mod io;
mod leg;
mod legs;
pub mod limits;
mod missed;
mod offers;
pub mod past;
pub mod read;
pub mod sighting;
mod views;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use agent::Agent;
use clock::Clock;
use io::{ActionId, Command, Input, Output};
use legs::Legs;
use missed::Missed;
pub use views::Count;

use crate::event::{Event, Source};
use crate::moment::Moment;
use crate::snapshot::{AgentView, ConversationView, Medium, Millis, MissedView, OfferEnd, OfferView};

/// The desk.
#[derive(Debug, Default)]
pub struct Desk {
    agent: Agent,
    clock: Clock,
    legs: Legs,
    missed: Missed,
    /// Queue names by id: events have only the id.
    queues: HashMap<String, String>,
    deaf: Option<Deaf>,
    /// Since when Earshot was to hear everything: what ended before is nobody's news.
    listening_since: Option<Millis>,
    last_action: ActionId,
}

/// A gap is open.
#[derive(Debug)]
struct Deaf {
    why: String,
    since: Millis,
    noticed: Duration,
}

impl Desk {
    /// An empty desk.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes `input` in, and says what follows from it and from the time.
    pub fn handle(&mut self, input: Input, now: Moment) -> Vec<Output> {
        let mut out = Vec::new();
        if matches!(input, Input::Me(_) | Input::Seen { .. }) {
            self.listening_since.get_or_insert(now.wall);
        }
        match input {
            Input::Me(me) => self.take_me(*me, now, &mut out),
            Input::Seen { sighting, source } => self.seen(sighting, source, now, &mut out),
            Input::Past { sighting, since, why } => {
                // As if the gap were still open: it is about that time.
                let past = Deaf { why, since, noticed: now.mono };
                let present = self.deaf.replace(past);
                self.seen(sighting, Source::Recovered, now, &mut out);
                self.deaf = present;
            }
            Input::Gone { conversation } => self.gone(&conversation, now, &mut out),
            Input::Presence(presence) => self.take_presence(&presence),
            Input::Routing(routing) => self.take_routing(&routing, &mut out),
            Input::MissedUnseen { at, why } => {
                let line = self.missed.add_unseen(at, &why);
                out.extend(line.map(|line| Output::Tell(Event::Missed(line))));
            }
            Input::Command(command) => self.command(command, now, &mut out),
            Input::Acted { action, result } => {
                if !self.acted_on_offer(action, &result, now, &mut out) {
                    self.acted_on_agent(action, result, now, &mut out);
                }
            }
            Input::Deaf { why: Some(why), since } => {
                // Gaps that touch are one: it began with the first.
                let since = since.map_or(now.wall, |since| since.min(now.wall));
                self.deaf.get_or_insert(Deaf { why, since, noticed: now.mono }).noticed = now.mono;
            }
            Input::Deaf { why: None, .. } => self.deaf = None,
            Input::Tick => {}
        }
        if self.deadline().is_some_and(|at| at <= now.mono) {
            self.chase_actions(now, &mut out);
            self.look_at_overdue(now, &mut out);
            self.chase_change(now, &mut out);
        }
        out
    }

    fn command(&mut self, command: Command, now: Moment, out: &mut Vec<Output>) {
        match command {
            Command::Answer { leg } => self.answer(&leg, now, out),
            Command::Decline { leg } => self.decline(&leg, now, out),
            Command::Dismiss { leg } => self.dismiss(&leg),
            Command::SetPresence { .. } | Command::SetOnQueue { .. } | Command::BackOnQueue => {
                self.change_agent(command, now, out);
            }
            Command::ForgetMissed { id } => self.missed.forget(&id),
        }
    }

    /// When it next needs an [`Input::Tick`], on the monotonic clock.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        [self.offers_deadline(), self.agent.deadline()].into_iter().flatten().min()
    }

    /// Sign-out: forgets everything. What still rings is told to have ended.
    pub fn reset(&mut self) -> Vec<Output> {
        let ended = |leg| Output::Tell(Event::OfferEnded { leg, end: OfferEnd::Withdrawn });
        let out = self.legs.alerting().into_iter().map(ended).collect();
        // Names of requests go on counting: a late answer must not find a new one.
        *self = Self { last_action: self.last_action, ..Self::default() };
        out
    }

    fn next_action(&mut self) -> ActionId {
        self.last_action += 1;
        self.last_action
    }

    /// The agent; `None` before the first answer of `users/me`.
    #[must_use]
    pub fn agent_view(&self) -> Option<AgentView> {
        self.agent.view()
    }

    /// What alerts, oldest first.
    #[must_use]
    pub fn offers(&self) -> Vec<OfferView> {
        views::offers(self)
    }

    /// What the agent is in or has to wrap up, oldest first; one line for each conversation.
    #[must_use]
    pub fn conversations(&self) -> Vec<ConversationView> {
        views::conversations(self)
    }

    /// What the agent missed, newest first.
    #[must_use]
    pub fn missed(&self) -> Arc<Vec<MissedView>> {
        self.missed.view()
    }

    /// The agent's user id.
    #[must_use]
    pub fn me(&self) -> Option<&str> {
        self.agent.id()
    }

    /// A time of Genesys' by this computer's clock, as far as the difference is known.
    #[must_use]
    pub fn local(&self, server: Millis) -> Millis {
        self.clock.local(server)
    }

    /// The presence is the on-queue one.
    #[must_use]
    pub fn on_queue(&self) -> bool {
        self.agent.on_queue()
    }

    /// The conversation is known and not over for this agent.
    #[must_use]
    pub fn knows_alive(&self, conversation: &str) -> bool {
        self.legs.open().any(|leg| leg.conversation == conversation)
    }

    /// The conversations that are known and not over, each once with the kind of a leg: a re-list in which one is absent
    /// has to look it up. A kind that can be read without a permission goes first.
    pub fn alive(&self) -> impl Iterator<Item = (&str, Medium)> {
        let mut kinds: BTreeMap<&str, Medium> = BTreeMap::new();
        for leg in self.legs.open() {
            let kind = kinds.entry(&leg.conversation).or_insert(leg.medium);
            if read::readable_alone(leg.medium) || !read::readable_alone(*kind) {
                *kind = leg.medium;
            }
        }
        kinds.into_iter()
    }

    /// Conversations through queues by kind, for comparison with Genesys' summary. Kinds without any are left out.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<Medium, Count> {
        views::counts(self)
    }
}
