//! Rules about access that are neither OAuth's nor a channel's: what an upgrade must show, how long a socket may be quiet,
//! what the service client may do, and how late analytics are.

use crate::clock::Ms;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Where an upgrade must show a live token.
///
/// Genesys Cloud wants none: whoever knows the channel may listen. Gateways in front of it may want one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Require {
    /// Nowhere.
    #[default]
    None,
    /// `Authorization: Bearer TOKEN`.
    Header,
    /// `?access_token=TOKEN`.
    Query,
}

/// The rules.
#[derive(Debug)]
pub(crate) struct Access {
    pub(crate) require: Require,
    pub(crate) socket_idle: Option<Ms>,
    pub(crate) stale_upgrade: u16,
    pub(crate) analytics_lag: Ms,
    /// What the role of the service client allows.
    pub(crate) service: BTreeSet<String>,
}

impl Default for Access {
    fn default() -> Self {
        let service = [
            "analytics:conversationDetail:view",
            "conversation:communication:view",
            "presence:presenceDefinition:view",
            "routing:queue:supervise",
            "routing:queue:view",
            "routing:wrapupCode:view",
        ];
        Self {
            require: Require::None,
            socket_idle: None,
            stale_upgrade: 401,
            analytics_lag: 0,
            service: service.iter().map(|p| (*p).to_owned()).collect(),
        }
    }
}
