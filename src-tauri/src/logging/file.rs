//! The log on disk, for the help desk: a file a day, a week of them, none larger than a limit, readable by the user alone.
//! Days are those of UTC, as are the times in the lines.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tracing_appender::non_blocking::{ErrorCounter, NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_appender::rolling::{RollingFileAppender, Rotation};

const PREFIX: &str = "earshot";
const SUFFIX: &str = "log";
/// Files; a help desk hears of most things within a week.
const DAYS: usize = 7;
/// Bytes a day. An ordinary day has a hundredth of it; a storm must not fill the disk.
const LIMIT: u64 = 20 * 1024 * 1024;
/// Lines that wait for a slow disk: beyond them lines are dropped and counted, and nobody waits.
const WAITING: usize = 10_000;

/// The way into the file, and what keeps it open.
pub(super) struct Opened {
    pub(super) writer: NonBlocking,
    pub(super) guard: WorkerGuard,
    pub(super) dropped: ErrorCounter,
}

/// Opens today's file in this folder, which is made if it is not there.
pub(super) fn open(folder: &Path) -> io::Result<Opened> {
    private_folder(folder)?;
    let days = Days { folder: folder.to_owned() };
    private_file(&days.path(today()))?;
    let appender = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix(PREFIX)
        .filename_suffix(SUFFIX)
        // It makes room for one more, which is there already.
        .max_log_files(DAYS + 1)
        .build(folder)
        .map_err(io::Error::other)?;
    let bounded = Bounded::new(appender, LIMIT, Box::new(today), Box::new(move |day| days.begin(day)));
    let (writer, guard) =
        NonBlockingBuilder::default().thread_name("log").buffered_lines_limit(WAITING).finish(bounded);
    let dropped = writer.error_counter();
    Ok(Opened { writer, guard, dropped })
}

/// The names of the files in this folder, the newest first.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let ours = |path: &PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        name.strip_prefix(PREFIX).is_some_and(|rest| rest.starts_with('.'))
            && path.extension().is_some_and(|extension| extension == SUFFIX)
    };
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(ours).collect();
    files.sort_by(|a, b| b.cmp(a));
    files
}

/// Days since 1970.
fn today() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs() / 86_400).unwrap_or_default()
}

/// The file of each day.
struct Days {
    folder: PathBuf,
}

impl Days {
    /// As the appender names it.
    fn path(&self, day: i64) -> PathBuf {
        let at = Timestamp::from_second(day.saturating_mul(86_400)).unwrap_or_default();
        let date = at.to_zoned(TimeZone::UTC).date();
        self.folder.join(format!("{PREFIX}.{date}.{SUFFIX}"))
    }

    /// Makes the file before the appender would, which asks for no mode; says how long it is.
    fn begin(&self, day: i64) -> u64 {
        let path = self.path(day);
        // A disk that takes no file takes no line either: the appender finds that out.
        let _ = private_file(&path);
        fs::metadata(&path).map_or(0, |about| about.len())
    }
}

#[cfg(unix)]
fn private_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;

    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn private_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

/// Makes the file readable for the user alone, whether it is new or not.
fn private_file(path: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    drop(file);
    Ok(())
}

/// Lets so many bytes through a day; of the rest it says once that there is more.
struct Bounded<W> {
    inner: W,
    limit: u64,
    today: Box<dyn Fn() -> i64 + Send>,
    /// Begins a day, and says how many bytes it has already.
    begin: Box<dyn Fn(i64) -> u64 + Send>,
    day: Option<i64>,
    written: u64,
    full: bool,
}

impl<W: Write> Bounded<W> {
    fn new(inner: W, limit: u64, today: Box<dyn Fn() -> i64 + Send>, begin: Box<dyn Fn(i64) -> u64 + Send>) -> Self {
        Self { inner, limit, today, begin, day: None, written: 0, full: false }
    }
}

impl<W: Write> Write for Bounded<W> {
    /// Takes a whole line, as the log gives it.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let day = (self.today)();
        if self.day.replace(day) != Some(day) {
            self.written = (self.begin)(day);
            self.full = false;
        }
        if self.full {
            return Ok(line.len());
        }
        self.written = self.written.saturating_add(line.len() as u64);
        if self.written > self.limit {
            self.full = true;
            writeln!(self.inner, "This day's log is full ({} bytes). It goes on tomorrow (UTC).", self.limit)?;
        } else {
            self.inner.write_all(line)?;
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used)]

    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    #[test]
    fn a_storm_fills_a_day_and_no_more() {
        let day = Arc::new(AtomicI64::new(1));
        let clock = Arc::clone(&day);
        let now = Box::new(move || clock.load(Ordering::SeqCst));
        // The second day has a file already.
        let mut bounded = Bounded::new(Vec::new(), 30, now, Box::new(|day| if day == 2 { 25 } else { 0 }));
        for _ in 0..1000 {
            bounded.write_all(b"ten bytes\n").expect("taken");
        }
        let first = String::from_utf8(bounded.inner.clone()).expect("text");
        assert_eq!(first.matches("ten bytes").count(), 3);
        assert_eq!(first.matches("log is full").count(), 1);
        day.store(2, Ordering::SeqCst);
        bounded.write_all(b"ten bytes\n").expect("taken");
        assert_eq!(String::from_utf8(bounded.inner.clone()).expect("text").matches("log is full").count(), 2);
        day.store(3, Ordering::SeqCst);
        bounded.write_all(b"ten bytes\n").expect("taken");
        assert_eq!(String::from_utf8(bounded.inner).expect("text").matches("ten bytes").count(), 4);
    }

    #[cfg(unix)]
    #[test]
    fn the_log_is_the_users_own_and_a_week_of_it_is_kept() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::tempdir().expect("a folder");
        let logs = folder.path().join("deep").join("logs");
        fs::create_dir_all(&logs).expect("a folder");
        for day in 1..=9 {
            fs::write(logs.join(format!("earshot.2020-01-0{day}.log")), "old\n").expect("written");
        }
        let Opened { mut writer, guard, .. } = open(&logs).expect("opened");
        writer.write_all(b"a line\n").expect("taken");
        drop(guard);
        let files = files(&logs);
        assert_eq!(files.len(), DAYS, "{files:?}");
        assert_eq!(fs::read_to_string(&files[0]).expect("today's"), "a line\n", "the name is the appender's");
        let mode = fs::metadata(&files[0]).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::write(logs.join("earshotgun.log"), "not ours").expect("written");
        assert_eq!(super::files(&logs).len(), DAYS);
    }
}
