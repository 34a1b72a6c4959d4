//! What a socket delivers: told once, to the desk and to the record.

use std::borrow::Cow;

use earshot_genesys::notification::TopicEvent;
use serde_json::value::RawValue;

use super::{Feed, Output};
use crate::desk::read;
use crate::desk::sighting::Sighting;
use crate::event::Source;
use crate::moment::Moment;
use crate::snapshot::{Notice, Severity, Trouble};

impl Feed {
    pub(super) fn topic(&mut self, epoch: u64, topic: &str, body: Box<RawValue>, now: Moment, out: &mut Vec<Output>) {
        if self.signed_out {
            return;
        }
        let event = TopicEvent::read(topic, &body);
        // The longest bodies are not read once more for the id alone.
        let subject = match &event {
            Ok(TopicEvent::Conversation(conversation)) => Cow::Borrowed(conversation.id.as_str()),
            Ok(TopicEvent::MediaConversation(_, conversation)) => Cow::Borrowed(conversation.id.as_str()),
            _ => Cow::Owned(subject(&body)),
        };
        let news = self.echo.tells(epoch, (topic, &subject), body.get(), now.mono);
        if news {
            self.ordered.live(topic, &subject, body, now.mono, out);
        }
        let event = match event {
            Ok(event) => event,
            Err(error) => return self.unreadable(error.to_string()),
        };
        let me = self.me.as_deref().unwrap_or_default();
        match event {
            TopicEvent::Conversation(conversation) => self.live(read::sighting(&conversation, me), news, out),
            TopicEvent::MediaConversation(kind, conversation) => {
                self.live(read::media_sighting(&conversation, kind, me), news, out);
            }
            TopicEvent::Presence(presence) if news && mine(topic, me) => out.push(Output::Presence(presence)),
            TopicEvent::Routing(event) if news && mine(topic, me) => {
                if let Some(routing) = event.routing_status {
                    self.routing.clone_from(&routing.status);
                    out.push(Output::Routing(routing));
                }
            }
            TopicEvent::ConversationSummary(summary) if mine(topic, me) => out.push(Output::Summary(summary)),
            TopicEvent::Presence(_)
            | TopicEvent::Routing(_)
            | TopicEvent::ConversationSummary(_)
            | TopicEvent::Other => {}
        }
    }

    fn live(&mut self, sighting: Sighting, news: bool, out: &mut Vec<Output>) {
        self.absence.seen(&sighting.conversation);
        self.unheard.remove(&sighting.conversation);
        if let Some(look) = &mut self.look {
            // What the look-up was to say has been said.
            look.lookups.remove(&sighting.conversation);
            self.heard_during_look.insert(sighting.conversation.clone());
        }
        if news && self.me.is_some() {
            out.push(Output::Seen { sighting, source: Source::Live });
        }
    }

    pub(super) fn unreadable(&mut self, fingerprint: String) {
        let count = self.unreadable.take().map_or(0, |(count, _)| count);
        self.unreadable = Some((count + 1, fingerprint));
    }

    /// What stands in the notices about frames that could not be read.
    #[must_use]
    pub fn notice(&self) -> Option<Notice> {
        let (count, last) = self.unreadable.as_ref()?;
        let message = format!("{count} notification(s) could not be read; the last one: {last}.");
        let trouble = Trouble {
            code: "frame.unreadable".into(),
            message,
            cure: Some("If it stays, send this line to your help desk.".into()),
            retryable: false,
        };
        Some(Notice { severity: Severity::Info, trouble })
    }
}

/// The `id` in a body, or nothing.
pub(super) fn subject(body: &RawValue) -> String {
    #[derive(serde::Deserialize)]
    struct Subject<'a> {
        #[serde(borrow, default)]
        id: Option<Cow<'a, str>>,
    }
    serde_json::from_str::<Subject>(body.get()).ok().and_then(|body| body.id).unwrap_or_default().into_owned()
}

/// Whether a topic is about the signed-in user.
fn mine(topic: &str, me: &str) -> bool {
    let user = topic.split('.').nth(2);
    user.is_some_and(|user| !me.is_empty() && user.eq_ignore_ascii_case(me))
}
