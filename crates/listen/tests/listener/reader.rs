//! Whoever reads: slowly, not at all, not any more. And signals.

use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use earshot_simulator::{SendRaw, Stream};
use rustix::process::Signal;

use crate::bench::{Listener, PATIENCE, Stage, conversations, options};

const MIB: usize = 1024 * 1024;

/// Events of half a mebibyte, numbered.
fn flood(stage: &Stage, numbers: std::ops::Range<usize>) {
    let pad = "x".repeat(MIB / 2);
    for number in numbers {
        let text =
            format!(r#"{{"topicName":"{}","eventBody":{{"id":"flood-{number}","pad":"{pad}"}}}}"#, conversations());
        stage.control.send_raw(SendRaw { text: Some(text), ..SendRaw::default() }).expect("a frame");
    }
}

fn spilled(stage: &Stage) -> Vec<PathBuf> {
    let files = std::fs::read_dir(stage.folder.path()).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "spill")).collect()
}

async fn until(what: &str, check: impl Fn() -> bool) {
    let begin = Instant::now();
    while !check() {
        assert!(begin.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Resident memory of a process in bytes.
#[cfg(target_os = "linux")]
fn memory(listener: &Listener) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", listener.pid())).expect("its status");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("its peak");
    line.split_whitespace().nth(1).and_then(|number| number.parse::<usize>().ok()).expect("a number") * 1024
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader_loses_nothing_and_memory_stays_bounded() {
    let stage = Stage::new(options()).await;
    let (mut listener, stdout) = Listener::unread(stage.service());
    stage.until("it hears", |state| state["sockets"]["live"] == 1).await;
    let events = 300;
    let size = || spilled(&stage).iter().filter_map(|path| path.metadata().ok()).map(|file| file.len()).sum::<u64>();
    for from in (0..events).step_by(20) {
        flood(&stage, from..from + 20);
        // Some of it is in memory and in the pipe, all else on disk.
        let heard = ((from + 20) * MIB / 2) as u64;
        until("it waits on disk", || size() + 8 * MIB as u64 > heard).await;
    }
    let path = spilled(&stage).pop().expect("a file");
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    #[cfg(target_os = "linux")]
    {
        let memory = memory(&listener);
        println!("{} MiB of events waited; memory at most {} MiB", events / 2, memory / MIB);
        assert!(memory < 120 * MIB, "{} MiB", memory / MIB);
    }
    listener.read(stdout);
    listener.heard(&format!("flood-{}", events - 1)).await;
    let lines = listener.finish().await;
    let ids: Vec<_> =
        lines.iter().filter(|line| line.is("event")).map(|line| line.value["body"]["id"].clone()).collect();
    let expected: Vec<_> = (0..events).map(|number| format!("flood-{number}")).collect();
    assert_eq!(ids, expected, "all of them, in order");
    assert_eq!(spilled(&stage), [""; 0].map(PathBuf::from), "deleted once read");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_is_too_slow_is_told_how_much_was_left_out() {
    let stage = Stage::new(options()).await;
    let journal = stage.path("audit.db");
    let mut command = stage.service();
    command.args(["--spill-limit", "8"]).arg("--journal").arg(&journal);
    let (mut listener, stdout) = Listener::unread(command);
    stage.until("it hears", |state| state["sockets"]["live"] == 1).await;
    let events = 60;
    flood(&stage, 0..events);
    let heard = || {
        let records = crate::journal::records(&journal);
        records.iter().filter(|record| record["kind"] == "event").count()
    };
    until("all of it is in the journal", || heard() == events).await;
    listener.read(stdout);
    let gap = listener.gap(1).await;
    assert_eq!((&gap["cause"], &gap["settled"]), (&"output full".into(), &true.into()));
    listener.heard(&stage.offer()).await;
    let lines = listener.finish().await;
    let flooded = |line: &&crate::bench::Line| line.text.contains("flood-");
    let told = lines.iter().filter(flooded).count();
    let left_out: u64 =
        lines.iter().filter(|line| line.is("gap")).map(|line| line.value["missed"].as_u64().unwrap()).sum();
    assert_eq!(told as u64 + left_out, events as u64, "each is told or counted");
    assert!(told > 0 && left_out > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_goes_away_ends_it() {
    // While nothing happens, and while much does.
    for busy in [false, true] {
        let stage = Stage::new(options()).await;
        let (mut listener, mut stdout) = Listener::unread(stage.service());
        stage.until("it hears", |state| state["sockets"]["live"] == 1).await;
        if busy {
            stage
                .control
                .stream(Stream { every_ms: Some(2), count: Some(100_000), ..Stream::default() })
                .expect("a stream");
        }
        let mut some = [0; 100];
        stdout.read_exact(&mut some).expect("something");
        let begin = Instant::now();
        drop(stdout);
        assert_eq!(listener.ended().await.code(), Some(0), "{}", listener.told());
        assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
        stage.until("the socket was closed", |state| state["sockets"]["live"] == 0).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn signals_end_it_within_five_seconds_whatever_it_does() {
    for signal in [Signal::TERM, Signal::INT] {
        // Connected.
        let stage = Stage::new(options()).await;
        let mut listener = stage.connected().await;
        let conversation = stage.offer();
        listener.heard(&conversation).await;
        ends(&mut listener, signal).await;
        listener.prove();
        assert_eq!(listener.lines().last().expect("lines").value["state"], "closed");
        stage.until("the socket was closed", |state| state["sockets"]["live"] == 0).await;

        // On its way, and getting nowhere.
        let stage = Stage::new(options()).await;
        stage.control.offline(None);
        let mut listener = Listener::start(stage.service());
        listener.until("it tries", |lines| lines.iter().any(|line| line.is("link")).then_some(())).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        ends(&mut listener, signal).await;
        listener.prove();

        // With a reader that reads nothing.
        let stage = Stage::new(options()).await;
        let (mut listener, stdout) = Listener::unread(stage.service());
        stage.until("it hears", |state| state["sockets"]["live"] == 1).await;
        flood(&stage, 0..10);
        tokio::time::sleep(Duration::from_millis(500)).await;
        ends(&mut listener, signal).await;
        assert!(spilled(&stage).is_empty(), "nothing stays on disk");
        drop(stdout);
    }
}

async fn ends(listener: &mut Listener, signal: Signal) {
    let begin = Instant::now();
    listener.signal(signal);
    assert_eq!(listener.ended().await.code(), Some(0), "{}", listener.told());
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}\n{}", begin.elapsed(), listener.told());
}
