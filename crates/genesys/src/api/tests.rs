#![allow(clippy::unwrap_used)]

use http::header::AUTHORIZATION;
use rstest::rstest;

use super::*;
use crate::testing::{Scripted, answer};
use crate::topics::Topic;

pub(super) fn api(http: &Arc<Scripted>) -> Api {
    Api::new(Environment::region("mypurecloud.de").unwrap(), http.clone())
}

pub(super) fn token() -> AccessToken {
    AccessToken::new("canary")
}

/// What was asked, as `METHOD address body`.
pub(super) fn asked(http: &Scripted) -> String {
    let asked = http.asked.lock().unwrap();
    let request = asked.last().unwrap();
    let body = request.body.as_ref().map(|body| format!(" {}", String::from_utf8_lossy(body))).unwrap_or_default();
    format!("{} {}{body}", request.method, request.url.as_str().trim_start_matches("https://api.mypurecloud.de/api/v2"))
}

#[tokio::test]
async fn me_asks_for_everything_at_once() {
    let http = Scripted::new([answer(200, &[], r#"{"id":"u1","name":"Ada"}"#)]);
    let me = api(&http).me(&token()).await.unwrap();
    assert_eq!(me.id, "u1");
    let expansions = "presence%2CroutingStatus%2CconversationSummary%2Cstation%2Cpresencedefinitions%2Corganization\
                      %2Ctoken%2Cauthorization%2Cautoanswersettings%2Cdate%2CoutOfOffice";
    assert_eq!(asked(&http), format!("GET /users/me?expand={expansions}"));
    let asked = http.asked.lock().unwrap();
    assert_eq!(asked[0].headers[AUTHORIZATION], "Bearer canary");
    assert!(asked[0].headers[AUTHORIZATION].is_sensitive());
    assert!(!format!("{:?}", asked[0]).contains("canary"));
}

#[tokio::test]
async fn a_me_without_id_is_somebody_else() {
    let http = Scripted::new([answer(200, &[], "{}")]);
    let error = api(&http).me(&token()).await.unwrap_err();
    assert_eq!(error, ApiError::Malformed { call: "GET /users/me", html: false });
}

#[tokio::test]
async fn each_call_is_spelled_as_genesys_wants_it() {
    let token = token();
    let http = Scripted::new([
        answer(200, &[], ""),
        answer(204, &[], ""),
        answer(200, &[], r#"{"idleTokenTimeoutSeconds":900}"#),
        answer(200, &[], r#"{"entities":[{"id":"d"}]}"#),
        answer(200, &[], r#"{"presenceDefinition":{"id":"d"}}"#),
        answer(200, &[], "{}"),
        answer(200, &[], r#"{"status":"IDLE"}"#),
        answer(200, &[], ""),
        answer(200, &[], r#"{"entities":[]}"#),
        answer(200, &[], r#"{"entities":[{"id":"c"}]}"#),
        answer(200, &[], r#"{"id":"c"}"#),
        answer(202, &[], ""),
    ]);
    let api = api(&http);
    api.check_token(&token).await.unwrap();
    assert_eq!(asked(&http), "HEAD /tokens/me");
    api.revoke_token(&token).await.unwrap();
    assert_eq!(asked(&http), "DELETE /tokens/me");
    assert_eq!(api.token_timeout(&token).await.unwrap().idle_token_timeout_seconds, Some(900));
    assert_eq!(asked(&http), "GET /tokens/timeout");
    assert_eq!(api.presence_definitions(&token).await.unwrap().len(), 1);
    assert_eq!(asked(&http), "GET /presence/definitions?deactivated=false&localeCode=ALL");
    api.user_presence(&token, "u").await.unwrap();
    assert_eq!(asked(&http), "GET /users/u/presences/purecloud");
    api.set_presence(&token, "u", "d").await.unwrap();
    assert_eq!(asked(&http), r#"PATCH /users/u/presences/purecloud {"presenceDefinition":{"id":"d"}}"#);
    assert_eq!(api.routing_status(&token, "u").await.unwrap().status.as_deref(), Some("IDLE"));
    assert_eq!(asked(&http), "GET /users/u/routingstatus");
    api.set_routing_status(&token, "u", "IDLE").await.unwrap();
    assert_eq!(asked(&http), r#"PUT /users/u/routingstatus {"status":"IDLE"}"#);
    assert!(api.queues_me(&token).await.unwrap().is_empty());
    assert_eq!(asked(&http), "GET /routing/queues/me?pageSize=100");
    assert_eq!(api.conversations(&token).await.unwrap()[0].id, "c");
    assert_eq!(asked(&http), "GET /conversations");
    assert_eq!(api.conversation(&token, "c").await.unwrap().id, "c");
    assert_eq!(asked(&http), "GET /conversations/c");
    api.replace_with_voicemail(&token, "c", "p").await.unwrap();
    assert_eq!(asked(&http), r#"POST /conversations/calls/c/participants/p/replace {"voicemail":true}"#);
}

#[rstest]
#[case(MediaKind::Call, "calls/")]
#[case(MediaKind::Callback, "callbacks/")]
#[case(MediaKind::Message, "messages/")]
#[case(MediaKind::Email, "emails/")]
#[case(MediaKind::Cobrowse, "cobrowsesessions/")]
#[case(MediaKind::Chat, "")]
#[case(MediaKind::Video, "")]
#[case(MediaKind::Generic, "")]
#[tokio::test]
async fn a_participant_is_patched_by_its_kind(#[case] kind: MediaKind, #[case] segment: &str) {
    let http = Scripted::new([answer(202, &[], ""), answer(200, &[], r#"{"id":"c"}"#)]);
    let api = api(&http);
    api.patch_participant_state(&token(), kind, "c", "p", "connected").await.unwrap();
    assert_eq!(asked(&http), format!(r#"PATCH /conversations/{segment}c/participants/p {{"state":"connected"}}"#));
    let read = api.media_conversation(&token(), kind, "c").await.unwrap();
    assert_eq!(read.is_some(), !segment.is_empty());
    assert_eq!(http.asked.lock().unwrap().len(), if segment.is_empty() { 1 } else { 2 });
}

#[rstest]
#[case("a/../b?x#y", "a%2F..%2Fb%3Fx%23y")]
#[case("..", "_")]
#[case("%2e%2e", "%252e%252e")]
#[case(".", "_")]
#[case("", "_")]
#[case("ü", "%C3%BC")]
#[tokio::test]
async fn an_id_never_becomes_another_path(#[case] id: &str, #[case] want: &str) {
    let http = Scripted::new([answer(200, &[], r#"{"id":"c"}"#)]);
    api(&http).conversation(&token(), id).await.unwrap();
    assert_eq!(asked(&http), format!("GET /conversations/{want}"));
}

#[tokio::test]
async fn a_channel_keeps_its_secrets() {
    let body =
        r#"{"id":"canary-id","connectUri":"wss://streaming.x/channels/canary-id","expires":"2026-11-22T09:00:00Z"}"#;
    let http = Scripted::new([answer(200, &[], body)]);
    let channel = api(&http).create_channel(&token()).await.unwrap();
    assert_eq!(asked(&http), "POST /notifications/channels");
    assert_eq!(channel.id.expose_secret(), "canary-id");
    assert!(channel.expires.is_some());
    assert!(!format!("{channel:?}").contains("canary"));
}

#[rstest]
#[case(r#"{"id":"","connectUri":"wss://x"}"#)]
#[case(r#"{"id":"x"}"#)]
#[case("{}")]
#[case("<html>")]
#[tokio::test]
async fn a_channel_without_its_parts_is_malformed(#[case] body: &str) {
    let http = Scripted::new([answer(200, &[], body)]);
    let error = api(&http).create_channel(&token()).await.unwrap_err();
    assert!(matches!(error, ApiError::Malformed { call: "POST /notifications/channels", .. }), "{error}");
}

#[tokio::test]
async fn one_put_tells_of_each_topic() {
    let body = r#"{"entities":[
        {"id":"v2.users.u.presence","state":"Permitted"},
        {"id":"v2.users.u.conversations","state":"Rejected","rejectionReason":"no","missingPermissions":["a:b:c"]},
        {"id":"v2.users.u.routingStatus","state":"Pending","missingPermissions":null}]}"#;
    let http = Scripted::new([answer(200, &[], body)]);
    let topics =
        [Topic::conversations("u"), Topic::presence("u"), Topic::routing_status("u"), Topic::conversation_summary("u")];
    let results = api(&http).put_subscriptions(&token(), &"ch".to_owned().into(), &topics).await.unwrap();
    assert_eq!(
        asked(&http),
        "PUT /notifications/channels/ch/subscriptions?ignoreErrors=true [{\"id\":\"v2.users.u.conversations\"},\
         {\"id\":\"v2.users.u.presence\"},{\"id\":\"v2.users.u.routingStatus\"},{\"id\":\"v2.users.u.conversationsummary\"}]"
    );
    let permitted: Vec<_> = results.iter().map(|result| result.permitted).collect();
    assert_eq!(permitted, [false, true, true, true]);
    assert_eq!(results[0].topic, topics[0]);
    assert_eq!(results[0].reason.as_deref(), Some("no"));
    assert_eq!(results[0].missing_permissions, ["a:b:c"]);
}

#[tokio::test]
async fn a_refusal_keeps_what_it_says() {
    let http = Scripted::new([answer(
        429,
        &[("retry-after", "7")],
        r#"{"code":"too.many.requests.retry.after","contextId":"ctx"}"#,
    )]);
    let error = api(&http).conversations(&token()).await.unwrap_err();
    let ApiError::Status(error) = error else { panic!("{error}") };
    assert_eq!((error.status, error.retry_after), (429, Some(Duration::from_secs(7))));
    assert_eq!(error.to_string(), "HTTP 429 too.many.requests.retry.after (context ctx)");
}

#[tokio::test]
async fn a_token_no_header_can_carry_is_not_quoted() {
    let http = Scripted::new([]);
    let error = api(&http).check_token(&AccessToken::new("canary\n")).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("canary"));
    assert_eq!(http.asked.lock().unwrap().len(), 0);
}
