//! Tokens that expire, are renewed, or cannot be.

use std::time::Duration;

use earshot_engine::sign_in::{Revocation, SignedOut};
use earshot_engine::snapshot::LinkState;
use earshot_simulator as sim;

use crate::bench::{Bench, options};

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_expires_under_the_socket_is_renewed_once_and_nothing_is_lost() {
    let mut bench = Bench::new(options()).await;
    bench.sign_in_with_secret().await;
    bench.caught_up().await;
    bench.control.expire_tokens(sim::ExpireTokens::default()).expect("expired");
    let conversation = bench.offer(sim::Offer::default());
    bench.reconnected(2).await;
    bench.offered(&conversation).await;
    let state = bench.control.state();
    assert_eq!(state["tokens"]["refreshed"], 1);
    let snapshot = bench.caught_up().await;
    assert!(snapshot.agent.as_ref().is_some_and(|agent| agent.on_queue), "presence is as before");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_refresh_token_is_used_the_next_time() {
    let mut bench = Bench::new(sim::Options { rotate_refresh: true, ..options() }).await;
    bench.sign_in_with_secret().await;
    bench.caught_up().await;
    for renewals in 1..=3 {
        bench.control.expire_tokens(sim::ExpireTokens::default()).expect("expired");
        bench.reconnected(renewals + 1).await;
        assert_eq!(bench.control.state()["tokens"]["refreshed"], renewals);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_near_its_end_is_renewed_before_it_ends() {
    let mut bench = Bench::new(sim::Options { token_lifetime: Duration::from_secs(10), ..options() }).await;
    bench.sign_in_with_secret().await;
    bench.caught_up().await;
    bench.at_genesys("two renewals", |state| state["tokens"]["refreshed"].as_u64() >= Some(2)).await;
    bench.caught_up().await;
    let refused = bench.control.requests().iter().filter(|request| request.status == 401).count();
    assert_eq!(refused, 0, "no request was made with a dead token");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_endpoint_may_fail_twice() {
    let mut bench = Bench::new(options()).await;
    bench.sign_in_with_secret().await;
    bench.caught_up().await;
    bench
        .control
        .fail_token_endpoint(sim::FailTokenEndpoint {
            status: Some(500),
            count: Some(2),
            ..sim::FailTokenEndpoint::default()
        })
        .expect("a fault");
    bench.control.expire_tokens(sim::ExpireTokens::default()).expect("expired");
    bench.reconnected(2).await;
    assert_eq!(bench.control.state()["tokens"]["refreshed"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_refresh_token_it_says_sign_in_needed_and_goes_on_after_it() {
    let mut bench = Bench::connected().await;
    bench.control.expire_tokens(sim::ExpireTokens::default()).expect("expired");
    let snapshot = bench.state(LinkState::SignInNeeded).await;
    assert_eq!(snapshot.link.trouble.as_ref().and_then(|trouble| trouble.cure.as_deref()), Some("Sign in again."));
    let conversation = bench.offer(sim::Offer::default());
    bench.sign_in().await;
    bench.caught_up().await;
    bench.offered(&conversation).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_sign_in_is_not_retried() {
    let mut bench = Bench::connected().await;
    bench.control.revoke_tokens();
    bench.state(LinkState::SignInNeeded).await;
    assert_eq!(bench.requests("POST", "/notifications/channels"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_grant_ends_in_sign_in_needed_not_in_a_loop() {
    let mut bench = Bench::new(options()).await;
    bench.sign_in_with_secret().await;
    bench.caught_up().await;
    let gone = sim::FailTokenEndpoint {
        error: Some("invalid_grant".into()),
        status: Some(400),
        ..sim::FailTokenEndpoint::default()
    };
    bench.control.fail_token_endpoint(gone).expect("a fault");
    bench.control.expire_tokens(sim::ExpireTokens::default()).expect("expired");
    bench.state(LinkState::SignInNeeded).await;
    assert_eq!(bench.requests("POST", "/oauth/token"), 2, "one for the code, one that was refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_revokes_the_token_and_closes_the_socket() {
    let mut bench = Bench::connected().await;
    let signed_out = bench.engine.sign_out().await;
    assert_eq!(signed_out, SignedOut { revoked: Revocation::Revoked, cleared: Ok(()) });
    assert!(matches!(bench.world.store.load().await, Ok(None)));
    bench.state(LinkState::Closed).await;
    bench
        .at_genesys("no live token and no socket", |state| {
            state["tokens"]["live"] == 0 && state["sockets"]["live"] == 0
        })
        .await;
    let snapshot = bench.until("nothing is left", |s| s.agent.is_none()).await;
    assert!(snapshot.offers.is_empty() && snapshot.conversations.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_could_not_be_revoked_is_said_with_the_time_it_has_left() {
    let mut bench = Bench::connected().await;
    let down = sim::Fail { path: "/api/v2/tokens/me".into(), status: Some(503), ..sim::Fail::default() };
    bench.control.fail(down).expect("a fault");
    let signed_out = bench.engine.sign_out().await;
    let Revocation::Failed { ends_within: Some(left) } = signed_out.revoked else { panic!("{signed_out:?}") };
    assert!(left > Duration::from_secs(60), "{left:?}");
    assert_eq!(signed_out.cleared, Ok(()));
    bench.state(LinkState::Closed).await;
    let again = bench.engine.sign_out().await;
    assert_eq!(again.revoked, Revocation::NothingToRevoke, "it is forgotten all the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_dead_already_counts_as_revoked() {
    let bench = Bench::connected().await;
    bench.control.expire_tokens(sim::ExpireTokens::default()).expect("expired");
    assert_eq!(bench.engine.sign_out().await.revoked, Revocation::Revoked);
}
