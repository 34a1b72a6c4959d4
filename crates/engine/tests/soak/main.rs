//! Ten real minutes of the real engine, on the real network of this computer, against the simulator as a program of its
//! own: a fault every five seconds. Nothing may be lost or told twice, and the memory stays flat. `make soak` runs it.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::print_stdout, missing_docs)]

mod books;
mod centre;
mod chance;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use earshot_engine::Engine;
use earshot_engine::event::Event;
use earshot_engine::snapshot::{LinkState, Millis};
use earshot_engine::world::World;
use earshot_simulator as sim;
use earshot_simulator::Command;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;
use tokio::time::{MissedTickBehavior, interval, timeout};

use books::{Entry, Sums, Told};
use centre::Centre;
use chance::{Chance, Fate};

const SEED: u64 = 950;
const SECONDS: u64 = 600;
const FAULT_EVERY: Duration = Duration::from_secs(5);
/// How long a fault lasts that does not end by itself, in milliseconds.
const FAULT_MS: (u64, u64) = (500, 4_000);
/// Between two offers, in milliseconds.
const BETWEEN_MS: (u64, u64) = (1_500, 5_000);
/// After the last fault: the longest wait for another attempt, and the attempt.
const BACK: Duration = Duration::from_secs(90);
/// After it has caught up: the last look back upon the last gap.
const SETTLED: Duration = Duration::from_secs(240);
/// What the process may grow between its second fifth and its last: the engine remembers bodies of at most 8 MiB, so that
/// what is told again is known. A leak beyond that shows within the ten minutes from 70 KB a fault on.
const MAY_GROW: u64 = 8 * 1024;

struct Soak {
    centre: Centre,
    engine: Engine,
    events: Receiver<Event>,
    chance: Chance,
    told: Told,
    ledger: Vec<Entry>,
    /// What is still to happen.
    plans: Vec<(Instant, Command)>,
    faults: BTreeMap<&'static str, usize>,
    /// Kilobytes, once a second.
    memory: Vec<u64>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "ten minutes, and another program: make soak"]
async fn ten_minutes_with_a_fault_every_five_seconds_lose_nothing_and_grow_nothing() {
    let seconds = std::env::var("EARSHOT_SOAK_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(SECONDS);
    let mut soak = Soak::start().await;
    soak.take_in();
    soak.told.begin(wall());
    let length = Duration::from_secs(seconds);
    soak.live_through(length).await;
    soak.take_in();
    let hearing = soak.told.hearing(wall());
    soak.settle().await;
    soak.engine.close().await;
    soak.take_in();
    let state = soak.centre.state().await;
    let theirs = resident(soak.centre.pid());
    let sums = soak.told.reckon(&soak.ledger);
    soak.print(length, &sums, hearing, &state, theirs);
    assert!(soak.told.wrong.is_empty(), "seed {SEED}: {:#?}", soak.told.wrong);
    if let [_, early, .., late] = soak.fifths()[..] {
        assert!(late <= early + MAY_GROW, "memory grew from {early} to {late} KB");
    }
}

impl Soak {
    async fn start() -> Self {
        let centre = Centre::start(SEED);
        let world = World::system().expect("a world");
        let engine = Engine::builder(centre.environment()).world(world).spawn().expect("an engine");
        let events = engine.events();
        let add = vec!["analytics:conversationDetail:view".to_owned()];
        centre.run(&Command::Permissions(sim::Permissions { add, ..sim::Permissions::default() })).await;
        engine.sign_in(centre.grant().await);
        let soak = Self {
            centre,
            engine,
            events,
            chance: Chance::new(SEED),
            told: Told::default(),
            ledger: Vec::new(),
            plans: Vec::new(),
            faults: BTreeMap::new(),
            memory: Vec::new(),
        };
        soak.caught_up().await;
        soak
    }

    /// Customers call and faults strike, for so long.
    async fn live_through(&mut self, length: Duration) {
        let begin = Instant::now();
        let mut step = interval(Duration::from_millis(20));
        step.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut call, mut fault, mut measure) = (begin, begin + FAULT_EVERY, begin);
        while begin.elapsed() < length {
            step.tick().await;
            self.take_in();
            let now = Instant::now();
            self.carry_out(now).await;
            if call <= now {
                self.customer_calls(now).await;
                call = now + self.chance.millis(BETWEEN_MS.0, BETWEEN_MS.1);
            }
            if fault <= now {
                self.strike(now).await;
                fault += FAULT_EVERY;
            }
            if measure <= now {
                self.memory.extend(resident(std::process::id()));
                measure += Duration::from_secs(1);
            }
        }
    }

    /// What was planned is carried out to the end, the engine catches up, and every gap is looked up.
    async fn settle(&mut self) {
        let begin = Instant::now();
        while !self.plans.is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
            self.take_in();
            self.carry_out(Instant::now()).await;
        }
        self.centre.run(&Command::ClearFaults(sim::Nothing {})).await;
        self.caught_up().await;
        while begin.elapsed() < SETTLED + BACK && !self.told.settled() {
            tokio::time::sleep(Duration::from_millis(100)).await;
            self.take_in();
        }
    }

    async fn caught_up(&self) {
        let mut snapshots = self.engine.snapshots();
        let hears = snapshots.wait_for(|s| s.link.state == LinkState::Connected && s.link.caught_up);
        let within = timeout(BACK, hears).await.map(|found| found.is_ok());
        assert_eq!(within, Ok(true), "not within {BACK:?}: {:#?}", self.engine.snapshots().borrow().link);
    }

    async fn customer_calls(&mut self, now: Instant) {
        let call = self.chance.call();
        let from = wall();
        let answer = self.centre.run(&Command::Offer(call.offer)).await.expect("an offer");
        let offered: sim::Offered = serde_json::from_value(answer).expect("an offer");
        let conversation = || sim::Conversation { conversation: offered.conversation.clone() };
        let elsewhere = |by: &str| {
            let (conversation, by) = (offered.conversation.clone(), Some(by.to_owned()));
            Command::AnsweredElsewhere(sim::Elsewhere { conversation, by })
        };
        let due = now + call.after;
        match call.fate {
            Fate::TimesOut => {}
            Fate::CustomerLeaves => self.plans.push((due, Command::HangUp(conversation()))),
            Fate::Colleague => self.plans.push((due, elsewhere("agent"))),
            Fate::TakenElsewhere => {
                self.plans.push((due, elsewhere("client")));
                self.plans.push((due + call.talk, Command::HangUp(conversation())));
            }
        }
        self.ledger.push(Entry {
            conversation: offered.conversation.clone(),
            leg: offered.communication.clone().expect("it alerts at once"),
            from,
            until: from + millis(call.after),
            taken: call.fate == Fate::TakenElsewhere,
        });
    }

    async fn strike(&mut self, now: Instant) {
        let fault = self.chance.fault();
        *self.faults.entry(fault.name).or_default() += 1;
        for command in &fault.begin {
            self.centre.run(command).await;
        }
        if fault.woke {
            self.engine.woke();
        }
        if let Some(end) = fault.end {
            self.plans.push((now + self.chance.millis(FAULT_MS.0, FAULT_MS.1), end));
        }
    }

    async fn carry_out(&mut self, now: Instant) {
        let (due, later) = std::mem::take(&mut self.plans).into_iter().partition::<Vec<_>, _>(|(at, _)| *at <= now);
        self.plans = later;
        for (_, command) in due {
            self.centre.run(&command).await;
        }
    }

    fn take_in(&mut self) {
        loop {
            match self.events.try_recv() {
                Ok(event) => self.told.take_in(event, wall()),
                Err(TryRecvError::Empty | TryRecvError::Closed) => return,
                Err(TryRecvError::Lagged(count)) => panic!("{count} events were told between two looks"),
            }
        }
    }

    /// The most memory in each fifth of the time.
    fn fifths(&self) -> Vec<u64> {
        let fifth = (self.memory.len() / 5).max(1);
        self.memory.chunks(fifth).take(5).filter_map(|samples| samples.iter().max().copied()).collect()
    }

    fn print(&self, length: Duration, sums: &Sums, hearing: Millis, state: &serde_json::Value, theirs: Option<u64>) {
        let count: usize = self.faults.values().sum();
        let first = self.memory.first().copied().unwrap_or(0);
        println!(
            "\n{} real seconds against the simulator, a fault every {} s (seed {SEED})",
            length.as_secs(),
            FAULT_EVERY.as_secs()
        );
        let line = |name: &str, value: String| println!("  {name:<52}{value}");
        line("faults", count.to_string());
        for (name, count) in &self.faults {
            line(&format!("  {name}"), count.to_string());
        }
        line("offered", sums.offered.to_string());
        line("  heard live", sums.live.to_string());
        line(
            "    offer to ring, median and slowest, ms",
            format!("{} and {}", sums.median.as_millis(), sums.slowest.as_millis()),
        );
        line("  recovered, and rang", sums.recovered.to_string());
        line("  told as missed, by name", sums.missed.to_string());
        line("  taken elsewhere inside a gap on record", sums.taken.to_string());
        line("  inside a gap on record, no more known", sums.inside_gaps.to_string());
        line("lost, repeated, late or invented", self.told.wrong.len().to_string());
        line("gaps on record", sums.gaps.to_string());
        line("sockets opened", state["sockets"]["opened"].to_string());
        line("tokens renewed", state["tokens"]["refreshed"].to_string());
        line("connected and caught up", format!("{} % of the time", 100 * hearing / millis(length).max(1)));
        line("memory: at first, KB", first.to_string());
        let fifths: Vec<_> = self.fifths().iter().map(ToString::to_string).collect();
        line(&format!("memory: most in each fifth, KB (+{MAY_GROW} at most)"), fifths.join(" "));
        line("memory of the simulator at the end, KB", theirs.unwrap_or(0).to_string());
    }
}

/// The wall clock.
fn wall() -> Millis {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    millis(since)
}

fn millis(span: Duration) -> Millis {
    Millis::try_from(span.as_millis()).expect("a span of this age")
}

/// The resident memory of a process in kilobytes, where the system tells.
fn resident(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.split_whitespace().next()?.parse().ok()
}
