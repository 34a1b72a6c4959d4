//! From the engine's record to standard output where there is no journal between them: a thread that makes the lines, so
//! that the engine waits for neither the formatting nor the disk.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use earshot_engine::record::{Fact, Record, Recorder};
use earshot_engine::snapshot::Trouble;
use tokio::sync::oneshot;

use crate::lines::Lines;
use crate::output::Output;

/// Bytes of records that may wait for the thread; it is behind only while the disk hangs.
const WAITING: usize = 64 * 1024 * 1024;
/// What a record takes beside its body, roughly.
const RECORD: usize = 512;

/// Takes the record and prints it.
pub struct Clerk {
    desk: Arc<Desk>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Default)]
struct Desk {
    pile: Mutex<Pile>,
    filled: Condvar,
}

#[derive(Default)]
struct Pile {
    entries: VecDeque<Entry>,
    bytes: usize,
    closed: bool,
}

enum Entry {
    Record(Record),
    /// So many records found no room, since then.
    Lost(i64, u64),
}

impl Clerk {
    /// Starts to print to this.
    pub fn start(output: Output) -> std::io::Result<Self> {
        let desk = Arc::<Desk>::default();
        let at_desk = Arc::clone(&desk);
        let work = move || {
            let mut lines = Lines::default();
            while let Some(entry) = at_desk.next() {
                match entry {
                    Entry::Record(record) => {
                        if let Some(line) = lines.line(&record, true) {
                            output.push(line);
                        }
                    }
                    Entry::Lost(at, count) => output.lost(at, count),
                }
            }
        };
        let thread = thread::Builder::new().name("lines".into()).spawn(work)?;
        Ok(Self { desk, thread: Mutex::new(Some(thread)) })
    }

    /// Nothing more comes; returns when all of it has been handed to the output.
    pub fn close(&self) {
        self.desk.lock().closed = true;
        self.desk.filled.notify_one();
        if let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = thread.join();
        }
    }
}

impl Recorder for Clerk {
    fn record(&self, records: Vec<Record>) -> oneshot::Receiver<Result<(), Trouble>> {
        self.desk.add(records);
        let (done, safe) = oneshot::channel();
        let _ = done.send(Ok(()));
        safe
    }
}

impl Desk {
    fn lock(&self) -> MutexGuard<'_, Pile> {
        self.pile.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, records: Vec<Record>) {
        let mut pile = self.lock();
        for record in records {
            let size = size(&record);
            if pile.bytes > 0 && pile.bytes + size > WAITING {
                match pile.entries.back_mut() {
                    Some(Entry::Lost(_, count)) => *count += 1,
                    _ => pile.entries.push_back(Entry::Lost(record.at, 1)),
                }
            } else {
                pile.bytes += size;
                pile.entries.push_back(Entry::Record(record));
            }
        }
        drop(pile);
        self.filled.notify_one();
    }

    fn next(&self) -> Option<Entry> {
        let mut pile = self.lock();
        loop {
            if let Some(entry) = pile.entries.pop_front() {
                if let Entry::Record(record) = &entry {
                    pile.bytes -= size(record);
                }
                return Some(entry);
            }
            if pile.closed {
                return None;
            }
            pile = self.filled.wait(pile).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

fn size(record: &Record) -> usize {
    match &record.fact {
        Fact::Event(event) => RECORD + event.body.get().len(),
        _ => RECORD,
    }
}
