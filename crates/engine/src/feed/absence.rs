//! Conversations to be looked up one by one: those that the list no longer has, and those in doubt. One counts as gone
//! after two 404 some time apart, and never against a newer event.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::backoff::doubling;
use crate::limits::{ABSENCE_APART, RELIST_RETRY, RELIST_RETRY_CAP};
use crate::snapshot::Medium;

#[derive(Debug, Clone, Copy)]
struct Doubt {
    medium: Medium,
    /// When to ask; `None` while an answer is awaited.
    due: Option<Duration>,
    not_found_at: Option<Duration>,
    failures: u32,
    /// A list did not have it. Then even "you may not read this" speaks for its absence.
    unlisted: bool,
}

/// Conversations in doubt.
#[derive(Debug, Default)]
pub(super) struct Absence {
    doubts: BTreeMap<String, Doubt>,
    /// Looked up at this moment.
    asked: BTreeSet<String>,
}

impl Absence {
    /// Look this up.
    pub(super) fn doubt(&mut self, conversation: &str, medium: Medium, at: Duration) {
        let doubt = self.doubts.entry(conversation.to_owned());
        doubt.or_insert(Doubt { medium, due: Some(at), not_found_at: None, failures: 0, unlisted: false });
    }

    /// The list does not have this any more: look it up.
    pub(super) fn unlisted(&mut self, conversation: &str, medium: Medium, at: Duration) {
        self.doubt(conversation, medium, at);
        if let Some(doubt) = self.doubts.get_mut(conversation) {
            doubt.unlisted = true;
        }
    }

    /// Genesys does not let this conversation be read alone. True: that was the second time of one that no list has.
    pub(super) fn not_readable(&mut self, conversation: &str, now: Duration) -> bool {
        if self.doubts.get(conversation).is_some_and(|doubt| doubt.unlisted) {
            return self.not_found(conversation, now);
        }
        self.seen(conversation);
        false
    }

    /// An answer came. False: nobody asked, at least nobody who is still here.
    pub(super) fn answered(&mut self, conversation: &str) -> bool {
        self.asked.remove(conversation)
    }

    /// Genesys did not find it. True: that was the second time, so it is gone. Where it was seen since the question, the
    /// answer is older than that.
    pub(super) fn not_found(&mut self, conversation: &str, now: Duration) -> bool {
        let Some(doubt) = self.doubts.get_mut(conversation) else { return false };
        doubt.failures = 0;
        if doubt.not_found_at.is_some_and(|first| now >= first + ABSENCE_APART) {
            self.doubts.remove(conversation);
            return true;
        }
        let first = *doubt.not_found_at.get_or_insert(now);
        doubt.due = Some(first + ABSENCE_APART);
        false
    }

    /// The look failed for another reason; it is due again later, more slowly each time, and not within `at_least`. Gives
    /// back how often that was.
    pub(super) fn failed(&mut self, conversation: &str, at_least: Duration, now: Duration) -> u32 {
        let Some(doubt) = self.doubts.get_mut(conversation) else { return 0 };
        doubt.failures = doubt.failures.saturating_add(1);
        doubt.due = Some(now + doubling(RELIST_RETRY, RELIST_RETRY_CAP, doubt.failures).max(at_least));
        doubt.failures
    }

    /// It was seen, by whatever source: no doubt is left.
    pub(super) fn seen(&mut self, conversation: &str) {
        self.doubts.remove(conversation);
    }

    /// Looks that are due; each is given out once until it is answered.
    pub(super) fn due(&mut self, now: Duration) -> Vec<(String, Medium)> {
        let due = self.doubts.iter_mut().filter(|(_, doubt)| doubt.due.is_some_and(|due| due <= now));
        let due: Vec<_> = due
            .map(|(conversation, doubt)| {
                doubt.due = None;
                (conversation.clone(), doubt.medium)
            })
            .collect();
        self.asked.extend(due.iter().map(|(conversation, _)| conversation.clone()));
        due
    }

    /// The next moment at which [`Self::due`] has something.
    pub(super) fn deadline(&self) -> Option<Duration> {
        self.doubts.values().filter_map(|doubt| doubt.due).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn gone_after_two_404_two_seconds_apart() {
        let mut absence = Absence::default();
        absence.doubt("c", Medium::Call, s(10));
        assert_eq!(absence.due(s(10)).len(), 1);
        assert!(absence.due(s(10)).is_empty(), "given out once");
        assert!(!absence.not_found("c", s(10)));
        assert!(!absence.not_found("c", s(11)), "two answers in a hurry count as one");
        assert_eq!(absence.deadline(), Some(s(12)));
        assert_eq!(absence.due(s(12)).len(), 1);
        assert!(absence.not_found("c", s(12)));
        assert_eq!(absence.deadline(), None);
    }

    #[test]
    fn a_newer_event_ends_the_doubt() {
        let mut absence = Absence::default();
        absence.doubt("c", Medium::Call, s(10));
        absence.due(s(10));
        absence.not_found("c", s(10));
        absence.seen("c");
        assert!(!absence.not_found("c", s(20)), "older than what was seen");
        assert_eq!(absence.deadline(), None);
        absence.doubt("c", Medium::Call, s(20));
        assert!(!absence.not_found("c", s(20)), "counted from the beginning");
    }

    #[test]
    fn another_failure_is_no_proof_of_absence() {
        let mut absence = Absence::default();
        absence.doubt("c", Medium::Call, s(10));
        absence.due(s(10));
        absence.not_found("c", s(10));
        absence.due(s(12));
        absence.failed("c", s(3), s(12));
        assert_eq!(absence.deadline(), Some(s(15)));
        assert_eq!(absence.due(s(15)).len(), 1);
        assert!(absence.not_found("c", s(15)));
    }

    #[test]
    fn what_may_not_be_read_alone_is_gone_only_if_no_list_has_it() {
        let mut absence = Absence::default();
        absence.doubt("listed", Medium::Chat, s(10));
        absence.unlisted("absent", Medium::Chat, s(10));
        for (at, gone) in [(s(10), false), (s(12), true)] {
            absence.due(at);
            assert!(!absence.not_readable("listed", at), "a permission that is missing proves nothing");
            assert_eq!(absence.not_readable("absent", at), gone);
        }
        assert_eq!(absence.deadline(), None);
    }
}
