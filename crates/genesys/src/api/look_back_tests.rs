//! Calls that look back or keep what was sent: analytics, raw answers, lists.
#![allow(clippy::unwrap_used)]

use rstest::rstest;

use super::tests::{api, asked, token};
use super::*;
use crate::testing::{Scripted, answer};
use crate::wire::AlertEnd;

const CALL: &str = r#"{"id":"c","participants":[{"id":"p","calls":[{"id":"l","state":"alerting","new":[1,2]}]}]}"#;

#[tokio::test]
async fn what_no_type_knows_is_kept() {
    let listing = format!(r#"{{"pageSize": 25, "entities": [ {CALL} , 7, null, "x"]}}"#);
    let http = Scripted::new([
        answer(200, &[], &listing),
        answer(200, &[], CALL),
        answer(200, &[], &listing),
        answer(200, &[], CALL),
        answer(200, &[], r#"{"id":"u","presence":{"x":1}}"#),
        answer(200, &[], r#"{"id":"u","outOfOffice":{"active":true}}"#),
    ]);
    let (api, token) = (api(&http), token());
    let listed = api.conversations_raw(&token).await.unwrap();
    assert_eq!(asked(&http), "GET /conversations");
    assert_eq!((listed.len(), listed[0].raw.get()), (1, CALL));
    assert_eq!(listed[0].value.participants[0].calls[0].state.as_deref(), Some("alerting"));
    let one = api.conversation_raw(&token, "c").await.unwrap();
    assert_eq!((asked(&http).as_str(), one.raw.get()), ("GET /conversations/c", CALL));
    let listed = api.media_conversations_raw(&token, MediaKind::Call).await.unwrap().unwrap();
    assert_eq!((asked(&http).as_str(), listed[0].raw.get()), ("GET /conversations/calls", CALL));
    let one = api.media_conversation_raw(&token, MediaKind::Call, "c").await.unwrap().unwrap();
    assert_eq!((asked(&http).as_str(), one.raw.get()), ("GET /conversations/calls/c", CALL));
    let me = api.me_raw(&token).await.unwrap();
    assert_eq!((me.value.id.as_str(), me.raw.get()), ("u", r#"{"id":"u","presence":{"x":1}}"#));
    assert!(asked(&http).starts_with("GET /users/me?expand=presence%2C"));
    let user = api.user_raw(&token, "u").await.unwrap();
    assert_eq!(user.raw.get(), r#"{"id":"u","outOfOffice":{"active":true}}"#);
    let expansions = "presence%2CroutingStatus%2Cstation%2CconversationSummary%2CoutOfOffice";
    assert_eq!(asked(&http), format!("GET /users/u?expand={expansions}"));
    assert_eq!(format!("{user:?}"), "Unabridged(40 bytes)");
    // Kinds without paths of their own are not asked for.
    assert!(api.media_conversations_raw(&token, MediaKind::Chat).await.unwrap().is_none());
    assert!(api.media_conversation_raw(&token, MediaKind::Chat, "c").await.unwrap().is_none());
    assert_eq!(http.asked.lock().unwrap().len(), 6);
}

#[rstest]
#[case("{}")]
#[case("[]")]
#[case("<html>")]
#[case(r#"{"entities":[{"id":"c"}"#)]
#[tokio::test]
async fn a_list_that_is_none_is_not_an_empty_one(#[case] body: &str) {
    let http = Scripted::new([answer(200, &[], body), answer(200, &[], body), answer(200, &[], body)]);
    assert!(matches!(api(&http).conversations_raw(&token()).await, Err(ApiError::Malformed { .. })));
    assert!(matches!(api(&http).channels(&token()).await, Err(ApiError::Malformed { .. })));
    assert!(matches!(api(&http).me_raw(&token()).await, Err(ApiError::Malformed { .. })));
}

#[tokio::test]
async fn a_list_may_be_null() {
    let http = Scripted::new([answer(200, &[], r#"{"entities":null}"#)]);
    assert!(api(&http).conversations_raw(&token()).await.unwrap().is_empty());
}

#[tokio::test]
async fn channels_keep_their_secrets() {
    let body = r#"{"entities":[{"id":"canary-1","connectUri":"wss://canary","expires":"2026-11-22T09:00:00Z"},
        {"id":"","expires":"2026-11-22T09:00:00Z"},{"id":"canary-2","expires":"soon"}]}"#;
    let http = Scripted::new([answer(200, &[], body)]);
    let channels = api(&http).channels(&token()).await.unwrap();
    assert_eq!(asked(&http), "GET /notifications/channels?includechannels=token");
    let ids: Vec<_> = channels.iter().map(|channel| channel.id.expose_secret()).collect();
    assert_eq!(ids, ["canary-1", "canary-2"]);
    assert_eq!((channels[0].expires.is_some(), channels[1].expires), (true, None));
    assert!(!format!("{channels:?}").contains("canary"));
}

fn query(of: DetailsOf<'_>) -> DetailsQuery<'_> {
    let (from, to) = ("2026-11-21T09:00:00Z".parse().unwrap(), "2026-11-21T10:00:00Z".parse().unwrap());
    DetailsQuery { from, to, of, page: 2, page_size: 50 }
}

#[rstest]
#[case(DetailsOf::User("u"), "userId", "u")]
#[case(DetailsOf::Queue("q"), "queueId", "q")]
#[tokio::test]
async fn analytics_are_asked_as_genesys_wants_it(#[case] of: DetailsOf<'_>, #[case] dimension: &str, #[case] id: &str) {
    let http = Scripted::new([answer(200, &[], r#"{"totalHits":0}"#)]);
    let details = api(&http).conversation_details(&token(), &query(of)).await.unwrap();
    assert_eq!((details.conversations.len(), details.total_hits), (0, Some(0)));
    let asked = asked(&http);
    let (call, body) = asked.split_at(asked.find('{').unwrap());
    assert_eq!(call, "POST /analytics/conversations/details/query ");
    let want = serde_json::json!({
        "interval": "2026-11-21T09:00:00.000Z/2026-11-21T10:00:00.000Z",
        "order": "asc",
        "orderBy": "conversationStart",
        "paging": {"pageSize": 50, "pageNumber": 2},
        "segmentFilters": [{"type": "or", "predicates": [
            {"type": "dimension", "dimension": dimension, "operator": "matches", "value": id}]}],
    });
    assert_eq!(serde_json::from_str::<serde_json::Value>(body).unwrap(), want);
}

#[tokio::test]
async fn nothing_at_all_is_not_no_conversations() {
    let http = Scripted::new([answer(200, &[], "{}")]);
    let answer = api(&http).conversation_details(&token(), &query(DetailsOf::User("u"))).await;
    assert!(matches!(answer, Err(ApiError::Malformed { .. })));
}

#[tokio::test]
async fn alerts_are_found_with_their_ends() {
    let body = r#"{"totalHits":1,"conversations":[{"conversationId":"c","conversationStart":"2026-11-21T09:00:00.000Z",
        "originatingDirection":"inbound","divisionIds":["d"],"participants":[
        {"participantId":"p0","participantName":"Maria","purpose":"customer","sessions":[{"mediaType":"voice",
            "sessionId":"s0","ani":"tel:+4930","segments":[{"segmentType":"interact"}]}]},
        {"participantId":"p1","userId":"u","purpose":"agent","sessions":[{"mediaType":"voice","sessionId":"s1",
            "direction":"inbound","segments":[{"segmentType":"alert","segmentStart":"2026-11-21T09:00:10.000Z",
            "segmentEnd":"2026-11-21T09:00:18.000Z","queueId":"q","disconnectType":"noAnswerTransfer"}]}]},
        {"participantId":"p2","userId":"u","purpose":"agent","sessions":[{"mediaType":"voice","sessionId":"s2",
            "segments":[{"segmentType":"alert","segmentStart":"2026-11-21T09:00:20.000Z",
            "segmentEnd":"2026-11-21T09:00:24.000Z","queueId":"q"},{"segmentType":"interact",
            "segmentStart":"2026-11-21T09:00:24.000Z"},{"segmentType":"wrapup"}]},
            {"mediaType":"screenmonitoring","segments":[{"segmentType":"screenmonitoring"}]}]},
        {"participantId":"p3","userId":"u","purpose":"agent","sessions":[{"mediaType":"email","sessionId":"s3",
            "segments":[{"segmentType":"alert","segmentStart":"2026-11-21T09:01:00.000Z"}]}]},
        {"participantId":"p4","userId":"u","purpose":"voicemail","sessions":[{"mediaType":"voice","segments":[
            {"segmentType":"alert"}]}]},
        {"participantId":"p5","userId":"other","purpose":"agent","sessions":[{"mediaType":"voice","segments":[
            {"segmentType":"alert"}]}]}]}]}"#;
    let http = Scripted::new([answer(200, &[], body)]);
    let details = api(&http).conversation_details(&token(), &query(DetailsOf::User("u"))).await.unwrap();
    let conversation = &details.conversations[0];
    assert_eq!(conversation.conversation_id, "c");
    let alerts: Vec<_> = conversation.alerts("u").collect();
    let at = |text: &str| Some(format!("2026-11-21T09:{text}Z").parse().unwrap());
    let seen: Vec<_> = alerts
        .iter()
        .map(|one| {
            (one.participant.participant_id.as_str(), one.session.kind(), one.queue_id, one.start, one.end.clone())
        })
        .collect();
    let unanswered = AlertEnd::Unanswered { at: at("00:18"), disconnect_type: Some("transfer.noanswer".into()) };
    assert_eq!(
        seen,
        [
            ("p1", Some(MediaKind::Call), Some("q"), at("00:10"), unanswered),
            ("p2", Some(MediaKind::Call), Some("q"), at("00:20"), AlertEnd::Answered { at: at("00:24") }),
            ("p3", Some(MediaKind::Email), None, at("01:00"), AlertEnd::Alerting),
        ]
    );
    assert_eq!(conversation.alerts("nobody").count(), 0);
}
