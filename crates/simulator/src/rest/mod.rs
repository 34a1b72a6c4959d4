//! The REST API, `/api/v2/...`.

pub(crate) mod analytics;
pub(crate) mod auth;
pub(crate) mod conversations;
pub(crate) mod errors;
pub(crate) mod me;
pub(crate) mod notifications;
pub(crate) mod organisation;
pub(crate) mod participants;
pub(crate) mod tokens;
pub(crate) mod users;

use crate::state::Shared;
use axum::Router;
use axum::routing::{any, delete, get, head, post};
use errors::ApiError;
use serde_json::{Value, json};

/// Every route.
pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route("/api/v2/users/me", get(me::me))
        .route("/api/v2/users/{user}", get(users::user))
        .route("/api/v2/users/{user}/presences/{source}", get(users::presence).patch(users::set_presence))
        .route("/api/v2/users/{user}/routingstatus", get(users::routing).put(users::set_routing))
        .route("/api/v2/users/{user}/station", get(users::station))
        .route("/api/v2/users/{user}/queues", get(organisation::my_queues))
        .route("/api/v2/routing/queues/me", get(organisation::my_queues))
        .route("/api/v2/routing/queues/{queue}/wrapupcodes", get(organisation::queue_wrapup_codes))
        .route("/api/v2/routing/wrapupcodes", get(organisation::wrapup_codes))
        .route("/api/v2/presencedefinitions", get(organisation::presence_definitions))
        .route("/api/v2/presence/definitions", get(organisation::divisioned_presence_definitions))
        .route("/api/v2/systempresences", get(organisation::system_presences))
        .route("/api/v2/organizations/me", get(organisation::organisation))
        .route("/api/v2/oauth/scopes", get(organisation::scopes))
        .route("/api/v2/date", get(organisation::date))
        .route("/api/v2/tokens/me", get(tokens::me).delete(tokens::sign_out))
        .route("/api/v2/tokens/timeout", get(tokens::timeout))
        .route("/api/v2/tokens/{user}", delete(tokens::revoke))
        .route("/api/v2/notifications/channels", get(notifications::list).post(notifications::create))
        .route("/api/v2/notifications/channels/{channel}", head(notifications::exists))
        .route(
            "/api/v2/notifications/channels/{channel}/subscriptions",
            get(notifications::subscriptions)
                .post(notifications::add)
                .put(notifications::replace)
                .delete(notifications::clear),
        )
        .route("/api/v2/notifications/availabletopics", get(notifications::available))
        .route("/api/v2/analytics/conversations/details/query", post(analytics::details))
        .route("/api/v2/conversations", any(conversations::dispatch))
        .route("/api/v2/conversations/{*rest}", any(conversations::dispatch))
        .route("/api/v2/{*rest}", any(|| async { ApiError::not_found("resource") }))
}

/// A page of entities as Genesys lists them.
pub(crate) fn listing(uri: &str, entities: Vec<Value>, page_size: usize, page_number: usize) -> Value {
    let size = page_size.max(1);
    let total = entities.len();
    let pages = total.div_ceil(size).max(1);
    let page: Vec<_> = entities.into_iter().skip(size * (page_number.max(1) - 1)).take(size).collect();
    let at = |n: usize| format!("{uri}?pageSize={size}&pageNumber={n}");
    let mut answer = json!({
        "entities": page, "pageSize": size, "pageNumber": page_number.max(1), "total": total,
        "firstUri": at(1), "selfUri": at(page_number.max(1)), "lastUri": at(pages), "pageCount": pages,
    });
    if page_number < pages {
        answer["nextUri"] = at(page_number.max(1) + 1).into();
    }
    answer
}
