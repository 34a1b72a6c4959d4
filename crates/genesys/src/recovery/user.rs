//! What the topics about a user would have said, from the user as REST shows it with its expansions. For recovery.

use serde_json::{Map, Value, json};

use super::UserTopic;
use super::shape::{How, Shape};

static PRESENCE: Shape = Shape {
    text: "source message modifiedDate",
    flag: "primary",
    objects: &[("presenceDefinition", &DEFINITION), ("futurePresenceDefinition", &DEFINITION)],
    ..Shape::NONE
};

static DEFINITION: Shape =
    Shape { text: "id", special: &[("systemPresence", How::SystemPresence("systemPresence"))], ..Shape::NONE };

static ROUTING_STATUS: Shape = Shape::text("status startTime");

static STATIONS: Shape = Shape { objects: &[("associatedStation", &STATION)], ..Shape::NONE };

static STATION: Shape = Shape { text: "id name", objects: &[("associatedUser", &USER)], ..Shape::NONE };

static USER: Shape = Shape::text("id");

static SUMMARY: Shape = Shape {
    text: "userId",
    objects: &[
        ("call", &MEDIA_SUMMARY),
        ("callback", &MEDIA_SUMMARY),
        ("email", &MEDIA_SUMMARY),
        ("message", &MEDIA_SUMMARY),
        ("chat", &MEDIA_SUMMARY),
        ("socialExpression", &MEDIA_SUMMARY),
        ("video", &MEDIA_SUMMARY),
    ],
    ..Shape::NONE
};

static MEDIA_SUMMARY: Shape = Shape { objects: &[("contactCenter", &COUNTS), ("enterprise", &COUNTS)], ..Shape::NONE };

static COUNTS: Shape = Shape { number: "active acw", ..Shape::NONE };

static OUT_OF_OFFICE: Shape =
    Shape { text: "startDate endDate", flag: "active indefinite", objects: &[("user", &USER)], ..Shape::NONE };

static ACTIVITY_PRESENCE: Shape = Shape {
    text: "modifiedDate",
    objects: &[("presenceDefinition", &DEFINITION)],
    special: &[("presenceMessage", How::Text("message"))],
    ..Shape::NONE
};

static ACTIVITY_OUT_OF_OFFICE: Shape = Shape { flag: "active", ..Shape::NONE };

/// `None` where the user was asked for without the expansion it takes.
pub(super) fn body(topic: UserTopic, mut user: Map<String, Value>) -> Option<Value> {
    let Value::String(id) = user.remove("id")? else { return None };
    let mut part = |name: &str, shape: &Shape| match user.remove(name) {
        Some(Value::Object(part)) => Some(shape.of(part)),
        _ => None,
    };
    Some(match topic {
        UserTopic::Presence => part("presence", &PRESENCE)?.into(),
        UserTopic::RoutingStatus => {
            json!({ "id": id, "routingStatus": part("routingStatus", &ROUTING_STATUS)? })
        }
        UserTopic::Station => part("station", &STATIONS)?.into(),
        UserTopic::ConversationSummary => part("conversationSummary", &SUMMARY)?.into(),
        UserTopic::OutOfOffice => {
            let mut body = part("outOfOffice", &OUT_OF_OFFICE)?;
            // Inside of the user REST need not say whose it is.
            body.entry("user").or_insert_with(|| json!({ "id": id }));
            body.into()
        }
        UserTopic::Activity => {
            let (routing, presence) = (part("routingStatus", &ROUTING_STATUS)?, part("presence", &ACTIVITY_PRESENCE)?);
            let mut body = Map::from_iter([
                ("id".to_owned(), id.into()),
                ("routingStatus".to_owned(), routing.into()),
                ("presence".to_owned(), presence.into()),
            ]);
            if let Some(out) = part("outOfOffice", &ACTIVITY_OUT_OF_OFFICE) {
                body.insert("outOfOffice".to_owned(), out.into());
            }
            body.into()
        }
    })
}
