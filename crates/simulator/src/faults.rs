//! Faults on demand: requests that fail, upgrades that are refused, a token endpoint out of order, events that lag.

use crate::clock::Ms;
use serde::{Deserialize, Serialize};

/// What a failing answer carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FaultBody {
    /// A Genesys error.
    #[default]
    Json,
    /// A web page, as proxies and captive portals send.
    Html,
    /// Nothing.
    Empty,
}

/// For how long a fault holds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    left: Option<u32>,
    until: Option<Ms>,
}

impl Span {
    /// So often, until then, or until cleared.
    pub(crate) fn new(count: Option<u32>, until: Option<Ms>) -> Self {
        Self { left: count, until }
    }

    /// Uses it once; false when it is over.
    fn take(&mut self, now: Ms) -> bool {
        if self.until.is_some_and(|until| now >= until) {
            return false;
        }
        match &mut self.left {
            Some(0) => false,
            Some(left) => {
                *left -= 1;
                true
            }
            None => true,
        }
    }

    fn is_over(&self, now: Ms) -> bool {
        self.left == Some(0) || self.until.is_some_and(|until| now >= until)
    }
}

/// How one request fails.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    /// 0: it does not fail, it is only late.
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) body: FaultBody,
    pub(crate) retry_after: Option<u64>,
    pub(crate) delay: Ms,
    pub(crate) hang: bool,
}

/// Which requests fail so.
#[derive(Debug)]
pub(crate) struct PathFault {
    pub(crate) path: String,
    pub(crate) method: Option<String>,
    pub(crate) failure: Failure,
    pub(crate) span: Span,
}

/// Which topics are refused from now on.
#[derive(Debug)]
pub(crate) struct TopicFault {
    pub(crate) topic: String,
    pub(crate) reason: Option<String>,
    pub(crate) missing: Vec<String>,
}

/// Every fault that is on.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    pub(crate) paths: Vec<PathFault>,
    pub(crate) upgrades: Option<(Failure, Span)>,
    pub(crate) token_endpoint: Option<(Failure, Span)>,
    pub(crate) topics: Vec<TopicFault>,
    pub(crate) duplicate: u32,
    pub(crate) event_delay: Ms,
    pub(crate) subscribe_delay: Ms,
    pub(crate) offline_until: Option<Ms>,
    /// Answers on these paths are dated so much later.
    pub(crate) skews: Vec<(String, Ms)>,
}

impl Faults {
    /// The failure this request meets, if any. The newest fault wins.
    pub(crate) fn request(&mut self, now: Ms, method: &str, path: &str) -> Option<Failure> {
        self.paths.retain(|f| !f.span.is_over(now));
        let fault = self.paths.iter_mut().rev().find(|f| {
            f.method.as_deref().is_none_or(|m| m.eq_ignore_ascii_case(method)) && path_matches(&f.path, path)
        })?;
        fault.span.take(now).then(|| fault.failure.clone())
    }

    /// How much later an answer on this path is dated; the newest rule wins.
    pub(crate) fn skew(&self, path: &str) -> Option<Ms> {
        self.skews.iter().rev().find(|(pattern, _)| path_matches(pattern, path)).map(|(_, by)| *by)
    }

    /// The refusal this upgrade meets, if any.
    pub(crate) fn upgrade(&mut self, now: Ms) -> Option<Failure> {
        take(&mut self.upgrades, now)
    }

    /// The failure of the token endpoint, if any.
    pub(crate) fn token(&mut self, now: Ms) -> Option<Failure> {
        take(&mut self.token_endpoint, now)
    }

    /// The refusal of this topic, if any.
    pub(crate) fn topic(&self, topic: &str) -> Option<&TopicFault> {
        self.topics.iter().rev().find(|f| path_matches(&f.topic, topic) && (f.topic.contains('*') || f.topic == topic))
    }
}

fn take(slot: &mut Option<(Failure, Span)>, now: Ms) -> Option<Failure> {
    let (failure, span) = slot.as_mut()?;
    let result = span.take(now).then(|| failure.clone());
    if span.is_over(now) {
        *slot = None;
    }
    result
}

/// A pattern with `*` must match the whole; one without is a prefix.
pub(crate) fn path_matches(pattern: &str, path: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| path.strip_prefix(first)) else { return false };
    if !pattern.contains('*') {
        return true;
    }
    let parts: Vec<_> = parts.collect();
    for (index, part) in parts.iter().enumerate() {
        if index + 1 == parts.len() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        assert!(path_matches("/api/v2/users/me", "/api/v2/users/me"));
        assert!(path_matches("/api/v2/", "/api/v2/users/me"));
        assert!(!path_matches("/api/v2/users", "/api/v1/users"));
        assert!(path_matches(
            "/api/v2/notifications/channels/*/subscriptions",
            "/api/v2/notifications/channels/x/subscriptions"
        ));
        assert!(!path_matches("/api/v2/notifications/channels/*/subscriptions", "/api/v2/notifications/channels/x"));
        assert!(path_matches("v2.users.*.conversations*", "v2.users.u.conversations.calls"));
        assert!(!path_matches("*.presence", "v2.users.u.presences"));
    }

    #[test]
    fn a_count_is_used_up_and_a_time_passes() {
        let mut span = Span::new(Some(2), None);
        assert!(span.take(0) && span.take(0) && !span.take(0));
        let mut span = Span::new(None, Some(10));
        assert!(span.take(9) && !span.take(10));
    }
}
