//! The key store's one worker. A key store may open a dialog and wait for a person, for minutes; so its calls run on a thread
//! of their own, one after the other, and whoever asks decides how long to wait. A call that hangs holds up no other
//! sign-in: it is only what comes after it at the store that waits.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use earshot_engine::world::{CredentialStore as Port, StoreError};
use keyring_core::{Entry, Error};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::oneshot;

use super::system;

type Open = dyn Fn(&str) -> keyring_core::Result<Entry> + Send + Sync;
type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// The key store of this computer. Clones share the worker.
#[derive(Clone)]
pub(crate) struct KeyStore(Arc<Inner>);

struct Inner {
    open: Box<Open>,
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Job>,
    /// There is a thread that takes from `waiting`.
    at_work: bool,
}

struct Job {
    account: String,
    work: Work,
}

enum Work {
    Load(Reply<Option<SecretString>>),
    Save(SecretString, Reply<()>),
    Clear(Reply<()>),
}

impl Job {
    /// Whether anybody still wants it. What is to be removed is removed, also when nobody waits for it any more.
    fn wanted(&self) -> bool {
        match &self.work {
            Work::Load(reply) => !reply.is_closed(),
            Work::Save(_, reply) => !reply.is_closed(),
            Work::Clear(_) => true,
        }
    }
}

impl KeyStore {
    /// The operating system's.
    pub(crate) fn system() -> Self {
        Self::with(system::open)
    }

    /// Another one, where an account's entry is had like this.
    pub(crate) fn with(open: impl Fn(&str) -> keyring_core::Result<Entry> + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner { open: Box::new(open), queue: Mutex::default() }))
    }

    /// The place of one sign-in.
    pub(crate) fn at(&self, account: String) -> Place {
        Place { store: self.clone(), account, found: Mutex::new(None) }
    }

    async fn ask<T>(&self, account: &str, work: impl FnOnce(Reply<T>) -> Work) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.submit(Job { account: account.to_owned(), work: work(reply) });
        answer.await.unwrap_or_else(|_| Err(StoreError::Failed("a fault in Earshot".to_owned())))
    }

    fn submit(&self, job: Job) {
        let mut queue = self.0.queue();
        queue.waiting.retain(Job::wanted);
        queue.waiting.push_back(job);
        if queue.at_work {
            return;
        }
        let inner = Arc::clone(&self.0);
        // Not one of the runtime's threads: those are waited for at the end, and this one may wait for a person.
        match std::thread::Builder::new().name("key store".to_owned()).spawn(move || inner.work()) {
            Ok(_) => queue.at_work = true,
            // Whoever waits for an answer hears that there is none.
            Err(_) => queue.waiting.clear(),
        }
    }
}

impl Inner {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The thread: works until nothing is left to do.
    fn work(&self) {
        loop {
            let job = {
                let mut queue = self.queue();
                let Some(job) = queue.waiting.pop_front() else {
                    queue.at_work = false;
                    return;
                };
                job
            };
            if job.wanted() {
                self.perform(job);
            }
        }
    }

    fn perform(&self, Job { account, work }: Job) {
        // Whoever asked may have stopped waiting, which is no error.
        match work {
            Work::Load(reply) => {
                let _ = reply.send(self.call(&account, load));
            }
            Work::Save(secret, reply) => {
                let _ = reply.send(self.call(&account, |entry| save(entry, &secret)));
            }
            Work::Clear(reply) => {
                let cleared = self.call(&account, clear);
                if let Err(error) = &cleared {
                    tracing::warn!(%error, "the key store has not forgotten the sign-in");
                }
                let _ = reply.send(cleared);
            }
        }
    }

    fn call<T>(&self, account: &str, call: impl FnOnce(&Entry) -> keyring_core::Result<T>) -> Result<T, StoreError> {
        // A fault in a library must not leave the queue without a worker.
        let result = catch_unwind(AssertUnwindSafe(|| call(&(self.open)(account)?)));
        match result {
            Ok(result) => result.map_err(|error| system::meaning(&error)),
            Err(_) => Err(StoreError::Failed("a fault in the key store's library".to_owned())),
        }
    }
}

fn load(entry: &Entry) -> keyring_core::Result<Option<SecretString>> {
    match entry.get_password() {
        Ok(secret) => Ok(Some(secret.into())),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Several entries under one name cannot be told apart; the newest sign-in takes the place of all of them.
fn save(entry: &Entry, secret: &SecretString) -> keyring_core::Result<()> {
    match entry.set_password(secret.expose_secret()) {
        Err(Error::Ambiguous(entries)) => {
            entries.iter().try_for_each(clear)?;
            entry.set_password(secret.expose_secret())
        }
        result => result,
    }
}

fn clear(entry: &Entry) -> keyring_core::Result<()> {
    match entry.delete_credential() {
        Ok(()) | Err(Error::NoEntry) => Ok(()),
        Err(Error::Ambiguous(entries)) => entries.iter().try_for_each(clear),
        Err(error) => Err(error),
    }
}

/// One sign-in's place in the key store: the engine's port.
pub(crate) struct Place {
    store: KeyStore,
    account: String,
    /// Read already, for whoever asks next.
    found: Mutex<Option<SecretString>>,
}

impl Place {
    /// Gives this out at the next [`Port::load`], which then asks nobody.
    pub(crate) fn found(mut self, secret: SecretString) -> Self {
        self.found = Mutex::new(Some(secret));
        self
    }
}

#[async_trait]
impl Port for Place {
    async fn save(&self, refresh_token: &SecretString) -> Result<(), StoreError> {
        self.store.ask(&self.account, |reply| Work::Save(refresh_token.clone(), reply)).await
    }

    async fn load(&self) -> Result<Option<SecretString>, StoreError> {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner).take();
        match found {
            Some(secret) => Ok(Some(secret)),
            None => self.store.ask(&self.account, Work::Load).await,
        }
    }

    async fn clear(&self) -> Result<(), StoreError> {
        self.store.ask(&self.account, Work::Clear).await
    }
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
