//! The ordered output: every event once, and what a re-list recovers before what came after it. While a re-list is under
//! way live events wait for it here, for [`ORDER_PATIENCE`] at most; what rings does not wait, it goes by the desk.

use std::sync::Arc;
use std::time::Duration;

use serde_json::value::RawValue;

use super::Output;
use super::told::Told;
use crate::event::Source;
use crate::limits::{ORDER_KEPT, ORDER_PATIENCE};
use crate::record::EventRecord;

/// Events on their way out.
#[derive(Debug, Default)]
pub(super) struct Ordered {
    told: Told,
    held: Vec<(Duration, EventRecord)>,
    until: Option<Duration>,
}

impl Ordered {
    /// A re-list begins: live events wait for its end.
    pub(super) fn hold(&mut self, now: Duration) {
        self.until = Some(now + ORDER_PATIENCE);
    }

    /// A live event that says something new on its socket.
    pub(super) fn live(
        &mut self,
        topic: &str,
        subject: &str,
        body: Box<RawValue>,
        now: Duration,
        out: &mut Vec<Output>,
    ) {
        let event = record(topic, subject, body.into(), Source::Live);
        if self.held.len() >= ORDER_KEPT {
            self.release(out);
        }
        if self.until.is_some() {
            self.held.push((now, event));
        } else {
            self.tell(event, now, out);
        }
    }

    /// What REST said of a subject, asked at `asked`: told where it is news.
    pub(super) fn recovered(
        &mut self,
        topic: &str,
        subject: &str,
        body: Arc<RawValue>,
        asked: Duration,
        out: &mut Vec<Output>,
    ) -> bool {
        // What is held is newer.
        if self.held.iter().any(|(_, held)| held.topic == topic && held.subject == subject) {
            return false;
        }
        let news = self.told.is_news(topic, subject, &body, asked);
        if news {
            self.tell(record(topic, subject, body, Source::Recovered), asked, out);
        }
        news
    }

    /// The re-list is over, or hearing was lost before its end.
    pub(super) fn release(&mut self, out: &mut Vec<Output>) {
        self.until = None;
        for (at, event) in std::mem::take(&mut self.held) {
            self.tell(event, at, out);
        }
    }

    /// Whether anything was told of it.
    pub(super) fn knows(&self, topic: &str, subject: &str) -> bool {
        self.told.body(topic, subject).is_some()
            || self.held.iter().any(|(_, held)| held.topic == topic && held.subject == subject)
    }

    /// What was told last of it.
    pub(super) fn last(&self, topic: &str, subject: &str) -> Option<&RawValue> {
        self.told.body(topic, subject)
    }

    /// The subjects of a topic whose last told state is not an end.
    pub(super) fn unended<'a>(&'a self, topic: &'a str) -> impl Iterator<Item = &'a str> {
        self.told.unended(topic)
    }

    /// Genesys no longer knows this one, whose end was not told.
    pub(super) fn not_found(&mut self, subject: &str) {
        self.told.not_found(subject);
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

    fn tell(&mut self, event: EventRecord, at: Duration, out: &mut Vec<Output>) {
        // It was on its way while a re-list told the same.
        if event.source == Source::Live && self.told.was_recovered(&event, at) {
            return;
        }
        self.told.remember(&event, at);
        out.push(Output::Event(event));
    }
}

fn record(topic: &str, subject: &str, body: Arc<RawValue>, source: Source) -> EventRecord {
    EventRecord { topic: topic.to_owned(), subject: subject.to_owned(), body, source }
}
