//! What a journal amounts to, day by day: how long nothing could be heard and why, what was missed, how offers went.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::account::Account;
use super::deafness::{Deafness, Gap};
use super::read::{Range, open};
use super::{JournalError, table, unusable};
use crate::snapshot::{Medium, Millis, OfferEnd};

/// What a journal amounts to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The time zone of its days.
    pub zone: String,
    /// Day by day; a day in which nothing was on record is left out.
    pub days: Vec<Day>,
    /// All of them.
    pub total: Sums,
    #[serde(skip)]
    pub(super) tz: TimeZone,
}

/// A day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Day {
    /// Which.
    pub date: Date,
    /// In numbers.
    pub sums: Sums,
    /// Gaps that had a part in this day.
    pub gaps: Vec<Gap>,
    /// Offers that began on it.
    pub offers: Vec<Offer>,
    /// Offers that were found to have been missed on it.
    pub missed: Vec<Missed>,
}

/// A time in numbers.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Sums {
    /// Somebody was to hear for so long: from each start to its end, without sleep.
    #[serde(rename = "running_seconds", serialize_with = "seconds")]
    pub running: Millis,
    /// And could not for so long.
    #[serde(rename = "deaf_seconds", serialize_with = "seconds")]
    pub deaf: Millis,
    /// Gaps in that time; one in which nobody was to hear is listed and not counted.
    pub gaps: u64,
    /// Differences that were found after them.
    pub recovered: u64,
    /// Offers.
    pub offers: u64,
    /// Offers by how they ended.
    pub ends: BTreeMap<String, u64>,
    /// From an offer's beginning to its answer with Earshot: in the middle, and the longest.
    pub answer_seconds: Option<Times>,
    /// Offers that were missed, for whatever reason.
    pub missed: u64,
    /// Of these, so many while nothing could be heard.
    pub missed_while_deaf: u64,
    /// Tokens renewed.
    pub renewals: u64,
    /// Renewals that failed.
    pub renewals_failed: u64,
    /// Connections changed without a gap.
    pub hand_overs: u64,
    /// Changes of connection that came to nothing.
    pub hand_overs_failed: u64,
    /// Starts of the program.
    pub starts: u64,
    /// Of these, so many after an end that was not in order.
    pub crashes: u64,
    /// Frames that could not be read.
    pub unreadable: u64,
    /// Records that were written late.
    pub late: u64,
    /// Records that were lost because the disk failed.
    pub lost: u64,
}

/// Times in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Times {
    /// Half of them took no longer.
    pub median: f64,
    /// None took longer.
    pub longest: f64,
}

/// An offer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Offer {
    /// Since when it alerted.
    #[serde(serialize_with = "instant")]
    pub since: Millis,
    /// Conversation id.
    pub conversation: String,
    /// The agent's leg.
    pub leg: String,
    /// Kind of conversation.
    pub medium: Option<Medium>,
    /// `live`, or `recovered` after a gap.
    pub source: String,
    /// How it ended, as far as the journal tells.
    pub end: Option<OfferEnd>,
    /// After so many seconds.
    pub ended_seconds: Option<f64>,
    /// Seconds until the agent pressed Answer.
    pub answer_asked_seconds: Option<f64>,
}

/// An offer that was missed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Missed {
    /// When that was known.
    #[serde(serialize_with = "instant")]
    pub at: Millis,
    /// Conversation id, where anybody knows it.
    pub conversation: Option<String>,
    /// Kind of conversation, where known.
    pub medium: Option<Medium>,
    /// Why.
    pub end: Option<OfferEnd>,
}

/// Reads a journal, also while it is being written, and says what it amounts to in this range, by the days of this zone.
///
/// # Errors
/// When the journal cannot be read.
pub fn report(path: &Path, range: Range, zone: &TimeZone) -> Result<Report, JournalError> {
    let mut account = Account::new(range, zone);
    each(path, None, |kind, at, late, payload| {
        account.apply(kind, at, payload);
        account.late += u64::from(late > 0 && range.contains(at));
    })?;
    Ok(account.finish())
}

impl Deafness {
    /// What a journal says of gaps since this moment. Not all of it is read: only from the checkpoint before on.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn read(path: &Path, since: Millis) -> Result<Self, JournalError> {
        let mut deafness = Self::default();
        each(path, Some(since), |kind, at, _, payload| deafness.apply(kind, at, payload))?;
        deafness.forget(since);
        Ok(deafness)
    }
}

/// Calls this with each record, in order; that there was an event is all it is told of one.
fn each(
    path: &Path,
    since: Option<Millis>,
    mut call: impl FnMut(&str, Millis, u32, &Value),
) -> Result<(), JournalError> {
    let failed = |error: rusqlite::Error| unusable(path, error.into());
    let connection = open(path)?;
    let begin = "SELECT max(seq) FROM record WHERE kind = 'checkpoint' AND at < ?1";
    let begin: Option<u64> = match since {
        Some(since) => connection.query_row(begin, [since], |row| row.get(0)).map_err(failed)?,
        None => None,
    };
    let select = "SELECT kind, at, late, CASE kind WHEN 'event' THEN '' ELSE payload END FROM record
                  WHERE seq >= ?1 ORDER BY seq";
    let mut statement = connection.prepare(select).map_err(failed)?;
    let mut rows = statement.query([begin.unwrap_or(0)]).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        let kind: String = row.get(0).map_err(failed)?;
        let payload: String = row.get(3).map_err(failed)?;
        let payload: Value = serde_json::from_str(&payload).unwrap_or_default();
        call(&kind, row.get(1).map_err(failed)?, row.get(2).map_err(failed)?, &payload);
    }
    Ok(())
}

impl Sums {
    pub(super) fn add(&mut self, day: &Self) {
        self.running += day.running;
        self.deaf += day.deaf;
        self.recovered += day.recovered;
        self.offers += day.offers;
        for (end, count) in &day.ends {
            *self.ends.entry(end.clone()).or_default() += count;
        }
        self.missed += day.missed;
        self.missed_while_deaf += day.missed_while_deaf;
        self.renewals += day.renewals;
        self.renewals_failed += day.renewals_failed;
        self.hand_overs += day.hand_overs;
        self.hand_overs_failed += day.hand_overs_failed;
        self.starts += day.starts;
        self.crashes += day.crashes;
        self.unreadable += day.unreadable;
        self.late += day.late;
        self.lost += day.lost;
    }
}

/// As a plain table, for a terminal.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        table::write(f, self)
    }
}

#[allow(clippy::cast_precision_loss)] // exact for any length of time that a journal can hold
pub(super) fn in_seconds(millis: Millis) -> f64 {
    millis.max(0) as f64 / 1000.0
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde asks for a reference
fn seconds<S: Serializer>(millis: &Millis, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(in_seconds(*millis))
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde asks for a reference
pub(super) fn instant<S: Serializer>(at: &Millis, serializer: S) -> Result<S::Ok, S::Error> {
    match Timestamp::from_millisecond(*at) {
        Ok(at) => at.serialize(serializer),
        Err(_) => serializer.serialize_i64(*at),
    }
}
