//! What came and went while Earshot could not hear, and the list of missed offers.

use super::*;

const WHY: &str = "The notification connection was cut off (code 1006).";

/// A desk in a gap that was noticed at 60 s.
fn deaf() -> Desk {
    let mut desk = Desk::new();
    agent::sign_in(&mut desk, WALL, at(0));
    desk.handle(Input::Deaf { why: Some(WHY.into()), since: None }, at(60_000));
    desk
}

#[test]
fn an_offer_that_came_and_went_in_the_gap_was_missed_because_of_it() {
    let mut desk = deaf();
    let out = recovered(&mut desk, with([over("l1", 70_000, "peer")]), at(80_000));
    assert_eq!((started(&out).len(), ended(&out).len()), (0, 0));
    let line = missed(&out)[0];
    assert_eq!((line.end, line.at, line.conversation.as_deref()), (OfferEnd::WhileDeaf, WALL + 70_000, Some("c1")));
    assert_eq!(
        line.reason,
        "Arrived while Earshot was reconnecting. The notification connection was cut off (code 1006)."
    );
    assert_eq!((line.caller.as_deref(), line.queue.as_deref()), (Some("Ana Pereira"), Some("Sales")));
    assert_eq!(recovered(&mut desk, with([over("l1", 70_000, "peer")]), at(81_000)), [], "told once");
    assert_eq!(live(&mut desk, with([LegSighting { held: true, ..over("l1", 70_000, "peer") }]), at(82_000)), []);
}

#[test]
fn what_the_agent_dealt_with_elsewhere_in_the_gap_was_not_missed() {
    let answered = LegSighting { connected_at: Some(WALL + 65_000), ..over("l1", 70_000, "peer") };
    let declined = over("l1", 70_000, "client");
    let own = LegSighting { outbound: true, ..over("l1", 70_000, "peer") };
    for last in [answered, declined, own] {
        assert_eq!(recovered(&mut deaf(), with([last]), at(80_000)), []);
    }
    let again = with([over("l1", 65_000, "transfer.noanswer"), connected("l2")]);
    assert_eq!(recovered(&mut deaf(), again, at(80_000)), [], "taken at the second attempt");
}

#[test]
fn what_ended_before_the_gap_is_history() {
    assert_eq!(recovered(&mut deaf(), with([over("l1", 5_000, "peer")]), at(80_000)), []);
    let mut desk = Desk::new();
    assert_eq!(recovered(&mut desk, with([over("l1", -5_000, "peer")]), at(0)), [], "nor what was before the sign-in");
}

#[test]
fn an_offer_still_alerting_after_the_gap_rings() {
    let mut desk = deaf();
    assert_eq!(started(&recovered(&mut desk, with([alerting("l1")]), at(80_000))), ["l1"]);
}

#[test]
fn an_offer_that_rang_and_ended_in_the_gap_says_so() {
    let mut desk = ringing();
    desk.handle(Input::Deaf { why: Some("close 1006".into()), since: None }, at(3_000));
    let out = recovered(&mut desk, with([over("l1", 20_000, "transfer.noanswer")]), at(30_000));
    assert_eq!(ended(&out), [("l1", OfferEnd::TimedOut)]);
    assert_eq!(missed(&out)[0].reason, "Rang 20 s, not answered, while Earshot was reconnecting. close 1006.");
}

#[test]
fn an_end_without_its_beginning_is_still_told() {
    let mut desk = Desk::new();
    agent::sign_in(&mut desk, WALL, at(0));
    let out = live(&mut desk, with([over("l1", 7_000, "peer")]), at(7_100));
    assert_eq!(missed(&out)[0].reason, "The caller hung up after 7 s, before Earshot heard of it");
    assert_eq!(missed(&out)[0].end, OfferEnd::CallerLeft);
    assert_eq!(started(&live(&mut desk, with([alerting("l1")]), at(7_200))), [] as [&str; 0]);
}

#[test]
fn a_gap_that_began_before_it_was_noticed_tells_what_ended_since() {
    let since = [None, Some(WALL + 60_000)];
    let told = since.map(|since| {
        let mut desk = Desk::new();
        agent::sign_in(&mut desk, WALL, at(0));
        desk.handle(Input::Deaf { why: Some(WHY.into()), since }, at(700_000));
        missed(&recovered(&mut desk, with([over("l1", 80_000, "peer")]), at(701_000))).len()
    });
    assert_eq!(told, [0, 1], "the computer slept");
}

#[test]
fn what_an_event_named_after_the_gap_is_still_told_when_it_is_looked_for() {
    let mut desk = deaf();
    desk.handle(Input::Deaf { why: None, since: None }, at(690_000));
    let out = live(&mut desk, with([over("l1", 65_000, "transfer.noanswer"), alerting("l2")]), at(700_000));
    assert_eq!(started(&out), ["l2"]);
    assert_eq!(missed(&out), Vec::<&MissedView>::new(), "heard long after its end");
    let sighting = with([over("l1", 65_000, "noAnswerTransfer")]);
    let past = |sighting| Input::Past { sighting, since: WALL + 60_000, why: WHY.into() };
    let out = desk.handle(past(sighting), at(710_000));
    assert_eq!(missed(&out)[0].reason, format!("Arrived while Earshot was reconnecting. {WHY}"));
    let sighting = with([over("l1", 65_000, "noAnswerTransfer"), alerting("l2")]);
    assert_eq!(missed(&desk.handle(past(sighting), at(720_000))), Vec::<&MissedView>::new(), "once");
}

#[test]
fn a_line_is_not_told_again_when_its_leg_has_been_forgotten() {
    let mut desk = deaf();
    recovered(&mut desk, with([over("l1", 70_000, "peer")]), at(80_000));
    let other = Sighting { conversation: "c2".into(), ..with([over("l2", 5_000, "peer")]) };
    recovered(&mut desk, other, at(3 * 3_600_000));
    assert_eq!(desk.legs.len(), 1, "forgotten");
    assert_eq!(
        missed(&recovered(&mut desk, with([over("l1", 70_000, "peer")]), at(3 * 3_600_001))),
        [] as [&MissedView; 0]
    );
    assert_eq!(desk.missed().len(), 1);
}

#[test]
fn what_ended_before_the_first_sign_in_is_nobodys_news() {
    let mut desk = Desk::new();
    tick(&mut desk, at(0));
    agent::sign_in(&mut desk, WALL + 60_000, at(60_000));
    assert_eq!(recovered(&mut desk, with([over("l1", 30_000, "peer")]), at(61_000)), []);
}

#[test]
fn one_that_nobody_can_describe_is_listed_all_the_same() {
    let mut desk = deaf();
    for n in 1..=2 {
        let out = desk.handle(Input::MissedUnseen { at: WALL + n, why: "close 1006".into() }, at(90_000));
        assert_eq!(
            missed(&out)[0].reason,
            "Something was offered while Earshot was reconnecting; details unavailable. close 1006."
        );
    }
    assert_eq!(desk.missed().len(), 2);
}

#[test]
fn the_list_is_newest_first_and_lines_can_be_taken_off() {
    let mut desk = deaf();
    for (name, ms) in [("l1", 61_000), ("l2", 63_000), ("l3", 62_000)] {
        let look = over(name, ms, "peer");
        recovered(&mut desk, Sighting { conversation: name.into(), ..with([look]) }, at(70_000));
    }
    let ids = |desk: &Desk| desk.missed().iter().map(|line| line.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&desk), ["l2", "l3", "l1"]);
    assert_eq!(command(&mut desk, Command::ForgetMissed { id: "l3".into() }, at(70_001)), []);
    assert_eq!(ids(&desk), ["l2", "l1"]);
}
