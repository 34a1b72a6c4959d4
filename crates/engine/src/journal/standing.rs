//! What the records so far amount to: until when we heard, and which conversations had not ended. Pure; what a restart
//! owes follows from it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::limits::{UNENDED_FOR, UNENDED_KEPT, UNENDED_OWED};
use crate::moment::millis;
use crate::record::Owed;
use crate::snapshot::{Medium, Millis};

/// See the head of this file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Standing {
    /// The last instant at which hearing is on record; `None`: nothing was heard since the last sign-in.
    heard: Option<Millis>,
    connected: bool,
    /// A gap is open.
    deaf: bool,
    /// Conversations not ended, each with its kind and when it was last told of.
    unended: BTreeMap<String, (Medium, Millis)>,
}

impl Standing {
    /// Whether all is well: quiet then means that nothing happened.
    pub(super) fn hears(&self) -> bool {
        self.connected && !self.deaf
    }

    /// Takes the next record into account. Only what came over the connection proves that it hears.
    pub(super) fn apply(&mut self, kind: &str, at: Millis, payload: &Value) {
        match kind {
            "started" => (self.connected, self.deaf) = (false, false),
            "stopped" => self.connected = false,
            "signed_out" => *self = Self::default(),
            "link" => {
                let connected = payload["state"] == "connected";
                if connected && !self.connected {
                    self.connected = true;
                    self.hear(at);
                }
                self.connected = connected;
            }
            "hearing" => self.hear(payload["until"].as_i64().unwrap_or(at)),
            "gap_opened" => {
                self.deaf = true;
                // Nothing was heard before: then the gap has nothing to begin with either.
                self.heard = self.heard.min(payload["from"].as_i64().or(self.heard));
            }
            "gap" => {
                self.deaf = false;
                if self.heard.is_some()
                    && let Some(to) = payload["to"].as_i64()
                {
                    self.heard = self.heard.max(Some(to));
                }
            }
            "event" => {
                self.event(at, payload);
                if payload["source"] == "live" {
                    self.hear(at);
                }
            }
            _ => {}
        }
    }

    fn hear(&mut self, at: Millis) {
        if self.hears() {
            self.heard = self.heard.max(Some(at));
        }
    }

    fn event(&mut self, at: Millis, payload: &Value) {
        let (Some(subject), Some(life)) = (payload["subject"].as_str(), payload["conversation"].as_object()) else {
            return;
        };
        if subject.is_empty() {
            return;
        }
        if life.get("ended").and_then(Value::as_bool) == Some(true) {
            self.unended.remove(subject);
            return;
        }
        let medium = life.get("medium").and_then(|medium| Medium::deserialize(medium).ok()).unwrap_or(Medium::Other);
        self.unended.insert(subject.to_owned(), (medium, at));
        if self.unended.len() > UNENDED_KEPT {
            // Several at once, so that this is rare.
            let mut times: Vec<_> = self.unended.values().map(|(_, at)| *at).collect();
            times.sort_unstable();
            let oldest = times[UNENDED_KEPT / 8];
            self.unended.retain(|_, (_, at)| *at > oldest);
        }
    }

    /// What a run that begins now owes.
    pub(super) fn owed(&self) -> Option<Owed> {
        let from = self.heard?;
        let recent = from - millis(UNENDED_FOR);
        let mut known: Vec<_> = self.unended.iter().filter(|(_, (_, at))| *at >= recent).collect();
        known.sort_by_key(|(_, (_, at))| std::cmp::Reverse(*at));
        known.truncate(UNENDED_OWED);
        Some(Owed { from, known: known.into_iter().map(|(id, (medium, _))| (id.clone(), *medium)).collect() })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn standing(records: &[(&str, Millis, Value)]) -> Standing {
        let mut standing = Standing::default();
        for (kind, at, payload) in records {
            standing.apply(kind, *at, payload);
        }
        standing
    }

    fn connected() -> Value {
        json!({ "state": "connected" })
    }

    #[test]
    fn a_crash_owes_the_time_since_the_last_record() {
        let mut standing =
            standing(&[("started", 1, json!({})), ("link", 2, connected()), ("hearing", 71, json!({ "until": 70 }))]);
        assert_eq!(standing.owed(), Some(Owed { from: 70, known: Vec::new() }));
        // A run that never heard does not shorten what is owed.
        for (kind, at) in [("started", 100), ("signed_in", 101), ("renewed", 102), ("stopped", 103)] {
            standing.apply(kind, at, &json!({}));
        }
        assert_eq!(standing.owed().map(|owed| owed.from), Some(70));
    }

    #[test]
    fn a_crash_in_a_gap_owes_the_gap() {
        let mut standing = standing(&[
            ("link", 2, connected()),
            ("hearing", 70, json!({})),
            ("gap_opened", 90, json!({ "from": 65 })),
        ]);
        standing.apply("link", 95, &json!({ "state": "reconnecting" }));
        assert_eq!(standing.owed().map(|owed| owed.from), Some(65));
        standing.apply("link", 100, &connected());
        assert_eq!(standing.owed().map(|owed| owed.from), Some(65), "connected, but not looked up yet");
        standing.apply("gap", 101, &json!({ "from": 65, "to": 100, "settled": false }));
        assert_eq!(standing.owed().map(|owed| owed.from), Some(100));
    }

    #[test]
    fn an_orderly_end_owes_too_and_a_sign_out_does_not() {
        let mut standing = standing(&[
            ("link", 2, connected()),
            ("hearing", 9, json!({ "until": 8 })),
            ("link", 9, json!({ "state": "closed" })),
        ]);
        standing.apply("stopped", 10, &json!({}));
        assert_eq!(standing.owed().map(|owed| owed.from), Some(8));
        standing.apply("signed_out", 11, &json!({}));
        assert_eq!(standing.owed(), None);
    }

    #[test]
    fn conversations_are_known_until_they_end() {
        let event = |id: &str, ended: bool| json!({ "subject": id, "source": "live", "conversation": { "ended": ended, "medium": "email" } });
        let mut standing = standing(&[("link", 2, connected()), ("event", 3, event("a", false))]);
        standing.apply("event", 4, &event("b", false));
        standing.apply("event", 5, &event("a", true));
        standing.apply("event", 6, &json!({ "subject": "presence", "source": "live", "conversation": null }));
        assert_eq!(standing.owed(), Some(Owed { from: 6, known: vec![("b".into(), Medium::Email)] }));
        for n in 0..i64::try_from(UNENDED_KEPT).expect("small") * 2 {
            standing.apply("event", 10 + n, &event(&n.to_string(), false));
        }
        assert!(standing.unended.len() <= UNENDED_KEPT);
        assert_eq!(standing.owed().map(|owed| owed.known.len()), Some(UNENDED_OWED));
    }
}
