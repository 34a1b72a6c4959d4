//! A hundred tokens end, one after the other, while events come every 50 ms.

use std::time::{Duration, Instant};

use earshot_simulator::{Options, Stream, TokenLife};

use crate::bench::{Listener, Stage};

/// Long enough for a hand-over, short enough that a hundred of them are waited for. The token before ends 400 ms after its
/// successor came, in the middle of the hand-over.
const LIFE: Duration = Duration::from_secs(2);
const EXPIRIES: u64 = 100;

/// The numbers of a stream's events, as they were printed.
fn heard(listener: &Listener, conversation: &str) -> Vec<u64> {
    let of = |line: &crate::bench::Line| line.is("event") && line.value["body"]["id"] == conversation;
    let count = |line: &crate::bench::Line| {
        let mut participants = line.value["body"]["participants"].as_array()?.iter();
        participants.find_map(|one| one["attributes"]["count"].as_str()?.parse().ok())
    };
    listener.lines().iter().filter(|line| of(line)).filter_map(count).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_token_expiries_lose_nothing_and_repeat_nothing() {
    let stage = Stage::new(Options { token_lifetime: LIFE, rate_limit: None, ..Options::default() }).await;
    let listener = stage.connected().await;
    let every = Duration::from_millis(50);
    let stream = Stream { every_ms: Some(50), count: Some(100_000), ..Stream::default() };
    let stream = stage.control.stream(stream).expect("a stream");
    let conversation = stage.control.state()["streams"][stream]["conversation"].as_str().unwrap().to_owned();
    let begin = Instant::now();
    let wanted = std::env::var("EARSHOT_EXPIRIES").ok().and_then(|text| text.parse().ok()).unwrap_or(EXPIRIES);
    let limit = LIFE * 2 * u32::try_from(wanted).unwrap();
    loop {
        let state = stage.control.state();
        if state["tokens"]["issued"].as_u64() > Some(wanted + 1) {
            break;
        }
        assert!(begin.elapsed() < limit, "too few expiries: {}\n{}", state["tokens"], listener.told());
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    stage.control.stream(Stream { stop: true, ..Stream::default() }).expect("stopped");
    tokio::time::sleep(every).await;
    let (sent, _) = stage.control.stream_sent(stream);
    listener.until("the last event", |_| (heard(&listener, &conversation).last() == Some(&sent)).then_some(())).await;
    let state = stage.control.state();
    let took = begin.elapsed();
    let heard = heard(&listener, &conversation);
    let renewals = state["tokens"]["issued"].as_u64().unwrap() - 1;
    println!(
        "{renewals} renewals in {took:.0?}: {sent} events sent, {} heard; {} sockets, at most {} at once",
        heard.len(),
        state["sockets"]["opened"],
        state["sockets"]["most"],
    );
    let expected: Vec<u64> = (1..=sent).collect();
    let odd = heard.iter().zip(&expected).position(|(heard, sent)| heard != sent);
    assert_eq!(heard, expected, "the first that is not as sent: {odd:?}\n{}", listener.told());
    assert!(renewals >= wanted);
    assert!(state["sockets"]["most"].as_u64() <= Some(2), "{}", state["sockets"]);
    // One renewal for each expiry: no token was fetched twice, and none was used after its end.
    let shortest = LIFE.as_secs_f64() * 0.8 - 0.25;
    assert!(u64::try_from(stage.requests("POST", "/oauth/token").len()).unwrap() == renewals + 1);
    #[allow(clippy::cast_precision_loss)] // a hundred
    let few = renewals as f64 <= took.as_secs_f64() / shortest + 2.0;
    assert!(few, "{renewals} renewals in {took:?}");
    assert_eq!(stage.unauthorized(), 0, "no consumer of a token met a dead one");
    assert_eq!((listener.links("reconnecting"), listener.gaps().len()), (0, 0), "{}", listener.told());
    listener.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_end_before_their_time_lose_no_conversation() {
    let stage = Stage::new(Options { rate_limit: None, ..Options::default() }).await;
    // Every third ends 2 s before it says.
    let life = TokenLife {
        lifetime_seconds: Some(6.0),
        early_seconds: Some(3.0),
        early_every: Some(3),
        reason: Some("Token expired or invalid".into()),
        ..TokenLife::default()
    };
    stage.control.token_life(life).expect("obeyed");
    let listener = stage.connected().await;
    let stream = Stream {
        of: earshot_simulator::StreamOf::Conversations,
        agent: Some(earshot_simulator::ADA.into()),
        every_ms: Some(250),
        patience_ms: Some(400),
        count: Some(120),
        ..Stream::default()
    };
    let stream = stage.control.stream(stream).expect("a stream");
    stage.until("the stream is over", |state| state["streams"][stream]["done"] == true).await;
    let ids: Vec<String> = stage.control.state()["conversations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|conversation| conversation["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), 120);
    for id in &ids {
        listener.heard(id).await;
    }
    assert!(!listener.gaps().is_empty(), "some ended early");
    listener.finish().await;
}
