//! Days on end with a fault every minute, for `make soak`: what only shows after thousands of them.

use std::thread;
use std::time::{Duration, Instant};

use crate::chance::Chance;
use crate::customers::Pace;
use crate::faults::{strike, terms};
use crate::lab::{Lab, Setup, ms, s};
use crate::reckoning::Sums;

const SEEDS: [u64; 3] = [900, 901, 902];
const HOURS: u64 = 48;
const EVERY: Duration = s(60);
/// No fault lasts longer, so that between two of them there is time to hear something.
const LONGEST: Duration = s(25);

struct Line {
    seed: u64,
    faults: usize,
    took: Duration,
    sums: Sums,
}

#[test]
#[ignore = "minutes of work: make soak"]
fn days_with_a_fault_every_minute_lose_nothing_and_repeat_nothing() {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let hours = number("EARSHOT_SOAK_HOURS").unwrap_or(HOURS);
    let more = (1..=number("EARSHOT_SEEDS").unwrap_or(0)).map(|n| SEEDS[0] + n * 1_000);
    let runs: Vec<_> = (SEEDS.into_iter().chain(more))
        .map(|seed| (seed, thread::spawn(move || days(seed, s(hours * 3_600)))))
        .collect();
    let mut failed = Vec::new();
    println!("\n{hours} virtual hours on a simulated network, a fault every minute");
    println!(
        "{:>6} {:>6} {:>7} {:>6} {:>6} {:>6} {:>6} {:>7} {:>5} {:>8} {:>8} {:>7} {:>7} {:>6}",
        "seed",
        "faults",
        "offered",
        "live",
        "recov.",
        "missed",
        "taken",
        "in gaps",
        "gaps",
        "attempts",
        "requests",
        "sockets",
        "hearing",
        "real s"
    );
    for (seed, run) in runs {
        let Ok(Line { seed, faults, took, sums }) = run.join() else {
            failed.push(seed);
            continue;
        };
        let hearing = 100.0 - 100.0 * sums.not_hearing.as_secs_f64() / s(hours * 3_600).as_secs_f64();
        println!(
            "{seed:>6} {faults:>6} {:>7} {:>6} {:>6} {:>6} {:>6} {:>7} {:>5} {:>8} {:>8} {:>7} {hearing:>6.1}% {:>6.0}",
            sums.offered,
            sums.live,
            sums.recovered,
            sums.missed,
            sums.taken,
            sums.inside_gaps,
            sums.gaps,
            sums.attempts,
            sums.requests,
            sums.most_sockets,
            took.as_secs_f64(),
        );
    }
    assert!(failed.is_empty(), "the seeds that failed: {failed:?}");
}

fn days(seed: u64, length: Duration) -> Line {
    let began = Instant::now();
    let pace = Pace { between: (30_000, 180_000), alerting: (8_000, 60_000) };
    let mut lab = Lab::open(Setup { tick: ms(200), pace, ..Setup::new(seed) });
    let mut chance = Chance::new(seed);
    let mut faults = 0;
    while lab.now() < length {
        let next = lab.now() + EVERY;
        strike(&mut lab, &mut chance, LONGEST);
        faults += 1;
        lab.pass(next.saturating_sub(lab.now()));
    }
    let sums = lab.finish(terms());
    Line { seed, faults, took: began.elapsed(), sums }
}
