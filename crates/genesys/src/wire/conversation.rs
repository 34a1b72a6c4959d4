//! The generic form of a conversation, shared by REST and the topic `v2.users.{id}.conversations`. For the feed.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use super::MediaKind;
use super::lenient::{dictionary, flag, id, list, object, text, texts, time, whole};

/// A conversation in its generic form: `GET /conversations`, and the topic `v2.users.{id}.conversations`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Conversation {
    /// Conversation id; empty where the server left it out.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// Everybody in it, ever, oldest first.
    #[serde(deserialize_with = "list")]
    pub participants: Vec<Participant>,
    /// Begin; REST only.
    #[serde(deserialize_with = "time")]
    pub start_time: Option<Timestamp>,
    /// End; REST only, absent while it goes on.
    #[serde(deserialize_with = "time")]
    pub end_time: Option<Timestamp>,
    /// Address of the conversation as a whole.
    #[serde(deserialize_with = "text")]
    pub address: Option<String>,
    /// State of the conversation as a whole; REST only.
    #[serde(deserialize_with = "text")]
    pub state: Option<String>,
    /// `none`, `active`, `paused`; upper case in REST.
    #[serde(deserialize_with = "text")]
    pub recording_state: Option<String>,
    /// The organisation's own tag.
    #[serde(deserialize_with = "text")]
    pub external_tag: Option<String>,
    /// How many may take part.
    #[serde(deserialize_with = "whole")]
    pub max_participants: Option<i64>,
}

/// One participant of a conversation in its generic form. States are in the legs.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Participant {
    /// Participant id; empty where the server left it out.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// The Genesys user, for agents and colleagues.
    #[serde(deserialize_with = "text")]
    pub user_id: Option<String>,
    /// `customer`, `agent`, `user`, `acd`, `ivr`, `voicemail`, …; free text at Genesys.
    #[serde(deserialize_with = "text")]
    pub purpose: Option<String>,
    /// Name.
    #[serde(deserialize_with = "text")]
    pub name: Option<String>,
    /// Queue it came through.
    #[serde(deserialize_with = "text")]
    pub queue_id: Option<String>,
    /// Name of that queue; REST only.
    #[serde(deserialize_with = "text")]
    pub queue_name: Option<String>,
    /// Telephone number, e-mail address, …
    #[serde(deserialize_with = "text")]
    pub address: Option<String>,
    /// Caller's number; REST only.
    #[serde(deserialize_with = "text")]
    pub ani: Option<String>,
    /// Caller's name by the number; REST only.
    #[serde(deserialize_with = "text")]
    pub ani_name: Option<String>,
    /// Number that was dialled; REST only.
    #[serde(deserialize_with = "text")]
    pub dnis: Option<String>,
    /// External contact.
    #[serde(deserialize_with = "text")]
    pub external_contact_id: Option<String>,
    /// Begin; REST only.
    #[serde(deserialize_with = "time")]
    pub start_time: Option<Timestamp>,
    /// When it was connected.
    #[serde(deserialize_with = "time")]
    pub connected_time: Option<Timestamp>,
    /// End.
    #[serde(deserialize_with = "time")]
    pub end_time: Option<Timestamp>,
    /// How long Genesys lets it alert, in milliseconds.
    #[serde(deserialize_with = "whole")]
    pub alerting_timeout_ms: Option<i64>,
    /// Wrap-up is asked for.
    #[serde(deserialize_with = "flag")]
    pub wrapup_required: Option<bool>,
    /// Wrap-up is expected; topic only.
    #[serde(deserialize_with = "flag")]
    pub wrapup_expected: Option<bool>,
    /// `mandatory`, `optional`, `agentRequested`, `timeout`, `forcedTimeout`.
    #[serde(deserialize_with = "text")]
    pub wrapup_prompt: Option<String>,
    /// Time for the wrap-up, in milliseconds.
    #[serde(deserialize_with = "whole")]
    pub wrapup_timeout_ms: Option<i64>,
    /// Wrap-up was skipped; REST only.
    #[serde(deserialize_with = "flag")]
    pub wrapup_skipped: Option<bool>,
    /// The wrap-up given.
    #[serde(deserialize_with = "object")]
    pub wrapup: Option<WrapUp>,
    /// Begin of after-call work.
    #[serde(deserialize_with = "time")]
    pub start_acw_time: Option<Timestamp>,
    /// End of after-call work.
    #[serde(deserialize_with = "time")]
    pub end_acw_time: Option<Timestamp>,
    /// Participant data, as flows and scripts set them.
    #[serde(deserialize_with = "dictionary")]
    pub attributes: BTreeMap<String, String>,
    /// Legs of this kind.
    #[serde(deserialize_with = "list")]
    pub calls: Vec<Communication>,
    /// Legs of this kind.
    #[serde(deserialize_with = "list")]
    pub callbacks: Vec<Communication>,
    /// Legs of this kind.
    #[serde(deserialize_with = "list")]
    pub chats: Vec<Communication>,
    /// Legs of this kind.
    #[serde(deserialize_with = "list")]
    pub cobrowsesessions: Vec<Communication>,
    /// Legs of this kind.
    #[serde(deserialize_with = "list")]
    pub emails: Vec<Communication>,
    /// Legs of this kind.
    #[serde(deserialize_with = "list")]
    pub messages: Vec<Communication>,
    /// Legs of this kind.
    #[serde(deserialize_with = "list")]
    pub internal_messages: Vec<Communication>,
    /// Legs of this kind.
    #[serde(deserialize_with = "list")]
    pub screenshares: Vec<Communication>,
    /// Legs of this kind.
    #[serde(deserialize_with = "list")]
    pub social_expressions: Vec<Communication>,
    /// Legs of this kind.
    #[serde(deserialize_with = "list")]
    pub videos: Vec<Communication>,
}

impl Participant {
    /// All its legs with their kinds, kind by kind, in the order in which Genesys lists them.
    pub fn communications(&self) -> impl Iterator<Item = (MediaKind, &Communication)> {
        [
            (MediaKind::Call, &self.calls),
            (MediaKind::Callback, &self.callbacks),
            (MediaKind::Message, &self.messages),
            (MediaKind::Email, &self.emails),
            (MediaKind::Chat, &self.chats),
            (MediaKind::Video, &self.videos),
            (MediaKind::Screenshare, &self.screenshares),
            (MediaKind::Cobrowse, &self.cobrowsesessions),
            (MediaKind::Social, &self.social_expressions),
            (MediaKind::Internal, &self.internal_messages),
        ]
        .into_iter()
        .flat_map(|(kind, legs)| legs.iter().map(move |leg| (kind, leg)))
    }
}

/// One leg of a participant, of any kind; a kind has only some of these fields.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Communication {
    /// Communication id; empty where the server left it out.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// `alerting`, `connected`, `parked`, `disconnected`, …
    #[serde(deserialize_with = "text")]
    pub state: Option<String>,
    /// State in which it began.
    #[serde(deserialize_with = "text")]
    pub initial_state: Option<String>,
    /// `inbound`, `outbound`: of the leg, not of the conversation.
    #[serde(deserialize_with = "text")]
    pub direction: Option<String>,
    /// On hold.
    #[serde(deserialize_with = "flag")]
    pub held: Option<bool>,
    /// Muted; calls only.
    #[serde(deserialize_with = "flag")]
    pub muted: Option<bool>,
    /// Being recorded; calls only.
    #[serde(deserialize_with = "flag")]
    pub recording: Option<bool>,
    /// Why it ended: `client`, `timeout`, `peer`, `transfer`, …
    #[serde(deserialize_with = "text")]
    pub disconnect_type: Option<String>,
    /// When it began to alert; REST only.
    #[serde(deserialize_with = "time")]
    pub start_alerting_time: Option<Timestamp>,
    /// When it was connected.
    #[serde(deserialize_with = "time")]
    pub connected_time: Option<Timestamp>,
    /// When it ended.
    #[serde(deserialize_with = "time")]
    pub disconnected_time: Option<Timestamp>,
    /// When it was put on hold.
    #[serde(deserialize_with = "time")]
    pub start_hold_time: Option<Timestamp>,
    /// When it was parked; messages and e-mails.
    #[serde(deserialize_with = "time")]
    pub park_time: Option<Timestamp>,
    /// When it is to be resumed; messages and e-mails.
    #[serde(deserialize_with = "time")]
    pub resume_time: Option<Timestamp>,
    /// `sms`, `whatsapp`, `webmessaging`, …; messages only.
    #[serde(rename = "type", deserialize_with = "text")]
    pub message_type: Option<String>,
    /// Subject; e-mails only.
    #[serde(deserialize_with = "text")]
    pub subject: Option<String>,
    /// Why it failed.
    #[serde(deserialize_with = "object")]
    pub error_info: Option<ErrorInfo>,
    /// Alerting as the queue has it.
    #[serde(deserialize_with = "object")]
    pub queue_media_settings: Option<QueueMediaSettings>,
    /// Where after-call work stands.
    #[serde(deserialize_with = "object")]
    pub after_call_work: Option<AfterCallWork>,
    /// After-call work is asked for.
    #[serde(deserialize_with = "flag")]
    pub after_call_work_required: Option<bool>,
    /// The wrap-up given.
    #[serde(deserialize_with = "object")]
    pub wrapup: Option<WrapUp>,
    /// This side; calls, videos, …
    #[serde(rename = "self", deserialize_with = "object")]
    pub self_address: Option<Address>,
    /// The other side; calls only.
    #[serde(rename = "other", deserialize_with = "object")]
    pub other_address: Option<Address>,
    /// Sender; messages only.
    #[serde(deserialize_with = "object")]
    pub from_address: Option<Address>,
    /// Receiver; messages only.
    #[serde(deserialize_with = "object")]
    pub to_address: Option<Address>,
    /// Who asked to be called; callbacks only.
    #[serde(deserialize_with = "text")]
    pub callback_user_name: Option<String>,
    /// Numbers to call; callbacks only.
    #[serde(deserialize_with = "texts")]
    pub callback_numbers: Vec<String>,
    /// When to call; callbacks only.
    #[serde(deserialize_with = "time")]
    pub callback_scheduled_time: Option<Timestamp>,
    /// Time to dial, in seconds; callbacks only.
    #[serde(deserialize_with = "whole")]
    pub timeout_seconds: Option<i64>,
    /// Author; social expressions only.
    #[serde(deserialize_with = "text")]
    pub social_user_name: Option<String>,
    /// Script to show.
    #[serde(deserialize_with = "text")]
    pub script_id: Option<String>,
    /// Leg on the other side.
    #[serde(deserialize_with = "text")]
    pub peer_id: Option<String>,
    /// Which part of Genesys carries it.
    #[serde(deserialize_with = "text")]
    pub provider: Option<String>,
    /// User-to-user information; calls only.
    #[serde(deserialize_with = "text")]
    pub uui_data: Option<String>,
    /// Receiver; internal messages only.
    #[serde(deserialize_with = "text")]
    pub target_user_id: Option<String>,
    /// Sender; internal messages only.
    #[serde(deserialize_with = "text")]
    pub source_user_id: Option<String>,
}

/// One end of a leg.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Address {
    /// Name.
    #[serde(deserialize_with = "text")]
    pub name: Option<String>,
    /// Name as it came.
    #[serde(deserialize_with = "text")]
    pub name_raw: Option<String>,
    /// Address in its normal form.
    #[serde(deserialize_with = "text")]
    pub address_normalized: Option<String>,
    /// Address as it came.
    #[serde(deserialize_with = "text")]
    pub address_raw: Option<String>,
    /// Address for people.
    #[serde(deserialize_with = "text")]
    pub address_displayable: Option<String>,
}

impl Address {
    /// The address as a person should see it.
    pub fn shown(&self) -> Option<&str> {
        [&self.address_displayable, &self.address_normalized, &self.address_raw]
            .into_iter()
            .find_map(|address| address.as_deref().filter(|text| !text.is_empty()))
    }
}

/// Why something failed, as Genesys says it.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ErrorInfo {
    /// HTTP-like status.
    #[serde(deserialize_with = "whole")]
    pub status: Option<i64>,
    /// Code.
    #[serde(deserialize_with = "text")]
    pub code: Option<String>,
    /// Sentence.
    #[serde(deserialize_with = "text")]
    pub message: Option<String>,
    /// Correlation id for Genesys' support.
    #[serde(deserialize_with = "text")]
    pub context_id: Option<String>,
}

/// Alerting as the queue has it.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct QueueMediaSettings {
    /// How long Genesys lets it alert, in seconds.
    #[serde(deserialize_with = "whole")]
    pub alerting_timeout_seconds: Option<i64>,
    /// Genesys answers it by itself.
    #[serde(deserialize_with = "flag")]
    pub enable_auto_answer: Option<bool>,
}

/// Where after-call work stands.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AfterCallWork {
    /// `unknown`, `skipped`, `pending`, `complete`, `notApplicable`.
    #[serde(deserialize_with = "text")]
    pub state: Option<String>,
    /// Begin.
    #[serde(deserialize_with = "time")]
    pub start_time: Option<Timestamp>,
    /// End.
    #[serde(deserialize_with = "time")]
    pub end_time: Option<Timestamp>,
}

/// A wrap-up given.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WrapUp {
    /// Wrap-up code id.
    #[serde(deserialize_with = "text")]
    pub code: Option<String>,
    /// Name of the code; REST only.
    #[serde(deserialize_with = "text")]
    pub name: Option<String>,
    /// Notes.
    #[serde(deserialize_with = "text")]
    pub notes: Option<String>,
    /// Duration.
    #[serde(deserialize_with = "whole")]
    pub duration_seconds: Option<i64>,
    /// End.
    #[serde(deserialize_with = "time")]
    pub end_time: Option<Timestamp>,
    /// Not final; REST only.
    #[serde(deserialize_with = "flag")]
    pub provisional: Option<bool>,
}
