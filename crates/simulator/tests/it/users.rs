//! The user: expansions, presence, routing status, limits, permissions.

use crate::support::*;
use earshot_simulator::{ADA, Fail, JONAS, Options, Permissions, Scopes};
use serde_json::{Value, json};

async fn presence_id(client: &Client, system: &str) -> String {
    let list = client.get("/api/v2/presencedefinitions?pageSize=100").await.json();
    let found = list["entities"].as_array().expect("a list").iter().find(|p| p["systemPresence"] == system).cloned();
    found.expect("that presence")["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn one_call_tells_everything_about_me() {
    let client = Client::new().await;
    let plain = client.me("").await;
    assert_eq!((plain["id"].as_str(), plain["name"].as_str()), (Some(ADA), Some("Ada Moreno")));
    assert!(plain.get("presence").is_none(), "nothing is expanded unasked");
    let all = "presence,routingStatus,conversationSummary,station,presencedefinitions,organization,token,authorization,\
               autoanswersettings,date";
    let me = client.me(&all.replace(' ', "")).await;
    assert_eq!(me["presence"]["presenceDefinition"]["systemPresence"], "OnQueue");
    assert_eq!(me["routingStatus"]["status"], "IDLE");
    assert_eq!(me["conversationSummary"]["call"]["contactCenter"]["active"], 0);
    assert!(me["station"]["associatedStation"]["id"].is_string());
    assert_eq!(me["presenceDefinitions"].as_array().map(Vec::len), Some(11));
    assert!(me["organization"]["name"].is_string());
    assert!(me["token"]["authorizedScope"].as_array().expect("scopes").contains(&json!("notifications")));
    let permissions = me["authorization"]["permissions"].as_array().expect("permissions");
    assert!(!permissions.contains(&json!("conversation:communication:view")));
    assert!(me["date"]["currentDate"].is_string());
    assert_eq!(client.get(&format!("/api/v2/users/{JONAS}")).await.json()["name"], "Jonas Weber");
    let queues = client.get("/api/v2/routing/queues/me").await.json();
    assert!(queues["entities"].as_array().expect("queues").iter().any(|q| q["name"] == "Billing"));
}

#[tokio::test]
async fn requests_without_a_good_token_are_told_so() {
    let mut client = Client::stranger(Options::default()).await;
    let none = client.raw("GET", "/api/v2/users/me", &[], "").await;
    assert_eq!(none.error(), (401, "authentication.required".to_owned()));
    client.token = "wrong".to_owned();
    assert_eq!(client.get("/api/v2/users/me").await.error(), (401, "bad.credentials".to_owned()));
}

#[tokio::test]
async fn presence_moves_routing_status_and_both_are_told() {
    let client = Client::new().await;
    let mut ear = client.listen(&["presence", "routingStatus", "activity"]).await;
    let path = format!("/api/v2/users/{ADA}/presences/purecloud");
    for (rest, event, routing) in [("Available", "AVAILABLE", "OFF_QUEUE"), ("OnQueue", "ON_QUEUE", "IDLE")] {
        let id = presence_id(&client, rest).await;
        let answer = client.call("PATCH", &path, &json!({"presenceDefinition": {"id": id}})).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.json()["presenceDefinition"]["systemPresence"], rest);
        let told = ear.event(".presence").await;
        assert_eq!(told["presenceDefinition"], json!({"id": id, "systemPresence": event}));
        assert!(told["modifiedDate"].is_string());
        assert_eq!(ear.event(".routingStatus").await["routingStatus"]["status"], routing);
        assert_eq!(ear.event(".activity").await["routingStatus"]["status"], routing);
        assert_eq!(client.me("routingStatus").await["routingStatus"]["status"], routing);
    }
    // The other spelling of the source is the same thing; another user's presence is not ours.
    assert_eq!(client.get(&path.replace("purecloud", "PURECLOUD")).await.status, 200);
    let other = client.call("PATCH", &path.replace(ADA, JONAS), &json!({"presenceDefinition": {"id": "x"}})).await;
    assert_eq!(other.error(), (403, "missing.permissions".to_owned()));
}

#[tokio::test]
async fn going_on_queue_needs_its_permission_and_routing_status_cannot_do_it() {
    let client = Client::with(Options { on_queue: false, ..Options::default() }).await;
    client
        .control
        .permissions(Permissions { remove: vec!["routing:agent:onQueue".to_owned()], ..Permissions::default() })
        .expect("obeyed");
    let id = presence_id(&client, "OnQueue").await;
    let path = format!("/api/v2/users/{ADA}/presences/purecloud");
    let answer = client.call("PATCH", &path, &json!({"presenceDefinition": {"id": id}})).await;
    assert_eq!(answer.error(), (403, "missing.permissions".to_owned()));
    assert!(answer.json()["message"].as_str().expect("a message").contains("routing:agent:onQueue"));
    let path = format!("/api/v2/users/{ADA}/routingstatus");
    let answer = client.call("PUT", &path, &json!({"status": "IDLE"})).await;
    assert_eq!((answer.status, &answer.json()["status"]), (200, &json!("OFF_QUEUE")));
    assert_eq!(client.call("PUT", &path, &json!({"status": "ACTIVE"})).await.error().1, "invalid.value");
}

#[tokio::test]
async fn three_hundred_and_first_request_of_a_minute_waits() {
    let client = Client::with(Options { rate_limit: Some(5), ..Options::default() }).await;
    for _ in 0..5 {
        assert_eq!(client.get("/api/v2/users/me").await.status, 200);
    }
    let answer = client.get("/api/v2/users/me").await;
    assert_eq!(answer.error(), (429, "too.many.requests.retry.after".to_owned()));
    let seconds: u64 = answer.header("retry-after").expect("when to come back").parse().expect("seconds");
    assert!((1..=60).contains(&seconds));
    client.control.rate_limit(None);
    assert_eq!(client.get("/api/v2/users/me").await.status, 200);
}

#[tokio::test]
async fn a_missing_scope_is_not_a_token_problem() {
    let client = Client::new().await;
    client.control.scopes(Scopes { remove: vec!["notifications".to_owned()], ..Scopes::default() }).expect("obeyed");
    let answer = client.call("POST", "/api/v2/notifications/channels", &Value::Null).await;
    assert_eq!(answer.error(), (403, "not.authorized".to_owned()));
    assert_eq!(client.get("/api/v2/users/me").await.status, 200);
}

#[tokio::test]
async fn requests_fail_as_told() {
    let client = Client::new().await;
    let fail = |fail: Fail| client.control.fail(fail).expect("obeyed");
    fail(Fail {
        path: "/api/v2/users/me".to_owned(),
        status: Some(503),
        retry_after: Some(3),
        count: Some(1),
        ..Fail::default()
    });
    let answer = client.get("/api/v2/users/me").await;
    assert_eq!(answer.error(), (503, "service.unavailable".to_owned()));
    assert_eq!(answer.header("retry-after"), Some("3"));
    assert_eq!(client.get("/api/v2/users/me").await.status, 200);
    fail(Fail {
        path: "/api/v2/*/me".to_owned(),
        method: Some("GET".to_owned()),
        status: Some(502),
        body: earshot_simulator::FaultBody::Html,
        ..Fail::default()
    });
    let answer = client.get("/api/v2/users/me").await;
    assert_eq!(answer.status, 502);
    assert!(answer.body.starts_with("<html>") && answer.header("content-type").expect("a type").contains("html"));
    client.control.clear_faults();
    assert_eq!(client.get("/api/v2/users/me").await.status, 200);
    assert_eq!(client.get("/api/v2/no/such/thing").await.error(), (404, "not.found".to_owned()));
}
