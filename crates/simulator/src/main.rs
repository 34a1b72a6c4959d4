//! `earshot-simulator`: the local Genesys Cloud as a program.

use clap::Parser;
use earshot_simulator::{Options, PUBLIC_CLIENT_ID, Script, Simulator};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// A local Genesys Cloud: sign-in, REST, notification channels, a scripted contact centre, faults on demand.
#[derive(Debug, Parser)]
#[command(name = "earshot-simulator", version, about)]
#[allow(clippy::struct_excessive_bools)] // switches
struct Arguments {
    /// Port on 127.0.0.1; 0 takes any free one
    #[arg(long, default_value_t = 8090)]
    port: u16,
    /// Plays this script
    #[arg(long, value_name = "FILE", conflicts_with = "practice")]
    script: Option<PathBuf>,
    /// Plays the practice script that ships
    #[arg(long)]
    practice: bool,
    /// Only reads a script and says what it holds
    #[arg(long, value_name = "FILE")]
    check: Option<PathBuf>,
    /// File with the control token; written with a random one if it is missing
    #[arg(long, value_name = "FILE")]
    control_token_file: Option<PathBuf>,
    /// The sign-in page consents by itself
    #[arg(long)]
    auto_consent: bool,
    /// Who consents by itself: id, name or e-mail address
    #[arg(long, value_name = "NAME")]
    consent_user: Option<String>,
    /// Lifetime of access tokens
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    token_lifetime: Option<u64>,
    /// Access tokens end when unused for so long
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    idle_timeout: Option<u64>,
    /// PKCE clients get refresh tokens, which Genesys does not give them
    #[arg(long)]
    refresh_for_pkce: bool,
    /// Refresh tokens change with every use
    #[arg(long)]
    rotate_refresh: bool,
    /// Time between heartbeats on the socket
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    heartbeat: Option<u64>,
    /// How long offers alert
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    alerting: Option<u64>,
    /// How long wrap-up lasts; 0: there is none
    #[arg(long, value_name = "SECONDS")]
    wrapup: Option<u64>,
    /// Agents start off queue
    #[arg(long)]
    off_queue: bool,
    /// Requests a minute for each user and client; 0: no limit
    #[arg(long, value_name = "N")]
    rate_limit: Option<u32>,
    /// One more registered redirect URI; can be given several times
    #[arg(long, value_name = "URI")]
    redirect_uri: Vec<String>,
    /// Makes ids and draws repeat
    #[arg(long)]
    seed: Option<u64>,
    /// Sockets are closed when their clients have sent nothing for so long
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    socket_idle: Option<u64>,
    /// How long a notification channel lives
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    channel_lifetime: Option<u64>,
    /// How long it takes until analytics show a change
    #[arg(long, value_name = "SECONDS")]
    analytics_lag: Option<u64>,
    /// Prints one JSON object when ready, for scripts
    #[arg(long)]
    print_ready: bool,
}

/// What went wrong, and the exit code for it.
struct Failure(u8, String);

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(tracing::Level::WARN).init();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(code, sentence)) => {
            eprintln!("earshot-simulator: {sentence}");
            ExitCode::from(code)
        }
    }
}

fn say(line: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    (writeln!(out, "{line}").and_then(|()| out.flush())).map_err(|e| Failure(1, format!("cannot write: {e}")))
}

fn run(arguments: &Arguments) -> Result<(), Failure> {
    let read = |path: &Path| Script::from_file(path).map_err(|e| Failure(2, e.to_string()));
    if let Some(path) = &arguments.check {
        return say(&read(path)?.summary());
    }
    let script = match &arguments.script {
        Some(path) => Some(read(path)?),
        None => arguments.practice.then(Script::practice),
    };
    let file = match &arguments.control_token_file {
        Some(path) => path.clone(),
        None => std::env::temp_dir().join(format!("earshot-simulator-{}.token", std::process::id())),
    };
    let temporary = arguments.control_token_file.is_none();
    let token = control_token(&file)?;
    let usual = Options::default();
    let options = Options {
        port: arguments.port,
        script,
        control_token: Some(token.into()),
        auto_consent: arguments.auto_consent,
        consent_user: arguments.consent_user.clone(),
        token_lifetime: arguments.token_lifetime.map_or(usual.token_lifetime, Duration::from_secs),
        idle_timeout: arguments.idle_timeout.map(Duration::from_secs),
        refresh_for_pkce: arguments.refresh_for_pkce,
        rotate_refresh: arguments.rotate_refresh,
        heartbeat: arguments.heartbeat.map_or(usual.heartbeat, Duration::from_secs),
        alerting: arguments.alerting.map_or(usual.alerting, Duration::from_secs),
        wrapup: arguments.wrapup.map_or(usual.wrapup, |s| (s > 0).then(|| Duration::from_secs(s))),
        rate_limit: arguments.rate_limit.map_or(usual.rate_limit, |n| (n > 0).then_some(n)),
        on_queue: !arguments.off_queue,
        seed: arguments.seed,
        redirect_uris: arguments.redirect_uri.clone(),
        socket_idle: arguments.socket_idle.map(Duration::from_secs),
        channel_lifetime: arguments.channel_lifetime.map_or(usual.channel_lifetime, Duration::from_secs),
        analytics_lag: arguments.analytics_lag.map_or(usual.analytics_lag, Duration::from_secs),
        ..usual
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|e| Failure(1, format!("cannot start: {e}")))?;
    let result = runtime.block_on(async {
        let sim = Simulator::start(options).await.map_err(|e| Failure(1, e.to_string()))?;
        say(&ready(&sim, &file, arguments.print_ready))?;
        wait_for_the_end().await?;
        sim.stop().await;
        Ok(())
    });
    if temporary {
        // It is of no use to anybody now; if it cannot be removed, it is harmless.
        let _ = std::fs::remove_file(&file);
    }
    result
}

fn ready(sim: &Simulator, file: &Path, json: bool) -> String {
    let base = sim.base_url();
    if json {
        let file = file.display().to_string();
        return serde_json::json!({
            "base_url": base, "client_id": PUBLIC_CLIENT_ID, "control_token_file": file, "pid": std::process::id(),
        })
        .to_string();
    }
    format!("login and API: {base}   client id: {PUBLIC_CLIENT_ID}   control token: {}", file.display())
}

/// The first line of the file, or a new random token in it that only its owner can read.
fn control_token(file: &Path) -> Result<String, Failure> {
    match std::fs::read_to_string(file) {
        Ok(text) => {
            let token = text.lines().next().unwrap_or_default().trim().to_owned();
            if token.len() < 16 {
                let why = format!("{} holds no token: its first line must have 16 characters or more", file.display());
                return Err(Failure(2, why));
            }
            Ok(token)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let token = format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple());
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            (options.open(file).and_then(|mut f| writeln!(f, "{token}")))
                .map_err(|e| Failure(1, format!("cannot write the control token to {}: {e}", file.display())))?;
            Ok(token)
        }
        Err(error) => Err(Failure(1, format!("cannot read {}: {error}", file.display()))),
    }
}

async fn wait_for_the_end() -> Result<(), Failure> {
    let cannot = |e: std::io::Error| Failure(1, format!("cannot wait for signals: {e}"));
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut term = signal(SignalKind::terminate()).map_err(cannot)?;
        tokio::select! {
            result = tokio::signal::ctrl_c() => result.map_err(cannot),
            _ = term.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await.map_err(cannot)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used)]

    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_committed_manual_page_is_current() {
        let mut page = Vec::new();
        clap_mangen::Man::new(Arguments::command()).render(&mut page).expect("a page");
        let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/man/earshot-simulator.1");
        if std::env::var_os("EARSHOT_WRITE_MAN").is_some() {
            std::fs::write(&committed, &page).expect("the page can be written");
        }
        let kept = std::fs::read(&committed).unwrap_or_default();
        assert!(kept == page, "docs/man/earshot-simulator.1 is not current. Run: make man");
    }
}
