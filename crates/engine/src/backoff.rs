//! When to try again: the schedule of design rule "no request storm", as a pure function of the attempt and one random
//! number.

use std::time::Duration;

use crate::limits::{ATTEMPT_FLOOR, BACKOFF_BASE, BACKOFF_CAP, PLANNED_SPREAD, SERVER_SPREAD};
use crate::moment::Moment;

/// Whom the cause of a failure has hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Spread {
    /// Only us: try at once.
    Alone,
    /// Every client of that server: spread over three seconds.
    Everybody,
    /// Every client, announced ahead: spread over five seconds.
    Announced,
}

/// How long to wait before the next attempt, where `failures` attempts have failed since the last stable connection
/// (the one that has just ended included, so 1 is the first retry).
#[must_use]
pub fn delay(failures: u32, spread: Spread, now: Moment) -> Duration {
    if failures <= 1 {
        return match spread {
            Spread::Alone => Duration::ZERO,
            Spread::Everybody => now.spread(SERVER_SPREAD),
            Spread::Announced => now.spread(PLANNED_SPREAD),
        };
    }
    let ceiling = BACKOFF_BASE.saturating_mul(1_u32.checked_shl(failures.min(16)).unwrap_or(u32::MAX)).min(BACKOFF_CAP);
    now.spread(ceiling).max(ATTEMPT_FLOOR)
}

/// Doubles `first` for each attempt after the first, up to `cap`: for retries that need no jitter, since each client
/// began its own at another moment.
#[must_use]
pub fn doubling(first: Duration, cap: Duration, attempt: u32) -> Duration {
    first.saturating_mul(1_u32.checked_shl(attempt.saturating_sub(1).min(20)).unwrap_or(u32::MAX)).min(cap)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn moment(dice: u64) -> Moment {
        Moment { mono: Duration::ZERO, wall: 0, dice }
    }

    #[test]
    fn a_cause_of_ours_alone_is_retried_at_once() {
        assert_eq!(delay(1, Spread::Alone, moment(u64::MAX)), Duration::ZERO);
    }

    proptest! {
        #[test]
        fn first_retries_spread_evenly_and_later_ones_stay_below_the_cap(dice: u64, failures in 1_u32..200) {
            for (spread, limit) in [(Spread::Everybody, SERVER_SPREAD), (Spread::Announced, PLANNED_SPREAD)] {
                prop_assert!(delay(1, spread, moment(dice)) <= limit);
            }
            let later = delay(failures + 1, Spread::Alone, moment(dice));
            prop_assert!(later >= ATTEMPT_FLOOR && later <= BACKOFF_CAP);
        }
    }

    #[test]
    fn the_ceiling_grows_to_the_cap_and_the_whole_range_is_used() {
        let ceilings: Vec<_> =
            (2..10).map(|n| delay(n, Spread::Alone, moment(u64::MAX)).as_secs_f64().round()).collect();
        assert_eq!(ceilings, [2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0, 30.0]);
        assert_eq!(delay(9, Spread::Alone, moment(0)), ATTEMPT_FLOOR);
        let middle = delay(9, Spread::Alone, moment(u64::MAX / 2));
        assert!((middle.as_secs_f64() - 15.0).abs() < 0.1);
    }

    #[test]
    fn doubling_stops_at_its_cap() {
        let waits: Vec<_> =
            (1..6).map(|n| doubling(Duration::from_secs(5), Duration::from_secs(60), n).as_secs()).collect();
        assert_eq!(waits, [5, 10, 20, 40, 60]);
        assert_eq!(doubling(Duration::from_secs(5), Duration::from_secs(60), u32::MAX).as_secs(), 60);
    }
}
