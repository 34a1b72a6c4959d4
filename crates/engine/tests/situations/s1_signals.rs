//! S1: an agent's desktop where some closes mean the token and others the network, the token endpoint has troubles of its
//! own, many parts ask for a renewal at once, and the region may be the wrong one.

use std::time::{Duration, Instant};

use earshot_engine::snapshot::LinkState;
use earshot_simulator as sim;

use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn s1_closes_of_the_token_renew_and_closes_of_the_network_do_not() {
    let mut stage = Stage::agent(sim::Options::default()).await;
    let mut sockets = 1;
    for code in [4001, 4003, 1008, 1006, 1012] {
        let before = stage.refreshed();
        let dead = code >= 4000 || code == 1008;
        if dead {
            let how = sim::ExpireTokens { code: Some(code), reason: Some(String::new()), ..Default::default() };
            stage.control.expire_tokens(how).expect("expired");
        } else if code == 1006 {
            stage.control.drop_sockets();
        } else {
            stage.control.close_sockets(code, "");
        }
        stage.offer(20.0);
        sockets += 1;
        let snapshot = stage.reconnected(sockets).await;
        assert_eq!(stage.refreshed() - before, u64::from(dead), "close {code}");
        assert!(snapshot.agent.as_ref().is_some_and(|agent| agent.on_queue), "close {code}: presence is as before");
    }
    assert_eq!(stage.control.state()["actions"], serde_json::json!([]), "nothing was set at Genesys");
    stage.offer(20.0);
    stage.prove("S1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s1_many_parts_ask_and_one_renewal_serves_them_and_waits_as_it_is_told() {
    let mut stage = Stage::agent(sim::Options::default()).await;
    let failure = |status, count, retry_after| sim::FailTokenEndpoint {
        status: Some(status),
        count: Some(count),
        retry_after,
        ..Default::default()
    };
    stage.control.fail_token_endpoint(failure(429, 1, Some(3))).expect("a fault");
    let begin = Instant::now();
    // The socket dies while actions are on their way: each of them is refused with the same dead token.
    stage.control.expire_tokens(sim::ExpireTokens::default()).expect("expired");
    for on in [false, true, false, true] {
        stage.engine.set_on_queue(on);
    }
    stage.engine.reconnect_now();
    stage.offer(20.0);
    stage
        .at_genesys("the 429", |state| {
            state["counts"]
                .as_array()
                .is_some_and(|c| c.iter().any(|c| c["path"] == "/oauth/token" && c["status"] == 429))
        })
        .await;
    let told = Instant::now();
    // Whoever is impatient does not cut a Retry-After short.
    stage.engine.reconnect_now();
    stage.reconnected(2).await;
    assert!(told.elapsed() >= Duration::from_millis(2_800), "{:?} after Retry-After: 3", told.elapsed());
    assert!(begin.elapsed() < Duration::from_secs(15), "{:?}", begin.elapsed());
    assert_eq!(stage.refreshed(), 1, "one renewal for all");

    // Then the endpoint has troubles of its own, twice.
    let asked = stage.requests("POST", "/oauth/token");
    stage.control.fail_token_endpoint(failure(500, 2, None)).expect("a fault");
    stage.control.expire_tokens(sim::ExpireTokens::default()).expect("expired");
    stage.reconnected(3).await;
    assert_eq!(stage.requests("POST", "/oauth/token") - asked, 3, "two failures and one success");
    assert_eq!(stage.refreshed(), 2);
    stage.prove("S1 (renewal)").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s1_when_nothing_helps_it_says_sign_in_again_and_goes_on_after_it() {
    let mut stage = Stage::agent(sim::Options::default()).await;
    let gone = sim::FailTokenEndpoint { error: Some("invalid_grant".into()), ..Default::default() };
    stage.control.fail_token_endpoint(gone).expect("a fault");
    let asked = stage.requests("POST", "/oauth/token");
    stage.control.expire_tokens(sim::ExpireTokens::default()).expect("expired");
    let snapshot = stage.state(LinkState::SignInNeeded).await;
    assert_eq!(snapshot.link.trouble.as_ref().and_then(|t| t.cure.as_deref()), Some("Sign in again."));
    stage.offer(40.0);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(stage.requests("POST", "/oauth/token") - asked <= 2, "it does not hammer the token endpoint");
    stage.control.clear_faults();
    stage.sign_in(&stage.sim).await;
    stage.prove("S1 (sign-in)").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s1_a_region_that_does_not_match_the_token_is_named() {
    let elsewhere = sim::Simulator::start(crate::bench::options()).await.expect("another region");
    let mut stage = Stage::new(sim::Options::default(), earshot_engine::plan::Plan::agent()).await;
    stage.sign_in(&elsewhere).await;
    let snapshot = stage.state(LinkState::Blocked).await;
    let trouble = snapshot.link.trouble.as_ref().expect("a reason");
    assert_eq!(trouble.code, "region.mismatch", "{trouble:?}");
    assert!(trouble.message.contains("region"), "{trouble:?}");
    assert_eq!(stage.requests("POST", "/oauth/token"), 0, "a token of another region is not renewed here");
    assert_eq!(stage.refused(), 0);
    // With the right one it goes on.
    stage.sign_in(&stage.sim).await;
    stage.caught_up().await;
    stage.offer(20.0);
    stage.prove("S1 (region)").await;
}
