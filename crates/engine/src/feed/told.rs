//! What was told last of each topic and subject, so that a re-list tells only what is new. Bounded by bytes: what falls
//! out is at worst told once more, as recovered.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use serde_json::value::RawValue;

use super::essence::{Essence, ended};
use crate::limits::REMEMBERED_BYTES;
use crate::record::EventRecord;

type Key = (String, String);

/// The last bodies.
#[derive(Debug, Default)]
pub(super) struct Told {
    last: HashMap<Key, Arc<RawValue>>,
    /// From the one remembered first.
    order: VecDeque<Key>,
    bytes: usize,
}

impl Told {
    pub(super) fn remember(&mut self, event: &EventRecord) {
        let key = (event.topic.clone(), event.subject.clone());
        self.bytes += event.body.get().len();
        match self.last.insert(key.clone(), Arc::clone(&event.body)) {
            Some(older) => self.bytes -= older.get().len(),
            None => self.order.push_back(key),
        }
        while self.bytes > REMEMBERED_BYTES && self.order.len() > 1 {
            let Some(oldest) = self.order.pop_front() else { break };
            if let Some(body) = self.last.remove(&oldest) {
                self.bytes -= body.get().len();
            }
        }
    }

    /// Whether this body tells of another state than the last one.
    pub(super) fn differs(&self, topic: &str, subject: &str, body: &RawValue) -> bool {
        let last = self.last.get(&(topic.to_owned(), subject.to_owned()));
        last.is_none_or(|last| last.get() != body.get() && Essence::of(last) != Essence::of(body))
    }

    pub(super) fn unended<'a>(&'a self, topic: &'a str) -> impl Iterator<Item = &'a str> {
        let of_topic = self.last.iter().filter(move |((of, _), _)| of == topic);
        of_topic.filter(|(_, body)| !ended(body)).map(|((_, subject), _)| subject.as_str())
    }
}
