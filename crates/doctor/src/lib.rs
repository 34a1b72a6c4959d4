//! Checks all that Earshot needs and names what is wrong: one row for each thing, with what was found and what to do. For
//! `earshot --doctor` and `earshot-listen doctor`, and for whoever reads their output at a help desk.
//!
//! A check that cannot be made because of an earlier failure says so and does not fail too: one thing broken is one row.
//! Every check has a limit, and so has the whole. Nothing secret is ever in a row. What the desktop alone has (a tray, a
//! key store, a loudspeaker) is checked by the desktop program, with the rows of [`report`].

mod account;
mod channel;
pub mod features;
mod issuer;
mod network;
pub mod report;
mod time;

use std::sync::Arc;

use earshot_genesys::api::{AccessToken, Api};
use earshot_genesys::hosts::Environment;
use earshot_genesys::net::{HttpClient, Network};
use earshot_genesys::socket_auth::SocketAuth;
use earshot_genesys::transport::HttpTransport;
use std::time::Duration;

pub use report::{Check, Examination, Outcome, Row};
pub use time::{ALL, EACH, Watch};

/// What is examined.
pub struct Subject {
    /// Where.
    pub environment: Environment,
    /// The way there.
    pub network: Network,
    /// How people sign in, where they do.
    pub browser: Option<Browser>,
    /// What is listened to.
    pub topics: Vec<Wanted>,
    /// How the socket is opened.
    pub socket_auth: SocketAuth,
    /// What the user signs in for: decides which scopes and permissions are looked for.
    pub needs: Needs,
}

/// A sign-in with the system's browser.
#[derive(Debug, Clone)]
pub struct Browser {
    /// The OAuth client.
    pub client_id: String,
    /// The ports that Genesys may redirect to.
    pub ports: Vec<u16>,
}

/// A topic to listen to.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Its name, in which `{me}` stands for the signed-in user.
    pub topic: String,
    /// Without it there is no point in being connected.
    pub essential: bool,
}

/// What the sign-in is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// An agent's desk: hear, answer, go on queue.
    Desk,
    /// Listening alone.
    Hearing,
}

/// A token for the rest of the examination.
pub struct Entered {
    /// The token.
    pub token: AccessToken,
    /// How long it lives, where that was said.
    pub expires_in: Option<Duration>,
    /// It can be renewed without a person.
    pub renewable: bool,
    /// It was made for the examination alone, and is revoked at its end.
    pub revoke: bool,
    /// How it was had: `with the refresh token of the key store`.
    pub how: String,
    /// Something about the sign-in that a person should mend: the row is a warning then.
    pub warning: Option<(String, String)>,
}

/// Why there is no token.
pub enum NotIn {
    /// It was not tried, and why.
    NotTried(String),
    /// It did not work: what was found, and what to do.
    Failed(String, String),
}

/// Examines the network and the account, from the addresses to the socket. `enter` gets the token; it is not asked where
/// the sign-in cannot be reached. How long it may take is its own affair: it waits for a person, maybe.
pub async fn examine<F, E>(subject: &Subject, examination: &mut Examination<'_>, watch: &mut Watch, enter: F)
where
    F: FnOnce(Arc<dyn HttpTransport>) -> E,
    E: Future<Output = Result<Entered, NotIn>>,
{
    let http: Arc<dyn HttpTransport> = match HttpClient::new(&subject.network) {
        Ok(http) => Arc::new(http),
        Err(error) => {
            let cure = "Check the proxy settings of this computer, and its certificates.";
            examination.add(Row::failed(Check::SignInAddress, format!("No request can be made: {error}."), cure));
            return examination.skip_after(Check::SignInAddress, Check::Socket, "no request can be made");
        }
    };
    let reached = network::reach(subject, &http, examination, watch).await;
    let ready = match (&subject.browser, reached.login) {
        (Some(browser), true) => network::client(subject, browser, &http, examination, watch).await,
        (Some(_), false) => {
            examination.skip(Check::OAuthClient, "the sign-in address cannot be reached");
            examination.skip(Check::ReturnAddresses, "the sign-in address cannot be reached");
            false
        }
        (None, login) => login,
    };
    let entered = if ready {
        // A person may sit before the browser: that time is theirs.
        let begin = tokio::time::Instant::now();
        let entered = enter(Arc::clone(&http)).await;
        watch.give(begin.elapsed());
        entered
    } else if reached.login {
        Err(NotIn::NotTried("the browser could not bring a sign-in back".into()))
    } else {
        Err(NotIn::NotTried("the sign-in address cannot be reached".into()))
    };
    let entered = match entered {
        Ok(entered) => entered,
        Err(NotIn::NotTried(why)) => {
            examination.skip(Check::SignIn, &why);
            return examination.skip_after(Check::SignIn, Check::Socket, "nobody is signed in");
        }
        Err(NotIn::Failed(found, cure)) => {
            examination.add(Row::failed(Check::SignIn, found, cure));
            return examination.skip_after(Check::SignIn, Check::Socket, "nobody is signed in");
        }
    };
    examination.add(match &entered.warning {
        None => Row::ok(Check::SignIn, format!("Signed in {}.", entered.how)),
        Some((found, cure)) => Row::warning(Check::SignIn, format!("Signed in {}. {found}", entered.how), cure.clone()),
    });
    if !reached.api {
        return examination.skip_after(Check::SignIn, Check::Socket, "the API address cannot be reached");
    }
    let api = Api::new(subject.environment.clone(), Arc::clone(&http));
    let account = account::look(subject, &api, &entered, examination, watch).await;
    channel::look(subject, &api, &entered.token, &account, examination, watch).await;
    if entered.revoke {
        // It lapses by itself otherwise.
        let _ = watch.within(api.revoke_token(&entered.token)).await;
    }
}
