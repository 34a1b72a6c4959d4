//! Whatever ends the connection, it comes back by itself, and what happened meanwhile is known.

use std::time::{Duration, Instant};

use earshot_engine::event::Event;
use earshot_engine::snapshot::{LinkState, OfferEnd};
use earshot_simulator as sim;

use crate::bench::{Bench, options};

#[tokio::test(flavor = "multi_thread")]
async fn every_close_code_is_survived_with_a_new_channel_and_no_renewal() {
    for code in [1000, 1001, 1008, 1011, 1012, 1013, 4001, 4003, 4999] {
        let mut bench = Bench::connected().await;
        bench.control.close_sockets(code, "");
        bench.reconnected(2).await;
        let conversation = bench.offer(sim::Offer::default());
        bench.offered(&conversation).await;
        let state = bench.control.state();
        assert_eq!(state["channels"]["created"], 2, "code {code}: a new channel");
        assert_eq!(state["tokens"]["issued"], 1, "code {code}: a live token is not renewed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_socket_is_back_within_two_seconds_with_the_fewest_requests() {
    let mut bench = Bench::connected().await;
    let begin = Instant::now();
    bench.control.drop_sockets();
    bench.reconnected(2).await;
    assert!(begin.elapsed() < Duration::from_secs(6), "{:?} (three times the limit)", begin.elapsed());
    let paths: Vec<_> = bench.control.requests().iter().map(|r| format!("{} {}", r.method, r.path)).collect();
    assert_eq!(bench.requests("POST", "/notifications/channels"), 2, "one for each connection: {paths:?}");
    assert_eq!(bench.requests("PUT", "/subscriptions"), 2, "{paths:?}");
    assert_eq!(bench.requests("HEAD", "/tokens/me"), 0, "a cut says nothing about the token: {paths:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_made_while_deaf_rings_and_one_that_ended_is_missed_with_the_reason() {
    let mut bench = Bench::connected().await;
    let known = bench.offer(sim::Offer { caller: Some("Known Before".into()), ..sim::Offer::default() });
    let rang = bench.offered(&known).await.leg;
    bench
        .control
        .refuse_upgrades(sim::RefuseUpgrades {
            status: Some(503),
            seconds: Some(3.0),
            ..sim::RefuseUpgrades::default()
        })
        .expect("a fault");
    bench.control.drop_sockets();
    bench.state(LinkState::Reconnecting).await;
    bench.control.hang_up(&known).expect("hangs up");
    let made = bench.offer(sim::Offer { caller: Some("Made Meanwhile".into()), ..sim::Offer::default() });
    bench.caught_up().await;
    let offer = bench.offered(&made).await;
    let snapshot = bench.until("the one that ended is missed", |s| !s.missed.is_empty()).await;
    assert_eq!(snapshot.missed.len(), 1);
    assert_eq!(snapshot.missed[0].caller.as_deref(), Some("Known Before"));
    assert!(snapshot.missed[0].reason.contains("reconnecting"), "{}", snapshot.missed[0].reason);
    assert_eq!((bench.rang(&rang), bench.rang(&offer.leg)), (1, 1), "nothing rang twice");
    let closed = |event: &Event| matches!(event, Event::GapClosed(gap) if gap.settled && gap.missed == 1);
    bench.until("the gap is settled", |_| true).await;
    let begin = Instant::now();
    while !bench.events().iter().any(closed) {
        assert!(begin.elapsed() < Duration::from_secs(20), "{:#?}", bench.events());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_that_came_and_went_unseen_is_told_as_missed() {
    let mut bench = Bench::connected().await;
    bench
        .control
        .refuse_upgrades(sim::RefuseUpgrades {
            status: Some(503),
            seconds: Some(3.0),
            ..sim::RefuseUpgrades::default()
        })
        .expect("a fault");
    bench.control.drop_sockets();
    bench.state(LinkState::Reconnecting).await;
    bench.offer(sim::Offer { alerting_seconds: Some(0.5), if_missed: sim::IfMissed::Other, ..sim::Offer::default() });
    bench.caught_up().await;
    let snapshot = bench.until("something was missed", |s| !s.missed.is_empty()).await;
    assert_eq!(snapshot.missed.len(), 1);
    assert_eq!(snapshot.missed[0].end, OfferEnd::WhileDeaf);
    assert!(snapshot.missed[0].reason.contains("reconnecting"), "{}", snapshot.missed[0].reason);
}

#[tokio::test(flavor = "multi_thread")]
async fn half_open_is_noticed_within_its_limit() {
    let mut bench = Bench::connected().await;
    let begin = Instant::now();
    bench.control.half_open();
    bench.at_genesys("another socket", |state| state["sockets"]["opened"] == 2).await;
    let noticed = begin.elapsed();
    assert!(noticed < Duration::from_secs(15), "{noticed:?}: a ping was answered, so 12 s is the limit");
    bench.caught_up().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_eviction_is_answered_with_a_new_channel_and_a_fight_slows_down() {
    let mut bench = Bench::connected().await;
    bench.control.evict_channels(sim::Evict::default()).expect("evicted");
    bench.reconnected(2).await;
    bench.control.evict_channels(sim::Evict::default()).expect("evicted");
    let snapshot = bench.until("it waits", |s| s.link.next_try_at.is_some()).await;
    assert!(snapshot.notices.iter().any(|notice| notice.trouble.code == "channel.evicted"), "{:?}", snapshot.notices);
    bench.caught_up().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn retry_after_is_obeyed_to_the_second() {
    let mut bench = Bench::connected().await;
    let fault = sim::Fail {
        path: "/api/v2/notifications/channels".into(),
        method: Some("POST".into()),
        status: Some(429),
        retry_after: Some(3),
        count: Some(1),
        ..sim::Fail::default()
    };
    bench.control.fail(fault).expect("a fault");
    bench.control.drop_sockets();
    let refused =
        bench.until("rate limited", |s| s.link.trouble.as_ref().is_some_and(|t| t.code == "rate.limited")).await;
    let begin = Instant::now();
    assert!(refused.link.next_try_at.is_some());
    bench.engine.reconnect_now();
    bench.caught_up().await;
    let waited = begin.elapsed();
    assert!(waited >= Duration::from_millis(2_900), "{waited:?}: a click does not cut it short");
    assert_eq!(bench.requests("POST", "/notifications/channels"), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn web_pages_instead_of_answers_are_named_and_survived() {
    let mut bench = Bench::new(options()).await;
    let page = |path: &str| sim::Fail {
        path: path.into(),
        status: Some(502),
        body: sim::FaultBody::Html,
        seconds: Some(2.0),
        ..sim::Fail::default()
    };
    bench.sign_in().await;
    bench.caught_up().await;
    bench.control.fail(page("/api/v2/")).expect("a fault");
    bench.control.drop_sockets();
    let snapshot = bench
        .until("the portal is named", |s| s.link.trouble.as_ref().is_some_and(|t| t.code == "network.portal"))
        .await;
    assert!(snapshot.link.trouble.as_ref().is_some_and(|trouble| trouble.cure.is_some()));
    bench.caught_up().await;
}
