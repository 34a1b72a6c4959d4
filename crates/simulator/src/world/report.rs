//! The contact centre as the control API shows it.

use super::World;
use super::catalogue;
use super::conversation::{Conversation, Participant};
use serde_json::{Value, json};

impl World {
    /// The agents.
    pub(crate) fn report_agents(&self) -> Value {
        (self.agents.iter())
            .map(|a| {
                let presence = &catalogue::PRESENCES[a.presence];
                json!({"id": a.profile.id, "name": a.profile.name, "presence": presence.name,
                       "system_presence": presence.system, "routing_status": a.routing})
            })
            .collect()
    }

    /// The conversations.
    pub(crate) fn report_conversations(&self) -> Value {
        self.conversations.iter().map(conversation).collect()
    }
}

fn conversation(c: &Conversation) -> Value {
    json!({
        "id": c.id, "medium": c.medium.word(), "caller": c.caller, "address": c.address,
        "queue": c.queue.map(|q| q.name), "waiting": c.waiting, "ended": c.ended.is_some(),
        "participants": c.participants.iter().map(participant).collect::<Vec<_>>(),
    })
}

fn participant(p: &Participant) -> Value {
    let wrapup = match &p.after_call {
        None => "none",
        Some(after) if after.ended.is_none() => "pending",
        Some(_) => "complete",
    };
    json!({
        "id": p.id, "purpose": p.purpose, "agent": p.agent.map(|a| catalogue::AGENTS[a].name),
        "communication": p.leg.id, "state": p.leg.state.word(), "disconnect_type": p.leg.disconnect_type,
        "held": p.leg.held_since.is_some(), "wrapup": wrapup,
        "wrapup_code": p.wrapup.as_ref().map(|w| w.code.as_str()),
    })
}
