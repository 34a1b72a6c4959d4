//! Logging for whoever helps an agent: `tracing` to standard error, filtered by `EARSHOT_LOG`.
//!
//! Our own code logs no secret and no customer. Libraries below us might: at `trace` a WebSocket or HTTP library prints
//! frames, addresses and headers. So what they may say is capped here, whatever the filter asks for; and libraries that
//! log through the `log` crate are not bridged at all.

use tracing::level_filters::LevelFilter;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::filter::{EnvFilter, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::prelude::*;

/// Name of the environment variable that holds the filter.
const VARIABLE: &str = "EARSHOT_LOG";
const DEFAULT: &str = "info";

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

fn subscriber<W>(filter: &str, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = EnvFilter::builder().parse(filter).unwrap_or_else(|_| EnvFilter::new(DEFAULT));
    let lines = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(false);
    tracing_subscriber::registry().with(filter).with(lines.with_filter(filter_fn(allowed)))
}

/// Starts logging. Called once, first of all.
pub(crate) fn start() {
    let filter = std::env::var(VARIABLE).unwrap_or_else(|_| DEFAULT.to_owned());
    // `set_global_default` and not `init`: the latter would bridge the `log` crate.
    let started = tracing::subscriber::set_global_default(subscriber(&filter, std::io::stderr));
    if started.is_ok() && EnvFilter::builder().parse(&filter).is_err() {
        tracing::warn!("{VARIABLE} is not a filter Earshot understands; using \"{DEFAULT}\"");
    }
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

    fn written(filter: &str, say: impl FnOnce()) -> String {
        let paper = Paper::default();
        let copy = paper.clone();
        tracing::subscriber::with_default(subscriber(filter, move || copy.clone()), say);
        let bytes = paper.0.lock().expect("the paper").clone();
        String::from_utf8(bytes).expect("text")
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
    fn the_filter_is_obeyed_and_a_bad_one_is_survived() {
        assert!(!written("warn", || tracing::info!(target: "earshot", "quiet")).contains("quiet"));
        assert!(written("=!=", || tracing::info!(target: "earshot", "heard")).contains("heard"));
    }
}
