//! How long nothing could be heard, and in how many gaps, as the record tells it. Pure. For the report, and for a window
//! that says so for today.
//!
//! Time in which nobody was to hear is no deafness: Earshot was ended in an orderly way and begun again later, or the
//! computer slept. After a crash somebody should have heard, so that time counts.

use serde::Serialize;
use serde_json::Value;

use super::payload::Entry;
use crate::record::{Fact, Record};
use crate::snapshot::Millis;
use crate::trouble::not_running;

/// From, and until before.
pub(super) type Span = (Millis, Millis);

/// Why nothing could be heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// For programs: `socket.closed`.
    pub code: String,
    /// For people.
    pub message: String,
}

impl Cause {
    pub(super) fn of(payload: &Value) -> Self {
        let text = |name: &str| payload[name].as_str().unwrap_or_default().to_owned();
        Self { code: text("code"), message: text("message") }
    }
}

/// A time in which nothing could be heard, or not everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// The last instant at which hearing was verified.
    #[serde(serialize_with = "super::report::instant")]
    pub from: Millis,
    /// When hearing was verified again, or nobody tried any more.
    #[serde(serialize_with = "super::report::instant")]
    pub to: Millis,
    /// Why, the first first.
    pub causes: Vec<Cause>,
    /// Differences that were found afterwards.
    pub recovered: u64,
    /// Offers known to have been missed.
    pub missed: u64,
    /// Topics of which what it hid cannot be looked up, or not all of it.
    pub unrecoverable: Vec<String>,
    /// Everything that can be looked up has been.
    pub settled: bool,
}

impl Gap {
    /// Nothing can have been missed beyond what is known to have been.
    fn is_clear(&self) -> bool {
        self.settled && !self.unrecoverable.iter().any(|topic| topic.contains("conversation"))
    }
}

/// How deaf we were on a day, so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Deaf {
    /// So long, in milliseconds, in gaps that have been closed.
    pub closed: Millis,
    /// In so many gaps, with the one that is open.
    pub gaps: u32,
    /// Offers known to have been missed in them.
    pub missed: u32,
    /// And no other can have been missed: all conversations in them have been looked up.
    pub settled: bool,
    /// A gap is open, and this much is to be added: the time since then.
    pub since: Option<Millis>,
}

/// The gaps on record.
#[derive(Debug, Clone, Default)]
pub struct Deafness {
    gaps: Vec<Gap>,
    open: Option<Gap>,
    /// When nobody was to hear.
    away: Vec<Span>,
    /// When the last run was ended in an orderly way, until the gap after it is told.
    stopped: Option<Millis>,
    /// When this run was first able to hear: its start, or the sign-in after it.
    began: Millis,
    /// A run that has not heard yet.
    fresh: bool,
    last: Millis,
}

impl Deafness {
    /// Takes the next record into account.
    pub fn note(&mut self, record: &Record) {
        match &record.fact {
            Fact::Event(_) => self.last = record.at,
            fact => {
                let entry = Entry::of(fact, false);
                self.apply(entry.kind, record.at, &entry.payload);
            }
        }
    }

    pub(super) fn apply(&mut self, kind: &str, at: Millis, payload: &Value) {
        match kind {
            "started" => {
                // After a crash: what comes next says from when on that is owed.
                self.cut(self.last);
                (self.began, self.fresh) = (at, true);
            }
            "signed_in" if self.fresh => self.began = at,
            "stopped" => {
                self.cut(at);
                self.stopped = Some(at);
            }
            "signed_out" => {
                self.cut(at);
                self.stopped = None;
            }
            "gap_opened" => self.opened(payload),
            "gap" => self.closed(at, payload),
            "slept" => {
                if let (Some(from), Some(to)) = (payload["from"].as_i64(), payload["to"].as_i64()) {
                    self.away.push((from, to));
                }
            }
            _ => {}
        }
        self.last = at;
    }

    fn opened(&mut self, payload: &Value) {
        let Some(from) = payload["from"].as_i64() else { return };
        let cause = Cause::of(&payload["cause"]);
        self.fresh = false;
        if cause.code == not_running().code && self.stopped.take().is_some() {
            self.away.push((from, self.began));
        }
        let open = self.open.get_or_insert_with(|| Gap {
            from,
            to: from,
            causes: Vec::new(),
            recovered: 0,
            missed: 0,
            unrecoverable: Vec::new(),
            settled: false,
        });
        open.from = open.from.min(from);
        if !open.causes.contains(&cause) {
            open.causes.push(cause);
        }
    }

    fn closed(&mut self, at: Millis, payload: &Value) {
        let from = payload["from"].as_i64().unwrap_or(at);
        let gap = Gap {
            from,
            to: payload["to"].as_i64().unwrap_or(at).max(from),
            causes: payload["causes"].as_array().map_or_else(Vec::new, |causes| causes.iter().map(Cause::of).collect()),
            recovered: payload["recovered"].as_u64().unwrap_or(0),
            missed: payload["missed"].as_u64().unwrap_or(0),
            unrecoverable: payload["unrecoverable"].as_array().map_or_else(Vec::new, |topics| {
                topics.iter().filter_map(|topic| topic.as_str().map(str::to_owned)).collect()
            }),
            settled: payload["settled"] == true,
        };
        if self.open.as_ref().is_some_and(|open| open.from <= gap.to) {
            self.open = None;
        }
        // Gaps that touch are one, told again with all of it; and a settled one says more than before.
        self.gaps.retain(|other| other.from < gap.from || other.to > gap.to);
        self.gaps.push(gap);
    }

    /// An open gap ends because nobody tries to hear any more.
    fn cut(&mut self, at: Millis) {
        if let Some(mut gap) = self.open.take() {
            gap.to = at.max(gap.from);
            self.gaps.push(gap);
        }
    }

    /// What ended before this moment is left out from now on: for those who ask for today alone.
    pub fn forget(&mut self, before: Millis) {
        self.gaps.retain(|gap| gap.to >= before);
        self.away.retain(|(_, to)| *to >= before);
    }

    /// How deaf we were from the beginning of a day until now.
    #[must_use]
    pub fn day(&self, begin: Millis, now: Millis) -> Deaf {
        let away = union(&self.away);
        let today = (begin, now.max(begin));
        let until = self.open.as_ref().map_or(now, |open| open.from.min(now));
        let closed: Vec<Span> = self.gaps.iter().map(|gap| (gap.from, gap.to.min(until))).collect();
        let felt = |gap: &&Gap| deaf_in(&[(gap.from, gap.to)], &away, today) > 0;
        let count = |gaps: usize| u32::try_from(gaps).unwrap_or(u32::MAX);
        let open = self.open.as_ref().map(|open| deaf_in(&[(open.from, now)], &away, today));
        let ended = || self.gaps.iter().filter(|gap| gap.to >= begin);
        let missed: u64 = ended().map(|gap| gap.missed).sum();
        Deaf {
            closed: deaf_in(&closed, &away, today),
            gaps: count(self.gaps.iter().filter(felt).count() + usize::from(open.is_some())),
            missed: u32::try_from(missed).unwrap_or(u32::MAX),
            settled: open.is_none() && ended().all(Gap::is_clear),
            since: open.map(|long| now - long),
        }
    }

    /// All gaps, the open one as if it ended with the last record.
    pub(super) fn into_gaps(mut self) -> (Vec<Gap>, Vec<Span>) {
        self.cut(self.last);
        (self.gaps, union(&self.away))
    }
}

/// How long these gaps were within a time, without those in which nobody was to hear.
pub(super) fn deaf_in(gaps: &[Span], away: &[Span], within: Span) -> Millis {
    let mut deaf = 0;
    for (from, to) in union(gaps) {
        let (from, to) = (from.max(within.0), to.min(within.1));
        let absent: Millis = away.iter().map(|away| overlap(*away, (from, to))).sum();
        deaf += (to - from).max(0) - absent;
    }
    deaf
}

/// How long two spans share.
pub(super) fn overlap(one: Span, other: Span) -> Millis {
    (one.1.min(other.1) - one.0.max(other.0)).max(0)
}

/// The same time in spans that do not touch, in order.
pub(super) fn union(spans: &[Span]) -> Vec<Span> {
    let mut sorted: Vec<Span> = spans.iter().copied().filter(|(from, to)| from < to).collect();
    sorted.sort_unstable();
    let mut apart: Vec<Span> = Vec::with_capacity(sorted.len());
    for (from, to) in sorted {
        match apart.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => apart.push((from, to)),
        }
    }
    apart
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn deafness(records: &[(&str, Millis, Value)]) -> Deafness {
        let mut deafness = Deafness::default();
        for (kind, at, payload) in records {
            deafness.apply(kind, *at, payload);
        }
        deafness
    }

    fn opened(from: Millis, code: &str) -> Value {
        json!({ "from": from, "cause": { "code": code, "message": "m" } })
    }

    fn closed(from: Millis, to: Millis, missed: u64, settled: bool) -> Value {
        json!({ "from": from, "to": to, "causes": [], "recovered": 0, "missed": missed, "settled": settled })
    }

    #[test]
    fn an_open_gap_counts_on_and_a_closed_one_counts_once() {
        let mut deafness = deafness(&[("started", 1, json!({})), ("gap_opened", 110, opened(100, "socket.closed"))]);
        assert_eq!(deafness.day(0, 150), Deaf { closed: 0, gaps: 1, missed: 0, settled: false, since: Some(100) });
        deafness.apply("gap", 160, &closed(100, 160, 0, false));
        // Lost again before it was settled: one gap, told again with all of it.
        deafness.apply("gap_opened", 171, &opened(170, "socket.closed"));
        assert_eq!(deafness.day(0, 175), Deaf { closed: 60, gaps: 2, missed: 0, settled: false, since: Some(170) });
        deafness.apply("gap", 190, &closed(100, 190, 1, false));
        assert!(!deafness.day(0, 195).settled);
        deafness.apply("gap", 200, &closed(100, 190, 2, true));
        assert_eq!(deafness.day(0, 300), Deaf { closed: 90, gaps: 1, missed: 2, settled: true, since: None });
        assert_eq!(
            deafness.day(150, 300),
            Deaf { closed: 40, gaps: 1, missed: 2, settled: true, since: None },
            "across midnight"
        );
        assert_eq!(deafness.day(200, 300), Deaf { closed: 0, gaps: 0, missed: 0, settled: true, since: None });
        deafness.forget(191);
        assert!(deafness.gaps.is_empty());
    }

    #[test]
    fn what_was_ended_in_order_was_not_deaf_and_a_crash_was() {
        let run = |stopped: bool| {
            let mut records = vec![("started", 1, json!({})), ("hearing", 100, json!({ "until": 98 }))];
            records.extend(stopped.then(|| ("stopped", 100, json!({}))));
            records.extend([
                ("started", 500, json!({})),
                ("signed_in", 510, json!({})),
                ("gap_opened", 511, opened(98, "not.running")),
                ("gap", 530, closed(98, 530, 0, true)),
            ]);
            deafness(&records).day(0, 1000)
        };
        assert_eq!(
            run(true),
            Deaf { closed: 20, gaps: 1, missed: 0, settled: true, since: None },
            "since the sign-in alone"
        );
        assert_eq!(run(false), Deaf { closed: 432, gaps: 1, missed: 0, settled: true, since: None });
    }

    #[test]
    fn a_crash_in_a_gap_leaves_one_gap() {
        let deafness = deafness(&[
            ("started", 1, json!({})),
            ("gap_opened", 110, opened(100, "socket.closed")),
            ("link", 140, json!({ "state": "reconnecting" })),
            ("started", 500, json!({})),
            ("gap_opened", 511, opened(100, "not.running")),
            ("gap", 530, closed(100, 530, 0, true)),
        ]);
        assert_eq!(deafness.day(0, 1000), Deaf { closed: 430, gaps: 1, missed: 0, settled: true, since: None });
    }

    #[test]
    fn that_nothing_was_missed_is_known_only_where_it_can_be_looked_up() {
        let mut gap = closed(100, 160, 0, true);
        gap["unrecoverable"] = json!(["v2.users.u.presence"]);
        assert!(deafness(&[("gap", 170, gap.clone())]).day(0, 200).settled);
        gap["unrecoverable"] = json!(["v2.users.u.conversations"]);
        assert!(!deafness(&[("gap", 170, gap)]).day(0, 200).settled);
    }

    #[test]
    fn a_sleep_is_no_deafness() {
        let mut deafness = deafness(&[
            ("started", 1, json!({})),
            ("slept", 900, json!({ "from": 100, "to": 900 })),
            ("gap_opened", 902, opened(95, "socket.silent")),
        ]);
        assert_eq!(deafness.day(0, 910), Deaf { closed: 0, gaps: 1, missed: 0, settled: false, since: Some(895) });
        deafness.apply("gap", 920, &closed(95, 920, 3, true));
        assert_eq!(deafness.day(0, 2000), Deaf { closed: 25, gaps: 1, missed: 3, settled: true, since: None });
    }
}
