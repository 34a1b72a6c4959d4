//! The owner's task. Everything it starts runs in its own task set: nothing outlives it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use earshot_engine::desk::io::Command;
use earshot_engine::sign_in::{PATIENCE, SignedOut};
use earshot_engine::snapshot::{Notice, Snapshot, Trouble};
use earshot_engine::world::StoreError;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{AbortHandle, JoinSet};

use super::before::{self, Look};
use super::not_responding::NotResponding;
use super::{Answer, Ask, Start};
use crate::backend::{Backend, Session, Target};
use crate::ipc::{AppView, SignInForm};
use crate::keeper::Kept;
use crate::settings;
use crate::trouble::{not_now, trouble};
use crate::view::{Parts, assemble};

/// What ends at quitting may take this long (a revocation is one request); the process must not hang on a dead network.
const QUIT_WAIT: Duration = Duration::from_secs(3);

/// A sign-in under way. Only the newest counts: an older one that ends is recognised by its number.
pub(super) struct Attempt {
    number: u64,
    task: AbortHandle,
    /// When the browser is given up; the practice contact centre needs none.
    until: Option<i64>,
}

/// The session, while there is one.
pub(super) struct Held<G> {
    pub(super) session: Box<dyn Session<G>>,
    pub(super) target: Target,
    pub(super) snapshots: watch::Receiver<Arc<Snapshot>>,
    /// It goes on with a sign-in from before, of which Genesys Cloud has not accepted anything yet.
    pub(super) unproved: bool,
}

/// How a task ended.
pub(super) enum Finished<B: Backend> {
    SignIn {
        number: u64,
        result: Box<Result<(Target, B::Grant), Trouble>>,
    },
    /// The key store has answered.
    Looked {
        target: Target,
        found: Result<Option<B::Stored>, StoreError>,
    },
    /// The person signed out, and this came of it.
    SignedOut(Option<SignedOut>),
    Done,
    /// Who waited for it has been told.
    Answered,
}

pub(super) struct Actor<B: Backend> {
    pub(super) backend: Arc<B>,
    pub(super) start: Start,
    sound_trouble: Option<Trouble>,
    /// As it was read last: at the start, and after each change.
    start_at_login: bool,
    settings_open: bool,
    /// By subject.
    remarks: BTreeMap<&'static str, Notice>,
    not_responding: NotResponding,
    /// Why the last sign-in failed, or the session ended.
    pub(super) trouble: Option<Trouble>,
    /// A person uses this computer; each new session is told.
    person_here: bool,
    pub(super) attempt: Option<Attempt>,
    attempts: u64,
    pub(super) held: Option<Held<B::Grant>>,
    pub(super) tasks: JoinSet<Finished<B>>,
    /// Looking for a sign-in from before.
    pub(super) look: Option<Look>,
    /// What came of signing out.
    pub(super) farewell: Option<Notice>,
    views: watch::Sender<Arc<AppView>>,
    revision: u64,
}

impl<B: Backend> Actor<B> {
    pub(super) fn new(backend: B, start: Start) -> (Self, watch::Receiver<Arc<AppView>>) {
        let start_at_login = starts_at_login(&start);
        let (kept, remarks) = (start.kept.borrow().clone(), BTreeMap::new());
        let resuming = !start.settings.signed_out && before::place(&start).is_some();
        let first = Parts { start_at_login, resuming, ..parts(&start, &kept, None, None, None, None, &remarks) };
        let (views, receiver) = watch::channel(Arc::new(assemble(1, &first)));
        let actor = Self {
            backend: Arc::new(backend),
            start,
            sound_trouble: None,
            start_at_login,
            settings_open: false,
            remarks,
            not_responding: NotResponding::default(),
            trouble: None,
            person_here: false,
            attempt: None,
            attempts: 0,
            held: None,
            tasks: JoinSet::new(),
            look: None,
            farewell: None,
            views,
            revision: 1,
        };
        (actor, receiver)
    }

    pub(super) async fn run(mut self, mut asks: mpsc::UnboundedReceiver<(Ask, oneshot::Sender<Answer>)>) {
        self.look_for_sign_in();
        loop {
            tokio::select! {
                ask = asks.recv() => match ask {
                    Some((Ask::Quit, answer)) => {
                        self.quit().await;
                        let _ = answer.send(Ok(()));
                        return;
                    }
                    Some((Ask::GoingToSleep, answer)) => {
                        self.going_to_sleep(answer);
                        continue;
                    }
                    Some((ask, answer)) => {
                        // Whoever asked may have gone; the view tells the rest.
                        let _ = answer.send(self.obey(ask));
                    }
                    None => return self.quit().await,
                },
                Some(finished) = self.tasks.join_next(), if !self.tasks.is_empty() => match finished {
                    Ok(Finished::SignIn { number, result }) => self.signed_in(number, *result),
                    Ok(Finished::Looked { target, found }) => self.looked(&target, found),
                    Ok(Finished::SignedOut(came_of_it)) => self.signed_out(came_of_it.as_ref()),
                    Ok(Finished::Done | Finished::Answered) => continue,
                    Err(error) if error.is_cancelled() => continue,
                    Err(error) => {
                        tracing::error!(%error, "a task of the shell has failed");
                        self.attempt_failed();
                    }
                },
                () = before::patience(self.look.as_ref()) => self.store_is_slow(),
                alive = changed(self.held.as_mut()) => if alive {
                    self.prove_sign_in();
                } else {
                    tracing::error!("the session has ended by itself");
                    self.held = None;
                    let message = "The session ended unexpectedly.";
                    self.trouble = Some(trouble("session.ended", message, Some("Sign in again."), true));
                },
                () = news(&mut self.start.kept) => {}
            }
            self.publish();
        }
    }

    fn obey(&mut self, ask: Ask) -> Answer {
        match ask {
            Ask::SignIn(form) => self.sign_in(form),
            Ask::CancelSignIn => {
                self.cancel_attempt();
                Ok(())
            }
            Ask::Practice => self.practice(),
            Ask::SignOut => {
                self.cancel_attempt();
                self.sign_out();
                Ok(())
            }
            Ask::Desk(command) => self.command(command),
            Ask::HideNotResponding => {
                let snapshot = self.held.as_ref().map(|held| held.snapshots.borrow().clone());
                self.not_responding.hide(snapshot.as_deref());
                Ok(())
            }
            Ask::ReconnectNow => {
                let held = self.held.as_ref().ok_or_else(|| not_now("Nobody is signed in."))?;
                held.session.reconnect_now();
                Ok(())
            }
            Ask::ShowSettings(open) => {
                self.settings_open = open;
                Ok(())
            }
            Ask::SetSound { ring, volume } => {
                self.start.settings.ring = ring;
                self.start.settings.volume = volume.min(100);
                self.save();
                Ok(())
            }
            Ask::SetStartAtLogin(_) if self.start.overrides.autostart().is_some() => {
                Err(not_now("Your administrator has set whether Earshot starts when you log in."))
            }
            Ask::SetStartAtLogin(on) => {
                let done = self.start.autostart.set(on);
                self.start_at_login = self.start.autostart.is_on();
                Ok(done?)
            }
            Ask::SoundTrouble(trouble) => {
                self.sound_trouble = trouble;
                Ok(())
            }
            Ask::Remark { about, remark } => {
                match remark {
                    Some(notice) => self.remarks.insert(about, notice),
                    None => self.remarks.remove(about),
                };
                Ok(())
            }
            // With nobody signed in there is no link to wake, and no token to keep.
            Ask::Woke => {
                self.held.iter().for_each(|held| held.session.woke());
                Ok(())
            }
            Ask::PersonHere(here) => {
                self.person_here = here;
                self.held.iter().for_each(|held| held.session.person_here(here));
                Ok(())
            }
            Ask::GoingToSleep | Ask::Quit => Ok(()),
        }
    }

    /// Answers when the session has written it down; meanwhile everything else goes on.
    fn going_to_sleep(&mut self, answer: oneshot::Sender<Answer>) {
        let written = self.held.as_ref().map(|held| held.session.going_to_sleep());
        self.tasks.spawn(async move {
            if let Some(written) = written {
                written.await;
            }
            // Whoever asked may have waited long enough.
            let _ = answer.send(Ok(()));
            Finished::Answered
        });
    }

    fn command(&self, command: Command) -> Answer {
        let held = self.held.as_ref().ok_or_else(|| not_now("Nobody is signed in."))?;
        held.session.command(command);
        Ok(())
    }

    fn sign_in(&mut self, form: SignInForm) -> Answer {
        let form = self.start.overrides.apply(form);
        let target = self.start.overrides.target(&form)?;
        self.start.overrides.remember(&mut self.start.settings, &form);
        self.start.settings_trouble = None;
        self.save();
        let until = now().saturating_add(i64::try_from(PATIENCE.as_millis()).unwrap_or(i64::MAX));
        let backend = Arc::clone(&self.backend);
        self.begin(Some(until), async move {
            let grant = backend.sign_in(&target).await?;
            Ok((target, grant))
        });
        Ok(())
    }

    fn practice(&mut self) -> Answer {
        if self.held.is_some() {
            return Err(not_now("Sign out first, then practise."));
        }
        let backend = Arc::clone(&self.backend);
        self.begin(None, async move { backend.practice().await });
        Ok(())
    }

    fn begin(
        &mut self,
        until: Option<i64>,
        work: impl Future<Output = Result<(Target, B::Grant), Trouble>> + Send + 'static,
    ) {
        self.cancel_attempt();
        self.look_no_further();
        self.trouble = None;
        self.farewell = None;
        self.attempts += 1;
        let number = self.attempts;
        let task = self.tasks.spawn(async move { Finished::SignIn { number, result: Box::new(work.await) } });
        self.attempt = Some(Attempt { number, task, until });
    }

    fn signed_in(&mut self, number: u64, result: Result<(Target, B::Grant), Trouble>) {
        if self.attempt.as_ref().is_none_or(|attempt| attempt.number != number) {
            return;
        }
        self.attempt = None;
        let done = result.and_then(|(target, grant)| {
            self.remember_signed_out(target.practice, false);
            match &mut self.held {
                // The same Genesys Cloud: the session goes on with the new sign-in, nothing on the desk is lost.
                Some(held) if held.target == target => {
                    held.unproved = false;
                    held.session.renew(grant);
                    Ok(())
                }
                _ => self.open(target, grant),
            }
        });
        if let Err(trouble) = done {
            tracing::warn!(code = trouble.code, "sign-in failed");
            self.trouble = Some(trouble);
        }
    }

    fn open(&mut self, target: Target, grant: B::Grant) -> Result<(), Trouble> {
        self.end_session(true);
        let session = self.backend.open(&target, grant)?;
        self.hold(session, target, false);
        Ok(())
    }

    pub(super) fn hold(&mut self, session: Box<dyn Session<B::Grant>>, target: Target, unproved: bool) {
        session.person_here(self.person_here);
        let snapshots = session.snapshots();
        self.held = Some(Held { session, target, snapshots, unproved });
    }

    /// The task of the newest attempt may be the one that failed.
    fn attempt_failed(&mut self) {
        if self.attempt.as_ref().is_some_and(|attempt| attempt.task.is_finished()) {
            self.attempt = None;
            let message = "Signing in failed because of a fault in Earshot.";
            self.trouble = Some(trouble("sign_in.fault", message, Some("Try again."), true));
        }
    }

    fn cancel_attempt(&mut self) {
        if let Some(attempt) = self.attempt.take() {
            attempt.task.abort();
        }
    }

    pub(super) fn end_session(&mut self, sign_out: bool) {
        self.settings_open = false;
        if let Some(held) = self.held.take() {
            self.tasks.spawn(async move {
                held.session.end(sign_out).await;
                Finished::Done
            });
        }
    }

    async fn quit(&mut self) {
        self.cancel_attempt();
        self.look_no_further();
        self.end_session(false);
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(QUIT_WAIT, all).await.is_err() {
            tracing::warn!("the session took too long to end");
        }
        self.publish();
    }

    pub(super) fn save(&mut self) {
        match (self.start.save)(&self.start.settings) {
            Ok(()) => {
                self.start.settings_trouble.take_if(|trouble| trouble.code == settings::UNSAVED);
            }
            Err(trouble) => {
                tracing::warn!(code = trouble.code, "{}", trouble.message);
                self.start.settings_trouble = Some(trouble);
            }
        }
    }

    fn publish(&mut self) {
        self.revision += 1;
        let held = self.held.as_ref();
        let snapshot = held.map(|held| held.snapshots.borrow().clone());
        let until = self.attempt.as_ref().and_then(|attempt| attempt.until);
        let kept = self.start.kept.borrow().clone();
        let not_responding = self.not_responding.look(snapshot.as_deref());
        let (trouble, sound_trouble) = (self.trouble.as_ref(), self.sound_trouble.as_ref());
        let mut parts = parts(&self.start, &kept, snapshot.as_deref(), until, trouble, sound_trouble, &self.remarks);
        parts.not_responding = not_responding;
        parts.start_at_login = self.start_at_login;
        parts.settings_open = self.settings_open;
        parts.practice = held.is_some_and(|held| held.target.practice);
        parts.resuming = self.look.as_ref().is_some_and(|look| !look.late);
        parts.farewell = self.farewell.as_ref();
        self.views.send_replace(Arc::new(assemble(self.revision, &parts)));
    }
}

/// Whether Earshot starts at login, after what an administrator wants has been seen to.
fn starts_at_login(start: &Start) -> bool {
    let on = start.autostart.is_on();
    if let Some(wanted) = start.overrides.autostart().filter(|wanted| *wanted != on)
        && let Err(trouble) = start.autostart.set(wanted)
    {
        tracing::warn!(code = trouble.code, "{}", trouble.message);
    }
    start.autostart.is_on()
}

fn parts<'a>(
    start: &'a Start,
    kept: &'a Kept,
    snapshot: Option<&'a Snapshot>,
    signing_in_until: Option<i64>,
    trouble: Option<&'a Trouble>,
    sound_trouble: Option<&'a Trouble>,
    remarks: &'a BTreeMap<&'static str, Notice>,
) -> Parts<'a> {
    Parts {
        snapshot,
        not_responding: None,
        practice: false,
        start_at_login: false,
        settings_open: false,
        signing_in_until,
        resuming: false,
        trouble,
        farewell: None,
        settings: &start.settings,
        overrides: &start.overrides,
        settings_trouble: start.settings_trouble.as_ref(),
        sound_trouble,
        remarks,
        kept,
    }
}

/// Waits for something new from the keeper of the record. One that is gone has nothing more to say.
async fn news(kept: &mut watch::Receiver<Kept>) {
    if kept.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Waits for the session's next snapshot; false: the session is no more.
async fn changed<G>(held: Option<&mut Held<G>>) -> bool {
    match held {
        Some(held) => held.snapshots.changed().await.is_ok(),
        None => std::future::pending().await,
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
