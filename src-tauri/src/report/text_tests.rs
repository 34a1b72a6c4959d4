//! Tests of a report's words: that they are there, and that nobody's are who has not agreed to be in it.
#![allow(clippy::expect_used)]

use earshot_engine::journal::Cause;
use earshot_engine::snapshot::{
    AgentView, ConversationView, LinkState, MissedView, OfferEnd, PresenceView, RoutingView,
};

use super::*;
use crate::ipc::{DeafView, LockedView};
use crate::testing::{offer, view_with};

const CANARY: &str = "canary";

fn now() -> Zoned {
    Timestamp::from_millisecond(1_795_270_000_000).expect("a time").to_zoned(TimeZone::UTC)
}

/// A desk on which everything that is somebody's is a canary.
fn full() -> AppView {
    let canary = || format!("{CANARY} {CANARY}");
    let mut one = offer(CANARY);
    (one.caller, one.conversation) = (canary(), canary());
    (one.address, one.subject, one.queue, one.message_type) =
        (Some(canary()), Some(canary()), Some(canary()), Some(canary()));
    one.decline_means = canary();
    let mut view = view_with(vec![one]);
    let snapshot = view.snapshot.as_mut().expect("a snapshot");
    snapshot.link.state = LinkState::Reconnecting;
    snapshot.link.trouble = Some(Trouble::passing("socket.closed", "It was cut off."));
    snapshot.link.next_try_at = Some(1_795_270_005_000);
    snapshot.conversations = vec![ConversationView {
        leg: canary(),
        conversation: canary(),
        medium: Medium::Email,
        message_type: None,
        caller: canary(),
        queue: Some(canary()),
        state: canary(),
        since: 0,
        held: false,
        muted: false,
    }];
    snapshot.missed = vec![MissedView {
        id: canary(),
        conversation: Some(canary()),
        medium: Some(Medium::Call),
        caller: Some(canary()),
        queue: Some(canary()),
        at: 0,
        end: OfferEnd::TimedOut,
        reason: canary(),
    }]
    .into();
    snapshot.agent = Some(AgentView {
        id: canary(),
        name: canary(),
        organization: Some(canary()),
        presence: PresenceView { label: canary(), system: "On Queue".into(), ..PresenceView::default() },
        presences: Vec::new(),
        on_queue: true,
        routing: RoutingView { status: "IDLE".into(), since: None },
        presence_change: ActionView::Idle,
    });
    let tray = Trouble::passing("tray.none", "There is no tray.");
    snapshot.notices = vec![Notice { severity: earshot_engine::snapshot::Severity::Info, trouble: tray }];
    view.deaf_today = Some(DeafView { day: 0, closed: 4200, gaps: 2, missed: 1, settled: true, since: None });
    view.settings.client_id = "the-client".into();
    view.settings.locked = vec![LockedView {
        field: "clientId".into(),
        by: LockedBy::Administrator,
        reason: "Set by your administrator in /etc/earshot/config.toml".into(),
        shown: "OAuth client ID: the-client".into(),
    }];
    view
}

fn written(view: &AppView, journal: Result<Report, String>) -> String {
    write(&Facts {
        now: now(),
        view,
        computer: &[("System", "Debian 13 (x86_64)".to_owned())],
        journal,
        log: Log { folder: Some("/logs".into()), filter: "info", dropped: 3, lines: vec!["a line of the log".into()] },
    })
}

#[test]
fn it_says_what_a_help_desk_asks_first() {
    let text = written(&full(), Err("the disk is full".into()));
    for words in [
        "Version",
        "Debian 13 (x86_64)",
        "2026-11-21",
        "the-client",
        "Set by your administrator in /etc/earshot/config.toml",
        "Reconnecting since",
        "[socket.closed] It was cut off.",
        "Next try",
        "On queue         yes",
        "Routing status   IDLE",
        "Offers now       1 (call)",
        "Conversations    1 (email)",
        "[tray.none] There is no tray.",
        "4.2 s (gaps: 2)",
        "no record: the disk is full",
        "3 lines: the disk was too slow",
        "a line of the log",
    ] {
        assert!(text.contains(words), "{words} is not in\n{text}");
    }
}

#[test]
fn nothing_of_a_customer_or_the_agent_is_in_it() {
    let text = written(&full(), Err("none".into()));
    assert!(!text.contains(CANARY), "{text}");
    let signed_out = AppView { snapshot: None, stage: Stage::SignedOut { trouble: None, farewell: None }, ..full() };
    assert!(written(&signed_out, Err("none".into())).contains("signed out"));
}

#[test]
fn gaps_are_told_with_their_cause_and_without_topics() {
    let page = Page { text: String::new(), zone: TimeZone::UTC };
    let gap = Gap {
        from: 1_795_270_000_000,
        to: 1_795_270_004_250,
        causes: vec![Cause { code: "socket.closed".into(), message: CANARY.into() }],
        recovered: 2,
        missed: 1,
        unrecoverable: vec![format!("v2.users.{CANARY}.presence")],
        settled: false,
    };
    let line = gap_line(&page, &gap);
    assert!(line.contains("(4.2 s): socket.closed; recovered 2, missed 1, not settled"), "{line}");
    assert!(!line.contains(CANARY));
}
