//! What analytics tell of a conversation, as a look at this agent's legs. For the feed.

use earshot_genesys::wire::{Alert, AlertEnd, ConversationDetail};
use jiff::Timestamp;

use super::read::medium;
use super::sighting::{LegSighting, LegState, Party, Sighting};
use crate::snapshot::{Medium, Millis};

/// The offers of `me`'s in a conversation that alerted between two instants, and whether one of them still did when this
/// was written; `None` where there is none that was not taken.
#[must_use]
pub fn past_sighting(detail: &ConversationDetail, me: &str, from: Millis, to: Millis) -> Option<(Sighting, bool)> {
    let mut legs = Vec::new();
    let mut going_on = false;
    for alert in detail.alerts(me) {
        let began = alert.start.map(Timestamp::as_millisecond);
        let ended = match &alert.end {
            AlertEnd::Answered { .. } => continue,
            AlertEnd::Alerting => None,
            AlertEnd::Unanswered { at, .. } => at.map(Timestamp::as_millisecond),
        };
        if began.is_some_and(|began| began > to) || ended.is_some_and(|ended| ended < from) {
            continue;
        }
        going_on |= matches!(alert.end, AlertEnd::Alerting);
        legs.push(leg(&alert, ended));
    }
    if legs.is_empty() {
        return None;
    }
    let customer = detail
        .participants
        .iter()
        .find(|participant| participant.purpose.as_deref().is_some_and(|it| matches!(it, "customer" | "external")));
    let session = customer.and_then(|customer| customer.sessions.first());
    let caller = Party {
        name: customer.and_then(|customer| customer.participant_name.clone()),
        address: session.and_then(|session| session.ani.clone().or_else(|| session.address_from.clone())),
    };
    let ended = detail.conversation_end.is_some();
    let sighting = Sighting {
        conversation: detail.conversation_id.clone(),
        legs,
        caller,
        // Analytics do not say who left first; how the leg ended does.
        caller_gone: false,
        ended,
    };
    Some((sighting, going_on))
}

fn leg(alert: &Alert<'_>, ended: Option<Millis>) -> LegSighting {
    let disconnect_type = match &alert.end {
        AlertEnd::Unanswered { disconnect_type, .. } => disconnect_type.clone(),
        AlertEnd::Alerting | AlertEnd::Answered { .. } => None,
    };
    let alerting = matches!(alert.end, AlertEnd::Alerting);
    LegSighting {
        // The name of a session is not always the communication's: the participant tells the leg.
        leg: alert.participant.participant_id.clone(),
        participant: alert.participant.participant_id.clone(),
        purpose: alert.participant.purpose.clone().unwrap_or_default(),
        medium: alert.session.kind().map_or(Medium::Other, medium),
        message_type: alert.session.message_type.clone(),
        outbound: alert.session.direction.as_deref() == Some("outbound"),
        state: if alerting { LegState::Alerting } else { LegState::Disconnected },
        state_word: if alerting { "alerting" } else { "disconnected" }.to_owned(),
        held: false,
        muted: false,
        queue_id: alert.queue_id.map(ToOwned::to_owned),
        queue_name: None,
        subject: None,
        alerting_since: alert.start.map(Timestamp::as_millisecond),
        connected_at: None,
        disconnected_at: ended,
        disconnect_type,
        alerting_timeout_ms: None,
        auto_answer: false,
        wrap_up_due: false,
        error: None,
    }
}
