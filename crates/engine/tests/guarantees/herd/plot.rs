//! The figures as a table and as a picture that can be read on white and on black.

use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

use super::{BEFORE, Blow, PerSecond};

/// The curves, in the order of the table: name, and colour on white and on black.
const CURVES: [(&str, &str, &str); 3] = [
    ("Earshot", "#0b6b3a", "#4ade80"),
    ("retry every second", "#b91c1c", "#f87171"),
    ("2 s doubling to 90 s, no jitter", "#1d4ed8", "#93c5fd"),
];
const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 380.0;
/// Room for the labels: left, top, right, bottom.
const ROOM: (f64, f64, f64, f64) = (70.0, 40.0, 20.0, 66.0);
/// The logarithmic scale ends here.
const DECADES: i32 = 5;

/// Writes `herd-NAME.csv` and `herd-NAME.svg`.
pub fn write(folder: &Path, name: &str, fleet: u32, blow: Blow, curves: &[PerSecond; 3]) -> io::Result<()> {
    fs::write(folder.join(format!("herd-{name}.csv")), table(curves))?;
    fs::write(folder.join(format!("herd-{name}.svg")), picture(fleet, blow, curves))
}

fn second(place: usize) -> i64 {
    i64::try_from(place).unwrap_or(i64::MAX) - i64::try_from(BEFORE.as_secs()).unwrap_or(0)
}

fn table(curves: &[PerSecond; 3]) -> String {
    let mut table = String::from("second,earshot,every_second,doubling\n");
    let [earshot, every, doubling] = curves;
    for (place, ((earshot, every), doubling)) in earshot.iter().zip(every).zip(doubling).enumerate() {
        let _ = writeln!(table, "{},{earshot},{every},{doubling}", second(place));
    }
    table
}

fn picture(fleet: u32, blow: Blow, curves: &[PerSecond; 3]) -> String {
    let (title, last, step) = match blow {
        Blow::Outage => ("no connection is accepted for ten minutes", second(curves[0].len()), 60),
        Blow::Restart => ("every socket is closed with 1012 at once", 20, 1),
    };
    let (left, top, right, bottom) = ROOM;
    let first = -2_i64;
    #[allow(clippy::cast_precision_loss)] // some hundred seconds
    let x = |second: i64| left + (second - first) as f64 / (last - first) as f64 * (WIDTH - left - right);
    let y =
        |count: f64| HEIGHT - bottom - count.max(0.5).log10().max(-0.3) / f64::from(DECADES) * (HEIGHT - top - bottom);
    let mut style =
        String::from("text{font:13px system-ui,sans-serif;fill:#1f2937}.grid{stroke:#9ca3af;stroke-opacity:.35}");
    let mut dark = String::from("text{fill:#e5e7eb}");
    for (n, (_, light, on_black)) in CURVES.iter().enumerate() {
        let _ = write!(style, ".c{n}{{stroke:{light};fill:none;stroke-width:1.6}}");
        let _ = write!(dark, ".c{n}{{stroke:{on_black}}}");
    }
    let mut svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="Requests per second of {fleet} clients: {title}"><style>{style}@media(prefers-color-scheme:dark){{{dark}}}</style>"#,
    );
    for decade in 0..=DECADES {
        let count = 10_f64.powi(decade);
        let at = y(count);
        let _ = write!(
            svg,
            r#"<line class="grid" x1="{left}" x2="{}" y1="{at:.1}" y2="{at:.1}"/><text x="{}" y="{:.1}" text-anchor="end">{count}</text>"#,
            WIDTH - right,
            left - 8.0,
            at + 4.0,
        );
    }
    for second in (0..=last).step_by(step) {
        let _ = write!(
            svg,
            r#"<text x="{:.1}" y="{}" text-anchor="middle">{second}</text>"#,
            x(second),
            HEIGHT - bottom + 36.0,
        );
    }
    let _ = write!(
        svg,
        r#"<text x="{left}" y="{}">seconds since the sockets went; requests per second of {fleet} clients, {title}</text>"#,
        HEIGHT - 8.0,
    );
    for n in [1, 2, 0] {
        let points: Vec<_> = curves[n]
            .iter()
            .enumerate()
            .map(|(place, count)| (second(place), *count))
            .filter(|(second, _)| (first..=last).contains(second))
            .map(|(second, count)| format!("{:.1},{:.1}", x(second), y(f64::from(count))))
            .collect();
        let _ = write!(svg, r#"<polyline class="c{n}" points="{}"/>"#, points.join(" "));
    }
    let mut at = left;
    for (n, (name, ..)) in CURVES.iter().enumerate() {
        let _ = write!(
            svg,
            r#"<line class="c{n}" x1="{at:.0}" x2="{:.0}" y1="20" y2="20"/><text x="{:.0}" y="24">{name}</text>"#,
            at + 24.0,
            at + 30.0,
        );
        at += 60.0 + 8.0 * f64::from(u32::try_from(name.len()).unwrap_or_default());
    }
    svg.push_str("</svg>\n");
    svg
}
