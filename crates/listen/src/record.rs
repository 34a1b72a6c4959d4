//! Where the engine's record goes: into the journal and from there to standard output, or straight to it.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use earshot_engine::journal::{Journal, JournalError, Options, Taken};
use earshot_engine::record::{Owed, Recorder};

use crate::clerk::Clerk;
use crate::lines::Lines;
use crate::output::Output;

/// Takes the record.
pub enum Record {
    /// Prints it.
    Printed(Arc<Clerk>),
    /// Keeps it, and prints what is kept.
    Kept(Arc<Journal>),
}

impl Record {
    /// Without a journal.
    pub fn printed(output: &Output) -> io::Result<Self> {
        Ok(Self::Printed(Arc::new(Clerk::start(output.clone())?)))
    }

    /// With this one. What could not be kept is printed all the same, and says so.
    pub fn kept(path: PathBuf, bodies: bool, output: &Output) -> Result<Self, JournalError> {
        let program = format!("earshot-listen {}", env!("CARGO_PKG_VERSION"));
        let journal = Journal::open(path, Options { program, bodies, ..Options::default() })?;
        let output = output.clone();
        let mut lines = Lines::default();
        let tap = move |taken: Taken<'_>| {
            if taken.lost > 0 {
                let now = jiff::Timestamp::now().as_millisecond();
                output.lost(taken.records.first().map_or(now, |record| record.at), taken.lost);
            }
            for line in taken.records.iter().filter_map(|record| lines.line(record, taken.kept.is_ok())) {
                output.push(line);
            }
        };
        Ok(Self::Kept(Arc::new(journal.with_tap(tap))))
    }

    /// For the engine.
    pub fn recorder(&self) -> Arc<dyn Recorder> {
        match self {
            Self::Printed(clerk) => Arc::clone(clerk) as Arc<dyn Recorder>,
            Self::Kept(journal) => Arc::clone(journal) as Arc<dyn Recorder>,
        }
    }

    /// What the last run with this journal left to be looked up.
    pub fn owed(&self) -> Option<Owed> {
        match self {
            Self::Printed(_) => None,
            Self::Kept(journal) => journal.owed(),
        }
    }

    /// Nothing more comes: returns when all of it is kept and on its way to standard output, or after this time.
    pub fn close(&self, patience: Duration) {
        match self {
            Self::Printed(clerk) => clerk.close(),
            Self::Kept(journal) => {
                if !journal.close(patience) {
                    tracing::error!("the journal's last records could not be written in time");
                }
            }
        }
    }
}
