//! What is heard: every change, once, in its order, also when Genesys Cloud tells it twice, late, or not yet.

use std::time::Duration;

use earshot_simulator::{ADA, ChangeLeg, Events, JONAS, Medium, Offer, Options, Permissions, RejectTopic};

use crate::bench::{Listener, Stage, conversations, options};

#[tokio::test(flavor = "multi_thread")]
async fn an_agents_listener_tells_of_everything_that_happens_to_the_agent() {
    let stage = Stage::new(Options { alerting: Duration::from_secs(60), ..options() }).await;
    let listener = stage.agent_connected().await;
    let topics: Vec<_> = listener.lines().into_iter().filter(|line| line.is("topic")).collect();
    assert_eq!(topics.len(), 4, "the agent's four\n{}", listener.told());
    assert!(topics.iter().all(|line| line.value["state"] == "permitted"));
    let control = &stage.control;
    let reaches = |conversation: &str, state: &str| {
        let (conversation, state) = (conversation.to_owned(), state.to_owned());
        let listener = &listener;
        async move {
            let reached = |_: &[_]| (listener.states(&conversation).last()? == &state).then_some(());
            listener.until(&format!("{conversation} is {state}"), reached).await;
        }
    };

    let hung_up = stage.offer();
    reaches(&hung_up, "alerting").await;
    control.hang_up(&hung_up).expect("obeyed");
    reaches(&hung_up, "disconnected").await;

    let elsewhere = stage.offer();
    reaches(&elsewhere, "alerting").await;
    control.answered_by_other_client(&elsewhere).expect("obeyed");
    reaches(&elsewhere, "connected").await;
    control
        .change_leg(ChangeLeg { conversation: elsewhere.clone(), held: Some(true), ..ChangeLeg::default() })
        .expect("obeyed");
    let held =
        |lines: &[crate::bench::Line]| lines.iter().any(|line| line.text.contains("\"held\":true")).then_some(());
    listener.until("held", held).await;
    control.end(&elsewhere).expect("obeyed");
    reaches(&elsewhere, "disconnected").await;

    let taken = stage.offer();
    reaches(&taken, "alerting").await;
    control.answered_by_other_agent(&taken).expect("obeyed");
    listener.until("it goes on with another", |_| (listener.states(&taken).len() >= 2).then_some(())).await;

    let mail = Offer { medium: Medium::Email, subject: Some("Invoice".into()), ..Offer::default() };
    let mail = control.offer(mail).expect("an offer").conversation;
    reaches(&mail, "alerting").await;
    control.requeue(&mail).expect("obeyed");
    listener.until("alerting again", |_| (listener.states(&mail).len() >= 2).then_some(())).await;
    control.time_out(&mail).expect("obeyed");
    let responding =
        |lines: &[crate::bench::Line]| lines.iter().any(|line| line.text.contains("NOT_RESPONDING")).then_some(());
    listener.until("not responding", responding).await;
    control.set_routing_status("IDLE").expect("obeyed");

    control.set_presence("Break").expect("obeyed");
    let presence = format!("v2.users.{ADA}.presence");
    let of = |lines: &[crate::bench::Line]| {
        lines.iter().find(|line| line.is("event") && line.value["topic"] == presence.as_str()).map(|_| ())
    };
    listener.until("presence", of).await;
    assert!(listener.gaps().is_empty());
    listener.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_delivered_twice_is_told_once() {
    let stage = Stage::new(options()).await;
    let listener = stage.connected().await;
    stage.control.events(Events { duplicate: 2, ..Events::default() }).expect("obeyed");
    let conversation = stage.offer();
    listener.heard(&conversation).await;
    stage.control.end(&conversation).expect("ended");
    listener.until("the end", |_| (listener.states(&conversation).last()? == "disconnected").then_some(())).await;
    let after = stage.offer();
    listener.heard(&after).await;
    let sent = stage.control.state()["events_sent"].as_u64().unwrap();
    let lines = listener.finish().await;
    let told = lines.iter().filter(|line| line.is("event")).count() as u64;
    assert_eq!(told * 3, sent, "a third of what was sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_delivered_late_is_told_once_also_across_a_reconnect() {
    let stage = Stage::new(options()).await;
    let listener = stage.connected().await;
    stage.control.events(Events { delay_ms: 900, ..Events::default() }).expect("obeyed");
    let offered: Vec<_> = (0..5).map(|_| stage.offer()).collect();
    stage.control.drop_sockets();
    listener.connected(2).await;
    for conversation in &offered {
        listener.heard(conversation).await;
        stage.control.end(conversation).expect("ended");
    }
    for conversation in &offered {
        let ended = |_: &[_]| (listener.states(conversation).last()? == "disconnected").then_some(());
        listener.until("the end", ended).await;
    }
    listener.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_that_becomes_active_late_loses_nothing() {
    let late = Events { subscribe_delay_ms: 1_500, ..Events::default() };
    // An agent's conversations are listed again a moment later.
    let stage = Stage::new(Options { alerting: Duration::from_secs(300), ..options() }).await;
    stage.control.events(late.clone()).expect("obeyed");
    let listener = stage.agent_connected().await;
    for socket in 1..=2 {
        // From the first moment after the PUT was answered until long after it is active.
        let begin = std::time::Instant::now();
        let mut offered = Vec::new();
        for _ in 0..30 {
            offered.push(stage.offer());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        for conversation in &offered {
            listener.heard(conversation).await;
        }
        // By the comparison alone, once a minute, it would be told later.
        assert!(begin.elapsed() < Duration::from_secs(40), "{:?}\n{}", begin.elapsed(), listener.told());
        if socket == 1 {
            stage.control.drop_sockets();
            listener.connected(2).await;
        }
    }
    listener.finish().await;

    // A service can list nothing. What came and went in that moment is found by analytics.
    let stage = Stage::new(options()).await;
    let listener = stage.connected().await;
    stage.control.events(late).expect("obeyed");
    stage.control.drop_sockets();
    listener.connected(2).await;
    let mut offered = Vec::new();
    for _ in 0..20 {
        let offer = Offer { patience_seconds: Some(0.2), ..Offer::default() };
        offered.push(stage.control.offer(offer).expect("an offer").conversation);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    for conversation in &offered {
        listener.heard(conversation).await;
    }
    listener.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_topic_is_named_and_does_not_stop_the_others() {
    let stage = Stage::new(options()).await;
    let reject = RejectTopic {
        topic: "v2.users.*.presence".into(),
        reason: Some("not for you".into()),
        missing_permissions: vec!["directory:user:view".into()],
    };
    stage.control.reject_topic(reject).expect("obeyed");
    let presence = format!("v2.users.{JONAS}.presence");
    let mut command = stage.service();
    command.args(["--topic", &presence]);
    let listener = Listener::start(command);
    listener.connected(1).await;
    let topic = |name: &str, state: &str| {
        let of =
            |line: &crate::bench::Line| line.is("topic") && line.value["topic"] == name && line.value["state"] == state;
        listener.lines().into_iter().find(of)
    };
    let rejected = topic(&presence, "rejected").unwrap_or_else(|| panic!("{}", listener.told()));
    assert!(rejected.text.contains("directory:user:view"), "what is missing: {}", rejected.text);
    assert!(topic(&conversations(), "permitted").is_some());
    listener.heard(&stage.offer()).await;
    // Granted later, it is heard after the next connection.
    stage.control.allow_topics();
    stage.control.drop_sockets();
    listener.until("permitted", |_| topic(&presence, "permitted")).await;
    listener.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn if_every_topic_is_rejected_it_is_blocked_and_says_why() {
    let stage = Stage::new(options()).await;
    stage.control.reject_topic(RejectTopic { topic: "v2.*".into(), ..RejectTopic::default() }).expect("obeyed");
    let listener = Listener::start(stage.service());
    listener.link("blocked", 1).await;
    assert_eq!(listener.links("connected"), 0);
    stage.control.allow_topics();
    listener.connected(1).await;
    listener.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_has_no_user_whose_topics_it_could_hear() {
    let stage = Stage::new(options()).await;
    let mut command = stage.service();
    command.args(["--topic", "v2.users.{me}.presence"]);
    let listener = Listener::start(command);
    listener.connected(1).await;
    let rejected = listener.lines().into_iter().find(|line| line.is("topic") && line.value["state"] == "rejected");
    let rejected = rejected.unwrap_or_else(|| panic!("{}", listener.told()));
    assert_eq!(rejected.value["topic"], "v2.users.{me}.presence");
    listener.heard(&stage.offer()).await;
    listener.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_and_went_is_found_in_analytics_that_lag() {
    let stage = Stage::new(options()).await;
    stage.control.analytics_lag(4_000);
    let listener = stage.connected().await;
    stage.control.offline(Some(3.0));
    listener.link("reconnecting", 1).await;
    let offer = Offer { patience_seconds: Some(0.5), ..Offer::default() };
    let came_and_went = stage.control.offer(offer).expect("an offer").conversation;
    let gap = listener.gap(1).await;
    assert_eq!(gap["settled"], false, "told before analytics know");
    assert_eq!(listener.heard(&came_and_went).await.value["source"], "recovered");
    listener.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_analytics_the_gap_says_what_nobody_can_look_up() {
    let stage = Stage::new(options()).await;
    let remove = vec!["analytics:conversationDetail:view".to_owned()];
    stage.control.permissions(Permissions { remove, service: true, ..Permissions::default() }).expect("obeyed");
    let listener = stage.connected().await;
    stage.control.offline(Some(2.0));
    listener.link("reconnecting", 1).await;
    let offer = Offer { patience_seconds: Some(0.2), ..Offer::default() };
    stage.control.offer(offer).expect("an offer");
    let gap = listener.gap(1).await;
    let gap = listener.settled(&gap).await;
    assert_eq!(gap["unrecoverable"][0], conversations().as_str(), "{gap}");
    listener.finish().await;
}
