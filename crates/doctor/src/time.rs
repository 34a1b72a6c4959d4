//! How long an examination may take: each check, and all of it.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

/// For one check: what takes longer does not work for an agent either.
pub const EACH: Duration = Duration::from_secs(10);
/// For all of it, without the time a person takes in the browser.
pub const ALL: Duration = Duration::from_secs(55);

/// The time that is left.
#[derive(Debug, Clone, Copy)]
pub struct Watch {
    each: Duration,
    until: Instant,
}

impl Watch {
    /// From now on.
    #[must_use]
    pub fn start() -> Self {
        Self::with(EACH, ALL)
    }

    /// The same with other limits, for one check and for all of it.
    #[must_use]
    pub fn with(each: Duration, all: Duration) -> Self {
        Self { each, until: Instant::now() + all }
    }

    /// Gives back what somebody else has taken.
    pub fn give(&mut self, time: Duration) {
        self.until += time;
    }

    /// What one check may still take.
    #[must_use]
    pub fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now()).min(self.each)
    }

    /// What it comes to within the limit; `None` when the time is over.
    pub async fn within<F: Future>(&self, check: F) -> Option<F::Output> {
        timeout_at(self.until.min(Instant::now() + self.each), check).await.ok()
    }
}
