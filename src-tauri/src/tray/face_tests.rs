//! Tests of the tray's face.

use earshot_engine::snapshot::{OfferView, PresenceChoice, PresenceView};

use super::*;
use crate::ipc::NotRespondingView;
use crate::testing::{offer, routing, view_with};
use crate::tray::touches::{Touch, touches};

/// 2026-11-21, 14:05 UTC.
const AT: Millis = 1_795_269_900_000;

fn desk(state: LinkState, on_queue: bool, offers: Vec<OfferView>) -> AppView {
    let mut view = view_with(Vec::new());
    let mut snapshot = routing("IDLE", None);
    snapshot.offers = offers;
    snapshot.link.state = state;
    snapshot.link.since = AT;
    if let Some(agent) = &mut snapshot.agent {
        agent.on_queue = on_queue;
        agent.presence =
            PresenceView { definition_id: "p-1".to_owned(), label: "Available".to_owned(), ..PresenceView::default() };
        agent.presences = ["Available", "Meal & more"]
            .into_iter()
            .zip(["p-1", "p-2"])
            .map(|(label, id)| PresenceChoice { id: id.to_owned(), label: label.to_owned(), system: label.to_owned() })
            .collect();
    }
    view.snapshot = Some(snapshot);
    view
}

fn see(view: &AppView) -> Face {
    face(view, &TimeZone::UTC)
}

fn at(state: LinkState, on_queue: bool, offers: Vec<OfferView>) -> Face {
    see(&desk(state, on_queue, offers))
}

fn signed_out() -> AppView {
    let mut view = view_with(vec![]);
    view.snapshot = None;
    view.stage = Stage::SignedOut { trouble: None, farewell: None };
    view
}

/// The entries that can be used now, by label; those within the presences after an arrow.
fn usable(face: &Face) -> Vec<String> {
    let mut usable = Vec::new();
    for entry in &face.menu {
        match entry {
            Entry::Item(item) if item.enabled => usable.push(item.label.clone()),
            Entry::Presences { entries, .. } => usable.extend(entries.iter().filter_map(|entry| match entry {
                Entry::Item(item) if item.enabled => Some(format!("> {}", item.label)),
                _ => None,
            })),
            Entry::Item(_) | Entry::Line => {}
        }
    }
    usable
}

#[test]
fn each_state_has_its_icon() {
    let table = [
        (LinkState::Connected, false, Icon::Connected),
        (LinkState::Connected, true, Icon::OnQueue),
        (LinkState::Connecting, true, Icon::Reconnecting),
        (LinkState::Reconnecting, true, Icon::Reconnecting),
        (LinkState::Offline, true, Icon::Offline),
        (LinkState::SignInNeeded, true, Icon::Attention),
        (LinkState::Blocked, false, Icon::Attention),
        (LinkState::Closed, false, Icon::Closed),
    ];
    for (state, on_queue, icon) in table {
        assert_eq!(at(state, on_queue, vec![]).icon, icon, "{state:?} {on_queue}");
    }
}

#[test]
fn an_offer_comes_before_everything_else() {
    let face = at(LinkState::Reconnecting, true, vec![offer("a"), offer("b")]);
    assert_eq!(face.icon, Icon::Offer);
    assert!(face.tooltip.ends_with("2 offers are waiting"), "{}", face.tooltip);
    let dismissed = OfferView { dismissed: true, ..offer("a") };
    assert_eq!(at(LinkState::Connected, true, vec![dismissed]).icon, Icon::OnQueue);
}

#[test]
fn the_words_say_the_state_since_when_the_presence_and_what_waits() {
    let words = |state, offers| at(state, true, offers).tooltip;
    assert_eq!(words(LinkState::Connected, vec![]), "Earshot: Connected since 14:05, Available");
    assert_eq!(
        words(LinkState::Reconnecting, vec![offer("a")]),
        "Earshot: Reconnecting since 14:05: offers may be missed, Available. 1 offer is waiting"
    );
    let mut view = desk(LinkState::Connected, true, vec![]);
    view.practice = true;
    assert!(see(&view).tooltip.ends_with("(practice)"));
}

#[test]
fn not_responding_is_seen_and_undone_from_the_tray() {
    let mut view = desk(LinkState::Connected, true, vec![]);
    view.not_responding = Some(NotRespondingView { since: Some(AT), hidden: true });
    let face = see(&view);
    assert_eq!(face.icon, Icon::Attention);
    assert_eq!(face.tooltip, "Earshot: Not Responding since 14:05: no new offers come, Available");
    assert_eq!(face.menu.first(), Some(&Entry::item(Chosen::BackOnQueue, "Back on queue", true)));
}

#[test]
fn the_menu_offers_what_can_work() {
    let connected = at(LinkState::Connected, true, vec![]);
    assert_eq!(
        usable(&connected),
        ["Show Earshot", "> Available", "> Meal & more", "On queue", "Settings", "Quit Earshot"]
    );
    let lost = at(LinkState::Reconnecting, true, vec![]);
    assert_eq!(usable(&lost), ["Show Earshot", "Reconnect now", "Settings", "Quit Earshot"]);
    assert_eq!(usable(&see(&signed_out())), ["Show Earshot", "Practice", "Settings", "Quit Earshot"]);
    let mut practice = desk(LinkState::Connected, true, vec![]);
    practice.practice = true;
    assert!(usable(&see(&practice)).contains(&"End practice".to_owned()));
    let mut signing_in = signed_out();
    signing_in.stage = Stage::SigningIn { until: 1 };
    assert!(!usable(&see(&signing_in)).contains(&"Practice".to_owned()), "the browser is waited for");
}

#[test]
fn nobody_signed_in_is_said() {
    let face = see(&signed_out());
    assert_eq!((face.icon, face.tooltip.as_str()), (Icon::Closed, "Earshot: Not signed in"));
}

#[test]
fn a_view_that_says_the_same_touches_nothing() {
    let view = desk(LinkState::Connected, true, vec![offer("a")]);
    let before = see(&view);
    let mut later = view.clone();
    later.revision += 1;
    // Whatever has an age has grown older; an offer tells more than the tray does.
    if let Some(snapshot) = &mut later.snapshot {
        snapshot.revision += 1;
        snapshot.link.since += 29_000;
        snapshot.offers[0].caller = "Somebody else".to_owned();
    }
    assert_eq!(see(&later), before);
    assert_eq!(touches(&before, &see(&later)), []);
}

#[test]
fn a_change_touches_what_it_changes_and_no_more() {
    let before = at(LinkState::Connected, false, vec![]);
    let on = at(LinkState::Connected, true, vec![]);
    assert_eq!(touches(&before, &on), [Touch::Icon(Icon::OnQueue)]);
    let mut view = desk(LinkState::Connected, true, vec![]);
    if let Some(agent) = view.snapshot.as_mut().and_then(|snapshot| snapshot.agent.as_mut()) {
        "p-2".clone_into(&mut agent.presence.definition_id);
    }
    assert_eq!(touches(&on, &see(&view)), [], "a tick is no other menu");
    assert_ne!(see(&view), on);
    let lost = touches(&on, &at(LinkState::Reconnecting, true, vec![]));
    assert!(lost.contains(&Touch::Icon(Icon::Reconnecting)), "{lost:?}");
    view.practice = true;
    let practice = touches(&on, &see(&view));
    assert!(practice.iter().any(|touch| matches!(touch, Touch::Menu(_))), "there is another entry: {practice:?}");
}
