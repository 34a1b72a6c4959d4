//! What a journal amounts to, day by day.

use earshot_engine::event::{GapRecord, Source};
use earshot_engine::journal::{Deaf, Deafness, Range, Report, report};
use earshot_engine::record::{Fact, HandOver, Record};
use earshot_engine::snapshot::{Medium, Millis, OfferEnd, Trouble};
use jiff::tz::{Offset, TimeZone};

use crate::support::{Place, close, connected, event, keep, open, options, record, trouble};

const HOUR: Millis = 3_600_000;
/// Midnight in UTC, 21 November 2026.
const DAY: Millis = 1_795_219_200_000;

fn gap(from: Millis, to: Millis, missed: u32, settled: bool) -> Fact {
    Fact::Gap(GapRecord { from, to, causes: vec![trouble()], recovered: 2, missed, unrecoverable: vec![], settled })
}

fn offer(leg: &str, since: Millis) -> Fact {
    Fact::OfferStarted {
        conversation: format!("c-{leg}"),
        leg: leg.into(),
        medium: Medium::Call,
        since,
        source: Source::Live,
    }
}

/// A day's work, a night and the next morning; the second run ends with a crash.
fn facts() -> Vec<Record> {
    let lost = Fact::GapOpened { from: DAY + 9 * HOUR, cause: trouble() };
    let not_running =
        Fact::GapOpened { from: DAY + 17 * HOUR, cause: Trouble::passing("not.running", "Earshot was not running.") };
    let answer = |leg: &str| Fact::ActionSent { action: 1, what: "answer", conversation: Some(format!("c-{leg}")) };
    let at = |hours: Millis, more: Millis, fact: Fact| record(DAY + hours * HOUR + more, fact);
    vec![
        at(8, 0, Fact::Started { version: "1".into() }),
        at(8, 500, Fact::SignedIn { renewal: "none" }),
        at(8, 1000, connected()),
        at(9, 15_000, lost),
        at(9, 20_000, gap(DAY + 9 * HOUR, DAY + 9 * HOUR + 20_000, 0, false)),
        at(9, 23_000, Fact::Missed { conversation: Some("c-x".into()), medium: None, end: OfferEnd::WhileDeaf }),
        at(9, 23_000, gap(DAY + 9 * HOUR, DAY + 9 * HOUR + 20_000, 1, true)),
        at(10, 0, offer("a", DAY + 10 * HOUR)),
        at(10, 4000, answer("a")),
        at(10, 5000, Fact::OfferEnded { leg: "a".into(), end: OfferEnd::Answered }),
        at(11, 0, offer("b", DAY + 11 * HOUR)),
        at(11, 9000, Fact::OfferEnded { leg: "b".into(), end: OfferEnd::Answered }),
        at(12, 0, offer("c", DAY + 12 * HOUR)),
        at(12, 20_000, Fact::OfferEnded { leg: "c".into(), end: OfferEnd::TimedOut }),
        at(12, 20_000, Fact::Missed { conversation: Some("c-c".into()), medium: None, end: OfferEnd::TimedOut }),
        at(13, 0, Fact::Renewed { generation: 2, lifetime: std::time::Duration::from_secs(60) }),
        at(13, 1, Fact::RenewFailed { trouble: trouble() }),
        at(14, 0, Fact::HandOver(HandOver::Begun { epoch: 2, trouble: trouble() })),
        at(14, 1, Fact::HandOver(HandOver::Done { epoch: 2 })),
        at(14, 2, event("a", false)),
        at(17, 0, Fact::Stopped),
        at(32, 0, Fact::Started { version: "1".into() }),
        at(32, 10_000, Fact::SignedIn { renewal: "none" }),
        at(32, 11_000, not_running),
        at(32, 12_000, gap(DAY + 17 * HOUR, DAY + 32 * HOUR + 12_000, 0, true)),
        at(33, 0, Fact::Hearing { until: DAY + 33 * HOUR }),
        at(33, 60_000, Fact::Started { version: "1".into() }),
        at(33, 61_000, connected()),
    ]
}

fn written() -> Place {
    let place = Place::new();
    let journal = open(&place, options());
    keep(&journal, facts()).expect("safe");
    close(&journal);
    place
}

fn of(place: &Place, range: Range, zone: &TimeZone) -> Report {
    // The journal's own records are of now.
    let range = Range { to: range.to.or(Some(DAY + 50 * HOUR)), ..range };
    report(&place.file(), range, zone).expect("a journal")
}

#[test]
#[allow(clippy::float_cmp)] // written as such
fn a_day_says_how_deaf_it_was_and_how_its_offers_went() {
    let found = of(&written(), Range::default(), &TimeZone::UTC);
    let dates: Vec<_> = found.days.iter().map(|day| day.date.to_string()).collect();
    assert_eq!(dates, ["2026-11-21", "2026-11-22"]);
    let day = &found.days[0];
    assert_eq!((day.sums.deaf, day.sums.running), (20_000, 9 * HOUR), "the evening was an orderly end");
    assert_eq!((day.sums.missed, day.sums.missed_while_deaf), (2, 1));
    assert_eq!((day.sums.offers, day.sums.ends["answered"], day.sums.ends["timed_out"]), (3, 2, 1));
    let times = day.sums.answer_seconds.expect("answers");
    assert_eq!((times.median, times.longest), (5.0, 9.0));
    assert_eq!((day.offers[0].answer_asked_seconds, day.offers[1].answer_asked_seconds), (Some(4.0), None));
    assert_eq!((day.sums.renewals, day.sums.renewals_failed, day.sums.hand_overs), (1, 1, 1));
    assert_eq!((day.sums.starts, day.sums.crashes), (1, 0));
    assert_eq!(
        (day.gaps[0].missed, day.gaps[0].settled, day.gaps[0].causes[0].code.as_str()),
        (1, true, "socket.closed")
    );
    let next = &found.days[1];
    assert_eq!((next.sums.deaf, next.sums.starts, next.sums.crashes), (2000, 2, 1), "two seconds after the sign-in");
    assert_eq!((found.total.deaf, found.total.gaps, found.total.missed), (22_000, 2, 2));
}

#[test]
fn days_are_those_of_the_zone_and_a_range_cuts() {
    let place = written();
    // Midnight is ten seconds into the first gap; the second morning is still the second day.
    let zone = TimeZone::fixed(Offset::from_seconds(15 * 3600 - 10).expect("an offset"));
    let found = of(&place, Range::default(), &zone);
    let deaf: Vec<_> = found.days.iter().map(|day| (day.sums.deaf, day.sums.gaps)).collect();
    assert_eq!(deaf, [(10_000, 1), (12_000, 2), (0, 0)]);
    assert_eq!(found.total.gaps, 2);
    let half = Range { from: Some(DAY + 9 * HOUR + 5000), to: Some(DAY + 10 * HOUR + 1) };
    let found = of(&place, half, &TimeZone::UTC);
    assert_eq!((found.total.deaf, found.total.offers, found.total.starts), (15_000, 1, 0));
    assert_eq!(found.total.running, HOUR - 4999);
}

#[test]
fn it_reads_as_a_table_and_as_json() {
    let found = of(&written(), Range::default(), &TimeZone::UTC);
    let table = found.to_string();
    let line = table.lines().find(|line| line.starts_with("2026-11-21")).expect("the day");
    let words: Vec<_> = line.split_whitespace().collect();
    assert_eq!(words.join(" "), "2026-11-21 9 h 00 min 20.0 s 1 2 3 2 5.0 s 9.0 s 2 1 1 1", "{table}");
    assert!(table.contains("2026-11-21 09:00:00      20.0 s  recovered 2, missed 1  Genesys Cloud closed"), "{table}");
    let json = serde_json::to_value(&found).expect("JSON");
    assert_eq!(json["days"][0]["sums"]["deaf_seconds"], 20.0);
    assert_eq!(json["days"][0]["gaps"][0]["from"], "2026-11-21T09:00:00Z");
    assert_eq!(json["days"][0]["offers"][2]["end"], "timed_out");
}

#[test]
fn a_window_can_say_it_for_today_before_and_after_a_start() {
    let place = written();
    let mut deafness = Deafness::read(&place.file(), DAY + 24 * HOUR).expect("a journal");
    let (begin, now) = (DAY + 24 * HOUR, DAY + 35 * HOUR);
    assert_eq!(deafness.day(begin, now), Deaf { closed: 2000, gaps: 1, missed: 0, settled: true, since: None });
    deafness.note(&record(now, Fact::GapOpened { from: now - 5000, cause: trouble() }));
    assert_eq!(
        deafness.day(begin, now),
        Deaf { closed: 2000, gaps: 2, missed: 0, settled: false, since: Some(now - 5000) }
    );
}
