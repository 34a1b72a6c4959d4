//! What goes into the link and what comes out of it.

use std::fmt;
use std::time::Duration;

use earshot_genesys::error::ApiError;
use earshot_genesys::transport::{DialError, TransportKind};

use crate::record::HandOver;
use crate::snapshot::{Millis, Trouble};

/// What the link is told, or asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// This token may be used.
    Token {
        /// Which.
        generation: u64,
        /// Genesys has just said that it is good.
        proved: bool,
        /// Fresh from sign-in and never yet accepted.
        fresh: bool,
    },
    /// There is no usable token, and the session is working on it.
    TokenWaiting {
        /// What stands in the way.
        trouble: Trouble,
        /// When the session tries again, on the monotonic clock.
        until: Option<Duration>,
    },
    /// This token turned out to be dead: what was subscribed with it may have gone deaf without a word.
    TokenDead {
        /// Which.
        generation: u64,
    },
    /// There is no usable token, and only a person can bring one.
    TokenLost(Trouble),
    /// The person signed out.
    SignedOut,
    /// The sign-in belongs to another person than the one before; said before [`Input::Identified`].
    OtherPerson {
        /// Which connection asked.
        epoch: u64,
    },
    /// `users/me` was answered.
    Identified {
        /// Which connection asked.
        epoch: u64,
        /// With what.
        result: Result<(), ApiError>,
    },
    /// The channel was made, or not.
    ChannelCreated {
        /// Which connection.
        epoch: u64,
        /// When it ends, by this computer's wall clock, if stated.
        result: Result<Option<Millis>, ApiError>,
    },
    /// The subscriptions were made, or not.
    Subscribed {
        /// Which connection.
        epoch: u64,
        /// Whether the essential topics were granted.
        result: Result<bool, ApiError>,
    },
    /// [`Output::AskExpiry`] was answered.
    Expiry {
        /// Which connection.
        epoch: u64,
        /// When the channel ends now, by this computer's wall clock; `None` where Genesys does not say.
        result: Result<Option<Millis>, ApiError>,
    },
    /// [`Output::Compare`] has come to its end.
    Compared {
        /// For which connection.
        epoch: u64,
    },
    /// The socket is open.
    Opened {
        /// Which connection.
        epoch: u64,
    },
    /// The socket did not open.
    NotOpened {
        /// Which connection.
        epoch: u64,
        /// Why.
        error: DialError,
    },
    /// A frame came.
    Heard {
        /// Which connection.
        epoch: u64,
        /// What it means to the link.
        heard: Heard,
    },
    /// The socket is no more.
    Ended {
        /// Which connection.
        epoch: u64,
        /// How it ended.
        end: End,
    },
    /// Whether the token has not been used for so long that Genesys may have ended it.
    Quiet(bool),
    /// The feed found that the socket is alive and delivers nothing.
    Deaf,
    /// A click on "Reconnect now".
    ReconnectNow,
    /// The computer woke up, or its network changed.
    Woke,
    /// Look at the clock.
    Tick,
}

/// What a frame means to the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// Life.
    Frame,
    /// The answer to a ping.
    Pong,
    /// `v2.system.socket_closing`.
    Closing,
    /// Another channel took this one's place.
    Evicted,
    /// The user's tokens were revoked.
    Revoked,
    /// A result inside the socket.
    InBand(u16),
}

/// How a socket ended. Its `Debug` leaves the reason out: that is text from the network.
#[derive(Clone, PartialEq, Eq)]
pub enum End {
    /// With a close frame, or (no code) with the end of the stream.
    Closed {
        /// Close code.
        code: Option<u16>,
        /// Close reason.
        reason: String,
    },
    /// With an error of the transport.
    Broken(TransportKind),
}

impl fmt::Debug for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed { code, .. } => write!(f, "Closed({code:?})"),
            Self::Broken(kind) => write!(f, "Broken({kind:?})"),
        }
    }
}

/// What the link wants done or told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Ask who we are.
    Identify {
        /// For this connection.
        epoch: u64,
        /// With this token.
        generation: u64,
    },
    /// Make a channel.
    CreateChannel {
        /// For this connection.
        epoch: u64,
        /// With this token.
        generation: u64,
    },
    /// PUT the whole list of topics.
    Subscribe {
        /// For this connection.
        epoch: u64,
        /// With this token.
        generation: u64,
    },
    /// Ask when this connection's channel ends now.
    AskExpiry {
        /// For this connection.
        epoch: u64,
        /// With this token.
        generation: u64,
    },
    /// Open the socket of this connection's channel.
    Dial {
        /// For this connection.
        epoch: u64,
    },
    /// Send a ping in both forms.
    Ping {
        /// On this connection.
        epoch: u64,
    },
    /// Close the socket and forget the channel; everything that still comes of this connection is dropped.
    Drop {
        /// Which connection.
        epoch: u64,
    },
    /// This token was refused.
    Suspect {
        /// Which.
        generation: u64,
    },
    /// This token was accepted.
    Accepted {
        /// Which.
        generation: u64,
    },
    /// This token was revoked.
    Revoked {
        /// Which.
        generation: u64,
    },
    /// We can no longer be sure to hear.
    Lost {
        /// The last moment at which we could, by the wall clock.
        verified: Millis,
        /// Why not.
        trouble: Trouble,
        /// Another channel took the place: conversations should be asked for meanwhile.
        evicted: bool,
    },
    /// Subscribed, and the socket is open.
    Up,
    /// Compare the truth once with what was heard, for a connection that takes over without a gap.
    Compare {
        /// Which connection.
        epoch: u64,
    },
    /// A planned change has got this far.
    HandOver(HandOver),
}
