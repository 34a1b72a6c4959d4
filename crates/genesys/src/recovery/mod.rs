//! What a topic would have said, from what REST says now. For the feed and for whoever records events: an event that was
//! sent while nobody could hear is gone, but the state it spoke of can be read, and told in the same words.
//!
//! The result has the fields of the event and no others: what REST calls by another name is renamed, references become
//! ids and the other way round, and what only REST has is left out. Nothing is invented; so a field that REST does not
//! show is absent (`wrapupExpected`, and `initialState` and `queueMediaSettings` of the flat forms).
//!
//! No input makes this panic. The allow-lists are those of the public topic schemas.

mod common;
mod flat;
mod flatten;
mod generic;
mod shape;
mod user;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use self::shape::Shape;
use crate::topics::Topic;
use crate::wire::{MediaKind, overcrowded};

/// Where to look for what a topic would have said.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Recovery {
    /// `v2.users.{user}.conversations` and, for other kinds than [`MediaKind::Generic`], the topic of that kind. The
    /// user's own go on in the lists of REST; another user's, and those that have ended, are found by analytics and then
    /// read by id.
    Conversations {
        /// Whose.
        user: String,
        /// Of which kind.
        kind: MediaKind,
    },
    /// `v2.routing.queues.{queue}.conversations` and the topics of single kinds: found by analytics, then read by id.
    QueueConversations {
        /// Of which queue.
        queue: String,
        /// Of which kind.
        kind: MediaKind,
    },
    /// A topic about the user: `GET /users/{user}` with its expansions, for oneself `users/me` too.
    User {
        /// Who.
        user: String,
        /// Which topic.
        topic: UserTopic,
    },
}

/// Topics about a user that can be recovered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UserTopic {
    /// `presence`
    Presence,
    /// `routingStatus`
    RoutingStatus,
    /// `station`
    Station,
    /// `conversationsummary`
    ConversationSummary,
    /// `outofoffice`
    OutOfOffice,
    /// `activity`, without the queues: REST does not show in which the user is active.
    Activity,
}

const USER_TOPICS: [(&str, UserTopic); 6] = [
    ("presence", UserTopic::Presence),
    ("routingStatus", UserTopic::RoutingStatus),
    ("station", UserTopic::Station),
    ("conversationsummary", UserTopic::ConversationSummary),
    ("outofoffice", UserTopic::OutOfOffice),
    ("activity", UserTopic::Activity),
];

/// What of REST a body is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// A conversation in its generic form: `GET /conversations/{id}`, or an entry of `GET /conversations`.
    Conversation,
    /// A conversation in the flat form of this kind: `GET /conversations/calls/{id}`, or an entry of the list.
    MediaConversation(MediaKind),
    /// The user with expansions.
    User,
}

/// The single topics that a combined one (`v2.users.{id}?presence&routingStatus`) stands for; any other is itself.
pub fn single_topics(topic: &str) -> Vec<Topic> {
    match topic.split_once('?') {
        Some((base, names)) => {
            names.split('&').filter(|name| !name.is_empty()).map(|name| Topic::new(format!("{base}.{name}"))).collect()
        }
        None => vec![Topic::new(topic)],
    }
}

/// Where to look for what this single topic would have said; `None` where REST has nothing of the kind, so that the gap
/// must say so.
pub fn recoverable(topic: &str) -> Option<Recovery> {
    if let Some(rest) = topic.strip_prefix("v2.users.") {
        let (user, name) = identified(rest)?;
        if let Some(kind) = conversations(name) {
            return Some(Recovery::Conversations { user, kind });
        }
        let (_, topic) = USER_TOPICS.into_iter().find(|(known, _)| name.eq_ignore_ascii_case(known))?;
        return Some(Recovery::User { user, topic });
    }
    let (queue, name) = identified(topic.strip_prefix("v2.routing.queues.")?)?;
    Some(Recovery::QueueConversations { queue, kind: conversations(name)? })
}

fn identified(rest: &str) -> Option<(String, &str)> {
    let (id, name) = rest.split_once('.')?;
    (!id.is_empty()).then(|| (id.to_owned(), name))
}

/// The kind that a topic about conversations speaks of.
fn conversations(name: &str) -> Option<MediaKind> {
    match name.split_once('.') {
        None => name.eq_ignore_ascii_case("conversations").then_some(MediaKind::Generic),
        Some((first, media)) if first.eq_ignore_ascii_case("conversations") => MediaKind::from_topic_segment(media),
        Some(_) => None,
    }
}

impl Recovery {
    /// What its body is made from.
    pub fn source(&self) -> Source {
        let kind = match self {
            Self::User { .. } => return Source::User,
            Self::Conversations { kind, .. } | Self::QueueConversations { kind, .. } => *kind,
        };
        match kind.path_segment() {
            Some(_) => Source::MediaConversation(kind),
            None => Source::Conversation,
        }
    }

    /// The body that the topic would have sent of this, from what [`source`](Self::source) names. `None` where it would
    /// have said nothing (no leg of that kind), and where `rest` is not what it should be.
    pub fn body(&self, rest: &RawValue) -> Option<Box<RawValue>> {
        if overcrowded(rest.get().as_bytes()) {
            return None;
        }
        let Ok(Value::Object(rest)) = serde_json::from_str(rest.get()) else { return None };
        let body = match self {
            Self::User { topic, .. } => user::body(*topic, rest)?,
            // The topics of queues about these two are in generic form, whatever their names say.
            Self::QueueConversations { kind: MediaKind::Video, .. } => having("videos", rest)?.into(),
            Self::QueueConversations { kind: MediaKind::Social, .. } => having("socialExpressions", rest)?.into(),
            Self::Conversations { kind, .. } | Self::QueueConversations { kind, .. } => {
                conversation(*kind, rest)?.into()
            }
        };
        serde_json::value::to_raw_value(&body).ok()
    }
}

fn conversation(kind: MediaKind, rest: Map<String, Value>) -> Option<Map<String, Value>> {
    match flat::shape(kind) {
        None => with_id(&generic::CONVERSATION, rest),
        Some(shape) if kind.path_segment().is_some() => with_id(shape, rest),
        Some(shape) => with_id(shape, flatten::flatten(kind, rest)?),
    }
}

/// The generic form, if anybody in it has a leg of that kind.
fn having(legs: &str, rest: Map<String, Value>) -> Option<Map<String, Value>> {
    let has = |participant: &Value| participant[legs].as_array().is_some_and(|legs| !legs.is_empty());
    let any = rest.get("participants")?.as_array()?.iter().any(has);
    if any { with_id(&generic::CONVERSATION, rest) } else { None }
}

/// A conversation without an id is nobody's.
fn with_id(shape: &Shape, rest: Map<String, Value>) -> Option<Map<String, Value>> {
    let body = shape.of(rest);
    body.get("id").and_then(Value::as_str).is_some_and(|id| !id.is_empty()).then_some(body)
}

#[cfg(test)]
mod tests;
