//! What the tray shows for a view: which icon, which words, which menu. Pure.

use earshot_engine::snapshot::{AgentView, LinkState, Millis, Snapshot};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::menu::{Chosen, Entry};
use crate::ipc::{AppView, Stage};

/// The icons. Each has its own shape, so that colour is never all there is to tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Icon {
    Closed,
    Connected,
    OnQueue,
    Offer,
    Reconnecting,
    Offline,
    Attention,
}

/// All that the tray shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Face {
    pub(super) icon: Icon,
    pub(super) tooltip: String,
    pub(super) menu: Vec<Entry>,
}

/// The face for a view, with times as this zone has them.
pub(super) fn face(view: &AppView, zone: &TimeZone) -> Face {
    let Some(snapshot) = &view.snapshot else {
        let words = match view.stage {
            Stage::SigningIn { .. } => "Waiting for your browser",
            Stage::Resuming => "Connecting",
            Stage::SignedOut { .. } | Stage::Desk => "Not signed in",
        };
        return Face { icon: Icon::Closed, tooltip: format!("Earshot: {words}"), menu: menu(view, None) };
    };
    Face { icon: icon(view, snapshot), tooltip: tooltip(view, snapshot, zone), menu: menu(view, Some(snapshot)) }
}

fn waiting(snapshot: &Snapshot) -> usize {
    snapshot.offers.iter().filter(|offer| !offer.dismissed).count()
}

fn icon(view: &AppView, snapshot: &Snapshot) -> Icon {
    // An offer is what the agent must not miss, even while the link is in doubt.
    if waiting(snapshot) > 0 {
        return Icon::Offer;
    }
    let on_queue = snapshot.agent.as_ref().is_some_and(|agent| agent.on_queue);
    match snapshot.link.state {
        LinkState::Connected if view.not_responding.is_some() => Icon::Attention,
        LinkState::Connected if on_queue => Icon::OnQueue,
        LinkState::Connected => Icon::Connected,
        LinkState::Connecting | LinkState::Reconnecting => Icon::Reconnecting,
        LinkState::Offline => Icon::Offline,
        LinkState::SignInNeeded | LinkState::Blocked => Icon::Attention,
        LinkState::Closed => Icon::Closed,
    }
}

/// State and its age as the time at which it began: words that change only when the state does.
fn tooltip(view: &AppView, snapshot: &Snapshot, zone: &TimeZone) -> String {
    let link = &snapshot.link;
    let since = clock(Some(link.since), zone);
    let state = match link.state {
        LinkState::Connected => match view.not_responding {
            Some(told) => format!("Not Responding{}: no new offers come", clock(told.since, zone)),
            None => format!("Connected{since}"),
        },
        LinkState::Connecting => "Connecting".to_owned(),
        LinkState::Reconnecting => format!("Reconnecting{since}: offers may be missed"),
        LinkState::Offline => format!("Offline{since}: this computer has no network"),
        LinkState::SignInNeeded => format!("Sign-in needed{since}"),
        LinkState::Blocked => format!("Blocked{since}: something must be changed before Earshot can hear"),
        LinkState::Closed => "Not signed in".to_owned(),
    };
    let mut words = format!("Earshot: {state}");
    if let Some(agent) = &snapshot.agent
        && !agent.presence.label.is_empty()
    {
        words = format!("{words}, {}", agent.presence.label);
    }
    words = match waiting(snapshot) {
        0 => words,
        1 => format!("{words}. 1 offer is waiting"),
        many => format!("{words}. {many} offers are waiting"),
    };
    if view.practice {
        words.push_str(" (practice)");
    }
    words
}

/// " since 14:05", or nothing where that is not known.
fn clock(since: Option<Millis>, zone: &TimeZone) -> String {
    let since = since.filter(|since| *since > 0).and_then(|since| Timestamp::from_millisecond(since).ok());
    since.map(|since| since.to_zoned(zone.clone()).strftime(" since %H:%M").to_string()).unwrap_or_default()
}

fn menu(view: &AppView, snapshot: Option<&Snapshot>) -> Vec<Entry> {
    let agent = snapshot.and_then(|snapshot| snapshot.agent.as_ref());
    let state = snapshot.map_or(LinkState::Closed, |snapshot| snapshot.link.state);
    let connected = state == LinkState::Connected;
    let can_reconnect = !matches!(state, LinkState::Connected | LinkState::Closed);
    let on_queue = agent.is_some_and(|agent| agent.on_queue);
    let mut menu = Vec::new();
    if view.not_responding.is_some() {
        menu.push(Entry::item(Chosen::BackOnQueue, "Back on queue", connected));
        menu.push(Entry::Line);
    }
    menu.push(Entry::item(Chosen::Show, "Show Earshot", true));
    menu.push(Entry::Line);
    menu.push(presences(agent, connected));
    menu.push(Entry::ticked(Chosen::OnQueue, "On queue", agent.is_some() && connected, on_queue));
    menu.push(Entry::item(Chosen::Reconnect, "Reconnect now", can_reconnect));
    menu.push(Entry::Line);
    if view.practice {
        menu.push(Entry::item(Chosen::EndPractice, "End practice", true));
    } else if matches!(view.stage, Stage::SignedOut { .. }) {
        menu.push(Entry::item(Chosen::Practice, "Practice", true));
    }
    menu.push(Entry::item(Chosen::Settings, "Settings", true));
    menu.push(Entry::item(Chosen::Quit, "Quit Earshot", true));
    menu
}

fn presences(agent: Option<&AgentView>, connected: bool) -> Entry {
    let Some(agent) = agent.filter(|agent| !agent.presences.is_empty()) else {
        return Entry::Presences { enabled: false, entries: Vec::new() };
    };
    let entries = agent.presences.iter().map(|choice| {
        let now = choice.id == agent.presence.definition_id;
        Entry::ticked(Chosen::Presence(choice.id.clone()), &choice.label, connected, now)
    });
    Entry::Presences { enabled: connected, entries: entries.collect() }
}

#[cfg(test)]
#[path = "face_tests.rs"]
mod tests;
