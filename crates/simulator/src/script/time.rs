//! Times in scripts: seconds, `"m:ss"`, or a range of two.

use crate::clock::{Ms, seconds};
use crate::ids::Ids;
use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use std::fmt;

/// One time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Time(pub(crate) Ms);

/// One time, or anything between two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Draw(Time, Time);

impl Draw {
    /// Draws.
    pub(crate) fn draw(self, ids: &mut Ids) -> Ms {
        ids.between(self.0.0, self.1.0)
    }
}

const EXPECTED: &str = "seconds such as 90, or \"m:ss\" such as \"1:30\"";

struct TimeVisitor;

impl Visitor<'_> for TimeVisitor {
    type Value = Time;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Time, E> {
        match value {
            0..=1_000_000 => Ok(Time(value * 1000)),
            _ => Err(E::custom(format!("a time cannot be {value}; write {EXPECTED}"))),
        }
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Time, E> {
        if (0.0..=1.0e6).contains(&value) {
            Ok(Time(seconds(value)))
        } else {
            Err(E::custom(format!("a time cannot be {value}; write {EXPECTED}")))
        }
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Time, E> {
        let parsed = value.split_once(':').and_then(|(m, s)| {
            let (m, s): (i64, i64) = (m.parse().ok()?, s.parse().ok()?);
            ((0..=10_000).contains(&m) && (0..60).contains(&s)).then_some(Time((m * 60 + s) * 1000))
        });
        parsed
            .ok_or_else(|| E::custom(format!("`{value}` is not a time; write {EXPECTED} (minutes and seconds, m:ss)")))
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TimeVisitor)
    }
}

struct DrawVisitor;

impl<'de> Visitor<'de> for DrawVisitor {
    type Value = Draw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{EXPECTED}, or two of them as [from, to]")
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Draw, E> {
        TimeVisitor.visit_i64(value).map(|t| Draw(t, t))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Draw, E> {
        TimeVisitor.visit_f64(value).map(|t| Draw(t, t))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Draw, E> {
        TimeVisitor.visit_str(value).map(|t| Draw(t, t))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Draw, A::Error> {
        match (seq.next_element()?, seq.next_element()?, seq.next_element::<Time>()?) {
            (Some(from), Some(to), None) => Ok(Draw(from, to)),
            _ => Err(A::Error::custom("a range is two times: [from, to]")),
        }
    }
}

impl<'de> Deserialize<'de> for Draw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DrawVisitor)
    }
}
