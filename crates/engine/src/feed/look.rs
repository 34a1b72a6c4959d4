//! One look at the truth: what it is for, and how far its two questions and its look-ups have got.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::moment::Moment;
use crate::snapshot::Millis;

/// Why a look is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To close a gap (the time before the first connection included).
    Gap,
    /// To settle it.
    Second,
    /// To compare what the socket delivers with the truth.
    Audit,
    /// The same, before a new socket takes over from an old one.
    HandOver,
    /// To ring although another channel took this one's place.
    Evicted,
    /// Because the desk doubts the agent's state.
    Agent,
}

/// One of the two questions of a re-list. Each is in flight once, and where it fails, it alone is asked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Half {
    Due { at: Duration, failures: u32 },
    Asked { failures: u32 },
    Done,
}

impl Half {
    pub(super) fn wanted(wanted: bool, now: Moment) -> Self {
        if wanted { Self::Due { at: now.mono, failures: 0 } } else { Self::Done }
    }

    pub(super) fn due_at(self) -> Option<Duration> {
        if let Self::Due { at, .. } = self { Some(at) } else { None }
    }

    /// True where it is to be asked now.
    pub(super) fn ask(&mut self, now: Moment) -> bool {
        let Self::Due { at, failures } = *self else { return false };
        let due = at <= now.mono;
        if due {
            *self = Self::Asked { failures };
        }
        due
    }

    pub(super) fn hurry(&mut self, now: Moment) {
        if let Self::Due { at, .. } = self {
            *at = now.mono.min(*at);
        }
    }
}

/// A re-list under way.
#[derive(Debug, Clone)]
pub(super) struct Look {
    pub(super) id: u64,
    pub(super) purpose: Purpose,
    pub(super) begun_at: Millis,
    /// When the two were asked, on the monotonic clock.
    pub(super) list_asked: Duration,
    pub(super) me_asked: Duration,
    pub(super) list: Half,
    pub(super) me: Half,
    pub(super) lookups: BTreeSet<String>,
}

impl Look {
    /// It closes a gap, or settles it.
    pub(super) fn is_about_a_gap(&self) -> bool {
        matches!(self.purpose, Purpose::Gap | Purpose::Second)
    }

    pub(super) fn complete(&self) -> bool {
        self.list == Half::Done && self.me == Half::Done && self.lookups.is_empty()
    }
}
