//! Identifiers and draws, all from one seed, so that a run can be repeated.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// Draws ids and numbers.
#[derive(Debug)]
pub(crate) struct Ids(StdRng);

impl Ids {
    /// From a seed, or a random one.
    pub(crate) fn new(seed: Option<u64>) -> Self {
        Self(StdRng::seed_from_u64(seed.unwrap_or_else(rand::random)))
    }

    /// A UUID as Genesys ids are.
    pub(crate) fn uuid(&mut self) -> String {
        uuid::Builder::from_random_bytes(self.0.random()).into_uuid().to_string()
    }

    /// A whole number of `low..=high`.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        if high <= low { low } else { self.0.random_range(low..=high) }
    }
}

/// Long words for tokens, codes and channels.
#[derive(Debug)]
pub(crate) struct Words(Option<StdRng>);

impl Words {
    /// From the system's random source, or, for runs that are to repeat, from a seed. `what` keeps two sources apart.
    pub(crate) fn new(seed: Option<u64>, what: u64) -> Self {
        Self(seed.map(|seed| StdRng::seed_from_u64(seed ^ what)))
    }

    /// The next one.
    pub(crate) fn next(&mut self) -> String {
        match &mut self.0 {
            Some(source) => word(source.random()),
            None => secret_word(),
        }
    }
}

/// A long random word, never from a seed.
pub(crate) fn secret_word() -> String {
    word(rand::random())
}

fn word(bytes: [u8; 32]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}
