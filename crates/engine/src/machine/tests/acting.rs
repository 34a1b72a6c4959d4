//! Answer and decline through the whole machine: sent once, and honest about what became of them.

use super::*;

#[test]
fn an_answer_is_sent_once_and_confirmed_by_its_event() {
    let mut rig = Rig::ringing();
    rig.command(Command::Answer { leg: "c1-leg".into() });
    rig.command(Command::Answer { leg: "c1-leg".into() });
    rig.serve();
    rig.frame(frame_of("ada", "c1", "connected"));
    assert_eq!(rig.ended(), [("c1-leg", OfferEnd::Answered)]);
    rig.pass(s(20));
    assert_eq!(rig.count("Act"), 1);
    assert_eq!(rig.failures(), [""; 0]);
}

#[test]
fn an_answer_refused_with_401_fails_at_once_renews_and_is_not_repeated() {
    let mut rig = Rig::ringing();
    rig.server.dead.insert(1);
    rig.command(Command::Answer { leg: "c1-leg".into() });
    rig.serve();
    rig.pass(s(15));
    assert_eq!(rig.failures(), ["token.refused"]);
    assert_eq!((rig.count("Act"), rig.count("Check"), rig.count("Renew")), (1, 1, 1), "{:?}", rig.asked);
    rig.command(Command::Answer { leg: "c1-leg".into() });
    assert!(matches!(rig.pending.back(), Some(Effect::Act { generation: 2, .. })), "with the new token");
}

#[test]
fn a_decline_refused_with_401_is_never_repeated() {
    let mut rig = Rig::ringing();
    rig.server.dead.insert(1);
    rig.command(Command::Decline { leg: "c1-leg".into() });
    rig.serve();
    rig.pass(s(60));
    assert_eq!(rig.count("Act"), 1);
    assert_eq!(rig.failures(), ["token.refused"]);
    assert_eq!(rig.snapshot().offers.len(), 1, "it still rings at Genesys");
}

#[test]
fn a_web_page_for_a_401_blames_no_token() {
    let mut rig = Rig::ringing();
    rig.server.act = match refused(401) {
        ApiError::Status(status) => Err(ApiError::Status(StatusError { html: true, ..status })),
        other => Err(other),
    };
    rig.command(Command::Answer { leg: "c1-leg".into() });
    rig.serve();
    assert_eq!(rig.count("Check"), 0);
    assert_eq!(rig.failures(), ["network.portal"]);
}

#[test]
fn a_missing_permission_to_act_renews_nothing() {
    let mut rig = Rig::ringing();
    rig.server.act = Err(refused(403));
    rig.command(Command::Answer { leg: "c1-leg".into() });
    rig.serve();
    rig.pass(s(10));
    assert_eq!((rig.count("Check"), rig.count("Renew")), (0, 0));
    assert_eq!(rig.failures(), ["permission.missing"]);
}

#[test]
fn a_late_401_of_the_old_token_renews_nothing() {
    let mut rig = Rig::ringing();
    rig.command(Command::Answer { leg: "c1-leg".into() });
    let Some(Effect::Act { action, generation: 1, .. }) = rig.pending.pop_front() else { panic!("no action") };
    rig.server.dead.insert(1);
    rig.close(Some(4001), "");
    rig.serve();
    rig.pass(s(20));
    assert_eq!(rig.machine.generation(), 2);
    rig.forget();
    rig.go(Input::Acted { action, generation: 1, result: Err(refused(401)) });
    rig.serve();
    assert_eq!((rig.count("Check"), rig.count("Renew"), rig.count("Drop")), (0, 0, 0), "{:?}", rig.asked);
}

#[test]
fn dismiss_sends_nothing() {
    let mut rig = Rig::ringing();
    rig.command(Command::Dismiss { leg: "c1-leg".into() });
    assert_eq!(rig.asked, [""; 0]);
    assert!(rig.snapshot().offers[0].dismissed);
}

#[test]
fn a_command_about_nothing_is_refused_in_words() {
    let mut rig = Rig::up();
    rig.command(Command::Answer { leg: "never".into() });
    assert_eq!(rig.failures(), ["offer.over"]);
    assert_eq!(rig.asked, [""; 0]);
}

#[test]
fn an_answer_that_fails_while_nothing_connects_keeps_nobody_busy() {
    let mut rig = Rig::ringing();
    rig.close(None, "");
    rig.pending.clear();
    rig.command(Command::Answer { leg: "c1-leg".into() });
    let Some(Effect::Act { action, generation, request: Request::Answer { .. } }) = rig.pending.pop_back() else {
        panic!("no answer: {:?}", rig.asked)
    };
    rig.go(Input::Acted { action, generation, result: Err(refused(503)) });
    let now = rig.now;
    rig.go(Input::Tick);
    assert!(rig.machine.deadline().is_none_or(|at| at > now), "{:?} at {now:?}", rig.machine.deadline());
}
