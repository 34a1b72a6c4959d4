//! The notification socket and what can go wrong with it.

use crate::support::*;
use earshot_simulator::{
    ADA, Events, ExpireTokens, FaultBody, Offer, Options, RefuseUpgrades, SendRaw, SocketsOfExpired,
};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::time::Duration;
use tokio_tungstenite::tungstenite::{Error, Message};

#[tokio::test]
async fn it_beats_and_answers_pings_of_both_kinds() {
    let client = Client::with(Options { heartbeat: Duration::from_millis(50), ..Options::default() }).await;
    let mut ear = client.listen(&["presence"]).await;
    let beat = ear.text().await;
    assert_eq!(beat, json!({"topicName": "channel.metadata", "eventBody": {"message": "WebSocket Heartbeat"}}));
    ear.say("{\"message\":\"ping\"}").await;
    while ear.text().await["eventBody"]["message"] != "pong" {}
    ear.socket.send(Message::Ping("there?".into())).await.expect("sent");
    loop {
        if let Some(Ok(Message::Pong(payload))) = ear.frame().await {
            assert_eq!(&payload[..], b"there?");
            break;
        }
    }
    ear.say("2026-11-21 some text nobody asked for").await;
    ear.say("{\"message\":42}").await;
    ear.round_trip().await;
}

#[tokio::test]
async fn it_subscribes_in_band() {
    let client = Client::new().await;
    let channel = client.channel().await;
    let mut ear = Ear::open(channel["connectUri"].as_str().expect("an address")).await.expect("opens");
    let ask = |topic: &str| json!({"message": "subscribe", "topics": [topic], "correlationId": "c-1"}).to_string();
    ear.say(&ask(&format!("v2.users.{ADA}.presence"))).await;
    let answer = ear.text().await;
    assert_eq!(answer, json!({"result": "200", "status": "subscribed", "correlationId": "c-1"}));
    client.control.set_presence("Break").expect("obeyed");
    assert_eq!(ear.event(".presence").await["presenceDefinition"]["systemPresence"], "BREAK");
    ear.say(&ask("v2.nonsense")).await;
    assert_eq!(ear.text().await["result"], "400");
}

#[tokio::test]
async fn combined_topics_arrive_under_their_own_names() {
    let client = Client::new().await;
    let channel = client.channel().await;
    client.subscribe(&channel, &[format!("v2.users.{ADA}?presence&routingStatus")]).await;
    let mut ear = Ear::open(channel["connectUri"].as_str().expect("an address")).await.expect("opens");
    client.control.set_presence("Available").expect("obeyed");
    ear.event(&format!("v2.users.{ADA}.presence")).await;
    ear.event(&format!("v2.users.{ADA}.routingStatus")).await;
}

/// Whoever knows that the socket is open may go on at once: nothing that happens from then on is lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_socket_is_in_the_books_before_its_upgrade_is_answered() {
    let client = Client::new().await;
    let channel = client.channel().await;
    let uri = channel["connectUri"].as_str().expect("an address");
    for number in 1..=50 {
        let ear = Ear::open(uri).await.expect("opens");
        assert_eq!(client.control.state()["sockets"]["opened"], number);
        drop(ear);
    }
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while client.control.live_sockets() > 0 {
        assert!(tokio::time::Instant::now() < deadline, "a socket that ended is still in the books");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_second_socket_on_a_channel_ends_the_first() {
    let client = Client::new().await;
    let channel = client.channel().await;
    let uri = channel["connectUri"].as_str().expect("an address");
    let mut first = Ear::open(uri).await.expect("opens");
    let mut second = Ear::open(uri).await.expect("opens");
    first.closed().await;
    assert!(second.round_trip().await.is_empty());
}

#[tokio::test]
async fn it_closes_with_a_code_and_drops_without() {
    let client = Client::new().await;
    let mut ear = client.listen(&["presence"]).await;
    assert_eq!(client.control.close_sockets(1012, "restart"), 1);
    assert_eq!(ear.closed().await, (1012, "restart".to_owned()));

    let mut ear = client.listen(&["presence"]).await;
    client.control.drop_sockets();
    match ear.frame().await {
        Some(Err(Error::Io(error))) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset),
        Some(Err(Error::Protocol(_))) | None => panic!("an end, but not a reset"),
        other => panic!("expected a reset, got {other:?}"),
    }
}

#[tokio::test]
async fn half_open_answers_nothing_and_deaf_answers_all_but_events() {
    let client = Client::with(Options { heartbeat: Duration::from_millis(30), ..Options::default() }).await;
    let mut ear = client.listen(&["presence"]).await;
    client.control.deaf(true);
    client.control.set_presence("Busy").expect("obeyed");
    let heard = ear.round_trip().await;
    assert!(heard.iter().all(|m| m["topicName"] == "channel.metadata"), "a deaf socket told of an event: {heard:?}");
    client.control.deaf(false);
    client.control.set_presence("Away").expect("obeyed");
    assert_eq!(ear.event(".presence").await["presenceDefinition"]["systemPresence"], "AWAY");

    assert_eq!(client.control.half_open(), 1);
    client.control.set_presence("Busy").expect("obeyed");
    // What was under way may still arrive; then there is silence, for ten heartbeats at least.
    while tokio::time::timeout(Duration::from_millis(300), ear.socket.next()).await.is_ok() {}
    ear.socket.send(Message::Ping("there?".into())).await.expect("it can still be written to");
    ear.say("{\"message\":\"ping\"}").await;
    let silence = tokio::time::timeout(Duration::from_millis(300), ear.socket.next()).await;
    assert!(silence.is_err(), "a half-open socket spoke: {silence:?}");
    assert_eq!(client.control.live_sockets(), 1);
}

#[tokio::test]
async fn upgrades_are_refused_as_told() {
    let client = Client::new().await;
    let channel = client.channel().await;
    let uri = channel["connectUri"].as_str().expect("an address");
    for (status, body) in [(503, FaultBody::Html), (429, FaultBody::Json), (403, FaultBody::Json)] {
        client
            .control
            .refuse_upgrades(RefuseUpgrades {
                status: Some(status),
                count: Some(1),
                retry_after: Some(9),
                body,
                ..RefuseUpgrades::default()
            })
            .expect("obeyed");
        let error = Ear::open(uri).await.err().expect("refused");
        assert_eq!(refusal(error), (status, Some("9".to_owned())));
    }
    Ear::open(uri).await.expect("the refusals are used up");
}

#[tokio::test]
async fn the_end_of_a_token_ends_its_sockets() {
    let client = Client::new().await;
    let mut ear = client.listen(&["presence"]).await;
    client.control.expire_tokens(ExpireTokens::default()).expect("obeyed");
    assert_eq!(ear.closed().await, (1000, "Token expired".to_owned()));

    let client = Client::new().await;
    let channel = client.channel().await;
    let mut ear = Ear::open(channel["connectUri"].as_str().expect("an address")).await.expect("opens");
    client.control.revoke_tokens();
    let told = ear.text().await;
    assert!(told["topicName"].as_str().expect("a topic").starts_with("v2.system.token_revoked."));
    assert_eq!(told["eventBody"]["reason"], "user_tokens_revoked");
    ear.closed().await;
    let error = Ear::open(channel["connectUri"].as_str().expect("an address")).await.err().expect("refused");
    assert_eq!(refusal(error).0, 401);

    let client = Client::new().await;
    let mut ear = client.listen(&["presence"]).await;
    let how = ExpireTokens { sockets: SocketsOfExpired::Silent, ..ExpireTokens::default() };
    client.control.expire_tokens(how).expect("obeyed");
    client.control.set_presence("Busy").expect("obeyed");
    assert!(ear.round_trip().await.is_empty(), "the channel is gone, the socket is not");
    ear.say("{\"message\":\"subscribe\",\"topics\":[]}").await;
    assert_eq!(ear.text().await["result"], "404");
}

#[tokio::test]
async fn closing_is_announced() {
    let client = Client::new().await;
    let mut ear = client.listen(&["presence"]).await;
    assert_eq!(client.control.socket_closing(Some(100)), 1);
    assert_eq!(ear.text().await["topicName"], "v2.system.socket_closing");
    assert_eq!(ear.closed().await.0, 1001);
}

#[tokio::test]
async fn events_are_doubled_delayed_and_subscriptions_take_effect_late() {
    let client = Client::new().await;
    let mut ear = client.listen(&["presence"]).await;
    client.control.events(Events { duplicate: 1, delay_ms: 3_000, ..Events::default() }).expect("obeyed");
    client.control.set_presence("Busy").expect("obeyed");
    assert!(ear.round_trip().await.is_empty(), "it is not there yet");
    assert_eq!(ear.event(".presence").await, ear.event(".presence").await);

    client.control.events(Events { subscribe_delay_ms: 3_000, ..Events::default() }).expect("obeyed");
    let mut late = client.listen(&["presence"]).await;
    client.control.set_presence("Away").expect("obeyed");
    assert_eq!(ear.event(".presence").await["presenceDefinition"]["systemPresence"], "AWAY", "the old one hears");
    assert!(late.round_trip().await.is_empty(), "the new one does not yet");
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        client.control.set_presence("Busy").expect("obeyed");
        if late.round_trip().await.iter().any(|m| m["topicName"] == format!("v2.users.{ADA}.presence")) {
            return;
        }
        assert!(tokio::time::Instant::now() < deadline, "the subscription never took effect");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn raw_frames_of_every_kind() {
    let client = Client::new().await;
    let mut ear = client.listen(&["presence"]).await;
    let send = |raw: SendRaw| assert_eq!(client.control.send_raw(raw).expect("obeyed"), 1);
    send(SendRaw { text: Some("not json {".to_owned()), ..SendRaw::default() });
    assert!(matches!(ear.frame().await, Some(Ok(Message::Text(t))) if t.as_str() == "not json {"));
    send(SendRaw { base64: Some("AAEC".to_owned()), ..SendRaw::default() });
    assert!(matches!(ear.frame().await, Some(Ok(Message::Binary(b))) if b[..] == [0, 1, 2]));
    send(SendRaw { bytes: Some(100_000), ..SendRaw::default() });
    assert!(matches!(ear.frame().await, Some(Ok(Message::Text(t))) if t.len() == 100_000));
    // A frame with an opcode that does not exist.
    send(SendRaw { garbage: Some("j4CAgA==".to_owned()), ..SendRaw::default() });
    assert!(matches!(ear.frame().await, Some(Err(_))));
    assert!(client.control.send_raw(SendRaw::default()).is_err());
}

#[tokio::test]
async fn offline_drops_everything_and_lets_nobody_in() {
    let client = Client::new().await;
    let mut ear = client.listen(&["presence"]).await;
    client.control.offline(None);
    assert!(matches!(ear.frame().await, Some(Err(_)) | None));
    assert!(client.http.get(format!("{}/api/v2/users/me", client.base)).send().await.is_err());
    client.control.online();
    assert_eq!(client.get("/api/v2/users/me").await.status, 200);
}

#[tokio::test]
async fn stopping_ends_every_connection() {
    let Client { sim, control, http, base, token } = Client::new().await;
    let client = Client { sim, control: control.clone(), http: http.clone(), base: base.clone(), token };
    let mut ear = client.listen(&["conversations"]).await;
    control.offer(Offer::default()).expect("offered");
    ear.event(".conversations").await;
    client.sim.stop().await;
    loop {
        match ear.frame().await {
            None | Some(Err(_)) => break,
            Some(Ok(_)) => {}
        }
    }
    assert!(http.get(base).send().await.is_err());
    let _: Value = control.state(); // the handle outlives it without harm
}
