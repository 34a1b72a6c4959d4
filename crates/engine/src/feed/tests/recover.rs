//! Events recovered for the record: what REST said, told where it is news, once.

use std::sync::Arc;

use earshot_genesys::recovery::Source as Form;
use earshot_genesys::wire::MediaKind;

use super::*;

const QUEUE: &str = "v2.routing.queues.q1.conversations";
const CALLS: &str = "v2.users.me.conversations.calls";
const PRESENCE: &str = "v2.users.me.presence";

impl Rig {
    /// A listener without a screen, connected, with these topics granted.
    fn listening(topics: &[&str]) -> Self {
        let mut rig = Self::new();
        let topics = topics.iter().map(|topic| Topic::new(*topic)).collect();
        rig.go(Input::Topics { topics, thorough: true });
        rig.feed.lookback.watch(Vec::new());
        rig.go(Input::Up);
        rig.pass(s(10));
        rig
    }

    fn said(&mut self, source: Form, value: &Value) {
        let look = self.look();
        self.go(Input::Said { look, said: vec![said(source, value)] });
    }

    fn read(&mut self, reading: Reading, result: Result<&Value, ApiError>, source: Form) -> Vec<Output> {
        let ask = self.feed.recover.ask_of(&reading);
        self.read_late(ask, reading, result, source)
    }

    /// The answer to a question of before.
    fn read_late(&mut self, ask: u64, reading: Reading, result: Result<&Value, ApiError>, source: Form) -> Vec<Output> {
        let result = result.map(|value| vec![said(source, value)]);
        self.go(Input::Read { ask, reading, result })
    }

    /// Of what was told: the topic's last word, the state it tells and its source.
    fn words(&mut self) -> Vec<(String, Source)> {
        let told = self.recorded.drain(..).map(|event| {
            let state = ["alerting", "connected", "disconnected", "AVAILABLE"];
            let says = state.iter().rfind(|state| event.body.get().contains(*state)).unwrap_or(&"?");
            (format!("{} {says}", event.topic.rsplit('.').next().unwrap_or_default()), event.source)
        });
        told.collect()
    }
}

fn said(source: Form, value: &Value) -> Said {
    Said { source, raw: Hidden(Arc::from(serde_json::value::to_raw_value(value).unwrap())) }
}

fn readings(out: &[Output]) -> Vec<Reading> {
    out.iter()
        .filter_map(|output| if let Output::Read { reading, .. } = output { Some(reading.clone()) } else { None })
        .collect()
}

/// A call of mine alone, in this state.
fn mine(state: &str) -> Value {
    json!({ "id": "c1", "participants": [
        { "id": "p", "purpose": "agent", "userId": "me", "queueId": "q1", "calls": [{ "id": "l", "state": state }] } ] })
}

fn conversation_reading() -> Reading {
    Reading::Conversation { id: "c1".into(), kind: MediaKind::Generic }
}

#[test]
fn what_changed_in_the_gap_is_told_once_and_before_what_came_after() {
    let mut rig = Rig::listening(&[CONVERSATIONS]);
    rig.topic(CONVERSATIONS, &mine("alerting"));
    rig.lost("first");
    rig.now += s(1);
    rig.go(Input::Up);
    let mut other = mine("alerting");
    other["id"] = json!("c2");
    rig.topic(CONVERSATIONS, &other);
    rig.said(Form::Conversation, &mine("connected"));
    rig.answer(&[]);
    rig.read(conversation_reading(), Err(status(404)), Form::Conversation);
    rig.topic(CONVERSATIONS, &mine("connected"));
    assert_eq!(
        rig.words(),
        [
            ("conversations alerting".to_owned(), Source::Live),
            ("conversations connected".to_owned(), Source::Recovered),
            ("conversations alerting".to_owned(), Source::Live),
        ]
    );
}

#[test]
fn a_re_list_that_tells_nothing_new_tells_nothing() {
    let mut rig = Rig::listening(&[CONVERSATIONS]);
    rig.topic(CONVERSATIONS, &mine("alerting"));
    rig.words();
    rig.lost("first");
    rig.now += s(1);
    rig.go(Input::Up);
    rig.said(Form::Conversation, &mine("alerting"));
    assert!(rig.words().is_empty());
}

#[test]
fn what_comes_much_later_is_an_event_of_its_own() {
    let mut rig = Rig::listening(&[CONVERSATIONS]);
    rig.lost("first");
    rig.now += s(1);
    rig.go(Input::Up);
    rig.said(Form::Conversation, &mine("connected"));
    rig.answer(&[]);
    rig.words();
    // The same state in other words, as an event says it that was on its way, and one that is sent later.
    let mut words = mine("connected");
    words["participants"][0]["connectedTime"] = json!("2026-11-21T10:00:00Z");
    rig.topic(CONVERSATIONS, &words);
    assert!(rig.words().is_empty());
    rig.now += COPY_AWAITED;
    words["participants"][0]["connectedTime"] = json!("2026-11-21T10:00:01Z");
    rig.topic(CONVERSATIONS, &words);
    assert_eq!(rig.words(), [("conversations connected".to_owned(), Source::Live)]);
}

#[test]
fn what_genesys_knows_no_more_is_not_asked_for_after_every_gap() {
    let mut rig = Rig::listening(&[CONVERSATIONS]);
    rig.topic(CONVERSATIONS, &mine("connected"));
    let mut asked = 0;
    for _ in 0..5 {
        rig.lost("first");
        rig.now += s(1);
        asked += readings(&rig.go(Input::Up)).len();
        rig.answer(&[]);
        rig.read(conversation_reading(), Err(status(404)), Form::Conversation);
    }
    assert_eq!(asked, 2, "twice, since one 404 proves little");
    rig.topic(CONVERSATIONS, &mine("alerting"));
    rig.lost("again");
    assert_eq!(readings(&rig.go(Input::Up)), [conversation_reading()], "it is known again");
}

#[test]
fn what_is_too_much_to_read_is_said_in_the_gap() {
    let mut rig = Rig::listening(&[CONVERSATIONS, CALLS]);
    for n in 0..=READS_KEPT {
        let mut call = mine("connected");
        call["id"] = json!(format!("c{n}"));
        rig.topic(CONVERSATIONS, &call);
    }
    rig.lost("first");
    rig.go(Input::Up);
    assert_eq!(rig.feed.recover.unrecoverable().first().map(String::as_str), Some(CONVERSATIONS));
}

#[test]
fn events_do_not_wait_for_a_re_list_without_bound() {
    let mut rig = Rig::relisting();
    for n in 0..=ORDER_KEPT {
        rig.live(&format!("c{n}"), "alerting");
    }
    assert!(rig.recorded.len() >= ORDER_KEPT, "{}", rig.recorded.len());
}

#[test]
fn an_answer_older_than_what_was_heard_is_not_told() {
    let mut rig = Rig::listening(&[CONVERSATIONS]);
    rig.lost("first");
    rig.now += s(1);
    rig.go(Input::Up);
    rig.now += ms(10);
    rig.topic(CONVERSATIONS, &mine("connected"));
    rig.pass(s(2));
    rig.said(Form::Conversation, &mine("alerting"));
    assert_eq!(rig.words(), [("conversations connected".to_owned(), Source::Live)]);
}

#[test]
fn a_conversation_that_is_listed_no_more_is_read_by_its_id() {
    let mut rig = Rig::listening(&[CONVERSATIONS]);
    rig.topic(CONVERSATIONS, &mine("connected"));
    rig.words();
    rig.lost("first");
    rig.now += s(1);
    let out = rig.go(Input::Up);
    assert_eq!(readings(&out), [conversation_reading()]);
    rig.answer(&[]);
    assert!(!rig.feed.caught_up(), "the gap waits for it");
    let out = rig.read(conversation_reading(), Ok(&mine("disconnected")), Form::Conversation);
    assert_eq!(rig.words(), [("conversations disconnected".to_owned(), Source::Recovered)]);
    assert_eq!(only_closed(&out).recovered, 1);
    rig.lost("again");
    assert!(readings(&rig.go(Input::Up)).is_empty(), "what has ended is not asked for again");
}

#[test]
fn an_answer_to_a_question_of_before_the_loss_is_not_the_answer_to_the_same_question_after_it() {
    let mut rig = Rig::listening(&[CONVERSATIONS]);
    rig.topic(CONVERSATIONS, &mine("alerting"));
    rig.lost("first");
    rig.go(Input::Up);
    let old = rig.feed.recover.ask_of(&conversation_reading());
    rig.lost("second");
    rig.now += s(1);
    rig.go(Input::Up);
    rig.answer(&[]);
    rig.words();
    rig.read_late(old, conversation_reading(), Ok(&mine("connected")), Form::Conversation);
    assert!(rig.words().is_empty() && !rig.feed.caught_up(), "the truth is still being asked for");
    rig.read(conversation_reading(), Ok(&mine("disconnected")), Form::Conversation);
    assert_eq!(rig.words(), [("conversations disconnected".to_owned(), Source::Recovered)]);
}

#[test]
fn without_the_permission_for_the_generic_form_the_flat_one_brings_what_is_known_up_to_date() {
    let mut rig = Rig::listening(&[CONVERSATIONS]);
    rig.topic(CONVERSATIONS, &mine("connected"));
    rig.words();
    rig.lost("first");
    rig.now += s(1);
    rig.go(Input::Up);
    rig.answer(&[]);
    let out = rig.read(conversation_reading(), Err(status(403)), Form::Conversation);
    let flat = Reading::Conversation { id: "c1".into(), kind: MediaKind::Call };
    assert_eq!(readings(&out), std::slice::from_ref(&flat));
    let body = json!({ "id": "c1", "participants": [{ "id": "p", "user": { "id": "me" }, "state": "disconnected" }] });
    rig.read(flat, Ok(&body), Form::MediaConversation(MediaKind::Call));
    assert_eq!(rig.words(), [("conversations disconnected".to_owned(), Source::Recovered)]);
}

#[test]
fn other_topics_are_read_where_rest_has_them() {
    let mut rig = Rig::new();
    let topics = [CALLS, PRESENCE, "v2.users.other.presence", "v2.something.else"].map(Topic::new).to_vec();
    rig.go(Input::Topics { topics, thorough: true });
    let out = rig.go(Input::Up);
    let asked = readings(&out);
    assert_eq!(asked, [Reading::List(MediaKind::Call), Reading::User("other".into())]);
    let user = |id: &str| json!({ "id": id, "presence": { "presenceDefinition": { "id": "p1", "systemPresence": "Available" } } });
    rig.said(Form::User, &user("me"));
    rig.read(asked[1].clone(), Ok(&user("other")), Form::User);
    let flat = json!({ "id": "c1", "participants": [{ "id": "p", "user": { "id": "me" }, "state": "alerting" }] });
    rig.read(asked[0].clone(), Ok(&flat), Form::MediaConversation(MediaKind::Call));
    assert_eq!(
        rig.words(),
        [
            ("presence AVAILABLE".to_owned(), Source::Recovered),
            ("presence AVAILABLE".to_owned(), Source::Recovered),
            ("calls alerting".to_owned(), Source::Recovered),
        ]
    );
    rig.answer(&[]);
    rig.lost("first");
    rig.now += s(1);
    rig.go(Input::Up);
    let mut out = rig.answer(&[]);
    let calls = Reading::Conversation { id: "c1".into(), kind: MediaKind::Call };
    for reading in asked.into_iter().chain([calls]) {
        out.extend(rig.read(reading, Err(status(404)), Form::User));
    }
    assert_eq!(only_closed(&out).unrecoverable, ["v2.something.else"]);
}

#[test]
fn analytics_tell_a_listener_of_queue_conversations_that_it_never_heard() {
    let mut rig = Rig::listening(&[QUEUE]);
    rig.feed.lookback.watch(rig.feed.recover.whose());
    rig.lost("first");
    rig.now += s(1);
    rig.go(Input::Up);
    rig.answer(&[]);
    rig.pass(s(3));
    let out = rig.answer(&[]);
    let question = out.iter().find_map(|out| if let Output::LookBack(it) = out { Some(it.clone()) } else { None });
    let question = question.expect("a look back");
    assert_eq!(question.whose, Whose::Queue("q1".into()));
    let details = json!({ "totalHits": 1, "conversations": [{ "conversationId": "c1",
        "conversationStart": jiff::Timestamp::from_millisecond(question.from).unwrap().to_string() }] });
    let result = Ok(serde_json::from_value(details).unwrap());
    let out = rig.go(Input::LookedBack { ask: question.ask, result });
    assert_eq!(readings(&out), [conversation_reading()]);
    rig.read(conversation_reading(), Ok(&mine("disconnected")), Form::Conversation);
    assert_eq!(rig.words(), [("conversations disconnected".to_owned(), Source::Recovered)]);
}

#[test]
fn a_reading_that_fails_for_good_is_said_in_the_gap_and_does_not_keep_it_open() {
    let mut rig = Rig::listening(&["v2.users.other.presence"]);
    rig.lost("first");
    rig.now += s(1);
    let reading = readings(&rig.go(Input::Up)).remove(0);
    let mut out = rig.answer(&[]);
    for _ in 0..READ_TRIES {
        out.extend(rig.read(reading.clone(), Err(status(500)), Form::User));
        out.extend(outputs(rig.pass(if rig.feed.caught_up() { s(0) } else { RELIST_RETRY_CAP })));
    }
    assert!(rig.feed.caught_up());
    assert_eq!(only_closed(&out).unrecoverable, ["v2.users.other.presence"]);
}

#[test]
fn few_readings_are_asked_at_once() {
    let topics: Vec<_> = (0..20).map(|n| format!("v2.users.u{n}.presence")).collect();
    let mut rig = Rig::new();
    let names = topics.iter().map(Topic::new).collect();
    rig.go(Input::Topics { topics: names, thorough: true });
    let asked = readings(&rig.go(Input::Up));
    assert_eq!(asked.len(), READS_AT_ONCE);
    let next = rig.read(asked[0].clone(), Err(status(404)), Form::User);
    assert_eq!(readings(&next).len(), 1);
}

#[test]
fn a_first_subscription_that_was_active_late_is_looked_back_upon_where_nothing_can_be_listed() {
    for found in [false, true] {
        let mut rig = Rig::new();
        rig.feed = Feed::new(None);
        rig.go(Input::Topics { topics: vec![Topic::new(CONVERSATIONS)], thorough: true });
        let begin = rig.wall();
        let mut out = rig.go(Input::Up);
        out.extend(outputs(rig.pass(s(3))));
        assert!(closed(&out).is_empty(), "it is no gap that anybody need know of");
        let mut settled = Vec::new();
        for _ in 0..200 {
            let asked = out.iter().find_map(|output| match output {
                Output::LookBack(question) => Some(question.ask),
                _ => None,
            });
            out = outputs(rig.pass(s(1)));
            let Some(ask) = asked else { continue };
            let time = |at: Millis| jiff::Timestamp::from_millisecond(at).unwrap().to_string();
            let detail = |id: &str, began: Millis| json!({ "conversationId": id, "conversationStart": time(began) });
            let list = [detail("c1", begin + 500), detail("old", begin - 3_600_000)];
            let list = if found { &list[..] } else { &[] };
            let page = json!({ "conversations": list, "totalHits": list.len() });
            let done = rig.go(Input::LookedBack { ask, result: Ok(serde_json::from_value(page).unwrap()) });
            if readings(&done).contains(&conversation_reading()) {
                rig.read(conversation_reading(), Ok(&mine("disconnected")), Form::Conversation);
            }
            assert!(readings(&done).iter().all(|reading| *reading == conversation_reading()), "nothing older is told");
            settled.extend(closed(&done).into_iter().cloned());
            out.extend(done);
        }
        let told: Vec<_> = settled.iter().map(|gap| (gap.recovered, gap.settled)).collect();
        assert_eq!(told, if found { vec![(1, true)] } else { Vec::new() });
    }
}
