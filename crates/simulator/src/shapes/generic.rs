//! The generic form: participants with arrays of communications (`v2.users.ID.conversations`, `GET /conversations`).

use super::{Form, Obj, leg};
use crate::clock::iso;
use crate::world::catalogue;
use crate::world::conversation::{Conversation, LegState, Medium, Participant};
use serde_json::{Value, json};

/// As an event body.
pub(crate) fn event(conversation: &Conversation) -> Value {
    Obj::new()
        .set("id", conversation.id.as_str())
        .set("address", conversation.address.as_str())
        .set("participants", participants(conversation, Form::Event))
        .set("recentTransfers", json!([]))
        .set("recordingState", "none")
        .set("securePause", false)
        .set("divisions", divisions(Form::Event))
        .json()
}

/// As `GET /conversations` and `GET /conversations/{id}` answer.
pub(crate) fn rest(conversation: &Conversation) -> Value {
    Obj::new()
        .set("id", conversation.id.as_str())
        .set("startTime", iso(conversation.started))
        .opt("endTime", conversation.ended.map(iso))
        .set("address", conversation.address.as_str())
        .set("participants", participants(conversation, Form::Rest))
        .set("conversationIds", json!([]))
        .set("recentTransfers", json!([]))
        .set("recordingState", "NONE")
        .set("state", overall(conversation))
        .set("securePause", false)
        .set("divisions", divisions(Form::Rest))
        .set("selfUri", format!("/api/v2/conversations/{}", conversation.id))
        .json()
}

/// The state of the conversation as a whole.
pub(super) fn overall(conversation: &Conversation) -> &'static str {
    if conversation.ended.is_some() {
        "disconnected"
    } else if conversation.in_state(LegState::Alerting).is_some() {
        "alerting"
    } else {
        "connected"
    }
}

pub(super) fn divisions(form: Form) -> Value {
    let division = catalogue::DIVISION;
    let uri = format!("/api/v2/authorization/divisions/{division}");
    match form {
        Form::Event => json!([{"division": {"id": division, "selfUri": uri}, "entities": []}]),
        Form::Rest => json!([{"division": {"id": division, "name": "Home", "selfUri": uri}, "entities": []}]),
    }
}

fn participants(conversation: &Conversation, form: Form) -> Value {
    conversation.participants.iter().map(|p| participant(conversation, p, form)).collect::<Vec<_>>().into()
}

/// What both forms say about routing.
pub(super) fn routing_data(conversation: &Conversation) -> Option<Value> {
    conversation.queue.map(|queue| json!({"queue": {"id": queue.id}, "priority": 0, "skills": [], "scoredAgents": []}))
}

fn participant(conversation: &Conversation, participant: &Participant, form: Form) -> Value {
    let queue = conversation.queue.filter(|_| participant.purpose != "voicemail");
    let user = participant.agent.map(|a| catalogue::AGENTS[a].id);
    let mut obj = Obj::new()
        .set("id", participant.id.as_str())
        .set("purpose", participant.purpose)
        .opt("name", participant.name.as_deref())
        .opt("address", participant.address.as_deref())
        .opt("userId", user)
        .opt("queueId", queue.map(|q| q.id))
        .opt("connectedTime", participant.leg.connected.map(iso))
        .opt("endTime", participant.leg.disconnected.map(iso))
        .set("wrapupRequired", participant.wrapping_up())
        .opt("wrapupPrompt", participant.after_call.as_ref().map(|_| "timeout"))
        .opt("wrapupTimeoutMs", participant.after_call.as_ref().map(|a| a.timeout))
        .opt("wrapup", leg::wrapup(participant, form))
        .opt("startAcwTime", participant.after_call.as_ref().map(|a| iso(a.started)))
        .opt("endAcwTime", participant.after_call.as_ref().and_then(|a| a.ended).map(iso))
        .opt("alertingTimeoutMs", participant.alerting)
        .opt("conversationRoutingData", routing_data(conversation))
        .set("mediaRoles", json!(["full"]))
        .set("attributes", json!(participant.attributes));
    obj = match form {
        Form::Event => obj.set("wrapupExpected", participant.wrapping_up()),
        Form::Rest => obj
            .set("startTime", iso(participant.leg.started))
            .opt("queueName", queue.map(|q| q.name))
            .opt("userUri", user.map(|u| format!("/api/v2/users/{u}")))
            .opt("ani", (conversation.medium == Medium::Call).then_some(conversation.address.as_str()))
            .opt("dnis", (conversation.medium == Medium::Call).then_some("tel:+493055501000"))
            .opt("wrapupSkipped", participant.after_call.as_ref().map(|a| a.skipped)),
    };
    for medium in Medium::ALL {
        let legs =
            if medium == conversation.medium { json!([leg::json(conversation, participant, form)]) } else { json!([]) };
        obj = obj.set(medium.plural(), legs);
    }
    for empty in ["chats", "cobrowsesessions", "screenshares", "socialExpressions", "videos"] {
        obj = obj.set(empty, json!([]));
    }
    obj.json()
}
