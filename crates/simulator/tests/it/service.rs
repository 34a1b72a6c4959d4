//! The service client: no user, a role of its own, and everything an auditor needs.

use crate::support::*;
use earshot_simulator::{ADA, JONAS, Offer, Options, Permissions, SERVICE_SECRETS};
use serde_json::json;

const BILLING: &str = "b1110000-4c3d-4f0a-9b1e-00000000b111";

#[tokio::test]
async fn an_auditor_hears_agents_and_queues() {
    let client = Client::service(Options::default()).await;
    let topics = [
        format!("v2.users.{ADA}.conversations"),
        format!("v2.users.{JONAS}?presence&routingStatus"),
        format!("v2.routing.queues.{BILLING}.conversations"),
        format!("v2.routing.queues.{BILLING}.conversations.calls"),
    ];
    let mut ear = client.listen_to(&topics).await;
    let conversation = client.control.offer(Offer::default()).expect("offered").conversation;
    for topic in [&topics[0], &topics[2]] {
        let body = ear.event(topic).await;
        assert_eq!(body["id"], conversation.as_str());
        assert_eq!(body["participants"][2]["calls"][0]["state"], "alerting", "the generic form");
    }
    let body = ear.event(&topics[3]).await;
    assert_eq!(body["participants"][2]["state"], "alerting", "the media form");
    client
        .control
        .run(serde_json::from_value(json!({"set-presence": {"presence": "Busy", "agent": JONAS}})).expect("a command"))
        .expect("obeyed");
    ear.event(&format!("v2.users.{JONAS}.presence")).await;

    let waits = Offer { wait: true, queue: Some("Billing".to_owned()), ..Offer::default() };
    let waiting = client.control.offer(waits).expect("offered").conversation;
    let body = ear.event(&topics[2]).await;
    assert_eq!(body["id"], waiting.as_str(), "a queue's topic tells of who waits");
    assert!(body["participants"].as_array().expect("a list").iter().all(|p| p["purpose"] != "agent"));
}

#[tokio::test]
async fn it_has_no_user_and_a_role() {
    let client = Client::service(Options::default()).await;
    let conversation = client.control.offer(Offer::default()).expect("offered").conversation;
    assert_eq!(client.get("/api/v2/users/me").await.error(), (400, "not.a.user".to_owned()));
    assert_eq!(client.get("/api/v2/conversations").await.json()["entities"], json!([]));
    let path = format!("/api/v2/conversations/{conversation}");
    assert_eq!(client.get(&path).await.json()["id"], conversation.as_str());
    assert_eq!(client.get(&format!("/api/v2/conversations/calls/{conversation}")).await.status, 200);
    assert_eq!(client.get("/api/v2/conversations/no-such").await.status, 404);
    let act = client.call("PATCH", &format!("{path}/participants/x"), &json!({"state": "connected"})).await;
    assert_eq!(act.error(), (400, "not.a.user".to_owned()));
    let user =
        client.get(&format!("/api/v2/users/{ADA}?expand=presence,routingStatus,conversationSummary")).await.json();
    assert_eq!(user["routingStatus"]["status"], "IDLE");
    assert_eq!(user["conversationSummary"]["call"]["contactCenter"]["active"], 1);

    let remove = vec!["conversation:communication:view".to_owned(), "routing:queue:supervise".to_owned()];
    client.control.permissions(Permissions { remove, service: true, ..Permissions::default() }).expect("obeyed");
    assert_eq!(client.get(&path).await.error(), (403, "missing.permissions".to_owned()));
    let channel = client.channel().await;
    let refused = client.subscribe(&channel, &[format!("v2.routing.queues.{BILLING}.conversations")]).await;
    assert_eq!(refused.error(), (403, "missing.permissions".to_owned()));
}

#[tokio::test]
async fn its_secrets_can_be_rotated_without_ending_a_token() {
    let client = Client::service(Options::default()).await;
    client.control.client_secrets("service", &["third-service-secret"]).expect("obeyed");
    for old in SERVICE_SECRETS {
        assert_eq!(client.service_token(old).await.err(), Some(json!("invalid_client")));
    }
    client.service_token("third-service-secret").await.expect("the new one is good");
    assert_eq!(client.get("/api/v2/conversations").await.status, 200, "the token of the old secret lives");
    assert!(client.control.client_secrets("public", &["x"]).is_err());
    let shown = format!("{:?}", earshot_simulator::Secret::from("third-service-secret"));
    assert!(!shown.contains("third"), "{shown}");
}

#[tokio::test]
async fn media_lists_are_in_media_form() {
    let client = Client::new().await;
    let conversation = client.control.offer(Offer::default()).expect("offered").conversation;
    let list = client.get("/api/v2/conversations/calls").await.json();
    assert_eq!(list["entities"][0]["id"], conversation.as_str());
    assert_eq!(list["entities"][0]["participants"][2]["state"], "alerting");
    for other in ["messages", "emails", "callbacks"] {
        assert_eq!(client.get(&format!("/api/v2/conversations/{other}")).await.json()["entities"], json!([]));
    }
}
