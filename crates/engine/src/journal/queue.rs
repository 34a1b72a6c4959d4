//! Records on their way to the writer's thread. Handing over never waits; what does not fit is counted.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::Tap;
use crate::limits::{JOURNAL_BATCH, JOURNAL_WAITING, JOURNAL_WAITING_BYTES};
use crate::record::{Fact, Record};
use crate::snapshot::Trouble;

/// What was handed over at once.
pub(super) struct Batch {
    pub(super) records: Vec<Record>,
    pub(super) done: oneshot::Sender<Result<(), Trouble>>,
    pub(super) queued: Instant,
    /// Records before these that did not fit.
    pub(super) lost: u64,
    bytes: usize,
}

/// What the writer finds.
#[derive(Default)]
pub(super) struct Found {
    pub(super) batches: Vec<Batch>,
    pub(super) tap: Option<Tap>,
    /// Records after the last batch that did not fit.
    pub(super) lost: u64,
    /// Nothing more will come.
    pub(super) closing: bool,
}

#[derive(Default)]
struct State {
    batches: VecDeque<Batch>,
    records: usize,
    bytes: usize,
    lost: u64,
    tap: Option<Tap>,
    closing: bool,
    finished: bool,
}

/// The way to the writer's thread.
#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

impl Queue {
    /// Never held for longer than it takes to move a few words; nothing in here can panic half-way.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn push(&self, records: Vec<Record>, done: oneshot::Sender<Result<(), Trouble>>) {
        let bytes = records.iter().map(size).sum();
        let mut state = self.state();
        if state.finished {
            return;
        }
        let full = state.records + records.len() > JOURNAL_WAITING || state.bytes + bytes > JOURNAL_WAITING_BYTES;
        // One that would not fit into an empty queue is taken all the same.
        if full && !state.batches.is_empty() {
            state.lost += records.len() as u64;
            return;
        }
        state.records += records.len();
        state.bytes += bytes;
        let lost = std::mem::take(&mut state.lost);
        state.batches.push_back(Batch { records, done, queued: Instant::now(), lost, bytes });
        drop(state);
        self.changed.notify_all();
    }

    pub(super) fn tap(&self, tap: Tap) {
        self.state().tap = Some(tap);
        self.changed.notify_all();
    }

    /// Waits for work until `due`.
    pub(super) fn take(&self, due: Instant) -> Found {
        let patience = due.saturating_duration_since(Instant::now());
        let idle = |state: &mut State| state.batches.is_empty() && state.tap.is_none() && !state.closing;
        let (mut state, _) =
            self.changed.wait_timeout_while(self.state(), patience, idle).unwrap_or_else(PoisonError::into_inner);
        let mut found = Found { tap: state.tap.take(), ..Found::default() };
        let mut records = 0;
        while records < JOURNAL_BATCH
            && let Some(batch) = state.batches.pop_front()
        {
            state.records -= batch.records.len();
            state.bytes -= batch.bytes;
            records += batch.records.len();
            found.batches.push(batch);
        }
        if state.batches.is_empty() {
            found.lost = std::mem::take(&mut state.lost);
            found.closing = state.closing;
        }
        found
    }

    /// Nothing more will come.
    pub(super) fn close(&self) {
        self.state().closing = true;
        self.changed.notify_all();
    }

    /// The thread has ended: whoever waits for it need not any longer.
    pub(super) fn finish(&self) {
        let mut state = self.state();
        state.finished = true;
        state.batches.clear();
        drop(state);
        self.changed.notify_all();
    }

    /// Waits for that. False: it did not come in time.
    pub(super) fn finished(&self, patience: Duration) -> bool {
        let waited = self.changed.wait_timeout_while(self.state(), patience, |state| !state.finished);
        waited.unwrap_or_else(PoisonError::into_inner).0.finished
    }
}

/// What a record takes in memory, roughly.
fn size(record: &Record) -> usize {
    match &record.fact {
        Fact::Event(event) => 256 + event.body.get().len(),
        _ => 256,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_counted_where_it_would_have_stood() {
        let queue = Queue::default();
        let push = |count: usize| {
            let (done, safe) = oneshot::channel();
            queue.push(vec![Record { at: 0, fact: Fact::Hearing { until: 0 } }; count], done);
            safe
        };
        let first = push(JOURNAL_WAITING);
        let mut second = push(7);
        assert_eq!(second.try_recv(), Err(oneshot::error::TryRecvError::Closed), "it is told at once");
        let now = Instant::now();
        let found = queue.take(now);
        assert_eq!((found.batches.len(), found.lost), (1, 7));
        let third = push(1);
        assert_eq!(queue.take(now).batches.first().map(|batch| batch.lost), Some(0));
        drop((first, third));
    }
}
