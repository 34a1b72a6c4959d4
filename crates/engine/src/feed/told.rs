//! What was told last of each topic and subject, so that a re-list tells only what is new. Bounded by bytes: what falls
//! out is at worst told once more, as recovered.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use serde_json::value::RawValue;

use super::essence::{Essence, ended};
use crate::event::Source;
use crate::limits::{COPY_AWAITED, REMEMBERED_BYTES};
use crate::record::EventRecord;

type Key = (String, String);

/// What an entry takes besides its texts: two keys, a body's count and a place in two collections.
const ENTRY: usize = 256;

#[derive(Debug)]
struct Last {
    body: Arc<RawValue>,
    source: Source,
    /// When it was heard; of what was recovered, when that was asked.
    at: Duration,
    /// How often Genesys did not know it since.
    not_found: u8,
}

/// What was not found so often has ended without a word.
const GONE: u8 = 2;

/// The last bodies.
#[derive(Debug, Default)]
pub(super) struct Told {
    last: HashMap<Key, Last>,
    /// From the one remembered first.
    order: VecDeque<Key>,
    bytes: usize,
}

impl Told {
    pub(super) fn remember(&mut self, event: &EventRecord, at: Duration) {
        let key = (event.topic.clone(), event.subject.clone());
        self.bytes += size(&key, &event.body);
        let last = Last { body: Arc::clone(&event.body), source: event.source, at, not_found: 0 };
        match self.last.insert(key.clone(), last) {
            Some(older) => self.bytes -= size(&key, &older.body),
            None => self.order.push_back(key),
        }
        while self.bytes > REMEMBERED_BYTES && self.order.len() > 1 {
            let Some(oldest) = self.order.pop_front() else { break };
            if let Some(last) = self.last.remove(&oldest) {
                self.bytes -= size(&oldest, &last.body);
            }
        }
    }

    /// Whether an answer of REST, to a question asked then, tells of another state than the last one told.
    pub(super) fn is_news(&self, topic: &str, subject: &str, body: &RawValue, asked: Duration) -> bool {
        self.get(topic, subject).is_none_or(|last| last.at < asked && !same(&last.body, body))
    }

    /// Whether a live event, heard then, only repeats what a re-list has just told: it was on its way at that time. One
    /// that comes later is an event of its own, though it says little that is new.
    pub(super) fn was_recovered(&self, event: &EventRecord, heard: Duration) -> bool {
        let just = |last: &&Last| last.source == Source::Recovered && heard < last.at + COPY_AWAITED;
        self.get(&event.topic, &event.subject).filter(just).is_some_and(|last| same(&last.body, &event.body))
    }

    /// Genesys was asked about this subject, and does not know it.
    pub(super) fn not_found(&mut self, subject: &str) {
        for (_, last) in self.last.iter_mut().filter(|((_, of), _)| of == subject) {
            last.not_found = last.not_found.saturating_add(1);
        }
    }

    pub(super) fn body(&self, topic: &str, subject: &str) -> Option<&RawValue> {
        self.get(topic, subject).map(|last| &*last.body)
    }

    pub(super) fn unended<'a>(&'a self, topic: &'a str) -> impl Iterator<Item = &'a str> {
        let of_topic = self.last.iter().filter(move |((of, _), _)| of == topic);
        let going_on = |last: &Last| last.not_found < GONE && !ended(&last.body);
        of_topic.filter(move |(_, last)| going_on(last)).map(|((_, subject), _)| subject.as_str())
    }

    fn get(&self, topic: &str, subject: &str) -> Option<&Last> {
        self.last.get(&(topic.to_owned(), subject.to_owned()))
    }
}

/// What one takes in memory, roughly: its names stand in two places, and come from the network as its body does.
fn size((topic, subject): &Key, body: &RawValue) -> usize {
    ENTRY + 2 * (topic.len() + subject.len()) + body.get().len()
}

fn same(a: &RawValue, b: &RawValue) -> bool {
    a.get() == b.get() || Essence::of(a) == Essence::of(b)
}

#[cfg(test)]
mod tests {
    use serde_json::value::to_raw_value;

    use super::*;

    #[test]
    fn many_small_bodies_and_long_names_do_not_fill_the_memory_either() {
        for name in [8, 60_000] {
            let mut told = Told::default();
            let body: Arc<RawValue> = to_raw_value(&0).expect("JSON").into();
            for n in 0..30_000_000 / (name + ENTRY) {
                let topic = format!("{n:0name$}");
                let event =
                    EventRecord { topic, subject: String::new(), body: Arc::clone(&body), source: Source::Live };
                told.remember(&event, Duration::ZERO);
            }
            assert_eq!(told.last.len(), told.order.len());
            assert!(told.last.len() * (2 * name + ENTRY) <= REMEMBERED_BYTES, "{} of {name} bytes", told.last.len());
            assert!(told.last.len() > 60, "and some are kept");
        }
    }
}
