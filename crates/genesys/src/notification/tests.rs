#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use rstest::rstest;

use super::*;

fn kind(text: &str) -> SystemKind {
    match Notification::parse(text).unwrap() {
        Notification::System(message) => message.kind,
        other => panic!("{other:?}"),
    }
}

#[test]
fn heartbeats_and_pongs() {
    let parse = |text| Notification::parse(text).unwrap();
    let heartbeat = r#"{"topicName":"channel.metadata","eventBody":{"message":"WebSocket Heartbeat"}}"#;
    assert!(matches!(parse(heartbeat), Notification::Heartbeat));
    assert!(matches!(parse(r#"{"topicName":"channel.metadata"}"#), Notification::Heartbeat));
    assert!(matches!(parse(r#"{"topicName":"channel.metadata","eventBody":{"message":"pong"}}"#), Notification::Pong));
    assert!(matches!(parse(r#" {"message":"pong"}"#), Notification::Pong));
}

#[rstest]
#[case("v2.system.socket_closing", "{}", SystemKind::SocketClosing)]
#[case("v2.system.no_longer_subscribed.secret1", "null", SystemKind::NoLongerSubscribed)]
#[case("v2.system.token_revoked.secret1", "{}", SystemKind::TokenRevoked)]
#[case("v2.system.secret1.secret2", r#"{"systemTopicType":"subscription_changed"}"#, SystemKind::SubscriptionChanged)]
#[case("v2.system.maintenance_ahead", "[]", SystemKind::Unknown("maintenance_ahead".into()))]
#[case("v2.system.secret-1.secret-2", "{}", SystemKind::Unknown("unnamed".into()))]
#[case("v2.system.", "7", SystemKind::Unknown("unnamed".into()))]
fn system_messages(#[case] topic: &str, #[case] body: &str, #[case] want: SystemKind) {
    assert_eq!(kind(&format!(r#"{{"topicName":"{topic}","eventBody":{body}}}"#)), want);
}

#[test]
fn a_system_message_keeps_its_reason_and_not_the_channel() {
    let text = r#"{"topicName":"v2.system.no_longer_subscribed.canary","version":"2","eventBody":{"channelId":"canary",
        "systemTopicType":"no_longer_subscribed","reason":"another_channel_subscribed"}}"#;
    let parsed = Notification::parse(text).unwrap();
    assert!(!format!("{parsed:?}").contains("canary"));
    let Notification::System(message) = parsed else { panic!("{parsed:?}") };
    assert_eq!(message.reason.as_deref(), Some("another_channel_subscribed"));
}

#[rstest]
#[case(r#"{"result":"200","status":"subscribed"}"#, 200, None)]
#[case(r#"{"result":404,"message":"gone"}"#, 404, Some("gone"))]
#[case(r#"{"result":"400","message":{"x":1}}"#, 400, None)]
fn answers_in_band(#[case] text: &str, #[case] want: u16, #[case] words: Option<&str>) {
    let Notification::InBand { result, message } = Notification::parse(text).unwrap() else { panic!("{text}") };
    assert_eq!((result, message.as_deref()), (want, words));
}

fn event(topic: &str, body: &str) -> Result<TopicEvent, FrameError> {
    let frame =
        format!(r#"{{"topicName":"{topic}","version":"2","eventBody":{body},"metadata":{{"CorrelationId":"x"}}}}"#);
    match Notification::parse(&frame).unwrap() {
        Notification::Topic { topic, body, correlation_id } => {
            assert_eq!(correlation_id.as_deref(), Some("x"));
            TopicEvent::read(&topic, &body)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_topic_has_its_type() {
    let conversation = event("v2.users.u.conversations", r#"{"id":"c","participants":[]}"#).unwrap();
    assert!(matches!(conversation, TopicEvent::Conversation(body) if body.id == "c"));
    let call = event("v2.users.u.conversations.calls", r#"{"id":"c"}"#).unwrap();
    assert!(matches!(call, TopicEvent::MediaConversation(MediaKind::Call, _)));
    let presence = event(
        "v2.users.u.presence",
        r#"{"source":"PURECLOUD","presenceDefinition":{"id":"d","systemPresence":"ON_QUEUE"},"modifiedDate":"2026-11-21T09:00:00Z"}"#,
    );
    let TopicEvent::Presence(presence) = presence.unwrap() else { panic!() };
    assert_eq!(presence.presence_definition.unwrap().system().as_deref(), Some("OnQueue"));
    let routing = event("v2.users.u.routingStatus", r#"{"id":"u","routingStatus":{"status":"IDLE"}}"#).unwrap();
    let TopicEvent::Routing(routing) = routing else { panic!() };
    assert_eq!(routing.routing_status.unwrap().status.as_deref(), Some("IDLE"));
    let summary = event("v2.users.u.conversationsummary", r#"{"userId":"u"}"#).unwrap();
    assert!(matches!(summary, TopicEvent::ConversationSummary(_)));
    for other in ["v2.users.u.station", "v2.users.u.conversations.summaries", "v2.routing.queues.q.users", "x"] {
        assert_eq!(event(other, "[1]").unwrap(), TopicEvent::Other);
    }
}

#[rstest]
#[case("", FrameProblem::NotAnObject, 0)]
#[case("[]", FrameProblem::NotAnObject, 0)]
#[case("\"text\"", FrameProblem::NotAnObject, 0)]
#[case("{\"topicName\":", FrameProblem::CutShort, 13)]
#[case("{\"topicName\"\n\n !}", FrameProblem::NotJson, 16)]
#[case("{\"topicName\":[\"canary\"]}", FrameProblem::WrongShape, 13)]
#[case("{\"version\":\"2\"}", FrameProblem::NoTopic, 0)]
#[case("{\"topicName\":\"v2.users.u.presence\"}", FrameProblem::NoBody, 0)]
fn what_cannot_be_read_is_described(#[case] text: &str, #[case] problem: FrameProblem, #[case] offset: usize) {
    let error = Notification::parse(text).unwrap_err();
    assert_eq!((error.problem, error.length, error.offset), (problem, text.len(), offset));
    assert_eq!(error.hash.len(), 16);
    assert!(!format!("{error} {error:?}").contains("canary"));
}

#[test]
fn bodies_that_cannot_be_read_are_described() {
    for (body, problem) in
        [("[]", FrameProblem::NotAnObject), ("null", FrameProblem::NoBody), ("{}", FrameProblem::NoId)]
    {
        let got = if body == "null" {
            Notification::parse(r#"{"topicName":"v2.users.u.conversations","eventBody":null}"#).map(drop)
        } else {
            event("v2.users.u.conversations", body).map(drop)
        };
        assert_eq!(got.unwrap_err().problem, problem, "{body}");
    }
    assert_eq!(FrameError::binary(&[1, 2, 3]).problem, FrameProblem::Binary);
}

#[test]
fn the_hash_is_the_sha256_of_the_frame() {
    assert_eq!(FrameError::binary(b"abc").hash, "ba7816bf8f01cfea");
}

#[test]
fn depth_does_not_overflow_the_stack() {
    let deep = format!(
        r#"{{"topicName":"v2.users.u.conversations","eventBody":{{"id":"c","x":{}{},"participants":{}{}}}}}"#,
        "[".repeat(200_000),
        "]".repeat(200_000),
        "[".repeat(200_000),
        "]".repeat(200_000)
    );
    if let Ok(Notification::Topic { topic, body, .. }) = Notification::parse(&deep) {
        let _ = TopicEvent::read(&topic, &body);
    }
}

/// Reads a frame to the bottom; the result does not matter, that there is one does.
fn swallow(text: &str) {
    match Notification::parse(text) {
        Ok(Notification::Topic { topic, body, .. }) => {
            if let Err(error) = TopicEvent::read(&topic, &body) {
                assert!(error.offset <= error.length);
            }
        }
        Ok(_) => {}
        Err(error) => assert!(error.offset <= error.length),
    }
}

fn json_text() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|flag| flag.to_string()),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(|number| number.to_string()),
        any::<String>().prop_map(|text| serde_json::Value::from(text).to_string()),
        Just("\"2026-11-21T09:00:00Z\"".to_owned()),
    ];
    let name = prop::sample::select(vec![
        "topicName",
        "eventBody",
        "metadata",
        "CorrelationId",
        "message",
        "result",
        "id",
        "participants",
        "calls",
        "state",
        "held",
        "attributes",
        "queueMediaSettings",
        "presenceDefinition",
        "modifiedDate",
        "routingStatus",
        "call",
        "contactCenter",
        "active",
        "reason",
        "systemTopicType",
    ]);
    leaf.prop_recursive(5, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(|list| format!("[{}]", list.join(","))),
            prop::collection::vec((name.clone(), inner), 0..6).prop_map(|fields| {
                let fields: Vec<_> = fields.into_iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
                format!("{{{}}}", fields.join(","))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn any_text_is_survived(text in any::<String>()) {
        swallow(&text);
        swallow(&format!("{{{text}"));
    }

    #[test]
    fn any_json_is_survived(text in json_text()) {
        swallow(&text);
    }

    #[test]
    fn any_body_is_survived_cut_anywhere(
        body in json_text(),
        topic in prop::sample::select(vec![
            "v2.users.u.conversations", "v2.users.u.conversations.emails", "v2.users.u.presence",
            "v2.users.u.routingStatus", "v2.users.u.conversationsummary", "v2.system.x.y", "channel.metadata",
        ]),
        cut in any::<prop::sample::Index>(),
    ) {
        let frame = format!(r#"{{"topicName":"{topic}","eventBody":{body}}}"#);
        swallow(&frame);
        let boundaries: Vec<_> = frame.char_indices().map(|(at, _)| at).collect();
        swallow(&frame[..boundaries[cut.index(boundaries.len())]]);
    }
}

#[test]
fn a_body_of_objects_without_end_is_refused() {
    let many = "{},".repeat(crate::wire::MOST_OBJECTS);
    let body = format!(r#"{{"id":"c","participants":[{many}{{}}]}}"#);
    let body: Box<RawValue> = serde_json::from_str(&body).unwrap();
    let error = TopicEvent::read("v2.users.u.conversations", &body).unwrap_err();
    assert_eq!(error.problem, FrameProblem::Overcrowded);
}
