//! What goes into the desk and what comes out of it.

use earshot_genesys::error::ApiError;
use earshot_genesys::wire;

use super::sighting::Sighting;
use crate::event::{Event, Source};
use crate::snapshot::{Medium, Millis, Trouble};

/// What the desk is told, or asked.
#[derive(Debug, Clone)]
pub enum Input {
    /// `users/me` has answered, with its expansions.
    Me(Box<wire::Me>),
    /// One look at one conversation.
    Seen {
        /// What was seen.
        sighting: Sighting,
        /// Live or recovered.
        source: Source,
    },
    /// What analytics tell of an offer in a gap that is over.
    Past {
        /// What was there, and how it ended.
        sighting: Sighting,
        /// Begin of the gap.
        since: Millis,
        /// Why Earshot could not hear, in words.
        why: String,
    },
    /// The feed is sure that this conversation exists no more (two 404, and no newer event).
    Gone {
        /// Conversation id.
        conversation: String,
    },
    /// A presence event, or a re-read presence.
    Presence(wire::UserPresence),
    /// A routing-status event, or a re-read one.
    Routing(wire::RoutingStatus),
    /// Something was offered while Earshot could not hear, and nobody can say what.
    MissedUnseen {
        /// When the gap ended.
        at: Millis,
        /// Why Earshot could not hear, in words.
        why: String,
    },
    /// A command of the person's.
    Command(Command),
    /// An action's request was answered.
    Acted {
        /// Which.
        action: ActionId,
        /// How.
        result: Result<(), ApiError>,
    },
    /// A gap is open: an offer found for the first time as already ended was missed because of it.
    Deaf {
        /// Why, in words; `None` when hearing is restored and looked up.
        why: Option<String>,
        /// When it began, where that is known; a gap over a sleep begins long before it is noticed.
        since: Option<Millis>,
    },
    /// Look at the clock.
    Tick,
}

/// A command of the person's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Take the conversation.
    Answer {
        /// The agent's leg.
        leg: String,
    },
    /// Send it back: to the queue, or a direct call to voicemail.
    Decline {
        /// The agent's leg.
        leg: String,
    },
    /// Hide it; sends nothing.
    Dismiss {
        /// The agent's leg.
        leg: String,
    },
    /// Choose a presence.
    SetPresence {
        /// Presence definition id.
        id: String,
    },
    /// Go on queue, or back to the presence held before.
    SetOnQueue {
        /// On or off.
        on: bool,
    },
    /// Clear Not Responding (routing status to idle).
    BackOnQueue,
    /// Take one line off the list of missed offers.
    ForgetMissed {
        /// Its `MissedView::id`.
        id: String,
    },
}

/// Names one request of the desk's, so that its answer finds it.
pub type ActionId = u64;

/// What the desk wants done or told.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Tell the world.
    Tell(Event),
    /// Send this, once; answer with [`Input::Acted`].
    Act {
        /// Name of the request.
        action: ActionId,
        /// What to send.
        request: Request,
    },
    /// Look at this conversation again; the feed answers with [`Input::Seen`].
    Reread {
        /// Conversation id.
        conversation: String,
        /// Its kind, which tells the path that needs no permission.
        medium: Medium,
    },
    /// Look at `users/me` again: a presence change has not shown itself; answer with [`Input::Me`].
    RereadAgent,
    /// The command cannot be carried out, and why.
    Refused {
        /// The command.
        command: Command,
        /// Why.
        trouble: Trouble,
    },
}

/// One request that changes something at Genesys. Never repeated by anyone, never queued for later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// PATCH the participant to `connected`.
    Answer {
        /// Conversation id.
        conversation: String,
        /// The agent's participant.
        participant: String,
        /// Kind.
        medium: Medium,
    },
    /// PATCH the participant to `disconnected`; sent only while the leg is known to alert.
    Decline {
        /// Conversation id.
        conversation: String,
        /// The agent's participant.
        participant: String,
        /// Kind.
        medium: Medium,
    },
    /// Replace the agent's participant with voicemail: how a direct call is declined.
    ToVoicemail {
        /// Conversation id.
        conversation: String,
        /// The agent's participant.
        participant: String,
    },
    /// PATCH the agent's presence.
    Presence {
        /// The agent.
        user: String,
        /// Presence definition id.
        definition: String,
    },
    /// PUT the agent's routing status to `IDLE`.
    RoutingIdle {
        /// The agent.
        user: String,
    },
}
