//! What the socket delivers: told once, in order, and counted where it cannot be read.

use rstest::rstest;

use super::*;

#[test]
fn an_event_is_told_as_live() {
    let mut rig = Rig::up();
    assert_eq!(seen(&rig.live("c1", "alerting")), [("c1", Source::Live)]);
}

#[test]
fn the_media_form_is_told_too() {
    let mut rig = Rig::up();
    let body = json!({ "id": "c1", "participants": [
        { "id": "p1", "purpose": "agent", "state": "alerting", "user": { "id": "me" } } ] });
    assert_eq!(seen(&rig.topic("v2.users.me.conversations.calls", &body)), [("c1", Source::Live)]);
}

#[test]
fn the_same_body_twice_is_told_once_and_a_b_a_three_times() {
    let mut rig = Rig::up();
    let told: Vec<usize> = ["alerting", "alerting", "connected", "alerting"]
        .into_iter()
        .map(|state| seen(&rig.live("c1", state)).len())
        .collect();
    assert_eq!(told, [1, 0, 1, 1]);
}

#[test]
fn a_new_socket_begins_without_memory() {
    let mut rig = Rig::up();
    rig.live("c1", "alerting");
    rig.lost("cut");
    rig.go(Input::Up);
    assert_eq!(seen(&rig.live("c1", "alerting")).len(), 1);
}

#[test]
fn presence_and_routing_status_are_told_once() {
    let mut rig = Rig::up();
    let presence = json!({ "presenceDefinition": { "id": "p1", "systemPresence": "ON_QUEUE" } });
    let routing = json!({ "id": "me", "routingStatus": { "status": "IDLE" } });
    let told = |rig: &mut Rig| {
        let out = rig.topic("v2.users.me.presence", &presence);
        let presences = out.iter().filter(|output| matches!(output, Output::Presence(_))).count();
        let out = rig.topic(ROUTING, &routing);
        (presences, out.iter().filter(|output| matches!(output, Output::Routing(_))).count())
    };
    assert_eq!(told(&mut rig), (1, 1));
    assert_eq!(told(&mut rig), (0, 0));
}

#[rstest]
#[case::before_it_is_up(Rig::new())]
#[case::during_the_re_list(Rig::relisting())]
fn an_offer_rings_at_once_without_waiting_for_a_list(#[case] mut rig: Rig) {
    assert_eq!(seen(&rig.live("c1", "alerting")), [("c1", Source::Live)]);
}

#[test]
fn what_was_heard_during_a_look_has_two_versions_and_is_looked_at_again() {
    let mut rig = Rig::relisting();
    rig.live("c1", "connected");
    let out = rig.listed(Ok(&[call("c1", "alerting"), call("c2", "connected")]));
    assert_eq!(seen(&out), [("c1", Source::Recovered), ("c2", Source::Recovered)]);
    assert_eq!(look_ups(&out), [("c1", Medium::Call)]);
    let out = rig.me_read("IDLE");
    assert!(!closed(&out).is_empty(), "the gap does not wait for that");
}

#[test]
fn what_was_heard_during_a_look_is_not_absent() {
    let mut rig = Rig::relisting();
    rig.knows("c1");
    rig.live("c1", "connected");
    assert!(look_ups(&rig.answer(&[])).is_empty());
}

#[test]
fn what_cannot_be_read_is_counted_and_described_without_its_content() {
    let mut rig = Rig::up();
    assert_eq!(rig.feed.notice(), None);
    rig.go(Input::Unreadable { fingerprint: "not JSON at byte 0 of 9 (SHA-256 0011…)".into() });
    assert!(rig.topic(CONVERSATIONS, &json!(["canary"])).is_empty());
    assert!(rig.topic(CONVERSATIONS, &json!({ "participants": "canary" })).is_empty());
    let notice = rig.feed.notice().expect("said");
    assert!(notice.trouble.message.starts_with("3 "), "{notice:?}");
    assert!(!notice.trouble.message.contains("canary"), "{notice:?}");
    assert_eq!(seen(&rig.live("c1", "alerting")).len(), 1, "and hearing goes on");
}

#[test]
fn topics_that_are_not_ours_say_nothing_to_the_desk_and_are_on_record() {
    let mut rig = Rig::up();
    assert!(rig.topic("v2.users.me.voicemail", &json!({})).is_empty());
    assert!(rig.topic("v2.something.new", &json!([])).is_empty());
    let topics: Vec<_> = rig.recorded.iter().map(|event| event.topic.as_str()).collect();
    assert_eq!(topics, ["v2.users.me.voicemail", "v2.something.new"]);
    assert_eq!(rig.feed.notice(), None);
}

#[test]
fn nobodys_events_are_told_after_sign_out() {
    let mut rig = Rig::up();
    rig.go(Input::SignedOut);
    assert!(rig.live("c1", "alerting").is_empty());
}

#[test]
fn each_event_is_on_record_once_and_in_order() {
    let mut rig = Rig::up();
    for state in ["alerting", "alerting", "connected", "alerting"] {
        rig.live("c1", state);
    }
    assert_eq!(rig.recorded.len(), 3, "a body equal to the one before says nothing new, and A-B-A stays A-B-A");
    assert!(rig.recorded.iter().all(|event| event.subject == "c1" && event.source == Source::Live));
}

#[test]
fn live_events_wait_for_the_re_list_and_two_seconds_at_most() {
    let mut rig = Rig::relisting();
    let rung = rig.live("c1", "alerting");
    assert_eq!(seen(&rung).len(), 1, "what rings does not wait");
    assert!(rig.recorded.is_empty());
    rig.answer(&[]);
    assert_eq!(rig.recorded.len(), 1);

    let mut rig = Rig::relisting();
    rig.live("c1", "alerting");
    rig.pass(ms(1_999));
    assert!(rig.recorded.is_empty());
    rig.pass(ms(1));
    assert_eq!(rig.recorded.len(), 1);

    let mut rig = Rig::relisting();
    rig.live("c1", "alerting");
    rig.lost("again");
    assert_eq!(rig.recorded.len(), 1, "nothing that was heard is lost with the socket");
}

#[test]
fn where_there_is_no_user_nobody_is_looked_at() {
    let mut rig = Rig::new();
    rig.feed.me = None;
    rig.go(Input::Up);
    rig.pass(s(10));
    rig.go(Input::RereadAgent);
    assert!(rig.pass(s(10)).is_empty());
}
