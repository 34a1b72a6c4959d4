//! How a conversation comes into being, from the control API and from scripts alike.

use super::conversation::{Conversation, IfMissed, Leg, LegState, Medium, Participant, Plan};
use super::{Due, World, catalogue};
use crate::clock::{Ms, seconds};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A conversation to offer. Everything has a believable default.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Offer {
    /// Kind.
    pub medium: Medium,
    /// Who is calling or writing; none: an unknown caller.
    pub caller: Option<String>,
    /// Telephone number, e-mail address, …
    pub address: Option<String>,
    /// Queue, by id or name; the first queue if not said.
    pub queue: Option<String>,
    /// For whom, by id, name or e-mail address; the first agent if not said.
    pub agent: Option<String>,
    /// How long it alerts.
    pub alerting_seconds: Option<f64>,
    /// A direct call from a colleague: no queue.
    pub direct: bool,
    /// The colleague; the other agent if not said.
    pub from: Option<String>,
    /// `webmessaging`, `sms`, `whatsapp`, …
    pub message_type: Option<String>,
    /// Subject of an e-mail.
    pub subject: Option<String>,
    /// Genesys answers it by itself after a second.
    pub auto_answer: bool,
    /// After so many seconds instead.
    pub auto_answer_seconds: Option<f64>,
    /// Joins the queue and waits for the agent to be on queue and idle; otherwise it alerts at once.
    pub wait: bool,
    /// The customer gives up after this, waiting or alerting.
    pub patience_seconds: Option<f64>,
    /// The customer leaves this long after the answer.
    pub talk_seconds: Option<f64>,
    /// Whether wrap-up follows; the simulator's rule if not said.
    pub wrapup: Option<bool>,
    /// Wrap-up ends by itself after this.
    pub wrapup_seconds: Option<f64>,
    /// What follows an alerting that nobody answered.
    pub if_missed: IfMissed,
    /// Participant attributes of the customer.
    pub attributes: BTreeMap<String, String>,
}

/// What an offer became.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offered {
    /// Conversation id.
    pub conversation: String,
    /// The agent's participant; none while it waits in the queue.
    pub participant: Option<String>,
    /// The agent's communication; none while it waits in the queue.
    pub communication: Option<String>,
}

/// Auto-answer comes after a tone of about a second.
const AUTO_ANSWER_AFTER: Ms = 1_000;

impl World {
    /// Creates a conversation and alerts its agent, or lets it wait for one.
    pub(crate) fn offer(&mut self, offer: &Offer) -> Result<Offered, String> {
        let index = self.create(offer)?;
        if offer.wait {
            self.conversations[index].waiting = true;
            self.conversation_changed(index);
        } else {
            let agent = self.conversations[index].plan.agent;
            self.alert(index, agent);
        }
        if let Some(patience) = offer.patience_seconds {
            let conversation = self.conversations[index].id.clone();
            self.due_in(seconds(patience), Due::CustomerGivesUp { conversation });
        }
        let id = self.conversations[index].id.clone();
        self.settle();
        Ok(self.offered(&id))
    }

    /// What an offer looks like from outside.
    pub(crate) fn offered(&self, id: &str) -> Offered {
        let alerting = self.find(id).and_then(|c| {
            let conversation = &self.conversations[c];
            conversation.in_state(LegState::Alerting).map(|p| &conversation.participants[p])
        });
        Offered {
            conversation: id.to_owned(),
            participant: alerting.map(|p| p.id.clone()),
            communication: alerting.map(|p| p.leg.id.clone()),
        }
    }

    /// A conversation that nobody has been told of yet.
    pub(super) fn create(&mut self, offer: &Offer) -> Result<usize, String> {
        let agent = named_agent(offer.agent.as_deref())?.unwrap_or(0);
        let queue = if offer.direct {
            None
        } else {
            let word = offer.queue.as_deref().unwrap_or(catalogue::QUEUES[0].name);
            Some(catalogue::queue(word).ok_or_else(|| {
                let names: Vec<_> = catalogue::QUEUES.iter().map(|q| q.name).collect();
                format!("there is no queue `{word}`; there are {}", names.join(", "))
            })?)
        };
        let from = if offer.direct {
            Some(named_agent(offer.from.as_deref())?.unwrap_or(usize::from(agent == 0)))
        } else {
            None
        };
        let caller = offer.caller.clone().or_else(|| from.map(|f| catalogue::AGENTS[f].name.to_owned()));
        let address = offer.address.clone().unwrap_or_else(|| default_address(offer, from));
        let wrapup = match (offer.wrapup, offer.wrapup_seconds) {
            (Some(false), _) => None,
            (_, Some(s)) => Some(seconds(s)),
            (Some(true), None) => Some(self.rules.wrapup.unwrap_or(30_000)),
            (None, None) => self.rules.wrapup,
        };
        let id = self.ids.uuid();
        let mut conversation = Conversation {
            id,
            medium: offer.medium,
            message_type: (offer.medium == Medium::Message)
                .then(|| offer.message_type.clone().unwrap_or_else(|| "webmessaging".to_owned())),
            subject: (offer.medium == Medium::Email)
                .then(|| offer.subject.clone().unwrap_or_else(|| "Question about my contract".to_owned())),
            caller,
            address,
            queue,
            started: self.now,
            ended: None,
            waiting: false,
            participants: Vec::new(),
            attributes: offer.attributes.clone(),
            plan: Plan {
                agent,
                alerting: offer.alerting_seconds.map_or(self.rules.alerting, seconds),
                auto_answer: offer.auto_answer,
                auto_answer_after: offer.auto_answer_seconds.map_or(AUTO_ANSWER_AFTER, seconds),
                talk: offer.talk_seconds.map(seconds),
                wrapup: queue.and(wrapup),
                if_missed: offer.if_missed,
            },
        };
        let mut customer = self.new_participant(if from.is_some() { "user" } else { "customer" }, LegState::Connected);
        customer.agent = from;
        customer.name.clone_from(&conversation.caller);
        customer.address = Some(conversation.address.clone());
        customer.attributes.clone_from(&conversation.attributes);
        conversation.participants.push(customer);
        if let Some(queue) = queue {
            let mut acd = self.new_participant("acd", LegState::Connected);
            acd.name = Some(queue.name.to_owned());
            conversation.participants.push(acd);
        }
        self.conversations.push(conversation);
        Ok(self.conversations.len() - 1)
    }

    /// Adds an alerting participant for this agent.
    pub(crate) fn alert(&mut self, index: usize, agent: usize) {
        let direct = self.conversations[index].queue.is_none();
        let mut participant = self.new_participant(if direct { "user" } else { "agent" }, LegState::Alerting);
        let plan = self.conversations[index].plan.clone();
        participant.agent = Some(agent);
        participant.name = Some(catalogue::AGENTS[agent].name.to_owned());
        participant.alerting = Some(plan.alerting);
        let conversation = self.conversations[index].id.clone();
        let leg = participant.leg.id.clone();
        let after = plan.auto_answer_after;
        if plan.auto_answer {
            participant.leg.answering = true;
            let outcome = super::AnswerOutcome::Connects;
            let (conversation, leg) = (conversation.clone(), leg.clone());
            self.due_in(after, Due::Answered { conversation, leg, outcome, message: String::new() });
        }
        self.conversations[index].waiting = false;
        self.conversations[index].participants.push(participant);
        self.due_in(plan.alerting, Due::AlertingEnds { conversation, leg });
        self.conversation_changed(index);
    }

    /// A participant with one fresh leg.
    pub(crate) fn new_participant(&mut self, purpose: &'static str, state: LegState) -> Participant {
        Participant {
            id: self.ids.uuid(),
            purpose,
            agent: None,
            name: None,
            address: None,
            leg: Leg {
                id: self.ids.uuid(),
                state,
                initial: state,
                started: self.now,
                connected: (state == LegState::Connected).then_some(self.now),
                disconnected: None,
                disconnect_type: None,
                held_since: None,
                muted: false,
                error: None,
                answering: false,
            },
            alerting: None,
            after_call: None,
            wrapup: None,
            attributes: BTreeMap::new(),
            told: false,
        }
    }
}

/// An agent by word, or a sentence that says who there is.
pub(crate) fn named_agent(word: Option<&str>) -> Result<Option<usize>, String> {
    let Some(word) = word else { return Ok(None) };
    catalogue::agent(word).map(Some).ok_or_else(|| {
        let names: Vec<_> = catalogue::AGENTS.iter().map(|a| a.name).collect();
        format!("there is no agent `{word}`; there are {}", names.join(", "))
    })
}

fn default_address(offer: &Offer, from: Option<usize>) -> String {
    if let Some(from) = from {
        return format!("sip:{}", catalogue::AGENTS[from].email);
    }
    match offer.medium {
        Medium::Call | Medium::Callback => "tel:+493055500100".to_owned(),
        Medium::Email => "customer@example.com".to_owned(),
        Medium::Message => "c0ffee00-0000-4000-8000-000000000001".to_owned(),
    }
}
