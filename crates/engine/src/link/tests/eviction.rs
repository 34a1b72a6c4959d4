//! Another channel took this one's place: once is chance, again and again is a fight in which each waits longer.

use super::*;

#[test]
fn each_eviction_of_a_fight_waits_longer() {
    let mut rig = Rig::stable();
    let mut waits = Vec::new();
    for _ in 0..7 {
        let out = rig.heard(Heard::Evicted);
        assert!(lost(&out).is_some_and(|(_, code, evicted)| evicted && code == "channel.evicted"), "{out:?}");
        assert!(!suspects(&out), "no matter of the token: {out:?}");
        waits.push(rig.retried_after(&out).as_secs());
        rig.finish();
        rig.listen(s(11));
    }
    assert_eq!(waits, [0, 1, 4, 16, 64, 120, 120]);
}

#[test]
fn an_eviction_now_and_then_is_answered_at_once() {
    let mut rig = Rig::stable();
    for _ in 0..4 {
        let out = rig.heard(Heard::Evicted);
        assert_eq!(rig.retried_after(&out), Duration::ZERO);
        rig.finish();
        rig.listen(s(300));
    }
}

#[test]
fn a_person_may_take_the_place_back_at_once() {
    let mut rig = Rig::stable();
    rig.heard(Heard::Evicted);
    rig.finish();
    rig.heard(Heard::Evicted);
    rig.now += ms(300);
    assert_eq!(rig.shown_wait(), Some(700));
    assert!(begins(&rig.go(Input::ReconnectNow)));
}

#[test]
fn the_word_of_an_eviction_is_no_proof_that_all_was_heard_until_then() {
    let mut rig = Rig::stable();
    let verified = rig.wall();
    rig.now += s(2);
    let out = rig.heard(Heard::Evicted);
    assert_eq!(lost(&out).map(|(from, ..)| from), Some(verified), "the other channel was there before its word");
}
