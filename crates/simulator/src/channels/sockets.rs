//! What is done to sockets, whatever channel they are on: told, reset, made half-open or deaf, closed for being quiet.

use super::{Hub, Socket, ToSocket, Whose, is, metadata};
use crate::clock::Ms;

impl Hub {
    fn each(&mut self, whose: Whose, mut act: impl FnMut(&mut Socket)) -> usize {
        let mut count = 0;
        for socket in self.sockets.iter_mut().filter(|s| is(whose, s.user)) {
            act(socket);
            count += 1;
        }
        count
    }

    /// Tells sockets something.
    pub(crate) fn tell(&mut self, whose: Whose, what: impl Fn() -> ToSocket) -> usize {
        self.each(whose, |socket| {
            let _ = socket.tx.send(what());
        })
    }

    /// Resets sockets.
    pub(crate) fn drop_sockets(&mut self, whose: Whose) -> usize {
        self.each(whose, |socket| {
            socket.wire.abort();
            let _ = socket.tx.send(ToSocket::Drop);
        })
    }

    /// Makes sockets half-open.
    pub(crate) fn half_open(&mut self, whose: Whose) -> usize {
        self.each(whose, |socket| {
            socket.half_open = true;
            let _ = socket.tx.send(ToSocket::HalfOpen);
        })
    }

    /// Makes sockets deaf, or hear again.
    pub(crate) fn deaf(&mut self, whose: Whose, on: bool) -> usize {
        self.each(whose, |socket| socket.deaf = on)
    }

    /// Puts bytes on the wire outside any frame; a text frame follows, so that they leave at once.
    pub(crate) fn garbage(&mut self, whose: Whose, bytes: &[u8]) -> usize {
        self.each(whose, |socket| {
            socket.wire.inject(bytes);
            let _ = socket.tx.send(ToSocket::Text(metadata("WebSocket Heartbeat")));
        })
    }

    /// The client sent something.
    pub(crate) fn heard_from(&mut self, now: Ms, socket: u64) {
        if let Some(socket) = self.sockets.iter_mut().find(|s| s.id == socket) {
            socket.heard = now;
        }
    }

    /// When the quietest socket will have been quiet for `idle`.
    pub(crate) fn next_quiet(&self, idle: Option<Ms>) -> Option<Ms> {
        let idle = idle?;
        self.sockets.iter().filter(|s| !s.closing).map(|s| s.heard + idle).min()
    }

    /// Closes sockets whose clients have been quiet for too long.
    pub(crate) fn close_quiet(&mut self, now: Ms, idle: Option<Ms>) {
        let Some(idle) = idle else { return };
        for socket in self.sockets.iter_mut().filter(|s| !s.closing && s.heard + idle <= now) {
            socket.closing = true;
            let _ = socket.tx.send(ToSocket::Close { code: 1001, reason: "idle timeout".to_owned() });
        }
    }
}
