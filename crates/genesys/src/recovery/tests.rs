#![allow(clippy::unwrap_used)]

use rstest::rstest;
use serde_json::{Value, json};

use super::*;

#[allow(clippy::unnecessary_wraps)] // as the tables have them
fn conversations(user: &str, kind: MediaKind) -> Option<Recovery> {
    Some(Recovery::Conversations { user: user.into(), kind })
}

#[allow(clippy::unnecessary_wraps)]
fn queue(kind: MediaKind) -> Option<Recovery> {
    Some(Recovery::QueueConversations { queue: "q".into(), kind })
}

#[allow(clippy::unnecessary_wraps)]
fn user(topic: UserTopic) -> Option<Recovery> {
    Some(Recovery::User { user: "u".into(), topic })
}

#[rstest]
#[case("v2.users.u.conversations", conversations("u", MediaKind::Generic), Some(Source::Conversation))]
#[case(
    "v2.users.u.conversations.calls",
    conversations("u", MediaKind::Call),
    Some(Source::MediaConversation(MediaKind::Call))
)]
#[case(
    "v2.users.u.conversations.cobrowseSessions",
    conversations("u", MediaKind::Cobrowse),
    Some(Source::MediaConversation(MediaKind::Cobrowse))
)]
#[case("v2.users.u.conversations.chats", conversations("u", MediaKind::Chat), Some(Source::Conversation))]
#[case("v2.users.u.conversations.socialexpressions", conversations("u", MediaKind::Social), Some(Source::Conversation))]
#[case("v2.routing.queues.q.conversations", queue(MediaKind::Generic), Some(Source::Conversation))]
#[case(
    "v2.routing.queues.q.conversations.emails",
    queue(MediaKind::Email),
    Some(Source::MediaConversation(MediaKind::Email))
)]
#[case("v2.users.u.presence", user(UserTopic::Presence), Some(Source::User))]
#[case("v2.users.u.routingstatus", user(UserTopic::RoutingStatus), Some(Source::User))]
#[case("v2.users.u.station", user(UserTopic::Station), Some(Source::User))]
#[case("v2.users.u.conversationsummary", user(UserTopic::ConversationSummary), Some(Source::User))]
#[case("v2.users.u.outofoffice", user(UserTopic::OutOfOffice), Some(Source::User))]
#[case("v2.users.u.activity", user(UserTopic::Activity), Some(Source::User))]
#[case("v2.users.u.conversations.summaries", None, None)]
#[case("v2.users.u.conversations.inbound.typing.event", None, None)]
#[case("v2.users.u.conversations.", None, None)]
#[case("v2.users.u.tokens", None, None)]
#[case("v2.users.u.voicemail.messages", None, None)]
#[case("v2.users..presence", None, None)]
#[case("v2.users.u", None, None)]
#[case("v2.routing.queues.q.users", None, None)]
#[case("v2.conversations.c.transcription", None, None)]
#[case("v2.system.socket_closing", None, None)]
#[case("channel.metadata", None, None)]
#[case("", None, None)]
fn each_topic_knows_where_to_look(#[case] topic: &str, #[case] want: Option<Recovery>, #[case] source: Option<Source>) {
    let got = recoverable(topic);
    assert_eq!(got.as_ref().map(Recovery::source), source);
    assert_eq!(got, want);
}

#[rstest]
#[case("v2.users.u?presence&routingStatus", &["v2.users.u.presence", "v2.users.u.routingStatus"])]
#[case("v2.users.u?presence", &["v2.users.u.presence"])]
#[case("v2.users.u?presence&&", &["v2.users.u.presence"])]
#[case("v2.users.u.presence", &["v2.users.u.presence"])]
#[case("v2.users.u?", &[])]
fn combined_topics_are_taken_apart(#[case] topic: &str, #[case] want: &[&str]) {
    let got: Vec<_> = single_topics(topic).iter().map(|topic| topic.as_str().to_owned()).collect();
    assert_eq!(got, want);
}

/// What `topic` would have said of `rest`.
fn told(topic: &str, rest: &Value) -> Option<Value> {
    let rest = serde_json::value::to_raw_value(rest).unwrap();
    let body = recoverable(topic).unwrap().body(&rest)?;
    Some(serde_json::from_str(body.get()).unwrap())
}

#[test]
fn the_generic_form_keeps_the_fields_of_the_event_alone() {
    let rest = json!({
        "id": "c", "name": "x", "startTime": "2026-11-21T09:00:00.000Z", "recordingState": "PAUSED", "address": "tel:+49",
        "maxParticipants": 5, "securePause": "yes", "selfUri": "/api/v2/conversations/c", "newToday": {"a": 1},
        "divisions": [{"division": {"id": "d", "name": "Home", "selfUri": "/d"}, "entities": []}],
        "recentTransfers": [{"id": "t", "state": "Complete", "transferType": "Unattended",
            "initiator": {"userId": "u", "name": "Ada"}}],
        "participants": [null, {
            "id": "p", "userId": "u", "userUri": "/api/v2/users/u", "queueId": "q", "queueName": "Support", "endTime": null,
            "attributes": {"order": "17", "odd": 3}, "mediaRoles": ["full", 1], "wrapupSkipped": false,
            "screenMonitorings": [{"id": "s", "targetUser": {"id": "v", "selfUri": "/v"}}],
            "wrapup": {"name": "only REST has this"},
            "calls": [{"id": "l", "state": "disconnected", "disconnectType": "endpoint.donotdisturb", "segments": [],
                "startAlertingTime": "2026-11-21T09:00:00.000Z", "held": false,
                "disposition": {"name": "n", "amdTimeout": {"timeoutMs": 5, "timerStartTime": "2026-11-21T09:00:00Z"}}}],
        }],
    });
    let want = json!({
        "id": "c", "recordingState": "paused", "address": "tel:+49", "maxParticipants": 5,
        "divisions": [{"division": {"id": "d", "selfUri": "/d"}, "entities": []}],
        "recentTransfers": [{"id": "t", "state": "complete", "transferType": "unattended", "initiator": {"userId": "u"}}],
        "participants": [{
            "id": "p", "userId": "u", "queueId": "q", "attributes": {"order": "17"}, "mediaRoles": ["full"],
            "screenMonitorings": [{"id": "s", "targetUserId": "v"}],
            "calls": [{"id": "l", "state": "disconnected", "disconnectType": "endpoint.dnd", "held": false,
                "disposition": {"name": "n", "amdTimeout": {"timeoutMs": 5}}}],
        }],
    });
    assert_eq!(told("v2.users.u.conversations", &rest).unwrap(), want);
    assert_eq!(told("v2.routing.queues.q.conversations", &rest).unwrap(), want);
}

#[test]
fn the_flat_form_keeps_the_fields_of_its_kind_alone() {
    let rest = json!({
        "id": "c", "selfUri": "/c", "recordingState": "none", "participants": [{
            "id": "p", "user": {"id": "u", "name": "Ada", "selfUri": "/u"}, "state": "alerting",
            "startAlertingTime": "2026-11-21T09:00:00.000Z", "toAddress": {"name": "x"}, "subject": "no e-mail",
            "messages": [{"messageId": "m", "messageURI": "/m", "messageTime": "2026-11-21T09:00:00.000Z"}],
            "wrapup": {"code": "w", "name": "Done", "provisional": false},
        }],
    });
    let want = json!({
        "id": "c", "participants": [{
            "id": "p", "user": {"id": "u", "name": "Ada"}, "state": "alerting",
            "messages": [{"message": {"id": "m"}, "messageTime": "2026-11-21T09:00:00.000Z"}], "wrapup": {"code": "w"},
        }],
    });
    assert_eq!(told("v2.users.u.conversations.messages", &rest).unwrap(), want);
    let fax = json!({"id": "c", "participants": [{"id": "p", "faxStatus": {"baudRate": 9600}}]});
    assert_eq!(told("v2.users.u.conversations.calls", &fax).unwrap()["participants"][0]["faxStatus"]["dataRate"], 9600);
}

#[test]
fn kinds_without_a_flat_form_in_rest_get_theirs_from_the_generic_one() {
    let rest = json!({"id": "c", "startTime": "2026-11-21T09:00:00.000Z", "participants": [
        {"id": "p0", "purpose": "customer", "calls": [{"id": "l0"}], "videos": []},
        {"id": "p1", "purpose": "agent", "userId": "u", "queueId": "q", "startTime": "2026-11-21T09:00:01.000Z",
         "connectedTime": "2026-11-21T09:00:05.000Z", "videos": [{"id": "l1", "state": "disconnected", "peerId": "l0",
            "scriptId": "s", "connectedTime": "2026-11-21T09:00:06.000Z", "disconnectedTime": "2026-11-21T09:00:09.000Z",
            "audioMuted": true, "self": {"name": "Ada"}}]},
        {"id": "p2", "startTime": "2026-11-21T09:00:01.000Z", "videos": [{"state": "alerting"}, 5, {"state": "connected"}]},
    ]});
    let want = json!({"id": "c", "participants": [
        {"id": "p1", "purpose": "agent", "user": {"id": "u"}, "queue": {"id": "q"}, "peer": "l0", "script": {"id": "s"},
         "state": "disconnected", "startTime": "2026-11-21T09:00:01.000Z", "connectedTime": "2026-11-21T09:00:06.000Z",
         "endTime": "2026-11-21T09:00:09.000Z", "audioMuted": true},
        {"id": "p2", "state": "alerting"},
        {"id": "p2", "state": "connected"},
    ]});
    assert_eq!(told("v2.users.u.conversations.videos", &rest).unwrap(), want);
    // No leg of the kind: the topic would have been silent.
    assert_eq!(told("v2.users.u.conversations.chats", &rest), None);
    assert_eq!(told("v2.routing.queues.q.conversations.chats", &rest), None);
    assert_eq!(told("v2.routing.queues.q.conversations.socialexpressions", &rest), None);
    // Queues tell of videos in the generic form.
    let generic = told("v2.routing.queues.q.conversations.videos", &rest).unwrap();
    assert_eq!(generic["participants"][1]["videos"][0]["self"]["name"], "Ada");
}

#[test]
fn the_user_becomes_what_each_topic_says() {
    let rest = json!({
        "id": "u", "name": "Ada",
        "presence": {"id": "u", "source": "PURECLOUD", "primary": true, "message": "lunch", "selfUri": "/x",
            "modifiedDate": "2026-11-21T09:00:00.000Z",
            "presenceDefinition": {"id": "d", "systemPresence": "OnQueue", "selfUri": "/d"}},
        "routingStatus": {"userId": "u", "status": "IDLE", "startTime": "2026-11-21T09:00:00.000Z"},
        "station": {"associatedStation": {"id": "s", "name": "Phone", "type": "webrtc",
            "associatedUser": {"id": "u", "name": "Ada"}}, "defaultStation": {"id": "s"}},
        "conversationSummary": {"userId": "u", "call": {"contactCenter": {"active": 1, "acw": 0, "x": 2}}, "fax": {}},
        "outOfOffice": {"id": "u", "active": true, "indefinite": false, "startDate": "2026-11-21T09:00:00.000Z"},
    });
    let told = |topic: &str| told(&format!("v2.users.u.{topic}"), &rest).unwrap();
    let definition = json!({"id": "d", "systemPresence": "ON_QUEUE"});
    let routing = json!({"status": "IDLE", "startTime": "2026-11-21T09:00:00.000Z"});
    assert_eq!(
        told("presence"),
        json!({"source": "PURECLOUD", "primary": true, "message": "lunch", "modifiedDate": "2026-11-21T09:00:00.000Z",
            "presenceDefinition": definition})
    );
    assert_eq!(told("routingStatus"), json!({"id": "u", "routingStatus": routing}));
    let station = json!({"associatedStation": {"id": "s", "name": "Phone", "associatedUser": {"id": "u"}}});
    assert_eq!(told("station"), station);
    let summary = json!({"userId": "u", "call": {"contactCenter": {"active": 1, "acw": 0}}});
    assert_eq!(told("conversationsummary"), summary);
    assert_eq!(
        told("outofoffice"),
        json!({"active": true, "indefinite": false, "startDate": "2026-11-21T09:00:00.000Z", "user": {"id": "u"}})
    );
    assert_eq!(
        told("activity"),
        json!({"id": "u", "routingStatus": routing, "outOfOffice": {"active": true}, "presence": {
            "presenceDefinition": definition, "presenceMessage": "lunch", "modifiedDate": "2026-11-21T09:00:00.000Z"}})
    );
}

#[rstest]
#[case("Available", "AVAILABLE")]
#[case("OnQueue", "ON_QUEUE")]
#[case("ON_QUEUE", "ON_QUEUE")]
#[case("", "")]
fn presences_in_capitals(#[case] rest: &str, #[case] event: &str) {
    assert_eq!(shape::event_system_presence(rest), event);
}

#[rstest]
#[case("v2.users.u.conversations", "{}")]
#[case("v2.users.u.conversations", r#"{"id":7}"#)]
#[case("v2.users.u.conversations", "[]")]
#[case("v2.users.u.conversations.calls", r#"{"participants":[]}"#)]
#[case("v2.users.u.conversations.chats", r#"{"id":"c","participants":{}}"#)]
#[case("v2.users.u.presence", r#"{"id":"u"}"#)]
#[case("v2.users.u.presence", r#"{"presence":{}}"#)]
#[case("v2.users.u.station", r#"{"id":"u","station":null}"#)]
#[case("v2.users.u.activity", r#"{"id":"u","presence":{}}"#)]
#[case("v2.users.u.activity", "null")]
fn what_is_not_the_answer_tells_nothing(#[case] topic: &str, #[case] rest: &str) {
    assert_eq!(told(topic, &serde_json::from_str(rest).unwrap()), None);
}
