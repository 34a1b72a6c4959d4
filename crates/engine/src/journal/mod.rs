//! Can we prove it? The append-only record of what was heard, missed and done. For audits, and for the next start, which
//! owes the time since the last record.
//!
//! # The file
//!
//! An SQLite database (WAL, `synchronous=NORMAL`: what was appended survives a crash of the process; a crash of the
//! computer may take the last moments, never the middle). `application_id` is `0x45617273`, `user_version` the format, 1.
//!
//! Table `record`, one row for each record, in the order of `seq`, which begins at 1 and has no holes:
//!
//! | column | what |
//! |---|---|
//! | `seq` | number of the record |
//! | `at` | when it was known, milliseconds since 1970 by the wall clock of this computer |
//! | `late` | milliseconds it waited to be written, where that was longer than the engine waits; else 0 |
//! | `kind` | what kind of record: below |
//! | `payload` | metadata, as JSON |
//! | `previous` | `hash` of the record before; 32 zero bytes in record 1 |
//! | `hash` | SHA-256 of the bytes below |
//!
//! The hashed bytes are, one after the other: the 16 bytes `earshot-journal` and a zero; the format as one byte; `seq` (8
//! bytes), `at` (8 bytes, two's complement) and `late` (4 bytes); the length of `kind` (8 bytes) and `kind`; the length of
//! `payload` (8 bytes) and `payload`, as stored, in UTF-8; `previous`. Numbers are big-endian.
//!
//! Table `body` has the bodies of events, where they were asked for, by `seq`. The record of an event has the length and
//! the SHA-256 of its body in its payload, so bodies can go, and the chain still holds. Table `writer` says who writes.
//!
//! The records of the journal itself are `begun` (the first; it names what it replaces), `opened`, `checkpoint` (what all
//! records so far amount to), `pruned` (which records were removed, up to a checkpoint, and the hash of the last of them:
//! the first record still here has it as `previous`), `bodies_pruned`, `late` (an append took long) and `lost` (records
//! that found no place in memory while the disk failed). All others are the facts of [`crate::record`], by their names.
//!
//! Who can write the file can also make a new chain. Against that, and against an end that was cut off, stands an
//! [`Anchor`]: the hash of the last record, kept somewhere else.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::oneshot;

use crate::limits::JOURNAL_CLOSE;
use crate::record::{Owed, Record, Recorder};
use crate::snapshot::Trouble;
use crate::world::{Clock as _, SystemClock};

mod account;
mod deafness;
mod format;
mod lock;
mod payload;
mod queue;
mod read;
mod report;
mod standing;
mod store;
mod table;
mod trouble;
mod verify;
mod writer;

pub use deafness::{Cause, Deaf, Deafness, Gap};
pub use lock::Holder;
pub use read::{Range, export};
pub use report::{Day, Missed, Offer, Report, Sums, Times, report};
pub use verify::{Anchor, Problem, Pruned, Verified, anchor, verify};

use lock::{Lock, NoLock};
use queue::Queue;
use store::{Store, Unusable};
use writer::Writer;

/// How a journal is kept.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Who writes, with its version: "earshot-listen 0.1.0".
    pub program: String,
    /// Bodies of events are kept too, not only their hashes: they are about customers.
    pub bodies: bool,
    /// What is removed, and when.
    pub retention: Retention,
    #[doc(hidden)]
    pub fault: Option<Fault>,
}

/// What is removed from a journal, a checkpoint's worth at a time. Nothing, unless asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retention {
    /// Records older than this.
    pub age: Option<Duration>,
    /// The oldest records, while the file holds more bytes than this.
    pub bytes: Option<u64>,
    /// Bodies older than this.
    pub bodies: Option<Duration>,
}

/// For tests: done at the beginning of each append, so that it can be slow, or fail.
#[doc(hidden)]
#[derive(Clone)]
#[allow(clippy::type_complexity)]
pub struct Fault(pub Arc<dyn Fn(&rusqlite::Connection) -> rusqlite::Result<()> + Send + Sync>);

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fault")
    }
}

/// Why a journal could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// Somebody else writes it.
    #[error("{path} is being written by {}; two programs cannot keep one journal", holder.as_ref().map_or("another program".to_owned(), ToString::to_string), path = path.display())]
    Held {
        /// The journal.
        path: PathBuf,
        /// Who, where that can be read.
        holder: Option<Holder>,
    },
    /// A later version of Earshot began it.
    #[error("{path} has format {version}, which is newer than this program", path = path.display())]
    Newer {
        /// The journal.
        path: PathBuf,
        /// Its format.
        version: u32,
    },
    /// A sound database of something else.
    #[error("{path} is a database, but not a journal; choose another file", path = path.display())]
    NotAJournal {
        /// The file.
        path: PathBuf,
    },
    /// The file, its lock or its directory cannot be used.
    #[error("{path} cannot be used: {source}", path = path.display())]
    Io {
        /// The journal.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// SQLite cannot use it.
    #[error("{path} cannot be used: {detail}", path = path.display())]
    Failed {
        /// The journal.
        path: PathBuf,
        /// Why, in SQLite's words.
        detail: String,
    },
}

impl JournalError {
    /// The same, as it is told to an agent.
    #[must_use]
    pub fn trouble(&self) -> Trouble {
        trouble::refused(self)
    }
}

/// What a tap is told of: records in their order, each once, after they are safe, or after that came to nothing.
#[derive(Debug, Clone, Copy)]
pub struct Taken<'a> {
    /// The records.
    pub records: &'a [Record],
    /// Whether they are in the journal; if not, they wait in memory for the disk.
    pub kept: Result<(), &'a Trouble>,
    /// So many before these found no place in memory while the disk hung.
    pub lost: u64,
}

type Tap = Box<dyn FnMut(Taken<'_>) + Send>;

/// A journal that is open for writing. The thread that writes ends when this is dropped, and what waits is written first.
pub struct Journal {
    path: PathBuf,
    queue: Arc<Queue>,
    owed: Option<Owed>,
    aside: Arc<Mutex<Vec<PathBuf>>>,
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Journal {
    /// Opens a journal, or begins one. Its directory is made if need be. A damaged one is moved aside to
    /// `NAME.corrupt-TIME`, and the new one's first record names it. Blocks for as long as the disk takes.
    ///
    /// # Errors
    /// When somebody else writes it, when it is not a journal, or when the disk does not let us.
    pub fn open(path: impl Into<PathBuf>, options: Options) -> Result<Self, JournalError> {
        let path = path.into();
        let io_error = |source| JournalError::Io { path: path.clone(), source };
        lock::make_directory(&path).map_err(io_error)?;
        let lock = Lock::take(&path).map_err(|error| match error {
            NoLock::Held => JournalError::Held { path: path.clone(), holder: read::holder(&path) },
            NoLock::Io(error) => io_error(error),
        })?;
        let now = SystemClock::default().wall();
        let aside = Arc::default();
        let (store, owed) = match Self::open_store(&path, &options, now) {
            Ok(store) => {
                let owed = store.standing.owed();
                (store, owed)
            }
            Err(Unusable::Corrupt(what)) => {
                // What can still be read of it says from when on we owe.
                let standing = read::salvage(&path);
                let (mut store, _) = writer::begin_anew(&path, &options, &what, &Value::Null, &aside, now)
                    .map_err(|error| unusable(&path, error))?;
                store.standing = standing;
                store.checkpoint(now).map_err(|error| unusable(&path, error.into()))?;
                let owed = store.standing.owed();
                (store, owed)
            }
            Err(error) => return Err(unusable(&path, error)),
        };
        let queue = Arc::new(Queue::default());
        let writer = Writer::new(path.clone(), options, Arc::clone(&queue), store, lock, Arc::clone(&aside));
        std::thread::Builder::new().name("journal".into()).spawn(move || writer.run()).map_err(io_error)?;
        Ok(Self { path, queue, owed, aside })
    }

    fn open_store(path: &Path, options: &Options, now: i64) -> Result<Store, Unusable> {
        if !path.exists() && lock::beside(path, "-wal").exists() {
            return Err(Unusable::Corrupt("the file was removed, and only its log is left".into()));
        }
        Store::open(path, options, None, now)
    }

    /// Calls this on the writer's thread with all records from now on, after they are safe: what it prints is in the
    /// journal. As long as it does not return nothing more is written.
    #[must_use]
    pub fn with_tap(self, tap: impl FnMut(Taken<'_>) + Send + 'static) -> Self {
        self.queue.tap(Box::new(tap));
        self
    }

    /// What the last run left to be looked up; for [`crate::Builder::owed`].
    #[must_use]
    pub fn owed(&self) -> Option<Owed> {
        self.owed.clone()
    }

    /// Where damaged journals went since this was opened.
    #[must_use]
    pub fn set_aside(&self) -> Vec<PathBuf> {
        self.aside.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The same, as it is told to an agent: the newest of them.
    #[must_use]
    pub fn replaced(&self) -> Option<Trouble> {
        let aside = self.set_aside();
        let name = aside.last()?.file_name()?.to_string_lossy().into_owned();
        Some(trouble::replaced(&name))
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes what waits, closes the file and gives up its lock. False: that did not come to an end in this time, and goes
    /// on by itself. Blocks; nothing handed over later is kept.
    pub fn close(&self, patience: Duration) -> bool {
        self.queue.close();
        self.queue.finished(patience)
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.close(JOURNAL_CLOSE);
    }
}

impl Recorder for Journal {
    fn record(&self, records: Vec<Record>) -> oneshot::Receiver<Result<(), Trouble>> {
        let (done, safe) = oneshot::channel();
        self.queue.push(records, done);
        safe
    }
}

fn unusable(path: &Path, error: Unusable) -> JournalError {
    let path = path.to_owned();
    match error {
        Unusable::Refused(error) => error,
        Unusable::Corrupt(detail) => JournalError::Failed { path, detail },
        Unusable::Failed(error) => JournalError::Failed { path, detail: error.to_string() },
    }
}
