//! One leg is one offer: it begins once, moves forward, ends once, and says how.

use std::sync::Arc;

use rstest::rstest;

use super::*;

#[test]
fn an_offer_rings_once_however_often_it_is_seen() {
    let mut desk = ringing();
    assert_eq!(live(&mut desk, with([alerting("l1")]), at(10)), []);
    assert_eq!(recovered(&mut desk, with([alerting("l1")]), at(20)), []);
    let mut other = alerting("l1");
    other.muted = true;
    assert_eq!(started(&live(&mut desk, with([other]), at(30))), [] as [&str; 0]);
    assert_eq!(only_offer(&desk).caller, "Ana Pereira");
    assert_eq!(only_offer(&desk).queue.as_deref(), Some("Sales"));
}

#[test]
fn the_source_is_told_and_a_recovered_offer_rings_as_well() {
    let mut desk = Desk::new();
    let out = recovered(&mut desk, with([alerting("l1")]), at(0));
    assert!(matches!(&out[..], [Output::Tell(Event::OfferStarted { source: Source::Recovered, .. })]), "{out:?}");
}

#[test]
fn a_leg_first_seen_connected_does_not_ring() {
    let mut desk = Desk::new();
    assert_eq!(live(&mut desk, with([connected("l1")]), at(0)), []);
    assert_eq!(desk.conversations()[0].state, "connected");
    assert_eq!(live(&mut desk, with([alerting("l1")]), at(1)), [], "nor does it go back");
    assert_eq!(desk.offers(), []);
}

#[rstest]
#[case::connected(LegState::Connected)]
#[case::disconnected(LegState::Disconnected)]
fn alerting_that_comes_late_is_ignored(#[case] further: LegState) {
    let mut desk = ringing();
    live(&mut desk, with([leg("l1", further)]), at(5));
    assert_eq!(started(&live(&mut desk, with([alerting("l1")]), at(6))), [] as [&str; 0]);
    assert_eq!(desk.offers(), []);
}

#[test]
fn a_requeue_to_the_same_agent_rings_again() {
    let mut desk = ringing();
    let out = live(&mut desk, with([over("l1", 20_000, "transfer.noanswer"), alerting("l2")]), at(20_000));
    assert_eq!(ended(&out), [("l1", OfferEnd::TimedOut)]);
    assert_eq!(started(&out), ["l2"]);
    let out = live(
        &mut desk,
        with([over("l1", 20_000, "transfer.noanswer"), over("l2", 30_000, "transfer.noanswer"), alerting("l3")]),
        at(30_000),
    );
    assert_eq!((ended(&out), started(&out)), (vec![("l2", OfferEnd::TimedOut)], vec!["l3"]));
    assert_eq!(desk.missed().len(), 2);
}

#[test]
fn absence_ends_nothing() {
    let mut desk = ringing();
    assert_eq!(live(&mut desk, with([]), at(5)), []);
    assert_eq!(live(&mut desk, with([connected("another")]), at(6)), []);
    assert_eq!(desk.offers().len(), 1);
    assert!(desk.knows_alive("c1"));
}

#[test]
fn a_conversation_that_is_over_or_gone_ends_its_offers() {
    let mut desk = ringing();
    let out = live(&mut desk, Sighting { ended: true, ..with([]) }, at(7_000));
    assert_eq!(ended(&out), [("l1", OfferEnd::CallerLeft)]);
    let mut desk = ringing();
    let out = desk.handle(Input::Gone { conversation: "c1".into() }, at(7_000));
    assert_eq!(ended(&out), [("l1", OfferEnd::Withdrawn)]);
    assert!(!desk.knows_alive("c1"));
    assert_eq!(live(&mut desk, with([alerting("l1")]), at(8_000)), [], "nor does it ring afterwards");
    let out = live(&mut desk, Sighting { ended: true, ..with([alerting("l9")]) }, at(9_000));
    assert_eq!(started(&out), [] as [&str; 0], "an ended conversation never rings");
}

#[rstest]
// disconnect type, caller gone, rang ms, stated time-out, end, reason
#[case("transfer.noanswer", false, 20_000, None, OfferEnd::TimedOut, Some("Rang 20 s, not answered"))]
#[case("timeout", false, 65_000, None, OfferEnd::TimedOut, Some("Rang 1 min 5 s, not answered"))]
#[case("system", false, 19_400, Some(20_000), OfferEnd::TimedOut, Some("Rang 19 s, not answered"))]
#[case("client", false, 19_400, Some(20_000), OfferEnd::TimedOut, Some("Rang 19 s, not answered"))]
#[case("client", false, 4_000, Some(20_000), OfferEnd::DeclinedElsewhere, None)]
#[case("endpoint", false, 4_000, None, OfferEnd::DeclinedElsewhere, None)]
#[case("client", true, 7_000, Some(20_000), OfferEnd::CallerLeft, Some("The caller hung up after 7 s"))]
#[case("endpoint", true, 7_000, None, OfferEnd::CallerLeft, Some("The caller hung up after 7 s"))]
#[case("peer", false, 7_000, None, OfferEnd::CallerLeft, Some("The caller hung up after 7 s"))]
#[case("", true, 7_000, None, OfferEnd::CallerLeft, Some("The caller hung up after 7 s"))]
#[case("transfer", false, 9_000, None, OfferEnd::Withdrawn, Some("Genesys Cloud took it back after 9 s"))]
#[case("something.new", false, 9_000, None, OfferEnd::Withdrawn, Some("Genesys Cloud took it back after 9 s"))]
fn each_end_has_its_name_and_its_words(
    #[case] word: &str,
    #[case] caller_gone: bool,
    #[case] rang: Millis,
    #[case] timeout: Option<Millis>,
    #[case] end: OfferEnd,
    #[case] reason: Option<&str>,
) {
    let mut desk = Desk::new();
    live(&mut desk, with([LegSighting { alerting_timeout_ms: timeout, ..alerting("l1") }]), at(0));
    let last = Sighting { caller_gone, ..with([over("l1", rang, word)]) };
    let out = live(&mut desk, last, at(rang.unsigned_abs() + 40));
    assert_eq!(ended(&out), [("l1", end)]);
    let lines: Vec<_> = missed(&out).into_iter().map(|line| (line.reason.as_str(), line.end, line.at)).collect();
    assert_eq!(lines, reason.map(|reason| (reason, end, WALL + rang)).into_iter().collect::<Vec<_>>());
    assert_eq!(desk.missed().len(), lines.len());
}

#[test]
fn not_responding_tells_a_time_out() {
    let mut desk = ringing();
    desk.handle(Input::Routing(super::agent::routing("NOT_RESPONDING", WALL + 12_000)), at(12_050));
    let out = live(&mut desk, with([over("l1", 12_000, "transfer")]), at(12_100));
    assert_eq!(ended(&out), [("l1", OfferEnd::TimedOut)]);
}

#[test]
fn not_responding_since_before_the_offer_tells_nothing_about_it() {
    let mut desk = Desk::new();
    desk.handle(Input::Routing(super::agent::routing("NOT_RESPONDING", WALL - 60_000)), at(0));
    live(&mut desk, with([alerting("l1")]), at(0));
    let out = live(&mut desk, with([over("l1", 12_000, "transfer")]), at(12_100));
    assert_eq!(ended(&out), [("l1", OfferEnd::Withdrawn)]);
}

#[test]
fn taken_with_another_client_is_no_missed_offer() {
    let mut desk = ringing();
    let out = live(&mut desk, with([connected("l1")]), at(5_000));
    assert_eq!(out, [Output::Tell(Event::OfferEnded { leg: "l1".into(), end: OfferEnd::AnsweredElsewhere })]);
    // The same, with "connected" itself unheard.
    let mut desk = ringing();
    let last = LegSighting { connected_at: Some(WALL + 3_000), ..over("l1", 9_000, "client") };
    let out = live(&mut desk, with([last]), at(9_000));
    assert_eq!(out, [Output::Tell(Event::OfferEnded { leg: "l1".into(), end: OfferEnd::AnsweredElsewhere })]);
}

#[test]
fn a_count_down_needs_both_its_start_and_its_span_from_the_api() {
    let cases = [(None, None), (Some(WALL), None), (None, Some(20_000)), (Some(WALL), Some(20_000))];
    for (alerting_since, alerting_timeout_ms) in cases {
        let mut desk = Desk::new();
        live(&mut desk, with([LegSighting { alerting_since, alerting_timeout_ms, ..alerting("l1") }]), at(2_000));
        let offer = only_offer(&desk);
        assert_eq!(offer.since, alerting_since.unwrap_or(WALL + 2_000));
        assert_eq!(offer.ends_at, (alerting_since.and(alerting_timeout_ms)).map(|_| WALL + 20_000));
    }
}

#[test]
fn what_an_event_leaves_out_is_asked_for_once() {
    let mut desk = Desk::new();
    let bare = LegSighting { alerting_since: None, alerting_timeout_ms: Some(20_000), ..alerting("l1") };
    let out = live(&mut desk, with([bare.clone()]), at(0));
    assert_eq!(out[1..], [Output::Reread { conversation: "c1".into(), medium: Medium::Call }]);
    // The flat form answers: it names no leg.
    let answer = LegSighting { leg: "p-l1".into(), alerting_since: Some(WALL - 500), ..bare.clone() };
    assert_eq!(recovered(&mut desk, with([answer]), at(90)), []);
    assert_eq!((only_offer(&desk).leg.as_str(), only_offer(&desk).ends_at), ("l1", Some(WALL + 19_500)));
    assert_eq!(live(&mut desk, with([LegSighting { held: true, ..bare }]), at(100)), []);
    assert_eq!(only_offer(&desk).ends_at, Some(WALL + 19_500), "a look without the start takes nothing away");
}

#[test]
fn a_kind_that_cannot_be_read_alone_is_not_asked_for() {
    let mut desk = Desk::new();
    let bare = LegSighting { alerting_since: None, medium: Medium::Video, ..alerting("l1") };
    assert_eq!(rereads(&live(&mut desk, with([bare]), at(0))), 0);
}

#[test]
fn server_times_follow_this_computers_clock() {
    let mut desk = Desk::new();
    let hour = 3_600_000;
    super::agent::sign_in(&mut desk, WALL - hour, at(0));
    let look =
        LegSighting { alerting_since: Some(WALL - hour + 1_000), alerting_timeout_ms: Some(20_000), ..alerting("l1") };
    live(&mut desk, with([look]), at(1_500));
    assert_eq!((only_offer(&desk).since, only_offer(&desk).ends_at), (WALL + 1_000, Some(WALL + 21_000)));
}

#[test]
fn queue_names_are_remembered_by_id() {
    let mut desk = Desk::new();
    recovered(&mut desk, Sighting { conversation: "c0".into(), ..with([connected("l0")]) }, at(0));
    let out = live(&mut desk, with([LegSighting { queue_name: None, ..alerting("l1") }]), at(1));
    assert_eq!((only_offer(&desk).queue.as_deref(), rereads(&out)), (Some("Sales"), 0));
}

#[test]
fn a_leg_known_by_its_participant_is_the_same_leg_later() {
    let mut desk = Desk::new();
    let flat = LegSighting { leg: "p-l1".into(), ..alerting("l1") };
    assert_eq!(started(&recovered(&mut desk, with([flat]), at(0))), ["p-l1"]);
    assert_eq!(live(&mut desk, with([alerting("l1")]), at(1)), []);
    assert_eq!(request(&answer(&mut desk, "l1", at(2))).1, request_answer("p-l1"));
    assert_eq!(ended(&live(&mut desk, with([connected("l1")]), at(3))), [("p-l1", OfferEnd::Answered)]);
    let flat = LegSighting { leg: "p-l1".into(), ..alerting("l1") };
    assert_eq!(recovered(&mut desk, with([flat]), at(4)), [], "an answer that was long under way rings nothing");
}

#[test]
fn a_second_leg_of_the_same_participant_is_a_leg_of_its_own() {
    let mut desk = Desk::new();
    let of_p = |look: LegSighting| LegSighting { participant: "p".into(), ..look };
    live(&mut desk, with([of_p(over("l1", 0, "peer"))]), at(0));
    assert_eq!(started(&live(&mut desk, with([of_p(over("l1", 0, "peer")), of_p(alerting("l2"))]), at(1))), ["l2"]);
    // Known by the participant alone, it is the newest one that learns its name.
    let mut desk = Desk::new();
    let flat = LegSighting { leg: "p".into(), ..of_p(alerting("l2")) };
    assert_eq!(started(&recovered(&mut desk, with([flat]), at(0))), ["p"]);
    let both = with([of_p(over("l1", -9_000, "peer")), of_p(alerting("l2"))]);
    assert_eq!(live(&mut desk, both, at(1)), []);
    assert_eq!(only_offer(&desk).leg, "p");
}

fn request_answer(participant: &str) -> Request {
    Request::Answer { conversation: "c1".into(), participant: participant.into(), medium: Medium::Call }
}

#[test]
fn offers_stay_in_their_places() {
    let mut desk = Desk::new();
    for (name, since) in [("l1", 0), ("l3", 3_000), ("l2", 1_000)] {
        let look = LegSighting { alerting_since: Some(WALL + since), ..alerting(name) };
        recovered(&mut desk, Sighting { conversation: name.into(), ..with([look]) }, at(5_000));
    }
    let order = |desk: &Desk| desk.offers().into_iter().map(|offer| offer.leg).collect::<Vec<_>>();
    assert_eq!(order(&desk), ["l1", "l2", "l3"]);
    let late = LegSighting { alerting_since: Some(WALL - 9_000), ..alerting("l3") };
    live(&mut desk, Sighting { conversation: "l3".into(), ..with([late]) }, at(6_000));
    assert_eq!(order(&desk), ["l1", "l2", "l3"], "no card moves under the pointer");
}

#[test]
fn an_offer_whose_end_was_not_heard_is_looked_at() {
    let mut desk = Desk::new();
    live(&mut desk, with([LegSighting { alerting_timeout_ms: Some(20_000), ..alerting("l1") }]), at(0));
    assert_eq!(desk.deadline(), Some(Duration::from_secs(23)));
    assert_eq!(tick(&mut desk, at(22_999)), []);
    assert_eq!(rereads(&tick(&mut desk, at(23_000))), 1);
    assert_eq!(desk.deadline(), Some(Duration::from_secs(53)));
    desk.handle(Input::Deaf { why: Some("test".into()), since: None }, at(24_000));
    assert_eq!(desk.deadline(), None, "a gap's re-list does that by itself");
}

#[test]
fn direct_calls_and_subjects_and_flags_are_shown() {
    let mut desk = Desk::new();
    let direct = LegSighting { purpose: "user".into(), queue_id: None, queue_name: None, ..alerting("l1") };
    live(&mut desk, with([direct]), at(0));
    assert_eq!(
        (only_offer(&desk).direct, only_offer(&desk).decline_means.as_str()),
        (true, "Sends the caller to your voicemail.")
    );
    let mut desk = Desk::new();
    let mail =
        LegSighting { medium: Medium::Email, subject: Some("Order 17".into()), auto_answer: true, ..alerting("l1") };
    let nobody = Sighting { caller: Party::default(), ..with([mail]) };
    live(&mut desk, nobody, at(0));
    let offer = only_offer(&desk);
    assert_eq!((offer.subject.as_deref(), offer.auto_answer, offer.direct), (Some("Order 17"), true, false));
    assert_eq!(offer.decline_means, "Sends it back to the queue. You become Not Responding.");
    assert_eq!((offer.caller.as_str(), offer.address), ("Unknown caller", None));
}

#[test]
fn a_form_that_does_not_state_auto_answer_takes_none_back() {
    let mut desk = Desk::new();
    live(&mut desk, with([LegSighting { auto_answer: true, ..alerting("l1") }]), at(0));
    // The flat form, read for the queue's name, has no word about it.
    recovered(&mut desk, with([alerting("l1")]), at(50));
    assert!(only_offer(&desk).auto_answer);
}

#[test]
fn memory_is_bounded_and_forgetting_rings_nothing_new() {
    let mut desk = Desk::new();
    for n in 0..3_000_u64 {
        let name = format!("l{n}");
        let of = |legs| Sighting { conversation: format!("c{n}"), ..with([legs]) };
        live(&mut desk, of(alerting(&name)), at(n));
        live(&mut desk, of(over(&name, 0, "peer")), at(n));
    }
    assert_eq!(desk.legs.len(), super::super::limits::ENDED_KEPT);
    assert_eq!(desk.missed().len(), super::super::limits::MISSED_KEPT);
    for n in 0..3_000_u64 {
        live(&mut desk, Sighting { conversation: format!("d{n}"), ..with([alerting(&format!("m{n}"))]) }, at(5_000));
    }
    assert_eq!(desk.offers().len(), super::super::limits::OPEN_KEPT);
}

#[test]
fn what_was_missed_is_shared_until_it_changes() {
    let mut desk = Desk::new();
    live(&mut desk, with([alerting("l1")]), at(0));
    live(&mut desk, with([over("l1", 0, "peer")]), at(1));
    let shown = desk.missed();
    assert!(Arc::ptr_eq(&shown, &desk.missed()), "a snapshot copies nothing");
    command(&mut desk, Command::ForgetMissed { id: shown[0].id.clone() }, at(2));
    assert_eq!((shown.len(), desk.missed().len()), (1, 0), "what is shown already stays as it was");
}

#[test]
fn signing_out_clears_the_desk_and_stops_the_ring() {
    let mut desk = ringing();
    let (action, _) = request(&answer(&mut desk, "l1", at(1)));
    assert_eq!(ended(&desk.reset()), [("l1", OfferEnd::Withdrawn)]);
    assert_eq!((desk.offers().len(), desk.missed().len(), desk.alive().count()), (0, 0, 0));
    live(&mut desk, with([alerting("l2")]), at(2));
    let (next, _) = request(&answer(&mut desk, "l2", at(3)));
    assert!(next > action, "a late answer must not find a new request");
    assert_eq!(acted(&mut desk, action, Err(status(500, "")), at(4)), []);
}
