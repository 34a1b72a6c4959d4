//! `GET /oauth/authorize`: the page with *Continue as …* buttons, and where it sends the browser.

use super::{Client, Code, Kind, client};
use crate::state::{Shared, State as Sim};
use crate::world::catalogue::AGENTS;
use axum::extract::{Form, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;
use url::Url;

/// A code is good for so long.
const CODE_LIFETIME: i64 = 60_000;

/// What the client asks. `org`, `provider`, `login_hint` and `prompt` are tolerated.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Question {
    client_id: String,
    redirect_uri: String,
    response_type: String,
    state: Option<String>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
    scope: Option<String>,
    /// Only in the page's own form: an agent's id, or nothing for "Cancel".
    user: Option<String>,
}

/// The page, or the way back.
pub(crate) async fn page(State(shared): State<Shared>, Query(question): Query<Question>) -> Response {
    shared.with(|sim| match checked(sim, &question) {
        Err(response) => response,
        Ok((client, back)) => {
            if sim.oauth.rules.auto_consent {
                let user = sim.oauth.rules.consent_user;
                return consent(sim, client, &question, back, user);
            }
            Html(consent_page(client, &question)).into_response()
        }
    })
}

/// The page's own form: somebody continued, or cancelled.
pub(crate) async fn decide(State(shared): State<Shared>, Form(question): Form<Question>) -> Response {
    shared.with(|sim| match checked(sim, &question) {
        Err(response) => response,
        Ok((client, back)) => match question.user.as_deref().and_then(|id| AGENTS.iter().position(|a| a.id == id)) {
            Some(user) => consent(sim, client, &question, back, user),
            None => back_with(
                back,
                &question,
                &[("error", "access_denied"), ("error_description", "The user denied the request")],
            ),
        },
    })
}

/// The client and the way back; or the answer, if the question is wrong.
#[allow(clippy::result_large_err)] // once for each sign-in
fn checked(sim: &Sim, question: &Question) -> Result<(&'static Client, Url), Response> {
    let Some(client) = client(&question.client_id).filter(|c| c.kind != Kind::Service) else {
        return Err(error_page("invalid_client", "The OAuth client ID is not known here, or cannot sign people in."));
    };
    // Compared entirely, and an unknown one never gets a redirect.
    let back = sim.oauth.redirect_registered(&question.redirect_uri).then(|| Url::parse(&question.redirect_uri));
    let Some(Ok(back)) = back else {
        return Err(error_page("invalid_request", "The redirect URI is not one of those registered for this client."));
    };
    if question.response_type != "code" {
        return Err(back_with(back, question, &[("error", "unsupported_response_type")]));
    }
    if let Some(scope) = &question.scope
        && !scope.split_whitespace().all(|s| sim.oauth.scopes.contains(s))
    {
        let why =
            [("error", "invalid_scope"), ("error_description", "one or more scopes do not exist or are not allowed")];
        return Err(back_with(back, question, &why));
    }
    let challenge = question.code_challenge.as_deref().unwrap_or_default();
    let method = question.code_challenge_method.as_deref().unwrap_or("plain");
    let wrong = if challenge.is_empty() { client.kind == Kind::Public } else { method != "S256" };
    if wrong {
        let why = [("error", "invalid_request"), ("error_description", "code_challenge with method S256 is required")];
        return Err(back_with(back, question, &why));
    }
    Ok((client, back))
}

fn consent(sim: &mut Sim, client: &'static Client, question: &Question, back: Url, user: usize) -> Response {
    let expires = sim.now() + CODE_LIFETIME;
    let code = sim.oauth.issue_code(Code {
        client,
        user,
        redirect_uri: question.redirect_uri.clone(),
        challenge: question.code_challenge.clone().filter(|c| !c.is_empty()),
        expires,
    });
    back_with(back, question, &[("code", &code)])
}

fn back_with(mut back: Url, question: &Question, pairs: &[(&str, &str)]) -> Response {
    back.query_pairs_mut().extend_pairs(pairs);
    if let Some(state) = &question.state {
        back.query_pairs_mut().append_pair("state", state);
    }
    (StatusCode::FOUND, [(header::LOCATION, back.to_string())]).into_response()
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:4rem auto;padding:0 1rem;color:#1b2733}\
button{display:block;width:100%;margin:.5rem 0;padding:.7rem;font:inherit;border:1px solid #9fb0c0;border-radius:.5rem;\
background:#eef4fa;cursor:pointer}.quiet{background:none}p{color:#4a5a6a}";

fn consent_page(client: &Client, question: &Question) -> String {
    let mut hidden = String::new();
    let fields = [
        ("client_id", Some(&question.client_id)),
        ("redirect_uri", Some(&question.redirect_uri)),
        ("response_type", Some(&question.response_type)),
        ("state", question.state.as_ref()),
        ("code_challenge", question.code_challenge.as_ref()),
        ("code_challenge_method", question.code_challenge_method.as_ref()),
        ("scope", question.scope.as_ref()),
    ];
    for (name, value) in fields {
        if let Some(value) = value {
            for part in ["<input type=\"hidden\" name=\"", name, "\" value=\"", &escape(value), "\">"] {
                hidden.push_str(part);
            }
        }
    }
    let buttons: Vec<_> = (AGENTS.iter())
        .map(|a| format!("<button name=\"user\" value=\"{}\">Continue as {}</button>", a.id, a.name))
        .collect();
    let buttons = buttons.concat();
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Sign in (simulator)</title><style>{STYLE}</style>\
         <h1>Sign in</h1><p>{} asks to act for you. This is a simulator: nobody real is behind these names.</p>\
         <form method=\"post\" action=\"/oauth/authorize\">{hidden}{buttons}\
         <button class=\"quiet\" name=\"user\" value=\"\">Cancel</button></form></html>",
        escape(client.name)
    )
}

fn error_page(code: &str, sentence: &str) -> Response {
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Sign-in error</title><style>{STYLE}</style>\
         <h1>Something is wrong with this sign-in</h1><p>{sentence}</p><p><code>{code}</code></p></html>"
    );
    (StatusCode::BAD_REQUEST, Html(page)).into_response()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}
