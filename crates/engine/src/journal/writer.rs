//! The writer's thread: appends what it finds, tries again what failed, and looks after the file.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rusqlite::ErrorCode;
use serde_json::{Value, json};

use super::lock::Lock;
use super::payload::Entry;
use super::queue::{Found, Queue};
use super::store::{Line, Store, Unusable, is_corrupt, set_aside};
use super::{Options, Taken, Tap, trouble};
use crate::backoff::doubling;
use crate::limits::{
    CHECKPOINT_EVERY, JOURNAL_BATCH, JOURNAL_PATIENCE, JOURNAL_RETRY, JOURNAL_RETRY_CAP, JOURNAL_UPKEEP,
    JOURNAL_WAITING, JOURNAL_WAITING_BYTES,
};
use crate::moment::millis;
use crate::snapshot::{Millis, Trouble};
use crate::world::{Clock, SystemClock};

/// See the head of this file.
pub(super) struct Writer {
    pub(super) path: PathBuf,
    pub(super) options: Options,
    pub(super) queue: Arc<Queue>,
    /// `None` while it cannot be opened.
    pub(super) store: Option<Store>,
    /// Where damaged files went.
    pub(super) aside: Arc<Mutex<Vec<PathBuf>>>,
    pub(super) clock: SystemClock,
    pub(super) _lock: Lock,
    tap: Option<Tap>,
    waiting: VecDeque<Line>,
    queued: VecDeque<(Instant, usize)>,
    bytes: usize,
    /// Records that fell out after those that wait, and since when.
    lost: Option<(u64, Millis)>,
    failing: Option<Failing>,
    upkeep: Instant,
}

/// The disk fails.
struct Failing {
    trouble: Trouble,
    times: u32,
    retry: Instant,
}

impl Writer {
    pub(super) fn new(
        path: PathBuf,
        options: Options,
        queue: Arc<Queue>,
        store: Store,
        lock: Lock,
        aside: Arc<Mutex<Vec<PathBuf>>>,
    ) -> Self {
        Self {
            path,
            options,
            queue,
            store: Some(store),
            aside,
            clock: SystemClock::default(),
            _lock: lock,
            tap: None,
            waiting: VecDeque::new(),
            queued: VecDeque::new(),
            bytes: 0,
            lost: None,
            failing: None,
            upkeep: Instant::now(),
        }
    }

    /// Runs until the queue is closed and empty.
    pub(super) fn run(mut self) {
        // Even if a tap panics: nobody waits for ever.
        struct Finish(Arc<Queue>);
        impl Drop for Finish {
            fn drop(&mut self) {
                self.0.finish();
            }
        }
        let finish = Finish(Arc::clone(&self.queue));
        loop {
            let retry = self.failing.as_ref().map_or(self.upkeep, |failing| failing.retry.min(self.upkeep));
            let found = self.queue.take(retry);
            let closing = found.closing;
            self.work(found, closing);
            if Instant::now() >= self.upkeep {
                self.look_after();
            }
            if closing {
                break;
            }
        }
        if let Some(store) = self.store.take() {
            store.shorten_log();
        }
        // The file and its lock are free before anybody is told that they are.
        drop(self);
        drop(finish);
    }

    fn work(&mut self, found: Found, last: bool) {
        if let Some(tap) = found.tap {
            self.tap = Some(tap);
        }
        for batch in &found.batches {
            self.lose(batch.lost);
            for record in &batch.records {
                let entry = Entry::of(&record.fact, self.options.bodies);
                self.wait(Line { at: record.at, late: 0, entry }, batch.queued);
            }
        }
        self.lose(found.lost);
        let due = self.failing.as_ref().is_none_or(|failing| last || Instant::now() >= failing.retry);
        let result = match &self.failing {
            Some(failing) if !due => Err(failing.trouble.clone()),
            _ => self.flush(),
        };
        for batch in found.batches {
            let _ = batch.done.send(result.clone());
            if let Some(tap) = &mut self.tap {
                tap(Taken { records: &batch.records, kept: result.as_ref().copied(), lost: batch.lost });
            }
        }
        if let Some(tap) = self.tap.as_mut().filter(|_| found.lost > 0) {
            tap(Taken { records: &[], kept: result.as_ref().copied(), lost: found.lost });
        }
        if let Some(store) = &self.store {
            store.settle();
        }
    }

    fn wait(&mut self, line: Line, queued: Instant) {
        let bytes = 512 + line.entry.body.as_ref().map_or(0, |body| body.get().len());
        let full = self.waiting.len() >= JOURNAL_WAITING || self.bytes + bytes > JOURNAL_WAITING_BYTES;
        // Once something has fallen out, what comes after it may not overtake it.
        if self.failing.is_some() && (full || self.lost.is_some()) {
            self.lose(1);
            return;
        }
        self.bytes += bytes;
        self.waiting.push_back(line);
        self.queued.push_back((queued, bytes));
    }

    fn lose(&mut self, count: u64) {
        if count > 0 {
            let now = self.clock.wall();
            self.lost.get_or_insert((0, now)).0 += count;
        }
    }

    /// Writes everything that waits.
    fn flush(&mut self) -> Result<(), Trouble> {
        let mut replaced = None;
        loop {
            if self.waiting.is_empty() {
                let Some((count, from)) = self.lost.take() else { break };
                let now = self.clock.wall();
                let entry = Entry::new("lost", json!({ "count": count, "from": from, "to": now }));
                self.waiting.push_back(Line { at: now, late: 0, entry });
                self.queued.push_back((Instant::now(), 0));
            }
            match self.append() {
                Ok(()) => {}
                Err(Unusable::Corrupt(what)) if replaced.is_none() => match self.replace(&what) {
                    Ok(trouble) => replaced = Some(trouble),
                    Err(error) => return Err(self.failed(&error)),
                },
                Err(error) => return Err(self.failed(&error)),
            }
        }
        self.failing = None;
        replaced.map_or(Ok(()), Err)
    }

    /// Writes the first of those that wait.
    fn append(&mut self) -> Result<(), Unusable> {
        if self.store.is_none() {
            self.store = Some(Store::open(&self.path, &self.options, None, self.clock.wall())?);
        }
        let Some(store) = &mut self.store else { return Ok(()) };
        let count = self.waiting.len().min(JOURNAL_BATCH);
        for (line, (queued, _)) in self.waiting.iter_mut().zip(&self.queued).take(count) {
            line.late = Some(queued.elapsed()).filter(|waited| *waited > JOURNAL_PATIENCE).map_or(0, late);
        }
        let lines = &self.waiting.make_contiguous()[..count];
        let (first, last) = store.append(lines)?;
        // What the append itself took can only be put on record after it.
        let slow = lines.iter().zip(&self.queued).filter(|(line, _)| line.late == 0 && line.entry.kind != "late");
        let slowest = slow.map(|(_, (queued, _))| queued.elapsed()).max().filter(|took| *took > JOURNAL_PATIENCE);
        self.waiting.drain(..count);
        self.bytes -= self.queued.drain(..count).map(|(_, bytes)| bytes).sum::<usize>();
        if let Some(took) = slowest {
            let entry = Entry::new("late", json!({ "first": first, "last": last, "milliseconds": late(took) }));
            self.waiting.push_front(Line { at: self.clock.wall(), late: 0, entry });
            self.queued.push_front((Instant::now(), 0));
        }
        let now = self.clock.wall();
        if store.checkpoint_due(now, millis(CHECKPOINT_EVERY)) {
            store.checkpoint(now)?;
        }
        Ok(())
    }

    /// The file is damaged: it is moved aside and a new one is begun, whose first record names it.
    fn replace(&mut self, what: &str) -> Result<Trouble, Unusable> {
        let now = self.clock.wall();
        let (head, standing) = match self.store.take() {
            Some(store) => (store.head(), Some(store.standing.clone())),
            None => (Value::Null, None),
        };
        let (store, trouble) = begin_anew(&self.path, &self.options, what, &head, &self.aside, now)?;
        let store = self.store.insert(store);
        if let Some(standing) = standing {
            store.standing = standing;
        }
        store.checkpoint(now)?;
        Ok(trouble)
    }

    fn failed(&mut self, error: &Unusable) -> Trouble {
        let trouble = trouble::of(error);
        let times = self.failing.as_ref().map_or(0, |failing| failing.times).saturating_add(1);
        if times == 1 {
            tracing::warn!(code = trouble.code, "the journal cannot be written");
        }
        let retry = Instant::now() + doubling(JOURNAL_RETRY, JOURNAL_RETRY_CAP, times);
        self.failing = Some(Failing { trouble: trouble.clone(), times, retry });
        let passing = matches!(error, Unusable::Failed(error) if matches!(
            error.sqlite_error_code(),
            Some(ErrorCode::DiskFull | ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
        ));
        if !passing {
            // A file opened anew may do what this one does not.
            self.store = None;
        }
        trouble
    }

    /// What is due once a minute. Nothing in here is worth a trouble: if it stays, the next append has it.
    fn look_after(&mut self) {
        self.upkeep = Instant::now() + JOURNAL_UPKEEP;
        let now = self.clock.wall();
        if !Store::is_there(&self.path) && self.failing.is_none() && self.replace("the file was removed").is_err() {
            self.store = None;
        }
        let Some(store) = &mut self.store else { return };
        let mut kept = Ok(());
        if store.checkpoint_due(now, millis(CHECKPOINT_EVERY)) {
            kept = store.checkpoint(now);
        }
        if let Err(error) = kept.and_then(|()| store.retain(&self.options, now)) {
            tracing::warn!(%error, "the journal could not be looked after");
            if is_corrupt(&error) && self.replace(&error.to_string()).is_err() {
                self.store = None;
            }
        }
    }
}

/// Moves a damaged file aside and begins a new one.
pub(super) fn begin_anew(
    path: &std::path::Path,
    options: &Options,
    what: &str,
    head: &Value,
    aside: &Mutex<Vec<PathBuf>>,
    now: Millis,
) -> Result<(Store, Trouble), Unusable> {
    let moved = set_aside(path, now)
        .map_err(|source| Unusable::Refused(super::JournalError::Io { path: path.to_owned(), source }))?;
    let name = moved.file_name().unwrap_or_default().to_string_lossy().into_owned();
    tracing::warn!(what, to = name, "the journal was damaged and has been moved aside");
    let store = Store::open(path, options, Some(&json!({ "file": name, "because": what, "head": head })), now)?;
    aside.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(moved);
    Ok((store, trouble::replaced(&name)))
}

fn late(waited: Duration) -> u32 {
    u32::try_from(waited.as_millis()).unwrap_or(u32::MAX)
}
