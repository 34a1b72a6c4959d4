//! Files that were cut short or damaged from outside: a new journal names the old one, or a check finds what is wrong.
//! Nothing is ever lost without a word, and nothing that was read crashes the reader.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use earshot_engine::journal::{Anchor, Journal, JournalError, anchor, verify};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::support::{Place, close, connected, event, exported, fact, keep, open, options, record};

/// What is done to a file.
#[derive(Debug, Clone)]
enum Harm {
    Cut(Index),
    Turn(Index, u8),
    Zero(Index),
    Append(Vec<u8>),
}

fn harm() -> impl Strategy<Value = Harm> {
    prop_oneof![
        any::<Index>().prop_map(Harm::Cut),
        (any::<Index>(), 0_u8..8).prop_map(|(at, bit)| Harm::Turn(at, bit)),
        any::<Index>().prop_map(Harm::Zero),
        prop::collection::vec(any::<u8>(), 1..5000).prop_map(Harm::Append),
    ]
}

impl Harm {
    fn do_to(&self, path: &Path) {
        let mut bytes = fs::read(path).expect("the file");
        if bytes.is_empty() {
            return;
        }
        match self {
            Self::Cut(at) => bytes.truncate(at.index(bytes.len())),
            Self::Turn(at, bit) => {
                let at = at.index(bytes.len());
                bytes[at] ^= 1 << bit;
            }
            Self::Zero(at) => {
                let begin = at.index(bytes.len());
                let end = (begin + 4096).min(bytes.len());
                bytes[begin..end].fill(0);
            }
            Self::Append(more) => bytes.extend(more),
        }
        fs::write(path, bytes).expect("written");
    }
}

/// The files of a journal whose writer was killed, and where its chain ended.
struct Left {
    files: [(&'static str, Vec<u8>); 2],
    head: Anchor,
    lines: Vec<serde_json::Value>,
}

/// Two runs; the second one was killed, so that a part stands in the log alone.
fn left() -> &'static Left {
    static LEFT: OnceLock<Left> = OnceLock::new();
    LEFT.get_or_init(|| {
        let place = Place::new();
        let journal = open(&place, options());
        keep(&journal, vec![record(1, connected()), record(2, event("a", false))]).expect("safe");
        keep(&journal, (3..200).map(|at| record(at, fact(7, "b"))).collect()).expect("safe");
        close(&journal);
        let journal = open(&place, options());
        for at in 200..260 {
            keep(&journal, vec![record(at, fact(7, "b"))]).expect("safe");
        }
        // What a crash of the computer leaves: the files as they are while it writes, without SQLite's shared memory.
        let files = ["", "-wal"].map(|suffix| (suffix, fs::read(beside(&place.file(), suffix)).expect("a file")));
        let head = anchor(&place.file()).expect("a journal").expect("a head");
        let lines = exported(&place.file());
        close(&journal);
        Left { files, head, lines }
    })
}

fn killed() -> (Place, &'static Left) {
    let (place, left) = (Place::new(), left());
    fs::create_dir_all(place.file().parent().expect("a directory")).expect("made");
    for (suffix, bytes) in &left.files {
        fs::write(beside(&place.file(), suffix), bytes).expect("written");
    }
    (place, left)
}

fn beside(path: &Path, suffix: &str) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 80, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_without_a_word(harm in harm(), log: bool) {
        let (place, Left { head, lines: before, .. }) = killed();
        harm.do_to(&beside(&place.file(), if log { "-wal" } else { "" }));
        // A reader is hurt by nothing.
        let _ = verify(&place.file(), Some(head));

        let journal = match Journal::open(place.file(), options()) {
            Ok(journal) => journal,
            // The one word that says whose file it is: then it is left alone.
            Err(JournalError::NotAJournal { .. } | JournalError::Newer { .. }) => return Ok(()),
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        };
        let aside = journal.set_aside();
        prop_assert_eq!(keep(&journal, vec![record(300, fact(4, ""))]).err().map(|trouble| trouble.code), None);
        close(&journal);
        let found = verify(&place.file(), Some(head)).expect("a journal");
        if let [aside] = aside.as_slice() {
            let found = verify(&place.file(), None).expect("a journal");
            prop_assert!(found.is_whole(), "{:?}", found.problems);
            let begun = &exported(&place.file())[0];
            prop_assert_eq!(begun["payload"]["replaces"]["file"].as_str(), aside.file_name().and_then(|name| name.to_str()));
        } else if found.is_whole() {
            let after = exported(&place.file());
            prop_assert!(after.starts_with(before), "whole, and not what was written");
        }
    }
}

#[test]
fn a_log_that_was_cut_short_ends_with_a_whole_record() {
    let (place, Left { head, .. }) = killed();
    let log = beside(&place.file(), "-wal");
    let length = fs::metadata(&log).expect("a log").len();
    fs::OpenOptions::new().write(true).open(&log).expect("a log").set_len(length * 2 / 3).expect("cut");
    let journal = open(&place, options());
    assert!(journal.set_aside().is_empty(), "the end of a log is torn in any crash of a computer");
    close(&journal);
    assert!(verify(&place.file(), None).expect("a journal").is_whole());
    assert!(!verify(&place.file(), Some(head)).expect("a journal").is_whole(), "an anchor knows");
}

#[test]
fn a_damaged_journal_is_moved_aside_and_named_and_what_it_owed_is_owed() {
    let (place, _) = killed();
    fs::remove_file(beside(&place.file(), "-wal")).expect("gone");
    let length = fs::metadata(place.file()).expect("the file").len();
    assert!(length > 5 * 4096, "{length}");
    fs::OpenOptions::new().write(true).open(place.file()).expect("the file").set_len(length - 4096).expect("cut");
    let journal = open(&place, options());
    let aside = journal.set_aside();
    assert_eq!(aside.len(), 1);
    assert_eq!(journal.replaced().map(|trouble| trouble.code).as_deref(), Some("journal.replaced"));
    let name = aside[0].file_name().expect("a name").to_string_lossy().into_owned();
    assert!(name.starts_with("journal.db.corrupt-20"), "{name}");
    assert!(place.names().contains(&name));
    let owed = journal.owed().expect("what could still be read of it says so");
    assert!((2..260).contains(&owed.from), "{owed:?}");
    close(&journal);
    let begun = &exported(&place.file())[0];
    assert_eq!((&begun["kind"], &begun["payload"]["replaces"]["file"]), (&"begun".into(), &name.into()));
    assert!(verify(&place.file(), None).expect("a journal").is_whole());
}

#[test]
fn a_file_of_rubbish_is_moved_aside() {
    let place = Place::new();
    fs::create_dir_all(place.file().parent().expect("a directory")).expect("made");
    fs::write(place.file(), b"this was never a journal, and no database either".repeat(100)).expect("written");
    let journal = open(&place, options());
    assert_eq!(journal.set_aside().len(), 1);
    assert_eq!(keep(&journal, vec![record(1, connected())]), Ok(()));
}
