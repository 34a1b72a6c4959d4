//! One engine with its record on one simulator, and ways to wait for what must come.

use std::sync::Arc;
use std::time::{Duration, Instant};

use earshot_engine::Engine;
use earshot_engine::plan::Plan;
use earshot_engine::snapshot::{LinkState, Snapshot};
use earshot_engine::world::World;
use earshot_genesys::socket_auth::SocketAuth;
use earshot_simulator as sim;
use earshot_simulator::{CONFIDENTIAL_CLIENT_ID, CONFIDENTIAL_SECRETS, Control, Options, Simulator};
use tokio::sync::watch;

use crate::bench;
use crate::ledger::Ledger;

/// Nothing on loopback may take longer, not even some tokens' lives; CI machines are slow, so this is generous.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

pub(crate) struct Stage {
    pub(crate) control: Control,
    pub(crate) engine: Engine,
    pub(crate) ledger: Ledger,
    pub(crate) offered: Vec<String>,
    pub(crate) sim: Simulator,
    world: World,
    snapshots: watch::Receiver<Arc<Snapshot>>,
}

impl Stage {
    /// Nobody signed in.
    pub(crate) async fn new(options: Options, plan: Plan) -> Self {
        Self::listening(options, plan, SocketAuth::None).await
    }

    /// The same, before a gateway that may want the token.
    pub(crate) async fn listening(options: Options, plan: Plan, auth: SocketAuth) -> Self {
        let sim = Simulator::start(Options { auto_consent: true, ..options }).await.expect("a simulator");
        let world = World::system().expect("a world");
        let ledger = Ledger::default();
        let engine = Engine::builder(bench::environment(&sim))
            .world(world.clone())
            .plan(plan)
            .socket_auth(auth)
            .recorder(Arc::new(ledger.clone()))
            .spawn()
            .expect("an engine");
        let snapshots = engine.snapshots();
        Self { control: sim.control(), engine, ledger, offered: Vec::new(), sim, world, snapshots }
    }

    /// An agent with a refresh token, connected and caught up.
    pub(crate) async fn agent(options: Options) -> Self {
        let mut stage = Self::new(options, Plan::agent()).await;
        stage.sign_in(&stage.sim).await;
        stage.caught_up().await;
        stage
    }

    /// Uses a sign-in made at this simulator.
    pub(crate) async fn sign_in(&self, at: &Simulator) {
        let secret = Some(CONFIDENTIAL_SECRETS[0]);
        self.engine.sign_in(bench::grant(at, &self.world.http, CONFIDENTIAL_CLIENT_ID, secret).await);
    }

    pub(crate) async fn until(&mut self, what: &str, check: impl Fn(&Snapshot) -> bool) -> Arc<Snapshot> {
        let found = tokio::time::timeout(PATIENCE, self.snapshots.wait_for(|snapshot| check(snapshot))).await;
        let found = found.map(|snapshot| snapshot.map(|snapshot| Arc::clone(&snapshot)));
        let Ok(found) = found else {
            panic!("not within {PATIENCE:?}: {what}\n{}\n{:#?}\n{}", self.log(), self.snapshots.borrow(), self.ledger);
        };
        found.unwrap_or_else(|_| panic!("the engine ended before: {what}"))
    }

    pub(crate) async fn caught_up(&mut self) -> Arc<Snapshot> {
        self.until("connected and caught up", |s| s.link.state == LinkState::Connected && s.link.caught_up).await
    }

    pub(crate) async fn state(&mut self, state: LinkState) -> Arc<Snapshot> {
        self.until(&format!("the indicator says {state:?}"), |s| s.link.state == state).await
    }

    /// Waits until the socket of this number (counted from 1) is open and the engine has caught up.
    pub(crate) async fn reconnected(&mut self, socket: u64) -> Arc<Snapshot> {
        self.at_genesys("another socket", |state| state["sockets"]["opened"].as_u64() >= Some(socket)).await;
        self.caught_up().await
    }

    /// Waits until the simulator's side is as `check` wants it.
    pub(crate) async fn at_genesys(&self, what: &str, check: impl Fn(&serde_json::Value) -> bool) {
        self.wait_for(what, || check(&self.control.state())).await;
    }

    /// Waits until the record is as `check` wants it.
    pub(crate) async fn on_record(&self, what: &str, check: impl Fn(&Ledger) -> bool) {
        self.wait_for(what, || check(&self.ledger)).await;
    }

    async fn wait_for(&self, what: &str, check: impl Fn() -> bool) {
        let begin = Instant::now();
        while !check() {
            assert!(
                begin.elapsed() < PATIENCE,
                "not within {PATIENCE:?}: {what}\n{}\n{:#}\n{}",
                self.log(),
                self.control.state(),
                self.ledger
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Offers a conversation that nobody answers and that the customer leaves at the end of this time.
    pub(crate) fn offer(&mut self, patience: f64) -> String {
        let offer = sim::Offer {
            patience_seconds: Some(patience),
            alerting_seconds: Some(patience + 30.0),
            wrapup: Some(false),
            ..sim::Offer::default()
        };
        let conversation = self.control.offer(offer).expect("an offer").conversation;
        self.offered.push(conversation.clone());
        conversation
    }

    /// Waits until somebody has told of every conversation that was offered, and proves the sums.
    pub(crate) async fn prove(&mut self, situation: &str) -> crate::ledger::Sums {
        self.caught_up().await;
        let (ledger, offered) = (self.ledger.clone(), self.offered.clone());
        self.on_record("every offer is told", |_| ledger.sums(&offered).lost.is_empty()).await;
        self.on_record("every gap is closed", |ledger| ledger.open_gaps().is_empty()).await;
        self.ledger.prove(situation, &self.offered)
    }

    /// What the simulator was asked, a line each.
    fn log(&self) -> String {
        let line = |r: &sim::LoggedRequest| format!("{} {} {} {}", r.at, r.method, r.path, r.status);
        self.control.requests().iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// How many requests of this method and path (a part of it) came to the simulator.
    pub(crate) fn requests(&self, method: &str, path: &str) -> usize {
        self.control.requests().iter().filter(|request| request.method == method && request.path.contains(path)).count()
    }

    /// How many requests of the API were answered so.
    pub(crate) fn answered(&self, status: u16) -> usize {
        let api = |path: &str| path.starts_with("/api/") || path.starts_with("/channels/");
        self.control.requests().iter().filter(|request| request.status == status && api(&request.path)).count()
    }

    pub(crate) fn refreshed(&self) -> u64 {
        self.control.state()["tokens"]["refreshed"].as_u64().expect("a number")
    }

    /// Upgrades that were refused.
    pub(crate) fn refused(&self) -> u64 {
        self.control.state()["sockets"]["refused"].as_u64().expect("a number")
    }
}
