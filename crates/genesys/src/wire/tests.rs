#![allow(clippy::unwrap_used)]

use rstest::rstest;
use serde_json::json;

use super::*;

fn read<T: serde::de::DeserializeOwned>(value: &serde_json::Value) -> T {
    // By way of text, as it travels.
    serde_json::from_str(&value.to_string()).unwrap()
}

#[test]
fn a_conversation_as_rest_lists_it() {
    let conversation: Conversation = read(&json!({
        "id": "c1", "startTime": "2026-11-21T09:00:00.000Z", "recordingState": "NONE", "selfUri": "/x",
        "participants": [
            { "id": "p1", "purpose": "customer", "name": "Mr. Smith", "address": "tel:+4930", "ani": "+4930",
              "attributes": { "tier": "gold", "visits": 3, "nothing": null } },
            { "id": "p2", "purpose": "agent", "userId": "u1", "queueId": "q1", "queueName": "Sales", "alertingTimeoutMs": 8000,
              "wrapupRequired": true, "wrapupPrompt": "mandatory",
              "calls": [ { "id": "l1", "state": "alerting", "direction": "inbound", "held": false, "muted": false,
                "startAlertingTime": "2026-11-21T09:00:05.250+0000",
                "self": { "name": "Ada", "addressNormalized": "sip:ada" },
                "other": { "addressDisplayable": "+49 30" },
                "queueMediaSettings": { "alertingTimeoutSeconds": 8, "enableAutoAnswer": false } } ] }
        ]
    }));
    assert_eq!(conversation.id, "c1");
    let customer = &conversation.participants[0];
    assert_eq!(customer.ani.as_deref(), Some("+4930"));
    assert_eq!(customer.attributes.len(), 2);
    assert_eq!(customer.attributes["visits"], "3");
    let agent = &conversation.participants[1];
    assert_eq!(agent.alerting_timeout_ms, Some(8000));
    let legs: Vec<_> = agent.communications().collect();
    assert_eq!(legs.len(), 1);
    let (kind, leg) = legs[0];
    assert_eq!((kind, leg.id.as_str(), leg.state.as_deref()), (MediaKind::Call, "l1", Some("alerting")));
    assert_eq!(leg.start_alerting_time.unwrap().to_string(), "2026-11-21T09:00:05.25Z");
    assert_eq!(leg.other_address.as_ref().unwrap().shown(), Some("+49 30"));
    assert_eq!(leg.self_address.as_ref().unwrap().shown(), Some("sip:ada"));
    assert_eq!(leg.queue_media_settings.as_ref().unwrap().alerting_timeout_seconds, Some(8));
}

#[test]
fn each_array_of_legs_has_its_kind() {
    let arrays = [
        ("calls", MediaKind::Call),
        ("callbacks", MediaKind::Callback),
        ("messages", MediaKind::Message),
        ("emails", MediaKind::Email),
        ("chats", MediaKind::Chat),
        ("videos", MediaKind::Video),
        ("screenshares", MediaKind::Screenshare),
        ("cobrowsesessions", MediaKind::Cobrowse),
        ("socialExpressions", MediaKind::Social),
        ("internalMessages", MediaKind::Internal),
    ];
    for (array, want) in arrays {
        let participant: Participant = read(&json!({ "id": "p", array: [{ "id": "l", "state": "alerting" }] }));
        let kinds: Vec<_> = participant.communications().map(|(kind, _)| kind).collect();
        assert_eq!(kinds, [want], "{array}");
    }
}

#[test]
fn a_message_leg_as_the_topic_sends_it() {
    let leg: Communication = read(&json!({
        "id": "l", "state": "parked", "type": "whatsapp", "disconnectType": null, "parkTime": "2026-11-21T09:00:00Z",
        "fromAddress": { "name": "Ana" }, "afterCallWork": { "state": "pending" }, "afterCallWorkRequired": true,
        "errorInfo": { "status": 400, "code": "x", "message": "no", "messageParams": {} },
        "wrapup": { "code": "w", "tags": ["a"], "durationSeconds": 3 }, "messages": [{ "messageId": "m" }]
    }));
    assert_eq!(leg.message_type.as_deref(), Some("whatsapp"));
    assert_eq!(leg.state.as_deref(), Some("parked"));
    assert_eq!(leg.disconnect_type, None);
    assert_eq!(leg.after_call_work.unwrap().state.as_deref(), Some("pending"));
    assert_eq!(leg.error_info.unwrap().message.as_deref(), Some("no"));
    assert_eq!(leg.wrapup.unwrap().duration_seconds, Some(3));
    assert_eq!(leg.from_address.unwrap().name.as_deref(), Some("Ana"));
    assert_eq!(leg.park_time.unwrap().as_second(), 1_795_251_600);
}

#[test]
fn the_flat_form_of_a_call() {
    let conversation: MediaConversation = read(&json!({
        "id": "c1", "otherMediaUris": [],
        "participants": [ { "id": "p2", "user": { "id": "u1", "selfUri": "/u" }, "queue": { "id": "q1", "name": "Sales" },
            "state": "connected", "direction": "inbound", "held": true, "connectedTime": "2026-11-21T09:00:00Z",
            "ani": "sip:x", "alertingTimeoutMs": 8000, "peer": "l9" } ]
    }));
    let participant = &conversation.participants[0];
    assert_eq!(participant.user.as_ref().unwrap().id, "u1");
    assert_eq!(participant.queue.as_ref().unwrap().name.as_deref(), Some("Sales"));
    assert_eq!((participant.state.as_deref(), participant.held), (Some("connected"), Some(true)));
}

#[test]
fn me_with_all_expansions() {
    let me: Me = read(&json!({
        "id": "u1", "name": "Ada Moreno", "acdAutoAnswer": true, "version": 7,
        "presence": { "source": "PURECLOUD", "presenceDefinition": { "id": "d1", "systemPresence": "OnQueue" },
            "modifiedDate": "2026-11-21T09:00:00Z", "primary": true, "message": "" },
        "routingStatus": { "userId": "u1", "status": "IDLE", "startTime": "2026-11-21T09:00:00Z" },
        "conversationSummary": { "userId": "u1", "call": { "contactCenter": { "active": 2, "acw": 1 }, "enterprise": { "active": 1 } } },
        "station": { "effectiveStation": { "id": "s", "name": "WebRTC", "type": "inin_webrtc_softphone" } },
        "presenceDefinitions": [ { "id": "d1", "languageLabels": { "en_US": "On Queue" }, "systemPresence": "On Queue",
            "deactivated": false, "primary": true } ],
        "organization": { "id": "o1", "name": "Acme" },
        "token": { "authorizedScope": ["conversations"], "dateTokenIdles": "2026-11-21T17:00:00Z" },
        "authorization": { "permissions": ["conversation:communication:view"], "roles": [] },
        "autoAnswerSettings": { "settings": { "call": { "enabled": true } } },
        "date": { "currentDate": "2026-11-21T09:30:00Z" }
    }));
    assert_eq!(me.presence.unwrap().presence_definition.unwrap().system().as_deref(), Some("OnQueue"));
    assert_eq!(me.routing_status.unwrap().status.as_deref(), Some("IDLE"));
    let summary = me.conversation_summary.unwrap();
    let kinds: Vec<_> = summary.kinds().map(|(kind, counts)| (kind, counts.active())).collect();
    assert_eq!(kinds, [(MediaKind::Call, 3)]);
    assert_eq!(me.station.unwrap().effective_station.unwrap().name.as_deref(), Some("WebRTC"));
    assert_eq!(me.presence_definitions[0].language_labels["en_US"], "On Queue");
    assert_eq!(me.presence_definitions[0].system().as_deref(), Some("OnQueue"));
    assert_eq!(me.organization.unwrap().name.as_deref(), Some("Acme"));
    assert_eq!(me.token.unwrap().authorized_scope, ["conversations"]);
    assert_eq!(me.authorization.unwrap().permissions.len(), 1);
    assert_eq!(me.auto_answer_settings.unwrap().settings["call"].enabled, Some(true));
    assert_eq!(me.acd_auto_answer, Some(true));
    assert!(me.date.unwrap().current_date.is_some());
}

#[rstest]
#[case("ON_QUEUE", "OnQueue")]
#[case("OnQueue", "OnQueue")]
#[case("On Queue", "OnQueue")]
#[case("ONQUEUE", "OnQueue")]
#[case("AVAILABLE", "Available")]
#[case("Meal", "Meal")]
#[case("DEEP_WORK", "DeepWork")]
#[case("DeepWork", "DeepWork")]
#[case("", "")]
fn system_presences_in_any_spelling(#[case] given: &str, #[case] want: &str) {
    assert_eq!(rest_system_presence(given), want);
}

/// Every field with every wrong type: the body is still read, and the right fields with it.
#[test]
fn one_field_of_a_wrong_type_costs_no_call() {
    let right = json!({ "id": "p", "userId": "u", "purpose": "agent", "attributes": { "a": "b" }, "wrapupRequired": true,
        "alertingTimeoutMs": 8000, "wrapup": { "code": "w" }, "connectedTime": "2026-11-21T09:00:00Z",
        "calls": [ { "id": "l", "state": "alerting", "held": false, "callbackNumbers": ["1"], "errorInfo": { "code": "e" } } ] });
    let wrong = [
        json!(null),
        json!(true),
        json!(-1),
        json!(u64::MAX),
        json!(1.5),
        json!(1e300),
        json!("text"),
        json!([]),
        json!([[1], "x", { "id": [] }]),
        json!({}),
        json!({ "id": { "id": [] }, "x": [1] }),
    ];
    for name in right.as_object().unwrap().keys() {
        for value in &wrong {
            let mut body = right.clone();
            body[name] = value.clone();
            let participant: Participant = read(&body);
            if name != "calls" {
                assert_eq!(participant.calls[0].state.as_deref(), Some("alerting"), "{name} = {value}");
            }
            let mut body = right.clone();
            let leg = body["calls"][0].as_object_mut().unwrap();
            for field in ["held", "callbackNumbers", "errorInfo", "muted", "queueMediaSettings", "disconnectType"] {
                leg.insert(field.to_owned(), value.clone());
            }
            let participant: Participant = read(&body);
            assert_eq!(participant.calls[0].state.as_deref(), Some("alerting"), "{value}");
        }
    }
}

#[rstest]
#[case(json!("true"), Some(true))]
#[case(json!("FALSE"), Some(false))]
#[case(json!("yes"), None)]
#[case(json!(1), None)]
fn flags_in_quotes(#[case] given: serde_json::Value, #[case] want: Option<bool>) {
    assert_eq!(read::<Communication>(&json!({ "held": given })).held, want);
}

#[rstest]
#[case(json!(8000), Some(8000))]
#[case(json!(8000.9), Some(8000))]
#[case(json!("8000"), Some(8000))]
#[case(json!("8 s"), None)]
#[case(json!(1e300), None)]
fn numbers_in_every_form(#[case] given: serde_json::Value, #[case] want: Option<i64>) {
    assert_eq!(read::<Participant>(&json!({ "alertingTimeoutMs": given })).alerting_timeout_ms, want);
}

#[rstest]
#[case(json!("2026-11-21T09:00:00.000Z"), Some(1_795_251_600_000))]
#[case(json!("2026-11-21T09:00:00.000+0000"), Some(1_795_251_600_000))]
#[case(json!("2026-11-21T10:00:00+01:00"), Some(1_795_251_600_000))]
#[case(json!(1_795_251_600_000_i64), Some(1_795_251_600_000))]
#[case(json!("yesterday"), None)]
#[case(json!(i64::MAX), None)]
fn instants_in_every_form(#[case] given: serde_json::Value, #[case] want: Option<i64>) {
    let leg: Communication = read(&json!({ "connectedTime": given }));
    assert_eq!(leg.connected_time.map(jiff::Timestamp::as_millisecond), want);
}

#[test]
fn a_listing_without_its_list_is_no_empty_list() {
    assert!(serde_json::from_str::<Listing<Conversation>>("{}").is_err());
    assert!(serde_json::from_str::<Listing<Conversation>>(r#"{"entities":null}"#).unwrap().entities.is_empty());
    assert_eq!(serde_json::from_str::<Listing<Queue>>(r#"{"entities":[{"id":"q"},7]}"#).unwrap().entities.len(), 1);
}

#[test]
fn topics_name_their_kinds_both_ways() {
    for kind in MediaKind::ALL {
        if let Some(segment) = kind.topic_segment() {
            assert_eq!(MediaKind::from_topic_segment(segment), Some(kind));
        }
    }
    assert_eq!(MediaKind::from_topic_segment("cobrowsesessions"), Some(MediaKind::Cobrowse));
    assert_eq!(MediaKind::from_topic_segment("summaries"), None);
}
