//! One clock for everything: tokio's time, read as milliseconds of the wall clock at which the simulator started.
//!
//! Tests that pause tokio's clock move the whole simulated contact centre with it.

use jiff::Timestamp;
use std::time::{Duration, SystemTime};
use tokio::time::Instant;

/// Milliseconds since 1970.
pub(crate) type Ms = i64;

/// Where the time comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    started: Instant,
    wall: Ms,
}

impl Clock {
    /// Starts at this time of the wall clock, or at its present.
    pub(crate) fn start(at: Option<SystemTime>) -> Self {
        let wall = at.and_then(|at| Timestamp::try_from(at).ok()).unwrap_or_else(Timestamp::now);
        Self { started: Instant::now(), wall: wall.as_millisecond() }
    }

    /// The present.
    pub(crate) fn now(&self) -> Ms {
        self.wall + ms(self.started.elapsed())
    }

    /// The instant that will show `at`.
    pub(crate) fn instant(&self, at: Ms) -> Instant {
        self.started + Duration::from_millis(u64::try_from(at - self.wall).unwrap_or(0))
    }
}

/// A duration as milliseconds.
pub(crate) fn ms(duration: Duration) -> Ms {
    Ms::try_from(duration.as_millis()).unwrap_or(Ms::MAX / 4)
}

/// Seconds of a control or script body as milliseconds.
#[allow(clippy::cast_possible_truncation)] // bounded by the clamp
pub(crate) fn seconds(value: f64) -> Ms {
    (value.clamp(0.0, 1.0e9) * 1000.0) as Ms
}

/// ISO 8601 with milliseconds, as Genesys writes times.
pub(crate) fn iso(at: Ms) -> String {
    Timestamp::from_millisecond(at).map(|t| t.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()).unwrap_or_default()
}

/// As HTTP writes times.
pub(crate) fn http_date(at: Ms) -> String {
    Timestamp::from_millisecond(at).map(|t| t.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iso_has_milliseconds_and_z() {
        assert_eq!(iso(1_700_000_000_005), "2023-11-14T22:13:20.005Z");
    }
}
