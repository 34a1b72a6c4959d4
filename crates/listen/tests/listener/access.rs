//! Tokens that end, secrets that are replaced, rights that are taken: renewed once, or named, never looped on.

use std::fs;
use std::time::Duration;

use earshot_simulator::{
    CONFIDENTIAL_CLIENT_ID, ExpireTokens, FailTokenEndpoint, FaultBody, Idle, Options, Scopes, SocketsOfExpired,
    TokenLife,
};

use crate::bench::{Listener, Stage, options};

fn issued(stage: &Stage) -> u64 {
    stage.control.state()["tokens"]["issued"].as_u64().expect("a number")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_expires_under_the_socket_is_renewed_once() {
    for (code, reason) in [(1000, "Token expired or invalid"), (1008, ""), (4001, ""), (4003, "")] {
        let stage = Stage::new(options()).await;
        let listener = stage.connected().await;
        let how = ExpireTokens { code: Some(code), reason: Some(reason.into()), ..ExpireTokens::default() };
        stage.control.expire_tokens(how).expect("expired");
        let meanwhile = stage.offer();
        listener.connected(2).await;
        listener.heard(&meanwhile).await;
        listener.gap(1).await;
        assert_eq!(issued(&stage), 2, "code {code}: one renewal\n{}", listener.told());
        listener.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_expires_and_leaves_the_socket_alone_costs_nothing() {
    let stage = Stage::new(options()).await;
    let listener = stage.connected().await;
    let how = ExpireTokens { sockets: SocketsOfExpired::Leave, ..ExpireTokens::default() };
    stage.control.expire_tokens(how).expect("expired");
    let meanwhile = stage.offer();
    assert_eq!(listener.heard(&meanwhile).await.value["source"], "live");
    stage.control.drop_sockets();
    listener.connected(2).await;
    listener.heard(&stage.offer()).await;
    assert_eq!(issued(&stage), 2);
    listener.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_whose_tokens_are_revoked_gets_another_one() {
    let stage = Stage::new(options()).await;
    let listener = stage.connected().await;
    assert!(stage.control.revoke_tokens() > 0);
    let meanwhile = stage.offer();
    listener.connected(2).await;
    listener.heard(&meanwhile).await;
    listener.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_refresh_token_is_written_to_its_file_for_the_next_start() {
    let stage = Stage::new(Options { rotate_refresh: true, ..options() }).await;
    let command = || {
        let mut command = stage.command();
        command.args(["--grant", "refresh-token", "--client-id", CONFIDENTIAL_CLIENT_ID]);
        command.arg("--client-secret-file").arg(stage.path("secret"));
        command.arg("--refresh-token-file").arg(stage.path("refresh"));
        command
    };
    let first = stage.agent_connected().await;
    let mut seen = vec![fs::read_to_string(stage.path("refresh")).unwrap()];
    for renewal in 2..=4 {
        stage.control.expire_tokens(ExpireTokens::default()).expect("expired");
        first.connected(renewal).await;
        let now = fs::read_to_string(stage.path("refresh")).unwrap();
        assert!(!seen.contains(&now), "it is another one");
        seen.push(now);
    }
    first.finish().await;
    let second = Listener::start(command());
    second.connected(1).await;
    second.heard(&stage.offer()).await;
    second.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_rotated_without_a_break() {
    let stage = Stage::new(options()).await;
    stage.control.token_life(TokenLife { lifetime_seconds: Some(6.0), ..TokenLife::default() }).expect("obeyed");
    let second = stage.file("second", "not made yet");
    let mut command = stage.service();
    command.arg("--client-secret-file").arg(&second);
    let listener = Listener::start(command);
    listener.connected(1).await;
    // The new secret is made and written; the old one goes; the old file goes too.
    stage.control.client_secrets("service", &["brand-new-secret"]).expect("rotated");
    fs::write(&second, "brand-new-secret\n").unwrap();
    fs::remove_file(stage.path("secret")).unwrap();
    for _ in 0..60 {
        let conversation = stage.offer();
        assert_eq!(listener.heard(&conversation).await.value["source"], "live");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(issued(&stage) >= 3, "renewed with the new one");
    assert_eq!(stage.unauthorized(), 0, "no 401 but the token endpoint's own");
    assert_eq!((listener.links("reconnecting"), listener.gaps().len()), (0, 0), "{}", listener.told());
    let errors = listener.says("the missing file is named", |errors| errors.contains("cannot be read")).await;
    assert!(!errors.contains("brand-new-secret"), "{errors}");
    listener.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_endpoint_may_answer_500_twice() {
    let stage = Stage::new(options()).await;
    let listener = stage.agent_connected().await;
    let twice = FailTokenEndpoint { status: Some(500), count: Some(2), ..FailTokenEndpoint::default() };
    stage.control.fail_token_endpoint(twice).expect("a fault");
    stage.control.expire_tokens(ExpireTokens::default()).expect("expired");
    let meanwhile = stage.offer();
    listener.connected(2).await;
    listener.heard(&meanwhile).await;
    assert_eq!(stage.control.state()["tokens"]["refreshed"], 2, "the first token, and one renewal");
    assert_eq!(listener.links("sign_in_needed"), 0);
    listener.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_endpoint_may_answer_with_a_web_page_or_be_limited_at_the_start() {
    let page =
        FailTokenEndpoint { status: Some(502), count: Some(1), body: FaultBody::Html, ..FailTokenEndpoint::default() };
    let limited = FailTokenEndpoint {
        error: Some("rate_limited".into()),
        status: Some(429),
        count: Some(1),
        retry_after: Some(3),
        ..FailTokenEndpoint::default()
    };
    let slow = FailTokenEndpoint { status: Some(503), count: Some(1), delay_ms: 1_000, ..FailTokenEndpoint::default() };
    for fault in [page, limited, slow] {
        let stage = Stage::new(options()).await;
        stage.control.fail_token_endpoint(fault.clone()).expect("a fault");
        let listener = Listener::start(stage.service());
        listener.connected(1).await;
        let asked = stage.requests("POST", "/oauth/token");
        assert_eq!(asked.len(), 2, "{asked:?}");
        if let Some(seconds) = fault.retry_after {
            let waited = asked[1] - asked[0];
            assert!(waited >= i64::try_from(seconds).unwrap() * 1_000, "{waited} ms");
        }
        listener.heard(&stage.offer()).await;
        listener.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_scope_is_named_and_no_token_is_renewed_for_it() {
    let stage = Stage::new(options()).await;
    stage.control.scopes(Scopes { remove: vec!["notifications".into()], ..Scopes::default() }).expect("obeyed");
    let listener = Listener::start(stage.agent().await);
    let line = listener.link("blocked", 1).await;
    assert!(line.value["reason"].as_str().is_some_and(|reason| reason.contains("notifications")), "{}", line.text);
    assert_eq!(stage.control.state()["tokens"]["refreshed"], 1, "the first token, and no other");
    stage.control.scopes(Scopes { add: vec!["notifications".into()], ..Scopes::default() }).expect("obeyed");
    listener.connected(1).await;
    listener.heard(&stage.offer()).await;
    listener.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_time_out_never_meets_a_listener() {
    let stage = Stage::new(options()).await;
    stage.control.idle(Idle { token_seconds: Some(6.0), ..Idle::default() }).expect("obeyed");
    let listener = stage.agent_connected().await;
    tokio::time::sleep(Duration::from_secs(15)).await;
    assert_eq!((listener.links("reconnecting"), stage.unauthorized()), (0, 0), "{}", listener.told());
    listener.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_token_is_never_refused_twice_for_the_same_cause() {
    for status in [401, 403] {
        let stage = Stage::new(options()).await;
        let idle = Idle { token_seconds: Some(2.0), stale_upgrade_status: Some(status), ..Idle::default() };
        // Where the time-out cannot be known, a quiet hour ends the token, and its sockets with 1001.
        let listener = stage.connected().await;
        stage.control.idle(idle).expect("obeyed");
        listener.link("reconnecting", 1).await;
        stage.control.idle(Idle { token_seconds: Some(0.0), ..Idle::default() }).expect("obeyed");
        let meanwhile = stage.offer();
        listener.connected(2).await;
        listener.heard(&meanwhile).await;
        let refused = stage.control.state()["sockets"]["refused"].as_u64().unwrap();
        assert!(refused <= 1, "{refused} upgrades refused with {status}");
        assert_eq!(issued(&stage), 2);
        listener.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_confidential_is_said_at_the_most_talkative_setting() {
    let stage = Stage::new(options()).await;
    stage.control.token_life(TokenLife { lifetime_seconds: Some(5.0), ..TokenLife::default() }).expect("obeyed");
    let mut command = stage.service();
    command.env("EARSHOT_LOG", "trace");
    let listener = Listener::start(command);
    listener.connected(1).await;
    listener.heard(&stage.offer()).await;
    stage.until("a hand-over", |state| state["sockets"]["opened"] == 2).await;
    stage.control.drop_sockets();
    listener.connected(2).await;
    listener.says("much is said, or the test is blind", |errors| errors.len() > 500).await;
    // What it holds against standard error is in here.
    listener.finish().await;
}
