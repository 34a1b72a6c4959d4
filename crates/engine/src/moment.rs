//! What a pure machine is told of the world outside each time it is asked: the two clocks, and one random number.

use std::time::Duration;

use crate::snapshot::Millis;

/// One moment, as the driver measured it. The machines own neither clock nor random source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Since the engine started; never goes back, and may stand still while the computer sleeps.
    pub mono: Duration,
    /// Milliseconds since 1970; jumps when the computer wakes or its clock is set.
    pub wall: Millis,
    /// Fresh for each moment.
    pub dice: u64,
}

impl Moment {
    /// A share of `span` that is drawn evenly from 0 to all of it.
    #[must_use]
    pub fn spread(&self, span: Duration) -> Duration {
        // 53 bits: what an f64 holds exactly.
        #[allow(clippy::cast_precision_loss)]
        let share = (self.dice >> 11) as f64 / (1_u64 << 53) as f64;
        span.mul_f64(share)
    }

    /// The wall clock at monotonic instant `at`, if both ran evenly.
    #[must_use]
    pub fn wall_at(&self, at: Duration) -> Millis {
        self.wall + millis(at.saturating_sub(self.mono)) - millis(self.mono.saturating_sub(at))
    }
}

/// `span` in whole milliseconds.
#[must_use]
pub fn millis(span: Duration) -> Millis {
    Millis::try_from(span.as_millis()).unwrap_or(Millis::MAX)
}
