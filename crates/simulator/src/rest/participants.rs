//! What is done to participants and their communications: answer, decline, hold, wrap up, voicemail.

use super::auth::any_of;
use super::conversations::{Tree, accepted, own};
use super::errors::ApiError;
use super::organisation::wrapup_code;
use crate::clock::iso;
use crate::state::State as Sim;
use crate::world::acts::Refused;
use crate::world::catalogue::WRAPUP_CODES;
use crate::world::conversation::Wrapup;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

type Answer = Result<(StatusCode, Value), ApiError>;

const UPDATE: &[&str] =
    &["conversation:participant:wrapup", "conversation:call:record", "conversation:communication:disconnect"];

impl From<Refused> for ApiError {
    fn from(refused: Refused) -> Self {
        Self::new(refused.status, refused.code, refused.message)
    }
}

fn participant(sim: &Sim, c: usize, user: usize, id: &str) -> Result<usize, ApiError> {
    let conversation = &sim.world.conversations[c];
    let p = conversation.participant(id).ok_or_else(|| ApiError::not_found("participant"))?;
    if conversation.participants[p].agent == Some(user) {
        Ok(p)
    } else {
        Err(ApiError::new(
            403,
            "conversation.error.forbidden.not.active.participant",
            "The participant belongs to somebody else.",
        ))
    }
}

/// Changes something.
pub(crate) fn act(sim: &mut Sim, user: usize, tree: Tree, method: &Method, parts: &[&str], body: &Value) -> Answer {
    match (method.as_str(), parts) {
        ("PATCH", [id, "participants", pid]) => {
            any_of(sim, user, UPDATE)?;
            let c = own(sim, user, tree, id)?;
            let p = participant(sim, c, user, pid)?;
            update(sim, c, p, body)?;
            Ok(accepted())
        }
        ("PATCH", [id, "participants", pid, "communications", leg]) => {
            let (c, p) = communication(sim, user, tree, id, pid, leg)?;
            if body.get("state").is_none() && body.get("held").is_none() && body.get("muted").is_none() {
                return Err(ApiError::new(400, "communication.state.required", "A state is required."));
            }
            update(sim, c, p, body)?;
            Ok(accepted())
        }
        ("PATCH", [id]) if tree.is_some() => {
            let c = own(sim, user, tree, id)?;
            let p =
                (sim.world.conversations[c].participants.iter().rposition(|p| p.agent == Some(user) && p.is_live()))
                    .ok_or_else(|| ApiError::not_found("participant"))?;
            update(sim, c, p, body)?;
            Ok(accepted())
        }
        ("POST", [id, "participants", pid, "replace"]) => {
            any_of(sim, user, &["conversation:communication:blindTransfer"])?;
            let c = own(sim, user, tree, id)?;
            let p = participant(sim, c, user, pid)?;
            if body["voicemail"].as_bool() != Some(true) {
                return Err(ApiError::bad_request("The simulator can only replace a participant with voicemail."));
            }
            sim.world.replace_with_voicemail(c, p)?;
            Ok(accepted())
        }
        ("POST", [id, "participants", pid, "wrapup"]) => {
            any_of(sim, user, &["conversation:participant:wrapup"])?;
            let c = own(sim, user, tree, id)?;
            let p = participant(sim, c, user, pid)?;
            wrap_up(sim, c, p, body)?;
            Ok(accepted())
        }
        ("POST", [id, "participants", pid, "communications", leg, "wrapup"]) => {
            any_of(sim, user, &["conversation:participant:wrapup"])?;
            let (c, p) = communication(sim, user, tree, id, pid, leg)?;
            wrap_up(sim, c, p, body)?;
            Ok(accepted())
        }
        ("PATCH", [id, "participants", pid, "attributes"]) => {
            let c = own(sim, user, tree, id)?;
            let p = (sim.world.conversations[c].participant(pid)).ok_or_else(|| ApiError::not_found("participant"))?;
            for (key, value) in body["attributes"].as_object().into_iter().flatten() {
                let value = value.as_str().ok_or_else(|| {
                    let code = "conversation.error.participant.attribute.null";
                    ApiError::new(400, code, "An attribute must be a text.")
                })?;
                let attributes = &mut sim.world.conversations[c].participants[p].attributes;
                attributes.insert(key.clone(), value.to_owned());
            }
            sim.world.conversation_changed(c);
            Ok((StatusCode::OK, json!({"attributes": sim.world.conversations[c].participants[p].attributes})))
        }
        ("POST", [id, "participants", pid, "digits"]) => {
            let c = own(sim, user, tree, id)?;
            participant(sim, c, user, pid)?;
            Ok(accepted())
        }
        ("POST", [id, "disconnect"]) | ("DELETE", [id]) => {
            any_of(sim, user, &["conversation:communication:disconnect"])?;
            let c = own(sim, user, tree, id)?;
            sim.world.end_all(c, "system", "system");
            sim.world.settle();
            Ok(accepted())
        }
        _ => Err(ApiError::not_found("resource")),
    }
}

fn communication(
    sim: &Sim,
    user: usize,
    tree: Tree,
    id: &str,
    pid: &str,
    leg: &str,
) -> Result<(usize, usize), ApiError> {
    let c = own(sim, user, tree, id)?;
    let p = participant(sim, c, user, pid)?;
    if sim.world.conversations[c].participants[p].leg.id == leg {
        Ok((c, p))
    } else {
        Err(ApiError::not_found("communication"))
    }
}

fn update(sim: &mut Sim, c: usize, p: usize, body: &Value) -> Result<(), ApiError> {
    let (held, muted) = (body["held"].as_bool(), body["muted"].as_bool());
    if held.is_some() || muted.is_some() {
        sim.world.change_leg(c, p, held, muted, None)?;
    }
    match body["state"].as_str() {
        None => {}
        Some(state) if state.eq_ignore_ascii_case("connected") => sim.world.answer(c, p)?,
        Some(state) if state.eq_ignore_ascii_case("disconnected") => sim.world.disconnect(c, p)?,
        Some(state) if state.eq_ignore_ascii_case("parked") => sim.world.change_leg(c, p, None, None, Some(true))?,
        Some(state) => {
            return Err(ApiError::new(400, "invalid.value", format!("The state {state} cannot be asked for.")));
        }
    }
    if body["wrapup"].is_object() {
        wrap_up(sim, c, p, &body["wrapup"])?;
    }
    if body["wrapupSkipped"].as_bool() == Some(true) {
        sim.world.skip_wrapup(c, p)?;
    }
    Ok(())
}

fn wrap_up(sim: &mut Sim, c: usize, p: usize, body: &Value) -> Result<(), ApiError> {
    let text = |key: &str| body[key].as_str().map(str::to_owned);
    let wrapup =
        Wrapup { code: text("code").unwrap_or_default(), name: text("name"), notes: text("notes"), ended: sim.now() };
    sim.world.wrap_up(c, p, wrapup, body["provisional"].as_bool().unwrap_or(false))?;
    Ok(())
}

/// Reads what hangs below a participant.
pub(crate) fn read(sim: &Sim, user: usize, tree: Tree, id: &str, pid: &str, rest: &[&str]) -> Result<Value, ApiError> {
    let c = own(sim, user, tree, id)?;
    let conversation = &sim.world.conversations[c];
    let p = conversation.participant(pid).ok_or_else(|| ApiError::not_found("participant"))?;
    match rest {
        ["wrapupcodes"] => {
            let codes = conversation.queue.map(|q| q.wrapup_codes).unwrap_or_default();
            Ok(codes.iter().map(|i| wrapup_code(&WRAPUP_CODES[*i])).collect())
        }
        ["wrapup"] | ["communications", _, "wrapup"] => {
            let wrapup = conversation.participants[p].wrapup.clone().unwrap_or_default();
            Ok(json!({"code": wrapup.code, "notes": wrapup.notes, "tags": [], "endTime": iso(wrapup.ended)}))
        }
        _ => Err(ApiError::not_found("resource")),
    }
}
