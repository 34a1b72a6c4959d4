//! What is printed: records of the engine as JSON objects, one a line, as the manual page promises them.

use std::io;

use earshot_engine::event::{GapRecord, Source};
use earshot_engine::record::{EventRecord, Fact, Record};
use earshot_engine::snapshot::{LinkState, Millis, Trouble};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

/// One line.
#[derive(Debug)]
pub struct Line {
    /// When it was known.
    pub at: Millis,
    /// It is an event: what an audit counts.
    pub event: bool,
    /// With its end of line.
    pub text: Vec<u8>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Shape<'a> {
    Link {
        state: LinkState,
        at: Timestamp,
        reason: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cure: Option<&'a str>,
    },
    Event {
        source: &'static str,
        at: Timestamp,
        topic: &'a str,
        /// Left out where it is true, or where there is no journal.
        #[serde(skip_serializing_if = "is_true")]
        journalled: bool,
        body: &'a RawValue,
    },
    Gap {
        from: Timestamp,
        to: Timestamp,
        cause: &'a str,
        recovered: u64,
        missed: u64,
        settled: bool,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        causes: Vec<&'a str>,
        /// Topics of which what was missed can not be looked up, or not all of it.
        #[serde(skip_serializing_if = "<[String]>::is_empty")]
        unrecoverable: &'a [String],
        #[serde(skip_serializing_if = "Option::is_none")]
        lines: Option<u64>,
    },
    Topic {
        topic: &'a str,
        state: &'static str,
        reason: Option<&'a str>,
    },
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde asks for a reference
fn is_true(value: &bool) -> bool {
    *value
}

/// Makes lines of records.
#[derive(Debug, Default)]
pub struct Lines {
    /// The last link line, which is not repeated.
    link: Option<(LinkState, Option<String>)>,
}

impl Lines {
    /// The line of this record, if it has one. `journalled` is false for what was to be in the journal and is not yet.
    pub fn line(&mut self, record: &Record, journalled: bool) -> Option<Line> {
        let shape = match &record.fact {
            Fact::Link { state, trouble } => return self.link(record.at, *state, trouble.as_ref()),
            Fact::Event(event) => return Some(event_line(record.at, event, journalled)),
            Fact::Gap(gap) => gap_shape(gap),
            Fact::Topic { topic, permitted, reason } => Shape::Topic {
                topic,
                state: if *permitted { "permitted" } else { "rejected" },
                reason: reason.as_deref(),
            },
            _ => return None,
        };
        Some(Line { at: record.at, event: false, text: text(&shape) })
    }

    fn link(&mut self, at: Millis, state: LinkState, trouble: Option<&Trouble>) -> Option<Line> {
        // While connected, what is known is what was survived last: no reason for anything any more.
        let trouble = trouble.filter(|_| !matches!(state, LinkState::Connected | LinkState::Closed));
        let shown = (state, trouble.map(|trouble| trouble.message.clone()));
        if self.link.as_ref() == Some(&shown) {
            return None;
        }
        self.link = Some(shown);
        let shape = Shape::Link {
            state,
            at: time(at),
            reason: trouble.map(|trouble| trouble.message.as_str()),
            code: trouble.map(|trouble| trouble.code.as_str()),
            cure: trouble.and_then(|trouble| trouble.cure.as_deref()),
        };
        Some(Line { at, event: false, text: text(&shape) })
    }
}

/// The line that stands for `lines` lines that could not be kept for the reader, `events` of them events.
pub fn left_out(from: Millis, to: Millis, lines: u64, events: u64, cause: &str) -> Vec<u8> {
    text(&Shape::Gap {
        from: time(from),
        to: time(to),
        cause,
        recovered: 0,
        missed: events,
        settled: true,
        causes: vec!["output.full"],
        unrecoverable: &[],
        lines: Some(lines),
    })
}

fn event_line(at: Millis, event: &EventRecord, journalled: bool) -> Line {
    let source = match event.source {
        Source::Live => "live",
        Source::Recovered => "recovered",
    };
    let mut text = text(&Shape::Event { source, at: time(at), topic: &event.topic, journalled, body: &event.body });
    // Between the values of a JSON text a line may end; in a line of ours it may not. Inside a string there is none.
    let end = text.len().saturating_sub(1);
    for byte in &mut text[..end] {
        if matches!(byte, b'\n' | b'\r') {
            *byte = b' ';
        }
    }
    Line { at, event: true, text }
}

fn gap_shape(gap: &GapRecord) -> Shape<'_> {
    Shape::Gap {
        from: time(gap.from),
        to: time(gap.to),
        cause: gap.causes.first().map_or("", |cause| cause.message.as_str()),
        recovered: gap.recovered.into(),
        missed: gap.missed.into(),
        settled: gap.settled,
        causes: gap.causes.iter().map(|cause| cause.code.as_str()).collect(),
        unrecoverable: &gap.unrecoverable,
        lines: None,
    }
}

fn time(at: Millis) -> Timestamp {
    // A clock that is off by thousands of years is shown as 1970.
    Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn text(shape: &Shape<'_>) -> Vec<u8> {
    let mut text = Vec::new();
    let written: io::Result<()> = serde_json::to_writer(&mut text, shape).map_err(Into::into);
    // Nothing in a shape can fail to be written to memory.
    debug_assert!(written.is_ok());
    text.push(b'\n');
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::Arc;

    use super::*;

    fn printed(facts: Vec<Fact>) -> Vec<String> {
        let mut lines = Lines::default();
        let records = facts.into_iter().map(|fact| Record { at: 1_700_000_000_123, fact });
        let lines = records.filter_map(|record| lines.line(&record, true));
        lines.map(|line| String::from_utf8(line.text).unwrap()).collect()
    }

    fn event(body: &str) -> Fact {
        Fact::Event(EventRecord {
            topic: "v2.users.u.presence".into(),
            subject: String::new(),
            body: Arc::from(RawValue::from_string(body.into()).unwrap()),
            source: Source::Recovered,
        })
    }

    #[test]
    fn an_event_is_one_line_with_its_body_as_it_came() {
        let body = "{\"b\" :1.0,\"a\":\"\\n\\u00e4\",\r\n \"b\":2}";
        let lines = printed(vec![event(body)]);
        assert_eq!(lines.len(), 1);
        let one_line = body.replace(['\r', '\n'], " ");
        assert_eq!(
            lines[0],
            format!(
                "{{\"type\":\"event\",\"source\":\"recovered\",\"at\":\"2023-11-14T22:13:20.123Z\",\
                 \"topic\":\"v2.users.u.presence\",\"body\":{one_line}}}\n"
            )
        );
    }

    #[test]
    fn a_link_line_is_not_repeated_and_connected_has_no_reason() {
        let trouble = Trouble::passing("socket.closed", "Closed.");
        let link = |state, trouble: Option<&Trouble>| Fact::Link { state, trouble: trouble.cloned() };
        let lines = printed(vec![
            link(LinkState::Reconnecting, Some(&trouble)),
            link(LinkState::Reconnecting, Some(&trouble)),
            link(LinkState::Connected, Some(&trouble)),
            link(LinkState::Connected, None),
        ]);
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(lines[0].starts_with(
            "{\"type\":\"link\",\"state\":\"reconnecting\",\"at\":\"2023-11-14T22:13:20.123Z\",\"reason\":\"Closed.\""
        ));
        assert!(lines[1].ends_with("\"reason\":null}\n"), "{lines:?}");
    }

    #[test]
    fn a_gap_has_its_first_cause_as_a_sentence() {
        let gap = GapRecord {
            from: 1_700_000_000_000,
            to: 1_700_000_001_000,
            causes: vec![Trouble::passing("a", "First."), Trouble::passing("b", "Second.")],
            recovered: 2,
            missed: 1,
            unrecoverable: vec!["v2.users.u.presence".into()],
            settled: false,
        };
        let lines = printed(vec![Fact::Gap(gap)]);
        assert_eq!(
            lines[0],
            "{\"type\":\"gap\",\"from\":\"2023-11-14T22:13:20Z\",\"to\":\"2023-11-14T22:13:21Z\",\"cause\":\"First.\",\
             \"recovered\":2,\"missed\":1,\"settled\":false,\"causes\":[\"a\",\"b\"],\"unrecoverable\":[\"v2.users.u.presence\"]}\n"
        );
    }

    #[test]
    fn a_rejected_topic_has_its_reason() {
        let fact = Fact::Topic { topic: "t".into(), permitted: false, reason: Some("no".into()) };
        assert_eq!(
            printed(vec![fact]),
            ["{\"type\":\"topic\",\"topic\":\"t\",\"state\":\"rejected\",\"reason\":\"no\"}\n"]
        );
        let fact = Fact::Topic { topic: "t".into(), permitted: true, reason: None };
        assert_eq!(
            printed(vec![fact]),
            ["{\"type\":\"topic\",\"topic\":\"t\",\"state\":\"permitted\",\"reason\":null}\n"]
        );
    }
}
