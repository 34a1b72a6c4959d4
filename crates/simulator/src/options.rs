//! What a simulator can be started with.

use crate::script::Script;
use secrecy::SecretString;
use std::time::{Duration, SystemTime};

/// How to start. Every field has a sensible default; start from `Options::default()`.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools)] // switches of a program, each on its own
pub struct Options {
    /// Port on 127.0.0.1; 0 takes any free one.
    pub port: u16,
    /// What happens by itself.
    pub script: Option<Script>,
    /// Token of the control API; random if not given.
    pub control_token: Option<SecretString>,
    /// The authorize page consents without asking.
    pub auto_consent: bool,
    /// Who consents by itself, by id, name or e-mail address; the first agent if not given.
    pub consent_user: Option<String>,
    /// Lifetime of access tokens.
    pub token_lifetime: Duration,
    /// Access tokens end when unused for so long.
    pub idle_timeout: Option<Duration>,
    /// PKCE clients get a refresh token, which Genesys does not do.
    pub refresh_for_pkce: bool,
    /// Refresh tokens change with every use.
    pub rotate_refresh: bool,
    /// Time between heartbeats.
    pub heartbeat: Duration,
    /// From an accepted PATCH to the event with its outcome.
    pub answer_delay: Duration,
    /// How long offers alert unless they say otherwise.
    pub alerting: Duration,
    /// Wrap-up ends by itself after this; none: there is no wrap-up.
    pub wrapup: Option<Duration>,
    /// Requests a minute for each user and client; none: no limit.
    pub rate_limit: Option<u32>,
    /// The first agent starts on queue.
    pub on_queue: bool,
    /// Ids, draws, tokens and channels repeat with the same seed; only the control token never does. For tests: whoever
    /// knows the seed knows the tokens.
    pub seed: Option<u64>,
    /// What the wall clock shows at the start; its present if not given.
    pub starts_at: Option<SystemTime>,
    /// How clients reach it, if not at the listener's own address.
    pub base_url: Option<String>,
    /// A socket is closed (1001) when its client has sent nothing for so long, not even a ping.
    pub socket_idle: Option<Duration>,
    /// How an upgrade is refused whose channel died with its token: 401, or 403 as some proxies do.
    pub stale_upgrade_status: u16,
    /// A channel's life; subscribing begins it anew.
    pub channel_lifetime: Duration,
    /// Channels of one user and client; one more removes the one used longest ago. With one alone, two programs of one
    /// agent take each other's place for ever.
    pub channels_per_user: usize,
    /// How long it takes until analytics show a change.
    pub analytics_lag: Duration,
    /// More redirect URIs.
    pub redirect_uris: Vec<String>,
    /// How long ended conversations are still answered by id.
    pub ended_kept: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            script: None,
            control_token: None,
            auto_consent: false,
            consent_user: None,
            token_lifetime: Duration::from_secs(24 * 60 * 60),
            idle_timeout: None,
            refresh_for_pkce: false,
            rotate_refresh: false,
            heartbeat: Duration::from_secs(30),
            answer_delay: Duration::from_millis(40),
            alerting: Duration::from_secs(20),
            wrapup: Some(Duration::from_secs(30)),
            rate_limit: Some(300),
            on_queue: true,
            seed: None,
            starts_at: None,
            base_url: None,
            socket_idle: None,
            stale_upgrade_status: 401,
            channel_lifetime: Duration::from_secs(24 * 60 * 60),
            channels_per_user: crate::channels::PER_USER_AND_CLIENT,
            analytics_lag: Duration::ZERO,
            redirect_uris: Vec::new(),
            ended_kept: Duration::from_secs(600),
        }
    }
}

impl Options {
    /// Practice without an account: consents by itself and plays the shipped script, paced for a person.
    pub fn practice() -> Self {
        Self {
            script: Some(Script::practice()),
            auto_consent: true,
            refresh_for_pkce: true,
            answer_delay: Duration::from_millis(250),
            ..Self::default()
        }
    }
}
