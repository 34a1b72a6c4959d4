//! The control API over HTTP, for whoever holds the token and is not a browser.

use super::{Command, Control, ControlError};
use crate::connection::WireHandle;
use crate::rest::auth::bearer;
use crate::state::Shared;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use subtle::ConstantTimeEq as _;

/// The routes.
pub(crate) fn router(shared: &Shared) -> Router<Shared> {
    Router::new()
        .route("/_simulator/state", get(state))
        .route("/_simulator/requests", get(requests))
        .route("/_simulator/{command}", post(command))
        .layer(from_fn_with_state(shared.clone(), guard))
}

fn error(status: StatusCode, sentence: &str) -> Response {
    (status, Json(json!({"error": sentence}))).into_response()
}

/// A loopback name, with any port: a page that rebinds its own name to this machine has another.
fn is_loopback(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST).and_then(|h| h.to_str().ok()) else { return false };
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    matches!(name, "127.0.0.1" | "localhost" | "::1")
}

async fn guard(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    if !is_loopback(headers) {
        return error(StatusCode::FORBIDDEN, "the control API answers only to 127.0.0.1, localhost and [::1]");
    }
    if headers.contains_key(header::ORIGIN) {
        return error(StatusCode::FORBIDDEN, "the control API does not answer to web pages");
    }
    let right =
        bearer(headers).is_some_and(|t| t.as_bytes().ct_eq(shared.control_token().expose_secret().as_bytes()).into());
    if !right {
        return error(StatusCode::UNAUTHORIZED, "the control token is missing or wrong");
    }
    next.run(request).await
}

async fn state(State(shared): State<Shared>) -> Json<Value> {
    Json(Control(shared).state())
}

async fn requests(State(shared): State<Shared>) -> Json<Value> {
    Json(json!({"requests": Control(shared).requests()}))
}

async fn command(
    State(shared): State<Shared>,
    ConnectInfo(WireHandle(wire)): ConnectInfo<WireHandle>,
    Path(name): Path<String>,
    body: Bytes,
) -> Response {
    let body: Value = if body.is_empty() {
        json!({})
    } else {
        match serde_json::from_slice(&body) {
            Ok(body @ Value::Object(_)) => body,
            Ok(_) => return error(StatusCode::BAD_REQUEST, "the body must be a JSON object"),
            Err(why) => return error(StatusCode::BAD_REQUEST, &format!("the body is not JSON: {why}")),
        }
    };
    let command: Command = match serde_json::from_value(json!({ name.as_str(): body })) {
        Ok(command) => command,
        Err(why) => {
            let why = why.to_string();
            let unknown = why.starts_with("unknown variant");
            return error(if unknown { StatusCode::NOT_FOUND } else { StatusCode::BAD_REQUEST }, &why);
        }
    };
    match Control(shared).run_for(command, Some(&wire)) {
        Ok(answer) => Json(answer).into_response(),
        Err(ControlError::Invalid(why)) => error(StatusCode::BAD_REQUEST, &why),
        Err(ControlError::NotFound(why)) => error(StatusCode::NOT_FOUND, &why),
    }
}
