//! Is an open socket alive? Any frame is life; silence is asked about with a ping, and too much of it is death.

use std::time::Duration;

use crate::limits::{PING_AFTER, PROOF_AFTER_WAKE, PROOF_WITHOUT_PONG, SILENCE_ANSWERING, SILENCE_MUTE, SPEAK_AFTER};
use crate::moment::Moment;
use crate::snapshot::Millis;

/// The watch over one open socket. Times are monotonic, where they do not say otherwise.
#[derive(Debug, Clone, Copy)]
pub(super) struct Liveness {
    opened_at: Duration,
    any: bool,
    heard_at: Duration,
    /// The same by the wall clock of that moment: while the computer sleeps the two clocks part.
    heard_wall: Millis,
    pinged_at: Option<Duration>,
    answers_pings: bool,
    prove_by: Option<Duration>,
}

/// What the watch asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Watch {
    /// Nothing yet.
    Quiet,
    /// Send a ping.
    Ping,
    /// The socket is dead.
    Dead,
}

impl Liveness {
    /// The socket has just opened: that is a sign of life, and a ping is due at once.
    pub(super) fn opened(now: Moment) -> Self {
        Self {
            opened_at: now.mono,
            any: false,
            heard_at: now.mono,
            heard_wall: now.wall,
            pinged_at: None,
            answers_pings: false,
            prove_by: None,
        }
    }

    /// A frame came.
    pub(super) fn heard(&mut self, now: Moment, pong: bool) {
        self.any = true;
        self.heard_at = now.mono;
        self.heard_wall = now.wall;
        self.prove_by = None;
        self.answers_pings |= pong && self.pinged_at.is_some();
    }

    /// Something happened after which the socket must prove itself soon.
    pub(super) fn doubt(&mut self, now: Duration) {
        self.prove_by.get_or_insert(now + PROOF_AFTER_WAKE);
        self.pinged_at = None;
    }

    /// A ping is due now, without any doubt.
    pub(super) fn ask(&mut self) {
        self.pinged_at = None;
    }

    /// The other side has spoken: it answered a ping, or sent anything at all though it answers none.
    pub(super) fn proved(&self, now: Duration) -> bool {
        self.answers_pings || (self.any && now >= self.opened_at + PROOF_WITHOUT_PONG)
    }

    /// When [`Self::proved`] becomes true by the clock alone.
    pub(super) fn proved_at(&self) -> Option<Duration> {
        self.any.then_some(self.opened_at + PROOF_WITHOUT_PONG)
    }

    /// The last sign of life.
    pub(super) fn heard_at(&self) -> Duration {
        self.heard_at
    }

    /// The same by the wall clock, which may have been set back since.
    pub(super) fn verified(&self, now: Moment) -> Millis {
        self.heard_wall.min(now.wall)
    }

    /// The next moment at which [`Self::watch`] can say something new.
    pub(super) fn deadline(&self) -> Duration {
        self.dead_at().min(self.ping_at())
    }

    /// What to do now. Says `Ping` once for each ping due.
    pub(super) fn watch(&mut self, now: Duration) -> Watch {
        if self.dead(now) {
            Watch::Dead
        } else if now >= self.ping_at() {
            self.pinged_at = Some(now);
            Watch::Ping
        } else {
            Watch::Quiet
        }
    }

    /// It has been silent for too long.
    pub(super) fn dead(&self, now: Duration) -> bool {
        now >= self.dead_at()
    }

    fn dead_at(&self) -> Duration {
        let silence = if self.answers_pings { SILENCE_ANSWERING } else { SILENCE_MUTE };
        let silent = self.heard_at + silence;
        self.prove_by.map_or(silent, |prove_by| prove_by.min(silent))
    }

    fn ping_at(&self) -> Duration {
        match self.pinged_at {
            None => self.heard_at,
            Some(pinged_at) => (self.heard_at.max(pinged_at) + PING_AFTER).min(pinged_at + SPEAK_AFTER),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(now: Duration) -> Moment {
        Moment { mono: now, wall: 0, dice: 0 }
    }

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_ping_is_due_at_the_start_and_after_each_five_seconds_of_silence() {
        let mut life = Liveness::opened(at(s(100)));
        assert_eq!(life.watch(s(100)), Watch::Ping);
        assert_eq!(life.watch(s(100)), Watch::Quiet);
        assert_eq!(life.watch(s(105)), Watch::Ping);
        life.heard(at(s(107)), false);
        assert_eq!(life.watch(s(111)), Watch::Quiet);
        assert_eq!(life.watch(s(112)), Watch::Ping);
    }

    #[test]
    fn a_busy_socket_is_spoken_to_all_the_same() {
        let mut life = Liveness::opened(at(s(0)));
        let mut pings = Vec::new();
        for second in 0..60 {
            if life.watch(s(second)) == Watch::Ping {
                pings.push(second);
            }
            life.heard(at(s(second)), true);
        }
        assert_eq!(pings, [0, 15, 30, 45]);
    }

    #[test]
    fn a_socket_that_answered_is_dead_after_twelve_seconds() {
        let mut life = Liveness::opened(at(s(0)));
        life.watch(s(0));
        life.heard(at(s(1)), true);
        life.watch(s(6));
        life.watch(s(11));
        assert_eq!(life.watch(Duration::from_millis(12_999)), Watch::Quiet);
        assert_eq!(life.watch(s(13)), Watch::Dead);
    }

    #[test]
    fn a_socket_that_never_answered_has_thirty_five() {
        let mut life = Liveness::opened(at(s(0)));
        for second in 0..35 {
            assert_ne!(life.watch(s(second)), Watch::Dead);
        }
        assert_eq!(life.watch(s(35)), Watch::Dead);
    }

    #[test]
    fn a_live_socket_is_never_declared_dead_while_frames_arrive() {
        let mut life = Liveness::opened(at(s(0)));
        for second in 1..1000 {
            assert_ne!(life.watch(s(second * 11)), Watch::Dead);
            life.heard(at(s(second * 11)), true);
        }
    }

    #[test]
    fn a_pong_nobody_asked_for_is_only_a_frame() {
        let mut life = Liveness::opened(at(s(0)));
        life.heard(at(s(0)), true);
        assert_ne!(life.watch(s(12)), Watch::Dead);
    }

    #[test]
    fn in_doubt_it_proves_itself_within_two_seconds_or_is_dead() {
        let mut life = Liveness::opened(at(s(0)));
        life.watch(s(0));
        life.heard(at(s(1)), true);
        life.doubt(s(2));
        assert_eq!(life.watch(s(2)), Watch::Ping);
        assert_eq!(life.watch(s(4)), Watch::Dead);
        let mut life = Liveness::opened(at(s(0)));
        life.doubt(s(2));
        assert_eq!(life.watch(s(2)), Watch::Ping);
        life.heard(at(s(3)), false);
        assert_eq!(life.watch(s(4)), Watch::Quiet);
    }
}
