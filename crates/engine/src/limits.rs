//! Every constant of the engine, each with its reason. The desk's own are in `desk::limits`.

use std::time::Duration;

/// Between the starts of two connection attempts, whatever the cause: a server that closes at once costs four requests a
/// second, not four hundred.
pub const ATTEMPT_FLOOR: Duration = Duration::from_millis(250);
/// First retry after a cause that hits every client of the server at the same time (restart, overload): spread out.
pub const SERVER_SPREAD: Duration = Duration::from_secs(3);
/// The same after `v2.system.socket_closing`, which comes about a minute before the end (Genesys: staff, forum 7423), so
/// there is time to spread wider.
pub const PLANNED_SPREAD: Duration = Duration::from_secs(5);
/// The back-off doubles from here …
pub const BACKOFF_BASE: Duration = Duration::from_millis(500);
/// … up to here: long enough for a struggling server, short enough that an agent misses at most one or two offers.
pub const BACKOFF_CAP: Duration = Duration::from_secs(30);
/// A connection shorter than this does not reset the back-off: accept-then-close would otherwise be retried for ever at
/// full speed.
pub const STABLE_AFTER: Duration = Duration::from_secs(10);
/// An attempt that has come to no end by then is given up: each of its requests has a shorter limit of its own, so this
/// only catches what should not happen.
pub const ATTEMPT_LIMIT: Duration = Duration::from_secs(60);
/// First retry when only a person can mend the cause …
pub const BLOCKED_RETRY: Duration = Duration::from_secs(5);
/// … doubling up to here: the person's change is then noticed within a minute without a click.
pub const BLOCKED_RETRY_CAP: Duration = Duration::from_secs(60);

/// A ping is sent when a socket opens and after this much silence.
pub const PING_AFTER: Duration = Duration::from_secs(5);
/// … and this long after the last ping even while frames arrive: whoever closes idle connections may count only what the
/// client sends (Genesys users: 1001 "idle timeout" under steady heartbeats), and a busy socket is never silent. The
/// shortest such limit in common use is 30 s.
pub const SPEAK_AFTER: Duration = Duration::from_secs(15);
/// A socket that has answered a ping is dead after this much silence: two unanswered pings and a margin.
pub const SILENCE_ANSWERING: Duration = Duration::from_secs(12);
/// One that never answered a ping: heartbeats come every 30 s (Genesys: the official streaming client uses 35 s).
pub const SILENCE_MUTE: Duration = Duration::from_secs(35);
/// After a wake-up, or a network change, the socket proves itself alive within this or is replaced.
pub const PROOF_AFTER_WAKE: Duration = Duration::from_secs(2);
/// The wall clock ran ahead of the monotonic clock by this much: the computer slept (a clock set by NTP moves less).
pub const WAKE_JUMP: Duration = Duration::from_secs(4);
/// The driver looks at the clocks at least this often, since timers do not see sleep on Linux and macOS.
pub const CLOCK_LOOK: Duration = Duration::from_secs(1);

/// Lifetime of a channel whose `expires` Genesys did not state (Genesys: 24 h, extended by PUT of the subscriptions).
pub const CHANNEL_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);
/// A PUT that extends a channel and fails is tried again after this.
pub const EXTEND_RETRY: Duration = Duration::from_secs(5 * 60);

/// How often an extension may fail, or not be confirmed, before another channel takes the place of this one.
pub const EXTEND_TRIES: u32 = 3;

/// In a hand-over both sockets hear for this long: a subscription may become active a second or two after its PUT was
/// answered, and what one socket delivers late the other still has.
pub const OVERLAP: Duration = Duration::from_secs(5);
/// A new socket that answers no pings is proved by any frame after this: some servers and proxies swallow pings.
pub const PROOF_WITHOUT_PONG: Duration = Duration::from_secs(3);
/// The comparison at the end of a hand-over may take this long, with its retries; then a proved socket takes over without.
pub const COMPARE_LIMIT: Duration = Duration::from_secs(20);
/// What one of two sockets told is expected from the other for this long: longer than a silent socket is thought alive.
pub const COPY_AWAITED: Duration = Duration::from_secs(15);

/// Two evictions closer than this are a fight between two Earshots of one user.
pub const EVICTION_FIGHT: Duration = Duration::from_secs(150);
/// The wait after the second eviction of a fight; it grows fourfold …
pub const EVICTION_WAIT: Duration = Duration::from_secs(1);
/// … up to here.
pub const EVICTION_WAIT_CAP: Duration = Duration::from_secs(120);
/// While evicted and waiting, conversations are asked for this often, so that an offer still rings.
pub const EVICTED_POLL: Duration = Duration::from_secs(5);

/// A renewal starts this long before the end of the token, or …
pub const RENEW_BEFORE: Duration = Duration::from_secs(10 * 60);
/// … this share of its lifetime before it (a percentage), whichever is shorter.
pub const RENEW_SHARE: u32 = 20;
/// No renewal starts sooner after the last one, however short the lifetime that a server claims.
pub const RENEW_FLOOR: Duration = Duration::from_secs(1);
/// The shortest idle time-out that an organisation can set (Genesys: 5 minutes to 8 hours), for where it is not known.
pub const IDLE_SHORTEST: Duration = Duration::from_secs(5 * 60);
/// The longest idle time-out that is believed: the longest life of a token. What a server claims is later multiplied.
pub const IDLE_LONGEST: Duration = Duration::from_secs(48 * 3600);
/// A token that is to be kept alive is used after this share of the idle time-out (a percentage), …
pub const KEEP_ALIVE_SHARE: u32 = 40;
/// … and up to this much later, evenly: a failed call can then be repeated well before the end.
pub const KEEP_ALIVE_SPREAD: u32 = 20;
/// Not more often than this, whatever time-out a server states.
pub const KEEP_ALIVE_FLOOR: Duration = Duration::from_secs(1);
/// A call to keep the token alive that came to nothing is repeated after this.
pub const KEEP_ALIVE_RETRY: Duration = Duration::from_secs(15);
/// Between two token checks that came to nothing (429, 5xx).
pub const CHECK_RETRY: Duration = Duration::from_secs(2);
/// After all client secrets were refused: how soon they are tried again (an administrator may have rotated them).
pub const SECRETS_RETRY: Duration = Duration::from_secs(60);
/// How often a token that somebody else renews is read again while it works: well within what is left of a Genesys token
/// (300 s at the least) when its keeper writes the next one.
pub const TOKEN_LOOK: Duration = Duration::from_secs(60);
/// A secret store slower than this cannot hold up a renewal.
pub const STORE_PATIENCE: Duration = Duration::from_secs(2);

/// What comes after a record waits this long for it to be safe, then it is told all the same: a slow disk must not keep
/// an offer from ringing.
pub const JOURNAL_PATIENCE: Duration = Duration::from_millis(20);
/// Before a sleep the record is waited for this long: nothing rings in a sleep, and what is written after it says too late
/// until when we heard. logind waits for five seconds.
pub const SLEEP_PATIENCE: Duration = Duration::from_secs(1);
/// While all is well and quiet, so often it is put on record that we hear: what a crash owes is at most this much too long.
pub const HEARING_EVERY: Duration = Duration::from_secs(60);
/// Records that wait for a disk that fails or hangs. What is beyond is counted, and put on record as lost.
pub const JOURNAL_WAITING: usize = 50_000;
/// The same in bytes of bodies: a disk that is full for an hour must not fill the memory too.
pub const JOURNAL_WAITING_BYTES: usize = 32 * 1024 * 1024;
/// Records in one transaction: enough to be fast, few enough that nobody waits for the last of them.
pub const JOURNAL_BATCH: usize = 512;
/// A disk that fails is tried again after this …
pub const JOURNAL_RETRY: Duration = Duration::from_secs(1);
/// … growing up to here: space that was made is noticed within half a minute.
pub const JOURNAL_RETRY_CAP: Duration = Duration::from_secs(30);
/// A lock of somebody else's (a backup) is waited for this long before the append counts as failed.
pub const JOURNAL_BUSY: Duration = Duration::from_millis(250);
/// A checkpoint after so many records: what is read again at a start, and the step in which old records are removed …
pub const CHECKPOINT_RECORDS: u64 = 10_000;
/// … or after so many bytes, so that a limit of size can be kept …
pub const CHECKPOINT_BYTES: u64 = 4 * 1024 * 1024;
/// … or after this long, if anything was put on record.
pub const CHECKPOINT_EVERY: Duration = Duration::from_secs(60 * 60);
/// How often the journal looks after itself: checkpoint, retention, whether its file is still there.
pub const JOURNAL_UPKEEP: Duration = Duration::from_secs(60);
/// Pages in SQLite's log before they are moved to the file, which is synced to the disk then. 4 MiB.
pub const JOURNAL_WAL_PAGES: i64 = 1000;
/// Words of Genesys' in the record, such as the reason of a rejection: a sentence or two.
pub const JOURNAL_TEXT: usize = 300;
/// Conversations that have not ended, remembered from record to record; far above what an agent or a busy floor has.
pub const UNENDED_KEPT: usize = 4096;
/// Of those, so many are looked up after a restart, the newest: each may cost a request.
pub const UNENDED_OWED: usize = 500;
/// And none of which nothing was heard for this long: its end was told to somebody else.
pub const UNENDED_FOR: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// An orderly end waits this long for the journal's last records.
pub const JOURNAL_CLOSE: Duration = Duration::from_secs(2);
/// Ordered output waits this long for the re-list after a gap …
pub const ORDER_PATIENCE: Duration = Duration::from_secs(2);
/// … and so many events of it at most: far more than two seconds of the busiest queue bring.
pub const ORDER_KEPT: usize = 10_000;

/// After a re-list, one more look: a subscription may become active a moment after its PUT was answered.
pub const SECOND_LOOK: Duration = Duration::from_secs(3);
/// When analytics are asked about a closed gap, counted from its second look: at once, since where they are not permitted
/// nobody should wait for them, and again, since they lag by seconds to minutes. After the last time the gap is settled.
pub const LOOK_BACK_AT: [Duration; 4] =
    [Duration::ZERO, Duration::from_secs(10), Duration::from_secs(60), Duration::from_secs(180)];
/// Between two questions about different users or queues: a listener to many of them leaves most of its 300 requests a minute
/// (Genesys) to what is live.
pub const LOOK_BACK_APART: Duration = Duration::from_millis(500);
/// Closed gaps looked back upon at once: more than that is a network that comes and goes, and the oldest settle as they are.
pub const LOOK_BACK_KEPT: usize = 32;
/// A gap is looked back upon from this long before its begin: what was on its way to us when the connection went was heard by
/// nobody, and Genesys' clock is another one than ours. What is found twice is known by its leg.
pub const LOOK_BACK_MARGIN: Duration = Duration::from_secs(5);
/// And until this long after its end: a subscription may become active a moment after its PUT was answered.
pub const LOOK_BACK_AFTER: Duration = SECOND_LOOK;
/// How long before a gap a conversation may have begun that was offered inside it: callers wait and e-mails lie.
pub const CONVERSATION_REACH: Duration = Duration::from_secs(24 * 60 * 60);
/// Pages of a hundred conversations read for one look: a gap in which one agent had more is none an agent can have.
pub const LOOK_BACK_PAGES: u32 = 10;
/// How often conversations are compared while on queue: a pong does not prove delivery.
pub const AUDIT_EVERY: Duration = Duration::from_secs(60);
/// An offer that only the comparison knew of makes the socket deaf unless its event comes within this.
pub const AUDIT_GRACE: Duration = Duration::from_secs(3);
/// A look waits for a look-up that fails so often, a minute in all, and no longer: one conversation that Genesys cannot tell
/// of must not keep everything else from being looked at. It goes on being asked for, and a gap says so.
pub const LOOK_UP_TRIES: u32 = 8;
/// Absence counts after two 404 this far apart.
pub const ABSENCE_APART: Duration = Duration::from_secs(2);
/// A re-list that fails is tried again after this (or the server's `Retry-After`).
pub const RELIST_RETRY: Duration = Duration::from_secs(1);
/// … growing up to here.
pub const RELIST_RETRY_CAP: Duration = Duration::from_secs(15);
/// Topics and conversations whose last body is remembered for de-duplication; far above what one agent has in a day's
/// memory, and bounds it.
pub const REMEMBERED_BODIES: usize = 4096;
/// Bodies remembered so that a re-list tells only news: enough for a thousand conversations of a few kilobytes.
pub const REMEMBERED_BYTES: usize = 8 * 1024 * 1024;
/// Requests that only the record makes, at once: it must not crowd out what rings.
pub const READS_AT_ONCE: usize = 4;
/// Such requests waiting, at most: a service that listens to whole queues reads the rest as their next events come.
pub const READS_KEPT: usize = 200;
/// A reading that fails this often is given up, and its gap says so.
pub const READ_TRIES: u32 = 5;
/// A `Retry-After` above this is worth a notice with the time.
pub const WAIT_WORTH_SAYING: Duration = Duration::from_secs(30);
/// Longest `Retry-After` that is obeyed to the letter; a greater one (a day, a broken date) is asked again after this.
pub const RETRY_AFTER_CAP: Duration = Duration::from_secs(6 * 60 * 60);
/// Shortest: a server that answers 429 with `Retry-After: 0` would otherwise be asked again at the speed of the network.
pub const RETRY_AFTER_FLOOR: Duration = Duration::from_secs(1);
/// `Retry-After` where a 429 has none.
pub const RETRY_AFTER_DEFAULT: Duration = Duration::from_secs(5);
