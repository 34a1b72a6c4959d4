//! Native notifications: one for each offer that waits, with the buttons of the pop-up, and one while the agent is Not
//! Responding. They mirror the pop-up and never replace it: the ring and the pop-up know nothing of this room.
//!
//! `card` says what each says, `plan` decides what to show and withdraw, `text` makes strangers' words harmless; a
//! [`Notifier`] does it, and says what came of it. This file is the task between them: it alone listens, it waits for
//! nobody longer than a server may take, and a press goes to the owner as the same words as a press on the page.
//!
//! What each platform can do:
//! - Linux (`xdg`, `org.freedesktop.Notifications` over D-Bus): all of it, as far as the desktop's server goes, which is
//!   asked. Tried with xfce4-notifyd and with servers that lack each thing; GNOME, KDE, MATE and Cinnamon by their documents.
//! - Windows and macOS: none. What can be had there today can show a notification, but cannot take back one whose offer
//!   is over; the pop-up does it all.

mod card;
mod plan;
#[cfg(target_os = "linux")]
mod quiet;
#[cfg(target_os = "linux")]
pub(crate) mod server;
mod text;
#[cfg(target_os = "linux")]
pub(crate) mod xdg;

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use earshot_engine::snapshot::{Notice, Severity};
use tokio::sync::watch;

use crate::ipc::AppView;
use crate::owner::{Ask, Owner};
use crate::trouble::trouble;
use crate::windows::{WindowAsk, Windows};
use card::{Button, Card, Key};
use plan::{Input, Plan, Step};

/// What becomes of a notification on this computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is on the screen, with its buttons.
    Shown,
    /// The server has it, and the person wants quiet: it may be on the screen or not.
    DoNotDisturb,
    /// It is on the screen, but its buttons are not.
    NoButtons,
    /// This desktop has no notification server.
    NoServer,
    /// It is not on the screen, and why.
    Failed(String),
}

impl Outcome {
    /// Whether the server has taken it.
    fn taken(&self) -> bool {
        matches!(self, Self::Shown | Self::DoNotDisturb | Self::NoButtons)
    }
}

/// What happens to notifications.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Happening {
    /// A button, or (`None`) the notification itself.
    Pressed(Key, Option<Button>),
    Closed(Key),
    /// The server is gone, and with it all that it showed.
    Gone,
    Back,
    /// The person wants quiet, or no longer.
    Quiet,
}

/// Shows notifications: one for each key, in the place of the last of that key.
#[async_trait]
pub(crate) trait Notifier: Send {
    /// What would come of a notification now.
    async fn look(&mut self) -> Outcome;
    /// Shows it.
    async fn show(&mut self, card: &Card) -> Outcome;
    /// Takes it off the screen, if it is there.
    async fn withdraw(&mut self, key: &Key);
    /// The next thing that happens. Dropped, nothing is lost.
    async fn next(&mut self) -> Happening;
}

/// What the task asks of the rest of the shell.
pub(crate) trait Shell: Send {
    fn ask(&self, ask: Ask);
    /// Brings the main window to the front.
    fn open(&self);
}

/// The rest of the shell, as it is.
pub(crate) struct Line {
    pub(crate) owner: Owner,
    pub(crate) windows: Windows,
}

impl Shell for Line {
    fn ask(&self, ask: Ask) {
        self.owner.tell(ask);
    }
    fn open(&self) {
        self.windows.ask(WindowAsk::OpenMain);
    }
}

/// Keeps the notifications true to the views, until Earshot ends; then there are none.
pub(crate) async fn run(mut notifier: impl Notifier, shell: impl Shell, mut views: watch::Receiver<Arc<AppView>>) {
    let mut plan = Plan::default();
    let mut said = None;
    remark(&shell, &mut said, &notifier.look().await);
    let mut input = Input::Wanted(card::cards(&views.borrow_and_update()));
    loop {
        for step in plan.step(input, now()) {
            take(step, &mut notifier, &shell, &mut plan, &mut said).await;
        }
        let deadline = plan.deadline();
        input = tokio::select! {
            changed = views.changed() => match changed {
                Ok(()) => Input::Wanted(card::cards(&views.borrow_and_update())),
                Err(_) => break,
            },
            happening = notifier.next() => {
                if matches!(happening, Happening::Gone | Happening::Back | Happening::Quiet) {
                    remark(&shell, &mut said, &notifier.look().await);
                }
                match happening {
                    Happening::Pressed(key, button) => Input::Pressed(key, button),
                    Happening::Closed(key) => Input::Closed(key),
                    Happening::Gone => Input::Gone,
                    Happening::Back => Input::Back,
                    Happening::Quiet => Input::Tick,
                }
            }
            () = until(deadline) => Input::Tick,
        };
    }
    for step in plan.step(Input::Wanted(Vec::new()), now()) {
        take(step, &mut notifier, &shell, &mut plan, &mut said).await;
    }
}

async fn take(
    step: Step,
    notifier: &mut impl Notifier,
    shell: &impl Shell,
    plan: &mut Plan,
    said: &mut Option<Outcome>,
) {
    match step {
        Step::Show(card) => {
            let outcome = notifier.show(&card).await;
            tracing::debug!(?outcome, "a notification");
            if !outcome.taken() {
                // Nothing follows at once: it is tried again later.
                plan.step(Input::NotShown(card.key), now());
            }
            remark(shell, said, &outcome);
        }
        Step::Withdraw(key) => notifier.withdraw(&key).await,
        Step::Act(key, button) => {
            if let Some(ask) = card::asks(&key, button) {
                tracing::debug!(button = button.id(), "pressed in a notification");
                shell.ask(ask);
            }
        }
        Step::Open => shell.open(),
        Step::Stale => tracing::info!("a button of a notification was pressed whose offer is over; nothing was sent"),
    }
}

/// Says what a person should know about notifications here, when that changes.
fn remark(shell: &impl Shell, said: &mut Option<Outcome>, outcome: &Outcome) {
    if said.as_ref() != Some(outcome) {
        tracing::info!(?outcome, "notifications");
        shell.ask(Ask::Remark { about: "notifications", remark: words(outcome) });
        *said = Some(outcome.clone());
    }
}

fn words(outcome: &Outcome) -> Option<Notice> {
    let (severity, code, message) = match outcome {
        Outcome::Shown => return None,
        Outcome::DoNotDisturb => (
            Severity::Info,
            "notifications.quiet",
            "Your desktop is set to do not disturb. Earshot still rings and shows its own pop-up.".to_owned(),
        ),
        Outcome::NoButtons => (
            Severity::Info,
            "notifications.no_buttons",
            "This desktop's notifications have no buttons. Answer in Earshot's own pop-up.".to_owned(),
        ),
        Outcome::NoServer => (
            Severity::Info,
            "notifications.no_server",
            "This desktop shows no notifications. Earshot still rings and shows its own pop-up.".to_owned(),
        ),
        Outcome::Failed(why) => (
            Severity::Warning,
            "notifications.failed",
            format!("Your desktop's notifications do not work ({why}). Earshot still rings and shows its own pop-up."),
        ),
    };
    Some(Notice { severity, trouble: trouble(code, message, None, true) })
}

/// By the clock that the task sleeps by.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
