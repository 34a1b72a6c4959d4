//! What happens to sockets and channels: closed, cut, half-open, deaf, refused, evicted. Nothing is lost, nothing told twice.

use std::time::Duration;

use earshot_simulator::{CloseSockets, Command, Evict, FaultBody, Offer, RefuseUpgrades, Require, TokenLife};

use crate::bench::{Listener, Stage, options};

/// A fault that costs the socket: a conversation that is offered meanwhile is told, and the gap is on record.
async fn reconnects(stage: &Stage, listener: &Listener, fault: impl FnOnce()) {
    let before = stage.offer();
    listener.heard(&before).await;
    fault();
    let meanwhile = stage.offer();
    listener.link("reconnecting", 1).await;
    listener.connected(2).await;
    listener.heard(&meanwhile).await;
    let gap = listener.gap(1).await;
    assert!(gap["causes"].as_array().is_some_and(|causes| !causes.is_empty()), "{gap}");
    let after = stage.offer();
    assert_eq!(listener.heard(&after).await.value["source"], "live");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_close_code_is_survived() {
    let codes = [1000, 1001, 1005, 1006, 1007, 1008, 1011, 1012, 1013, 3000, 4001, 4003, 4999];
    let survived = codes.map(|code| {
        tokio::spawn(async move {
            let stage = Stage::new(options()).await;
            let listener = stage.connected().await;
            let close = CloseSockets { code: Some(code), reason: "because".into(), ..CloseSockets::default() };
            reconnects(&stage, &listener, || drop(stage.control.run(Command::CloseSockets(close)).expect("closed")))
                .await;
            let state = stage.control.state();
            assert_eq!(state["tokens"]["issued"], 1, "code {code}: a live token is not renewed");
            listener.finish().await;
        })
    });
    for one in survived {
        one.await.expect("survived");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_socket_is_replaced() {
    let stage = Stage::new(options()).await;
    let listener = stage.connected().await;
    reconnects(&stage, &listener, || assert_eq!(stage.control.drop_sockets(), 1)).await;
    listener.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_upgrades_are_survived_whatever_their_status() {
    let faults =
        [(401, None), (403, None), (404, None), (410, None), (429, Some(1)), (500, None), (503, Some(2)), (200, None)];
    let survived = faults.map(|(status, retry_after)| {
        tokio::spawn(async move {
            let stage = Stage::new(options()).await;
            let listener = stage.connected().await;
            let body = if status == 200 { FaultBody::Html } else { FaultBody::Json };
            let fault =
                RefuseUpgrades { status: Some(status), count: Some(1), retry_after, body, ..RefuseUpgrades::default() };
            stage.control.refuse_upgrades(fault).expect("a fault");
            reconnects(&stage, &listener, || assert_eq!(stage.control.drop_sockets(), 1)).await;
            let state = stage.control.state();
            assert_eq!(state["sockets"]["refused"], 1, "status {status}");
            listener.finish().await;
        })
    });
    for one in survived {
        one.await.expect("survived");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_announced_close_is_a_hand_over_without_a_gap() {
    let stage = Stage::new(options()).await;
    let listener = stage.connected().await;
    stage.control.socket_closing(Some(20_000));
    let mut offered = Vec::new();
    for _ in 0..100 {
        offered.push(stage.offer());
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    for conversation in &offered {
        assert_eq!(listener.heard(conversation).await.value["source"], "live");
    }
    stage.until("the new socket alone", |state| state["sockets"]["opened"] == 2 && state["sockets"]["live"] == 1).await;
    let state = stage.control.state();
    assert_eq!(state["sockets"]["most"], 2);
    assert_eq!((listener.links("reconnecting"), listener.gaps().len()), (0, 0), "{}", listener.told());
    listener.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_evictions_are_survived_more_slowly_each_time() {
    let stage = Stage::new(options()).await;
    let listener = stage.connected().await;
    let mut waits = Vec::new();
    for eviction in 1..=3 {
        let begin = std::time::Instant::now();
        stage.control.evict_channels(Evict::default()).expect("evicted");
        let meanwhile = stage.offer();
        listener.heard(&meanwhile).await;
        waits.push(listener.connected(eviction + 1).await.read - begin);
        stage.until("another socket", |state| state["sockets"]["opened"].as_u64() > Some(eviction as u64)).await;
    }
    assert!(waits[0] < Duration::from_secs(3), "{waits:?}");
    assert!(waits[1] >= Duration::from_millis(900), "{waits:?}");
    assert!(waits[2] >= Duration::from_millis(3_600) && waits[2] < Duration::from_secs(12), "{waits:?}");
    let reasons: Vec<_> = listener.lines().into_iter().filter(|line| line.value["code"] == "channel.evicted").collect();
    assert!(!reasons.is_empty(), "it is said loudly\n{}", listener.told());
    listener.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_eviction_that_leaves_the_socket_open_is_survived_too() {
    let stage = Stage::new(options()).await;
    let listener = stage.connected().await;
    let how = Evict { keep_open: true, ..Evict::default() };
    reconnects(&stage, &listener, || drop(stage.control.evict_channels(how).expect("evicted"))).await;
    listener.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_eviction_is_survived_too() {
    let stage = Stage::new(options()).await;
    let listener = stage.connected().await;
    let how = Evict { silent: true, ..Evict::default() };
    reconnects(&stage, &listener, || drop(stage.control.evict_channels(how).expect("evicted"))).await;
    listener.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_wants_the_token_on_the_socket_gets_it_where_it_is_asked_for() {
    for (require, option) in [(Require::Header, "header"), (Require::Query, "query"), (Require::None, "none")] {
        let stage = Stage::new(options()).await;
        stage.control.socket_auth(require);
        stage.control.token_life(TokenLife { lifetime_seconds: Some(6.0), ..TokenLife::default() }).expect("obeyed");
        let mut command = stage.service();
        command.args(["--socket-auth", option]);
        let listener = Listener::start(command);
        listener.connected(1).await;
        // The socket of the next token shows that one.
        stage.until("a hand-over", |state| state["sockets"]["opened"] == 2).await;
        listener.heard(&stage.offer()).await;
        let state = stage.control.state();
        assert_eq!((&state["sockets"]["refused"], listener.links("reconnecting")), (&0.into(), 0), "{option}");
        listener.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_wants_a_token_nobody_sends_is_named() {
    let stage = Stage::new(options()).await;
    stage.control.socket_auth(Require::Header);
    let listener = Listener::start(stage.service());
    let line = listener.link("blocked", 1).await;
    assert!(line.value["reason"].as_str().is_some_and(|reason| reason.contains("refuse")), "{}", line.text);
    assert_eq!(listener.links("connected"), 0);
    // Somebody mends it, and it notices.
    stage.control.socket_auth(Require::None);
    listener.connected(1).await;
    listener.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_goes_and_comes_back_loses_nothing() {
    let stage = Stage::new(options()).await;
    let listener = stage.connected().await;
    let ended = stage.offer();
    listener.heard(&ended).await;
    stage.control.offline(Some(4.0));
    listener.link("reconnecting", 1).await;
    stage.control.end(&ended).expect("ended");
    let patience = Offer { patience_seconds: Some(0.5), ..Offer::default() };
    let came_and_went = stage.control.offer(patience).expect("an offer").conversation;
    let new = stage.offer();
    listener.connected(2).await;
    for conversation in [&ended, &came_and_went, &new] {
        listener.heard(conversation).await;
    }
    listener.until("the end", |_| (listener.states(&ended).last()? == "disconnected").then_some(())).await;
    let gap = listener.gap(1).await;
    assert_eq!((&gap["causes"][0], &gap["missed"]), (&"socket.closed".into(), &0.into()), "{gap}");
    listener.finish().await;
}
