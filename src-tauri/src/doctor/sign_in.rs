//! The sign-in of a self-check: the system browser, as the window would open it.

use std::io::{self, Write as _};
use std::sync::Arc;

use earshot_doctor::{Entered, NotIn};
use earshot_genesys::transport::HttpTransport;

use crate::backend::Target;
use crate::backend::real::browse;

/// Signs in. `may_browse` says why the browser is out of the question, where it is.
pub(super) async fn enter(
    target: Target,
    http: Arc<dyn HttpTransport>,
    may_browse: Result<(), &'static str>,
) -> Result<Entered, NotIn> {
    may_browse.map_err(|why| NotIn::NotTried(why.to_owned()))?;
    let _ = writeln!(io::stderr(), "Sign in with the browser that opens now. This waits five minutes at most.");
    match browse(&target, &http).await {
        Ok(grant) => Ok(Entered {
            token: grant.access_token,
            expires_in: Some(grant.expires_in),
            renewable: grant.refresh_token.is_some(),
            // Revoking the token of a client with refresh tokens could end those of an Earshot that runs.
            revoke: grant.refresh_token.is_none(),
            how: "with the browser, for this check alone".to_owned(),
            warning: None,
        }),
        Err(trouble) => {
            let cure = trouble.cure.unwrap_or_else(|| "Try again.".to_owned());
            Err(NotIn::Failed(trouble.message, cure))
        }
    }
}
