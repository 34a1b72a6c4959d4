//! The control API: what tests and curious people make happen. The same commands serve Rust and HTTP.

mod access;
pub(crate) mod command;
mod failures;
mod handle;
pub(crate) mod http;
mod run;

pub use command::{
    Analytics, Answers, ChangeLeg, Channels, ClientSecrets, CloseSockets, Command, Conversation, Deaf, Elsewhere,
    Events, Evict, ExpireTokens, Fail, FailTokenEndpoint, Idle, Nothing, Offline, Permissions, RateLimit,
    RefuseUpgrades, RejectTopic, Reset, Scopes, Secret, SendRaw, SetPresence, SetRoutingStatus, Skew, SocketAuth,
    SocketClosing, SocketsOfExpired, Stream, Target, Targeted, TokenLife,
};
pub use handle::Control;

/// Why a command was not obeyed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    /// Something in it makes no sense.
    #[error("{0}")]
    Invalid(String),
    /// There is no such conversation, or not in a state for this.
    #[error("{0}")]
    NotFound(String),
}
