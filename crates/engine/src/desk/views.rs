//! What the snapshot shows of the desk.

use std::collections::{BTreeMap, HashMap};

use super::Desk;
use super::leg::Leg;
use super::sighting::{LegState, Party};
use crate::snapshot::{ConversationView, Medium, OfferView};

/// Conversations of one kind that came through queues, for comparison with Genesys' own summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// The agent is in them.
    pub connected: u32,
    /// They alert.
    pub alerting: u32,
    /// They are over and not wrapped up.
    pub wrap_up: u32,
}

pub(super) fn offer(desk: &Desk, leg: &Leg) -> Option<OfferView> {
    let offer = leg.offer.as_ref()?;
    let party = party(desk, leg);
    let (caller, address) = names(&party);
    let direct = leg.direct();
    Some(OfferView {
        leg: leg.key.clone(),
        conversation: leg.conversation.clone(),
        medium: leg.medium,
        message_type: leg.message_type.clone(),
        caller,
        address,
        queue: leg.queue_name.clone(),
        subject: leg.subject.clone(),
        direct,
        since: leg.alerts_since(),
        ends_at: leg.alerts_until(),
        auto_answer: leg.auto_answer || (!direct && !leg.outbound && desk.agent.auto_answers(leg.medium)),
        dismissed: offer.dismissed,
        decline_means: decline_means(leg).into(),
        answer: offer.answer.view(),
        decline: offer.decline.view(),
    })
}

/// What Decline does, to stand beside it.
fn decline_means(leg: &Leg) -> &'static str {
    match (leg.direct(), leg.medium) {
        (true, Medium::Call) => "Sends the caller to your voicemail.",
        (true, _) => "Turns it down. It goes to nobody else.",
        (false, _) => "Sends it back to the queue. You become Not Responding.",
    }
}

pub(super) fn offers(desk: &Desk) -> Vec<OfferView> {
    desk.legs.open().filter_map(|leg| offer(desk, leg)).collect()
}

/// One line for each conversation: its newest leg that the agent is in, else the newest that waits for its wrap-up.
pub(super) fn conversations(desk: &Desk) -> Vec<ConversationView> {
    let mut chosen: HashMap<&str, &Leg> = HashMap::new();
    let mut order = Vec::new();
    for leg in desk.legs.open().filter(|leg| leg.on_the_desk()) {
        let live = |leg: &Leg| leg.state != LegState::Disconnected;
        match chosen.get(leg.conversation.as_str()) {
            None => order.push(leg.conversation.as_str()),
            Some(other) if live(other) && !live(leg) => continue,
            Some(_) => {}
        }
        chosen.insert(&leg.conversation, leg);
    }
    order.into_iter().filter_map(|id| chosen.get(id)).map(|leg| conversation(desk, leg)).collect()
}

fn conversation(desk: &Desk, leg: &Leg) -> ConversationView {
    let wrap_up = leg.state == LegState::Disconnected;
    let state = match leg.word.as_str() {
        _ if wrap_up => "wrap_up",
        "contacting" => "dialing",
        word => word,
    };
    let since = if wrap_up { leg.ended_at } else { leg.connected_at };
    ConversationView {
        leg: leg.key.clone(),
        conversation: leg.conversation.clone(),
        medium: leg.medium,
        message_type: leg.message_type.clone(),
        caller: names(&party(desk, leg)).0,
        queue: leg.queue_name.clone(),
        state: state.into(),
        since: since.unwrap_or(leg.first_seen),
        held: leg.held && !wrap_up,
        muted: leg.muted && !wrap_up,
    }
}

pub(super) fn counts(desk: &Desk) -> BTreeMap<Medium, Count> {
    // Several legs of one conversation count once, with what matters most.
    let mut states: BTreeMap<(Medium, &str), LegState> = BTreeMap::new();
    let weight = |state: LegState| match state {
        LegState::Connected => 3,
        LegState::Alerting => 2,
        LegState::Disconnected => 1,
        LegState::Other => 0,
    };
    for leg in desk.legs.open().filter(|leg| !leg.direct()) {
        let state = states.entry((leg.medium, &leg.conversation)).or_insert(leg.state);
        if weight(leg.state) > weight(*state) {
            *state = leg.state;
        }
    }
    let mut counts: BTreeMap<Medium, Count> = BTreeMap::new();
    for ((medium, _), state) in states {
        let count = counts.entry(medium).or_default();
        match state {
            LegState::Connected => count.connected += 1,
            LegState::Alerting => count.alerting += 1,
            LegState::Disconnected => count.wrap_up += 1,
            LegState::Other => {}
        }
    }
    counts
}

fn party(desk: &Desk, leg: &Leg) -> Party {
    desk.legs.conversation(&leg.conversation).map(|conversation| conversation.caller.clone()).unwrap_or_default()
}

/// Who to show, and the address beside a name.
fn names(party: &Party) -> (String, Option<String>) {
    match (&party.name, &party.address) {
        (Some(name), address) => (name.clone(), address.clone()),
        (None, Some(address)) => (address.clone(), None),
        (None, None) => ("Unknown caller".into(), None),
    }
}
