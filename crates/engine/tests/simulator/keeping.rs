//! Guarantee 5 at the driver: what a renewal brings is stored before it is used, but a key store that does not answer makes
//! nobody deaf.

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use earshot_engine::snapshot::Snapshot;
use earshot_engine::world::{CredentialStore, StoreError, World};
use earshot_genesys::transport::{HttpRequest, HttpResponse, HttpTransport, TransportError};
use earshot_simulator as sim;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::watch;

use crate::bench::{Bench, options};

/// A store that takes its time, or does not answer at all.
struct Sluggish {
    saved: Mutex<Vec<String>>,
    answers: watch::Receiver<bool>,
}

#[async_trait]
impl CredentialStore for Sluggish {
    async fn save(&self, refresh_token: &SecretString) -> Result<(), StoreError> {
        if !*self.answers.borrow() {
            pending::<()>().await;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        self.saved.lock().expect("not poisoned").push(refresh_token.expose_secret().to_owned());
        Ok(())
    }

    async fn load(&self) -> Result<Option<SecretString>, StoreError> {
        Ok(None)
    }

    async fn clear(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Looks at each request: was what came with its token stored by then?
struct Auditor {
    http: Arc<dyn HttpTransport>,
    store: Arc<Sluggish>,
    /// Refresh tokens by the access token that came with them.
    granted: Mutex<BTreeMap<String, String>>,
    used: Mutex<Vec<(String, bool)>>,
}

#[async_trait]
impl HttpTransport for Auditor {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let bearer =
            request.headers.get("authorization").and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        if let Some(access) = bearer
            && let Some(refresh) = self.granted.lock().expect("not poisoned").get(access)
        {
            let stored = self.store.saved.lock().expect("not poisoned").contains(refresh);
            self.used.lock().expect("not poisoned").push((access.to_owned(), stored));
        }
        let response = self.http.send(request).await?;
        if let Ok(body) = serde_json::from_slice::<serde_json::Value>(&response.body)
            && let (Some(access), Some(refresh)) = (body["access_token"].as_str(), body["refresh_token"].as_str())
        {
            self.granted.lock().expect("not poisoned").insert(access.to_owned(), refresh.to_owned());
        }
        Ok(response)
    }
}

async fn bench(answers: bool) -> (Bench, Arc<Auditor>, watch::Sender<bool>) {
    let (tell, answers) = watch::channel(answers);
    let store = Arc::new(Sluggish { saved: Mutex::default(), answers });
    let mut world = World::system().expect("a world");
    let http = Arc::clone(&world.http);
    let auditor =
        Arc::new(Auditor { http, store: Arc::clone(&store), granted: Mutex::default(), used: Mutex::default() });
    world.http = Arc::clone(&auditor) as Arc<dyn HttpTransport>;
    world.store = store;
    let mut bench = Bench::with_world(sim::Options { rotate_refresh: true, ..options() }, world).await;
    bench.sign_in_with_secret().await;
    bench.caught_up().await;
    (bench, auditor, tell)
}

fn complains(snapshot: &Snapshot) -> bool {
    snapshot.notices.iter().any(|notice| notice.trouble.code == "store.slow")
}

#[tokio::test(flavor = "multi_thread")]
async fn guarantee_05_what_a_renewal_brings_is_stored_before_it_is_used() {
    let (mut bench, auditor, _tell) = bench(true).await;
    // What is used from here on came from a renewal.
    auditor.granted.lock().expect("not poisoned").clear();
    auditor.used.lock().expect("not poisoned").clear();
    for renewals in 1..=2 {
        bench.control.expire_tokens(sim::ExpireTokens::default()).expect("expired");
        bench.reconnected(renewals + 1).await;
    }
    let used = auditor.used.lock().expect("not poisoned").clone();
    assert!(used.len() >= 6, "both tokens were used: {}", used.len());
    assert!(used.iter().all(|(_, stored)| *stored), "{} requests came before the store", used.len());
    assert_eq!(bench.control.state()["tokens"]["refreshed"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn guarantee_05_a_key_store_that_does_not_answer_makes_nobody_deaf() {
    let (mut bench, auditor, tell) = bench(false).await;
    bench.control.expire_tokens(sim::ExpireTokens::default()).expect("expired");
    bench.reconnected(2).await;
    let conversation = bench.offer(sim::Offer::default());
    bench.offered(&conversation).await;
    bench.until("it says so", complains).await;
    tell.send(true).expect("somebody listens");
    bench.until("it was stored in the end", |snapshot| !complains(snapshot)).await;
    let last = auditor.granted.lock().expect("not poisoned").clone();
    let saved = auditor.store.saved.lock().expect("not poisoned").clone();
    assert!(last.values().any(|refresh| saved.last() == Some(refresh)), "the newest one");
}
