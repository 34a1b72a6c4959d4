//! Keeps the record: a journal under Earshot's own folder, metadata alone. From what goes into it, it says how deaf Earshot
//! was today. Without a journal Earshot hears and rings all the same, and says that nothing is being kept.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use earshot_engine::journal::{Deafness, Journal, Options, Retention};
use earshot_engine::record::{Fact, Owed, Record, Recorder};
use earshot_engine::snapshot::Trouble;
use jiff::{Timestamp, ToSpan as _, Zoned};
use tokio::sync::{oneshot, watch};

use crate::ipc::DeafView;
use crate::trouble::trouble;

/// Its file, in Earshot's own folder.
pub(crate) const FILE: &str = "journal/journal.db";
/// What is older is removed …
const AGE: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// … and so is what is beyond this: years of an agent's days.
const BYTES: u64 = 50 * 1024 * 1024;
/// A disk that takes longer to open the journal does not keep an agent from being heard for.
const OPENING: Duration = Duration::from_secs(3);
/// What waits when Earshot ends is a record or two.
const CLOSING: Duration = Duration::from_secs(2);

/// What there is to say of the record.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Kept {
    /// The journal is open, or will not be.
    pub(crate) ready: bool,
    /// How deaf Earshot was today.
    pub(crate) deaf: Option<DeafView>,
    /// Why nothing is being kept, or what became of what was.
    pub(crate) trouble: Option<Trouble>,
}

/// See the head of this file.
pub(crate) struct Keeper {
    journal: OnceLock<Journal>,
    deafness: Mutex<Deafness>,
    owed: Mutex<Option<Owed>>,
    kept: watch::Sender<Kept>,
}

impl Keeper {
    /// Opens the journal beside everything else. Without a place for it there is the reason.
    pub(crate) fn start(place: Result<PathBuf, Trouble>) -> Arc<Self> {
        let keeper = Arc::new(Self {
            journal: OnceLock::new(),
            deafness: Mutex::default(),
            owed: Mutex::default(),
            kept: watch::Sender::default(),
        });
        let opening = Arc::clone(&keeper);
        let started = std::thread::Builder::new().name("keeper".into()).spawn(move || {
            let trouble = match place {
                Ok(place) => opening.open(&place),
                Err(trouble) => Some(trouble),
            };
            opening.say(|kept| (kept.ready, kept.trouble) = (true, trouble));
        });
        if let Err(error) = started {
            keeper.say(|kept| (kept.ready, kept.trouble) = (true, Some(no_folder(&error.to_string()))));
        }
        keeper
    }

    fn open(&self, place: &Path) -> Option<Trouble> {
        let options = Options {
            program: format!("earshot {}", env!("CARGO_PKG_VERSION")),
            retention: Retention { age: Some(AGE), bytes: Some(BYTES), ..Retention::default() },
            ..Options::default()
        };
        let journal = match Journal::open(place, options) {
            Ok(journal) => journal,
            Err(error) => {
                tracing::warn!(%error, "the journal cannot be kept");
                return Some(error.trouble());
            }
        };
        match Deafness::read(place, midnight(-1)) {
            Ok(deafness) => *lock(&self.deafness) = deafness,
            Err(error) => tracing::warn!(%error, "what was heard today before this start cannot be read"),
        }
        *lock(&self.owed) = journal.owed();
        let replaced = journal.replaced();
        // Nobody else sets it.
        let _ = self.journal.set(journal);
        replaced
    }

    /// Waits until the journal is open, or will not be; not for ever.
    pub(crate) async fn ready(&self) {
        let mut kept = self.kept.subscribe();
        if tokio::time::timeout(OPENING, kept.wait_for(|kept| kept.ready)).await.is_err() {
            tracing::warn!("the journal takes long to open");
        }
    }

    /// What the last run of the program left to be looked up: for the first session of this one.
    pub(crate) fn owed(&self) -> Option<Owed> {
        lock(&self.owed).take()
    }

    /// What there is to say, always the newest.
    pub(crate) fn kept(&self) -> watch::Receiver<Kept> {
        self.kept.subscribe()
    }

    /// Writes what waits and closes the file. Blocks.
    pub(crate) fn close(&self) {
        if self.journal.get().is_some_and(|journal| !journal.close(CLOSING)) {
            tracing::warn!("the last records could not be written in time");
        }
    }

    /// Says what is new, with today as it stands.
    fn say(&self, change: impl FnOnce(&mut Kept)) {
        let deaf = today(&lock(&self.deafness));
        self.kept.send_if_modified(|kept| {
            let before = kept.clone();
            change(kept);
            kept.deaf = Some(deaf);
            *kept != before
        });
    }
}

impl Recorder for Keeper {
    fn record(&self, records: Vec<Record>) -> oneshot::Receiver<Result<(), Trouble>> {
        {
            let mut deafness = lock(&self.deafness);
            for record in &records {
                deafness.note(record);
            }
            deafness.forget(midnight(-1));
        }
        if records.iter().any(|record| !matches!(record.fact, Fact::Event(_))) {
            self.say(|_| {});
        }
        if let Some(journal) = self.journal.get() {
            return journal.record(records);
        }
        let (done, safe) = oneshot::channel();
        // Where it could not be opened, that has been said.
        let _ = done.send(if self.kept.borrow().ready { Ok(()) } else { Err(opening()) });
        safe
    }
}

fn today(deafness: &Deafness) -> DeafView {
    let day = midnight(0);
    let deaf = deafness.day(day, Timestamp::now().as_millisecond());
    DeafView {
        day,
        closed: deaf.closed,
        gaps: deaf.gaps,
        missed: deaf.missed,
        settled: deaf.settled,
        since: deaf.since,
    }
}

/// When today began here, or so many days later.
fn midnight(days: i64) -> i64 {
    let now = Zoned::now();
    let begin = now.date().checked_add(days.days()).and_then(|date| date.to_zoned(now.time_zone().clone()));
    begin.unwrap_or(now).timestamp().as_millisecond()
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

fn opening() -> Trouble {
    trouble(
        "journal.slow",
        "What Earshot hears is not being put on record yet: the disk takes long.",
        Some("Earshot rings all the same. If this stays, send this line to your help desk."),
        true,
    )
}

/// There is no place for a journal.
pub(crate) fn no_folder(why: &str) -> Trouble {
    trouble(
        "journal.denied",
        format!("Earshot cannot keep a record of what it hears ({why})."),
        Some("Earshot rings all the same. Send this line to your help desk."),
        true,
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used)]

    use earshot_engine::event::GapRecord;
    use earshot_engine::snapshot::LinkState;

    use super::*;

    fn now() -> i64 {
        Timestamp::now().as_millisecond()
    }

    fn lost() -> Trouble {
        Trouble::passing("socket.closed", "The connection was cut off.")
    }

    async fn keep(keeper: &Keeper, fact: Fact) {
        let record = Record { at: now(), fact };
        keeper.record(vec![record]).await.expect("an answer").expect("kept");
    }

    fn shown(keeper: &Keeper) -> DeafView {
        keeper.kept().borrow().deaf.expect("known")
    }

    #[tokio::test]
    async fn today_goes_on_after_a_start_and_what_is_owed_is_owed_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("journal").join("journal.db");
        let keeper = Keeper::start(Ok(place.clone()));
        keeper.ready().await;
        assert_eq!((keeper.owed(), keeper.kept().borrow().trouble.clone()), (None, None));
        keep(&keeper, Fact::Started { version: "0".into() }).await;
        keep(&keeper, Fact::Link { state: LinkState::Connected, trouble: None }).await;
        let from = now();
        keep(&keeper, Fact::GapOpened { from, cause: lost() }).await;
        assert!(shown(&keeper).since.is_some() && !shown(&keeper).settled);
        tokio::time::sleep(Duration::from_millis(20)).await;
        let to = now();
        let gap = GapRecord {
            from,
            to,
            causes: vec![lost()],
            recovered: 0,
            missed: 1,
            unrecoverable: Vec::new(),
            settled: true,
        };
        keep(&keeper, Fact::Gap(gap)).await;
        let before = shown(&keeper);
        // At midnight the day begins anew, in the middle of a test too.
        assert!(before.day > from || (before.gaps, before.missed, before.closed) == (1, 1, to - from), "{before:?}");
        keeper.close();
        drop(keeper);

        let again = Keeper::start(Ok(place));
        again.ready().await;
        let after = shown(&again);
        assert!(after == before || after.day > before.day, "{after:?}");
        assert!(again.owed().is_some_and(|owed| owed.from >= to));
        assert_eq!(again.owed(), None);
    }

    #[tokio::test]
    async fn a_journal_that_cannot_be_kept_is_said_and_stops_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("journal.db");
        let first = Keeper::start(Ok(place.clone()));
        first.ready().await;
        let second = Keeper::start(Ok(place));
        second.ready().await;
        let said = second.kept().borrow().trouble.clone().map(|trouble| trouble.code);
        assert_eq!(said.as_deref(), Some("journal.held"));
        keep(&second, Fact::GapOpened { from: now() - 5, cause: lost() }).await;
        assert_eq!(shown(&second).gaps, 1, "today is told all the same");
    }

    #[tokio::test]
    async fn a_damaged_journal_is_said_to_be_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("journal.db");
        std::fs::write(&place, "no journal at all ".repeat(500)).expect("written");
        let keeper = Keeper::start(Ok(place));
        keeper.ready().await;
        let said = keeper.kept().borrow().trouble.clone().map(|trouble| trouble.code);
        assert_eq!(said.as_deref(), Some("journal.replaced"));
        keep(&keeper, Fact::Stopped).await;
    }
}
