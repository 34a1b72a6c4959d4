//! A listener without a screen: what it missed is told in the shape its topics would have had.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use earshot_engine::Engine;
use earshot_engine::event::Source;
use earshot_engine::plan::Plan;
use earshot_engine::record::{EventRecord, Fact, Record, Recorder};
use earshot_engine::sign_in::{Resume, ResumeFrom};
use earshot_engine::snapshot::{LinkState, Trouble};
use earshot_engine::world::World;
use earshot_simulator::{ADA, Offer, Options, PUBLIC_CLIENT_ID, SERVICE_CLIENT_ID, SERVICE_SECRETS, Simulator};
use secrecy::SecretString;
use serde_json::Value;
use tokio::sync::oneshot;

use crate::bench::{environment, grant, options};

const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Default)]
struct Tape(Mutex<Vec<Record>>);

impl Recorder for Tape {
    fn record(&self, records: Vec<Record>) -> oneshot::Receiver<Result<(), Trouble>> {
        self.0.lock().unwrap().extend(records);
        let (done, safe) = oneshot::channel();
        let _ = done.send(Ok(()));
        safe
    }
}

impl Tape {
    fn events(&self, topic: &str) -> Vec<(Source, Value)> {
        let event = |record: &Record| match &record.fact {
            Fact::Event(EventRecord { topic: of, body, source, .. }) if of == topic => {
                Some((*source, serde_json::from_str(body.get()).unwrap()))
            }
            _ => None,
        };
        self.0.lock().unwrap().iter().filter_map(event).collect()
    }

    async fn until(&self, what: &str, check: impl Fn(&Self) -> bool) {
        let begin = Instant::now();
        while !check(self) {
            assert!(begin.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}\n{:#?}", self.0.lock().unwrap());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    fn settled(&self) -> usize {
        let settled = |record: &&Record| matches!(&record.fact, Fact::Gap(gap) if gap.settled);
        self.0.lock().unwrap().iter().filter(settled).count()
    }
}

fn listener(sim: &Simulator, world: &World, topics: &[&str]) -> (Engine, Arc<Tape>) {
    let tape = Arc::new(Tape::default());
    let builder = Engine::builder(environment(sim)).world(world.clone()).plan(Plan::listen(topics.iter().copied()));
    (builder.recorder(Arc::clone(&tape) as Arc<dyn Recorder>).spawn().expect("an engine"), tape)
}

/// The sockets are reset, and nobody hears until the network is back.
async fn deafened(sim: &Simulator, engine: &Engine, what: impl FnOnce()) {
    sim.control().offline(None);
    let mut snapshots = engine.snapshots();
    let lost = snapshots.wait_for(|snapshot| snapshot.link.state != LinkState::Connected);
    tokio::time::timeout(PATIENCE, lost).await.expect("in time").expect("an engine");
    what();
    sim.control().online();
    engine.reconnect_now();
}

fn state(body: &Value) -> String {
    let agent = body["participants"].as_array().unwrap().iter().rfind(|p| p["purpose"] == "agent").expect("an agent");
    agent["state"].as_str().or_else(|| agent["calls"][0]["state"].as_str()).unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agents_listener_is_told_of_changes_ends_and_newcomers_in_the_gap() {
    let sim = Simulator::start(options()).await.expect("a simulator");
    let world = World::system().expect("a world");
    let (generic, calls) = (format!("v2.users.{ADA}.conversations"), format!("v2.users.{ADA}.conversations.calls"));
    let (engine, tape) = listener(&sim, &world, &["v2.users.{me}.conversations", "v2.users.{me}.conversations.calls"]);
    engine.sign_in(grant(&sim, &world.http, PUBLIC_CLIENT_ID, None).await);
    let control = sim.control();
    tape.until("listening", |_| control.live_sockets() == 1).await;
    let ended = control.offer(Offer::default()).unwrap().conversation;
    tape.until("it is heard", |tape| !tape.events(&generic).is_empty() && !tape.events(&calls).is_empty()).await;
    let mut new = String::new();
    deafened(&sim, &engine, || {
        control.end(&ended).unwrap();
        new = control.offer(Offer::default()).unwrap().conversation;
    })
    .await;
    let recovered = |tape: &Tape, topic: &str, id: &str| {
        let of =
            |(source, body): &(Source, Value)| (*source == Source::Recovered && body["id"] == id).then(|| state(body));
        tape.events(topic).iter().filter_map(of).collect::<Vec<_>>()
    };
    for topic in [&generic, &calls] {
        // Its begin may have been told by the first look already.
        tape.until("the end", |tape| recovered(tape, topic, &ended).last().is_some_and(|it| it == "disconnected"))
            .await;
        tape.until("the newcomer", |tape| recovered(tape, topic, &new) == ["alerting"]).await;
    }
    tape.until("settled", |tape| tape.settled() == 1).await;
    let live = |tape: &Tape| tape.events(&generic).iter().filter(|(source, _)| *source == Source::Live).count();
    let before = live(&tape);
    control.end(&new).unwrap();
    tape.until("and hearing goes on", |tape| live(tape) > before).await;
    let bodies = tape.events(&generic);
    for pair in bodies.windows(2) {
        assert_ne!(pair[0].1, pair[1].1, "nothing is told twice");
    }
    engine.close().await;
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_told_of_what_came_and_went_in_the_gap() {
    let sim = Simulator::start(Options::default()).await.expect("a simulator");
    let world = World::system().expect("a world");
    let control = sim.control();
    let topic = format!("v2.users.{ADA}.conversations");
    let topics = [topic.as_str()];
    let (engine, tape) = listener(&sim, &world, &topics);
    let secret: SecretString = SERVICE_SECRETS[0].into();
    engine.resume(Resume {
        client_id: SERVICE_CLIENT_ID.into(),
        from: ResumeFrom::ClientCredentials,
        secrets: vec![Arc::new(secret)],
    });
    tape.until("listening", |_| control.live_sockets() == 1).await;
    let known = control.offer(Offer::default()).unwrap().conversation;
    tape.until("it is heard", |tape| !tape.events(&topic).is_empty()).await;
    let mut came_and_went = String::new();
    deafened(&sim, &engine, || {
        control.end(&known).unwrap();
        came_and_went = control.offer(Offer::default()).unwrap().conversation;
        control.end(&came_and_went).unwrap();
    })
    .await;
    for id in [&known, &came_and_went] {
        tape.until("its end", |tape| {
            tape.events(&topic).iter().any(|(source, body)| {
                *source == Source::Recovered && body["id"] == *id && state(body) == "disconnected"
            })
        })
        .await;
    }
    engine.close().await;
    sim.stop().await;
}
