//! Typed events beside the snapshot: what changed, for those who ring, print or record. State is in the snapshot; a
//! consumer that lags reads that and has missed nothing it needs.

use crate::snapshot::{LinkView, Millis, MissedView, Notice, OfferEnd, OfferView, Trouble};

/// Where a fact came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// The notification socket.
    Live,
    /// A re-list after a gap.
    Recovered,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The connection indicator changed.
    Link(LinkView),
    /// An offer began to alert. It rings at once, whichever source told of it.
    OfferStarted {
        /// The offer.
        offer: OfferView,
        /// Who told.
        source: Source,
    },
    /// An offer ended, whoever ended it.
    OfferEnded {
        /// The agent's leg.
        leg: String,
        /// How.
        end: OfferEnd,
    },
    /// An offer ended without this agent having taken it, or one came and went unseen.
    Missed(MissedView),
    /// An action of the agent's did not work.
    ActionFailed {
        /// The agent's leg; `None` for a presence change.
        leg: Option<String>,
        /// Why.
        trouble: Trouble,
    },
    /// We cannot be sure to have heard everything since `from`.
    GapOpened {
        /// The last instant at which hearing was verified.
        from: Millis,
        /// What was lost.
        cause: Trouble,
    },
    /// A gap has been looked up.
    GapClosed(GapRecord),
    /// A fact a person should know.
    Notice(Notice),
}

/// What is known of a time in which Earshot could not hear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GapRecord {
    /// The last instant at which hearing was verified.
    pub from: Millis,
    /// When hearing was verified again.
    pub to: Millis,
    /// Causes, the first first.
    pub causes: Vec<Trouble>,
    /// Differences that the re-list brought.
    pub recovered: u32,
    /// Offers known to have been missed.
    pub missed: u32,
    /// Topics of which nothing that the gap hid can be looked up, or not everything could.
    pub unrecoverable: Vec<String>,
    /// Nothing about this gap is still being looked up.
    pub settled: bool,
}
