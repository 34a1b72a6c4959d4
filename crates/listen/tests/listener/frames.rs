//! What arrives on the socket: large, binary, unknown, malformed. It is passed through byte for byte, or counted.

use earshot_simulator::SendRaw;
use serde_json::Value;

use crate::bench::{Listener, Stage, conversations, options};

const MIB: usize = 1024 * 1024;

fn send(stage: &Stage, text: &str) {
    let raw = SendRaw { text: Some(text.to_owned()), ..SendRaw::default() };
    assert_eq!(stage.control.send_raw(raw).expect("a frame"), 1, "one socket got it");
}

/// Sends an event of the topic it listens to.
fn send_event(stage: &Stage, body: &str) {
    send(stage, &format!(r#"{{"topicName":"{}","version":"2","eventBody":{body},"metadata":{{}}}}"#, conversations()));
}

async fn told(listener: &Listener, id: &str) -> String {
    listener.heard(id).await.body()
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_pass_through_byte_for_byte() {
    let stage = Stage::new(options()).await;
    let listener = stage.connected().await;
    let bodies = [
        r#"{"id":"a","n":1.0,"big":123456789012345678901234567890,"e":1e-400,"n":1.00}"#,
        r#"{"id":"b", "text" : "\u00e4\/\ud83d\ude00 ä 😀 \\n" ,"x":[ 1,2 , 3]}"#,
        r#"{"id":"c","participants":[{"purpose":"agent","state":"levitating","calls":[{"state":"upside-down"}]}]}"#,
        r#"{"id":"d","participants":7,"unknown":{"deep":[[[[]]]]}}"#,
    ];
    for body in bodies {
        send_event(&stage, body);
        let id: String = body.chars().skip(7).take(1).collect();
        assert_eq!(told(&listener, &id).await, body);
    }
    // A line may end inside a body; in a line of ours it may not.
    send_event(&stage, "{\"id\":\"e\",\r\n\"x\":1}");
    assert_eq!(told(&listener, "e").await, "{\"id\":\"e\",  \"x\":1}");
    assert_eq!(stage.control.state()["sockets"]["opened"], 1);
    listener.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_of_fifteen_mebibytes_is_an_event_like_any_other() {
    let stage = Stage::new(options()).await;
    let listener = stage.connected().await;
    let body = format!(r#"{{"id":"large","participants":[],"pad":"{}"}}"#, "0123456789abcdef".repeat(15 * MIB / 16));
    send_event(&stage, &body);
    assert!(told(&listener, "large").await == body, "byte for byte");
    listener.heard(&stage.offer()).await;
    assert_eq!((listener.links("reconnecting"), stage.control.state()["sockets"]["opened"].as_u64()), (0, Some(1)));
    listener.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_of_seventeen_mebibytes_costs_one_reconnect() {
    let stage = Stage::new(options()).await;
    let listener = stage.connected().await;
    let raw = SendRaw { bytes: Some(17 * MIB), ..SendRaw::default() };
    stage.control.send_raw(raw).expect("a frame");
    let meanwhile = stage.offer();
    let line = listener.link("reconnecting", 1).await;
    assert_eq!(line.value["code"], "frame.too_large");
    listener.connected(2).await;
    listener.heard(&meanwhile).await;
    assert_eq!(listener.gap(1).await["causes"][0], "frame.too_large");
    assert_eq!(stage.control.state()["sockets"]["opened"], 2);
    listener.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_counted_and_hearing_goes_on() {
    let stage = Stage::new(options()).await;
    let listener = stage.connected().await;
    for junk in [
        "",
        "{",
        "[]",
        "null",
        "\u{0}",
        r#"{"topicName":7}"#,
        r#"{"topicName":"v2.users.x.conversations"}"#,
        r#"{"topicName":"v2.system.something_new","eventBody":{"message":"hello"}}"#,
        r#"{"topicName":"channel.metadata","eventBody":{"message":"unheard of"}}"#,
    ] {
        send(&stage, junk);
    }
    send(&stage, &"[".repeat(200_000));
    let binary = SendRaw { base64: Some("AJ+Slg==".into()), ..SendRaw::default() };
    stage.control.send_raw(binary).expect("a frame");
    let binary = SendRaw { bytes: Some(15 * MIB), binary: true, ..SendRaw::default() };
    stage.control.send_raw(binary).expect("a frame");
    listener.heard(&stage.offer()).await;
    assert_eq!((listener.links("reconnecting"), stage.control.state()["sockets"]["opened"].as_u64()), (0, Some(1)));
    listener.says("it is said", |errors| errors.contains("frame")).await;
    listener.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_unknown_topics_are_told_with_their_bodies() {
    let stage = Stage::new(options()).await;
    let listener = stage.connected().await;
    let body = r#"{"id":"new","what":["ever"]}"#;
    send(&stage, &format!(r#"{{"topicName":"v2.something.brand.new","version":"9","eventBody":{body}}}"#));
    let line = listener.heard("new").await;
    assert_eq!((&line.value["topic"], line.body()), (&Value::from("v2.something.brand.new"), body.to_owned()));
    listener.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_frame_cost_one_reconnect() {
    let stage = Stage::new(options()).await;
    let listener = stage.connected().await;
    let raw = SendRaw { garbage: Some("/////////////////////w==".into()), ..SendRaw::default() };
    stage.control.send_raw(raw).expect("garbage");
    listener.link("reconnecting", 1).await;
    listener.connected(2).await;
    listener.heard(&stage.offer()).await;
    assert_eq!(stage.control.state()["sockets"]["opened"], 2);
    listener.finish().await;
}
