//! S4: the idle time-out. After quiet comes close 1001, then 403 for every reconnect that is made with the stale token.

use std::time::Duration;

use earshot_engine::snapshot::LinkState;
use earshot_simulator as sim;

use crate::stage::Stage;

fn idle_after(seconds: u64) -> sim::Options {
    sim::Options {
        idle_timeout: Some(Duration::from_secs(seconds)),
        stale_upgrade_status: 403,
        // Earshot is never quieter than this, not even while it hears so much that no ping is due.
        socket_idle: Some(Duration::from_secs(18)),
        ..sim::Options::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn s4_while_on_queue_the_token_is_kept_from_idling() {
    let mut stage = Stage::agent(idle_after(4)).await;
    for _ in 0..11 {
        stage.offer(1.0);
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    let genesys = stage.control.state();
    assert_eq!((&genesys["sockets"]["opened"], &genesys["tokens"]["refreshed"]), (&1.into(), &0.into()), "never idle");
    assert_eq!((stage.answered(401), stage.answered(403)), (0, 0));
    let sums = stage.prove("S4").await;
    assert_eq!(sums.live, sums.offered, "all of it live");
    let _ = stage.state(LinkState::Connected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s4_a_stale_token_is_checked_before_the_handshake_and_never_refused_twice() {
    // Off queue, with nothing to do, the token is left to idle.
    // A connection that lasts for ten seconds starts the back-off anew: idling is slower than that.
    let mut stage = Stage::agent(sim::Options { on_queue: false, ..idle_after(12) }).await;
    for round in 1..=2 {
        stage
            .at_genesys("the idle close, and the way back", |state| state["sockets"]["opened"].as_u64() > Some(round))
            .await;
        stage.caught_up().await;
        stage.offer(0.5);
    }
    let refusals: Vec<_> = (stage.control.requests().iter())
        .filter(|request| request.path.starts_with("/channels/"))
        .map(|request| request.status)
        .collect();
    assert!(refusals.windows(2).all(|pair| pair != [403, 403]), "two 403 in a row: {refusals:?}");
    assert_eq!(stage.refused(), 0, "the token is checked before the handshake: {refusals:?}");
    stage.prove("S4 (stale)").await;
}
