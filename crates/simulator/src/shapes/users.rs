//! Presence, routing status, activity and the user itself. Events write system presences in capitals, REST does not.

use super::Obj;
use crate::clock::iso;
use crate::world::{Agent, catalogue};
use serde_json::{Value, json};

/// The presence event.
pub(crate) fn presence_event(agent: &Agent) -> Value {
    let presence = &catalogue::PRESENCES[agent.presence];
    json!({
        "source": "PURECLOUD",
        "presenceDefinition": {"id": presence.id, "systemPresence": presence.system_event},
        "primary": true,
        "message": agent.message,
        "modifiedDate": iso(agent.presence_since),
    })
}

/// `GET /users/{id}/presences/purecloud`.
pub(crate) fn presence(agent: &Agent) -> Value {
    let presence = &catalogue::PRESENCES[agent.presence];
    let id = agent.profile.id;
    json!({
        "id": id,
        "source": "PURECLOUD",
        "primary": true,
        "presenceDefinition": {
            "id": presence.id,
            "systemPresence": presence.system,
            "selfUri": format!("/api/v2/presencedefinitions/{}", presence.id),
        },
        "message": agent.message,
        "modifiedDate": iso(agent.presence_since),
        "selfUri": format!("/api/v2/users/{id}/presences/purecloud"),
    })
}

/// The routing status event.
pub(crate) fn routing_event(agent: &Agent) -> Value {
    json!({
        "id": agent.profile.id,
        "routingStatus": {"status": agent.routing, "startTime": iso(agent.routing_since)},
    })
}

/// `GET /users/{id}/routingstatus`.
pub(crate) fn routing(agent: &Agent) -> Value {
    json!({"userId": agent.profile.id, "status": agent.routing, "startTime": iso(agent.routing_since)})
}

/// The activity event.
pub(crate) fn activity_event(agent: &Agent) -> Value {
    let presence = &catalogue::PRESENCES[agent.presence];
    let active: Vec<_> = if agent.presence == catalogue::ON_QUEUE {
        catalogue::QUEUES.iter().map(|q| q.id).collect()
    } else {
        Vec::new()
    };
    json!({
        "id": agent.profile.id,
        "routingStatus": {"status": agent.routing, "startTime": iso(agent.routing_since)},
        "presence": {
            "presenceDefinition": {"id": presence.id, "systemPresence": presence.system_event},
            "presenceMessage": agent.message,
            "modifiedDate": iso(agent.presence_since),
        },
        "outOfOffice": {"active": false, "modifiedDate": iso(agent.presence_since)},
        "activeQueueIds": active,
        "dateActiveQueuesChanged": iso(agent.presence_since),
    })
}

/// The agent's telephones.
pub(crate) fn stations(agent: &Agent) -> Value {
    let station = json!({
        "id": agent.profile.station_id,
        "name": agent.profile.station,
        "type": "inin_webrtc_softphone",
        "associatedUser": {"id": agent.profile.id},
        "webRtcCallAppearances": 100,
    });
    json!({"associatedStation": station, "effectiveStation": station, "defaultStation": station, "lastAssociatedStation": station})
}

/// A user without expansions.
pub(crate) fn user(agent: &Agent) -> Obj {
    let profile = agent.profile;
    Obj::new()
        .set("id", profile.id)
        .set("name", profile.name)
        .set(
            "division",
            json!({
                "id": catalogue::DIVISION,
                "name": "Home",
                "selfUri": format!("/api/v2/authorization/divisions/{}", catalogue::DIVISION),
            }),
        )
        .set("chat", json!({"jabberId": format!("{}@simulated.orgspan.com", profile.id)}))
        .set("department", "Customer Care")
        .set("email", profile.email)
        .set("primaryContactInfo", json!([{"address": profile.email, "mediaType": "EMAIL", "type": "PRIMARY"}]))
        .set("addresses", json!([]))
        .set("state", "active")
        .set("title", profile.title)
        .set("username", profile.email)
        .set("images", json!([]))
        .set("version", 7)
        .set("acdAutoAnswer", false)
        .set("selfUri", format!("/api/v2/users/{}", profile.id))
}

/// One of the organisation's presences, as `presencedefinitions` lists it.
pub(crate) fn presence_definition(presence: &catalogue::Presence) -> Value {
    json!({
        "id": presence.id,
        "languageLabels": {"en_US": presence.name},
        "systemPresence": presence.system,
        "deactivated": false,
        "primary": presence.primary,
        "selfUri": format!("/api/v2/presencedefinitions/{}", presence.id),
    })
}
