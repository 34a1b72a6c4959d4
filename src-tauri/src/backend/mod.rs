//! What the shell needs of the world behind it, as narrow traits: signing in, and a session. Production is `real`; the
//! tests of the owner bring their own.

pub(crate) mod real;

use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use earshot_engine::desk::io::Command;
use earshot_engine::sign_in::{PORTS, SecretSource, SignedOut};
use earshot_engine::snapshot::{Snapshot, Trouble};
use earshot_engine::world::StoreError;
use earshot_genesys::hosts::Environment;
use tokio::sync::watch;

use crate::secret_file::SecretFile;

/// Where to sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) environment: Environment,
    pub(crate) client_id: String,
    /// Where the client's secret is; none: a client without one, with PKCE alone.
    pub(crate) secret: Option<SecretFile>,
    /// Where the browser may come back to, in the order in which they are tried.
    pub(crate) ports: Vec<u16>,
    /// Whether the token of somebody who works is kept from ending as unused.
    pub(crate) keep_signed_in: bool,
    /// The built-in practice contact centre.
    pub(crate) practice: bool,
}

impl Target {
    /// With PKCE, and the ports that Earshot registers.
    pub(crate) fn new(environment: Environment, client_id: String) -> Self {
        Self { environment, client_id, secret: None, ports: PORTS.to_vec(), keep_signed_in: true, practice: false }
    }

    /// What a session renews with beside its refresh token: read again each time.
    pub(crate) fn secrets(&self) -> Vec<Arc<dyn SecretSource>> {
        self.secret.iter().map(SecretFile::source).collect()
    }
}

/// Signs in, and opens sessions.
#[async_trait]
pub(crate) trait Backend: Send + Sync + 'static {
    /// What a sign-in yields.
    type Grant: Send + 'static;
    /// A sign-in from before, as the key store held it.
    type Stored: Send + 'static;

    /// Opens the system browser and waits for it to come back. Dropped, it stops waiting.
    async fn sign_in(&self, target: &Target) -> Result<Self::Grant, Trouble>;

    /// Starts the practice contact centre and signs in to it.
    async fn practice(&self) -> Result<(Target, Self::Grant), Trouble>;

    /// Looks in the key store for a sign-in from before. Takes as long as the store takes: a person may have to unlock it.
    async fn stored(&self, target: &Target) -> Result<Option<Self::Stored>, StoreError>;

    /// Removes what the key store holds for this place.
    async fn forget(&self, target: &Target);

    /// Goes on with a sign-in from before: the session gets its token by itself. Within a tokio runtime.
    fn resume(&self, target: &Target, stored: Self::Stored) -> Result<Box<dyn Session<Self::Grant>>, Trouble>;

    /// Starts a session, within a tokio runtime.
    fn open(&self, target: &Target, grant: Self::Grant) -> Result<Box<dyn Session<Self::Grant>>, Trouble>;
}

/// A running session.
#[async_trait]
pub(crate) trait Session<Grant>: Send + Sync {
    /// What it knows, always the newest.
    fn snapshots(&self) -> watch::Receiver<Arc<Snapshot>>;

    /// A command of the person's.
    fn command(&self, command: Command);

    /// Cuts a back-off short.
    fn reconnect_now(&self);

    /// The computer is about to sleep; ready when that is on record.
    fn going_to_sleep(&self) -> Pin<Box<dyn Future<Output = ()> + Send>>;

    /// The computer woke up, or its network changed.
    fn woke(&self);

    /// Whether a person uses this computer.
    fn person_here(&self, here: bool);

    /// Goes on with a fresh sign-in.
    fn renew(&self, grant: Grant);

    /// Ends it; with `sign_out`, revokes the sign-in too, removes it from the key store, and says what came of that.
    async fn end(self: Box<Self>, sign_out: bool) -> Option<SignedOut>;
}
