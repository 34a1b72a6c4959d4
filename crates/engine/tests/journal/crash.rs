//! A program that is killed at any moment leaves a journal that is whole up to its last record, and has everything that
//! was said to be safe.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use earshot_engine::journal::{Journal, Options, Retention, verify};
use earshot_engine::record::Recorder as _;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};

use crate::support::{Place, close, event, exported, fact, keep, open, options, record};

const SEEDS: u64 = 50;
/// Where the killed program writes.
const PLACE: &str = "EARSHOT_TEST_JOURNAL";

/// Small, so that checkpoints and pruning are interrupted too.
fn small() -> Options {
    let retention = Retention { bytes: Some(96 * 1024), ..Retention::default() };
    Options { bodies: true, retention, ..options() }
}

/// Not a test: the program that is killed. Says each number that is safe.
#[test]
#[ignore = "started and killed by the test below"]
fn the_program_that_is_killed() {
    let Some(place) = std::env::var_os(PLACE) else { return };
    let mut out = std::io::stdout().lock();
    let mut at = 0;
    loop {
        let journal = Journal::open(Path::new(&place), small()).expect("a journal");
        for _ in 0..40 {
            let records: Vec<_> = (0..7_u8)
                .map(|n| {
                    at += 1;
                    let fact = if n == 0 { event(&at.to_string(), false) } else { fact(n + 3, "text") };
                    record(at, fact)
                })
                .collect();
            journal.record(records).blocking_recv().expect("an answer").expect("safe");
            writeln!(out, "\nsafe {at}").and_then(|()| out.flush()).expect("said");
        }
        drop(journal);
    }
}

#[test]
fn killed_at_any_moment_it_is_whole_and_has_all_that_was_safe() {
    let (mut most, mut pruned) = (0, 0);
    for seed in 0..SEEDS {
        let place = Place::new();
        let safe = kill(&place, seed);
        let found = verify(&place.file(), None).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        assert!(found.is_whole(), "seed {seed}: {:?}", found.problems);
        pruned += u32::from(found.pruned.is_some());
        let lines = exported(&place.file());
        // Its own records have today's time: those of the test are small numbers.
        let last = lines.iter().filter_map(|line| line["at"].as_i64()).filter(|at| *at < 1_000_000).max();
        assert!(last.unwrap_or(0) >= safe, "seed {seed}: {safe} was safe, and {last:?} is the last");
        assert!(last.unwrap_or(0) % 7 == 0, "seed {seed}: half of what was handed over at once");

        let journal = open(&place, small());
        assert!(journal.set_aside().is_empty(), "seed {seed}: taken for damaged");
        keep(&journal, vec![record(1, fact(4, ""))]).expect("safe");
        close(&journal);
        let after = verify(&place.file(), found.head.as_ref()).expect("a journal");
        assert!(after.is_whole() && after.records > 0, "seed {seed}: {:?}", after.problems);
        most = most.max(safe);
    }
    assert!(most > 100, "it was always killed before it had begun: {most}");
    assert!(pruned > 0, "it was never killed after something had been pruned");
}

/// Starts the program, kills it after a drawn number of answers and a moment, and returns the last number it said.
fn kill(place: &Place, seed: u64) -> i64 {
    let mut dice = StdRng::seed_from_u64(seed);
    let answers = dice.random_range(0..150);
    let moment = Duration::from_micros(dice.random_range(0..5000));
    let mut program = Command::new(std::env::current_exe().expect("this program"))
        .args(["--ignored", "--exact", "--nocapture", "crash::the_program_that_is_killed"])
        .env(PLACE, place.file())
        .stdout(Stdio::piped())
        .spawn()
        .expect("started");
    let mut said = BufReader::new(program.stdout.take().expect("a pipe")).lines();
    let mut safe = 0;
    let mut hear = |line: std::io::Result<String>| {
        let number = line.ok().and_then(|line| line.strip_prefix("safe ").and_then(|number| number.parse().ok()));
        safe = number.unwrap_or(safe);
        number.is_some()
    };
    let mut heard = 0;
    while heard < answers {
        let line = said.next().unwrap_or_else(|| panic!("seed {seed}: it ended by itself"));
        heard += u64::from(hear(line));
    }
    std::thread::sleep(moment);
    program.kill().expect("killed");
    program.wait().expect("ended");
    // What it said before it died was safe too.
    for line in said {
        hear(line);
    }
    safe
}
