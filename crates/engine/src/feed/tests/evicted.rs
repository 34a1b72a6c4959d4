//! Another channel took the place: conversations are asked for meanwhile, so that an offer still rings.

use super::*;

#[test]
fn while_evicted_conversations_are_asked_for_every_five_seconds() {
    let mut rig = Rig::up();
    let out = rig.evicted();
    assert_eq!(opened(&out).len(), 1);
    for _ in 0..3 {
        let said = rig.pass(EVICTED_POLL);
        let out = outputs(said);
        assert_eq!((lists(&out), reads_of_me(&out)), (1, 0));
        let out = rig.listed(Ok(&[call("c1", "alerting")]));
        assert_eq!(seen(&out), [("c1", Source::Recovered)]);
        assert!(closed(&out).is_empty(), "that is no hearing");
        assert!(!rig.feed.caught_up());
    }
    rig.go(Input::Up);
    only_closed(&rig.answer(&[]));
}

#[test]
fn a_known_conversation_that_is_absent_does_not_stop_the_asking() {
    let mut rig = Rig::up();
    rig.knows("c1");
    rig.evicted();
    rig.pass(EVICTED_POLL);
    let out = rig.listed(Ok(&[]));
    assert_eq!(look_ups(&out), [("c1", Medium::Call)]);
    rig.looked_up("c1", Ok(look_of("c1", "disconnected")));
    rig.known.clear();
    assert_eq!(rig.until_list(), Some(EVICTED_POLL));
}

#[test]
fn another_loss_ends_the_asking() {
    let mut rig = Rig::up();
    rig.evicted();
    rig.lost("cut");
    assert_eq!(rig.until_list(), None);
}

#[test]
fn a_poll_that_fails_is_made_again_within_limits() {
    let mut rig = Rig::up();
    rig.evicted();
    rig.until_list();
    rig.listed(Err(status(503)));
    assert_eq!(rig.until_list(), Some(s(1)));
    rig.listed(Err(limited(429, Some(9))));
    assert_eq!(rig.until_list(), Some(s(9)));
}
