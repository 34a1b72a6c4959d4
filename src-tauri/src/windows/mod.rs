//! The two windows. `plan` decides, `geometry` computes, `frames` builds and moves; this is the task that connects them
//! with the views and the rest of the shell.

mod frames;
mod geometry;
mod paint;
mod place;
mod plan;

use std::time::Instant;

use earshot_engine::snapshot::{Notice, Severity};
use tauri::{AppHandle, Emitter};
use tokio::sync::mpsc;

use crate::ipc::{AppView, POPUP_EVENT, VIEW_EVENT};
use crate::owner::{Ask, Owner};
use crate::trouble::trouble;
pub(crate) use place::remember as remember_place;
use plan::{Input, Plan, Step};
pub(crate) use plan::{Number, Popup};

/// Label of the main window.
pub(crate) const MAIN: &str = "main";
/// What the labels of pop-ups begin with; their number follows.
const POPUP: &str = "popup-";

/// Height of the pop-up until its page has said its own: about one card.
const FIRST_HEIGHT: u32 = 220;

/// The number of the pop-up with this label; none for other windows.
pub(crate) fn popup_number(label: &str) -> Option<Number> {
    label.strip_prefix(POPUP)?.parse().ok()
}

fn popup_label(number: Number) -> String {
    format!("{POPUP}{number}")
}

/// What can be asked of the windows, or happens to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WindowAsk {
    OpenMain,
    CloseMain,
    MainGone,
    /// The process that draws it has ended.
    MainDied,
    /// Something about the pop-up of this number.
    Popup(Number, Popup),
    /// Whether there is an icon in the tray.
    Tray(bool),
    /// There is still no tray after a while.
    StayReachable,
}

/// A line to the windows' task. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Windows {
    asks: mpsc::UnboundedSender<WindowAsk>,
}

impl Windows {
    /// The line, and the task's end of it.
    pub(crate) fn new() -> (Self, mpsc::UnboundedReceiver<WindowAsk>) {
        let (asks, inbox) = mpsc::unbounded_channel();
        (Self { asks }, inbox)
    }

    /// Asks. After the end of the task there are no windows, and nobody to ask.
    pub(crate) fn ask(&self, ask: WindowAsk) {
        let _ = self.asks.send(ask);
    }
}

/// Shows every view and follows the plan, until Earshot ends. `windows` is the line that leads here.
pub(crate) async fn run(app: AppHandle, owner: Owner, windows: Windows, mut asks: mpsc::UnboundedReceiver<WindowAsk>) {
    let mut plan = Plan::new(FIRST_HEIGHT);
    let mut views = owner.views();
    let mut input = plan::facts(&views.borrow_and_update());
    loop {
        for step in plan.step(input, Instant::now()) {
            let what = format!("{step:?}");
            if let Err(error) = take(&app, &owner, &windows, step) {
                tracing::error!(%error, step = what, "a window did not obey");
            }
        }
        let deadline = plan.deadline();
        input = tokio::select! {
            changed = views.changed() => {
                if changed.is_err() {
                    return;
                }
                let view = views.borrow_and_update().clone();
                // Before any window is shown: what appears is then never older than what made it appear.
                if let Err(error) = send(&app, &view) {
                    tracing::error!(%error, "the view did not reach the pages");
                }
                plan::facts(&view)
            }
            ask = asks.recv() => match ask {
                Some(WindowAsk::OpenMain) => Input::OpenMain,
                Some(WindowAsk::CloseMain) => Input::CloseMain,
                Some(WindowAsk::MainGone) => Input::MainGone,
                Some(WindowAsk::Popup(number, what)) => {
                    match &what {
                        Popup::Ready => tracing::debug!(number, "a pop-up is ready"),
                        Popup::Drawn(legs) => tracing::debug!(number, cards = legs.len(), "drawn"),
                        _ => {}
                    }
                    Input::Popup(number, what)
                }
                Some(WindowAsk::MainDied) => Input::MainDied,
                Some(WindowAsk::Tray(there)) => Input::Tray(there),
                Some(WindowAsk::StayReachable) => Input::StayReachable,
                None => return,
            },
            () = until(deadline) => Input::Tick,
        };
    }
}

/// Tells the pages. One that does not listen to an event is not bothered with it.
fn send(app: &AppHandle, view: &AppView) -> tauri::Result<()> {
    app.emit(POPUP_EVENT, view.for_popup())?;
    app.emit(VIEW_EVENT, view)
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}

fn take(app: &AppHandle, owner: &Owner, windows: &Windows, step: Step) -> tauri::Result<()> {
    match step {
        Step::BuildPopup(number) => frames::build_popup(app, windows, number),
        Step::ShowPopup { number, height } => frames::show_popup(app, number, height),
        Step::ResizePopup { number, height } => frames::resize_popup(app, number, height),
        Step::HidePopup(number) => frames::hide(app, &popup_label(number)),
        Step::DestroyPopup { number, hangs } => frames::destroy_popup(app, number, hangs),
        Step::Doubt(number) => {
            tracing::warn!(number, "the pop-up does not draw; another is built beside it");
            Ok(())
        }
        Step::Report(painted) => {
            let after_ms = painted.after.as_millis();
            tracing::debug!(leg = painted.leg, after_ms, fresh = painted.fresh, "painted");
            Ok(())
        }
        Step::CallForHelp => {
            remark(owner, Some(no_popup()));
            frames::call_main(app, windows)
        }
        Step::Recovered => {
            remark(owner, None);
            Ok(())
        }
        Step::ReloadMain => {
            tracing::warn!("the main window's page ended; it is loaded anew");
            frames::reload(app, MAIN)
        }
        Step::ShowMain => frames::show_main(app, windows),
        Step::HideMain => frames::hide_main(app),
        Step::MinimiseMain => frames::minimise_main(app, windows),
        Step::DestroyMain => frames::destroy(app, MAIN),
    }
}

fn no_popup() -> Notice {
    let message = "Earshot's pop-up could not be drawn. Offers still ring, and are shown here.";
    let cure = "Earshot keeps trying. If this stays, restart Earshot.";
    Notice { severity: Severity::Warning, trouble: trouble("popup.blank", message, Some(cure), true) }
}

fn remark(owner: &Owner, remark: Option<Notice>) {
    owner.tell(Ask::Remark { about: "popup", remark });
}
