//! How a gap is opened, looked into, closed and settled.

use super::gap::Gap;
use super::look::Purpose;
use super::{Feed, Output};
use crate::event::Event;
use crate::limits::{AUDIT_EVERY, EVICTED_POLL, SECOND_LOOK};
use crate::moment::Moment;
use crate::snapshot::{Millis, Trouble};

/// Genesys' word for an agent who let an offer pass.
const NOT_RESPONDING: &str = "NOT_RESPONDING";

impl Feed {
    pub(super) fn lost(
        &mut self,
        verified: Millis,
        trouble: Trouble,
        evicted: bool,
        now: Moment,
        out: &mut Vec<Output>,
    ) {
        self.up = false;
        self.evicted = evicted;
        self.ordered.release(out);
        self.recover.stop();
        // A look of the dead connection may answer late: its number is no longer the current one.
        self.look = None;
        self.looked = None;
        (self.compare, self.comparing) = (None, None);
        self.unheard.clear();
        let verified = self.deaf_since.take().map_or(verified, |since| since.min(verified));
        self.agent_due = None;
        self.next_look = evicted.then(|| (now.mono + EVICTED_POLL, Purpose::Evicted));
        out.push(Output::Tell(Event::GapOpened { from: verified, cause: trouble.clone() }));
        match &mut self.gap {
            Some(gap) => gap.reopen(trouble),
            None => self.gap = Some(Gap::open(verified, trouble, self.routing.clone())),
        }
        out.push(Output::Deafness(self.gap.as_ref().map(|gap| (gap.from(), gap.why()))));
    }

    /// The token has died, at some time since `since`. A socket may have answered pings all the while and delivered
    /// nothing; where it is gone already, its gap began before its last sign of life.
    pub(super) fn doubt(&mut self, since: Millis, out: &mut Vec<Output>) {
        if self.up {
            self.deaf_since.get_or_insert(self.agreed_at.map_or(since, |agreed_at| agreed_at.max(since)));
            return;
        }
        let Some(since) = self.agreed_at.map(|agreed_at| agreed_at.max(since)) else { return };
        if let Some(gap) = self.gap.as_mut().filter(|gap| gap.is_open() && since < gap.from()) {
            gap.widen(since);
            out.push(Output::Tell(Event::GapOpened { from: since, cause: gap.cause() }));
            out.push(Output::Deafness(Some((gap.from(), gap.why()))));
        }
    }

    /// All answers of a look are in. What they brought reaches the desk before [`Input::Looked`] comes back.
    pub(super) fn finish(&mut self, out: &mut Vec<Output>) {
        let read = self.recover.idle();
        if let Some(look) = self.look.take_if(|look| look.complete() && (read || !look.is_about_a_gap())) {
            if std::mem::take(&mut self.hampered) {
                out.push(Output::Hampered(None));
            }
            if look.purpose != Purpose::Agent && self.up && self.unheard.is_empty() {
                self.agreed_at = Some(look.begun_at);
            }
            self.looked = Some(look.purpose);
            out.push(Output::Looked);
        }
    }

    pub(super) fn conclude(&mut self, now: Moment, out: &mut Vec<Output>) {
        let Some(purpose) = self.looked.take() else { return };
        let next = match purpose {
            Purpose::Gap => {
                self.relisted = true;
                self.ordered.release(out);
                self.close_gap(now, out);
                (now.mono + SECOND_LOOK, Purpose::Second)
            }
            Purpose::Second => {
                if let Some(gap) = &mut self.gap {
                    gap.unrecoverable = self.recover.unrecoverable();
                    gap.fleeting = self.recover.conversation_topics();
                }
                if let Some(gap) = self.gap.take()
                    && let Some(gap) = self.lookback.take(gap, now)
                {
                    settle(gap, now, out);
                }
                (now.mono + AUDIT_EVERY, Purpose::Audit)
            }
            Purpose::Evicted => (now.mono + EVICTED_POLL, Purpose::Evicted),
            Purpose::HandOver => {
                out.extend(self.comparing.take().map(|epoch| Output::Compared { epoch }));
                (now.mono + AUDIT_EVERY, Purpose::Audit)
            }
            Purpose::Audit | Purpose::Agent => (now.mono + AUDIT_EVERY, Purpose::Audit),
        };
        // Nothing takes the place of the look that settles a gap.
        if purpose == Purpose::Gap {
            self.next_look = Some(next);
        }
        self.next_look.get_or_insert(next);
    }

    /// The gap is closed, though not yet settled. Where the agent became Not Responding inside it and no offer is known
    /// to have been missed, one was missed that nobody can name.
    fn close_gap(&mut self, now: Moment, out: &mut Vec<Output>) {
        let Some(gap) = self.gap.as_mut().filter(|gap| gap.is_open()) else { return };
        let not_responding = self.routing.as_deref() == Some(NOT_RESPONDING);
        let was_responding = gap.routing_before.as_deref().is_some_and(|before| before != NOT_RESPONDING);
        if not_responding && was_responding && gap.missed == 0 {
            if self.lookback.possible() {
                gap.unexplained = true;
            } else {
                gap.missed = 1;
                out.push(Output::MissedUnseen { at: now.wall, why: gap.why() });
            }
        }
        gap.close(now.wall);
        gap.unrecoverable = self.recover.unrecoverable();
        gap.fleeting = self.recover.conversation_topics();
        if gap.young {
            // How everything stood when it began is no difference.
            (gap.recovered, gap.events) = (0, 0);
        }
        out.push(Output::Deafness(None));
        if gap.is_told() {
            out.push(Output::Tell(Event::GapClosed(gap.record(now.wall, false))));
        }
    }
}

/// Nothing more is expected of a gap.
pub(super) fn settle(mut gap: Gap, now: Moment, out: &mut Vec<Output>) {
    if gap.unexplained && gap.missed == 0 {
        gap.missed = 1;
        out.push(Output::MissedUnseen { at: now.wall, why: gap.why() });
    }
    if gap.is_told() {
        out.push(Output::Tell(Event::GapClosed(gap.record(now.wall, true))));
    }
}
