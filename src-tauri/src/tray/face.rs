//! What the tray shows for a view: which icon, which words, which menu items can be used. Pure.

use earshot_engine::snapshot::{LinkState, Snapshot};

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
    pub(super) on_queue: bool,
    pub(super) can_change_queue: bool,
    pub(super) can_reconnect: bool,
}

/// The face for a view.
pub(super) fn face(view: &AppView) -> Face {
    let Some(snapshot) = &view.snapshot else {
        let words = match view.stage {
            Stage::SigningIn { .. } => "Waiting for your browser",
            Stage::Resuming => "Connecting",
            Stage::SignedOut { .. } | Stage::Desk => "Not signed in",
        };
        return Face {
            icon: Icon::Closed,
            tooltip: format!("Earshot: {words}"),
            on_queue: false,
            can_change_queue: false,
            can_reconnect: false,
        };
    };
    let on_queue = snapshot.agent.as_ref().is_some_and(|agent| agent.on_queue);
    let state = snapshot.link.state;
    Face {
        icon: icon(snapshot, on_queue),
        tooltip: tooltip(snapshot, view.practice),
        on_queue,
        can_change_queue: snapshot.agent.is_some() && state == LinkState::Connected,
        can_reconnect: !matches!(state, LinkState::Connected | LinkState::Closed),
    }
}

fn waiting(snapshot: &Snapshot) -> usize {
    snapshot.offers.iter().filter(|offer| !offer.dismissed).count()
}

fn icon(snapshot: &Snapshot, on_queue: bool) -> Icon {
    // An offer is what the agent must not miss, even while the link is in doubt.
    if waiting(snapshot) > 0 {
        return Icon::Offer;
    }
    match snapshot.link.state {
        LinkState::Connected if on_queue => Icon::OnQueue,
        LinkState::Connected => Icon::Connected,
        LinkState::Connecting | LinkState::Reconnecting => Icon::Reconnecting,
        LinkState::Offline => Icon::Offline,
        LinkState::SignInNeeded | LinkState::Blocked => Icon::Attention,
        LinkState::Closed => Icon::Closed,
    }
}

fn tooltip(snapshot: &Snapshot, practice: bool) -> String {
    let state = match snapshot.link.state {
        LinkState::Connected => "Connected",
        LinkState::Connecting => "Connecting",
        LinkState::Reconnecting => "Reconnecting: offers may be missed",
        LinkState::Offline => "Offline: this computer has no network",
        LinkState::SignInNeeded => "Sign-in needed",
        LinkState::Blocked => "Blocked: something must be changed before Earshot can hear",
        LinkState::Closed => "Not signed in",
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
    if practice {
        words.push_str(" (practice)");
    }
    words
}

#[cfg(test)]
mod tests {
    use earshot_engine::snapshot::{ActionView, AgentView, OfferView, PresenceView, RoutingView};

    use super::*;
    use crate::testing::{offer, view_with};

    fn at(state: LinkState, on_queue: bool, offers: Vec<OfferView>) -> Face {
        let mut view = view_with(offers);
        if let Some(snapshot) = &mut view.snapshot {
            snapshot.link.state = state;
            snapshot.agent = Some(AgentView {
                id: "me".to_owned(),
                name: "Ada Moreno".to_owned(),
                organization: None,
                presence: PresenceView { label: "Available".to_owned(), ..PresenceView::default() },
                presences: Vec::new(),
                on_queue,
                routing: RoutingView::default(),
                presence_change: ActionView::Idle,
            });
        }
        face(&view)
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
    fn the_menu_offers_what_can_work() {
        let on = at(LinkState::Connected, true, vec![]);
        assert!(on.on_queue && on.can_change_queue && !on.can_reconnect);
        let lost = at(LinkState::Reconnecting, true, vec![]);
        assert!(lost.can_reconnect && !lost.can_change_queue);
    }

    #[test]
    fn nobody_signed_in_is_said() {
        let mut view = view_with(vec![]);
        view.snapshot = None;
        view.stage = Stage::SignedOut { trouble: None, farewell: None };
        let face = face(&view);
        assert_eq!((face.icon, face.tooltip.as_str()), (Icon::Closed, "Earshot: Not signed in"));
        assert!(!face.can_change_queue && !face.can_reconnect);
    }
}
