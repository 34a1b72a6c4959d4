//! Whether a journal is what was written: every record whole, none missing, the chain unbroken.

use std::fmt;
use std::path::Path;

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::format::{Hash, Row, digest, hex};
use super::read::{each, open};
use super::{JournalError, unusable};
use crate::snapshot::Millis;

/// Problems that are listed; what is wrong after so many is no news.
const PROBLEMS: usize = 100;

/// The end of a chain, to be kept somewhere else: a later check then knows that nothing before it was changed or cut off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// Which journal.
    pub journal: String,
    /// The last record.
    pub sequence: u64,
    /// When it was written.
    pub at: Millis,
    /// Its hash, in hexadecimal letters.
    pub hash: String,
}

/// What was removed on purpose, as the journal itself says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pruned {
    /// Up to this record.
    pub last: u64,
    /// Which was written then.
    pub until: Millis,
    /// Its hash.
    pub hash: String,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "problem", rename_all = "snake_case")]
pub enum Problem {
    /// A record was changed.
    BadHash {
        /// Which.
        sequence: u64,
    },
    /// A record does not follow the one before it.
    BadLink {
        /// Which.
        sequence: u64,
    },
    /// Records are missing.
    Missing {
        /// The first.
        first: u64,
        /// The last.
        last: u64,
    },
    /// The body of an event was changed.
    BadBody {
        /// Which.
        sequence: u64,
    },
    /// The body of an event is missing, and was not removed on purpose.
    MissingBody {
        /// Which.
        sequence: u64,
    },
    /// The file cannot be read any further.
    Unreadable {
        /// The last record that could be read.
        after: u64,
        /// Why not.
        detail: String,
    },
    /// The journal is another one than the anchor's, or has another past.
    NotTheAnchors {
        /// The anchor's record.
        sequence: u64,
    },
    /// The journal ends before the anchor.
    EndMissing {
        /// The anchor's record.
        sequence: u64,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadHash { sequence } => write!(f, "record {sequence} was changed"),
            Self::BadLink { sequence } => write!(f, "record {sequence} does not follow the one before it"),
            Self::Missing { first, last } if first == last => write!(f, "record {first} is missing"),
            Self::Missing { first, last } => write!(f, "records {first} to {last} are missing"),
            Self::BadBody { sequence } => write!(f, "the body of record {sequence} was changed"),
            Self::MissingBody { sequence } => write!(f, "the body of record {sequence} is missing"),
            Self::Unreadable { after, detail } => {
                write!(f, "nothing can be read after record {after}: {detail}")
            }
            Self::NotTheAnchors { sequence } => {
                write!(f, "record {sequence} is not the one that the anchor was made of")
            }
            Self::EndMissing { sequence } => write!(f, "the journal ends before record {sequence}, the anchor's"),
        }
    }
}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Records read.
    pub records: u64,
    /// Bodies read, and found whole.
    pub bodies: u64,
    /// What was removed on purpose, if anything was.
    pub pruned: Option<Pruned>,
    /// The end of the chain.
    pub head: Option<Anchor>,
    /// What is wrong, in order; at most a hundred.
    pub problems: Vec<Problem>,
}

impl Verified {
    /// Nothing is wrong.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.problems.is_empty()
    }

    fn wrong(&mut self, problem: Problem) {
        if self.problems.len() < PROBLEMS {
            self.problems.push(problem);
        }
    }
}

/// Checks a journal, also while it is being written, and against an anchor if there is one.
///
/// # Errors
/// When there is no journal to be read at all; what is wrong with one is in the answer.
pub fn verify(path: &Path, anchor: Option<&Anchor>) -> Result<Verified, JournalError> {
    let connection = open(path)?;
    // One moment of the file, however much is appended or removed meanwhile.
    let moment = connection.unchecked_transaction().map_err(|error| unusable(path, error.into()))?;
    Ok(Check::new(&moment, anchor).run())
}

/// The end of a journal's chain.
///
/// # Errors
/// When the journal cannot be read.
pub fn anchor(path: &Path) -> Result<Option<Anchor>, JournalError> {
    Ok(verify(path, None)?.head)
}

struct Check<'a> {
    connection: &'a Connection,
    anchor: Option<&'a Anchor>,
    found: Verified,
    journal: String,
    last: Option<(u64, Hash, Millis)>,
    /// The first record that is here, and what it follows.
    first: Option<(u64, Hash)>,
    /// Bodies up to here were removed on purpose.
    bodies_pruned: u64,
    anchored: bool,
}

impl<'a> Check<'a> {
    fn new(connection: &'a Connection, anchor: Option<&'a Anchor>) -> Self {
        Self {
            connection,
            anchor,
            found: Verified::default(),
            journal: String::new(),
            last: None,
            first: None,
            bodies_pruned: 0,
            anchored: false,
        }
    }

    fn run(mut self) -> Verified {
        let connection = self.connection;
        // Known first: a body may be missing long before the record that says why.
        let pruned = "SELECT payload FROM record WHERE kind = 'bodies_pruned' ORDER BY seq DESC LIMIT 1";
        let pruned: Option<String> = connection.query_row(pruned, [], |row| row.get(0)).ok();
        let pruned: Value = pruned.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        self.bodies_pruned = pruned["last"].as_u64().unwrap_or(0);
        let read = each(connection, |row| {
            self.record(&row);
            true
        });
        if let Err(error) = read {
            let after = self.last.map_or(0, |(seq, ..)| seq);
            self.found.wrong(Problem::Unreadable { after, detail: error.to_string() });
        }
        self.beginning();
        self.end();
        self.found
    }

    fn record(&mut self, row: &Row) {
        self.found.records += 1;
        if row.hash != row.expected() {
            self.found.wrong(Problem::BadHash { sequence: row.seq });
        }
        match self.last {
            None => self.first = Some((row.seq, row.previous)),
            Some((seq, hash, _)) => {
                if row.seq != seq + 1 {
                    self.found.wrong(Problem::Missing { first: seq + 1, last: row.seq - 1 });
                } else if row.previous != hash {
                    self.found.wrong(Problem::BadLink { sequence: row.seq });
                }
            }
        }
        self.last = Some((row.seq, row.hash, row.at));
        if self.anchor.is_some_and(|anchor| anchor.sequence == row.seq) {
            self.compare(row.seq, &hex(&row.hash));
        }
        let payload: Value = serde_json::from_str(&row.payload).unwrap_or_default();
        match row.kind.as_str() {
            "begun" | "opened" | "checkpoint" => {
                payload["journal"].as_str().unwrap_or_default().clone_into(&mut self.journal);
            }
            "pruned" => {
                self.found.pruned = Some(Pruned {
                    last: payload["last"].as_u64().unwrap_or(0),
                    until: payload["until"].as_i64().unwrap_or(0),
                    hash: payload["hash"].as_str().unwrap_or_default().to_owned(),
                });
            }
            "event" => self.body(row.seq, &payload),
            _ => {}
        }
    }

    fn body(&mut self, sequence: u64, payload: &Value) {
        let body: rusqlite::Result<String> =
            self.connection.query_row("SELECT body FROM body WHERE seq = ?1", [sequence], |row| row.get(0));
        match body {
            Ok(body) if Some(digest(body.as_bytes()).as_str()) == payload["sha256"].as_str() => self.found.bodies += 1,
            Err(rusqlite::Error::QueryReturnedNoRows) => {
                if payload["kept"] == true && sequence > self.bodies_pruned {
                    self.found.wrong(Problem::MissingBody { sequence });
                }
            }
            _ => self.found.wrong(Problem::BadBody { sequence }),
        }
    }

    /// The first record is the first of all, or follows what the journal says was removed.
    fn beginning(&mut self) {
        let Some((first, previous)) = self.first else { return };
        let pruned = self.found.pruned.clone();
        let (last, hash) = pruned.map_or((0, hex(&[0; 32])), |pruned| (pruned.last, pruned.hash));
        if first != last + 1 {
            self.found.wrong(Problem::Missing { first: last + 1, last: first.saturating_sub(1) });
        } else if hex(&previous) != hash {
            self.found.wrong(Problem::BadLink { sequence: first });
        }
    }

    fn end(&mut self) {
        if let Some((sequence, hash, at)) = self.last {
            self.found.head = Some(Anchor { journal: self.journal.clone(), sequence, at, hash: hex(&hash) });
        }
        let Some(anchor) = self.anchor.filter(|_| !self.anchored) else { return };
        let sequence = anchor.sequence;
        match &self.found.pruned {
            Some(pruned) if pruned.last == sequence => {
                let hash = pruned.hash.clone();
                self.compare(sequence, &hash);
            }
            // Removed on purpose: nothing to compare it with is left but which journal it is.
            Some(pruned) if pruned.last > sequence && anchor.journal == self.journal => {}
            Some(pruned) if pruned.last > sequence => self.found.wrong(Problem::NotTheAnchors { sequence }),
            _ => self.found.wrong(Problem::EndMissing { sequence }),
        }
    }

    fn compare(&mut self, sequence: u64, hash: &str) {
        self.anchored = true;
        if self.anchor.is_some_and(|anchor| anchor.hash != hash) {
            self.found.wrong(Problem::NotTheAnchors { sequence });
        }
    }
}
