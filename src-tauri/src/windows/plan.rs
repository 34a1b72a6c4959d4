//! When each window exists, and when it is seen: a pure machine from what happens to steps to take. A web view costs
//! a hundred megabytes or more, so one exists only while it buys something: the pop-up while on queue (warm, so that an
//! offer is painted at once) or while an offer is shown, the main window while it is open.
//!
//! Each pop-up that is built has a number. While one is doubted, since it does not draw, another is built beside it:
//! whichever speaks first goes on. So a page that hangs is replaced, and one that was only slow loses nothing.

use std::time::{Duration, Instant};

use super::paint::{self, Paint, Painted};
use crate::ipc::AppView;

/// A view that is needed no more is kept this long: people go off queue for a minute and close windows by mistake.
const LINGER: Duration = Duration::from_secs(30);
/// A warm page lays a new offer out and says its height within a few milliseconds; showing it sooner would flash the
/// old content. It is shown after this in any case: an offer is never kept back for looks.
const LAYOUT: Duration = Duration::from_millis(80);
/// A page that has just been built takes longer to say its height.
const FIRST_LAYOUT: Duration = Duration::from_secs(1);
/// How long to wait before another pop-up is built, by how many have failed in a row; the last one repeats.
const AGAIN: [Duration; 4] = [Duration::ZERO, Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(30)];
/// A pop-up that has lived so long did not fail for the reason of the one before it.
const SOUND: Duration = Duration::from_secs(60);
/// So many pop-ups in a row that failed, and the agent is told by other means.
const TELL: usize = 2;
/// The main window's page is loaded anew at most once in this time.
const RELOAD: Duration = Duration::from_secs(30);

/// In the place of a leg, for the card that is no offer; the page calls it so too.
const NOT_RESPONDING: &str = "not responding";

/// Number of a pop-up: each that is built has the next.
pub(crate) type Number = u32;

/// What happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Input {
    /// A new view: which cards does the pop-up show (offers, and Not Responding), is the agent on queue?
    View { legs: Vec<String>, on_queue: bool },
    /// Something about a pop-up.
    Popup(Number, Popup),
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
    /// The process that draws the main window has ended.
    MainDied,
    /// Time has passed.
    Tick,
}

/// What a pop-up says, or what happened to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Popup {
    /// Its page is there.
    Ready,
    /// Its page says how high its cards are.
    Height(u32),
    /// Its page has laid these cards out.
    Drawn(Vec<String>),
    /// Its page has painted these cards.
    Painted(Vec<String>),
    /// The process that draws it has ended.
    Died,
    /// The window is gone, whoever destroyed it.
    Gone,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    BuildPopup(Number),
    ShowPopup {
        number: Number,
        height: u32,
    },
    ResizePopup {
        number: Number,
        height: u32,
    },
    HidePopup(Number),
    /// `hangs`: end the process that draws it, too.
    DestroyPopup {
        number: Number,
        hangs: bool,
    },
    /// The page of this pop-up is doubted.
    Doubt(Number),
    /// A card is on the screen.
    Report(Painted),
    /// No pop-up draws: say so, and bring the main window into the task bar.
    CallForHelp,
    /// The pop-up draws again.
    Recovered,
    /// Build it if need be, show it and give it the focus.
    ShowMain,
    HideMain,
    /// Build it if need be, and leave it in the task bar.
    MinimiseMain,
    DestroyMain,
    /// Load the main window's page into a new process, where the window stands.
    ReloadMain,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    Hidden,
    /// Waiting for the page to lay out its cards, but not beyond this.
    Coming {
        latest: Instant,
    },
    Shown,
}

/// A pop-up that was built.
#[derive(Debug, Clone, Copy)]
struct Page {
    number: Number,
    built: Instant,
    /// It has spoken. One that has not is being built, and its process must not be ended: WebKit would end with it.
    ready: bool,
    /// It did not draw in time.
    doubted: bool,
    seen: Seen,
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
    popup: Option<Page>,
    /// Built beside one that is doubted.
    spare: Option<Page>,
    paint: Paint,
    main: Main,
    offers: bool,
    on_queue: bool,
    height: u32,
    numbers: Number,
    /// Pop-ups that have failed in a row.
    failures: usize,
    /// After a failure: when the next may be built.
    again: Option<Instant>,
    /// The agent was told that no pop-up draws.
    told: bool,
    /// Since when the pop-up is neither shown nor kept warm.
    popup_idle: Option<Instant>,
    /// When the main window's page was last loaded anew.
    main_reloaded: Option<Instant>,
    tray: bool,
}

/// What of a view matters here.
pub(super) fn facts(view: &AppView) -> Input {
    let snapshot = view.snapshot.as_ref();
    let offers = snapshot.into_iter().flat_map(|snapshot| &snapshot.offers);
    let mut legs: Vec<String> = offers.filter(|offer| !offer.dismissed).map(|offer| offer.leg.clone()).collect();
    if view.not_responding.is_some_and(|not_responding| !not_responding.hidden) {
        legs.push(NOT_RESPONDING.to_owned());
    }
    Input::View {
        legs,
        on_queue: snapshot.and_then(|snapshot| snapshot.agent.as_ref()).is_some_and(|agent| agent.on_queue),
    }
}

impl Plan {
    /// `height` is used until the page has said its own.
    pub(super) fn new(height: u32) -> Self {
        Self {
            popup: None,
            spare: None,
            paint: Paint::default(),
            main: Main::Absent,
            offers: false,
            on_queue: false,
            height,
            numbers: 0,
            failures: 0,
            again: None,
            told: false,
            popup_idle: None,
            main_reloaded: None,
            tray: false,
        }
    }

    /// Takes in what happened; says what to do, in order.
    pub(super) fn step(&mut self, input: Input, now: Instant) -> Vec<Step> {
        let mut steps = Vec::new();
        // A pop-up that is given up goes last: until then it covers the place that another is about to take.
        let mut last = Vec::new();
        match input {
            Input::View { legs, on_queue } => {
                self.offers = !legs.is_empty();
                self.on_queue = on_queue;
                self.paint.view(legs, now);
            }
            Input::Popup(number, Popup::Died | Popup::Gone) => self.popup_ended(number, now, &mut last),
            Input::Popup(number, word) => self.popup_says(number, word, now, &mut steps, &mut last),
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
            Input::StayReachable if self.main != Main::Open && !self.tray => {
                self.main = Main::Open;
                steps.push(Step::MinimiseMain);
            }
            Input::MainGone => self.main = Main::Absent,
            // One that dies at once again is left alone: it would only take the computer's time.
            Input::MainDied if self.main_reloaded.is_none_or(|last| now >= last + RELOAD) => {
                self.main_reloaded = Some(now);
                steps.push(Step::ReloadMain);
            }
            Input::StayReachable | Input::MainDied | Input::Tick => {}
        }
        self.doubt(now, &mut steps, &mut last);
        self.settle_popup(now, &mut steps);
        steps.append(&mut last);
        if let Main::Hidden { since } = self.main
            && now >= since + LINGER
        {
            self.main = Main::Absent;
            steps.push(Step::DestroyMain);
        }
        steps
    }

    fn popup_says(&mut self, number: Number, word: Popup, now: Instant, steps: &mut Vec<Step>, last: &mut Vec<Step>) {
        if let Some(spare) = self.spare.take_if(|spare| spare.number == number) {
            if self.popup.is_some_and(|popup| !popup.doubted) && !self.paint.overdue(now) {
                // The other was only slow.
                last.push(Step::DestroyPopup { number, hangs: false });
                return;
            }
            last.extend(self.popup.take().map(give_up));
            self.popup = Some(spare);
            self.paint.page(Some(spare.built), now);
        }
        let Some(popup) = self.popup.as_mut().filter(|popup| popup.number == number) else { return };
        popup.ready = true;
        self.paint.ready(now);
        match word {
            Popup::Height(height) => {
                if self.height != height && popup.seen == Seen::Shown {
                    steps.push(Step::ResizePopup { number, height });
                }
                self.height = height;
                if let Seen::Coming { .. } = popup.seen {
                    popup.seen = Seen::Coming { latest: now };
                }
            }
            Popup::Drawn(legs) => {
                popup.doubted = false;
                self.paint.drawn(&legs, now);
            }
            Popup::Painted(legs) => {
                popup.doubted = false;
                let painted = self.paint.painted(&legs, now);
                if !painted.is_empty() {
                    self.failures = 0;
                    self.again = None;
                    if std::mem::take(&mut self.told) {
                        steps.push(Step::Recovered);
                    }
                }
                steps.extend(painted.into_iter().map(Step::Report));
            }
            Popup::Ready | Popup::Died | Popup::Gone => {}
        }
    }

    /// Its process has ended, or its window is gone.
    fn popup_ended(&mut self, number: Number, now: Instant, last: &mut Vec<Step>) {
        if let Some(spare) = self.spare.take_if(|spare| spare.number == number) {
            self.failed(spare, now);
        } else if let Some(popup) = self.popup.take_if(|popup| popup.number == number) {
            self.failed(popup, now);
            self.popup = self.spare.take();
            self.paint.page(self.popup.map(|page| page.built), now);
        } else {
            return;
        }
        last.push(Step::DestroyPopup { number, hangs: false });
    }

    fn failed(&mut self, page: Page, now: Instant) {
        if now >= page.built + SOUND {
            self.failures = 0;
        }
        self.again = Some(now + AGAIN[self.failures.min(AGAIN.len() - 1)]);
        self.failures += 1;
    }

    /// Builds another pop-up beside one that does not draw, and gives up one that was built so and does not speak.
    fn doubt(&mut self, now: Instant, steps: &mut Vec<Step>, last: &mut Vec<Step>) {
        if let Some(spare) = self.spare.take_if(|spare| now >= paint::limit(spare.built)) {
            self.failed(spare, now);
            last.push(give_up(spare));
        }
        if self.spare.is_none()
            && let Some(mut popup) = self.popup
            && self.paint.overdue(now)
            && self.again.is_none_or(|again| now >= again)
        {
            self.failed(popup, now);
            popup.doubted = true;
            self.popup = Some(popup);
            steps.push(Step::Doubt(popup.number));
            self.spare = Some(self.build(now, steps));
        }
        if self.failures >= TELL && self.offers && !self.told {
            self.told = true;
            if self.main == Main::Absent {
                self.main = Main::Open;
            }
            steps.push(Step::CallForHelp);
        }
    }

    fn build(&mut self, now: Instant, steps: &mut Vec<Step>) -> Page {
        self.numbers = self.numbers.wrapping_add(1);
        steps.push(Step::BuildPopup(self.numbers));
        Page { number: self.numbers, built: now, ready: false, doubted: false, seen: Seen::Hidden }
    }

    fn settle_popup(&mut self, now: Instant, steps: &mut Vec<Step>) {
        let wanted = self.offers || self.on_queue;
        if self.popup.is_none() && wanted && self.again.is_none_or(|again| now >= again) {
            self.popup = Some(self.build(now, steps));
            self.paint.page(Some(now), now);
        }
        let Some(popup) = &mut self.popup else {
            self.popup_idle = None;
            return;
        };
        let number = popup.number;
        if popup.seen == Seen::Hidden && self.offers {
            let latest = if popup.ready { now + LAYOUT } else { (popup.built + FIRST_LAYOUT).max(now + LAYOUT) };
            popup.seen = Seen::Coming { latest };
        }
        match popup.seen {
            Seen::Coming { latest } if self.offers && now >= latest => {
                popup.seen = Seen::Shown;
                steps.push(Step::ShowPopup { number, height: self.height });
            }
            Seen::Coming { .. } if !self.offers => popup.seen = Seen::Hidden,
            Seen::Shown if !self.offers => {
                popup.seen = Seen::Hidden;
                steps.push(Step::HidePopup(number));
            }
            _ => {}
        }
        if wanted {
            self.popup_idle = None;
            return;
        }
        let since = *self.popup_idle.get_or_insert(now);
        if now >= since + LINGER {
            self.popup_idle = None;
            self.paint.page(None, now);
            let pages = [self.popup.take(), self.spare.take()];
            steps.extend(
                pages.into_iter().flatten().map(|page| Step::DestroyPopup { number: page.number, hangs: false }),
            );
        }
    }

    /// When to look at the clock again.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let coming = match self.popup.map(|popup| popup.seen) {
            Some(Seen::Coming { latest }) => Some(latest),
            None if self.offers || self.on_queue => self.again,
            _ => None,
        };
        let doubt = match self.spare {
            Some(spare) => Some(paint::limit(spare.built)),
            None => self.paint.deadline().map(|due| self.again.map_or(due, |again| due.max(again))),
        };
        let idle = self.popup_idle.map(|since| since + LINGER);
        let main = match self.main {
            Main::Hidden { since } => Some(since + LINGER),
            _ => None,
        };
        [coming, doubt, idle, main].into_iter().flatten().min()
    }
}

/// A page that has spoken and speaks no more may hang, and its process would outlive its window.
fn give_up(page: Page) -> Step {
    Step::DestroyPopup { number: page.number, hangs: page.ready }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
