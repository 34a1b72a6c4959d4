//! Analytics: conversations as they are looked back upon, with everything that took place in them. For the feed, which
//! learns here what came and went while it could not hear.

use jiff::Timestamp;
use serde::Deserialize;

use super::MediaKind;
use super::lenient::{id, list, text, time, whole};

/// One page of `POST /analytics/conversations/details/query`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ConversationDetails {
    /// The conversations of this page.
    #[serde(deserialize_with = "list")]
    pub conversations: Vec<ConversationDetail>,
    /// How many there are on all pages.
    #[serde(deserialize_with = "whole")]
    pub total_hits: Option<i64>,
}

/// A conversation looked back upon. Analytics lag by minutes: what is not there may yet come.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ConversationDetail {
    /// Conversation id; empty where the server left it out.
    #[serde(deserialize_with = "id")]
    pub conversation_id: String,
    /// Begin.
    #[serde(deserialize_with = "time")]
    pub conversation_start: Option<Timestamp>,
    /// End; absent while it goes on.
    #[serde(deserialize_with = "time")]
    pub conversation_end: Option<Timestamp>,
    /// `inbound`, `outbound`.
    #[serde(deserialize_with = "text")]
    pub originating_direction: Option<String>,
    /// The organisation's own tag.
    #[serde(deserialize_with = "text")]
    pub external_tag: Option<String>,
    /// Everybody in it, ever.
    #[serde(deserialize_with = "list")]
    pub participants: Vec<ParticipantDetail>,
}

/// A participant looked back upon.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ParticipantDetail {
    /// Participant id.
    #[serde(deserialize_with = "id")]
    pub participant_id: String,
    /// Name.
    #[serde(deserialize_with = "text")]
    pub participant_name: Option<String>,
    /// `customer`, `agent`, `user`, `acd`, …
    #[serde(deserialize_with = "text")]
    pub purpose: Option<String>,
    /// The Genesys user, for agents and colleagues.
    #[serde(deserialize_with = "text")]
    pub user_id: Option<String>,
    /// External contact.
    #[serde(deserialize_with = "text")]
    pub external_contact_id: Option<String>,
    /// Its legs.
    #[serde(deserialize_with = "list")]
    pub sessions: Vec<SessionDetail>,
}

/// A leg looked back upon.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SessionDetail {
    /// Session id. It is the communication id for most kinds; do not rely on it.
    #[serde(deserialize_with = "id")]
    pub session_id: String,
    /// `voice`, `callback`, `message`, …
    #[serde(deserialize_with = "text")]
    pub media_type: Option<String>,
    /// `sms`, `whatsapp`, …; messages only.
    #[serde(deserialize_with = "text")]
    pub message_type: Option<String>,
    /// `inbound`, `outbound`: of the leg.
    #[serde(deserialize_with = "text")]
    pub direction: Option<String>,
    /// Caller's number.
    #[serde(deserialize_with = "text")]
    pub ani: Option<String>,
    /// Number that was dialled.
    #[serde(deserialize_with = "text")]
    pub dnis: Option<String>,
    /// Name of the other side.
    #[serde(deserialize_with = "text")]
    pub remote_name_displayable: Option<String>,
    /// Name or address of the other side.
    #[serde(deserialize_with = "text")]
    pub remote: Option<String>,
    /// Sender; messages and e-mails.
    #[serde(deserialize_with = "text")]
    pub address_from: Option<String>,
    /// Leg on the other side.
    #[serde(deserialize_with = "text")]
    pub peer_id: Option<String>,
    /// Which part of Genesys carried it.
    #[serde(deserialize_with = "text")]
    pub provider: Option<String>,
    /// What took place in it, one after the other.
    #[serde(deserialize_with = "list")]
    pub segments: Vec<SegmentDetail>,
}

/// A stretch of a leg.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SegmentDetail {
    /// `alert`, `interact`, `hold`, `wrapup`, `contacting`, `dialing`, …
    #[serde(deserialize_with = "text")]
    pub segment_type: Option<String>,
    /// Begin.
    #[serde(deserialize_with = "time")]
    pub segment_start: Option<Timestamp>,
    /// End; absent while it goes on.
    #[serde(deserialize_with = "time")]
    pub segment_end: Option<Timestamp>,
    /// Why it ended, in the spelling of analytics: `noAnswerTransfer`. See [`rest_disconnect_type`].
    #[serde(deserialize_with = "text")]
    pub disconnect_type: Option<String>,
    /// Queue.
    #[serde(deserialize_with = "text")]
    pub queue_id: Option<String>,
    /// Why it failed.
    #[serde(deserialize_with = "text")]
    pub error_code: Option<String>,
    /// Subject; e-mails only.
    #[serde(deserialize_with = "text")]
    pub subject: Option<String>,
    /// Wrap-up code given.
    #[serde(deserialize_with = "text")]
    pub wrap_up_code: Option<String>,
}

/// One alert of a user, looked back upon.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert<'a> {
    /// Who was alerted: the user's participant.
    pub participant: &'a ParticipantDetail,
    /// On which leg.
    pub session: &'a SessionDetail,
    /// Queue it came through; `None` for a direct one.
    pub queue_id: Option<&'a str>,
    /// Begin.
    pub start: Option<Timestamp>,
    /// How it ended.
    pub end: AlertEnd,
}

/// How an alert ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlertEnd {
    /// It had not when this was written.
    Alerting,
    /// The user took it.
    Answered {
        /// When.
        at: Option<Timestamp>,
    },
    /// The user did not.
    Unanswered {
        /// When it stopped.
        at: Option<Timestamp>,
        /// Why, in the spelling of REST and events: `transfer.noanswer`, `client`, …
        disconnect_type: Option<String>,
    },
}

impl ConversationDetail {
    /// Each alert of `user`, in the order in which they stand there.
    pub fn alerts<'a>(&'a self, user: &'a str) -> impl Iterator<Item = Alert<'a>> {
        let own = self.participants.iter().filter(move |participant| {
            // Voicemail stands under the user's id too, and rings nobody.
            let voicemail = participant.purpose.as_deref().is_some_and(|it| it.eq_ignore_ascii_case("voicemail"));
            participant.user_id.as_deref() == Some(user) && !voicemail
        });
        own.flat_map(|participant| participant.sessions.iter().flat_map(move |session| session.alerts(participant)))
    }
}

impl SessionDetail {
    /// Its kind; `None` for those that no agent is offered.
    pub fn kind(&self) -> Option<MediaKind> {
        MediaKind::from_analytics(self.media_type.as_deref()?)
    }

    fn alerts<'a>(&'a self, participant: &'a ParticipantDetail) -> impl Iterator<Item = Alert<'a>> {
        let alerts = self.segments.iter().enumerate().filter(|(_, segment)| segment.is("alert"));
        alerts.map(move |(at, segment)| {
            // What follows belongs to this alert until the next one.
            let after = self.segments[at + 1..].iter().take_while(|segment| !segment.is("alert"));
            let mut taken = after.filter(|segment| TAKEN.into_iter().any(|word| segment.is(word)));
            let end = if let Some(taken) = taken.next() {
                AlertEnd::Answered { at: taken.segment_start.or(segment.segment_end) }
            } else if segment.segment_end.is_none() && segment.disconnect_type.is_none() {
                AlertEnd::Alerting
            } else {
                let disconnect_type = segment.disconnect_type.as_deref().map(rest_disconnect_type);
                AlertEnd::Unanswered { at: segment.segment_end, disconnect_type }
            };
            Alert {
                participant,
                session: self,
                queue_id: segment.queue_id.as_deref(),
                start: segment.segment_start,
                end,
            }
        })
    }
}

/// What a leg does only once somebody has taken it.
const TAKEN: [&str; 4] = ["interact", "hold", "parked", "sharing"];

impl SegmentDetail {
    fn is(&self, word: &str) -> bool {
        self.segment_type.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(word))
    }
}

/// A reason for an end as REST and events spell it, from the spelling of analytics: `noAnswerTransfer` becomes
/// `transfer.noanswer`. A word that is spelled alike in both, or that is new, is left as it is.
pub fn rest_disconnect_type(word: &str) -> String {
    match word {
        "conferenceTransfer" => "transfer.conference",
        "consultTransfer" => "transfer.consult",
        "dndEndpoint" => "endpoint.dnd",
        "dndTransfer" => "transfer.dnd",
        "forwardTransfer" => "transfer.forward",
        "noAnswerTransfer" => "transfer.noanswer",
        "notAvailableTransfer" => "transfer.notavailable",
        "sessionExpired" => "session.expired",
        "transportFailure" => "transport.failure",
        other => other,
    }
    .to_owned()
}
