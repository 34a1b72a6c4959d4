//! Conversations on the desk: what is shown of them, and wrap-up until it is done.

use super::*;

fn due(name: &str) -> LegSighting {
    LegSighting { wrap_up_due: true, connected_at: Some(WALL + 5_000), ..over(name, 60_000, "peer") }
}

#[test]
fn wrap_up_stays_until_it_is_done_and_does_not_come_back() {
    let mut desk = Desk::new();
    live(&mut desk, with([connected("l1")]), at(5_000));
    live(&mut desk, with([due("l1")]), at(60_000));
    let view = &desk.conversations()[0];
    assert_eq!((view.state.as_str(), view.since), ("wrap_up", WALL + 60_000));
    assert!(desk.knows_alive("c1"));
    live(&mut desk, with([LegSighting { wrap_up_due: false, ..due("l1") }]), at(70_000));
    assert_eq!((desk.conversations().len(), desk.knows_alive("c1")), (0, false));
    live(&mut desk, with([due("l1")]), at(71_000));
    assert_eq!(desk.conversations(), [], "an event that comes late");
}

#[test]
fn wrap_up_may_become_due_after_the_end() {
    let mut desk = Desk::new();
    live(&mut desk, with([connected("l1")]), at(5_000));
    live(&mut desk, with([LegSighting { wrap_up_due: false, ..due("l1") }]), at(60_000));
    assert_eq!(desk.conversations(), []);
    live(&mut desk, with([due("l1")]), at(60_100));
    assert_eq!(desk.conversations()[0].state, "wrap_up");
}

#[test]
fn an_offer_never_taken_has_nothing_to_wrap_up() {
    let mut desk = ringing();
    let last = LegSighting { wrap_up_due: true, ..over("l1", 20_000, "timeout") };
    live(&mut desk, with([last]), at(20_000));
    assert_eq!(desk.conversations(), []);
}

#[test]
fn a_conversation_that_is_gone_needs_no_wrap_up() {
    let mut desk = Desk::new();
    live(&mut desk, with([connected("l1")]), at(5_000));
    live(&mut desk, with([due("l1")]), at(60_000));
    desk.handle(Input::Gone { conversation: "c1".into() }, at(61_000));
    assert_eq!(desk.conversations(), []);
    live(&mut desk, with([due("l1")]), at(62_000));
    assert_eq!(desk.conversations(), []);
}

#[test]
fn a_free_agent_has_no_wrap_up_left_so_it_is_looked_at() {
    let mut desk = Desk::new();
    live(&mut desk, with([connected("l1")]), at(5_000));
    live(&mut desk, with([due("l1")]), at(60_000));
    let out = desk.handle(Input::Routing(agent::routing("IDLE", WALL + 65_000)), at(65_000));
    assert_eq!(out, [Output::Reread { conversation: "c1".into(), medium: Medium::Call }]);
    assert_eq!(desk.handle(Input::Routing(agent::routing("IDLE", WALL + 65_000)), at(65_001)), []);
}

#[test]
fn hold_and_mute_follow_the_latest_look_both_ways() {
    let mut desk = Desk::new();
    for (held, muted) in [(true, false), (false, true), (true, true), (false, false)] {
        live(&mut desk, with([LegSighting { held, muted, ..connected("l1") }]), at(1));
        assert_eq!((desk.conversations()[0].held, desk.conversations()[0].muted), (held, muted));
    }
    live(&mut desk, with([LegSighting { held: true, ..alerting("l1") }]), at(2));
    assert!(!desk.conversations()[0].held, "a look from before the answer says nothing about now");
}

#[test]
fn states_are_shown_in_genesys_words_where_we_have_none() {
    for (state, word, shown) in [
        (LegState::Connected, "connected", Some("connected")),
        (LegState::Connected, "parked", Some("parked")),
        (LegState::Connected, "contacting", Some("dialing")),
        (LegState::Other, "levitating", Some("levitating")),
        (LegState::Other, "scheduled", None),
    ] {
        let mut desk = Desk::new();
        live(&mut desk, with([LegSighting { state, state_word: word.into(), ..connected("l1") }]), at(1));
        assert_eq!(desk.conversations().first().map(|view| view.state.as_str()), shown);
    }
    let mut desk = Desk::new();
    live(&mut desk, with([connected("l1")]), at(1));
    live(&mut desk, with([LegSighting { state_word: "levitating".into(), ..leg("l1", LegState::Other) }]), at(2));
    assert_eq!(desk.conversations()[0].state, "levitating");
    assert_eq!(ended(&live(&mut desk, with([alerting("l1")]), at(3))), []);
}

#[test]
fn a_conversation_has_one_line_the_leg_the_agent_is_in() {
    let mut desk = Desk::new();
    live(&mut desk, with([connected("l1"), LegSighting { medium: Medium::Callback, ..connected("l2") }]), at(1));
    assert_eq!(desk.conversations().len(), 1);
    live(&mut desk, with([connected("l1"), LegSighting { medium: Medium::Callback, ..due("l2") }]), at(60_000));
    assert_eq!(desk.conversations().iter().map(|view| view.leg.as_str()).collect::<Vec<_>>(), ["l1"]);
}

#[test]
fn the_desk_is_counted_for_comparison() {
    let mut desk = Desk::new();
    let place = |n: &str, look| Sighting { conversation: n.into(), ..with([look]) };
    live(&mut desk, place("c1", connected("l1")), at(1));
    live(&mut desk, place("c2", alerting("l2")), at(1));
    live(&mut desk, place("c3", LegSighting { medium: Medium::Email, ..due("l3") }), at(60_000));
    let direct = LegSighting { purpose: "user".into(), queue_id: None, queue_name: None, ..connected("l4") };
    live(&mut desk, place("c4", direct), at(60_000));
    let counts = desk.counts();
    assert_eq!(counts[&Medium::Call], crate::desk::Count { connected: 1, alerting: 1, wrap_up: 0 });
    assert_eq!(counts[&Medium::Email], crate::desk::Count { connected: 0, alerting: 0, wrap_up: 1 });
    assert_eq!(counts.len(), 2);
    let alive: Vec<_> = desk.alive().collect();
    assert_eq!(alive.len(), 4);
    assert!(alive.contains(&("c3", Medium::Email)));
    for kinds in [[Medium::Call, Medium::Screenshare], [Medium::Screenshare, Medium::Call]] {
        let mut desk = Desk::new();
        let legs = ["l1", "l2"].into_iter().zip(kinds).map(|(name, medium)| LegSighting { medium, ..connected(name) });
        live(&mut desk, with(legs), at(1));
        assert_eq!(desk.alive().collect::<Vec<_>>(), [("c1", Medium::Call)], "what can be read without a permission");
    }
}
