//! `GET /users/me` with its expansions.

use super::auth::UserCaller;
use super::errors::ApiError;
use crate::clock::iso;
use crate::oauth::Token;
use crate::shapes::{Obj, summary, users};
use crate::state::{Shared, State as Sim};
use crate::world::catalogue;
use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

/// The query.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Expand {
    expand: String,
}

/// Who am I?
pub(crate) async fn me(
    State(shared): State<Shared>,
    caller: UserCaller,
    Query(query): Query<Expand>,
) -> Result<Json<Value>, ApiError> {
    Ok(Json(shared.with(|sim| user_json(sim, caller.user, Some(&caller.token), &query.expand))))
}

/// A user with the expansions asked for.
pub(crate) fn user_json(sim: &Sim, user: usize, token: Option<&Token>, expand: &str) -> Value {
    let mut obj = users::user(&sim.world.agents[user]);
    for word in expand.split(',').map(str::trim).filter(|w| !w.is_empty()) {
        if let Some((key, value)) = expansion(sim, user, token, word) {
            obj = obj.set(key, value);
        }
    }
    obj.json()
}

fn expansion(sim: &Sim, user: usize, token: Option<&Token>, word: &str) -> Option<(&'static str, Value)> {
    let agent = &sim.world.agents[user];
    Some(match word.to_ascii_lowercase().as_str() {
        "presence" => ("presence", users::presence(agent)),
        "routingstatus" => ("routingStatus", users::routing(agent)),
        "conversationsummary" => ("conversationSummary", summary::json(agent.profile.id, &agent.summary)),
        "station" => ("station", users::stations(agent)),
        "outofoffice" => ("outOfOffice", json!({"active": false, "indefinite": false})),
        "presencedefinitions" => (
            "presenceDefinitions",
            catalogue::PRESENCES.iter().take(100).map(users::presence_definition).collect::<Vec<_>>().into(),
        ),
        "organization" => ("organization", organisation()),
        "date" => ("date", json!({"currentDate": iso(sim.now())})),
        "authorization" => (
            "authorization",
            json!({"roles": [{"id": "agent", "name": "Agent"}], "unusedRoles": [],
                   "permissions": agent.permissions, "permissionPolicies": []}),
        ),
        "autoanswersettings" => ("autoAnswerSettings", json!({"settings": {}})),
        "token" => ("token", token_info(sim, token?)),
        _ => return None,
    })
}

/// The organisation.
pub(crate) fn organisation() -> Value {
    json!({
        "id": catalogue::ORGANIZATION,
        "name": catalogue::ORGANIZATION_NAME,
        "defaultLanguage": "en-us",
        "defaultCountryCode": "DE",
        "thirdPartyOrgName": "harbourlight",
        "domain": "harbourlight.example",
        "state": "active",
        "selfUri": "/api/v2/organizations/me",
    })
}

/// What `tokens/me` says about a token.
pub(crate) fn token_info(sim: &Sim, token: &Token) -> Value {
    let organisation = json!({"id": catalogue::ORGANIZATION, "name": catalogue::ORGANIZATION_NAME});
    Obj::new()
        .set("organization", organisation.clone())
        .set("homeOrganization", organisation)
        .set("authorizedScope", json!(sim.oauth.scopes))
        .opt("dateTokenIdles", sim.oauth.rules.idle.map(|idle| iso(token.last_used + idle)))
        .set(
            "OAuthClient",
            json!({
                "id": token.client.id,
                "name": token.client.name,
                "authorizedGrantType": if token.user.is_some() { "CODE" } else { "CLIENT-CREDENTIALS" },
                "scope": sim.oauth.scopes,
                "state": "active",
            }),
        )
        .json()
}
