//! When each window exists, and when it is seen: a pure machine from what happens to steps to take. A web view costs
//! a hundred megabytes or more, so one exists only while it buys something: the pop-up while on queue (warm, so that an
//! offer is painted at once) or while an offer is shown, the main window while it is open.

use std::time::{Duration, Instant};

use crate::ipc::AppView;

/// A view that is needed no more is kept this long: people go off queue for a minute and close windows by mistake.
const LINGER: Duration = Duration::from_secs(30);
/// A warm page lays a new offer out and says its height within a few milliseconds; showing it sooner would flash the
/// old content. It is shown after this in any case: an offer is never kept back for looks.
const LAYOUT: Duration = Duration::from_millis(80);
/// A page that has just been built takes longer to say its height.
const FIRST_LAYOUT: Duration = Duration::from_secs(1);

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Input {
    /// A new view: is there a card to show (an offer, or Not Responding), is the agent on queue?
    View { offers: bool, on_queue: bool },
    /// The pop-up's page says how high its cards are.
    PopupHeight(u32),
    /// The person wants the main window.
    OpenMain,
    /// The person closed the main window.
    CloseMain,
    /// The icon in the tray is there, or is not: without it a hidden window could not be found again.
    Tray(bool),
    /// There is still no tray: a program without a window could not be found.
    StayReachable,
    /// The window is gone, whoever destroyed it.
    MainGone,
    /// The window is gone, whoever destroyed it.
    PopupGone,
    /// Time has passed.
    Tick,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    BuildPopup,
    ShowPopup {
        height: u32,
    },
    ResizePopup {
        height: u32,
    },
    HidePopup,
    DestroyPopup,
    /// Build it if need be, show it and give it the focus.
    ShowMain,
    HideMain,
    /// Build it if need be, and leave it in the task bar.
    MinimiseMain,
    DestroyMain,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Popup {
    Absent,
    Hidden,
    /// Waiting for the page to lay out its cards, but not beyond this.
    Coming {
        latest: Instant,
    },
    Shown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Main {
    Absent,
    Open,
    Hidden { since: Instant },
}

/// The machine.
#[derive(Debug)]
pub(super) struct Plan {
    popup: Popup,
    main: Main,
    offers: bool,
    on_queue: bool,
    height: u32,
    /// Earliest time at which a page that was just built can be expected to answer quickly.
    popup_ready_by: Option<Instant>,
    /// Since when the pop-up is neither shown nor kept warm.
    popup_idle: Option<Instant>,
    tray: bool,
}

/// What of a view matters here.
pub(super) fn facts(view: &AppView) -> Input {
    let snapshot = view.snapshot.as_ref();
    let waiting = snapshot.is_some_and(|snapshot| snapshot.offers.iter().any(|offer| !offer.dismissed));
    let not_responding = view.not_responding.is_some_and(|not_responding| !not_responding.hidden);
    Input::View {
        offers: waiting || not_responding,
        on_queue: snapshot.and_then(|snapshot| snapshot.agent.as_ref()).is_some_and(|agent| agent.on_queue),
    }
}

impl Plan {
    /// `height` is used until the page has said its own.
    pub(super) fn new(height: u32) -> Self {
        Self {
            popup: Popup::Absent,
            main: Main::Absent,
            offers: false,
            on_queue: false,
            height,
            popup_ready_by: None,
            popup_idle: None,
            tray: false,
        }
    }

    /// Takes in what happened; says what to do, in order.
    pub(super) fn step(&mut self, input: Input, now: Instant) -> Vec<Step> {
        let mut steps = Vec::new();
        match input {
            Input::View { offers, on_queue } => {
                self.offers = offers;
                self.on_queue = on_queue;
            }
            Input::PopupHeight(height) => {
                self.popup_ready_by = None;
                if self.height != height {
                    self.height = height;
                    if self.popup == Popup::Shown {
                        steps.push(Step::ResizePopup { height });
                    }
                }
                if let Popup::Coming { .. } = self.popup {
                    self.popup = Popup::Coming { latest: now };
                }
            }
            Input::OpenMain => {
                self.main = Main::Open;
                steps.push(Step::ShowMain);
            }
            Input::CloseMain if self.tray => {
                self.main = Main::Hidden { since: now };
                steps.push(Step::HideMain);
            }
            Input::CloseMain => steps.push(Step::MinimiseMain),
            Input::Tray(there) => self.tray = there,
            Input::StayReachable if self.main == Main::Absent && !self.tray => {
                self.main = Main::Open;
                steps.push(Step::MinimiseMain);
            }
            Input::MainGone => self.main = Main::Absent,
            Input::PopupGone => self.popup = Popup::Absent,
            Input::StayReachable | Input::Tick => {}
        }
        self.settle_popup(now, &mut steps);
        if let Main::Hidden { since } = self.main
            && now >= since + LINGER
        {
            self.main = Main::Absent;
            steps.push(Step::DestroyMain);
        }
        steps
    }

    fn settle_popup(&mut self, now: Instant, steps: &mut Vec<Step>) {
        if self.popup == Popup::Absent && (self.offers || self.on_queue) {
            self.popup = Popup::Hidden;
            self.popup_ready_by = Some(now + FIRST_LAYOUT);
            steps.push(Step::BuildPopup);
        }
        match self.popup {
            Popup::Hidden if self.offers => {
                let latest = (now + LAYOUT).max(self.popup_ready_by.unwrap_or(now));
                self.popup = Popup::Coming { latest };
            }
            Popup::Coming { latest } if self.offers && now >= latest => {
                self.popup = Popup::Shown;
                steps.push(Step::ShowPopup { height: self.height });
            }
            Popup::Coming { .. } if !self.offers => self.popup = Popup::Hidden,
            Popup::Shown if !self.offers => {
                self.popup = Popup::Hidden;
                steps.push(Step::HidePopup);
            }
            _ => {}
        }
        if self.popup == Popup::Hidden && !self.on_queue && !self.offers {
            let since = *self.popup_idle.get_or_insert(now);
            if now >= since + LINGER {
                self.popup = Popup::Absent;
                self.popup_idle = None;
                steps.push(Step::DestroyPopup);
            }
        } else {
            self.popup_idle = None;
        }
    }

    /// When to look at the clock again.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let coming = match self.popup {
            Popup::Coming { latest } => Some(latest),
            _ => None,
        };
        let idle = self.popup_idle.map(|since| since + LINGER);
        let main = match self.main {
            Main::Hidden { since } => Some(since + LINGER),
            _ => None,
        };
        [coming, idle, main].into_iter().flatten().min()
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
