//! What the organisation has: queues, presences, wrap-up codes, scopes.

use super::auth::{Caller, UserCaller, any_of};
use super::errors::ApiError;
use super::{listing, me};
use crate::clock::iso;
use crate::shapes::users;
use crate::state::Shared;
use crate::world::catalogue::{self, PRESENCES, Presence, QUEUES, WRAPUP_CODES, WrapupCode};
use axum::Json;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

/// Page numbers.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[allow(clippy::struct_field_names)] // Genesys' names
pub(crate) struct Page {
    page_size: Option<usize>,
    page_number: Option<usize>,
    joined: Option<bool>,
}

fn page(uri: &str, entities: Vec<Value>, page: &Page) -> Json<Value> {
    Json(listing(uri, entities, page.page_size.unwrap_or(25), page.page_number.unwrap_or(1)))
}

/// The queues one is a member of.
pub(crate) async fn my_queues(_caller: UserCaller, Query(query): Query<Page>) -> Json<Value> {
    let queues = if query.joined == Some(false) { &[][..] } else { QUEUES };
    let entities = (queues.iter())
        .map(|q| {
            json!({"id": q.id, "name": q.name, "joined": true, "division": {"id": catalogue::DIVISION, "name": "Home"},
                   "memberCount": 2, "selfUri": format!("/api/v2/routing/queues/{}", q.id)})
        })
        .collect();
    page("/api/v2/routing/queues/me", entities, &query)
}

/// One wrap-up code.
pub(crate) fn wrapup_code(code: &WrapupCode) -> Value {
    json!({"id": code.id, "name": code.name, "selfUri": format!("/api/v2/routing/wrapupcodes/{}", code.id)})
}

/// The wrap-up codes of a queue.
pub(crate) async fn queue_wrapup_codes(
    State(shared): State<Shared>,
    caller: Caller,
    Path(queue): Path<String>,
    Query(query): Query<Page>,
) -> Result<Json<Value>, ApiError> {
    shared.with(|sim| any_of(sim, caller.token.user, &["routing:queue:view"]))?;
    let queue = QUEUES.iter().find(|q| q.id == queue).ok_or_else(|| ApiError::not_found("queue"))?;
    let entities = queue.wrapup_codes.iter().map(|i| wrapup_code(&WRAPUP_CODES[*i])).collect();
    Ok(page(&format!("/api/v2/routing/queues/{}/wrapupcodes", queue.id), entities, &query))
}

/// Every wrap-up code.
pub(crate) async fn wrapup_codes(
    State(shared): State<Shared>,
    caller: Caller,
    Query(query): Query<Page>,
) -> Result<Json<Value>, ApiError> {
    shared.with(|sim| any_of(sim, caller.token.user, &["routing:wrapupCode:view"]))?;
    Ok(page("/api/v2/routing/wrapupcodes", WRAPUP_CODES.iter().map(wrapup_code).collect(), &query))
}

/// The presences, as `presencedefinitions` lists them.
pub(crate) async fn presence_definitions(_caller: Caller, Query(query): Query<Page>) -> Json<Value> {
    page("/api/v2/presencedefinitions", PRESENCES.iter().map(users::presence_definition).collect(), &query)
}

/// The presences, as `presence/definitions` lists them.
pub(crate) async fn divisioned_presence_definitions(_caller: Caller) -> Json<Value> {
    let one = |p: &Presence| {
        json!({"id": p.id, "type": if p.primary { "System" } else { "User" }, "languageLabels": {"en_US": p.name},
               "systemPresence": p.system, "divisionId": "*", "deactivated": false,
               "selfUri": format!("/api/v2/presence/definitions/{}", p.id)})
    };
    let entities: Vec<_> = PRESENCES.iter().map(one).collect();
    Json(json!({"total": entities.len(), "entities": entities, "selfUri": "/api/v2/presence/definitions"}))
}

/// The system presences.
pub(crate) async fn system_presences(_caller: Caller) -> Json<Value> {
    (PRESENCES.iter().filter(|p| p.primary))
        .map(|p| json!({"id": p.system_event, "name": p.system, "selfUri": format!("/api/v2/systempresences/{}", p.system_event)}))
        .collect::<Value>()
        .into()
}

/// The organisation.
pub(crate) async fn organisation(_caller: Caller) -> Json<Value> {
    Json(me::organisation())
}

/// The scopes that exist for the clients here.
pub(crate) async fn scopes(State(shared): State<Shared>, _caller: Caller) -> Json<Value> {
    let entities: Vec<_> = shared.with(|sim| sim.oauth.scopes.iter().map(|s| json!({"id": s})).collect());
    Json(json!({"entities": entities}))
}

/// The server's clock.
pub(crate) async fn date(State(shared): State<Shared>) -> Json<Value> {
    Json(json!({"currentDate": iso(shared.with(|sim| sim.now()))}))
}
