//! The public face: a builder, and a handle with commands, snapshots and events.

use std::sync::Arc;

use earshot_genesys::api::Api;
use earshot_genesys::hosts::Environment;
use earshot_genesys::socket_auth::SocketAuth;
use earshot_genesys::transport::TransportError;
use tokio::sync::{broadcast, mpsc, oneshot, watch};

use crate::desk::io::Command;
use crate::driver::{Ask, Driver};
use crate::event::Event;
use crate::machine::Machine;
use crate::plan::Plan;
use crate::record::{NoRecorder, Owed, Recorder};
use crate::sign_in::{Grant, Resume, Revocation, SignedOut};
use crate::snapshot::Snapshot;
use crate::world::{StoreError, World};

/// Events kept for a consumer that is behind; one that lags further is told so, and reads the snapshot.
const EVENTS_KEPT: usize = 1024;

/// Makes an [`Engine`].
pub struct Builder {
    environment: Environment,
    world: Option<World>,
    plan: Plan,
    recorder: Option<Arc<dyn Recorder>>,
    owed: Option<Owed>,
    socket_auth: SocketAuth,
}

impl Builder {
    /// Another world than this computer's: for simulations and tests.
    #[must_use]
    pub fn world(mut self, world: World) -> Self {
        self.world = Some(world);
        self
    }

    /// Listens to this, instead of to what an agent's desktop needs.
    #[must_use]
    pub fn plan(mut self, plan: Plan) -> Self {
        self.plan = plan;
        self
    }

    /// Keeps the record with this.
    #[must_use]
    pub fn recorder(mut self, recorder: Arc<dyn Recorder>) -> Self {
        self.recorder = Some(recorder);
        self
    }

    /// An earlier run with the same record: the time since its end is a gap, and is looked up like any other.
    #[must_use]
    pub fn owed(mut self, owed: Owed) -> Self {
        self.owed = Some(owed);
        self
    }

    /// Opens sockets with the access token, for gateways that ask for it. Genesys Cloud wants none.
    #[must_use]
    pub fn socket_auth(mut self, auth: SocketAuth) -> Self {
        self.socket_auth = auth;
        self
    }

    /// Starts the engine in the current tokio runtime. It waits for a sign-in.
    ///
    /// # Errors
    /// When the production HTTP client cannot be made.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn spawn(self) -> Result<Engine, TransportError> {
        let world = self.world.map_or_else(World::system, Ok)?;
        let (asks, asked) = mpsc::unbounded_channel();
        let (publish, snapshots) = watch::channel(Arc::new(Snapshot::default()));
        let (events, _) = broadcast::channel(EVENTS_KEPT);
        let api = Api::new(self.environment, Arc::clone(&world.http));
        let machine = Machine::new(self.plan, self.owed);
        let recorder = self.recorder.unwrap_or_else(|| Arc::new(NoRecorder));
        let driver = Driver::new(api, world, machine, recorder, asked, publish, events.clone());
        tokio::spawn(driver.socket_auth(self.socket_auth).run());
        Ok(Engine { asks, snapshots, events })
    }
}

/// A running engine for one agent in one environment. Clones are handles to the same engine; it ends when it is closed,
/// or when the last handle is gone.
#[derive(Clone)]
pub struct Engine {
    asks: mpsc::UnboundedSender<Ask>,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    events: broadcast::Sender<Event>,
}

impl Engine {
    /// Begins to make an engine for this environment.
    #[must_use]
    pub fn builder(environment: Environment) -> Builder {
        Builder {
            environment,
            world: None,
            plan: Plan::agent(),
            recorder: None,
            owed: None,
            socket_auth: SocketAuth::None,
        }
    }

    /// The complete state, now and at every change.
    #[must_use]
    pub fn snapshots(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.snapshots.clone()
    }

    /// What happens from now on.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    /// Uses a sign-in, the first one or a newer one.
    pub fn sign_in(&self, grant: Grant) {
        self.ask(Ask::SignIn(Box::new(grant)));
    }

    /// Signs in without a person: gets a token, and goes on getting new ones. What it is made from is read again at every
    /// renewal, and every minute after a refusal, so that a secret can be replaced without a break.
    pub fn resume(&self, resume: Resume) {
        self.ask(Ask::Resume(Box::new(resume)));
    }

    /// Revokes the token, forgets everything, and says what came of it (after 7 s at most).
    pub async fn sign_out(&self) -> SignedOut {
        let (done, finished) = oneshot::channel();
        self.ask(Ask::SignOut(done));
        finished.await.unwrap_or_else(|_| SignedOut {
            revoked: Revocation::Failed { ends_within: None },
            cleared: Err(StoreError::Failed("the engine has ended".into())),
        })
    }

    /// Carries out a command; the snapshot and the events tell what comes of it.
    pub fn command(&self, command: Command) {
        self.ask(Ask::Command(command));
    }

    /// Takes an offer.
    pub fn answer(&self, leg: impl Into<String>) {
        self.command(Command::Answer { leg: leg.into() });
    }

    /// Sends an offer back: to the queue, or a direct call to voicemail.
    pub fn decline(&self, leg: impl Into<String>) {
        self.command(Command::Decline { leg: leg.into() });
    }

    /// Hides an offer; sends nothing.
    pub fn dismiss(&self, leg: impl Into<String>) {
        self.command(Command::Dismiss { leg: leg.into() });
    }

    /// Chooses a presence by its definition id.
    pub fn set_presence(&self, id: impl Into<String>) {
        self.command(Command::SetPresence { id: id.into() });
    }

    /// Goes on queue, or back to the presence held before.
    pub fn set_on_queue(&self, on: bool) {
        self.command(Command::SetOnQueue { on });
    }

    /// Cuts a wait short. A server's `Retry-After` is not cut.
    pub fn reconnect_now(&self) {
        self.ask(Ask::ReconnectNow);
    }

    /// The computer woke up or its network changed: the link proves itself alive within two seconds or is replaced.
    pub fn woke(&self) {
        self.ask(Ask::Woke);
    }

    /// The computer is about to sleep. Returns when it is on record until when we heard: what is told too late is told
    /// after the sleep.
    pub async fn going_to_sleep(&self) {
        let (done, finished) = oneshot::channel();
        self.ask(Ask::GoingToSleep(done));
        let _ = finished.await;
    }

    /// Whether a person uses the computer: the screen is not locked and they are not away from it. While they do, a token
    /// that Genesys would end because it lies unused is kept alive; until this is said, that is so on queue and in
    /// conversations alone.
    pub fn person_here(&self, here: bool) {
        self.ask(Ask::PersonHere(here));
    }

    /// Ends the engine without signing out, and returns when its sockets are closed.
    pub async fn close(&self) {
        let (done, finished) = oneshot::channel();
        self.ask(Ask::Close(done));
        let _ = finished.await;
    }

    fn ask(&self, ask: Ask) {
        // An engine that has ended does nothing more, which its last snapshot says.
        let _ = self.asks.send(ask);
    }
}
