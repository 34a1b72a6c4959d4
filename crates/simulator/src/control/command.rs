//! The commands and their bodies. The README describes each.

use crate::access::Require;
use crate::faults::FaultBody;
use crate::world::AnswerOutcome;
use crate::world::conversation::Medium;
use crate::world::offer::Offer;
use crate::world::stream::StreamOf;
use serde::{Deserialize, Serialize};

/// Declares the body of a command: a struct whose fields may all be left out.
macro_rules! body {
    ($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident : $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        #[allow(missing_docs)] // the README has the table
        pub struct $name { $($(#[$fdoc])* pub $field: $type),* }
    };
}

body!(/// No body.
    Nothing {});
body!(/// Which sockets, channels or tokens: all, or an agent's.
    Target { agent: Option<String> });
body!(/// A body with nothing but a target.
    Targeted { target: Target });
body!(/// Names a conversation.
    Conversation { conversation: String });
body!(/// See `answered-elsewhere`.
    Elsewhere { conversation: String, /** `client` or `agent`. */ by: Option<String> });
body!(/// See `change-leg`.
    ChangeLeg { conversation: String, held: Option<bool>, muted: Option<bool>, parked: Option<bool> });
body!(/// See `answers`.
    Answers { outcome: AnswerOutcome, message: Option<String>, delay_ms: Option<i64>, count: Option<u32> });
body!(/// See `set-presence`.
    SetPresence { presence: String, agent: Option<String>, message: Option<String> });
body!(/// See `set-routing-status`.
    SetRoutingStatus { status: String, agent: Option<String> });
body!(/// See `close-sockets`.
    CloseSockets { code: Option<u16>, reason: String, target: Target });
body!(/// See `deaf`.
    Deaf { on: Option<bool>, target: Target });
body!(/// See `refuse-upgrades`.
RefuseUpgrades {
    status: Option<u16>, count: Option<u32>, seconds: Option<f64>, retry_after: Option<u64>, body: FaultBody,
});
body!(/// See `send-raw`.
SendRaw {
    text: Option<String>, base64: Option<String>, bytes: Option<usize>, binary: bool, garbage: Option<String>,
    target: Target,
});
body!(/// See `socket-closing`.
    SocketClosing { close_after_ms: Option<i64>, target: Target });
body!(/// See `evict-channels`.
    Evict { reason: Option<String>, silent: bool, keep_open: bool, target: Target });
body!(/// See `events`.
    Events { duplicate: u32, delay_ms: i64, subscribe_delay_ms: i64 });
body!(/// See `reject-topic`.
    RejectTopic { topic: String, reason: Option<String>, missing_permissions: Vec<String> });
body!(/// See `expire-tokens`.
    ExpireTokens { sockets: SocketsOfExpired, code: Option<u16>, reason: Option<String>, target: Target });
body!(/// See `token-life`.
TokenLife {
    lifetime_seconds: Option<f64>, early_seconds: Option<f64>, early_every: Option<u64>, sockets: SocketsOfExpired,
    code: Option<u16>, reason: Option<String>,
});
body!(/// See `idle`.
    Idle { token_seconds: Option<f64>, socket_seconds: Option<f64>, stale_upgrade_status: Option<u16> });
body!(/// See `channels`.
    Channels { extend: Option<bool>, lifetime_seconds: Option<f64> });
body!(/// See `socket-auth`.
    SocketAuth { require: Require });
body!(/// See `client-secrets`.
    ClientSecrets { client: String, secrets: Vec<Secret> });
body!(/// See `analytics`.
    Analytics { lag_ms: i64 });
body!(/// See `stream`.
Stream {
    of: StreamOf, medium: Option<Medium>, agent: Option<String>, queue: Option<String>, every_ms: Option<i64>,
    count: Option<u32>, patience_ms: Option<i64>, stop: bool,
});
body!(/// See `fail-token-endpoint`.
FailTokenEndpoint {
    error: Option<String>, status: Option<u16>, count: Option<u32>, seconds: Option<f64>, retry_after: Option<u64>,
    delay_ms: i64, body: FaultBody,
});
body!(/// See `fail`.
Fail {
    path: String, method: Option<String>, status: Option<u16>, code: Option<String>, message: Option<String>,
    body: FaultBody, retry_after: Option<u64>, delay_ms: i64, hang: bool, count: Option<u32>, seconds: Option<f64>,
});
body!(/// See `skew`.
    Skew { seconds: f64, path: Option<String> });
body!(/// See `permissions`.
    Permissions { add: Vec<String>, remove: Vec<String>, agent: Option<String>, service: bool });
body!(/// See `scopes`.
    Scopes { add: Vec<String>, remove: Vec<String> });
body!(/// See `rate-limit`.
    RateLimit { per_minute: Option<u32> });
body!(/// See `offline`.
    Offline { seconds: Option<f64> });
body!(/// See `reset`.
    Reset { conversations: bool });

/// What becomes of the sockets of a token that expires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SocketsOfExpired {
    /// Closed, with 1000 "Token expired" unless told otherwise.
    #[default]
    Close,
    /// They stay open, and hear nothing.
    Silent,
    /// Nothing happens to them.
    Leave,
}

/// A client's secret, which no message shows.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    pub(crate) fn reveal(self) -> String {
        self.0
    }
}

impl From<&str> for Secret {
    fn from(secret: &str) -> Self {
        Self(secret.to_owned())
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// Everything that can be asked of the simulator. In HTTP the name is the last part of the path.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, clippy::large_enum_variant)] // the README has the table; commands are few and short-lived
pub enum Command {
    Offer(Offer),
    HangUp(Conversation),
    AnsweredElsewhere(Elsewhere),
    End(Conversation),
    Requeue(Conversation),
    TimeOut(Conversation),
    ChangeLeg(ChangeLeg),
    Answers(Answers),
    SetPresence(SetPresence),
    SetRoutingStatus(SetRoutingStatus),
    CloseSockets(CloseSockets),
    DropSockets(Targeted),
    HalfOpen(Targeted),
    Deaf(Deaf),
    RefuseUpgrades(RefuseUpgrades),
    SendRaw(SendRaw),
    SocketClosing(SocketClosing),
    EvictChannels(Evict),
    Events(Events),
    RejectTopic(RejectTopic),
    AllowTopics(Nothing),
    ExpireTokens(ExpireTokens),
    RevokeTokens(Targeted),
    TokenLife(TokenLife),
    Idle(Idle),
    Channels(Channels),
    SocketAuth(SocketAuth),
    ClientSecrets(ClientSecrets),
    Analytics(Analytics),
    Stream(Stream),
    FailTokenEndpoint(FailTokenEndpoint),
    Fail(Fail),
    Skew(Skew),
    ClearFaults(Nothing),
    Permissions(Permissions),
    Scopes(Scopes),
    RateLimit(RateLimit),
    Offline(Offline),
    Online(Nothing),
    Reset(Reset),
}
