//! Topics: which exist, who may subscribe, and how the combined form is taken apart.

use std::collections::BTreeSet;

/// What follows `v2.users.{id}.`.
const USER_TOPICS: &[&str] = &[
    "activity",
    "badges.chats",
    "callforwarding",
    "conversations",
    "conversations.callbacks",
    "conversations.calls",
    "conversations.chats",
    "conversations.cobrowsesessions",
    "conversations.emails",
    "conversations.inbound.typing.event",
    "conversations.messages",
    "conversations.screenshares",
    "conversations.socialexpressions",
    "conversations.summaries",
    "conversations.videos",
    "conversationsummary",
    "geolocation",
    "integrationpresence",
    "outofoffice",
    "persistentconnection",
    "presence",
    "routingStatus",
    "station",
    "tokens",
    "voicemail.messages",
];

/// Topics of other users that need a permission.
const PRIVATE: &[&str] = &["conversations", "conversationsummary", "tokens", "voicemail", "persistentconnection"];

/// What is wrong with a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// There is no such topic.
    Unknown,
    /// This user lacks these.
    Forbidden(Vec<String>),
}

/// `v2.users.ID?presence&routingStatus` as its topics; any other as itself.
pub(crate) fn split(id: &str) -> Vec<String> {
    match id.split_once('?') {
        Some((base, suffixes)) => suffixes.split('&').map(|s| format!("{base}.{s}")).collect(),
        None => vec![id.to_owned()],
    }
}

/// May the user with this id (none: a client without one) and these permissions hear this topic?
pub(crate) fn check(topic: &str, user: Option<&str>, permissions: &BTreeSet<String>) -> Result<(), Wrong> {
    if topic == "channel.metadata" {
        return Ok(());
    }
    let mut parts = topic.splitn(4, '.');
    let (version, kind, id, rest) = (parts.next(), parts.next(), parts.next(), parts.next());
    let (Some("v2"), Some(kind), Some(id), Some(rest)) = (version, kind, id, rest) else { return Err(Wrong::Unknown) };
    if id.len() >= 200 || id.is_empty() {
        return Err(Wrong::Unknown);
    }
    match kind {
        "users" if USER_TOPICS.iter().any(|t| t.eq_ignore_ascii_case(rest)) => {
            let own = user == Some(id);
            let private = PRIVATE.iter().any(|p| rest.starts_with(p));
            if own || !private { Ok(()) } else { needs(permissions, "conversation:communication:view") }
        }
        "routing" => {
            // v2.routing.queues.{id}.users and .conversations[.media]
            let known = id == "queues" && rest.split('.').nth(1).is_some_and(|w| w == "users" || w == "conversations");
            if known { needs(permissions, "routing:queue:supervise") } else { Err(Wrong::Unknown) }
        }
        "conversations" if rest == "transcription" || rest.starts_with("suggestions") => Ok(()),
        _ => Err(Wrong::Unknown),
    }
}

fn needs(permissions: &BTreeSet<String>, permission: &str) -> Result<(), Wrong> {
    if permissions.contains(permission) { Ok(()) } else { Err(Wrong::Forbidden(vec![permission.to_owned()])) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn combined_topics_are_taken_apart() {
        assert_eq!(split("v2.users.u?presence&routingStatus"), ["v2.users.u.presence", "v2.users.u.routingStatus"]);
        assert_eq!(split("v2.users.u.presence"), ["v2.users.u.presence"]);
    }

    #[test]
    fn unknown_topics_are_known_as_such() {
        let nobody = BTreeSet::new();
        assert_eq!(check("v2.users.u.horoscope", None, &nobody), Err(Wrong::Unknown));
        assert_eq!(check("v2.system.socket_closing", None, &nobody), Err(Wrong::Unknown));
        assert_eq!(check("nonsense", None, &nobody), Err(Wrong::Unknown));
        assert_eq!(check("v2.users.u.presence", None, &nobody), Ok(()));
        assert_eq!(check("v2.users.u.conversations", Some("u"), &nobody), Ok(()));
        assert!(matches!(check("v2.users.u.conversations", None, &nobody), Err(Wrong::Forbidden(_))));
        assert!(matches!(check("v2.routing.queues.q.conversations", None, &nobody), Err(Wrong::Forbidden(_))));
        assert_eq!(check("v2.routing.queues.q.horoscope", None, &nobody), Err(Wrong::Unknown));
    }
}
