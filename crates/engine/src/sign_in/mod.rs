//! Signing in with the system browser: OAuth authorization code with PKCE, answered on a loopback port. For the desktop
//! shell, which opens the browser, and practice mode, which needs none.
//!
//! Genesys compares redirect addresses exactly, so they are fixed ([`PORTS`]): an administrator registers all three. The
//! ports are bound on 127.0.0.1 and ::1, since browsers take either for `localhost`, and closed after the first request
//! with the right path and state, or after [`PATIENCE`].
//!
//! ```no_run
//! # use std::sync::Arc;
//! # use earshot_genesys::{hosts::Environment, transport::HttpTransport};
//! # async fn example(http: Arc<dyn HttpTransport>, browser: fn(&str)) -> Result<(), Box<dyn std::error::Error>> {
//! use earshot_engine::sign_in::Attempt;
//!
//! let attempt = Attempt::listen(Environment::region("mypurecloud.de")?, "client-id".into(), None).await?;
//! browser(attempt.authorize_url().as_str());
//! let grant = attempt.finish(&http).await?;
//! # drop(grant); Ok(()) }
//! ```

mod attempt;
mod callback;
mod error;
mod grant;
mod page;
mod probe;
mod question;

pub use attempt::{Attempt, PATIENCE, PORTS, Unheard};
pub use error::SignInError;
pub use grant::{Grant, Resume, ResumeFrom, Revocation, SecretSource, SignedOut, SourceError};

use std::sync::Arc;

use earshot_genesys::hosts::Environment;
use earshot_genesys::transport::HttpTransport;

/// Whether a sign-in could begin: asks for the page that the browser would be sent to, with the return address of this
/// port. For a self-check; `Ok` means that nothing was found wrong.
pub async fn could_begin(
    environment: &Environment,
    client_id: &str,
    port: u16,
    http: &Arc<dyn HttpTransport>,
) -> Result<(), SignInError> {
    probe::probe(&question::Question::new(environment.clone(), client_id, None, port), http).await
}

#[cfg(test)]
mod tests;
