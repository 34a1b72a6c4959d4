//! Channels and subscriptions: quota, life, topics, refusals.

use crate::support::*;
use earshot_simulator::{ADA, Evict, JONAS, RejectTopic};
use serde_json::{Value, json};

fn path(channel: &Value) -> String {
    format!("/api/v2/notifications/channels/{}", channel["id"].as_str().expect("an id"))
}

#[tokio::test]
async fn put_replaces_post_adds_delete_clears() {
    let client = Client::new().await;
    let channel = client.channel().await;
    let path = format!("{}/subscriptions", path(&channel));
    let topic = |suffix: &str| format!("v2.users.{ADA}.{suffix}");
    let ids = |answer: Answer| -> Vec<String> {
        let list = answer.json()["entities"].as_array().expect("a list").clone();
        list.iter().map(|t| t["id"].as_str().expect("an id").to_owned()).collect()
    };
    client.call("PUT", &path, &json!([{"id": topic("presence")}])).await;
    client.call("POST", &path, &json!([{"id": topic("station")}])).await;
    assert_eq!(ids(client.get(&path).await), [topic("presence"), topic("station")]);
    client.call("PUT", &path, &json!([{"id": topic("activity")}])).await;
    assert_eq!(ids(client.get(&path).await), [topic("activity")]);
    assert_eq!(client.call("DELETE", &path, &Value::Null).await.status, 200);
    assert!(ids(client.get(&path).await).is_empty());
}

#[tokio::test]
async fn a_put_moves_the_end_of_the_channel() {
    let client = Client::new().await;
    let channel = client.channel().await;
    let of = |list: Value| list["entities"][0]["expires"].as_str().expect("an end").to_owned();
    let before = channel["expires"].as_str().expect("an end").to_owned();
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        client.subscribe(&channel, &[format!("v2.users.{ADA}.presence")]).await;
        let after = of(client.get("/api/v2/notifications/channels").await.json());
        if after > before {
            return;
        }
        assert!(tokio::time::Instant::now() < deadline, "the end did not move");
    }
}

#[tokio::test]
async fn one_forbidden_topic_spoils_all_unless_errors_are_ignored() {
    let client = Client::new().await;
    let channel = client.channel().await;
    let path = format!("{}/subscriptions", path(&channel));
    let body =
        json!([{"id": format!("v2.users.{ADA}.conversations")}, {"id": format!("v2.users.{JONAS}.conversations")}]);
    let answer = client.call("PUT", &path, &body).await;
    assert_eq!(answer.error(), (403, "missing.permissions".to_owned()));
    assert!(client.get(&path).await.json()["entities"].as_array().expect("a list").is_empty());
    let answer = client.call("PUT", &format!("{path}?ignoreErrors=true"), &body).await;
    let entities = answer.json()["entities"].clone();
    assert_eq!((answer.status, &entities[0]["state"]), (200, &json!("Permitted")));
    assert_eq!(entities[1]["state"], "Rejected");
    assert_eq!(entities[1]["missingPermissions"], json!(["conversation:communication:view"]));
    assert!(entities[1]["rejectionReason"].is_string());

    let unknown = json!([{"id": format!("v2.users.{ADA}.horoscope")}]);
    assert_eq!(client.call("PUT", &path, &unknown).await.error(), (400, "notification.invalid.topic".to_owned()));
    let system = json!([{"id": "v2.system.socket_closing"}]);
    assert_eq!(client.call("PUT", &path, &system).await.error().1, "notification.invalid.topic");

    client
        .control
        .reject_topic(RejectTopic {
            topic: format!("v2.users.{ADA}.conversations"),
            reason: Some("not today".to_owned()),
            missing_permissions: vec!["a:b:c".to_owned()],
        })
        .expect("obeyed");
    let answer = client.call("PUT", &format!("{path}?ignoreErrors=true"), &body).await.json();
    assert_eq!(answer["entities"][0]["rejectionReason"], "not today");
    client.control.allow_topics();
}

#[tokio::test]
async fn a_thousand_topics_and_no_more() {
    let client = Client::new().await;
    let channel = client.channel().await;
    let topics: Vec<_> = (0..1001).map(|n| format!("v2.users.user-{n}.presence")).collect();
    assert_eq!(client.subscribe(&channel, &topics[..1000]).await.status, 200);
    let answer = client.subscribe(&channel, &topics).await;
    assert_eq!(answer.error(), (400, "notification.subscription.too.many.subscriptions".to_owned()));
}

#[tokio::test]
async fn the_twenty_first_channel_evicts_the_one_used_longest_ago_that_has_no_socket() {
    let client = Client::new().await;
    let with_socket = client.channel().await;
    client.subscribe(&with_socket, &[format!("v2.users.{ADA}.presence")]).await;
    let mut ear = Ear::open(with_socket["connectUri"].as_str().expect("an address")).await.expect("opens");
    let quiet = client.channel().await;
    for _ in 2..20 {
        client.channel().await;
    }
    let exists = |channel: &Value| {
        let path = path(channel);
        let client = &client;
        async move { client.call("HEAD", &path, &Value::Null).await.status }
    };
    client.channel().await;
    assert_eq!(exists(&quiet).await, 404, "the oldest without a socket goes first");
    assert_eq!(exists(&with_socket).await, 200);
    let gone = Ear::open(quiet["connectUri"].as_str().expect("an address")).await.err().expect("refused");
    assert_eq!(refusal(gone).0, 401);
    assert!(ear.round_trip().await.is_empty());

    client.control.evict_channels(Evict::default()).expect("obeyed");
    let told = ear.text().await;
    let topic = format!("v2.system.no_longer_subscribed.{}", with_socket["id"].as_str().expect("an id"));
    assert_eq!(told["topicName"], topic);
    assert_eq!(told["eventBody"]["systemTopicType"], "no_longer_subscribed");
    assert_eq!(told["eventBody"]["reason"], "another_channel_subscribed");
    ear.closed().await;
    assert_eq!(exists(&with_socket).await, 404);
}

#[tokio::test]
async fn somebody_elses_channel_is_not_found() {
    let client = Client::new().await;
    let answer = client.call("PUT", "/api/v2/notifications/channels/no-such-channel/subscriptions", &json!([])).await;
    assert_eq!(answer.error(), (404, "not.found".to_owned()));
}
