//! What a failure means: one table, from a signal to a verdict. A code is only a hint; the REST API is the witness, so
//! most verdicts end in "check", not in "renew". The rows of the table are its test (`verdict/tests.rs`).

use std::time::Duration;

use earshot_genesys::error::ApiError;
use earshot_genesys::transport::{DialError, TransportKind};

use crate::backoff::Spread;
use crate::limits::{RETRY_AFTER_CAP, RETRY_AFTER_DEFAULT, RETRY_AFTER_FLOOR};

#[cfg(test)]
mod tests;

/// What was observed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signal {
    /// A REST call on the way to hearing came to nothing.
    Rest {
        /// Which call.
        call: Call,
        /// How it ended.
        error: ApiError,
    },
    /// The token endpoint said no.
    TokenEndpoint(ApiError),
    /// The socket did not open.
    Upgrade(DialError),
    /// The socket was closed by the other side, or cut off (no code).
    Closed {
        /// Close code; `None` for an end without a close frame (1006 to those who need a number).
        code: Option<u16>,
        /// Close reason.
        reason: String,
    },
    /// A result inside the socket that is no success.
    InBand(u16),
    /// The subscription was made, and the agent's own conversations are not part of it.
    EssentialTopicRejected,
    /// Another topic was not granted.
    TopicRejected,
    /// `v2.system.socket_closing`.
    SocketClosing,
    /// `v2.system.no_longer_subscribed` or `subscription_changed`, because another channel took the place.
    Evicted,
    /// `v2.system.token_revoked`, or `no_longer_subscribed` because the user's tokens were revoked.
    TokenRevoked,
    /// The token is near its end, or there is a new sign-in.
    TokenChanges,
    /// The channel is at half its life.
    ChannelHalfLife,
    /// Its subscriptions were made again, and it does not live any longer for that.
    ChannelNotExtended,
    /// Nothing was heard for too long.
    Silence,
    /// The socket is alive and delivers nothing: a comparison found it.
    Deaf,
}

/// The calls on the way to hearing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Call {
    /// `GET users/me`.
    Me,
    /// `POST notifications/channels`.
    CreateChannel,
    /// `PUT notifications/channels/{id}/subscriptions`.
    Subscribe,
    /// `GET conversations` and other reads.
    Read,
}

/// What is remembered of the same failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Memory {
    /// This same refusal came before, the token was then proved live, and now it comes again.
    pub refused_though_proved: bool,
    /// The token is fresh from sign-in and has never been accepted.
    pub fresh: bool,
    /// It has not been used for so long that Genesys may have ended it.
    pub quiet: bool,
}

/// What to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The token is suspect: check it, renew it once if it is dead, then make a new channel.
    TokenSuspect,
    /// The channel or the token is stale: as above, and never the same channel again.
    Stale,
    /// A person must grant or change something: slow retry.
    Blocked(Block),
    /// Try the next client secret.
    NextSecret,
    /// The stored credential is dead: re-read it, it may have been renewed by another process.
    CredentialDead,
    /// Go on without this topic, and say so.
    GoOn,
    /// Wait this long for this kind of request; nothing cuts it short.
    Wait(Duration),
    /// Passing trouble: back off.
    Transient(Spread),
    /// The transport is gone: reconnect.
    Reconnect(Spread),
    /// A planned change: hand over.
    HandOver(Spread),
    /// Extend the channel.
    Extend,
    /// Another channel took the place: a new one, more slowly each time.
    Evicted,
    /// Half-open: drop and reconnect.
    HalfOpen,
}

/// Why only a person can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Block {
    /// The token is live, and the same request is refused again.
    RefusedThoughProved,
    /// A token fresh from sign-in is not accepted: the region does not match.
    WrongRegion,
    /// 403: a permission or a scope is missing.
    Forbidden,
    /// The agent's own conversations may not be listened to.
    EssentialTopic,
    /// The request itself is refused (400, `not.a.user`): a setting or a kind of sign-in that cannot work.
    BadRequest,
    /// The OAuth client is not allowed to do this.
    OAuthClient,
    /// The socket was to carry the access token, and leads where that must not go.
    UntrustedSocket,
}

/// What a signal means.
#[must_use]
pub fn verdict(signal: &Signal, memory: Memory) -> Verdict {
    match signal {
        Signal::Rest { call, error } => rest(*call, error, memory),
        Signal::TokenEndpoint(error) => token_endpoint(error),
        Signal::Upgrade(DialError::Refused { status, retry_after }) => match status {
            401 => suspect(memory),
            403 | 404 | 410 => stale(memory),
            429 => wait(*retry_after),
            407 => Verdict::Transient(Spread::Alone),
            _ => Verdict::Transient(Spread::Everybody),
        },
        Signal::Upgrade(DialError::Transport(error)) => transport(error.kind),
        Signal::Upgrade(DialError::Untrusted(_)) => Verdict::Blocked(Block::UntrustedSocket),
        Signal::Closed { code, reason } => closed(*code, reason, memory),
        Signal::InBand(404) => stale(memory),
        Signal::InBand(401) => suspect(memory),
        Signal::InBand(_) => Verdict::Transient(Spread::Alone),
        Signal::EssentialTopicRejected => Verdict::Blocked(Block::EssentialTopic),
        Signal::TopicRejected => Verdict::GoOn,
        Signal::SocketClosing => Verdict::HandOver(Spread::Announced),
        Signal::TokenChanges | Signal::ChannelNotExtended => Verdict::HandOver(Spread::Alone),
        Signal::Evicted => Verdict::Evicted,
        Signal::TokenRevoked => Verdict::CredentialDead,
        Signal::ChannelHalfLife => Verdict::Extend,
        Signal::Silence | Signal::Deaf => Verdict::HalfOpen,
    }
}

fn rest(call: Call, error: &ApiError, memory: Memory) -> Verdict {
    match error {
        ApiError::Transport(error) => transport(error.kind),
        ApiError::Malformed { .. } => Verdict::Transient(Spread::Alone),
        // A web page where an error body was due was written by something between: it says nothing about the token.
        ApiError::Status(status) if status.html => Verdict::Transient(Spread::Everybody),
        ApiError::Status(status) => match status.status {
            401 => suspect(memory),
            403 => Verdict::Blocked(Block::Forbidden),
            404 | 410 if call == Call::Subscribe => stale(memory),
            429 => wait(status.retry_after),
            407 | 408 => Verdict::Transient(Spread::Alone),
            400..=499 => Verdict::Blocked(Block::BadRequest),
            _ => Verdict::Transient(Spread::Everybody),
        },
    }
}

fn token_endpoint(error: &ApiError) -> Verdict {
    let ApiError::Status(status) = error else { return rest(Call::Read, error, Memory::default()) };
    match (status.status, status.code.as_deref()) {
        (429, _) => wait(status.retry_after),
        (_, Some("invalid_client")) => Verdict::NextSecret,
        (_, Some("invalid_grant")) => Verdict::CredentialDead,
        (400..=499, _) if status.html => Verdict::Transient(Spread::Everybody),
        (408, _) => Verdict::Transient(Spread::Alone),
        // RFC 6749: 401 from the token endpoint is about the client, whatever the words.
        (401, _) => Verdict::NextSecret,
        (400..=499, _) => Verdict::Blocked(Block::OAuthClient),
        _ => Verdict::Transient(Spread::Everybody),
    }
}

fn closed(code: Option<u16>, reason: &str, memory: Memory) -> Verdict {
    match code {
        Some(1008 | 4001 | 4003) => suspect(memory),
        Some(1000) if speaks_of_a_token(reason) => suspect(memory),
        Some(1001) if memory.quiet => suspect(memory),
        Some(1001 | 1012 | 1013) => Verdict::Reconnect(Spread::Everybody),
        _ => Verdict::Reconnect(Spread::Alone),
    }
}

/// Whether a close reason speaks of a token.
fn speaks_of_a_token(reason: &str) -> bool {
    let reason = reason.to_ascii_lowercase();
    ["token", "unauthori", "authenticat", "credential"].iter().any(|word| reason.contains(word))
}

fn suspect(memory: Memory) -> Verdict {
    match memory {
        Memory { fresh: true, .. } => Verdict::Blocked(Block::WrongRegion),
        Memory { refused_though_proved: true, .. } => Verdict::Blocked(Block::RefusedThoughProved),
        Memory { .. } => Verdict::TokenSuspect,
    }
}

fn stale(memory: Memory) -> Verdict {
    if memory.refused_though_proved { Verdict::Blocked(Block::RefusedThoughProved) } else { Verdict::Stale }
}

fn transport(kind: TransportKind) -> Verdict {
    match kind {
        TransportKind::Refused | TransportKind::Timeout => Verdict::Transient(Spread::Everybody),
        TransportKind::Offline
        | TransportKind::Dns
        | TransportKind::Tls
        | TransportKind::Proxy
        | TransportKind::TooLarge
        | TransportKind::Secret
        | TransportKind::Broken => Verdict::Transient(Spread::Alone),
    }
}

fn wait(retry_after: Option<Duration>) -> Verdict {
    Verdict::Wait(retry_after.unwrap_or(RETRY_AFTER_DEFAULT).clamp(RETRY_AFTER_FLOOR, RETRY_AFTER_CAP))
}

/// What `HEAD /tokens/me` says of the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenCheck {
    /// It is good.
    Alive,
    /// It is not.
    Dead,
    /// The answer says nothing about it (429, 5xx, no network).
    Unknown,
}

/// Reads the answer of `HEAD /tokens/me`.
#[must_use]
pub fn token_check(result: &Result<(), ApiError>) -> TokenCheck {
    match result {
        Ok(()) => TokenCheck::Alive,
        Err(ApiError::Status(status)) if !status.html => match status.status {
            401 | 404 => TokenCheck::Dead,
            // Genesys knows who asks, and only then says no.
            403 => TokenCheck::Alive,
            _ => TokenCheck::Unknown,
        },
        Err(_) => TokenCheck::Unknown,
    }
}
