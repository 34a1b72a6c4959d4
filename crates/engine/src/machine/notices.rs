//! The facts a person should know, each as long as it is true.

use earshot_genesys::api::TopicResult;

use crate::snapshot::{Notice, Severity, Trouble};
use crate::trouble;

/// What is to be said now.
#[derive(Debug, Default)]
pub(super) struct Notices {
    /// The sign-in ends and cannot be renewed.
    pub(super) expiring: Option<Trouble>,
    /// The secret store has a problem.
    pub(super) store: Option<Trouble>,
    /// The record cannot be kept.
    pub(super) recorder: Option<Trouble>,
    /// Another channel took this one's place.
    pub(super) evicted: Option<Trouble>,
    /// What happened meanwhile cannot be looked up.
    pub(super) hampered: Option<Trouble>,
    /// Topics that are not granted.
    pub(super) topics: Vec<Trouble>,
}

impl Notices {
    /// All of them, the gravest first.
    pub(super) fn all(&self, unreadable: Option<Notice>) -> Vec<Notice> {
        let warning = |trouble: &Trouble| Notice { severity: Severity::Warning, trouble: trouble.clone() };
        [&self.evicted, &self.expiring, &self.hampered, &self.store, &self.recorder]
            .into_iter()
            .flatten()
            .chain(&self.topics)
            .map(warning)
            .chain(unreadable)
            .collect()
    }
}

/// What a topic is that was not granted, and who can grant it.
pub(super) fn rejected(topic: &TopicResult) -> Trouble {
    let name = topic.topic.as_str();
    let what = match name.rsplit('.').next().unwrap_or(name) {
        "conversations" => "your conversations",
        "presence" => "your presence",
        "routingStatus" => "your routing status",
        "conversationsummary" => "your conversation counts",
        _ => "one of its topics",
    };
    let missing: Vec<_> = topic.missing_permissions.iter().flat_map(|text| trouble::permissions(text)).collect();
    let lacking = if missing.is_empty() { String::new() } else { format!(": you lack {}", missing.join(" and ")) };
    Trouble::needs_a_person(
        "topic.rejected",
        format!("Genesys Cloud does not let Earshot listen to {what}{lacking}."),
        "Ask your administrator for the permission, or for the scope “notifications” on the OAuth client.",
    )
}
