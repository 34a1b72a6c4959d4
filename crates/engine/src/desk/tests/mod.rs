//! Tests of the desk: tables for each rule, and random series against the guarantees. What they share is here.
#![allow(clippy::unwrap_used, clippy::panic)]

mod actions;
mod agent;
mod gaps;
mod offers;
mod read;
mod series;
mod wrap_up;

use std::time::Duration;

use earshot_genesys::error::{ApiError, StatusError};
use earshot_genesys::transport::{TransportError, TransportKind};

use super::Desk;
use super::io::{ActionId, Command, Input, Output, Request};
use super::sighting::{LegSighting, LegState, Party, Sighting};
use crate::event::{Event, Source};
use crate::moment::Moment;
use crate::snapshot::{ActionView, Medium, Millis, MissedView, OfferEnd, OfferView, Trouble};

/// Wall clock at monotonic zero.
const WALL: Millis = 1_800_000_000_000;

/// `ms` after the start.
fn at(ms: u64) -> Moment {
    Moment { mono: Duration::from_millis(ms), wall: WALL + i64::try_from(ms).unwrap(), dice: 0 }
}

/// A queue call's leg of the agent's; the participant is named after the leg.
fn leg(name: &str, state: LegState) -> LegSighting {
    LegSighting {
        leg: name.into(),
        participant: format!("p-{name}"),
        purpose: "agent".into(),
        medium: Medium::Call,
        message_type: None,
        outbound: false,
        state,
        state_word: match state {
            LegState::Other => "none",
            LegState::Alerting => "alerting",
            LegState::Connected => "connected",
            LegState::Disconnected => "disconnected",
        }
        .into(),
        held: false,
        muted: false,
        queue_id: Some("q1".into()),
        queue_name: Some("Sales".into()),
        subject: None,
        alerting_since: Some(WALL),
        connected_at: None,
        disconnected_at: None,
        disconnect_type: None,
        alerting_timeout_ms: None,
        auto_answer: false,
        wrap_up_due: false,
        error: None,
    }
}

fn alerting(name: &str) -> LegSighting {
    leg(name, LegState::Alerting)
}

fn connected(name: &str) -> LegSighting {
    LegSighting { connected_at: Some(WALL + 5_000), ..leg(name, LegState::Connected) }
}

/// Over `ms` after the start.
fn over(name: &str, ms: Millis, disconnect_type: &str) -> LegSighting {
    LegSighting {
        disconnected_at: Some(WALL + ms),
        disconnect_type: Some(disconnect_type.into()).filter(|word: &String| !word.is_empty()),
        ..leg(name, LegState::Disconnected)
    }
}

/// Conversation `c1` with these legs and a caller who is there.
fn with(legs: impl IntoIterator<Item = LegSighting>) -> Sighting {
    Sighting {
        conversation: "c1".into(),
        legs: legs.into_iter().collect(),
        caller: Party { name: Some("Ana Pereira".into()), address: Some("+4930123456".into()) },
        ended: false,
        caller_gone: false,
    }
}

fn live(desk: &mut Desk, sighting: Sighting, now: Moment) -> Vec<Output> {
    desk.handle(Input::Seen { sighting, source: Source::Live }, now)
}

fn recovered(desk: &mut Desk, sighting: Sighting, now: Moment) -> Vec<Output> {
    desk.handle(Input::Seen { sighting, source: Source::Recovered }, now)
}

/// A desk on which `l1` of `c1` has been alerting since the start.
fn ringing() -> Desk {
    let mut desk = Desk::new();
    assert_eq!(started(&live(&mut desk, with([alerting("l1")]), at(0))), ["l1"]);
    desk
}

fn command(desk: &mut Desk, command: Command, now: Moment) -> Vec<Output> {
    desk.handle(Input::Command(command), now)
}

fn answer(desk: &mut Desk, leg: &str, now: Moment) -> Vec<Output> {
    command(desk, Command::Answer { leg: leg.into() }, now)
}

fn decline(desk: &mut Desk, leg: &str, now: Moment) -> Vec<Output> {
    command(desk, Command::Decline { leg: leg.into() }, now)
}

fn acted(desk: &mut Desk, action: ActionId, result: Result<(), ApiError>, now: Moment) -> Vec<Output> {
    desk.handle(Input::Acted { action, result }, now)
}

fn tick(desk: &mut Desk, now: Moment) -> Vec<Output> {
    desk.handle(Input::Tick, now)
}

fn status(status: u16, message: &str) -> ApiError {
    ApiError::Status(StatusError {
        status,
        code: None,
        message: Some(message.into()).filter(|text: &String| !text.is_empty()),
        context_id: None,
        retry_after: None,
        html: false,
    })
}

fn transport(kind: TransportKind) -> ApiError {
    ApiError::Transport(TransportError { kind, detail: "test".into() })
}

fn requests(out: &[Output]) -> Vec<(ActionId, Request)> {
    let request = |output: &Output| match output {
        Output::Act { action, request } => Some((*action, request.clone())),
        _ => None,
    };
    out.iter().filter_map(request).collect()
}

/// The one request in `out`.
fn request(out: &[Output]) -> (ActionId, Request) {
    let mut requests = requests(out);
    assert_eq!(requests.len(), 1, "one request in {out:?}");
    requests.remove(0)
}

fn rereads(out: &[Output]) -> usize {
    out.iter().filter(|output| matches!(output, Output::Reread { .. })).count()
}

fn refusals(out: &[Output]) -> Vec<&str> {
    out.iter()
        .filter_map(|output| match output {
            Output::Refused { trouble, .. } => Some(trouble.code.as_str()),
            _ => None,
        })
        .collect()
}

fn told(out: &[Output]) -> impl Iterator<Item = &Event> {
    out.iter().filter_map(|output| match output {
        Output::Tell(event) => Some(event),
        _ => None,
    })
}

fn started(out: &[Output]) -> Vec<&str> {
    told(out)
        .filter_map(|event| match event {
            Event::OfferStarted { offer, .. } => Some(offer.leg.as_str()),
            _ => None,
        })
        .collect()
}

fn ended(out: &[Output]) -> Vec<(&str, OfferEnd)> {
    told(out)
        .filter_map(|event| match event {
            Event::OfferEnded { leg, end } => Some((leg.as_str(), *end)),
            _ => None,
        })
        .collect()
}

fn missed(out: &[Output]) -> Vec<&MissedView> {
    told(out)
        .filter_map(|event| match event {
            Event::Missed(line) => Some(line),
            _ => None,
        })
        .collect()
}

fn failures(out: &[Output]) -> Vec<&Trouble> {
    told(out)
        .filter_map(|event| match event {
            Event::ActionFailed { trouble, .. } => Some(trouble),
            _ => None,
        })
        .collect()
}

fn only_offer(desk: &Desk) -> OfferView {
    let mut offers = desk.offers();
    assert_eq!(offers.len(), 1, "one offer in {offers:?}");
    offers.remove(0)
}

fn failed_with(view: &ActionView) -> &Trouble {
    match view {
        ActionView::Failed { trouble } => trouble,
        other => panic!("should have failed, is {other:?}"),
    }
}
