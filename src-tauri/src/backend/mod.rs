//! What the shell needs of the world behind it, as narrow traits: signing in, and a session. Production is `real`; the
//! tests of the owner bring their own.

pub(crate) mod real;

use std::sync::Arc;

use async_trait::async_trait;
use earshot_engine::desk::io::Command;
use earshot_engine::snapshot::{Snapshot, Trouble};
use earshot_genesys::hosts::Environment;
use tokio::sync::watch;

/// Where to sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) environment: Environment,
    pub(crate) client_id: String,
    /// The built-in practice contact centre.
    pub(crate) practice: bool,
}

/// Signs in, and opens sessions.
#[async_trait]
pub(crate) trait Backend: Send + Sync + 'static {
    /// What a sign-in yields.
    type Grant: Send + 'static;

    /// Opens the system browser and waits for it to come back. Dropped, it stops waiting.
    async fn sign_in(&self, target: &Target) -> Result<Self::Grant, Trouble>;

    /// Starts the practice contact centre and signs in to it.
    async fn practice(&self) -> Result<(Target, Self::Grant), Trouble>;

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

    /// Goes on with a fresh sign-in.
    fn renew(&self, grant: Grant);

    /// Ends it; with `sign_out`, revokes the sign-in too.
    async fn end(self: Box<Self>, sign_out: bool);
}
