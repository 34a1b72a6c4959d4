//! What a failure does to the link: the verdict is asked for, and carried out.

use std::time::Duration;

use earshot_genesys::error::ApiError;
use earshot_genesys::transport::DialError;

use super::handover::lost;
use super::{Link, Output, Rest};
use crate::backoff::{self, Spread};
use crate::limits::{BLOCKED_RETRY, BLOCKED_RETRY_CAP, EVICTION_FIGHT, EVICTION_WAIT, EVICTION_WAIT_CAP};
use crate::moment::Moment;
use crate::record::HandOver;
use crate::snapshot::Trouble;
use crate::trouble;
use crate::verdict::{Block, Call, Memory, Signal, Verdict, verdict};

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
    /// This connection has failed. The live one leaves a gap, unless another is there to take over; one that was to take
    /// over leaves the live one as it is.
    pub(super) fn fail(&mut self, epoch: u64, signal: &Signal, now: Moment, out: &mut Vec<Output>) {
        let refused = refused(signal);
        let memory = Memory {
            refused_though_proved: self.refusal.is_some_and(|refusal| refusal.proved && Some(refusal.what) == refused),
            fresh: self.token.is_some_and(|token| token.fresh),
            quiet: self.quiet,
        };
        let Some(generation) = self.get(epoch).map(|connection| connection.generation) else { return };
        let verdict = verdict(signal, memory);
        let cause = match (verdict, signal) {
            (Verdict::Blocked(block), Signal::Rest { call, error: ApiError::Status(status) }) => {
                trouble::of_blocked_call(block, *call, status)
            }
            (Verdict::Blocked(block), _) => trouble::of_block(block, None),
            _ => trouble::of_signal(signal),
        };
        let evicted = verdict == Verdict::Evicted;
        if let Some(next) = self.next.take_if(|next| next.epoch == epoch) {
            out.push(Output::Drop { epoch: next.epoch });
            if self.live.is_some() {
                out.push(Output::HandOver(HandOver::Failed { epoch, trouble: cause.clone() }));
            }
        } else if self.survives(verdict, generation, &cause, now, out) {
            if *signal == Signal::Deaf
                && let Some(live) = &mut self.live
            {
                live.doubtful = true;
            }
            return self.replace(&cause, evicted, now, out);
        } else if let Some(live) = self.live.take() {
            lost(&live, &cause, evicted, now, out);
            self.planned = None;
        }
        if self.token.is_none() {
            self.rest = Rest::SignInNeeded;
            return;
        }
        self.trouble = Some(cause);
        self.failures += 1;
        if !matches!(verdict, Verdict::Blocked(_)) {
            self.blocks = 0;
        }
        let at_work = matches!(self.rest, Rest::Token { .. });
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
            // A hand-over that waits for the session goes on waiting, now as a reconnect.
            _ if at_work => {}
            Verdict::Blocked(block) => {
                self.blocks += 1;
                // What was proved once need not be true for ever: from the second time on the token is asked about again.
                if block == Block::RefusedThoughProved && self.blocks > 1 {
                    out.push(Output::Suspect { generation });
                }
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

    /// The live connection has failed: whether the next one goes on. What its own token is suspected of is said here.
    fn survives(
        &mut self,
        verdict: Verdict,
        generation: u64,
        cause: &Trouble,
        now: Moment,
        out: &mut Vec<Output>,
    ) -> bool {
        let Some(next) = &self.next else { return false };
        let same = next.generation <= generation;
        // Both have fallen silent, as after a sleep: what is dead itself takes over from nobody.
        if next.liveness.is_some_and(|liveness| liveness.dead(now.mono)) {
            self.trouble = Some(cause.clone());
            self.abandon(out);
            return false;
        }
        match verdict {
            Verdict::CredentialDead if same => {
                self.trouble = Some(cause.clone());
                self.abandon(out);
                return false;
            }
            Verdict::TokenSuspect | Verdict::Stale if same => out.push(Output::Suspect { generation }),
            _ => {}
        }
        true
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
