//! The contact centre as it truly is: one agent's conversations, presence and routing status, by the model's own clock.
//! It knows nothing of Earshot; what it publishes is written here by hand from Genesys' documents, not from our types.

use std::time::Duration;

use jiff::Timestamp;

mod words;

/// Wall clock at the model's zero, in milliseconds since 1970.
pub const WALL: i64 = 1_800_000_000_000;
/// The agent.
pub const AGENT: &str = "ada";

/// Time of the model.
pub type At = Duration;

/// How far a leg has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It alerts.
    Alerting,
    /// The agent is in it.
    Connected,
    /// It is over.
    Ended,
}

/// How a leg ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Nobody took it in time.
    TimedOut,
    /// The customer left.
    CallerLeft,
    /// The agent turned it down.
    Declined,
    /// After it was taken.
    HungUp,
}

/// Kinds of conversation. The last has no form that can be read by id without a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A call.
    Call,
    /// A message.
    Message,
    /// An e-mail.
    Email,
    /// A chat.
    Chat,
}

impl Kind {
    /// The kinds.
    pub const ALL: [Self; 4] = [Self::Call, Self::Message, Self::Email, Self::Chat];

    fn list(self) -> &'static str {
        match self {
            Self::Call => "calls",
            Self::Message => "messages",
            Self::Email => "emails",
            Self::Chat => "chats",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Message => "message",
            Self::Email => "email",
            Self::Chat => "chat",
        }
    }
}

/// One offer to the agent, and what became of it.
#[derive(Debug, Clone)]
pub struct Leg {
    /// Communication id.
    pub id: String,
    /// Participant id.
    pub participant: String,
    /// How far it has got.
    pub state: State,
    /// When it began to alert.
    pub began: At,
    /// How long Genesys lets it alert.
    pub rings: Duration,
    /// When it was taken.
    pub taken: Option<At>,
    /// When and how it ended.
    pub ended: Option<(At, Why)>,
    /// On hold.
    pub held: bool,
}

/// One conversation.
#[derive(Debug, Clone)]
pub struct Conversation {
    /// Its id.
    pub id: String,
    /// Its kind.
    pub kind: Kind,
    /// The agent's legs, oldest first.
    pub legs: Vec<Leg>,
    /// The customer has left.
    pub left: bool,
    /// When all was over.
    pub over: Option<At>,
}

/// Something the centre tells its subscribers.
#[derive(Debug, Clone)]
pub struct News {
    /// Topic.
    pub topic: String,
    /// `eventBody`.
    pub body: String,
    /// What it says of which leg.
    pub shows: Shows,
}

/// What a body says of which legs.
pub type Shows = Vec<(String, State)>;

/// The contact centre.
#[derive(Debug)]
pub struct Centre {
    /// All there ever were.
    pub conversations: Vec<Conversation>,
    /// Presence, and since when.
    pub presence: (&'static str, At),
    /// Routing status, and since when.
    pub routing: (&'static str, At),
    /// What has not been sent yet.
    pub news: Vec<News>,
    now: At,
    stamp: At,
}

/// `YYYY-MM-DDTHH:MM:SS.mmmZ`.
fn iso(at: At) -> String {
    let millis = WALL + i64::try_from(at.as_millis()).unwrap_or(0);
    Timestamp::from_millisecond(millis).map(|stamp| stamp.to_string()).unwrap_or_default()
}

impl Centre {
    /// An agent on queue, idle, with nothing to do.
    pub fn new() -> Self {
        Self {
            conversations: Vec::new(),
            presence: ("OnQueue", At::ZERO),
            routing: ("IDLE", At::ZERO),
            news: Vec::new(),
            now: At::ZERO,
            stamp: At::ZERO,
        }
    }

    /// Time passes.
    pub fn at(&mut self, now: At) -> &mut Self {
        self.now = now;
        self
    }

    /// Genesys stamps changes in milliseconds; two changes of one agent never share one.
    fn stamped(&mut self) -> At {
        self.stamp = self.now.max(self.stamp + Duration::from_millis(1));
        self.stamp
    }

    /// A new conversation is offered. Says which leg alerts.
    pub fn offer(&mut self, kind: Kind, rings: Duration) -> String {
        let id = format!("c{}", self.conversations.len());
        self.conversations.push(Conversation { id, kind, legs: Vec::new(), left: false, over: None });
        self.offer_again(self.conversations.len() - 1, rings)
    }

    /// The same conversation is offered again, as another leg.
    pub fn offer_again(&mut self, place: usize, rings: Duration) -> String {
        let began = self.now;
        let conversation = &mut self.conversations[place];
        let n = conversation.legs.len();
        let id = format!("{}-l{n}", conversation.id);
        conversation.legs.push(Leg {
            participant: format!("{}-p{n}", conversation.id),
            id: id.clone(),
            state: State::Alerting,
            began,
            rings,
            taken: None,
            ended: None,
            held: false,
        });
        self.changed(place);
        id
    }

    /// Where a leg is.
    pub fn find(&self, leg: &str) -> Option<(usize, usize)> {
        self.conversations.iter().enumerate().find_map(|(place, conversation)| {
            conversation.legs.iter().position(|other| other.id == leg || other.participant == leg).map(|n| (place, n))
        })
    }

    /// The leg.
    pub fn leg(&self, id: &str) -> Option<&Leg> {
        self.find(id).map(|(place, n)| &self.conversations[place].legs[n])
    }

    /// The legs of the same conversation, this one among them.
    pub fn siblings(&self, leg: &Leg) -> impl Iterator<Item = &Leg> {
        self.find(&leg.id).into_iter().flat_map(|(place, _)| &self.conversations[place].legs)
    }

    /// All legs.
    pub fn legs(&self) -> impl Iterator<Item = &Leg> {
        self.conversations.iter().flat_map(|conversation| &conversation.legs)
    }

    /// The agent takes it. False where that is too late.
    pub fn take(&mut self, leg: &str) -> bool {
        let Some((place, n)) = self.find(leg) else { return false };
        let now = self.now;
        let leg = &mut self.conversations[place].legs[n];
        if leg.state != State::Alerting {
            return false;
        }
        leg.state = State::Connected;
        leg.taken = Some(now);
        self.changed(place);
        self.route("INTERACTING");
        true
    }

    /// The leg ends. False where it had ended before.
    pub fn end(&mut self, leg: &str, why: Why) -> bool {
        let Some((place, n)) = self.find(leg) else { return false };
        let now = self.now;
        let conversation = &mut self.conversations[place];
        let leg = &mut conversation.legs[n];
        if leg.state == State::Ended {
            return false;
        }
        leg.state = State::Ended;
        leg.ended = Some((now, why));
        leg.held = false;
        if matches!(why, Why::CallerLeft | Why::HungUp) {
            conversation.left = true;
            conversation.over = Some(now);
        }
        self.changed(place);
        self.route(match why {
            Why::TimedOut | Why::Declined => "NOT_RESPONDING",
            Why::CallerLeft | Why::HungUp => "IDLE",
        });
        true
    }

    /// The agent puts it on hold, or takes it back.
    pub fn hold(&mut self, place: usize) {
        if let Some(leg) = self.conversations[place].legs.iter_mut().find(|leg| leg.state == State::Connected) {
            leg.held = !leg.held;
            self.changed(place);
        }
    }

    /// The routing status changes.
    pub fn route(&mut self, status: &'static str) {
        if self.routing.0 != status {
            self.routing = (status, self.stamped());
            let body = format!(r#"{{"id":"{AGENT}","routingStatus":{}}}"#, self.routing_body());
            self.tell("routingStatus", body, Vec::new());
        }
    }

    /// The presence changes.
    pub fn be(&mut self, presence: &'static str) {
        if self.presence.0 != presence {
            self.presence = (presence, self.stamped());
            let body = self.presence_body(true);
            self.tell("presence", body, Vec::new());
        }
    }

    fn tell(&mut self, name: &str, body: String, shows: Shows) {
        self.news.push(News { topic: format!("v2.users.{AGENT}.{name}"), body, shows });
    }

    fn changed(&mut self, place: usize) {
        let body = self.body(place, false);
        let shows = self.shows(place);
        self.tell("conversations", body, shows);
        let body = self.summary();
        self.tell("conversationsummary", body, Vec::new());
    }

    /// What any body of this conversation says of its legs.
    pub fn shows(&self, place: usize) -> Shows {
        self.conversations[place].legs.iter().map(|leg| (leg.id.clone(), leg.state)).collect()
    }

    /// Conversations in which the agent has a leg that is not over: what `GET /conversations` lists.
    pub fn listed(&self) -> impl Iterator<Item = usize> {
        let open = |conversation: &Conversation| conversation.legs.iter().any(|leg| leg.state != State::Ended);
        (0..self.conversations.len()).filter(move |place| open(&self.conversations[*place]))
    }
}
