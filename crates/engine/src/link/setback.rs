//! What a failure does to the link: the verdict is asked for, and carried out.

use std::time::Duration;

use earshot_genesys::error::ApiError;
use earshot_genesys::transport::DialError;

use super::{Link, Output, Rest};
use crate::backoff::{self, Spread};
use crate::limits::{BLOCKED_RETRY, BLOCKED_RETRY_CAP, EVICTION_FIGHT, EVICTION_WAIT, EVICTION_WAIT_CAP};
use crate::moment::Moment;
use crate::trouble;
use crate::verdict::{Call, Memory, Signal, Verdict, verdict};

/// A refusal that may mean the token or something else; the second one after a proof is not about the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refusal {
    what: Refused,
    /// The token has since been proved live.
    pub(super) proved: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refused {
    Call(Call, u16),
    Upgrade(u16),
    Close(u16),
    InBand(u16),
}

impl Link {
    pub(super) fn fail(&mut self, signal: &Signal, now: Moment, out: &mut Vec<Output>) {
        let refused = refused(signal);
        let memory = Memory {
            refused_though_proved: self.refusal.is_some_and(|refusal| refusal.proved && Some(refusal.what) == refused),
            fresh: self.token.is_some_and(|token| token.fresh),
        };
        let generation = self.connection.as_ref().map_or(0, |connection| connection.generation);
        let verdict = verdict(signal, memory);
        let cause = match (verdict, signal) {
            (Verdict::Blocked(block), Signal::Rest { error: ApiError::Status(status), .. }) => {
                trouble::of_block(block, Some(status))
            }
            (Verdict::Blocked(block), _) => trouble::of_block(block, None),
            _ => trouble::of_signal(signal),
        };
        self.drop_connection(&cause, verdict == Verdict::Evicted, now, out);
        if self.token.is_none() {
            self.rest = Rest::SignInNeeded;
            return;
        }
        self.trouble = Some(cause);
        self.failures += 1;
        if !matches!(verdict, Verdict::Blocked(_)) {
            self.blocks = 0;
        }
        match verdict {
            Verdict::TokenSuspect | Verdict::Stale => {
                self.refusal = refused.map(|what| Refusal { what, proved: false });
                self.rest = Rest::Token { until: None };
                out.push(Output::Suspect { generation });
            }
            Verdict::CredentialDead => {
                self.rest = Rest::Token { until: None };
                out.push(Output::Revoked { generation });
            }
            Verdict::Blocked(_) => {
                self.blocks += 1;
                let wait = backoff::doubling(BLOCKED_RETRY, BLOCKED_RETRY_CAP, self.blocks);
                self.begin_after(wait, true, now, out);
            }
            Verdict::Wait(wait) => {
                self.held_until = Some(now.mono + wait);
                self.begin_after(wait, false, now, out);
            }
            Verdict::Evicted => {
                let wait = self.evicted(now);
                self.begin_after(wait, true, now, out);
            }
            Verdict::Transient(spread) | Verdict::Reconnect(spread) | Verdict::HandOver(spread) => {
                self.begin_after(backoff::delay(self.failures, spread, now), true, now, out);
            }
            Verdict::HalfOpen | Verdict::NextSecret | Verdict::GoOn | Verdict::Extend => {
                self.begin_after(backoff::delay(self.failures, Spread::Alone, now), true, now, out);
            }
        }
    }

    /// A planned change. Until the hand-over exists it is a reconnect; while it waits for its turn the old socket goes on
    /// hearing.
    pub(super) fn plan(&mut self, signal: &Signal, now: Moment, out: &mut Vec<Output>) {
        // Without a token nothing could take this socket's place: it is heard out to its end.
        if self.token.is_none() {
            return;
        }
        let Verdict::HandOver(spread) = verdict(signal, Memory::default()) else { return };
        let earliest = self.earliest().unwrap_or(now.mono);
        let Some(connection) = self.connection.as_mut().filter(|connection| connection.live()) else {
            return self.fail(signal, now, out);
        };
        // Ours alone to plan. What the server announces counts like any other failure: it may announce it for ever.
        let failures = if spread == Spread::Alone { 1 } else { self.failures + 1 };
        let at = (now.mono + backoff::delay(failures, spread, now)).max(earliest);
        connection.leave_at = Some(connection.leave_at.map_or(at, |planned| planned.min(at)));
        self.trouble = Some(trouble::of_signal(signal));
        self.leave(now, out);
    }

    /// Leaves the old socket if its time has come, and begins anew.
    pub(super) fn leave(&mut self, now: Moment, out: &mut Vec<Output>) {
        let due = |at: Duration| at <= now.mono;
        if self.connection.as_ref().and_then(|connection| connection.leave_at).is_some_and(due) {
            let cause = self.trouble.clone().unwrap_or_else(|| trouble::of_signal(&Signal::TokenChanges));
            self.drop_connection(&cause, false, now, out);
            self.failures += 1;
            self.begin(now, out);
        }
    }

    /// How long to wait after this eviction: nothing after a lone one, more after each of a fight.
    fn evicted(&mut self, now: Moment) -> Duration {
        let fight = self.evicted_at.is_some_and(|at| now.mono.saturating_sub(at) < EVICTION_FIGHT + EVICTION_WAIT_CAP);
        self.evictions = if fight { self.evictions + 1 } else { 1 };
        self.evicted_at = Some(now.mono);
        match self.evictions {
            1 => Duration::ZERO,
            n => EVICTION_WAIT.saturating_mul(4_u32.saturating_pow((n - 2).min(8))).min(EVICTION_WAIT_CAP),
        }
    }
}

fn refused(signal: &Signal) -> Option<Refused> {
    match signal {
        Signal::Rest { call, error: ApiError::Status(status) } => Some(Refused::Call(*call, status.status)),
        Signal::Upgrade(DialError::Refused { status, .. }) => Some(Refused::Upgrade(*status)),
        Signal::Closed { code: Some(code), .. } => Some(Refused::Close(*code)),
        Signal::InBand(result) => Some(Refused::InBand(*result)),
        _ => None,
    }
}
