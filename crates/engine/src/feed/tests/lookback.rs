//! Looking back upon a gap with analytics: what is asked and when, what it brings, and when the gap is settled.

use super::*;

impl Rig {
    /// Connected, with analytics that may be asked.
    fn permitted() -> Self {
        let mut rig = Self::up();
        rig.feed.lookback.watch(vec![Whose::User("me".into())]);
        rig
    }

    /// A gap of two seconds, closed and looked at twice; what its second look said.
    fn gap(&mut self, routing: &str) -> Vec<Output> {
        self.lost("first");
        self.now += s(2);
        self.go(Input::Up);
        self.me_read(routing);
        self.listed(Ok(&[]));
        self.pass(s(3));
        let mut out = self.me_read(routing);
        out.extend(self.listed(Ok(&[])));
        out
    }

    fn looked_back(&mut self, ask: u64, result: Result<Value, ApiError>) -> Vec<Output> {
        let result = result.map(|value| serde_json::from_value(value).unwrap());
        self.go(Input::LookedBack { ask, result })
    }
}

fn asked(out: &[Output]) -> Vec<&Question> {
    out.iter()
        .filter_map(|output| if let Output::LookBack(question) = output { Some(question) } else { None })
        .collect()
}

fn past(out: &[Output]) -> Vec<&Sighting> {
    let past = out.iter().filter_map(|output| match output {
        Output::Past { sighting, .. } => Some(sighting),
        _ => None,
    });
    past.collect()
}

fn time(at: Millis) -> String {
    jiff::Timestamp::from_millisecond(at).unwrap().to_string()
}

/// A call that alerted for `me` then, for a second.
fn detail(id: &str, began: Millis, answered: bool) -> Value {
    let mut segments = vec![json!({ "segmentType": "alert", "segmentStart": time(began),
        "segmentEnd": time(began + 1000), "disconnectType": "client", "queueId": "q1" })];
    if answered {
        segments.push(json!({ "segmentType": "interact", "segmentStart": time(began + 1000) }));
    }
    json!({ "conversationId": id, "conversationStart": time(began - 5000), "conversationEnd": time(began + 2000),
        "participants": [
            { "participantId": format!("{id}-customer"), "purpose": "customer", "participantName": "Ana Pereira" },
            { "participantId": format!("{id}-agent"), "purpose": "agent", "userId": "me",
              "sessions": [{ "mediaType": "voice", "segments": segments }] },
        ] })
}

fn page(conversations: &[Value], hits: usize) -> Value {
    json!({ "conversations": conversations, "totalHits": hits })
}

#[test]
fn a_gap_is_looked_back_upon_four_times_and_then_settled() {
    let mut rig = Rig::permitted();
    let mut out = rig.gap("IDLE");
    assert!(closed(&out).is_empty(), "not yet settled");
    let mut at = Vec::new();
    let from = rig.now;
    for _ in 0..4 {
        let ask = asked(&out)[0].clone();
        assert_eq!((ask.whose.clone(), ask.page), (Whose::User("me".into()), 1));
        at.push((rig.now - from).as_secs());
        let done = rig.looked_back(ask.ask, Ok(page(&[], 0)));
        if at.len() == 4 {
            assert!(only_closed(&done).settled);
        } else {
            assert!(closed(&done).is_empty());
            out = outputs(rig.pass(LOOK_BACK_AT[at.len()] - (rig.now - from)));
        }
    }
    assert_eq!(at, [0, 10, 60, 180]);
    assert!(asked(&outputs(rig.pass(s(3600)))).is_empty());
}

#[test]
fn what_came_and_went_in_the_gap_goes_to_the_desk() {
    let mut rig = Rig::permitted();
    let began = rig.wall() + 500;
    let out = rig.gap("IDLE");
    let ask = asked(&out)[0].ask;
    let list = [
        detail("missed", began, false),
        detail("on its way when the connection went", began - 2000, false),
        detail("taken", began, true),
        detail("long ago", began - 3_600_000, false),
        detail("after", began + 3_600_000, false),
    ];
    let out = rig.looked_back(ask, Ok(page(&list, 5)));
    let past = past(&out);
    let names: Vec<_> = past.iter().map(|sighting| sighting.conversation.as_str()).collect();
    assert_eq!(names, ["missed", "on its way when the connection went"]);
    assert_eq!(past[0].caller.name.as_deref(), Some("Ana Pereira"));
    assert_eq!(past[0].legs[0].alerting_since, Some(began));
}

#[test]
fn an_alert_that_goes_on_is_looked_up() {
    let mut rig = Rig::permitted();
    let began = rig.wall() + 500;
    let out = rig.gap("IDLE");
    let mut detail = detail("c1", began, false);
    let segment = &mut detail["participants"][1]["sessions"][0]["segments"][0];
    segment.as_object_mut().unwrap().retain(|name, _| name == "segmentType" || name == "segmentStart");
    let out = rig.looked_back(asked(&out)[0].ask, Ok(page(&[detail], 1)));
    assert!(past(&out).is_empty());
    assert_eq!(look_ups(&out), [("c1", Medium::Call)]);
}

#[test]
fn all_pages_are_read() {
    let mut rig = Rig::permitted();
    let out = rig.gap("IDLE");
    let first = asked(&out)[0].clone();
    let out = rig.looked_back(first.ask, Ok(page(&[detail("c1", 0, false)], 150)));
    assert_eq!(asked(&out)[0].page, 2);
    let ask = asked(&out)[0].ask;
    let out = rig.looked_back(ask, Ok(page(&[], 150)));
    assert!(asked(&out).is_empty(), "the next look is later");
}

#[test]
fn where_analytics_are_not_permitted_the_gap_settles_at_once_and_nobody_asks_again() {
    let mut rig = Rig::permitted();
    let out = rig.gap("IDLE");
    let out = rig.looked_back(asked(&out)[0].ask, Err(status(403)));
    assert!(only_closed(&out).settled);
    let out = rig.gap("IDLE");
    assert!(only_closed(&out).settled);
    assert!(asked(&out).is_empty());
}

#[test]
fn a_gap_of_which_analytics_may_not_tell_says_so_and_one_of_which_they_told_all_does_not() {
    for permitted in [false, true] {
        let mut rig = Rig::up();
        rig.go(Input::Topics { topics: vec![Topic::new(CONVERSATIONS), Topic::new(ROUTING)], thorough: false });
        let mut out = rig.gap("IDLE");
        let mut settled = Vec::new();
        for _ in 0..200 {
            for ask in asked(&out).iter().map(|question| question.ask).collect::<Vec<_>>() {
                let answer = if permitted { Ok(page(&[], 0)) } else { Err(status(403)) };
                settled.extend(closed(&rig.looked_back(ask, answer)).into_iter().cloned());
            }
            out = outputs(rig.pass(s(1)));
        }
        let [gap] = &settled[..] else { panic!("{settled:?}") };
        let hidden: &[&str] = if permitted { &[] } else { &[CONVERSATIONS] };
        assert_eq!(gap.unrecoverable, hidden);
        if !permitted {
            assert_eq!(only_closed(&rig.gap("IDLE")).unrecoverable, [CONVERSATIONS], "nobody asks again");
        }
    }
}

#[test]
fn not_responding_that_analytics_explain_is_no_second_miss_and_one_they_cannot_is_told() {
    for explained in [true, false] {
        let mut rig = Rig::permitted();
        let out = rig.gap("NOT_RESPONDING");
        assert_eq!(missed_unseen(&out), 0, "analytics may name it");
        let (ask, gap) = (asked(&out)[0].ask, asked(&out)[0].from + millis(LOOK_BACK_MARGIN));
        if explained {
            rig.go(Input::FoundPast { gap, recovered: 1, missed: 1 });
        }
        let out = rig.looked_back(ask, Err(status(403)));
        assert_eq!(missed_unseen(&out), usize::from(!explained));
        assert_eq!(only_closed(&out).missed, 1);
    }
}

#[test]
fn retry_after_holds_and_a_server_that_never_answers_does_not_keep_a_gap_open() {
    let mut rig = Rig::permitted();
    let out = rig.gap("IDLE");
    rig.looked_back(asked(&out)[0].ask, Err(limited(429, Some(7))));
    assert!(asked(&outputs(rig.pass(ms(6_999)))).is_empty());
    let mut out = outputs(rig.pass(ms(1)));
    for _ in 0..1000 {
        let Some(ask) = asked(&out).first().map(|question| question.ask) else { break };
        let done = rig.looked_back(ask, Err(status(500)));
        if let [record] = closed(&done)[..] {
            assert!(record.settled);
            return;
        }
        out = outputs(rig.pass(RELIST_RETRY_CAP));
    }
    panic!("never settled");
}

#[test]
fn a_second_gap_is_another_one_while_the_first_is_looked_back_upon() {
    let mut rig = Rig::permitted();
    let out = rig.gap("IDLE");
    let first = asked(&out)[0].clone();
    rig.looked_back(first.ask, Ok(page(&[], 0)));
    rig.pass(s(1));
    let out = rig.gap("IDLE");
    let second = asked(&out)[0].clone();
    let margin = millis(LOOK_BACK_MARGIN);
    assert!(second.from + margin >= first.to, "what lies between was heard");
}

#[test]
fn a_gap_settles_though_another_subscription_leaves_less_to_look_for_or_nothing() {
    const QUEUE: &str = "v2.routing.queues.q1.conversations";
    let granted = |topics: &[&str]| Input::Topics {
        topics: topics.iter().map(|topic| Topic::new(*topic)).collect(),
        thorough: false,
    };
    for left in [&[ROUTING][..], &[QUEUE][..]] {
        let mut rig = Rig::up();
        rig.go(granted(&[CONVERSATIONS, QUEUE]));
        let out = rig.gap("IDLE");
        assert!(asked(&rig.looked_back(asked(&out)[0].ask, Ok(page(&[], 0)))).is_empty(), "not one after the other");
        let out = outputs(rig.pass(LOOK_BACK_APART));
        assert_eq!(asked(&out)[0].whose, Whose::Queue("q1".into()));
        rig.looked_back(asked(&out)[0].ask, Err(limited(429, Some(1))));
        let mut settled: Vec<_> = closed(&rig.go(granted(left))).into_iter().cloned().collect();
        for _ in 0..400 {
            let mut out = outputs(rig.pass(s(1)));
            while let Some(ask) = asked(&out).first().map(|question| question.ask) {
                out.retain(|output| !matches!(output, Output::LookBack(_)));
                out.extend(rig.looked_back(ask, Ok(page(&[], 0))));
            }
            settled.extend(closed(&out).into_iter().cloned());
        }
        assert_eq!(settled.iter().map(|gap| gap.settled).collect::<Vec<_>>(), [true], "{left:?}");
    }
}
