//! For the shell's own tests: an offer and a view to change one thing about.

use earshot_engine::snapshot::{ActionView, AgentView, Medium, OfferView, PresenceView, RoutingView, Snapshot};

use crate::ipc::{AppView, SettingsView, SoundView, Stage};

/// A call that alerts.
pub(crate) fn offer(leg: &str) -> OfferView {
    OfferView {
        leg: leg.to_owned(),
        conversation: format!("conversation of {leg}"),
        medium: Medium::Call,
        message_type: None,
        caller: "Maria Keller".to_owned(),
        address: None,
        queue: Some("Billing".to_owned()),
        subject: None,
        direct: false,
        since: 0,
        ends_at: None,
        auto_answer: false,
        dismissed: false,
        decline_means: String::new(),
        answer: ActionView::Idle,
        decline: ActionView::Idle,
    }
}

/// The desk, with these offers.
pub(crate) fn view_with(offers: Vec<OfferView>) -> AppView {
    AppView {
        revision: 1,
        stage: Stage::Desk,
        snapshot: Some(Snapshot { offers, ..Snapshot::default() }),
        not_responding: None,
        practice: false,
        settings: SettingsView {
            region: "mypurecloud.com".to_owned(),
            login_url: String::new(),
            api_url: String::new(),
            client_id: String::new(),
            locked: Vec::new(),
            trouble: None,
            managed_trouble: None,
        },
        settings_open: false,
        sound: SoundView { ring: true, volume: 70, trouble: None },
        start_at_login: false,
        deaf_today: None,
        version: "0".to_owned(),
    }
}

/// A snapshot of an agent with this routing status.
pub(crate) fn routing(status: &str, since: Option<i64>) -> Snapshot {
    let agent = AgentView {
        id: "me".to_owned(),
        name: "Ada Moreno".to_owned(),
        organization: None,
        presence: PresenceView::default(),
        presences: Vec::new(),
        on_queue: true,
        routing: RoutingView { status: status.to_owned(), since },
        presence_change: ActionView::Idle,
    };
    Snapshot { agent: Some(agent), ..Snapshot::default() }
}
