#![allow(clippy::unwrap_used)]

use std::path::PathBuf;
use std::sync::mpsc;

use super::*;

/// A reader that takes as many writes as it is allowed to.
struct Reader {
    allowed: mpsc::Receiver<()>,
    read: mpsc::Sender<Vec<u8>>,
}

impl Write for Reader {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A door that is gone stays open.
        let _ = self.allowed.recv();
        self.read.send(bytes.to_vec()).map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Bench {
    output: Output,
    door: mpsc::Sender<()>,
    read: mpsc::Receiver<Vec<u8>>,
    directory: PathBuf,
}

impl Bench {
    fn new(name: &str, limit: u64) -> Self {
        let directory = std::env::temp_dir().join(format!("earshot-output-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let (door, allowed) = mpsc::channel();
        let (sent, read) = mpsc::channel();
        let reader = Reader { allowed, read: sent };
        let output = Output::start(reader, Spill::new(directory.clone()), limit).unwrap();
        Self { output, door, read, directory }
    }

    fn push(&self, number: u32, length: usize) {
        let mut text = format!("{number}:{}", "x".repeat(length)).into_bytes();
        text.push(b'\n');
        self.output.push(Line { at: i64::from(number), event: true, text });
    }

    fn files(&self) -> usize {
        std::fs::read_dir(&self.directory).unwrap().count()
    }

    fn held(&self) -> usize {
        self.output.shared.lock().held
    }

    /// Lets the reader read everything.
    fn all(self) -> Vec<String> {
        drop(self.door);
        assert!(self.output.finish(Duration::from_secs(20)));
        let bytes: Vec<u8> = self.read.try_iter().flatten().collect();
        assert_eq!(std::fs::read_dir(&self.directory).unwrap().count(), 0, "nothing stays on disk");
        std::fs::remove_dir_all(&self.directory).unwrap();
        String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect()
    }
}

fn number(line: &str) -> u32 {
    line.split_once(':').unwrap().0.parse().unwrap()
}

#[test]
fn a_slow_reader_gets_everything_in_order_and_memory_stays_bounded() {
    let bench = Bench::new("slow", 1 << 30);
    for count in 0..2_000 {
        bench.push(count, 10_000);
        assert!(bench.held() <= IN_MEMORY);
    }
    assert!(bench.files() > 0, "it waits on disk");
    let lines = bench.all();
    assert!(lines.iter().map(|line| number(line)).eq(0..2_000));
    assert!(lines.iter().all(|line| line.len() > 10_000));
}

#[test]
fn a_line_larger_than_memory_waits_on_disk() {
    let bench = Bench::new("large", 1 << 30);
    bench.push(1, 15 * 1024 * 1024);
    bench.push(2, 10);
    let lines = bench.all();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0].len(), 15 * 1024 * 1024 + 2);
}

#[test]
fn what_finds_no_room_is_counted_in_its_place() {
    let bench = Bench::new("full", 1_000_000);
    for count in 0..1_000 {
        bench.push(count, 10_000);
    }
    let lines = bench.all();
    let gap = lines.iter().position(|line| line.starts_with("{\"type\":\"gap\"")).unwrap();
    assert_eq!(gap, lines.len() - 1);
    assert!(lines[..gap].iter().map(|line| number(line)).eq(0..u32::try_from(gap).unwrap()));
    let left_out = 1_000 - gap;
    assert!(lines[gap].contains("\"cause\":\"output full\""), "{}", lines[gap]);
    assert!(lines[gap].contains(&format!("\"missed\":{left_out},")), "{}", lines[gap]);
}

#[test]
fn hearing_goes_on_after_what_was_left_out() {
    let bench = Bench::new("again", 1_000_000);
    for count in 0..1_000 {
        bench.push(count, 10_000);
    }
    for _ in 0..1_000 {
        bench.door.send(()).unwrap();
    }
    let begin = Instant::now();
    while bench.output.shared.lock().left_out.is_some() {
        assert!(begin.elapsed() < Duration::from_secs(20));
        thread::yield_now();
    }
    for count in 1_000..1_010 {
        bench.push(count, 10);
    }
    let lines = bench.all();
    let gaps: Vec<usize> = (0..lines.len()).filter(|&at| lines[at].starts_with('{')).collect();
    assert_eq!(gaps.len(), 1);
    assert!(lines[gaps[0] + 1..].iter().map(|line| number(line)).eq(1_000..1_010));
}

#[tokio::test]
async fn a_reader_that_is_gone_is_said() {
    let bench = Bench::new("gone", 1_000_000);
    drop((bench.read, bench.door));
    bench.output.push(Line { at: 0, event: false, text: b"line\n".to_vec() });
    bench.output.gone().await;
    assert!(bench.output.finish(Duration::from_secs(5)), "nothing is left to be done");
    std::fs::remove_dir_all(&bench.directory).unwrap();
}

/// Takes a byte at a time, and sometimes nothing at all.
struct Grudging(Vec<u8>, u32);

impl Write for Grudging {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.1 += 1;
        match self.1 % 3 {
            0 => Err(io::Error::from(io::ErrorKind::WouldBlock)),
            1 => Err(io::Error::from(io::ErrorKind::Interrupted)),
            _ => {
                self.0.push(bytes[0]);
                Ok(1)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn what_is_taken_in_pieces_is_written_once() {
    let mut to = Grudging(Vec::new(), 0);
    assert!(write_all(&mut to, b"a line\n"));
    assert_eq!(to.0, b"a line\n");
}
