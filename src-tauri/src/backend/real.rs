//! The real world behind the shell: the system browser, the engine, and the simulator for practice.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use earshot_engine::desk::io::Command;
use earshot_engine::plan::Plan;
use earshot_engine::record::Recorder;
use earshot_engine::sign_in::{Attempt, Grant, Resume, ResumeFrom, SignInError, SignedOut};
use earshot_engine::snapshot::{Snapshot, Trouble};
use earshot_engine::world::{CredentialStore as _, StoreError, World};
use earshot_engine::{Engine, trouble as troubles};
use earshot_genesys::error::ApiError;
use earshot_genesys::hosts::Environment;
use earshot_genesys::net::{HttpClient, Network};
use earshot_genesys::transport::{HttpRequest, HttpTransport};
use earshot_simulator::{Options, PUBLIC_CLIENT_ID, Simulator};
use http::{HeaderMap, Method, header};
use tokio::sync::watch;

use super::{Backend, Session, Target};
use crate::browser;
use crate::credentials::{self, KeyStore, Place};
use crate::keeper::Keeper;
use crate::trouble::trouble;

/// The simulator runs in this process and answers at once, or something is wrong.
const PRACTICE_TIMEOUT: Duration = Duration::from_secs(10);
/// The simulator gives up its connections at once; this only keeps a fault in it from holding up the shell.
const PRACTICE_END: Duration = Duration::from_secs(2);

/// Signs in with the system browser and runs the engine.
pub(crate) struct RealBackend {
    keeper: Arc<Keeper>,
    keys: KeyStore,
}

impl RealBackend {
    /// With the keeper of the record and the store of the sign-ins of what is no practice.
    pub(crate) fn new(keeper: Arc<Keeper>, keys: KeyStore) -> Self {
        Self { keeper, keys }
    }

    /// The sign-in's place in the key store.
    fn place(&self, target: &Target) -> Place {
        self.keys.at(credentials::account(&target.environment, &target.client_id))
    }

    /// An engine that keeps its sign-in in this place; practice keeps its own in memory, and nothing on record.
    fn engine(&self, target: &Target, place: Option<Place>) -> Result<Engine, Trouble> {
        let failed = |error| troubles::of_api_error(&ApiError::Transport(error));
        let mut world = World::system().map_err(failed)?;
        let mut builder = Engine::builder(target.environment.clone());
        if !target.keep_signed_in {
            builder = builder.plan(Plan::agent().without_keep_alive());
        }
        if let Some(place) = place {
            world.store = Arc::new(place);
            builder = builder.recorder(Arc::clone(&self.keeper) as Arc<dyn Recorder>);
            if let Some(owed) = self.keeper.owed() {
                builder = builder.owed(owed);
            }
        }
        builder.world(world).spawn().map_err(failed)
    }
}

/// What a sign-in yields; the practice contact centre lives as long as the session that it belongs to.
pub(crate) struct RealGrant {
    grant: Grant,
    simulator: Option<Simulator>,
}

/// The place of a sign-in from before, which gives out what was found there.
pub(crate) struct RealStored(Place);

struct RealSession {
    engine: Engine,
    simulator: Option<Simulator>,
}

#[async_trait]
impl Backend for RealBackend {
    type Grant = RealGrant;
    type Stored = RealStored;

    async fn sign_in(&self, target: &Target) -> Result<RealGrant, Trouble> {
        let mut grant = browse(target, &client()?).await?;
        // From now on it is read anew at every renewal.
        grant.secret = target.secrets().pop();
        self.keeper.ready().await;
        Ok(RealGrant { grant, simulator: None })
    }

    async fn practice(&self) -> Result<(Target, RealGrant), Trouble> {
        let simulator = Simulator::start(Options::practice()).await.map_err(|error| no_practice(&error.to_string()))?;
        let base = simulator.base_url();
        let environment = Environment::custom(&base, &base).map_err(|error| no_practice(&error.to_string()))?;
        let target = Target { practice: true, ..Target::new(environment, PUBLIC_CLIENT_ID.to_owned()) };
        let grant = consent(&target).await?;
        Ok((target, RealGrant { grant, simulator: Some(simulator) }))
    }

    async fn stored(&self, target: &Target) -> Result<Option<RealStored>, StoreError> {
        let place = self.place(target);
        let found = place.load().await?;
        self.keeper.ready().await;
        Ok(found.map(|token| RealStored(place.found(token))))
    }

    async fn forget(&self, target: &Target) {
        // A store that cannot says so in the log.
        let _ = self.place(target).clear().await;
    }

    fn resume(&self, target: &Target, stored: RealStored) -> Result<Box<dyn Session<RealGrant>>, Trouble> {
        let engine = self.engine(target, Some(stored.0))?;
        engine.resume(Resume {
            client_id: target.client_id.clone(),
            from: ResumeFrom::RefreshToken,
            secrets: target.secrets(),
        });
        Ok(Box::new(RealSession { engine, simulator: None }))
    }

    fn open(&self, target: &Target, grant: RealGrant) -> Result<Box<dyn Session<RealGrant>>, Trouble> {
        let RealGrant { grant, simulator } = grant;
        let engine = self.engine(target, (!target.practice).then(|| self.place(target)))?;
        engine.sign_in(grant);
        Ok(Box::new(RealSession { engine, simulator }))
    }
}

#[async_trait]
impl Session<RealGrant> for RealSession {
    fn snapshots(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.engine.snapshots()
    }

    fn command(&self, command: Command) {
        self.engine.command(command);
    }

    fn reconnect_now(&self) {
        self.engine.reconnect_now();
    }

    fn going_to_sleep(&self) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let engine = self.engine.clone();
        Box::pin(async move { engine.going_to_sleep().await })
    }

    fn woke(&self) {
        self.engine.woke();
    }

    fn person_here(&self, here: bool) {
        self.engine.person_here(here);
    }

    fn renew(&self, grant: RealGrant) {
        self.engine.sign_in(grant.grant);
    }

    async fn end(self: Box<Self>, sign_out: bool) -> Option<SignedOut> {
        let signed_out = if sign_out { Some(self.engine.sign_out().await) } else { None };
        self.engine.close().await;
        if let Some(simulator) = self.simulator
            && tokio::time::timeout(PRACTICE_END, simulator.stop()).await.is_err()
        {
            tracing::warn!("the practice contact centre took too long to end");
        }
        signed_out
    }
}

/// Why a sign-in failed, with the file that the secret came from.
fn refused(error: &SignInError, target: &Target) -> Trouble {
    let mut trouble = error.trouble();
    if let (SignInError::WrongSecret, Some(file)) = (error, &target.secret) {
        trouble.message = format!("{} It was read from {file}.", trouble.message);
    }
    trouble
}

/// Opens the system browser and waits for it to come back.
pub(crate) async fn browse(target: &Target, http: &Arc<dyn HttpTransport>) -> Result<Grant, Trouble> {
    let secret = match &target.secret {
        Some(file) => Some(file.secret().await?),
        None => None,
    };
    let attempt = Attempt::listen_on(&target.ports, target.environment.clone(), target.client_id.clone(), secret)
        .await
        .map_err(|error| error.trouble())?;
    let url = attempt.authorize_url();
    let browser = browser::open(&url);
    let finish = attempt.finish(http);
    tokio::pin!(browser, finish);
    // Side by side: a browser that is signed in already may be back before its opener has ended.
    let granted = tokio::select! {
        granted = &mut finish => granted,
        opened = &mut browser => {
            opened?;
            finish.await
        }
    };
    granted.map_err(|error| refused(&error, target))
}

fn client() -> Result<Arc<dyn HttpTransport>, Trouble> {
    // Made for each sign-in: the system's proxy settings may have changed since the last one.
    let client =
        HttpClient::new(&Network::system()).map_err(|error| troubles::of_api_error(&ApiError::Transport(error)))?;
    Ok(Arc::new(client))
}

/// Signs in to the simulator, which consents by itself and says so in a redirect.
async fn consent(target: &Target) -> Result<Grant, Trouble> {
    let http = client()?;
    let attempt = Attempt::without_listener(target.environment.clone(), target.client_id.clone(), None);
    let request = HttpRequest {
        method: Method::GET,
        url: attempt.authorize_url(),
        headers: HeaderMap::new(),
        body: None,
        timeout: PRACTICE_TIMEOUT,
    };
    let answer = http.send(request).await.map_err(|error| no_practice(&error.to_string()))?;
    let location = answer.headers.get(header::LOCATION).and_then(|location| location.to_str().ok());
    let location = location.ok_or_else(|| no_practice("it does not consent"))?;
    attempt.finish_with_redirect(location, &http).await.map_err(|error| error.trouble())
}

fn no_practice(why: &str) -> Trouble {
    tracing::error!(why, "practice is not possible");
    trouble(
        "practice.failed",
        format!("The practice contact centre could not be started ({why})."),
        Some("Try again."),
        true,
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used)]

    use earshot_engine::sign_in::Revocation;
    use earshot_engine::snapshot::LinkState;
    use keyring_core::api::CredentialStoreApi as _;
    use keyring_core::mock;
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::ipc::AppView;
    use crate::testing::view_with;

    /// Practice takes a fraction of a second; a machine under load gets much more.
    const PATIENCE: Duration = Duration::from_secs(30);

    fn backend() -> RealBackend {
        let store = mock::Store::new().expect("a mock");
        let keys = KeyStore::with(move |account| store.build("tests", account, None));
        RealBackend::new(Keeper::start(Err(no_practice("none is needed"))), keys)
    }

    async fn hears(session: &dyn Session<RealGrant>) {
        let mut snapshots = session.snapshots();
        let there = snapshots.wait_for(|snapshot| {
            snapshot.link.state == LinkState::Connected && snapshot.agent.as_ref().is_some_and(|agent| agent.on_queue)
        });
        tokio::time::timeout(PATIENCE, there).await.expect("it should have connected by now").expect("a snapshot");
    }

    async fn end(session: Box<dyn Session<RealGrant>>, sign_out: bool) -> Option<SignedOut> {
        tokio::time::timeout(PATIENCE, session.end(sign_out)).await.expect("it should have ended by now")
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn practice_leads_to_a_connected_agent_and_ends_cleanly() {
        let backend = backend();
        let (target, grant) = backend.practice().await.expect("practice");
        assert!(target.practice);
        let session = backend.open(&target, grant).expect("a session");
        hears(&*session).await;
        assert!(matches!(backend.stored(&target).await, Ok(None)), "practice stays out of the key store");
        end(session, true).await;
        // For a moment somebody else's test may have got the port.
        let closed = async {
            while connect(&target).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, closed).await.expect("the practice contact centre should be closed");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_sign_in_outlives_the_program_and_ends_with_signing_out() {
        let backend = backend();
        let simulator = Simulator::start(Options::practice()).await.expect("a simulator");
        let base = simulator.base_url();
        let environment = Environment::custom(&base, &base).expect("an environment");
        let target = Target::new(environment, PUBLIC_CLIENT_ID.to_owned());
        assert!(matches!(backend.stored(&target).await, Ok(None)));

        let grant = consent(&target).await.expect("a grant");
        let refresh = grant.refresh_token.as_ref().expect("a refresh token").expose_secret().to_owned();
        let canaries = [grant.access_token.expose().to_owned(), refresh];
        let session = backend.open(&target, RealGrant { grant, simulator: None }).expect("a session");
        hears(&*session).await;
        // All that the pages are given is made of this.
        let view = AppView { snapshot: Some((**session.snapshots().borrow()).clone()), ..view_with(Vec::new()) };
        let view = serde_json::to_string(&view).expect("json");
        assert!(view.contains("Ada Moreno"), "{view}");
        for canary in canaries.iter().map(String::as_str).chain(["ws://", "/channels/"]) {
            assert!(!view.contains(canary), "a secret of {} characters is in the view", canary.len());
        }
        assert_eq!(end(session, false).await, None, "quitting is no sign-out");

        let stored = backend.stored(&target).await.expect("the key store answers").expect("a sign-in");
        let session = backend.resume(&target, stored).expect("a session");
        hears(&*session).await;
        let tokens = || simulator.control().state()["tokens"].clone();
        assert_eq!(tokens()["refreshed"], 1, "{}", tokens());

        let signed_out = end(session, true).await.expect("it signed out");
        assert_eq!(signed_out, SignedOut { revoked: Revocation::Revoked, cleared: Ok(()) });
        assert_eq!(tokens()["revoked"], 1, "{}", tokens());
        assert!(matches!(backend.stored(&target).await, Ok(None)), "nothing is left");
    }

    async fn connect(target: &Target) -> std::io::Result<tokio::net::TcpStream> {
        let port = target.environment.api().port().expect("a port");
        tokio::net::TcpStream::connect(("127.0.0.1", port)).await
    }
}
