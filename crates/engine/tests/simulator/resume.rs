//! Sign-ins without a person: tokens fetched from secrets, which change while Earshot runs.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use earshot_engine::Engine;
use earshot_engine::plan::Plan;
use earshot_engine::sign_in::{Resume, ResumeFrom, SecretSource, SourceError};
use earshot_engine::snapshot::{LinkState, Snapshot};
use earshot_genesys::socket_auth::SocketAuth;
use earshot_simulator as sim;
use secrecy::SecretString;
use sim::{Control, SERVICE_CLIENT_ID, SERVICE_SECRETS, Simulator};

use crate::bench::environment;

/// A secret that an administrator may replace.
#[derive(Clone)]
struct Changing(Arc<Mutex<String>>);

impl Changing {
    fn new(secret: &str) -> Self {
        Self(Arc::new(Mutex::new(secret.to_owned())))
    }

    fn set(&self, secret: &str) {
        secret.clone_into(&mut self.0.lock().expect("not poisoned"));
    }
}

#[async_trait]
impl SecretSource for Changing {
    async fn read(&self) -> Result<SecretString, SourceError> {
        Ok(self.0.lock().expect("not poisoned").as_str().into())
    }
}

struct Listener {
    _sim: Simulator,
    control: Control,
    engine: Engine,
}

impl Listener {
    async fn new(options: sim::Options, auth: SocketAuth) -> Self {
        let sim = Simulator::start(options).await.expect("a simulator");
        let plan = Plan::listen([format!("v2.users.{}.presence", sim::ADA), "v2.users.{me}.presence".into()]);
        let builder = Engine::builder(environment(&sim)).plan(plan).socket_auth(auth);
        let engine = builder.spawn().expect("an engine");
        Self { control: sim.control(), _sim: sim, engine }
    }

    fn as_service(&self, secrets: &[&Changing]) {
        let secrets = secrets.iter().map(|&secret| Arc::new(secret.clone()) as Arc<dyn SecretSource>).collect();
        let from = ResumeFrom::ClientCredentials;
        self.engine.resume(Resume { client_id: SERVICE_CLIENT_ID.into(), from, secrets });
    }

    async fn until(&self, what: &str, check: impl Fn(&Snapshot) -> bool) {
        let mut snapshots = self.engine.snapshots();
        let found = tokio::time::timeout(Duration::from_secs(30), snapshots.wait_for(|shown| check(shown))).await;
        assert!(found.is_ok(), "not within 30 s: {what}\n{:#?}", self.engine.snapshots().borrow());
    }

    async fn connected(&self) {
        self.until("connected", |shown| shown.link.state == LinkState::Connected).await;
    }

    fn asked_for_tokens(&self) -> usize {
        self.control.requests().iter().filter(|request| request.path == "/oauth/token").count()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_gets_its_token_itself_and_listens_without_a_user() {
    let listener = Listener::new(sim::Options::default(), SocketAuth::None).await;
    listener.as_service(&[&Changing::new(SERVICE_SECRETS[0])]);
    listener.connected().await;
    assert_eq!(listener.asked_for_tokens(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_secret_is_followed_by_the_next_and_a_replaced_one_is_read_again() {
    let lifetime = Duration::from_secs(10);
    let listener =
        Listener::new(sim::Options { token_lifetime: lifetime, ..sim::Options::default() }, SocketAuth::None).await;
    let (first, second) = (Changing::new("long forgotten"), Changing::new(SERVICE_SECRETS[1]));
    listener.as_service(&[&first, &second]);
    listener.connected().await;
    assert_eq!(listener.asked_for_tokens(), 2);
    listener.control.client_secrets("service", &["brand-new-secret"]).expect("rotated");
    first.set("brand-new-secret");
    let begin = std::time::Instant::now();
    while listener.asked_for_tokens() < 4 {
        assert!(begin.elapsed() < Duration::from_secs(60), "no renewal with the new secret");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    listener.connected().await;
    let refused = listener.control.requests().iter().filter(|r| r.status == 401 && r.path != "/oauth/token").count();
    assert_eq!(refused, 0, "nobody but the token endpoint saw what was refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_that_are_all_refused_need_a_sign_in() {
    let listener = Listener::new(sim::Options::default(), SocketAuth::None).await;
    listener.as_service(&[&Changing::new("wrong"), &Changing::new("wrong too")]);
    listener.until("sign-in needed", |shown| shown.link.state == LinkState::SignInNeeded).await;
    assert_eq!(listener.asked_for_tokens(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_wants_the_token_on_the_socket_gets_it() {
    for (require, auth) in [(sim::Require::Header, SocketAuth::Header), (sim::Require::Query, SocketAuth::Query)] {
        let listener = Listener::new(sim::Options::default(), auth).await;
        listener.control.socket_auth(require);
        listener.as_service(&[&Changing::new(SERVICE_SECRETS[0])]);
        listener.connected().await;
        assert_eq!(listener.control.state()["sockets"]["refused"], 0);
    }
}
