//! One look at one conversation, from whichever source, in one shape: this agent's legs, and who is on the other side.

use crate::snapshot::{Medium, Millis};

/// One look at one conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// Conversation id.
    pub conversation: String,
    /// This agent's communications, in the order in which Genesys lists them; empty where the agent has none.
    pub legs: Vec<LegSighting>,
    /// The other side.
    pub caller: Party,
    /// The conversation as a whole is over.
    pub ended: bool,
    /// The other side was there and has left: tells a caller who hung up from an offer that was taken back.
    pub caller_gone: bool,
}

/// One communication of this agent's.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // each is a fact of its own
pub struct LegSighting {
    /// Communication id. The media form of a conversation does not name it: then the participant's id stands here too,
    /// and the desk finds the leg by its participant.
    pub leg: String,
    /// Participant the leg belongs to.
    pub participant: String,
    /// `agent`, `user`, …; free text at Genesys.
    pub purpose: String,
    /// Kind.
    pub medium: Medium,
    /// For messages: `whatsapp`, `sms`, …
    pub message_type: Option<String>,
    /// This agent began it: its end without an answer is nobody's missed offer.
    pub outbound: bool,
    /// How far it has got.
    pub state: LegState,
    /// Genesys' own word for the state.
    pub state_word: String,
    /// On hold.
    pub held: bool,
    /// Muted.
    pub muted: bool,
    /// Queue id.
    pub queue_id: Option<String>,
    /// Queue name, where this source has it.
    pub queue_name: Option<String>,
    /// E-mail subject.
    pub subject: Option<String>,
    /// Server time at which it began to alert.
    pub alerting_since: Option<Millis>,
    /// Server time of the answer.
    pub connected_at: Option<Millis>,
    /// Server time of the end.
    pub disconnected_at: Option<Millis>,
    /// Genesys' word for the end.
    pub disconnect_type: Option<String>,
    /// How long Genesys lets it alert, where it says so.
    pub alerting_timeout_ms: Option<Millis>,
    /// Genesys answers it by itself.
    pub auto_answer: bool,
    /// The agent still has to wrap up.
    pub wrap_up_due: bool,
    /// Genesys' sentence about a failed answer (`errorInfo`).
    pub error: Option<String>,
}

/// How far a leg has got. It only moves forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LegState {
    /// Not yet there: scheduled, uploading, none, or a word we do not know.
    Other,
    /// Waiting for this agent: `alerting`, `contacting`, `offering`.
    Alerting,
    /// Taken: `connected`, `dialing`, `parked`, `transmitting`, …
    Connected,
    /// `disconnected`, `terminated`.
    Disconnected,
}

/// Who is on the other side.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Party {
    /// Name, where there is one.
    pub name: Option<String>,
    /// Telephone number, e-mail address, …
    pub address: Option<String>,
}
