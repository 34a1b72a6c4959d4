//! The feed in virtual time: list-then-watch, gaps, absence, comparison. What the tests share is here.
#![allow(clippy::unwrap_used, clippy::panic, clippy::unchecked_time_subtraction)]

mod absence;
mod audit;
mod evicted;
mod gaps;
mod live;
mod lookback;
mod missed;
mod recover;
mod relist;

use earshot_genesys::error::{ApiError, StatusError};
use earshot_genesys::topics::Topic;
use earshot_genesys::transport::{TransportError, TransportKind};
use serde_json::{Value, json};

use super::*;
use crate::desk::read;
use crate::desk::sighting::Sighting;
use crate::event::{Event, GapRecord, Source};
use crate::limits::{
    COPY_AWAITED, EVICTED_POLL, LOOK_BACK_APART, LOOK_BACK_AT, LOOK_BACK_MARGIN, LOOK_UP_TRIES, ORDER_KEPT, READ_TRIES,
    READS_AT_ONCE, READS_KEPT, RELIST_RETRY_CAP, SECOND_LOOK,
};
use crate::moment::millis;
use crate::record::EventRecord;
use crate::snapshot::{Medium, Trouble};

/// Wall clock at monotonic zero.
const WALL: Millis = 1_800_000_000_000;
const CONVERSATIONS: &str = "v2.users.me.conversations";
const ROUTING: &str = "v2.users.me.routingStatus";

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn limited(status: u16, retry_after: Option<u64>) -> ApiError {
    ApiError::Status(StatusError {
        status,
        code: None,
        message: None,
        context_id: None,
        retry_after: retry_after.map(Duration::from_secs),
        html: false,
    })
}

fn status(status: u16) -> ApiError {
    limited(status, None)
}

fn portal() -> ApiError {
    ApiError::Malformed { call: "GET /conversations", html: true }
}

fn broken() -> ApiError {
    ApiError::Transport(TransportError { kind: TransportKind::Broken, detail: String::new() })
}

/// A queue call with one leg of the agent's in this state.
fn call(id: &str, state: &str) -> Value {
    json!({ "id": id, "participants": [
        { "id": format!("{id}-customer"), "purpose": "customer", "name": "Ana Pereira",
          "calls": [{ "id": format!("{id}-other"), "state": "connected" }] },
        { "id": format!("{id}-agent"), "purpose": "agent", "userId": "me", "queueId": "q1",
          "calls": [{ "id": format!("{id}-leg"), "state": state }] },
    ] })
}

fn conversations(list: &[Value]) -> Vec<wire::Conversation> {
    list.iter().map(|value| serde_json::from_value(value.clone()).unwrap()).collect()
}

fn me(routing: &str) -> Box<wire::Me> {
    serde_json::from_value(json!({ "id": "me", "routingStatus": { "status": routing } })).unwrap()
}

fn look_of(id: &str, state: &str) -> Sighting {
    read::sighting(&conversations(&[call(id, state)])[0], "me")
}

fn trouble(code: &str) -> Trouble {
    Trouble::passing(code, format!("The cause was {code}."))
}

/// A feed, the moment at which it is, and what the desk holds.
struct Rig {
    feed: Feed,
    now: Duration,
    known: Vec<(String, Medium)>,
    /// What went on record, in order.
    recorded: Vec<EventRecord>,
    /// The socket that delivers.
    epoch: u64,
}

impl Rig {
    /// The agent is known, nothing is connected.
    fn new() -> Self {
        let mut feed = Feed::default();
        feed.identify(&me("IDLE"));
        let topics = vec![Topic::new(CONVERSATIONS), Topic::new(ROUTING)];
        feed.recover.watch(&topics, false);
        // As for most agents: analytics are not permitted.
        feed.lookback.watch(Vec::new());
        Self { feed, now: s(100), known: Vec::new(), recorded: Vec::new(), epoch: 1 }
    }

    /// Connected for the first time, with everything looked up.
    fn up() -> Self {
        let mut rig = Self::new();
        rig.go(Input::Up);
        rig.answer(&[]);
        rig.pass(s(3));
        rig.answer(&[]);
        rig
    }

    /// The same, on queue.
    fn on_queue() -> Self {
        let mut rig = Self::up();
        rig.go(Input::OnQueue(true));
        rig
    }

    /// A gap is open and the link is up again: the re-list is in flight.
    fn relisting() -> Self {
        let mut rig = Self::up();
        rig.lost("first");
        rig.now += s(2);
        rig.go(Input::Up);
        rig
    }

    fn wall(&self) -> Millis {
        WALL + millis(self.now)
    }

    /// One step; what the feed says to itself comes back to it, as in the whole machine.
    fn go(&mut self, input: Input) -> Vec<Output> {
        let now = Moment { mono: self.now, wall: self.wall(), dice: 0 };
        let mut out = self.feed.handle(input, now);
        if out.iter().any(|output| matches!(output, Output::Looked)) {
            out.extend(self.feed.handle(Input::Looked, now));
        }
        if out.iter().any(|output| matches!(output, Output::Settle)) {
            out.extend(self.feed.handle(Input::Settle, now));
        }
        let (events, rest): (Vec<_>, Vec<_>) = out.into_iter().partition(|output| matches!(output, Output::Event(_)));
        self.recorded.extend(events.into_iter().filter_map(|output| match output {
            Output::Event(event) => Some(event),
            _ => None,
        }));
        rest
    }

    fn lost(&mut self, code: &str) -> Vec<Output> {
        let verified = self.wall() - 1000;
        self.go(Input::Leaves { epoch: self.epoch });
        self.epoch += 1;
        self.go(Input::Lost { verified, trouble: trouble(code), evicted: false })
    }

    fn evicted(&mut self) -> Vec<Output> {
        let verified = self.wall();
        self.go(Input::Lost { verified, trouble: trouble("channel.evicted"), evicted: true })
    }

    /// The number of the newest look.
    fn look(&self) -> u64 {
        self.feed.looks
    }

    fn listed(&mut self, result: Result<&[Value], ApiError>) -> Vec<Output> {
        let (look, known) = (self.look(), self.known.clone());
        self.go(Input::Listed { look, result: result.map(conversations), known })
    }

    fn me_read(&mut self, routing: &str) -> Vec<Output> {
        let look = self.look();
        self.go(Input::MeRead { look, result: Ok(me(routing)) })
    }

    /// The look in flight is answered whole.
    fn answer(&mut self, list: &[Value]) -> Vec<Output> {
        let mut out = self.me_read("IDLE");
        out.extend(self.listed(Ok(list)));
        out
    }

    fn looked_up(&mut self, id: &str, result: Result<Sighting, ApiError>) -> Vec<Output> {
        self.go(Input::LookedUp { conversation: id.into(), medium: Medium::Call, result })
    }

    fn topic(&mut self, topic: &str, body: &Value) -> Vec<Output> {
        let body = serde_json::value::to_raw_value(body).unwrap();
        self.go(Input::Topic { epoch: self.epoch, topic: topic.into(), body })
    }

    fn live(&mut self, id: &str, state: &str) -> Vec<Output> {
        self.topic(CONVERSATIONS, &call(id, state))
    }

    /// The desk holds this one as not ended.
    fn knows(&mut self, id: &str) {
        self.known.push((id.into(), Medium::Call));
    }

    /// Lets time pass with a look at each deadline; what is said, and when.
    fn pass(&mut self, span: Duration) -> Vec<(Duration, Output)> {
        let (from, end) = (self.now, self.now + span);
        let mut said = Vec::new();
        for _ in 0..10_000 {
            let Some(at) = self.feed.deadline().filter(|at| *at <= end) else {
                self.now = end;
                return said;
            };
            self.now = self.now.max(at);
            let now = self.now;
            said.extend(self.go(Input::Tick).into_iter().map(|output| (now - from, output)));
        }
        panic!("the deadline does not move: {:?} at {:?}", self.feed.deadline(), self.now);
    }

    /// How long until the next re-list begins; `None` within an hour.
    fn until_list(&mut self) -> Option<Duration> {
        let (from, end) = (self.now, self.now + s(3600));
        for _ in 0..10_000 {
            let at = self.feed.deadline().filter(|at| *at <= end)?;
            self.now = self.now.max(at);
            if lists(&self.go(Input::Tick)) == 1 {
                return Some(self.now - from);
            }
        }
        panic!("the deadline does not move");
    }
}

fn outputs(said: Vec<(Duration, Output)>) -> Vec<Output> {
    said.into_iter().map(|(_, output)| output).collect()
}

fn lists(out: &[Output]) -> usize {
    out.iter().filter(|output| matches!(output, Output::List { .. })).count()
}

fn reads_of_me(out: &[Output]) -> usize {
    out.iter().filter(|output| matches!(output, Output::ReadMe { .. })).count()
}

fn look_ups(out: &[Output]) -> Vec<(&str, Medium)> {
    out.iter()
        .filter_map(|output| match output {
            Output::LookUp { conversation, medium } => Some((conversation.as_str(), *medium)),
            _ => None,
        })
        .collect()
}

fn seen(out: &[Output]) -> Vec<(&str, Source)> {
    out.iter()
        .filter_map(|output| match output {
            Output::Seen { sighting, source } => Some((sighting.conversation.as_str(), *source)),
            _ => None,
        })
        .collect()
}

fn gone(out: &[Output]) -> Vec<&str> {
    out.iter()
        .filter_map(|output| match output {
            Output::Gone { conversation } => Some(conversation.as_str()),
            _ => None,
        })
        .collect()
}

fn opened(out: &[Output]) -> Vec<(Millis, &str)> {
    out.iter()
        .filter_map(|output| match output {
            Output::Tell(Event::GapOpened { from, cause }) => Some((*from, cause.code.as_str())),
            _ => None,
        })
        .collect()
}

fn closed(out: &[Output]) -> Vec<&GapRecord> {
    out.iter()
        .filter_map(|output| match output {
            Output::Tell(Event::GapClosed(record)) => Some(record),
            _ => None,
        })
        .collect()
}

fn only_closed(out: &[Output]) -> GapRecord {
    let closed = closed(out);
    assert_eq!(closed.len(), 1, "{out:?}");
    closed[0].clone()
}

fn deafness(out: &[Output]) -> Vec<Option<&str>> {
    out.iter()
        .filter_map(|output| match output {
            Output::Deafness(gap) => Some(gap.as_ref().map(|(_, why)| why.as_str())),
            _ => None,
        })
        .collect()
}

fn hampered(out: &[Output]) -> Vec<Option<&str>> {
    out.iter()
        .filter_map(|output| match output {
            Output::Hampered(trouble) => Some(trouble.as_ref().map(|trouble| trouble.code.as_str())),
            _ => None,
        })
        .collect()
}

fn missed_unseen(out: &[Output]) -> usize {
    out.iter().filter(|output| matches!(output, Output::MissedUnseen { .. })).count()
}

fn deaf(out: &[Output]) -> bool {
    out.iter().any(|output| matches!(output, Output::Deaf))
}
