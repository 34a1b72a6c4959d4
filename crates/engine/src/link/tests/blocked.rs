//! What only a person can mend: said as such, tried again slowly, and never blamed on the token.

use rstest::rstest;

use super::*;

/// The token is checked, found good, and the next attempt has got as far as before.
fn proved(rig: &mut Rig, out: &[Output]) {
    assert!(out.contains(&Output::Suspect { generation: 1 }), "{out:?}");
    assert_eq!(rig.pass(s(5)), [], "nothing more before the token has been checked");
    let out = rig.token(1, true, false);
    let wait = rig.retried_after(&out);
    assert!(wait <= ATTEMPT_FLOOR, "{wait:?}");
}

fn upgrade_403(rig: &mut Rig) -> Vec<Output> {
    rig.created(Ok(None));
    rig.not_opened(refused(403))
}

fn upgrade_401(rig: &mut Rig) -> Vec<Output> {
    rig.created(Ok(None));
    rig.not_opened(refused(401))
}

fn create_401(rig: &mut Rig) -> Vec<Output> {
    rig.created(Err(status(401)))
}

fn subscribe_404(rig: &mut Rig) -> Vec<Output> {
    rig.created(Ok(None));
    rig.subscribed(Err(status(404)))
}

fn close_1008(rig: &mut Rig) -> Vec<Output> {
    rig.finish();
    rig.closed(Some(1008), "")
}

fn close_1000_token(rig: &mut Rig) -> Vec<Output> {
    rig.finish();
    rig.closed(Some(1000), "Token expired or invalid")
}

fn in_band_404(rig: &mut Rig) -> Vec<Output> {
    rig.finish();
    rig.heard(Heard::InBand(404))
}

#[rstest]
#[case::upgrade_403(upgrade_403)]
#[case::upgrade_401(upgrade_401)]
#[case::create_401(create_401)]
#[case::subscribe_404(subscribe_404)]
#[case::close_1008(close_1008)]
#[case::close_1000_about_a_token(close_1000_token)]
#[case::in_band_404(in_band_404)]
fn the_same_refusal_twice_with_a_proved_token_is_blocked(#[case] refusal: fn(&mut Rig) -> Vec<Output>) {
    let mut rig = Rig::creating();
    let out = refusal(&mut rig);
    assert_ne!(rig.state(), LinkState::Blocked, "once says nothing yet");
    proved(&mut rig, &out);
    assert_eq!(rig.epoch(), 2, "a new channel");
    let mut waits = Vec::new();
    for time in 1..=6 {
        let out = refusal(&mut rig);
        assert_eq!(suspects(&out), time > 1, "just proved, and asked about again after each slow retry: {out:?}");
        assert_eq!(rig.state(), LinkState::Blocked);
        assert_eq!(rig.code(), "refused.proved");
        waits.push(rig.retried_after(&out).as_secs());
    }
    assert_eq!(waits, [5, 10, 20, 40, 60, 60]);
    rig.finish();
    assert_eq!(rig.state(), LinkState::Connected);
    rig.listen(s(10));
    assert!(suspects(&rig.closed(Some(1008), "")), "after a stable connection it begins afresh");
}

#[test]
fn a_token_that_dies_while_blocked_is_found_out() {
    let mut rig = Rig::creating();
    let out = create_401(&mut rig);
    proved(&mut rig, &out);
    create_401(&mut rig);
    rig.until_attempt();
    assert!(suspects(&create_401(&mut rig)));
    assert!(rig.token(2, true, false).is_empty(), "the slow retry is not cut short");
    rig.until_attempt();
    rig.finish();
    assert_eq!(rig.state(), LinkState::Connected);
}

#[test]
fn another_refusal_after_the_proof_is_looked_into_again() {
    let mut rig = Rig::creating();
    let out = upgrade_403(&mut rig);
    proved(&mut rig, &out);
    assert!(suspects(&create_401(&mut rig)));
}

#[test]
fn a_renewed_token_is_tried_at_once_and_then_blocked() {
    let mut rig = Rig::creating();
    assert!(suspects(&create_401(&mut rig)));
    let out = rig.token(2, true, false);
    rig.retried_after(&out);
    let out = create_401(&mut rig);
    assert!(!suspects(&out), "{out:?}");
    assert_eq!(rig.state(), LinkState::Blocked);
}

#[test]
fn a_401_from_a_token_fresh_from_sign_in_means_the_wrong_region() {
    let mut rig = Rig::identifying();
    let out = rig.identified(Err(status(401)));
    assert!(!suspects(&out), "nothing to renew: {out:?}");
    assert_eq!((rig.state(), rig.code().as_str()), (LinkState::Blocked, "region.mismatch"));
    assert_eq!(rig.shown_wait(), Some(5000));
    assert_eq!(rig.until_attempt(), s(5));
    let out = rig.identified(Err(status(401)));
    assert_eq!(rig.retried_after(&out), s(10));
}

#[test]
fn once_accepted_a_token_is_no_longer_fresh() {
    let mut rig = Rig::creating();
    assert!(suspects(&rig.created(Err(status(401)))));
}

#[test]
fn without_the_essential_topic_it_is_never_connected() {
    let mut rig = Rig::opening();
    rig.opened();
    let out = rig.subscribed(Ok(false));
    assert!(!out.contains(&Output::Up) && out.contains(&Output::Drop { epoch: 1 }), "{out:?}");
    assert_eq!((rig.state(), rig.code().as_str()), (LinkState::Blocked, "topic.essential"));
    assert_eq!(rig.retried_after(&out), s(5));
}

#[test]
fn a_missing_permission_is_named_and_never_renews() {
    let missing = ApiError::Status(StatusError {
        status: 403,
        code: Some("missing.permissions".into()),
        message: Some("You lack notifications:channel:create".into()),
        context_id: None,
        retry_after: None,
        html: false,
    });
    let mut rig = Rig::creating();
    let out = rig.created(Err(missing));
    assert!(!suspects(&out), "{out:?}");
    assert_eq!(rig.state(), LinkState::Blocked);
    let trouble = rig.view().trouble.expect("trouble");
    assert!(trouble.message.contains("notifications:channel:create"), "{trouble:?}");
    assert!(trouble.cure.is_some_and(|cure| cure.contains("administrator")));
}

#[test]
fn a_person_who_has_mended_it_need_not_wait() {
    let mut rig = Rig::creating();
    rig.created(Err(status(403)));
    rig.pass(s(1));
    assert!(begins(&rig.go(Input::ReconnectNow)));
}

#[test]
fn passing_trouble_in_between_does_not_stay_blocked() {
    let mut rig = Rig::creating();
    rig.created(Err(status(403)));
    rig.until_attempt();
    rig.created(Err(status(503)));
    assert_eq!(rig.state(), LinkState::Connecting);
    rig.until_attempt();
    let out = rig.created(Err(status(403)));
    assert_eq!(rig.retried_after(&out), s(5));
}
