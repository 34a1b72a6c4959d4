//! What of a fact is put on record: its kind, and its metadata as JSON. No caller, no address, no text of a conversation.

use std::sync::Arc;

use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::format;
use crate::event::{GapRecord, Source};
use crate::feed::essence::{Life, life};
use crate::limits::JOURNAL_TEXT;
use crate::record::{EventRecord, Fact, HandOver};
use crate::snapshot::Trouble;

/// A fact, ready to be written.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) kind: &'static str,
    pub(super) payload: Value,
    /// Only where bodies are asked for.
    pub(super) body: Option<Arc<RawValue>>,
}

impl Entry {
    pub(super) fn new(kind: &'static str, payload: Value) -> Self {
        Self { kind, payload, body: None }
    }

    pub(super) fn of(fact: &Fact, bodies: bool) -> Self {
        if let Fact::Event(event) = fact {
            let body = bodies.then(|| Arc::clone(&event.body));
            return Self { kind: "event", payload: of_event(event, bodies), body };
        }
        let (kind, payload) = of_fact(fact);
        Self::new(kind, payload)
    }
}

fn of_event(event: &EventRecord, kept: bool) -> Value {
    let body = event.body.get();
    let conversation = life(&event.body).map(|Life { ended, medium }| json!({ "ended": ended, "medium": medium }));
    json!({
        "topic": bounded(&event.topic),
        "subject": bounded(&event.subject),
        "source": source(event.source),
        "length": body.len(),
        "sha256": format::digest(body.as_bytes()),
        "kept": kept,
        "conversation": conversation,
    })
}

fn of_fact(fact: &Fact) -> (&'static str, Value) {
    match fact {
        Fact::Started { version } => ("started", json!({ "version": version })),
        Fact::Stopped => ("stopped", json!({})),
        Fact::SignedIn { renewal } => ("signed_in", json!({ "renewal": renewal })),
        Fact::SignedOut => ("signed_out", json!({})),
        Fact::Link { state, trouble } => {
            ("link", json!({ "state": state, "trouble": trouble.as_ref().map(of_trouble) }))
        }
        Fact::Topic { topic, permitted, reason } => (
            "topic",
            json!({ "topic": bounded(topic), "permitted": permitted, "reason": reason.as_deref().map(bounded) }),
        ),
        Fact::Event(event) => ("event", of_event(event, false)),
        Fact::GapOpened { from, cause } => ("gap_opened", json!({ "from": from, "cause": of_trouble(cause) })),
        Fact::Hearing { until } => ("hearing", json!({ "until": until })),
        Fact::Slept { from, to } => ("slept", json!({ "from": from, "to": to })),
        Fact::Gap(gap) => ("gap", of_gap(gap)),
        Fact::HandOver(step) => ("hand_over", of_hand_over(step)),
        Fact::Renewed { generation, lifetime } => {
            ("renewed", json!({ "generation": generation, "lifetime": lifetime.as_secs() }))
        }
        Fact::RenewFailed { trouble } => ("renew_failed", json!({ "trouble": of_trouble(trouble) })),
        Fact::OfferStarted { conversation, leg, medium, since, source: told } => (
            "offer_started",
            json!({
                "conversation": bounded(conversation), "leg": bounded(leg), "medium": medium, "since": since,
                "source": source(*told),
            }),
        ),
        Fact::OfferEnded { leg, end } => ("offer_ended", json!({ "leg": bounded(leg), "end": end })),
        Fact::Missed { conversation, medium, end } => {
            ("missed", json!({ "conversation": conversation.as_deref().map(bounded), "medium": medium, "end": end }))
        }
        Fact::ActionSent { action, what, conversation } => (
            "action_sent",
            json!({ "action": action, "what": what, "conversation": conversation.as_deref().map(bounded) }),
        ),
        Fact::ActionAnswered { action, trouble } => {
            ("action_answered", json!({ "action": action, "trouble": trouble.as_ref().map(of_trouble) }))
        }
        Fact::ActionFailed { leg, trouble } => {
            ("action_failed", json!({ "leg": leg.as_deref().map(bounded), "trouble": of_trouble(trouble) }))
        }
        Fact::Unreadable { fingerprint } => ("unreadable", json!({ "fingerprint": bounded(fingerprint) })),
    }
}

fn of_gap(gap: &GapRecord) -> Value {
    json!({
        "from": gap.from,
        "to": gap.to,
        "causes": gap.causes.iter().map(of_trouble).collect::<Vec<_>>(),
        "recovered": gap.recovered,
        "missed": gap.missed,
        "unrecoverable": gap.unrecoverable.iter().map(|topic| bounded(topic)).collect::<Vec<_>>(),
        "settled": gap.settled,
    })
}

fn of_hand_over(step: &HandOver) -> Value {
    match step {
        HandOver::Begun { epoch, trouble } => {
            json!({ "step": "begun", "epoch": epoch, "trouble": of_trouble(trouble) })
        }
        HandOver::Done { epoch } => json!({ "step": "done", "epoch": epoch }),
        HandOver::Failed { epoch, trouble } => {
            json!({ "step": "failed", "epoch": epoch, "trouble": of_trouble(trouble) })
        }
    }
}

/// The code and the sentence; the cure is for the person in front of the screen.
fn of_trouble(trouble: &Trouble) -> Value {
    json!({ "code": trouble.code, "message": bounded(&trouble.message) })
}

fn source(source: Source) -> &'static str {
    match source {
        Source::Live => "live",
        Source::Recovered => "recovered",
    }
}

/// Words that are not ours are cut where a sentence or two would have ended.
fn bounded(text: &str) -> String {
    match text.char_indices().nth(JOURNAL_TEXT) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::to_raw_value;

    use super::*;

    fn event(body: &Value) -> Fact {
        let body = to_raw_value(body).expect("JSON").into();
        Fact::Event(EventRecord { topic: "t".into(), subject: "c".into(), body, source: Source::Live })
    }

    #[test]
    fn a_customer_does_not_get_into_the_metadata() {
        let body = json!({ "id": "c", "participants": [
            { "name": "Jane Doe", "address": "tel:+4912345", "calls": [{ "state": "alerting" }] }] });
        let entry = Entry::of(&event(&body), false);
        assert!(entry.body.is_none());
        let text = entry.payload.to_string();
        assert!(!text.contains("Jane") && !text.contains("12345"), "{text}");
        assert_eq!(entry.payload["conversation"], json!({ "ended": false, "medium": "call" }));
        assert_eq!(entry.payload["length"], body.to_string().len());
    }

    #[test]
    fn a_long_reason_is_cut() {
        let reason = "ä".repeat(JOURNAL_TEXT * 10);
        let fact = Fact::Topic { topic: "t".into(), permitted: false, reason: Some(reason) };
        let entry = Entry::of(&fact, true);
        assert_eq!(entry.payload["reason"].as_str().map(|text| text.chars().count()), Some(JOURNAL_TEXT + 1));
    }
}
