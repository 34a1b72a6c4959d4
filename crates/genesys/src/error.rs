//! What a REST or OAuth call can come to, other than its answer.

use std::time::Duration;

use crate::transport::TransportError;

/// Why a REST call has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// The exchange did not take place, or was cut off.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// Genesys (or something between) answered with a status that is no success.
    #[error(transparent)]
    Status(#[from] StatusError),
    /// A success whose body is not what the call returns: HTML of a captive portal, cut JSON.
    #[error("{call} answered with something that is not its answer ({})", if *html { "an HTML page" } else { "malformed" })]
    Malformed {
        /// Name of the call.
        call: &'static str,
        /// It looks like a web page.
        html: bool,
    },
}

/// An answer with a status that is no success. Genesys: `ErrorBody`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("HTTP {status}{}{}", code.as_ref().map(|code| format!(" {code}")).unwrap_or_default(), context_id.as_ref().map(|id| format!(" (context {id})")).unwrap_or_default())]
pub struct StatusError {
    /// HTTP status.
    pub status: u16,
    /// Genesys error code: `bad.credentials`, `missing.permissions`, …; for the token endpoint the OAuth `error`.
    pub code: Option<String>,
    /// Genesys' sentence. May name permissions; may name customers: not for logs.
    pub message: Option<String>,
    /// Correlation id to give to Genesys' support.
    pub context_id: Option<String>,
    /// `Retry-After`.
    pub retry_after: Option<Duration>,
    /// The body is a web page, not JSON.
    pub html: bool,
}
