//! One engine on one simulator, signed in as a browser would do it, and a way to wait for what must come.

use std::sync::Arc;
use std::time::{Duration, Instant};

use earshot_engine::Engine;
use earshot_engine::event::Event;
use earshot_engine::sign_in::{Attempt, Grant};
use earshot_engine::snapshot::{LinkState, OfferView, Snapshot};
use earshot_engine::world::World;
use earshot_genesys::hosts::Environment;
use earshot_genesys::transport::{HttpRequest, HttpTransport};
use earshot_simulator::{
    CONFIDENTIAL_CLIENT_ID, CONFIDENTIAL_SECRETS, Control, Offer, Options, PUBLIC_CLIENT_ID, Simulator,
};
use tokio::sync::{broadcast, watch};

/// Nothing on loopback may take longer; CI machines are slow, so this is generous.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Bench {
    pub(crate) sim: Simulator,
    pub(crate) control: Control,
    pub(crate) engine: Engine,
    pub(crate) world: World,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    events: broadcast::Receiver<Event>,
    seen: Vec<Event>,
}

pub(crate) fn options() -> Options {
    Options { auto_consent: true, ..Options::default() }
}

impl Bench {
    /// Simulator and engine, nobody signed in.
    pub(crate) async fn new(options: Options) -> Self {
        Self::with_world(options, World::system().expect("a world")).await
    }

    pub(crate) async fn with_world(options: Options, world: World) -> Self {
        let sim = Simulator::start(options).await.expect("a simulator");
        let environment = environment(&sim);
        let engine = Engine::builder(environment).world(world.clone()).spawn().expect("an engine");
        let (snapshots, events) = (engine.snapshots(), engine.events());
        Self { control: sim.control(), sim, engine, world, snapshots, events, seen: Vec::new() }
    }

    /// Signed in with PKCE, connected and caught up.
    pub(crate) async fn connected() -> Self {
        Self::connected_with(options()).await
    }

    pub(crate) async fn connected_with(options: Options) -> Self {
        let mut bench = Self::new(options).await;
        bench.sign_in().await;
        bench.caught_up().await;
        bench
    }

    pub(crate) async fn sign_in(&self) {
        let grant = grant(&self.sim, &self.world.http, PUBLIC_CLIENT_ID, None).await;
        self.engine.sign_in(grant);
    }

    /// Signed in with a secret, so that there is a refresh token.
    pub(crate) async fn sign_in_with_secret(&self) {
        let secret = Some(CONFIDENTIAL_SECRETS[0]);
        let grant = grant(&self.sim, &self.world.http, CONFIDENTIAL_CLIENT_ID, secret).await;
        self.engine.sign_in(grant);
    }

    pub(crate) async fn until(&mut self, what: &str, check: impl Fn(&Snapshot) -> bool) -> Arc<Snapshot> {
        let found = tokio::time::timeout(PATIENCE, self.snapshots.wait_for(|snapshot| check(snapshot))).await;
        let found = found.map(|snapshot| snapshot.map(|snapshot| Arc::clone(&snapshot)));
        let Ok(found) = found else {
            panic!("not within {PATIENCE:?}: {what}\n{:#?}", self.snapshots.borrow());
        };
        found.unwrap_or_else(|_| panic!("the engine ended before: {what}"))
    }

    pub(crate) async fn caught_up(&mut self) -> Arc<Snapshot> {
        self.until("connected and caught up", |s| s.link.state == LinkState::Connected && s.link.caught_up).await
    }

    pub(crate) async fn state(&mut self, state: LinkState) -> Arc<Snapshot> {
        self.until(&format!("the indicator says {state:?}"), |s| s.link.state == state).await
    }

    /// Waits until the socket of this number (counted from 1) is open and the engine has caught up. A reconnect can be too
    /// quick for its states in between to be seen.
    pub(crate) async fn reconnected(&mut self, socket: u64) -> Arc<Snapshot> {
        self.at_genesys("another socket", |state| state["sockets"]["opened"].as_u64() >= Some(socket)).await;
        self.caught_up().await
    }

    /// Waits for one offer of this conversation and gives it.
    pub(crate) async fn offered(&mut self, conversation: &str) -> OfferView {
        let snapshot =
            self.until("the offer alerts", |s| s.offers.iter().any(|offer| offer.conversation == conversation)).await;
        snapshot.offers.iter().find(|offer| offer.conversation == conversation).cloned().expect("just seen")
    }

    pub(crate) fn offer(&self, offer: Offer) -> String {
        self.control.offer(offer).expect("an offer").conversation
    }

    /// All events told until now.
    pub(crate) fn events(&mut self) -> &[Event] {
        while let Ok(event) = self.events.try_recv() {
            self.seen.push(event);
        }
        &self.seen
    }

    /// What was told until now counts for nothing.
    pub(crate) fn forget(&mut self) {
        self.events();
        self.seen.clear();
    }

    /// How often an offer of this leg began to ring.
    pub(crate) fn rang(&mut self, leg: &str) -> usize {
        let rings = |event: &&Event| matches!(event, Event::OfferStarted { offer, .. } if offer.leg == leg);
        self.events().iter().filter(rings).count()
    }

    /// How many requests of this method and path (a part of it) came to the simulator.
    pub(crate) fn requests(&self, method: &str, path: &str) -> usize {
        self.control.requests().iter().filter(|request| request.method == method && request.path.contains(path)).count()
    }

    /// Waits until the simulator's side is as `check` wants it.
    pub(crate) async fn at_genesys(&self, what: &str, check: impl Fn(&serde_json::Value) -> bool) {
        let begin = Instant::now();
        while !check(&self.control.state()) {
            assert!(begin.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}\n{:#}", self.control.state());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

pub(crate) fn environment(sim: &Simulator) -> Environment {
    Environment::custom(&sim.base_url(), &sim.base_url()).expect("loopback is allowed")
}

/// What a browser and a consenting agent bring.
pub(crate) async fn grant(
    sim: &Simulator,
    http: &Arc<dyn HttpTransport>,
    client_id: &str,
    secret: Option<&str>,
) -> Grant {
    let attempt = Attempt::without_listener(environment(sim), client_id.to_owned(), secret.map(Into::into));
    let request = HttpRequest {
        method: http::Method::GET,
        url: attempt.authorize_url(),
        headers: http::HeaderMap::default(),
        body: None,
        timeout: PATIENCE,
    };
    let answer = http.send(request).await.expect("the sign-in page");
    let location = answer.headers.get("location").expect("consent leads back").to_str().expect("text").to_owned();
    attempt.finish_with_redirect(&location, http).await.expect("a token")
}
