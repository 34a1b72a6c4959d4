//! Runs series: each from its own seed; a failure is made as short as it gets, and says how to repeat it.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use crate::run::{Run, Tally};
use crate::steps::{About, Step, series};

/// Series of all guarantees together, unless EARSHOT_SERIES says otherwise.
const SERIES: u64 = 10_000;
/// The guarantees share them.
const SHARE: u64 = 10;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// One series.
pub fn one(seed: u64, steps: &[Step], about: About) -> Result<Tally, String> {
    let mut run = Run::new(seed, about)?;
    // Begin connected, as a rule: most of a working day is.
    run.pass(Duration::from_secs(if seed.is_multiple_of(8) { 0 } else { 8 }))?;
    for step in steps {
        run.step(*step)?;
    }
    let tally = run.judge(about)?;
    if about == About::Planned {
        run.without_a_gap()?;
    }
    Ok(tally)
}

/// The share of one guarantee.
pub fn run_all(guarantee: u64, about: About) {
    let first = setting("EARSHOT_SEED").unwrap_or(0);
    let count = setting("EARSHOT_SERIES").unwrap_or(SERIES).div_ceil(SHARE);
    let began = Instant::now();
    let total = RefCell::new(Tally::default());
    for n in 0..count {
        let seed = first + n * 100 + guarantee;
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let config = Config { cases: 1, failure_persistence: None, max_shrink_iters: 4_000, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
        let outcome = runner.run(&series(about), |steps| {
            let tally = one(seed, &steps, about).map_err(TestCaseError::fail)?;
            total.borrow_mut().add(tally);
            Ok(())
        });
        match outcome {
            Ok(()) => {}
            Err(TestError::Fail(why, steps)) => {
                panic!("guarantee {why}\nseed {seed} (EARSHOT_SEED={}), {about:?}:\n{steps:?}", seed - guarantee)
            }
            Err(TestError::Abort(why)) => panic!("seed {seed}: {why}"),
        }
    }
    let Tally { offered, live, recovered, missed, elsewhere, unseen, steps } = total.into_inner();
    println!(
        "guarantee {guarantee}: {count} series, 0 losses, 0 repeats; {offered} offers: {live} heard live, {recovered} \
         recovered, {missed} told as missed, {elsewhere} dealt with elsewhere first, {unseen} inside a gap on record; \
         {steps} steps in {:.1} s",
        began.elapsed().as_secs_f64()
    );
}
