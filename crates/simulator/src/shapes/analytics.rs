//! A conversation as analytics tell it (`AnalyticsConversationWithoutAttributes`): participants, sessions, segments.

use super::Obj;
use crate::clock::{Ms, iso};
use crate::world::catalogue;
use crate::world::conversation::{Conversation, Medium, Participant};
use serde_json::{Value, json};

/// The conversation as it stood at `at`. None: it had not begun.
pub(crate) fn conversation(conversation: &Conversation, at: Ms) -> Option<Value> {
    if conversation.started > at {
        return None;
    }
    let participants: Vec<_> = (conversation.participants.iter())
        .filter(|p| p.leg.started <= at)
        .map(|p| participant(conversation, p, at))
        .collect();
    let obj = Obj::new()
        .set("conversationId", conversation.id.as_str())
        .set("conversationStart", iso(conversation.started))
        .opt("conversationEnd", by(conversation.ended, at).map(iso))
        .set("divisionIds", json!([catalogue::DIVISION]))
        .set("originatingDirection", "inbound")
        .set("participants", participants);
    Some(obj.json())
}

/// A time that had come by then.
fn by(time: Option<Ms>, at: Ms) -> Option<Ms> {
    time.filter(|time| *time <= at)
}

fn participant(conversation: &Conversation, participant: &Participant, at: Ms) -> Value {
    Obj::new()
        .set("participantId", participant.id.as_str())
        .opt("participantName", participant.name.as_deref())
        .opt("userId", participant.agent.map(|a| catalogue::AGENTS[a].id))
        .set("purpose", participant.purpose)
        .set("sessions", json!([session(conversation, participant, at)]))
        .json()
}

/// The word for a medium; a call is `voice` here.
fn media_type(medium: Medium) -> &'static str {
    match medium {
        Medium::Call => "voice",
        other => other.word(),
    }
}

fn session(conversation: &Conversation, participant: &Participant, at: Ms) -> Value {
    let first = conversation.participants.first();
    let peer = first.filter(|first| first.id != participant.id).map(|first| first.leg.id.clone());
    let obj = Obj::new()
        .set("sessionId", participant.leg.id.as_str())
        .set("mediaType", media_type(conversation.medium))
        .set("direction", "inbound")
        .opt("peerId", peer)
        .opt("remote", conversation.caller.as_deref())
        .set("requestedRoutings", json!(["Standard"]))
        .set("metrics", metrics(participant, at))
        .set("segments", segments(conversation, participant, at));
    let obj = match conversation.medium {
        Medium::Call => obj
            .set("ani", conversation.address.as_str())
            .set("dnis", "tel:+493055501000")
            .set("provider", "Edge")
            .set("recording", false),
        Medium::Message => obj
            .opt("messageType", conversation.message_type.as_deref())
            .set("addressFrom", conversation.address.as_str())
            .set("provider", "PureCloud Messaging"),
        Medium::Email => obj.set("addressFrom", conversation.address.as_str()).set("provider", "PureCloud Email"),
        Medium::Callback => obj
            .set("callbackNumbers", json!([super::leg::number(&conversation.address)]))
            .opt("callbackUserName", conversation.caller.as_deref())
            .set("provider", "PureCloud Callback"),
    };
    obj.json()
}

fn metrics(participant: &Participant, at: Ms) -> Value {
    let leg = &participant.leg;
    let mut all = Vec::new();
    let mut metric = |name: &str, from: Ms, to: Ms| {
        all.push(json!({"name": name, "value": to - from, "emitDate": iso(to)}));
    };
    let end = by(leg.disconnected, at);
    if participant.alerting.is_some() {
        match (by(leg.connected, at), end) {
            (Some(answered), _) => metric("tAlert", leg.started, answered),
            (None, Some(end)) => {
                metric("tAlert", leg.started, end);
                metric("tNotResponding", leg.started, end);
            }
            (None, None) => {}
        }
    }
    if let (Some(from), Some(to), "agent") = (by(leg.connected, at), end, participant.purpose) {
        metric("tTalk", from, to);
    }
    all.into()
}

fn segments(conversation: &Conversation, participant: &Participant, at: Ms) -> Value {
    let leg = &participant.leg;
    let queue = conversation.queue.filter(|_| participant.purpose != "voicemail").map(|q| q.id);
    let mut all = Vec::new();
    let mut segment = |kind: &str, from: Ms, to: Option<Ms>, why: Option<&str>| {
        let obj = Obj::new()
            .set("segmentType", kind)
            .set("segmentStart", iso(from))
            .opt("segmentEnd", to.map(iso))
            .opt("queueId", queue)
            .opt("subject", conversation.subject.as_deref())
            .opt("disconnectType", why)
            .set("conference", false);
        all.push(obj);
    };
    let connected = by(leg.connected, at);
    let ended = by(leg.disconnected, at);
    let why = ended.and(leg.disconnect_type).map(disconnect_type);
    if participant.alerting.is_some() {
        let unanswered = connected.is_none();
        segment("alert", leg.started, connected.or(ended), why.filter(|_| unanswered));
    }
    if let Some(from) = connected {
        let kind = match participant.purpose {
            "acd" => "delay",
            "voicemail" => "voicemail",
            _ => "interact",
        };
        segment(kind, from, ended, why);
    }
    if let Some(after) = participant.after_call.as_ref().filter(|a| a.started <= at) {
        let done = by(after.ended, at);
        segment("wrapup", after.started, done, done.map(|_| "peer"));
        if let (Some(wrapup), Some(last)) = (participant.wrapup.as_ref().filter(|_| done.is_some()), all.pop()) {
            let last = last.set("wrapUpCode", wrapup.code.as_str()).opt("wrapUpNote", wrapup.notes.as_deref());
            all.push(last);
        }
    }
    all.into_iter().map(Obj::json).collect::<Vec<_>>().into()
}

/// Conversations write `transfer.noanswer`, analytics `noAnswerTransfer`.
fn disconnect_type(word: &'static str) -> &'static str {
    match word {
        "transfer.noanswer" => "noAnswerTransfer",
        "transfer.notavailable" => "notAvailableTransfer",
        "transfer.consult" => "consultTransfer",
        "transfer.conference" => "conferenceTransfer",
        "transfer.forward" => "forwardTransfer",
        "transfer.dnd" => "dndTransfer",
        "endpoint.dnd" => "dndEndpoint",
        "transport.failure" => "transportFailure",
        other => other,
    }
}
