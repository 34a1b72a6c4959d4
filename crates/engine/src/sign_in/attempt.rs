//! A sign-in under way: the ports it listens on, and the wait for the browser to come back.

use std::fmt;
use std::future::pending;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use earshot_genesys::hosts::Environment;
use earshot_genesys::transport::HttpTransport;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use secrecy::SecretString;
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use super::callback::{Visitor, receive};
use super::page::Page;
use super::probe::probe;
use super::question::{Question, Reply};
use super::{Grant, SignInError};

/// The ports Genesys may redirect to, in the order in which they are tried. Genesys compares addresses letter by letter, so
/// these are fixed, and all three are to be registered.
pub const PORTS: [u16; 3] = [8085, 8086, 8087];

/// How long the browser part may take: enough for a second factor that has to be looked for, not for a coffee.
pub const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// Connections served at the same time. A browser opens two or three; beyond this the next ones wait.
const MOST_VISITORS: usize = 64;

/// Pause after a failed accept (no file descriptors left), so that it cannot spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A sign-in that listens for the browser to come back. Dropping it closes its port.
pub struct Attempt {
    question: Question,
    v4: TcpListener,
    v6: Option<TcpListener>,
}

impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt").field("redirect_uri", &self.question.redirect_uri()).finish_non_exhaustive()
    }
}

impl Attempt {
    /// Starts a sign-in on the first free one of [`PORTS`].
    pub async fn listen(
        environment: Environment,
        client_id: String,
        secret: Option<SecretString>,
    ) -> Result<Self, SignInError> {
        Self::listen_on(&PORTS, environment, client_id, secret).await
    }

    /// The same on ports of your own, for an organisation that has registered others. Zero takes any free one.
    pub async fn listen_on(
        ports: &[u16],
        environment: Environment,
        client_id: String,
        secret: Option<SecretString>,
    ) -> Result<Self, SignInError> {
        for port in ports {
            if let Ok((v4, v6, port)) = bind(*port).await {
                return Ok(Self { question: Question::new(environment, &client_id, secret, port), v4, v6 });
            }
        }
        Err(SignInError::AllPortsTaken { ports: ports.to_vec() })
    }

    /// A sign-in without listener: whoever asks for the address takes the redirect and hands it in.
    #[allow(clippy::needless_pass_by_value)] // the same face as `listen`
    pub fn without_listener(environment: Environment, client_id: String, secret: Option<SecretString>) -> Unheard {
        Unheard(Question::new(environment, &client_id, secret, PORTS[0]))
    }

    /// Where to send the browser.
    pub fn authorize_url(&self) -> Url {
        self.question.authorize_url()
    }

    /// Waits for the browser to come back, at most [`PATIENCE`], closes the port, exchanges the code, and shows the browser
    /// how it went.
    pub async fn finish(self, http: &Arc<dyn HttpTransport>) -> Result<Grant, SignInError> {
        let Self { question, v4, v6 } = self;
        let probe = async {
            match probe(&question, http).await {
                Ok(()) => pending().await,
                Err(error) => error,
            }
        };
        let (visitor, reply) = tokio::select! {
            // If the browser did come back, that is what counts.
            biased;
            answer = answer(&question, &v4, v6.as_ref()) => answer,
            error = probe => return Err(error),
            () = tokio::time::sleep(PATIENCE) => return Err(SignInError::TimedOut),
        };
        drop((v4, v6));
        let result = match reply {
            Reply::Code(code) => question.exchange(&code, http).await,
            Reply::No(error) => Err(error),
            Reply::Stranger => Err(SignInError::WrongRedirect),
        };
        let page = match &result {
            Ok(_) => Page::signed_in(),
            Err(error) => Page::failed(error),
        };
        visitor.show(&page).await;
        result
    }
}

/// A sign-in without listener: see [`Attempt::without_listener`].
pub struct Unheard(Question);

impl fmt::Debug for Unheard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unheard")
    }
}

impl Unheard {
    /// What to ask for.
    pub fn authorize_url(&self) -> Url {
        self.0.authorize_url()
    }

    /// Takes the `Location` that the sign-in address answered with, and exchanges its code.
    pub async fn finish_with_redirect(
        self,
        location: &str,
        http: &Arc<dyn HttpTransport>,
    ) -> Result<Grant, SignInError> {
        let rest = location.strip_prefix(self.0.redirect_uri()).ok_or(SignInError::WrongRedirect)?;
        let query = rest.strip_prefix('?').ok_or(SignInError::WrongRedirect)?;
        match self.0.reply(query) {
            Reply::Code(code) => self.0.exchange(&code, http).await,
            Reply::No(error) => Err(error),
            Reply::Stranger => Err(SignInError::WrongRedirect),
        }
    }
}

/// Binds a port on both loopback addresses. A computer without IPv6 has one of them only; but where somebody else has the
/// port on either, it is taken, since the browser might bring the code to them.
async fn bind(port: u16) -> io::Result<(TcpListener, Option<TcpListener>, u16)> {
    let v4 = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let port = v4.local_addr()?.port();
    match TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await {
        Ok(v6) => Ok((v4, Some(v6), port)),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(error),
        Err(_) => Ok((v4, None, port)),
    }
}

/// Serves visitors until one brings the answer.
async fn answer(question: &Question, v4: &TcpListener, v6: Option<&TcpListener>) -> (Visitor, Reply) {
    let mut visitors = FuturesUnordered::new();
    loop {
        tokio::select! {
            Some(outcome) = visitors.next() => {
                if let Some(answer) = outcome {
                    return answer;
                }
            }
            stream = accept(v4, v6), if visitors.len() < MOST_VISITORS => visitors.push(receive(stream, question)),
        }
    }
}

async fn accept(v4: &TcpListener, v6: Option<&TcpListener>) -> TcpStream {
    loop {
        let accepted = match v6 {
            Some(v6) => tokio::select! {
                accepted = v4.accept() => accepted,
                accepted = v6.accept() => accepted,
            },
            None => v4.accept().await,
        };
        match accepted {
            Ok((stream, _)) => return stream,
            Err(error) => {
                tracing::debug!(%error, "a connection to the sign-in port failed");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}
