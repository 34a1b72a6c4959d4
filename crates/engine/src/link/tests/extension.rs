//! A channel that is extended, and one that is not.

use super::*;
use crate::record::HandOver;

/// A connection whose channel is at half its life of two minutes: the PUT that extends it has just been sent.
fn at_half_life(stated: bool) -> Rig {
    let mut rig = Rig::creating();
    let expires = stated.then(|| rig.wall() + millis(s(120)));
    rig.created(Ok(expires));
    rig.subscribed(Ok(true));
    rig.opened();
    rig.listen(if stated { s(60) } else { CHANNEL_LIFETIME / 2 });
    rig
}

fn asked(rig: &mut Rig) -> bool {
    rig.subscribed(Ok(true)).contains(&Output::AskExpiry { epoch: 1, generation: 1 })
}

fn expiry(rig: &mut Rig, result: Result<Option<Millis>, ApiError>) -> Vec<Output> {
    rig.go(Input::Expiry { epoch: 1, result })
}

fn hands_over(out: &[Output]) -> bool {
    let begun = |output: &Output| matches!(output, Output::HandOver(HandOver::Begun { trouble, .. }) if trouble.code == "channel.ends");
    out.iter().any(begun) && begins(out)
}

#[test]
fn an_end_that_moved_needs_nothing_more() {
    let mut rig = at_half_life(true);
    assert!(asked(&mut rig));
    let later = rig.wall() + millis(s(120));
    assert_eq!(expiry(&mut rig, Ok(Some(later))), []);
    rig.listen(s(59));
    assert!(
        subscribes(&rig.pass(s(1)).into_iter().map(|(_, output)| output).collect::<Vec<_>>()),
        "the next half-life"
    );
}

#[test]
fn an_end_that_did_not_move_or_is_not_stated_is_handed_over() {
    for stated in [true, false] {
        let mut rig = at_half_life(true);
        assert!(asked(&mut rig));
        let same = stated.then(|| rig.link.live.as_ref().unwrap().channel.stated.unwrap());
        let out = expiry(&mut rig, Ok(same));
        assert!(hands_over(&out), "{out:?}");
        assert_eq!(rig.state(), LinkState::Connected);
        assert!(lost(&rig.take_over()).is_none());
    }
}

#[test]
fn a_channel_whose_end_is_never_stated_is_replaced_at_its_half_life() {
    let mut rig = at_half_life(false);
    assert!(asked(&mut rig));
    assert!(hands_over(&expiry(&mut rig, Ok(None))));
}

#[test]
fn an_end_that_is_stated_only_afterwards_is_believed() {
    let mut rig = at_half_life(false);
    assert!(asked(&mut rig));
    let later = rig.wall() + millis(s(600));
    assert_eq!(expiry(&mut rig, Ok(Some(later))), []);
}

#[test]
fn what_cannot_be_learnt_is_asked_three_times_and_then_handed_over() {
    let mut rig = at_half_life(true);
    for last in [false, false, true] {
        assert!(asked(&mut rig));
        let out = expiry(&mut rig, Err(status(503)));
        assert_eq!(hands_over(&out), last, "{out:?}");
        assert!(rig.link.live());
        if !last {
            rig.listen(EXTEND_RETRY);
        }
    }
}

#[test]
fn a_401_suspects_the_token_and_leaves_the_socket_alone() {
    let mut rig = at_half_life(true);
    let out = rig.subscribed(Err(status(401)));
    assert_eq!(out, [Output::Suspect { generation: 1 }]);
    assert!(rig.link.live());
}

#[test]
fn an_answer_nobody_waits_for_changes_nothing() {
    let mut rig = Rig::stable();
    assert_eq!(expiry(&mut rig, Ok(None)), []);
    assert_eq!(rig.go(Input::Expiry { epoch: 7, result: Ok(None) }), []);
}
