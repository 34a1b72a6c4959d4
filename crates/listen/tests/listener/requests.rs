//! REST requests that fail: limited, wrong, slow, never answered.

use std::time::Duration;

use earshot_simulator::{Fail, FaultBody};

use crate::bench::{Listener, Stage, options};

const CHANNELS: &str = "/api/v2/notifications/channels";

#[tokio::test(flavor = "multi_thread")]
async fn retry_after_is_obeyed_to_the_second() {
    let stage = Stage::new(options()).await;
    let fault = Fail {
        path: CHANNELS.into(),
        method: Some("POST".into()),
        status: Some(429),
        retry_after: Some(7),
        count: Some(1),
        ..Fail::default()
    };
    let listener = stage.connected().await;
    stage.control.fail(fault).expect("a fault");
    stage.control.drop_sockets();
    let meanwhile = stage.offer();
    listener.connected(2).await;
    listener.heard(&meanwhile).await;
    let asked = stage.requests("POST", CHANNELS);
    assert_eq!(asked.len(), 3, "{asked:?}");
    let waited = asked[2] - asked[1];
    // Twice the time would be another's idea of it.
    assert!((7_000..14_000).contains(&waited), "{waited} ms\n{}", listener.told());
    listener.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_for_a_while_is_survived_and_named() {
    let fail = |status: u16, body: FaultBody| Fail {
        path: "/api/v2/".into(),
        status: Some(status),
        body,
        seconds: Some(6.0),
        ..Fail::default()
    };
    let faults = [
        (fail(500, FaultBody::Json), "server.error"),
        (fail(503, FaultBody::Empty), "server.error"),
        (fail(502, FaultBody::Html), "network.portal"),
        (fail(200, FaultBody::Html), "network.portal"),
    ];
    let survived = faults.map(|(fault, code)| {
        tokio::spawn(async move {
            let stage = Stage::new(options()).await;
            let listener = stage.connected().await;
            stage.control.fail(fault).expect("a fault");
            stage.control.drop_sockets();
            let meanwhile = stage.offer();
            listener.connected(2).await;
            listener.heard(&meanwhile).await;
            let named = listener.lines().iter().any(|line| line.is("link") && line.value["code"] == code);
            assert!(named, "{code}\n{}", listener.told());
            assert_eq!(stage.control.state()["tokens"]["issued"], 1, "no token is renewed for that");
            listener.finish().await;
        })
    });
    for one in survived {
        one.await.expect("survived");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_permission_is_named_and_not_looped_on() {
    let stage = Stage::new(options()).await;
    let fault = Fail {
        path: CHANNELS.into(),
        status: Some(403),
        code: Some("missing.permissions".into()),
        message: Some("You are missing the following permission(s): notifications:channel:add".into()),
        ..Fail::default()
    };
    stage.control.fail(fault).expect("a fault");
    let listener = Listener::start(stage.service());
    let line = listener.link("blocked", 1).await;
    assert!(line.value["reason"].as_str().is_some_and(|reason| reason.contains("ermission")), "{}", line.text);
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert!(stage.requests("POST", CHANNELS).len() <= 2, "no loop");
    assert_eq!(stage.control.state()["tokens"]["issued"], 1);
    stage.control.clear_faults();
    listener.connected(1).await;
    listener.heard(&stage.offer()).await;
    listener.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_never_answered_does_not_stall_it() {
    let stage = Stage::new(options()).await;
    let listener = stage.connected().await;
    let fault = Fail { path: CHANNELS.into(), hang: true, count: Some(1), ..Fail::default() };
    stage.control.fail(fault).expect("a fault");
    stage.control.drop_sockets();
    let meanwhile = stage.offer();
    listener.connected(2).await;
    listener.heard(&meanwhile).await;
    listener.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_answers_are_waited_for() {
    let stage = Stage::new(options()).await;
    let fault = Fail { path: "/api/v2/".into(), status: Some(0), delay_ms: 1_000, ..Fail::default() };
    stage.control.fail(fault).expect("a fault");
    let listener = Listener::start(stage.service());
    listener.connected(1).await;
    stage.control.drop_sockets();
    let meanwhile = stage.offer();
    listener.connected(2).await;
    listener.heard(&meanwhile).await;
    assert_eq!(stage.requests("POST", CHANNELS).len(), 2, "asked once for each connection");
    listener.finish().await;
}
