//! A disk that is full, slow, or fails: it is said, contained, and made good as far as memory reaches.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use earshot_engine::journal::{Fault, Journal, Options, verify};
use earshot_engine::limits::{JOURNAL_PATIENCE, JOURNAL_WAITING};
use earshot_engine::record::{Fact, Recorder as _};
use earshot_engine::snapshot::{Millis, Trouble};

use crate::support::{Place, close, connected, exported, keep, of_kind, open, options, record};

/// Longer than any wait between two attempts.
const PATIENCE: Duration = Duration::from_secs(60);

fn with(fault: impl Fn(&rusqlite::Connection) -> rusqlite::Result<()> + Send + Sync + 'static) -> Options {
    Options { fault: Some(Fault(Arc::new(fault))), ..options() }
}

fn hearing(at: Millis) -> earshot_engine::record::Record {
    record(at, Fact::Hearing { until: at })
}

/// SQLite may not use more pages than it has while this is set.
fn full_while(full: &Arc<AtomicBool>) -> Options {
    let full = Arc::clone(full);
    with(move |connection| {
        let pages: i64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0))?;
        let most = if full.load(Ordering::SeqCst) { pages } else { 1 << 30 };
        connection.query_row(&format!("PRAGMA max_page_count = {most}"), [], |_| Ok(()))
    })
}

/// Hands over until the disk refuses; each answer comes at once.
fn fill(journal: &Journal, at: &mut Millis) -> Trouble {
    for _ in 0..10_000 {
        *at += 1;
        if let Err(trouble) = keep(journal, vec![hearing(*at)]) {
            return trouble;
        }
    }
    panic!("the disk is never full");
}

/// Hands over until it is safe again.
fn recovered(journal: &Journal, at: &mut Millis) {
    let begun = Instant::now();
    loop {
        *at += 1;
        if keep(journal, vec![hearing(*at)]).is_ok() {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "it does not go on");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The numbers of the records on file, in their order.
fn numbers(lines: &[serde_json::Value]) -> Vec<Millis> {
    of_kind(lines, "hearing").iter().filter_map(|line| line["at"].as_i64()).collect()
}

#[test]
fn a_full_disk_is_said_and_what_waited_is_kept_in_order() {
    let (place, full) = (Place::new(), Arc::new(AtomicBool::new(false)));
    let told = Arc::new(Mutex::new(Vec::new()));
    let journal = {
        let told = Arc::clone(&told);
        let tap = move |taken: earshot_engine::journal::Taken<'_>| {
            let kept = taken.kept.is_ok();
            told.lock().unwrap().extend(taken.records.iter().map(|record| (record.at, kept)));
        };
        open(&place, full_while(&full)).with_tap(tap)
    };
    let mut at = 0;
    keep(&journal, vec![hearing(at)]).expect("safe");
    full.store(true, Ordering::SeqCst);
    let trouble = fill(&journal, &mut at);
    assert_eq!((trouble.code.as_str(), trouble.retryable), ("journal.full", true));
    assert!(trouble.cure.is_some_and(|cure| cure.contains("space")));
    let first = at;
    for _ in 0..100 {
        at += 1;
        assert!(keep(&journal, vec![hearing(at)]).is_err());
    }
    full.store(false, Ordering::SeqCst);
    recovered(&journal, &mut at);
    close(&journal);
    let lines = exported(&place.file());
    assert_eq!(numbers(&lines), (0..=at).collect::<Vec<_>>(), "all of them, each once, in their order");
    let late = |line: &&serde_json::Value| line["at"] == first && line["late"].as_u64() > Some(20);
    assert_eq!(lines.iter().filter(late).count(), 1, "what waited is marked as late");
    assert!(verify(&place.file(), None).expect("a journal").is_whole());
    let told = told.lock().unwrap();
    assert_eq!(told.iter().map(|(at, _)| *at).collect::<Vec<_>>(), (0..=at).collect::<Vec<_>>(), "told once, at once");
    assert!(told.contains(&(first, false)) && told.last() == Some(&(at, true)));
}

#[test]
fn what_falls_out_of_memory_is_counted() {
    let (place, full) = (Place::new(), Arc::new(AtomicBool::new(false)));
    let journal = open(&place, full_while(&full));
    full.store(true, Ordering::SeqCst);
    let mut at = 0;
    fill(&journal, &mut at);
    let before = at;
    let more = Millis::try_from(JOURNAL_WAITING).expect("few") + 5000;
    for begin in (0..more).step_by(500) {
        let records = (0..500).map(|n| hearing(before + 1 + begin + n)).collect();
        assert!(keep(&journal, records).is_err());
    }
    at += more;
    full.store(false, Ordering::SeqCst);
    recovered(&journal, &mut at);
    close(&journal);
    let lines = exported(&place.file());
    let lost: Millis = of_kind(&lines, "lost").iter().filter_map(|line| line["payload"]["count"].as_i64()).sum();
    assert!(lost >= 5000, "{lost}");
    let kept = Millis::try_from(numbers(&lines).len()).expect("few");
    assert_eq!(kept + lost, at, "every record is kept or counted");
    assert!(verify(&place.file(), None).expect("a journal").is_whole());
}

#[test]
fn a_slow_disk_is_on_record() {
    let (place, slow) = (Place::new(), Arc::new(AtomicU64::new(0)));
    let journal = {
        let slow = Arc::clone(&slow);
        open(
            &place,
            with(move |_| {
                std::thread::sleep(Duration::from_millis(slow.load(Ordering::SeqCst)));
                Ok(())
            }),
        )
    };
    slow.store(60, Ordering::SeqCst);
    keep(&journal, vec![hearing(1)]).expect("safe");
    slow.store(0, Ordering::SeqCst);
    keep(&journal, vec![hearing(2)]).expect("safe");
    close(&journal);
    let lines = exported(&place.file());
    let late = of_kind(&lines, "late");
    let first = of_kind(&lines, "hearing")[0];
    assert!(
        late.iter().any(
            |line| line["payload"]["first"] == first["seq"] && line["payload"]["milliseconds"].as_u64() >= Some(60)
        ),
        "{late:?}"
    );
    assert!(verify(&place.file(), None).expect("a journal").is_whole());
}

#[test]
fn a_disk_that_hangs_keeps_nobody_waiting() {
    let (place, gate) = (Place::new(), Arc::new((Mutex::new(true), Condvar::new())));
    let journal = {
        let gate = Arc::clone(&gate);
        open(
            &place,
            with(move |_| {
                let (open, changed) = &*gate;
                drop(changed.wait_while(open.lock().unwrap(), |open| !*open).unwrap());
                Ok(())
            }),
        )
    };
    *gate.0.lock().unwrap() = false;
    let begun = Instant::now();
    let answers: Vec<_> = (0..1000).map(|at| journal.record(vec![hearing(at)])).collect();
    assert!(begun.elapsed() < PATIENCE, "handing over waits for the disk");
    assert!(!journal.close(JOURNAL_PATIENCE), "it cannot have ended");
    *gate.0.lock().unwrap() = true;
    gate.1.notify_all();
    for answer in answers {
        assert_eq!(answer.blocking_recv(), Ok(Ok(())));
    }
    close(&journal);
    assert_eq!(numbers(&exported(&place.file())), (0..1000).collect::<Vec<_>>());
}

#[test]
fn a_journal_that_breaks_while_it_is_written_is_moved_aside() {
    let (place, broken) = (Place::new(), Arc::new(AtomicBool::new(false)));
    let journal = {
        let broken = Arc::clone(&broken);
        open(
            &place,
            with(move |_| {
                let damaged = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
                let broken = broken.swap(false, Ordering::SeqCst);
                if broken { Err(rusqlite::Error::SqliteFailure(damaged, None)) } else { Ok(()) }
            }),
        )
    };
    keep(&journal, vec![record(1, connected()), hearing(2)]).expect("safe");
    broken.store(true, Ordering::SeqCst);
    let trouble = keep(&journal, vec![hearing(3)]).expect_err("said once");
    assert_eq!(trouble.code, "journal.replaced");
    assert_eq!(keep(&journal, vec![hearing(4)]), Ok(()), "hearing and writing go on");
    close(&journal);
    let aside = journal.set_aside();
    let name = aside[0].file_name().expect("a name").to_str().expect("UTF-8");
    assert!(trouble.message.contains(name) && name.starts_with("journal.db.corrupt-"), "{name}");
    let lines = exported(&place.file());
    assert_eq!(lines[0]["kind"], "begun");
    assert_eq!(lines[0]["payload"]["replaces"]["file"], name);
    assert_eq!(lines[0]["payload"]["replaces"]["head"]["sequence"], 3, "and where the old chain ended");
    assert_eq!(numbers(&lines), [3, 4]);
    assert_eq!(numbers(&exported(&aside[0])), [2]);
    for file in [&place.file(), &aside[0]] {
        assert!(verify(file, None).expect("a journal").is_whole());
    }
    let again = open(&place, options());
    assert_eq!(again.owed().map(|owed| owed.from), Some(4), "the new one knows what the old one did");
}
