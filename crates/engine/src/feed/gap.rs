//! A time in which we may not have heard everything. Gaps that touch are one.

use std::collections::BTreeSet;

use crate::event::GapRecord;
use crate::snapshot::{Millis, Trouble};
use crate::trouble;

/// An open gap.
#[derive(Debug, Clone)]
pub(super) struct Gap {
    from: Millis,
    causes: Vec<Trouble>,
    /// The routing status before it, in Genesys' word.
    pub(super) routing_before: Option<String>,
    /// Facts that the desk did not know.
    pub(super) recovered: u32,
    /// Events that were told as recovered.
    pub(super) events: u32,
    pub(super) unrecoverable: Vec<String>,
    /// Topics whose conversations may have come and gone inside it: only analytics know of those.
    pub(super) fleeting: Vec<String>,
    /// Analytics have told all they know of it.
    pub(super) looked_back: bool,
    pub(super) missed: u32,
    closed_at: Option<Millis>,
    /// The agent became Not Responding inside it, and no offer that explains it was known when it was closed.
    pub(super) unexplained: bool,
    /// Nothing was lost that we know of: the first subscription may have become active a moment late. Told only if it hid
    /// something.
    pub(super) young: bool,
}

impl Gap {
    pub(super) fn open(from: Millis, cause: Trouble, routing_before: Option<String>) -> Self {
        Self {
            from,
            causes: vec![cause],
            routing_before,
            recovered: 0,
            events: 0,
            unrecoverable: Vec::new(),
            fleeting: Vec::new(),
            looked_back: false,
            missed: 0,
            closed_at: None,
            unexplained: false,
            young: false,
        }
    }

    /// The moment after the first subscription, which hears perhaps a moment later than was said.
    pub(super) fn young(from: Millis) -> Self {
        Self { young: true, ..Self::open(from, trouble::young(), None) }
    }

    /// Whether anybody is to know of it.
    pub(super) fn is_told(&self) -> bool {
        !self.young || self.recovered.max(self.events) + self.missed > 0
    }

    /// Hearing was lost again before this gap was settled.
    pub(super) fn reopen(&mut self, cause: Trouble) {
        if std::mem::take(&mut self.young) {
            self.causes.clear();
        }
        if !self.causes.contains(&cause) {
            self.causes.push(cause);
        }
        self.closed_at = None;
    }

    /// It began earlier than was thought.
    pub(super) fn widen(&mut self, from: Millis) {
        self.from = self.from.min(from);
    }

    /// Looked up, though one more look is to come.
    pub(super) fn close(&mut self, at: Millis) {
        self.closed_at.get_or_insert(at);
    }

    /// When it began.
    pub(super) fn from(&self) -> Millis {
        self.from
    }

    pub(super) fn is_open(&self) -> bool {
        self.closed_at.is_none()
    }

    /// The first cause.
    pub(super) fn cause(&self) -> Trouble {
        self.causes[0].clone()
    }

    /// Why we could not hear, in words.
    pub(super) fn why(&self) -> String {
        self.causes.first().map(|cause| cause.message.trim_end_matches('.').to_owned()).unwrap_or_default()
    }

    pub(super) fn record(&self, now: Millis, settled: bool) -> GapRecord {
        GapRecord {
            from: self.from,
            to: self.closed_at.unwrap_or(now),
            causes: self.causes.clone(),
            recovered: self.recovered.max(self.events),
            missed: self.missed,
            unrecoverable: self.unrecoverable(settled),
            settled,
        }
    }

    /// While analytics may still be asked, nobody knows what they will tell.
    fn unrecoverable(&self, settled: bool) -> Vec<String> {
        let fleeting = if settled && !self.looked_back { &self.fleeting[..] } else { &[] };
        let topics: BTreeSet<_> = self.unrecoverable.iter().chain(fleeting).collect();
        topics.into_iter().cloned().collect()
    }
}
