//! S0: the desktop widget whose access token expires under the socket. Reconnecting to the remembered address with the new
//! token is refused although `users/me` says 200, so: one renewal, a new channel and address, subscribed, re-listed.

use earshot_engine::snapshot::LinkState;
use earshot_simulator as sim;

use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn s0_an_expired_token_is_renewed_once_and_the_old_address_is_never_used_again() {
    let mut stage = Stage::agent(sim::Options::default()).await;
    stage.offer(20.0);
    let deaths = [(1008, ""), (1008, "policy violation"), (1000, "Token expired or invalid"), (4001, "")];
    for (round, (code, reason)) in (1..).zip(deaths) {
        let expiry = sim::ExpireTokens { code: Some(code), reason: Some(reason.to_owned()), ..Default::default() };
        stage.control.expire_tokens(expiry).expect("expired");
        // One that still alerts when Earshot is back, and one that has come and gone by then.
        stage.offer(20.0);
        stage.offer(0.001);
        stage.reconnected(round + 1).await;
        assert_eq!(stage.refreshed(), round, "close {code} {reason:?}: one renewal");
        assert_eq!(stage.control.state()["channels"]["created"], round + 1, "close {code} {reason:?}: one new channel");
        assert_eq!(stage.refused(), 0, "close {code} {reason:?}: the remembered address is not tried");
    }
    let rounds = u64::try_from(deaths.len()).expect("few");

    // The upgrade itself answers 401: the token is dead, and so is the address.
    let kept = sim::ExpireTokens { sockets: sim::SocketsOfExpired::Silent, ..Default::default() };
    stage.control.expire_tokens(kept).expect("expired");
    stage.control.drop_sockets();
    stage.offer(20.0);
    stage.reconnected(rounds + 2).await;
    assert_eq!(stage.refreshed(), rounds + 1);
    assert!(stage.refused() <= 1, "{} refused upgrades", stage.refused());
    let sums = stage.prove("S0").await;
    assert!(sums.live >= 1 && sums.live + sums.recovered >= deaths.len() + 2, "{sums}");
}

#[tokio::test(flavor = "multi_thread")]
async fn s0_a_missing_scope_is_named_and_neither_renewed_nor_looped() {
    let mut stage = Stage::agent(sim::Options::default()).await;
    let scope = |add: &[&str], remove: &[&str]| sim::Scopes {
        add: add.iter().map(|s| (*s).to_owned()).collect(),
        remove: remove.iter().map(|s| (*s).to_owned()).collect(),
    };
    stage.control.scopes(scope(&[], &["notifications"])).expect("taken");
    stage.control.close_sockets(1001, "");
    stage.offer(20.0);
    let snapshot = stage.state(LinkState::Blocked).await;
    let trouble = snapshot.link.trouble.clone().expect("a reason");
    let said = format!("{} {}", trouble.message, trouble.cure.unwrap_or_default());
    assert!(said.contains("notifications"), "the scope is named: {said}");
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    assert!(stage.answered(403) <= 2, "{} answers of 403", stage.answered(403));
    assert_eq!((stage.refreshed(), stage.answered(401)), (0, 0), "a 403 is not a 401");
    stage.control.scopes(scope(&["notifications"], &[])).expect("given back");
    stage.engine.reconnect_now();
    stage.prove("S0 (scope)").await;
}
