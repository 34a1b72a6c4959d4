//! The two ports through which everything reaches the network: one HTTP exchange, and one socket. Production stands in
//! `net`; a test or a simulation brings its own.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Method};
use secrecy::SecretString;
use url::Url;

use crate::socket_auth::Refusal;

/// One HTTP request. Headers that carry a secret are marked sensitive by whoever sets them.
pub struct HttpRequest {
    /// Method.
    pub method: Method,
    /// Address.
    pub url: Url,
    /// Headers.
    pub headers: HeaderMap,
    /// Body, already encoded.
    pub body: Option<Bytes>,
    /// From the first byte of the connection to the last byte of the answer.
    pub timeout: Duration,
}

/// The answer to one HTTP request, whatever its status.
pub struct HttpResponse {
    /// Status code.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body, whole; bounded by the transport.
    pub body: Bytes,
}

impl fmt::Debug for HttpRequest {
    /// Without address, headers and body: channel ids, codes and tokens travel in all three.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpRequest").field("method", &self.method).finish_non_exhaustive()
    }
}

impl fmt::Debug for HttpResponse {
    /// Without headers and body: tokens and customers are in them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = self.body.len();
        f.debug_struct("HttpResponse").field("status", &self.status).field("length", &length).finish_non_exhaustive()
    }
}

/// Performs one HTTP exchange. No redirects, no retries, no cookies.
#[async_trait]
pub trait HttpTransport: Send + Sync {
    /// Sends `request` and reads the whole answer.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError>;
}

/// What a socket is opened with.
#[derive(Debug)]
pub struct SocketRequest {
    /// The channel's `connectUri`, which alone opens the channel: secret.
    pub uri: SecretString,
    /// Bearer token for the header `Authorization` of the upgrade. Genesys Cloud wants none; see `socket_auth`.
    pub bearer: Option<SecretString>,
    /// From the first byte of the connection to the end of the upgrade.
    pub timeout: Duration,
}

/// One WebSocket frame, or the end of the socket. Its `Debug` shows the length alone: frames carry customers and channel
/// ids.
#[derive(Clone, PartialEq, Eq)]
pub enum Frame {
    /// Text.
    Text(String),
    /// Binary; Genesys sends none today.
    Binary(Bytes),
    /// RFC 6455 ping received (answered by the transport) or to be sent.
    Ping,
    /// RFC 6455 pong.
    Pong,
    /// The other side closed, with its code and reason where it gave them.
    Close {
        /// Close code.
        code: Option<u16>,
        /// Close reason.
        reason: String,
    },
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Binary(bytes) => write!(f, "Binary({} bytes)", bytes.len()),
            Self::Ping => f.write_str("Ping"),
            Self::Pong => f.write_str("Pong"),
            Self::Close { code, .. } => write!(f, "Close({code:?})"),
        }
    }
}

/// The half of a socket that sends.
#[async_trait]
pub trait FrameSender: Send {
    /// Sends one frame.
    async fn send(&mut self, frame: Frame) -> Result<(), TransportError>;
}

/// The half of a socket that receives.
#[async_trait]
pub trait FrameReceiver: Send {
    /// The next frame; `None` after the end of the stream. A frame over the size limit is an error of kind `TooLarge`.
    async fn next(&mut self) -> Option<Result<Frame, TransportError>>;
}

/// An open socket, never reused for a second connection.
pub struct Socket {
    /// Sends.
    pub sender: Box<dyn FrameSender>,
    /// Receives.
    pub receiver: Box<dyn FrameReceiver>,
}

/// Opens sockets.
#[async_trait]
pub trait Dialer: Send + Sync {
    /// Opens one socket.
    async fn dial(&self, request: SocketRequest) -> Result<Socket, DialError>;
}

/// Why a socket did not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DialError {
    /// The server answered the upgrade with another status than 101.
    #[error("the server refused the socket with HTTP {status}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// Its `Retry-After`.
        retry_after: Option<Duration>,
    },
    /// It did not get that far.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// It was to carry the access token, and leads where that must not go: nothing was sent.
    #[error(transparent)]
    Untrusted(#[from] Refusal),
}

/// An exchange that did not take place, or was cut off.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind}: {detail}")]
pub struct TransportError {
    /// What kind of failure.
    pub kind: TransportKind,
    /// What the library below said, without addresses that are secret.
    pub detail: String,
}

/// What kind of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum TransportKind {
    /// This computer has no network.
    #[error("no network")]
    Offline,
    /// The name was not found.
    #[error("host not found")]
    Dns,
    /// Nobody listens there.
    #[error("connection refused")]
    Refused,
    /// TLS: certificate or handshake.
    #[error("secure connection failed")]
    Tls,
    /// The proxy said no (407 and its like).
    #[error("proxy refused")]
    Proxy,
    /// Too slow.
    #[error("timed out")]
    Timeout,
    /// An answer or frame over the size limit.
    #[error("too large")]
    TooLarge,
    /// Cut off in the middle, or not the protocol.
    #[error("connection broken")]
    Broken,
    /// Nothing was sent: what would have signed the request cannot be read on this computer.
    #[error("secret not readable")]
    Secret,
}
