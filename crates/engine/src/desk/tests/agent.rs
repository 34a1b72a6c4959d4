//! Presence, routing status, and the changes the agent asks for.

use std::collections::BTreeMap;

use earshot_genesys::wire;
use jiff::Timestamp;
use rstest::rstest;

use super::*;

pub(super) fn routing(status: &str, since: Millis) -> wire::RoutingStatus {
    wire::RoutingStatus { status: Some(status.into()), start_time: Some(stamp(since)), ..Default::default() }
}

/// Signs Ada in; Genesys' clock says `server`.
pub(super) fn sign_in(desk: &mut Desk, server: Millis, now: Moment) -> Vec<Output> {
    let me = wire::Me { date: Some(wire::ServerDate { current_date: Some(stamp(server)) }), ..ada() };
    desk.handle(Input::Me(Box::new(me)), now)
}

fn stamp(at: Millis) -> Timestamp {
    Timestamp::from_millisecond(at).unwrap()
}

fn definition(id: &str, system: &str, primary: bool) -> wire::PresenceDefinition {
    wire::PresenceDefinition {
        id: id.into(),
        system_presence: Some(system.into()),
        primary: Some(primary),
        ..Default::default()
    }
}

fn ada() -> wire::Me {
    let labels = |label: &str| BTreeMap::from([("de".to_owned(), "Pause".to_owned()), ("en_US".into(), label.into())]);
    wire::Me {
        id: "ada".into(),
        name: Some("Ada Moreno".into()),
        presence: Some(presence("av", "Available", WALL - 1_000)),
        routing_status: Some(routing("OFF_QUEUE", WALL - 1_000)),
        presence_definitions: vec![
            wire::PresenceDefinition { language_labels: labels("Lunch"), ..definition("lunch", "Meal", false) },
            definition("av", "Available", true),
            definition("oq2", "OnQueue", false),
            definition("oq", "OnQueue", true),
            definition("off", "Offline", true),
            definition("idle", "Idle", true),
            wire::PresenceDefinition { deactivated: Some(true), ..definition("old", "Busy", false) },
        ],
        ..Default::default()
    }
}

fn presence(id: &str, system: &str, at: Millis) -> wire::UserPresence {
    wire::UserPresence {
        presence_definition: Some(wire::PresenceReference { id: id.into(), system_presence: Some(system.into()) }),
        modified_date: Some(stamp(at)),
        ..Default::default()
    }
}

fn signed_in() -> Desk {
    let mut desk = Desk::new();
    assert_eq!(sign_in(&mut desk, WALL, at(0)), []);
    desk
}

fn told(desk: &mut Desk, id: &str, system: &str, ms: u64) -> Vec<Output> {
    desk.handle(Input::Presence(presence(id, system, at(ms).wall)), at(ms))
}

fn on_queue(desk: &mut Desk, on: bool, now: Moment) -> Vec<Output> {
    command(desk, Command::SetOnQueue { on }, now)
}

fn change(desk: &Desk) -> ActionView {
    desk.agent_view().unwrap().presence_change
}

fn wants(definition: &str) -> Request {
    Request::Presence { user: "ada".into(), definition: definition.into() }
}

#[test]
fn the_agent_is_shown_with_the_presences_to_choose_from() {
    let desk = signed_in();
    let view = desk.agent_view().unwrap();
    assert_eq!((view.id.as_str(), view.name.as_str(), desk.me()), ("ada", "Ada Moreno", Some("ada")));
    let choices: Vec<_> = view.presences.iter().map(|choice| (choice.id.as_str(), choice.label.as_str())).collect();
    assert_eq!(choices, [("av", "Available"), ("oq", "On Queue"), ("lunch", "Lunch"), ("oq2", "On Queue")]);
    assert_eq!((view.presence.label.as_str(), view.routing.status.as_str()), ("Available", "OFF_QUEUE"));
    assert!(!view.on_queue);
}

#[test]
fn the_newer_statement_wins_whatever_order_they_come_in() {
    let mut desk = signed_in();
    told(&mut desk, "oq", "ON_QUEUE", 2_000);
    assert!(desk.on_queue(), "events spell it in capitals");
    desk.handle(Input::Presence(presence("av", "AVAILABLE", WALL + 1_000)), at(3_000));
    assert!(desk.on_queue());
    desk.handle(Input::Routing(routing("IDLE", WALL + 2_000)), at(3_000));
    desk.handle(Input::Routing(routing("INTERACTING", WALL + 1_000)), at(3_001));
    assert_eq!(desk.agent_view().unwrap().routing.status, "IDLE");
    sign_in(&mut desk, WALL, at(4_000));
    assert!(desk.on_queue(), "a re-read that is older than the event takes nothing back");
}

#[test]
fn the_switch_goes_on_queue_and_back_to_where_the_agent_was() {
    let mut desk = signed_in();
    told(&mut desk, "lunch", "MEAL", 100);
    let (action, sent) = request(&on_queue(&mut desk, true, at(200)));
    assert_eq!(sent, wants("oq"));
    assert_eq!(change(&desk), ActionView::Pending);
    assert_eq!(on_queue(&mut desk, true, at(210)), [], "a second press does nothing");
    acted(&mut desk, action, Ok(()), at(300));
    assert_eq!(change(&desk), ActionView::Pending);
    told(&mut desk, "oq", "ON_QUEUE", 400);
    assert_eq!((change(&desk), desk.deadline()), (ActionView::Idle, None));
    assert_eq!(request(&on_queue(&mut desk, false, at(500))).1, wants("lunch"));
}

#[test]
fn off_queue_means_available_where_nothing_better_is_known() {
    let mut desk = Desk::new();
    let me = wire::Me { presence: Some(presence("oq", "OnQueue", WALL)), ..ada() };
    desk.handle(Input::Me(Box::new(me)), at(0));
    assert_eq!(request(&on_queue(&mut desk, false, at(1))).1, wants("av"));
    let mut desk = signed_in();
    told(&mut desk, "off", "OFFLINE", 100);
    told(&mut desk, "oq", "ON_QUEUE", 200);
    assert_eq!(request(&on_queue(&mut desk, false, at(300))).1, wants("av"), "never back to Offline");
}

#[test]
fn a_chosen_presence_is_sent_and_an_unknown_one_refused() {
    let mut desk = signed_in();
    let set = |id: &str| Command::SetPresence { id: id.into() };
    assert_eq!(request(&command(&mut desk, set("lunch"), at(1))).1, wants("lunch"));
    assert_eq!(refusals(&command(&mut desk, set("old"), at(2))), ["presence.unknown"]);
    assert_eq!(refusals(&command(&mut desk, set("made-up"), at(3))), ["presence.unknown"]);
    assert_eq!(refusals(&command(&mut Desk::new(), set("lunch"), at(4))), ["agent.unknown"]);
}

#[test]
fn a_later_choice_replaces_an_earlier_one() {
    let mut desk = signed_in();
    let (first, _) = request(&command(&mut desk, Command::SetPresence { id: "lunch".into() }, at(1)));
    on_queue(&mut desk, true, at(2));
    assert_eq!(acted(&mut desk, first, Err(status(500, "")), at(3)), []);
    assert_eq!(change(&desk), ActionView::Pending);
}

#[rstest]
#[case(true, status(403, ""), "You need the permission Routing > Agent > On Queue.")]
#[case(false, status(403, "missing x:y:z"), "You lack the permission x:y:z.")]
#[case(true, status(429, ""), "Genesys Cloud asks to wait: too many requests for your user.")]
#[case(true, status(400, ""), "Genesys Cloud did not accept this presence.")]
fn a_refused_change_says_why(#[case] queue: bool, #[case] error: ApiError, #[case] message: &str) {
    let mut desk = signed_in();
    let wanted = if queue { Command::SetOnQueue { on: true } } else { Command::SetPresence { id: "lunch".into() } };
    let (action, _) = request(&command(&mut desk, wanted, at(1)));
    let out = acted(&mut desk, action, Err(error), at(2));
    assert_eq!(failures(&out)[0].message, message);
    assert!(matches!(&out[0], Output::Tell(Event::ActionFailed { leg: None, .. })));
    assert_eq!(failed_with(&change(&desk)).message, message);
    told(&mut desk, "av", "AVAILABLE", 100);
    assert_eq!(failed_with(&change(&desk)).message, message, "the same presence again does not hide it");
    told(&mut desk, "busy", "BUSY", 200);
    assert_eq!(change(&desk), ActionView::Idle, "another presence does");
}

#[test]
fn a_change_that_does_not_show_is_looked_at_and_then_said_to_have_failed() {
    let mut desk = signed_in();
    let (action, _) = request(&on_queue(&mut desk, true, at(0)));
    acted(&mut desk, action, Ok(()), at(0));
    assert_eq!(desk.deadline(), Some(Duration::from_secs(5)));
    assert_eq!(tick(&mut desk, at(5_000)), [Output::RereadAgent]);
    let out = tick(&mut desk, at(7_000));
    assert_eq!(failures(&out)[0].code, "presence.unconfirmed");
    told(&mut desk, "oq", "ON_QUEUE", 8_000);
    assert_eq!(change(&desk), ActionView::Idle, "late, but there");
}

#[test]
fn users_me_confirms_a_change_as_well() {
    let mut desk = signed_in();
    on_queue(&mut desk, true, at(0));
    let me = wire::Me { presence: Some(presence("oq", "OnQueue", WALL + 10)), ..ada() };
    desk.handle(Input::Me(Box::new(me)), at(20));
    assert_eq!(change(&desk), ActionView::Idle);
}

#[test]
fn not_responding_is_cleared_on_demand_alone() {
    let mut desk = signed_in();
    assert_eq!(refusals(&command(&mut desk, Command::BackOnQueue, at(1))), ["routing.responding"]);
    assert_eq!(desk.handle(Input::Routing(routing("NOT_RESPONDING", WALL + 10)), at(10)), []);
    let (action, sent) = request(&command(&mut desk, Command::BackOnQueue, at(20)));
    assert_eq!(sent, Request::RoutingIdle { user: "ada".into() });
    acted(&mut desk, action, Ok(()), at(30));
    desk.handle(Input::Routing(routing("IDLE", WALL + 40)), at(40));
    assert_eq!(change(&desk), ActionView::Idle);
}

#[test]
fn back_on_queue_from_two_places_is_sent_once() {
    let mut desk = signed_in();
    desk.handle(Input::Routing(routing("NOT_RESPONDING", WALL + 10)), at(10));
    let (action, _) = request(&command(&mut desk, Command::BackOnQueue, at(20)));
    assert_eq!(command(&mut desk, Command::BackOnQueue, at(21)), []);
    acted(&mut desk, action, Ok(()), at(30));
    assert_eq!(command(&mut desk, Command::BackOnQueue, at(31)), []);
}

#[test]
fn the_way_back_from_the_queue_outlives_not_responding() {
    let mut desk = signed_in();
    told(&mut desk, "lunch", "MEAL", 100);
    told(&mut desk, "oq", "ON_QUEUE", 200);
    desk.handle(Input::Routing(routing("NOT_RESPONDING", WALL + 300)), at(300));
    let (action, _) = request(&command(&mut desk, Command::BackOnQueue, at(400)));
    acted(&mut desk, action, Ok(()), at(410));
    // Genesys states the presence anew with the change.
    told(&mut desk, "oq", "ON_QUEUE", 420);
    desk.handle(Input::Routing(routing("IDLE", WALL + 420)), at(420));
    assert_eq!(request(&on_queue(&mut desk, false, at(500))).1, wants("lunch"));
}

#[test]
fn guarantee_7_a_reconnect_changes_no_presence() {
    let mut desk = signed_in();
    told(&mut desk, "oq", "ON_QUEUE", 100);
    let mut out = desk.handle(Input::Deaf { why: Some("close 1006".into()), since: None }, at(1_000));
    out.extend(told(&mut desk, "off", "OFFLINE", 2_000));
    out.extend(sign_in(&mut desk, WALL + 3_000, at(3_000)));
    out.extend(desk.handle(Input::Deaf { why: None, since: None }, at(4_000)));
    for ms in (4_000..60_000).step_by(1_000) {
        out.extend(tick(&mut desk, at(ms)));
    }
    assert_eq!(out, []);
}

#[test]
fn another_agent_begins_with_an_empty_desk() {
    let mut desk = signed_in();
    live(&mut desk, with([alerting("l1")]), at(1));
    let me = wire::Me { id: "ben".into(), name: Some("Ben".into()), ..Default::default() };
    let out = desk.handle(Input::Me(Box::new(me)), at(2));
    assert_eq!(ended(&out), [("l1", OfferEnd::Withdrawn)]);
    assert_eq!((desk.offers().len(), desk.me()), (0, Some("ben")));
}

#[test]
fn calls_that_genesys_answers_by_itself_are_marked() {
    let mut desk = Desk::new();
    desk.handle(Input::Me(Box::new(wire::Me { acd_auto_answer: Some(true), ..ada() })), at(0));
    live(&mut desk, with([alerting("l1")]), at(1));
    assert!(only_offer(&desk).auto_answer);
    let mut desk = Desk::new();
    desk.handle(Input::Me(Box::new(wire::Me { acd_auto_answer: Some(true), ..ada() })), at(0));
    let direct = LegSighting { purpose: "user".into(), queue_id: None, queue_name: None, ..alerting("l1") };
    live(&mut desk, with([direct]), at(1));
    assert!(!only_offer(&desk).auto_answer);
}
