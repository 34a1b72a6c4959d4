//! The two windows. `plan` decides, `geometry` computes, `frames` builds and moves; this is the task that connects them
//! with the views and the rest of the shell.

mod frames;
mod geometry;
mod plan;

use std::sync::Arc;
use std::time::Instant;

use tauri::{AppHandle, Emitter};
use tokio::sync::{mpsc, watch};

use crate::ipc::{AppView, VIEW_EVENT};
use plan::{Input, Plan, Step};

/// Label of the main window.
pub(crate) const MAIN: &str = "main";
/// Label of the pop-up.
pub(crate) const POPUP: &str = "popup";

/// Height of the pop-up until its page has said its own: about one card.
const FIRST_HEIGHT: u32 = 220;

/// What can be asked of the windows, or happens to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WindowAsk {
    OpenMain,
    CloseMain,
    MainGone,
    PopupGone,
    PopupHeight(u32),
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

/// Shows every view and follows the plan, until Earshot ends.
pub(crate) async fn run(
    app: AppHandle,
    mut views: watch::Receiver<Arc<AppView>>,
    mut asks: mpsc::UnboundedReceiver<WindowAsk>,
) {
    let mut plan = Plan::new(FIRST_HEIGHT);
    let mut input = plan::facts(&views.borrow_and_update());
    loop {
        for step in plan.step(input, Instant::now()) {
            if let Err(error) = take(&app, step) {
                tracing::error!(%error, ?step, "a window did not obey");
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
                if let Err(error) = app.emit(VIEW_EVENT, &*view) {
                    tracing::error!(%error, "the view did not reach the pages");
                }
                plan::facts(&view)
            }
            ask = asks.recv() => match ask {
                Some(WindowAsk::OpenMain) => Input::OpenMain,
                Some(WindowAsk::CloseMain) => Input::CloseMain,
                Some(WindowAsk::MainGone) => Input::MainGone,
                Some(WindowAsk::PopupGone) => Input::PopupGone,
                Some(WindowAsk::PopupHeight(height)) => Input::PopupHeight(height),
                Some(WindowAsk::Tray(there)) => Input::Tray(there),
                Some(WindowAsk::StayReachable) => Input::StayReachable,
                None => return,
            },
            () = until(deadline) => Input::Tick,
        };
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}

fn take(app: &AppHandle, step: Step) -> tauri::Result<()> {
    match step {
        Step::BuildPopup => frames::build_popup(app),
        Step::ShowPopup { height } => frames::show_popup(app, height),
        Step::ResizePopup { height } => frames::resize_popup(app, height),
        Step::HidePopup => frames::hide(app, POPUP),
        Step::DestroyPopup => frames::destroy(app, POPUP),
        Step::ShowMain => frames::show_main(app),
        Step::HideMain => frames::hide(app, MAIN),
        Step::MinimiseMain => frames::minimise_main(app),
        Step::DestroyMain => frames::destroy(app, MAIN),
    }
}
