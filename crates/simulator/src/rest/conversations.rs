//! `/api/v2/conversations/...`, generic and by medium. The two trees have the same branches, so one dispatcher serves both.

use super::auth::{Caller, any_of};
use super::errors::ApiError;
use super::participants;
use crate::shapes::{generic, media};
use crate::state::{Shared, State as Sim};
use crate::world::conversation::Medium;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// Which tree: the generic one, or a medium's.
pub(crate) type Tree = Option<Medium>;

/// Every conversation request.
pub(crate) async fn dispatch(
    State(shared): State<Shared>,
    caller: Caller,
    method: Method,
    uri: Uri,
    body: Bytes,
) -> Response {
    let rest = uri.path().trim_start_matches("/api/v2/conversations").trim_matches('/');
    let parts: Vec<&str> = rest.split('/').filter(|p| !p.is_empty()).collect();
    let (tree, parts) = match parts.split_first() {
        Some((first, rest)) if Medium::from_plural(first).is_some() => (Medium::from_plural(first), rest),
        _ => (None, parts.as_slice()),
    };
    if method == Method::GET || method == Method::HEAD {
        return shared.with(|sim| read(sim, caller.token.user, tree, parts)).map(Json).into_response();
    }
    let Some(user) = caller.token.user else { return ApiError::not_a_user().into_response() };
    let json: Result<Value, _> = if body.is_empty() { Ok(json!({})) } else { serde_json::from_slice(&body) };
    let Ok(json) = json else {
        return ApiError::bad_request("The request could not be understood: the body is not JSON.").into_response();
    };
    let result = shared.with(|sim| {
        let result = participants::act(sim, user, tree, &method, parts, &json);
        let status = result.as_ref().map_or_else(|e| e.status, |(status, _)| status.as_u16());
        let now = sim.now();
        let name = sim.world.agents[user].profile.name;
        sim.log.action(now, name, method.as_str(), uri.path(), &json, status);
        result
    });
    match result {
        Ok((status, Value::Null)) => status.into_response(),
        Ok((status, body)) => (status, Json(body)).into_response(),
        Err(error) => error.into_response(),
    }
}

/// A conversation of this agent's; anybody else's is not found. A client without an agent sees them all: its role decides.
pub(crate) fn own(sim: &Sim, user: impl Into<Option<usize>>, tree: Tree, id: &str) -> Result<usize, ApiError> {
    let index = sim.world.find(id).ok_or_else(|| ApiError::not_found("conversation"))?;
    let conversation = &sim.world.conversations[index];
    if user.into().is_none_or(|user| conversation.involves(user)) && tree.is_none_or(|m| m == conversation.medium) {
        Ok(index)
    } else {
        Err(ApiError::not_found("conversation"))
    }
}

fn read(sim: &Sim, user: Option<usize>, tree: Tree, parts: &[&str]) -> Result<Value, ApiError> {
    match parts {
        [] => {
            // A client without an agent has none of its own, whatever its role allows.
            let mine = user.map(|user| sim.world.live_for(user, tree)).unwrap_or_default();
            let form = |index: usize| match tree {
                Some(_) => media::rest(&sim.world.conversations[index]),
                None => generic::rest(&sim.world.conversations[index]),
            };
            let entities: Vec<_> = mine.into_iter().map(form).collect();
            let uri =
                tree.map_or("/api/v2/conversations".to_owned(), |m| format!("/api/v2/conversations/{}", m.plural()));
            Ok(json!({"entities": entities, "pageSize": 100, "pageNumber": 1, "total": entities.len(),
                      "pageCount": 1, "selfUri": uri}))
        }
        [id] if tree.is_none() => {
            any_of(sim, user, &["conversation:communication:view"])?;
            Ok(generic::rest(&sim.world.conversations[own(sim, user, tree, id)?]))
        }
        [id] => {
            if user.is_none() {
                any_of(sim, user, &["conversation:communication:view"])?;
            }
            Ok(media::rest(&sim.world.conversations[own(sim, user, tree, id)?]))
        }
        [id, "participants", participant, rest @ ..] => {
            let user = user.ok_or_else(ApiError::not_a_user)?;
            participants::read(sim, user, tree, id, participant, rest)
        }
        _ => Err(ApiError::not_found("resource")),
    }
}

/// The answer to an act whose outcome comes as an event.
pub(crate) fn accepted() -> (StatusCode, Value) {
    (StatusCode::ACCEPTED, Value::Null)
}
