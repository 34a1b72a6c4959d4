//! The listening socket, and a handle on every connection, so that one can be reset under a client's feet.
//!
//! A WebSocket library closes politely. Real networks do not, so the TCP stream is wrapped: an aborted connection fails
//! its next read and write and leaves with a reset instead of a FIN. Any listener will do, so that a simulated network can
//! bring its own.

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use futures_util::task::AtomicWaker;
use std::any::Any;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// A handle on one connection.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    aborted: AtomicBool,
    waker: AtomicWaker,
    inject: Mutex<Vec<u8>>,
}

impl Wire {
    /// Resets the connection.
    pub(crate) fn abort(&self) {
        self.aborted.store(true, Ordering::SeqCst);
        self.waker.wake();
    }

    /// Puts bytes on the wire before the next frame.
    pub(crate) fn inject(&self, bytes: &[u8]) {
        self.inject.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
    }

    fn check(&self) -> io::Result<()> {
        if self.aborted.load(Ordering::SeqCst) { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(()) }
    }
}

/// Every open connection.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wires(Arc<Mutex<Vec<Weak<Wire>>>>);

impl Wires {
    /// Resets them all, but for one.
    pub(crate) fn abort_all(&self, keep: Option<&Arc<Wire>>) {
        for wire in self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().filter_map(Weak::upgrade) {
            if keep.is_none_or(|keep| !Arc::ptr_eq(keep, &wire)) {
                wire.abort();
            }
        }
    }

    fn add(&self, wire: &Arc<Wire>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|w| w.strong_count() > 0);
        all.push(Arc::downgrade(wire));
    }
}

/// Accepts connections.
#[derive(Debug)]
pub(crate) struct Door<L> {
    pub(crate) listener: L,
    pub(crate) wires: Wires,
}

/// The stream of the real network, if it is one.
fn tcp<S: 'static>(stream: &S) -> Option<&TcpStream> {
    (stream as &dyn Any).downcast_ref()
}

impl<L: Listener<Addr = SocketAddr>> Listener for Door<L> {
    type Io = Line<L::Io>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line<L::Io>, SocketAddr) {
        let (stream, peer) = Listener::accept(&mut self.listener).await;
        // Best effort: without it small frames are only a little later.
        let _ = tcp(&stream).map(|stream| stream.set_nodelay(true));
        let wire = Arc::new(Wire::default());
        self.wires.add(&wire);
        (Line { stream, wire }, peer)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection that can be reset.
#[derive(Debug)]
pub(crate) struct Line<S: 'static> {
    stream: S,
    wire: Arc<Wire>,
}

impl<S: 'static> Drop for Line<S> {
    fn drop(&mut self) {
        if self.wire.aborted.load(Ordering::SeqCst) {
            // Only the real network knows a reset from an ordinary end.
            let _ = tcp(&self.stream).map(TcpStream::set_zero_linger);
        }
    }
}

impl<S: AsyncRead + Unpin + 'static> AsyncRead for Line<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.wire.waker.register(cx.waker());
        self.wire.check()?;
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin + 'static> AsyncWrite for Line<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.wire.check()?;
        let wire = Arc::clone(&self.wire);
        loop {
            let pending = wire.inject.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if pending.is_empty() {
                break;
            }
            let written = ready!(Pin::new(&mut self.stream).poll_write(cx, &pending))?;
            wire.inject.lock().unwrap_or_else(PoisonError::into_inner).drain(..written);
        }
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.wire.check()?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.wire.check()?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// The handle, as request handlers receive it.
#[derive(Debug, Clone)]
pub(crate) struct WireHandle(pub(crate) Arc<Wire>);

impl<L: Listener<Addr = SocketAddr>> Connected<IncomingStream<'_, Door<L>>> for WireHandle {
    fn connect_info(stream: IncomingStream<'_, Door<L>>) -> Self {
        Self(Arc::clone(&stream.io().wire))
    }
}
