//! One communication inside a generic participant, and the fields both forms share.

use super::{Form, Obj};
use crate::clock::iso;
use crate::world::catalogue;
use crate::world::conversation::{Conversation, Medium, Participant};
use serde_json::{Value, json};

/// Alerting seconds, tones and auto-answer as the queue sets them.
pub(super) fn queue_media_settings(conversation: &Conversation, participant: &Participant) -> Option<Value> {
    let alerting = participant.alerting?;
    conversation.queue?;
    Some(json!({
        "alertingTimeoutSeconds": alerting / 1000,
        "autoAnswerAlertToneSeconds": 1.0,
        "manualAnswerAlertToneSeconds": 1.0,
        "enableAutoAnswer": conversation.plan.auto_answer,
    }))
}

fn address(name: Option<&str>, raw: &str) -> Value {
    let displayable = raw.strip_prefix("tel:").or_else(|| raw.strip_prefix("sip:")).unwrap_or(raw);
    Obj::new()
        .opt("name", name)
        .opt("nameRaw", name)
        .set("addressNormalized", raw)
        .set("addressRaw", raw)
        .set("addressDisplayable", displayable)
        .json()
}

/// The two ends of a leg: one's own, and the other side's.
pub(super) fn ends(conversation: &Conversation, participant: &Participant) -> (Value, Value) {
    let customer = address(conversation.caller.as_deref(), &conversation.address);
    let own = match (participant.agent, conversation.queue) {
        (Some(agent), _) => {
            let profile = &catalogue::AGENTS[agent];
            address(Some(profile.name), &format!("sip:{}", profile.id))
        }
        (None, Some(queue)) => address(Some(queue.name), "tel:+493055501000"),
        (None, None) => address(None, "tel:+493055501000"),
    };
    let is_customer = conversation.participants.first().is_some_and(|first| first.id == participant.id);
    if is_customer { (customer, own) } else { (own, customer) }
}

/// The wrap-up that was given.
pub(super) fn wrapup(participant: &Participant, form: Form) -> Option<Value> {
    let wrapup = participant.wrapup.as_ref()?;
    let started = participant.after_call.as_ref().map_or(wrapup.ended, |a| a.started);
    let obj = Obj::new()
        .set("code", wrapup.code.as_str())
        .opt("notes", wrapup.notes.as_deref())
        .set("tags", json!([]))
        .set("durationSeconds", ((wrapup.ended - started) / 1000).max(0))
        .set("endTime", iso(wrapup.ended));
    Some(match form {
        Form::Event => obj.json(),
        Form::Rest => obj.opt("name", wrapup.name.as_deref()).set("provisional", false).json(),
    })
}

/// The state of after-call work.
fn after_call(conversation: &Conversation, participant: &Participant) -> Value {
    match &participant.after_call {
        None if participant.purpose == "agent" && conversation.plan.wrapup.is_some() => json!({"state": "unknown"}),
        None => json!({"state": "notApplicable"}),
        Some(after) => {
            let state = match after.ended {
                None => "pending",
                Some(_) if after.skipped => "skipped",
                Some(_) => "complete",
            };
            Obj::new()
                .set("state", state)
                .set("startTime", iso(after.started))
                .opt("endTime", after.ended.map(iso))
                .json()
        }
    }
}

/// `errorInfo` of a leg whose answer failed; REST tells less of it.
pub(super) fn error_info(participant: &Participant, form: Form) -> Option<Value> {
    let message = participant.leg.error.as_ref()?;
    let code = "error.ininedgecontrol.connection.station.notreachable";
    Some(match form {
        Form::Event => {
            json!({"status": 400, "code": code, "message": message, "messageWithParams": message, "messageParams": {}})
        }
        Form::Rest => json!({"code": code, "message": message}),
    })
}

/// One leg.
pub(super) fn json(conversation: &Conversation, participant: &Participant, form: Form) -> Value {
    let leg = &participant.leg;
    let (own, other) = ends(conversation, participant);
    let peer = (conversation.participants.first())
        .filter(|first| first.id != participant.id)
        .map(|first| first.leg.id.clone());
    let obj = Obj::new()
        .set("id", leg.id.as_str())
        .set("state", leg.state.word())
        .set("initialState", leg.initial.word())
        .set("held", leg.held_since.is_some())
        .opt("startHoldTime", leg.held_since.map(iso))
        .opt("disconnectType", leg.disconnect_type)
        .opt("connectedTime", leg.connected.map(iso))
        .opt("disconnectedTime", leg.disconnected.map(iso))
        .opt("errorInfo", error_info(participant, form).filter(|_| conversation.medium != Medium::Callback))
        .opt("peerId", peer)
        .opt("wrapup", wrapup(participant, form))
        .set("afterCallWork", after_call(conversation, participant))
        .set("afterCallWorkRequired", participant.wrapping_up())
        .opt("queueMediaSettings", queue_media_settings(conversation, participant));
    let obj = match form {
        Form::Event => obj,
        Form::Rest => obj.set("segments", json!([])).opt("startAlertingTime", alerting_since(participant)),
    };
    obj.with(by_medium(conversation, participant, own, other)).json()
}

/// When it began to alert.
pub(super) fn alerting_since(participant: &Participant) -> Option<String> {
    participant.alerting.map(|_| iso(participant.leg.started))
}

fn by_medium(conversation: &Conversation, participant: &Participant, own: Value, other: Value) -> Obj {
    // Even the agent's leg of an inbound conversation says inbound.
    let inbound = Obj::new().set("direction", "inbound");
    match conversation.medium {
        Medium::Call => inbound
            .set("muted", participant.leg.muted)
            .set("confined", false)
            .set("recording", false)
            .set("recordingState", "none")
            .set("securePause", false)
            .set("self", own)
            .set("other", other)
            .set("provider", "Edge"),
        Medium::Message => inbound
            .set("type", conversation.message_type.as_deref().unwrap_or("unknown"))
            .set("toAddress", own)
            .set("fromAddress", other)
            .set("messages", json!([]))
            .set("provider", "PureCloud Messaging"),
        Medium::Email => inbound
            .set("subject", conversation.subject.as_deref().unwrap_or_default())
            .set("messagesSent", 0)
            .set("autoGenerated", false)
            .set("spam", false)
            .set("draftAttachments", json!([]))
            .set("provider", "PureCloud Email"),
        Medium::Callback => inbound
            .set("callbackNumbers", json!([number(&conversation.address)]))
            .opt("callbackUserName", conversation.caller.as_deref())
            .set("skipEnabled", true)
            .set("externalCampaign", false)
            .set("timeoutSeconds", 0)
            .set("provider", "PureCloud Callback"),
    }
}

/// A telephone number without its scheme.
pub(super) fn number(address: &str) -> &str {
    address.strip_prefix("tel:").unwrap_or(address)
}
