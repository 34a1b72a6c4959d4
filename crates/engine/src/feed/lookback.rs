//! Analytics look back over gaps that are closed: they alone know what came and went inside. They lag, so each gap is
//! looked back upon several times, and is settled after the last. Where they are not permitted, gaps settle without them.

use std::collections::VecDeque;
use std::time::Duration;

use earshot_genesys::error::ApiError;
use earshot_genesys::wire::ConversationDetails;

use super::gap::Gap;
use crate::event::GapRecord;
use crate::limits::{
    LOOK_BACK_AFTER, LOOK_BACK_APART, LOOK_BACK_AT, LOOK_BACK_KEPT, LOOK_BACK_MARGIN, LOOK_BACK_PAGES, RELIST_RETRY,
    RELIST_RETRY_CAP,
};
use crate::moment::{Moment, millis};
use crate::snapshot::Millis;
use crate::verdict::{Call, Memory, Signal, Verdict, verdict};
use crate::{backoff, trouble};

/// Whose conversations are looked back upon.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Whose {
    /// A user's.
    User(String),
    /// A queue's.
    Queue(String),
}

/// One question to analytics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Names it.
    pub ask: u64,
    /// A little before the begin of the gap.
    pub from: Millis,
    /// A little after its end.
    pub to: Millis,
    /// Whose conversations.
    pub whose: Whose,
    /// Which page; the first is 1.
    pub page: u32,
}

/// Conversations on a page (Genesys: 100 at most).
pub const PAGE: u32 = 100;

/// Where the look back upon a gap begins.
pub(super) fn reach(from: Millis) -> Millis {
    from - millis(LOOK_BACK_MARGIN)
}

/// Where it ends.
pub(super) fn end(to: Millis) -> Millis {
    to + millis(LOOK_BACK_AFTER)
}

#[derive(Debug)]
struct Past {
    gap: Gap,
    closed: Duration,
    /// How often it has been looked back upon.
    step: usize,
    due: Duration,
    failures: u32,
    whose: usize,
    page: u32,
}

/// The gaps being looked back upon.
#[derive(Debug, Default)]
pub(super) struct LookBack {
    whose: Vec<Whose>,
    past: VecDeque<Past>,
    asks: u64,
    asked: Option<u64>,
    /// No question before then.
    rests_until: Duration,
    /// Genesys has said that this sign-in may not.
    denied: bool,
}

/// What an answer came to.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Gaps of which nothing more is expected.
    pub(super) settled: Vec<Gap>,
    /// What was found, and in which gap.
    pub(super) found: Option<Found>,
}

/// A page of what was found of a gap.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) details: ConversationDetails,
    pub(super) whose: Whose,
    pub(super) gap: GapRecord,
    /// Why we could not hear.
    pub(super) why: String,
    /// Nothing began before it that was not heard.
    pub(super) young: bool,
}

impl LookBack {
    /// Whose conversations there are to look for: other subscriptions may be granted to another sign-in. Gives back the
    /// gaps that must settle as they are.
    pub(super) fn watch(&mut self, whose: Vec<Whose>) -> Vec<Gap> {
        if whose == self.whose {
            return Vec::new();
        }
        self.whose = whose;
        if self.whose.is_empty() {
            return self.end();
        }
        // A look that has begun begins again: how far it had got was counted in other names.
        self.asked = None;
        for past in &mut self.past {
            (past.whose, past.page) = (0, 1);
        }
        Vec::new()
    }

    /// A new sign-in: it may be permitted.
    pub(super) fn permitted_again(&mut self) {
        self.denied = false;
    }

    /// Whether looking back can tell anything.
    pub(super) fn possible(&self) -> bool {
        !self.denied && !self.whose.is_empty()
    }

    /// Takes a gap over that is closed; gives back one that must settle as it is.
    pub(super) fn take(&mut self, gap: Gap, now: Moment) -> Option<Gap> {
        if !self.possible() {
            return Some(gap);
        }
        let due = now.mono + LOOK_BACK_AT[0];
        self.past.push_back(Past { gap, closed: now.mono, step: 0, due, failures: 0, whose: 0, page: 1 });
        if self.past.len() <= LOOK_BACK_KEPT {
            return None;
        }
        self.asked = None;
        self.past.pop_front().map(|past| past.gap)
    }

    /// Everything ends: what there is settles as it is.
    pub(super) fn end(&mut self) -> Vec<Gap> {
        self.asked = None;
        self.past.drain(..).map(|past| past.gap).collect()
    }

    /// A gap that is being looked back upon, by its begin.
    pub(super) fn gap(&mut self, from: Millis) -> Option<&mut Gap> {
        self.past.iter_mut().map(|past| &mut past.gap).find(|gap| gap.from() == from)
    }

    /// The gap that was looked back upon last.
    pub(super) fn at_hand(&mut self) -> Option<&mut Gap> {
        self.past.front_mut().map(|past| &mut past.gap)
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        let due = self.past.iter().map(|past| past.due).min().filter(|_| self.asked.is_none());
        due.map(|due| due.max(self.rests_until))
    }

    /// The next question, if one is due. One at a time.
    pub(super) fn due(&mut self, now: Moment) -> Option<Question> {
        if self.asked.is_some() || !self.possible() || now.mono < self.rests_until {
            return None;
        }
        let place = self.past.iter().enumerate().filter(|(_, past)| past.due <= now.mono).min_by_key(|(_, p)| p.due)?.0;
        // The one being asked about stands first.
        let past = self.past.remove(place)?;
        self.past.push_front(past);
        let past = self.past.front()?;
        let whose = self.whose.get(past.whose)?.clone();
        self.asks += 1;
        self.asked = Some(self.asks);
        let record = past.gap.record(now.wall, false);
        Some(Question { ask: self.asks, from: reach(record.from), to: end(record.to), whose, page: past.page })
    }

    pub(super) fn answered(&mut self, ask: u64, result: Result<ConversationDetails, ApiError>, now: Moment) -> Outcome {
        let mut outcome = Outcome::default();
        if self.asked != Some(ask) {
            return outcome;
        }
        self.asked = None;
        let Some(past) = self.past.front_mut() else { return outcome };
        match result {
            Ok(details) => {
                past.failures = 0;
                let Some(whose) = self.whose.get(past.whose).cloned() else { return outcome };
                let more = details.total_hits.is_some_and(|hits| i64::from(past.page * PAGE) < hits);
                if more && past.page < LOOK_BACK_PAGES && !details.conversations.is_empty() {
                    past.page += 1;
                } else {
                    past.page = 1;
                    past.whose += 1;
                    if self.whose.len() > 1 {
                        self.rests_until = now.mono + LOOK_BACK_APART;
                    }
                }
                let (gap, why, young) = (past.gap.record(now.wall, false), past.gap.why(), past.gap.young);
                outcome.found = Some(Found { details, whose, gap, why, young });
                if past.whose >= self.whose.len() {
                    past.whose = 0;
                    past.step += 1;
                    if let Some(after) = LOOK_BACK_AT.get(past.step) {
                        past.due = past.closed + *after;
                    } else {
                        past.gap.looked_back = true;
                        outcome.settled.extend(self.past.pop_front().map(|past| past.gap));
                    }
                }
            }
            Err(ApiError::Status(status)) if status.status == 403 && !status.html => {
                tracing::info!(code = trouble::of_api_error(&ApiError::Status(status)).code, "no look back");
                self.denied = true;
                outcome.settled = self.end();
            }
            Err(error) => {
                past.failures = past.failures.saturating_add(1);
                let wait = match verdict(&Signal::Rest { call: Call::Read, error }, Memory::default()) {
                    Verdict::Wait(wait) => wait,
                    _ => backoff::doubling(RELIST_RETRY, RELIST_RETRY_CAP, past.failures),
                };
                past.due = now.mono + wait;
                let last = LOOK_BACK_AT[LOOK_BACK_AT.len() - 1];
                // It has had its time: better a gap without this source than one that stays open.
                if past.due > past.closed + last * 2 {
                    outcome.settled.extend(self.past.pop_front().map(|past| past.gap));
                }
            }
        }
        outcome
    }
}
