//! The ports of the engine: clock, random source and credential store, beside the two network ports of
//! `earshot_genesys::transport`. Each has one production implementation here; a simulation brings its own.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use earshot_genesys::net::{HttpClient, Network, SocketDialer};
use earshot_genesys::transport::{Dialer, HttpTransport, TransportError};
use rand::Rng as _;
use secrecy::SecretString;
use tokio::sync::Mutex;

use crate::moment::millis;
use crate::snapshot::Millis;

/// Everything outside.
#[derive(Clone)]
pub struct World {
    /// HTTP.
    pub http: Arc<dyn HttpTransport>,
    /// Sockets.
    pub dialer: Arc<dyn Dialer>,
    /// The two clocks.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub dice: Arc<dyn Dice>,
    /// Where the refresh token lives.
    pub store: Arc<dyn CredentialStore>,
}

impl World {
    /// The real one, as the operating system has it set up; refresh tokens stay in memory.
    ///
    /// # Errors
    /// When the HTTP client cannot be made.
    pub fn system() -> Result<Self, TransportError> {
        let network = Network::system();
        Ok(Self {
            http: Arc::new(HttpClient::new(&network)?),
            dialer: Arc::new(SocketDialer::new(&network)),
            clock: Arc::new(SystemClock::default()),
            dice: Arc::new(ThreadDice),
            store: Arc::new(MemoryStore::default()),
        })
    }
}

/// The two clocks.
pub trait Clock: Send + Sync {
    /// Since some fixed moment; never goes back.
    fn mono(&self) -> Duration;
    /// Milliseconds since 1970; may jump.
    fn wall(&self) -> Millis;
}

/// The clocks of this computer. The monotonic one is tokio's, which stands still where a test pauses it.
#[derive(Debug)]
pub struct SystemClock {
    started: tokio::time::Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { started: tokio::time::Instant::now() }
    }
}

impl Clock for SystemClock {
    fn mono(&self) -> Duration {
        self.started.elapsed()
    }

    fn wall(&self) -> Millis {
        // A clock before 1970 is as wrong as one at 1970.
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, millis)
    }
}

/// Chance.
pub trait Dice: Send + Sync {
    /// A fresh random number.
    fn roll(&self) -> u64;
}

/// The operating system's.
#[derive(Debug, Clone, Copy)]
pub struct ThreadDice;

impl Dice for ThreadDice {
    fn roll(&self) -> u64 {
        rand::rng().random()
    }
}

/// Where the refresh token lives between two runs.
#[async_trait]
pub trait CredentialStore: Send + Sync {
    /// Replaces what is stored.
    async fn save(&self, refresh_token: &SecretString) -> Result<(), StoreError>;
    /// What is stored.
    async fn load(&self) -> Result<Option<SecretString>, StoreError>;
    /// Forgets it. A store that is asked in vain here goes on trying, where it can.
    async fn clear(&self) -> Result<(), StoreError>;
}

/// Why the store did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// It is locked, and whoever could unlock it did not.
    #[error("the credential store is locked")]
    Locked,
    /// There is none on this computer.
    #[error("there is no credential store")]
    Absent,
    /// It has not answered so far. What was asked may still happen.
    #[error("the credential store does not answer")]
    Slow,
    /// It holds more than one credential where there should be one.
    #[error("the credential store holds more than one credential")]
    Ambiguous,
    /// The credential is longer than the store can keep.
    #[error("the credential is too long for the credential store")]
    TooLong,
    /// It failed, for a reason that is no secret.
    #[error("the credential store failed: {0}")]
    Failed(String),
}

/// Keeps the refresh token in memory: it is gone after a restart, and the agent signs in again.
#[derive(Debug, Default)]
pub struct MemoryStore {
    refresh_token: Mutex<Option<SecretString>>,
}

#[async_trait]
impl CredentialStore for MemoryStore {
    async fn save(&self, refresh_token: &SecretString) -> Result<(), StoreError> {
        *self.refresh_token.lock().await = Some(refresh_token.clone());
        Ok(())
    }

    async fn load(&self) -> Result<Option<SecretString>, StoreError> {
        Ok(self.refresh_token.lock().await.clone())
    }

    async fn clear(&self) -> Result<(), StoreError> {
        *self.refresh_token.lock().await = None;
        Ok(())
    }
}
