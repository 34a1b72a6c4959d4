//! 300 requests a minute for each user and OAuth client.

use crate::clock::Ms;
use std::collections::HashMap;

const WINDOW: Ms = 60_000;

/// Counts requests.
#[derive(Debug)]
pub(crate) struct Limits {
    pub(crate) per_minute: Option<u32>,
    windows: HashMap<(String, String), (Ms, u32)>,
}

impl Limits {
    /// With so many a minute, or without a limit.
    pub(crate) fn new(per_minute: Option<u32>) -> Self {
        Self { per_minute, windows: HashMap::new() }
    }

    /// Counts one; says after how many seconds to come back when there were too many.
    pub(crate) fn count(&mut self, now: Ms, user: &str, client: &str) -> Result<(), u64> {
        let (start, count) = self.windows.entry((user.to_owned(), client.to_owned())).or_insert((now, 0));
        if now - *start >= WINDOW {
            (*start, *count) = (now, 0);
        }
        *count += 1;
        match self.per_minute {
            Some(limit) if *count > limit => Err(u64::try_from((*start + WINDOW - now + 999) / 1000).unwrap_or(1)),
            _ => Ok(()),
        }
    }

    /// Forgets what was counted.
    pub(crate) fn forget(&mut self) {
        self.windows.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_fills_and_passes() {
        let mut limits = Limits::new(Some(2));
        assert_eq!(limits.count(0, "u", "c"), Ok(()));
        assert_eq!(limits.count(1_000, "u", "c"), Ok(()));
        assert_eq!(limits.count(20_500, "u", "c"), Err(40));
        assert_eq!(limits.count(20_500, "other", "c"), Ok(()));
        assert_eq!(limits.count(60_000, "u", "c"), Ok(()));
    }
}
