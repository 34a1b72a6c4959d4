//! The task of one socket: opens it, hands every frame to the driver, sends pings, and closes it politely when the
//! driver lets go. Reading and writing do not wait for each other.

use std::sync::Arc;
use std::time::Duration;

use earshot_genesys::notification::PING;
use earshot_genesys::socket_auth::Authorized;
use earshot_genesys::transport::{DialError, Dialer, Frame, FrameReceiver, FrameSender, SocketRequest, TransportKind};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::Arrival;
use crate::link::End;
use crate::machine::Input;

/// From the first byte to the end of the upgrade. Genesys' own streaming client allows 15 s to a started session.
const DIAL_LIMIT: Duration = Duration::from_secs(15);
/// For a last close frame to a server that may be gone.
const FAREWELL: Duration = Duration::from_secs(1);

/// The driver's end of a socket task; letting go of it closes the socket.
pub(super) struct SocketHandle {
    pings: mpsc::Sender<()>,
}

impl SocketHandle {
    /// Pings in both forms. A socket too congested to take one is being watched by its silence.
    pub(super) fn ping(&self) {
        let _ = self.pings.try_send(());
    }
}

/// A handle and the task that belongs to it.
pub(super) fn socket(
    epoch: u64,
    authorized: Result<Authorized, DialError>,
    dialer: Arc<dyn Dialer>,
    arrivals: mpsc::Sender<Arrival>,
) -> (SocketHandle, impl Future<Output = ()>) {
    let (pings, ping_requests) = mpsc::channel(2);
    (SocketHandle { pings }, run(epoch, authorized, dialer, arrivals, ping_requests))
}

async fn run(
    epoch: u64,
    authorized: Result<Authorized, DialError>,
    dialer: Arc<dyn Dialer>,
    arrivals: mpsc::Sender<Arrival>,
    ping_requests: mpsc::Receiver<()>,
) {
    let opened = match authorized {
        Ok(Authorized { uri, bearer }) => dialer.dial(SocketRequest { uri, bearer, timeout: DIAL_LIMIT }).await,
        Err(refusal) => Err(refusal),
    };
    // A closed inbox means that the engine is gone: there is nobody left to tell.
    let mut socket = match opened {
        Ok(socket) => {
            if arrivals.send(Input::Opened { epoch }.into()).await.is_err() {
                return;
            }
            socket
        }
        Err(error) => {
            let _ = arrivals.send(Input::NotOpened { epoch, error }.into()).await;
            return;
        }
    };
    let end = tokio::select! {
        end = read(epoch, &mut *socket.receiver, &arrivals) => Some(end),
        () = write(&mut *socket.sender, ping_requests) => None,
    };
    match end {
        Some(end) => {
            let _ = arrivals.send(Input::Ended { epoch, end }.into()).await;
        }
        None => {
            let _ =
                timeout(FAREWELL, socket.sender.send(Frame::Close { code: Some(1000), reason: String::new() })).await;
        }
    }
}

async fn read(epoch: u64, receiver: &mut dyn FrameReceiver, arrivals: &mpsc::Sender<Arrival>) -> End {
    loop {
        match receiver.next().await {
            Some(Ok(Frame::Close { code, reason })) => return End::Closed { code, reason },
            Some(Ok(frame)) => {
                if arrivals.send(Input::Frame { epoch, frame }.into()).await.is_err() {
                    return End::Closed { code: None, reason: String::new() };
                }
            }
            Some(Err(error)) if error.kind != TransportKind::Broken => return End::Broken(error.kind),
            Some(Err(_)) | None => return End::Closed { code: None, reason: String::new() },
        }
    }
}

/// Ends when the driver lets go. A ping that cannot be sent is not told here: the reader sees the same end, or silence.
async fn write(sender: &mut dyn FrameSender, mut ping_requests: mpsc::Receiver<()>) {
    while ping_requests.recv().await.is_some() {
        let _ = sender.send(Frame::Ping).await;
        let _ = sender.send(Frame::Text(PING.into())).await;
    }
}
