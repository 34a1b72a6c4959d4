//! What the agent asks of an offer: answer, decline, dismiss. Each is sent once, and confirmed or said to have failed.

use std::time::Duration;

use earshot_genesys::error::{ApiError, StatusError};
use earshot_genesys::transport::TransportKind;

use super::Desk;
use super::io::{ActionId, Command, Output, Request};
use super::leg::{Ask, Leg};
use super::limits::{ANSWER_LOST, CONFIRM_WITHIN, REREAD_WITHIN};
use crate::event::Event;
use crate::moment::Moment;
use crate::snapshot::{Medium, Trouble};
use crate::trouble::of_api_error;

/// Which of the two requests about an offer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Answer,
    Decline,
}

impl Desk {
    pub(super) fn answer(&mut self, leg_id: &str, now: Moment, out: &mut Vec<Output>) {
        let action = self.next_action();
        let refused = |trouble| refused(Command::Answer { leg: leg_id.to_owned() }, trouble);
        let Some(leg) = self.legs.get_mut(leg_id) else { return out.push(refused(over())) };
        let request = Request::Answer {
            conversation: leg.conversation.clone(),
            participant: leg.participant.clone(),
            medium: leg.medium,
        };
        let Some(offer) = &mut leg.offer else { return out.push(refused(over())) };
        if offer.answer.pending() {
            return;
        }
        if offer.decline.pending() {
            let trouble = Trouble::passing("decline.pending", "You have just declined this one.");
            offer.answer.refuse(trouble.clone());
            return out.push(refused(trouble));
        }
        offer.decline.forgive();
        offer.answer = Ask::Sent { action, until: now.mono + ANSWER_LOST };
        out.push(Output::Act { action, request });
    }

    /// Decline and hang-up are the same request to Genesys: it goes out only while the leg is known to alert.
    pub(super) fn decline(&mut self, leg_id: &str, now: Moment, out: &mut Vec<Output>) {
        let action = self.next_action();
        let refused = |trouble| refused(Command::Decline { leg: leg_id.to_owned() }, trouble);
        let Some(leg) = self.legs.get_mut(leg_id) else { return out.push(refused(over())) };
        let unheard = self.deaf.as_ref().is_some_and(|deaf| leg.last_seen < deaf.noticed);
        let (conversation, participant, medium) = (leg.conversation.clone(), leg.participant.clone(), leg.medium);
        let direct = leg.direct();
        let Some(offer) = &mut leg.offer else { return out.push(refused(over())) };
        if offer.decline.pending() {
            return;
        }
        if offer.answer.pending() {
            let trouble = Trouble::passing("answer.pending", "You are just answering this one.");
            offer.decline.refuse(trouble.clone());
            return out.push(refused(trouble));
        }
        if offer.in_doubt || unheard {
            let trouble = Trouble {
                code: "offer.unsure".into(),
                message: "Earshot does not know whether this still rings, and a decline could hang up a call.".into(),
                cure: Some("Try again in a moment, or decline it in Genesys Cloud.".into()),
                retryable: true,
            };
            offer.decline.refuse(trouble.clone());
            return out.push(refused(trouble));
        }
        offer.answer.forgive();
        offer.decline = Ask::Sent { action, until: now.mono + ANSWER_LOST };
        let request = if direct && medium == Medium::Call {
            Request::ToVoicemail { conversation, participant }
        } else {
            Request::Decline { conversation, participant, medium }
        };
        out.push(Output::Act { action, request });
    }

    pub(super) fn dismiss(&mut self, leg_id: &str) {
        if let Some(offer) = self.legs.get_mut(leg_id).and_then(|leg| leg.offer.as_mut()) {
            offer.dismissed = true;
        }
    }

    /// The request `action` was answered. Returns whether it was about an offer.
    pub(super) fn acted_on_offer(
        &mut self,
        action: ActionId,
        result: &Result<(), ApiError>,
        now: Moment,
        out: &mut Vec<Output>,
    ) -> bool {
        for key in self.legs.alerting() {
            let Some(leg) = self.legs.get_mut(&key) else { continue };
            let Some(offer) = &mut leg.offer else { continue };
            let kind = match (offer.answer.is(action), offer.decline.is(action)) {
                (true, _) => Kind::Answer,
                (_, true) => Kind::Decline,
                _ => continue,
            };
            match result {
                Ok(()) => *ask(offer, kind) = Ask::Accepted { until: now.mono + CONFIRM_WITHIN },
                Err(error) => {
                    let trouble = refusal(error, kind);
                    let settled = certainly_not_done(error);
                    offer.in_doubt |= !settled;
                    *ask(offer, kind) = Ask::Failed { trouble: trouble.clone(), arrived: may_have_arrived(error) };
                    out.push(failed(&leg.key, trouble));
                    reread(leg.conversation.clone(), leg.medium, out);
                }
            }
            return true;
        }
        false
    }

    /// Actions whose time is up: ask once what is true, then say that they have failed.
    pub(super) fn chase_actions(&mut self, now: Moment, out: &mut Vec<Output>) {
        for key in self.legs.alerting() {
            let Some(leg) = self.legs.get_mut(&key) else { continue };
            for kind in [Kind::Answer, Kind::Decline] {
                chase(leg, kind, now, out);
            }
        }
    }

    /// When the next action's time is up, or an offer is to be looked at.
    pub(super) fn offers_deadline(&self) -> Option<Duration> {
        let deaf = self.deaf.is_some();
        let offers = self.legs.open().filter_map(|leg| leg.offer.as_ref());
        let deadlines = offers
            .flat_map(move |offer| [offer.answer.until(), offer.decline.until(), (!deaf).then_some(offer.look_at)]);
        deadlines.flatten().min()
    }
}

fn chase(leg: &mut Leg, kind: Kind, now: Moment, out: &mut Vec<Output>) {
    let (conversation, medium, key) = (leg.conversation.clone(), leg.medium, leg.key.clone());
    let known = leg.error.clone();
    let Some(offer) = &mut leg.offer else { return };
    let state = ask(offer, kind);
    match state {
        Ask::Sent { until, .. } | Ask::Accepted { until } if *until <= now.mono => {
            *state = Ask::Checking { until: now.mono + REREAD_WITHIN };
            offer.in_doubt = true;
            reread(conversation, medium, out);
        }
        Ask::Checking { until } if *until <= now.mono => {
            let trouble = match known {
                Some(sentence) if kind == Kind::Answer => said_by_genesys(&sentence, medium),
                _ => unconfirmed(kind, medium),
            };
            *state = Ask::Failed { trouble: trouble.clone(), arrived: true };
            out.push(failed(&key, trouble));
        }
        _ => {}
    }
}

/// The leg says why the answer failed (`errorInfo`).
pub(super) fn answer_failed_at_genesys(leg: &mut Leg, sentence: &str, out: &mut Vec<Output>) {
    let trouble = said_by_genesys(sentence, leg.medium);
    if leg.fail_answer(trouble.clone(), false) {
        out.push(failed(&leg.key, trouble));
    }
}

/// Asks for a look, once for each conversation.
pub(super) fn reread(conversation: String, medium: Medium, out: &mut Vec<Output>) {
    let wanted = Output::Reread { conversation, medium };
    if !out.contains(&wanted) {
        out.push(wanted);
    }
}

pub(super) fn refused(command: Command, trouble: Trouble) -> Output {
    Output::Refused { command, trouble }
}

fn failed(leg: &str, trouble: Trouble) -> Output {
    Output::Tell(Event::ActionFailed { leg: Some(leg.to_owned()), trouble })
}

fn ask(offer: &mut super::leg::Offer, kind: Kind) -> &mut Ask {
    match kind {
        Kind::Answer => &mut offer.answer,
        Kind::Decline => &mut offer.decline,
    }
}

fn over() -> Trouble {
    Trouble {
        code: "offer.over".into(),
        message: "This offer is over: it was taken, taken back, or the caller left.".into(),
        cure: None,
        retryable: false,
    }
}

/// The request cannot have reached anything that acts on it.
fn certainly_not_done(error: &ApiError) -> bool {
    match error {
        ApiError::Status(status) => matches!(status.status, 401 | 403 | 429),
        ApiError::Transport(error) => {
            matches!(
                error.kind,
                TransportKind::Offline
                    | TransportKind::Dns
                    | TransportKind::Refused
                    | TransportKind::Tls
                    | TransportKind::Proxy
            )
        }
        ApiError::Malformed { .. } => false,
    }
}

/// Genesys may have done it although it did not say so.
fn may_have_arrived(error: &ApiError) -> bool {
    match error {
        ApiError::Status(status) => status.status >= 500,
        ApiError::Transport(_) | ApiError::Malformed { .. } => !certainly_not_done(error),
    }
}

/// Why an answer or a decline was not accepted.
fn refusal(error: &ApiError, kind: Kind) -> Trouble {
    let (verb, code) = match kind {
        Kind::Answer => ("Answer", "answer.refused"),
        Kind::Decline => ("Decline", "decline.refused"),
    };
    match error {
        ApiError::Status(StatusError { status: 400 | 404 | 409 | 410, html: false, .. }) => Trouble {
            code: code.into(),
            message: match kind {
                Kind::Answer => {
                    "Genesys Cloud did not take the answer: the offer may be gone, or taken elsewhere.".into()
                }
                Kind::Decline => {
                    "Genesys Cloud did not take the decline: the offer may be gone, or taken elsewhere.".into()
                }
            },
            cure: Some("Earshot is looking. If it still rings, use Genesys Cloud or your phone.".into()),
            retryable: true,
        },
        ApiError::Status(StatusError { status: 401, .. }) => Trouble {
            cure: Some(format!(
                "Earshot is renewing the sign-in. Press {verb} again in a moment, or use Genesys Cloud."
            )),
            ..of_api_error(error)
        },
        ApiError::Status(StatusError { status: 429, retry_after, .. }) => Trouble {
            cure: Some(match retry_after {
                Some(wait) => format!("Press {verb} again in {} s, or use Genesys Cloud.", wait.as_secs().max(1)),
                None => format!("Press {verb} again in a moment, or use Genesys Cloud."),
            }),
            ..of_api_error(error)
        },
        _ => {
            let trouble = of_api_error(error);
            let again = format!("Press {verb} again, or use Genesys Cloud.");
            let cure = if trouble.retryable {
                Some(trouble.cure.map_or(again.clone(), |cure| format!("{cure} {again}")))
            } else {
                trouble.cure
            };
            Trouble { cure, ..trouble }
        }
    }
}

/// Genesys accepted the request and nothing came of it.
fn unconfirmed(kind: Kind, medium: Medium) -> Trouble {
    let (code, message, cure) = match (kind, medium) {
        (Kind::Answer, Medium::Call) => (
            "answer.unconfirmed",
            "Genesys Cloud accepted the answer, but the call is still alerting.",
            "Pick up on your phone. Earshot can only answer for you while your phone's persistent connection is up.",
        ),
        (Kind::Answer, _) => (
            "answer.unconfirmed",
            "Genesys Cloud accepted the answer, but it is still alerting.",
            "Answer it in Genesys Cloud.",
        ),
        (Kind::Decline, _) => (
            "decline.unconfirmed",
            "Genesys Cloud accepted the decline, but it is still alerting.",
            "Decline it in Genesys Cloud.",
        ),
    };
    Trouble { code: code.into(), message: message.into(), cure: Some(cure.into()), retryable: true }
}

fn said_by_genesys(sentence: &str, medium: Medium) -> Trouble {
    Trouble {
        code: "answer.failed".into(),
        message: format!("Genesys Cloud could not connect it: {}.", sentence.trim().trim_end_matches('.')),
        cure: Some(match medium {
            Medium::Call => "Pick up on your phone, or check it.".into(),
            _ => "Answer it in Genesys Cloud.".into(),
        }),
        retryable: true,
    }
}
