//! Adds up what a journal amounts to, record by record. Pure.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::Deserialize as _;
use serde_json::Value;

use super::deafness::{Deafness, Gap, Span, deaf_in, overlap, union};
use super::read::Range;
use super::report::{Day, Missed, Offer, Report, Sums, Times, in_seconds};
use crate::snapshot::{Medium, Millis, OfferEnd};

/// Adds up.
pub(super) struct Account<'a> {
    range: Range,
    zone: &'a TimeZone,
    deafness: Deafness,
    days: BTreeMap<Date, Day>,
    offers: Vec<Offer>,
    /// From start to end.
    runs: Vec<Span>,
    running: Option<Millis>,
    last: Option<Millis>,
    pub(super) late: u64,
}

impl<'a> Account<'a> {
    pub(super) fn new(range: Range, zone: &'a TimeZone) -> Self {
        Self {
            range,
            zone,
            deafness: Deafness::default(),
            days: BTreeMap::new(),
            offers: Vec::new(),
            runs: Vec::new(),
            running: None,
            last: None,
            late: 0,
        }
    }

    pub(super) fn apply(&mut self, kind: &str, at: Millis, payload: &Value) {
        self.deafness.apply(kind, at, payload);
        self.count(kind, at, payload);
        match kind {
            "offer_started" => self.offers.push(Offer {
                since: payload["since"].as_i64().unwrap_or(at),
                conversation: text(payload, "conversation").unwrap_or_default(),
                leg: text(payload, "leg").unwrap_or_default(),
                medium: Medium::deserialize(&payload["medium"]).ok(),
                source: text(payload, "source").unwrap_or_default(),
                end: None,
                ended_seconds: None,
                answer_asked_seconds: None,
            }),
            "offer_ended" => {
                let of_leg = |offer: &&mut Offer| offer.end.is_none() && payload["leg"] == offer.leg;
                if let Some(offer) = self.offers.iter_mut().rev().find(of_leg) {
                    offer.end = OfferEnd::deserialize(&payload["end"]).ok();
                    offer.ended_seconds = Some(in_seconds(at - offer.since));
                }
            }
            "action_sent" if payload["what"] == "answer" => {
                let meant = |offer: &&mut Offer| offer.end.is_none() && payload["conversation"] == offer.conversation;
                if let Some(offer) = self.offers.iter_mut().rev().find(meant) {
                    offer.answer_asked_seconds.get_or_insert(in_seconds(at - offer.since));
                }
            }
            "started" => {
                if let (Some(from), Some(to)) = (self.running.replace(at), self.last) {
                    self.runs.push((from, to));
                }
            }
            "stopped" => {
                if let Some(from) = self.running.take() {
                    self.runs.push((from, at));
                }
            }
            _ => {}
        }
        self.last = Some(at);
    }

    /// What is only counted.
    fn count(&mut self, kind: &str, at: Millis, payload: &Value) {
        let crashed = self.running.is_some();
        if !self.range.contains(at) {
            return;
        }
        let Some(day) = self.day(at) else { return };
        let sums = &mut day.sums;
        match kind {
            "started" => {
                sums.starts += 1;
                sums.crashes += u64::from(crashed);
            }
            "renewed" => sums.renewals += 1,
            "renew_failed" => sums.renewals_failed += 1,
            "hand_over" if payload["step"] == "done" => sums.hand_overs += 1,
            "hand_over" if payload["step"] == "failed" => sums.hand_overs_failed += 1,
            "unreadable" => sums.unreadable += 1,
            "late" => {
                let of = |name: &str| payload[name].as_u64().unwrap_or(0);
                sums.late += of("last").saturating_sub(of("first")) + 1;
            }
            "lost" => sums.lost += payload["count"].as_u64().unwrap_or(0),
            "missed" => {
                let end = OfferEnd::deserialize(&payload["end"]).ok();
                sums.missed += 1;
                sums.missed_while_deaf += u64::from(end == Some(OfferEnd::WhileDeaf));
                let medium = Medium::deserialize(&payload["medium"]).ok();
                day.missed.push(Missed { at, conversation: text(payload, "conversation"), medium, end });
            }
            _ => {}
        }
    }

    fn day(&mut self, at: Millis) -> Option<&mut Day> {
        let date = date(at, self.zone)?;
        let day = || Day { date, sums: Sums::default(), gaps: vec![], offers: vec![], missed: vec![] };
        Some(self.days.entry(date).or_insert_with(day))
    }

    pub(super) fn finish(mut self) -> Report {
        if let (Some(from), Some(to)) = (self.running, self.last) {
            self.runs.push((from, to));
        }
        let (gaps, away) = std::mem::take(&mut self.deafness).into_gaps();
        for offer in std::mem::take(&mut self.offers) {
            if self.range.contains(offer.since)
                && let Some(day) = self.day(offer.since)
            {
                day.offers.push(offer);
            }
        }
        let runs = union(&self.runs);
        // A day may have nothing but a part of a gap, or of a quiet run, in it.
        for (from, to) in runs.iter().copied().chain(gaps.iter().map(|gap| (gap.from, gap.to))) {
            self.touch(from, to);
        }
        let mut total = Sums::default();
        let mut answers = Vec::new();
        for day in self.days.values_mut() {
            let within = clip(whole(day.date, self.zone), self.range);
            let spans: Vec<Span> = gaps.iter().map(|gap| (gap.from, gap.to)).collect();
            day.sums.deaf = deaf_in(&spans, &away, within);
            day.sums.running = runs.iter().map(|run| deaf_in(&[*run], &away, within)).sum();
            day.gaps = gaps.iter().filter(|gap| overlap((gap.from, gap.to), within) > 0).cloned().collect();
            day.sums.gaps = felt(&gaps, &away, within);
            // What a gap brought is told on the day it ended.
            let ended = day.gaps.iter().filter(|gap| gap.to <= within.1);
            day.sums.recovered = ended.map(|gap| gap.recovered).sum();
            let taken = add_offers(day);
            total.add(&day.sums);
            answers.extend(taken);
        }
        // One gap may have had a part in two days.
        total.gaps = felt(&gaps, &away, clip(ALWAYS, self.range));
        total.late += self.late;
        total.answer_seconds = times(answers);
        let zone = self.zone.iana_name().unwrap_or("local").to_owned();
        Report { zone, days: self.days.into_values().collect(), total, tz: self.zone.clone() }
    }

    /// Every day that has a part of this time, within the range, is in the report.
    fn touch(&mut self, from: Millis, to: Millis) {
        let (from, to) = clip((from, to), self.range);
        let mut at = from;
        while at < to {
            let Some(date) = self.day(at).map(|day| day.date) else { return };
            let end = whole(date, self.zone).1;
            if end <= at {
                return;
            }
            at = end;
        }
    }
}

const ALWAYS: Span = (Millis::MIN / 4, Millis::MAX / 4);

/// How many gaps had a part in this time in which somebody was to hear.
fn felt(gaps: &[Gap], away: &[Span], within: Span) -> u64 {
    gaps.iter().filter(|gap| deaf_in(&[(gap.from, gap.to)], away, within) > 0).count() as u64
}

fn clip((from, to): Span, range: Range) -> Span {
    (from.max(range.from.unwrap_or(from)), to.min(range.to.unwrap_or(to)))
}

/// Counts a day's offers by their ends; the times of those that were answered with Earshot come back.
fn add_offers(day: &mut Day) -> Vec<f64> {
    day.sums.offers = day.offers.len() as u64;
    let mut answers = Vec::new();
    for offer in &day.offers {
        let Some(end) = offer.end else { continue };
        let word = serde_json::to_value(end).ok().and_then(|word| word.as_str().map(str::to_owned));
        *day.sums.ends.entry(word.unwrap_or_default()).or_default() += 1;
        if end == OfferEnd::Answered {
            answers.extend(offer.ended_seconds);
        }
    }
    day.sums.answer_seconds = times(answers.clone());
    answers
}

fn times(mut seconds: Vec<f64>) -> Option<Times> {
    seconds.sort_by(f64::total_cmp);
    Some(Times { median: *seconds.get(seconds.len().saturating_sub(1) / 2)?, longest: *seconds.last()? })
}

fn date(at: Millis, zone: &TimeZone) -> Option<Date> {
    Some(Timestamp::from_millisecond(at).ok()?.to_zoned(zone.clone()).date())
}

/// From the first moment of a day to that of the next.
fn whole(date: Date, zone: &TimeZone) -> Span {
    let begin = |date: Date| date.to_zoned(zone.clone()).map(|begin| begin.timestamp().as_millisecond());
    let next = date.checked_add(1.day()).and_then(begin);
    (begin(date).unwrap_or(ALWAYS.0), next.unwrap_or(ALWAYS.1))
}

fn text(payload: &Value, name: &str) -> Option<String> {
    payload[name].as_str().map(str::to_owned)
}
