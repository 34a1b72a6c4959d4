//! The flat form of a conversation: one kind, one participant for each communication. For the feed, which reads a single
//! conversation in this form because it needs no permission.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use super::conversation::{Address, ErrorInfo, QueueMediaSettings, WrapUp};
use super::lenient::{dictionary, flag, id, list, object, text, texts, time, whole};

/// A conversation in the flat form of one kind: `GET /conversations/calls/{id}` and the topics of single kinds.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MediaConversation {
    /// Conversation id; empty where the server left it out.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// Name.
    #[serde(deserialize_with = "text")]
    pub name: Option<String>,
    /// One for each communication.
    #[serde(deserialize_with = "list")]
    pub participants: Vec<MediaParticipant>,
    /// Address of the conversation as a whole; topic only.
    #[serde(deserialize_with = "text")]
    pub address: Option<String>,
    /// `none`, `active`, `paused`; calls only.
    #[serde(deserialize_with = "text")]
    pub recording_state: Option<String>,
}

/// A participant in flat form: one communication, its state beside its names.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MediaParticipant {
    /// Participant id; empty where the server left it out.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// Name.
    #[serde(deserialize_with = "text")]
    pub name: Option<String>,
    /// Telephone number, e-mail address, …
    #[serde(deserialize_with = "text")]
    pub address: Option<String>,
    /// `customer`, `agent`, `user`, …; free text at Genesys.
    #[serde(deserialize_with = "text")]
    pub purpose: Option<String>,
    /// The Genesys user.
    #[serde(deserialize_with = "object")]
    pub user: Option<Reference>,
    /// Queue it came through.
    #[serde(deserialize_with = "object")]
    pub queue: Option<Reference>,
    /// External contact.
    #[serde(deserialize_with = "object")]
    pub external_contact: Option<Reference>,
    /// Script to show.
    #[serde(deserialize_with = "object")]
    pub script: Option<Reference>,
    /// `alerting`, `connected`, `disconnected`, …
    #[serde(deserialize_with = "text")]
    pub state: Option<String>,
    /// State in which it began; topic only.
    #[serde(deserialize_with = "text")]
    pub initial_state: Option<String>,
    /// `inbound`, `outbound`.
    #[serde(deserialize_with = "text")]
    pub direction: Option<String>,
    /// Why it ended.
    #[serde(deserialize_with = "text")]
    pub disconnect_type: Option<String>,
    /// On hold.
    #[serde(deserialize_with = "flag")]
    pub held: Option<bool>,
    /// Muted; calls only.
    #[serde(deserialize_with = "flag")]
    pub muted: Option<bool>,
    /// Being recorded; calls only.
    #[serde(deserialize_with = "flag")]
    pub recording: Option<bool>,
    /// Begin.
    #[serde(deserialize_with = "time")]
    pub start_time: Option<Timestamp>,
    /// When it began to alert; REST only.
    #[serde(deserialize_with = "time")]
    pub start_alerting_time: Option<Timestamp>,
    /// When it was connected.
    #[serde(deserialize_with = "time")]
    pub connected_time: Option<Timestamp>,
    /// End.
    #[serde(deserialize_with = "time")]
    pub end_time: Option<Timestamp>,
    /// When it was put on hold.
    #[serde(deserialize_with = "time")]
    pub start_hold_time: Option<Timestamp>,
    /// When it was parked.
    #[serde(deserialize_with = "time")]
    pub park_time: Option<Timestamp>,
    /// When it is to be resumed.
    #[serde(deserialize_with = "time")]
    pub resume_time: Option<Timestamp>,
    /// How long Genesys lets it alert, in milliseconds.
    #[serde(deserialize_with = "whole")]
    pub alerting_timeout_ms: Option<i64>,
    /// Alerting as the queue has it; topic only.
    #[serde(deserialize_with = "object")]
    pub queue_media_settings: Option<QueueMediaSettings>,
    /// Wrap-up is asked for.
    #[serde(deserialize_with = "flag")]
    pub wrapup_required: Option<bool>,
    /// `mandatory`, `optional`, …
    #[serde(deserialize_with = "text")]
    pub wrapup_prompt: Option<String>,
    /// Time for the wrap-up, in milliseconds.
    #[serde(deserialize_with = "whole")]
    pub wrapup_timeout_ms: Option<i64>,
    /// Wrap-up was skipped.
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
    /// Participant data.
    #[serde(deserialize_with = "dictionary")]
    pub attributes: BTreeMap<String, String>,
    /// Why it failed.
    #[serde(deserialize_with = "object")]
    pub error_info: Option<ErrorInfo>,
    /// Caller's number; calls only.
    #[serde(deserialize_with = "text")]
    pub ani: Option<String>,
    /// Number that was dialled; calls only.
    #[serde(deserialize_with = "text")]
    pub dnis: Option<String>,
    /// `sms`, `whatsapp`, …; messages only.
    #[serde(rename = "type", deserialize_with = "text")]
    pub message_type: Option<String>,
    /// Sender; messages in REST only.
    #[serde(deserialize_with = "object")]
    pub from_address: Option<Address>,
    /// Receiver; messages in REST only.
    #[serde(deserialize_with = "object")]
    pub to_address: Option<Address>,
    /// Subject; e-mails only.
    #[serde(deserialize_with = "text")]
    pub subject: Option<String>,
    /// Who asked to be called; callbacks only.
    #[serde(deserialize_with = "text")]
    pub callback_user_name: Option<String>,
    /// Numbers to call; callbacks only.
    #[serde(deserialize_with = "texts")]
    pub callback_numbers: Vec<String>,
    /// When to call; callbacks only.
    #[serde(deserialize_with = "time")]
    pub callback_scheduled_time: Option<Timestamp>,
    /// Author; social expressions only.
    #[serde(deserialize_with = "text")]
    pub social_user_name: Option<String>,
    /// Communication on the other side.
    #[serde(deserialize_with = "text")]
    pub peer: Option<String>,
    /// Which part of Genesys carries it.
    #[serde(deserialize_with = "text")]
    pub provider: Option<String>,
}

/// A thing by its id, with its name where the server gives it.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Reference {
    /// Id; empty where the server left it out.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// Name.
    #[serde(deserialize_with = "text")]
    pub name: Option<String>,
}
