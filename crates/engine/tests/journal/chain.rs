//! Whatever is put on record can be checked, and whatever is changed is found.

use std::sync::{Arc, Mutex};

use earshot_engine::journal::{Journal, JournalError, Problem, Range, anchor, export, verify};
use earshot_engine::record::{Fact, Owed, Recorder as _};
use earshot_engine::snapshot::Medium;
use proptest::prelude::*;
use rusqlite::Connection;

use crate::support::{Place, close, connected, event, fact, keep, open, options, record};

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_series_of_facts_verifies(
        facts in prop::collection::vec((0_u8..20, "\\PC{0,12}", 0_i64..100_000), 0..60),
        runs in 1_usize..4,
        bodies: bool,
    ) {
        let place = Place::new();
        for part in facts.chunks((facts.len() / runs).max(1)) {
            let journal = open(&place, earshot_engine::journal::Options { bodies, ..options() });
            for some in part.chunks(3) {
                let records = some.iter().map(|(n, text, at)| record(*at, fact(*n, text))).collect();
                prop_assert_eq!(keep(&journal, records), Ok(()));
            }
            close(&journal);
        }
        if !facts.is_empty() {
            let found = verify(&place.file(), None).expect("a journal");
            prop_assert!(found.is_whole(), "{:?}", found.problems);
            prop_assert!(found.records > facts.len() as u64);
        }
    }

    #[test]
    fn any_change_of_any_field_is_found(seq in 1_i64..20, column in 0_usize..7, byte: prop::sample::Index, bit in 0_u8..8) {
        let place = Place::new();
        written(&place);
        let changed = change(&place, seq, column, byte, bit);
        let found = verify(&place.file(), None).expect("a journal");
        prop_assert!(!found.is_whole(), "{changed} of record {seq} changed and nothing found");
    }
}

/// Twenty-one records, with bodies.
fn written(place: &Place) {
    let journal = open(place, earshot_engine::journal::Options { bodies: true, ..options() });
    let records = (0..20).map(|n| record(i64::from(n), fact(n, "some text"))).collect();
    keep(&journal, records).expect("safe");
    close(&journal);
}

/// Turns one bit over in one field of one record.
fn change(place: &Place, seq: i64, column: usize, byte: prop::sample::Index, bit: u8) -> &'static str {
    let connection = Connection::open(place.file()).expect("a database");
    connection.execute_batch("DROP TRIGGER append_only").expect("dropped");
    let name = ["seq", "at", "late", "kind", "payload", "previous", "hash"][column];
    let select = format!("SELECT CAST({name} AS BLOB) FROM record WHERE seq = ?1");
    if column < 3 {
        let update = format!("UPDATE record SET {name} = ({name} | ?2) - ({name} & ?2) WHERE seq = ?1");
        // Another record may have this one's number else.
        let to = if column == 0 { 1_i64 << 20 } else { 1 << bit };
        assert_eq!(connection.execute(&update, [seq, to]).expect("changed"), 1);
    } else {
        let mut value: Vec<u8> = connection.query_row(&select, [seq], |row| row.get(0)).expect("a value");
        let at = byte.index(value.len());
        value[at] ^= 1 << bit;
        let kind = if column < 5 { "TEXT" } else { "BLOB" };
        let update = format!("UPDATE record SET {name} = CAST(?2 AS {kind}) WHERE seq = ?1");
        connection.execute(&update, rusqlite::params![seq, value]).expect("changed");
    }
    name
}

#[test]
fn a_missing_record_is_named_and_so_is_a_missing_end() {
    let place = Place::new();
    written(&place);
    let before = anchor(&place.file()).expect("a journal").expect("a head");
    assert_eq!(before.sequence, 21);
    assert!(verify(&place.file(), Some(&before)).expect("a journal").is_whole());
    let connection = Connection::open(place.file()).expect("a database");
    connection.execute_batch("DELETE FROM record WHERE seq IN (5, 6)").expect("gone");
    let found = verify(&place.file(), None).expect("a journal");
    assert_eq!(found.problems, [Problem::Missing { first: 5, last: 6 }]);

    let place = Place::new();
    written(&place);
    let connection = Connection::open(place.file()).expect("a database");
    connection.execute_batch("DELETE FROM record WHERE seq > 18").expect("gone");
    assert!(verify(&place.file(), None).expect("a journal").is_whole(), "only an anchor knows of an end");
    let found = verify(&place.file(), Some(&before)).expect("a journal");
    assert_eq!(found.problems, [Problem::EndMissing { sequence: 21 }]);
    connection.execute_batch("DELETE FROM record WHERE seq < 3").expect("gone");
    let found = verify(&place.file(), None).expect("a journal");
    assert_eq!(found.problems, [Problem::Missing { first: 1, last: 2 }]);
}

#[test]
fn another_chain_is_not_the_anchors() {
    let (one, other) = (Place::new(), Place::new());
    written(&one);
    written(&other);
    let anchor = anchor(&one.file()).expect("a journal").expect("a head");
    let found = verify(&other.file(), Some(&anchor)).expect("a journal");
    assert_eq!(found.problems, [Problem::NotTheAnchors { sequence: 21 }]);
}

#[test]
fn a_body_that_was_changed_or_taken_is_found() {
    let place = Place::new();
    written(&place);
    let connection = Connection::open(place.file()).expect("a database");
    let events = "SELECT seq FROM record WHERE kind = 'event' ORDER BY seq";
    let first: u64 = connection.query_row(events, [], |row| row.get(0)).expect("an event");
    connection.execute("UPDATE body SET body = '{}' WHERE seq = ?1", [first]).expect("changed");
    connection.execute("DELETE FROM body WHERE seq = ?1", [first + 1]).expect("gone");
    let found = verify(&place.file(), None).expect("a journal");
    let expected = [Problem::BadBody { sequence: first }, Problem::MissingBody { sequence: first + 1 }];
    assert_eq!(found.problems, expected);
}

#[test]
fn without_bodies_nothing_of_a_customer_is_in_the_file() {
    let place = Place::new();
    let journal = open(&place, options());
    keep(&journal, vec![record(1, event("c-1", false))]).expect("safe");
    close(&journal);
    let mut lines = Vec::new();
    assert_eq!(export(&place.file(), &mut lines, Range::default()).expect("exported"), 2);
    let text =
        String::from_utf8(lines).expect("UTF-8") + &String::from_utf8_lossy(&std::fs::read(place.file()).unwrap());
    assert!(text.contains("c-1") && !text.contains("Jane") && !text.contains("491234"));
}

#[test]
fn a_second_writer_is_told_who_writes() {
    let place = Place::new();
    let journal = open(&place, options());
    let error = Journal::open(place.file(), options()).expect_err("held");
    let JournalError::Held { holder: Some(holder), .. } = &error else { panic!("{error:?}") };
    assert_eq!((holder.program.as_str(), holder.pid), ("test 1", std::process::id()));
    assert!(error.to_string().contains("test 1 (process"), "{error}");
    assert!(verify(&place.file(), None).expect("a journal").is_whole(), "reading is for everybody");
    close(&journal);
    drop(open(&place, options()));
}

#[test]
fn what_is_not_a_journal_is_left_alone() {
    let place = Place::new();
    drop(open(&place, options()));
    let path = place.file().with_file_name("other.db");
    Connection::open(&path).expect("a database").execute_batch("CREATE TABLE t (a)").expect("made");
    let error = Journal::open(&path, options()).expect_err("not ours");
    assert!(matches!(error, JournalError::NotAJournal { .. }), "{error}");
    let connection = Connection::open(place.file()).expect("a database");
    connection.execute_batch("PRAGMA user_version = 2").expect("newer");
    let error = Journal::open(place.file(), options()).expect_err("newer");
    assert!(matches!(error, JournalError::Newer { version: 2, .. }), "{error}");
}

#[test]
fn the_next_start_owes_the_time_since_the_last_record() {
    let place = Place::new();
    let journal = open(&place, options());
    assert_eq!(journal.owed(), None);
    let facts = [connected(), event("a", false), event("b", false), event("a", true), Fact::Hearing { until: 102 }];
    keep(&journal, facts.into_iter().zip(100..).map(|(fact, at)| record(at, fact)).collect()).expect("safe");
    close(&journal);
    let again = open(&place, options());
    assert_eq!(again.owed(), Some(Owed { from: 103, known: vec![("b".into(), Medium::Call)] }));
}

#[test]
fn a_tap_is_told_in_order_of_what_is_safe() {
    let place = Place::new();
    let told = Arc::new(Mutex::new(Vec::new()));
    let path = place.file();
    let journal = {
        let told = Arc::clone(&told);
        open(&place, options()).with_tap(move |taken| {
            // The first record is the journal's own.
            let safe = verify(&path, None).expect("a journal").records - 1;
            let mut told = told.lock().unwrap();
            told.extend(taken.records.iter().map(|record| record.at));
            assert!(taken.kept.is_ok() && told.len() as u64 <= safe);
        })
    };
    let answers: Vec<_> = (0..50).map(|at| journal.record(vec![record(at, Fact::Hearing { until: at })])).collect();
    for answer in answers {
        assert_eq!(answer.blocking_recv(), Ok(Ok(())));
    }
    close(&journal);
    assert_eq!(*told.lock().unwrap(), (0..50).collect::<Vec<_>>());
}

#[cfg(unix)]
#[test]
fn only_its_owner_can_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    let journal = open(&place, options());
    keep(&journal, vec![record(1, connected())]).expect("safe");
    let directory = place.file().parent().expect("a directory").to_owned();
    let mode = |path: &std::path::Path| std::fs::metadata(path).expect("a file").permissions().mode() & 0o777;
    assert_eq!(mode(&directory), 0o700);
    for name in place.names() {
        assert_eq!(mode(&directory.join(&name)), 0o600, "{name}");
    }
}
