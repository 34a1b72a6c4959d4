//! Genesys error bodies and headers.

use crate::faults::{Failure, FaultBody};
use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde_json::{Value, json};

/// The header that carries the context id.
pub(crate) const CORRELATION: HeaderName = HeaderName::from_static("inin-correlation-id");

/// An answer that is not a success.
#[derive(Debug)]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    code: String,
    message: String,
    params: Value,
    retry_after: Option<u64>,
}

impl ApiError {
    /// Any.
    pub(crate) fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { status, code: code.into(), message: message.into(), params: json!({}), retry_after: None }
    }

    /// A dead or unknown token.
    pub(crate) fn bad_credentials() -> Self {
        Self::new(401, "bad.credentials", "Invalid login credentials.")
    }

    /// A channel whose token has ended, as some gateways put it.
    pub(crate) fn stale() -> Self {
        Self::new(403, "not.authorized", "You are not authorized to perform the requested action.")
    }

    /// No token at all.
    pub(crate) fn authentication_required() -> Self {
        Self::new(401, "authentication.required", "No authentication bearer token specified in authorization header.")
    }

    /// A client without a user.
    pub(crate) fn not_a_user() -> Self {
        Self::new(400, "not.a.user", "This request requires a user context.")
    }

    /// Not there, or not this agent's.
    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(404, "not.found", format!("The requested {what} was not found."))
    }

    /// Malformed.
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "bad.request", message)
    }

    /// One permission is missing, or all of these.
    pub(crate) fn missing(permissions: &[String]) -> Self {
        let list = permissions.join(", ");
        Self {
            params: json!({"permissions": format!("[{list}]")}),
            ..Self::new(
                403,
                "missing.permissions",
                format!("Unable to perform the requested action. You are missing the following permission(s): {list}"),
            )
        }
    }

    /// Any one of these would do.
    pub(crate) fn missing_any(permissions: &[&str]) -> Self {
        let list = permissions.join(", ");
        Self {
            params: json!({"permissions": format!("[{list}]")}),
            ..Self::new(
                403,
                "missing.any.permissions",
                format!(
                    "Unable to perform the requested action. You must have at least one of the following permissions \
                     assigned: {list}"
                ),
            )
        }
    }

    /// The OAuth client lacks a scope.
    pub(crate) fn missing_scope(scope: &str) -> Self {
        Self::new(
            403,
            "not.authorized",
            format!(
                "You are not authorized to perform the requested action. The OAuth client lacks the scope: {scope}"
            ),
        )
    }

    /// Too many requests.
    pub(crate) fn too_many(seconds: u64) -> Self {
        Self {
            retry_after: Some(seconds),
            ..Self::new(
                429,
                "too.many.requests.retry.after",
                format!("Rate limit exceeded the maximum. Retry the request in [{seconds}] seconds"),
            )
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let context = uuid::Uuid::new_v4().to_string();
        let body = json!({
            "message": self.message,
            "code": self.code,
            "status": self.status,
            "messageParams": self.params,
            "contextId": context,
            "details": [],
            "errors": [],
        });
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(body)).into_response();
        if let Ok(value) = HeaderValue::from_str(&context) {
            response.headers_mut().insert(CORRELATION, value);
        }
        retry_after(&mut response, self.retry_after);
        response
    }
}

fn retry_after(response: &mut Response, seconds: Option<u64>) {
    if let Some(seconds) = seconds {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
}

/// The answer of a fault.
pub(crate) fn fault_response(failure: &Failure) -> Response {
    let status = StatusCode::from_u16(failure.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = match failure.body {
        FaultBody::Json if failure.code.starts_with("oauth:") => {
            let error = &failure.code["oauth:".len()..];
            let body = json!({"error": error, "description": failure.message, "error_description": failure.message});
            (status, Json(body)).into_response()
        }
        FaultBody::Json => ApiError::new(failure.status, &*failure.code, &*failure.message).into_response(),
        FaultBody::Html => {
            let reason = status.canonical_reason().unwrap_or("Error");
            let page = format!(
                "<html><head><title>{} {reason}</title></head><body><center><h1>{} {reason}</h1></center></body></html>",
                failure.status, failure.status
            );
            (status, Html(page)).into_response()
        }
        FaultBody::Empty => status.into_response(),
    };
    retry_after(&mut response, failure.retry_after);
    response
}

/// The code Genesys uses with a status, for faults that name none.
pub(crate) fn usual_code(status: u16) -> &'static str {
    match status {
        400 => "bad.request",
        401 => "bad.credentials",
        403 => "missing.permissions",
        404 => "not.found",
        429 => "too.many.requests.retry.after",
        503 => "service.unavailable",
        504 => "request.timeout",
        _ => "internal.server.error",
    }
}
