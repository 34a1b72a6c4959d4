//! What the topics would have said while nobody could hear: answers of REST, in the shape of events, for the record. The
//! desk has its own way through sightings; this one serves every topic that is listened to, the agent's or not.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use earshot_genesys::error::ApiError;
use earshot_genesys::recovery::{Recovery, Source, recoverable, single_topics};
use earshot_genesys::topics::Topic;
use earshot_genesys::wire::MediaKind;
use serde_json::Value;
use serde_json::value::RawValue;

use super::Output;
use super::live::subject;
use super::lookback::Whose;
use super::merge::merge;
use super::ordered::Ordered;
use crate::backoff::doubling;
use crate::limits::{READ_TRIES, READS_AT_ONCE, READS_KEPT, RELIST_RETRY, RELIST_RETRY_CAP};

/// A question that only the record asks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reading {
    /// The signed-in user's conversations of one kind.
    List(MediaKind),
    /// One conversation, in the form of this kind.
    Conversation {
        /// Its id.
        id: String,
        /// In the form of this kind.
        kind: MediaKind,
    },
    /// Another user's state.
    User(String),
}

/// Something that REST said, as it was said.
#[derive(Debug, Clone)]
pub struct Said {
    /// What it is.
    pub source: Source,
    /// The words; its `Debug` may show customer data, so it has none of its own.
    pub raw: Hidden,
}

/// JSON that is not printed.
#[derive(Clone)]
pub struct Hidden(pub Arc<RawValue>);

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.0.get().len())
    }
}

#[derive(Debug, Clone, Copy)]
enum Progress {
    Due { at: Duration, failures: u32 },
    Asked { ask: u64, at: Duration, failures: u32 },
}

/// One topic that is listened to.
#[derive(Debug)]
struct Watched {
    topic: String,
    recovery: Option<Recovery>,
}

/// The record's own looks at REST.
#[derive(Debug, Default)]
pub(super) struct Recover {
    /// Asks REST for more than the desk does.
    thorough: bool,
    watched: Vec<Watched>,
    readings: BTreeMap<Reading, Progress>,
    asks: u64,
    /// Topics of which something could not be read since the last gap began.
    unread: BTreeSet<String>,
}

impl Recover {
    /// These topics are granted. `thorough`: there is nothing but the record, so REST is asked for all of them.
    pub(super) fn watch(&mut self, topics: &[Topic], thorough: bool) {
        self.thorough = thorough;
        let single = topics.iter().flat_map(|topic| single_topics(topic.as_str()));
        self.watched = single
            .map(|topic| Watched { recovery: recoverable(topic.as_str()), topic: topic.as_str().to_owned() })
            .collect();
    }

    /// Whether there is nothing but the record.
    pub(super) fn is_thorough(&self) -> bool {
        self.thorough
    }

    /// Whose conversations analytics can tell of.
    pub(super) fn whose(&self) -> Vec<Whose> {
        let whose: BTreeSet<_> =
            self.watched.iter().filter_map(|watched| of_whom(watched.recovery.as_ref()?)).collect();
        whose.into_iter().collect()
    }

    /// Whether the conversations of this user's are listened to.
    pub(super) fn hears_conversations_of(&self, user: &str) -> bool {
        let theirs = |recovery: &Recovery| matches!(recovery, Recovery::Conversations { user: of, .. } if of == user);
        self.watched.iter().filter_map(|watched| watched.recovery.as_ref()).any(theirs)
    }

    /// Topics of which a gap can hide something for good.
    pub(super) fn unrecoverable(&self) -> Vec<String> {
        let never = self.watched.iter().filter(|watched| watched.recovery.is_none()).map(|watched| &watched.topic);
        never.chain(&self.unread).cloned().collect()
    }

    /// Topics whose conversations may come and go while nobody hears.
    pub(super) fn conversation_topics(&self) -> Vec<String> {
        let of_conversations = |watched: &&Watched| watched.recovery.as_ref().is_some_and(|it| of_whom(it).is_some());
        self.watched.iter().filter(of_conversations).map(|watched| watched.topic.clone()).collect()
    }

    /// A look begins: what is to be read for it besides the user and their conversations.
    pub(super) fn begin(&mut self, me: Option<&str>, ordered: &Ordered, now: Duration) {
        self.unread.clear();
        if !self.thorough {
            return;
        }
        let mut readings = Vec::new();
        for Watched { topic, recovery } in &self.watched {
            match recovery {
                Some(Recovery::Conversations { user, kind }) => {
                    if Some(user.as_str()) == me && kind.path_segment().is_some() {
                        readings.push(Reading::List(*kind));
                    }
                    readings.extend(conversations(ordered.unended(topic), *kind));
                }
                Some(Recovery::QueueConversations { kind, .. }) => {
                    readings.extend(conversations(ordered.unended(topic), *kind));
                }
                Some(Recovery::User { user, .. }) if Some(user.as_str()) != me => {
                    readings.push(Reading::User(user.clone()));
                }
                Some(Recovery::User { .. }) | None => {}
            }
        }
        for reading in readings {
            self.want(reading, ordered, now);
        }
    }

    /// Analytics know of a conversation in a gap: it is read, where nothing was ever told of it.
    pub(super) fn heard_of(&mut self, conversation: &str, whose: &Whose, ordered: &Ordered, now: Duration) {
        if !self.thorough {
            return;
        }
        let about = |watched: &&Watched| watched.recovery.as_ref().and_then(of_whom).as_ref() == Some(whose);
        let unknown = self.watched.iter().filter(about).filter(|watched| !ordered.knows(&watched.topic, conversation));
        let kinds: Vec<_> = unknown.filter_map(|watched| watched.recovery.as_ref()).filter_map(kind).collect();
        for kind in kinds {
            self.want(Reading::Conversation { id: conversation.to_owned(), kind: read_as(kind) }, ordered, now);
        }
    }

    /// Nothing that the look at hand asked for is missing.
    pub(super) fn idle(&self) -> bool {
        self.readings.is_empty()
    }

    /// Hearing was lost: what was asked before says nothing about now.
    pub(super) fn stop(&mut self) {
        self.readings.clear();
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        let due = self.readings.values().filter_map(|progress| match progress {
            Progress::Due { at, .. } => Some(*at),
            Progress::Asked { .. } => None,
        });
        due.min().filter(|_| self.in_flight() < READS_AT_ONCE)
    }

    /// What is to be asked now.
    pub(super) fn due(&mut self, now: Duration) -> Vec<(u64, Reading)> {
        let free = READS_AT_ONCE.saturating_sub(self.in_flight());
        let mut asked = Vec::new();
        for (reading, progress) in &mut self.readings {
            if let Progress::Due { at, failures } = *progress
                && at <= now
                && asked.len() < free
            {
                self.asks += 1;
                *progress = Progress::Asked { ask: self.asks, at: now, failures };
                asked.push((self.asks, reading.clone()));
            }
        }
        asked
    }

    /// A reading was answered. How many events that recovers; `Err` hands back what stands in the way of all readings. An
    /// answer to a question of before the last loss says nothing about now, though the same is asked again.
    pub(super) fn read(
        &mut self,
        (ask, reading): (u64, &Reading),
        result: Result<Vec<Said>, ApiError>,
        ordered: &mut Ordered,
        now: Duration,
        out: &mut Vec<Output>,
    ) -> Result<u32, ApiError> {
        let (at, failures) = match self.readings.get(reading) {
            Some(Progress::Asked { ask: current, at, failures }) if *current == ask => (*at, *failures),
            _ => return Ok(0),
        };
        match result {
            Ok(said) => {
                self.readings.remove(reading);
                Ok(said.iter().map(|said| self.said(said, at, ordered, out)).sum())
            }
            Err(ApiError::Status(status)) if (400..500).contains(&status.status) && !matters(status.status) => {
                self.readings.remove(reading);
                self.not_readable(reading, status.status, ordered, now);
                Ok(0)
            }
            Err(error) => {
                let failures = failures + 1;
                if failures >= READ_TRIES {
                    self.readings.remove(reading);
                    self.note_unread(reading, ordered);
                } else {
                    let at = now + doubling(RELIST_RETRY, RELIST_RETRY_CAP, failures);
                    self.readings.insert(reading.clone(), Progress::Due { at, failures });
                }
                Err(error)
            }
        }
    }

    /// Something that REST said about what is listened to; it was asked at `asked`. How many events that recovers.
    pub(super) fn said(&self, said: &Said, asked: Duration, ordered: &mut Ordered, out: &mut Vec<Output>) -> u32 {
        let mut recovered = 0;
        let mut cast = None;
        for Watched { topic, recovery } in &self.watched {
            let Some(recovery) = recovery else { continue };
            let cast = cast.get_or_insert_with(|| Cast::of(&said.raw.0));
            if !cast.concerns(recovery, said.source) {
                continue;
            }
            let body = if recovery.source() == said.source {
                recovery.body(&said.raw.0)
            } else if let (Source::Conversation, Source::MediaConversation(kind)) = (recovery.source(), said.source) {
                ordered.last(topic, &cast.id).and_then(|last| merge(last, kind, &said.raw.0))
            } else {
                None
            };
            let Some(body) = body else { continue };
            let subject = subject(&body);
            recovered += u32::from(ordered.recovered(topic, &subject, body.into(), asked, out));
        }
        recovered
    }

    /// The generic form may not be read without a permission; the flat one of its kind may.
    fn not_readable(&mut self, reading: &Reading, status: u16, ordered: &mut Ordered, now: Duration) {
        if let Reading::Conversation { id, kind: MediaKind::Generic } = reading
            && status == 403
        {
            let kinds: BTreeSet<_> = self
                .watched
                .iter()
                .filter_map(|watched| ordered.last(&watched.topic, id))
                .flat_map(kinds_in)
                .filter(|kind| kind.path_segment().is_some())
                .collect();
            if !kinds.is_empty() {
                for kind in kinds {
                    self.want(Reading::Conversation { id: id.clone(), kind }, ordered, now);
                }
                return;
            }
        }
        match reading {
            Reading::Conversation { id, .. } if matches!(status, 404 | 410) => ordered.not_found(id),
            _ if status == 404 => {}
            _ => self.note_unread(reading, ordered),
        }
    }

    /// Something of this user's conversations could not be read.
    pub(super) fn conversations_unread(&mut self, user: &str) {
        let theirs = |recovery: &Recovery| matches!(recovery, Recovery::Conversations { user: of, .. } if of == user);
        let topics = self.watched.iter().filter(|watched| watched.recovery.as_ref().is_some_and(theirs));
        self.unread.extend(topics.map(|watched| watched.topic.clone()));
    }

    /// Its topics have lost something in this gap for good.
    fn note_unread(&mut self, reading: &Reading, ordered: &Ordered) {
        for Watched { topic, recovery } in &self.watched {
            let about = match (reading, recovery) {
                (Reading::User(user), Some(Recovery::User { user: of, .. })) => user == of,
                (Reading::List(kind), Some(Recovery::Conversations { kind: of, .. })) => kind == of,
                (Reading::Conversation { id, kind }, Some(recovery)) => {
                    recovery.source() != Source::User
                        && (self::kind(recovery) == Some(*kind) || ordered.knows(topic, id))
                }
                _ => false,
            };
            if about {
                self.unread.insert(topic.clone());
            }
        }
    }

    fn want(&mut self, reading: Reading, ordered: &Ordered, now: Duration) {
        if self.readings.len() < READS_KEPT || self.readings.contains_key(&reading) {
            self.readings.entry(reading).or_insert(Progress::Due { at: now, failures: 0 });
        } else {
            self.note_unread(&reading, ordered);
        }
    }

    /// The question about this that is under way.
    #[cfg(test)]
    pub(super) fn ask_of(&self, reading: &Reading) -> u64 {
        match self.readings.get(reading) {
            Some(Progress::Asked { ask, .. }) => *ask,
            _ => 0,
        }
    }

    fn in_flight(&self) -> usize {
        self.readings.values().filter(|progress| matches!(progress, Progress::Asked { .. })).count()
    }
}

/// A refusal that is about all readings, not about this one.
fn matters(status: u16) -> bool {
    matches!(status, 401 | 407 | 408 | 429)
}

fn of_whom(recovery: &Recovery) -> Option<Whose> {
    match recovery {
        Recovery::Conversations { user, .. } => Some(Whose::User(user.clone())),
        Recovery::QueueConversations { queue, .. } => Some(Whose::Queue(queue.clone())),
        Recovery::User { .. } => None,
    }
}

fn kind(recovery: &Recovery) -> Option<MediaKind> {
    match recovery {
        Recovery::Conversations { kind, .. } | Recovery::QueueConversations { kind, .. } => Some(*kind),
        Recovery::User { .. } => None,
    }
}

/// Kinds without a form of their own in REST are read in the generic one.
fn read_as(kind: MediaKind) -> MediaKind {
    if kind.path_segment().is_some() { kind } else { MediaKind::Generic }
}

fn conversations<'a>(ids: impl Iterator<Item = &'a str> + 'a, kind: MediaKind) -> impl Iterator<Item = Reading> + 'a {
    ids.map(move |id| Reading::Conversation { id: id.to_owned(), kind: read_as(kind) })
}

/// The kinds of the legs in a body of the generic form.
fn kinds_in(body: &RawValue) -> Vec<MediaKind> {
    let Ok(body) = serde_json::from_str::<Value>(body.get()) else { return Vec::new() };
    let participants = body["participants"].as_array().into_iter().flatten();
    let has = |participant: &Value, kind: &MediaKind| {
        let legs = kind.topic_segment().and_then(|legs| participant[legs].as_array());
        legs.is_some_and(|legs| !legs.is_empty())
    };
    participants.flat_map(|participant| MediaKind::ALL.into_iter().filter(move |kind| has(participant, kind))).collect()
}

/// Who and which queues an answer is about.
struct Cast {
    id: String,
    users: BTreeSet<String>,
    queues: BTreeSet<String>,
}

impl Cast {
    fn of(raw: &RawValue) -> Self {
        let value: Value = serde_json::from_str(raw.get()).unwrap_or_default();
        let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
        let participants = || value["participants"].as_array().into_iter().flatten();
        let named = |plain: &'static str, reference: &'static str| {
            participants().filter_map(|p| text(&p[plain]).or_else(|| text(&p[reference]["id"]))).collect()
        };
        Self {
            id: text(&value["id"]).unwrap_or_default(),
            users: named("userId", "user"),
            queues: named("queueId", "queue"),
        }
    }

    fn concerns(&self, recovery: &Recovery, source: Source) -> bool {
        match (recovery, source) {
            (Recovery::User { user, .. }, Source::User) => *user == self.id,
            (Recovery::User { .. }, _) | (_, Source::User) => false,
            (Recovery::Conversations { user, .. }, _) => self.users.contains(user),
            (Recovery::QueueConversations { queue, .. }, _) => self.queues.contains(queue),
        }
    }
}
