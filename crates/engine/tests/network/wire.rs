//! The engine's two network ports over the simulated network: HTTP/1.1 by hyper with a pool of connections, as reqwest has
//! one underneath, and sockets by the very code that carries them over the real network.

use std::collections::BTreeSet;
use std::error::Error;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use axum::serve::Listener;
use bytes::Bytes;
use earshot_genesys::net::{io_failure, upgrade};
use earshot_genesys::transport::{
    DialError, Dialer, Frame, FrameReceiver, FrameSender, HttpRequest, HttpResponse, HttpTransport, Socket,
    SocketRequest, TransportError, TransportKind,
};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use secrecy::ExposeSecret as _;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::timeout;
use turmoil::net::{TcpListener, TcpStream};

/// Where the simulator listens; the name is that of a simulated host, the address in URLs a loopback one, since only
/// there plain HTTP is allowed.
pub(crate) const GENESYS: &str = "genesys";
/// The captive portal of a hotel.
pub(crate) const PORTAL: &str = "portal";
pub(crate) const PORT: u16 = 8090;
pub(crate) const BASE: &str = "http://127.0.0.1:8090";

/// As the production client has it.
const POOL_IDLE: Duration = Duration::from_secs(30);

/// What stands between an agent and the network, and a count of what went through.
#[derive(Debug, Default)]
pub(crate) struct Way {
    state: Mutex<State>,
    next: AtomicU64,
    /// Which network this computer is on; connections of an older one are open and silent.
    network: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    trouble: Option<Trouble>,
    sockets: BTreeSet<u64>,
    most_sockets: usize,
    attempts: Vec<Duration>,
    requests: Vec<Duration>,
}

/// What new connections meet before the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Every host name leads to a web page.
    Portal,
    /// The name is not found.
    NoName,
    /// This computer has no network.
    NoNetwork,
}

impl Way {
    pub(crate) fn trouble(&self, trouble: Option<Trouble>) {
        self.lock().trouble = trouble;
    }

    /// This computer is on another network from now on.
    pub(crate) fn network_changes(&self) {
        self.network.fetch_add(1, Ordering::Relaxed);
    }

    /// The most sockets that were in use at one time.
    pub(crate) fn most_sockets(&self) -> usize {
        self.lock().most_sockets
    }

    /// When each new channel was asked for: with that an attempt begins.
    pub(crate) fn attempts(&self) -> Vec<Duration> {
        self.lock().attempts.clone()
    }

    /// When each request was made.
    pub(crate) fn requests(&self) -> Vec<Duration> {
        self.lock().requests.clone()
    }

    fn asked(&self, channel: bool) {
        let mut state = self.lock();
        state.requests.push(turmoil::elapsed());
        if channel {
            state.attempts.push(turmoil::elapsed());
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn dialled(self: &Arc<Self>) -> InUse {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let mut state = self.lock();
        state.sockets.insert(id);
        state.most_sockets = state.most_sockets.max(state.sockets.len());
        InUse { way: Arc::clone(self), id }
    }

    async fn connect(self: &Arc<Self>) -> io::Result<Line> {
        let trouble = self.lock().trouble;
        let host = match trouble {
            None => GENESYS,
            Some(Trouble::Portal) => PORTAL,
            Some(Trouble::NoName) => return Err(io::Error::new(io::ErrorKind::NotFound, "no such name")),
            Some(Trouble::NoNetwork) => return Err(io::ErrorKind::NetworkUnreachable.into()),
        };
        let network = self.network.load(Ordering::Relaxed);
        let stream = TcpStream::connect((host, PORT)).await?;
        Ok(Line { stream, network, way: Arc::clone(self) })
    }
}

/// What a failure to connect means. A name that is not found has no kind of its own in the standard library.
fn failure(error: &io::Error) -> TransportError {
    match error.kind() {
        io::ErrorKind::NotFound => TransportError { kind: TransportKind::Dns, detail: error.to_string() },
        _ => io_failure(error),
    }
}

fn timed_out() -> TransportError {
    TransportError { kind: TransportKind::Timeout, detail: "no answer in time".into() }
}

/// A simulated connection. On a network that this computer has left, what is written is lost and nothing comes.
pub(crate) struct Line {
    stream: TcpStream,
    network: u64,
    way: Arc<Way>,
}

impl Line {
    fn left_behind(&self) -> bool {
        self.way.network.load(Ordering::Relaxed) != self.network
    }
}

impl Connection for Line {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl AsyncRead for Line {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.left_behind() { Poll::Pending } else { Pin::new(&mut self.stream).poll_read(cx, buf) }
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if self.left_behind() { Poll::Ready(Ok(buf.len())) } else { Pin::new(&mut self.stream).poll_write(cx, buf) }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[derive(Clone)]
struct Connector(Arc<Way>);

impl tower_service::Service<http::Uri> for Connector {
    type Response = TokioIo<Line>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<TokioIo<Line>>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: http::Uri) -> Self::Future {
        let way = Arc::clone(&self.0);
        Box::pin(async move { way.connect().await.map(TokioIo::new) })
    }
}

/// HTTP over the simulated network.
pub(crate) struct Http {
    way: Arc<Way>,
    client: Client<Connector, Full<Bytes>>,
}

impl Http {
    pub(crate) fn new(way: &Arc<Way>) -> Self {
        let client = Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(POOL_IDLE)
            .build(Connector(Arc::clone(way)));
        Self { way: Arc::clone(way), client }
    }

    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let mut outward = http::Request::new(Full::new(request.body.unwrap_or_default()));
        *outward.method_mut() = request.method;
        *outward.uri_mut() = request.url.as_str().parse().expect("an address");
        *outward.headers_mut() = request.headers;
        let answer = self.client.request(outward).await.map_err(|error| deepest(&error))?;
        let (head, body) = answer.into_parts();
        let body = body.collect().await.map_err(|error| deepest(&error))?.to_bytes();
        Ok(HttpResponse { status: head.status.as_u16(), headers: head.headers, body })
    }
}

/// What lies at the bottom of it.
fn deepest(error: &(dyn Error + 'static)) -> TransportError {
    let causes = std::iter::successors(Some(error), |error| (*error).source());
    let io = causes.filter_map(|cause| cause.downcast_ref::<io::Error>()).last();
    let broken = || TransportError { kind: TransportKind::Broken, detail: error.to_string() };
    io.map_or_else(broken, failure)
}

#[async_trait]
impl HttpTransport for Http {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let channel = request.method == http::Method::POST && request.url.path().ends_with("/notifications/channels");
        self.way.asked(channel);
        let limit = request.timeout;
        timeout(limit, self.exchange(request)).await.unwrap_or_else(|_| Err(timed_out()))
    }
}

/// Sockets over the simulated network.
pub(crate) struct Wires(pub(crate) Arc<Way>);

impl Wires {
    async fn open(&self, request: &SocketRequest, used: InUse) -> Result<Socket, DialError> {
        let uri = request.uri.expose_secret().parse().expect("an address");
        let line = self.0.connect().await.map_err(|error| failure(&error))?;
        let socket = upgrade(uri, line, request.bearer.as_ref()).await?;
        let used = Arc::new(Mutex::new(Some(used)));
        let sender = Box::new(Sender { inner: socket.sender, used: Arc::clone(&used) });
        Ok(Socket { sender, receiver: Box::new(Receiver { inner: socket.receiver, _used: used }) })
    }
}

#[async_trait]
impl Dialer for Wires {
    async fn dial(&self, request: SocketRequest) -> Result<Socket, DialError> {
        let used = self.0.dialled();
        let limit = request.timeout;
        timeout(limit, self.open(&request, used)).await.unwrap_or_else(|_| Err(timed_out().into()))
    }
}

/// A socket that is being opened or heard; one that says farewell is neither.
struct InUse {
    way: Arc<Way>,
    id: u64,
}

impl Drop for InUse {
    fn drop(&mut self) {
        self.way.lock().sockets.remove(&self.id);
    }
}

type Used = Arc<Mutex<Option<InUse>>>;

struct Sender {
    inner: Box<dyn FrameSender>,
    used: Used,
}

#[async_trait]
impl FrameSender for Sender {
    async fn send(&mut self, frame: Frame) -> Result<(), TransportError> {
        if matches!(frame, Frame::Close { .. }) {
            drop(self.used.lock().unwrap_or_else(PoisonError::into_inner).take());
        }
        self.inner.send(frame).await
    }
}

struct Receiver {
    inner: Box<dyn FrameReceiver>,
    _used: Used,
}

#[async_trait]
impl FrameReceiver for Receiver {
    async fn next(&mut self) -> Option<Result<Frame, TransportError>> {
        self.inner.next().await
    }
}

/// A simulated port, as axum wants it.
pub(crate) struct Port(TcpListener);

impl Port {
    pub(crate) async fn open() -> io::Result<Self> {
        TcpListener::bind(("0.0.0.0", PORT)).await.map(Self)
    }
}

impl Listener for Port {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            if let Ok(accepted) = self.0.accept().await {
                return accepted;
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}
