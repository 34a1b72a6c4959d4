//! What the session says of the token, and what that does to a connection.

use super::*;

fn ended() -> Trouble {
    trouble::sign_in_needed("Your sign-in has ended.")
}

#[test]
fn a_live_socket_is_kept_when_the_token_is_lost_because_it_may_ring_yet() {
    let mut rig = Rig::stable();
    assert_eq!(rig.go(Input::TokenLost(ended())), []);
    assert_eq!((rig.state(), rig.code().as_str()), (LinkState::SignInNeeded, "sign_in.needed"));
    assert!(rig.link.live());
    rig.listen(s(60));
    assert!(rig.link.live(), "it is still watched");
    let out = rig.closed(None, "");
    assert!(lost(&out).is_some() && !begins(&out), "{out:?}");
    assert_eq!(rig.pass(s(3600)), [], "without a token nothing is tried");
    assert_eq!((rig.state(), rig.code().as_str()), (LinkState::SignInNeeded, "sign_in.needed"));
    assert!(begins(&rig.token(2, false, true)));
    assert_eq!(rig.state(), LinkState::Reconnecting);
}

#[test]
fn a_kept_socket_that_goes_silent_is_noticed() {
    let mut rig = Rig::stable();
    rig.go(Input::TokenLost(ended()));
    let said = rig.pass(s(13));
    assert!(said.iter().any(|(_, output)| matches!(output, Output::Lost { .. })), "{said:?}");
}

#[test]
fn an_attempt_that_has_not_got_through_ends_with_its_token() {
    for mut rig in [Rig::identifying(), Rig::creating(), Rig::opening()] {
        assert_eq!(rig.go(Input::TokenLost(ended())), [Output::Drop { epoch: 1 }]);
        assert_eq!(rig.pass(s(3600)), []);
        assert_eq!(rig.go(Input::ReconnectNow), []);
        assert_eq!(rig.go(Input::Woke), []);
        assert_eq!(rig.state(), LinkState::SignInNeeded);
    }
}

#[test]
fn a_renewed_token_in_the_middle_of_an_attempt_begins_with_the_new_one() {
    let mut rig = Rig::creating();
    let out = rig.token(2, true, false);
    rig.retried_after(&out);
    assert_eq!(rig.link.next.as_ref().map(|connection| connection.generation), Some(2));
}

#[test]
fn a_revoked_token_is_reported_and_nothing_is_tried_with_it() {
    let mut rig = Rig::stable();
    let out = rig.heard(Heard::Revoked);
    assert!(out.contains(&Output::Revoked { generation: 1 }) && lost(&out).is_some(), "{out:?}");
    assert_eq!(rig.pass(s(60)), []);
    assert_eq!(rig.code(), "token.revoked");
    let out = rig.token(2, true, false);
    rig.retried_after(&out);
    assert_eq!(rig.epoch(), 2);
}

#[test]
fn while_the_session_works_on_the_token_its_trouble_and_time_are_shown() {
    let mut rig = Rig::stable();
    rig.closed(Some(4001), "");
    assert_eq!(rig.state(), LinkState::Reconnecting);
    let trouble = Trouble::passing("server.error", "Genesys Cloud has a problem of its own (HTTP 503).");
    let until = Some(rig.now + s(4));
    assert_eq!(rig.go(Input::TokenWaiting { trouble, until }), []);
    assert_eq!((rig.code().as_str(), rig.shown_wait()), ("server.error", Some(4000)));
    assert_eq!(rig.go(Input::ReconnectNow), [], "the session hears of the click itself");
}

#[test]
fn the_sessions_trouble_is_not_shown_over_a_live_socket() {
    let mut rig = Rig::stable();
    rig.go(Input::TokenWaiting { trouble: Trouble::passing("server.error", "Trouble."), until: None });
    assert_eq!(rig.state(), LinkState::Connected);
    assert_eq!(rig.view().trouble, None);
}

#[test]
fn sign_out_forgets_all_but_the_count_of_epochs_and_the_floor() {
    let mut rig = Rig::stable();
    rig.closed(None, "");
    assert_eq!(rig.go(Input::SignedOut), [Output::Drop { epoch: 2 }]);
    assert_eq!(rig.state(), LinkState::Closed);
    assert_eq!(rig.view().trouble, None);
    assert_eq!(rig.pass(s(3600)), []);
    assert_eq!(rig.token(2, false, true), [Output::Identify { epoch: 3, generation: 2 }]);
    assert_eq!(rig.state(), LinkState::Connecting, "the new person was never connected");
    rig.go(Input::SignedOut);
    assert_eq!(rig.token(3, false, true), [], "not below the floor");
    assert_eq!(rig.until_attempt(), ATTEMPT_FLOOR);
}

#[test]
fn a_socket_kept_without_a_token_is_heard_out_to_its_end() {
    let mut rig = Rig::stable();
    rig.dice = u64::MAX / 2;
    rig.heard(Heard::Closing);
    rig.go(Input::TokenLost(trouble::sign_in_needed("The sign-in has ended.")));
    assert!(rig.heard(Heard::Closing).is_empty());
    rig.now += s(8);
    let out = rig.go(Input::Tick);
    assert!(!out.iter().any(|output| matches!(output, Output::Drop { .. })), "it may ring yet: {out:?}");
    assert_eq!(rig.view().state, LinkState::SignInNeeded);
    rig.closed(Some(1001), "");
    assert_eq!((rig.view().state, rig.link.deadline()), (LinkState::SignInNeeded, None));
}
