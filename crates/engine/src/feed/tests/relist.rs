//! A re-list that fails is tried again, within limits, and its failure is said.

use rstest::rstest;

use super::*;

/// The waits before each of the next re-lists, all of which fail with `error`.
fn waits(rig: &mut Rig, error: &ApiError, count: usize) -> Vec<u64> {
    (0..count)
        .map(|_| {
            rig.listed(Err(error.clone()));
            rig.until_list().expect("it is tried again").as_secs()
        })
        .collect()
}

#[rstest]
#[case::server(status(503), "server.error")]
#[case::portal(portal(), "network.portal")]
#[case::network(broken(), "network.broken")]
fn passing_trouble_is_tried_again_more_and_more_slowly(#[case] error: ApiError, #[case] code: &str) {
    let mut rig = Rig::relisting();
    let out = rig.listed(Err(error.clone()));
    assert_eq!(hampered(&out), [Some(code)]);
    assert_eq!(rig.until_list(), Some(s(1)));
    assert_eq!(waits(&mut rig, &error, 6), [2, 4, 8, 15, 15, 15]);
    assert!(!rig.feed.caught_up());
    let out = rig.answer(&[]);
    assert_eq!(hampered(&out), [None], "said until it is no longer true");
    assert!(rig.feed.caught_up());
    rig.until_list();
    rig.listed(Err(error));
    assert_eq!(rig.until_list(), Some(s(1)), "a success begins the schedule afresh");
}

#[test]
fn each_half_that_fails_is_asked_again_by_itself() {
    let mut rig = Rig::relisting();
    let (old, out) = (rig.look(), rig.listed(Ok(&[call("c1", "alerting")])));
    assert_eq!(seen(&out), [("c1", Source::Recovered)], "rings at once, whatever becomes of the rest");
    let out = rig.go(Input::MeRead { look: old, result: Err(status(500)) });
    assert_eq!(hampered(&out), [Some("server.error")]);
    let out = outputs(rig.pass(s(1)));
    assert_eq!((lists(&out), reads_of_me(&out)), (0, 1), "what is known is not asked twice");
    only_closed(&rig.me_read("IDLE"));
}

#[test]
fn one_half_does_not_slow_the_other() {
    let mut rig = Rig::relisting();
    let look = rig.look();
    rig.listed(Err(status(503)));
    rig.go(Input::MeRead { look, result: Err(status(503)) });
    let out = outputs(rig.pass(s(1)));
    assert_eq!((lists(&out), reads_of_me(&out)), (1, 1));
}

#[test]
fn neither_half_is_asked_while_it_is_in_flight() {
    let mut rig = Rig::relisting();
    let look = rig.look();
    rig.go(Input::MeRead { look, result: Err(status(503)) });
    let out = outputs(rig.pass(s(60)));
    assert_eq!((lists(&out), reads_of_me(&out)), (0, 1));
}

#[test]
fn a_401_is_a_matter_for_the_session_and_makes_no_storm_meanwhile() {
    let mut rig = Rig::relisting();
    rig.listed(Err(status(401)));
    rig.until_list();
    let waits = waits(&mut rig, &status(401), 5);
    assert!(waits.iter().rev().take(2).all(|wait| *wait >= 8), "a dead token is not tried every second: {waits:?}");
}

#[test]
fn a_missing_permission_is_named_and_asked_for_slowly() {
    let mut rig = Rig::relisting();
    let out = rig.listed(Err(status(403)));
    assert_eq!(hampered(&out), [Some("permission.missing")]);
    assert_eq!(rig.until_list(), Some(RELIST_RETRY_CAP));
}

#[rstest]
#[case::waking_up(vec![Input::Woke])]
#[case::the_desk(vec![Input::RereadAgent])]
#[case::another_failure(vec![Input::Lost { verified: WALL, trouble: trouble("cut"), evicted: false }, Input::Up])]
#[case::an_eviction(vec![Input::Lost { verified: WALL, trouble: trouble("cut"), evicted: true }])]
#[case::an_offer_in_doubt(vec![Input::Reread { conversation: "c1".into(), medium: Medium::Call }])]
fn nothing_is_read_before_retry_after(#[case] inputs: Vec<Input>) {
    let mut rig = Rig::relisting();
    rig.listed(Err(limited(429, Some(7))));
    rig.now += s(1);
    let mut out: Vec<Output> = inputs.into_iter().flat_map(|input| rig.go(input)).collect();
    out.extend(outputs(rig.pass(ms(5999))));
    assert_eq!((lists(&out), reads_of_me(&out), look_ups(&out)), (0, 0, vec![]), "{out:?}");
    let out = outputs(rig.pass(ms(1)));
    assert_eq!(lists(&out), 1, "{out:?}");
}

#[test]
fn retry_after_zero_makes_no_storm() {
    let mut rig = Rig::relisting();
    let (mut asked, end) = (0, rig.now + s(30));
    while rig.now < end {
        asked += lists(&rig.listed(Err(limited(429, Some(0)))));
        asked += lists(&outputs(rig.pass(ms(10))));
        rig.go(Input::Tick);
    }
    assert!((1..=31).contains(&asked), "{asked} in 30 s");
}

#[test]
fn a_429_on_one_conversation_holds_all_reads() {
    let mut rig = Rig::up();
    rig.go(Input::Reread { conversation: "c1".into(), medium: Medium::Call });
    rig.looked_up("c1", Err(limited(429, Some(7))));
    let mut out = rig.go(Input::Reread { conversation: "c2".into(), medium: Medium::Call });
    out.extend(rig.go(Input::RereadAgent));
    out.extend(outputs(rig.pass(ms(6999))));
    assert_eq!((look_ups(&out), reads_of_me(&out)), (vec![], 0));
    let out = outputs(rig.pass(ms(1)));
    assert_eq!(look_ups(&out), [("c1", Medium::Call), ("c2", Medium::Call)]);
    assert_eq!(reads_of_me(&out), 1);
}
