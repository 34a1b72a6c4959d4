//! What goes into the whole machine and what comes out of it: the list of everything the driver has to do.

use std::time::Duration;

use earshot_genesys::api::TopicResult;
use earshot_genesys::error::ApiError;
use earshot_genesys::topics::Topic;
use earshot_genesys::transport::{DialError, Frame};
use earshot_genesys::wire;

use crate::desk::io::{ActionId, Command, Request};
use crate::desk::sighting::Sighting;
use crate::event::Event;
use crate::feed::{Question, Reading, Said};
use crate::link::End;
use crate::record::Record;
use crate::session::Renewal;
use crate::snapshot::{Medium, Millis, Trouble};
use crate::verdict::TokenCheck;

/// What the machine is told, or asked.
#[derive(Debug)]
pub enum Input {
    /// A sign-in brought a token.
    SignedIn {
        /// How it can be renewed.
        renewal: Renewal,
        /// How many client secrets there are to try.
        secrets: usize,
        /// `expires_in`.
        lifetime: Duration,
    },
    /// There is a sign-in whose token has yet to be fetched, and no person to ask.
    Resume {
        /// How a token can be had.
        renewal: Renewal,
        /// How many client secrets there are to try.
        secrets: usize,
    },
    /// The person signs out.
    SignedOut,
    /// The engine ends without signing out.
    Closed,
    /// A command of the person's.
    Command(Command),
    /// A click on "Reconnect now".
    ReconnectNow,
    /// The computer woke up, or its network changed.
    Woke,
    /// The computer is about to sleep.
    GoingToSleep,
    /// Whether a person uses the computer: the screen is not locked and they are not away from it.
    PersonHere(bool),
    /// A token was checked.
    Checked {
        /// Which.
        generation: u64,
        /// What it came to.
        check: TokenCheck,
        /// How long the server asks to wait.
        retry_after: Option<Duration>,
    },
    /// [`Effect::AskIdle`] was answered.
    IdleTimeout {
        /// For which token.
        generation: u64,
        /// After how long an unused token ends; `None` where it does not, or that is not known.
        timeout: Option<Duration>,
    },
    /// [`Effect::Touch`] was answered.
    Touched {
        /// With which token.
        generation: u64,
        /// What it came to.
        check: TokenCheck,
        /// How long the server asks to wait.
        retry_after: Option<Duration>,
    },
    /// A token was renewed.
    Renewed {
        /// Which renewal.
        attempt: u64,
        /// `expires_in`.
        lifetime: Duration,
    },
    /// A renewal failed.
    RenewFailed {
        /// Which renewal.
        attempt: u64,
        /// How.
        error: ApiError,
    },
    /// The stored credential was read again.
    Reread {
        /// Which renewal asked.
        attempt: u64,
        /// It is another one.
        changed: bool,
    },
    /// The secret store has a problem, or none any more.
    Store(Option<Trouble>),
    /// `users/me` was answered for a connection.
    Identified {
        /// Which.
        epoch: u64,
        /// With what.
        result: Result<Box<wire::Me>, ApiError>,
    },
    /// A channel was made, or not.
    ChannelCreated {
        /// For which connection.
        epoch: u64,
        /// Its end by Genesys' clock.
        result: Result<Option<Millis>, ApiError>,
    },
    /// Subscriptions were made, or not.
    Subscribed {
        /// For which connection.
        epoch: u64,
        /// Topic by topic.
        result: Result<Vec<TopicResult>, ApiError>,
    },
    /// [`Effect::AskExpiry`] was answered.
    Expiry {
        /// For which connection.
        epoch: u64,
        /// When its channel ends now, by Genesys' clock; `None` where it does not say.
        result: Result<Option<Millis>, ApiError>,
    },
    /// A socket is open.
    Opened {
        /// Of which connection.
        epoch: u64,
    },
    /// A socket did not open.
    NotOpened {
        /// Of which connection.
        epoch: u64,
        /// Why.
        error: DialError,
    },
    /// A frame came.
    Frame {
        /// On which connection.
        epoch: u64,
        /// The frame.
        frame: Frame,
    },
    /// A socket ended.
    Ended {
        /// Of which connection.
        epoch: u64,
        /// How.
        end: End,
    },
    /// `GET conversations` was answered.
    Listed {
        /// Which look asked.
        look: u64,
        /// With which token.
        generation: u64,
        /// With what.
        result: Result<Vec<wire::Conversation>, ApiError>,
    },
    /// `users/me` was answered for a look.
    MeRead {
        /// Which.
        look: u64,
        /// With which token.
        generation: u64,
        /// With what.
        result: Result<Box<wire::Me>, ApiError>,
    },
    /// One conversation was looked up.
    LookedUp {
        /// Which.
        conversation: String,
        /// Its kind.
        medium: Medium,
        /// With which token.
        generation: u64,
        /// With what result.
        result: Result<Sighting, ApiError>,
    },
    /// What a look's question brought, word for word; comes before its understood form.
    Said {
        /// Which look.
        look: u64,
        /// The conversations, or the user.
        said: Vec<Said>,
    },
    /// A reading for the record was answered.
    Read {
        /// Which question.
        ask: u64,
        /// What was read.
        reading: Reading,
        /// With what token it was asked.
        generation: u64,
        /// With what.
        result: Result<Vec<Said>, ApiError>,
    },
    /// Analytics were asked, and answered.
    LookedBack {
        /// Which question.
        ask: u64,
        /// With which token.
        generation: u64,
        /// With what.
        result: Result<wire::ConversationDetails, ApiError>,
    },
    /// An action was answered.
    Acted {
        /// Which.
        action: ActionId,
        /// With what token it was sent.
        generation: u64,
        /// With what result.
        result: Result<(), ApiError>,
    },
    /// Look at the clocks.
    Tick,
}

/// What the driver has to do.
#[derive(Debug)]
pub enum Effect {
    /// `HEAD tokens/me`.
    Check {
        /// Of this token.
        generation: u64,
    },
    /// `GET tokens/timeout`.
    AskIdle {
        /// With this token.
        generation: u64,
    },
    /// `HEAD tokens/me`, so that the token is not ended as unused.
    Touch {
        /// This token.
        generation: u64,
    },
    /// Ask the token endpoint for a new token.
    Renew {
        /// Names the renewal.
        attempt: u64,
        /// With this client secret.
        secret: usize,
    },
    /// Read the stored credential again.
    RereadCredential {
        /// Names the renewal.
        attempt: u64,
    },
    /// `GET users/me`, for a connection.
    Identify {
        /// Which.
        epoch: u64,
        /// With this token.
        generation: u64,
    },
    /// `POST notifications/channels`.
    CreateChannel {
        /// For this connection.
        epoch: u64,
        /// With this token.
        generation: u64,
    },
    /// `PUT notifications/channels/{id}/subscriptions`.
    Subscribe {
        /// For this connection.
        epoch: u64,
        /// With this token.
        generation: u64,
        /// The whole list.
        topics: Vec<Topic>,
    },
    /// `GET notifications/channels`, for the end of this connection's channel.
    AskExpiry {
        /// Which.
        epoch: u64,
        /// With this token.
        generation: u64,
    },
    /// Open the socket of this connection's channel.
    Dial {
        /// Which.
        epoch: u64,
    },
    /// Ping in both forms.
    Ping {
        /// On this connection.
        epoch: u64,
    },
    /// Close the socket and forget the channel.
    Drop {
        /// Of this connection.
        epoch: u64,
    },
    /// `GET conversations`.
    List {
        /// For this look.
        look: u64,
        /// With this token.
        generation: u64,
    },
    /// `GET users/me`, for a look.
    ReadMe {
        /// Which.
        look: u64,
        /// With this token.
        generation: u64,
    },
    /// Look up one conversation.
    LookUp {
        /// Which.
        conversation: String,
        /// Its kind.
        medium: Medium,
        /// Whose legs are the agent's own.
        me: String,
        /// With this token.
        generation: u64,
    },
    /// Read this for the record.
    Read {
        /// Names the question.
        ask: u64,
        /// What.
        reading: Reading,
        /// With this token.
        generation: u64,
    },
    /// Ask analytics what came and went in a gap.
    LookBack {
        /// The question.
        question: Question,
        /// With this token.
        generation: u64,
    },
    /// Send one action, once.
    Act {
        /// Names it.
        action: ActionId,
        /// What to send.
        request: Request,
        /// With this token.
        generation: u64,
    },
    /// Put this on record, before those who listen are told what comes after it.
    Record(Record),
    /// Tell those who listen.
    Tell(Event),
}
