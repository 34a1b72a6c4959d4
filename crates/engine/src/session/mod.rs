//! Who are we, and is the token good? A pure machine that knows tokens only by their generation; the driver keeps the
//! secrets themselves.
//!
//! One renewal and one check at a time. A complaint about an older generation renews nothing. Only an answer about the
//! credential itself (`invalid_grant`, every secret refused) ends in "sign in again"; anything else is tried again.

use std::time::Duration;

use crate::limits::{CHECK_RETRY, RETRY_AFTER_CAP, RETRY_AFTER_FLOOR};
use crate::moment::Moment;
use crate::snapshot::Trouble;
use crate::trouble;
use crate::verdict::{Signal, TokenCheck};

mod clocks;
mod io;
mod renewal;
#[cfg(test)]
mod tests;

use clocks::{Expiry, Idle};
pub use io::{Input, Output, Renewal};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    SignedOut,
    Good,
    Checking { retry_at: Option<Duration>, unknowns: u32, may_cut: bool },
    Renewing,
    RenewAt { at: Duration, may_cut: bool },
    SignInNeeded { retry_at: Option<Duration> },
}

/// The session machine.
#[derive(Debug)]
pub struct Session {
    phase: Phase,
    renewal: Renewal,
    secrets: usize,
    secret: usize,
    refused_secrets: usize,
    generation: u64,
    attempt: u64,
    failures: u32,
    usable: bool,
    fresh: bool,
    reread: bool,
    /// No person signs in here: whatever was refused is read again every minute.
    unattended: bool,
    /// The token of an unattended sign-in has not been had yet.
    first: bool,
    /// The stored credential was refused: another one is to be read before the next try.
    used_up: bool,
    /// Somebody was refused with this token while its renewal was under way.
    complained: bool,
    /// `Retry-After` of the token endpoint, and of the check: nothing cuts them short.
    held_until: Option<Duration>,
    check_held_until: Option<Duration>,
    renew_due: Option<Expiry>,
    ends: Option<Expiry>,
    trouble: Option<Trouble>,
    idle: Idle,
}

impl Default for Session {
    fn default() -> Self {
        Self {
            phase: Phase::SignedOut,
            renewal: Renewal::None,
            secrets: 0,
            secret: 0,
            refused_secrets: 0,
            generation: 0,
            attempt: 0,
            failures: 0,
            usable: false,
            fresh: false,
            reread: false,
            unattended: false,
            first: false,
            used_up: false,
            complained: false,
            held_until: None,
            check_held_until: None,
            renew_due: None,
            ends: None,
            trouble: None,
            idle: Idle::default(),
        }
    }
}

impl Session {
    /// The generation of the token in use; 0 before the first sign-in.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Whether this renewal is the one that is awaited.
    #[must_use]
    pub fn awaits_renewal(&self, attempt: u64) -> bool {
        attempt == self.attempt && self.phase == Phase::Renewing
    }

    /// Somebody is signed in, with a token that works or one that is being mended.
    #[must_use]
    pub fn signed_in(&self) -> bool {
        self.phase != Phase::SignedOut
    }

    /// The token of an unattended sign-in has not been had yet.
    #[must_use]
    pub fn first_token(&self) -> Option<Renewal> {
        self.first.then_some(self.renewal)
    }

    /// The moment of the next needed [`Input::Tick`] on the monotonic clock. The wall clock is looked at by the driver's
    /// regular ticks.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        let phase = match self.phase {
            Phase::Checking { retry_at, .. } | Phase::SignInNeeded { retry_at } => retry_at,
            Phase::RenewAt { at, .. } => Some(at),
            Phase::SignedOut | Phase::Good | Phase::Renewing => None,
        };
        let due = (self.phase == Phase::Good).then_some(self.renew_due).flatten();
        let ends = if self.usable { self.ends } else { None };
        [phase, due.map(|due| due.mono), ends.map(|ends| ends.mono), self.keep_alive_at()].into_iter().flatten().min()
    }

    /// One step.
    pub fn handle(&mut self, input: Input, now: Moment) -> Vec<Output> {
        let mut out = Vec::new();
        match input {
            Input::SignedIn { renewal, secrets, lifetime } => {
                *self = Self {
                    renewal,
                    secrets,
                    generation: self.generation + 1,
                    attempt: self.attempt + 1,
                    fresh: true,
                    usable: true,
                    phase: Phase::Good,
                    idle: self.idle.anew(),
                    ..Self::default()
                };
                self.lifetime(lifetime, now);
                out.push(Output::Expiring(None));
                out.push(self.usable_output(false));
            }
            Input::Resume { renewal, secrets } => {
                *self = Self {
                    renewal,
                    secrets,
                    generation: self.generation,
                    attempt: self.attempt,
                    unattended: true,
                    first: true,
                    idle: self.idle.anew(),
                    ..Self::default()
                };
                out.push(Output::Expiring(None));
                out.push(Output::Waiting { trouble: trouble::fetching_token(), until: None });
                self.renew(now, &mut out);
            }
            Input::SignedOut => {
                let idle = self.idle.anew();
                *self = Self { generation: self.generation, attempt: self.attempt + 1, idle, ..Self::default() };
                out.push(Output::Expiring(None));
            }
            Input::Accepted { generation } => {
                if generation == self.generation && self.signed_in() {
                    self.fresh = false;
                    self.used(now);
                    self.ask_idle(&mut out);
                }
            }
            Input::KeepAlive(wanted) => self.idle.wanted = wanted,
            Input::IdleTimeout { generation, timeout } => self.idle_timeout(generation, timeout, now),
            Input::Touched { generation, check, retry_after } => {
                self.touched(generation, check, retry_after, now, &mut out);
            }
            Input::Suspect { generation } => self.suspect(generation, now, &mut out),
            Input::Revoked { generation } => {
                if generation < self.generation && self.usable {
                    // As with a suspicion: whoever asks is waiting, and there is a newer token.
                    out.push(self.usable_output(false));
                } else if generation == self.generation && self.phase != Phase::SignedOut {
                    self.usable = false;
                    // A renewal that is under way will tell.
                    if self.phase != Phase::Renewing {
                        self.attempt += 1;
                        self.credential_dead(&trouble::of_signal(&Signal::TokenRevoked), now, &mut out);
                    }
                }
            }
            Input::Checked { generation, check, retry_after } => {
                self.checked(generation, check, retry_after, now, &mut out);
            }
            Input::Renewed { attempt, lifetime } => {
                if self.awaits_renewal(attempt) {
                    self.generation += 1;
                    self.phase = Phase::Good;
                    self.usable = true;
                    // A token that somebody else made may have ended since: its first refusal says nothing of the region.
                    self.fresh = self.first && self.renewal != Renewal::AccessToken;
                    self.first = false;
                    self.failures = 0;
                    self.refused_secrets = 0;
                    self.reread = false;
                    self.used_up = false;
                    self.complained = false;
                    self.held_until = None;
                    self.trouble = None;
                    self.lifetime(lifetime, now);
                    out.push(Output::Expiring(None));
                    out.push(self.usable_output(!self.fresh && self.renewal != Renewal::AccessToken));
                }
            }
            Input::RenewFailed { attempt, error } => {
                if self.awaits_renewal(attempt) {
                    self.renew_failed(error, now, &mut out);
                }
            }
            Input::Reread { attempt, changed } => {
                if self.awaits_renewal(attempt) {
                    self.read_again(changed, now, &mut out);
                }
            }
            Input::Retry => match self.phase {
                Phase::RenewAt { may_cut: true, .. } | Phase::SignInNeeded { retry_at: Some(_) } => {
                    self.renew(now, &mut out);
                }
                Phase::Checking { retry_at: Some(_), unknowns, may_cut: true } => {
                    self.phase = Phase::Checking { retry_at: None, unknowns, may_cut: true };
                    out.push(Output::Check { generation: self.generation });
                }
                _ => {}
            },
            Input::Tick => self.tick(now, &mut out),
        }
        out
    }

    fn suspect(&mut self, generation: u64, now: Moment, out: &mut Vec<Output>) {
        match self.phase {
            Phase::SignedOut => {}
            // Somebody has already brought a newer token: that is the answer.
            _ if generation < self.generation && self.usable => out.push(self.usable_output(false)),
            Phase::Good | Phase::RenewAt { .. } | Phase::SignInNeeded { .. } if self.usable => self.check(now, out),
            Phase::SignInNeeded { .. } => out.extend(self.trouble.clone().map(Output::SignInNeeded)),
            // A renewal or a check is under way, and its end will tell.
            Phase::Renewing => self.complained = true,
            Phase::Good | Phase::Checking { .. } | Phase::RenewAt { .. } => {}
        }
    }

    /// Asks whether the token is good. A renewal that was to come is not forgotten over it.
    fn check(&mut self, now: Moment, out: &mut Vec<Output>) {
        if let Phase::RenewAt { at, .. } | Phase::SignInNeeded { retry_at: Some(at) } = self.phase {
            self.renew_due = Some(Expiry { mono: at, wall: now.wall_at(at) });
        }
        self.complained = false;
        let held = self.check_held_until.filter(|held| now.mono < *held);
        self.phase = Phase::Checking { retry_at: held, unknowns: 0, may_cut: held.is_none() };
        out.push(match held {
            None => Output::Check { generation: self.generation },
            Some(_) => Output::Waiting { trouble: trouble::rate_limited(), until: held },
        });
    }

    fn checked(
        &mut self,
        generation: u64,
        check: TokenCheck,
        retry_after: Option<Duration>,
        now: Moment,
        out: &mut Vec<Output>,
    ) {
        let Phase::Checking { retry_at: None, unknowns, .. } = self.phase else { return };
        if generation != self.generation {
            return;
        }
        let wait = retry_after.map(|wait| wait.clamp(RETRY_AFTER_FLOOR, RETRY_AFTER_CAP));
        self.check_held_until = wait.map(|wait| now.mono + wait);
        match check {
            TokenCheck::Alive => {
                self.phase = Phase::Good;
                self.fresh = false;
                self.used(now);
                out.push(self.usable_output(true));
                self.tick(now, out);
            }
            TokenCheck::Dead => {
                self.usable = false;
                out.push(self.dead());
                if self.renewal == Renewal::None {
                    self.sign_in_needed(trouble::sign_in_needed("Your sign-in has ended."), None, now, out);
                } else {
                    self.renew(now, out);
                }
            }
            // Three answers that say nothing: then the link may try with what there is, at its own slow pace.
            TokenCheck::Unknown if unknowns >= 2 => {
                self.phase = Phase::Good;
                out.push(self.usable_output(false));
            }
            TokenCheck::Unknown => {
                let at = now.mono + wait.unwrap_or(CHECK_RETRY);
                let may_cut = retry_after.is_none();
                self.phase = Phase::Checking { retry_at: Some(at), unknowns: unknowns + 1, may_cut };
                let trouble =
                    Trouble::passing("token.unknown", "Genesys Cloud does not say whether the sign-in still holds.");
                out.push(Output::Waiting { trouble, until: Some(at) });
            }
        }
    }

    fn dead(&self) -> Output {
        Output::Dead { generation: self.generation, used_at: self.idle.used_at() }
    }

    fn usable_output(&self, proved: bool) -> Output {
        Output::Usable { generation: self.generation, proved, fresh: self.fresh }
    }
}
