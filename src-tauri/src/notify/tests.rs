//! Tests of the task, with a notification server made of channels.
#![allow(clippy::expect_used)]

use std::sync::Mutex;
use std::time::Duration;

use earshot_engine::desk::io::Command;
use earshot_engine::snapshot::OfferView;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::*;
use crate::testing::{offer, view_with};

type Log = Arc<Mutex<Vec<String>>>;

/// A notification server that does as the test says.
struct Server {
    log: Log,
    happenings: mpsc::UnboundedReceiver<Happening>,
    outcome: watch::Receiver<Outcome>,
}

#[async_trait]
impl Notifier for Server {
    async fn look(&mut self) -> Outcome {
        self.outcome.borrow().clone()
    }
    async fn show(&mut self, card: &Card) -> Outcome {
        note(&self.log, format!("show {}", card.summary));
        self.outcome.borrow().clone()
    }
    async fn withdraw(&mut self, key: &Key) {
        note(&self.log, format!("withdraw {key:?}"));
    }
    async fn next(&mut self) -> Happening {
        match self.happenings.recv().await {
            Some(happening) => happening,
            None => std::future::pending().await,
        }
    }
}

struct Asked(Log);

impl Shell for Asked {
    fn ask(&self, ask: Ask) {
        note(
            &self.0,
            match ask {
                Ask::Remark { remark, .. } => {
                    format!("remark {}", remark.map_or_else(|| "none".to_owned(), |remark| remark.trouble.code))
                }
                ask => format!("{ask:?}"),
            },
        );
    }
    fn open(&self) {
        note(&self.0, "open".to_owned());
    }
}

fn note(log: &Log, line: String) {
    log.lock().expect("the log").push(line);
}

struct Stage {
    log: Log,
    views: watch::Sender<Arc<AppView>>,
    happen: mpsc::UnboundedSender<Happening>,
    outcome: watch::Sender<Outcome>,
    task: JoinHandle<()>,
}

impl Stage {
    fn with(outcome: Outcome) -> Self {
        let log = Log::default();
        let (views, view) = watch::channel(Arc::new(view_with(vec![])));
        let (happen, happenings) = mpsc::unbounded_channel();
        let (sender, outcome) = watch::channel(outcome);
        let server = Server { log: Arc::clone(&log), happenings, outcome };
        let task = tokio::spawn(run(server, Asked(Arc::clone(&log)), view));
        Self { log, views, happen, outcome: sender, task }
    }

    /// What has happened since the last look, once everything has settled.
    async fn told(&self) -> Vec<String> {
        // Virtual time: everything that can run has run before this ends.
        tokio::time::sleep(Duration::from_millis(1)).await;
        std::mem::take(&mut *self.log.lock().expect("the log"))
    }

    fn view(&self, offers: Vec<OfferView>) {
        self.views.send_replace(Arc::new(view_with(offers)));
    }

    fn happen(&self, happening: Happening) {
        self.happen.send(happening).expect("the task lives");
    }
}

fn key(leg: &str) -> Key {
    Key::Offer(leg.to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_press_asks_what_the_page_would_and_only_while_the_offer_waits() {
    let stage = Stage::with(Outcome::Shown);
    assert_eq!(stage.told().await, ["remark none"]);
    stage.view(vec![offer("a")]);
    assert_eq!(stage.told().await, ["show Call from Maria Keller"]);
    stage.happen(Happening::Pressed(key("a"), Some(Button::Answer)));
    let answer = format!("{:?}", Ask::Desk(Command::Answer { leg: "a".to_owned() }));
    assert_eq!(stage.told().await, [answer]);
    stage.view(vec![]);
    assert_eq!(stage.told().await, ["withdraw Offer(\"a\")"]);
    stage.happen(Happening::Pressed(key("a"), Some(Button::Decline)));
    stage.happen(Happening::Pressed(key("a"), None));
    assert_eq!(stage.told().await, [""; 0], "the offer is over");
}

#[tokio::test(start_paused = true)]
async fn a_press_on_the_notification_itself_opens_the_window() {
    let stage = Stage::with(Outcome::Shown);
    stage.view(vec![offer("a")]);
    stage.told().await;
    stage.happen(Happening::Pressed(key("a"), None));
    assert_eq!(stage.told().await, ["open"]);
}

#[tokio::test(start_paused = true)]
async fn each_outcome_is_said_once_and_taken_back() {
    let table = [
        (Outcome::DoNotDisturb, "remark notifications.quiet"),
        (Outcome::NoButtons, "remark notifications.no_buttons"),
        (Outcome::NoServer, "remark notifications.no_server"),
        (Outcome::Failed("x".to_owned()), "remark notifications.failed"),
    ];
    for (outcome, remark) in table {
        let stage = Stage::with(outcome.clone());
        assert_eq!(stage.told().await, [remark], "{outcome:?}");
        stage.view(vec![offer("a")]);
        assert_eq!(stage.told().await, ["show Call from Maria Keller"], "it is tried, and said no second time");
        stage.outcome.send_replace(Outcome::Shown);
        stage.happen(Happening::Quiet);
        assert_eq!(stage.told().await, ["remark none"]);
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_not_taken_is_tried_again_and_what_was_is_not() {
    let stage = Stage::with(Outcome::NoServer);
    stage.view(vec![offer("a")]);
    stage.told().await;
    stage.outcome.send_replace(Outcome::DoNotDisturb);
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert_eq!(stage.told().await, ["show Call from Maria Keller", "remark notifications.quiet"]);
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(stage.told().await, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_left_when_earshot_ends() {
    let stage = Stage::with(Outcome::Shown);
    stage.view(vec![offer("a")]);
    stage.told().await;
    drop(stage.views);
    stage.task.await.expect("it ends");
    assert_eq!(*stage.log.lock().expect("the log"), ["withdraw Offer(\"a\")"]);
}

#[test]
fn the_words_name_what_still_works() {
    for outcome in [Outcome::DoNotDisturb, Outcome::NoButtons, Outcome::NoServer, Outcome::Failed("x".to_owned())] {
        let notice = words(&outcome).expect("a notice");
        assert!(notice.trouble.message.contains("pop-up"), "{}", notice.trouble.message);
    }
    assert_eq!(words(&Outcome::Shown), None);
}
