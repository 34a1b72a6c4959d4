//! Calls about the user and the token. For the session and the desk.

use http::Method;
use serde_json::json;

use super::raw::Unabridged;
use super::{AccessToken, Api, CHECK_TIMEOUT, Call};
use crate::error::ApiError;
use crate::wire::{IdleTimeout, Listing, Me, PresenceDefinition, Queue, RoutingStatus, TokenInfo, UserPresence};

/// One call that tells the widget all it needs at its start; `date` is the server's clock.
const EXPANSIONS: &str = "presence,routingStatus,conversationSummary,station,presencedefinitions,organization,token,\
                          authorization,autoanswersettings,date,outOfOffice";

/// What the topics about a user tell of, as far as REST shows it.
const STATE: &str = "presence,routingStatus,station,conversationSummary,outOfOffice";

/// The most that Genesys gives on one page.
const PAGE_SIZE: &str = "100";

impl Api {
    /// Who the token belongs to, with everything about them that Earshot shows.
    pub async fn me(&self, token: &AccessToken) -> Result<Me, ApiError> {
        const NAME: &str = "GET /users/me";
        let call = Call::get(NAME, &["users", "me"]).query(&[("expand", EXPANSIONS)]);
        let me: Me = self.read(token, call).await?;
        // Without the id nothing can be subscribed: somebody else than Genesys has answered.
        if me.id.is_empty() { Err(ApiError::Malformed { call: NAME, html: false }) } else { Ok(me) }
    }

    /// The same, as Genesys sent it beside what was understood.
    pub async fn me_raw(&self, token: &AccessToken) -> Result<Unabridged<Me>, ApiError> {
        const NAME: &str = "GET /users/me";
        let call = Call::get(NAME, &["users", "me"]).query(&[("expand", EXPANSIONS)]);
        identified(NAME, self.read(token, call).await?)
    }

    /// A user, with their presence, routing status, station, conversation summary and out-of-office.
    pub async fn user_raw(&self, token: &AccessToken, user: &str) -> Result<Unabridged<Me>, ApiError> {
        const NAME: &str = "GET /users/{id}";
        let path = ["users", user];
        let call = Call::get(NAME, &path).query(&[("expand", STATE)]);
        identified(NAME, self.read(token, call).await?)
    }

    /// Asks whether the token is good: `Ok` if so, status 401 if not; anything else says nothing about it.
    pub async fn check_token(&self, token: &AccessToken) -> Result<(), ApiError> {
        let call = Call { method: Method::HEAD, ..Call::get("HEAD /tokens/me", &["tokens", "me"]) };
        self.send(token, call.timeout(CHECK_TIMEOUT)).await.map(drop)
    }

    /// About the token itself; works for one without a user too.
    pub async fn token_info(&self, token: &AccessToken) -> Result<TokenInfo, ApiError> {
        self.read(token, Call::get("GET /tokens/me", &["tokens", "me"]).timeout(CHECK_TIMEOUT)).await
    }

    /// Revokes the token.
    pub async fn revoke_token(&self, token: &AccessToken) -> Result<(), ApiError> {
        let call = Call::act("DELETE /tokens/me", Method::DELETE, &["tokens", "me"]);
        self.send(token, call).await.map(drop)
    }

    /// When unused tokens lapse.
    pub async fn token_timeout(&self, token: &AccessToken) -> Result<IdleTimeout, ApiError> {
        self.read(token, Call::get("GET /tokens/timeout", &["tokens", "timeout"])).await
    }

    /// The organisation's presences, all of them (`users/me` has the first hundred).
    pub async fn presence_definitions(&self, token: &AccessToken) -> Result<Vec<PresenceDefinition>, ApiError> {
        let call = Call::get("GET /presence/definitions", &["presence", "definitions"]);
        let query = [("deactivated", "false"), ("localeCode", "ALL")];
        let listing: Listing<_> = self.read(token, call.query(&query)).await?;
        Ok(listing.entities)
    }

    /// A user's presence.
    pub async fn user_presence(&self, token: &AccessToken, user: &str) -> Result<UserPresence, ApiError> {
        let path = ["users", user, "presences", "purecloud"];
        self.read(token, Call::get("GET /users/{id}/presences/purecloud", &path)).await
    }

    /// Changes a user's presence. Going on queue is this too: routing status cannot do it.
    pub async fn set_presence(&self, token: &AccessToken, user: &str, definition_id: &str) -> Result<(), ApiError> {
        let path = ["users", user, "presences", "purecloud"];
        let call = Call::act("PATCH /users/{id}/presences/purecloud", Method::PATCH, &path)
            .json(&json!({ "presenceDefinition": { "id": definition_id } }));
        self.send(token, call).await.map(drop)
    }

    /// A user's routing status.
    pub async fn routing_status(&self, token: &AccessToken, user: &str) -> Result<RoutingStatus, ApiError> {
        let path = ["users", user, "routingstatus"];
        self.read(token, Call::get("GET /users/{id}/routingstatus", &path)).await
    }

    /// Changes a user's routing status: `IDLE` clears `NOT_RESPONDING`.
    pub async fn set_routing_status(&self, token: &AccessToken, user: &str, status: &str) -> Result<(), ApiError> {
        let path = ["users", user, "routingstatus"];
        let call = Call::act("PUT /users/{id}/routingstatus", Method::PUT, &path).json(&json!({ "status": status }));
        self.send(token, call).await.map(drop)
    }

    /// The user's queues: the first hundred by name.
    pub async fn queues_me(&self, token: &AccessToken) -> Result<Vec<Queue>, ApiError> {
        let call = Call::get("GET /routing/queues/me", &["routing", "queues", "me"]);
        let listing: Listing<_> = self.read(token, call.query(&[("pageSize", PAGE_SIZE)])).await?;
        Ok(listing.entities)
    }
}

/// Without the id somebody else than Genesys has answered.
fn identified(call: &'static str, user: Unabridged<Me>) -> Result<Unabridged<Me>, ApiError> {
    if user.value.id.is_empty() { Err(ApiError::Malformed { call, html: false }) } else { Ok(user) }
}
