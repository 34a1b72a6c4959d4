//! Why a sign-in did not work, as a type for programs and as sentences for the agent.

use earshot_genesys::error::{ApiError, StatusError};
use earshot_genesys::transport::TransportError;

use crate::snapshot::Trouble;
use crate::trouble;

/// Why a sign-in did not work. No variant carries anything that the browser or a stranger on the port has sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// None of the ports that Genesys may redirect to is free.
    #[error("all sign-in ports are taken: {ports:?}")]
    AllPortsTaken {
        /// The ports.
        ports: Vec<u16>,
    },
    /// The person, or their organisation, said no in the browser.
    #[error("sign-in was denied")]
    Denied,
    /// Genesys does not know the OAuth client id here, or does not let it sign people in.
    #[error("the OAuth client is not accepted")]
    WrongClient,
    /// Genesys knows the OAuth client but not this secret.
    #[error("the OAuth client's secret is not accepted")]
    WrongSecret,
    /// The redirect address is not registered with the OAuth client.
    #[error("{redirect_uri} is not registered with the OAuth client")]
    RedirectNotRegistered {
        /// The address to register.
        redirect_uri: String,
    },
    /// Another OAuth error.
    #[error("sign-in was refused: {code}")]
    Refused {
        /// Its OAuth error code.
        code: String,
    },
    /// Whatever answers at the sign-in address, it has no sign-in.
    #[error("no Genesys Cloud sign-in at this address (HTTP {status})")]
    NotGenesys {
        /// What it answered.
        status: u16,
    },
    /// Nobody finished the sign-in in the browser.
    #[error("sign-in was not finished in time")]
    TimedOut,
    /// The sign-in address cannot be reached.
    #[error("the sign-in address cannot be reached: {0}")]
    Unreachable(TransportError),
    /// The browser part worked, the exchange of the code for a token did not.
    #[error("the sign-in could not be completed: {0}")]
    Exchange(ApiError),
    /// The redirect handed in is not the answer to this sign-in.
    #[error("the redirect does not belong to this sign-in")]
    WrongRedirect,
}

impl SignInError {
    /// What the token endpoint's answer means; `confidential` when a secret was shown.
    pub(super) fn of_exchange(error: ApiError, confidential: bool) -> Self {
        let ApiError::Status(StatusError { status: 400..=499, code: Some(code), html: false, .. }) = &error else {
            return Self::Exchange(error);
        };
        match code.as_str() {
            "invalid_client" if confidential => Self::WrongSecret,
            "invalid_client" | "unauthorized_client" => Self::WrongClient,
            "access_denied" => Self::Denied,
            _ => Self::Exchange(error),
        }
    }

    /// The same for the agent: what happened, and what to do.
    #[must_use]
    pub fn trouble(&self) -> Trouble {
        let person = |code: &str, message: &str, cure: &str| Trouble::needs_a_person(code, message, cure);
        // The same again can help.
        let again = |code: &str, message: &str, cure: &str| Trouble { retryable: true, ..person(code, message, cure) };
        match self {
            Self::AllPortsTaken { ports } => {
                let ports: Vec<_> = ports.iter().map(u16::to_string).collect();
                again(
                    "sign_in.ports_taken",
                    &format!("Other programs use all the ports that sign-in needs ({}).", ports.join(", ")),
                    "Close other copies of Earshot or the program that uses them, then sign in again.",
                )
            }
            Self::Denied => again(
                "sign_in.denied",
                "Genesys Cloud did not get your consent, or your organisation does not allow this client.",
                "Sign in again and allow it; if you did, ask your administrator to authorise the OAuth client.",
            ),
            Self::WrongClient => person(
                "sign_in.client",
                "Genesys Cloud does not know this OAuth client id in this region.",
                "Check the client id with your administrator, and that the region is right.",
            ),
            Self::WrongSecret => person(
                "sign_in.secret",
                "Genesys Cloud does not accept the secret of this OAuth client.",
                "Ask your administrator for the current secret.",
            ),
            Self::RedirectNotRegistered { redirect_uri } => person(
                "sign_in.redirect",
                &format!("Genesys Cloud does not know Earshot's return address {redirect_uri} for this OAuth client."),
                "Ask your administrator to add it to the OAuth client's authorised redirect URIs, exactly as it is.",
            ),
            Self::Refused { code } if code == "server_error" || code == "temporarily_unavailable" => again(
                "sign_in.server",
                "Genesys Cloud has a problem of its own with signing in.",
                "Sign in again in a minute.",
            ),
            Self::Refused { code } => person(
                "sign_in.refused",
                &format!("Genesys Cloud refused the sign-in ({code})."),
                "Ask your administrator to check the OAuth client: grant type “Code Authorization” or PKCE, and its scopes.",
            ),
            Self::NotGenesys { status } => person(
                "sign_in.address",
                &format!("There is no Genesys Cloud sign-in at this address (HTTP {status})."),
                "Check the region, or the sign-in address.",
            ),
            Self::TimedOut => again(
                "sign_in.timed_out",
                "The sign-in was not finished in the browser within five minutes.",
                "Sign in again.",
            ),
            Self::Unreachable(error) => trouble::of_api_error(&ApiError::Transport(error.clone())),
            Self::Exchange(ApiError::Status(StatusError { code: Some(code), .. })) if code == "invalid_grant" => again(
                "sign_in.expired",
                "Genesys Cloud no longer accepts what the browser brought back: it was too old, or was used before.",
                "Sign in again.",
            ),
            Self::Exchange(error) => trouble::of_api_error(error),
            Self::WrongRedirect => again(
                "sign_in.wrong_redirect",
                "An answer arrived that does not belong to this sign-in.",
                "Sign in again.",
            ),
        }
    }
}
