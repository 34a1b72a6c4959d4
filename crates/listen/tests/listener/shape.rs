//! What a printed line may look like. Every line of every test is held against this.

use jiff::Timestamp;
use serde_json::{Map, Value};

const STATES: [&str; 7] = ["connecting", "connected", "reconnecting", "sign_in_needed", "blocked", "offline", "closed"];

/// Says what is wrong with a line, if anything is.
pub(crate) fn check(line: &str) -> Result<Value, String> {
    let value: Value = serde_json::from_str(line).map_err(|error| format!("no JSON: {error}"))?;
    let object = value.as_object().ok_or("no object")?;
    let wrong = match object.get("type").and_then(Value::as_str) {
        Some("link") => link(object),
        Some("event") => event(object),
        Some("gap") => gap(object),
        Some("topic") => topic(object),
        other => Err(format!("a line of type {other:?}")),
    };
    wrong.map(|()| value.clone())
}

fn field<'a>(object: &'a Map<String, Value>, key: &str) -> Result<&'a Value, String> {
    object.get(key).ok_or_else(|| format!("no \u{201c}{key}\u{201d}"))
}

fn text<'a>(object: &'a Map<String, Value>, key: &str) -> Result<&'a str, String> {
    let text = field(object, key)?.as_str().ok_or_else(|| format!("\u{201c}{key}\u{201d} is no text"))?;
    if text.is_empty() { Err(format!("\u{201c}{key}\u{201d} is empty")) } else { Ok(text) }
}

fn one_of(object: &Map<String, Value>, key: &str, of: &[&str]) -> Result<(), String> {
    let text = text(object, key)?;
    if of.contains(&text) { Ok(()) } else { Err(format!("\u{201c}{key}\u{201d} is {text}")) }
}

fn text_or_null(object: &Map<String, Value>, key: &str) -> Result<(), String> {
    if field(object, key)?.is_null() { Ok(()) } else { text(object, key).map(|_| ()) }
}

fn time(object: &Map<String, Value>, key: &str) -> Result<Timestamp, String> {
    let text = text(object, key)?;
    let time: Timestamp = text.parse().map_err(|_| format!("\u{201c}{key}\u{201d} is {text}"))?;
    if text.ends_with('Z') { Ok(time) } else { Err(format!("\u{201c}{key}\u{201d} is not in UTC")) }
}

fn number(object: &Map<String, Value>, key: &str) -> Result<(), String> {
    field(object, key)?.as_u64().map(|_| ()).ok_or_else(|| format!("\u{201c}{key}\u{201d} is no number"))
}

fn link(object: &Map<String, Value>) -> Result<(), String> {
    one_of(object, "state", &STATES)?;
    time(object, "at")?;
    text_or_null(object, "reason")?;
    let needs_reason = ["reconnecting", "sign_in_needed", "blocked", "offline"];
    match (object["state"].as_str(), object["reason"].is_null()) {
        (Some(state), true) if needs_reason.contains(&state) => Err(format!("{state} without a reason")),
        _ => Ok(()),
    }
}

fn event(object: &Map<String, Value>) -> Result<(), String> {
    one_of(object, "source", &["live", "recovered"])?;
    time(object, "at")?;
    text(object, "topic")?;
    field(object, "body").map(|_| ())
}

fn gap(object: &Map<String, Value>) -> Result<(), String> {
    let (from, to) = (time(object, "from")?, time(object, "to")?);
    text(object, "cause")?;
    number(object, "recovered")?;
    number(object, "missed")?;
    field(object, "settled")?.as_bool().ok_or("\u{201c}settled\u{201d} is neither true nor false")?;
    if from <= to { Ok(()) } else { Err("it ends before it begins".into()) }
}

fn topic(object: &Map<String, Value>) -> Result<(), String> {
    text(object, "topic")?;
    one_of(object, "state", &["permitted", "rejected"])?;
    text_or_null(object, "reason")
}

#[test]
fn the_check_can_fail() {
    let good = r#"{"type":"gap","from":"2026-01-01T00:00:00Z","to":"2026-01-01T00:00:01Z","cause":"c","recovered":0,"missed":0,"settled":true}"#;
    check(good).unwrap();
    for (from, to) in [
        ("\"gap\"", "\"hole\""),
        ("00:00:01Z", "00:00:01"),
        ("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        ("\"c\"", "\"\""),
        ("\"missed\":0", "\"missed\":-1"),
        ("true", "null"),
        ("\"recovered\":0,", ""),
        ("}", "} {}"),
    ] {
        assert!(check(&good.replacen(from, to, 1)).is_err(), "{from} {to}");
    }
}
