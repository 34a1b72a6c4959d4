//! Facts to be put on record, and a journal of a test's own.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use earshot_engine::event::{GapRecord, Source};
use earshot_engine::journal::{Journal, Options, Range, export};
use earshot_engine::record::{EventRecord, Fact, HandOver, Record, Recorder as _};
use earshot_engine::snapshot::{LinkState, Medium, Millis, OfferEnd, Trouble};
use serde_json::value::to_raw_value;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A directory that goes with the test.
pub(crate) struct Place {
    directory: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { directory: tempfile::tempdir().expect("a directory") }
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.directory.path().join("sub").join("journal.db")
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let listed = std::fs::read_dir(self.directory.path().join("sub")).expect("a directory");
        let mut names: Vec<_> =
            listed.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8")).collect();
        names.sort();
        names
    }
}

/// All records, as they are exported.
pub(crate) fn exported(path: &Path) -> Vec<Value> {
    let mut lines = Vec::new();
    export(path, &mut lines, Range::default()).expect("exported");
    let text = String::from_utf8(lines).expect("UTF-8");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// Those of this kind.
pub(crate) fn of_kind<'a>(lines: &'a [Value], kind: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["kind"] == kind).collect()
}

pub(crate) fn options() -> Options {
    Options { program: "test 1".into(), ..Options::default() }
}

pub(crate) fn open(place: &Place, options: Options) -> Journal {
    Journal::open(place.file(), options).expect("a journal")
}

/// Hands over, and waits for the answer.
pub(crate) fn keep(journal: &Journal, records: Vec<Record>) -> Result<(), Trouble> {
    journal.record(records).blocking_recv().expect("an answer")
}

pub(crate) fn close(journal: &Journal) {
    assert!(journal.close(Duration::from_secs(20)), "the writer did not end");
}

pub(crate) fn record(at: Millis, fact: Fact) -> Record {
    Record { at, fact }
}

pub(crate) fn event(conversation: &str, ended: bool) -> Fact {
    let state = if ended { "disconnected" } else { "connected" };
    let body = json!({ "id": conversation, "participants": [
        { "name": "Jane Doe", "address": "tel:+491234", "calls": [{ "id": "l", "state": state }] }] });
    Fact::Event(EventRecord {
        topic: "v2.users.u.conversations".into(),
        subject: conversation.into(),
        body: Arc::from(to_raw_value(&body).expect("JSON")),
        source: Source::Live,
    })
}

pub(crate) fn connected() -> Fact {
    Fact::Link { state: LinkState::Connected, trouble: None }
}

pub(crate) fn trouble() -> Trouble {
    Trouble::passing("socket.closed", "Genesys Cloud closed the notification connection (code 1006).")
}

/// One of each, by number.
pub(crate) fn fact(n: u8, text: &str) -> Fact {
    match n % 20 {
        0 => Fact::Started { version: text.into() },
        1 => Fact::Stopped,
        2 => Fact::SignedIn { renewal: "refresh_token" },
        3 => Fact::SignedOut,
        4 => connected(),
        5 => Fact::Link { state: LinkState::Reconnecting, trouble: Some(trouble()) },
        6 => Fact::Topic { topic: text.into(), permitted: false, reason: Some(text.into()) },
        7 => event(text, false),
        8 => event(text, true),
        9 => Fact::GapOpened { from: 7, cause: trouble() },
        10 => Fact::Gap(GapRecord {
            from: 7,
            to: 9,
            causes: vec![trouble()],
            recovered: 1,
            missed: 2,
            unrecoverable: vec![],
            settled: true,
        }),
        11 => Fact::HandOver(HandOver::Begun { epoch: 3, trouble: trouble() }),
        12 => Fact::HandOver(HandOver::Failed { epoch: 3, trouble: trouble() }),
        13 => Fact::Renewed { generation: 2, lifetime: Duration::from_secs(3600) },
        14 => Fact::RenewFailed { trouble: trouble() },
        15 => Fact::OfferStarted {
            conversation: text.into(),
            leg: text.into(),
            medium: Medium::Call,
            since: 5,
            source: Source::Recovered,
        },
        16 => Fact::OfferEnded { leg: text.into(), end: OfferEnd::TimedOut },
        17 => Fact::Missed { conversation: None, medium: None, end: OfferEnd::WhileDeaf },
        18 => Fact::ActionSent { action: 1, what: "answer", conversation: Some(text.into()) },
        _ => Fact::Unreadable { fingerprint: text.into() },
    }
}
