//! What was asked of the simulator, for tests and curious people. Nothing secret is kept.

use crate::clock::{Ms, iso};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};

/// So many requests are remembered; the counts go on.
const KEPT: usize = 20_000;

/// One request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LoggedRequest {
    /// When it was answered.
    pub at: String,
    /// Method.
    pub method: String,
    /// Path; secret parts are replaced by `{channel}`.
    pub path: String,
    /// Query, for `/api/v2` only.
    pub query: Option<String>,
    /// Status of the answer.
    pub status: u16,
    /// Name of the agent whose token it carried.
    pub agent: Option<String>,
}

/// Requests, counts and actions.
#[derive(Debug, Default)]
pub(crate) struct Log {
    requests: VecDeque<LoggedRequest>,
    counts: BTreeMap<(String, String, u16), u64>,
    actions: Vec<Value>,
}

impl Log {
    /// Remembers a request.
    pub(crate) fn add(&mut self, now: Ms, request: LoggedRequest) {
        let key = (request.method.clone(), request.path.clone(), request.status);
        *self.counts.entry(key).or_default() += 1;
        if self.requests.len() == KEPT {
            self.requests.pop_front();
        }
        self.requests.push_back(LoggedRequest { at: iso(now), ..request });
    }

    /// Remembers something an agent did.
    pub(crate) fn action(&mut self, now: Ms, agent: &str, method: &str, path: &str, body: &Value, status: u16) {
        self.actions.push(json!({
            "at": iso(now), "agent": agent, "method": method, "path": path, "body": body, "status": status,
        }));
    }

    /// Everything in order.
    pub(crate) fn requests(&self) -> Vec<LoggedRequest> {
        self.requests.iter().cloned().collect()
    }

    /// How often each was asked, and how it was answered.
    pub(crate) fn counts(&self) -> Value {
        (self.counts.iter())
            .map(|((method, path, status), count)| json!({"method": method, "path": path, "status": status, "count": count}))
            .collect()
    }

    /// What agents did.
    pub(crate) fn actions(&self) -> Value {
        self.actions.clone().into()
    }

    /// Starts anew.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

/// A path without channel ids: whoever knows one can listen.
pub(crate) fn without_secrets(path: &str) -> String {
    for prefix in ["/api/v2/notifications/channels/", "/channels/"] {
        if let Some(rest) = path.strip_prefix(prefix) {
            let tail = rest.find('/').map_or("", |at| &rest[at..]);
            return format!("{prefix}{{channel}}{tail}");
        }
    }
    path.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channel_ids_do_not_reach_the_log() {
        assert_eq!(without_secrets("/channels/abc"), "/channels/{channel}");
        assert_eq!(
            without_secrets("/api/v2/notifications/channels/abc/subscriptions"),
            "/api/v2/notifications/channels/{channel}/subscriptions"
        );
        assert_eq!(without_secrets("/api/v2/users/me"), "/api/v2/users/me");
    }
}
