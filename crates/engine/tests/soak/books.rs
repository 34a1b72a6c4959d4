//! The books: what was offered, what was told, and how the two compare.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use earshot_engine::event::{Event, Source};
use earshot_engine::snapshot::{LinkState, Millis};

/// Engine and books may differ by this on when something was.
const BLUR: Millis = 2_500;

/// One conversation that was offered.
pub(crate) struct Entry {
    pub(crate) conversation: String,
    pub(crate) leg: String,
    pub(crate) from: Millis,
    pub(crate) until: Millis,
    /// The agent takes it in the end, with another client: it is not missed.
    pub(crate) taken: bool,
}

/// What the engine told, as far as the books need it.
#[derive(Default)]
pub(crate) struct Told {
    rings: BTreeMap<String, (Millis, Source)>,
    ended: BTreeSet<String>,
    missed: BTreeSet<String>,
    /// From, to, and whether anything is still being looked up, by their begins.
    gaps: BTreeMap<Millis, (Millis, bool)>,
    hearing_since: Option<Millis>,
    hearing: Millis,
    /// What must not be.
    pub(crate) wrong: Vec<String>,
}

/// The sums.
#[derive(Debug, Default)]
pub(crate) struct Sums {
    pub(crate) offered: usize,
    pub(crate) live: usize,
    pub(crate) recovered: usize,
    pub(crate) missed: usize,
    pub(crate) taken: usize,
    pub(crate) inside_gaps: usize,
    pub(crate) gaps: usize,
    pub(crate) median: Duration,
    pub(crate) slowest: Duration,
}

impl Told {
    pub(crate) fn take_in(&mut self, event: Event, now: Millis) {
        match event {
            Event::OfferStarted { offer, source } => {
                let again = self.rings.insert(offer.leg.clone(), (now, source));
                self.check(again.is_none(), || format!("{} rang twice", offer.leg));
            }
            Event::OfferEnded { leg, .. } => {
                self.check(self.rings.contains_key(&leg), || format!("{leg} ended before it rang"));
                let first = self.ended.insert(leg.clone());
                self.check(first, || format!("{leg} ended twice"));
            }
            Event::Missed(line) => {
                if let Some(conversation) = line.conversation {
                    let first = self.missed.insert(conversation.clone());
                    self.check(first, || format!("{conversation} was told as missed twice"));
                }
            }
            Event::GapClosed(gap) => {
                self.gaps.insert(gap.from, (gap.to, gap.settled));
            }
            Event::Link(link) => {
                let hearing = link.state == LinkState::Connected && link.caught_up;
                if hearing {
                    self.hearing_since.get_or_insert(now);
                } else if let Some(since) = self.hearing_since.take() {
                    self.hearing += now - since;
                }
            }
            _ => {}
        }
    }

    fn check(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.wrong.push(what());
        }
    }

    /// The time that counts begins now, with a connection that hears.
    pub(crate) fn begin(&mut self, now: Millis) {
        (self.hearing, self.hearing_since) = (0, Some(now));
    }

    /// For how much of the time since then it was connected and caught up.
    pub(crate) fn hearing(&self, now: Millis) -> Millis {
        self.hearing + self.hearing_since.map_or(0, |since| now - since)
    }

    /// Whether every gap has been looked up to the end.
    pub(crate) fn settled(&self) -> bool {
        self.gaps.values().all(|(_, settled)| *settled)
    }

    /// Balances the books; what is wrong is in [`Told::wrong`].
    pub(crate) fn reckon(&mut self, ledger: &[Entry]) -> Sums {
        let mut sums = Sums { offered: ledger.len(), gaps: self.gaps.len(), ..Sums::default() };
        let mut delays = Vec::new();
        let mut wrong = Vec::new();
        for entry in ledger {
            let covered = |from: Millis, to: Millis| {
                self.gaps.iter().any(|(begin, (end, _))| begin - BLUR <= from && to <= end + BLUR)
            };
            match self.rings.get(&entry.leg) {
                Some((at, source)) => {
                    if *at > entry.until + BLUR {
                        wrong.push(format!("{} rang {} ms after its end", entry.leg, at - entry.until));
                    }
                    if !self.ended.contains(&entry.leg) {
                        wrong.push(format!("the end of {} was never told", entry.leg));
                    }
                    if *source == Source::Live {
                        sums.live += 1;
                        delays.push(Duration::from_millis(u64::try_from(at - entry.from).unwrap_or(0)));
                    } else {
                        sums.recovered += 1;
                    }
                }
                None if self.missed.contains(&entry.conversation) => sums.missed += 1,
                None if !covered(entry.from, entry.until) => {
                    let gaps = &self.gaps;
                    wrong.push(format!(
                        "{} was lost without a word, from {} to {}; gaps {gaps:?}",
                        entry.conversation, entry.from, entry.until
                    ));
                }
                None if entry.taken => sums.taken += 1,
                None => sums.inside_gaps += 1,
            }
        }
        let legs: BTreeSet<_> = ledger.iter().map(|entry| entry.leg.as_str()).collect();
        wrong.extend(
            self.rings.keys().filter(|leg| !legs.contains(leg.as_str())).map(|leg| format!("{leg} is invented")),
        );
        self.wrong.extend(wrong);
        delays.sort_unstable();
        sums.median = delays.get(delays.len() / 2).copied().unwrap_or_default();
        sums.slowest = delays.last().copied().unwrap_or_default();
        sums
    }
}
