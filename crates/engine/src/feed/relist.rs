//! The answers of a look at the truth: what was listed, what is absent, and what to do where no answer came.

use std::collections::BTreeSet;
use std::time::Duration;

use earshot_genesys::error::ApiError;
use earshot_genesys::wire;

use super::look::{Half, Look, Purpose};
use super::{Feed, Output};
use crate::backoff;
use crate::desk::read;
use crate::desk::sighting::{LegState, Sighting};
use crate::event::Source;
use crate::limits::{AUDIT_GRACE, LOOK_UP_TRIES, RELIST_RETRY, RELIST_RETRY_CAP};
use crate::moment::Moment;
use crate::snapshot::Medium;
use crate::trouble;
use crate::verdict::{Call, Memory, Signal, Verdict, verdict};

impl Feed {
    pub(super) fn listed(
        &mut self,
        look: u64,
        result: Result<Vec<wire::Conversation>, ApiError>,
        known: &[(String, Medium)],
        now: Moment,
        out: &mut Vec<Output>,
    ) {
        let asked = |current: &&mut Look| current.id == look && matches!(current.list, Half::Asked { .. });
        let Some(current) = self.look.as_mut().filter(asked) else { return };
        let Half::Asked { failures } = std::mem::replace(&mut current.list, Half::Done) else { return };
        let conversations = match result {
            Ok(conversations) => conversations,
            Err(error) => {
                let again = self.failed(&error, failures, now, out);
                if let Some(look) = &mut self.look {
                    look.list = again;
                }
                return;
            }
        };
        let purpose = current.purpose;
        let Some(me) = self.me.clone() else { return };
        let mut listed = BTreeSet::new();
        for conversation in &conversations {
            let sighting = read::sighting(conversation, &me);
            let id = sighting.conversation.clone();
            listed.insert(id.clone());
            let is_known = known.iter().any(|(known, _)| *known == id);
            // Fields that move both ways have two versions now: a third look tells.
            if self.heard_during_look.contains(&id) {
                if let Some(leg) = sighting.legs.last() {
                    self.absence.doubt(&id, leg.medium, now.mono);
                }
            } else {
                self.absence.seen(&id);
                let alerting = sighting.legs.iter().any(|leg| leg.state == LegState::Alerting);
                let compares = matches!(purpose, Purpose::Audit | Purpose::HandOver);
                if compares && alerting && !is_known && self.recover.hears_conversations_of(&me) {
                    self.unheard.insert(id, now.mono + AUDIT_GRACE);
                }
            }
            out.push(Output::Seen { sighting, source: Source::Recovered });
        }
        for (conversation, medium) in known {
            if !listed.contains(conversation) && !self.heard_during_look.contains(conversation) {
                self.absence.unlisted(conversation, *medium, now.mono);
                if let Some(look) = &mut self.look {
                    look.lookups.insert(conversation.clone());
                }
            }
        }
    }

    pub(super) fn me_read(
        &mut self,
        look: u64,
        result: Result<Box<wire::Me>, ApiError>,
        now: Moment,
        out: &mut Vec<Output>,
    ) {
        let asked = |current: &&mut Look| current.id == look && matches!(current.me, Half::Asked { .. });
        let Some(current) = self.look.as_mut().filter(asked) else { return };
        let Half::Asked { failures } = std::mem::replace(&mut current.me, Half::Done) else { return };
        match result {
            Ok(me) => {
                self.routing =
                    me.routing_status.as_ref().and_then(|routing| routing.status.clone()).or(self.routing.take());
                out.push(Output::Me(me));
            }
            Err(error) => {
                let again = self.failed(&error, failures, now, out);
                if let Some(look) = &mut self.look {
                    look.me = again;
                }
            }
        }
    }

    pub(super) fn looked_up(
        &mut self,
        conversation: &str,
        result: Result<Sighting, ApiError>,
        now: Moment,
        out: &mut Vec<Output>,
    ) {
        if !self.absence.answered(conversation) {
            return;
        }
        match result {
            Ok(sighting) => {
                self.absence.seen(conversation);
                out.push(Output::Seen { sighting, source: Source::Recovered });
            }
            Err(ApiError::Status(status)) if matches!(status.status, 403 | 404 | 410) && !status.html => {
                let gone = if status.status == 403 {
                    self.absence.not_readable(conversation, now.mono)
                } else {
                    self.absence.not_found(conversation, now.mono)
                };
                if gone {
                    out.push(Output::Gone { conversation: conversation.to_owned() });
                }
            }
            Err(error) => {
                let wait = Self::wait_for(&error, 1);
                let failures = self.absence.failed(conversation, wait, now.mono);
                self.hold(&error, wait, now);
                // The look goes on waiting for this one, for a while: a gap is not closed on a guess.
                if failures < LOOK_UP_TRIES {
                    return;
                }
                let waits = self.look.as_ref().is_some_and(|look| look.lookups.contains(conversation));
                if let Some(me) = self.me.as_deref().filter(|_| waits) {
                    self.recover.conversations_unread(me);
                }
            }
        }
        if let Some(look) = &mut self.look {
            look.lookups.remove(conversation);
        }
    }

    /// Half of a look failed: the same again, later.
    fn failed(&mut self, error: &ApiError, failures: u32, now: Moment, out: &mut Vec<Output>) -> Half {
        let failures = failures.saturating_add(1);
        let wait = Self::wait_for(error, failures);
        self.hold(error, wait, now);
        if self.look.as_ref().is_some_and(|look| look.purpose != Purpose::Audit) {
            self.hampered = true;
            out.push(Output::Hampered(Some(trouble::of_api_error(error))));
        }
        Half::Due { at: now.mono + wait, failures }
    }

    pub(super) fn wait_for(error: &ApiError, failures: u32) -> Duration {
        let signal = Signal::Rest { call: Call::Read, error: error.clone() };
        match verdict(&signal, Memory::default()) {
            Verdict::Wait(wait) => wait,
            Verdict::Blocked(_) => RELIST_RETRY_CAP,
            _ => backoff::doubling(RELIST_RETRY, RELIST_RETRY_CAP, failures),
        }
    }

    /// `Retry-After` is about all reads.
    pub(super) fn hold(&mut self, error: &ApiError, wait: Duration, now: Moment) {
        if matches!(error, ApiError::Status(status) if status.status == 429) {
            self.held_until = self.held_until.max(Some(now.mono + wait));
        }
    }
}
