//! The world of the owner's tests: a backend whose sign-ins end when the test says so, sessions that write down what they
//! are told, settings on paper. And the words in which the tests wait for what comes of it.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use earshot_engine::desk::io::Command;
use earshot_engine::sign_in::SignedOut;
use earshot_engine::snapshot::{Snapshot, Trouble};
use earshot_engine::world::StoreError;
use earshot_genesys::hosts::Environment;
use tokio::sync::{oneshot, watch};

use crate::autostart::Autostart;
use crate::backend::{Backend, Session, Target};
use crate::ipc::{AppView, SignInForm, Stage};
use crate::keeper::Kept;
use crate::overrides::Overrides;
use crate::owner::{Ask, Owner, Start};
use crate::settings::Settings;
use crate::trouble::trouble;

/// No test waits longer than this for something that should happen at once.
const SOON: Duration = Duration::from_secs(30);

pub(super) type Outcome = Result<u32, Trouble>;
pub(super) type Found = Result<Option<&'static str>, StoreError>;

/// What happened in the world, and the levers of the test.
#[derive(Default)]
pub(crate) struct World {
    log: Mutex<Vec<String>>,
    /// Ends of the sign-ins, in the order in which they begin.
    sign_ins: Mutex<Vec<oneshot::Sender<Outcome>>>,
    session: Mutex<Option<watch::Sender<Arc<Snapshot>>>>,
    /// What the key store answers.
    key_store: Mutex<Option<oneshot::Sender<Found>>>,
    /// What comes of signing out.
    signing_out: Mutex<Option<SignedOut>>,
}

impl World {
    pub(crate) fn note(&self, line: impl Into<String>) {
        self.log.lock().expect("the log").push(line.into());
    }

    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().expect("the log").clone()
    }

    /// Waits for the newest sign-in to begin: what ends it.
    pub(super) async fn sign_in_begins(&self) -> oneshot::Sender<Outcome> {
        until(|| self.sign_ins.lock().expect("the levers").pop()).await
    }

    pub(super) async fn sign_in_ends(&self, outcome: Outcome) {
        self.sign_in_begins().await.send(outcome).expect("somebody waits for the sign-in");
    }

    /// Waits for the key store to be asked: what it answers with.
    pub(super) async fn key_store_is_asked(&self) -> oneshot::Sender<Found> {
        until(|| self.key_store.lock().expect("the lever").take()).await
    }

    pub(super) async fn key_store_answers(&self, found: Found) {
        self.key_store_is_asked().await.send(found).expect("somebody waits for the key store");
    }

    pub(super) fn tell(&self, snapshot: Snapshot) {
        let session = self.session.lock().expect("the session");
        session.as_ref().expect("a session").send_replace(Arc::new(snapshot));
    }

    pub(super) fn session_dies(&self) {
        self.session.lock().expect("the session").take();
    }

    /// What will come of signing out.
    pub(super) fn signing_out_leads_to(&self, what: SignedOut) {
        *self.signing_out.lock().expect("what comes of it") = Some(what);
    }

    /// Waits until this line is in the log.
    pub(super) async fn has_logged(&self, line: &str) {
        until(|| self.log().iter().any(|each| each == line).then_some(())).await;
    }
}

/// The settings that were saved, in their order.
#[derive(Clone, Default)]
pub(super) struct Paper(Arc<Mutex<Vec<Settings>>>);

impl Paper {
    pub(super) fn all(&self) -> Vec<Settings> {
        self.0.lock().expect("the paper").clone()
    }

    pub(super) fn newest(&self) -> Settings {
        self.all().pop().expect("something saved")
    }
}

/// What is started at login, on paper. Its second word: it cannot be written.
#[derive(Default)]
pub(super) struct Login(pub(super) Arc<AtomicBool>, pub(super) bool);

impl Autostart for Login {
    fn is_on(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
    fn set(&self, on: bool) -> Result<(), Trouble> {
        if self.1 {
            return Err(trouble("autostart.unwritten", "No room.", None, true));
        }
        self.0.store(on, Ordering::SeqCst);
        Ok(())
    }
}

struct Backstage(Arc<World>);
struct Stagehand(Arc<World>, watch::Receiver<Arc<Snapshot>>);

impl Backstage {
    fn session(&self) -> Box<dyn Session<u32>> {
        let (sender, receiver) = watch::channel(Arc::new(Snapshot::default()));
        *self.0.session.lock().expect("the session") = Some(sender);
        Box::new(Stagehand(Arc::clone(&self.0), receiver))
    }
}

#[async_trait]
impl Backend for Backstage {
    type Grant = u32;
    type Stored = &'static str;

    async fn sign_in(&self, target: &Target) -> Outcome {
        self.0.note(format!("browser for {}", target.client_id));
        let (lever, end) = oneshot::channel();
        self.0.sign_ins.lock().expect("the levers").push(lever);
        end.await.expect("the test ends the sign-in")
    }

    async fn practice(&self) -> Result<(Target, u32), Trouble> {
        let environment = Environment::custom("http://127.0.0.1:1", "http://127.0.0.1:1").expect("an environment");
        Ok((Target { practice: true, ..Target::new(environment, "practice".to_owned()) }, 0))
    }

    async fn stored(&self, target: &Target) -> Result<Option<&'static str>, StoreError> {
        self.0.note(format!("key store for {}", target.client_id));
        let (lever, end) = oneshot::channel();
        *self.0.key_store.lock().expect("the lever") = Some(lever);
        end.await.expect("the test lets the key store answer")
    }

    async fn forget(&self, target: &Target) {
        self.0.note(format!("forget {}", target.client_id));
    }

    fn resume(&self, target: &Target, stored: &'static str) -> Result<Box<dyn Session<u32>>, Trouble> {
        self.0.note(format!("resumed {stored} for {}", target.client_id));
        Ok(self.session())
    }

    fn open(&self, target: &Target, grant: u32) -> Result<Box<dyn Session<u32>>, Trouble> {
        self.0.note(format!("session {grant} for {}", target.client_id));
        Ok(self.session())
    }
}

#[async_trait]
impl Session<u32> for Stagehand {
    fn snapshots(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.1.clone()
    }
    fn command(&self, command: Command) {
        self.0.note(format!("{command:?}"));
    }
    fn reconnect_now(&self) {
        self.0.note("reconnect now");
    }
    fn going_to_sleep(&self) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let world = Arc::clone(&self.0);
        Box::pin(async move { world.note("sleep is on record") })
    }
    fn woke(&self) {
        self.0.note("woke");
    }
    fn person_here(&self, here: bool) {
        // That nobody is known to be there is what a session begins with.
        if here || self.0.log().contains(&"somebody is here".to_owned()) {
            self.0.note(if here { "somebody is here" } else { "nobody is here" });
        }
    }
    fn renew(&self, grant: u32) {
        self.0.note(format!("renewed with {grant}"));
    }
    async fn end(self: Box<Self>, sign_out: bool) -> Option<SignedOut> {
        self.0.note(if sign_out { "signed out" } else { "closed" });
        self.0.signing_out.lock().expect("what comes of it").clone()
    }
}

/// Polls until there is something.
pub(crate) async fn until<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let found = async {
        loop {
            if let Some(found) = look() {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(SOON, found).await.expect("it should have happened by now")
}

pub(super) async fn view(owner: &Owner, wanted: impl FnMut(&Arc<AppView>) -> bool) -> Arc<AppView> {
    let mut views = owner.views();
    let found = tokio::time::timeout(SOON, views.wait_for(wanted)).await.expect("the view should have changed by now");
    found.expect("the owner lives").clone()
}

/// What an owner begins with where nothing is special, and what it saves goes nowhere.
pub(super) fn plain() -> Start {
    Start {
        settings: Settings::default(),
        settings_trouble: None,
        overrides: Overrides::default(),
        save: Box::new(|_| Ok(())),
        autostart: Box::new(Login::default()),
        kept: watch::channel(Kept::default()).1,
        resume: false,
    }
}

/// An owner that begins with this, and its world.
pub(super) fn begin(start: Start) -> (Owner, Arc<World>) {
    let world = Arc::new(World::default());
    let (owner, life) = Owner::new(Backstage(Arc::clone(&world)), start);
    tokio::spawn(life);
    (owner, world)
}

/// An owner that begins with these settings, its world, and what it saves.
pub(super) fn begin_with(settings: Settings, resume: bool) -> (Owner, Arc<World>, Paper) {
    let saved = Paper::default();
    let paper = saved.clone();
    let save = Box::new(move |settings: &Settings| {
        paper.0.lock().expect("the paper").push(settings.clone());
        Ok(())
    });
    let (owner, world) = begin(Start { settings, save, resume, ..plain() });
    (owner, world, saved)
}

pub(super) fn first_start() -> (Owner, Arc<World>, Paper) {
    begin_with(Settings::default(), false)
}

pub(super) fn form(client: &str) -> SignInForm {
    let [login_url, api_url] = [String::new(), String::new()];
    SignInForm { region: "mypurecloud.de".to_owned(), login_url, api_url, client_id: client.to_owned() }
}

pub(super) fn signed_out(view: &Arc<AppView>) -> bool {
    matches!(view.stage, Stage::SignedOut { .. })
}

pub(super) fn signed_in(view: &Arc<AppView>) -> bool {
    matches!(view.stage, Stage::Desk)
}

/// An owner whose person has signed in.
pub(crate) async fn on_the_desk() -> (Owner, Arc<World>) {
    let (owner, world, _) = first_start();
    owner.ask(Ask::SignIn(form("abc"))).await.expect("a sound form");
    world.sign_in_ends(Ok(1)).await;
    view(&owner, signed_in).await;
    (owner, world)
}
