//! Events on one core: through feed and desk alone, and through the whole machine, from the frame to the record.

use criterion::{BatchSize, Criterion, Throughput};
use earshot_engine::desk::Desk;
use earshot_engine::desk::io::Input as DeskInput;
use earshot_engine::event::Event;
use earshot_engine::feed::{Feed, Input, Output};
use earshot_engine::machine::{Effect, Input as MachineInput, Machine};
use earshot_engine::moment::Moment;
use earshot_engine::session::Renewal;
use earshot_genesys::api::TopicResult;
use earshot_genesys::topics::Topic;
use earshot_genesys::transport::Frame;
use earshot_genesys::wire;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::time::Duration;

/// An event as Genesys Cloud sends it: an e-mail with its customer, its queue and its agent, 3.6 kB.
const CONVERSATION: &str = include_str!("../../../genesys/tests/corpus/frames/conversations.json");
const AGENT: &str = "3d0f6a52-8c1e-4a57-9a0b-ada000000001";
/// Conversations in a batch; each makes seven events.
const CONVERSATIONS: usize = 1_000;

#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "topicName")]
    topic: String,
    #[serde(rename = "eventBody")]
    body: Box<RawValue>,
}

/// The n-th conversation's events, as frames: offered, taken, ended; the counts and the routing status beside them.
fn frames() -> Vec<String> {
    let mut frames = Vec::new();
    for n in 0..CONVERSATIONS {
        let conversation = |state: &str| {
            let old = r#""state":"connected","subject":"Order 17"}],"id":"3a5053a6"#;
            let new = format!(r#""state":"{state}","subject":"Order 17"}}],"id":"{n:08}"#);
            let frame = CONVERSATION.replace(old, &new).replace("e8529846", &format!("{n:08}"));
            frame.replace("77eaad7e", &format!("{n:08}"))
        };
        let summary = |active: usize| {
            format!(
                r#"{{"topicName":"v2.users.{AGENT}.conversationsummary","version":"2","eventBody":{{"userId":"{AGENT}","call":{{"contactCenter":{{"active":0,"acw":0}},"enterprise":{{"active":0,"acw":0}}}},"email":{{"contactCenter":{{"active":{active},"acw":0}}}},"message":{{"contactCenter":{{"active":0,"acw":0}}}}}},"metadata":{{"CorrelationId":"{n}"}}}}"#
            )
        };
        let routing = |status: &str| {
            format!(
                r#"{{"topicName":"v2.users.{AGENT}.routingStatus","version":"2","eventBody":{{"id":"{AGENT}","routingStatus":{{"status":"{status}","startTime":"2026-11-21T15:25:{:02}.{:03}Z"}}}},"metadata":{{"CorrelationId":"{n}"}}}}"#,
                n / 20 % 60,
                n % 20 * 50,
            )
        };
        frames.push(conversation("alerting"));
        frames.push(conversation("connected"));
        frames.push(routing("INTERACTING"));
        frames.push(summary(1));
        frames.push(conversation("disconnected"));
        frames.push(routing("IDLE"));
        frames.push(summary(0));
    }
    frames
}

fn me() -> Box<wire::Me> {
    let me = format!(
        r#"{{"id":"{AGENT}","name":"Ada Moreno","presence":{{"presenceDefinition":{{"id":"q","systemPresence":"OnQueue"}},"modifiedDate":"2026-11-21T15:00:00Z"}},"routingStatus":{{"status":"IDLE","startTime":"2026-11-21T15:00:00Z"}}}}"#
    );
    serde_json::from_str(&me).expect("a user")
}

fn topics() -> Vec<Topic> {
    ["conversations", "presence", "routingStatus", "conversationsummary"]
        .map(|name| Topic::new(format!("v2.users.{AGENT}.{name}")))
        .to_vec()
}

/// A tenth of a millisecond later.
fn later(now: &mut Moment) -> Moment {
    now.mono += Duration::from_micros(100);
    now.wall = 1_795_274_711_000 + i64::try_from(now.mono.as_millis()).unwrap_or(0);
    *now
}

const BEGIN: Moment = Moment { mono: Duration::from_secs(10), wall: 1_795_274_721_000, dice: 7 };

/// Feed and desk, listening and caught up.
fn listening() -> (Feed, Desk, Moment) {
    let (mut feed, mut desk, mut now) = (Feed::default(), Desk::new(), BEGIN);
    feed.handle(Input::Token(true), now);
    feed.identify(&me());
    desk.handle(DeskInput::Me(me()), now);
    feed.handle(Input::Topics { topics: topics(), thorough: false }, now);
    let asked = feed.handle(Input::Up, now);
    let look = asked.iter().find_map(|output| if let Output::List { look } = output { Some(*look) } else { None });
    let look = look.expect("the truth is listed first");
    feed.handle(Input::Listed { look, result: Ok(Vec::new()), known: Vec::new() }, later(&mut now));
    feed.handle(Input::MeRead { look, result: Ok(me()) }, later(&mut now));
    feed.handle(Input::Looked, later(&mut now));
    assert!(feed.caught_up());
    (feed, desk, now)
}

/// How many offers rang.
fn feed_and_desk((mut feed, mut desk, mut now): (Feed, Desk, Moment), events: Vec<Envelope>) -> usize {
    let mut rang = 0;
    for Envelope { topic, body } in events {
        let now = later(&mut now);
        for output in feed.handle(Input::Topic { epoch: 1, topic, body }, now) {
            let input = match output {
                Output::Seen { sighting, source } => DeskInput::Seen { sighting, source },
                Output::Presence(presence) => DeskInput::Presence(presence),
                Output::Routing(routing) => DeskInput::Routing(routing),
                _ => continue,
            };
            let told = desk.handle(input, now);
            rang += told
                .iter()
                .filter(|output| matches!(output, earshot_engine::desk::io::Output::Tell(Event::OfferStarted { .. })))
                .count();
        }
    }
    rang
}

/// The machine, connected and caught up.
fn connected() -> (Machine, Moment) {
    let (mut machine, mut now) = (Machine::default(), BEGIN);
    let lifetime = Duration::from_secs(86_400);
    let mut inputs = vec![MachineInput::SignedIn { renewal: Renewal::None, secrets: 0, lifetime }];
    while let Some(input) = inputs.pop() {
        for effect in machine.handle(input, later(&mut now)) {
            match effect {
                Effect::Identify { epoch, .. } => inputs.push(MachineInput::Identified { epoch, result: Ok(me()) }),
                Effect::CreateChannel { epoch, .. } => {
                    inputs.push(MachineInput::ChannelCreated { epoch, result: Ok(None) });
                }
                Effect::Subscribe { epoch, topics, .. } => {
                    let granted =
                        |topic| TopicResult { topic, permitted: true, reason: None, missing_permissions: Vec::new() };
                    let result = Ok(topics.into_iter().map(granted).collect());
                    inputs.push(MachineInput::Subscribed { epoch, result });
                }
                Effect::Dial { epoch } => inputs.push(MachineInput::Opened { epoch }),
                Effect::List { look, generation } => {
                    inputs.push(MachineInput::Listed { look, generation, result: Ok(Vec::new()) });
                }
                Effect::ReadMe { look, generation } => {
                    inputs.push(MachineInput::MeRead { look, generation, result: Ok(me()) });
                }
                _ => {}
            }
        }
    }
    assert!(machine.snapshot(1, now).link.caught_up);
    (machine, now)
}

fn whole_machine((mut machine, mut now): (Machine, Moment), frames: Vec<String>) -> usize {
    let mut rang = 0;
    for text in frames {
        let effects = machine.handle(MachineInput::Frame { epoch: 1, frame: Frame::Text(text) }, later(&mut now));
        rang += effects.iter().filter(|effect| matches!(effect, Effect::Tell(Event::OfferStarted { .. }))).count();
    }
    rang
}

/// Events in a second on one core.
pub(crate) fn bench(criterion: &mut Criterion) {
    let frames = frames();
    let envelopes =
        || frames.iter().map(|frame| serde_json::from_str(frame).expect("a frame")).collect::<Vec<Envelope>>();
    assert_eq!(feed_and_desk(listening(), envelopes()), CONVERSATIONS);
    assert_eq!(whole_machine(connected(), frames.clone()), CONVERSATIONS);
    let bytes: usize = frames.iter().map(String::len).sum();
    println!("events: {} of {} bytes on average", frames.len(), bytes / frames.len());
    let mut group = criterion.benchmark_group("events");
    group.throughput(Throughput::Elements(u64::try_from(frames.len()).unwrap_or_default()));
    group.bench_function("feed and desk", |bencher| {
        bencher.iter_batched(
            || (listening(), envelopes()),
            |(rooms, events)| feed_and_desk(rooms, events),
            BatchSize::LargeInput,
        );
    });
    group.bench_function("frame to record", |bencher| {
        bencher.iter_batched(
            || (connected(), frames.clone()),
            |(machine, frames)| whole_machine(machine, frames),
            BatchSize::LargeInput,
        );
    });
    group.finish();
}
