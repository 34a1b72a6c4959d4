//! Rows, the table they make for people, the JSON they make for programs, and the exit code.

use std::fmt::Write as _;

use serde::Serialize;

/// Letters in a line of the third column.
const WIDTH: usize = 88;

/// What can be checked, in the order of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)] // their titles say what they are
pub enum Check {
    Settings,
    ReturnPorts,
    SignInAddress,
    ApiAddress,
    CertificateIssuer,
    Clock,
    OAuthClient,
    ReturnAddresses,
    SignIn,
    Token,
    Scopes,
    Permissions,
    Channel,
    Subscription,
    Socket,
    Notifications,
    Tray,
    KeyStore,
    Sound,
    WebView,
    Logs,
    Journal,
}

impl Check {
    /// All, in the order of the rows.
    pub const ALL: [Self; 22] = [
        Self::Settings,
        Self::ReturnPorts,
        Self::SignInAddress,
        Self::ApiAddress,
        Self::CertificateIssuer,
        Self::Clock,
        Self::OAuthClient,
        Self::ReturnAddresses,
        Self::SignIn,
        Self::Token,
        Self::Scopes,
        Self::Permissions,
        Self::Channel,
        Self::Subscription,
        Self::Socket,
        Self::Notifications,
        Self::Tray,
        Self::KeyStore,
        Self::Sound,
        Self::WebView,
        Self::Logs,
        Self::Journal,
    ];

    /// What a person calls it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Settings => "Settings",
            Self::ReturnPorts => "Return ports",
            Self::SignInAddress => "Sign-in address",
            Self::ApiAddress => "API address",
            Self::CertificateIssuer => "Certificate issuer",
            Self::Clock => "Clock",
            Self::OAuthClient => "OAuth client",
            Self::ReturnAddresses => "Return addresses",
            Self::SignIn => "Sign-in",
            Self::Token => "Token",
            Self::Scopes => "Scopes",
            Self::Permissions => "Permissions",
            Self::Channel => "Channel",
            Self::Subscription => "Subscription",
            Self::Socket => "Socket",
            Self::Notifications => "Notifications",
            Self::Tray => "Tray",
            Self::KeyStore => "Key store",
            Self::Sound => "Sound",
            Self::WebView => "Web view",
            Self::Logs => "Logs",
            Self::Journal => "Journal",
        }
    }
}

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing is wrong.
    Ok,
    /// Earshot hears and rings, but something is lost.
    Warning,
    /// Earshot does not work like this.
    Failed,
    /// It could not be looked at.
    NotChecked,
}

impl Outcome {
    /// What a person calls it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "FAILED",
            Self::NotChecked => "not checked",
        }
    }
}

/// One check and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Which.
    pub check: Check,
    /// How it went.
    pub result: Outcome,
    /// What was found. Never a secret.
    pub found: String,
    /// What to do about it.
    #[serde(rename = "do", skip_serializing_if = "Option::is_none")]
    pub cure: Option<String>,
}

impl Row {
    /// Nothing is wrong.
    pub fn ok(check: Check, found: impl Into<String>) -> Self {
        Self { check, result: Outcome::Ok, found: found.into(), cure: None }
    }

    /// Something is lost, and this can be done.
    pub fn warning(check: Check, found: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { check, result: Outcome::Warning, found: found.into(), cure: Some(cure.into()) }
    }

    /// It does not work, and this can be done.
    pub fn failed(check: Check, found: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { check, result: Outcome::Failed, found: found.into(), cure: Some(cure.into()) }
    }

    /// It could not be looked at.
    pub fn not_checked(check: Check, why: impl Into<String>) -> Self {
        Self { check, result: Outcome::NotChecked, found: why.into(), cure: None }
    }

    /// As lines of the table: what was found, and what to do.
    #[must_use]
    pub fn lines(&self) -> String {
        let mut lines = format!("{:<20}{:<13}{}\n", self.check.title(), self.result.word(), folded(&self.found));
        if let Some(cure) = &self.cure {
            let _ = writeln!(lines, "{:<33}→ {}", "", folded(cure));
        }
        lines
    }
}

/// Text for the third column, in lines that a person can read.
fn folded(text: &str) -> String {
    let (mut folded, mut room) = (String::new(), WIDTH);
    for word in text.split(' ') {
        let length = word.chars().count() + 1;
        if room < length && !folded.is_empty() {
            let _ = write!(folded, "\n{:<33}", "");
            room = WIDTH;
        } else if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(word);
        room = room.saturating_sub(length);
    }
    folded
}

/// The rows as they come.
pub struct Examination<'a> {
    rows: Vec<Row>,
    tell: Box<dyn FnMut(&Row) + Send + 'a>,
}

impl Default for Examination<'_> {
    fn default() -> Self {
        Self::new(|_| {})
    }
}

impl<'a> Examination<'a> {
    /// Each row is told as soon as it is there: a person waits.
    pub fn new(tell: impl FnMut(&Row) + Send + 'a) -> Self {
        Self { rows: Vec::new(), tell: Box::new(tell) }
    }

    /// One more row.
    pub fn add(&mut self, row: Row) {
        (self.tell)(&row);
        self.rows.push(row);
    }

    /// A row that says why this was not checked.
    pub fn skip(&mut self, check: Check, why: &str) {
        let mut letters = why.trim_end_matches('.').chars();
        let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
        self.add(Row::not_checked(check, format!("{first}{}.", letters.as_str())));
    }

    /// The same for all that come after `from`, up to `last`, and have no row yet. Only for checks that are made in every
    /// examination.
    pub fn skip_after(&mut self, from: Check, last: Check, why: &str) {
        for check in Check::ALL.into_iter().filter(|check| *check > from && *check <= last) {
            let only_with_a_browser = matches!(check, Check::OAuthClient | Check::ReturnAddresses);
            if !only_with_a_browser && !self.rows.iter().any(|row| row.check == check) {
                self.skip(check, why);
            }
        }
    }

    /// What there is.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    fn count(&self, result: Outcome) -> usize {
        self.rows.iter().filter(|row| row.result == result).count()
    }

    /// 0: all is well, or warnings only; 1: something failed.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        u8::from(self.count(Outcome::Failed) > 0)
    }

    /// The last line of the table.
    #[must_use]
    pub fn sum(&self) -> String {
        let count = |result| self.count(result);
        let warnings = if count(Outcome::Warning) == 1 { "warning" } else { "warnings" };
        format!(
            "{} ok, {} {warnings}, {} failed, {} not checked.",
            count(Outcome::Ok),
            count(Outcome::Warning),
            count(Outcome::Failed),
            count(Outcome::NotChecked)
        )
    }

    /// All of it for programs, as one JSON object.
    #[must_use]
    pub fn json(&self, program: &str, version: &str) -> String {
        let whole = serde_json::json!({
            "program": program, "version": version, "exit_code": self.exit_code(), "checks": self.rows,
        });
        // Texts and numbers always have a JSON form.
        serde_json::to_string_pretty(&whole).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_and_results_fit_their_columns() {
        for check in Check::ALL {
            assert!(check.title().len() < 20, "{}", check.title());
        }
        let row = Row::failed(Check::Socket, "It did not open.", "Open it.");
        let lines = row.lines();
        let columns: Vec<_> = lines.lines().map(|line| line.find("It did").or_else(|| line.find('→'))).collect();
        assert_eq!(columns, [Some(33), Some(33)], "{lines}");
    }

    #[test]
    fn the_order_of_the_rows_is_the_order_of_the_names() {
        assert!(Check::ALL.is_sorted());
    }

    #[test]
    fn a_warning_is_no_failure_and_what_was_not_checked_neither() {
        let mut examination = Examination::default();
        examination.add(Row::ok(Check::Clock, "0 s."));
        examination.add(Row::warning(Check::Tray, "None.", "Live with it."));
        examination.skip_after(Check::SignIn, Check::Socket, "nobody is signed in");
        assert_eq!(examination.exit_code(), 0);
        assert_eq!(examination.sum(), "1 ok, 1 warning, 0 failed, 6 not checked.");
        examination.add(Row::failed(Check::Sound, "None.", "Buy one."));
        assert_eq!(examination.exit_code(), 1);
        let json = examination.json("earshot", "1.0");
        assert!(json.contains(r#""check": "sound""#) && json.contains(r#""do": "Buy one.""#), "{json}");
        assert!(json.contains(r#""result": "not_checked""#), "{json}");
    }
}
