//! What was offered is held against what was told: nothing lost, nothing twice, nothing late, nothing invented, and no
//! storm of requests.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use earshot_engine::event::Source;
use earshot_engine::snapshot::{LinkState, Millis};

use earshot_simulator as sim;

use crate::customers::Entry;
use crate::lab::{Agent, Lab, s};

/// From the moment an offer can be heard to its ring: the way of a message at its slowest, a few times.
const PROMPT: Duration = Duration::from_millis(1_500);
/// Engine and ledger may differ by this on when something was.
const BLUR: Millis = 2_500;
/// The floor between the starts of two attempts, as the engine promises it.
const FLOOR: Duration = Duration::from_millis(250);

/// What the scenario allows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms {
    /// After every fault is mended, everybody hears again within this.
    pub(crate) deaf: Duration,
    /// Sockets opening or open at one time.
    pub(crate) sockets: usize,
    /// Requests of any kind within any minute.
    pub(crate) requests: usize,
    /// From the moment an offer can be heard to its ring.
    pub(crate) prompt: Duration,
}

impl Terms {
    pub(crate) fn deaf(span: Duration) -> Self {
        Self { deaf: span, sockets: 2, requests: 120, prompt: PROMPT }
    }
}

/// The sums.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Sums {
    pub(crate) offered: usize,
    pub(crate) live: usize,
    pub(crate) recovered: usize,
    /// Told as missed by name, without having rung.
    pub(crate) missed: usize,
    /// Came inside a gap that is on record and were taken by the agent elsewhere: nobody misses them.
    pub(crate) taken: usize,
    /// Came and went inside a gap that is on record, and nobody can tell more.
    pub(crate) inside_gaps: usize,
    pub(crate) gaps: usize,
    pub(crate) attempts: usize,
    pub(crate) requests: usize,
    pub(crate) most_sockets: usize,
    /// Time in which the indicator did not say connected and caught up.
    pub(crate) not_hearing: Duration,
}

impl fmt::Display for Sums {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            offered,
            live,
            recovered,
            missed,
            taken,
            inside_gaps,
            gaps,
            attempts,
            requests,
            most_sockets,
            not_hearing,
        } = self;
        write!(
            f,
            "offered {offered}, heard live {live}, recovered {recovered}, missed {missed}, taken elsewhere {taken}, \
             inside gaps {inside_gaps}; gaps {gaps}, attempts {attempts}, requests {requests}, sockets at most {most_sockets}, \
             not hearing {:.1} s",
            not_hearing.as_secs_f64()
        )
    }
}

impl Lab {
    /// Customers stop calling, everything settles, and the books are balanced.
    pub(crate) fn finish(&mut self, terms: Terms) -> Sums {
        assert!(self.outages.iter().all(|(_, end)| end.is_some()), "the scenario mends what it broke");
        self.customers_rest();
        self.caught_up_within(terms.deaf);
        // The last offers end, and the last gaps are settled.
        let last = self.ledger().iter().map(|entry| entry.until).max().unwrap_or_default();
        self.pass(last.saturating_sub(self.now()) + s(30));
        self.caught_up_within(terms.deaf);
        let sums = (0..self.agents.len()).map(|number| self.reckon(number, terms)).next_back().unwrap_or_default();
        self.same_desk();
        sums
    }

    /// What the agents see is what Genesys says.
    fn same_desk(&mut self) {
        let truth = self.genesys(sim::Control::state);
        let mut alerting = BTreeSet::new();
        for conversation in truth["conversations"].as_array().into_iter().flatten() {
            for participant in conversation["participants"].as_array().into_iter().flatten() {
                if participant["state"] == "alerting" {
                    alerting.insert(participant["communication"].as_str().unwrap_or_default().to_owned());
                }
            }
        }
        for agent in &self.agents {
            let snapshot = agent.witness().snapshot();
            let seen: BTreeSet<_> = snapshot.offers.iter().map(|offer| offer.leg.clone()).collect();
            assert_eq!(seen, alerting, "{}: the desk is what Genesys says", agent.name);
        }
    }

    fn reckon(&self, number: usize, terms: Terms) -> Sums {
        let agent = &self.agents[number];
        let ledger = self.ledger();
        let mut sums = Sums { offered: ledger.len(), most_sockets: agent.way.most_sockets(), ..Sums::default() };
        assert!(!ledger.is_empty(), "customers called");
        let rings = self.rings(agent, &ledger);
        let by_id = self.missed(agent, &ledger);
        let gaps: Vec<_> = agent.witness().gaps().map(|(_, gap)| (gap.from, gap.to)).collect();
        for entry in &ledger {
            let ring = rings.get(entry.leg.as_str());
            if let Some(hearable) = self.hearable(entry, terms) {
                let late = match ring {
                    None => Some("never".to_owned()),
                    Some((at, _)) if *at > hearable + terms.prompt => Some(format!("only at {at:?}")),
                    Some(_) => None,
                };
                if let Some(late) = late {
                    panic!(
                        "{}: {entry:?} could be heard from {hearable:?} and rang {late}\n{}",
                        agent.name,
                        self.story()
                    );
                }
            }
            match ring {
                Some((_, Source::Live)) => sums.live += 1,
                Some((_, Source::Recovered)) => sums.recovered += 1,
                None if by_id.contains(&entry.conversation) => sums.missed += 1,
                None => {
                    let (from, until) = (self.wall(entry.from), self.wall(entry.until));
                    let inside = gaps.iter().any(|(begin, end)| begin - BLUR <= from && until <= end + BLUR);
                    assert!(
                        inside,
                        "{}: {entry:?} was lost without a word; gaps {gaps:?}\n{}",
                        agent.name,
                        self.story()
                    );
                    *(if entry.taken { &mut sums.taken } else { &mut sums.inside_gaps }) += 1;
                }
            }
        }
        sums.gaps = gaps.len();
        Self::no_storm(agent, terms, &mut sums);
        sums.not_hearing = self.not_hearing(agent);
        sums
    }

    /// When each leg rang, and by whose word: once, of what was offered, and not after its end.
    fn rings<'a>(&self, agent: &'a Agent, ledger: &[Entry]) -> BTreeMap<&'a str, (Duration, Source)> {
        let offered: BTreeMap<_, _> = ledger.iter().map(|entry| (entry.leg.as_str(), entry)).collect();
        let mut rings = BTreeMap::new();
        for (at, leg, source) in agent.witness().rings() {
            let entry = offered.get(leg).unwrap_or_else(|| panic!("{}: {leg} rang and was never offered", agent.name));
            let again = rings.insert(leg, (at, source));
            assert!(again.is_none(), "{}: {leg} rang at {again:?} and again at {at:?}\n{}", agent.name, self.story());
            let held = self
                .outages
                .iter()
                .any(|(from, to)| *from <= entry.until + PROMPT && to.is_none_or(|to| at <= to + PROMPT));
            assert!(at <= entry.until + PROMPT || held, "{}: {entry:?} rang at {at:?}, after its end", agent.name);
        }
        let mut ended = BTreeSet::new();
        for (at, leg) in agent.witness().ends() {
            assert!(ended.insert(leg), "{}: {leg} ended twice", agent.name);
            assert!(rings.get(leg).is_some_and(|(rang, _)| *rang <= at), "{}: {leg} ended before it rang", agent.name);
        }
        for leg in rings.keys() {
            assert!(ended.contains(leg), "{}: the end of {leg} was never told\n{}", agent.name, self.story());
        }
        rings
    }

    /// The conversations that are named in the missed list: each once, and each was offered.
    fn missed(&self, agent: &Agent, ledger: &[Entry]) -> BTreeSet<String> {
        let offered: BTreeSet<_> = ledger.iter().map(|entry| entry.conversation.as_str()).collect();
        let mut named = BTreeSet::new();
        for line in agent.witness().missed() {
            let Some(conversation) = &line.conversation else { continue };
            assert!(offered.contains(conversation.as_str()), "{}: missed, and never offered: {line:?}", agent.name);
            let first = named.insert(conversation.clone());
            assert!(first, "{}: missed twice: {line:?}\n{}", agent.name, self.story());
        }
        named
    }

    /// From when on this offer could be heard, if at all: while it alerts, outside every fault and the time allowed to
    /// recover from it, and for long enough to be told.
    fn hearable(&self, entry: &Entry, terms: Terms) -> Option<Duration> {
        let mut from = entry.from;
        let mut windows: Vec<_> =
            self.outages.iter().map(|(start, end)| (*start, end.unwrap_or(Duration::MAX))).collect();
        windows.sort_unstable();
        for (start, end) in windows {
            let end = end.saturating_add(terms.deaf);
            if start <= from + PROMPT && from < end {
                from = end;
            }
        }
        (from + terms.prompt <= entry.until).then_some(from)
    }

    fn no_storm(agent: &Agent, terms: Terms, sums: &mut Sums) {
        let (attempts, requests) = (agent.way.attempts(), agent.way.requests());
        (sums.attempts, sums.requests) = (attempts.len(), requests.len());
        // The first attempt asks who we are before it asks for a channel; the others begin with the channel.
        for (first, second) in attempts.iter().skip(1).zip(attempts.iter().skip(2)) {
            let apart = second.saturating_sub(*first);
            assert!(apart >= FLOOR, "{}: attempts at {first:?} and {second:?}", agent.name);
        }
        let minute = Duration::from_secs(60);
        for (index, begin) in requests.iter().enumerate() {
            let count = requests[index..].iter().take_while(|at| **at < *begin + minute).count();
            assert!(count <= terms.requests, "{}: {count} requests in the minute from {begin:?}", agent.name);
        }
        assert!(sums.most_sockets <= terms.sockets, "{}: {} sockets at one time", agent.name, sums.most_sockets);
    }

    fn not_hearing(&self, agent: &Agent) -> Duration {
        let mut since = Some(Duration::ZERO);
        let mut sum = Duration::ZERO;
        for (at, state, caught_up) in agent.witness().links() {
            let hearing = state == LinkState::Connected && caught_up;
            match (since, hearing) {
                (Some(begin), true) => {
                    sum += at.saturating_sub(begin);
                    since = None;
                }
                (None, false) => since = Some(at),
                _ => {}
            }
        }
        sum + since.map_or(Duration::ZERO, |begin| self.now().saturating_sub(begin))
    }
}
