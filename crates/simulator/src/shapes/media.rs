//! The media form: one flat participant per communication (`…conversations.calls`, `GET /conversations/calls`).

use super::{Form, Obj, generic, leg};
use crate::clock::iso;
use crate::world::catalogue;
use crate::world::conversation::{Conversation, Medium, Participant};
use serde_json::{Value, json};

/// As an event body.
pub(crate) fn event(conversation: &Conversation) -> Value {
    common(conversation, Form::Event).set("address", conversation.address.as_str()).json()
}

/// As `GET /conversations/calls/{id}` answers.
pub(crate) fn rest(conversation: &Conversation) -> Value {
    let uri = format!("/api/v2/conversations/{}/{}", conversation.medium.plural(), conversation.id);
    common(conversation, Form::Rest).set("selfUri", uri).json()
}

fn common(conversation: &Conversation, form: Form) -> Obj {
    let participants: Vec<_> = conversation.participants.iter().map(|p| participant(conversation, p, form)).collect();
    let obj = Obj::new()
        .set("id", conversation.id.as_str())
        .set("participants", participants)
        .set("otherMediaUris", json!([]))
        .set("divisions", generic::divisions(form));
    match conversation.medium {
        Medium::Call => obj.set("recordingState", "none").set("securePause", false),
        _ => obj,
    }
}

/// A reference; only REST adds the address of what it refers to.
fn reference(id: &str, kind: &str, form: Form) -> Value {
    match form {
        Form::Event => json!({"id": id}),
        Form::Rest => json!({"id": id, "selfUri": format!("/api/v2/{kind}/{id}")}),
    }
}

fn participant(conversation: &Conversation, participant: &Participant, form: Form) -> Value {
    let part = &participant.leg;
    let queue = conversation.queue.filter(|_| participant.purpose != "voicemail");
    let peer = (conversation.participants.first())
        .filter(|first| first.id != participant.id)
        .map(|first| first.leg.id.clone());
    let obj = Obj::new()
        .set("id", participant.id.as_str())
        .opt("name", participant.name.as_deref())
        .opt("address", participant.address.as_deref())
        .set("startTime", iso(part.started))
        .opt("connectedTime", part.connected.map(iso))
        .opt("endTime", part.disconnected.map(iso))
        .opt("startHoldTime", part.held_since.map(iso))
        .set("purpose", participant.purpose)
        .set("state", part.state.word())
        .set("direction", "inbound")
        .opt("disconnectType", part.disconnect_type)
        .set("held", part.held_since.is_some())
        .set("wrapupRequired", participant.wrapping_up())
        .opt("wrapupPrompt", participant.after_call.as_ref().map(|_| "timeout"))
        .opt("wrapupTimeoutMs", participant.after_call.as_ref().map(|a| a.timeout))
        .opt("wrapupSkipped", participant.after_call.as_ref().map(|a| a.skipped))
        .opt("wrapup", leg::wrapup(participant, form))
        .opt("startAcwTime", participant.after_call.as_ref().map(|a| iso(a.started)))
        .opt("endAcwTime", participant.after_call.as_ref().and_then(|a| a.ended).map(iso))
        .opt("alertingTimeoutMs", participant.alerting)
        .opt("errorInfo", leg::error_info(participant, form))
        .opt("user", participant.agent.map(|a| reference(catalogue::AGENTS[a].id, "users", form)))
        .opt("queue", queue.map(|q| reference(q.id, "routing/queues", form)))
        .opt("peer", peer)
        .opt("conversationRoutingData", generic::routing_data(conversation))
        .set("mediaRoles", json!(["full"]))
        .set("attributes", json!(participant.attributes));
    let obj = match form {
        Form::Event => obj
            .set("initialState", part.initial.word())
            .opt("queueMediaSettings", leg::queue_media_settings(conversation, participant)),
        Form::Rest => {
            let (own, other) = leg::ends(conversation, participant);
            let obj = obj.opt("startAlertingTime", leg::alerting_since(participant));
            // The event has no addresses for messages.
            if conversation.medium == Medium::Message {
                obj.set("toAddress", own).set("fromAddress", other)
            } else {
                obj
            }
        }
    };
    obj.with(by_medium(conversation, participant)).json()
}

fn by_medium(conversation: &Conversation, participant: &Participant) -> Obj {
    match conversation.medium {
        Medium::Call => Obj::new()
            .set("muted", participant.leg.muted)
            .set("confined", false)
            .set("recording", false)
            .set("recordingState", "none")
            .set("securePause", false)
            .set("ani", conversation.address.as_str())
            .set("dnis", "tel:+493055501000")
            .set("provider", "Edge"),
        Medium::Message => Obj::new()
            .set("type", conversation.message_type.as_deref().unwrap_or("unknown"))
            .set("messages", json!([]))
            .set("provider", "PureCloud Messaging"),
        Medium::Email => Obj::new()
            .set("subject", conversation.subject.as_deref().unwrap_or_default())
            .set("messagesSent", 0)
            .set("autoGenerated", false)
            .set("spam", false)
            .set("draftAttachments", json!([]))
            .set("provider", "PureCloud Email"),
        Medium::Callback => Obj::new()
            .set("callbackNumbers", json!([leg::number(&conversation.address)]))
            .opt("callbackUserName", conversation.caller.as_deref())
            .set("skipEnabled", true)
            .set("externalCampaign", false)
            .set("timeoutSeconds", 0)
            .set("provider", "PureCloud Callback"),
    }
}
