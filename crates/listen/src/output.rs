//! Standard output: one thread writes, line by line, and nobody waits for it. What a slow reader has not read waits in
//! memory, then on disk; beyond that, lines are counted and a gap line stands in their place.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::lines::{Line, left_out};
use crate::spill::Spill;

/// Bytes that wait in memory before the disk is used: some thousand events.
const IN_MEMORY: usize = 4 * 1024 * 1024;
/// Read from the disk at once.
const CHUNK: usize = 64 * 1024;
/// Between two attempts to write where that failed for another reason than a reader that is gone: a full disk, say.
const RETRY: Duration = Duration::from_secs(1);
/// Why lines were left out.
const FULL: &str = "output full";
const UNREADABLE: &str = "output lost";

/// The way to standard output.
#[derive(Clone)]
pub struct Output {
    shared: Arc<Shared>,
    gone: Arc<Notify>,
}

struct Shared {
    state: Mutex<State>,
    /// There is something to write, or nothing will come any more.
    filled: Condvar,
    /// The writer has come to its end.
    done: Condvar,
}

struct State {
    memory: VecDeque<Vec<u8>>,
    /// Bytes in `memory`.
    held: usize,
    spill: Spill,
    /// Bytes that may wait on disk.
    limit: u64,
    left_out: Option<LeftOut>,
    closed: bool,
    done: bool,
}

#[derive(Clone, Copy)]
struct LeftOut {
    from: i64,
    to: i64,
    lines: u64,
    events: u64,
}

/// What the writer is to do next.
enum Next {
    Write(Vec<u8>),
    /// What waited on disk cannot be read back.
    Lost(io::Error),
    End,
}

impl Output {
    /// Starts to write to `to`; up to `limit` bytes wait in `spill`.
    pub fn start(to: impl Write + Send + 'static, spill: Spill, limit: u64) -> io::Result<Self> {
        let state =
            State { memory: VecDeque::new(), held: 0, spill, limit, left_out: None, closed: false, done: false };
        let shared = Arc::new(Shared { state: Mutex::new(state), filled: Condvar::new(), done: Condvar::new() });
        let output = Self { shared: Arc::clone(&shared), gone: Arc::default() };
        let gone = Arc::clone(&output.gone);
        thread::Builder::new().name("output".into()).spawn(move || {
            write(to, &shared, &gone);
            let mut state = shared.lock();
            state.done = true;
            state.memory.clear();
            state.spill.discard();
            shared.done.notify_all();
        })?;
        Ok(output)
    }

    /// Hands a line over. It is written, kept, or counted; never waited for.
    pub fn push(&self, line: Line) {
        self.shared.lock().push(line);
        self.shared.filled.notify_one();
    }

    /// Counts lines that never came to be, because nothing took them in time.
    pub fn lost(&self, at: i64, lines: u64) {
        self.shared.lock().count(at, lines, lines);
        self.shared.filled.notify_one();
    }

    /// Returns when nobody reads any more.
    pub async fn gone(&self) {
        self.gone.notified().await;
    }

    /// For whoever notices it first.
    pub fn say_gone(&self) {
        self.gone.notify_one();
    }

    /// Nothing more comes: waits for everything to be written, but no longer than this. False: not everything was.
    pub fn finish(&self, patience: Duration) -> bool {
        let end = Instant::now() + patience;
        let mut state = self.shared.lock();
        state.closed = true;
        self.shared.filled.notify_one();
        while !state.done {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                state.spill.discard();
                return false;
            }
            let waited = self.shared.done.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner);
            state = waited.0;
        }
        true
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) -> Next {
        let mut state = self.lock();
        loop {
            if let Some(line) = state.memory.pop_front() {
                state.held -= line.len();
                return Next::Write(line);
            }
            if state.spill.unread() > 0 {
                let mut chunk = vec![0; CHUNK];
                return match state.spill.take(&mut chunk) {
                    Ok(count) => {
                        chunk.truncate(count);
                        Next::Write(chunk)
                    }
                    Err(error) => {
                        state.spill.discard();
                        Next::Lost(error)
                    }
                };
            }
            if let Some(gap) = state.left_out.take() {
                return Next::Write(gap.line());
            }
            if state.closed {
                return Next::End;
            }
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl State {
    fn push(&mut self, line: Line) {
        if self.closed || self.done {
            return;
        }
        // Once full, half of it is read before lines are taken again: one gap, not one for every other line.
        if self.left_out.is_some() && self.spill.unread() > self.limit / 2 {
            return self.count(line.at, 1, u64::from(line.event));
        }
        if let Some(gap) = self.left_out
            && self.keep(gap.line()).is_ok()
        {
            self.left_out = None;
        }
        let Line { at, event, text } = line;
        if self.left_out.is_some() || self.keep(text).is_err() {
            self.count(at, 1, u64::from(event));
        }
    }

    /// Puts a line behind all others.
    fn keep(&mut self, text: Vec<u8>) -> Result<(), ()> {
        // An empty memory takes a line of any length where nothing may wait on disk.
        let fits = self.held + text.len() <= IN_MEMORY || (self.limit == 0 && self.held == 0);
        if self.spill.unread() == 0 && fits {
            self.held += text.len();
            self.memory.push_back(text);
            return Ok(());
        }
        if self.spill.unread() + text.len() as u64 > self.limit {
            return Err(());
        }
        self.spill.append(&text).map_err(|error| {
            tracing::warn!(%error, "a line could not be kept on disk for a slow reader");
        })
    }

    fn count(&mut self, at: i64, lines: u64, events: u64) {
        let gap = self.left_out.get_or_insert(LeftOut { from: at, to: at, lines: 0, events: 0 });
        gap.to = at;
        gap.lines += lines;
        gap.events += events;
    }
}

impl LeftOut {
    fn line(self) -> Vec<u8> {
        left_out(self.from, self.to, self.lines, self.events, FULL)
    }
}

fn write(mut to: impl Write, shared: &Shared, gone: &Notify) {
    let mut inside = false;
    loop {
        let bytes = match shared.next() {
            Next::Write(bytes) => bytes,
            Next::Lost(error) => {
                tracing::error!(%error, "what waited for the reader on disk cannot be read back");
                let now = jiff::Timestamp::now().as_millisecond();
                let mut bytes = if inside { vec![b'\n'] } else { Vec::new() };
                bytes.extend(left_out(now, now, 0, 0, UNREADABLE));
                bytes
            }
            Next::End => return,
        };
        inside = bytes.last().is_some_and(|last| *last != b'\n');
        if !write_all(&mut to, &bytes) {
            return gone.notify_one();
        }
    }
}

/// Writes everything, however long that takes; false when nobody reads any more.
fn write_all(to: &mut impl Write, mut bytes: &[u8]) -> bool {
    let mut said = false;
    while !bytes.is_empty() {
        match to.write(bytes) {
            Ok(count) if count > 0 => bytes = &bytes[count..],
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return false,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // Somebody made the pipe non-blocking, and it is full.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => thread::sleep(Duration::from_millis(10)),
            failed => {
                if !std::mem::replace(&mut said, true) {
                    let error = failed.err().map(|error| error.to_string());
                    tracing::error!(error, "standard output cannot be written; trying again every second");
                }
                thread::sleep(RETRY);
            }
        }
    }
    to.flush().is_ok()
}

#[cfg(test)]
mod tests;
