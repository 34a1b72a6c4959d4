//! The laboratory: Genesys Cloud, its customers and one or more agents as computers of a simulated network, driven step by
//! step from the test. Time is virtual, and everything that is left to chance follows from the seed.

use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::response::Html;
use earshot_engine::Engine;
use earshot_engine::sign_in::{Attempt, Grant};
use earshot_engine::snapshot::{LinkState, Millis};
use earshot_engine::world::{MemoryStore, World};
use earshot_genesys::hosts::Environment;
use earshot_genesys::transport::{HttpRequest, HttpTransport};
use earshot_simulator as sim;
use earshot_simulator::{CONFIDENTIAL_CLIENT_ID, CONFIDENTIAL_SECRETS, Control, Options, Simulator};
use turmoil::{Builder, Sim};

use crate::chance::{EPOCH, Jumps, SeededDice, VirtualClock, millis};
use crate::customers::{Customers, Entry, Pace};
use crate::host::{Host, serve};
use crate::wire::{BASE, GENESYS, Http, PORTAL, Port, Trouble, Way, Wires};
use crate::witness::Witness;

pub(crate) const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// What a scenario begins with.
pub(crate) struct Setup {
    pub(crate) seed: u64,
    pub(crate) agents: usize,
    /// Whether there is a captive portal to be led to.
    pub(crate) portal: bool,
    /// How much virtual time passes at a step of the network: no message is faster than this.
    pub(crate) tick: Duration,
    pub(crate) genesys: Options,
    pub(crate) pace: Pace,
    /// Whether the agents may ask analytics about the past.
    pub(crate) look_back: bool,
}

impl Setup {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            seed,
            agents: 1,
            portal: false,
            tick: Duration::from_millis(10),
            genesys: Options {
                auto_consent: true,
                seed: Some(seed),
                base_url: Some(BASE.into()),
                starts_at: SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(EPOCH.unsigned_abs())),
                rate_limit: None,
                ..Options::default()
            },
            pace: Pace::default(),
            look_back: false,
        }
    }
}

/// What runs on an agent's computer.
struct Desk {
    engine: Engine,
    http: Arc<dyn HttpTransport>,
}

/// One agent's computer, from outside.
pub(crate) struct Agent {
    pub(crate) name: String,
    host: Host<Desk>,
    pub(crate) way: Arc<Way>,
    jumps: Arc<Jumps>,
    engine: Option<Engine>,
    witness: Option<Witness>,
}

impl Agent {
    pub(crate) fn engine(&self) -> &Engine {
        self.engine.as_ref().expect("made with the laboratory")
    }

    pub(crate) fn witness(&self) -> &Witness {
        self.witness.as_ref().expect("made with the laboratory")
    }
}

pub(crate) struct Lab {
    pub(crate) sim: Sim<'static>,
    genesys: Host<Control>,
    pub(crate) agents: Vec<Agent>,
    customers: Customers,
    /// From when to when nobody could have heard, whatever they did.
    pub(crate) outages: Vec<(Duration, Option<Duration>)>,
    /// When the wall clocks jumped, and how far.
    slept: Vec<(Duration, Duration)>,
}

/// How long a message takes on an ordinary day.
const FASTEST: Duration = Duration::from_millis(1);
const SLOWEST: Duration = Duration::from_millis(25);
/// Slack for what is asked of a host: it answers with its next step.
const PROMPT: Duration = Duration::from_secs(60);

impl Lab {
    /// Everybody is there, and nobody signed in.
    pub(crate) fn new(setup: Setup) -> Self {
        let Setup { seed, agents, portal, tick, genesys: options, pace, look_back } = setup;
        let mut sim = Builder::new()
            .rng_seed(seed)
            .enable_random_order()
            .tick_duration(tick)
            .min_message_latency(FASTEST)
            .max_message_latency(SLOWEST)
            .simulation_duration(Duration::MAX)
            .ephemeral_ports(10_000..=65_535)
            .tcp_capacity(4096)
            .build();
        let (genesys, errands) = Host::new();
        sim.client(GENESYS, async move {
            let simulator = Simulator::start_on(Port::open().await?, options)?;
            let served = serve(Rc::new(simulator.control()), errands).await;
            simulator.stop().await;
            served
        });
        if portal {
            sim.client(PORTAL, async {
                let words = "<html><body>Welcome to our hotel. Please accept the terms.</body></html>";
                // As portals do: the next request comes by a connection of its own, perhaps to somewhere else.
                let page = move || async move { ([(http::header::CONNECTION, "close")], Html(words)) };
                axum::serve(Port::open().await?, Router::new().fallback(page)).await?;
                Ok(())
            });
        }
        let agents = (0..agents).map(|number| agent(&mut sim, number, seed)).collect();
        let customers = Customers::new(seed, pace);
        let mut lab = Self { sim, genesys, agents, customers, outages: Vec::new(), slept: Vec::new() };
        for number in 0..lab.agents.len() {
            let answer = lab.agents[number].host.ask(|desk| async move { desk.engine.clone() });
            let engine = lab.wait_for("an engine", || answer.take());
            lab.agents[number].witness = Some(Witness::new(&engine));
            lab.agents[number].engine = Some(engine);
        }
        if look_back {
            let add = vec!["analytics:conversationDetail:view".to_owned()];
            let permissions = sim::Permissions { add, ..sim::Permissions::default() };
            lab.genesys(|control| control.permissions(permissions)).expect("permitted");
        }
        lab
    }

    /// One agent, signed in with a refresh token, connected and caught up, and customers calling.
    pub(crate) fn open(setup: Setup) -> Self {
        let mut lab = Self::new(setup);
        lab.sign_in();
        lab.caught_up_within(Duration::from_secs(10));
        lab.customers_call();
        lab
    }

    pub(crate) fn agent(&self) -> &Agent {
        &self.agents[0]
    }

    pub(crate) fn witness(&self) -> &Witness {
        self.agent().witness()
    }

    pub(crate) fn now(&self) -> Duration {
        self.sim.elapsed()
    }

    /// What the agents' wall clock showed at this time of the simulation.
    pub(crate) fn wall(&self, at: Duration) -> Millis {
        let jumps = self.slept.iter().filter(|(when, _)| *when <= at).map(|(_, span)| millis(*span)).sum::<Millis>();
        EPOCH + millis(at) + jumps
    }

    pub(crate) fn ledger(&self) -> Vec<Entry> {
        self.customers.ledger()
    }

    /// Every agent signs in with a browser.
    pub(crate) fn sign_in(&mut self) {
        for number in 0..self.agents.len() {
            let answer = self.agents[number].host.ask(|desk| async move {
                let grant = grant(&desk.http).await;
                desk.engine.sign_in(grant);
            });
            self.wait_for("a sign-in", || answer.take());
        }
    }

    pub(crate) fn customers_call(&mut self) {
        let now = self.now();
        self.customers.open(now);
    }

    pub(crate) fn customers_rest(&mut self) {
        self.customers.close();
    }

    /// Does something at Genesys.
    pub(crate) fn genesys<R: 'static>(&mut self, act: impl FnOnce(&Control) -> R + 'static) -> R {
        let answer = self.genesys.ask(move |control| async move { act(&control) });
        self.wait_for("the contact centre", || answer.take())
    }

    /// One step of the network and of everybody on it.
    pub(crate) fn step(&mut self) {
        let now = self.now();
        if let Some(due) = self.customers.due(now) {
            self.genesys.ask(move |control| async move { due(&control) });
        }
        self.sim.step().expect("nobody fails");
        let now = self.now();
        for witness in self.agents.iter_mut().filter_map(|agent| agent.witness.as_mut()) {
            witness.look(now);
        }
    }

    /// Virtual time passes.
    pub(crate) fn pass(&mut self, span: Duration) {
        let end = self.now() + span;
        while self.now() < end {
            self.step();
        }
    }

    /// Time passes until something holds; says how long it took.
    pub(crate) fn until(&mut self, what: &str, within: Duration, holds: impl Fn(&Self) -> bool) -> Duration {
        let begin = self.now();
        while !holds(self) {
            assert!(self.now() <= begin + within, "not within {within:?}: {what}\n{}", self.story());
            self.step();
        }
        self.now().saturating_sub(begin)
    }

    pub(crate) fn caught_up_within(&mut self, within: Duration) -> Duration {
        self.until("everybody is connected and caught up", within, |lab| {
            lab.agents.iter().all(|agent| agent.witness().caught_up())
        })
    }

    pub(crate) fn state_within(&mut self, state: LinkState, within: Duration) -> Duration {
        self.until(&format!("the indicator says {state:?}"), within, |lab| lab.witness().state() == state)
    }

    fn wait_for<R>(&mut self, what: &str, answer: impl Fn() -> Option<R>) -> R {
        let begin = self.now();
        loop {
            if let Some(answer) = answer() {
                return answer;
            }
            assert!(self.now() < begin + PROMPT, "no answer: {what}");
            self.step();
        }
    }

    /// From here on nobody can hear, whatever they do, until [`Lab::mended`].
    pub(crate) fn broken(&mut self) {
        let now = self.now();
        self.outages.push((now, None));
    }

    /// What was broken is mended.
    pub(crate) fn mended(&mut self) {
        let now = self.now();
        for (_, end) in self.outages.iter_mut().filter(|(_, end)| end.is_none()) {
            *end = Some(now);
        }
    }

    /// A fault that takes no time: nobody need have heard for as long as a recovery may take.
    pub(crate) fn jolt(&mut self) {
        let now = self.now();
        self.outages.push((now, Some(now)));
    }

    /// Nothing gets through between the agents and Genesys; what is sent is lost, and new connections are refused.
    pub(crate) fn partition(&mut self) {
        self.broken();
        for agent in &self.agents {
            self.sim.partition(agent.name.as_str(), GENESYS);
        }
    }

    /// The end of a partition.
    pub(crate) fn repair(&mut self) {
        for agent in &self.agents {
            self.sim.repair(agent.name.as_str(), GENESYS);
        }
        self.mended();
    }

    /// Nothing gets through, and nobody is told: connections are half-open, new ones hang.
    pub(crate) fn hold(&mut self) {
        self.broken();
        for agent in &self.agents {
            self.sim.hold(agent.name.as_str(), GENESYS);
        }
    }

    /// All that was held arrives at once.
    pub(crate) fn release(&mut self) {
        for agent in &self.agents {
            self.sim.release(agent.name.as_str(), GENESYS);
        }
        self.mended();
    }

    /// Each message takes between these from now on; later ones may be faster than earlier ones.
    pub(crate) fn latency(&mut self, least: Duration, most: Duration) {
        for agent in &self.agents {
            self.sim.set_link_latency(agent.name.as_str(), GENESYS, least);
            self.sim.set_link_max_message_latency(agent.name.as_str(), GENESYS, most);
        }
    }

    /// As fast as at the beginning.
    pub(crate) fn usual_latency(&mut self) {
        self.latency(FASTEST, SLOWEST);
    }

    /// What Genesys sends is lost; what the agents send arrives.
    pub(crate) fn deafen(&mut self) {
        self.broken();
        for agent in &self.agents {
            self.sim.partition_oneway(GENESYS, agent.name.as_str());
        }
    }

    /// The end of that.
    pub(crate) fn undeafen(&mut self) {
        for agent in &self.agents {
            self.sim.repair_oneway(GENESYS, agent.name.as_str());
        }
        self.mended();
    }

    /// New connections of every agent's meet this before the network.
    pub(crate) fn trouble(&mut self, trouble: Trouble) {
        self.broken();
        for agent in &self.agents {
            agent.way.trouble(Some(trouble));
        }
    }

    pub(crate) fn no_trouble(&mut self) {
        for agent in &self.agents {
            agent.way.trouble(None);
        }
        self.mended();
    }

    /// The agents are on another network: whatever was open stays open and says nothing any more.
    pub(crate) fn network_changes(&mut self) {
        for agent in &self.agents {
            agent.way.network_changes();
        }
        self.jolt();
    }

    /// The wall clocks of the agents jump ahead while their other clock stands still.
    pub(crate) fn wall_jumps(&mut self, span: Duration) {
        let now = self.now();
        self.slept.push((now, span));
        for agent in &self.agents {
            agent.jumps.add(span);
        }
    }

    /// The last agent closes Earshot and leaves.
    pub(crate) fn one_leaves(&mut self) {
        let answer = self.agents.last().expect("somebody").host.ask(|desk| async move { desk.engine.close().await });
        self.wait_for("a closed engine", || answer.take());
        self.agents.pop();
    }

    /// What has been told to the first agent lately, for those who read a failure.
    pub(crate) fn story(&self) -> String {
        let told = self.witness().told();
        let lines = told.iter().skip(told.len().saturating_sub(30)).map(|(at, event)| format!("{at:?} {event:?}\n"));
        format!("now {:?}, {:#?}\n{}", self.now(), self.witness().snapshot().link, lines.collect::<String>())
    }
}

fn agent(sim: &mut Sim<'static>, number: usize, seed: u64) -> Agent {
    let name = format!("agent-{number}");
    let (way, jumps) = (Arc::new(Way::default()), Arc::new(Jumps::default()));
    let (host, errands) = Host::new();
    let (their_way, their_jumps) = (Arc::clone(&way), Arc::clone(&jumps));
    sim.client(name.as_str(), async move {
        let http: Arc<dyn HttpTransport> = Arc::new(Http::new(&their_way));
        let world = World {
            http: Arc::clone(&http),
            dialer: Arc::new(Wires(their_way)),
            clock: Arc::new(VirtualClock::new(their_jumps)),
            dice: Arc::new(SeededDice::new(seed ^ (number as u64 + 1))),
            store: Arc::new(MemoryStore::default()),
        };
        let engine = Engine::builder(environment()).world(world).spawn()?;
        serve(Rc::new(Desk { engine, http }), errands).await
    });
    Agent { name, host, way, jumps, engine: None, witness: None }
}

fn environment() -> Environment {
    Environment::custom(BASE, BASE).expect("loopback is allowed")
}

/// What a browser and a consenting agent bring, for a client that renews.
async fn grant(http: &Arc<dyn HttpTransport>) -> Grant {
    let secret = Some(CONFIDENTIAL_SECRETS[0].into());
    let attempt = Attempt::without_listener(environment(), CONFIDENTIAL_CLIENT_ID.to_owned(), secret);
    let request = HttpRequest {
        method: http::Method::GET,
        url: attempt.authorize_url(),
        headers: http::HeaderMap::default(),
        body: None,
        timeout: Duration::from_secs(30),
    };
    let answer = http.send(request).await.expect("the sign-in page");
    let location = answer.headers.get("location").expect("consent leads back").to_str().expect("text").to_owned();
    attempt.finish_with_redirect(&location, http).await.expect("a token")
}
