//! Tests of the owner, with a world of their own: sign-ins that end when the test says so, sessions that write down what
//! they are told.
#![allow(clippy::expect_used)]

use std::pin::Pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use earshot_engine::desk::io::Command;
use earshot_engine::sign_in::SignedOut;
use earshot_engine::snapshot::{LinkState, Snapshot};
use earshot_engine::world::StoreError;
use earshot_genesys::hosts::Environment;

mod before;

use super::*;
use crate::backend::{Session, Target};
use crate::ipc::{DeafView, Stage};
use crate::keeper::Kept;
use crate::testing::routing;
use crate::trouble::trouble;

/// No test waits longer than this for something that should happen at once.
const SOON: Duration = Duration::from_secs(5);

type Outcome = Result<u32, Trouble>;
type Found = Result<Option<&'static str>, StoreError>;

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

    async fn sign_in_ends(&self, outcome: Outcome) {
        let lever = until(|| self.sign_ins.lock().expect("the levers").pop()).await;
        lever.send(outcome).expect("somebody waits for the sign-in");
    }

    fn tell(&self, snapshot: Snapshot) {
        let session = self.session.lock().expect("the session");
        session.as_ref().expect("a session").send_replace(Arc::new(snapshot));
    }
}

fn nothing_kept() -> watch::Receiver<Kept> {
    watch::channel(Kept::default()).1
}

/// What is started at login, on paper. Its second word: it cannot be written.
#[derive(Default)]
struct Login(Arc<AtomicBool>, bool);

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
        let (sender, receiver) = watch::channel(Arc::new(Snapshot::default()));
        *self.0.session.lock().expect("the session") = Some(sender);
        Ok(Box::new(Stagehand(Arc::clone(&self.0), receiver)))
    }

    fn open(&self, target: &Target, grant: u32) -> Result<Box<dyn Session<u32>>, Trouble> {
        self.0.note(format!("session {grant} for {}", target.client_id));
        let (sender, receiver) = watch::channel(Arc::new(Snapshot::default()));
        *self.0.session.lock().expect("the session") = Some(sender);
        Ok(Box::new(Stagehand(Arc::clone(&self.0), receiver)))
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
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(SOON, found).await.expect("it should have happened by now")
}

async fn view(owner: &Owner, wanted: impl FnMut(&Arc<AppView>) -> bool) -> Arc<AppView> {
    let mut views = owner.views();
    let found = tokio::time::timeout(SOON, views.wait_for(wanted)).await.expect("the view should have changed by now");
    found.expect("the owner lives").clone()
}

fn start(settings: Settings) -> (Owner, Arc<World>, Arc<Mutex<Vec<Settings>>>) {
    begin(settings, false)
}

fn begin(settings: Settings, resume: bool) -> (Owner, Arc<World>, Arc<Mutex<Vec<Settings>>>) {
    let world = Arc::new(World::default());
    let saved = Arc::new(Mutex::new(Vec::new()));
    let paper = Arc::clone(&saved);
    let save: Save = Box::new(move |settings| {
        paper.lock().expect("the paper").push(settings.clone());
        Ok(())
    });
    let start = Start {
        settings,
        settings_trouble: None,
        overrides: Overrides::default(),
        save,
        autostart: Box::new(Login::default()),
        kept: nothing_kept(),
        resume,
    };
    let (owner, life) = Owner::new(Backstage(Arc::clone(&world)), start);
    tokio::spawn(life);
    (owner, world, saved)
}

fn form(client: &str) -> SignInForm {
    let [login_url, api_url] = [String::new(), String::new()];
    SignInForm { region: "mypurecloud.de".to_owned(), login_url, api_url, client_id: client.to_owned() }
}

fn signed_out(view: &Arc<AppView>) -> bool {
    matches!(view.stage, Stage::SignedOut { .. })
}

pub(crate) async fn on_the_desk() -> (Owner, Arc<World>) {
    let (owner, world, _) = start(Settings::default());
    owner.ask(Ask::SignIn(form("abc"))).await.expect("a sound form");
    world.sign_in_ends(Ok(1)).await;
    view(&owner, |view| matches!(view.stage, Stage::Desk)).await;
    (owner, world)
}

#[tokio::test]
async fn signing_in_leads_to_the_desk_and_is_remembered() {
    let (owner, world, saved) = start(Settings::default());
    assert!(signed_out(&owner.view()));
    owner.ask(Ask::SignIn(form("abc"))).await.expect("a sound form");
    view(&owner, |view| matches!(view.stage, Stage::SigningIn { .. })).await;
    world.sign_in_ends(Ok(1)).await;
    let desk = view(&owner, |view| matches!(view.stage, Stage::Desk)).await;
    assert!(desk.snapshot.is_some() && !desk.practice);
    let last = saved.lock().expect("the paper").last().cloned().expect("something saved");
    assert_eq!((last.region.as_str(), last.client_id.as_str()), ("mypurecloud.de", "abc"));
}

#[tokio::test]
async fn a_form_without_client_id_opens_no_browser() {
    let (owner, world, saved) = start(Settings::default());
    let error = owner.ask(Ask::SignIn(form(""))).await.expect_err("no client id");
    assert_eq!(error.code, "client_id.missing");
    assert!(signed_out(&owner.view()));
    assert!(world.log().is_empty() && saved.lock().expect("the paper").is_empty());
}

#[tokio::test]
async fn a_failed_sign_in_says_why_and_can_be_tried_again() {
    let (owner, world, _) = start(Settings::default());
    owner.ask(Ask::SignIn(form("abc"))).await.expect("a sound form");
    world.sign_in_ends(Err(trouble("sign_in.denied", "You said no.", None, true))).await;
    let view_of_failure = view(&owner, |view| matches!(view.stage, Stage::SignedOut { trouble: Some(_), .. })).await;
    assert!(
        matches!(&view_of_failure.stage, Stage::SignedOut { trouble: Some(why), .. } if why.code == "sign_in.denied")
    );
    owner.ask(Ask::SignIn(form("abc"))).await.expect("a sound form");
    world.sign_in_ends(Ok(2)).await;
    view(&owner, |view| matches!(view.stage, Stage::Desk)).await;
}

#[tokio::test]
async fn only_the_newest_sign_in_counts() {
    let (owner, world, _) = start(Settings::default());
    owner.ask(Ask::SignIn(form("old"))).await.expect("a sound form");
    let old = until(|| world.sign_ins.lock().expect("the levers").pop()).await;
    owner.ask(Ask::SignIn(form("new"))).await.expect("a sound form");
    // The old one was dropped, so its browser can come back as it likes.
    until(|| old.is_closed().then_some(())).await;
    world.sign_in_ends(Ok(2)).await;
    view(&owner, |view| matches!(view.stage, Stage::Desk)).await;
    assert_eq!(world.log(), ["browser for old", "browser for new", "session 2 for new"]);
}

#[tokio::test]
async fn cancelling_leads_back() {
    let (owner, world, _) = start(Settings::default());
    owner.ask(Ask::SignIn(form("abc"))).await.expect("a sound form");
    let lever = until(|| world.sign_ins.lock().expect("the levers").pop()).await;
    owner.ask(Ask::CancelSignIn).await.expect("cancelled");
    view(&owner, signed_out).await;
    until(|| lever.is_closed().then_some(())).await;
}

#[tokio::test]
async fn signing_in_again_to_the_same_place_keeps_the_session() {
    let (owner, world) = on_the_desk().await;
    owner.ask(Ask::SignIn(form("abc"))).await.expect("a sound form");
    world.sign_in_ends(Ok(2)).await;
    until(|| world.log().contains(&"renewed with 2".to_owned()).then_some(())).await;
    assert!(!world.log().iter().any(|line| line == "signed out" || line.starts_with("session 2")), "{:?}", world.log());
}

#[tokio::test]
async fn signing_in_elsewhere_ends_the_old_session() {
    let (owner, world) = on_the_desk().await;
    owner.ask(Ask::SignIn(form("other"))).await.expect("a sound form");
    world.sign_in_ends(Ok(2)).await;
    until(|| world.log().contains(&"session 2 for other".to_owned()).then_some(())).await;
    until(|| world.log().contains(&"signed out".to_owned()).then_some(())).await;
}

#[tokio::test]
async fn commands_reach_the_session_and_nobody_else() {
    let (owner, world) = on_the_desk().await;
    let answer = Command::Answer { leg: "a".to_owned() };
    owner.ask(Ask::Desk(answer.clone())).await.expect("sent");
    owner.ask(Ask::ReconnectNow).await.expect("sent");
    assert_eq!(world.log()[2..], [format!("{answer:?}"), "reconnect now".to_owned()]);
    owner.ask(Ask::SignOut).await.expect("signed out");
    let error = owner.ask(Ask::Desk(answer)).await.expect_err("nobody is signed in");
    assert_eq!(error.code, "command.not_now");
}

#[tokio::test]
async fn each_snapshot_becomes_a_newer_view() {
    let (owner, world) = on_the_desk().await;
    let before = owner.view().revision;
    let mut snapshot = Snapshot::default();
    snapshot.link.state = LinkState::Connected;
    world.tell(snapshot);
    let connected = |view: &Arc<AppView>| view.snapshot.as_ref().is_some_and(|s| s.link.state == LinkState::Connected);
    assert!(view(&owner, connected).await.revision > before);
}

#[tokio::test]
async fn a_session_that_dies_is_said() {
    let (owner, world) = on_the_desk().await;
    world.session.lock().expect("the session").take();
    let view = view(&owner, signed_out).await;
    assert!(matches!(&view.stage, Stage::SignedOut { trouble: Some(why), .. } if why.code == "session.ended"));
}

#[tokio::test]
async fn practice_is_marked_and_not_mixed_with_the_real_thing() {
    let (owner, world, saved) = start(Settings::default());
    owner.ask(Ask::Practice).await.expect("practice begins");
    assert!(view(&owner, |view| matches!(view.stage, Stage::Desk)).await.practice);
    assert!(saved.lock().expect("the paper").is_empty(), "practice is no setting");
    let error = owner.ask(Ask::Practice).await.expect_err("already there");
    assert_eq!(error.code, "command.not_now");
    owner.ask(Ask::SignOut).await.expect("signed out");
    assert!(!view(&owner, signed_out).await.practice);
    until(|| world.log().contains(&"signed out".to_owned()).then_some(())).await;
}

#[tokio::test]
async fn the_ring_is_set_saved_and_its_trouble_shown() {
    let (owner, _, saved) = start(Settings::default());
    owner.ask(Ask::SetSound { ring: false, volume: 255 }).await.expect("set");
    owner.ask(Ask::SoundTrouble(Some(trouble("sound.none", "No sound.", None, true)))).await.expect("noted");
    let view = view(&owner, |view| view.sound.trouble.is_some()).await;
    assert!(!view.sound.ring && view.sound.volume == 100);
    assert_eq!(saved.lock().expect("the paper").last().map(|settings| settings.volume), Some(100));
}

#[tokio::test]
async fn settings_that_cannot_be_saved_are_said() {
    let save: Save = Box::new(|_| Err(trouble("settings.unsaved", "No room.", None, true)));
    let start = Start {
        settings: Settings::default(),
        settings_trouble: None,
        overrides: Overrides::default(),
        save,
        autostart: Box::new(Login::default()),
        kept: nothing_kept(),
        resume: false,
    };
    let (owner, life) = Owner::new(Backstage(Arc::default()), start);
    tokio::spawn(life);
    owner.ask(Ask::SetSound { ring: true, volume: 1 }).await.expect("set");
    let view = view(&owner, |view| view.settings.trouble.is_some()).await;
    assert_eq!(view.sound.volume, 1, "it holds until the end all the same");
}

#[tokio::test]
async fn starting_at_login_is_shown_as_it_is_written_and_not_as_it_is_wished() {
    let begin = |login: Login| {
        let (settings, save): (_, Save) = (Settings::default(), Box::new(|_| Ok(())));
        let (autostart, kept) = (Box::new(login), nothing_kept());
        Start {
            settings,
            settings_trouble: None,
            overrides: Overrides::default(),
            save,
            autostart,
            kept,
            resume: false,
        }
    };
    let entry = Arc::new(AtomicBool::new(true));
    let (owner, life) = Owner::new(Backstage(Arc::default()), begin(Login(Arc::clone(&entry), false)));
    tokio::spawn(life);
    view(&owner, |view| view.start_at_login).await;
    owner.ask(Ask::SetStartAtLogin(false)).await.expect("written");
    view(&owner, |view| !view.start_at_login).await;
    assert!(!entry.load(Ordering::SeqCst));

    let (owner, life) = Owner::new(Backstage(Arc::default()), begin(Login(Arc::clone(&entry), true)));
    tokio::spawn(life);
    let error = owner.ask(Ask::SetStartAtLogin(true)).await.expect_err("it cannot be written");
    assert_eq!(error.code, "autostart.unwritten");
    assert!(!owner.view().start_at_login);
}

#[tokio::test]
async fn what_an_administrator_wants_at_login_is_seen_to_and_stays() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let file = folder.path().join("config.toml");
    std::fs::write(&file, "autostart = true\n").expect("a managed file");
    let variable = |name: &str| (name == "EARSHOT_CONFIG").then(|| file.display().to_string());
    let entry = Arc::new(AtomicBool::new(false));
    let start = Start {
        settings: Settings::default(),
        settings_trouble: None,
        overrides: Overrides::read(variable),
        save: Box::new(|_| Ok(())),
        autostart: Box::new(Login(Arc::clone(&entry), false)),
        kept: nothing_kept(),
        resume: false,
    };
    let (owner, life) = Owner::new(Backstage(Arc::default()), start);
    tokio::spawn(life);
    assert!(owner.view().start_at_login && entry.load(Ordering::SeqCst));
    assert_eq!(owner.ask(Ask::SetStartAtLogin(false)).await.expect_err("not the person's").code, "command.not_now");
    assert!(entry.load(Ordering::SeqCst));
}

#[tokio::test]
async fn what_the_computer_does_reaches_the_session_and_the_next_one() {
    let (owner, world, _) = start(Settings::default());
    // With nobody signed in all of it is allowed, and none of it holds up a sleep.
    owner.ask(Ask::GoingToSleep).await.expect("nothing to be written");
    owner.ask(Ask::Woke).await.expect("nothing to be woken");
    owner.ask(Ask::PersonHere(true)).await.expect("noted");
    assert!(world.log().is_empty());
    owner.ask(Ask::SignIn(form("abc"))).await.expect("a sound form");
    world.sign_in_ends(Ok(1)).await;
    view(&owner, |view| matches!(view.stage, Stage::Desk)).await;
    owner.ask(Ask::GoingToSleep).await.expect("written");
    owner.ask(Ask::Woke).await.expect("woken");
    owner.ask(Ask::PersonHere(false)).await.expect("noted");
    assert_eq!(world.log()[2..], ["somebody is here", "sleep is on record", "woke", "nobody is here"]);
}

#[tokio::test]
async fn quitting_closes_the_session_without_signing_out() {
    let (owner, world) = on_the_desk().await;
    owner.ask(Ask::Quit).await.expect("quit");
    assert_eq!(world.log().last().map(String::as_str), Some("closed"));
    let error = owner.ask(Ask::ReconnectNow).await.expect_err("nobody is there");
    assert_eq!(error.code, "app.ending");
}

#[tokio::test]
async fn how_deaf_today_was_is_shown_as_it_changes() {
    let world = Arc::new(World::default());
    let (keeper, kept) = watch::channel(Kept::default());
    let start = Start {
        settings: Settings::default(),
        settings_trouble: None,
        overrides: Overrides::default(),
        save: Box::new(|_| Ok(())),
        autostart: Box::new(Login::default()),
        kept,
        resume: false,
    };
    let (owner, life) = Owner::new(Backstage(Arc::clone(&world)), start);
    tokio::spawn(life);
    owner.ask(Ask::SignIn(form("a-client"))).await.expect("begun");
    world.sign_in_ends(Ok(1)).await;
    view(&owner, |view| matches!(view.stage, Stage::Desk)).await;
    let deaf = DeafView { day: 0, closed: 0, gaps: 1, missed: 0, settled: false, since: Some(5) };
    keeper.send_modify(|kept| kept.deaf = Some(deaf));
    view(&owner, |view| view.deaf_today == Some(deaf)).await;
    // A keeper that is gone is no news, again and again.
    drop(keeper);
    let revision = owner.view().revision;
    world.tell(Snapshot { revision: 9, ..Snapshot::default() });
    let view = view(&owner, |view| view.snapshot.as_ref().is_some_and(|snapshot| snapshot.revision == 9)).await;
    assert_eq!(view.revision, revision + 1);
}

#[tokio::test]
async fn not_responding_is_hidden_until_the_next_time() {
    let (owner, world) = on_the_desk().await;
    let told = |view: &Arc<AppView>, hidden| view.not_responding.is_some_and(|told| told.hidden == hidden);
    world.tell(routing("NOT_RESPONDING", Some(1_000)));
    view(&owner, |view| told(view, false)).await;
    owner.ask(Ask::HideNotResponding).await.expect("hidden");
    assert!(view(&owner, |view| told(view, true)).await.snapshot.is_some());
    world.tell(routing("IDLE", Some(2_000)));
    view(&owner, |view| view.not_responding.is_none()).await;
    world.tell(routing("NOT_RESPONDING", Some(3_000)));
    view(&owner, |view| told(view, false)).await;
}
