//! The live connection ends in the middle of a planned change, or what it told is in doubt: whether the next one takes over, and
//! from when on there is a gap.

use rstest::rstest;

use super::handover::{
    comparing, creating, drops, identifying, opening, outputs, overlapping, phases, renewal, sign_in,
};
use super::*;

#[rstest]
#[case::proved(overlapping())]
#[case::comparing(comparing())]
fn the_old_one_may_end_once_the_new_one_is_proved(#[case] mut rig: Rig) {
    let out = rig.go(Input::Ended { epoch: 1, end: End::Closed { code: Some(1000), reason: "Token expired".into() } });
    assert!(lost(&out).is_none(), "nothing was uncovered: {out:?}");
    assert_eq!((drops(&out), phases(&out)), (vec![1], vec!["done"]));
    assert!(out.contains(&Output::Compare { epoch: 2 }), "looked at once, since the overlap was short: {out:?}");
    assert!(!suspects(&out), "that token has had its time: {out:?}");
    assert_eq!((rig.state(), rig.link.epoch()), (LinkState::Connected, Some(2)));
}

#[test]
fn an_old_one_that_ends_before_the_proof_leaves_a_gap_up_to_the_new_one() {
    let mut rig = Rig::stable();
    let verified = rig.wall();
    sign_in(&mut rig);
    rig.now += s(1);
    rig.identified(Ok(()));
    rig.created(Ok(None));
    rig.subscribed(Ok(true));
    rig.opened();
    let out = rig.go(Input::Ended { epoch: 1, end: End::Closed { code: None, reason: String::new() } });
    assert_eq!(lost(&out), Some((verified, "socket.closed", false)));
    assert!(out.contains(&Output::Up), "re-listed at once: {out:?}");
    assert_eq!(phases(&out), ["done"]);
    assert_eq!(rig.state(), LinkState::Connected);
}

#[rstest]
#[case::identifying(identifying())]
#[case::creating(creating())]
#[case::opening(opening())]
fn an_old_one_that_ends_before_the_new_one_hears_is_a_reconnect_under_way(#[case] mut rig: Rig) {
    let verified = rig.wall();
    let out = rig.go(Input::Ended { epoch: 1, end: End::Closed { code: Some(1006), reason: String::new() } });
    assert_eq!(lost(&out), Some((verified, "socket.closed", false)));
    assert_eq!((drops(&out), phases(&out)), (vec![1], vec!["failed"]));
    assert!(!begins(&out), "one is under way: {out:?}");
    assert_eq!((rig.state(), rig.link.epoch()), (LinkState::Reconnecting, Some(2)));
    rig.finish();
    assert_eq!(rig.state(), LinkState::Connected);
}

#[test]
fn an_old_one_that_ends_while_another_attempt_waits_is_a_reconnect() {
    let mut rig = creating();
    rig.dice = u64::MAX;
    rig.created(Err(status(503)));
    let out = rig.go(Input::Ended { epoch: 1, end: End::Closed { code: None, reason: String::new() } });
    assert!(lost(&out).is_some());
    rig.retried_after(&out);
    rig.finish();
}

#[test]
fn an_old_one_that_ends_while_the_token_is_checked_waits_for_that() {
    let mut rig = creating();
    rig.created(Err(status(401)));
    let out = rig.go(Input::Ended { epoch: 1, end: End::Closed { code: None, reason: String::new() } });
    assert!(lost(&out).is_some() && !begins(&out), "{out:?}");
    assert!(rig.pass(s(60)).is_empty(), "the session is at work");
    let out = rig.token(3, true, false);
    rig.retried_after(&out);
    rig.finish();
}

#[test]
fn our_own_new_channel_that_evicts_the_old_one_is_no_fight() {
    for mut rig in [overlapping(), comparing()] {
        let out = rig.go(Input::Heard { epoch: 1, heard: Heard::Evicted });
        assert!(lost(&out).is_none(), "{out:?}");
        assert_eq!(phases(&out), ["done"]);
        assert_eq!(rig.state(), LinkState::Connected);
        assert_eq!(rig.link.evictions, 0);
    }
}

#[test]
fn tokens_that_are_revoked_end_both_unless_the_new_one_has_a_newer_token() {
    let mut rig = Rig::stable();
    rig.heard(Heard::Closing);
    rig.beside();
    let out = rig.go(Input::Heard { epoch: 1, heard: Heard::Revoked });
    assert_eq!(drops(&out), [2, 1]);
    assert!(lost(&out).is_some() && out.contains(&Output::Revoked { generation: 1 }), "{out:?}");
    assert_eq!(rig.pass(s(60)), []);
    let mut rig = overlapping();
    let out = rig.go(Input::Heard { epoch: 1, heard: Heard::Revoked });
    assert_eq!((drops(&out), phases(&out)), (vec![1], vec!["done"]));
}

#[test]
fn sign_out_in_the_middle_ends_both() {
    for mut rig in [identifying(), opening(), overlapping(), comparing()] {
        let out = rig.go(Input::SignedOut);
        assert_eq!((drops(&out), phases(&out)), (vec![2, 1], vec!["failed"]));
        assert_eq!((rig.state(), rig.link.deadline()), (LinkState::Closed, None));
    }
}

#[test]
fn a_token_lost_in_the_middle_keeps_the_old_one_alone() {
    for mut rig in [identifying(), opening(), comparing()] {
        let out = rig.go(Input::TokenLost(trouble::sign_in_needed("Your sign-in has ended.")));
        assert_eq!((drops(&out), phases(&out)), (vec![2], vec!["failed"]));
        assert!(rig.link.live() && rig.state() == LinkState::SignInNeeded);
    }
}

#[test]
fn another_person_is_no_hand_over() {
    let mut rig = identifying();
    let out = rig.go(Input::OtherPerson { epoch: 2 });
    assert_eq!((drops(&out), phases(&out)), (vec![1], vec!["failed"]));
    assert!(lost(&out).is_some());
    rig.finish();
    assert_eq!(rig.link.epoch(), Some(2));
}

#[test]
fn after_a_sleep_both_prove_themselves() {
    let mut rig = overlapping();
    let out = rig.go(Input::Woke);
    assert_eq!(out, [Output::Ping { epoch: 1 }, Output::Ping { epoch: 2 }]);
    let verified = rig.wall();
    rig.go(Input::Heard { epoch: 2, heard: Heard::Pong });
    let said = outputs(rig.pass(s(2)));
    assert_eq!((drops(&said), phases(&said)), (vec![1], vec!["done"]), "{said:?}");
    let mut rig = overlapping();
    rig.go(Input::Woke);
    let said = outputs(rig.pass(s(2)));
    assert_eq!(lost(&said).map(|(from, ..)| from), Some(verified), "both have slept: {said:?}");
    let losses = said.iter().filter(|output| matches!(output, Output::Lost { .. })).count();
    assert!(losses == 1 && !said.contains(&Output::Up), "what is dead itself takes over from nobody: {said:?}");
}

#[test]
fn what_heard_with_a_dead_token_is_replaced_at_once_and_leaves_a_gap() {
    let mut rig = Rig::stable();
    rig.go(Input::TokenDead { generation: 1 });
    assert!(rig.link.live(), "it may ring yet");
    renewal(&mut rig);
    rig.created(Ok(None));
    rig.subscribed(Ok(true));
    let out = rig.opened();
    assert!(lost(&out).is_some() && out.contains(&Output::Up), "{out:?}");
    assert_eq!((drops(&out), phases(&out)), (vec![1], vec!["done"]));
}

#[test]
fn a_deaf_one_is_replaced_at_once_and_leaves_a_gap() {
    let mut rig = overlapping();
    let out = rig.go(Input::Deaf);
    assert_eq!(lost(&out).map(|(_, code, _)| code), Some("socket.deaf"));
    assert_eq!((drops(&out), rig.link.epoch()), (vec![1], Some(2)));
}

#[test]
fn an_old_socket_that_was_half_open_leaves_a_gap() {
    let mut rig = Rig::stable();
    let verified = rig.wall();
    rig.pass(s(8));
    renewal(&mut rig);
    rig.created(Ok(None));
    rig.subscribed(Ok(true));
    rig.opened();
    let mut said = Vec::new();
    for _ in 0..5 {
        rig.go(Input::Heard { epoch: 2, heard: Heard::Pong });
        said.extend(outputs(rig.pass(s(1))));
    }
    assert_eq!(lost(&said), Some((verified, "socket.silent", false)), "{said:?}");
    assert!(said.contains(&Output::Up));
    assert_eq!(phases(&said), ["done"]);
    assert_eq!((rig.state(), rig.link.epoch()), (LinkState::Connected, Some(2)));
}
