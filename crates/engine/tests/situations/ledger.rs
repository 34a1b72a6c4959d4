//! Keeps the record in memory and adds up what became of each conversation that was offered.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use earshot_engine::event::Source;
use earshot_engine::record::{Fact, HandOver, Record, Recorder};
use earshot_engine::snapshot::{LinkState, Millis, Trouble};
use tokio::sync::oneshot;

/// The record of one engine.
#[derive(Default, Clone)]
pub(crate) struct Ledger(Arc<Mutex<Vec<Record>>>);

impl Recorder for Ledger {
    fn record(&self, records: Vec<Record>) -> oneshot::Receiver<Result<(), Trouble>> {
        self.0.lock().expect("not poisoned").extend(records);
        let (done, safe) = oneshot::channel();
        let _ = done.send(Ok(()));
        safe
    }
}

/// How a conversation was told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Live,
    Recovered,
    Missed,
}

impl Way {
    fn of(source: Source) -> Self {
        match source {
            Source::Live => Self::Live,
            Source::Recovered => Self::Recovered,
        }
    }
}

/// What became of the conversations that were offered. Each is counted once, by what told of it first.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    pub(crate) offered: usize,
    pub(crate) live: usize,
    pub(crate) recovered: usize,
    pub(crate) missed: usize,
    /// Nobody said a word of these.
    pub(crate) lost: Vec<String>,
}

impl fmt::Display for Sums {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { offered, live, recovered, missed, .. } = self;
        write!(f, "offered {offered}, heard live {live}, recovered {recovered}, missed {missed}")
    }
}

/// A line for each fact.
impl fmt::Display for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .lock()
            .expect("not poisoned")
            .iter()
            .try_for_each(|record| writeln!(f, "{} {:?}", record.at, record.fact))
    }
}

impl Ledger {
    pub(crate) fn facts(&self) -> Vec<Fact> {
        self.0.lock().expect("not poisoned").iter().map(|record| record.fact.clone()).collect()
    }

    pub(crate) fn count(&self, is: impl Fn(&Fact) -> bool) -> usize {
        self.0.lock().expect("not poisoned").iter().filter(|record| is(&record.fact)).count()
    }

    pub(crate) fn renewals(&self) -> usize {
        self.count(|fact| matches!(fact, Fact::Renewed { .. }))
    }

    pub(crate) fn hand_overs(&self) -> usize {
        self.count(|fact| matches!(fact, Fact::HandOver(HandOver::Done { .. })))
    }

    /// Times at which hearing was lost and that no closed gap covers. Where analytics may be asked a gap is settled only after
    /// minutes; a situation does not wait for that.
    pub(crate) fn open_gaps(&self) -> Vec<Millis> {
        let facts = self.facts();
        let closed =
            |at: Millis| facts.iter().any(|fact| matches!(fact, Fact::Gap(gap) if gap.from <= at && at <= gap.to));
        let opened = facts.iter().filter_map(|fact| match fact {
            Fact::GapOpened { from, .. } => Some(*from),
            _ => None,
        });
        opened.filter(|at| !closed(*at)).collect()
    }

    /// When hearing was lost.
    pub(crate) fn losses(&self) -> Vec<Millis> {
        let lost = |fact: Fact| match fact {
            Fact::GapOpened { from, .. } => Some(from),
            _ => None,
        };
        self.facts().into_iter().filter_map(lost).collect()
    }

    /// States of the indicator, in order.
    pub(crate) fn states(&self) -> Vec<LinkState> {
        let state = |fact: Fact| match fact {
            Fact::Link { state, .. } => Some(state),
            _ => None,
        };
        self.facts().into_iter().filter_map(state).collect()
    }

    /// What became of these conversations, by who told of each first.
    pub(crate) fn sums(&self, offered: &[String]) -> Sums {
        let mut told = BTreeMap::new();
        for fact in self.facts() {
            let (conversation, way) = match fact {
                Fact::Event(event) if event.topic.contains(".conversations") => (event.subject, Way::of(event.source)),
                Fact::OfferStarted { conversation, source, .. } => (conversation, Way::of(source)),
                Fact::Missed { conversation: Some(conversation), .. } => (conversation, Way::Missed),
                _ => continue,
            };
            told.entry(conversation).or_insert(way);
        }
        let mut sums = Sums { offered: offered.len(), ..Sums::default() };
        for conversation in offered {
            match told.get(conversation) {
                Some(Way::Live) => sums.live += 1,
                Some(Way::Recovered) => sums.recovered += 1,
                Some(Way::Missed) => sums.missed += 1,
                None => sums.lost.push(conversation.clone()),
            }
        }
        sums
    }

    /// Bodies that were told twice in a row for one topic and subject.
    pub(crate) fn repeats(&self) -> Vec<String> {
        let mut last = BTreeMap::new();
        let mut repeats = Vec::new();
        for fact in self.facts() {
            let Fact::Event(event) = fact else { continue };
            let key = (event.topic.clone(), event.subject.clone());
            let body = event.body.get().to_owned();
            if last.insert(key, body.clone()).as_ref() == Some(&body) {
                repeats.push(format!("{} {}", event.topic, event.subject));
            }
        }
        repeats
    }

    /// Prints the sums and holds them together: nothing lost, nothing told twice, each gap closed. A situation may have a
    /// variant in brackets: "S0 (close 1008)".
    pub(crate) fn prove(&self, situation: &str, offered: &[String]) -> Sums {
        let sums = self.sums(offered);
        let (name, variant) =
            situation.split_once(' ').map_or((situation, String::new()), |(n, v)| (n, format!(" {v}")));
        println!("{name}: {sums}{variant}");
        assert_eq!(sums.lost, [""; 0], "{situation}: nobody told of these\n{self}");
        assert_eq!(sums.live + sums.recovered + sums.missed, sums.offered, "{situation}: the sums agree");
        assert_eq!(self.repeats(), [""; 0], "{situation}: told twice");
        assert_eq!(self.open_gaps(), [0; 0], "{situation}: each gap is closed\n{self}");
        sums
    }
}
