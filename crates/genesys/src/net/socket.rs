//! Sockets by tokio-tungstenite, over connections of our own making so that proxies and the trust store hold for them too.
//! The production [`Dialer`].

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use http::header::{AUTHORIZATION, USER_AGENT as USER_AGENT_HEADER};
use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::Matcher;
use rustls::ClientConfig;
use secrecy::{ExposeSecret, SecretString};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};
use url::Url;

use super::connect::{bare_host, connect};
use super::failure::{failure, socket as socket_failure, timed_out};
use super::{MAX_SIZE, Network, USER_AGENT};
use crate::answer::retry_after;
use crate::hosts::is_loopback;
use crate::transport::{
    DialError, Dialer, Frame, FrameReceiver, FrameSender, Socket, SocketRequest, TransportError, TransportKind,
};

/// Frames are small and rare; the library's 128 KiB for each direction would only be held.
const BUFFER: usize = 16 * 1024;

/// Opens sockets.
#[derive(Clone)]
pub struct SocketDialer {
    tls: Arc<ClientConfig>,
    proxies: Arc<Matcher>,
}

impl fmt::Debug for SocketDialer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SocketDialer")
    }
}

impl SocketDialer {
    /// A dialer on `network`.
    pub fn new(network: &Network) -> Self {
        Self { tls: network.tls.for_socket(), proxies: Arc::new(network.proxies.matcher()) }
    }

    async fn open(&self, uri: &SecretString, bearer: Option<&SecretString>) -> Result<Socket, DialError> {
        let target = Target::read(uri)?;
        let proxy = if target.loopback { None } else { self.proxies.intercept(&target.for_proxies) };
        let stream = connect(bare_host(&target.uri), target.port, target.secure, proxy.as_ref(), &self.tls).await?;
        upgrade(target.uri, stream, bearer).await
    }
}

/// Asks for the WebSocket on a connection that is open already. Public so that a simulated network, which has connections
/// of its own, is spoken over exactly as the real one.
pub async fn upgrade<S>(uri: Uri, stream: S, bearer: Option<&SecretString>) -> Result<Socket, DialError>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let mut request = uri.into_client_request().map_err(|error| socket_failure(&error))?;
    request.headers_mut().insert(USER_AGENT_HEADER, HeaderValue::from_static(USER_AGENT));
    if let Some(bearer) = bearer {
        request.headers_mut().insert(AUTHORIZATION, authorization(bearer)?);
    }
    let config = WebSocketConfig::default()
        .read_buffer_size(BUFFER)
        .write_buffer_size(0)
        .max_message_size(Some(MAX_SIZE))
        .max_frame_size(Some(MAX_SIZE));
    match tokio_tungstenite::client_async_with_config(request, stream, Some(config)).await {
        Ok((socket, _)) => {
            let (sink, stream) = socket.split();
            Ok(Socket { sender: Box::new(Sender(sink)), receiver: Box::new(Receiver(stream)) })
        }
        Err(Error::Http(response)) => {
            Err(DialError::Refused { status: response.status().as_u16(), retry_after: retry_after(response.headers()) })
        }
        Err(error) => Err(socket_failure(&error).into()),
    }
}

#[async_trait]
impl Dialer for SocketDialer {
    async fn dial(&self, request: SocketRequest) -> Result<Socket, DialError> {
        match tokio::time::timeout(request.timeout, self.open(&request.uri, request.bearer.as_ref())).await {
            Ok(result) => result,
            Err(_) => Err(timed_out(request.timeout).into()),
        }
    }
}

fn authorization(bearer: &SecretString) -> Result<HeaderValue, TransportError> {
    // The words of the library would quote the token.
    let unusable = |_| failure(TransportKind::Broken, "the access token has characters that no HTTP header can carry");
    let mut value = HeaderValue::from_str(&format!("Bearer {}", bearer.expose_secret())).map_err(unusable)?;
    value.set_sensitive(true);
    Ok(value)
}

/// An address taken apart.
struct Target {
    uri: Uri,
    /// The same place as proxy settings know it: they speak of http and https only, and need no path.
    for_proxies: Uri,
    port: u16,
    secure: bool,
    loopback: bool,
}

impl Target {
    fn read(uri: &SecretString) -> Result<Self, TransportError> {
        // Never the words of the parsers: they could quote the address.
        let unusable = |why: &str| failure(TransportKind::Broken, format!("the channel's address {why}"));
        let url = Url::parse(uri.expose_secret()).map_err(|_| unusable("is no address"))?;
        let secure = match url.scheme() {
            "wss" => true,
            "ws" => false,
            _ => return Err(unusable("is neither ws nor wss")),
        };
        let loopback = is_loopback(&url);
        if !secure && !loopback {
            return Err(failure(TransportKind::Tls, "plain ws is for this computer itself only"));
        }
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| unusable("has no host"))?;
        let port = url.port_or_known_default().ok_or_else(|| unusable("has no port"))?;
        let scheme = if secure { "https" } else { "http" };
        let for_proxies = format!("{scheme}://{host}:{port}/").parse().map_err(|_| unusable("has no usable host"))?;
        let uri = url.as_str().parse().map_err(|_| unusable("cannot be requested"))?;
        Ok(Self { uri, for_proxies, port, secure, loopback })
    }
}

struct Sender<S>(SplitSink<WebSocketStream<S>, Message>);

#[async_trait]
impl<S: AsyncRead + AsyncWrite + Send + Unpin> FrameSender for Sender<S> {
    async fn send(&mut self, frame: Frame) -> Result<(), TransportError> {
        let message = match frame {
            Frame::Text(text) => Message::text(text),
            Frame::Binary(bytes) => Message::Binary(bytes),
            Frame::Ping => Message::Ping(Bytes::new()),
            Frame::Pong => Message::Pong(Bytes::new()),
            Frame::Close { code, reason } => {
                Message::Close(code.map(|code| CloseFrame { code: CloseCode::from(code), reason: reason.into() }))
            }
        };
        self.0.send(message).await.map_err(|error| socket_failure(&error))
    }
}

struct Receiver<S>(SplitStream<WebSocketStream<S>>);

#[async_trait]
impl<S: AsyncRead + AsyncWrite + Send + Unpin> FrameReceiver for Receiver<S> {
    async fn next(&mut self) -> Option<Result<Frame, TransportError>> {
        loop {
            let frame = match self.0.next().await? {
                Ok(Message::Text(text)) => Frame::Text(text.as_str().to_owned()),
                Ok(Message::Binary(bytes)) => Frame::Binary(bytes),
                // The library has the pong ready; it goes out with the next look at the socket.
                Ok(Message::Ping(_)) => Frame::Ping,
                Ok(Message::Pong(_)) => Frame::Pong,
                Ok(Message::Close(close)) => match close {
                    Some(close) => Frame::Close { code: Some(close.code.into()), reason: close.reason.to_string() },
                    None => Frame::Close { code: None, reason: String::new() },
                },
                Ok(Message::Frame(_)) => continue,
                Err(Error::ConnectionClosed | Error::AlreadyClosed) => return None,
                Err(error) => return Some(Err(socket_failure(&error))),
            };
            return Some(Ok(frame));
        }
    }
}
