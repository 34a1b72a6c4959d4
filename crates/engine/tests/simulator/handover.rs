//! Planned changes over real sockets: another connection takes over while the old one hears, so nothing is lost, nothing
//! is told twice, and nobody sees it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use earshot_engine::event::Event;
use earshot_engine::snapshot::LinkState;
use earshot_simulator as sim;

use crate::bench::{Bench, options};

/// How long a hand-over takes: five seconds of overlap, and the requests before and after it. CI machines are slow.
const PATIENCE: Duration = Duration::from_secs(40);

/// Offers come and are taken back until Genesys says what is awaited; how many sockets there were at most.
async fn meanwhile(bench: &mut Bench, awaited: impl Fn(&serde_json::Value) -> bool) -> (BTreeSet<String>, u64) {
    let (begin, mut offered, mut most) = (Instant::now(), BTreeSet::new(), 0);
    while !awaited(&bench.control.state()) {
        assert!(begin.elapsed() < PATIENCE, "{:#}\n{:#?}", bench.control.state(), bench.events());
        let conversation = bench.offer(sim::Offer::default());
        for _ in 0..40 {
            most = most.max(bench.control.state()["sockets"]["live"].as_u64().unwrap_or_default());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        bench.control.end(&conversation).expect("it ends");
        offered.insert(conversation);
    }
    (offered, most)
}

/// Each of these rang once, from a socket; and nobody was told of any change.
async fn proved(bench: &mut Bench, offered: &BTreeSet<String>) {
    let mut rang: Vec<String> = Vec::new();
    let begin = Instant::now();
    while rang.len() < offered.len() && begin.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let started = bench.events().iter().filter_map(|event| match event {
            Event::OfferStarted { offer, .. } => Some(offer.conversation.clone()),
            _ => None,
        });
        rang = started.collect();
    }
    rang.sort_unstable();
    assert_eq!(rang, offered.iter().cloned().collect::<Vec<_>>(), "each rang, and once");
    let changed = |event: &&Event| match event {
        Event::GapOpened { .. } => true,
        Event::Link(link) => link.state != LinkState::Connected || !link.caught_up,
        _ => false,
    };
    let told: Vec<_> = bench.events().iter().filter(changed).cloned().collect();
    assert!(told.is_empty(), "{told:#?}");
}

/// What was told before counts for nothing.
async fn settled(bench: &mut Bench) {
    bench.caught_up().await;
    bench.forget();
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_renewed_again_and_again_and_nobody_notices() {
    let mut bench = Bench::new(options()).await;
    let life = sim::TokenLife {
        lifetime_seconds: Some(9.0),
        sockets: sim::SocketsOfExpired::Leave,
        ..sim::TokenLife::default()
    };
    bench.control.token_life(life).expect("short lives");
    bench.sign_in_with_secret().await;
    settled(&mut bench).await;
    let (offered, most) =
        meanwhile(&mut bench, |state| state["sockets"]["opened"].as_u64() >= Some(4) && state["sockets"]["live"] == 1)
            .await;
    assert_eq!(most, 2, "two sockets at most");
    proved(&mut bench, &offered).await;
    let state = bench.control.state();
    assert!(state["tokens"]["refreshed"].as_u64() >= Some(3), "{state:#}");
    // Its socket comes a moment after a channel.
    bench
        .at_genesys("one channel for each socket", |state| state["channels"]["created"] == state["sockets"]["opened"])
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_is_about_to_close_has_a_successor_before_it_does() {
    let mut bench = Bench::connected().await;
    settled(&mut bench).await;
    bench.control.socket_closing(Some(20_000));
    let (offered, most) =
        meanwhile(&mut bench, |state| state["sockets"]["opened"] == 2 && state["sockets"]["live"] == 1).await;
    assert_eq!(most, 2, "two sockets at most");
    proved(&mut bench, &offered).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_successor_that_is_refused_leaves_the_old_one_alone_and_comes_again() {
    let mut bench = Bench::connected().await;
    settled(&mut bench).await;
    let refusal = sim::RefuseUpgrades { status: Some(503), count: Some(2), ..sim::RefuseUpgrades::default() };
    bench.control.refuse_upgrades(refusal).expect("a fault");
    bench.control.socket_closing(None);
    let (offered, most) =
        meanwhile(&mut bench, |state| state["sockets"]["opened"] == 2 && state["sockets"]["live"] == 1).await;
    assert_eq!(most, 2, "two sockets at most");
    assert_eq!(bench.control.state()["sockets"]["refused"], 2);
    proved(&mut bench, &offered).await;
}
