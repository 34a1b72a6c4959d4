//! One attempt to hear, from its first request to the end of its socket. Never reused: its successor has a greater epoch.

use std::time::Duration;

use super::liveness::Liveness;
use crate::limits::{ATTEMPT_LIMIT, CHANNEL_LIFETIME, STABLE_AFTER};
use crate::moment::Moment;
use crate::snapshot::Millis;

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
    /// How long its channel lives.
    pub(super) channel: ChannelLife,
    /// The server has announced the end of its socket.
    pub(super) closing: bool,
    /// Its token turned out to be dead, so it may have gone deaf without a word.
    pub(super) doubtful: bool,
}

/// How long a channel lives.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ChannelLife {
    /// Its end as Genesys last stated it, by this computer's wall clock.
    pub(super) stated: Option<Millis>,
    /// Its end on the monotonic clock.
    pub(super) ends_at: Duration,
    /// It has just been extended, and is asked whether that did anything.
    pub(super) extending: bool,
    /// How often that was not to be learnt.
    pub(super) tries: u32,
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
    },
    /// Subscribed and open beside the old connection; it has still to show that it is heard.
    Proving {
        /// Since when it has been subscribed and open.
        since: Duration,
    },
    /// Both hear.
    Overlapping {
        /// As above.
        since: Duration,
        /// How long they are to; `None` once that has passed and only the old socket's sign of life is awaited.
        until: Option<Duration>,
    },
    /// Both have heard; the truth is compared once.
    Comparing {
        /// As above.
        since: Duration,
        /// When it takes over without.
        by: Duration,
    },
    /// It is the one that counts.
    Live {
        /// When it has lasted long enough to forgive earlier failures; `None` once it has.
        stable_at: Option<Duration>,
        /// When the subscriptions are PUT again to extend the channel.
        extend_at: Duration,
    },
}

impl Connection {
    pub(super) fn new(epoch: u64, generation: u64, now: Duration) -> Self {
        Self {
            epoch,
            generation,
            begun_at: now,
            stage: Stage::Identifying,
            liveness: None,
            resubscribe_at: None,
            channel: ChannelLife { ends_at: now + CHANNEL_LIFETIME, ..ChannelLife::default() },
            closing: false,
            doubtful: false,
        }
    }

    pub(super) fn open(&self) -> bool {
        self.liveness.is_some()
    }

    /// Since when it has been subscribed and open beside an older one.
    pub(super) fn hears_since(&self) -> Option<Duration> {
        match self.stage {
            Stage::Proving { since } | Stage::Overlapping { since, .. } | Stage::Comparing { since, .. } => Some(since),
            Stage::Identifying | Stage::Creating | Stage::Opening { .. } | Stage::Live { .. } => None,
        }
    }

    /// A socket is open or being opened.
    pub(super) fn dialled(&self) -> bool {
        !matches!(self.stage, Stage::Identifying | Stage::Creating)
    }

    /// From now on it is the one that counts.
    pub(super) fn becomes_live(&mut self, now: Duration) {
        let half_life = self.channel.ends_at.saturating_sub(now) / 2;
        self.stage = Stage::Live { stable_at: Some(now + STABLE_AFTER), extend_at: now + half_life };
    }

    /// The last sign of life of its socket.
    pub(super) fn heard_at(&self, now: Duration) -> Duration {
        self.liveness.map_or(now, |liveness| liveness.heard_at())
    }

    /// The same by the wall clock: until then nothing was missed.
    pub(super) fn verified(&self, now: Moment) -> Millis {
        self.liveness.map_or(now.wall, |liveness| liveness.verified(now))
    }

    /// When something is next due. What a planned change waits for forgives nothing by lasting.
    pub(super) fn deadline(&self, planned: bool) -> Duration {
        let stage = match self.stage {
            Stage::Identifying | Stage::Creating | Stage::Opening { .. } => {
                self.resubscribe_at.unwrap_or(self.begun_at + ATTEMPT_LIMIT)
            }
            Stage::Proving { .. } => self.liveness.and_then(|life| life.proved_at()).unwrap_or(Duration::MAX),
            Stage::Overlapping { until, .. } => until.unwrap_or(Duration::MAX),
            Stage::Comparing { by, .. } => by,
            Stage::Live { stable_at, extend_at } => {
                stable_at.filter(|_| !planned).map_or(extend_at, |at| at.min(extend_at))
            }
        };
        self.liveness.map_or(stage, |liveness| stage.min(liveness.deadline()))
    }
}
