//! Everything the page and the shell say to each other, defined once. `ui/src/bindings/` is generated from here (a test
//! keeps it current). No token, secret or channel address has a place in any of these types.

use std::sync::Arc;

use earshot_engine::snapshot::{Notice, Snapshot, Trouble};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The event for the main window's page: a whole [`AppView`].
pub const VIEW_EVENT: &str = "view";
/// The event for the pop-up's page: an [`AppView::for_popup`].
pub const POPUP_EVENT: &str = "popup_view";

/// All that a page draws, complete each time. A page that opens late asks with the command `view` and then listens;
/// of two views the one with the greater revision is the newer.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AppView {
    /// Grows with every view sent.
    #[ts(type = "number")]
    pub revision: u64,
    /// Which screen.
    pub stage: Stage,
    /// What the engine knows; present on the desk.
    pub snapshot: Option<Snapshot>,
    /// The agent is Not Responding.
    pub not_responding: Option<NotRespondingView>,
    /// Signed in to the built-in practice contact centre.
    pub practice: bool,
    /// Settings, as far as the page shows them.
    pub settings: SettingsView,
    /// The desk shows the settings. Kept here and not in the page, since the tray opens them too.
    pub settings_open: bool,
    /// The ring.
    pub sound: SoundView,
    /// Earshot starts, hidden, when its person logs in. Locked where the settings' `locked` names `autostart`.
    pub start_at_login: bool,
    /// How deaf Earshot was today; not in practice, and not before it is known.
    pub deaf_today: Option<DeafView>,
    /// Earshot's version.
    pub version: String,
}

impl AppView {
    /// What the pop-up draws of it: offers, not what was missed and what is under way. Each view passes through the page as
    /// text, and with fifty missed offers in it that would cost memory and the quickness of the next pop-up.
    pub(crate) fn for_popup(&self) -> Self {
        let snapshot = self.snapshot.as_ref().map(|snapshot| Snapshot {
            conversations: Vec::new(),
            missed: Arc::default(),
            notices: Vec::new(),
            ..snapshot.clone()
        });
        Self { snapshot, ..self.clone() }
    }
}

/// The agent is Not Responding: no queue offers them anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct NotRespondingView {
    /// Since when, where Genesys says so, milliseconds since 1970.
    #[ts(type = "number | null")]
    pub since: Option<i64>,
    /// The agent has hidden it from the pop-up and the notifications, until the next time.
    pub hidden: bool,
}

/// How long Earshot could not hear on a day, so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DeafView {
    /// When the day began here, milliseconds since 1970.
    #[ts(type = "number")]
    pub day: i64,
    /// So long, in milliseconds, in gaps that are over.
    #[ts(type = "number")]
    pub closed: i64,
    /// In so many gaps, with the one that is open.
    pub gaps: u32,
    /// Offers known to have been missed in them.
    pub missed: u32,
    /// And no other can have been missed: all conversations in them have been looked up.
    pub settled: bool,
    /// A gap is open, and the time since then is to be added.
    #[ts(type = "number | null")]
    pub since: Option<i64>,
}

/// Which screen the main window shows.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum Stage {
    /// The sign-in form.
    SignedOut {
        /// Why the last sign-in failed, or the session ended.
        trouble: Option<Trouble>,
        /// What came of signing out.
        farewell: Option<Notice>,
    },
    /// Earshot has just started, and looks for a sign-in from before.
    Resuming,
    /// The system browser is open; Earshot waits for it to come back.
    SigningIn {
        /// When Earshot stops waiting, milliseconds since 1970.
        #[ts(type = "number")]
        until: i64,
    },
    /// Signed in.
    Desk,
}

/// Settings, as far as the page shows them.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SettingsView {
    /// Region domain, or `custom`.
    pub region: String,
    /// Sign-in address for `custom`.
    pub login_url: String,
    /// API address for `custom`.
    pub api_url: String,
    /// OAuth client id.
    pub client_id: String,
    /// What cannot be changed here.
    pub locked: Vec<LockedView>,
    /// Something was wrong with the stored settings.
    pub trouble: Option<Trouble>,
    /// What the administrator set cannot be used.
    pub managed_trouble: Option<Trouble>,
}

/// A setting that somebody else has set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LockedView {
    /// `region`, `loginUrl`, `apiUrl`, `clientId`, `redirectPort`, `clientSecretFile`, `logLevel`, `keepSignedIn` or
    /// `autostart`.
    pub field: String,
    /// Who.
    pub by: LockedBy,
    /// The same in words, with where: "Set by your administrator in /etc/earshot/config.toml".
    pub reason: String,
    /// What it is set to, in words.
    pub shown: String,
}

/// Who has set a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LockedBy {
    /// The managed file.
    Administrator,
    /// A variable of the environment.
    Environment,
}

/// The ring.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SoundView {
    /// Ring on offers.
    pub ring: bool,
    /// 0 to 100.
    pub volume: u8,
    /// No sound device, or it failed.
    pub trouble: Option<Trouble>,
}

/// One Genesys Cloud region.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RegionView {
    /// What people call it: "Europe (Frankfurt)".
    pub label: String,
    /// Environment domain: `mypurecloud.de`.
    pub domain: String,
}

/// What the sign-in form sends.
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SignInForm {
    /// Region domain, or `custom`.
    pub region: String,
    /// For `custom`.
    pub login_url: String,
    /// For `custom`.
    pub api_url: String,
    /// OAuth client id.
    pub client_id: String,
}

/// Every command a page may send. One Tauri command, `earshot`, takes it; the answer is [`Reply`] or [`WireError`].
#[derive(Debug, Clone, Deserialize, TS)]
#[serde(tag = "name", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum PageCommand {
    /// The current view.
    View,
    /// The regions of the sign-in form.
    Regions,
    /// Open the system browser and sign in.
    SignIn {
        /// The form.
        form: SignInForm,
    },
    /// Stop waiting for the browser.
    CancelSignIn,
    /// Sign in to the built-in practice contact centre.
    Practice,
    /// End the session (or the practice).
    SignOut,
    /// Take the conversation.
    Answer {
        /// The agent's leg.
        leg: String,
    },
    /// Send it back.
    Decline {
        /// The agent's leg.
        leg: String,
    },
    /// Hide it.
    Dismiss {
        /// The agent's leg.
        leg: String,
    },
    /// Choose a presence.
    SetPresence {
        /// Presence definition id.
        id: String,
    },
    /// Go on or off queue.
    SetOnQueue {
        /// On or off.
        on: bool,
    },
    /// Clear Not Responding.
    BackOnQueue,
    /// Hide from the pop-up and the notifications that the agent is Not Responding, until the next time.
    HideNotResponding,
    /// Cut the waiting short.
    ReconnectNow,
    /// Take one line off the missed list.
    ForgetMissed {
        /// Its id.
        id: String,
    },
    /// Ring on or off, and how loud (0 to 100).
    SetSound {
        /// On or off.
        ring: bool,
        /// 0 to 100.
        volume: u8,
    },
    /// Start Earshot when its person logs in, or no longer.
    SetStartAtLogin {
        /// From now on, or no longer.
        on: bool,
    },
    /// Show the settings on the desk, or put them away.
    ShowSettings {
        /// Show.
        open: bool,
    },
    /// Play the ring once.
    TryRing,
    /// Write a report for the help desk.
    SaveReport,
    /// Bring the main window to the front (from the pop-up).
    OpenMain,
    /// The pop-up's page needs this many CSS pixels of height to show its cards.
    PopupHeight {
        /// CSS pixels.
        height: u32,
    },
    /// The pop-up's page has laid these cards out; it lives.
    Drawn {
        /// The legs of their offers.
        legs: Vec<String>,
    },
    /// Two animation frames have come and gone with these cards in the pop-up's page: they are on the screen.
    Painted {
        /// The legs of their offers.
        legs: Vec<String>,
    },
}

/// What a command answers.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(tag = "name", content = "value", rename_all = "snake_case")]
pub enum Reply {
    /// Done, or begun: the view tells how it goes on.
    Done,
    /// Answer to `View`.
    View(Box<AppView>),
    /// Answer to `Regions`.
    Regions(Vec<RegionView>),
    /// Answer to `SaveReport`: the file.
    Saved(String),
}

/// Why a command did not work.
#[derive(Debug, Clone, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct WireError {
    /// Stable, for programs.
    pub code: String,
    /// For people: what happened and what to do.
    pub message: String,
    /// Whether trying the same again can help.
    pub retryable: bool,
}

#[cfg(test)]
mod tests {
    use earshot_engine::snapshot::{MissedView, OfferEnd};

    use super::*;
    use crate::testing::{offer, view_with};

    #[test]
    fn the_pop_up_is_told_of_offers_and_of_nothing_that_it_does_not_draw() {
        let mut view = view_with(vec![offer("a")]);
        let told = view.snapshot.as_mut().expect("the desk");
        told.missed = Arc::new(vec![MissedView {
            id: String::new(),
            conversation: None,
            medium: None,
            caller: None,
            queue: None,
            at: 0,
            end: OfferEnd::TimedOut,
            reason: String::new(),
        }]);
        let popup = view.for_popup();
        let snapshot = popup.snapshot.expect("the desk");
        assert_eq!(snapshot.offers, [offer("a")]);
        assert_eq!(snapshot.missed.len(), 0);
        assert_eq!(popup.revision, view.revision);
    }
}
