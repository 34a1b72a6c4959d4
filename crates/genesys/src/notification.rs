//! Reads what comes over the notification socket: first the envelope, then, for a topic, its body. For the link and the
//! feed. No input makes this panic; what cannot be read becomes a [`FrameError`] that describes the frame without
//! repeating any of it.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::error::Category;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::wire::{
    Conversation, ConversationSummary, MediaConversation, MediaKind, RoutingStatusEvent, UserPresence, overcrowded,
};

/// The text that asks for a pong, for servers that hide RFC 6455 pongs behind a proxy.
pub const PING: &str = r#"{"message":"ping"}"#;

/// Topic of heartbeats and pongs.
const METADATA: &str = "channel.metadata";

/// Prefix of the topics that are delivered unasked.
const SYSTEM: &str = "v2.system.";

/// One text frame, understood as far as its envelope.
#[derive(Debug, Clone)]
pub enum Notification {
    /// The server's sign of life, every 30 s.
    Heartbeat,
    /// Answer to [`PING`].
    Pong,
    /// The server speaks about the channel itself.
    System(SystemMessage),
    /// Answer to a subscription sent over the socket, or word that the channel is gone (404).
    InBand {
        /// HTTP-like status.
        result: u16,
        /// Words beside it.
        message: Option<String>,
    },
    /// An event.
    Topic {
        /// Name of the topic.
        topic: String,
        /// `eventBody`, unread; read it with [`TopicEvent::read`].
        body: Box<RawValue>,
        /// Names the cause, not the event: several events can share it.
        correlation_id: Option<String>,
    },
}

/// What the server says about the channel. The channel id in it is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemMessage {
    /// What.
    pub kind: SystemKind,
    /// Why: `another_channel_subscribed`, `user_tokens_revoked`, …
    pub reason: Option<String>,
}

/// What the server says about the channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SystemKind {
    /// The server is about to close the socket.
    SocketClosing,
    /// The channel is subscribed to nothing any more.
    NoLongerSubscribed,
    /// The subscriptions have changed.
    SubscriptionChanged,
    /// The token has been revoked.
    TokenRevoked,
    /// Something newer than this crate.
    Unknown(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    #[serde(borrow, default)]
    topic_name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    event_body: Option<&'a RawValue>,
    #[serde(borrow, default)]
    metadata: Option<&'a RawValue>,
    #[serde(borrow, default)]
    result: Option<&'a RawValue>,
    #[serde(borrow, default)]
    message: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(rename = "CorrelationId", alias = "correlationId")]
    correlation_id: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct SystemBody {
    system_topic_type: Option<String>,
    reason: Option<String>,
}

impl Notification {
    /// Reads one text frame.
    pub fn parse(text: &str) -> Result<Self, FrameError> {
        if !text.trim_start().starts_with('{') {
            // serde would accept a list in the place of an object.
            return Err(FrameError::new(FrameProblem::NotAnObject, text, 0));
        }
        // The envelope is of one size whatever is in it; the body of an event is not.
        let envelope: Envelope<'_> = serde_json::from_str(text).map_err(|error| FrameError::json(&error, text))?;
        let Some(topic) = envelope.topic_name else { return Self::without_topic(&envelope, text) };
        if topic.eq_ignore_ascii_case(METADATA) {
            return Ok(if says_pong(envelope.event_body) { Self::Pong } else { Self::Heartbeat });
        }
        if let Some(rest) = topic.strip_prefix(SYSTEM) {
            return Ok(Self::System(system_message(rest, envelope.event_body)));
        }
        let Some(body) = envelope.event_body else {
            return Err(FrameError::new(FrameProblem::NoBody, text, 0));
        };
        let correlation_id = envelope
            .metadata
            .and_then(|metadata| serde_json::from_str::<Metadata>(metadata.get()).ok())
            .and_then(|metadata| metadata.correlation_id);
        Ok(Self::Topic { topic: topic.into_owned(), body: body.to_owned(), correlation_id })
    }

    fn without_topic(envelope: &Envelope<'_>, text: &str) -> Result<Self, FrameError> {
        if let Some(result) = envelope.result.and_then(status) {
            let message = envelope.message.and_then(|message| serde_json::from_str(message.get()).ok());
            return Ok(Self::InBand { result, message });
        }
        let pong = envelope.message.and_then(|message| serde_json::from_str::<Cow<'_, str>>(message.get()).ok());
        if pong.is_some_and(|message| message.eq_ignore_ascii_case("pong")) {
            return Ok(Self::Pong);
        }
        Err(FrameError::new(FrameProblem::NoTopic, text, 0))
    }
}

fn status(result: &RawValue) -> Option<u16> {
    result.get().trim().trim_matches('"').parse().ok()
}

fn says_pong(body: Option<&RawValue>) -> bool {
    #[derive(Deserialize)]
    struct Body<'a> {
        #[serde(borrow)]
        message: Cow<'a, str>,
    }
    body.and_then(|body| serde_json::from_str::<Body<'_>>(body.get()).ok())
        .is_some_and(|body| body.message.eq_ignore_ascii_case("pong"))
}

fn system_message(rest: &str, body: Option<&RawValue>) -> SystemMessage {
    let body: SystemBody = body.and_then(|body| serde_json::from_str(body.get()).ok()).unwrap_or_default();
    let kind_of = |word: &str| match word {
        "socket_closing" => Some(SystemKind::SocketClosing),
        "no_longer_subscribed" => Some(SystemKind::NoLongerSubscribed),
        "subscription_changed" => Some(SystemKind::SubscriptionChanged),
        "token_revoked" => Some(SystemKind::TokenRevoked),
        _ => None,
    };
    // The name says it; a name that consists of ids only leaves it to the body.
    let name = rest.split('.').next().unwrap_or_default();
    let said = body.system_topic_type.as_deref();
    let kind = kind_of(name).or_else(|| said.and_then(kind_of)).unwrap_or_else(|| {
        // The name may be a channel id, which is secret: only what looks like a word is kept.
        let is_word = |word: &&str| {
            !word.is_empty() && word.len() <= 40 && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        };
        let word = said.filter(is_word).or(Some(name).filter(is_word)).unwrap_or("unnamed");
        SystemKind::Unknown(word.to_owned())
    });
    SystemMessage { kind, reason: body.reason }
}

/// The body of an event, understood.
#[derive(Debug, Clone, PartialEq)]
pub enum TopicEvent {
    /// `v2.users.{id}.conversations`.
    Conversation(Box<Conversation>),
    /// `v2.users.{id}.conversations.{kind}`.
    MediaConversation(MediaKind, Box<MediaConversation>),
    /// `v2.users.{id}.presence`.
    Presence(UserPresence),
    /// `v2.users.{id}.routingStatus`.
    Routing(RoutingStatusEvent),
    /// `v2.users.{id}.conversationsummary`.
    ConversationSummary(Box<ConversationSummary>),
    /// A topic this crate has no type for.
    Other,
}

impl TopicEvent {
    /// Reads the body of an event by the name of its topic. The error speaks of the body alone, not of the whole frame.
    pub fn read(topic: &str, body: &RawValue) -> Result<Self, FrameError> {
        let Some(name) = topic.strip_prefix("v2.users.").and_then(|rest| rest.split_once('.')).map(|(_, name)| name)
        else {
            return Ok(Self::Other);
        };
        if let Some(media) = name.strip_prefix("conversations.") {
            let Some(kind) = MediaKind::from_topic_segment(media) else { return Ok(Self::Other) };
            let conversation: Box<MediaConversation> = object(body)?;
            named(&conversation.id, body)?;
            return Ok(Self::MediaConversation(kind, conversation));
        }
        if name == "conversations" {
            let conversation: Box<Conversation> = object(body)?;
            named(&conversation.id, body)?;
            Ok(Self::Conversation(conversation))
        } else if name.eq_ignore_ascii_case("presence") {
            object(body).map(Self::Presence)
        } else if name.eq_ignore_ascii_case("routingStatus") {
            object(body).map(Self::Routing)
        } else if name.eq_ignore_ascii_case("conversationsummary") {
            object(body).map(Self::ConversationSummary)
        } else {
            Ok(Self::Other)
        }
    }
}

fn object<'a, T: Deserialize<'a>>(body: &'a RawValue) -> Result<T, FrameError> {
    let text = body.get();
    if !text.starts_with('{') {
        return Err(FrameError::new(FrameProblem::NotAnObject, text, 0));
    }
    if overcrowded(text.as_bytes()) {
        return Err(FrameError::new(FrameProblem::Overcrowded, text, 0));
    }
    serde_json::from_str(text).map_err(|error| FrameError::json(&error, text))
}

fn named(id: &str, body: &RawValue) -> Result<(), FrameError> {
    if id.is_empty() { Err(FrameError::new(FrameProblem::NoId, body.get(), 0)) } else { Ok(()) }
}

/// A frame, or the body of an event, that cannot be read: described, never repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem} at byte {offset} of {length} (SHA-256 {hash}…)")]
pub struct FrameError {
    /// What is wrong.
    pub problem: FrameProblem,
    /// Length in bytes.
    pub length: usize,
    /// Where it is wrong.
    pub offset: usize,
    /// First 16 hexadecimal digits of its SHA-256: enough to see whether two are the same.
    pub hash: String,
}

/// What is wrong with a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum FrameProblem {
    /// Not JSON.
    #[error("not JSON")]
    NotJson,
    /// JSON that ends in the middle.
    #[error("cut short")]
    CutShort,
    /// JSON of another shape than expected.
    #[error("unexpected shape")]
    WrongShape,
    /// Not a JSON object.
    #[error("not an object")]
    NotAnObject,
    /// Neither event nor answer.
    #[error("no topic")]
    NoTopic,
    /// An event without a body.
    #[error("no event body")]
    NoBody,
    /// A conversation without an id.
    #[error("no conversation id")]
    NoId,
    /// More objects in it than anybody honest sends: they would take a thousand times its size in memory.
    #[error("too many objects")]
    Overcrowded,
    /// A binary frame; Genesys sends none.
    #[error("binary")]
    Binary,
}

impl FrameError {
    /// Describes a binary frame.
    pub fn binary(bytes: &[u8]) -> Self {
        Self { problem: FrameProblem::Binary, length: bytes.len(), offset: 0, hash: hash(bytes) }
    }

    fn new(problem: FrameProblem, text: &str, offset: usize) -> Self {
        Self { problem, length: text.len(), offset, hash: hash(text.as_bytes()) }
    }

    fn json(error: &serde_json::Error, text: &str) -> Self {
        // The words of serde_json can quote the input; its category cannot.
        let problem = match error.classify() {
            Category::Eof => FrameProblem::CutShort,
            Category::Data => FrameProblem::WrongShape,
            Category::Syntax | Category::Io => FrameProblem::NotJson,
        };
        let lines_before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
        Self::new(problem, text, (lines_before + error.column()).min(text.len()))
    }
}

fn hash(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().take(8).fold(String::with_capacity(16), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests;
