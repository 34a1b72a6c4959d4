//! Streams of counted events.

use crate::support::*;
use earshot_simulator::{ADA, Options, Stream, StreamOf};
use serde_json::Value;

async fn until_done(client: &Client, stream: usize) -> u64 {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let (sent, done) = client.control.stream_sent(stream);
        if done {
            return sent;
        }
        assert!(tokio::time::Instant::now() < deadline, "the stream did not end");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

fn counts(heard: &[Value], topic: &str) -> Vec<u64> {
    let of = |body: &Value| body["participants"][0]["attributes"]["count"].as_str().and_then(|c| c.parse().ok());
    heard.iter().filter(|m| m["topicName"] == topic).filter_map(|m| of(&m["eventBody"])).collect()
}

#[tokio::test]
async fn each_change_of_a_conversation_is_counted_in_both_forms() {
    let client = Client::new().await;
    let mut ear = client.listen(&["conversations", "conversations.messages"]).await;
    let plan = Stream { agent: Some(ADA.to_owned()), every_ms: Some(5), count: Some(40), ..Stream::default() };
    let stream = client.control.stream(plan).expect("begun");
    assert_eq!(until_done(&client, stream).await, 40);
    let heard = ear.round_trip().await;
    for form in ["conversations", "conversations.messages"] {
        assert_eq!(counts(&heard, &format!("v2.users.{ADA}.{form}")), (1..=40).collect::<Vec<_>>());
    }
    assert_eq!(client.control.state()["streams"][0]["sent"], 40);
}

#[tokio::test]
async fn a_queue_without_an_agent_streams_too() {
    let client = Client::service(Options::default()).await;
    let topic = "v2.routing.queues.b1110000-4c3d-4f0a-9b1e-00000000b111.conversations".to_owned();
    let mut ear = client.listen_to(std::slice::from_ref(&topic)).await;
    let plan = Stream { queue: Some("Billing".to_owned()), every_ms: Some(1), count: Some(10), ..Stream::default() };
    let stream = client.control.stream(plan).expect("begun");
    until_done(&client, stream).await;
    assert_eq!(counts(&ear.round_trip().await, &topic), (1..=10).collect::<Vec<_>>());
    assert_eq!(client.control.state()["agents"][0]["routing_status"], "IDLE", "nobody was offered it");
}

#[tokio::test]
async fn a_stream_of_conversations_offers_each_and_ends_it() {
    let client = Client::new().await;
    let mut ear = client.listen(&["conversations"]).await;
    let plan = Stream {
        of: StreamOf::Conversations,
        agent: Some(ADA.to_owned()),
        every_ms: Some(5),
        count: Some(20),
        patience_ms: Some(30),
        ..Stream::default()
    };
    let stream = client.control.stream(plan).expect("begun");
    until_done(&client, stream).await;
    let deadline = tokio::time::Instant::now() + PATIENCE;
    let ended = |state: &Value| state["conversations"].as_array().is_some_and(|c| c.iter().all(|c| c["ended"] == true));
    while !ended(&client.control.state()) {
        assert!(tokio::time::Instant::now() < deadline, "customers did not give up");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let heard = ear.round_trip().await;
    let mut numbers = counts(&heard, &format!("v2.users.{ADA}.conversations"));
    numbers.sort_unstable();
    let twice: Vec<_> = (1..=20).flat_map(|n| [n, n]).collect();
    assert_eq!(numbers, twice, "each is told when it alerts and when it ends");
    assert_eq!(client.control.state()["agents"][0]["routing_status"], "IDLE", "nobody is Not Responding over it");
}
