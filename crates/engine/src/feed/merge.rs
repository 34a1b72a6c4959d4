//! The flat form of a conversation laid over the last body of its generic form. Where Genesys lets nobody read the
//! generic form (it needs a permission that the flat one does not), what is known is brought up to date, and nothing is
//! made up: whoever is new comes without the ids that the flat form does not have.

use earshot_genesys::wire::MediaKind;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

/// Fields of a flat participant that belong to the leg in the generic form.
const OF_THE_LEG: [&str; 8] =
    ["state", "held", "muted", "confined", "direction", "disconnectType", "recording", "recordingState"];
/// Fields that belong to the participant in both.
const OF_THE_PARTICIPANT: [&str; 6] = ["name", "purpose", "connectedTime", "endTime", "attributes", "wrapup"];

/// `last` with what `flat` knows of its legs of this kind; `None` where they are not what they should be.
pub(super) fn merge(last: &RawValue, kind: MediaKind, flat: &RawValue) -> Option<Box<RawValue>> {
    let mut merged: Value = serde_json::from_str(last.get()).ok()?;
    let flat: Value = serde_json::from_str(flat.get()).ok()?;
    let legs = kind.topic_segment()?;
    let participants = merged.get_mut("participants")?.as_array_mut()?;
    for said in flat.get("participants")?.as_array()?.iter().filter_map(Value::as_object) {
        let id = said.get("id").and_then(Value::as_str).unwrap_or_default();
        let known = participants.iter_mut().find(|known| known["id"].as_str() == Some(id));
        let participant = if let Some(known) = known {
            known.as_object_mut()?
        } else {
            let mut new = json!({ "id": id });
            for (reference, plain) in [("user", "userId"), ("queue", "queueId")] {
                if let Some(id) = said.get(reference).and_then(|it| it.get("id")) {
                    new[plain] = id.clone();
                }
            }
            participants.push(new);
            participants.last_mut()?.as_object_mut()?
        };
        take(participant, said, &OF_THE_PARTICIPANT);
        let of_kind = participant.entry(legs).or_insert_with(|| json!([{}])).as_array_mut()?;
        // The flat form speaks of the participant's newest leg; earlier ones are over.
        if let Some(leg) = of_kind.last_mut().and_then(Value::as_object_mut) {
            take(leg, said, &OF_THE_LEG);
        }
    }
    serde_json::value::to_raw_value(&merged).ok()
}

fn take(into: &mut Map<String, Value>, from: &Map<String, Value>, fields: &[&str]) {
    for field in fields {
        if let Some(value) = from.get(*field).filter(|value| !value.is_null()) {
            into.insert((*field).to_owned(), value.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::to_raw_value;

    use super::*;

    #[test]
    fn known_legs_are_brought_up_to_date_and_new_participants_come_without_made_up_ids() {
        let last = json!({ "id": "c", "address": "kept", "participants": [
            { "id": "p1", "purpose": "customer", "calls": [{ "id": "l1", "state": "connected", "direction": "inbound" }] },
            { "id": "p2", "purpose": "agent", "userId": "u", "calls": [{ "id": "l2", "state": "alerting" }] } ] });
        let flat = json!({ "id": "c", "participants": [
            { "id": "p1", "state": "connected" },
            { "id": "p2", "state": "disconnected", "disconnectType": "timeout", "endTime": "2026-11-21T10:00:00Z" },
            { "id": "p3", "purpose": "agent", "state": "connected", "user": { "id": "v" } } ] });
        let merged = merge(&to_raw_value(&last).expect("JSON"), MediaKind::Call, &to_raw_value(&flat).expect("JSON"));
        let merged: Value = serde_json::from_str(merged.expect("merged").get()).expect("JSON");
        let want = json!({ "id": "c", "address": "kept", "participants": [
            { "id": "p1", "purpose": "customer", "calls": [{ "id": "l1", "state": "connected", "direction": "inbound" }] },
            { "id": "p2", "purpose": "agent", "userId": "u", "endTime": "2026-11-21T10:00:00Z",
              "calls": [{ "id": "l2", "state": "disconnected", "disconnectType": "timeout" }] },
            { "id": "p3", "purpose": "agent", "userId": "v", "calls": [{ "state": "connected" }] } ] });
        assert_eq!(merged, want);
    }

    #[test]
    fn what_is_no_conversation_is_not_merged() {
        let body = to_raw_value(&json!({ "participants": "?" })).expect("JSON");
        assert!(merge(&body, MediaKind::Call, &body).is_none());
        assert!(merge(&body, MediaKind::Generic, &body).is_none());
    }
}
