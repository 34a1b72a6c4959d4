//! How conversations go on: time-outs, customers who leave, answers, hang-ups, wrap-up.

use super::conversation::{AfterCall, IfMissed, LegState, Wrapup};
use super::{AnswerOutcome, Due, World};
use crate::clock::Ms;

/// A requeue to the same agent comes this long after the miss.
const OFFER_AGAIN_AFTER: Ms = 400;
/// So many forgotten conversations are kept for analytics.
const ARCHIVED: usize = 20_000;
/// A caller speaks to the voicemail for so long.
const VOICEMAIL_TAKES: Ms = 3_000;

impl World {
    /// Does one thing that is due, unless the world has moved on.
    pub(crate) fn perform(&mut self, due: Due) {
        match due {
            Due::AlertingEnds { conversation, leg } => {
                if let Some((c, p)) = self.leg(&conversation, &leg, LegState::Alerting) {
                    self.miss(c, p, "transfer.noanswer");
                }
            }
            Due::Answered { conversation, leg, outcome, message } => {
                let Some((c, p)) = self.leg(&conversation, &leg, LegState::Alerting) else { return };
                match outcome {
                    AnswerOutcome::Connects => self.connect(c, p),
                    AnswerOutcome::Fails => {
                        self.conversations[c].participants[p].leg.error = Some(message);
                        self.miss(c, p, "error");
                    }
                    AnswerOutcome::Ignored | AnswerOutcome::Refused => {}
                }
            }
            Due::CustomerLeaves { conversation } => {
                if let Some(c) = self.find(&conversation) {
                    self.customer_leaves(c);
                }
            }
            Due::CustomerGivesUp { conversation } => {
                if let Some(c) = self.find(&conversation)
                    && self.conversations[c].in_state(LegState::Connected).is_none()
                {
                    self.customer_leaves(c);
                }
            }
            Due::AfterCallEnds { conversation, participant } => {
                if let Some(c) = self.find(&conversation)
                    && let Some(p) = self.conversations[c].participant(&participant)
                    && self.conversations[c].participants[p].wrapping_up()
                {
                    self.finish_wrapup(c, p, None, false);
                }
            }
            Due::OfferAgain { conversation } => {
                if let Some(c) = self.find(&conversation)
                    && self.conversations[c].ended.is_none()
                    && self.conversations[c].in_state(LegState::Alerting).is_none()
                {
                    let agent = self.conversations[c].plan.agent;
                    self.alert(c, agent);
                }
            }
            Due::VoicemailEnds { conversation } => {
                if let Some(c) = self.find(&conversation) {
                    self.end_all(c, "endpoint", "peer");
                }
            }
            Due::Forget { conversation } => {
                if let Some(c) = self.find(&conversation) {
                    let forgotten = self.conversations.remove(c);
                    if self.archive.len() == ARCHIVED {
                        self.archive.pop_front();
                    }
                    self.archive.push_back(forgotten);
                }
            }
            Due::Stream { stream } => self.stream_on(stream),
        }
    }

    /// A leg of a conversation, if it is in this state.
    fn leg(&self, conversation: &str, leg: &str, state: LegState) -> Option<(usize, usize)> {
        let c = self.find(conversation)?;
        let p = self.conversations[c].participants.iter().position(|p| p.leg.id == leg && p.leg.state == state)?;
        Some((c, p))
    }

    /// The agent's leg becomes connected.
    pub(crate) fn connect(&mut self, c: usize, p: usize) {
        let now = self.now;
        let conversation = &mut self.conversations[c];
        let leg = &mut conversation.participants[p].leg;
        leg.state = LegState::Connected;
        leg.connected = Some(now);
        leg.answering = false;
        conversation.waiting = false;
        for participant in &mut conversation.participants {
            if participant.purpose == "acd" {
                participant.disconnect(now, "transfer");
            }
        }
        let (id, talk, agent) =
            (conversation.id.clone(), conversation.plan.talk, conversation.participants[p].agent.unwrap_or(0));
        self.agents[agent].not_responding = false;
        if let Some(talk) = talk {
            self.due_in(talk, Due::CustomerLeaves { conversation: id });
        }
        self.conversation_changed(c);
    }

    /// An alerting leg ends unanswered: by time, by declining, or by a failed answer.
    pub(crate) fn miss(&mut self, c: usize, p: usize, why: &'static str) {
        let now = self.now;
        let conversation = &mut self.conversations[c];
        conversation.participants[p].disconnect(now, why);
        let agent = conversation.participants[p].agent.unwrap_or(0);
        let id = conversation.id.clone();
        if conversation.queue.is_none() {
            // Nobody becomes Not Responding over a colleague's call; it is simply over.
            self.end_all(c, "peer", why);
            return;
        }
        if self.agents[agent].presence == super::catalogue::ON_QUEUE {
            self.agents[agent].not_responding = true;
        }
        match conversation.plan.if_missed {
            IfMissed::Wait => conversation.waiting = true,
            IfMissed::Requeue => self.due_in(OFFER_AGAIN_AFTER, Due::OfferAgain { conversation: id }),
            IfMissed::Other => {
                self.taken_by_other(c, agent);
                return;
            }
            IfMissed::End => {
                self.customer_leaves(c);
                return;
            }
        }
        self.conversation_changed(c);
    }

    /// A colleague takes the conversation; this agent's alerting leg, if any, ends.
    pub(crate) fn taken_by_other(&mut self, c: usize, agent: usize) {
        let now = self.now;
        let other = (agent + 1) % self.agents.len();
        for participant in self.conversations[c].participants.iter_mut().skip(1) {
            if participant.agent.is_some() || participant.purpose == "acd" {
                participant.disconnect(now, "transfer");
            }
        }
        let mut colleague = self.new_participant("agent", LegState::Connected);
        colleague.agent = Some(other);
        colleague.name = Some(self.agents[other].profile.name.to_owned());
        let conversation = &mut self.conversations[c];
        conversation.waiting = false;
        conversation.participants.push(colleague);
        self.conversation_changed(c);
    }

    /// The customer leaves, wherever the conversation stands.
    pub(crate) fn customer_leaves(&mut self, c: usize) {
        if self.conversations[c].ended.is_none() {
            self.end_all(c, "endpoint", "peer");
        }
    }

    /// The conversation ends: the customer's leg for one reason, the others for another. Wrap-up begins where due.
    pub(crate) fn end_all(&mut self, c: usize, customer: &'static str, others: &'static str) {
        let now = self.now;
        let rest = self.rules.ended_kept;
        let conversation = &mut self.conversations[c];
        if conversation.ended.is_some() {
            return;
        }
        let mut wrapping = Vec::new();
        for (index, participant) in conversation.participants.iter_mut().enumerate() {
            let was = participant.leg.state;
            let why = if index == 0 { customer } else { others };
            let ended = participant.disconnect(now, why);
            let talked = ended && was != LegState::Alerting && participant.purpose == "agent";
            if let Some(timeout) = conversation.plan.wrapup.filter(|_| talked) {
                participant.after_call = Some(AfterCall { started: now, ended: None, timeout, skipped: false });
                wrapping.push((participant.id.clone(), timeout));
            }
        }
        conversation.ended = Some(now);
        conversation.waiting = false;
        let id = conversation.id.clone();
        let mut longest = 0;
        for (participant, timeout) in wrapping {
            longest = longest.max(timeout);
            self.due_in(timeout, Due::AfterCallEnds { conversation: id.clone(), participant });
        }
        self.due_in(rest + longest, Due::Forget { conversation: id });
        self.conversation_changed(c);
    }

    /// Wrap-up ends: with a code, skipped, or by itself.
    pub(crate) fn finish_wrapup(&mut self, c: usize, p: usize, wrapup: Option<Wrapup>, skipped: bool) {
        let now = self.now;
        let participant = &mut self.conversations[c].participants[p];
        if let Some(after) = &mut participant.after_call
            && after.ended.is_none()
        {
            after.ended = Some(now);
            after.skipped = skipped;
        }
        if wrapup.is_some() {
            participant.wrapup = wrapup;
            participant.told = false;
        }
        self.conversation_changed(c);
    }

    /// A direct call goes to the agent's voicemail.
    pub(crate) fn send_to_voicemail(&mut self, c: usize, p: usize) {
        let now = self.now;
        let agent = self.conversations[c].participants[p].agent;
        self.conversations[c].participants[p].disconnect(now, "transfer");
        let mut voicemail = self.new_participant("voicemail", LegState::Connected);
        voicemail.agent = agent;
        self.conversations[c].participants.push(voicemail);
        let conversation = self.conversations[c].id.clone();
        self.due_in(VOICEMAIL_TAKES, Due::VoicemailEnds { conversation });
        self.conversation_changed(c);
    }
}
