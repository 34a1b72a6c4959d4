//! A conversation that the list no longer has: looked up by its media form, and gone only after two 404 apart, never
//! against a newer event.

use rstest::rstest;

use super::*;
use crate::limits::ABSENCE_APART;

/// `c1` was known, and the re-list does not have it: its look-up is in flight.
fn absent() -> Rig {
    let mut rig = Rig::relisting();
    rig.known.push(("c1".into(), Medium::Message));
    let out = rig.answer(&[]);
    assert_eq!(look_ups(&out), [("c1", Medium::Message)], "by its media form");
    assert!(closed(&out).is_empty(), "the gap waits for it");
    rig
}

#[test]
fn a_known_and_absent_conversation_is_looked_up_and_what_is_found_is_told() {
    let mut rig = absent();
    let out = rig.looked_up("c1", Ok(look_of("c1", "disconnected")));
    assert_eq!(seen(&out), [("c1", Source::Recovered)]);
    only_closed(&out);
    assert!(gone(&out).is_empty());
}

#[test]
fn absence_from_a_list_ends_nothing_by_itself() {
    let mut rig = Rig::relisting();
    rig.knows("c1");
    let out = rig.listed(Ok(&[]));
    assert!(gone(&out).is_empty() && seen(&out).is_empty());
}

#[test]
fn two_404_two_seconds_apart_end_it() {
    let mut rig = absent();
    let out = rig.looked_up("c1", Err(status(404)));
    assert!(gone(&out).is_empty());
    only_closed(&out);
    let said = rig.pass(s(2));
    let again: Vec<_> = said.iter().filter(|(_, output)| matches!(output, Output::LookUp { .. })).collect();
    assert_eq!(again.len(), 1, "{said:?}");
    assert_eq!(again[0].0, ABSENCE_APART);
    assert_eq!(gone(&rig.looked_up("c1", Err(status(404)))), ["c1"]);
    rig.known.clear();
    rig.until_list();
    assert!(look_ups(&rig.answer(&[])).is_empty(), "done with");
}

#[test]
fn a_newer_event_is_believed_over_a_404() {
    let mut rig = absent();
    rig.looked_up("c1", Err(status(404)));
    rig.now += s(1);
    rig.live("c1", "connected");
    assert!(look_ups(&outputs(rig.pass(s(1)))).is_empty(), "no doubt is left");
    assert!(gone(&rig.looked_up("c1", Err(status(404)))).is_empty());
}

#[test]
fn a_404_to_a_question_older_than_the_event_does_not_count() {
    let mut rig = absent();
    rig.now += ms(100);
    rig.live("c1", "connected");
    rig.looked_up("c1", Err(status(404)));
    let out = outputs(rig.pass(ms(2500)));
    assert!(look_ups(&out).is_empty(), "{out:?}");
}

/// An event during the look-up says what the look-up was to say: the look must not wait for it any more.
#[rstest]
#[case::whose_answer_is_out(None)]
#[case::that_fails_afterwards(Some(false))]
#[case::that_failed_before(Some(true))]
fn an_event_ends_the_wait_for_a_look_up(#[case] failed_before: Option<bool>) {
    let mut rig = absent();
    let mut out = Vec::new();
    if failed_before == Some(true) {
        out.extend(rig.looked_up("c1", Err(status(503))));
        rig.now += ms(500);
    }
    out.extend(rig.live("c1", "connected"));
    if failed_before == Some(false) {
        out.extend(rig.looked_up("c1", Err(status(503))));
    }
    out.extend(outputs(rig.pass(s(2))));
    assert!(!closed(&out).is_empty(), "the gap is never closed: {out:?}");
}

#[test]
fn a_look_up_that_fails_is_tried_again_more_slowly_and_the_gap_waits() {
    let mut rig = absent();
    let mut waits = Vec::new();
    for _ in 0..5 {
        assert!(closed(&rig.looked_up("c1", Err(status(503)))).is_empty());
        let said = rig.pass(s(20));
        waits.extend(
            said.iter().filter(|(_, output)| matches!(output, Output::LookUp { .. })).map(|(at, _)| at.as_secs()),
        );
    }
    assert_eq!(waits, [1, 2, 4, 8, 15]);
    only_closed(&rig.looked_up("c1", Ok(look_of("c1", "connected"))));
}

#[test]
fn a_conversation_that_genesys_cannot_tell_of_does_not_keep_the_gap_open_for_ever_nor_stop_the_comparisons() {
    let mut rig = absent();
    rig.go(Input::OnQueue(true));
    let mut said = Vec::new();
    for _ in 0..LOOK_UP_TRIES {
        assert!(closed(&said).is_empty());
        said.extend(rig.looked_up("c1", Err(status(500))));
        said.extend(outputs(rig.pass(if closed(&said).is_empty() { RELIST_RETRY_CAP } else { s(0) })));
    }
    assert_eq!(only_closed(&said).unrecoverable, [CONVERSATIONS], "and the gap says so");
    assert!(rig.feed.caught_up());
    let (mut lists_seen, mut asked) = (0, 0);
    for _ in 0..300 {
        let out = outputs(rig.pass(s(1)));
        asked += look_ups(&out).len();
        for _ in look_ups(&out) {
            rig.looked_up("c1", Err(status(500)));
        }
        lists_seen += lists(&out);
        if lists(&out) == 1 {
            rig.answer(&[]);
        }
    }
    assert!(lists_seen >= 4, "compared {lists_seen} times in five minutes");
    assert!((15..=25).contains(&asked), "asked for {asked} times in five minutes");
}

#[test]
fn a_refused_look_up_counts_as_not_found_without_blaming_the_token() {
    let mut rig = absent();
    rig.looked_up("c1", Err(status(403)));
    rig.pass(s(2));
    assert_eq!(gone(&rig.looked_up("c1", Err(status(403)))), ["c1"]);
}

#[test]
fn a_web_page_in_place_of_a_404_proves_nothing() {
    let mut rig = absent();
    let page = || match status(404) {
        ApiError::Status(status) => ApiError::Status(StatusError { html: true, ..status }),
        other => other,
    };
    for _ in 0..4 {
        assert!(gone(&rig.looked_up("c1", Err(page()))).is_empty());
        rig.pass(s(20));
    }
}

#[test]
fn a_401_on_a_look_up_is_a_matter_for_the_session() {
    let mut rig = absent();
    rig.looked_up("c1", Err(status(401)));
}

#[test]
fn each_look_up_is_in_flight_once() {
    let mut rig = Rig::up();
    let mut out = Vec::new();
    for _ in 0..10 {
        out.extend(rig.go(Input::Reread { conversation: "c1".into(), medium: Medium::Email }));
    }
    assert_eq!(look_ups(&out), [("c1", Medium::Email)]);
}

#[test]
fn while_nothing_connects_a_doubt_waits_without_keeping_anybody_busy() {
    let mut rig = Rig::up();
    rig.lost("cut");
    let out = rig.go(Input::Reread { conversation: "c1".into(), medium: Medium::Call });
    assert!(look_ups(&out).is_empty());
    assert!(rig.pass(s(60)).is_empty());
    let out = rig.go(Input::Up);
    assert_eq!(look_ups(&out), [("c1", Medium::Call)]);
}

#[test]
fn an_answer_that_nobody_waits_for_says_nothing() {
    let mut rig = absent();
    rig.go(Input::SignedOut);
    rig.feed.identify(&me("IDLE"));
    assert!(rig.looked_up("c1", Ok(look_of("c1", "alerting"))).is_empty(), "it would ring for somebody else");
}
