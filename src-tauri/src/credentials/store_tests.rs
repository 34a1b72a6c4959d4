//! Tests of the worker, with `keyring-core`'s own mock of a store and with one that hangs.
#![allow(clippy::expect_used)]

use std::any::Any;
use std::sync::mpsc;
use std::time::Duration;

use earshot_engine::limits::STORE_PATIENCE;
use keyring_core::api::{CredentialApi, CredentialStoreApi};
use keyring_core::{Credential, mock};

use super::*;

/// The mock keeps entries by it.
const SERVICE: &str = "a service";

/// What should happen at once is waited for so long.
const SOON: Duration = Duration::from_secs(30);

fn mocked() -> (Arc<mock::Store>, KeyStore) {
    let mock = mock::Store::new().expect("a mock");
    let store = Arc::clone(&mock);
    (mock, KeyStore::with(move |account| store.build(SERVICE, account, None)))
}

/// The next call of this entry ends like this.
fn fails(mock: &mock::Store, account: &str, error: Error) {
    let entry = mock.build(SERVICE, account, None).expect("an entry");
    entry.as_any().downcast_ref::<mock::Cred>().expect("a mock").set_error(error);
}

fn locked() -> Error {
    Error::NoStorageAccess(Box::new(std::io::Error::other("locked")))
}

async fn holds(place: &Place) -> Option<String> {
    place.load().await.expect("an answer").map(|secret| secret.expose_secret().to_owned())
}

#[tokio::test]
async fn what_is_saved_is_there_for_another_start_until_it_is_cleared() {
    let (_, store) = mocked();
    let place = store.at("host client".to_owned());
    assert_eq!(holds(&place).await, None);
    place.save(&"one".into()).await.expect("saved");
    place.save(&"two".into()).await.expect("saved");
    assert_eq!(holds(&store.at("host client".to_owned())).await.as_deref(), Some("two"));
    assert_eq!(holds(&store.at("host another".to_owned())).await, None, "each sign-in has its own place");
    place.clear().await.expect("cleared");
    place.clear().await.expect("nothing there is as good");
    assert_eq!(holds(&place).await, None);
}

#[tokio::test]
async fn what_was_found_is_given_out_once_without_asking_again() {
    let (_, store) = mocked();
    let place = store.at("a".to_owned()).found("early".into());
    place.save(&"late".into()).await.expect("saved");
    assert_eq!(holds(&place).await.as_deref(), Some("early"));
    assert_eq!(holds(&place).await.as_deref(), Some("late"));
}

#[tokio::test]
async fn a_locked_store_is_said_and_works_again_once_it_is_unlocked() {
    let (mock, store) = mocked();
    let place = store.at("a".to_owned());
    fails(&mock, "a", locked());
    assert_eq!(place.save(&"one".into()).await, Err(StoreError::Locked));
    place.save(&"one".into()).await.expect("unlocked");
    fails(&mock, "a", locked());
    assert_eq!(place.load().await.err(), Some(StoreError::Locked));
    fails(&mock, "a", locked());
    assert_eq!(place.clear().await, Err(StoreError::Locked));
    assert_eq!(holds(&place).await.as_deref(), Some("one"));
}

#[tokio::test]
async fn a_store_that_is_not_there_is_looked_for_again_at_each_call() {
    let (mock, _) = mocked();
    let there = Arc::new(Mutex::new(false));
    let seen = Arc::clone(&there);
    let store = KeyStore::with(move |account| {
        let there = *seen.lock().expect("the switch");
        if there { mock.build(SERVICE, account, None) } else { Err(Error::NoDefaultStore) }
    });
    let place = store.at("a".to_owned());
    assert_eq!(place.save(&"one".into()).await, Err(StoreError::Absent));
    *there.lock().expect("the switch") = true;
    place.save(&"one".into()).await.expect("it was started meanwhile");
}

#[tokio::test]
async fn entries_that_cannot_be_told_apart_give_way_to_the_newest_sign_in() {
    let (mock, store) = mocked();
    let place = store.at("a".to_owned());
    let twins = || ["x", "y"].map(|name| mock.build("other", name, None).expect("an entry"));
    for twin in twins() {
        twin.set_password("old").expect("set");
    }
    fails(&mock, "a", Error::Ambiguous(twins().into()));
    assert_eq!(place.load().await.err(), Some(StoreError::Ambiguous));
    fails(&mock, "a", Error::Ambiguous(twins().into()));
    place.save(&"new".into()).await.expect("saved");
    assert_eq!(holds(&place).await.as_deref(), Some("new"));
    assert!(twins().iter().all(|twin| matches!(twin.get_password(), Err(Error::NoEntry))));
    fails(&mock, "a", Error::Ambiguous(vec![mock.build(SERVICE, "a", None).expect("an entry")]));
    place.clear().await.expect("cleared");
    assert_eq!(holds(&place).await, None);
}

#[tokio::test]
async fn a_fault_in_the_library_is_an_error_and_the_worker_goes_on() {
    let (mock, _) = mocked();
    let first = Mutex::new(true);
    let store = KeyStore::with(move |account| {
        assert!(!std::mem::take(&mut *first.lock().expect("the switch")), "a fault");
        mock.build(SERVICE, account, None)
    });
    let place = store.at("a".to_owned());
    assert!(matches!(place.load().await, Err(StoreError::Failed(_))));
    assert_eq!(holds(&place).await, None);
}

/// A store whose calls wait until the test lets each of them go on, and write down what they were.
#[derive(Debug)]
struct Dialog {
    log: Mutex<Vec<String>>,
    go_on: Mutex<mpsc::Receiver<()>>,
}

#[derive(Debug, Clone)]
struct DialogEntry(Arc<Dialog>);

impl DialogEntry {
    fn wait(&self, what: &str) {
        self.0.log.lock().expect("the log").push(format!("{what} begun"));
        let _ = self.0.go_on.lock().expect("one at a time").recv_timeout(SOON);
        self.0.log.lock().expect("the log").push(format!("{what} done"));
    }
}

impl CredentialApi for DialogEntry {
    fn set_secret(&self, secret: &[u8]) -> keyring_core::Result<()> {
        self.wait(&format!("save {}", String::from_utf8_lossy(secret)));
        Ok(())
    }
    fn get_secret(&self) -> keyring_core::Result<Vec<u8>> {
        self.wait("load");
        Err(Error::NoEntry)
    }
    fn delete_credential(&self) -> keyring_core::Result<()> {
        self.wait("clear");
        Ok(())
    }
    fn get_credential(&self) -> keyring_core::Result<Option<Arc<Credential>>> {
        Ok(None)
    }
    fn get_specifiers(&self) -> Option<(String, String)> {
        None
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[tokio::test]
async fn a_store_that_waits_for_a_person_has_one_call_under_way_and_forgets_what_nobody_wants() {
    let (go_on, gate) = mpsc::channel();
    let dialog = Arc::new(Dialog { log: Mutex::default(), go_on: Mutex::new(gate) });
    let entry = DialogEntry(Arc::clone(&dialog));
    let store = KeyStore::with(move |_| Ok(Entry::new_with_credential(Arc::new(entry.clone()))));
    let (place, other) = (store.at("a".to_owned()), store.at("b".to_owned()));
    let log = || dialog.log.lock().expect("the log").clone();

    // Nobody waits for a dialog longer than for a slow store.
    let patience = STORE_PATIENCE / 20;
    let (one, two) = ("one".into(), "two".into());
    let first = tokio::time::timeout(patience, place.save(&one)).await;
    assert!(first.is_err(), "it waits for a person");
    // A thread of its own has begun it, or is about to.
    let begun = async {
        while log().is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(SOON, begun).await.expect("it should have begun by now");
    assert_eq!(log(), ["save one begun"]);
    // Others do not wait for it either, and leave nothing behind but what is to be removed.
    assert!(tokio::time::timeout(patience, other.load()).await.is_err());
    assert!(tokio::time::timeout(patience, place.save(&two)).await.is_err());
    assert!(tokio::time::timeout(patience, place.clear()).await.is_err());
    assert_eq!(log(), ["save one begun"], "one call at a time");
    assert_eq!(store.0.queue().waiting.len(), 1, "what nobody waits for is not kept");

    // The person unlocks it: what was stored late is removed again, since somebody has signed out meanwhile.
    let last = "three".into();
    let saved = place.save(&last);
    tokio::pin!(saved);
    assert!(tokio::time::timeout(Duration::ZERO, &mut saved).await.is_err());
    for _ in 0..3 {
        go_on.send(()).expect("the store waits");
    }
    tokio::time::timeout(SOON, saved).await.expect("it should have been saved by now").expect("saved");
    assert_eq!(
        log(),
        ["save one begun", "save one done", "clear begun", "clear done", "save three begun", "save three done"]
    );
}
