//! No input from the network, well-formed or not, crashes or stalls it.

use earshot_simulator as sim;

use crate::bench::Bench;

fn raw(bench: &Bench, raw: sim::SendRaw) {
    assert_eq!(bench.control.send_raw(raw).expect("a frame"), 1, "one socket got it");
}

fn text(text: impl Into<String>) -> sim::SendRaw {
    sim::SendRaw { text: Some(text.into()), ..sim::SendRaw::default() }
}

fn bytes(bytes: usize) -> sim::SendRaw {
    sim::SendRaw { bytes: Some(bytes), ..sim::SendRaw::default() }
}

const MIB: usize = 1024 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn malformed_binary_and_large_frames_are_counted_and_hearing_goes_on() {
    let mut bench = Bench::connected().await;
    for junk in ["", "{", "[]", "null", "\u{0}", r#"{"topicName":7}"#, r#"{"topicName":"v2.users.x.conversations"}"#] {
        raw(&bench, text(junk));
    }
    raw(&bench, sim::SendRaw { base64: Some("AJ+Slg==".into()), ..sim::SendRaw::default() });
    raw(&bench, text("[".repeat(200_000)));
    raw(&bench, bytes(15 * MIB));
    let conversation = bench.offer(sim::Offer::default());
    bench.offered(&conversation).await;
    let snapshot = bench
        .until("unreadable frames are shown", |s| s.notices.iter().any(|n| n.trouble.code == "frame.unreadable"))
        .await;
    assert_eq!(bench.control.state()["sockets"]["opened"], 1, "none of this costs the socket: {:?}", snapshot.notices);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_over_the_limit_costs_one_reconnect() {
    let mut bench = Bench::connected().await;
    raw(&bench, bytes(17 * MIB));
    let snapshot =
        bench.until("it is named", |s| s.link.trouble.as_ref().is_some_and(|t| t.code == "frame.too_large")).await;
    drop(snapshot);
    bench.caught_up().await;
    let conversation = bench.offer(sim::Offer::default());
    bench.offered(&conversation).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_frame_cost_one_reconnect() {
    let mut bench = Bench::connected().await;
    raw(&bench, sim::SendRaw { garbage: Some("/////////////////////w==".into()), ..sim::SendRaw::default() });
    bench.at_genesys("a second socket", |state| state["sockets"]["opened"] == 2).await;
    bench.caught_up().await;
}
