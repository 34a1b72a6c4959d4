//! Names of notification topics. For whoever subscribes.

use std::fmt;

/// The name of a topic.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Topic(String);

impl Topic {
    /// A topic by its name. Topics that begin with `v2.system.` are delivered unasked; do not subscribe to them.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// All conversations of a user, in generic form.
    pub fn conversations(user: &str) -> Self {
        Self(format!("v2.users.{user}.conversations"))
    }

    /// A user's presence.
    pub fn presence(user: &str) -> Self {
        Self(format!("v2.users.{user}.presence"))
    }

    /// A user's routing status.
    pub fn routing_status(user: &str) -> Self {
        Self(format!("v2.users.{user}.routingStatus"))
    }

    /// How many conversations a user has.
    pub fn conversation_summary(user: &str) -> Self {
        Self(format!("v2.users.{user}.conversationsummary"))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
