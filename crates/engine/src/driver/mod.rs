//! The thin driver: performs the machine's effects and feeds their results back. It decides nothing.
//!
//! One task owns the machine and every other task. Requests run beside each other and report through one bounded inbox;
//! a socket that floods it waits. Secrets pass the machine by: they stay in the vault, under the machine's numbers.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use earshot_genesys::api::{AccessToken, Api, Channel};
use earshot_genesys::error::ApiError;
use earshot_genesys::oauth::TokenGrant;
use earshot_genesys::socket_auth::{self, Authorized, SocketAuth};
use earshot_genesys::transport::{DialError, TransportError, TransportKind};
use futures_util::FutureExt as _;
use secrecy::SecretString;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::sleep;

use crate::desk::io::Command;
use crate::event::Event;
use crate::feed::Said;
use crate::limits::{CLOCK_LOOK, SLEEP_PATIENCE};
use crate::machine::{Effect, Input, Machine};
use crate::moment::Moment;
use crate::record::{Fact, Record, Recorder};
use crate::sign_in::{Grant, Resume, SignedOut};
use crate::snapshot::{Millis, Snapshot};
use crate::verdict::token_check;
use crate::world::World;

mod credentials;
mod diary;
mod recovery;
mod register;
mod requests;
mod socket;
mod vault;

use register::Register;
use socket::SocketHandle;
use vault::Vault;

/// Results waiting for the machine. Enough for a burst; a socket that fills it is read more slowly.
const INBOX: usize = 1024;
/// How long a sign-out waits for Genesys to revoke the token.
const REVOKE_LIMIT: Duration = Duration::from_secs(5);
/// How often the clocks are looked at while nobody is signed in.
const IDLE_LOOK: Duration = Duration::from_secs(60 * 60);

/// What the outside asks of a running engine.
pub(crate) enum Ask {
    /// Use this sign-in.
    SignIn(Box<Grant>),
    /// Get a token by this, and use it.
    Resume(Box<Resume>),
    /// Revoke, forget, and say when that is done.
    SignOut(oneshot::Sender<SignedOut>),
    /// Carry out a command.
    Command(Command),
    /// Cut the waiting short.
    ReconnectNow,
    /// The computer woke up, or its network changed.
    Woke,
    /// The computer is about to sleep; say when that is on record.
    GoingToSleep(oneshot::Sender<()>),
    /// Whether a person uses the computer.
    PersonHere(bool),
    /// End, and say when that is done.
    Close(oneshot::Sender<()>),
}

/// What comes back from a task.
enum Arrival {
    Input(Box<Input>),
    /// What a look brought word for word, and then as understood.
    Said {
        look: u64,
        said: Vec<Said>,
        then: Box<Input>,
    },
    Channel {
        epoch: u64,
        channel: Channel,
    },
    Renewed {
        attempt: u64,
        grant: TokenGrant,
        stored: bool,
    },
    Reread {
        attempt: u64,
        refresh_token: Option<SecretString>,
    },
}

impl From<Input> for Arrival {
    fn from(input: Input) -> Self {
        Self::Input(Box::new(input))
    }
}

/// The driver, before and while it runs.
pub(crate) struct Driver {
    api: Arc<Api>,
    world: World,
    machine: Machine,
    vault: Vault,
    register: Register,
    socket_auth: SocketAuth,
    sockets: BTreeMap<u64, SocketHandle>,
    tasks: JoinSet<()>,
    storing: Option<AbortHandle>,
    renewing: Option<AbortHandle>,
    arrivals: mpsc::Sender<Arrival>,
    inbox: mpsc::Receiver<Arrival>,
    asks: mpsc::UnboundedReceiver<Ask>,
    snapshots: watch::Sender<Arc<Snapshot>>,
    events: broadcast::Sender<Event>,
}

impl Driver {
    pub(crate) fn new(
        api: Api,
        world: World,
        machine: Machine,
        recorder: Arc<dyn Recorder>,
        asks: mpsc::UnboundedReceiver<Ask>,
        snapshots: watch::Sender<Arc<Snapshot>>,
        events: broadcast::Sender<Event>,
    ) -> Self {
        let (arrivals, inbox) = mpsc::channel(INBOX);
        Self {
            api: Arc::new(api),
            world,
            machine,
            vault: Vault::default(),
            register: Register::new(recorder),
            socket_auth: SocketAuth::None,
            sockets: BTreeMap::new(),
            tasks: JoinSet::new(),
            storing: None,
            renewing: None,
            arrivals,
            inbox,
            asks,
            snapshots,
            events,
        }
    }

    pub(crate) fn socket_auth(mut self, auth: SocketAuth) -> Self {
        self.socket_auth = auth;
        self
    }

    /// Runs until closed, or until nobody holds a handle any more.
    pub(crate) async fn run(mut self) {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        self.note(Fact::Started { version }).await;
        let done = loop {
            let now = self.now();
            let longest = if self.machine.signed_in() { CLOCK_LOOK } else { IDLE_LOOK };
            let due = self.machine.deadline().map_or(longest, |at| at.saturating_sub(now.mono).min(longest));
            tokio::select! {
                biased;
                ask = self.asks.recv() => match ask {
                    Some(Ask::Close(done)) => break Some(done),
                    None => break None,
                    Some(ask) => self.ask(ask).await,
                },
                Some(arrival) = self.inbox.recv() => self.arrived(arrival).await,
                Some(_) = self.tasks.join_next(), if !self.tasks.is_empty() => {}
                () = sleep(due) => self.step(Input::Tick).await,
            }
        };
        self.step(Input::Closed).await;
        self.note(Fact::Stopped).await;
        self.sockets.clear();
        self.vault = Vault::default();
        self.tasks.shutdown().await;
        if let Some(done) = done {
            let _ = done.send(());
        }
    }

    fn now(&self) -> Moment {
        Moment { mono: self.world.clock.mono(), wall: self.world.clock.wall(), dice: self.world.dice.roll() }
    }

    async fn ask(&mut self, ask: Ask) {
        match ask {
            Ask::SignIn(grant) => self.sign_in(*grant).await,
            Ask::Resume(resume) => self.resume(*resume).await,
            Ask::SignOut(done) => {
                let _ = done.send(self.sign_out().await);
            }
            Ask::Command(command) => self.step(Input::Command(command)).await,
            Ask::ReconnectNow => self.step(Input::ReconnectNow).await,
            Ask::Woke => self.step(Input::Woke).await,
            Ask::GoingToSleep(done) => {
                self.step(Input::GoingToSleep).await;
                if let Some(change) = self.register.settle(SLEEP_PATIENCE).await {
                    self.machine.recorder(change);
                    self.publish(self.now());
                }
                let _ = done.send(());
            }
            Ask::PersonHere(here) => self.step(Input::PersonHere(here)).await,
            Ask::Close(done) => drop(done),
        }
    }

    async fn arrived(&mut self, arrival: Arrival) {
        match arrival {
            Arrival::Input(input) => {
                if let Input::Frame { epoch, frame } = &*input {
                    diary::frame(*epoch, frame);
                }
                self.step(*input).await;
            }
            Arrival::Said { look, said, then } => {
                self.step(Input::Said { look, said }).await;
                self.step(*then).await;
            }
            Arrival::Channel { epoch, channel } => {
                let expires: Option<Millis> = channel.expires.map(jiff::Timestamp::as_millisecond);
                self.vault.keep_channel(epoch, channel);
                self.step(Input::ChannelCreated { epoch, result: Ok(expires) }).await;
            }
            // A sign-out or a newer sign-in came between: this credential is nobody's any more.
            Arrival::Renewed { attempt, .. } | Arrival::Reread { attempt, .. }
                if !self.machine.awaits_renewal(attempt) => {}
            Arrival::Renewed { attempt, grant, stored } => {
                if let (Some(credential), Some(refresh_token)) = (&mut self.vault.credential, grant.refresh_token) {
                    credential.refresh_token = Some(refresh_token.clone());
                    if !stored {
                        self.keep_storing(refresh_token);
                    }
                }
                let renewed = Input::Renewed { attempt, lifetime: grant.expires_in };
                self.step_with_token(renewed, grant.access_token).await;
            }
            Arrival::Reread { attempt, refresh_token } => {
                let changed = match (&mut self.vault.credential, refresh_token) {
                    (Some(credential), Some(stored)) => requests::adopt(&mut credential.refresh_token, stored),
                    _ => false,
                };
                self.step(Input::Reread { attempt, changed }).await;
            }
        }
    }

    /// One step that may bring a new generation of the token, whose effects already need it.
    async fn step_with_token(&mut self, input: Input, token: AccessToken) {
        let before = self.machine.generation();
        let now = self.now();
        let effects = self.machine.handle(input, now);
        let generation = self.machine.generation();
        if generation > before {
            self.vault.keep_token(generation, token);
        }
        self.carry_out(effects, now).await;
    }

    async fn step(&mut self, input: Input) {
        let now = self.now();
        let effects = self.machine.handle(input, now);
        self.carry_out(effects, now).await;
    }

    /// Requests go out first, since they wait for nothing; then the record is kept; then everybody is told.
    async fn carry_out(&mut self, effects: Vec<Effect>, now: Moment) {
        let (mut records, mut events) = (Vec::new(), Vec::new());
        for effect in effects {
            match effect {
                Effect::Record(record) => records.push(record),
                Effect::Tell(event) => events.push(event),
                effect => self.perform(effect),
            }
        }
        if let Some(change) = self.register.keep(records).await {
            self.machine.recorder(change);
        }
        for event in events {
            diary::event(&event);
            // Nobody listening is no error; one who lags reads the snapshot.
            let _ = self.events.send(event);
        }
        self.publish(now);
    }

    async fn note(&mut self, fact: Fact) {
        let now = self.now();
        if let Some(change) = self.register.keep(vec![Record { at: now.wall, fact }]).await {
            self.machine.recorder(change);
            self.publish(now);
        }
    }

    fn publish(&self, now: Moment) {
        self.snapshots.send_if_modified(|shown| {
            let mut snapshot = self.machine.snapshot(shown.revision, now);
            if snapshot == **shown {
                return false;
            }
            snapshot.revision += 1;
            *shown = Arc::new(snapshot);
            true
        });
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Dial { epoch } => self.dial(epoch),
            Effect::Ping { epoch } => {
                if let Some(socket) = self.sockets.get(&epoch) {
                    socket.ping();
                }
            }
            Effect::Drop { epoch } => {
                self.sockets.remove(&epoch);
                self.vault.forget_channel(epoch);
            }
            effect => self.request(effect),
        }
    }

    fn dial(&mut self, epoch: u64) {
        let Some(channel) = self.vault.channel(epoch) else { return };
        let authorized = self.authorized(&channel.connect_uri);
        let (handle, task) = socket::socket(epoch, authorized, Arc::clone(&self.world.dialer), self.arrivals.clone());
        self.sockets.insert(epoch, handle);
        let arrivals = self.arrivals.clone();
        self.tasks.spawn(async move {
            if AssertUnwindSafe(task).catch_unwind().await.is_err() {
                let error = DialError::Transport(broken("the socket task failed"));
                let _ = arrivals.send(Input::NotOpened { epoch, error }.into()).await;
                let end = crate::link::End::Broken(TransportKind::Broken);
                let _ = arrivals.send(Input::Ended { epoch, end }.into()).await;
            }
        });
    }

    /// What the socket is opened with: its address, and the token where it was asked for and may go.
    fn authorized(&self, uri: &SecretString) -> Result<Authorized, DialError> {
        match self.vault.token(self.machine.generation()) {
            Some(token) => Ok(socket_auth::apply(self.socket_auth, uri, &token, self.api.environment().api())?),
            None => Ok(Authorized { uri: uri.clone(), bearer: None }),
        }
    }

    /// Runs `call` beside everything else and reports what `then` makes of its result; even a panic in it is reported.
    fn spawn<T, F, M>(&mut self, call: F, then: M) -> AbortHandle
    where
        T: Send + 'static,
        F: Future<Output = Result<T, ApiError>> + Send + 'static,
        M: FnOnce(Result<T, ApiError>) -> Arrival + Send + 'static,
    {
        let arrivals = self.arrivals.clone();
        self.tasks.spawn(async move {
            let result = AssertUnwindSafe(call).catch_unwind().await;
            let result = result.unwrap_or_else(|_| Err(ApiError::Transport(broken("a request task failed"))));
            let _ = arrivals.send(then(result)).await;
        })
    }
}

fn broken(detail: &str) -> TransportError {
    TransportError { kind: TransportKind::Broken, detail: detail.into() }
}

/// `Retry-After` of a refused call.
fn retry_after<T>(result: &Result<T, ApiError>) -> Option<Duration> {
    match result {
        Err(ApiError::Status(status)) => status.retry_after,
        _ => None,
    }
}

/// What a token check reports.
fn checked(generation: u64, result: &Result<(), ApiError>) -> Arrival {
    Input::Checked { generation, check: token_check(result), retry_after: retry_after(result) }.into()
}
