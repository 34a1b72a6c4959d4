//! Who writes: one program at a time, by a lock of the operating system's that ends with the process.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::snapshot::Millis;

/// Who has a journal open for writing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Process id.
    pub pid: u32,
    /// Program, as it calls itself.
    pub program: String,
    /// Computer.
    pub host: String,
    /// Since when.
    pub since: Millis,
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (process {} on {}", self.program, self.pid, self.host)?;
        match jiff::Timestamp::from_millisecond(self.since) {
            Ok(since) => write!(f, ", since {since:.0})"),
            Err(_) => write!(f, ")"),
        }
    }
}

impl Holder {
    /// This process.
    pub(super) fn this(program: &str, since: Millis) -> Self {
        let host = gethostname::gethostname().to_string_lossy().into_owned();
        Self { pid: std::process::id(), program: program.to_owned(), host, since }
    }
}

/// The lock, held as long as this lives. The file stays: removing it would let two hold "it" at once.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

/// Why there is no lock.
pub(super) enum NoLock {
    Held,
    Io(io::Error),
}

impl Lock {
    pub(super) fn take(journal: &Path) -> Result<Self, NoLock> {
        let file = private(&beside(journal, ".lock")).map_err(NoLock::Io)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(NoLock::Held),
            Err(TryLockError::Error(error)) => Err(NoLock::Io(error)),
        }
    }
}

/// Opens or makes a file that only its owner can read.
pub(super) fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes the directory of a journal, for its owner alone. One that is there is left as it is.
pub(super) fn make_directory(journal: &Path) -> io::Result<()> {
    let Some(directory) = journal.parent().filter(|directory| !directory.as_os_str().is_empty()) else { return Ok(()) };
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

/// The path with something added to its name.
pub(super) fn beside(journal: &Path, suffix: &str) -> PathBuf {
    let mut name = journal.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
