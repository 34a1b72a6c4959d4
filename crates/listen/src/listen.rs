//! Listening: the engine on one side, standard output on the other, until a signal, a reader that is gone, or a sign-in
//! that is impossible.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use earshot_engine::Engine;
use earshot_engine::plan::Plan;
use earshot_engine::sign_in::{Resume, ResumeFrom, SecretSource};
use earshot_engine::snapshot::{LinkState, Snapshot, Trouble};
use earshot_engine::world::World;
use tokio::runtime::Runtime;
use tokio::time::timeout;

use crate::arguments::{GrantType, Job};
use crate::exit;
use crate::output::Output;
use crate::record::Record;
use crate::secrets::{FileSecret, FileStore};
use crate::spill::Spill;

/// From a signal to the end of the program, at the most; five seconds are promised.
const END: Duration = Duration::from_millis(4_500);
/// Of that, for the engine to close its sockets.
const CLOSE: Duration = Duration::from_secs(2);
/// And for the journal's last records; what is left is for a slow reader.
const KEEP: Duration = Duration::from_secs(1);

/// What stopped us from beginning, or made us end: an exit code and one line.
struct Failure(u8, String);

/// Listens, and returns the exit code.
pub fn run(job: Job) -> u8 {
    match begin(job) {
        Ok(code) => code,
        Err(Failure(code, line)) => {
            say(&line);
            code
        }
    }
}

#[allow(clippy::print_stderr)] // the one line that is promised, whatever EARSHOT_LOG says
fn say(line: &str) {
    eprintln!("earshot-listen: {line}");
}

fn begin(job: Job) -> Result<u8, Failure> {
    let unreadable =
        |error: crate::secrets::Unreadable| Failure(exit::SIGN_IN, format!("signing in is impossible: {error}."));
    let secrets = job.secrets.iter().map(|path| FileSecret::open(path)).collect::<Result<Vec<_>, _>>();
    let secrets = secrets.map_err(unreadable)?;
    let token = job.token.as_deref().map(FileSecret::open).transpose().map_err(unreadable)?;

    let system = |error: io::Error| Failure(exit::SYSTEM, format!("this computer does not let it run: {error}."));
    let spill = Spill::new(directory(job.journal.as_deref()));
    let output = Output::start(stdout().map_err(system)?, spill, job.spill_limit).map_err(system)?;
    watch_reader(&output);
    let record = match job.journal.clone() {
        None => Record::printed(&output).map_err(system)?,
        Some(path) => Record::kept(path, job.journal_bodies, &output)
            .map_err(|error| Failure(exit::JOURNAL, format!("the journal cannot be kept: {error}.")))?,
    };
    let runtime = Runtime::new().map_err(system)?;
    let ended = runtime.block_on(listen(job, secrets, token, &output, &record));
    let began = Instant::now();
    runtime.shutdown_timeout(Duration::from_millis(100));
    record.close(KEEP);
    let patience = END.saturating_sub(CLOSE).saturating_sub(began.elapsed());
    if !output.finish(patience) {
        tracing::warn!("the reader was too slow: what it had not read is left out");
    }
    ended
}

async fn listen(
    job: Job,
    secrets: Vec<FileSecret>,
    token: Option<FileSecret>,
    output: &Output,
    record: &Record,
) -> Result<u8, Failure> {
    let system =
        |error: &dyn std::fmt::Display| Failure(exit::SYSTEM, format!("this computer does not let it run: {error}."));
    let mut signals = Signals::new().map_err(|error| system(&error))?;
    let mut world = World::system().map_err(|error| system(&error))?;
    let from = match (job.grant, token) {
        (GrantType::RefreshToken, Some(token)) => {
            world.store = Arc::new(FileStore(token));
            ResumeFrom::RefreshToken
        }
        (GrantType::AccessToken, Some(token)) => ResumeFrom::AccessToken(Arc::new(token)),
        _ => ResumeFrom::ClientCredentials,
    };
    let secrets = secrets.into_iter().map(|secret| Arc::new(secret) as Arc<dyn SecretSource>).collect();
    let mut builder = Engine::builder(job.environment)
        .world(world)
        .plan(Plan::listen(job.topics))
        .socket_auth(job.socket_auth)
        .recorder(record.recorder());
    if let Some(owed) = record.owed() {
        builder = builder.owed(owed);
    }
    let engine = builder.spawn().map_err(|error| system(&error))?;
    engine.resume(Resume { client_id: job.client_id, from, secrets });
    let ended = tokio::select! {
        () = signals.any() => Ok(exit::OK),
        () = output.gone() => Ok(exit::OK),
        trouble = watch(&engine) => Err(impossible(&trouble)),
    };
    if timeout(CLOSE, engine.close()).await.is_err() {
        tracing::warn!("the connection was not closed in time");
    }
    ended
}

fn impossible(trouble: &Trouble) -> Failure {
    let cure = trouble.cure.as_deref().map(|cure| format!(" {cure}")).unwrap_or_default();
    Failure(exit::SIGN_IN, format!("signing in is impossible: {}{cure}", trouble.message))
}

/// Says on standard error what a person should know, and returns if there is no signing in: once it has worked, it is
/// tried again and again.
async fn watch(engine: &Engine) -> Trouble {
    let mut snapshots = engine.snapshots();
    let mut said: Vec<Trouble> = Vec::new();
    let mut been_in = false;
    loop {
        let snapshot = Arc::clone(&snapshots.borrow_and_update());
        been_in |= snapshot.link.state == LinkState::Connected;
        if snapshot.link.state == LinkState::SignInNeeded
            && !been_in
            && let Some(trouble) = &snapshot.link.trouble
        {
            return trouble.clone();
        }
        say_news(&snapshot, &mut said);
        if snapshots.changed().await.is_err() {
            // The engine has ended, which it does only when it is closed.
            std::future::pending::<()>().await;
        }
    }
}

fn say_news(snapshot: &Snapshot, said: &mut Vec<Trouble>) {
    said.retain(|trouble| snapshot.notices.iter().any(|notice| notice.trouble.code == trouble.code));
    for notice in &snapshot.notices {
        // By its code: a sentence with a count in it is no news each time.
        if !said.iter().any(|trouble| trouble.code == notice.trouble.code) {
            said.push(notice.trouble.clone());
            tracing::warn!(code = notice.trouble.code, cure = notice.trouble.cure, "{}", notice.trouble.message);
        }
    }
}

/// Where a slow reader's lines wait: beside the journal, whose disk is meant for customers' data.
fn directory(journal: Option<&Path>) -> PathBuf {
    match journal.and_then(Path::parent) {
        Some(parent) if parent.as_os_str().is_empty() => PathBuf::from("."),
        Some(parent) => parent.to_owned(),
        None => std::env::temp_dir(),
    }
}

/// Standard output without a buffer: each line is out when it is written.
fn stdout() -> io::Result<File> {
    #[cfg(unix)]
    return Ok(File::from(std::os::fd::AsFd::as_fd(&io::stdout()).try_clone_to_owned()?));
    #[cfg(windows)]
    return Ok(File::from(std::os::windows::io::AsHandle::as_handle(&io::stdout()).try_clone_to_owned()?));
}

/// Notices that nobody reads any more, even while there is nothing to write.
#[cfg(unix)]
fn watch_reader(output: &Output) {
    use rustix::event::{PollFd, PollFlags, poll};
    let output = output.clone();
    let watching = std::thread::Builder::new().name("reader".into()).spawn(move || {
        let stdout = io::stdout();
        loop {
            // An empty set of events: only the end of the pipe wakes us.
            let mut ends = [PollFd::new(&stdout, PollFlags::empty())];
            match poll(&mut ends, None) {
                Ok(_) if ends[0].revents().contains(PollFlags::ERR) => return output.say_gone(),
                Err(rustix::io::Errno::INTR) => {}
                // A file, a terminal that hung up: writing will tell.
                _ => return,
            }
        }
    });
    if let Err(error) = watching {
        tracing::warn!(%error, "a reader that goes away is noticed only at the next line");
    }
}

#[cfg(not(unix))]
fn watch_reader(_: &Output) {}

/// What asks the program to end.
struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    #[cfg(unix)]
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    #[cfg(unix)]
    async fn any(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    #[cfg(not(unix))]
    #[allow(clippy::unnecessary_wraps)]
    fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    async fn any(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
