//! What only a person can mend is named, never looped on, and noticed when it is mended.

use earshot_engine::snapshot::LinkState;
use earshot_simulator as sim;

use crate::bench::{Bench, options};

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_upgrade_checks_the_token_and_takes_a_new_channel() {
    let mut bench = Bench::connected().await;
    bench
        .control
        .refuse_upgrades(sim::RefuseUpgrades { status: Some(403), count: Some(1), ..sim::RefuseUpgrades::default() })
        .expect("a fault");
    bench.control.drop_sockets();
    bench.reconnected(2).await;
    assert_eq!(bench.requests("HEAD", "/tokens/me"), 1);
    let state = bench.control.state();
    assert_eq!(state["channels"]["created"], 3, "never the same channel again");
    assert_eq!(state["tokens"]["issued"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lasting_403_is_blocked_not_looped_and_comes_back_when_it_is_mended() {
    let mut bench = Bench::connected().await;
    bench
        .control
        .refuse_upgrades(sim::RefuseUpgrades { status: Some(403), ..sim::RefuseUpgrades::default() })
        .expect("a fault");
    bench.control.drop_sockets();
    let snapshot = bench.state(LinkState::Blocked).await;
    let trouble = snapshot.link.trouble.clone().expect("a reason");
    assert!(trouble.cure.is_some_and(|cure| cure.contains("administrator")));
    let refused = bench.control.state()["sockets"]["refused"].as_u64().expect("a number");
    assert_eq!(refused, 2, "two refusals, then a slow retry");
    bench.control.clear_faults();
    bench.engine.reconnect_now();
    bench.caught_up().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_agents_own_conversations_it_is_blocked_never_connected() {
    let mut bench = Bench::new(options()).await;
    bench
        .control
        .reject_topic(sim::RejectTopic {
            topic: "v2.users.*.conversations".into(),
            missing_permissions: vec!["conversation:communication:view".into()],
            ..sim::RejectTopic::default()
        })
        .expect("a fault");
    bench.sign_in().await;
    let snapshot = bench.state(LinkState::Blocked).await;
    assert!(
        snapshot.notices.iter().any(|n| n.trouble.message.contains("conversation:communication:view")),
        "{:?}",
        snapshot.notices
    );
    bench.control.allow_topics();
    bench.engine.reconnect_now();
    let snapshot = bench.caught_up().await;
    assert!(snapshot.notices.is_empty(), "{:?}", snapshot.notices);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lesser_topic_is_gone_without() {
    let mut bench = Bench::new(options()).await;
    bench
        .control
        .reject_topic(sim::RejectTopic { topic: "v2.users.*.presence".into(), ..sim::RejectTopic::default() })
        .expect("a fault");
    bench.sign_in().await;
    let snapshot = bench.caught_up().await;
    assert_eq!(snapshot.notices.len(), 1);
    assert!(snapshot.notices[0].trouble.message.contains("presence"), "{:?}", snapshot.notices);
    let conversation = bench.offer(sim::Offer::default());
    bench.offered(&conversation).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_scope_is_named_and_never_renews() {
    let mut bench = Bench::new(options()).await;
    bench
        .control
        .scopes(sim::Scopes { remove: vec!["notifications".into()], ..sim::Scopes::default() })
        .expect("a scope");
    bench.sign_in_with_secret().await;
    let snapshot = bench.state(LinkState::Blocked).await;
    let trouble = snapshot.link.trouble.clone().expect("a reason");
    assert_eq!(trouble.code, "scope.missing");
    assert!(trouble.message.contains("“notifications”"), "{trouble:?}");
    assert_eq!(bench.control.state()["tokens"]["refreshed"], 0);
    assert_eq!(bench.requests("POST", "/notifications/channels"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_that_does_not_match_the_token_is_named() {
    let elsewhere = Bench::new(options()).await;
    let mut bench = Bench::new(options()).await;
    // A token of another region: the API of this one does not know it.
    let grant =
        crate::bench::grant(&elsewhere.sim, &elsewhere.world.http, earshot_simulator::PUBLIC_CLIENT_ID, None).await;
    bench.engine.sign_in(grant);
    let snapshot = bench.state(LinkState::Blocked).await;
    assert_eq!(snapshot.link.trouble.as_ref().map(|trouble| trouble.code.as_str()), Some("region.mismatch"));
}
