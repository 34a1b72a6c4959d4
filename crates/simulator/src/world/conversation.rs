//! A conversation as the simulated contact centre keeps it: participants with one leg each, and what is planned for it.

use super::catalogue::Queue;
use crate::clock::Ms;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The kind of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Medium {
    /// A telephone call.
    #[default]
    Call,
    /// A message: web messaging, SMS, WhatsApp, …
    Message,
    /// An e-mail.
    Email,
    /// A request to be called back.
    Callback,
}

impl Medium {
    /// Every medium.
    pub(crate) const ALL: [Self; 4] = [Self::Call, Self::Message, Self::Email, Self::Callback];

    /// The word in paths, topics and participant arrays: `calls`, …
    pub(crate) fn plural(self) -> &'static str {
        match self {
            Self::Call => "calls",
            Self::Message => "messages",
            Self::Email => "emails",
            Self::Callback => "callbacks",
        }
    }

    /// The word in summaries and control answers: `call`, …
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Message => "message",
            Self::Email => "email",
            Self::Callback => "callback",
        }
    }

    /// By the word in a path.
    pub(crate) fn from_plural(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.plural() == word)
    }
}

/// What becomes of a conversation whose alerting ended without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IfMissed {
    /// It waits in the queue for an agent who is on queue and idle.
    #[default]
    Wait,
    /// It is offered to the same agent again, as a new participant.
    Requeue,
    /// A colleague takes it.
    Other,
    /// The customer gives up.
    End,
}

/// How far a leg has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LegState {
    Alerting,
    Connected,
    Parked,
    Disconnected,
}

impl LegState {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Alerting => "alerting",
            Self::Connected => "connected",
            Self::Parked => "parked",
            Self::Disconnected => "disconnected",
        }
    }
}

/// A communication of a participant.
#[derive(Debug, Clone)]
pub(crate) struct Leg {
    pub(crate) id: String,
    pub(crate) state: LegState,
    pub(crate) initial: LegState,
    pub(crate) started: Ms,
    pub(crate) connected: Option<Ms>,
    pub(crate) disconnected: Option<Ms>,
    pub(crate) disconnect_type: Option<&'static str>,
    pub(crate) held_since: Option<Ms>,
    pub(crate) muted: bool,
    pub(crate) error: Option<String>,
    /// An answer was accepted and its outcome is due.
    pub(crate) answering: bool,
}

/// The wrap-up an agent gave.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wrapup {
    pub(crate) code: String,
    pub(crate) name: Option<String>,
    pub(crate) notes: Option<String>,
    pub(crate) ended: Ms,
}

/// After-call work of a participant.
#[derive(Debug, Clone)]
pub(crate) struct AfterCall {
    pub(crate) started: Ms,
    pub(crate) ended: Option<Ms>,
    pub(crate) timeout: Ms,
    pub(crate) skipped: bool,
}

/// A participant; in this contact centre each has one leg.
#[derive(Debug, Clone)]
pub(crate) struct Participant {
    pub(crate) id: String,
    /// `customer`, `acd`, `agent`, `user`, `voicemail`.
    pub(crate) purpose: &'static str,
    pub(crate) agent: Option<usize>,
    pub(crate) name: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) leg: Leg,
    pub(crate) alerting: Option<Ms>,
    pub(crate) after_call: Option<AfterCall>,
    pub(crate) wrapup: Option<Wrapup>,
    pub(crate) attributes: BTreeMap<String, String>,
    /// The event with its final state has gone out.
    pub(crate) told: bool,
}

impl Participant {
    /// Talking, ringing, or wrapping up.
    pub(crate) fn is_live(&self) -> bool {
        self.leg.state != LegState::Disconnected || self.wrapping_up()
    }

    /// After-call work is due.
    pub(crate) fn wrapping_up(&self) -> bool {
        self.after_call.as_ref().is_some_and(|a| a.ended.is_none())
    }

    /// Ends the leg; false when it had ended.
    pub(crate) fn disconnect(&mut self, now: Ms, why: &'static str) -> bool {
        if self.leg.state == LegState::Disconnected {
            return false;
        }
        self.leg.state = LegState::Disconnected;
        self.leg.disconnected = Some(now);
        self.leg.disconnect_type = Some(why);
        self.leg.held_since = None;
        self.leg.answering = false;
        true
    }
}

/// What is planned for a conversation.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) agent: usize,
    pub(crate) alerting: Ms,
    pub(crate) auto_answer: bool,
    /// How soon.
    pub(crate) auto_answer_after: Ms,
    pub(crate) talk: Option<Ms>,
    pub(crate) wrapup: Option<Ms>,
    pub(crate) if_missed: IfMissed,
}

/// A conversation.
#[derive(Debug, Clone)]
pub(crate) struct Conversation {
    pub(crate) id: String,
    pub(crate) medium: Medium,
    pub(crate) message_type: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) caller: Option<String>,
    pub(crate) address: String,
    /// None: a direct call.
    pub(crate) queue: Option<&'static Queue>,
    pub(crate) started: Ms,
    pub(crate) ended: Option<Ms>,
    /// In the queue, for an agent who is idle.
    pub(crate) waiting: bool,
    pub(crate) participants: Vec<Participant>,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) plan: Plan,
}

impl Conversation {
    /// The participant with this id.
    pub(crate) fn participant(&self, id: &str) -> Option<usize> {
        self.participants.iter().position(|p| p.id == id)
    }

    /// The newest participant of an agent to whom this was offered, in this state. The first participant is whoever
    /// began the conversation, which may be a colleague.
    pub(crate) fn in_state(&self, state: LegState) -> Option<usize> {
        let is = |p: &Participant| p.agent.is_some() && p.purpose != "voicemail" && p.leg.state == state;
        (1..self.participants.len()).rev().find(|i| is(&self.participants[*i]))
    }

    /// Has this agent ever taken part?
    pub(crate) fn involves(&self, agent: usize) -> bool {
        self.participants.iter().any(|p| p.agent == Some(agent))
    }

    /// Is it on this agent's desk now?
    pub(crate) fn is_live_for(&self, agent: usize) -> bool {
        self.participants.iter().any(|p| p.agent == Some(agent) && p.is_live())
    }
}
