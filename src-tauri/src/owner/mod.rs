//! The one owner of the shell's state: stage, session, settings, sound. Commands come in by a channel, the complete view
//! goes out by a watch; whoever shows, rings or draws an icon follows that. Knows no Tauri.

mod actor;
mod before;
mod not_responding;
#[cfg(test)]
pub(crate) mod tests;

use std::sync::Arc;

use earshot_engine::snapshot::{Notice, Trouble};
use tokio::sync::{mpsc, oneshot, watch};

use crate::autostart::Autostart;
use crate::backend::Backend;
use crate::ipc::{AppView, SignInForm, WireError};
use crate::keeper::Kept;
use crate::overrides::Overrides;
use crate::settings::Settings;
use crate::trouble;

/// Writes the settings down.
pub(crate) type Save = Box<dyn Fn(&Settings) -> Result<(), Trouble> + Send>;

/// What the owner begins with.
pub(crate) struct Start {
    pub(crate) settings: Settings,
    pub(crate) settings_trouble: Option<Trouble>,
    pub(crate) overrides: Overrides,
    pub(crate) save: Save,
    /// Where the desktop is told what to start at login.
    pub(crate) autostart: Box<dyn Autostart>,
    /// What the keeper of the record has to say.
    pub(crate) kept: watch::Receiver<Kept>,
    /// Go on with a sign-in from before, where there is one.
    pub(crate) resume: bool,
}

/// What can be asked of the owner.
#[derive(Debug)]
pub(crate) enum Ask {
    SignIn(SignInForm),
    CancelSignIn,
    Practice,
    SignOut,
    Desk(earshot_engine::desk::io::Command),
    /// Say no more that the agent is Not Responding, until the next time.
    HideNotResponding,
    ReconnectNow,
    /// Show the settings on the desk, or put them away.
    ShowSettings(bool),
    SetSound {
        ring: bool,
        volume: u8,
    },
    SetStartAtLogin(bool),
    /// Sound stopped or began to work.
    SoundTrouble(Option<Trouble>),
    /// Something about this computer that a person should know, or that is over: the newest word on its subject counts.
    Remark {
        about: &'static str,
        remark: Option<Notice>,
    },
    /// The computer is about to sleep; answered when that is on record.
    GoingToSleep,
    /// The computer woke up, or its network changed.
    Woke,
    /// A person uses this computer.
    PersonHere(bool),
    /// End everything; answered when nothing runs any more.
    Quit,
}

type Answer = Result<(), WireError>;

/// A line to the owner. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Owner {
    asks: mpsc::UnboundedSender<(Ask, oneshot::Sender<Answer>)>,
    views: watch::Receiver<Arc<AppView>>,
}

impl Owner {
    /// Starts the owner; the future is its life, to be spawned.
    pub(crate) fn new<B: Backend>(backend: B, start: Start) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (asks, inbox) = mpsc::unbounded_channel();
        let (actor, views) = actor::Actor::new(backend, start);
        (Self { asks, views }, actor.run(inbox))
    }

    /// Asks, and waits for the answer.
    pub(crate) async fn ask(&self, ask: Ask) -> Answer {
        self.tell(ask).await.unwrap_or_else(|_| Err(trouble::ending()))
    }

    /// Asks without waiting. What comes of it shows in the view.
    pub(crate) fn tell(&self, ask: Ask) -> oneshot::Receiver<Answer> {
        let (answer, answered) = oneshot::channel();
        // A failed send drops `answer`, which the receiver sees as an owner that has ended.
        let _ = self.asks.send((ask, answer));
        answered
    }

    /// The newest view.
    pub(crate) fn view(&self) -> Arc<AppView> {
        self.views.borrow().clone()
    }

    /// All views from now on.
    pub(crate) fn views(&self) -> watch::Receiver<Arc<AppView>> {
        self.views.clone()
    }
}
