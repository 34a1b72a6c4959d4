//! A gap: opened at the last verified instant, merged with what touches it, closed after the re-list, settled after a
//! second look.

use rstest::rstest;

use super::*;

#[test]
fn the_first_connection_lists_and_has_no_gap() {
    let mut rig = Rig::new();
    assert!(!rig.feed.caught_up());
    let out = rig.go(Input::Up);
    assert_eq!((lists(&out), reads_of_me(&out)), (1, 1));
    assert!(!rig.feed.caught_up(), "what alerts already is not known yet");
    let out = rig.answer(&[call("c1", "alerting")]);
    assert_eq!(seen(&out), [("c1", Source::Recovered)]);
    assert!(closed(&out).is_empty());
    assert!(rig.feed.caught_up());
}

#[test]
fn a_gap_opens_at_the_last_verified_instant_and_closes_in_two_steps() {
    let mut rig = Rig::up();
    let verified = rig.wall() - 1000;
    let out = rig.lost("cut");
    assert_eq!(opened(&out), [(verified, "cut")]);
    assert_eq!(deafness(&out), [Some("The cause was cut")]);
    assert_eq!(lists(&out), 0, "nobody listens yet: what is listed now may be old when the socket opens");
    assert!(!rig.feed.caught_up());
    assert_eq!(rig.feed.deadline(), None, "until the link is up there is nothing to do");
    rig.now += s(5);
    let out = rig.go(Input::Up);
    assert_eq!((lists(&out), reads_of_me(&out)), (1, 1));
    assert!(!rig.feed.caught_up());
    rig.now += ms(300);
    assert!(closed(&rig.listed(Ok(&[]))).is_empty(), "the agent is still being read");
    rig.go(Input::Found { recovered: 2, missed: 1 });
    let to = rig.wall();
    let out = rig.me_read("IDLE");
    let record = only_closed(&out);
    assert_eq!((record.from, record.to, record.settled), (verified, to, false));
    assert_eq!((record.recovered, record.missed), (2, 1));
    assert_eq!(record.causes, [trouble("cut")]);
    assert_eq!(deafness(&out), [None]);
    assert!(rig.feed.caught_up());
    assert_eq!(rig.until_list(), Some(SECOND_LOOK));
    rig.go(Input::Found { recovered: 1, missed: 0 });
    let record = only_closed(&rig.answer(&[]));
    assert_eq!((record.from, record.to, record.settled, record.recovered), (verified, to, true, 3));
    assert_eq!(rig.until_list(), None, "off queue nothing is compared");
}

#[test]
fn a_token_found_dead_after_its_socket_widens_the_gap_to_the_last_agreement() {
    let mut rig = Rig::up();
    let agreed = rig.wall();
    rig.go(Input::OnQueue(true));
    rig.now += s(30);
    let verified = rig.wall() - 1000;
    assert_eq!(opened(&rig.lost("cut")), [(verified, "cut")]);
    rig.now += s(1);
    let used = agreed + 7_000;
    let out = rig.go(Input::Doubt { since: used });
    assert_eq!((opened(&out), deafness(&out)), (vec![(used, "cut")], vec![Some("The cause was cut")]));
    assert!(opened(&rig.go(Input::Doubt { since: verified + 500 })).is_empty(), "it was good until after the begin");
    rig.now += s(1);
    rig.go(Input::Up);
    assert_eq!(only_closed(&rig.answer(&[])).from, used);
}

#[test]
fn a_token_that_was_never_used_says_nothing_of_an_older_gap() {
    let mut rig = Rig::new();
    let verified = rig.wall() - 1000;
    assert_eq!(opened(&rig.lost("cut")), [(verified, "cut")]);
    assert!(opened(&rig.go(Input::Doubt { since: 0 })).is_empty());
}

#[test]
fn gaps_that_touch_are_one_and_the_old_re_list_is_dropped() {
    let mut rig = Rig::up();
    let verified = rig.wall() - 1000;
    rig.lost("first");
    rig.now += s(2);
    rig.go(Input::Up);
    let old = rig.look();
    rig.now += s(1);
    rig.lost("second");
    for input in [
        Input::Listed { look: old, result: Ok(conversations(&[call("c1", "alerting")])), known: Vec::new() },
        Input::Listed { look: old, result: Err(limited(429, Some(60))), known: Vec::new() },
        Input::MeRead { look: old, result: Ok(me("NOT_RESPONDING")) },
        Input::MeRead { look: old, result: Err(status(401)) },
    ] {
        assert!(rig.go(input).is_empty(), "a look of a dead connection says nothing");
    }
    rig.now += s(1);
    assert_eq!(lists(&rig.go(Input::Up)), 1, "nothing of the old look holds up the new one");
    let record = only_closed(&rig.answer(&[]));
    assert_eq!(record.from, verified);
    assert_eq!(record.causes, [trouble("first"), trouble("second")]);
}

#[test]
fn a_loss_before_the_gap_is_settled_reopens_it() {
    let mut rig = Rig::relisting();
    let from = only_closed(&rig.answer(&[])).from;
    rig.now += s(1);
    rig.lost("again");
    assert!(!rig.feed.caught_up());
    rig.now += s(1);
    rig.go(Input::Up);
    let to = rig.wall();
    let record = only_closed(&rig.answer(&[]));
    assert_eq!((record.from, record.to, record.settled), (from, to, false));
}

#[test]
fn a_loss_after_that_is_a_gap_of_its_own() {
    let mut rig = Rig::relisting();
    rig.answer(&[]);
    rig.until_list();
    rig.answer(&[]);
    rig.now += s(60);
    let verified = rig.wall() - 1000;
    assert_eq!(opened(&rig.lost("other")), [(verified, "other")]);
    rig.go(Input::Up);
    let record = only_closed(&rig.answer(&[]));
    assert_eq!((record.from, record.recovered), (verified, 0));
    assert_eq!(record.causes, [trouble("other")]);
}

#[test]
fn a_second_look_that_fails_is_made_up_for() {
    let mut rig = Rig::relisting();
    rig.answer(&[]);
    rig.until_list();
    assert!(closed(&rig.listed(Err(status(503)))).is_empty());
    assert_eq!(rig.until_list(), Some(s(1)));
    assert!(only_closed(&rig.answer(&[])).settled);
}

/// What may stand in the way of the re-list at the moment the link comes up.
#[rstest]
#[case::a_look_at_the_agent(false)]
#[case::a_poll_while_evicted(true)]
fn whatever_is_in_flight_the_gap_is_re_listed(#[case] evicted: bool) {
    let mut rig = Rig::up();
    if evicted {
        rig.evicted();
        assert!(rig.until_list().is_some());
    } else {
        rig.lost("cut");
        assert_eq!(reads_of_me(&rig.go(Input::RereadAgent)), 1);
    }
    let late = rig.look();
    assert_eq!(lists(&rig.go(Input::Up)), 1);
    rig.go(Input::Listed { look: late, result: Ok(Vec::new()), known: Vec::new() });
    rig.go(Input::MeRead { look: late, result: Ok(me("IDLE")) });
    assert!(!rig.feed.caught_up(), "an older answer closes nothing");
    assert!(!only_closed(&rig.answer(&[])).settled);
}

#[test]
fn a_look_at_the_agent_does_not_cost_the_gap_its_second_look() {
    let mut rig = Rig::relisting();
    rig.answer(&[]);
    rig.now += s(1);
    assert_eq!(reads_of_me(&rig.go(Input::RereadAgent)), 1);
    rig.me_read("IDLE");
    assert_eq!(rig.until_list(), Some(s(2)));
    assert!(only_closed(&rig.answer(&[])).settled);
}

#[test]
fn a_look_at_the_agent_that_is_asked_for_during_another_look_is_made_after_it() {
    let mut rig = Rig::relisting();
    rig.me_read("IDLE");
    assert_eq!(reads_of_me(&rig.go(Input::RereadAgent)), 0, "one at a time");
    let out = rig.listed(Ok(&[]));
    let later = outputs(rig.pass(ms(100)));
    assert_eq!(reads_of_me(&out) + reads_of_me(&later), 1);
}

#[test]
fn waking_up_does_not_cost_the_gap_its_re_list() {
    let mut rig = Rig::relisting();
    rig.listed(Err(status(503)));
    assert_eq!(lists(&rig.go(Input::Woke)), 1, "tried at once");
    rig.answer(&[]);
    assert_eq!(lists(&rig.go(Input::Woke)), 1, "the second look, at once");
    assert!(only_closed(&rig.answer(&[])).settled);
}

#[test]
fn sign_out_forgets_the_gap() {
    let mut rig = Rig::relisting();
    let out = rig.go(Input::SignedOut);
    assert_eq!(deafness(&out), [None]);
    assert_eq!(hampered(&out), [None]);
    assert!(rig.answer(&[call("c1", "alerting")]).is_empty(), "the re-list of somebody who has gone");
    assert_eq!(rig.feed.deadline(), None);
    rig.feed.identify(&me("IDLE"));
    rig.go(Input::Up);
    assert!(closed(&rig.answer(&[])).is_empty());
}

#[test]
fn whatever_happens_during_the_re_list_the_second_look_settles_the_gap() {
    for input in [Input::OnQueue(true), Input::Disagreement] {
        let mut rig = Rig::relisting();
        rig.me_read("IDLE");
        rig.go(input);
        rig.pass(AUDIT_GRACE);
        rig.go(Input::StillDisagreement);
        rig.listed(Ok(&[]));
        assert_eq!(rig.until_list(), Some(SECOND_LOOK));
        assert!(only_closed(&rig.answer(&[])).settled);
    }
}
