//! `conversationSummary`: how many conversations an agent has, by medium. Alerting ones count as active.

use super::Obj;
use crate::world::conversation::Medium;
use serde_json::{Value, json};

/// For each medium: contact centre active, contact centre wrapping up, enterprise active.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Counts([(u32, u32, u32); 4]);

impl Counts {
    /// Counts one conversation.
    pub(crate) fn add(&mut self, medium: Medium, acd: bool, active: bool, wrapping: bool) {
        let index = Medium::ALL.iter().position(|m| *m == medium).unwrap_or(0);
        let slot = &mut self.0[index];
        if acd {
            slot.0 += u32::from(active);
            slot.1 += u32::from(wrapping);
        } else {
            slot.2 += u32::from(active);
        }
    }
}

/// As REST and the event write it.
pub(crate) fn json(user: &str, counts: &Counts) -> Value {
    let slot = |(active, acw, enterprise): (u32, u32, u32)| json!({"contactCenter": {"active": active, "acw": acw}, "enterprise": {"active": enterprise, "acw": 0}});
    let mut obj = Obj::new().set("userId", user);
    for (medium, counts) in Medium::ALL.iter().zip(counts.0) {
        obj = obj.set(medium.word(), slot(counts));
    }
    for other in ["chat", "socialExpression", "video"] {
        obj = obj.set(other, slot((0, 0, 0)));
    }
    obj.json()
}
