//! Calls about conversations. For the feed, which reads them, and the desk, which acts on them.

use http::Method;
use serde_json::json;

use super::raw::{RawListing, Unabridged};
use super::{AccessToken, Api, Call};
use crate::error::ApiError;
use crate::wire::{Conversation, Listing, MediaConversation, MediaKind};

impl Api {
    /// The user's conversations that go on now, of every kind.
    pub async fn conversations(&self, token: &AccessToken) -> Result<Vec<Conversation>, ApiError> {
        let listing: Listing<_> = self.read(token, Call::get("GET /conversations", &["conversations"])).await?;
        Ok(listing.entities)
    }

    /// The same, each as Genesys sent it beside what was understood.
    pub async fn conversations_raw(&self, token: &AccessToken) -> Result<Vec<Unabridged<Conversation>>, ApiError> {
        let listing: RawListing<_> = self.read(token, Call::get("GET /conversations", &["conversations"])).await?;
        Ok(listing.entities)
    }

    /// The user's conversations of one kind that go on now, in the flat form of that kind. `None` where that kind has no
    /// such list, and nothing was sent.
    pub async fn media_conversations_raw(
        &self,
        token: &AccessToken,
        kind: MediaKind,
    ) -> Result<Option<Vec<Unabridged<MediaConversation>>>, ApiError> {
        let Some(segment) = kind.path_segment() else { return Ok(None) };
        let path = ["conversations", segment];
        let listing: RawListing<_> = self.read(token, Call::get("GET /conversations/{kind}", &path)).await?;
        Ok(Some(listing.entities))
    }

    /// One conversation in generic form. Needs `conversation:communication:view`; the form of its kind does not.
    pub async fn conversation(&self, token: &AccessToken, id: &str) -> Result<Conversation, ApiError> {
        self.read(token, Call::get("GET /conversations/{id}", &["conversations", id])).await
    }

    /// The same, as Genesys sent it beside what was understood.
    pub async fn conversation_raw(&self, token: &AccessToken, id: &str) -> Result<Unabridged<Conversation>, ApiError> {
        self.read(token, Call::get("GET /conversations/{id}", &["conversations", id])).await
    }

    /// One conversation in the flat form of its kind. `None` where that kind has no such form, and nothing was sent: ask
    /// for the generic one.
    pub async fn media_conversation(
        &self,
        token: &AccessToken,
        kind: MediaKind,
        id: &str,
    ) -> Result<Option<MediaConversation>, ApiError> {
        let Some(segment) = kind.path_segment() else { return Ok(None) };
        let path = ["conversations", segment, id];
        self.read(token, Call::get("GET /conversations/{kind}/{id}", &path)).await.map(Some)
    }

    /// The same, as Genesys sent it beside what was understood.
    pub async fn media_conversation_raw(
        &self,
        token: &AccessToken,
        kind: MediaKind,
        id: &str,
    ) -> Result<Option<Unabridged<MediaConversation>>, ApiError> {
        let Some(segment) = kind.path_segment() else { return Ok(None) };
        let path = ["conversations", segment, id];
        self.read(token, Call::get("GET /conversations/{kind}/{id}", &path)).await.map(Some)
    }

    /// Asks Genesys to bring a participant into `state`: `connected` answers, `disconnected` declines or hangs up. `Ok`
    /// means it was accepted; what comes of it is told by an event.
    pub async fn patch_participant_state(
        &self,
        token: &AccessToken,
        kind: MediaKind,
        conversation: &str,
        participant: &str,
        state: &str,
    ) -> Result<(), ApiError> {
        let body = json!({ "state": state });
        let mut path = vec!["conversations"];
        path.extend(kind.path_segment());
        path.extend([conversation, "participants", participant]);
        let call = Call::act("PATCH /conversations/…/participants/{id}", Method::PATCH, &path);
        self.send(token, call.json(&body)).await.map(drop)
    }

    /// Puts voicemail in the place of a participant: how a direct call is declined.
    pub async fn replace_with_voicemail(
        &self,
        token: &AccessToken,
        conversation: &str,
        participant: &str,
    ) -> Result<(), ApiError> {
        let path = ["conversations", "calls", conversation, "participants", participant, "replace"];
        let call = Call::act("POST /conversations/calls/{id}/participants/{id}/replace", Method::POST, &path)
            .json(&json!({ "voicemail": true }));
        self.send(token, call).await.map(drop)
    }
}
