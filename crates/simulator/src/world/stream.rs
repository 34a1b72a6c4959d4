//! A stream of numbered events, so that a test can count what it heard.

use super::conversation::{IfMissed, LegState, Medium};
use super::offer::Offer;
use super::{Due, World};
use crate::clock::Ms;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What a stream is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StreamOf {
    /// One conversation whose attribute `count` is set to 1, 2, 3, …
    #[default]
    Changes,
    /// New conversations; the attribute `count` of each says the how-manieth it is. The customer gives up after a
    /// while.
    Conversations,
}

/// What is wanted.
#[derive(Debug, Clone)]
pub(crate) struct StreamPlan {
    pub(crate) of: StreamOf,
    pub(crate) offer: Offer,
    /// Nobody is offered the conversations: they wait in their queue.
    pub(crate) unheard: bool,
    /// The customer of a new conversation gives up after this.
    pub(crate) patience: Ms,
    pub(crate) every: Ms,
    pub(crate) count: u32,
}

/// A stream on its way.
#[derive(Debug)]
pub(crate) struct Stream {
    plan: StreamPlan,
    conversation: Option<String>,
    sent: u32,
    next: Ms,
    stopped: bool,
}

/// The attribute that counts.
const COUNT: &str = "count";

impl World {
    /// Begins a stream; the first event is due at once. Says its number.
    pub(crate) fn start_stream(&mut self, plan: StreamPlan) -> Result<usize, String> {
        let stream = self.streams.len();
        let mut conversation = None;
        if plan.of == StreamOf::Changes {
            let c = self.stream_offer(&plan)?;
            if let Some(p) = self.conversations[c].in_state(LegState::Alerting) {
                self.connect(c, p);
                self.settle();
            }
            conversation = Some(self.conversations[c].id.clone());
        }
        self.streams.push(Stream { plan, conversation, sent: 0, next: self.now, stopped: false });
        self.due_in(0, Due::Stream { stream });
        Ok(stream)
    }

    fn stream_offer(&mut self, plan: &StreamPlan) -> Result<usize, String> {
        let c = self.create(&plan.offer)?;
        if plan.unheard {
            self.conversation_changed(c);
        } else {
            let agent = self.conversations[c].plan.agent;
            self.alert(c, agent);
        }
        self.settle();
        Ok(c)
    }

    /// Ends every stream.
    pub(crate) fn stop_streams(&mut self) {
        for stream in &mut self.streams {
            stream.stopped = true;
        }
    }

    /// The next event of a stream.
    pub(crate) fn stream_on(&mut self, index: usize) {
        let Some(stream) = self.streams.get_mut(index).filter(|s| !s.stopped) else { return };
        stream.sent += 1;
        let number = stream.sent.to_string();
        let (more, conversation) = (stream.sent < stream.plan.count, stream.conversation.clone());
        stream.stopped = !more;
        stream.next += stream.plan.every;
        let next = stream.next;
        if let Some(id) = conversation {
            if let Some(c) = self.find(&id)
                && let Some(customer) = self.conversations[c].participants.first_mut()
            {
                customer.attributes.insert(COUNT.to_owned(), number);
                self.conversation_changed(c);
            }
        } else {
            let mut plan = self.streams[index].plan.clone();
            plan.offer.attributes.insert(COUNT.to_owned(), number);
            // What names its agent and queue was checked when the stream began.
            if let Ok(c) = self.stream_offer(&plan) {
                let conversation = self.conversations[c].id.clone();
                self.due_in(plan.patience, Due::CustomerGivesUp { conversation });
            }
        }
        if more {
            self.due_in((next - self.now).max(0), Due::Stream { stream: index });
        }
    }

    /// For the report.
    pub(crate) fn report_streams(&self) -> Value {
        (self.streams.iter().enumerate())
            .map(|(index, s)| {
                json!({"stream": index, "conversation": s.conversation, "sent": s.sent, "count": s.plan.count,
                       "done": s.stopped})
            })
            .collect()
    }
}

/// What such a stream offers: to an agent, or to nobody, in a queue.
pub(crate) fn offer_of(of: StreamOf, medium: Option<Medium>, agent: Option<&str>, queue: Option<&str>) -> Offer {
    Offer {
        medium: medium.unwrap_or(Medium::Message),
        caller: Some("Stream".to_owned()),
        agent: agent.map(str::to_owned),
        queue: queue.map(str::to_owned),
        wrapup: Some(false),
        if_missed: if of == StreamOf::Conversations { IfMissed::End } else { IfMissed::Wait },
        ..Offer::default()
    }
}
