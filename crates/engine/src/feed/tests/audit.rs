//! A pong does not prove delivery: while on queue the truth is compared once a minute, and a deaf socket is found.

use super::*;

#[test]
fn the_truth_is_compared_once_a_minute_while_on_queue_and_only_then() {
    let mut rig = Rig::on_queue();
    for _ in 0..3 {
        assert_eq!(rig.until_list(), Some(AUDIT_EVERY));
        assert!(closed(&rig.answer(&[])).is_empty());
    }
    rig.go(Input::OnQueue(false));
    assert_eq!(rig.until_list(), None);
    rig.go(Input::OnQueue(true));
    assert_eq!(rig.until_list(), Some(AUDIT_EVERY));
}

/// The comparison has just found an offer that no event told of.
fn found() -> Rig {
    let mut rig = Rig::on_queue();
    rig.until_list();
    let out = rig.answer(&[call("c1", "alerting")]);
    assert_eq!(seen(&out), [("c1", Source::Recovered)], "it rings at once");
    assert!(!deaf(&out), "its event may be under way");
    rig
}

#[test]
fn an_offer_without_its_event_makes_the_socket_deaf() {
    let mut rig = found();
    assert!(!deaf(&outputs(rig.pass(ms(2999)))));
    assert!(deaf(&outputs(rig.pass(ms(1)))));
    assert!(!deaf(&outputs(rig.pass(s(30)))), "said once");
}

#[test]
fn an_event_that_comes_within_its_grace_clears_the_socket() {
    let mut rig = found();
    rig.pass(s(2));
    rig.live("c1", "alerting");
    assert!(!deaf(&outputs(rig.pass(s(30)))));
}

#[test]
fn a_loss_within_the_grace_is_a_loss_and_nothing_more() {
    let mut rig = found();
    rig.lost("cut");
    assert!(!deaf(&outputs(rig.pass(s(30)))));
    rig.go(Input::Up);
    assert!(!deaf(&outputs(rig.pass(s(30)))));
}

#[test]
fn the_gap_of_a_deaf_socket_begins_with_the_last_agreement() {
    let mut rig = Rig::on_queue();
    rig.until_list();
    let agreed = rig.wall();
    rig.answer(&[]);
    rig.until_list();
    rig.answer(&[call("c1", "alerting")]);
    assert!(deaf(&outputs(rig.pass(AUDIT_GRACE))));
    // Heartbeats came all the time, so the link would vouch for the last second.
    let out = rig.lost("socket.deaf");
    assert_eq!(opened(&out), [(agreed, "socket.deaf")]);
    rig.go(Input::Up);
    assert_eq!(only_closed(&rig.answer(&[call("c1", "alerting")])).from, agreed);
}

#[test]
fn a_known_offer_and_one_that_is_over_prove_nothing() {
    let mut rig = Rig::on_queue();
    rig.knows("c1");
    rig.until_list();
    rig.answer(&[call("c1", "alerting"), call("c2", "connected"), call("c3", "disconnected")]);
    assert!(!deaf(&outputs(rig.pass(s(30)))));
}

#[test]
fn the_second_look_catches_a_late_subscription_and_does_not_call_the_socket_deaf() {
    let mut rig = Rig::relisting();
    rig.answer(&[]);
    rig.until_list();
    let out = rig.answer(&[call("c1", "alerting")]);
    assert_eq!(seen(&out), [("c1", Source::Recovered)]);
    assert!(!deaf(&outputs(rig.pass(s(10)))));
}

#[test]
fn a_comparison_that_fails_is_tried_again_and_troubles_nobody() {
    let mut rig = Rig::on_queue();
    rig.until_list();
    let out = rig.listed(Err(status(503)));
    assert!(hampered(&out).is_empty());
    assert_eq!(rig.until_list(), Some(s(1)));
    assert!(rig.feed.caught_up());
}

#[test]
fn waking_up_compares_at_once() {
    let mut rig = Rig::on_queue();
    assert_eq!(lists(&rig.go(Input::Woke)), 1);
    assert_eq!(lists(&rig.go(Input::Woke)), 0, "one at a time");
}

#[test]
fn counts_that_differ_are_compared_once_more_before_the_truth_is_asked_for() {
    let mut rig = Rig::on_queue();
    rig.go(Input::Disagreement);
    rig.pass(s(1));
    rig.go(Input::Disagreement);
    let out = outputs(rig.pass(s(2)));
    assert_eq!(out.iter().filter(|output| matches!(output, Output::Compare)).count(), 1, "{out:?}");
    assert_eq!(lists(&out), 0, "events come in no order, so nothing is asked yet");
    assert_eq!(lists(&rig.go(Input::StillDisagreement)), 1);
}

#[test]
fn a_difference_does_not_take_the_place_of_the_look_that_settles_a_gap() {
    let mut rig = Rig::relisting();
    rig.answer(&[]);
    assert_eq!(lists(&rig.go(Input::StillDisagreement)), 0);
    assert_eq!(rig.until_list(), Some(SECOND_LOOK));
}

#[test]
fn without_a_token_nothing_is_asked_and_with_one_it_goes_on() {
    let mut rig = Rig::on_queue();
    rig.go(Input::Token(false));
    assert_eq!(lists(&outputs(rig.pass(AUDIT_EVERY * 2))), 0);
    rig.now += AUDIT_EVERY;
    assert_eq!(lists(&rig.go(Input::Token(true))), 1, "what was due meanwhile");
}
