//! `POST /oauth/token`: code with verifier or secret, refresh, client credentials.

use super::{Client, Issued, Kind, client, pkce};
use crate::rest::errors::fault_response;
use crate::state::{Shared, State as Sim};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use std::time::Duration;

/// What is posted.
#[derive(Default)]
pub(crate) struct Request {
    grant_type: String,
    code: String,
    code_verifier: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    redirect_uri: String,
    refresh_token: String,
}

/// A refusal as OAuth writes it, with Genesys' extra `description`.
struct Refusal(StatusCode, &'static str, &'static str);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({"error": self.1, "description": self.2, "error_description": self.2});
        (self.0, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
    }
}

const BAD: StatusCode = StatusCode::BAD_REQUEST;

/// The endpoint.
pub(crate) async fn token(State(shared): State<Shared>, headers: HeaderMap, body: String) -> Response {
    let failure = shared.with(|sim| {
        let now = sim.now();
        sim.faults.token(now)
    });
    if let Some(failure) = failure {
        tokio::time::sleep(Duration::from_millis(u64::try_from(failure.delay).unwrap_or(0))).await;
        return fault_response(&failure);
    }
    let form = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if !form.starts_with("application/x-www-form-urlencoded") {
        return Refusal(BAD, "invalid_request", "the body must be form-encoded").into_response();
    }
    let request = parse(&body);
    shared.with(|sim| match issue(sim, &headers, &request) {
        Ok(issued) => answer(&issued),
        Err(refusal) => refusal.into_response(),
    })
}

fn parse(body: &str) -> Request {
    let mut request = Request::default();
    for (key, value) in url::form_urlencoded::parse(body.as_bytes()) {
        let value = value.into_owned();
        match key.as_ref() {
            "grant_type" => request.grant_type = value,
            "code" => request.code = value,
            "code_verifier" => request.code_verifier = Some(value),
            "client_id" => request.client_id = Some(value),
            "client_secret" => request.client_secret = Some(value),
            "redirect_uri" => request.redirect_uri = value,
            "refresh_token" => request.refresh_token = value,
            _ => {}
        }
    }
    request
}

fn answer(issued: &Issued) -> Response {
    let mut body = json!({"access_token": issued.access, "token_type": "bearer", "expires_in": issued.expires_in});
    if let Some(refresh) = &issued.refresh {
        body["refresh_token"] = refresh.as_str().into();
    }
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// The client, and whether it proved itself with its secret.
fn authenticate(sim: &Sim, headers: &HeaderMap, request: &Request) -> Result<(&'static Client, bool), Refusal> {
    let basic = (headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()))
        .and_then(|v| v.strip_prefix("Basic "))
        .map(|v| STANDARD.decode(v).ok().and_then(|b| String::from_utf8(b).ok()).unwrap_or_default());
    let (id, secret, status) = match &basic {
        Some(pair) => {
            let (id, secret) = pair.split_once(':').unwrap_or((pair, ""));
            (id.to_owned(), Some(secret.to_owned()), StatusCode::UNAUTHORIZED)
        }
        None => (request.client_id.clone().unwrap_or_default(), request.client_secret.clone(), BAD),
    };
    let client = client(&id).ok_or(Refusal(status, "invalid_client", "client not found: invalid_client"))?;
    let Some(secret) = secret.filter(|s| !s.is_empty()) else { return Ok((client, false)) };
    if sim.oauth.knows_secret(client, &secret) {
        Ok((client, true))
    } else {
        Err(Refusal(status, "invalid_client", "authentication failed"))
    }
}

fn issue(sim: &mut Sim, headers: &HeaderMap, request: &Request) -> Result<Issued, Refusal> {
    let now = sim.now();
    let (client, proved) = authenticate(sim, headers, request)?;
    if client.kind != Kind::Public && !proved {
        return Err(Refusal(BAD, "invalid_client", "client credentials are required"));
    }
    match (request.grant_type.as_str(), client.kind) {
        ("authorization_code", Kind::Public | Kind::Confidential) => {
            let refused = Refusal(BAD, "invalid_grant", "the authorization code is not valid");
            let Some(code) = sim.oauth.take_code(now, &request.code) else { return Err(refused) };
            if code.client.id != client.id || code.redirect_uri != request.redirect_uri {
                return Err(refused);
            }
            if let Some(challenge) = &code.challenge {
                let verifier = request.code_verifier.as_deref().unwrap_or_default();
                if !pkce::proves(verifier, challenge) {
                    return Err(Refusal(BAD, "invalid_grant", "the code verifier does not match"));
                }
            }
            let issued = sim.oauth.issue(now, client, Some(code.user));
            sim.token_issued(client.id, code.user);
            Ok(issued)
        }
        ("refresh_token", Kind::Public | Kind::Confidential) => {
            let refused = Refusal(BAD, "invalid_grant", "the refresh token is not valid");
            sim.oauth.refresh(now, client, &request.refresh_token).ok_or(refused)
        }
        ("client_credentials", Kind::Service) => Ok(sim.oauth.issue(now, client, None)),
        ("authorization_code" | "refresh_token" | "client_credentials", _) => {
            Err(Refusal(BAD, "unauthorized_client", "this client may not use that grant"))
        }
        _ => Err(Refusal(BAD, "unsupported_grant_type", "grant_type is not supported")),
    }
}
