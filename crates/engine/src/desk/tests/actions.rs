//! Answer, decline, dismiss: sent once, while it makes sense, and honest about the outcome.

use rstest::rstest;

use super::*;

#[test]
fn an_answer_is_sent_once_and_confirmed_by_an_event() {
    let mut desk = ringing();
    let (action, sent) = request(&answer(&mut desk, "l1", at(100)));
    assert_eq!(sent, Request::Answer { conversation: "c1".into(), participant: "p-l1".into(), medium: Medium::Call });
    assert_eq!(only_offer(&desk).answer, ActionView::Pending);
    assert_eq!(answer(&mut desk, "l1", at(110)), [], "a second press does nothing");
    assert_eq!(acted(&mut desk, action, Ok(()), at(200)), []);
    assert_eq!(only_offer(&desk).answer, ActionView::Pending, "accepted is not yet answered");
    assert_eq!(ended(&live(&mut desk, with([connected("l1")]), at(300))), [("l1", OfferEnd::Answered)]);
    assert_eq!((desk.missed().len(), desk.deadline()), (0, None));
    assert_eq!(desk.conversations()[0].leg, "l1");
}

#[test]
fn the_event_may_come_before_the_answer_to_the_request() {
    let mut desk = ringing();
    let (action, _) = request(&answer(&mut desk, "l1", at(100)));
    assert_eq!(ended(&live(&mut desk, with([connected("l1")]), at(150))), [("l1", OfferEnd::Answered)]);
    assert_eq!(acted(&mut desk, action, Err(status(409, "")), at(200)), []);
}

#[test]
fn an_answer_that_nothing_comes_of_is_checked_and_then_said_to_have_failed() {
    let mut desk = ringing();
    let (action, _) = request(&answer(&mut desk, "l1", at(0)));
    acted(&mut desk, action, Ok(()), at(100));
    assert_eq!(desk.deadline(), Some(Duration::from_millis(5_100)));
    assert_eq!(tick(&mut desk, at(5_099)), []);
    assert_eq!(tick(&mut desk, at(5_100)), [Output::Reread { conversation: "c1".into(), medium: Medium::Call }]);
    assert_eq!(recovered(&mut desk, with([alerting("l1")]), at(5_200)), []);
    let out = tick(&mut desk, at(7_100));
    assert_eq!(failures(&out)[0].code, "answer.unconfirmed");
    let trouble = failed_with(&only_offer(&desk).answer).clone();
    assert_eq!(trouble.message, "Genesys Cloud accepted the answer, but the call is still alerting.");
    assert!(trouble.cure.unwrap().contains("Pick up on your phone"));
    // The agent does, and it was our answer all the same as far as anybody knows.
    assert_eq!(ended(&live(&mut desk, with([connected("l1")]), at(9_000))), [("l1", OfferEnd::Answered)]);
}

#[test]
fn a_request_that_is_never_answered_does_not_stay_pending() {
    let mut desk = ringing();
    answer(&mut desk, "l1", at(0));
    let mut failed = 0;
    for _ in 0..10 {
        let Some(deadline) = desk.deadline() else { break };
        let now = at(u64::try_from(deadline.as_millis()).unwrap());
        failed += failures(&tick(&mut desk, now)).len();
        if failed > 0 {
            break;
        }
    }
    assert_eq!(failed, 1);
    assert_eq!(failed_with(&only_offer(&desk).answer).code, "answer.unconfirmed");
}

#[test]
fn what_the_leg_says_about_a_failed_answer_is_told() {
    let mut desk = ringing();
    let (action, _) = request(&answer(&mut desk, "l1", at(0)));
    acted(&mut desk, action, Ok(()), at(10));
    let look = LegSighting { error: Some("The station is not connected.".into()), ..alerting("l1") };
    let out = live(&mut desk, with([look]), at(400));
    assert_eq!(failures(&out)[0].message, "Genesys Cloud could not connect it: The station is not connected.");
    assert_eq!(failed_with(&only_offer(&desk).answer).code, "answer.failed");
    assert_eq!(desk.deadline(), Some(Duration::from_secs(60)), "nothing to chase any more");
}

#[rstest]
#[case(
    status(403, "Missing permission conversation:participant:wrapup"),
    "permission.missing",
    "conversation:participant:wrapup"
)]
#[case(status(401, ""), "token.refused", "no longer accepts the sign-in")]
#[case(status(400, ""), "answer.refused", "did not take the answer")]
#[case(status(404, ""), "answer.refused", "did not take the answer")]
#[case(status(409, ""), "answer.refused", "did not take the answer")]
#[case(status(429, ""), "rate.limited", "asks to wait")]
#[case(status(503, ""), "server.error", "503")]
#[case(transport(TransportKind::Offline), "network.offline", "no network")]
#[case(transport(TransportKind::Timeout), "network.timeout", "in time")]
fn a_refused_answer_says_why_and_looks(#[case] error: ApiError, #[case] code: &str, #[case] words: &str) {
    let mut desk = ringing();
    let (action, _) = request(&answer(&mut desk, "l1", at(0)));
    let out = acted(&mut desk, action, Err(error), at(100));
    assert_eq!((failures(&out).len(), rereads(&out), requests(&out).len()), (1, 1, 0));
    let trouble = failed_with(&only_offer(&desk).answer).clone();
    assert_eq!(trouble.code, code);
    assert!(trouble.message.contains(words), "{}", trouble.message);
    assert!(trouble.cure.is_some(), "what to do stands beside it");
    assert_eq!(requests(&answer(&mut desk, "l1", at(200))).len(), 1, "the agent may try again");
}

#[test]
fn an_answer_that_was_refused_is_not_ours() {
    let mut desk = ringing();
    let (action, _) = request(&answer(&mut desk, "l1", at(0)));
    acted(&mut desk, action, Err(status(403, "")), at(100));
    assert_eq!(ended(&live(&mut desk, with([connected("l1")]), at(200))), [("l1", OfferEnd::AnsweredElsewhere)]);
}

#[test]
fn a_decline_is_sent_once_and_confirmed() {
    let mut desk = ringing();
    let (action, sent) = request(&decline(&mut desk, "l1", at(0)));
    assert_eq!(sent, Request::Decline { conversation: "c1".into(), participant: "p-l1".into(), medium: Medium::Call });
    assert_eq!(decline(&mut desk, "l1", at(1)), []);
    acted(&mut desk, action, Ok(()), at(2));
    assert_eq!(decline(&mut desk, "l1", at(3)), []);
    let out = live(&mut desk, with([over("l1", 500, "client")]), at(500));
    assert_eq!(out, [Output::Tell(Event::OfferEnded { leg: "l1".into(), end: OfferEnd::Declined })], "and not missed");
    assert_eq!(refusals(&decline(&mut desk, "l1", at(600))), ["offer.over"]);
}

#[test]
fn a_direct_call_is_declined_to_voicemail_and_a_direct_message_is_not() {
    for (medium, sent) in [
        (Medium::Call, Request::ToVoicemail { conversation: "c1".into(), participant: "p-l1".into() }),
        (
            Medium::Message,
            Request::Decline { conversation: "c1".into(), participant: "p-l1".into(), medium: Medium::Message },
        ),
    ] {
        let mut desk = Desk::new();
        let look = LegSighting { purpose: "user".into(), queue_id: None, queue_name: None, medium, ..alerting("l1") };
        live(&mut desk, with([look]), at(0));
        assert_eq!(request(&decline(&mut desk, "l1", at(1))).1, sent);
    }
}

#[rstest]
#[case::connected(with([connected("l1")]))]
#[case::ended(with([over("l1", 50, "peer")]))]
fn nothing_is_sent_for_a_leg_that_no_longer_alerts(#[case] last: Sighting) {
    let mut desk = ringing();
    live(&mut desk, last, at(50));
    let out = decline(&mut desk, "l1", at(60));
    assert_eq!((requests(&out).len(), refusals(&out)), (0, vec!["offer.over"]));
    let out = answer(&mut desk, "l1", at(70));
    assert_eq!((requests(&out).len(), refusals(&out)), (0, vec!["offer.over"]));
    assert_eq!(refusals(&decline(&mut desk, "unheard-of", at(80))), ["offer.over"]);
}

/// The pop-up, the window and the notification can each be pressed; whatever the order, and however far the first has
/// got, only the first is sent.
#[rstest]
#[case::answer_twice(answer, answer, &[])]
#[case::decline_twice(decline, decline, &[])]
#[case::answer_then_decline(answer, decline, &["answer.pending"])]
#[case::decline_then_answer(decline, answer, &["decline.pending"])]
fn of_two_presses_only_the_first_is_sent(
    #[case] first: fn(&mut Desk, &str, Moment) -> Vec<Output>,
    #[case] second: fn(&mut Desk, &str, Moment) -> Vec<Output>,
    #[case] refused: &[&str],
) {
    let mut desk = ringing();
    let (action, _) = request(&first(&mut desk, "l1", at(0)));
    let press = |desk: &mut Desk, ms| {
        let out = second(desk, "l1", at(ms));
        assert_eq!((requests(&out).len(), refusals(&out)), (0, refused.to_vec()), "after {ms} ms");
    };
    press(&mut desk, 1);
    acted(&mut desk, action, Ok(()), at(100));
    press(&mut desk, 101);
    // No event has come, and the truth is being asked for.
    tick(&mut desk, at(5_200));
    press(&mut desk, 5_201);
}

#[test]
fn a_decline_never_follows_an_answer_that_may_have_been_taken() {
    let mut desk = ringing();
    let (action, _) = request(&answer(&mut desk, "l1", at(0)));
    assert_eq!(refusals(&decline(&mut desk, "l1", at(10))), ["answer.pending"]);
    acted(&mut desk, action, Err(transport(TransportKind::Timeout)), at(20));
    assert_eq!(refusals(&decline(&mut desk, "l1", at(30))), ["offer.unsure"]);
    let shown = desk.offers().remove(0);
    assert!(
        matches!(shown.decline, ActionView::Failed { trouble } if trouble.code == "offer.unsure"),
        "and it is shown"
    );
    // A look says that it still alerts: the same look as before will do.
    recovered(&mut desk, with([alerting("l1")]), at(40));
    assert_eq!(requests(&decline(&mut desk, "l1", at(50))).len(), 1);
    assert_eq!(refusals(&answer(&mut desk, "l1", at(60))), ["decline.pending"]);
}

#[test]
fn a_decline_in_a_gap_waits_for_the_truth() {
    let mut desk = ringing();
    desk.handle(Input::Deaf { why: Some("close 1006".into()), since: None }, at(1_000));
    assert_eq!(
        refusals(&decline(&mut desk, "l1", at(2_000))),
        ["offer.unsure"],
        "it may have been picked up meanwhile"
    );
    assert_eq!(requests(&answer(&mut desk, "l1", at(2_500))).len(), 1, "an answer harms nobody");
    let mut desk = ringing();
    desk.handle(Input::Deaf { why: Some("close 1006".into()), since: None }, at(1_000));
    recovered(&mut desk, with([alerting("l1")]), at(3_000));
    assert_eq!(requests(&decline(&mut desk, "l1", at(3_100))).len(), 1);
}

#[test]
fn a_failed_decline_is_said_and_not_repeated() {
    let mut desk = ringing();
    let (action, _) = request(&decline(&mut desk, "l1", at(0)));
    let out = acted(&mut desk, action, Err(status(503, "")), at(10));
    assert_eq!((failures(&out).len(), requests(&out).len(), rereads(&out)), (1, 0, 1));
    for ms in (100..200_000).step_by(500) {
        assert_eq!(requests(&tick(&mut desk, at(ms))), []);
    }
}

#[test]
fn an_accepted_decline_that_nothing_comes_of_is_said() {
    let mut desk = ringing();
    let (action, _) = request(&decline(&mut desk, "l1", at(0)));
    acted(&mut desk, action, Ok(()), at(0));
    assert_eq!(rereads(&tick(&mut desk, at(5_000))), 1);
    assert_eq!(failures(&tick(&mut desk, at(7_000)))[0].code, "decline.unconfirmed");
    assert_eq!(ended(&live(&mut desk, with([over("l1", 7_100, "client")]), at(7_200))), [("l1", OfferEnd::Declined)]);
}

#[test]
fn dismiss_marks_and_sends_nothing() {
    let mut desk = ringing();
    assert_eq!(command(&mut desk, Command::Dismiss { leg: "l1".into() }, at(1)), []);
    assert!(only_offer(&desk).dismissed);
    assert_eq!(live(&mut desk, with([LegSighting { muted: true, ..alerting("l1") }]), at(2)), []);
    assert!(only_offer(&desk).dismissed, "and stays so");
    let out = live(&mut desk, with([over("l1", 20_000, "timeout"), alerting("l2")]), at(20_000));
    assert_eq!((missed(&out).len(), started(&out)), (1, vec!["l2"]));
    assert!(!only_offer(&desk).dismissed, "a new offer is a new offer");
    assert_eq!(command(&mut desk, Command::Dismiss { leg: "l1".into() }, at(3)), []);
}
