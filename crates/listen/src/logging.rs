//! Logging for whoever helps: `tracing` to standard error, filtered by `EARSHOT_LOG`. Our own code logs no secret and no
//! customer; libraries below us might, so they say nothing, whatever the filter asks for.

use tracing::Metadata;
use tracing_subscriber::filter::{EnvFilter, filter_fn};
use tracing_subscriber::prelude::*;

const VARIABLE: &str = "EARSHOT_LOG";
const DEFAULT: &str = "warn";

/// Starts logging. Called once, first of all.
pub fn start() {
    let wanted = std::env::var(VARIABLE).unwrap_or_else(|_| DEFAULT.to_owned());
    let parsed = EnvFilter::builder().parse(&wanted);
    let bad = parsed.is_err();
    let filter = parsed.unwrap_or_else(|_| EnvFilter::new(DEFAULT));
    let lines =
        tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false).with_filter(filter_fn(ours));
    // `set_global_default` and not `init`: the latter would bridge the `log` crate.
    let started = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(filter).with(lines));
    if started.is_ok() && bad {
        tracing::warn!("{VARIABLE} is not a filter Earshot understands; using \"{DEFAULT}\"");
    }
}

fn ours(metadata: &Metadata<'_>) -> bool {
    let name = metadata.target().split("::").next().unwrap_or_default();
    name.starts_with("earshot_")
}
