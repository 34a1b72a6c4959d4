//! From the generic form to the flat one, for the kinds of conversation whose flat form REST does not have: chats, videos,
//! screen shares, social expressions. For recovery.

use serde_json::{Map, Value, json};

use crate::wire::MediaKind;

/// Name of the list of legs in a participant of the generic form.
fn legs_of(kind: MediaKind) -> Option<&'static str> {
    Some(match kind {
        MediaKind::Chat => "chats",
        MediaKind::Video => "videos",
        MediaKind::Screenshare => "screenshares",
        MediaKind::Social => "socialExpressions",
        _ => return None,
    })
}

/// More legs of one kind than any participant has. Each becomes a copy of the participant, so the number needs a bound.
const MOST_LEGS: usize = 16;

/// Ids that the generic form has plain, and the flat form as references.
const REFERENCES: [(&str, &str); 5] = [
    ("userId", "user"),
    ("queueId", "queue"),
    ("teamId", "team"),
    ("externalContactId", "externalContact"),
    ("externalOrganizationId", "externalOrganization"),
];

/// The conversation with one participant for each leg of `kind`; `None` where there is no such leg: the topic of that
/// kind would have said nothing.
pub(super) fn flatten(kind: MediaKind, mut generic: Map<String, Value>) -> Option<Map<String, Value>> {
    let legs = legs_of(kind)?;
    let Value::Array(participants) = generic.remove("participants")? else { return None };
    let flat: Vec<Value> = participants
        .into_iter()
        .filter_map(|participant| match participant {
            Value::Object(participant) => Some(participant),
            _ => None,
        })
        .flat_map(|participant| flat_participants(participant, legs))
        .collect();
    if flat.is_empty() {
        return None;
    }
    generic.insert("participants".to_owned(), flat.into());
    Some(generic)
}

fn flat_participants(mut participant: Map<String, Value>, legs: &str) -> Vec<Value> {
    let Some(Value::Array(mut legs)) = participant.remove(legs) else { return Vec::new() };
    // The last ones are the newest.
    let older = legs.len().saturating_sub(MOST_LEGS);
    legs.drain(..older);
    // With several legs it is not known which of them began when the participant did.
    if legs.len() + older > 1 {
        participant.remove("startTime");
    }
    // These are the leg's.
    for name in ["connectedTime", "endTime"] {
        participant.remove(name);
    }
    for (plain, reference) in REFERENCES {
        if let Some(Value::String(id)) = participant.remove(plain) {
            participant.insert(reference.to_owned(), json!({ "id": id }));
        }
    }
    let flat = |leg: Value| {
        let Value::Object(mut leg) = leg else { return None };
        leg.remove("id");
        for (generic, flat) in [("disconnectedTime", "endTime"), ("peerId", "peer")] {
            if let Some(value) = leg.remove(generic) {
                leg.insert(flat.to_owned(), value);
            }
        }
        if let Some(Value::String(script)) = leg.remove("scriptId") {
            leg.insert("script".to_owned(), json!({ "id": script }));
        }
        let mut both = participant.clone();
        both.extend(leg);
        Some(Value::Object(both))
    };
    legs.into_iter().filter_map(flat).collect()
}
