//! Logging for whoever helps an agent: `tracing` to standard error and to a file a day, filtered by `EARSHOT_LOG`, or else
//! as an administrator set it.
//!
//! Our own code logs no secret and no customer. Libraries below us might: at `trace` a WebSocket or HTTP library prints
//! frames, addresses and headers. So what they may say is capped here, whatever the filter asks for; and libraries that
//! log through the `log` crate are not bridged at all. A panic is logged with its place, but not with words that were put
//! together at run time.
//!
//! The files are in the platform's own place for them: on Linux `cloud.earshot.desktop/logs` in `$XDG_DATA_HOME`
//! (`~/.local/share`), beside the settings and the journal.

mod file;
mod panics;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use earshot_engine::snapshot::Trouble;
use tracing::level_filters::LevelFilter;
use tracing::{Metadata, Subscriber};
use tracing_appender::non_blocking::{ErrorCounter, WorkerGuard};
use tracing_subscriber::filter::{EnvFilter, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::prelude::*;

use crate::managed::Level;
use crate::trouble::trouble;
pub(crate) use file::files;

/// Name of the environment variable that holds the filter.
pub(crate) const VARIABLE: &str = "EARSHOT_LOG";
const DEFAULT: &str = "info";
/// As in `tauri.conf.json`.
pub(crate) const IDENTIFIER: &str = "cloud.earshot.desktop";

/// The log, while the program runs.
pub(crate) struct Logs {
    /// What is logged.
    pub(crate) filter: String,
    /// Where the files are; none where there can be none.
    pub(crate) folder: Option<PathBuf>,
    /// Why there is no file.
    pub(crate) trouble: Option<Trouble>,
    guard: Mutex<Option<WorkerGuard>>,
    dropped: Option<ErrorCounter>,
}

impl Logs {
    /// Lines that the disk was too slow for.
    pub(crate) fn dropped(&self) -> usize {
        self.dropped.as_ref().map_or(0, ErrorCounter::dropped_lines)
    }

    /// Writes what waits. The last thing that is done: what comes later reaches standard error alone.
    pub(crate) fn close(&self) {
        tracing::info!("Earshot ends");
        drop(self.guard.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// Libraries through which tokens, channel addresses and customers pass. They say nothing, at any level: what goes
/// wrong in them reaches the log as our own typed errors.
const SILENT: &[&str] = &[
    "h2",
    "hyper",
    "hyper_util",
    "oauth2",
    "reqwest",
    "rustls",
    "rustls_platform_verifier",
    "tauri",
    "tokio_rustls",
    "tokio_tungstenite",
    "tower",
    "tower_http",
    "tungstenite",
    "wry",
    "zbus",
];

/// How much code of this target may say.
fn cap(target: &str) -> LevelFilter {
    let name = target.split("::").next().unwrap_or_default();
    if name == "earshot" || name.starts_with("earshot_") {
        LevelFilter::TRACE
    } else if SILENT.contains(&name) {
        LevelFilter::OFF
    } else {
        LevelFilter::WARN
    }
}

fn allowed(metadata: &Metadata<'_>) -> bool {
    *metadata.level() <= cap(metadata.target())
}

fn subscriber<W, F>(filter: &str, writer: W, file: Option<F>) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
    F: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = EnvFilter::builder().parse(filter).unwrap_or_else(|_| EnvFilter::new(DEFAULT));
    let lines = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(false).with_filter(filter_fn(allowed));
    let file = file.map(|file| {
        tracing_subscriber::fmt::layer().with_writer(file).with_ansi(false).with_filter(filter_fn(allowed))
    });
    tracing_subscriber::registry().with(filter).with(lines).with(file)
}

/// Starts logging. Called once, first of all.
pub(crate) fn start(variable: impl Fn(&str) -> Option<String>, managed: Option<Level>) -> Logs {
    let asked = variable(VARIABLE).filter(|filter| !filter.trim().is_empty());
    let bad = asked.as_ref().is_some_and(|filter| EnvFilter::builder().parse(filter).is_err());
    let filter = asked.filter(|_| !bad).unwrap_or_else(|| managed.map_or(DEFAULT, Level::name).to_owned());
    let folder = folder(variable);
    let opened = match &folder {
        Some(folder) => file::open(folder).map_err(|error| no_file(Some(folder), &error.kind().to_string())),
        None => Err(no_file(None, "this computer names no folder for it")),
    };
    let (opened, trouble) = match opened {
        Ok(opened) => (Some(opened), None),
        Err(trouble) => (None, Some(trouble)),
    };
    let (writer, guard, dropped) = match opened {
        Some(file::Opened { writer, guard, dropped }) => (Some(writer), Some(guard), Some(dropped)),
        None => (None, None, None),
    };
    // `set_global_default` and not `init`: the latter would bridge the `log` crate.
    let started = tracing::subscriber::set_global_default(subscriber(&filter, std::io::stderr, writer));
    if started.is_ok() {
        panics::log();
        tracing::info!(version = env!("CARGO_PKG_VERSION"), filter, "Earshot starts");
        if bad {
            tracing::warn!("{VARIABLE} is not a filter Earshot understands; using \"{filter}\"");
        }
        if let Some(trouble) = &trouble {
            tracing::warn!(code = trouble.code, "{}", trouble.message);
        }
    }
    Logs { filter, folder: folder.filter(|_| trouble.is_none()), trouble, guard: Mutex::new(guard), dropped }
}

/// Where the files are, as Tauri would say once it runs; logging starts before.
pub(crate) fn folder(variable: impl Fn(&str) -> Option<String>) -> Option<PathBuf> {
    let home = std::env::home_dir().filter(|home| home.is_absolute());
    if cfg!(target_os = "macos") {
        return Some(home?.join("Library").join("Logs").join(IDENTIFIER));
    }
    let data = if cfg!(target_os = "windows") { "LOCALAPPDATA" } else { "XDG_DATA_HOME" };
    let data = variable(data).map(PathBuf::from).filter(|data| data.is_absolute());
    let data = data.or_else(|| Some(home?.join(".local").join("share")))?;
    Some(data.join(IDENTIFIER).join("logs"))
}

fn no_file(folder: Option<&Path>, why: &str) -> Trouble {
    let place = folder.map(|folder| format!(" in {}", folder.display())).unwrap_or_default();
    trouble(
        "log.none",
        format!("Earshot cannot keep a log{place} ({why})."),
        Some("Earshot works all the same. Send this line to your help desk."),
        false,
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used)]

    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("the paper").extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// What reaches standard error and the file.
    fn both(filter: &str, say: impl FnOnce()) -> [String; 2] {
        let papers = [Paper::default(), Paper::default()];
        let [lines, file] = papers.clone();
        let subscriber = subscriber(filter, move || lines.clone(), Some(move || file.clone()));
        tracing::subscriber::with_default(subscriber, say);
        papers.map(|paper| String::from_utf8(paper.0.lock().expect("the paper").clone()).expect("text"))
    }

    fn written(filter: &str, say: impl FnOnce()) -> String {
        let [lines, file] = both(filter, say);
        let timeless = |text: &str| {
            text.lines().map(|line| line.split_once(' ').map_or("", |(_, rest)| rest).to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(timeless(&lines), timeless(&file), "the file says what standard error says");
        lines
    }

    #[test]
    fn libraries_are_capped_however_much_is_asked_for() {
        for filter in ["trace", "trace,tungstenite=trace,hyper_util::client=trace,h2=trace"] {
            let text = written(filter, || {
                tracing::trace!(target: "tungstenite::protocol", "canary frame");
                tracing::error!(target: "tungstenite::protocol", "canary error");
                tracing::debug!(target: "hyper_util::client::legacy", "canary header");
                tracing::warn!(target: "h2::codec", "canary header");
                tracing::trace!(target: "reqwest::connect", "canary address");
                tracing::debug!(target: "rustls::client::hs", "canary name");
                tracing::info!(target: "unheard_of", "canary library");
                tracing::trace!(target: "earshot_engine::link", "ours");
                tracing::trace!(target: "earshot", "shell");
            });
            assert!(!text.contains("canary"), "{text}");
            assert!(text.contains("ours") && text.contains("shell"), "{text}");
        }
    }

    #[test]
    fn a_library_may_warn() {
        assert!(written("info", || tracing::warn!(target: "unheard_of", "careful")).contains("careful"));
    }

    #[test]
    fn a_name_that_only_begins_like_ours_is_not_ours() {
        assert_eq!(cap("earshotgun::link"), LevelFilter::WARN);
        assert_eq!(cap("earshot_genesys::net"), LevelFilter::TRACE);
        assert_eq!(cap("earshot::tray"), LevelFilter::TRACE);
    }

    #[test]
    fn the_files_are_beside_everything_else() {
        let folder = folder(|name| (name == "XDG_DATA_HOME").then(|| "/data".to_owned()));
        #[cfg(target_os = "linux")]
        assert_eq!(folder, Some("/data/cloud.earshot.desktop/logs".into()));
        assert!(folder.is_some());
        let config = include_str!("../../../tauri.conf.json");
        assert!(config.contains(&format!("\"{IDENTIFIER}\"")), "the identifier is Tauri's");
    }

    #[test]
    fn the_filter_is_obeyed_and_a_bad_one_is_survived() {
        assert!(!written("warn", || tracing::info!(target: "earshot", "quiet")).contains("quiet"));
        assert!(written("=!=", || tracing::info!(target: "earshot", "heard")).contains("heard"));
    }
}
