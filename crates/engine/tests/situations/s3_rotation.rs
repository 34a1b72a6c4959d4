//! S3: the OAuth client's secret is rotated while sockets are up. Secrets are tried in order and read again at every
//! renewal; the live connection is not touched; the new one takes over; no 401 reaches whoever listens.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use earshot_engine::plan::Plan;
use earshot_engine::sign_in::{Resume, SecretSource, SourceError};
use earshot_engine::snapshot::LinkState;
use earshot_genesys::socket_auth::SocketAuth;
use earshot_simulator as sim;
use earshot_simulator::{ADA, SERVICE_SECRETS};
use secrecy::SecretString;

use crate::s2_audit::{TOPICS, service};
use crate::stage::Stage;

/// A file that an administrator may write anew.
struct File(Mutex<String>);

#[async_trait]
impl SecretSource for File {
    async fn read(&self) -> Result<SecretString, SourceError> {
        Ok(self.0.lock().expect("not poisoned").clone().into())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn s3_a_secret_is_rotated_under_a_live_connection_and_nobody_notices() {
    let life = Duration::from_secs(8);
    let options = sim::Options { token_lifetime: life, rate_limit: None, ..sim::Options::default() };
    let mut stage = Stage::listening(options, Plan::listen(TOPICS), SocketAuth::None).await;
    let file = Arc::new(File(Mutex::new(SERVICE_SECRETS[0].to_owned())));
    let second = Arc::new(SecretString::from(SERVICE_SECRETS[1]));
    stage.engine.resume(Resume { secrets: vec![file.clone(), second], ..service() });
    stage.caught_up().await;
    let stream = sim::Stream {
        of: sim::StreamOf::Conversations,
        agent: Some(ADA.to_owned()),
        every_ms: Some(250),
        count: Some(100_000),
        patience_ms: Some(400),
        ..Default::default()
    };
    stage.control.stream(stream).expect("begun");

    // The first secret goes: the second one renews.
    stage.control.client_secrets("service", &[SERVICE_SECRETS[1]]).expect("rotated");
    let before = stage.ledger.renewals();
    stage.on_record("renewed with the second secret", |ledger| ledger.renewals() >= before + 2).await;
    // The second one goes too, and the file has the third.
    "third-service-secret".clone_into(&mut file.0.lock().expect("not poisoned"));
    stage.control.client_secrets("service", &["third-service-secret"]).expect("rotated");
    let before = stage.ledger.renewals();
    stage.on_record("renewed with what the file has now", |ledger| ledger.renewals() >= before + 2).await;

    stage.control.run(sim::Command::Stream(sim::Stream { stop: true, ..Default::default() })).expect("stopped");
    let conversations = stage.control.state()["conversations"].clone();
    let id = |c: &serde_json::Value| c["id"].as_str().map(str::to_owned);
    stage.offered = conversations.as_array().expect("a list").iter().filter_map(id).collect();
    let sums = stage.prove("S3").await;
    assert_eq!(sums.live, sums.offered, "all of it live");
    assert_eq!(stage.ledger.losses(), [0; 0], "the live connection was not touched\n{}", stage.ledger);
    assert_eq!((stage.answered(401), stage.answered(403)), (0, 0), "no refusal but the token endpoint's");
    let states = stage.ledger.states();
    assert!(
        states.iter().skip_while(|s| **s != LinkState::Connected).all(|s| *s == LinkState::Connected),
        "{states:?}"
    );
}
