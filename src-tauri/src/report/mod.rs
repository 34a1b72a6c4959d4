//! *Save report*: one text file for the help desk, with what Earshot knows of itself, this computer and its connection. No
//! customer, no conversation's content and no secret is in it. The words are in `text`; this file gathers and writes.

mod text;

use std::collections::VecDeque;
use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use earshot_engine::journal::{self, Range};
use jiff::{ToSpan as _, Zoned};

use crate::ipc::{AppView, WireError};
use crate::logging::{self, Logs};
use crate::trouble::trouble;
use text::{Facts, Log};

/// Of the log: enough for the last quarter of an hour at its most talkative, and short enough for a mail.
const LINES: usize = 500;
/// Bytes of the newest files that are looked through for them.
const TAIL: u64 = 256 * 1024;

/// Where to read and where to write.
pub(crate) struct Places {
    /// The journal's file.
    pub(crate) journal: Option<PathBuf>,
    /// Folders for the report, the best first.
    pub(crate) folders: Vec<PathBuf>,
    /// What draws the window, as the platform names it.
    pub(crate) web_view: Option<String>,
}

/// Writes a report and says where it is. Blocks.
pub(crate) fn save(view: &AppView, logs: &Logs, places: &Places) -> Result<PathBuf, WireError> {
    let now = Zoned::now();
    let computer = computer(places.web_view.as_deref(), |name| std::env::var(name).ok());
    let facts = Facts {
        now: now.clone(),
        view,
        computer: &computer,
        journal: last_day(places.journal.as_deref(), &now),
        log: Log {
            folder: logs.folder.as_ref().map(|folder| folder.display().to_string()),
            filter: &logs.filter,
            dropped: logs.dropped(),
            lines: logs.folder.as_deref().map(tail).unwrap_or_default(),
        },
    };
    let text = text::write(&facts);
    let name = now.strftime("earshot-report-%Y-%m-%d-%H%M").to_string();
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for folder in &places.folders {
        match put(folder, &name, &text) {
            Ok(path) => {
                tracing::info!(path = %path.display(), "a report was saved");
                return Ok(path);
            }
            Err(error) => last = error,
        }
    }
    let message = format!("The report could not be saved ({}).", last.kind());
    Err(trouble("report.failed", message, Some("Check the free space of your disk, then try again."), true).into())
}

fn last_day(place: Option<&Path>, now: &Zoned) -> Result<journal::Report, String> {
    let place = place.ok_or("no folder for it")?;
    let from = now.checked_sub(24.hours()).map_err(|error| error.to_string())?;
    let range = Range { from: Some(from.timestamp().as_millisecond()), to: None };
    journal::report(place, range, now.time_zone()).map_err(|error| error.to_string())
}

/// What this computer is.
fn computer(web_view: Option<&str>, variable: impl Fn(&str) -> Option<String>) -> Vec<(&'static str, String)> {
    let system = fs::read_to_string("/etc/os-release").ok().as_deref().and_then(pretty_name);
    let system = system.unwrap_or_else(|| std::env::consts::OS.to_owned());
    let mut facts = vec![("System", format!("{system} ({})", std::env::consts::ARCH))];
    for (name, key) in [("Desktop", "XDG_CURRENT_DESKTOP"), ("Session", "XDG_SESSION_TYPE"), ("Language", "LANG")] {
        facts.extend(variable(key).map(|value| (name, value)));
    }
    facts.extend(web_view.map(|version| ("Web view", version.to_owned())));
    facts
}

fn pretty_name(os_release: &str) -> Option<String> {
    let value = os_release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(value.trim_matches('"').to_owned())
}

/// The last lines of the log, over the midnight between two files.
fn tail(folder: &Path) -> Vec<String> {
    let mut lines: VecDeque<String> = VecDeque::new();
    for file in logging::files(folder) {
        for line in end_of(&file).unwrap_or_default().lines().rev() {
            if lines.len() == LINES {
                return lines.into();
            }
            lines.push_front(line.to_owned());
        }
    }
    lines.into()
}

/// The last whole lines of a file.
fn end_of(path: &Path) -> io::Result<String> {
    let mut file = fs::File::open(path)?;
    let length = file.metadata()?.len();
    let from = length.saturating_sub(TAIL);
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(if from == 0 { text } else { text.split_once('\n').map(|(_, rest)| rest.to_owned()).unwrap_or_default() })
}

/// Writes a new file beside those that are there already.
fn put(folder: &Path, name: &str, text: &str) -> io::Result<PathBuf> {
    for number in 1.. {
        let name = if number == 1 { format!("{name}.txt") } else { format!("{name}-{number}.txt") };
        let path = folder.join(name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&path) {
            Ok(mut file) => {
                let written = file.write_all(text.as_bytes());
                if written.is_err() {
                    // Half a report misleads.
                    let _ = fs::remove_file(&path);
                }
                return written.map(|()| path);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 100 => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used)]

    use super::*;

    #[test]
    fn a_report_never_writes_over_another() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = put(folder.path(), "earshot-report", "one").expect("written");
        let second = put(folder.path(), "earshot-report", "two").expect("written");
        assert!(first.ends_with("earshot-report.txt") && second.ends_with("earshot-report-2.txt"));
        assert_eq!(fs::read_to_string(first).expect("there"), "one");
        assert!(put(&folder.path().join("none"), "earshot-report", "three").is_err());
    }

    #[test]
    fn the_last_lines_are_taken_over_midnight_and_no_more() {
        let folder = tempfile::tempdir().expect("a folder");
        let numbered = |from: usize, to: usize| {
            use std::fmt::Write as _;
            (from..to).fold(String::new(), |mut text, line| {
                let _ = writeln!(text, "line {line} {}", "x".repeat(100));
                text
            })
        };
        fs::write(folder.path().join("earshot.2026-11-20.log"), numbered(0, 5000)).expect("written");
        fs::write(folder.path().join("earshot.2026-11-21.log"), numbered(5000, 5010)).expect("written");
        let lines = tail(folder.path());
        assert_eq!(lines.len(), LINES);
        assert!(lines[0].starts_with("line 4510 ") && lines[LINES - 1].starts_with("line 5009 "));
        assert!(tail(&folder.path().join("none")).is_empty());
    }

    #[test]
    fn the_system_has_a_name() {
        assert_eq!(pretty_name("ID=debian\nPRETTY_NAME=\"Debian 13\"\n").as_deref(), Some("Debian 13"));
        assert!(!computer(None, |_| None)[0].1.is_empty());
    }
}
