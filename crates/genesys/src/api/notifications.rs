//! Calls about notification channels. For the link.

use http::Method;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;

use super::{AccessToken, Api, Call, READ_TIMEOUT};
use crate::error::ApiError;
use crate::topics::Topic;
use crate::wire::Listing;

/// A notification channel. Whoever knows its id or address can listen: both are secret.
#[derive(Debug, Clone)]
pub struct Channel {
    /// Channel id.
    pub id: SecretString,
    /// Address of its socket, to be used as it is.
    pub connect_uri: SecretString,
    /// When it ends, unless it is subscribed again.
    pub expires: Option<Timestamp>,
}

/// A channel among those of a token. Its id is as secret as its address.
#[derive(Debug, Clone)]
pub struct ListedChannel {
    /// Channel id.
    pub id: SecretString,
    /// When it ends, unless it is subscribed again.
    pub expires: Option<Timestamp>,
}

/// What became of one topic of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicResult {
    /// The topic.
    pub topic: Topic,
    /// Its events will come.
    pub permitted: bool,
    /// Why not, in Genesys' words.
    pub reason: Option<String>,
    /// Permissions the user lacks for it.
    pub missing_permissions: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ChannelBody {
    id: String,
    connect_uri: String,
    expires: Option<serde_json::Value>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ChannelEntry {
    id: Option<String>,
    expires: Option<serde_json::Value>,
}

fn instant(value: Option<&serde_json::Value>) -> Option<Timestamp> {
    value?.as_str()?.parse().ok()
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct ChannelTopic {
    id: String,
    state: Option<String>,
    rejection_reason: Option<String>,
    missing_permissions: Option<Vec<String>>,
}

impl Api {
    /// Makes a new channel. Beyond twenty for a user and OAuth client, Genesys silently ends the one used longest ago.
    pub async fn create_channel(&self, token: &AccessToken) -> Result<Channel, ApiError> {
        const NAME: &str = "POST /notifications/channels";
        let path = ["notifications", "channels"];
        let call = Call::act(NAME, Method::POST, &path).timeout(READ_TIMEOUT);
        let body: ChannelBody = self.read(token, call).await?;
        if body.id.is_empty() || body.connect_uri.is_empty() {
            return Err(ApiError::Malformed { call: NAME, html: false });
        }
        let expires = instant(body.expires.as_ref());
        Ok(Channel { id: body.id.into(), connect_uri: body.connect_uri.into(), expires })
    }

    /// The channels this very token has made. Genesys keeps twenty for a user and OAuth client, over all their tokens.
    pub async fn channels(&self, token: &AccessToken) -> Result<Vec<ListedChannel>, ApiError> {
        let path = ["notifications", "channels"];
        let call = Call::get("GET /notifications/channels", &path).query(&[("includechannels", "token")]);
        let listing: Listing<ChannelEntry> = self.read(token, call).await?;
        let channel = |entry: ChannelEntry| {
            let id = entry.id.filter(|id| !id.is_empty())?;
            Some(ListedChannel { id: id.into(), expires: instant(entry.expires.as_ref()) })
        };
        Ok(listing.entities.into_iter().filter_map(channel).collect())
    }

    /// How many channels the user has with this OAuth client, over all their tokens. The twenty-first takes another's place.
    pub async fn count_channels(&self, token: &AccessToken) -> Result<usize, ApiError> {
        let path = ["notifications", "channels"];
        let call = Call::get("GET /notifications/channels", &path).query(&[("includechannels", "oauthclient")]);
        let listing: Listing<ChannelEntry> = self.read(token, call).await?;
        Ok(listing.entities.len())
    }

    /// Replaces all subscriptions of a channel in one request that goes on past forbidden topics, and says what became of
    /// each, in the order asked. A topic the server says nothing about counts as permitted: silence is no refusal.
    pub async fn put_subscriptions(
        &self,
        token: &AccessToken,
        channel_id: &SecretString,
        topics: &[Topic],
    ) -> Result<Vec<TopicResult>, ApiError> {
        let path = ["notifications", "channels", channel_id.expose_secret(), "subscriptions"];
        let body: Vec<_> = topics.iter().map(|topic| json!({ "id": topic.as_str() })).collect();
        let call = Call::act("PUT /notifications/channels/{id}/subscriptions", Method::PUT, &path)
            .query(&[("ignoreErrors", "true")])
            .timeout(READ_TIMEOUT)
            .json(&body);
        let listing: Listing<ChannelTopic> = self.read(token, call).await?;
        let result = |topic: &Topic| {
            let said = listing.entities.iter().find(|said| said.id.eq_ignore_ascii_case(topic.as_str()));
            let rejected = said.and_then(|said| said.state.as_deref()).is_some_and(|state| {
                // Only this word is a refusal; a new one (`Pending`?) must not stop hearing.
                state.eq_ignore_ascii_case("rejected")
            });
            TopicResult {
                topic: topic.clone(),
                permitted: !rejected,
                reason: said.and_then(|said| said.rejection_reason.clone()),
                missing_permissions: said.and_then(|said| said.missing_permissions.clone()).unwrap_or_default(),
            }
        };
        Ok(topics.iter().map(result).collect())
    }
}
