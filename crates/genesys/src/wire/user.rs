//! The user: presence, routing status, summary, organisation, token. For session and desk.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use super::MediaKind;
use super::lenient::{dictionary, flag, id, list, object, objects, text, texts, time, whole};

/// `GET /users/me` with its expansions.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Me {
    /// User id; empty where the server left it out.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// Display name.
    #[serde(deserialize_with = "text")]
    pub name: Option<String>,
    /// What the user prefers to be called.
    #[serde(deserialize_with = "text")]
    pub preferred_name: Option<String>,
    /// E-mail address.
    #[serde(deserialize_with = "text")]
    pub email: Option<String>,
    /// Login name.
    #[serde(deserialize_with = "text")]
    pub username: Option<String>,
    /// `active`, `inactive`, `deleted`.
    #[serde(deserialize_with = "text")]
    pub state: Option<String>,
    /// Current presence.
    #[serde(deserialize_with = "object")]
    pub presence: Option<UserPresence>,
    /// Current routing status.
    #[serde(deserialize_with = "object")]
    pub routing_status: Option<RoutingStatus>,
    /// How many conversations there are.
    #[serde(deserialize_with = "object")]
    pub conversation_summary: Option<ConversationSummary>,
    /// Phones.
    #[serde(deserialize_with = "object")]
    pub station: Option<Stations>,
    /// The organisation's presences; the first hundred.
    #[serde(deserialize_with = "list")]
    pub presence_definitions: Vec<PresenceDefinition>,
    /// The organisation.
    #[serde(deserialize_with = "object")]
    pub organization: Option<Organization>,
    /// About the access token of this very request.
    #[serde(deserialize_with = "object")]
    pub token: Option<TokenInfo>,
    /// What the user may do.
    #[serde(deserialize_with = "object")]
    pub authorization: Option<Authorization>,
    /// Genesys answers queue calls by itself.
    #[serde(deserialize_with = "flag")]
    pub acd_auto_answer: Option<bool>,
    /// The same by kind of conversation.
    #[serde(deserialize_with = "object")]
    pub auto_answer_settings: Option<AutoAnswerSettings>,
    /// Language.
    #[serde(deserialize_with = "text")]
    pub language_preference: Option<String>,
    /// The server's clock.
    #[serde(deserialize_with = "object")]
    pub date: Option<ServerDate>,
}

/// A presence the organisation has defined.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PresenceDefinition {
    /// Presence definition id; empty where the server left it out.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// Name.
    #[serde(deserialize_with = "text")]
    pub name: Option<String>,
    /// `Available`, `OnQueue`, …
    #[serde(deserialize_with = "text")]
    pub system_presence: Option<String>,
    /// What to show, by locale: `en_US`.
    #[serde(deserialize_with = "dictionary")]
    pub language_labels: BTreeMap<String, String>,
    /// One of the system presences themselves.
    #[serde(deserialize_with = "flag")]
    pub primary: Option<bool>,
    /// `System`, `User`; newer endpoint only.
    #[serde(rename = "type", deserialize_with = "text")]
    pub definition_type: Option<String>,
    /// No longer to be chosen.
    #[serde(deserialize_with = "flag")]
    pub deactivated: Option<bool>,
}

impl PresenceDefinition {
    /// The system presence in its REST spelling.
    pub fn system(&self) -> Option<String> {
        self.system_presence.as_deref().map(rest_system_presence)
    }
}

/// A user's presence, in REST and in the topic `v2.users.{id}.presence`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct UserPresence {
    /// Where it comes from: `PURECLOUD`.
    #[serde(deserialize_with = "text")]
    pub source: Option<String>,
    /// The source is the primary one.
    #[serde(deserialize_with = "flag")]
    pub primary: Option<bool>,
    /// Which presence.
    #[serde(deserialize_with = "object")]
    pub presence_definition: Option<PresenceReference>,
    /// The user's own words.
    #[serde(deserialize_with = "text")]
    pub message: Option<String>,
    /// Since when; the later one is the newer one.
    #[serde(deserialize_with = "time")]
    pub modified_date: Option<Timestamp>,
}

/// A presence by its definition.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PresenceReference {
    /// Presence definition id: what to match by.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// System presence: `OnQueue` in REST, `ON_QUEUE` in events.
    #[serde(deserialize_with = "text")]
    pub system_presence: Option<String>,
}

impl PresenceReference {
    /// The system presence in its REST spelling.
    pub fn system(&self) -> Option<String> {
        self.system_presence.as_deref().map(rest_system_presence)
    }
}

/// A system presence in its REST spelling, from any spelling: `ON_QUEUE` becomes `OnQueue`, `AVAILABLE` `Available`. A word
/// that is neither known nor in upper case is left as it is.
pub fn rest_system_presence(word: &str) -> String {
    const KNOWN: [&str; 10] =
        ["Available", "Away", "Busy", "Offline", "Idle", "OnQueue", "Meal", "Training", "Meeting", "Break"];
    let parts = || word.split(['_', ' ', '-']).filter(|part| !part.is_empty());
    let joined: String = parts().collect();
    if let Some(known) = KNOWN.into_iter().find(|known| known.eq_ignore_ascii_case(&joined)) {
        return known.to_owned();
    }
    if word.chars().any(char::is_lowercase) {
        return word.to_owned();
    }
    let pascal = |part: &str| {
        let mut letters = part.chars();
        letters.next().into_iter().chain(letters.flat_map(char::to_lowercase)).collect::<String>()
    };
    parts().map(pascal).collect()
}

/// A user's routing status.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RoutingStatus {
    /// The user; REST only.
    #[serde(deserialize_with = "text")]
    pub user_id: Option<String>,
    /// `OFF_QUEUE`, `IDLE`, `INTERACTING`, `NOT_RESPONDING`, `COMMUNICATING`.
    #[serde(deserialize_with = "text")]
    pub status: Option<String>,
    /// Since when; the later one is the newer one.
    #[serde(deserialize_with = "time")]
    pub start_time: Option<Timestamp>,
}

/// Body of the topic `v2.users.{id}.routingStatus`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RoutingStatusEvent {
    /// The user.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// The routing status.
    #[serde(deserialize_with = "object")]
    pub routing_status: Option<RoutingStatus>,
}

/// How many conversations a user has, in REST and in the topic `v2.users.{id}.conversationsummary`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ConversationSummary {
    /// The user.
    #[serde(deserialize_with = "text")]
    pub user_id: Option<String>,
    /// This kind.
    #[serde(deserialize_with = "object")]
    pub call: Option<MediaSummary>,
    /// This kind.
    #[serde(deserialize_with = "object")]
    pub callback: Option<MediaSummary>,
    /// This kind.
    #[serde(deserialize_with = "object")]
    pub email: Option<MediaSummary>,
    /// This kind.
    #[serde(deserialize_with = "object")]
    pub message: Option<MediaSummary>,
    /// This kind.
    #[serde(deserialize_with = "object")]
    pub chat: Option<MediaSummary>,
    /// This kind.
    #[serde(deserialize_with = "object")]
    pub social_expression: Option<MediaSummary>,
    /// This kind.
    #[serde(deserialize_with = "object")]
    pub video: Option<MediaSummary>,
}

impl ConversationSummary {
    /// Every kind that is there, with its counts.
    pub fn kinds(&self) -> impl Iterator<Item = (MediaKind, &MediaSummary)> {
        [
            (MediaKind::Call, &self.call),
            (MediaKind::Callback, &self.callback),
            (MediaKind::Email, &self.email),
            (MediaKind::Message, &self.message),
            (MediaKind::Chat, &self.chat),
            (MediaKind::Social, &self.social_expression),
            (MediaKind::Video, &self.video),
        ]
        .into_iter()
        .filter_map(|(kind, summary)| summary.as_ref().map(|summary| (kind, summary)))
    }
}

/// Counts of one kind.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MediaSummary {
    /// Through queues.
    #[serde(deserialize_with = "object")]
    pub contact_center: Option<MediaCount>,
    /// Direct ones.
    #[serde(deserialize_with = "object")]
    pub enterprise: Option<MediaCount>,
}

impl MediaSummary {
    /// Active ones, through queues and direct.
    pub fn active(&self) -> i64 {
        let counts = [&self.contact_center, &self.enterprise].into_iter().flatten();
        counts.filter_map(|count| count.active).fold(0, i64::saturating_add)
    }
}

/// Counts.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MediaCount {
    /// Going on.
    #[serde(deserialize_with = "whole")]
    pub active: Option<i64>,
    /// In after-call work.
    #[serde(deserialize_with = "whole")]
    pub acw: Option<i64>,
}

/// An organisation.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Organization {
    /// Organisation id.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// Name.
    #[serde(deserialize_with = "text")]
    pub name: Option<String>,
    /// Default language.
    #[serde(deserialize_with = "text")]
    pub default_language: Option<String>,
}

/// Phones of a user.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Stations {
    /// The one in use by choice.
    #[serde(deserialize_with = "object")]
    pub associated_station: Option<Station>,
    /// The one in use.
    #[serde(deserialize_with = "object")]
    pub effective_station: Option<Station>,
    /// The default.
    #[serde(deserialize_with = "object")]
    pub default_station: Option<Station>,
}

/// A phone.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Station {
    /// Station id.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// Name.
    #[serde(deserialize_with = "text")]
    pub name: Option<String>,
    /// Type.
    #[serde(rename = "type", deserialize_with = "text")]
    pub station_type: Option<String>,
}

/// About an access token.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TokenInfo {
    /// Scopes.
    #[serde(deserialize_with = "texts")]
    pub authorized_scope: Vec<String>,
    /// When it lapses unless it is used.
    #[serde(deserialize_with = "time")]
    pub date_token_idles: Option<Timestamp>,
    /// Organisation.
    #[serde(deserialize_with = "object")]
    pub organization: Option<Organization>,
}

/// What a user may do.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Authorization {
    /// Permissions: `conversation:communication:view`.
    #[serde(deserialize_with = "texts")]
    pub permissions: Vec<String>,
}

/// Which kinds Genesys answers by itself.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AutoAnswerSettings {
    /// By Genesys' name of the kind.
    #[serde(deserialize_with = "objects")]
    pub settings: BTreeMap<String, AutoAnswer>,
}

/// Whether Genesys answers a kind by itself.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AutoAnswer {
    /// It does.
    #[serde(deserialize_with = "flag")]
    pub enabled: Option<bool>,
}

/// The server's clock.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ServerDate {
    /// Now.
    #[serde(deserialize_with = "time")]
    pub current_date: Option<Timestamp>,
}

/// `GET /tokens/timeout`: when unused tokens lapse.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IdleTimeout {
    /// After how many seconds.
    #[serde(deserialize_with = "whole")]
    pub idle_token_timeout_seconds: Option<i64>,
    /// They do lapse.
    #[serde(deserialize_with = "flag")]
    pub enable_idle_token_timeout: Option<bool>,
}

/// A queue of the user.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Queue {
    /// Queue id.
    #[serde(deserialize_with = "id")]
    pub id: String,
    /// Name.
    #[serde(deserialize_with = "text")]
    pub name: Option<String>,
    /// The user takes from it.
    #[serde(deserialize_with = "flag")]
    pub joined: Option<bool>,
}
