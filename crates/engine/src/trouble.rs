//! The sentences: what happened, and what the person can do, for every signal and block. Read them aloud as an agent
//! under pressure would. No text from the network is repeated here but the names of permissions.

use earshot_genesys::error::{ApiError, StatusError};
use earshot_genesys::transport::{DialError, TransportError, TransportKind};

use crate::snapshot::Trouble;
use crate::verdict::{Block, Call, Signal};
use crate::world::StoreError;

/// The code of "this computer has no network".
pub const OFFLINE: &str = "network.offline";

impl Trouble {
    /// A trouble without a cure: Earshot does all there is to do.
    #[must_use]
    pub fn passing(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), cure: None, retryable: true }
    }

    /// A trouble that a person has to cure.
    #[must_use]
    pub fn needs_a_person(code: &str, message: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), cure: Some(cure.into()), retryable: false }
    }

    fn with_cure(mut self, cure: &str) -> Self {
        self.cure = Some(cure.into());
        self
    }
}

/// What a signal is called while Earshot deals with it.
#[must_use]
pub fn of_signal(signal: &Signal) -> Trouble {
    match signal {
        Signal::Rest { error, .. } => of_api_error(error),
        Signal::TokenEndpoint(error) => of_token_endpoint(error),
        Signal::Upgrade(DialError::Refused { status: 407, .. }) => of_transport(TransportKind::Proxy),
        Signal::Upgrade(DialError::Refused { status, .. }) => Trouble::passing(
            "socket.refused",
            format!("Genesys Cloud refused the notification connection (HTTP {status})."),
        ),
        Signal::Upgrade(DialError::Transport(error)) => of_transport(error.kind),
        Signal::Upgrade(DialError::Untrusted(_)) => of_block(Block::UntrustedSocket, None),
        Signal::Closed { code: Some(code), .. } => Trouble::passing(
            "socket.closed",
            format!("Genesys Cloud closed the notification connection (code {code})."),
        ),
        Signal::Closed { code: None, .. } => {
            Trouble::passing("socket.closed", "The notification connection was cut off (code 1006).")
        }
        Signal::InBand(result) => Trouble::passing(
            "socket.result",
            format!("Genesys Cloud reported result {result} on the notification connection."),
        ),
        Signal::EssentialTopicRejected => of_block(Block::EssentialTopic, None),
        Signal::TopicRejected => Trouble::passing("topic.rejected", "Genesys Cloud does not grant one of the topics."),
        Signal::SocketClosing => {
            Trouble::passing("socket.closing", "Genesys Cloud is about to close the notification connection.")
        }
        Signal::Evicted => Trouble::passing("channel.evicted", "Another connection of yours took this one's place.")
            .with_cure("Close other copies of Earshot or other Genesys Cloud clients that you do not need."),
        Signal::TokenRevoked => Trouble::passing("token.revoked", "Your sign-in was revoked at Genesys Cloud."),
        Signal::TokenChanges => Trouble::passing("token.changes", "The sign-in is being renewed."),
        Signal::ChannelHalfLife => Trouble::passing("channel.extend", "The notification channel is being extended."),
        Signal::ChannelNotExtended => {
            Trouble::passing("channel.ends", "The notification channel nears its end, so another takes its place.")
        }
        Signal::Silence => {
            Trouble::passing("socket.silent", "The notification connection went silent, so it counts as dead.")
        }
        Signal::Deaf => Trouble::passing("socket.deaf", "The notification connection was alive but delivered nothing."),
    }
}

/// What a failed REST call is called.
#[must_use]
pub fn of_api_error(error: &ApiError) -> Trouble {
    match error {
        ApiError::Transport(TransportError { kind: TransportKind::Secret, detail }) => {
            Trouble::passing("secret.unreadable", format!("The OAuth client's secret cannot be read: {detail}."))
                .with_cure("Ask your administrator. Earshot goes on trying.")
        }
        ApiError::Transport(TransportError { kind, .. }) => of_transport(*kind),
        ApiError::Malformed { html: true, .. } => web_page(),
        ApiError::Malformed { .. } => {
            Trouble::passing("answer.malformed", "Genesys Cloud sent an answer that Earshot cannot read.")
                .with_cure("If it stays, check the addresses or the region.")
        }
        ApiError::Status(status) => of_status(status),
    }
}

fn of_status(status: &StatusError) -> Trouble {
    match status {
        StatusError { html: true, .. } => web_page(),
        StatusError { status: 401, .. } => {
            Trouble::passing("token.refused", "Genesys Cloud no longer accepts the sign-in.")
        }
        StatusError { status: 403, .. } => of_block(Block::Forbidden, Some(status)),
        StatusError { status: 407, .. } => of_transport(TransportKind::Proxy),
        StatusError { status: 429, .. } => rate_limited(),
        StatusError { status: code @ 500.., .. } => {
            Trouble::passing("server.error", format!("Genesys Cloud has a problem of its own (HTTP {code})."))
        }
        StatusError { status: code, .. } => {
            Trouble::passing("request.refused", format!("Genesys Cloud refused a request (HTTP {code})."))
        }
    }
}

/// Nobody listened: the time between two runs.
#[must_use]
pub fn not_running() -> Trouble {
    Trouble::passing("not.running", "Earshot was not running.")
}

/// Only just subscribed: something was found that the subscription should have told.
#[must_use]
pub fn young() -> Trouble {
    Trouble::passing("subscription.young", "Genesys Cloud began to tell a moment after it had said so.")
}

/// A sign-in without a token yet.
#[must_use]
pub fn fetching_token() -> Trouble {
    Trouble::passing("token.fetching", "Getting a token from Genesys Cloud.")
}

/// Genesys asks to wait.
#[must_use]
pub fn rate_limited() -> Trouble {
    Trouble::passing("rate.limited", "Genesys Cloud asks to wait: too many requests for your user.")
}

fn of_token_endpoint(error: &ApiError) -> Trouble {
    match error {
        ApiError::Status(StatusError { status: 429 | 500.., .. } | StatusError { html: true, .. })
        | ApiError::Transport(_)
        | ApiError::Malformed { .. } => of_api_error(error),
        ApiError::Status(status) => match status.code.as_deref() {
            Some("invalid_client") => Trouble::needs_a_person(
                "oauth.client",
                "Genesys Cloud does not accept the OAuth client or its secret.",
                "Ask your administrator for the current client id and secret.",
            ),
            Some("invalid_grant") => sign_in_needed("The stored sign-in is no longer valid."),
            _ => of_block(Block::OAuthClient, Some(status)),
        },
    }
}

fn of_transport(kind: TransportKind) -> Trouble {
    match kind {
        TransportKind::Offline => {
            Trouble::passing(OFFLINE, "This computer has no network.").with_cure("Check the cable or the Wi-Fi.")
        }
        TransportKind::Dns => Trouble::passing("network.dns", "The Genesys Cloud address was not found.")
            .with_cure("Check the network, and the region or address in the sign-in."),
        TransportKind::Refused => Trouble::passing("network.refused", "Nobody answers at the Genesys Cloud address.")
            .with_cure("If it stays, check the region or address in the sign-in."),
        TransportKind::Tls => {
            Trouble::passing("network.tls", "A secure connection to Genesys Cloud could not be made.")
                .with_cure("Ask your administrator whether a proxy's certificate is missing on this computer.")
        }
        TransportKind::Proxy => Trouble::passing("network.proxy", "The proxy does not let Earshot through.")
            .with_cure("Ask your administrator for the proxy's sign-in."),
        TransportKind::Timeout => Trouble::passing("network.timeout", "Genesys Cloud did not answer in time."),
        TransportKind::TooLarge => {
            Trouble::passing("frame.too_large", "Genesys Cloud sent more than Earshot takes in one piece.")
        }
        TransportKind::Secret => {
            Trouble::passing("secret.unreadable", "What renews the sign-in cannot be read on this computer.")
        }
        TransportKind::Broken => Trouble::passing("network.broken", "The connection to Genesys Cloud broke off."),
    }
}

fn web_page() -> Trouble {
    Trouble::passing("network.portal", "A web page came where Genesys Cloud's answer was due.")
        .with_cure("Open a browser: the network may want a sign-in of its own, or a proxy shows an error.")
}

/// Why this call succeeds only after a person has helped. Where Genesys names no permission, it is the scope that the call
/// needs.
#[must_use]
pub fn of_blocked_call(block: Block, call: Call, status: &StatusError) -> Trouble {
    let named = status.message.as_deref().is_some_and(|message| !permissions(message).is_empty());
    if block != Block::Forbidden || named {
        return of_block(block, Some(status));
    }
    let scope = match call {
        Call::Me => "users:readonly",
        Call::CreateChannel | Call::Subscribe => "notifications",
        Call::Read => "conversations",
    };
    Trouble::needs_a_person(
        "scope.missing",
        format!("Genesys Cloud says that you may not do this: the scope “{scope}” is missing, or a permission."),
        format!("Ask your administrator for the scope “{scope}” on the OAuth client, or for the permission."),
    )
}

/// Why only a person can help, and how. `status` tells which permission.
#[must_use]
pub fn of_block(block: Block, status: Option<&StatusError>) -> Trouble {
    match block {
        Block::RefusedThoughProved => Trouble::needs_a_person(
            "refused.proved",
            "Genesys Cloud accepts your sign-in but refuses the notification connection again and again.",
            "Ask your administrator to check the OAuth client's scope “notifications”, your permissions and the region.",
        ),
        Block::WrongRegion => Trouble::needs_a_person(
            "region.mismatch",
            "This region does not accept the sign-in that was just made.",
            "Sign out and choose the region in which your organisation lives.",
        ),
        Block::Forbidden => {
            let missing = status.and_then(|status| status.message.as_deref()).map(permissions).unwrap_or_default();
            if missing.is_empty() {
                Trouble::needs_a_person(
                    "permission.missing",
                    "Genesys Cloud says you may not do this.",
                    "Ask your administrator for the permission, and to check the OAuth client's scopes.",
                )
            } else {
                Trouble::needs_a_person(
                    "permission.missing",
                    format!("You lack the permission {}.", missing.join(" or ")),
                    "Ask your administrator to grant it to one of your roles.",
                )
            }
        }
        Block::EssentialTopic => Trouble::needs_a_person(
            "topic.essential",
            "Genesys Cloud does not let Earshot listen to any conversations.",
            "Ask your administrator for the scopes “notifications” and “conversations” on the OAuth client, and for the right to hear them.",
        ),
        Block::BadRequest => Trouble::needs_a_person(
            "request.refused",
            match status.and_then(|status| status.code.as_deref()) {
                Some("not.a.user") => "This sign-in belongs to no agent: Genesys Cloud wants a user.".into(),
                _ => format!(
                    "Genesys Cloud refuses Earshot's request (HTTP {}).",
                    status.map_or(400, |status| status.status)
                ),
            },
            "Check the region or addresses of the sign-in, or sign in as an agent.",
        ),
        Block::OAuthClient => Trouble::needs_a_person(
            "oauth.refused",
            "Genesys Cloud does not let this OAuth client renew the sign-in.",
            "Ask your administrator to check the OAuth client's grant type.",
        ),
        Block::UntrustedSocket => Trouble::needs_a_person(
            "socket.untrusted",
            "The token was to be sent with the notification connection, which is not encrypted or leads outside the domain of the API.",
            "Check the addresses, or connect without the token: Genesys Cloud itself wants none there.",
        ),
    }
}

/// The sign-in works, but will not be there after a restart.
#[must_use]
pub fn not_stored(error: &StoreError) -> Trouble {
    let trouble = |code, why: &str, cure| {
        Trouble::needs_a_person(code, format!("{why}, so your sign-in lasts only until Earshot is closed."), cure)
    };
    match error {
        StoreError::Locked => trouble(
            "store.locked",
            "Your computer's key store is locked",
            "Unlock it. Earshot then stores the sign-in by itself.",
        ),
        StoreError::Absent => trouble(
            "store.absent",
            "This computer has no key store",
            "Sign in again after a restart, or ask your administrator for a key store (GNOME Keyring or KWallet).",
        ),
        StoreError::Slow => trouble(
            "store.slow",
            "Your computer's key store does not answer",
            "It may be waiting for your password: look for its window.",
        ),
        StoreError::Ambiguous => trouble(
            "store.ambiguous",
            "Your computer's key store holds more than one sign-in of Earshot's",
            "Remove the entries called Earshot there, then sign in again.",
        ),
        StoreError::TooLong => trouble(
            "store.too_long",
            "The sign-in is too long for this computer's key store",
            "Sign in again after a restart, and tell your administrator.",
        ),
        StoreError::Failed(_) => trouble(
            "store.failed",
            "The sign-in could not be stored safely",
            "Earshot goes on trying. If this stays, tell your administrator.",
        ),
    }
}

/// Only a new sign-in helps.
#[must_use]
pub fn sign_in_needed(why: &str) -> Trouble {
    Trouble::needs_a_person("sign_in.needed", why, "Sign in again.")
}

/// The names of permissions (`domain:entity:action`) in a sentence of Genesys'.
#[must_use]
pub fn permissions(message: &str) -> Vec<String> {
    let part = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '*' || c == '_');
    let mut found: Vec<String> = Vec::new();
    for word in message.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, ':' | '*' | '_'))) {
        let parts: Vec<_> = word.split(':').collect();
        if (2..=3).contains(&parts.len())
            && parts.iter().all(|p| part(p))
            && parts[0].starts_with(|c: char| c.is_ascii_alphabetic())
            && !found.iter().any(|seen| seen == word)
        {
            found.push(word.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_are_picked_out_of_a_sentence() {
        let text = "Unable to perform: missing [conversation:communication:view, routing:queue:view] at 10:15.";
        assert_eq!(permissions(text), ["conversation:communication:view", "routing:queue:view"]);
        assert!(permissions("You are not authorized.").is_empty());
    }

    #[test]
    fn a_missing_permission_is_named_and_who_grants_it() {
        let status = StatusError {
            status: 403,
            code: Some("missing.permissions".into()),
            message: Some("requires conversation:participant:wrapup".into()),
            context_id: None,
            retry_after: None,
            html: false,
        };
        let trouble = of_api_error(&ApiError::Status(status));
        assert_eq!(trouble.message, "You lack the permission conversation:participant:wrapup.");
        assert!(trouble.cure.is_some_and(|cure| cure.contains("administrator")));
        assert!(!trouble.retryable);
    }

    #[test]
    fn a_close_reason_is_not_repeated() {
        let trouble = of_signal(&Signal::Closed { code: Some(1008), reason: "secret-token".into() });
        assert_eq!(trouble.message, "Genesys Cloud closed the notification connection (code 1008).");
    }
}
