//! What the contact centre says: the JSON of its events, of its REST answers and of its analytics.

use std::fmt::Write as _;

use super::*;

impl Centre {
    pub(super) fn summary(&self) -> String {
        let mut kinds = Vec::new();
        for kind in Kind::ALL {
            let connected = |conversation: &&Conversation| {
                conversation.kind == kind && conversation.legs.iter().any(|leg| leg.state == State::Connected)
            };
            let active = self.conversations.iter().filter(connected).count();
            kinds.push(format!(r#""{}":{{"contactCenter":{{"active":{active},"acw":0}}}}"#, kind.word()));
        }
        format!(r#"{{"userId":"{AGENT}",{}}}"#, kinds.join(","))
    }

    pub(super) fn presence_body(&self, event: bool) -> String {
        let (presence, since) = self.presence;
        let (id, word) = match (presence, event) {
            ("OnQueue", true) => ("p-queue", "ON_QUEUE"),
            ("OnQueue", false) => ("p-queue", "OnQueue"),
            (_, true) => ("p-available", "AVAILABLE"),
            (_, false) => ("p-available", "Available"),
        };
        let at = iso(since);
        format!(r#"{{"presenceDefinition":{{"id":"{id}","systemPresence":"{word}"}},"modifiedDate":"{at}"}}"#)
    }

    pub(super) fn routing_body(&self) -> String {
        format!(r#"{{"status":"{}","startTime":"{}"}}"#, self.routing.0, iso(self.routing.1))
    }

    /// `GET users/me` with its expansions.
    pub fn me(&self) -> String {
        format!(
            r#"{{"id":"{AGENT}","name":"Ada Moreno","presence":{},"routingStatus":{},"date":{{"currentDate":"{}"}},"presenceDefinitions":[{{"id":"p-available","systemPresence":"Available","primary":true}},{{"id":"p-queue","systemPresence":"OnQueue","primary":true}}]}}"#,
            self.presence_body(false),
            self.routing_body(),
            iso(self.now),
        )
    }

    /// The generic form: in events without the name of the queue and the start of the alerting, as Genesys sends them.
    pub fn body(&self, place: usize, rest: bool) -> String {
        let Conversation { id, kind, legs, left, over } = &self.conversations[place];
        let list = kind.list();
        let customer = if *left { "disconnected" } else { "connected" };
        let mut body = format!(
            r#"{{"id":"{id}","participants":[{{"id":"{id}-customer","purpose":"customer","name":"Ana Pereira","{list}":[{{"id":"{id}-other","state":"{customer}"}}]}}"#,
        );
        for leg in legs {
            let queue = if rest { r#","queueName":"Sales""# } else { "" };
            let _ = write!(
                body,
                r#",{{"id":"{}","purpose":"agent","userId":"{AGENT}","queueId":"q1"{queue},"alertingTimeoutMs":{},"{list}":[{{"id":"{}",{}}}]}}"#,
                leg.participant,
                leg.rings.as_millis(),
                leg.id,
                facts(leg, rest, "disconnectedTime"),
            );
        }
        body.push(']');
        if let Some(at) = over {
            let _ = write!(body, r#","endTime":"{}""#, iso(*at));
        }
        body.push('}');
        body
    }

    /// What analytics tell of all conversations, as of this instant.
    pub fn details(&self, known: At) -> String {
        let detail = |conversation: &Conversation| {
            let legs: Vec<_> = conversation
                .legs
                .iter()
                .filter(|leg| leg.began <= known)
                .map(|leg| past(leg, conversation.kind, known))
                .collect();
            let begin = conversation.legs.first().map_or(At::ZERO, |leg| leg.began);
            format!(
                r#"{{"conversationId":"{}","conversationStart":"{}","participants":[{}]}}"#,
                conversation.id,
                iso(begin),
                legs.join(",")
            )
        };
        let known = |conversation: &&Conversation| conversation.legs.first().is_some_and(|leg| leg.began <= known);
        let all: Vec<_> = self.conversations.iter().filter(known).map(detail).collect();
        format!(r#"{{"conversations":[{}],"totalHits":{}}}"#, all.join(","), all.len())
    }

    /// The flat form of one kind: one participant for each leg, which is not named.
    pub fn flat(&self, place: usize) -> String {
        let Conversation { id, legs, left, .. } = &self.conversations[place];
        let customer = if *left { "disconnected" } else { "connected" };
        let mut body = format!(
            r#"{{"id":"{id}","participants":[{{"id":"{id}-customer","purpose":"customer","name":"Ana Pereira","state":"{customer}"}}"#,
        );
        for leg in legs {
            let _ = write!(
                body,
                r#",{{"id":"{}","purpose":"agent","user":{{"id":"{AGENT}"}},"queue":{{"id":"q1","name":"Sales"}},"alertingTimeoutMs":{},{}}}"#,
                leg.participant,
                leg.rings.as_millis(),
                facts(leg, true, "endTime"),
            );
        }
        body.push_str("]}");
        body
    }
}

fn facts(leg: &Leg, rest: bool, end: &str) -> String {
    let state = match leg.state {
        State::Alerting => "alerting",
        State::Connected => "connected",
        State::Ended => "disconnected",
    };
    let mut facts = format!(r#""state":"{state}","direction":"inbound","held":{}"#, leg.held);
    if rest {
        let _ = write!(facts, r#","startAlertingTime":"{}""#, iso(leg.began));
    }
    if let Some(at) = leg.taken {
        let _ = write!(facts, r#","connectedTime":"{}""#, iso(at));
    }
    if let Some((at, why)) = leg.ended {
        let why = match why {
            Why::TimedOut => "transfer.noanswer",
            Why::CallerLeft | Why::HungUp => "peer",
            Why::Declined => "client",
        };
        let _ = write!(facts, r#","{end}":"{}","disconnectType":"{why}""#, iso(at));
    }
    facts
}

/// A leg as analytics tell it: a stretch of alerting, and one of talking.
fn past(leg: &Leg, kind: Kind, known: At) -> String {
    let taken = leg.taken.filter(|at| *at <= known);
    let ended = leg.ended.filter(|(at, _)| *at <= known);
    let end = |at: Option<At>| at.map(|at| format!(r#","segmentEnd":"{}""#, iso(at))).unwrap_or_default();
    let why = match ended {
        Some((_, Why::TimedOut)) => r#","disconnectType":"noAnswerTransfer""#,
        Some((_, Why::Declined)) => r#","disconnectType":"client""#,
        Some((_, Why::CallerLeft | Why::HungUp)) => r#","disconnectType":"peer""#,
        None => "",
    };
    let (alert_why, talk_why) = if taken.is_some() { ("", why) } else { (why, "") };
    let mut segments = format!(
        r#"{{"segmentType":"alert","segmentStart":"{}","queueId":"q1"{}{alert_why}}}"#,
        iso(leg.began),
        end(taken.or(ended.map(|(at, _)| at))),
    );
    if let Some(at) = taken {
        let _ = write!(
            segments,
            r#",{{"segmentType":"interact","segmentStart":"{}"{}{talk_why}}}"#,
            iso(at),
            end(ended.map(|(at, _)| at)),
        );
    }
    format!(
        r#"{{"participantId":"{}","purpose":"agent","userId":"{AGENT}","sessions":[{{"sessionId":"{}","mediaType":"{}","direction":"inbound","segments":[{segments}]}}]}}"#,
        leg.participant,
        leg.id,
        if kind == Kind::Call { "voice" } else { kind.word() },
    )
}
