//! What is removed, and that what is left can still be proved.

use std::path::Path;
use std::time::Duration;

use earshot_engine::journal::{Options, Problem, Retention, anchor, verify};
use proptest::prelude::*;
use rusqlite::Connection;

use crate::support::{Place, close, connected, event, exported, keep, of_kind, open, options, record};

const MOMENT: Duration = Duration::from_millis(1);

fn keeping(retention: Retention) -> Options {
    Options { bodies: true, retention, ..options() }
}

/// Writes so many events in one run; old records are removed at its start and its end.
fn run(place: &Place, options: Options, events: i64) {
    let journal = open(place, options);
    for begin in 0..events / 50 {
        let records = (0..50).map(|n| record(begin * 50 + n, event(&format!("c{begin}-{n}"), true))).collect();
        keep(&journal, records).expect("safe");
    }
    close(&journal);
    // So that the next run finds what this one wrote to be older than a moment.
    std::thread::sleep(MOMENT * 3);
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).expect("a file").len()
}

#[test]
fn what_is_too_old_goes_up_to_a_checkpoint_and_the_rest_still_verifies() {
    let place = Place::new();
    // Only its checkpoints are wanted of the limit.
    let retention = Retention { bytes: Some(2 * 1024 * 1024), ..Retention::default() };
    let journal = open(&place, keeping(retention));
    keep(&journal, vec![record(1, connected()), record(2, event("open", false))]).expect("safe");
    close(&journal);
    run(&place, keeping(retention), 2000);
    let before = anchor(&place.file()).expect("a journal").expect("a head");
    let checkpoints = exported(&place.file());
    let checkpoints = of_kind(&checkpoints, "checkpoint");
    assert!(checkpoints.len() >= 2, "{}", checkpoints.len());
    let keep_from = checkpoints.last().expect("one")["seq"].as_u64().expect("a number");
    run(&place, keeping(Retention { age: Some(MOMENT), ..retention }), 0);
    let found = verify(&place.file(), Some(&before)).expect("a journal");
    assert!(found.is_whole(), "{:?}", found.problems);
    let pruned = found.pruned.expect("something was removed");
    assert_eq!(pruned.last, keep_from - 1);
    let lines = exported(&place.file());
    assert_eq!((lines[0]["seq"].as_u64(), lines[0]["kind"].as_str()), (Some(keep_from), Some("checkpoint")));
    assert_eq!(lines[0]["previous"], pruned.hash);
    let said = of_kind(&lines, "pruned");
    let payload = &said[0]["payload"];
    assert_eq!((&payload["first"], &payload["last"]), (&1.into(), &pruned.last.into()));
    assert_eq!((&payload["count"], &payload["why"]), (&pruned.last.into(), &"age".into()));
    let owed = open(&place, options()).owed().expect("owed");
    assert_eq!(owed.known.len(), 1, "what had not ended is known although its records are gone");

    // Somebody removes one more than is said.
    let connection = Connection::open(place.file()).expect("a database");
    connection.execute("DELETE FROM record WHERE seq = ?1", [keep_from]).expect("gone");
    let found = verify(&place.file(), None).expect("a journal");
    assert_eq!(found.problems, [Problem::Missing { first: keep_from, last: keep_from }]);
}

#[test]
fn an_anchor_at_the_last_record_that_was_removed_is_still_compared() {
    let place = Place::new();
    let retention = Retention { bytes: Some(128 * 1024), ..Retention::default() };
    run(&place, keeping(retention), 2000);
    run(&place, keeping(retention), 0);
    let found = verify(&place.file(), None).expect("a journal");
    let (pruned, mut kept) = (found.pruned.expect("pruned"), found.head.expect("a head"));
    (kept.sequence, kept.hash) = (pruned.last, pruned.hash);
    assert!(verify(&place.file(), Some(&kept)).expect("a journal").is_whole());
    kept.hash = "00".repeat(32);
    let found = verify(&place.file(), Some(&kept)).expect("a journal");
    assert_eq!(found.problems, [Problem::NotTheAnchors { sequence: pruned.last }]);
}

#[test]
fn bodies_can_go_before_their_records() {
    let place = Place::new();
    run(&place, keeping(Retention::default()), 100);
    assert_eq!(verify(&place.file(), None).expect("a journal").bodies, 100);
    run(&place, keeping(Retention { bodies: Some(MOMENT), ..Retention::default() }), 0);
    let found = verify(&place.file(), None).expect("a journal");
    assert!(found.is_whole(), "{:?}", found.problems);
    assert_eq!(found.bodies, 0);
    let lines = exported(&place.file());
    assert_eq!(of_kind(&lines, "event").len(), 100, "that there was an event, and its hash, stay");
    assert_eq!(of_kind(&lines, "bodies_pruned")[0]["payload"]["count"], 100);
    let text = std::fs::read(place.file()).expect("the file");
    let left = text.windows(8).filter(|bytes| bytes == b"Jane Doe").count();
    assert_eq!(left, 0, "a body that was removed is not left in a free page");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn however_often_something_is_removed_it_verifies_and_stays_small(
        runs in prop::collection::vec((0_i64..1500, any::<bool>()), 1..6),
    ) {
        let place = Place::new();
        let most = 192 * 1024;
        let mut before = None;
        for (events, aged) in runs {
            let age = aged.then_some(MOMENT);
            let retention = Retention { bytes: Some(most), age, ..Retention::default() };
            run(&place, keeping(retention), events);
            let found = verify(&place.file(), before.as_ref()).expect("a journal");
            prop_assert!(found.is_whole(), "{:?}", found.problems);
            before = found.head;
        }
        run(&place, keeping(Retention { bytes: Some(most), ..Retention::default() }), 0);
        prop_assert!(size(&place.file()) <= most + most / 4, "{}", size(&place.file()));
        prop_assert!(verify(&place.file(), before.as_ref()).expect("a journal").is_whole());
    }
}
