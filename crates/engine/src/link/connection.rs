//! One attempt to hear, from its first request to the end of its socket. Never reused: its successor has a greater epoch.

use std::time::Duration;

use super::liveness::Liveness;

/// One attempt to hear.
#[derive(Debug, Clone)]
pub(super) struct Connection {
    /// Told apart from all others by this.
    pub(super) epoch: u64,
    /// The token it was begun with.
    pub(super) generation: u64,
    /// When it was begun.
    pub(super) begun_at: Duration,
    /// How far it has got.
    pub(super) stage: Stage,
    /// The watch over its socket, once that is open.
    pub(super) liveness: Option<Liveness>,
    /// When a refused-for-now subscription is asked again.
    pub(super) resubscribe_at: Option<Duration>,
    /// When it is left for a planned change; it goes on hearing until then.
    pub(super) leave_at: Option<Duration>,
}

/// How far a connection has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// `users/me` is asked.
    Identifying,
    /// The channel is asked for.
    Creating,
    /// Subscribing and dialling, side by side.
    Opening {
        /// The subscriptions are made.
        subscribed: bool,
        /// When the channel ends, on the monotonic clock.
        ends_at: Duration,
    },
    /// We hear.
    Live {
        /// When it has lasted long enough to forgive earlier failures; `None` once it has.
        stable_at: Option<Duration>,
        /// When the subscriptions are PUT again to extend the channel.
        extend_at: Duration,
    },
}

impl Connection {
    pub(super) fn open(&self) -> bool {
        self.liveness.is_some()
    }

    pub(super) fn live(&self) -> bool {
        matches!(self.stage, Stage::Live { .. })
    }
}
