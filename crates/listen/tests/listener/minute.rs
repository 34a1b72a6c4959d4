//! What takes a while: things that are noticed once a minute, or by silence. They wait side by side, in one test.

use std::fs;
use std::time::Duration;

use earshot_simulator::{Channels, ExpireTokens, Idle, Options, SocketsOfExpired};
use secrecy::ExposeSecret as _;

use crate::bench::{Line, Listener, Stage, options};

/// After the first list there is a second look; what comes later is found by nothing but the socket, or the comparison that
/// is made once a minute.
const SECOND_LOOK: Duration = Duration::from_secs(5);

/// A minute and a little more.
const MINUTE: Duration = Duration::from_secs(80);

#[tokio::test(flavor = "multi_thread")]
async fn what_is_noticed_once_a_minute_or_by_silence() {
    let mut all = tokio::task::JoinSet::new();
    all.spawn(a_token_that_expires_silently_is_found_out());
    all.spawn(a_users_sign_in_that_is_revoked_needs_another_and_is_picked_up_from_the_file());
    all.spawn(secrets_that_are_all_refused_later_need_a_person_and_are_read_again());
    all.spawn(an_access_token_that_somebody_else_renews_is_taken_from_its_file());
    all.spawn(a_deaf_socket_is_found_by_comparison());
    all.spawn(half_open_is_noticed_within_twelve_seconds_once_a_ping_was_answered());
    all.spawn(a_channel_that_does_not_live_longer_is_handed_over());
    all.spawn(a_server_that_closes_quiet_sockets_finds_none());
    all.spawn(a_rate_limit_delays_and_loses_nothing());
    let mut failed = 0;
    while let Some(ended) = all.join_next().await {
        // It has said itself what went wrong, and where.
        failed += u32::from(ended.is_err());
    }
    assert_eq!(failed, 0, "so many failed, as said above");
}

async fn a_token_that_expires_silently_is_found_out() {
    let stage = Stage::new(Options { alerting: Duration::from_secs(300), ..options() }).await;
    let listener = stage.agent_connected().await;
    tokio::time::sleep(SECOND_LOOK).await;
    let how = ExpireTokens { sockets: SocketsOfExpired::Silent, ..ExpireTokens::default() };
    stage.control.expire_tokens(how).expect("expired");
    let meanwhile = stage.offer();
    // The comparison, once a minute, meets the dead token.
    tokio::time::timeout(MINUTE, async {
        stage.until("a renewal", |state| state["tokens"]["refreshed"] == 2).await;
    })
    .await
    .expect("found out");
    listener.heard(&meanwhile).await;
    let after = stage.offer();
    assert_eq!(listener.heard(&after).await.value["source"], "live");
    assert_eq!(stage.control.state()["tokens"]["refreshed"], 2, "the first token, and one renewal");
    listener.finish().await;
}

async fn a_users_sign_in_that_is_revoked_needs_another_and_is_picked_up_from_the_file() {
    let stage = Stage::new(Options { alerting: Duration::from_secs(300), ..options() }).await;
    let listener = stage.agent_connected().await;
    stage.control.revoke_tokens();
    listener.link("sign_in_needed", 1).await;
    let meanwhile = stage.offer();
    let asked = stage.requests("POST", "/oauth/token").len();
    // Somebody signs in again and writes the new token to the file. It is looked at every minute.
    let refresh = stage.grant().await.refresh_token.expect("a refresh token");
    stage.file("refresh", refresh.expose_secret());
    let back = tokio::time::timeout(MINUTE, listener.connected(2)).await;
    back.unwrap_or_else(|_| panic!("it does not come back\n{}", listener.told()));
    listener.heard(&meanwhile).await;
    assert!(stage.requests("POST", "/oauth/token").len() <= asked + 3, "no loop");
    listener.finish().await;
}

async fn secrets_that_are_all_refused_later_need_a_person_and_are_read_again() {
    let stage = Stage::new(options()).await;
    let listener = stage.connected().await;
    stage.control.client_secrets("service", &["brand-new-secret"]).expect("rotated");
    stage.control.expire_tokens(ExpireTokens::default()).expect("expired");
    listener.link("sign_in_needed", 1).await;
    let asked = stage.requests("POST", "/oauth/token").len();
    stage.file("secret", "brand-new-secret");
    let back = tokio::time::timeout(MINUTE, listener.connected(2)).await;
    back.unwrap_or_else(|_| panic!("it does not come back\n{}", listener.told()));
    assert!(stage.requests("POST", "/oauth/token").len() <= asked + 2, "no loop");
    listener.heard(&stage.offer()).await;
    listener.finish().await;
}

async fn an_access_token_that_somebody_else_renews_is_taken_from_its_file() {
    let stage = Stage::new(options()).await;
    let token = |grant: &earshot_engine::sign_in::Grant| grant.access_token.expose().to_owned();
    let path = stage.file("access", &token(&stage.grant().await));
    let mut command = stage.command();
    command
        .args(["--grant", "access-token", "--topic", "v2.users.{me}.conversations", "--access-token-file"])
        .arg(&path);
    let listener = Listener::start(command);
    listener.connected(1).await;
    listener.heard(&stage.offer()).await;
    let next = stage.grant().await;
    stage.control.drop_sockets();
    listener.connected(2).await;
    fs::write(&path, token(&next)).unwrap();
    // Every token ends, except that the next one is made after that.
    stage.control.expire_tokens(ExpireTokens::default()).expect("expired");
    listener.link("sign_in_needed", 1).await;
    fs::write(&path, token(&stage.grant().await)).unwrap();
    let back = tokio::time::timeout(MINUTE, listener.connected(3)).await;
    back.unwrap_or_else(|_| panic!("it does not come back\n{}", listener.told()));
    listener.heard(&stage.offer()).await;
    listener.finish().await;
}

async fn a_deaf_socket_is_found_by_comparison() {
    let stage = Stage::new(Options { alerting: Duration::from_secs(300), ..options() }).await;
    let listener = stage.agent_connected().await;
    tokio::time::sleep(SECOND_LOOK).await;
    assert_eq!(stage.control.deaf(true), 1);
    let conversation = stage.offer();
    let told = listener.until("the conversation, from a comparison", |lines| {
        let of = |line: &&Line| line.is("event") && line.value["body"]["id"] == conversation.as_str();
        lines.iter().find(of).cloned()
    });
    // Once a minute, and a grace for the event that should have come.
    let told = tokio::time::timeout(MINUTE, told).await;
    let told = told.unwrap_or_else(|_| panic!("not told in time\n{}", listener.told()));
    assert_eq!(told.value["source"], "recovered");
    listener.gap(1).await;
    let after = stage.offer();
    assert_eq!(listener.heard(&after).await.value["source"], "live", "the deaf socket was replaced");
    listener.finish().await;
}

async fn half_open_is_noticed_within_twelve_seconds_once_a_ping_was_answered() {
    let stage = Stage::new(options()).await;
    let listener = stage.connected().await;
    // It pings when a socket opens; on loopback the answer is there long before this.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let begin = std::time::Instant::now();
    stage.control.half_open();
    let meanwhile = stage.offer();
    let noticed = listener.link("reconnecting", 1).await.read - begin;
    assert!(noticed <= Duration::from_secs(12), "{noticed:?}\n{}", listener.told());
    listener.connected(2).await;
    listener.heard(&meanwhile).await;
    listener.gap(1).await;
    listener.finish().await;
}

async fn a_channel_that_does_not_live_longer_is_handed_over() {
    let stage = Stage::new(options()).await;
    let channels = Channels { extend: Some(false), lifetime_seconds: Some(30.0) };
    stage.control.channels(channels).expect("obeyed");
    let listener = stage.connected().await;
    stage.control.channels(Channels { extend: Some(true), lifetime_seconds: Some(86_400.0) }).expect("obeyed");
    // The channel we have does not live longer; the next one will.
    stage.control.channels(Channels { extend: Some(false), ..Channels::default() }).expect("obeyed");
    for _ in 0..80 {
        let conversation = stage.offer();
        assert_eq!(listener.heard(&conversation).await.value["source"], "live");
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
    let state = stage.control.state();
    assert_eq!((&state["sockets"]["opened"], &state["sockets"]["most"]), (&2.into(), &2.into()), "{}", listener.told());
    assert_eq!((listener.links("reconnecting"), listener.gaps().len()), (0, 0), "{}", listener.told());
    listener.finish().await;
}

async fn a_server_that_closes_quiet_sockets_finds_none() {
    let stage = Stage::new(options()).await;
    stage.control.idle(Idle { socket_seconds: Some(7.0), ..Idle::default() }).expect("obeyed");
    let listener = stage.connected().await;
    tokio::time::sleep(Duration::from_secs(16)).await;
    assert_eq!((listener.links("reconnecting"), stage.control.state()["sockets"]["opened"].as_u64()), (0, Some(1)));
    listener.finish().await;
}

async fn a_rate_limit_delays_and_loses_nothing() {
    let stage = Stage::new(Options { rate_limit: Some(6), ..options() }).await;
    let listener = stage.connected().await;
    let mut offered = Vec::new();
    for _ in 0..3 {
        stage.control.drop_sockets();
        offered.push(stage.offer());
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
    let limited = |request: &&earshot_simulator::LoggedRequest| request.status == 429;
    let refusals = || stage.control.requests().iter().filter(limited).count();
    stage.until("the limit is met", |_| refusals() > 0).await;
    // Somebody asks for a higher limit, and gets it. What was to be waited for is waited for all the same: up to a minute.
    tokio::time::sleep(Duration::from_secs(2)).await;
    stage.control.rate_limit(Some(300));
    for conversation in &offered {
        listener.heard(conversation).await;
    }
    let refused = refusals();
    assert!((1..=8).contains(&refused), "{refused} refusals: not none, and no storm\n{}", listener.told());
    listener.finish().await;
}
