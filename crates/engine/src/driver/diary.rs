//! What the engine says to the log, for whoever helps an agent: states, causes, gaps and counts. Never who called, nor any
//! text from the network.

use earshot_genesys::transport::Frame;

use crate::event::Event;
use crate::snapshot::Trouble;

/// Writes an event down.
pub(super) fn event(event: &Event) {
    match event {
        Event::Link(link) => {
            let cause = link.trouble.as_ref().map(code);
            tracing::info!(state = ?link.state, caught_up = link.caught_up, attempt = link.attempt, cause, "link");
        }
        Event::OfferStarted { offer, source } => tracing::info!(medium = ?offer.medium, ?source, "an offer alerts"),
        Event::OfferEnded { end, .. } => tracing::info!(?end, "an offer ended"),
        Event::Missed(missed) => tracing::info!(medium = ?missed.medium, end = ?missed.end, "an offer was missed"),
        Event::ActionFailed { trouble, .. } => tracing::warn!(cause = code(trouble), "an action failed"),
        Event::GapOpened { from, cause } => tracing::info!(from, cause = code(cause), "a gap opened"),
        Event::GapClosed(gap) => {
            let (recovered, missed, settled) = (gap.recovered, gap.missed, gap.settled);
            tracing::info!(from = gap.from, to = gap.to, recovered, missed, settled, "a gap closed");
        }
        Event::Notice(notice) => tracing::info!(cause = code(&notice.trouble), "a notice"),
    }
}

/// Writes down that a frame came, and how long it is.
pub(super) fn frame(epoch: u64, frame: &Frame) {
    let (kind, length) = match frame {
        Frame::Text(text) => ("text", text.len()),
        Frame::Binary(bytes) => ("binary", bytes.len()),
        Frame::Ping => ("ping", 0),
        Frame::Pong => ("pong", 0),
        Frame::Close { .. } => ("close", 0),
    };
    tracing::trace!(epoch, kind, length, "frame");
}

fn code(trouble: &Trouble) -> &str {
    &trouble.code
}
