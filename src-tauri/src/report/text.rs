//! The words of a report: what is known, as plain text that a help desk reads from top to bottom. Pure. It names each field
//! it takes, so that nothing of a customer's gets in by being somewhere near.

use std::fmt::Write as _;

use earshot_engine::journal::{Gap, Report};
use earshot_engine::snapshot::{ActionView, Medium, Notice, Snapshot, Trouble};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::ipc::{AppView, LockedBy, Stage};

/// All that a report is made of.
pub(super) struct Facts<'a> {
    pub(super) now: Zoned,
    pub(super) view: &'a AppView,
    /// Name and value of what this computer is.
    pub(super) computer: &'a [(&'static str, String)],
    /// The record of the last day, or why there is none.
    pub(super) journal: Result<Report, String>,
    pub(super) log: Log<'a>,
}

/// The end of the log.
pub(super) struct Log<'a> {
    /// Where it is.
    pub(super) folder: Option<String>,
    pub(super) filter: &'a str,
    /// Lines that the disk was too slow for.
    pub(super) dropped: usize,
    pub(super) lines: Vec<String>,
}

/// The report.
pub(super) fn write(facts: &Facts<'_>) -> String {
    let mut page = Page { text: String::new(), zone: facts.now.time_zone().clone() };
    let view = facts.view;
    page.line("Earshot report");
    page.line(
        "Without customers, conversations, passwords or tokens. It names this computer's settings and your region.",
    );
    page.title("Program");
    page.pair("Version", &view.version);
    page.pair("Written", &facts.now.strftime("%Y-%m-%d %H:%M:%S %:z").to_string());
    for (name, value) in facts.computer {
        page.pair(name, value);
    }
    settings(&mut page, view);
    connection(&mut page, view);
    notices(&mut page, view);
    record(&mut page, facts);
    log(&mut page, &facts.log);
    page.text
}

fn settings(page: &mut Page, view: &AppView) {
    let settings = &view.settings;
    page.title("Settings");
    page.pair("Region", &settings.region);
    for (name, value) in [("Sign-in address", &settings.login_url), ("API address", &settings.api_url)] {
        if !value.is_empty() {
            page.pair(name, value);
        }
    }
    page.pair("OAuth client ID", if settings.client_id.is_empty() { "(none)" } else { &settings.client_id });
    page.pair("Ring", &if view.sound.ring { format!("on, volume {} %", view.sound.volume) } else { "off".to_owned() });
    for locked in &settings.locked {
        let who = match locked.by {
            LockedBy::Administrator => "Administrator",
            LockedBy::Environment => "Environment",
        };
        page.pair(who, &format!("{}. {}", locked.shown, locked.reason));
    }
    let troubles = [&settings.managed_trouble, &settings.trouble, &view.sound.trouble];
    for trouble in troubles.into_iter().flatten() {
        page.trouble("Trouble", trouble);
    }
}

fn connection(page: &mut Page, view: &AppView) {
    page.title("Connection");
    let stage = match &view.stage {
        Stage::SignedOut { .. } => "signed out",
        Stage::SigningIn { .. } => "signing in",
        Stage::Resuming => "signing in again after a start",
        Stage::Desk if view.practice => "practice",
        Stage::Desk => "signed in",
    };
    page.pair("Stage", stage);
    if let Stage::SignedOut { trouble: Some(trouble), .. } = &view.stage {
        page.trouble("Trouble", trouble);
    }
    let Some(snapshot) = &view.snapshot else { return };
    let link = &snapshot.link;
    let hearing = format!("{:?} since {}", link.state, page.at(link.since));
    page.pair("State", &hearing);
    page.pair("Caught up", if link.caught_up { "yes" } else { "no" });
    if let Some(trouble) = &link.trouble {
        page.trouble("Trouble", trouble);
    }
    if let Some(at) = link.next_try_at {
        let next = format!("{}, attempt {}", page.at(at), link.attempt);
        page.pair("Next try", &next);
    }
    if let Some(agent) = &snapshot.agent {
        page.pair("Presence", &agent.presence.system);
        page.pair("On queue", if agent.on_queue { "yes" } else { "no" });
        page.pair("Routing status", &agent.routing.status);
    }
    page.pair("Offers now", &media(snapshot.offers.iter().map(|offer| Some(offer.medium))));
    page.pair("Conversations", &media(snapshot.conversations.iter().map(|conversation| Some(conversation.medium))));
    page.pair("Missed", &media(snapshot.missed.iter().map(|missed| missed.medium)));
    for trouble in failed_actions(snapshot) {
        page.trouble("Failed action", trouble);
    }
}

fn failed_actions(snapshot: &Snapshot) -> impl Iterator<Item = &Trouble> {
    let of_offers = snapshot.offers.iter().flat_map(|offer| [&offer.answer, &offer.decline]);
    let of_agent = snapshot.agent.iter().map(|agent| &agent.presence_change);
    of_offers.chain(of_agent).filter_map(|action| match action {
        ActionView::Failed { trouble } => Some(trouble),
        ActionView::Idle | ActionView::Pending => None,
    })
}

/// "2 (call, email)".
fn media(media: impl Iterator<Item = Option<Medium>>) -> String {
    let names: Vec<String> =
        media.map(|one| one.map_or("?".to_owned(), |one| format!("{one:?}").to_lowercase())).collect();
    if names.is_empty() { "0".to_owned() } else { format!("{} ({})", names.len(), names.join(", ")) }
}

fn notices(page: &mut Page, view: &AppView) {
    page.title("Notices");
    let notices: &[Notice] = view.snapshot.as_ref().map_or(&[], |snapshot| &snapshot.notices);
    if notices.is_empty() {
        page.line("  None.");
    }
    for notice in notices {
        page.trouble(&format!("{:?}", notice.severity), &notice.trouble);
    }
}

fn record(page: &mut Page, facts: &Facts<'_>) {
    page.title("Hearing");
    if let Some(deaf) = facts.view.deaf_today {
        let open = deaf.since.map(|since| format!(", and since {}", page.at(since))).unwrap_or_default();
        page.pair("Deaf today", &format!("{} (gaps: {}){open}", seconds(deaf.closed), deaf.gaps));
        let missed = format!("{}{}", deaf.missed, if deaf.settled { "" } else { ", not all looked up yet" });
        page.pair("Missed in them", &missed);
    }
    let report = match &facts.journal {
        Ok(report) => report,
        Err(why) => return page.pair("Last 24 hours", &format!("no record: {why}")),
    };
    let total = &report.total;
    page.line("  The last 24 hours, from the journal:");
    page.pair("Running", &seconds(total.running));
    page.pair("Deaf", &format!("{} (gaps: {})", seconds(total.deaf), total.gaps));
    let ends: Vec<String> = total.ends.iter().map(|(end, count)| format!("{end} {count}")).collect();
    let ends = if ends.is_empty() { String::new() } else { format!(" ({})", ends.join(", ")) };
    page.pair("Offers", &format!("{}{ends}", total.offers));
    page.pair("Missed", &format!("{}, of these {} while deaf", total.missed, total.missed_while_deaf));
    page.pair("Renewals", &format!("{}, failed {}", total.renewals, total.renewals_failed));
    page.pair("Hand-overs", &format!("{}, failed {}", total.hand_overs, total.hand_overs_failed));
    page.pair("Starts", &format!("{}, after a crash {}", total.starts, total.crashes));
    page.pair("Frames unread", &total.unreadable.to_string());
    page.pair("Records", &format!("late {}, lost {}", total.late, total.lost));
    for gap in report.days.iter().flat_map(|day| &day.gaps) {
        let line = gap_line(page, gap);
        page.pair("Gap", &line);
    }
}

fn gap_line(page: &Page, gap: &Gap) -> String {
    let causes: Vec<&str> = gap.causes.iter().map(|cause| cause.code.as_str()).collect();
    let settled = if gap.settled { "settled" } else { "not settled" };
    let (from, to) = (page.at(gap.from), page.at(gap.to));
    let length = seconds(gap.to - gap.from);
    let causes = causes.join(", ");
    format!("{from} to {to} ({length}): {causes}; recovered {}, missed {}, {settled}", gap.recovered, gap.missed)
}

fn log(page: &mut Page, log: &Log<'_>) {
    page.title("Log");
    page.pair("Folder", log.folder.as_deref().unwrap_or("(none)"));
    page.pair("Level", log.filter);
    if log.dropped > 0 {
        page.pair("Dropped", &format!("{} lines: the disk was too slow", log.dropped));
    }
    page.pair("Lines", &format!("the last {}, times in UTC", log.lines.len()));
    page.line("");
    for line in &log.lines {
        page.line(line);
    }
}

fn seconds(millis: i64) -> String {
    format!("{}.{} s", millis / 1000, (millis % 1000).abs() / 100)
}

/// The text as it grows.
struct Page {
    text: String,
    zone: TimeZone,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn title(&mut self, title: &str) {
        self.line(&format!("\n{}", title.to_uppercase()));
    }

    fn pair(&mut self, name: &str, value: &str) {
        // A value is one line, whatever it is.
        let value: Vec<&str> = value.split_whitespace().collect();
        let _ = writeln!(self.text, "  {name:<16} {}", value.join(" "));
    }

    fn trouble(&mut self, name: &str, trouble: &Trouble) {
        self.pair(name, &format!("[{}] {}", trouble.code, trouble.message));
    }

    fn at(&self, millis: i64) -> String {
        let Ok(at) = Timestamp::from_millisecond(millis) else { return "?".to_owned() };
        at.to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
