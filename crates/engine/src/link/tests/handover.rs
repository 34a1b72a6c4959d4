//! A planned change: each cause, each way in which it can go wrong, and that the old socket is not touched until another
//! one has proved itself.

use rstest::rstest;

use super::*;
use crate::record::HandOver;

/// What a hand-over went through, as on record.
pub(super) fn phases(out: &[Output]) -> Vec<&'static str> {
    out.iter()
        .filter_map(|output| match output {
            Output::HandOver(HandOver::Begun { .. }) => Some("begun"),
            Output::HandOver(HandOver::Failed { .. }) => Some("failed"),
            Output::HandOver(HandOver::Done { .. }) => Some("done"),
            _ => None,
        })
        .collect()
}

/// Why the hand-over began.
fn why(out: &[Output]) -> Option<&str> {
    out.iter().find_map(|output| match output {
        Output::HandOver(HandOver::Begun { trouble, .. }) => Some(trouble.code.as_str()),
        _ => None,
    })
}

pub(super) fn outputs(said: Vec<(Duration, Output)>) -> Vec<Output> {
    said.into_iter().map(|(_, output)| output).collect()
}

pub(super) fn drops(out: &[Output]) -> Vec<u64> {
    out.iter().filter_map(|output| if let Output::Drop { epoch } = output { Some(*epoch) } else { None }).collect()
}

pub(super) fn renewal(rig: &mut Rig) -> Vec<Output> {
    rig.token(2, true, false)
}

pub(super) fn sign_in(rig: &mut Rig) -> Vec<Output> {
    rig.token(2, false, true)
}

fn closing(rig: &mut Rig) -> Vec<Output> {
    rig.heard(Heard::Closing)
}

fn sign_in_after_loss(rig: &mut Rig) -> Vec<Output> {
    rig.go(Input::TokenLost(trouble::sign_in_needed("Your sign-in has ended.")));
    sign_in(rig)
}

/// A hand-over whose next connection is still identifying.
pub(super) fn identifying() -> Rig {
    let mut rig = Rig::stable();
    assert!(begins(&sign_in(&mut rig)));
    rig
}

pub(super) fn creating() -> Rig {
    let mut rig = identifying();
    rig.identified(Ok(()));
    rig
}

pub(super) fn opening() -> Rig {
    let mut rig = creating();
    rig.created(Ok(None));
    rig
}

/// Subscribed and open, though no pong has come.
fn proving() -> Rig {
    let mut rig = opening();
    rig.subscribed(Ok(true));
    rig.opened();
    rig
}

pub(super) fn overlapping() -> Rig {
    let mut rig = proving();
    rig.pongs();
    rig.pass(s(1));
    rig.pongs();
    rig
}

pub(super) fn comparing() -> Rig {
    let mut rig = overlapping();
    rig.listen(s(5));
    rig
}

#[rstest]
#[case::renewed_token(renewal, "token.changes")]
#[case::new_sign_in(sign_in, "token.changes")]
#[case::sign_in_after_the_token_was_lost(sign_in_after_loss, "token.changes")]
#[case::socket_closing(closing, "socket.closing")]
fn each_cause_is_a_hand_over_without_a_gap(#[case] cause: fn(&mut Rig) -> Vec<Output>, #[case] code: &str) {
    let mut rig = Rig::stable();
    let mut said = cause(&mut rig);
    assert!(begins(&said), "at once, as the dice say: {said:?}");
    assert_eq!((phases(&said), why(&said)), (vec!["begun"], Some(code)));
    said.extend(rig.take_over());
    assert_eq!(drops(&said), [1]);
    assert!(lost(&said).is_none() && !said.contains(&Output::Up), "no gap: {said:?}");
    assert_eq!(phases(&said).last(), Some(&"done"));
    assert_eq!((rig.state(), rig.link.epoch(), rig.link.sockets()), (LinkState::Connected, Some(2), 1));
    rig.listen(s(60));
    assert_eq!(rig.view().attempt, 0, "and it becomes stable like any other");
}

#[test]
fn an_announced_end_is_spread_over_five_seconds() {
    let mut rig = Rig::stable();
    rig.dice = u64::MAX / 2;
    let out = rig.heard(Heard::Closing);
    assert!(!begins(&out) && !suspects(&out), "{out:?}");
    rig.pass(ms(2499));
    assert_eq!(rig.link.next.as_ref().map(|next| next.epoch), None);
    rig.pongs();
    assert!(begins(&outputs(rig.pass(ms(2)))));
    assert_eq!(rig.heard(Heard::Closing), [], "said again, it changes nothing");
    assert_eq!(rig.state(), LinkState::Connected);
}

#[test]
fn the_old_socket_goes_only_after_proof_overlap_and_comparison() {
    let mut rig = proving();
    assert_eq!(rig.link.sockets(), 2);
    let said = outputs(rig.pass(s(4)));
    assert!(!said.contains(&Output::Compare { epoch: 2 }), "nothing was heard on it yet: {said:?}");
    rig.pongs();
    for _ in 0..4 {
        let said = outputs(rig.pass(s(1)));
        assert!(!said.contains(&Output::Compare { epoch: 2 }), "the overlap counts from the proof: {said:?}");
        rig.pongs();
    }
    assert!(outputs(rig.pass(s(1))).contains(&Output::Compare { epoch: 2 }));
    assert_eq!(rig.link.epoch(), Some(1), "the comparison is not done");
    assert_eq!(drops(&rig.go(Input::Compared { epoch: 2 })), [1]);
}

#[test]
fn a_server_without_pongs_proves_itself_with_any_frame() {
    let mut rig = proving();
    for epoch in [1, 2] {
        rig.go(Input::Heard { epoch, heard: Heard::Frame });
    }
    let said: Vec<_> = rig.pass(s(9)).into_iter().filter(|(_, out)| *out == Output::Compare { epoch: 2 }).collect();
    assert_eq!(said.len(), 1);
    assert_eq!(said[0].0, s(8), "three seconds for a pong, five of overlap");
}

#[test]
fn a_comparison_without_end_holds_nothing_up_for_ever() {
    let mut rig = comparing();
    let mut said = Vec::new();
    for _ in 0..21 {
        said.extend(outputs(rig.pass(s(1))));
        rig.pongs();
    }
    assert_eq!(phases(&said), ["done"]);
    assert_eq!(rig.go(Input::Compared { epoch: 2 }), [], "late, it changes nothing");
}

#[test]
fn an_old_socket_that_was_not_heard_in_the_overlap_is_waited_for() {
    let mut rig = opening();
    rig.pass(ms(10));
    rig.subscribed(Ok(true));
    rig.opened();
    rig.go(Input::Heard { epoch: 2, heard: Heard::Pong });
    let mut said = Vec::new();
    for _ in 0..8 {
        said.extend(outputs(rig.pass(s(1))));
        rig.go(Input::Heard { epoch: 2, heard: Heard::Pong });
    }
    assert!(!said.contains(&Output::Compare { epoch: 2 }), "{said:?}");
    assert!(rig.go(Input::Heard { epoch: 1, heard: Heard::Pong }).contains(&Output::Compare { epoch: 2 }));
}

#[rstest]
#[case::identify_503(identifying(), |rig: &mut Rig| rig.identified(Err(status(503))))]
#[case::create_500(creating(), |rig: &mut Rig| rig.created(Err(status(500))))]
#[case::subscribe_503(opening(), |rig: &mut Rig| rig.subscribed(Err(status(503))))]
#[case::upgrade_503(opening(), |rig: &mut Rig| rig.not_opened(refused(503)))]
#[case::closed_before_proof(proving(), |rig: &mut Rig| rig.closed(Some(1011), ""))]
#[case::cut_off_in_the_overlap(overlapping(), |rig: &mut Rig| rig.closed(None, ""))]
#[case::closed_while_comparing(comparing(), |rig: &mut Rig| rig.closed(Some(1012), ""))]
fn one_that_fails_leaves_the_old_one_alone_and_is_tried_again(
    #[case] mut rig: Rig,
    #[case] fail: fn(&mut Rig) -> Vec<Output>,
) {
    let out = fail(&mut rig);
    assert_eq!(drops(&out), [2]);
    assert_eq!(phases(&out)[0], "failed");
    assert!(lost(&out).is_none());
    assert_eq!((rig.state(), rig.link.epoch()), (LinkState::Connected, Some(1)));
    rig.pongs();
    rig.retried_after(&out);
    assert_eq!(rig.epoch(), 3);
    let said = rig.take_over();
    assert_eq!((drops(&said), phases(&said)), (vec![1], vec!["done"]));
}

#[test]
fn failures_back_off_and_the_old_one_hears_on() {
    let mut rig = Rig::stable();
    rig.dice = u64::MAX;
    renewal(&mut rig);
    let mut waits = Vec::new();
    for _ in 0..8 {
        rig.created(Err(status(503)));
        let from = rig.now;
        while rig.link.next.is_none() {
            rig.pass(ms(100));
            rig.pongs();
        }
        waits.push((rig.now - from).as_secs());
    }
    assert!(waits[0] <= 3 && waits[1..].is_sorted(), "{waits:?}");
    assert!(waits[7] >= 29 && waits[7] <= 31, "{waits:?}");
    assert_eq!((rig.state(), rig.link.epoch()), (LinkState::Connected, Some(1)));
}

#[test]
fn retry_after_is_obeyed_while_the_old_one_hears() {
    let mut rig = creating();
    rig.created(Err(limited(429, Some(7))));
    assert_eq!(
        (rig.state(), rig.code().as_str(), rig.shown_wait()),
        (LinkState::Connected, "rate.limited", Some(7000))
    );
    for _ in 0..6 {
        let mut said = outputs(rig.pass(s(1)));
        said.extend(rig.go(Input::ReconnectNow));
        said.extend(rig.go(Input::Woke));
        said.extend(rig.token(2, true, false));
        said.extend(rig.heard(Heard::Closing));
        rig.pongs();
        assert!(!begins(&said), "{said:?}");
    }
    assert!(begins(&outputs(rig.pass(s(1)))));
}

#[test]
fn a_subscription_that_has_to_wait_waits_beside_the_open_sockets() {
    let mut rig = opening();
    rig.opened();
    rig.subscribed(Err(limited(429, Some(7))));
    rig.pongs();
    rig.listen(ms(6999) - s(6) + s(5));
    assert_eq!((rig.state(), rig.link.sockets()), (LinkState::Connected, 2));
    assert!(subscribes(&outputs(rig.pass(s(3)))));
}

#[rstest]
#[case::forbidden(creating(), |rig: &mut Rig| rig.created(Err(status(403))), "scope.missing")]
#[case::essential(opening(), |rig: &mut Rig| rig.subscribed(Ok(false)), "topic.essential")]
fn a_blocked_one_shows_its_trouble_over_a_connected_link(
    #[case] mut rig: Rig,
    #[case] block: fn(&mut Rig) -> Vec<Output>,
    #[case] code: &str,
) {
    let out = block(&mut rig);
    assert!(!suspects(&out), "{out:?}");
    assert_eq!((rig.state(), rig.code().as_str(), rig.shown_wait()), (LinkState::Connected, code, Some(5000)));
    rig.pongs();
    assert_eq!(rig.retried_after(&out), s(5));
}

#[test]
fn the_same_refusal_twice_with_a_proved_token_is_blocked_and_still_connected() {
    let mut rig = opening();
    let out = rig.not_opened(refused(403));
    assert!(out.contains(&Output::Suspect { generation: 2 }), "{out:?}");
    let out = rig.token(2, true, false);
    rig.pongs();
    rig.retried_after(&out);
    rig.created(Ok(None));
    let out = rig.not_opened(refused(403));
    assert!(!suspects(&out), "never two in a row from the same cause: {out:?}");
    assert_eq!((rig.state(), rig.code().as_str()), (LinkState::Connected, "refused.proved"));
}

#[test]
fn a_401_of_the_next_one_is_about_its_own_token() {
    let mut rig = Rig::stable();
    renewal(&mut rig);
    let out = rig.created(Err(status(401)));
    assert!(out.contains(&Output::Suspect { generation: 2 }), "{out:?}");
    assert_eq!((rig.state(), rig.link.epoch()), (LinkState::Connected, Some(1)));
    rig.pongs();
    assert_eq!(outputs(rig.pass(s(4))).iter().filter(|out| begins(std::slice::from_ref(out))).count(), 0);
    let out = rig.token(3, true, false);
    rig.pongs();
    rig.retried_after(&out);
    assert_eq!(rig.link.next.as_ref().map(|next| next.generation), Some(3));
    assert_eq!(phases(&rig.take_over()), ["done"]);
}

#[test]
fn what_happens_to_one_concerns_only_that_one() {
    let mut rig = overlapping();
    let out = rig.go(Input::Heard { epoch: 2, heard: Heard::Evicted });
    assert_eq!(drops(&out), [2]);
    assert_eq!((rig.state(), rig.link.epoch()), (LinkState::Connected, Some(1)));
}

#[test]
fn a_token_renewed_again_on_the_way_has_its_turn_after_this_one() {
    let mut rig = Rig::stable();
    renewal(&mut rig);
    rig.created(Ok(None));
    assert_eq!(rig.token(3, true, false), [], "quick renewals would never let one arrive");
    rig.subscribed(Ok(true));
    rig.opened();
    let mut said = Vec::new();
    for _ in 0..6 {
        rig.pongs();
        said.extend(outputs(rig.pass(s(1))));
    }
    said.extend(rig.go(Input::Compared { epoch: 2 }));
    assert_eq!(phases(&said), ["done", "begun"]);
    assert!(said.contains(&Output::CreateChannel { epoch: 3, generation: 3 }));
    rig.take_over();
    assert_eq!(rig.link.live.as_ref().map(|live| live.generation), Some(3));
}

#[test]
fn a_new_socket_that_is_told_to_go_takes_over_and_is_replaced_in_its_turn() {
    let mut rig = overlapping();
    assert_eq!(rig.go(Input::Heard { epoch: 2, heard: Heard::Closing }), []);
    let mut said = Vec::new();
    for _ in 0..5 {
        rig.pongs();
        said.extend(outputs(rig.pass(s(1))));
    }
    said.extend(rig.go(Input::Compared { epoch: 2 }));
    assert_eq!((phases(&said), why(&said)), (vec!["done", "begun"], Some("socket.closing")));
}

#[test]
fn a_new_sign_in_in_the_middle_begins_anew_with_it() {
    let mut rig = overlapping();
    let out = rig.token(3, false, true);
    assert_eq!(drops(&out), [2]);
    rig.pongs();
    rig.retried_after(&out);
    assert_eq!(rig.link.next.as_ref().map(|next| next.generation), Some(3));
    assert_eq!(phases(&rig.take_over()), ["done"]);
}

#[rstest]
#[case::shortest(0)]
#[case::middle(u64::MAX / 2)]
fn a_server_that_is_always_about_to_close_makes_no_storm(#[case] dice: u64) {
    let mut rig = Rig::stable();
    rig.dice = dice;
    let (end, mut attempts) = (rig.now + s(600), 0);
    rig.heard(Heard::Closing);
    while rig.now < end {
        let begun = rig.epoch();
        while rig.epoch() == begun {
            rig.pass(ms(250));
            rig.pongs();
            assert!(rig.link.sockets() <= 2);
        }
        attempts += 1;
        rig.take_over();
        assert_eq!(rig.link.sockets() - usize::from(rig.link.next.is_some()), 1);
        rig.heard(Heard::Closing);
    }
    assert!((10..=120).contains(&attempts), "{attempts}");
    assert_eq!(rig.state(), LinkState::Connected);
}
