//! `tokens/me` and `tokens/timeout`.

use super::auth::{Caller, UserCaller, any_of};
use super::errors::ApiError;
use super::me::token_info;
use crate::channels::TokenEnd;
use crate::state::Shared;
use crate::world::catalogue;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::{Value, json};

/// About the token itself; HEAD asks whether it lives.
pub(crate) async fn me(State(shared): State<Shared>, caller: Caller) -> Json<Value> {
    Json(shared.with(|sim| token_info(sim, &caller.token)))
}

/// Ends the token, its refresh tokens and its channels.
pub(crate) async fn sign_out(State(shared): State<Shared>, caller: Caller) -> StatusCode {
    shared.with(|sim| {
        sim.oauth.sign_out(caller.token.serial);
        sim.hub.token_ended(&[caller.token.serial], &TokenEnd::Revoked);
    });
    StatusCode::OK
}

/// Ends every token of a user.
pub(crate) async fn revoke(
    State(shared): State<Shared>,
    caller: UserCaller,
    Path(user): Path<String>,
) -> Result<StatusCode, ApiError> {
    shared.with(|sim| {
        any_of(sim, caller.user, &["oauth:token:delete"])?;
        let user = (catalogue::AGENTS.iter().position(|a| a.id == user)).ok_or_else(|| ApiError::not_found("user"))?;
        let ended = sim.oauth.revoke(Some(user));
        sim.hub.token_ended(&ended, &TokenEnd::Revoked);
        Ok(StatusCode::OK)
    })
}

/// The organisation's inactivity time-out.
pub(crate) async fn timeout(State(shared): State<Shared>, _caller: Caller) -> Json<Value> {
    let idle = shared.with(|sim| sim.oauth.rules.idle);
    Json(json!({
        // Where there is none Genesys still states the length that it would have: 5 minutes to 8 hours.
        "idleTokenTimeoutSeconds": idle.map_or(28_800, |idle| idle / 1000),
        "enableIdleTokenTimeout": idle.is_some(),
        "inactivityTimeoutUnit": "Minutes",
    }))
}
