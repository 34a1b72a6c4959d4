//! The sign-in from before: how Earshot comes back to it after a start, and how it is left for good.

use earshot_engine::limits::STORE_PATIENCE;
use earshot_engine::sign_in::SignedOut;
use earshot_engine::snapshot::{LinkState, Notice, Severity};
use earshot_engine::world::StoreError;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until};

use super::Start;
use super::actor::{Actor, Finished};
use crate::backend::{Backend, Target};
use crate::credentials;
use crate::trouble::trouble;

/// Code of the one trouble after which a stored sign-in is worth nothing.
const REFUSED: &str = "sign_in.needed";

/// The key store has been asked.
pub(super) struct Look {
    task: AbortHandle,
    /// After this the agent is shown the sign-in form, whatever the store may say later.
    until: Instant,
    pub(super) late: bool,
}

/// Where a sign-in from before would be, if there is to be one.
pub(super) fn place(start: &Start) -> Option<Target> {
    let form = start.overrides.apply(start.settings.form());
    start.overrides.target(&form).ok().filter(|_| start.resume)
}

/// Waits until the key store counts as slow.
pub(super) async fn patience(look: Option<&Look>) {
    match look {
        Some(look) if !look.late => sleep_until(look.until).await,
        _ => std::future::pending().await,
    }
}

impl<B: Backend> Actor<B> {
    /// At the start: asks the key store, or has it forget what a sign-out could not remove.
    pub(super) fn look_for_sign_in(&mut self) {
        let Some(target) = place(&self.start) else { return };
        let backend = self.backend.clone();
        if self.start.settings.signed_out {
            self.tasks.spawn(async move {
                backend.forget(&target).await;
                Finished::Done
            });
            return;
        }
        let task = self.tasks.spawn(async move {
            let found = backend.stored(&target).await;
            Finished::Looked { target, found }
        });
        self.look = Some(Look { task, until: Instant::now() + STORE_PATIENCE, late: false });
    }

    /// A person has begun something else.
    pub(super) fn look_no_further(&mut self) {
        if let Some(look) = self.look.take() {
            look.task.abort();
        }
    }

    /// The agent does not wait for the key store any longer; Earshot does.
    pub(super) fn store_is_slow(&mut self) {
        if let Some(look) = &mut self.look {
            look.late = true;
            self.trouble = Some(credentials::not_found(&StoreError::Slow));
        }
    }

    pub(super) fn looked(&mut self, target: &Target, found: Result<Option<B::Stored>, StoreError>) {
        // An answer that comes after a person has begun to sign in.
        if self.look.take().is_none() {
            return;
        }
        self.trouble = match found.map(|found| found.map(|stored| self.backend.resume(target, stored))) {
            Ok(None) => None,
            Ok(Some(Ok(session))) => {
                self.hold(session, target.clone(), true);
                None
            }
            Ok(Some(Err(trouble))) => Some(trouble),
            Err(error) => {
                tracing::warn!(%error, "no sign-in from before");
                Some(credentials::not_found(&error))
            }
        };
    }

    /// Genesys Cloud accepts the sign-in from before, or refuses it for good: then it is removed, and the form says why.
    pub(super) fn prove_sign_in(&mut self) {
        let Some(held) = self.held.as_mut().filter(|held| held.unproved) else { return };
        let link = held.snapshots.borrow().link.clone();
        match link.state {
            LinkState::Connected => held.unproved = false,
            LinkState::SignInNeeded if link.trouble.as_ref().is_some_and(|trouble| trouble.code == REFUSED) => {
                // A sign-in that is under way goes on.
                self.trouble = self.attempt.is_none().then_some(link.trouble).flatten();
                self.end_session(true);
            }
            _ => {}
        }
    }

    /// The person signs out.
    pub(super) fn sign_out(&mut self) {
        self.look_no_further();
        self.trouble = None;
        let Some(held) = self.held.take() else { return };
        let practice = held.target.practice;
        self.remember_signed_out(practice, true);
        if !practice {
            let pending = trouble("signed_out.pending", "Signing out…", None, false);
            self.farewell = Some(Notice { severity: Severity::Info, trouble: pending });
        }
        self.tasks.spawn(async move {
            let signed_out = held.session.end(true).await;
            Finished::SignedOut(signed_out.filter(|_| !practice))
        });
    }

    /// Says what came of it, unless somebody has begun something else meanwhile.
    pub(super) fn signed_out(&mut self, came_of_it: Option<&SignedOut>) {
        if self.held.is_none() && self.attempt.is_none() {
            self.farewell = came_of_it.map(credentials::farewell);
        }
    }

    /// So that whatever a sign-out had to leave behind signs nobody in at the next start.
    pub(super) fn remember_signed_out(&mut self, practice: bool, signed_out: bool) {
        if !practice && self.start.settings.signed_out != signed_out {
            self.start.settings.signed_out = signed_out;
            self.save();
        }
    }
}
