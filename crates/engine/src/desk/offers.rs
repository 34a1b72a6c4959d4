//! Takes looks at conversations in: what alerts, what ended and how, what was missed. One leg is one offer.

use super::io::Output;
use super::leg::{Ask, Leg, Offer};
use super::limits::{GAP_SLACK, LATE_NEWS, LOOK_AFTER, OVERDUE_AFTER, QUEUES_KEPT, TIMEOUT_SLACK};
use super::missed::{self, Heard};
use super::sighting::{LegSighting, LegState, Sighting};
use super::{Desk, actions, read, views};
use crate::event::{Event, Source};
use crate::moment::Moment;
use crate::snapshot::{Millis, MissedView, OfferEnd, Trouble};

/// What is known beyond the leg when it ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ending {
    /// When, as far as anybody says.
    pub(super) at: Option<Millis>,
    /// The conversation as a whole is over, or its other side has left.
    pub(super) caller_left: bool,
    /// Genesys holds against the agent that an offer was not answered.
    pub(super) not_responding: bool,
}

/// How an offer ended that alerted and was not seen connected.
pub(super) fn classify(leg: &Leg, ending: Ending) -> OfferEnd {
    if leg.offer.as_ref().is_some_and(|offer| offer.decline.may_be_ours()) {
        return OfferEnd::Declined;
    }
    if leg.connected_at.is_some() {
        return leg.taken_as();
    }
    let to_the_end = match (leg.rang(ending.at), leg.alerting_timeout) {
        (Some(rang), Some(timeout)) => rang + TIMEOUT_SLACK >= timeout,
        _ => false,
    };
    match leg.disconnect_type.as_deref().unwrap_or_default() {
        "timeout" | "transfer.noanswer" => OfferEnd::TimedOut,
        "peer" => OfferEnd::CallerLeft,
        _ if ending.caller_left => OfferEnd::CallerLeft,
        _ if to_the_end => OfferEnd::TimedOut,
        // This agent's own client or phone turned it down.
        "client" | "endpoint" | "endpoint.dnd" | "endpoint.donotdisturb" => OfferEnd::DeclinedElsewhere,
        _ if ending.not_responding => OfferEnd::TimedOut,
        _ => OfferEnd::Withdrawn,
    }
}

impl Desk {
    pub(super) fn seen(&mut self, mut sighting: Sighting, source: Source, now: Moment, out: &mut Vec<Output>) {
        let id = sighting.conversation.clone();
        if id.is_empty() || (sighting.legs.is_empty() && self.legs.conversation(&id).is_none()) {
            return;
        }
        for look in &mut sighting.legs {
            self.learn_queue(look);
            if sighting.ended {
                look.state = LegState::Disconnected;
            }
        }
        let found = self.legs.recognise(&id, &sighting.legs);
        let mut looks = Vec::with_capacity(sighting.legs.len());
        for (look, known) in sighting.legs.iter().zip(found) {
            let first = known.is_none();
            let key = match known {
                Some(key) => key,
                None => match self.legs.next_order() {
                    Some(order) => {
                        self.legs.insert(Leg::first(&id, look, self.clock, now, order));
                        look.leg.clone()
                    }
                    None => continue,
                },
            };
            looks.push((key, look, first));
        }
        let Some(conversation) = self.legs.conversation_mut(&id) else { return };
        if sighting.caller.name.is_some() {
            conversation.caller.name = sighting.caller.name;
        }
        if sighting.caller.address.is_some() {
            conversation.caller.address = sighting.caller.address;
        }
        conversation.caller_gone = sighting.caller_gone;
        conversation.ended |= sighting.ended;
        // What was taken first: it decides whether the other legs of the conversation were missed.
        looks.sort_by_key(|(_, look, _)| look.state != LegState::Connected);
        for (key, look, first) in looks {
            self.look(&key, look, first, source, now, out);
        }
        if sighting.ended {
            self.end_all(&id, source, now, out);
        }
    }

    /// The feed is sure that the conversation exists no more: nothing of it stays on the desk.
    pub(super) fn gone(&mut self, id: &str, now: Moment, out: &mut Vec<Output>) {
        for key in self.legs.conversation(id).map(|conversation| conversation.legs.clone()).unwrap_or_default() {
            if let Some(leg) = self.legs.get_mut(&key) {
                leg.wrap_up_due = false;
                leg.wrapped_up = true;
            }
        }
        self.end_all(id, Source::Recovered, now, out);
    }

    fn learn_queue(&mut self, look: &mut LegSighting) {
        let Some(id) = &look.queue_id else { return };
        match &look.queue_name {
            Some(name) if self.queues.get(id) != Some(name) => {
                if self.queues.len() >= QUEUES_KEPT {
                    self.queues.clear();
                }
                self.queues.insert(id.clone(), name.clone());
            }
            Some(_) => {}
            None => look.queue_name = self.queues.get(id).cloned(),
        }
    }

    /// One look at one leg.
    fn look(&mut self, key: &str, look: &LegSighting, first: bool, source: Source, now: Moment, out: &mut Vec<Output>) {
        let clock = self.clock;
        let Some(leg) = self.legs.get_mut(key) else { return };
        if look.state == LegState::Alerting
            && let Some(offer) = &mut leg.offer
        {
            offer.in_doubt = false;
        }
        if !first && leg.last_look == *look {
            leg.last_seen = now.mono;
            return;
        }
        let before = leg.state;
        let until = leg.alerts_until();
        let failed = (leg.last_look.error != look.error || first).then(|| look.error.clone()).flatten();
        leg.absorb(look, clock, now);
        if leg.state == LegState::Connected && leg.connected_at.is_none() {
            leg.connected_at = Some(now.wall);
        }
        match (before, leg.state) {
            (LegState::Other, LegState::Alerting) => self.start(key, source, now, out),
            (LegState::Alerting, LegState::Alerting) => {
                if until != leg.alerts_until() {
                    look_later(leg, now);
                }
                if let Some(sentence) = failed {
                    actions::answer_failed_at_genesys(leg, &sentence, out);
                }
            }
            (LegState::Alerting, LegState::Connected) => {
                let end = leg.taken_as();
                self.close(key, end, out);
            }
            (LegState::Alerting, LegState::Disconnected) => self.end_offer(key, source, now, out),
            (LegState::Other, LegState::Disconnected) => self.first_heard_ended(key, now, out),
            // What was no news may be when it is looked for: it came and went in a gap, and a later event named it first.
            (LegState::Disconnected, LegState::Disconnected) if leg.untold => self.first_heard_ended(key, now, out),
            _ => {}
        }
        self.legs.settle(key, now.mono);
    }

    fn start(&mut self, key: &str, source: Source, now: Moment, out: &mut Vec<Output>) {
        let Some(leg) = self.legs.get_mut(key) else { return };
        // Events state neither the start of the alerting nor (mostly) the name of the queue; one look does.
        let details = source == Source::Live
            && read::readable_alone(leg.medium)
            && (leg.alerting_since.is_none() || (leg.queue_id.is_some() && leg.queue_name.is_none()));
        leg.offer = Some(Offer::default());
        look_later(leg, now);
        let (conversation, medium) = (leg.conversation.clone(), leg.medium);
        let offer = self.legs.get(key).and_then(|leg| views::offer(self, leg));
        out.extend(offer.map(|offer| Output::Tell(Event::OfferStarted { offer, source })));
        if details {
            out.push(Output::Reread { conversation, medium });
        }
    }

    /// The offer is over: it stops ringing.
    fn close(&mut self, key: &str, end: OfferEnd, out: &mut Vec<Output>) {
        let Some(leg) = self.legs.get_mut(key) else { return };
        if leg.offer.take().is_some() {
            out.push(Output::Tell(Event::OfferEnded { leg: leg.key.clone(), end }));
        }
    }

    fn ending(&self, leg: &Leg) -> Ending {
        let conversation = self.legs.conversation(&leg.conversation);
        Ending {
            at: leg.ended_at,
            caller_left: conversation.is_some_and(|conversation| conversation.caller_gone || conversation.ended),
            not_responding: self.agent.not_responding_from(leg.alerts_since() - TIMEOUT_SLACK),
        }
    }

    /// A leg that alerted has ended.
    fn end_offer(&mut self, key: &str, source: Source, now: Moment, out: &mut Vec<Output>) {
        let Some(leg) = self.legs.get_mut(key) else { return };
        if source == Source::Live && leg.ended_at.is_none() {
            leg.ended_at = Some(now.wall);
        }
        let Some(leg) = self.legs.get(key) else { return };
        let end = classify(leg, self.ending(leg));
        let heard = match &self.deaf {
            Some(deaf) if source == Source::Recovered => Heard::EndUnheard(&deaf.why),
            _ => Heard::InTime,
        };
        let line = is_missed(end).then(|| self.missed_line(leg, end, heard, now));
        self.close(key, end, out);
        self.tell_missed(line, out);
    }

    /// A leg that Earshot never saw alert is over: missed, unless the agent dealt with it elsewhere or it is old.
    fn first_heard_ended(&mut self, key: &str, now: Moment, out: &mut Vec<Output>) {
        let Some(leg) = self.legs.get(key) else { return };
        let taken = self.legs.conversation(&leg.conversation).is_some_and(|conversation| {
            let connected = |key: &String| self.legs.get(key).is_some_and(|leg| leg.connected_at.is_some());
            conversation.legs.iter().any(connected)
        });
        let untold = !leg.outbound && !taken && !self.is_news(leg, now);
        if let Some(leg) = self.legs.get_mut(key) {
            leg.untold = untold;
        }
        let Some(leg) = self.legs.get(key) else { return };
        if leg.outbound || taken || untold {
            return;
        }
        let end = classify(leg, self.ending(leg));
        if matches!(end, OfferEnd::AnsweredElsewhere | OfferEnd::DeclinedElsewhere) {
            return;
        }
        let line = match &self.deaf {
            Some(deaf) => self.missed_line(leg, OfferEnd::WhileDeaf, Heard::Unheard(&deaf.why), now),
            None => self.missed_line(leg, end, Heard::TooLate, now),
        };
        self.tell_missed(Some(line), out);
    }

    /// It ended while Earshot was to hear it: in the open gap, or just now, and not before the sign-in.
    fn is_news(&self, leg: &Leg, now: Moment) -> bool {
        match (&self.deaf, leg.ended_at) {
            (Some(_), None) => true,
            (Some(deaf), Some(at)) => at >= deaf.since - GAP_SLACK,
            (None, Some(at)) => at >= now.wall - LATE_NEWS && self.listening_since.is_some_and(|since| at >= since),
            (None, None) => false,
        }
    }

    fn missed_line(&self, leg: &Leg, end: OfferEnd, heard: Heard<'_>, now: Moment) -> MissedView {
        // Without a stated start, a leg that never rang here has no length.
        let rang = leg.rang(leg.ended_at).filter(|_| leg.offer.is_some() || leg.alerting_since.is_some());
        let caller = self.legs.conversation(&leg.conversation).map(|conversation| &conversation.caller);
        MissedView {
            id: leg.key.clone(),
            conversation: Some(leg.conversation.clone()),
            medium: Some(leg.medium),
            caller: caller.and_then(|caller| caller.name.clone().or_else(|| caller.address.clone())),
            queue: leg.queue_name.clone(),
            at: leg.ended_at.unwrap_or(now.wall),
            end,
            reason: missed::reason(leg, end, rang, heard),
        }
    }

    pub(super) fn tell_missed(&mut self, line: Option<MissedView>, out: &mut Vec<Output>) {
        let told = line.and_then(|line| self.missed.add(line));
        out.extend(told.map(|line| Output::Tell(Event::Missed(line))));
    }

    /// The conversation is over: so are the legs that did not say so themselves.
    fn end_all(&mut self, id: &str, source: Source, now: Moment, out: &mut Vec<Output>) {
        for key in self.legs.conversation(id).map(|conversation| conversation.legs.clone()).unwrap_or_default() {
            let Some(leg) = self.legs.get_mut(&key) else { continue };
            let before = leg.state;
            leg.state = LegState::Disconnected;
            match before {
                LegState::Alerting => self.end_offer(&key, source, now, out),
                LegState::Connected => leg.ended_at = leg.ended_at.or(Some(now.wall)),
                LegState::Other | LegState::Disconnected => {}
            }
            self.legs.settle(&key, now.mono);
        }
    }

    /// Looks at offers whose end must have been missed; while a gap is open its re-list does that.
    pub(super) fn look_at_overdue(&mut self, now: Moment, out: &mut Vec<Output>) {
        if self.deaf.is_some() {
            return;
        }
        for key in self.legs.alerting() {
            let Some(leg) = self.legs.get_mut(&key) else { continue };
            let (conversation, medium) = (leg.conversation.clone(), leg.medium);
            if let Some(offer) = &mut leg.offer
                && offer.look_at <= now.mono
            {
                offer.look_at = now.mono + super::limits::LOOK_AGAIN;
                actions::reread(conversation, medium, out);
            }
        }
    }
}

/// Sets when the offer is looked at, if nothing is heard of it.
fn look_later(leg: &mut Leg, now: Moment) {
    let wait = leg.alerts_until().map_or(LOOK_AFTER, |until| {
        let left = u64::try_from(until.saturating_sub(now.wall)).unwrap_or(0);
        std::time::Duration::from_millis(left) + OVERDUE_AFTER
    });
    if let Some(offer) = &mut leg.offer {
        offer.look_at = now.mono + wait;
    }
}

/// The agent would have wanted to know.
fn is_missed(end: OfferEnd) -> bool {
    matches!(end, OfferEnd::TimedOut | OfferEnd::CallerLeft | OfferEnd::Withdrawn | OfferEnd::WhileDeaf)
}

impl Leg {
    /// The answer under way, or the last one, has failed.
    pub(super) fn fail_answer(&mut self, trouble: Trouble, arrived: bool) -> bool {
        self.offer.as_mut().is_some_and(|offer| {
            let pending = offer.answer.pending();
            if pending {
                offer.answer = Ask::Failed { trouble, arrived };
            }
            pending
        })
    }
}
