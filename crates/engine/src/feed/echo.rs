//! The same thing twice: on one socket, a body equal to the previous one of its topic and conversation says nothing new.
//! A-B-A stays A-B-A, since only the previous one counts.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::limits::REMEMBERED_BODIES;

/// The last body of each topic and conversation, as a hash.
#[derive(Debug, Default)]
pub(super) struct Echo {
    last: HashMap<u64, u64>,
}

impl Echo {
    /// Whether this says nothing new; remembers it.
    pub(super) fn repeats(&mut self, topic: &str, subject: &str, body: &str) -> bool {
        let key = hash(&(topic, subject));
        let body = hash(&body);
        // A bound on memory: after so many conversations a repeat may pass once, and the desk ignores it.
        if self.last.len() >= REMEMBERED_BODIES && !self.last.contains_key(&key) {
            self.last.clear();
        }
        self.last.insert(key, body) == Some(body)
    }

    /// A new socket begins.
    pub(super) fn forget(&mut self) {
        self.last.clear();
    }
}

fn hash(of: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_previous_body_of_the_same_topic_and_conversation_counts() {
        let mut echo = Echo::default();
        assert!(!echo.repeats("t", "1", "A"));
        assert!(echo.repeats("t", "1", "A"));
        assert!(!echo.repeats("t", "2", "A"), "another conversation");
        assert!(!echo.repeats("u", "1", "A"), "another topic");
        assert!(!echo.repeats("t", "1", "B"));
        assert!(!echo.repeats("t", "1", "A"), "A-B-A stays A-B-A");
        echo.forget();
        assert!(!echo.repeats("t", "1", "A"));
    }

    #[test]
    fn memory_is_bounded() {
        let mut echo = Echo::default();
        for n in 0..REMEMBERED_BODIES * 2 {
            echo.repeats("t", &n.to_string(), "A");
        }
        assert!(echo.last.len() <= REMEMBERED_BODIES);
    }
}
