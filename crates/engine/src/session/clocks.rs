//! What the clocks mean to a token: when it is renewed, when it ends, and that it must not lie unused. Genesys ends idle
//! tokens, and only REST calls reset that clock: a socket that hears does not.

use std::time::Duration;

use super::{Output, Phase, Renewal, Session};
use crate::limits::{
    IDLE_LONGEST, IDLE_SHORTEST, KEEP_ALIVE_FLOOR, KEEP_ALIVE_RETRY, KEEP_ALIVE_SHARE, KEEP_ALIVE_SPREAD, RENEW_BEFORE,
    RENEW_FLOOR, RENEW_SHARE, TOKEN_LOOK,
};
use crate::moment::{Moment, millis};
use crate::snapshot::Millis;
use crate::trouble;
use crate::verdict::TokenCheck;

/// An instant on both clocks: timers do not see sleep.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expiry {
    pub(super) mono: Duration,
    pub(super) wall: Millis,
}

impl Expiry {
    pub(super) fn passed(self, now: Moment) -> bool {
        now.mono >= self.mono || now.wall >= self.wall
    }
}

/// The idle clock of the token.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Idle {
    /// When a call was last answered with success, on both clocks.
    used: Option<(Duration, Millis)>,
    /// After how long without a call Genesys ends the token; `None` where it does not, or is not known to.
    timeout: Option<Duration>,
    /// Somebody has asked how long that is.
    asked: bool,
    /// The token is to be kept alive.
    pub(super) wanted: bool,
    /// When it is used for that reason alone.
    due: Option<Expiry>,
    /// That is under way.
    touching: bool,
}

impl Idle {
    /// For another sign-in.
    pub(super) fn anew(self) -> Self {
        Self { wanted: self.wanted, ..Self::default() }
    }

    /// When the token was last known to be good.
    pub(super) fn used_at(&self) -> Millis {
        self.used.map_or(0, |(_, wall)| wall)
    }

    fn later(&mut self, wait: Duration, now: Moment) {
        self.due = Some(Expiry { mono: now.mono + wait, wall: now.wall + millis(wait) });
    }

    /// Well before the end, and not with everybody who signed in at the same minute.
    fn schedule(&mut self, now: Moment) {
        let Some(timeout) = self.timeout else { return };
        let wait = timeout * KEEP_ALIVE_SHARE / 100 + now.spread(timeout * KEEP_ALIVE_SPREAD / 100);
        self.later(wait.max(KEEP_ALIVE_FLOOR), now);
    }
}

impl Session {
    /// Whether the token has not been used for so long that Genesys may have ended it.
    #[must_use]
    pub fn quiet(&self, now: Moment) -> bool {
        let Some((mono, wall)) = self.idle.used else { return false };
        let limit = self.idle.timeout.unwrap_or(IDLE_SHORTEST);
        now.mono.saturating_sub(mono) >= limit || now.wall - wall >= millis(limit)
    }

    /// When the token in use ends by itself, where that is known.
    #[must_use]
    pub fn ends_within(&self, now: Moment) -> Option<Duration> {
        self.ends.map(|ends| ends.mono.saturating_sub(now.mono))
    }

    /// The token was used with success.
    pub(super) fn used(&mut self, now: Moment) {
        self.idle.used = Some((now.mono, now.wall));
        self.idle.schedule(now);
    }

    pub(super) fn ask_idle(&mut self, out: &mut Vec<Output>) {
        if !std::mem::replace(&mut self.idle.asked, true) {
            out.push(Output::AskIdle { generation: self.generation });
        }
    }

    pub(super) fn idle_timeout(&mut self, generation: u64, timeout: Option<Duration>, now: Moment) {
        if generation == self.generation && self.signed_in() {
            self.idle.timeout = timeout.map(|timeout| timeout.min(IDLE_LONGEST));
            self.idle.due = None;
            self.idle.schedule(now);
        }
    }

    pub(super) fn keep_alive_at(&self) -> Option<Duration> {
        let may = self.idle.wanted && !self.idle.touching && self.phase == Phase::Good && self.usable;
        self.idle.due.filter(|_| may).map(|due| due.mono)
    }

    fn keep_alive(&mut self, now: Moment, out: &mut Vec<Output>) {
        if self.keep_alive_at().is_some() && self.idle.due.is_some_and(|due| due.passed(now)) {
            self.idle.touching = true;
            out.push(Output::Touch { generation: self.generation });
        }
    }

    /// The call that keeps the token alive was answered.
    pub(super) fn touched(
        &mut self,
        generation: u64,
        check: TokenCheck,
        retry_after: Option<Duration>,
        now: Moment,
        out: &mut Vec<Output>,
    ) {
        if generation != self.generation || !std::mem::take(&mut self.idle.touching) {
            return;
        }
        match check {
            TokenCheck::Alive => self.used(now),
            TokenCheck::Unknown => self.idle.later(retry_after.unwrap_or(KEEP_ALIVE_RETRY), now),
            TokenCheck::Dead if self.phase == Phase::Good => {
                // It was asked with the very call that checks a token.
                self.phase = Phase::Checking { retry_at: None, unknowns: 0, may_cut: true };
                self.checked(generation, check, None, now, out);
            }
            TokenCheck::Dead => {}
        }
    }

    pub(super) fn tick(&mut self, now: Moment, out: &mut Vec<Output>) {
        match self.phase {
            Phase::Checking { retry_at: Some(at), unknowns, .. } if now.mono >= at => {
                self.phase = Phase::Checking { retry_at: None, unknowns, may_cut: true };
                out.push(Output::Check { generation: self.generation });
            }
            Phase::RenewAt { at, .. } | Phase::SignInNeeded { retry_at: Some(at) } if now.mono >= at => {
                self.renew(now, out);
            }
            Phase::Good if self.renew_due.is_some_and(|due| due.passed(now)) => {
                self.renew_due = None;
                if self.renewal == Renewal::None {
                    let message = "Your sign-in ends soon, and Genesys Cloud does not let Earshot renew it by itself.";
                    out.push(Output::Expiring(Some(trouble::sign_in_needed(message))));
                } else {
                    self.renew(now, out);
                }
            }
            _ => {}
        }
        self.keep_alive(now, out);
        if self.usable && self.ends.is_some_and(|ends| ends.passed(now)) {
            // The clock says it is over; Genesys is asked, because clocks are set and lifetimes are extended.
            self.ends = None;
            match self.phase {
                Phase::Good | Phase::SignInNeeded { .. } => self.check(now, out),
                Phase::Renewing | Phase::RenewAt { .. } => {
                    self.usable = false;
                    out.push(self.dead());
                }
                Phase::SignedOut | Phase::Checking { .. } => {}
            }
        }
    }

    pub(super) fn lifetime(&mut self, lifetime: Duration, now: Moment) {
        self.used(now);
        self.idle.touching = false;
        if self.renewal == Renewal::AccessToken {
            // Nobody said how long it lives: its end is told by its refusal.
            self.ends = None;
            return self.look_later(now);
        }
        let before = RENEW_BEFORE.min(lifetime * RENEW_SHARE / 100);
        let at = |span: Duration| Expiry { mono: now.mono + span, wall: now.wall + millis(span) };
        self.renew_due = Some(at(lifetime.saturating_sub(before).max(RENEW_FLOOR.min(lifetime))));
        self.ends = Some(at(lifetime));
    }

    /// A token that somebody else renews is read again after a while.
    pub(super) fn look_later(&mut self, now: Moment) {
        self.renew_due = Some(Expiry { mono: now.mono + TOKEN_LOOK, wall: now.wall + millis(TOKEN_LOOK) });
    }
}
