//! What travels: serde types for REST answers and notification bodies, for whoever reads them.
//!
//! Reading is forgiving, because a field this crate misjudges must never cost an agent a call: unknown fields are
//! ignored, absent and `null` fields are `None` (lists: empty), enumerations are kept as Genesys' own words, and a field
//! of a type other than expected counts as absent instead of failing the whole body. `Debug` of these types prints
//! customer data; never log them.

mod analytics;
mod bounds;
mod conversation;
mod kind;
mod lenient;
mod media;
mod user;

pub use analytics::{
    Alert, AlertEnd, ConversationDetail, ConversationDetails, ParticipantDetail, SegmentDetail, SessionDetail,
    rest_disconnect_type,
};
pub use conversation::{
    Address, AfterCallWork, Communication, Conversation, ErrorInfo, Participant, QueueMediaSettings, WrapUp,
};
pub use kind::MediaKind;
pub use media::{MediaConversation, MediaParticipant, Reference};
pub use user::{
    Authorization, AutoAnswer, AutoAnswerSettings, ConversationSummary, IdleTimeout, Me, MediaCount, MediaSummary,
    Organization, PresenceDefinition, PresenceReference, Queue, RoutingStatus, RoutingStatusEvent, ServerDate, Station,
    Stations, TokenInfo, UserPresence, rest_system_presence,
};

#[cfg(test)]
pub(crate) use bounds::MOST_OBJECTS;
pub(crate) use bounds::overcrowded;
pub(crate) use lenient::Listing;

#[cfg(test)]
mod tests;
