//! S0: the desktop widget whose access token expires under the socket. Reconnecting to the remembered address with the new
//! token is refused although `users/me` says 200, so: one renewal, a new channel and address, subscribed, re-listed.

use earshot_engine::snapshot::LinkState;
use earshot_simulator as sim;
use futures_util::future::join_all;

use crate::stage::Stage;

/// How a socket can die with its token.
const DEATHS: [(u16, &str); 4] =
    [(1008, ""), (1008, "policy violation"), (1000, "Token expired or invalid"), (4001, "")];

#[tokio::test(flavor = "multi_thread")]
async fn s0_an_expired_token_is_renewed_once_and_the_old_address_is_never_used_again() {
    let died = |(code, reason): (u16, &'static str)| async move {
        let mut stage = agent().await;
        heard_before(&mut stage).await;
        // It takes a second to renew, so that there is a time in which nobody hears.
        let slow = sim::Fail { path: "/oauth/token".into(), status: Some(0), delay_ms: 1_000, ..Default::default() };
        stage.control.fail(slow).expect("a fault");
        let said = Some(reason.to_owned());
        stage
            .control
            .expire_tokens(sim::ExpireTokens { code: Some(code), reason: said, ..Default::default() })
            .expect("expired");
        the_time_after(&mut stage, &format!("S0 (close {code} {reason:?})")).await;
        assert_eq!(stage.refused(), 0, "close {code} {reason:?}: the remembered address is not tried");
    };
    join_all(DEATHS.map(died)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s0_an_upgrade_refused_with_401_leads_to_a_new_address() {
    let mut stage = agent().await;
    heard_before(&mut stage).await;
    // The token dies between the answer of the API and the upgrade.
    let refused = sim::RefuseUpgrades { status: Some(401), count: Some(1), ..Default::default() };
    stage.control.refuse_upgrades(refused).expect("a fault");
    let silent = sim::ExpireTokens { sockets: sim::SocketsOfExpired::Silent, ..Default::default() };
    stage.control.drop_sockets();
    stage.at_genesys("the refusal", |state| state["sockets"]["refused"] == 1).await;
    stage.control.expire_tokens(silent).expect("expired");
    the_time_after(&mut stage, "S0 (upgrade 401)").await;
    assert_eq!(stage.refused(), 1, "the refused address is not tried again");
}

/// An agent whose role includes analytics, so that what came and went has a name.
async fn agent() -> Stage {
    let stage = Stage::agent(sim::Options::default()).await;
    let add = vec!["analytics:conversationDetail:view".to_owned()];
    stage.control.permissions(sim::Permissions { add, ..Default::default() }).expect("given");
    stage
}

async fn heard_before(stage: &mut Stage) {
    let heard = [stage.offer(30.0)];
    stage.on_record("it is heard live", |ledger| ledger.sums(&heard).live == 1).await;
}

/// Offers made while nobody hears: one that still alerts afterwards, and one that has come and gone by then.
async fn the_time_after(stage: &mut Stage, situation: &str) {
    stage.offer(30.0);
    stage.offer(0.3);
    stage.reconnected(2).await;
    stage.offer(20.0);
    let sums = stage.prove(situation).await;
    assert_eq!((sums.live, sums.recovered, sums.missed), (2, 1, 1), "{situation}");
    assert_eq!(stage.refreshed(), 1, "{situation}: one renewal");
    assert_eq!(stage.ledger.renewals(), 1, "{situation}: on record");
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
