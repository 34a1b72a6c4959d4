//! Agents: presence, routing status, summary, and who gets the next waiting conversation.

use super::conversation::{LegState, Medium};
use super::{World, catalogue};
use crate::shapes;

impl World {
    /// Brings routing statuses, summaries and the queue into agreement with what just happened.
    pub(crate) fn settle(&mut self) {
        loop {
            for agent in 0..self.agents.len() {
                self.settle_agent(agent);
            }
            let Some((conversation, agent)) = self.next_match() else { return };
            self.alert(conversation, agent);
        }
    }

    fn settle_agent(&mut self, agent: usize) {
        let summary = self.counts(agent);
        if self.agents[agent].summary != summary {
            self.agents[agent].summary = summary;
            let id = self.agents[agent].profile.id;
            let body = shapes::summary::json(id, &self.agents[agent].summary);
            self.tell(format!("v2.users.{id}.conversationsummary"), body);
        }
        let status = self.routing(agent);
        if self.agents[agent].routing != status {
            self.set_routing(agent, status);
        }
    }

    fn set_routing(&mut self, agent: usize, status: &'static str) {
        self.agents[agent].routing = status;
        self.agents[agent].routing_since = self.now;
        let id = self.agents[agent].profile.id;
        let body = shapes::users::routing_event(&self.agents[agent]);
        self.tell(format!("v2.users.{id}.routingStatus"), body);
        self.activity(agent);
    }

    fn activity(&mut self, agent: usize) {
        let id = self.agents[agent].profile.id;
        let body = shapes::users::activity_event(&self.agents[agent]);
        self.tell(format!("v2.users.{id}.activity"), body);
    }

    /// What the routing status should be.
    fn routing(&self, agent: usize) -> &'static str {
        let this = &self.agents[agent];
        if this.presence != catalogue::ON_QUEUE {
            return "OFF_QUEUE";
        }
        if this.not_responding {
            return "NOT_RESPONDING";
        }
        let mut communicating = false;
        for conversation in &self.conversations {
            for p in conversation.participants.iter().filter(|p| p.agent == Some(agent) && p.purpose != "voicemail") {
                let talking = matches!(p.leg.state, LegState::Connected);
                if p.purpose == "agent" && (talking || p.wrapping_up()) {
                    return "INTERACTING";
                }
                communicating |= talking;
            }
        }
        if communicating { "COMMUNICATING" } else { "IDLE" }
    }

    /// Active and after-call conversations of an agent, by medium.
    fn counts(&self, agent: usize) -> shapes::summary::Counts {
        let mut counts = shapes::summary::Counts::default();
        for conversation in &self.conversations {
            let mut active = false;
            let mut wrapping = false;
            for p in conversation.participants.iter().filter(|p| p.agent == Some(agent) && p.purpose != "voicemail") {
                active |= p.leg.state != LegState::Disconnected;
                wrapping |= p.wrapping_up();
            }
            counts.add(conversation.medium, conversation.queue.is_some(), active, wrapping);
        }
        counts
    }

    /// The longest-waiting conversation whose agent is on queue, idle and not alerting.
    fn next_match(&self) -> Option<(usize, usize)> {
        self.conversations.iter().enumerate().filter(|(_, c)| c.waiting).find_map(|(index, conversation)| {
            let agent = conversation.plan.agent;
            let alerting = self
                .conversations
                .iter()
                .any(|c| c.participants.iter().any(|p| p.agent == Some(agent) && p.leg.state == LegState::Alerting));
            (self.agents[agent].routing == "IDLE" && !alerting).then_some((index, agent))
        })
    }

    /// The agent's presence changes; coming back on queue ends Not Responding.
    pub(crate) fn set_presence(&mut self, agent: usize, presence: usize, message: Option<String>) {
        let this = &mut self.agents[agent];
        this.presence = presence;
        this.presence_since = self.now;
        this.message = message.unwrap_or_default();
        this.not_responding = false;
        let id = this.profile.id;
        let body = shapes::users::presence_event(this);
        self.tell(format!("v2.users.{id}.presence"), body);
        self.activity(agent);
        self.settle();
    }

    /// `PUT routingstatus`: only IDLE has an effect of its own, it ends Not Responding.
    pub(crate) fn clear_not_responding(&mut self, agent: usize) {
        self.agents[agent].not_responding = false;
        self.settle();
    }

    /// Not Responding from outside.
    pub(crate) fn mark_not_responding(&mut self, agent: usize) {
        self.agents[agent].not_responding = true;
        self.settle();
    }

    /// An agent's conversations that are on the desk now.
    pub(crate) fn live_for(&self, agent: usize, medium: Option<Medium>) -> Vec<usize> {
        self.conversations
            .iter()
            .enumerate()
            .filter(|(_, c)| medium.is_none_or(|m| c.medium == m) && c.is_live_for(agent))
            .map(|(index, _)| index)
            .collect()
    }
}
