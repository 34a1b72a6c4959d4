//! `earshot-listen journal …`: what a journal says, and whether it is what was written. Read-only, also while another
//! process writes it.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use earshot_engine::journal::{self, Anchor, JournalError, Range};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::exit;

/// What can be asked of a journal.
#[derive(Debug, Subcommand)]
pub enum Question {
    /// Checks every record: none changed, none missing. Prints one JSON object; its "head" is an anchor
    Verify {
        /// The journal
        #[arg(value_name = "FILE")]
        journal: PathBuf,
        /// What an earlier "verify" printed, kept somewhere else: then a journal made anew, or cut off, is noticed too
        #[arg(long, value_name = "FILE")]
        anchor: Option<PathBuf>,
    },
    /// Prints the records, one JSON object a line
    Export {
        /// The journal
        #[arg(value_name = "FILE")]
        journal: PathBuf,
        /// Which of them
        #[command(flatten)]
        when: When,
    },
    /// What it amounts to, day by day: seconds deaf, gaps with their causes, missed offers, answer times
    Report {
        /// The journal
        #[arg(value_name = "FILE")]
        journal: PathBuf,
        /// Of which time
        #[command(flatten)]
        when: When,
        /// Time zone of the days (IANA), such as Europe/Berlin; this computer's if not given
        #[arg(long, value_name = "ZONE", value_parser = zone)]
        zone: Option<TimeZone>,
        /// As one JSON object, instead of a table
        #[arg(long)]
        json: bool,
    },
}

fn zone(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name).map_err(|_| format!("\u{201c}{name}\u{201d} is no time zone that this computer knows"))
}

/// Which part of a journal.
#[derive(Debug, Clone, Copy, Args)]
pub struct When {
    /// From this moment on (RFC 3339)
    #[arg(long, value_name = "TIME")]
    from: Option<Timestamp>,
    /// Before this moment (RFC 3339)
    #[arg(long, value_name = "TIME")]
    to: Option<Timestamp>,
}

impl From<When> for Range {
    fn from(when: When) -> Self {
        Self { from: when.from.map(Timestamp::as_millisecond), to: when.to.map(Timestamp::as_millisecond) }
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
enum Unanswered {
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error("{path} cannot be read: {error}", path = path.display())]
    Anchor { path: PathBuf, error: io::Error },
    #[error("{path} holds no anchor; give the output of an earlier \u{201c}journal verify\u{201d}", path = path.display())]
    NoAnchor { path: PathBuf },
    #[error("standard output cannot be written: {0}")]
    Output(#[from] io::Error),
}

/// Answers on standard output; the exit code comes back.
pub fn answer(question: Question) -> u8 {
    let answered = match question {
        Question::Verify { journal, anchor } => verify(&journal, anchor.as_deref()),
        Question::Export { journal, when } => export(&journal, when.into()),
        Question::Report { journal, when, zone, json } => {
            report(&journal, when.into(), &zone.unwrap_or_else(TimeZone::system), json)
        }
    };
    match answered {
        Ok(code) => code,
        // Whoever reads has seen enough.
        Err(Unanswered::Output(error) | Unanswered::Journal(JournalError::Io { source: error, .. }))
            if error.kind() == io::ErrorKind::BrokenPipe =>
        {
            exit::OK
        }
        Err(error) => {
            say(&error.to_string());
            if matches!(error, Unanswered::Output(_)) { exit::SYSTEM } else { exit::NO_INPUT }
        }
    }
}

#[allow(clippy::print_stderr)] // the answer of a program that logs nothing
fn say(line: &str) {
    eprintln!("earshot-listen: {line}");
}

fn verify(path: &Path, anchor: Option<&Path>) -> Result<u8, Unanswered> {
    let anchor = anchor.map(read_anchor).transpose()?;
    let found = journal::verify(path, anchor.as_ref())?;
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, &found).map_err(io::Error::from)?;
    writeln!(out)?;
    for problem in &found.problems {
        say(&format!("{}: {problem}", path.display()));
    }
    Ok(if found.is_whole() { exit::OK } else { exit::NOT_SOUND })
}

/// The whole output of "verify", or its "head" alone.
fn read_anchor(path: &Path) -> Result<Anchor, Unanswered> {
    let text = fs::read(path).map_err(|error| Unanswered::Anchor { path: path.to_owned(), error })?;
    let kept: Value = serde_json::from_slice(&text).unwrap_or_default();
    let anchor = if kept["head"].is_object() { kept["head"].clone() } else { kept };
    serde_json::from_value(anchor).map_err(|_| Unanswered::NoAnchor { path: path.to_owned() })
}

fn export(path: &Path, range: Range) -> Result<u8, Unanswered> {
    let mut out = BufWriter::new(io::stdout().lock());
    journal::export(path, &mut out, range)?;
    Ok(exit::OK)
}

fn report(path: &Path, range: Range, zone: &TimeZone, json: bool) -> Result<u8, Unanswered> {
    let report = journal::report(path, range, zone)?;
    let mut out = io::stdout().lock();
    if json {
        serde_json::to_writer(&mut out, &report).map_err(io::Error::from)?;
        writeln!(out)?;
    } else {
        write!(out, "{report}")?;
    }
    Ok(exit::OK)
}
