//! The file: SQLite, opened, appended to and shortened. One connection, of the writer's thread.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension as _, params};
use serde_json::{Value, json};

use super::format::{self, APPLICATION, Hash, Row, VERSION};
use super::lock::{Holder, beside, private};
use super::payload::Entry;
use super::read::row;
use super::standing::Standing;
use super::{Fault, JournalError, Options};
use crate::limits::{CHECKPOINT_BYTES, CHECKPOINT_RECORDS, JOURNAL_BUSY, JOURNAL_WAL_PAGES};
use crate::moment::millis;
use crate::snapshot::Millis;

const SCHEMA: &str = "
    CREATE TABLE record (
        seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, late INTEGER NOT NULL, kind TEXT NOT NULL, payload TEXT NOT NULL,
        previous BLOB NOT NULL, hash BLOB NOT NULL) STRICT;
    CREATE INDEX checkpoint ON record (seq) WHERE kind = 'checkpoint';
    CREATE TRIGGER append_only BEFORE UPDATE ON record BEGIN SELECT RAISE(ABORT, 'append only'); END;
    CREATE TABLE body (seq INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
    CREATE TABLE writer (
        one INTEGER PRIMARY KEY CHECK (one = 1), pid INTEGER NOT NULL, program TEXT NOT NULL, host TEXT NOT NULL,
        since INTEGER NOT NULL) STRICT;
";

/// One record to be appended.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) at: Millis,
    pub(super) late: u32,
    pub(super) entry: Entry,
}

/// The open file, and where its chain ends.
pub(super) struct Store {
    connection: Connection,
    fault: Option<Fault>,
    /// Names this journal, in its first record and in every checkpoint.
    id: String,
    seq: u64,
    hash: Hash,
    pub(super) standing: Standing,
    since_checkpoint: u64,
    bytes_since_checkpoint: u64,
    last_checkpoint: Millis,
    /// A checkpoint comes after so many bytes.
    stride: u64,
}

/// Why a file could not be used.
#[derive(Debug)]
pub(super) enum Unusable {
    /// It is damaged: it is to be moved aside.
    Corrupt(String),
    /// It is sound and not for us.
    Refused(JournalError),
    /// The disk, or SQLite, failed.
    Failed(rusqlite::Error),
}

impl From<rusqlite::Error> for Unusable {
    fn from(error: rusqlite::Error) -> Self {
        if is_corrupt(&error) { Self::Corrupt(error.to_string()) } else { Self::Failed(error) }
    }
}

/// Whether an error says that the file itself is damaged.
pub(super) fn is_corrupt(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
        || matches!(
            error,
            rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)
                | rusqlite::Error::Utf8Error(..)
        )
}

impl Store {
    /// Opens or makes the file. `replaces`: what stood there before, for the first record of a new one.
    pub(super) fn open(
        path: &Path,
        options: &Options,
        replaces: Option<&Value>,
        now: Millis,
    ) -> Result<Self, Unusable> {
        private(path).map_err(|source| Unusable::Refused(JournalError::Io { path: path.to_owned(), source }))?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(JOURNAL_BUSY)?;
        let fresh = identify(&connection, path)?;
        connection.execute_batch(
            "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
             PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 8388608; PRAGMA secure_delete = FAST;
             PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;",
        )?;
        let bytes = options.retention.bytes.unwrap_or(u64::MAX);
        let mut store = Self {
            connection,
            fault: options.fault.clone(),
            id: String::new(),
            seq: 0,
            hash: [0; 32],
            standing: Standing::default(),
            since_checkpoint: 0,
            bytes_since_checkpoint: 0,
            last_checkpoint: now,
            stride: CHECKPOINT_BYTES.min(bytes / 8),
        };
        let holder = Holder::this(&options.program, now);
        let program = json!({ "program": holder.program, "pid": holder.pid, "host": holder.host });
        if fresh {
            store.connection.execute_batch(&format!(
                "BEGIN IMMEDIATE; {SCHEMA} PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION}; COMMIT;"
            ))?;
        } else {
            store.shorten_log();
            store.whole()?;
            store.resume()?;
        }
        if store.seq == 0 {
            store.id = format!("{:032x}", rand::random::<u128>());
            let begun = json!({ "journal": store.id, "format": VERSION, "replaces": replaces, "by": program });
            store.append(&[Line { at: now, late: 0, entry: Entry::new("begun", begun) }])?;
        } else {
            let opened = json!({ "journal": store.id, "by": program });
            store.append(&[Line { at: now, late: 0, entry: Entry::new("opened", opened) }])?;
        }
        store.connection.execute(
            "INSERT OR REPLACE INTO writer VALUES (1, ?1, ?2, ?3, ?4)",
            params![holder.pid, holder.program, holder.host, holder.since],
        )?;
        Ok(store)
    }

    /// What SQLite itself would only notice later: a file that was cut short.
    fn whole(&self) -> Result<(), Unusable> {
        let pages: i64 = self.pragma("page_count")?;
        let size: i64 = self.pragma("page_size")?;
        let path = self.connection.path().unwrap_or_default();
        let length = std::fs::metadata(path).map_or(i64::MAX, |file| i64::try_from(file.len()).unwrap_or(i64::MAX));
        let log = std::fs::metadata(beside(Path::new(path), "-wal")).map_or(0, |file| file.len());
        // Pages that are still in the log alone make the file shorter, rightly.
        if log == 0 && length < pages * size {
            return Err(Unusable::Corrupt("the file has been cut short".into()));
        }
        Ok(())
    }

    /// Reads the chain from the last checkpoint on, checks it, and goes on where it ends.
    fn resume(&mut self) -> Result<(), Unusable> {
        let from: Option<i64> =
            self.connection.query_row("SELECT max(seq) FROM record WHERE kind = 'checkpoint'", [], |row| row.get(0))?;
        let mut statement = self.connection.prepare("SELECT * FROM record WHERE seq >= ?1 ORDER BY seq")?;
        let mut rows = statement.query([from.unwrap_or(0)])?;
        let (mut seq, mut hash, mut standing, mut id) = (0, [0; 32], Standing::default(), String::new());
        let (mut records, mut bytes, mut checkpoint) = (0, 0, self.last_checkpoint);
        while let Some(found) = rows.next()? {
            let found = row(found)?;
            if found.hash != found.expected() || seq > 0 && (found.seq, found.previous) != (seq + 1, hash) {
                return Err(Unusable::Corrupt(format!("record {} is not what was written", found.seq)));
            }
            let payload: Value = serde_json::from_str(&found.payload).unwrap_or_default();
            if matches!(found.kind.as_str(), "begun" | "checkpoint") {
                payload["journal"].as_str().unwrap_or_default().clone_into(&mut id);
                checkpoint = found.at;
                records = 0;
                bytes = 0;
            }
            if found.kind == "checkpoint" {
                standing = serde_json::from_value(payload["standing"].clone()).unwrap_or_default();
            }
            standing.apply(&found.kind, found.at, &payload);
            records += 1;
            bytes += found.payload.len() as u64;
            (seq, hash) = (found.seq, found.hash);
        }
        drop(rows);
        drop(statement);
        (self.seq, self.hash, self.standing, self.id) = (seq, hash, standing, id);
        (self.since_checkpoint, self.bytes_since_checkpoint, self.last_checkpoint) = (records, bytes, checkpoint);
        Ok(())
    }

    /// Appends in one transaction: all or none. What comes back are the numbers of the first and the last.
    pub(super) fn append(&mut self, lines: &[Line]) -> rusqlite::Result<(u64, u64)> {
        let transaction = self.connection.unchecked_transaction()?;
        if let Some(fault) = &self.fault {
            fault.0(&transaction)?;
        }
        let (mut seq, mut hash, mut bytes) = (self.seq, self.hash, 0);
        {
            let mut record = transaction.prepare("INSERT INTO record VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
            let mut body = transaction.prepare("INSERT INTO body VALUES (?1, ?2)")?;
            for Line { at, late, entry } in lines {
                let previous = hash;
                let payload = entry.payload.to_string();
                seq += 1;
                hash = format::hash(seq, *at, *late, entry.kind, &payload, &previous);
                record.execute(params![seq, at, late, entry.kind, payload, previous, hash])?;
                bytes += payload.len() as u64;
                if let Some(text) = &entry.body {
                    body.execute(params![seq, text.get()])?;
                    bytes += text.get().len() as u64;
                }
            }
        }
        transaction.commit()?;
        let first = self.seq + 1;
        (self.seq, self.hash) = (seq, hash);
        for Line { at, entry, .. } in lines {
            self.standing.apply(entry.kind, *at, &entry.payload);
        }
        self.since_checkpoint += lines.len() as u64;
        self.bytes_since_checkpoint += bytes;
        Ok((first, seq))
    }

    /// Where the chain ends: for those who come after this file.
    pub(super) fn head(&self) -> Value {
        json!({ "journal": self.id, "sequence": self.seq, "hash": format::hex(&self.hash) })
    }

    /// Whether a checkpoint is due, by what was written since the last one.
    pub(super) fn checkpoint_due(&self, now: Millis, every: Millis) -> bool {
        let old = self.since_checkpoint > 1 && !(0..every).contains(&(now - self.last_checkpoint));
        self.since_checkpoint >= CHECKPOINT_RECORDS || self.bytes_since_checkpoint >= self.stride || old
    }

    /// Appends a checkpoint: how many records there have been, and what they amount to.
    pub(super) fn checkpoint(&mut self, now: Millis) -> rusqlite::Result<()> {
        let standing = serde_json::to_value(&self.standing).unwrap_or_default();
        let payload = json!({ "journal": self.id, "records": self.seq, "standing": standing });
        self.append(&[Line { at: now, late: 0, entry: Entry::new("checkpoint", payload) }])?;
        (self.since_checkpoint, self.bytes_since_checkpoint, self.last_checkpoint) = (0, 0, now);
        Ok(())
    }

    /// Removes what is too old or too much, up to a checkpoint, and puts on record what that was.
    pub(super) fn retain(&mut self, options: &Options, now: Millis) -> rusqlite::Result<()> {
        if let Some(age) = options.retention.age {
            let before = now - millis(age);
            let keep: Option<u64> = self.connection.query_row(
                "SELECT max(seq) FROM record WHERE kind = 'checkpoint' AND at < ?1",
                [before],
                |row| row.get(0),
            )?;
            if let Some(keep) = keep {
                self.prune(keep, "age", now)?;
            }
        }
        if let Some(age) = options.retention.bodies {
            self.prune_bodies(now - millis(age), now)?;
        }
        if let Some(most) = options.retention.bytes {
            while self.size()? > most {
                // The second one: what stands before the first has been removed already, or is less than a stride.
                let second = "SELECT seq FROM record WHERE kind = 'checkpoint' AND seq > (SELECT min(seq) FROM record)
                              ORDER BY seq LIMIT 1";
                let next: Option<u64> = self.connection.query_row(second, [], |row| row.get(0)).optional()?;
                let Some(next) = next else { break };
                self.prune(next, "size", now)?;
            }
        }
        Ok(())
    }

    /// Removes every record before this checkpoint.
    fn prune(&mut self, checkpoint: u64, why: &str, now: Millis) -> rusqlite::Result<()> {
        let (first, count): (Option<u64>, u64) =
            self.connection.query_row("SELECT min(seq), count(*) FROM record WHERE seq < ?1", [checkpoint], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        let Some(first) = first else { return Ok(()) };
        let last: Row = self.connection.query_row("SELECT * FROM record WHERE seq = ?1", [checkpoint - 1], row)?;
        let outer = self.connection.unchecked_transaction()?;
        outer.execute("DELETE FROM body WHERE seq < ?1", [checkpoint])?;
        outer.execute("DELETE FROM record WHERE seq < ?1", [checkpoint])?;
        let payload = json!({
            "first": first, "last": last.seq, "count": count, "hash": format::hex(&last.hash), "until": last.at, "why": why,
        });
        let line = Line { at: now, late: 0, entry: Entry::new("pruned", payload) };
        let (seq, hash) = insert(&outer, self.seq, &self.hash, &line)?;
        outer.commit()?;
        (self.seq, self.hash) = (seq, hash);
        self.since_checkpoint += 1;
        self.free()
    }

    /// Removes bodies of records older than `before`. Their hashes stay.
    fn prune_bodies(&mut self, before: Millis, now: Millis) -> rusqlite::Result<()> {
        let found: (Option<u64>, Option<u64>, u64) = self.connection.query_row(
            "SELECT min(body.seq), max(body.seq), count(*) FROM body JOIN record USING (seq) WHERE record.at < ?1",
            [before],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?;
        let (Some(first), Some(last), count) = found else { return Ok(()) };
        let outer = self.connection.unchecked_transaction()?;
        let count = outer.execute("DELETE FROM body WHERE seq <= ?1", [last])?.max(usize::try_from(count).unwrap_or(0));
        let payload = json!({ "first": first, "last": last, "count": count, "why": "age" });
        let line = Line { at: now, late: 0, entry: Entry::new("bodies_pruned", payload) };
        let (seq, hash) = insert(&outer, self.seq, &self.hash, &line)?;
        outer.commit()?;
        (self.seq, self.hash) = (seq, hash);
        self.since_checkpoint += 1;
        self.free()
    }

    /// Gives free pages back to the file system.
    fn free(&self) -> rusqlite::Result<()> {
        let mut statement = self.connection.prepare("PRAGMA incremental_vacuum")?;
        let mut rows = statement.query([])?;
        while rows.next()?.is_some() {}
        Ok(())
    }

    /// Bytes in use.
    fn size(&self) -> rusqlite::Result<u64> {
        let (pages, free, size): (u64, u64, u64) =
            (self.pragma("page_count")?, self.pragma("freelist_count")?, self.pragma("page_size")?);
        Ok((pages - free) * size)
    }

    fn pragma<T: rusqlite::types::FromSql>(&self, name: &str) -> rusqlite::Result<T> {
        self.connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0))
    }

    /// Moves SQLite's log into the file where it has grown: this is when the disk is synced.
    pub(super) fn settle(&self) {
        let path = self.connection.path().unwrap_or_default();
        let log = std::fs::metadata(beside(Path::new(path), "-wal")).map_or(0, |file| file.len());
        if i64::try_from(log).unwrap_or(i64::MAX) >= JOURNAL_WAL_PAGES * 4096 {
            // A reader in the way, or a disk that fails, shows itself at the next append.
            let _ = self.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        }
    }

    /// The same, whatever its size, and the log is emptied: for a start and an orderly end.
    pub(super) fn shorten_log(&self) {
        let _ = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    }

    /// Whether the path still leads to a file.
    pub(super) fn is_there(path: &Path) -> bool {
        path.exists()
    }
}

/// Appends one record inside a transaction. What comes back is the new head.
fn insert(connection: &Connection, seq: u64, previous: &Hash, line: &Line) -> rusqlite::Result<(u64, Hash)> {
    let payload = line.entry.payload.to_string();
    let seq = seq + 1;
    let hash = format::hash(seq, line.at, line.late, line.entry.kind, &payload, previous);
    connection.execute(
        "INSERT INTO record VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![seq, line.at, line.late, line.entry.kind, payload, previous, hash],
    )?;
    Ok((seq, hash))
}

/// Whether the file is new; an error where it is somebody else's.
fn identify(connection: &Connection, path: &Path) -> Result<bool, Unusable> {
    let application: i32 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let version: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let tables: u32 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let path = || path.to_owned();
    match (application, version) {
        (APPLICATION, version) if version == u32::from(VERSION) => Ok(false),
        (APPLICATION, version) => Err(Unusable::Refused(JournalError::Newer { path: path(), version })),
        _ if tables == 0 => Ok(true),
        _ => Err(Unusable::Refused(JournalError::NotAJournal { path: path() })),
    }
}

/// Moves a damaged journal out of the way. What comes back is its new name.
pub(super) fn set_aside(path: &Path, now: Millis) -> std::io::Result<PathBuf> {
    let stamp = jiff::Timestamp::from_millisecond(now).unwrap_or_default().strftime("%Y%m%dT%H%M%SZ").to_string();
    let mut aside = beside(path, &format!(".corrupt-{stamp}"));
    let mut more = 1;
    while aside.exists() {
        more += 1;
        aside = beside(path, &format!(".corrupt-{stamp}-{more}"));
    }
    std::fs::rename(path, &aside)?;
    for part in ["-wal", "-shm"] {
        match std::fs::rename(beside(path, part), beside(&aside, part)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(aside)
}
