//! The ordered record: what was heard, missed and done, one fact after the other. For the journal, and for whoever prints
//! or forwards it.
//!
//! A [`Fact`] is metadata, except for the body of an event: no caller, no address, no text of a conversation. A
//! [`Recorder`] takes records in their order and never makes the engine wait; the engine waits for it, a moment
//! ([`crate::limits::JOURNAL_PATIENCE`]), before it tells anybody.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::sync::oneshot;

use crate::event::{GapRecord, Source};
use crate::snapshot::{LinkState, Medium, Millis, OfferEnd, Trouble};

/// One fact, and when it was known.
#[derive(Debug, Clone)]
pub struct Record {
    /// By this computer's wall clock.
    pub at: Millis,
    /// What.
    pub fact: Fact,
}

/// What can be on record.
#[derive(Debug, Clone)]
pub enum Fact {
    /// The engine began.
    Started {
        /// Version of the program.
        version: String,
    },
    /// The engine was closed in an orderly way: there is no such record after a crash.
    Stopped,
    /// Somebody signed in, with which grant.
    SignedIn {
        /// `refresh_token`, `client_credentials`, `access_token` or `none`: how the sign-in can be renewed.
        renewal: &'static str,
    },
    /// The person signed out.
    SignedOut,
    /// The connection indicator changed.
    Link {
        /// To this.
        state: LinkState,
        /// Why, where there is a reason.
        trouble: Option<Trouble>,
    },
    /// Genesys has granted a topic, or not.
    Topic {
        /// Its name.
        topic: String,
        /// Granted.
        permitted: bool,
        /// Why not.
        reason: Option<String>,
    },
    /// An event of a topic, heard or recovered, each once and in order.
    Event(EventRecord),
    /// We cannot be sure to have heard everything since `from`.
    GapOpened {
        /// The last instant at which hearing was verified.
        from: Millis,
        /// What was lost.
        cause: Trouble,
    },
    /// Nothing else was to be put on record for a while: it still hears, so that a crash does not owe the whole silence.
    Hearing {
        /// The last instant at which a frame proved it.
        until: Millis,
    },
    /// The computer slept, or its clock was set forward: nobody could have heard.
    Slept {
        /// From then on, as far as the clocks tell.
        from: Millis,
        /// Until then.
        to: Millis,
    },
    /// A gap has been looked up; told again with `settled` once nothing more is expected.
    Gap(GapRecord),
    /// A planned change of connection.
    HandOver(HandOver),
    /// The token was renewed.
    Renewed {
        /// The new generation.
        generation: u64,
        /// How long it lives.
        lifetime: Duration,
    },
    /// A renewal failed.
    RenewFailed {
        /// Why, as a code of [`Trouble`].
        trouble: Trouble,
    },
    /// An offer began to alert.
    OfferStarted {
        /// Conversation id.
        conversation: String,
        /// The agent's leg.
        leg: String,
        /// Kind of conversation.
        medium: Medium,
        /// Since when it alerts.
        since: Millis,
        /// Who told.
        source: Source,
    },
    /// An offer ended.
    OfferEnded {
        /// The agent's leg.
        leg: String,
        /// How.
        end: OfferEnd,
    },
    /// An offer was missed.
    Missed {
        /// Conversation id, where anybody knows it.
        conversation: Option<String>,
        /// Kind of conversation, where known.
        medium: Option<Medium>,
        /// Why.
        end: OfferEnd,
    },
    /// The agent asked for something, and it was sent to Genesys.
    ActionSent {
        /// Names it, to be found again in its outcome.
        action: u64,
        /// `answer`, `decline`, `voicemail`, `presence` or `routing`.
        what: &'static str,
        /// Conversation id, if it is about one.
        conversation: Option<String>,
    },
    /// Genesys answered an action's request.
    ActionAnswered {
        /// Which.
        action: u64,
        /// `None`: accepted.
        trouble: Option<Trouble>,
    },
    /// An action came to nothing, although it may have been accepted.
    ActionFailed {
        /// The agent's leg; `None` for a presence change.
        leg: Option<String>,
        /// Why.
        trouble: Trouble,
    },
    /// A frame that could not be read.
    Unreadable {
        /// Short hash, length and offset.
        fingerprint: String,
    },
}

/// An event of a topic.
#[derive(Clone)]
pub struct EventRecord {
    /// Topic name.
    pub topic: String,
    /// What it is about: the `id` in its body, such as a conversation's; empty where it has none.
    pub subject: String,
    /// `eventBody`, as received, or in the shape the topic would have had.
    pub body: Arc<RawValue>,
    /// Heard, or recovered after a gap.
    pub source: Source,
}

/// The body may be about a customer: it is not printed.
impl fmt::Debug for EventRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventRecord")
            .field("topic", &self.topic)
            .field("subject", &self.subject)
            .field("source", &self.source)
            .field("bytes", &self.body.get().len())
            .finish()
    }
}

/// A step of a planned change of connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HandOver {
    /// A second connection is being opened beside the one that hears.
    Begun {
        /// The new connection.
        epoch: u64,
        /// Why.
        trouble: Trouble,
    },
    /// The new connection has taken over.
    Done {
        /// The new connection.
        epoch: u64,
    },
    /// The new connection came to nothing and the old one goes on; or the old one ended before the new one could hear.
    Failed {
        /// The new connection.
        epoch: u64,
        /// Why.
        trouble: Trouble,
    },
}

/// Takes the record.
pub trait Recorder: Send + Sync {
    /// Takes records, in order, and returns at once. The answer comes when they are safe from a crash of the process, or
    /// could not be made so; no answer at all means the same as a failure.
    fn record(&self, records: Vec<Record>) -> oneshot::Receiver<Result<(), Trouble>>;
}

/// Keeps nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoRecorder;

impl Recorder for NoRecorder {
    fn record(&self, _: Vec<Record>) -> oneshot::Receiver<Result<(), Trouble>> {
        let (done, safe) = oneshot::channel();
        let _ = done.send(Ok(()));
        safe
    }
}

/// What an earlier run left to be looked up: it is owed the time from its last record to now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owed {
    /// When the last record was written.
    pub from: Millis,
    /// Conversations that had not ended then, with their kind.
    pub known: Vec<(String, Medium)>,
}
