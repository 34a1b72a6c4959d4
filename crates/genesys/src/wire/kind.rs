//! The kinds of conversation, and how each is spelled in paths and topics. For the API calls and the frame reader.

/// A kind of conversation (Genesys: media type).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MediaKind {
    /// Telephone call.
    Call,
    /// Callback.
    Callback,
    /// Message: web messaging, `WhatsApp`, SMS, …
    Message,
    /// E-mail.
    Email,
    /// ACD web chat; its REST paths are gone, its topic is still mapped.
    Chat,
    /// Video.
    Video,
    /// Screen share.
    Screenshare,
    /// Co-browsing session.
    Cobrowse,
    /// Social expression.
    Social,
    /// Message between colleagues.
    Internal,
    /// Whatever it is: the form and the paths that serve all kinds.
    Generic,
}

impl MediaKind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::Call,
        Self::Callback,
        Self::Message,
        Self::Email,
        Self::Chat,
        Self::Video,
        Self::Screenshare,
        Self::Cobrowse,
        Self::Social,
        Self::Internal,
        Self::Generic,
    ];

    /// The segment after `/api/v2/conversations/`, for the kinds that have a GET and a participant PATCH of their own;
    /// the others are reached by the generic paths.
    pub fn path_segment(self) -> Option<&'static str> {
        match self {
            Self::Call => Some("calls"),
            Self::Callback => Some("callbacks"),
            Self::Message => Some("messages"),
            Self::Email => Some("emails"),
            Self::Cobrowse => Some("cobrowsesessions"),
            Self::Chat | Self::Video | Self::Screenshare | Self::Social | Self::Internal | Self::Generic => None,
        }
    }

    /// What follows `v2.users.{id}.conversations.` in the name of the topic, for the kinds that have one.
    pub fn topic_segment(self) -> Option<&'static str> {
        match self {
            Self::Call => Some("calls"),
            Self::Callback => Some("callbacks"),
            Self::Message => Some("messages"),
            Self::Email => Some("emails"),
            Self::Chat => Some("chats"),
            Self::Video => Some("videos"),
            Self::Screenshare => Some("screenshares"),
            Self::Cobrowse => Some("cobrowseSessions"),
            Self::Social => Some("socialexpressions"),
            Self::Internal | Self::Generic => None,
        }
    }

    /// The kind that analytics call by this word; `None` for those that no agent is offered.
    pub fn from_analytics(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "voice" => Self::Call,
            "callback" => Self::Callback,
            "message" => Self::Message,
            "email" => Self::Email,
            "chat" => Self::Chat,
            "video" => Self::Video,
            "screenshare" => Self::Screenshare,
            "cobrowse" => Self::Cobrowse,
            "internalmessage" => Self::Internal,
            _ => return None,
        })
    }

    /// The kind whose topic has this segment, in any case of letters.
    pub fn from_topic_segment(segment: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.topic_segment().is_some_and(|own| own.eq_ignore_ascii_case(segment)))
    }
}
