//! Getting a new token, and what becomes of a renewal that fails.

use std::time::Duration;

use earshot_genesys::error::ApiError;

use super::{Output, Phase, Renewal, Session};
use crate::backoff::{self, Spread};
use crate::limits::SECRETS_RETRY;
use crate::moment::Moment;
use crate::snapshot::Trouble;
use crate::trouble;
use crate::verdict::{Memory, Signal, Verdict, verdict};

impl Session {
    pub(super) fn renew_failed(&mut self, error: ApiError, now: Moment, out: &mut Vec<Output>) {
        let signal = Signal::TokenEndpoint(error);
        let cause = trouble::of_signal(&signal);
        match verdict(&signal, Memory::default()) {
            Verdict::NextSecret => {
                self.refused_secrets += 1;
                if self.refused_secrets < self.secrets {
                    self.secret = (self.secret + 1) % self.secrets;
                    self.renew(now, out);
                } else {
                    self.refused_secrets = 0;
                    self.secret = 0;
                    self.sign_in_needed(cause, Some(now.mono + SECRETS_RETRY), now, out);
                }
            }
            Verdict::CredentialDead => self.credential_dead(&cause, now, out),
            Verdict::Wait(wait) => {
                self.held_until = Some(now.mono + wait);
                self.renew_later(cause, now.mono + wait, false, now, out);
            }
            Verdict::Blocked(_) => self.sign_in_needed(cause, Some(now.mono + SECRETS_RETRY), now, out),
            _ => {
                self.failures += 1;
                // Never at once: the token endpoint is everybody's.
                let wait = backoff::delay(self.failures + 1, Spread::Everybody, now);
                self.renew_later(cause, now.mono + wait, true, now, out);
            }
        }
    }

    pub(super) fn credential_dead(&mut self, cause: &Trouble, now: Moment, out: &mut Vec<Output>) {
        let again = !std::mem::replace(&mut self.reread, true);
        match self.renewal {
            Renewal::RefreshToken if again => {
                self.phase = Phase::Renewing;
                out.push(Output::RereadCredential { attempt: self.attempt });
            }
            Renewal::ClientCredentials | Renewal::AccessToken if again => self.renew(now, out),
            _ => {
                self.used_up = self.renewal == Renewal::RefreshToken;
                self.sign_in_needed(trouble::sign_in_needed(&cause.message), self.look_again(now), now, out);
            }
        }
    }

    pub(super) fn read_again(&mut self, changed: bool, now: Moment, out: &mut Vec<Output>) {
        if changed {
            self.used_up = false;
            self.renew(now, out);
        } else if self.renewal == Renewal::AccessToken && self.usable {
            // Nobody has brought a newer token, and this one has not been refused.
            self.phase = Phase::Good;
            self.look_later(now);
            self.hear_complaint(now, out);
        } else {
            self.used_up = self.renewal == Renewal::RefreshToken;
            let cause = trouble::sign_in_needed("The sign-in has ended.");
            self.sign_in_needed(cause, self.look_again(now), now, out);
        }
    }

    /// When what was refused is looked at again: a person signs in anew, a file is written anew.
    fn look_again(&self, now: Moment) -> Option<Duration> {
        self.unattended.then_some(now.mono + SECRETS_RETRY)
    }

    pub(super) fn renew(&mut self, now: Moment, out: &mut Vec<Output>) {
        if let Some(held) = self.held_until.filter(|held| now.mono < *held) {
            let cause = self.trouble.clone().unwrap_or_else(trouble::rate_limited);
            return self.renew_later(cause, held, false, now, out);
        }
        self.attempt += 1;
        self.phase = Phase::Renewing;
        out.push(if self.unattended && self.used_up {
            Output::RereadCredential { attempt: self.attempt }
        } else {
            Output::Renew { attempt: self.attempt, secret: self.secret }
        });
    }

    fn renew_later(&mut self, cause: Trouble, at: Duration, may_cut: bool, now: Moment, out: &mut Vec<Output>) {
        self.phase = Phase::RenewAt { at, may_cut };
        if !self.usable {
            out.push(Output::Waiting { trouble: cause.clone(), until: Some(at) });
        }
        self.trouble = Some(cause);
        self.hear_complaint(now, out);
    }

    pub(super) fn sign_in_needed(
        &mut self,
        cause: Trouble,
        retry_at: Option<Duration>,
        now: Moment,
        out: &mut Vec<Output>,
    ) {
        self.phase = Phase::SignInNeeded { retry_at };
        self.trouble = Some(cause.clone());
        out.push(if self.usable { Output::Expiring(Some(cause)) } else { Output::SignInNeeded(cause) });
        self.hear_complaint(now, out);
    }

    /// The renewal came to nothing, and somebody who was refused with the old token is still waiting for an answer.
    pub(super) fn hear_complaint(&mut self, now: Moment, out: &mut Vec<Output>) {
        if std::mem::take(&mut self.complained) && self.usable {
            self.check(now, out);
        }
    }
}
