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

/// A long random word for tokens, codes and channel ids; never from the seed.
pub(crate) fn secret_word() -> String {
    use base64::Engine as _;
    let bytes: [u8; 32] = rand::random();
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}
