//! Presence, routing status and stations of a user.

use super::auth::{Caller, UserCaller, any_of};
use super::errors::ApiError;
use super::me::user_json;
use crate::shapes::users;
use crate::state::Shared;
use crate::world::catalogue;
use axum::Json;
use axum::extract::{Path, Query, State};
use serde_json::{Value, json};
use std::collections::HashMap;

fn known(user: &str) -> Result<usize, ApiError> {
    catalogue::AGENTS.iter().position(|a| a.id == user).ok_or_else(|| ApiError::not_found("user"))
}

/// The user this concerns; only one's own things can be changed.
fn own(caller: &UserCaller, user: &str) -> Result<usize, ApiError> {
    let user = known(user)?;
    if user == caller.user { Ok(user) } else { Err(ApiError::missing(&["directory:user:edit".to_owned()])) }
}

/// A user.
pub(crate) async fn user(
    State(shared): State<Shared>,
    caller: Caller,
    Path(user): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<Value>, ApiError> {
    let user = known(&user)?;
    let expand = query.get("expand").map(String::as_str).unwrap_or_default();
    let token = (caller.token.user == Some(user)).then_some(&caller.token);
    Ok(Json(shared.with(|sim| user_json(sim, user, token, expand))))
}

/// A user's presence.
pub(crate) async fn presence(
    State(shared): State<Shared>,
    _caller: Caller,
    Path((user, source)): Path<(String, String)>,
) -> Result<Json<Value>, ApiError> {
    let user = known(&user)?;
    source_known(&source)?;
    Ok(Json(shared.with(|sim| users::presence(&sim.world.agents[user]))))
}

fn source_known(source: &str) -> Result<(), ApiError> {
    if source.eq_ignore_ascii_case("purecloud") { Ok(()) } else { Err(ApiError::not_found("presence source")) }
}

/// Sets one's presence; going on queue is that, too.
pub(crate) async fn set_presence(
    State(shared): State<Shared>,
    caller: UserCaller,
    Path((user, source)): Path<(String, String)>,
    Json(body): Json<Value>,
) -> Result<Json<Value>, ApiError> {
    let path = format!("/api/v2/users/{user}/presences/{source}");
    let result = source_known(&source).and_then(|()| own(&caller, &user)).and_then(|user| {
        let definition = &body["presenceDefinition"];
        let wanted = definition["id"].as_str().or_else(|| definition["systemPresence"].as_str());
        let presence = (wanted.and_then(|w| catalogue::PRESENCES.iter().position(|p| p.id == w || p.system == w)))
            .ok_or_else(|| ApiError::new(400, "invalid.value", "The presence definition does not exist."))?;
        let message = body["message"].as_str().map(str::to_owned);
        shared.with(|sim| {
            if presence == catalogue::ON_QUEUE {
                any_of(sim, user, &["routing:agent:onQueue"])?;
            }
            sim.world.set_presence(user, presence, message);
            Ok(users::presence(&sim.world.agents[user]))
        })
    });
    log(&shared, &caller, "PATCH", &path, &body, &result);
    result.map(Json)
}

/// A user's routing status.
pub(crate) async fn routing(
    State(shared): State<Shared>,
    _caller: Caller,
    Path(user): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let user = known(&user)?;
    Ok(Json(shared.with(|sim| users::routing(&sim.world.agents[user]))))
}

/// `{"status":"IDLE"}` ends Not Responding; going on queue cannot be done here.
pub(crate) async fn set_routing(
    State(shared): State<Shared>,
    caller: UserCaller,
    Path(user): Path<String>,
    Json(body): Json<Value>,
) -> Result<Json<Value>, ApiError> {
    let path = format!("/api/v2/users/{user}/routingstatus");
    let result = own(&caller, &user).and_then(|user| {
        let status = body["status"].as_str().unwrap_or_default();
        if !["OFF_QUEUE", "IDLE", "INTERACTING", "NOT_RESPONDING", "COMMUNICATING"].contains(&status) {
            return Err(ApiError::new(400, "invalid.value", "The routing status is not valid."));
        }
        Ok(shared.with(|sim| {
            if status == "IDLE" {
                sim.world.clear_not_responding(user);
            }
            users::routing(&sim.world.agents[user])
        }))
    });
    log(&shared, &caller, "PUT", &path, &body, &result);
    result.map(Json)
}

/// A user's telephones.
pub(crate) async fn station(
    State(shared): State<Shared>,
    _caller: Caller,
    Path(user): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let user = known(&user)?;
    Ok(Json(shared.with(|sim| users::stations(&sim.world.agents[user]))))
}

fn log(shared: &Shared, caller: &UserCaller, method: &str, path: &str, body: &Value, result: &Result<Value, ApiError>) {
    let status = result.as_ref().map_or_else(|e| e.status, |_| 200);
    shared.with(|sim| {
        let now = sim.now();
        let name = sim.world.agents[caller.user].profile.name;
        sim.log.action(now, name, method, path, &json!(body), status);
    });
}
