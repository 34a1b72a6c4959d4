//! What agents do to conversations through REST, with Genesys' refusals.

use super::conversation::{LegState, Wrapup};
use super::{AnswerOutcome, AnswerPlan, Due, World};

/// Why an act was refused: status, code, sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

/// A refusal with status 400.
pub(crate) fn bad(code: &'static str, message: impl Into<String>) -> Refused {
    Refused { status: 400, code, message: message.into() }
}

impl World {
    /// PATCH `{"state":"connected"}`.
    pub(crate) fn answer(&mut self, c: usize, p: usize) -> Result<(), Refused> {
        let leg = &self.conversations[c].participants[p].leg;
        match leg.state {
            LegState::Alerting => {}
            LegState::Disconnected => {
                return Err(bad("conversation.error.call.disconnected", "The communication has already disconnected."));
            }
            LegState::Parked => {
                self.conversations[c].participants[p].leg.state = LegState::Connected;
                self.conversation_changed(c);
                self.settle();
                return Ok(());
            }
            LegState::Connected => return Err(bad("bad.request", "The communication is not alerting.")),
        }
        if leg.answering {
            return Ok(());
        }
        let plan = self.answers.clone();
        let (outcome, message, delay) = match &plan {
            Some(plan) => (plan.outcome, plan.message.clone(), plan.delay.unwrap_or(self.rules.answer_delay)),
            None => (AnswerOutcome::Connects, String::new(), self.rules.answer_delay),
        };
        if let Some(AnswerPlan { left: Some(left), .. }) = &mut self.answers {
            *left = left.saturating_sub(1);
            if *left == 0 {
                self.answers = None;
            }
        }
        if outcome == AnswerOutcome::Refused {
            return Err(bad("bad.request", message));
        }
        let leg = &mut self.conversations[c].participants[p].leg;
        leg.answering = outcome != AnswerOutcome::Ignored;
        let leg = leg.id.clone();
        let conversation = self.conversations[c].id.clone();
        self.due_in(delay, Due::Answered { conversation, leg, outcome, message });
        Ok(())
    }

    /// PATCH `{"state":"disconnected"}`: declines what alerts, hangs up what is connected.
    pub(crate) fn disconnect(&mut self, c: usize, p: usize) -> Result<(), Refused> {
        match self.conversations[c].participants[p].leg.state {
            LegState::Alerting => self.miss(c, p, "client"),
            LegState::Connected | LegState::Parked => self.end_all(c, "peer", "client"),
            LegState::Disconnected => {
                return Err(bad("conversation.error.call.disconnected", "The communication has already disconnected."));
            }
        }
        self.settle();
        Ok(())
    }

    /// PATCH `held`, `muted`; parking.
    pub(crate) fn change_leg(
        &mut self,
        c: usize,
        p: usize,
        held: Option<bool>,
        muted: Option<bool>,
        parked: Option<bool>,
    ) -> Result<(), Refused> {
        let now = self.now;
        let leg = &mut self.conversations[c].participants[p].leg;
        if leg.state == LegState::Alerting && (held.is_some() || muted.is_some() || parked.is_some()) {
            return Err(bad("conversation.error.hold.alerting", "An alerting communication cannot be held."));
        }
        if leg.state == LegState::Disconnected {
            return Err(bad("conversation.error.call.disconnected", "The communication has already disconnected."));
        }
        if let Some(held) = held {
            leg.held_since = held.then_some(now);
        }
        if let Some(muted) = muted {
            leg.muted = muted;
        }
        if let Some(parked) = parked {
            leg.state = if parked { LegState::Parked } else { LegState::Connected };
        }
        self.conversation_changed(c);
        self.settle();
        Ok(())
    }

    /// PATCH or POST wrap-up.
    pub(crate) fn wrap_up(&mut self, c: usize, p: usize, wrapup: Wrapup, provisional: bool) -> Result<(), Refused> {
        if wrapup.code.is_empty() {
            return Err(bad("conversation.error.wrapup.code.required", "A wrap-up code is required."));
        }
        if provisional || self.conversations[c].participants[p].leg.state != LegState::Disconnected {
            let participant = &mut self.conversations[c].participants[p];
            participant.wrapup = Some(wrapup);
            self.conversation_changed(c);
        } else {
            self.finish_wrapup(c, p, Some(wrapup), false);
        }
        self.settle();
        Ok(())
    }

    /// PATCH `{"wrapupSkipped":true}`.
    pub(crate) fn skip_wrapup(&mut self, c: usize, p: usize) -> Result<(), Refused> {
        if !self.conversations[c].participants[p].wrapping_up() {
            return Err(bad("conversation.error.wrapup.cannot.skip", "There is no wrap-up to skip."));
        }
        self.finish_wrapup(c, p, None, true);
        self.settle();
        Ok(())
    }

    /// POST `replace {"voicemail":true}`.
    pub(crate) fn replace_with_voicemail(&mut self, c: usize, p: usize) -> Result<(), Refused> {
        let participant = &self.conversations[c].participants[p];
        if participant.purpose != "user" {
            return Err(bad("bad.request", "Only a direct call can be sent to voicemail."));
        }
        if participant.leg.state != LegState::Alerting {
            return Err(bad("conversations.error.transfer.not.connected", "The communication is not alerting."));
        }
        self.send_to_voicemail(c, p);
        self.settle();
        Ok(())
    }
}
