//! What goes into the feed and what comes out of it.

use earshot_genesys::error::ApiError;
use earshot_genesys::topics::Topic;
use earshot_genesys::wire;
use serde_json::value::RawValue;

use super::lookback::Question;
use super::recover::{Reading, Said};
use crate::desk::sighting::Sighting;
use crate::event::{Event, Source};
use crate::record::EventRecord;
use crate::snapshot::{Medium, Millis, Trouble};

/// What the feed is told, or asked.
#[derive(Debug, Clone)]
pub enum Input {
    /// We can no longer be sure to hear.
    Lost {
        /// The last moment at which we could, by the wall clock.
        verified: Millis,
        /// Why not.
        trouble: Trouble,
        /// Ask for conversations meanwhile: another channel took the place.
        evicted: bool,
    },
    /// Subscribed, and the socket is open.
    Up,
    /// The person signed out: forget everything.
    SignedOut,
    /// A connection asks for its subscriptions: from now on it may deliver, beside one that is there already.
    Joins {
        /// Which.
        epoch: u64,
    },
    /// A connection is no more.
    Leaves {
        /// Which.
        epoch: u64,
    },
    /// Compare the truth once with what was heard; [`Output::Compared`] tells when that is done.
    Compare {
        /// For which connection.
        epoch: u64,
    },
    /// The token died, and whatever was subscribed with it may have delivered nothing since.
    Doubt {
        /// When the token was last known to be good, by the wall clock.
        since: Millis,
    },
    /// An event of a topic came over a socket that counts.
    Topic {
        /// On which connection.
        epoch: u64,
        /// Topic name.
        topic: String,
        /// `eventBody`, unread.
        body: Box<RawValue>,
    },
    /// A frame that cannot be read, described without its content.
    Unreadable {
        /// Short hash, length and offset, for a help desk.
        fingerprint: String,
    },
    /// `GET conversations` was answered.
    Listed {
        /// Which look asked.
        look: u64,
        /// With what.
        result: Result<Vec<wire::Conversation>, ApiError>,
        /// Conversations that the desk holds as not ended.
        known: Vec<(String, Medium)>,
    },
    /// `users/me` was answered.
    MeRead {
        /// Which look asked.
        look: u64,
        /// With what.
        result: Result<Box<wire::Me>, ApiError>,
    },
    /// One conversation was looked up by its id.
    LookedUp {
        /// Which.
        conversation: String,
        /// Its kind.
        medium: Medium,
        /// With what result.
        result: Result<Sighting, ApiError>,
    },
    /// These topics are granted.
    Topics {
        /// Their names.
        topics: Vec<Topic>,
        /// There is nothing but the record: REST is asked for all of them.
        thorough: bool,
    },
    /// What a look's question brought, word for word; comes before its understood form.
    Said {
        /// Which look asked.
        look: u64,
        /// The conversations, or the user.
        said: Vec<Said>,
    },
    /// A reading for the record ([`Output::Read`]) was answered.
    Read {
        /// Which question.
        ask: u64,
        /// What was read.
        reading: Reading,
        /// With what.
        result: Result<Vec<Said>, ApiError>,
    },
    /// Analytics were asked ([`Output::LookBack`]), and answered.
    LookedBack {
        /// Which question.
        ask: u64,
        /// With what.
        result: Result<wire::ConversationDetails, ApiError>,
    },
    /// The desk has taken in what analytics told of a gap ([`Output::Past`]).
    FoundPast {
        /// Begin of the gap.
        gap: Millis,
        /// How many facts were new.
        recovered: u32,
        /// How many of them were missed offers.
        missed: u32,
    },
    /// The desk wants this conversation looked up.
    Reread {
        /// Which.
        conversation: String,
        /// Its kind.
        medium: Medium,
    },
    /// The desk wants the agent looked up.
    RereadAgent,
    /// The desk has found differences in what the feed recovered.
    Found {
        /// How many facts were new.
        recovered: u32,
        /// How many of them were missed offers.
        missed: u32,
    },
    /// The agent went on or off queue.
    OnQueue(bool),
    /// The computer woke up or its network changed: look again soon.
    Woke,
    /// Genesys' counts of conversations ([`Output::Summary`]) differ from the desk's.
    Disagreement,
    /// They differ even after a while ([`Output::Compare`]).
    StillDisagreement,
    /// There is a usable token, or none: then nothing is asked.
    Token(bool),
    /// [`Output::Looked`] has come back: all that was found before it has reached the desk.
    Looked,
    /// [`Output::Settle`] has come back: all that was found in past gaps has reached the desk.
    Settle,
    /// Look at the clock.
    Tick,
}

/// What the feed wants done or told.
#[derive(Debug, Clone)]
pub enum Output {
    /// `GET conversations`.
    List {
        /// Names the look.
        look: u64,
    },
    /// `GET users/me`.
    ReadMe {
        /// Names the look.
        look: u64,
    },
    /// Look up one conversation by the form that needs no permission.
    LookUp {
        /// Which.
        conversation: String,
        /// Its kind.
        medium: Medium,
    },
    /// For the desk: one look at one conversation.
    Seen {
        /// What was seen.
        sighting: Sighting,
        /// Live or recovered.
        source: Source,
    },
    /// For the desk: this conversation is no more.
    Gone {
        /// Which.
        conversation: String,
    },
    /// For the desk: the agent, re-read.
    Me(Box<wire::Me>),
    /// For the desk: a presence event.
    Presence(wire::UserPresence),
    /// For the desk: a routing-status event.
    Routing(wire::RoutingStatus),
    /// For the desk: a gap is open (why), or closed.
    Deafness(Option<(Millis, String)>),
    /// For the desk: something was offered while we could not hear, and nobody can say what.
    MissedUnseen {
        /// When the gap ended.
        at: Millis,
        /// Why we could not hear.
        why: String,
    },
    /// Read this for the record.
    Read {
        /// Names the question.
        ask: u64,
        /// What to read.
        reading: Reading,
    },
    /// Ask analytics what came and went in a gap.
    LookBack(Question),
    /// For the desk: what analytics tell of an offer in a gap.
    Past {
        /// What was there, and how it ended.
        sighting: Sighting,
        /// Begin of the gap.
        gap: Millis,
        /// Why we could not hear.
        why: String,
    },
    /// Genesys' own counts of the agent's conversations, to be compared with the desk's.
    Summary(Box<wire::ConversationSummary>),
    /// Compare them once more.
    Compare,
    /// All answers of a look are in: say [`Input::Looked`] once the outputs before this one have been dealt with.
    Looked,
    /// Gaps are to be settled: say [`Input::Settle`] once the outputs before this one have been dealt with.
    Settle,
    /// For the link: the socket is alive and delivers nothing.
    Deaf,
    /// For the link: the comparison is done.
    Compared {
        /// For which connection.
        epoch: u64,
    },
    /// A look-up is not possible now, and why; `None` takes it back.
    Hampered(Option<Trouble>),
    /// For the record: an event of a topic, each once and in order.
    Event(EventRecord),
    /// Tell the world.
    Tell(Event),
}
