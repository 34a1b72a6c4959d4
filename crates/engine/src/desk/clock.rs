//! Whose clock is it? Turns Genesys' times into this computer's, so that a count-down is right where its clock is wrong.

use super::limits::CLOCKS_AGREE;
use crate::snapshot::Millis;

/// The difference between the two clocks, learned whenever Genesys states its own.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Clock {
    ahead: Millis,
}

impl Clock {
    /// Genesys said `server` when this computer said `local`.
    pub(super) fn learn(&mut self, server: Millis, local: Millis) {
        let ahead = local.saturating_sub(server);
        self.ahead = if ahead.abs() <= CLOCKS_AGREE { 0 } else { ahead };
    }

    /// `server` by this computer's clock.
    pub(super) fn local(self, server: Millis) -> Millis {
        server.saturating_add(self.ahead)
    }
}
