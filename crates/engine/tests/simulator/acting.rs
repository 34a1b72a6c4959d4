//! Answer, Decline and Dismiss are three things, and each says honestly what came of it.

use earshot_engine::snapshot::ActionView;
use earshot_simulator as sim;

use crate::bench::Bench;

fn patches(bench: &Bench) -> usize {
    bench.requests("PATCH", "/participants/")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_confirmed_by_an_event() {
    let mut bench = Bench::connected().await;
    let conversation = bench.offer(sim::Offer::default());
    let offer = bench.offered(&conversation).await;
    bench.engine.answer(&offer.leg);
    bench.engine.answer(&offer.leg);
    let snapshot = bench.until("in conversation", |s| s.conversations.len() == 1 && s.offers.is_empty()).await;
    assert_eq!(snapshot.conversations[0].state, "connected");
    assert_eq!(patches(&bench), 1, "a second press while pending sends nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_genesys_ignores_is_reported_as_failed() {
    let mut bench = Bench::connected().await;
    bench
        .control
        .answers(sim::Answers { outcome: sim::AnswerOutcome::Ignored, ..sim::Answers::default() })
        .expect("a fault");
    let conversation = bench.offer(sim::Offer { alerting_seconds: Some(60.0), ..sim::Offer::default() });
    let offer = bench.offered(&conversation).await;
    bench.engine.answer(&offer.leg);
    bench.until("pending", |s| s.offers[0].answer == ActionView::Pending).await;
    let snapshot = bench.until("failed", |s| matches!(s.offers[0].answer, ActionView::Failed { .. })).await;
    let ActionView::Failed { trouble } = &snapshot.offers[0].answer else { unreachable!() };
    assert!(trouble.message.contains("still alerting"), "{trouble:?}");
    assert_eq!(patches(&bench), 1, "never repeated");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decline_is_sent_once_and_makes_the_agent_not_responding() {
    let mut bench = Bench::connected().await;
    let conversation = bench.offer(sim::Offer { if_missed: sim::IfMissed::Other, ..sim::Offer::default() });
    let offer = bench.offered(&conversation).await;
    assert!(offer.decline_means.contains("Not Responding"), "{}", offer.decline_means);
    bench.engine.decline(&offer.leg);
    bench.engine.decline(&offer.leg);
    bench.until("it is gone", |s| s.offers.is_empty()).await;
    let snapshot = bench
        .until("Not Responding", |s| s.agent.as_ref().is_some_and(|agent| agent.routing.status == "NOT_RESPONDING"))
        .await;
    assert!(snapshot.missed.is_empty(), "what was declined was not missed");
    bench.engine.decline(&offer.leg);
    bench.engine.command(earshot_engine::desk::io::Command::BackOnQueue);
    bench.until("idle", |s| s.agent.as_ref().is_some_and(|agent| agent.routing.status == "IDLE")).await;
    // The log has a request once it is answered, which may be after its event.
    bench.at_genesys("the decline on record", |_| patches(&bench) > 0).await;
    assert_eq!(patches(&bench), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_direct_call_is_declined_to_voicemail() {
    let mut bench = Bench::connected().await;
    let conversation = bench.offer(sim::Offer { direct: true, ..sim::Offer::default() });
    let offer = bench.offered(&conversation).await;
    assert!(offer.direct && offer.queue.is_none(), "{offer:?}");
    assert!(offer.decline_means.contains("voicemail"), "{}", offer.decline_means);
    bench.engine.decline(&offer.leg);
    bench.until("it is gone", |s| s.offers.is_empty()).await;
    // The simulator tells the end before it writes the request down.
    let replaced = |count: &serde_json::Value| count["path"].as_str().is_some_and(|path| path.ends_with("/replace"));
    let counted =
        |state: &serde_json::Value| state["counts"].as_array().is_some_and(|counts| counts.iter().any(replaced));
    bench.at_genesys("one replacement", counted).await;
    assert_eq!((patches(&bench), bench.requests("POST", "/replace")), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn dismiss_sends_nothing() {
    let mut bench = Bench::connected().await;
    let conversation = bench.offer(sim::Offer::default());
    let offer = bench.offered(&conversation).await;
    bench.engine.dismiss(&offer.leg);
    bench.until("hidden", |s| s.offers.iter().all(|offer| offer.dismissed)).await;
    // The next thing sent would come after a dismissal's, if it had one.
    let id = bench.until("the agent", |s| s.agent.is_some()).await.agent.clone().expect("just seen");
    let away = id.presences.iter().find(|presence| presence.system == "Away").expect("Away is a choice");
    bench.engine.set_presence(&away.id);
    bench.until("away", |s| s.agent.as_ref().is_some_and(|agent| agent.presence.definition_id == away.id)).await;
    assert_eq!(patches(&bench), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_queue_and_back_to_the_presence_before() {
    let mut bench = Bench::connected_with(sim::Options { on_queue: false, ..crate::bench::options() }).await;
    let before = bench.until("the agent", |s| s.agent.is_some()).await.agent.clone().expect("just seen").presence;
    bench.engine.set_on_queue(true);
    bench.until("on queue", |s| s.agent.as_ref().is_some_and(|agent| agent.on_queue)).await;
    bench.control.drop_sockets();
    let snapshot = bench.reconnected(2).await;
    assert!(snapshot.agent.as_ref().is_some_and(|agent| agent.on_queue), "a reconnect never changes presence");
    assert_eq!(bench.requests("PATCH", "/presences/"), 1);
    bench.engine.set_on_queue(false);
    let same = |s: &earshot_engine::snapshot::Snapshot| {
        s.agent.as_ref().is_some_and(|agent| agent.presence.definition_id == before.definition_id)
    };
    bench.until("as before", same).await;
}
