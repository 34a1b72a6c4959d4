//! The control API: what tests and curious people make happen. The same commands serve Rust and HTTP.

pub(crate) mod command;
mod handle;
pub(crate) mod http;
mod run;

pub use command::{
    Answers, ChangeLeg, CloseSockets, Command, Conversation, Deaf, Elsewhere, Events, Evict, ExpireTokens, Fail,
    FailTokenEndpoint, Nothing, Offline, Permissions, RateLimit, RefuseUpgrades, RejectTopic, Reset, Scopes, SendRaw,
    SetPresence, SetRoutingStatus, SocketClosing, SocketsOfExpired, Target, Targeted,
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
