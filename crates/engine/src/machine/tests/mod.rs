//! The whole machine in virtual time, against a server of a few lines that answers each request as it is told to. What
//! the tests share is here.
#![allow(clippy::unwrap_used, clippy::panic, clippy::unchecked_time_subtraction)]

mod acting;
mod clocks;
mod fights;
mod hearing;
mod idle;
mod planned;
mod record;
mod secrets;
mod series;
mod signing_in;
mod steps;

use std::collections::BTreeSet;

use earshot_genesys::api::TopicResult;
use earshot_genesys::error::{ApiError, StatusError};
use earshot_genesys::transport::{DialError, Frame};
use serde_json::{Value, json};

use super::*;
use crate::desk::io::{Command, Request};
use crate::desk::read;
use crate::event::GapRecord;
use crate::link::End;
use crate::record::{Fact, HandOver, Record};
use crate::session::Renewal;
use crate::snapshot::{LinkState, Millis, MissedView, OfferEnd};
use crate::verdict::TokenCheck;

/// Wall clock at monotonic zero.
const WALL: Millis = 1_800_000_000_000;
const HOUR: Duration = Duration::from_secs(3600);

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn status(status: u16) -> StatusError {
    StatusError { status, code: None, message: None, context_id: None, retry_after: None, html: false }
}

fn refused(code: u16) -> ApiError {
    ApiError::Status(status(code))
}

/// A queue call of `agent`'s with one leg in this state.
fn call(agent: &str, id: &str, state: &str) -> Value {
    json!({ "id": id, "participants": [
        { "id": format!("{id}-customer"), "purpose": "customer", "name": "Ana Pereira",
          "calls": [{ "id": format!("{id}-other"), "state": "connected" }] },
        { "id": format!("{id}-agent"), "purpose": "agent", "userId": agent, "queueId": "q1", "queueName": "Sales",
          "calls": [{ "id": format!("{id}-leg"), "state": state, "startAlertingTime": "2027-01-15T08:00:00Z" }] },
    ] })
}

fn conversation(value: &Value) -> wire::Conversation {
    serde_json::from_value(value.clone()).unwrap()
}

fn frame_of(agent: &str, id: &str, state: &str) -> Frame {
    let topic = format!("v2.users.{agent}.conversations");
    Frame::Text(json!({ "topicName": topic, "eventBody": call(agent, id, state) }).to_string())
}

fn system_frame(kind: &str, reason: Option<&str>) -> Frame {
    let body = json!({ "systemTopicType": kind, "reason": reason, "channelId": "canary-channel" });
    Frame::Text(json!({ "topicName": format!("v2.system.{kind}.canary-channel"), "eventBody": body }).to_string())
}

fn pong() -> Frame {
    Frame::Text(json!({ "topicName": "channel.metadata", "eventBody": { "message": "pong" } }).to_string())
}

/// What the server does when asked.
struct Server {
    user: &'static str,
    /// Generations whose token is no longer good.
    dead: BTreeSet<u64>,
    on_queue: bool,
    routing: &'static str,
    /// What `GET conversations` lists.
    conversations: Vec<Value>,
    /// What a look-up by id finds.
    ended: Vec<Value>,
    act: Result<(), ApiError>,
    essential: bool,
    /// The token is a service's.
    no_user: bool,
    /// What analytics tell; `None`: they are not permitted.
    analytics: Option<wire::ConversationDetails>,
    /// After how long an unused token ends.
    idle: Option<Duration>,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            user: "ada",
            dead: BTreeSet::new(),
            on_queue: true,
            routing: "IDLE",
            conversations: Vec::new(),
            ended: Vec::new(),
            act: Ok(()),
            essential: true,
            no_user: false,
            analytics: None,
            idle: None,
        }
    }
}

impl Server {
    fn me(&self) -> Box<wire::Me> {
        let (id, system) = if self.on_queue { ("p-queue", "On Queue") } else { ("p-available", "Available") };
        let me = json!({
            "id": self.user,
            "name": "Ada Agent",
            "presence": { "presenceDefinition": { "id": id, "systemPresence": system } },
            "routingStatus": { "status": self.routing },
            "presenceDefinitions": [
                { "id": "p-available", "systemPresence": "Available", "primary": true },
                { "id": "p-queue", "systemPresence": "On Queue", "primary": true },
            ],
        });
        serde_json::from_value(me).unwrap()
    }

    fn with<T>(&self, generation: u64, answer: T) -> Result<T, ApiError> {
        if self.dead.contains(&generation) { Err(refused(401)) } else { Ok(answer) }
    }

    fn look_up(&self, id: &str, me: &str) -> Result<crate::desk::sighting::Sighting, ApiError> {
        let all = self.conversations.iter().chain(&self.ended);
        let found = all.map(conversation).find(|conversation| conversation.id == id);
        found.map(|conversation| read::sighting(&conversation, me)).ok_or_else(|| refused(404))
    }

    /// The answer to one request; `None` for effects that are none.
    fn answer(&self, effect: Effect) -> Option<Input> {
        Some(match effect {
            Effect::Check { generation } => {
                let check = if self.dead.contains(&generation) { TokenCheck::Dead } else { TokenCheck::Alive };
                Input::Checked { generation, check, retry_after: None }
            }
            Effect::AskIdle { generation } => Input::IdleTimeout { generation, timeout: self.idle },
            Effect::Touch { generation } => {
                let check = if self.dead.contains(&generation) { TokenCheck::Dead } else { TokenCheck::Alive };
                Input::Touched { generation, check, retry_after: None }
            }
            Effect::AskExpiry { epoch, .. } => Input::Expiry { epoch, result: Ok(None) },
            Effect::Renew { attempt, .. } => Input::Renewed { attempt, lifetime: HOUR },
            Effect::RereadCredential { attempt } => Input::Reread { attempt, changed: false },
            Effect::Identify { epoch, .. } if self.no_user => {
                let error = StatusError { code: Some("not.a.user".into()), ..status(400) };
                Input::Identified { epoch, result: Err(ApiError::Status(error)) }
            }
            Effect::Identify { epoch, generation } => {
                Input::Identified { epoch, result: self.with(generation, self.me()) }
            }
            Effect::CreateChannel { epoch, generation } => {
                Input::ChannelCreated { epoch, result: self.with(generation, None) }
            }
            Effect::Subscribe { epoch, generation, topics } => {
                let own = format!("v2.users.{}.conversations", self.user);
                let result = |topic: Topic| TopicResult {
                    permitted: (!topic.as_str().starts_with("v2.users.")
                        || topic.as_str().starts_with(&format!("v2.users.{}.", self.user)))
                        && (self.essential || topic.as_str() != own),
                    topic,
                    reason: None,
                    missing_permissions: Vec::new(),
                };
                let topics = topics.into_iter().map(result).collect();
                Input::Subscribed { epoch, result: self.with(generation, topics) }
            }
            Effect::Dial { epoch } => Input::Opened { epoch },
            Effect::Ping { epoch } => Input::Frame { epoch, frame: pong() },
            Effect::List { look, generation } => {
                let list = self.conversations.iter().map(conversation).collect();
                Input::Listed { look, generation, result: self.with(generation, list) }
            }
            Effect::ReadMe { look, generation } => {
                Input::MeRead { look, generation, result: self.with(generation, self.me()) }
            }
            Effect::LookUp { conversation, medium, me, generation } => {
                let found = self.with(generation, ()).and_then(|()| self.look_up(&conversation, &me));
                Input::LookedUp { conversation, medium, generation, result: found }
            }
            Effect::Read { ask, reading, generation } => {
                Input::Read { ask, reading, generation, result: Err(refused(404)) }
            }
            Effect::LookBack { question, generation } => {
                let result = self.analytics.clone().ok_or_else(|| refused(403));
                Input::LookedBack { ask: question.ask, generation, result }
            }
            Effect::Act { action, generation, .. } => {
                let result = self.with(generation, ()).and_then(|()| self.act.clone());
                Input::Acted { action, generation, result }
            }
            Effect::Drop { .. } | Effect::Tell(_) | Effect::Record(_) => return None,
        })
    }
}

/// The machine, its server, and what has happened.
#[derive(Default)]
struct Rig {
    machine: Machine,
    server: Server,
    now: Duration,
    /// What the wall clock is ahead of the monotonic one.
    slept: Duration,
    /// Requests not yet answered.
    pending: VecDeque<Effect>,
    told: Vec<Event>,
    recorded: Vec<Record>,
    /// Every request ever made, as its Debug.
    asked: Vec<String>,
    /// Debug of every input, effect and view.
    seen: Vec<String>,
    /// That is not kept, for long series.
    unseen: bool,
}

impl Rig {
    fn new() -> Self {
        Self { now: s(100), ..Self::default() }
    }

    /// Signed in with a refresh token, connected, caught up and settled.
    fn up() -> Self {
        let mut rig = Self::new();
        rig.sign_in(Renewal::RefreshToken);
        rig.serve();
        rig.pass(s(20));
        assert_eq!(rig.state(), LinkState::Connected);
        rig.forget();
        rig
    }

    /// The same, with one call alerting.
    fn ringing() -> Self {
        let mut rig = Self::up();
        rig.frame(frame_of("ada", "c1", "alerting"));
        assert_eq!(rig.started(), ["c1-leg"]);
        rig.server.conversations = vec![call("ada", "c1", "alerting")];
        rig.serve();
        rig.forget();
        rig
    }

    fn forget(&mut self) {
        self.told.clear();
        self.asked.clear();
    }

    fn moment(&self) -> Moment {
        Moment { mono: self.now, wall: WALL + millis(self.now + self.slept), dice: 0 }
    }

    fn wall(&self) -> Millis {
        self.moment().wall
    }

    fn go(&mut self, input: Input) {
        let now = self.moment();
        if !self.unseen {
            self.seen.push(format!("{input:?}"));
        }
        for effect in self.machine.handle(input, now) {
            if !self.unseen {
                self.seen.push(format!("{effect:?}"));
            }
            match effect {
                Effect::Tell(event) => self.told.push(event),
                Effect::Record(record) => self.recorded.push(record),
                effect => {
                    self.asked.push(format!("{effect:?}"));
                    self.pending.push_back(effect);
                }
            }
        }
        if !self.unseen {
            self.seen.push(format!("{:?}", self.snapshot()));
        }
    }

    /// The server answers everything, and what follows from its answers.
    fn serve(&mut self) {
        for _ in 0..1000 {
            let Some(effect) = self.pending.pop_front() else { return };
            if let Some(answer) = self.server.answer(effect) {
                self.go(answer);
            }
        }
        panic!("no end of requests: {:?}", &self.asked[self.asked.len() - 10..]);
    }

    /// Time passes, the clocks are looked at, and the server answers.
    fn pass(&mut self, span: Duration) {
        let end = self.now + span;
        while self.now < end {
            let due = self.machine.deadline().unwrap_or(end).clamp(self.now, end);
            // As the driver: at least once a second.
            self.now = due.min(self.now + s(1));
            self.go(Input::Tick);
            self.serve();
        }
    }

    /// The same on a server that does not answer.
    fn pass_unanswered(&mut self, span: Duration) {
        let end = self.now + span;
        while self.now < end {
            let due = self.machine.deadline().unwrap_or(end).clamp(self.now, end);
            self.now = due.min(self.now + s(1));
            self.go(Input::Tick);
        }
    }

    fn sign_in(&mut self, renewal: Renewal) {
        self.go(Input::SignedIn { renewal, secrets: 1, lifetime: HOUR });
    }

    fn epoch(&self) -> u64 {
        self.machine.link.epoch().expect("a connection")
    }

    fn frame(&mut self, frame: Frame) {
        let epoch = self.epoch();
        self.go(Input::Frame { epoch, frame });
    }

    fn close(&mut self, code: Option<u16>, reason: &str) {
        let epoch = self.epoch();
        self.go(Input::Ended { epoch, end: End::Closed { code, reason: reason.into() } });
    }

    fn command(&mut self, command: Command) {
        self.go(Input::Command(command));
    }

    fn snapshot(&self) -> Snapshot {
        self.machine.snapshot(1, self.moment())
    }

    fn state(&self) -> LinkState {
        self.snapshot().link.state
    }

    fn code(&self) -> String {
        self.snapshot().link.trouble.expect("trouble").code
    }

    fn notices(&self) -> Vec<String> {
        self.snapshot().notices.into_iter().map(|notice| notice.trouble.code).collect()
    }

    /// How many requests of this kind were made.
    fn count(&self, kind: &str) -> usize {
        self.asked.iter().filter(|asked| asked.starts_with(kind)).count()
    }

    fn started(&self) -> Vec<&str> {
        self.told
            .iter()
            .filter_map(|event| match event {
                Event::OfferStarted { offer, .. } => Some(offer.leg.as_str()),
                _ => None,
            })
            .collect()
    }

    fn ended(&self) -> Vec<(&str, OfferEnd)> {
        self.told
            .iter()
            .filter_map(|event| match event {
                Event::OfferEnded { leg, end } => Some((leg.as_str(), *end)),
                _ => None,
            })
            .collect()
    }

    fn missed(&self) -> Vec<&MissedView> {
        self.told
            .iter()
            .filter_map(|event| match event {
                Event::Missed(line) => Some(line),
                _ => None,
            })
            .collect()
    }

    fn failures(&self) -> Vec<&str> {
        self.told
            .iter()
            .filter_map(|event| match event {
                Event::ActionFailed { trouble, .. } => Some(trouble.code.as_str()),
                _ => None,
            })
            .collect()
    }

    /// What is on record of planned changes.
    fn hand_overs(&self) -> impl Iterator<Item = &HandOver> {
        self.recorded.iter().filter_map(|record| match &record.fact {
            Fact::HandOver(step) => Some(step),
            _ => None,
        })
    }

    fn gaps(&self) -> Vec<&GapRecord> {
        self.told
            .iter()
            .filter_map(|event| match event {
                Event::GapClosed(record) => Some(record),
                _ => None,
            })
            .collect()
    }
}
