//! How many requests of each kind there may be, whatever fails: derived from `limits`, and asserted in every series.

use std::time::Duration;

use crate::steps::Call;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// The longest window below.
pub const LONGEST: Duration = MINUTE;
/// Sockets at once.
pub const SOCKETS: usize = 2;
/// What each click, wake-up or sign-in may add.
pub const CUT: usize = 3;

/// Windows and the most requests in each.
pub fn of(call: Call) -> &'static [(Duration, usize)] {
    match call {
        // One for each conversation in doubt, and a second one where it is absent (ABSENCE_APART).
        Call::LookUp => &[(SECOND, 30), (MINUTE, 120)],
        // A failed one waits for the back-off of a server's trouble, or for `Retry-After`; RENEW_FLOOR else.
        Call::Renew => &[(SECOND, 4), (MINUTE, 62)],
        // Each was asked for, which guarantee 7 sees to.
        Call::Act => &[],
        // Attempts begin ATTEMPT_FLOOR (250 ms) apart: five in a second, the first and the last included. A back-off of up
        // to 2, 4, 8, 16, 30 s makes it some ten in a minute; only a server that asks for it (429 with `Retry-After: 0`, of
        // which RETRY_AFTER_FLOOR makes 1 s) sees sixty.
        Call::Identify | Call::Channel | Call::Subscribe | Call::Dial
        // A re-list that fails is asked again after 1, 2, 4, 8, 15 s (RELIST_RETRY, RELIST_RETRY_CAP), and after a second at
        // the earliest where `Retry-After` says so. Each new connection begins one of its own.
        | Call::List | Call::ReadMe
        // CHECK_RETRY (2 s), or `Retry-After`; one suspicion for each attempt at most.
        | Call::Check
        // A token lives unused for a minute at least (IDLE_SHORTEST), and is asked for once.
        | Call::Idle | Call::Expiry
        // LOOK_BACK_AT for each gap, one question at a time; a failed one as any other read.
        | Call::LookBack => &[(SECOND, 5), (MINUTE, 62)],
    }
}
