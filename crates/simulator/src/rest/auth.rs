//! Who is asking: the bearer token, the rate limit, scopes and permissions.

use super::errors::ApiError;
use crate::oauth::Token;
use crate::state::{Shared, State};
use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;

/// A request with a live token, counted against the limit.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) token: Token,
}

/// A caller who is a user.
#[derive(Debug, Clone)]
pub(crate) struct UserCaller {
    pub(crate) token: Token,
    pub(crate) user: usize,
}

/// The bearer token of a request.
pub(crate) fn bearer(headers: &axum::http::HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// The scope a path needs, where that is established.
fn scope(path: &str) -> Option<&'static str> {
    [("/api/v2/notifications/", "notifications"), ("/api/v2/conversations", "conversations")]
        .into_iter()
        .find(|(prefix, _)| path.starts_with(prefix))
        .map(|(_, scope)| scope)
}

fn authorise(state: &mut State, word: Option<&str>, path: &str) -> Result<Token, ApiError> {
    let word = word.filter(|w| !w.is_empty()).ok_or_else(ApiError::authentication_required)?;
    let now = state.now();
    let token = state.oauth.check(now, word).ok_or_else(ApiError::bad_credentials)?;
    let user = token.user.map_or("", |u| state.world.agents[u].profile.id);
    state.limits.count(now, user, token.client.id).map_err(ApiError::too_many)?;
    match scope(path) {
        // What a client without a user may do, its role says, not its scopes.
        Some(scope) if token.user.is_some() && !state.oauth.scopes.contains(scope) => {
            Err(ApiError::missing_scope(scope))
        }
        _ => Ok(token),
    }
}

impl FromRequestParts<Shared> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, ApiError> {
        let word = bearer(&parts.headers).map(str::to_owned);
        let path = parts.uri.path();
        shared.with(|state| authorise(state, word.as_deref(), path)).map(|token| Self { token })
    }
}

impl FromRequestParts<Shared> for UserCaller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, ApiError> {
        let Caller { token } = Caller::from_request_parts(parts, shared).await?;
        let user = token.user.ok_or_else(ApiError::not_a_user)?;
        Ok(Self { token, user })
    }
}

/// Has this agent, or the client without one, any one of these permissions?
pub(crate) fn any_of(state: &State, user: impl Into<Option<usize>>, permissions: &[&str]) -> Result<(), ApiError> {
    let has = state.permissions(user.into());
    if permissions.iter().any(|p| has.contains(*p)) {
        return Ok(());
    }
    Err(match permissions {
        [one] => ApiError::missing(&[(*one).to_owned()]),
        many => ApiError::missing_any(many),
    })
}
