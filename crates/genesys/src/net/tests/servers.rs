//! Small servers: each does one thing, on a free port of loopback.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use futures_util::{SinkExt, StreamExt};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::tungstenite::Message;

/// Serves each connection with `serve`; ends with the test's runtime.
pub(super) async fn listen<F, S>(serve: S) -> SocketAddr
where
    S: Fn(TcpStream) -> F + Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    address
}

/// A port on which nobody listens.
pub(super) fn dead_port() -> SocketAddr {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let address = socket.local_addr().unwrap();
    // It stays bound, and nobody listens: a port that was given back could be another test's by now.
    std::mem::forget(socket);
    address
}

/// Reads the head of a request.
pub(super) async fn head(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(head).unwrap()
}

/// Answers each connection's first request with these bytes and closes.
pub(super) async fn answering(answer: impl Into<Vec<u8>>) -> SocketAddr {
    let answer: Arc<[u8]> = answer.into().into();
    listen(move |mut stream| {
        let answer = answer.clone();
        async move {
            head(&mut stream).await;
            let _ = stream.write_all(&answer).await;
        }
    })
    .await
}

/// Accepts and says nothing, for ever.
pub(super) async fn silent() -> SocketAddr {
    listen(|stream| async move {
        let _held = stream;
        std::future::pending::<()>().await;
    })
    .await
}

/// A certificate authority of our own, with one server certificate.
pub(super) struct Authority {
    pub(super) root: CertificateDer<'static>,
    acceptor: TlsAcceptor,
}

impl Authority {
    /// For these host names.
    pub(super) fn new(names: &[&str]) -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let root = params.self_signed(&key).unwrap().der().clone();
        let issuer = Issuer::new(params, key);
        let leaf_key = KeyPair::generate().unwrap();
        let names: Vec<_> = names.iter().map(ToString::to_string).collect();
        let leaf = CertificateParams::new(names).unwrap().signed_by(&leaf_key, &issuer).unwrap();
        let key = PrivateKeyDer::try_from(leaf_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone()], key)
            .unwrap();
        Self { root, acceptor: TlsAcceptor::from(Arc::new(config)) }
    }

    /// A server that speaks TLS and then does `serve`.
    pub(super) async fn listen<F, S>(&self, serve: S) -> SocketAddr
    where
        S: Fn(Box<dyn Pipe>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let acceptor = self.acceptor.clone();
        listen(move |stream| {
            let acceptor = acceptor.clone();
            let serve = serve.clone();
            async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    serve(Box::new(stream)).await;
                }
            }
        })
        .await
    }
}

pub(super) trait Pipe: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Pipe for T {}

/// Answers one plain request with 200.
pub(super) async fn web(mut stream: Box<dyn Pipe>) {
    head(&mut stream).await;
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}").await;
    let _ = stream.shutdown().await;
}

/// Opens a socket, says hello, and holds it until the client closes.
pub(super) async fn greeter(stream: impl AsyncRead + AsyncWrite + Unpin) {
    let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
    socket.send(Message::text("hello")).await.unwrap();
    while let Some(Ok(_)) = socket.next().await {}
}

/// A proxy that knows CONNECT alone, and takes every name for one and the same server.
pub(super) struct ConnectProxy {
    pub(super) address: SocketAddr,
    pub(super) heads: Arc<Mutex<Vec<String>>>,
}

impl ConnectProxy {
    /// Leads to `target`, or answers with `refusal`.
    pub(super) async fn start(target: SocketAddr, refusal: Option<&'static str>) -> Self {
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = heads.clone();
        let address = listen(move |mut stream| {
            let seen = seen.clone();
            async move {
                let head = head(&mut stream).await;
                seen.lock().unwrap().push(head);
                if let Some(refusal) = refusal {
                    let _ = stream.write_all(refusal.as_bytes()).await;
                    let _ = stream.shutdown().await;
                    return;
                }
                let _ = stream.write_all(b"HTTP/1.1 200 Connection established\r\nX-Proxy: yes\r\n\r\n").await;
                if let Ok(mut onward) = TcpStream::connect(target).await {
                    let _ = copy_bidirectional(&mut stream, &mut onward).await;
                }
            }
        })
        .await;
        Self { address, heads }
    }

    pub(super) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}
