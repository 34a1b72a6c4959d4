//! What a body says, as opposed to how: two bodies with the same essence tell of the same state. Live events and REST
//! answers about one state differ in spelling (times, links, empty lists), and a re-list must not tell it again.

use serde_json::Value;
use serde_json::value::RawValue;

use crate::snapshot::Medium;

/// Fields that carry state, whatever they are nested in. The rest is spelling, or follows from these.
const CARRIERS: [&str; 33] = [
    "active",
    "acw",
    "associatedStation",
    "attributes",
    "code",
    "confined",
    "disconnectType",
    "externalTag",
    "flaggedReason",
    "held",
    "id",
    "joined",
    "message",
    "muted",
    "parkTime",
    "presenceDefinition",
    "primary",
    "purpose",
    "queue",
    "queueId",
    "recording",
    "recordingState",
    "securePause",
    "state",
    "status",
    "subject",
    "systemPresence",
    "teamId",
    "user",
    "userId",
    "utilizationLabelId",
    "wrapup",
    "wrapupExpected",
];

/// The state in a body.
#[derive(Debug, PartialEq)]
pub(super) struct Essence(Value);

impl Essence {
    pub(super) fn of(body: &RawValue) -> Self {
        // A body that came this far is JSON; one that is nested too deep for a tree is compared as its text.
        let value = serde_json::from_str(body.get()).unwrap_or_else(|_| Value::String(body.get().to_owned()));
        Self(distil(value, true))
    }
}

/// A field that is missing, null, false, or empty says nothing. `free`: every name counts here.
fn distil(value: Value, free: bool) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.into_iter().filter_map(|(name, value)| {
                let inner = name == "attributes";
                let container = value.is_object() || value.is_array();
                let carries = free || container || CARRIERS.binary_search(&name.as_str()).is_ok();
                let value = if carries { distil(value, inner) } else { Value::Null };
                (!says_nothing(&value)).then_some((name, value))
            });
            Value::Object(kept.collect())
        }
        Value::Array(items) => {
            let mut items: Vec<_> =
                items.into_iter().map(|item| distil(item, false)).filter(|i| !says_nothing(i)).collect();
            // Lists of Genesys' have no order that means something.
            items.sort_by_cached_key(ToString::to_string);
            Value::Array(items)
        }
        // Events shout some words that REST does not: AVAILABLE, Available.
        Value::String(text) => Value::String(text.to_ascii_lowercase().replace('_', "")),
        other => other,
    }
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::String(text) => text.is_empty(),
        Value::Bool(true) | Value::Number(_) => false,
    }
}

/// Whether a body tells of a conversation that is over: everybody in it has left.
pub(super) fn ended(body: &RawValue) -> bool {
    life(body).is_some_and(|life| life.ended)
}

/// How far a conversation has got, and its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Life {
    /// Everybody in it has left.
    pub(crate) ended: bool,
    /// Its kind.
    pub(crate) medium: Medium,
}

/// Fields of a participant that list communications, and their kind. A callback has a call beside it, so it goes first.
const LEGS: [(&str, Medium); 9] = [
    ("callbacks", Medium::Callback),
    ("calls", Medium::Call),
    ("messages", Medium::Message),
    ("emails", Medium::Email),
    ("chats", Medium::Chat),
    ("videos", Medium::Video),
    ("screenshares", Medium::Screenshare),
    ("cobrowsesessions", Medium::Cobrowse),
    ("socialExpressions", Medium::Social),
];

/// What a body says of a conversation; `None` where it is about something else.
pub(crate) fn life(body: &RawValue) -> Option<Life> {
    let Ok(Value::Object(body)) = serde_json::from_str::<Value>(body.get()) else { return None };
    let participants = body.get("participants").and_then(Value::as_array)?;
    let left = |participant: &Value| {
        let over = |state: Option<&Value>| matches!(state.and_then(Value::as_str), Some("disconnected" | "terminated"));
        let mut legs =
            participant.as_object().into_iter().flatten().filter_map(|(_, value)| value.as_array()).flatten();
        let has_state = |leg: &&Value| leg.get("state").is_some();
        over(participant.get("state"))
            || participant.get("endTime").is_some_and(Value::is_string)
            || legs.clone().any(|leg| has_state(&leg))
                && legs.by_ref().filter(has_state).all(|leg| over(leg.get("state")))
    };
    let has = |legs: &str| {
        participants.iter().any(|one| one.get(legs).and_then(Value::as_array).is_some_and(|legs| !legs.is_empty()))
    };
    let medium = LEGS.iter().find(|(legs, _)| has(legs)).map_or(Medium::Other, |(_, medium)| *medium);
    Some(Life { ended: !participants.is_empty() && participants.iter().all(left), medium })
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use serde_json::value::to_raw_value;

    use super::*;

    fn same(a: &Value, b: &Value) -> bool {
        Essence::of(&to_raw_value(a).expect("JSON")) == Essence::of(&to_raw_value(b).expect("JSON"))
    }

    #[test]
    fn names_of_carriers_are_in_order() {
        assert!(CARRIERS.is_sorted());
    }

    #[test]
    fn spelling_does_not_count_and_state_does() {
        let live = json!({ "id": "c", "participants": [
            { "id": "p", "connectedTime": "2026-11-21T10:00:00.000Z", "calls": [{ "id": "l", "state": "alerting" }] },
            { "id": "q" } ] });
        let listed = json!({ "participants": [ { "id": "q", "messages": [] },
            { "calls": [{ "state": "ALERTING", "id": "l", "held": false, "segments": null }], "id": "p" } ],
            "id": "c", "selfUri": "/api/v2/conversations/c" });
        // The link is the one word of the top level that REST has and events do not: shapes leave it out before.
        let mut shaped = listed.clone();
        shaped.as_object_mut().expect("an object").remove("selfUri");
        assert!(same(&live, &shaped));
        shaped["participants"][1]["calls"][0]["state"] = json!("connected");
        assert!(!same(&live, &shaped));
        shaped["participants"][1]["calls"][0]["state"] = json!("alerting");
        shaped["participants"][1]["attributes"] = json!({ "n": "1" });
        assert!(!same(&live, &shaped), "what a script wrote is state, whatever it is called");
    }

    #[test]
    fn a_conversation_is_over_when_everybody_has_left() {
        let over = |value: &Value| ended(&to_raw_value(value).expect("JSON"));
        assert!(over(&json!({ "participants": [
            { "endTime": "2026-11-21T10:00:00Z" }, { "calls": [{ "state": "disconnected" }] }, { "state": "terminated" } ] })));
        assert!(!over(
            &json!({ "participants": [{ "calls": [{ "state": "disconnected" }, { "state": "connected" }] }] })
        ));
        assert!(!over(&json!({ "participants": [{ "purpose": "acd" }] })));
        assert!(!over(&json!({ "participants": [] })));
        assert!(!over(&json!({ "presenceDefinition": {} })));
        let life = |value: &Value| life(&to_raw_value(value).expect("JSON"));
        assert_eq!(life(&json!({ "presenceDefinition": {} })), None);
        let callback = json!({ "participants": [{ "calls": [{ "state": "connected" }], "callbacks": [{}] }] });
        assert_eq!(life(&callback), Some(Life { ended: false, medium: Medium::Callback }));
    }
}
