//! Reading a journal without touching it, also while another process writes: row by row, as JSON lines, and who writes.

use std::io::Write;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};

use super::format::{APPLICATION, Row, hex};
use super::lock::{Holder, beside};
use super::standing::Standing;
use super::{JournalError, unusable};
use crate::limits::CHECKPOINT_RECORDS;
use crate::snapshot::Millis;

/// Which records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Range {
    /// From this moment on.
    pub from: Option<Millis>,
    /// Before this one.
    pub to: Option<Millis>,
}

impl Range {
    /// Whether it has this moment.
    #[must_use]
    pub fn contains(&self, at: Millis) -> bool {
        self.from.is_none_or(|from| at >= from) && self.to.is_none_or(|to| at < to)
    }
}

/// One row of the table `record`.
pub(super) fn row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    Ok(Row {
        seq: row.get(0)?,
        at: row.get(1)?,
        late: row.get(2)?,
        kind: row.get(3)?,
        payload: row.get(4)?,
        previous: row.get(5)?,
        hash: row.get(6)?,
    })
}

/// Opens a journal for reading.
pub(super) fn open(path: &Path) -> Result<Connection, JournalError> {
    let failed = |error: rusqlite::Error| JournalError::Failed { path: path.to_owned(), detail: error.to_string() };
    // SQLite would say of a missing file only that it cannot open it.
    std::fs::metadata(path).map_err(|source| JournalError::Io { path: path.to_owned(), source })?;
    let connection = connect(path).or_else(|error| {
        // A copy in a folder that cannot be written to: fine, as long as no log belongs to it.
        let log = std::fs::metadata(beside(path, "-wal")).map_or(0, |file| file.len());
        if log == 0 { connect_immutable(path) } else { Err(error) }
    });
    let connection = connection.map_err(failed)?;
    let application: i32 = connection.query_row("PRAGMA application_id", [], |row| row.get(0)).map_err(failed)?;
    if application != APPLICATION {
        return Err(JournalError::NotAJournal { path: path.to_owned() });
    }
    Ok(connection)
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = connect_unseen(path)?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(connection)
}

/// Without having looked whether anything can be read.
fn connect_unseen(path: &Path) -> rusqlite::Result<Connection> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(std::time::Duration::from_secs(2))?;
    connection.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;")?;
    Ok(connection)
}

fn connect_immutable(path: &Path) -> rusqlite::Result<Connection> {
    let encoded: String = path
        .to_string_lossy()
        .chars()
        .map(|c| match c {
            '?' => "%3f".to_owned(),
            '#' => "%23".to_owned(),
            '%' => "%25".to_owned(),
            c => c.to_string(),
        })
        .collect();
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(format!("file:{encoded}?immutable=1"), flags)?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(connection)
}

/// Calls this with every record, in order, until it says no.
///
/// # Errors
/// When the file cannot be read to its end.
pub(super) fn each(connection: &Connection, mut call: impl FnMut(Row) -> bool) -> rusqlite::Result<()> {
    let mut statement = connection.prepare("SELECT * FROM record ORDER BY seq")?;
    let mut rows = statement.query([])?;
    while let Some(found) = rows.next()? {
        if !call(row(found)?) {
            break;
        }
    }
    Ok(())
}

/// Writes records as JSON, one on each line: `seq`, `at`, `late`, `kind`, `payload`, `previous`, `hash`, and `body` where
/// it is kept. How many there were comes back.
///
/// # Errors
/// When the journal cannot be read, or `out` not be written to.
pub fn export(path: &Path, out: &mut dyn Write, range: Range) -> Result<u64, JournalError> {
    let connection = open(path)?;
    let failed = |error: rusqlite::Error| unusable(path, error.into());
    let mut body = connection.prepare("SELECT body FROM body WHERE seq = ?1").map_err(failed)?;
    let (mut count, mut broken) = (0, None);
    each(&connection, |row| {
        if !range.contains(row.at) {
            return true;
        }
        let kept: Option<String> = body.query_row([row.seq], |row| row.get(0)).ok();
        let mut line = json!({
            "seq": row.seq, "at": row.at, "late": row.late, "kind": row.kind, "previous": hex(&row.previous),
            "hash": hex(&row.hash),
        });
        // As text where it is no JSON any more: then the hash, too, is wrong.
        line["payload"] = serde_json::from_str(&row.payload).unwrap_or(Value::String(row.payload));
        if let Some(kept) = kept {
            line["body"] = serde_json::from_str(&kept).unwrap_or(Value::String(kept));
        }
        count += 1;
        broken = writeln!(out, "{line}").err();
        broken.is_none()
    })
    .map_err(failed)?;
    match broken.or_else(|| out.flush().err()) {
        Some(source) => Err(JournalError::Io { path: path.to_owned(), source }),
        None => Ok(count),
    }
}

/// Who writes, as it says itself.
pub(super) fn holder(path: &Path) -> Option<Holder> {
    let connection = open(path).ok()?;
    connection
        .query_row("SELECT pid, program, host, since FROM writer", [], |row| {
            Ok(Holder { pid: row.get(0)?, program: row.get(1)?, host: row.get(2)?, since: row.get(3)? })
        })
        .ok()
}

/// What a damaged journal still says of where it stood: what can be read of its beginning, then of its end.
pub(super) fn salvage(path: &Path) -> Standing {
    let mut standing = Standing::default();
    let Ok(connection) = connect_unseen(path) else { return standing };
    // Else SQLite reads nothing at all of a file that was cut short.
    let _ = connection.execute_batch("PRAGMA writable_schema = ON");
    let mut last = 0;
    let all = each(&connection, |row| {
        last = row.seq;
        take(&mut standing, &row);
        true
    });
    if all.is_err() {
        for row in ending(&connection, last).iter().rev() {
            take(&mut standing, row);
        }
    }
    standing
}

/// The last records after this one, the newest first, as far as they can be read.
fn ending(connection: &Connection, after: u64) -> Vec<Row> {
    let mut found = Vec::new();
    let Ok(mut statement) = connection.prepare("SELECT * FROM record WHERE seq > ?1 ORDER BY seq DESC") else {
        return found;
    };
    let Ok(mut rows) = statement.query([after]) else { return found };
    while let Ok(Some(next)) = rows.next() {
        let Ok(row) = row(next) else { break };
        found.push(row);
        if found.len() as u64 >= CHECKPOINT_RECORDS {
            break;
        }
    }
    found
}

fn take(standing: &mut Standing, row: &Row) {
    if row.hash != row.expected() {
        return;
    }
    let payload: Value = serde_json::from_str(&row.payload).unwrap_or_default();
    if row.kind == "checkpoint"
        && let Ok(stored) = serde_json::from_value(payload["standing"].clone())
    {
        *standing = stored;
    }
    standing.apply(&row.kind, row.at, &payload);
}
