//! A report as a plain table for a terminal.

use std::fmt;

use jiff::Timestamp;

use super::deafness::Gap;
use super::report::{Report, Sums, in_seconds};
use crate::snapshot::Millis;

const HEADS: [&str; 13] = [
    "Day",
    "Running",
    "Deaf",
    "Gaps",
    "Recovered",
    "Offers",
    "Answered",
    "Median answer",
    "Longest answer",
    "Missed",
    "Renewals",
    "Hand-overs",
    "Starts",
];

/// Writes it: a line for each day, one for all of them, then each gap.
pub(super) fn write(f: &mut fmt::Formatter<'_>, report: &Report) -> fmt::Result {
    let mut lines = vec![HEADS.map(str::to_owned)];
    lines.extend(report.days.iter().map(|day| line(day.date.to_string(), &day.sums)));
    lines.push(line("Total".into(), &report.total));
    let widths: [usize; 13] =
        std::array::from_fn(|n| lines.iter().map(|line| line[n].chars().count()).max().unwrap_or(0));
    for line in &lines {
        for (n, (text, width)) in line.iter().zip(widths).enumerate() {
            match n {
                0 => write!(f, "{text:width$}")?,
                _ => write!(f, "  {text:>width$}")?,
            }
        }
        writeln!(f)?;
    }
    gaps(f, report)?;
    let more = &report.total;
    for (count, what) in [
        (more.crashes, "Starts after an end that was not in order"),
        (more.missed_while_deaf, "Offers missed while nothing could be heard"),
        (more.renewals_failed, "Renewals of the sign-in that failed"),
        (more.hand_overs_failed, "Changes of connection that came to nothing"),
        (more.unreadable, "Frames that could not be read"),
        (more.late, "Records that were written late"),
        (more.lost, "Records that were lost because the disk failed"),
    ] {
        if count > 0 {
            writeln!(f, "{what}: {count}")?;
        }
    }
    writeln!(f, "Time zone of the days: {}", report.zone)
}

fn line(name: String, sums: &Sums) -> [String; 13] {
    let times = |pick: fn(super::Times) -> f64| {
        sums.answer_seconds.map_or_else(|| "-".to_owned(), |times| format!("{:.1} s", pick(times)))
    };
    [
        name,
        long(sums.running),
        long(sums.deaf),
        sums.gaps.to_string(),
        sums.recovered.to_string(),
        sums.offers.to_string(),
        sums.ends.get("answered").copied().unwrap_or(0).to_string(),
        times(|times| times.median),
        times(|times| times.longest),
        sums.missed.to_string(),
        sums.renewals.to_string(),
        sums.hand_overs.to_string(),
        sums.starts.to_string(),
    ]
}

fn gaps(f: &mut fmt::Formatter<'_>, report: &Report) -> fmt::Result {
    let mut told: Vec<&Gap> = Vec::new();
    for gap in report.days.iter().flat_map(|day| &day.gaps) {
        // One that crossed midnight is in both days.
        if !told.contains(&gap) {
            told.push(gap);
        }
    }
    if !told.is_empty() {
        writeln!(f, "\nGaps")?;
    }
    for gap in &told {
        let begin = Timestamp::from_millisecond(gap.from).unwrap_or_default().to_zoned(report.tz.clone());
        let why: Vec<_> = gap.causes.iter().map(|cause| cause.message.as_str()).collect();
        writeln!(
            f,
            "{}  {:>10}  recovered {}, missed {}{}  {}",
            begin.strftime("%Y-%m-%d %H:%M:%S"),
            long(gap.to - gap.from),
            gap.recovered,
            gap.missed,
            if gap.settled { "" } else { ", not all looked up" },
            why.join(" "),
        )?;
    }
    writeln!(f)
}

/// A length of time as a person reads it.
fn long(millis: Millis) -> String {
    let whole = millis.max(0) / 1000;
    match (whole / 3600, whole / 60 % 60, whole % 60) {
        (0, 0, _) => format!("{:.1} s", in_seconds(millis)),
        (0, minutes, seconds) => format!("{minutes} min {seconds:02} s"),
        (hours, minutes, _) => format!("{hours} h {minutes:02} min"),
    }
}
