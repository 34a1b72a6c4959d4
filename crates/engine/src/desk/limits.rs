//! The desk's constants, each with its reason.

use std::time::Duration;

use crate::snapshot::Millis;

/// After Genesys accepted an action (202) its outcome comes by event, as a rule within a second. After this long without
/// one the event counts as lost and the truth is asked for.
pub const CONFIRM_WITHIN: Duration = Duration::from_secs(5);
/// What that question may take; then the action is called failed. The agent is never left "connecting".
pub const REREAD_WITHIN: Duration = Duration::from_secs(2);
/// A request whose answer never comes back to the desk (each request has a time-out far below this).
pub const ANSWER_LOST: Duration = Duration::from_secs(30);

/// An offer still alerting this long after Genesys meant to take it back is looked at: its end was not heard.
pub const OVERDUE_AFTER: Duration = Duration::from_secs(3);
/// An offer with no stated end is looked at after this long: the longest ring that is common in a queue.
pub const LOOK_AFTER: Duration = Duration::from_secs(60);
/// Between two looks at the same offer: two requests a minute of the 300 that Genesys grants.
pub const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// An offer that ended on its own this close to its time-out counts as timed out: Genesys' timer and its stamps differ by
/// about this much.
pub const TIMEOUT_SLACK: Millis = 1_500;
/// The clocks of this computer and of Genesys count as equal up to here: `date` is read off an answer that was under way,
/// and is stated in whole seconds by some.
pub const CLOCKS_AGREE: Millis = 1_000;
/// A gap may have begun this long before it was noticed (the longest silence that is not yet suspicious is 35 s).
pub const GAP_SLACK: Millis = 40_000;
/// With no gap open, an end first heard of is news up to this age. Older ones are history in a long conversation. Shorter
/// than `KEEP_ENDED`, so that nothing forgotten becomes news again.
pub const LATE_NEWS: Millis = 10 * 60_000;

/// Lines in the list of missed offers: more than a person reads.
pub const MISSED_KEPT: usize = 50;
/// Ended legs are remembered this long, so that an event that comes late does not ring. Events are late by seconds.
pub const KEEP_ENDED: Duration = Duration::from_secs(2 * 60 * 60);
/// And so many at most: several days' work of one agent.
pub const ENDED_KEPT: usize = 1_000;
/// Legs that have not ended: an agent has a dozen; a flood from the network must not fill the memory.
pub const OPEN_KEPT: usize = 500;
/// Queue names: an organisation has hundreds, an agent a few dozen.
pub const QUEUES_KEPT: usize = 1_000;
