//! The ordered output: every event once, and what a re-list recovers before what came after it. While a re-list is under
//! way live events wait for it here, for [`ORDER_PATIENCE`] at most; what rings does not wait, it goes by the desk.

use std::sync::Arc;
use std::time::Duration;

use serde_json::value::RawValue;

use super::Output;
use super::told::Told;
use crate::event::Source;
use crate::limits::ORDER_PATIENCE;
use crate::record::EventRecord;

/// Live events on their way out.
#[derive(Debug, Default)]
pub(super) struct Ordered {
    told: Told,
    held: Vec<EventRecord>,
    until: Option<Duration>,
}

impl Ordered {
    /// A re-list begins: live events wait for its end.
    pub(super) fn hold(&mut self, now: Duration) {
        self.until = Some(now + ORDER_PATIENCE);
    }

    /// A live event that says something new.
    pub(super) fn live(&mut self, topic: &str, subject: &str, body: &RawValue, out: &mut Vec<Output>) {
        let event = record(topic, subject, body.to_owned().into(), Source::Live);
        if self.until.is_some() {
            self.held.push(event);
        } else {
            self.tell(event, out);
        }
    }

    /// What a re-list found of a subject; told where it is another state than the one told last.
    pub(super) fn recovered(&mut self, topic: &str, subject: &str, body: Arc<RawValue>, out: &mut Vec<Output>) -> bool {
        // What is held is newer than any list.
        if self.held.iter().any(|held| held.topic == topic && held.subject == subject) {
            return false;
        }
        let news = self.told.differs(topic, subject, &body);
        if news {
            self.tell(record(topic, subject, body, Source::Recovered), out);
        }
        news
    }

    /// The re-list is over, or hearing was lost before its end.
    pub(super) fn release(&mut self, out: &mut Vec<Output>) {
        self.until = None;
        for event in std::mem::take(&mut self.held) {
            self.tell(event, out);
        }
    }

    /// The subjects of a topic whose last told state is not an end.
    pub(super) fn unended<'a>(&'a self, topic: &'a str) -> impl Iterator<Item = &'a str> {
        self.told.unended(topic)
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        self.until
    }

    /// Waiting has an end.
    pub(super) fn due(&mut self, now: Duration, out: &mut Vec<Output>) {
        if self.until.is_some_and(|until| until <= now) {
            self.release(out);
        }
    }

    fn tell(&mut self, event: EventRecord, out: &mut Vec<Output>) {
        self.told.remember(&event);
        out.push(Output::Event(event));
    }
}

fn record(topic: &str, subject: &str, body: Arc<RawValue>, source: Source) -> EventRecord {
    EventRecord { topic: topic.to_owned(), subject: subject.to_owned(), body, source }
}
