//! What the engine knows, whole, for whoever draws or prints it: one `Snapshot` with a revision, complete each time.
//!
//! A window that opens late asks for the snapshot first and then listens; nothing here needs a history to be understood.
//! Instants are milliseconds since 1970 by this computer's clock (server times are shifted by the measured difference
//! of the two clocks, so that a count-down is right on a computer whose clock is wrong).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00Z by this computer's clock.
pub type Millis = i64;

/// Everything the engine knows, at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// Grows by one with every published change.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub revision: u64,
    /// Can we hear?
    pub link: LinkView,
    /// Who we are; `None` until the first answer of `users/me`.
    pub agent: Option<AgentView>,
    /// Conversations alerting for this agent now, oldest first. Dismissed ones are still here, marked.
    pub offers: Vec<OfferView>,
    /// Conversations the agent is in, or has to wrap up.
    pub conversations: Vec<ConversationView>,
    /// Offers that ended without the agent having taken them, newest first; at most fifty.
    pub missed: Arc<Vec<MissedView>>,
    /// Facts a person should know, each said once until it is no longer true.
    pub notices: Vec<Notice>,
}

/// The states of the connection indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default, Hash)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// Nobody is signed in, or the engine has been closed.
    #[default]
    Closed,
    /// First connection since sign-in under way.
    Connecting,
    /// Subscribed, and the socket is open.
    Connected,
    /// We were connected and are trying to be so again.
    Reconnecting,
    /// This computer has no network.
    Offline,
    /// The token cannot be renewed without a person.
    SignInNeeded,
    /// A person must grant or change something before we can hear.
    Blocked,
}

/// The connection indicator.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct LinkView {
    /// Which state.
    pub state: LinkState,
    /// Since when.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub since: Millis,
    /// Why it is not `Connected`; also what was survived last, while it is.
    pub trouble: Option<Trouble>,
    /// When the next attempt starts, if one is waiting.
    #[cfg_attr(feature = "bindings", ts(type = "number | null"))]
    pub next_try_at: Option<Millis>,
    /// Attempts since the last stable connection.
    pub attempt: u32,
    /// What happened while we could not hear has been looked up: false from the opening of a gap until its re-list.
    pub caught_up: bool,
}

/// Something that went wrong, as it is told to a person and to a program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Hash)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Trouble {
    /// Stable, for programs and translations: `token.expired`, `permission.missing`, …
    pub code: String,
    /// What happened, in one sentence.
    pub message: String,
    /// What the person can do, in one sentence; `None` where Earshot does all there is to do.
    pub cure: Option<String>,
    /// Whether trying the same again can help.
    pub retryable: bool,
}

/// The signed-in agent.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct AgentView {
    /// Genesys user id.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Organisation, where known.
    pub organization: Option<String>,
    /// Current presence.
    pub presence: PresenceView,
    /// Presences the agent may choose from, primary ones first.
    pub presences: Vec<PresenceChoice>,
    /// Presence is the on-queue one.
    pub on_queue: bool,
    /// Current routing status.
    pub routing: RoutingView,
    /// A presence change that is under way or has failed.
    pub presence_change: ActionView,
}

/// A presence, as shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct PresenceView {
    /// Presence definition id; empty while unknown.
    pub definition_id: String,
    /// What to show: "Available", "Lunch".
    pub label: String,
    /// Genesys system presence in its REST spelling: `Available`, `OnQueue`, …
    pub system: String,
    /// Since when.
    #[cfg_attr(feature = "bindings", ts(type = "number | null"))]
    pub since: Option<Millis>,
}

/// One presence the agent can choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct PresenceChoice {
    /// Presence definition id.
    pub id: String,
    /// What to show.
    pub label: String,
    /// Genesys system presence in its REST spelling.
    pub system: String,
}

/// Routing status: `OFF_QUEUE`, `IDLE`, `INTERACTING`, `NOT_RESPONDING`, `COMMUNICATING`, or one we do not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct RoutingView {
    /// In Genesys' own spelling; empty while unknown.
    pub status: String,
    /// Since when.
    #[cfg_attr(feature = "bindings", ts(type = "number | null"))]
    pub since: Option<Millis>,
}

/// The kind of conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Medium {
    Call,
    Callback,
    Message,
    Email,
    Chat,
    Video,
    Screenshare,
    Cobrowse,
    Social,
    /// One that Genesys added after this was written.
    Other,
}

/// A conversation alerting for this agent.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct OfferView {
    /// The agent's own communication (leg): the key of every command about this offer.
    pub leg: String,
    /// Conversation id.
    pub conversation: String,
    /// Kind of conversation.
    pub medium: Medium,
    /// For messages: `whatsapp`, `sms`, `webmessaging`, …
    pub message_type: Option<String>,
    /// Who is asking: a name where there is one, else an address, else "Unknown caller".
    pub caller: String,
    /// The address, where `caller` is a name.
    pub address: Option<String>,
    /// Queue name; `None` for a direct call.
    pub queue: Option<String>,
    /// E-mail subject, where there is one.
    pub subject: Option<String>,
    /// Offered by a colleague or caller to this agent in person, not through a queue: declining it goes to voicemail.
    pub direct: bool,
    /// Since when it alerts.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub since: Millis,
    /// When Genesys takes it back, where the API states that.
    #[cfg_attr(feature = "bindings", ts(type = "number | null"))]
    pub ends_at: Option<Millis>,
    /// Genesys answers it by itself: draw no Answer button.
    pub auto_answer: bool,
    /// This agent has hidden it; it goes on alerting at Genesys.
    pub dismissed: bool,
    /// What Decline does, in words to stand beside it.
    pub decline_means: String,
    /// Where an answer stands.
    pub answer: ActionView,
    /// Where a decline stands.
    pub decline: ActionView,
}

/// Where an action of the agent's stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ActionView {
    /// Nothing asked.
    #[default]
    Idle,
    /// Asked, and not yet confirmed by an event.
    Pending,
    /// It did not work, and why.
    Failed {
        /// Why.
        trouble: Trouble,
    },
}

/// A conversation the agent is in, or has to wrap up.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ConversationView {
    /// The agent's own communication (leg).
    pub leg: String,
    /// Conversation id.
    pub conversation: String,
    /// Kind of conversation.
    pub medium: Medium,
    /// For messages: `whatsapp`, `sms`, …
    pub message_type: Option<String>,
    /// The other side.
    pub caller: String,
    /// Queue name.
    pub queue: Option<String>,
    /// `connected`, `dialing`, `wrap_up`, `parked`, or Genesys' word for a state we do not know.
    pub state: String,
    /// Since when.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub since: Millis,
    /// On hold.
    pub held: bool,
    /// Muted.
    pub muted: bool,
}

/// Why an offer ended, or was not seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum OfferEnd {
    /// Taken with Earshot.
    Answered,
    /// Taken by this agent with another client or the phone.
    AnsweredElsewhere,
    /// Declined with Earshot.
    Declined,
    /// Declined by this agent with another client or the phone.
    DeclinedElsewhere,
    /// Nobody took it in time.
    TimedOut,
    /// The customer left.
    CallerLeft,
    /// Genesys took it back: transferred, requeued, given to somebody else.
    Withdrawn,
    /// It came and went while Earshot could not hear.
    WhileDeaf,
}

/// An offer the agent did not take.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct MissedView {
    /// Key for `forget_missed`.
    pub id: String,
    /// Conversation id, where anybody knows it.
    pub conversation: Option<String>,
    /// Kind of conversation, where known.
    pub medium: Option<Medium>,
    /// Who it was, where known.
    pub caller: Option<String>,
    /// Queue name, where known.
    pub queue: Option<String>,
    /// When it ended, or was found missing.
    #[cfg_attr(feature = "bindings", ts(type = "number"))]
    pub at: Millis,
    /// Why it was missed, for programs.
    pub end: OfferEnd,
    /// Why it was missed, in words: "Rang 20 s without an answer", "Arrived while Earshot was reconnecting. …".
    pub reason: String,
}

/// How much a notice matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Something does not work.
    Warning,
}

/// A fact a person should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Notice {
    /// How much it matters.
    pub severity: Severity,
    /// What.
    pub trouble: Trouble,
}
