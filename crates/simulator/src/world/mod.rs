//! The contact centre: agents, queues and conversations as one state machine.
//!
//! It owns no clock, task or socket. Callers tell it what happened and what time it is; it answers with events, each
//! a topic and a body, in the order in which Genesys would send them.

pub(crate) mod acts;
pub(crate) mod catalogue;
pub(crate) mod conversation;
pub(crate) mod flow;
pub(crate) mod offer;
mod report;
pub(crate) mod status;
pub(crate) mod stream;
#[cfg(test)]
mod tests;

use crate::clock::Ms;
use crate::ids::Ids;
use crate::shapes;
use catalogue::Profile;
use conversation::Conversation;
use serde_json::Value;
use std::collections::{BTreeSet, VecDeque};
use stream::Stream;

/// An event on its way to whoever subscribed to its topic.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) topic: String,
    pub(crate) body: Value,
}

/// The rules that options set.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    pub(crate) answer_delay: Ms,
    pub(crate) alerting: Ms,
    pub(crate) wrapup: Option<Ms>,
    pub(crate) ended_kept: Ms,
    pub(crate) on_queue: bool,
}

/// What the next answers come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AnswerOutcome {
    /// The leg becomes connected.
    #[default]
    Connects,
    /// Accepted, and then nothing happens.
    Ignored,
    /// Accepted, then the leg ends with `errorInfo`.
    Fails,
    /// Refused with 400.
    Refused,
}

/// A plan for answers, for so many of them.
#[derive(Debug, Clone)]
pub(crate) struct AnswerPlan {
    pub(crate) outcome: AnswerOutcome,
    pub(crate) message: String,
    pub(crate) delay: Option<Ms>,
    pub(crate) left: Option<u32>,
}

/// An agent as it stands.
#[derive(Debug)]
pub(crate) struct Agent {
    pub(crate) profile: &'static Profile,
    pub(crate) presence: usize,
    pub(crate) message: String,
    pub(crate) presence_since: Ms,
    pub(crate) not_responding: bool,
    pub(crate) routing: &'static str,
    pub(crate) routing_since: Ms,
    pub(crate) permissions: BTreeSet<String>,
    pub(crate) summary: shapes::summary::Counts,
}

/// Something that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Due {
    AlertingEnds { conversation: String, leg: String },
    Answered { conversation: String, leg: String, outcome: AnswerOutcome, message: String },
    CustomerLeaves { conversation: String },
    CustomerGivesUp { conversation: String },
    AfterCallEnds { conversation: String, participant: String },
    OfferAgain { conversation: String },
    VoicemailEnds { conversation: String },
    Forget { conversation: String },
    Stream { stream: usize },
}

/// The whole contact centre.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) now: Ms,
    pub(crate) agents: Vec<Agent>,
    pub(crate) conversations: Vec<Conversation>,
    /// Conversations that nobody can read by id any more, for analytics.
    pub(crate) archive: VecDeque<Conversation>,
    pub(crate) streams: Vec<Stream>,
    pub(crate) rules: Rules,
    pub(crate) answers: Option<AnswerPlan>,
    pub(crate) ids: Ids,
    dues: Vec<(Ms, Due)>,
    out: Vec<Event>,
}

/// What every agent may do unless told otherwise. `conversation:communication:view` is missing on purpose.
const PERMISSIONS: &[&str] = &[
    "conversation:call:record",
    "conversation:communication:blindTransfer",
    "conversation:communication:disconnect",
    "conversation:participant:wrapup",
    "presence:presenceDefinition:view",
    "routing:agent:onQueue",
    "routing:queue:join",
    "routing:queue:view",
    "routing:wrapupCode:view",
];

impl World {
    /// A contact centre in the morning.
    pub(crate) fn new(now: Ms, rules: Rules, ids: Ids) -> Self {
        let presence = if rules.on_queue { catalogue::ON_QUEUE } else { catalogue::AVAILABLE };
        let agents = catalogue::AGENTS
            .iter()
            .enumerate()
            .map(|(index, profile)| Agent {
                profile,
                // The colleague is not on queue, or offers would go to an agent nobody plays.
                presence: if index == 0 { presence } else { catalogue::AVAILABLE },
                message: String::new(),
                presence_since: now,
                not_responding: false,
                routing: if index == 0 && rules.on_queue { "IDLE" } else { "OFF_QUEUE" },
                routing_since: now,
                permissions: PERMISSIONS.iter().map(|p| (*p).to_owned()).collect(),
                summary: shapes::summary::Counts::default(),
            })
            .collect();
        Self {
            now,
            agents,
            conversations: Vec::new(),
            archive: VecDeque::new(),
            streams: Vec::new(),
            rules,
            answers: None,
            ids,
            dues: Vec::new(),
            out: Vec::new(),
        }
    }

    /// The events since the last call.
    pub(crate) fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.out)
    }

    /// When [`World::advance`] has something to do next.
    pub(crate) fn next_due(&self) -> Option<Ms> {
        self.dues.iter().map(|(at, _)| *at).min()
    }

    /// Plans something.
    pub(crate) fn due_in(&mut self, after: Ms, due: Due) {
        self.dues.push((self.now + after, due));
    }

    /// Does everything that is due by `now`, each at its own time and in that order.
    pub(crate) fn advance(&mut self, now: Ms) {
        while let Some(index) = self.earliest(now) {
            let (at, due) = self.dues.remove(index);
            self.now = self.now.max(at);
            self.perform(due);
            self.settle();
        }
        self.now = self.now.max(now);
    }

    /// The first of the earliest; insertion order breaks a tie.
    fn earliest(&self, now: Ms) -> Option<usize> {
        let mut best: Option<(usize, Ms)> = None;
        for (index, (at, _)) in self.dues.iter().enumerate() {
            if *at <= now && best.is_none_or(|(_, b)| *at < b) {
                best = Some((index, *at));
            }
        }
        best.map(|(index, _)| index)
    }

    /// Where a conversation stands.
    pub(crate) fn find(&self, id: &str) -> Option<usize> {
        self.conversations.iter().position(|c| c.id == id)
    }

    /// Forgets every conversation without a word, for tests that start anew.
    pub(crate) fn forget_conversations(&mut self) {
        self.conversations.clear();
        self.archive.clear();
        self.streams.clear();
        self.dues.clear();
        for agent in &mut self.agents {
            agent.not_responding = false;
        }
        self.settle();
    }

    /// Sends an event.
    pub(crate) fn tell(&mut self, topic: String, body: Value) {
        self.out.push(Event { topic, body });
    }

    /// Tells everybody whom it concerns about a conversation, in both shapes.
    pub(crate) fn conversation_changed(&mut self, index: usize) {
        let mut users: Vec<&'static str> = Vec::new();
        for participant in &mut self.conversations[index].participants {
            let Some(agent) = participant.agent else { continue };
            if participant.told {
                continue;
            }
            participant.told = !participant.is_live();
            let id = catalogue::AGENTS[agent].id;
            if !users.contains(&id) {
                users.push(id);
            }
        }
        let conversation = &self.conversations[index];
        let queue = conversation.queue.map(|queue| queue.id);
        if users.is_empty() && queue.is_none() {
            return;
        }
        let generic = shapes::generic::event(conversation);
        let media = shapes::media::event(conversation);
        let plural = conversation.medium.plural();
        for user in users {
            self.tell(format!("v2.users.{user}.conversations"), generic.clone());
            self.tell(format!("v2.users.{user}.conversations.{plural}"), media.clone());
        }
        // The classes of the queue's topics have the same fields as the user's.
        if let Some(queue) = queue {
            self.tell(format!("v2.routing.queues.{queue}.conversations"), generic);
            self.tell(format!("v2.routing.queues.{queue}.conversations.{plural}"), media);
        }
    }
}
