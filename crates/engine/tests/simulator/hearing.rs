//! Offers of every kind are heard once, and end for the reason they ended.

use earshot_engine::event::Event;
use earshot_engine::snapshot::{Medium, OfferEnd};
use earshot_simulator as sim;

use crate::bench::{Bench, options};

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_of_each_medium_alerts_with_who_and_where() {
    let mut bench = Bench::connected().await;
    for (medium, expected) in [
        (sim::Medium::Call, Medium::Call),
        (sim::Medium::Message, Medium::Message),
        (sim::Medium::Email, Medium::Email),
        (sim::Medium::Callback, Medium::Callback),
    ] {
        let conversation = bench.offer(sim::Offer {
            medium,
            caller: Some("Maria Keller".into()),
            queue: Some("Billing".into()),
            alerting_seconds: Some(20.0),
            ..sim::Offer::default()
        });
        let offer = bench.offered(&conversation).await;
        assert_eq!((offer.medium, offer.caller.as_str(), offer.direct), (expected, "Maria Keller", false));
        let named = bench
            .until("the queue's name and the end of the alerting are known", |s| {
                s.offers.iter().any(|o| o.conversation == conversation && o.queue.is_some() && o.ends_at.is_some())
            })
            .await;
        let offer = named.offers.iter().find(|offer| offer.conversation == conversation).expect("still there");
        assert_eq!(offer.queue.as_deref(), Some("Billing"));
        let left = offer.ends_at.expect("stated") - offer.since;
        assert!((19_000..=21_000).contains(&left), "{left} ms");
        bench.control.end(&conversation).expect("it ends");
        bench.until("it is gone", |s| s.offers.is_empty()).await;
        assert_eq!(bench.rang(&offer.leg), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unanswered_offer_is_missed_and_the_agent_not_responding() {
    let mut bench = Bench::connected().await;
    let conversation = bench.offer(sim::Offer { alerting_seconds: Some(1.0), ..sim::Offer::default() });
    let offer = bench.offered(&conversation).await;
    let snapshot = bench.until("it is missed", |s| !s.missed.is_empty()).await;
    assert_eq!(snapshot.missed[0].end, OfferEnd::TimedOut);
    assert!(snapshot.missed[0].reason.contains("not answered"), "{}", snapshot.missed[0].reason);
    bench
        .until("Not Responding", |s| s.agent.as_ref().is_some_and(|agent| agent.routing.status == "NOT_RESPONDING"))
        .await;
    let ended = Event::OfferEnded { leg: offer.leg, end: OfferEnd::TimedOut };
    assert!(bench.events().contains(&ended), "{:#?}", bench.events());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_hangs_up_is_missed_as_that() {
    let mut bench = Bench::connected().await;
    let conversation = bench.offer(sim::Offer { caller: Some("Tom Vance".into()), ..sim::Offer::default() });
    bench.offered(&conversation).await;
    bench.control.hang_up(&conversation).expect("hangs up");
    let snapshot = bench.until("it is missed", |s| !s.missed.is_empty()).await;
    assert_eq!(snapshot.missed[0].end, OfferEnd::CallerLeft);
    assert_eq!(snapshot.missed[0].caller.as_deref(), Some("Tom Vance"));
    assert!(snapshot.offers.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn answered_elsewhere_ends_the_offer_and_is_not_missed() {
    let mut bench = Bench::connected().await;
    let conversation = bench.offer(sim::Offer::default());
    let offer = bench.offered(&conversation).await;
    bench.control.answered_by_other_client(&conversation).expect("answered");
    let snapshot = bench.until("it is a conversation", |s| !s.conversations.is_empty()).await;
    assert!(snapshot.offers.is_empty() && snapshot.missed.is_empty());
    let ended = Event::OfferEnded { leg: offer.leg, end: OfferEnd::AnsweredElsewhere };
    assert!(bench.events().contains(&ended));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_requeue_to_the_same_agent_is_a_new_offer_and_rings_again() {
    let mut bench = Bench::connected().await;
    let conversation = bench.offer(sim::Offer::default());
    let first = bench.offered(&conversation).await.leg;
    bench.control.requeue(&conversation).expect("requeued");
    let snapshot = bench.until("another leg alerts", |s| s.offers.len() == 1 && s.offers[0].leg != first).await;
    let second = snapshot.offers[0].leg.clone();
    assert_eq!((bench.rang(&first), bench.rang(&second)), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_delivered_twice_or_late_is_told_once() {
    let mut bench = Bench::connected().await;
    bench.control.events(sim::Events { duplicate: 2, delay_ms: 300, ..sim::Events::default() }).expect("a fault");
    let conversation = bench.offer(sim::Offer::default());
    let offer = bench.offered(&conversation).await;
    bench.control.hang_up(&conversation).expect("hangs up");
    bench.until("it is gone", |s| s.offers.is_empty()).await;
    bench.control.clear_faults();
    let other = bench.offer(sim::Offer::default());
    bench.offered(&other).await;
    assert_eq!(bench.rang(&offer.leg), 1);
    assert_eq!(bench.until("one line", |s| !s.missed.is_empty()).await.missed.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_that_becomes_active_late_misses_nothing() {
    let mut bench = Bench::new(options()).await;
    bench.control.events(sim::Events { subscribe_delay_ms: 1_500, ..sim::Events::default() }).expect("a fault");
    bench.sign_in().await;
    bench.caught_up().await;
    let conversation = bench.offer(sim::Offer::default());
    let offer = bench.offered(&conversation).await;
    assert_eq!(bench.rang(&offer.leg), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_that_genesys_answers_itself_says_so_from_the_start() {
    let mut bench = Bench::connected().await;
    let conversation = bench.offer(sim::Offer { auto_answer: true, ..sim::Offer::default() });
    bench.until("it is a conversation", |s| s.conversations.iter().any(|c| c.conversation == conversation)).await;
    let started = |event: &&Event| matches!(event, Event::OfferStarted { .. });
    let Some(Event::OfferStarted { offer, .. }) = bench.events().iter().find(started) else {
        panic!("it never alerted")
    };
    assert!(offer.auto_answer, "{offer:?}");
}
