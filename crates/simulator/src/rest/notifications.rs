//! Channels and subscriptions.

use super::auth::Caller;
use super::errors::ApiError;
use crate::clock::iso;
use crate::state::{Shared, State as Sim, SubscribeError, TopicResult};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

/// One wanted topic.
#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    id: String,
}

/// `ignoreErrors`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Leniency {
    ignore_errors: Option<String>,
}

/// `includechannels`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Which {
    includechannels: Option<String>,
}

fn connect_uri(shared: &Shared, headers: &HeaderMap, channel: &str) -> String {
    // Whatever address reached us leads back to us, also through a proxy.
    let host = headers.get(header::HOST).and_then(|h| h.to_str().ok());
    let fallback = shared.base_url().trim_start_matches("http://");
    format!("ws://{}/channels/{channel}", host.unwrap_or(fallback))
}

/// A new channel.
pub(crate) async fn create(State(shared): State<Shared>, caller: Caller, headers: HeaderMap) -> Json<Value> {
    let token = &caller.token;
    let (id, expires) = shared.with(|sim| {
        let now = sim.now();
        sim.hub.create(now, token.client.id, token.user, token.serial)
    });
    Json(json!({"connectUri": connect_uri(&shared, &headers, &id), "id": id, "expires": iso(expires)}))
}

/// The channels of this token, or of this user and client; ids of other tokens' channels are masked.
pub(crate) async fn list(
    State(shared): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
    Query(which): Query<Which>,
) -> Json<Value> {
    let all = which.includechannels.as_deref() == Some("oauthclient");
    let token = &caller.token;
    let channels: Vec<(String, i64, bool)> = shared.with(|sim| {
        (sim.hub.channels.iter())
            .filter(|c| c.client == token.client.id && c.user == token.user && (all || c.token == token.serial))
            .map(|c| (c.id.clone(), c.expires, c.token == token.serial))
            .collect()
    });
    let entity = |(id, expires, own): (String, i64, bool)| {
        if own {
            json!({"connectUri": connect_uri(&shared, &headers, &id), "id": id, "expires": iso(expires)})
        } else {
            json!({"id": format!("{}…", id.chars().take(4).collect::<String>()), "expires": iso(expires)})
        }
    };
    Json(json!({"entities": channels.into_iter().map(entity).collect::<Vec<_>>()}))
}

fn own(sim: &mut Sim, caller: &Caller, channel: &str) -> Result<(), ApiError> {
    let now = sim.now();
    let token = &caller.token;
    match sim.hub.own(now, channel, token.client.id, token.user) {
        Some(_) => Ok(()),
        None => Err(ApiError::not_found("channel")),
    }
}

/// Does the channel exist?
pub(crate) async fn exists(
    State(shared): State<Shared>,
    caller: Caller,
    Path(channel): Path<String>,
) -> Result<StatusCode, ApiError> {
    shared.with(|sim| own(sim, &caller, &channel)).map(|()| StatusCode::OK)
}

/// What the channel hears.
pub(crate) async fn subscriptions(
    State(shared): State<Shared>,
    caller: Caller,
    Path(channel): Path<String>,
) -> Result<Json<Value>, ApiError> {
    shared.with(|sim| {
        own(sim, &caller, &channel)?;
        let topics =
            sim.hub.channel(&channel).map(|c| c.topics.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
        let entities: Vec<_> = topics.iter().map(|t| json!({"id": t, "selfUri": self_uri(t)})).collect();
        Ok(Json(json!({"entities": entities})))
    })
}

fn self_uri(topic: &str) -> String {
    format!("/api/v2/notifications/availabletopics/{topic}")
}

fn change(
    shared: &Shared,
    caller: &Caller,
    channel: &str,
    wanted: &[Wanted],
    leniency: &Leniency,
    replace: bool,
) -> Result<Json<Value>, ApiError> {
    let ignore = leniency.ignore_errors.as_deref().is_some_and(|v| v.eq_ignore_ascii_case("true"));
    let ids: Vec<String> = wanted.iter().map(|w| w.id.clone()).collect();
    shared.with(|sim| {
        own(sim, caller, channel)?;
        let results = sim.subscribe(channel, &ids, replace, ignore).map_err(refusal)?;
        let entities: Vec<_> = results.iter().map(|r| entity(r, ignore)).collect();
        Ok(Json(json!({"entities": entities})))
    })
}

fn entity(result: &TopicResult, states: bool) -> Value {
    let mut entity = json!({"id": result.id, "selfUri": self_uri(&result.id)});
    match &result.rejected {
        Some((reason, missing)) => {
            entity["state"] = "Rejected".into();
            entity["rejectionReason"] = reason.as_str().into();
            if !missing.is_empty() {
                entity["missingPermissions"] = json!(missing);
            }
        }
        None if states => entity["state"] = "Permitted".into(),
        None => {}
    }
    entity
}

fn refusal(error: SubscribeError) -> ApiError {
    match error {
        SubscribeError::TooMany => ApiError::new(
            400,
            "notification.subscription.too.many.subscriptions",
            "A channel can have at most 1000 topics.",
        ),
        SubscribeError::Invalid(topic) => {
            ApiError::new(400, "notification.invalid.topic", format!("The topic {topic} does not exist."))
        }
        SubscribeError::Forbidden(missing) if missing.is_empty() => {
            ApiError::new(403, "not.authorized", "You are not authorized to subscribe to one of these topics.")
        }
        SubscribeError::Forbidden(missing) => ApiError::missing(&missing),
    }
}

/// Adds topics.
pub(crate) async fn add(
    State(shared): State<Shared>,
    caller: Caller,
    Path(channel): Path<String>,
    Query(leniency): Query<Leniency>,
    Json(wanted): Json<Vec<Wanted>>,
) -> Result<Json<Value>, ApiError> {
    change(&shared, &caller, &channel, &wanted, &leniency, false)
}

/// Replaces the topics.
pub(crate) async fn replace(
    State(shared): State<Shared>,
    caller: Caller,
    Path(channel): Path<String>,
    Query(leniency): Query<Leniency>,
    Json(wanted): Json<Vec<Wanted>>,
) -> Result<Json<Value>, ApiError> {
    change(&shared, &caller, &channel, &wanted, &leniency, true)
}

/// Removes the topics.
pub(crate) async fn clear(
    State(shared): State<Shared>,
    caller: Caller,
    Path(channel): Path<String>,
) -> Result<StatusCode, ApiError> {
    shared.with(|sim| {
        own(sim, &caller, &channel)?;
        if let Some(channel) = sim.hub.channels.iter_mut().find(|c| c.id == channel) {
            channel.topics.clear();
        }
        Ok(StatusCode::OK)
    })
}

/// A few of the topics there are.
pub(crate) async fn available(_caller: Caller) -> Json<Value> {
    let topics = ["presence", "routingStatus", "conversationsummary", "conversations", "conversations.calls"];
    let entities: Vec<_> = (topics.iter())
        .map(|t| json!({"id": format!("v2.users.{{id}}.{t}"), "visibility": "Public", "transports": ["All"]}))
        .collect();
    Json(json!({"entities": entities}))
}
