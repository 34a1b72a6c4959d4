//! Clocks and chance of a simulated world: everything follows from one seed.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use earshot_engine::snapshot::Millis;
use earshot_engine::world::{Clock, Dice};
use rand::rngs::StdRng;
use rand::{Rng as _, RngCore as _, SeedableRng as _};
use tokio::time::Instant;

/// Wall clock at the start of every simulation: a Monday morning in January 2027.
pub(crate) const EPOCH: Millis = 1_800_259_200_000;

/// Runs a scenario for its own seeds, and for as many more as `EARSHOT_SEEDS` says. A failure names its seed.
pub(crate) fn each_seed(own: &[u64], scenario: impl Fn(u64)) {
    let more: u64 = std::env::var("EARSHOT_SEEDS").ok().and_then(|count| count.parse().ok()).unwrap_or(0);
    let first = own.first().copied().unwrap_or(0);
    for seed in own.iter().copied().chain((1..=more).map(|n| first.wrapping_add(n * 1_000))) {
        let named = Named(seed);
        scenario(seed);
        drop(named);
    }
}

/// Says the seed when a scenario fails.
struct Named(u64);

impl Drop for Named {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the seed that failed: {}", self.0);
        }
    }
}

/// A seeded source of whole numbers and choices.
pub(crate) struct Chance(StdRng);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }

    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        self.0.random_range(low..=high)
    }

    pub(crate) fn millis(&mut self, low: u64, high: u64) -> Duration {
        Duration::from_millis(self.between(low, high))
    }

    pub(crate) fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.0.random_range(0..choices.len())]
    }
}

/// The engine's dice.
pub(crate) struct SeededDice(Mutex<StdRng>);

impl SeededDice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }
}

impl Dice for SeededDice {
    fn roll(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).next_u64()
    }
}

/// Two clocks of one computer: the monotonic one is the simulation's, the wall clock can jump.
pub(crate) struct VirtualClock {
    started: Instant,
    jumps: Arc<Jumps>,
}

/// By how much the wall clock is ahead of the monotonic one, in milliseconds.
#[derive(Default)]
pub(crate) struct Jumps(AtomicI64);

impl Jumps {
    pub(crate) fn add(&self, span: Duration) {
        self.0.fetch_add(millis(span), Ordering::Relaxed);
    }
}

impl VirtualClock {
    /// Starts now, in the runtime of the host it belongs to.
    pub(crate) fn new(jumps: Arc<Jumps>) -> Self {
        Self { started: Instant::now(), jumps }
    }
}

impl Clock for VirtualClock {
    fn mono(&self) -> Duration {
        self.started.elapsed()
    }

    fn wall(&self) -> Millis {
        EPOCH + millis(self.mono()) + self.jumps.0.load(Ordering::Relaxed)
    }
}

pub(crate) fn millis(span: Duration) -> Millis {
    Millis::try_from(span.as_millis()).expect("a span of this simulation")
}
