//! What an engine is to listen to, and how it presents itself: the difference between an agent's desktop and a listener
//! without a screen.

use earshot_genesys::topics::Topic;

/// In a topic's name it stands for the id of the signed-in user.
pub const ME: &str = "{me}";

/// What to listen to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    topics: Topics,
    always_awake: bool,
    never_awake: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum Topics {
    /// What an agent's desktop needs. Without the conversations there is no point in being connected.
    #[default]
    Agent,
    /// These, each for itself: one that is refused does not stop the others.
    Listed(Vec<String>),
}

impl Plan {
    /// An agent's desktop: conversations, presence, routing status and conversation counts of the signed-in user.
    #[must_use]
    pub fn agent() -> Self {
        Self::default()
    }

    /// A listener to these topics, in which [`ME`] stands for the signed-in user. Its token is always kept alive.
    #[must_use]
    pub fn listen(topics: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let mut listed: Vec<String> = Vec::new();
        for topic in topics {
            let topic = topic.into();
            if !listed.contains(&topic) {
                listed.push(topic);
            }
        }
        Self { topics: Topics::Listed(listed), always_awake: true, never_awake: false }
    }

    /// Leaves the token to its idle time-out, even while the agent works: an organisation may want that.
    #[must_use]
    pub fn without_keep_alive(self) -> Self {
        Self { always_awake: false, never_awake: true, ..self }
    }

    /// Whether only a sign-in as a user will do: every topic is about the signed-in user.
    #[must_use]
    pub fn needs_user(&self) -> bool {
        match &self.topics {
            Topics::Agent => true,
            Topics::Listed(topics) => topics.iter().all(|topic| topic.contains(ME)),
        }
    }

    /// The topics that nobody but a user can have, of a plan that makes sense without them.
    #[must_use]
    pub fn lost_without_user(&self) -> Vec<&str> {
        match &self.topics {
            Topics::Agent => Vec::new(),
            Topics::Listed(topics) => topics.iter().map(String::as_str).filter(|topic| topic.contains(ME)).collect(),
        }
    }

    /// Whether the token is kept from its idle time-out whatever the agent does.
    #[must_use]
    pub fn always_awake(&self) -> bool {
        self.always_awake
    }

    /// Whether nothing is done against the token's idle time-out.
    #[must_use]
    pub fn never_awake(&self) -> bool {
        self.never_awake
    }

    /// Whether it is a listener's: there is nothing but the record.
    #[must_use]
    pub fn is_listed(&self) -> bool {
        matches!(self.topics, Topics::Listed(_))
    }

    /// The topics to subscribe to. `me` is the signed-in user's id, where there is a user.
    #[must_use]
    pub fn topics(&self, me: Option<&str>) -> Vec<Topic> {
        match (&self.topics, me) {
            (Topics::Agent, Some(me)) => vec![
                Topic::conversations(me),
                Topic::presence(me),
                Topic::routing_status(me),
                Topic::conversation_summary(me),
            ],
            (Topics::Agent, None) => Vec::new(),
            (Topics::Listed(topics), Some(me)) => {
                topics.iter().map(|topic| Topic::new(topic.replace(ME, me))).collect()
            }
            (Topics::Listed(topics), None) => {
                topics.iter().filter(|topic| !topic.contains(ME)).map(Topic::new).collect()
            }
        }
    }

    /// Whether these granted topics are worth a connection.
    #[must_use]
    pub fn satisfied_by<'a>(&self, me: Option<&str>, mut granted: impl Iterator<Item = &'a Topic>) -> bool {
        match (&self.topics, me) {
            (Topics::Agent, Some(me)) => {
                let essential = Topic::conversations(me);
                granted.any(|topic| *topic == essential)
            }
            (Topics::Agent, None) => false,
            (Topics::Listed(_), _) => granted.next().is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(topics: &[Topic]) -> Vec<&str> {
        topics.iter().map(Topic::as_str).collect()
    }

    #[test]
    fn an_agent_needs_the_conversations_and_nothing_else() {
        let plan = Plan::agent();
        assert!(plan.needs_user() && !plan.always_awake());
        assert_eq!(plan.topics(Some("u")).len(), 4);
        assert!(plan.topics(None).is_empty());
        assert!(plan.satisfied_by(Some("u"), [Topic::conversations("u")].iter()));
        assert!(!plan.satisfied_by(Some("u"), [Topic::presence("u"), Topic::conversations("v")].iter()));
    }

    #[test]
    fn a_listener_is_content_with_any_of_its_topics() {
        let plan = Plan::listen(["v2.users.{me}.presence", "v2.routing.queues.q.users", "v2.users.{me}.presence"]);
        assert!(!plan.needs_user() && plan.always_awake());
        assert_eq!(plan.lost_without_user(), ["v2.users.{me}.presence"]);
        assert!(Plan::listen(["v2.users.{me}.presence"]).needs_user());
        assert_eq!(names(&plan.topics(Some("u"))), ["v2.users.u.presence", "v2.routing.queues.q.users"]);
        assert_eq!(names(&plan.topics(None)), ["v2.routing.queues.q.users"]);
        assert!(plan.satisfied_by(None, [Topic::new("v2.routing.queues.q.users")].iter()));
        assert!(!plan.satisfied_by(None, [].iter()));
        assert!(!Plan::listen(["v2.routing.queues.q.users"]).needs_user());
    }
}
