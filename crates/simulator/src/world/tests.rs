//! The contact centre alone, in virtual time.

use super::conversation::IfMissed;
use super::offer::Offer;
use super::{Rules, World};
use crate::ids::Ids;

fn world() -> World {
    let rules = Rules { answer_delay: 40, alerting: 20_000, wrapup: Some(6_000), ended_kept: 60_000, on_queue: true };
    World::new(1_000_000, rules, Ids::new(Some(7)))
}

fn at(world: &mut World, seconds: i64) -> Vec<String> {
    world.advance(1_000_000 + seconds * 1000);
    let mine = |e: &super::Event| e.topic.starts_with("v2.users.");
    world
        .take_events()
        .into_iter()
        .filter(mine)
        .map(|e| e.topic.rsplit('.').next().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn a_day_in_the_life() {
    let mut world = world();
    let offer = Offer { wait: true, talk_seconds: Some(10.0), ..Offer::default() };
    world.offer(&offer).expect("offered");
    assert_eq!(at(&mut world, 0), ["conversations", "calls", "conversationsummary"]);
    assert_eq!(at(&mut world, 19), [""; 0]);
    // Nobody answers: the leg ends, then the agent is Not Responding.
    assert_eq!(at(&mut world, 20), ["conversations", "calls", "conversationsummary", "routingStatus", "activity"]);
    assert_eq!(world.agents[0].routing, "NOT_RESPONDING");
    // Back on queue: the same customer again, and this time there is an answer.
    world.clear_not_responding(0);
    world.take_events();
    world.answer(0, 3).expect("accepted");
    at(&mut world, 21);
    assert_eq!(world.agents[0].routing, "INTERACTING");
    // The customer leaves after ten seconds; wrap-up takes six.
    at(&mut world, 32);
    assert!(world.conversations[0].ended.is_some() && world.conversations[0].is_live_for(0));
    at(&mut world, 38);
    assert_eq!(world.agents[0].routing, "IDLE");
    assert!(!world.conversations[0].is_live_for(0));
    // And a while later nobody remembers.
    at(&mut world, 120);
    assert!(world.conversations.is_empty());
    assert_eq!(world.next_due(), None);
}

#[test]
fn what_is_due_happens_in_its_order_however_late_one_looks() {
    let mut world = world();
    let offers = [(30.0, IfMissed::End), (5.0, IfMissed::End), (20.0, IfMissed::Other), (10.0, IfMissed::Wait)];
    for (alerting, if_missed) in offers {
        let offer = Offer { alerting_seconds: Some(alerting), if_missed, wrapup: Some(false), ..Offer::default() };
        world.offer(&offer).expect("offered");
    }
    world.take_events();
    world.advance(1_000_000 + 3_600_000);
    let ends: Vec<_> = (world.take_events().iter())
        .filter(|e| e.topic.starts_with("v2.users.") && e.topic.ends_with(".conversations"))
        .filter_map(|e| e.body["participants"][2]["calls"][0]["disconnectedTime"].as_str().map(str::to_owned))
        .collect();
    let mut sorted = ends.clone();
    sorted.sort();
    assert_eq!(ends, sorted);
    assert!(ends.len() >= 4);
}
