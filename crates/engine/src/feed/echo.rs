//! The same thing twice. On one socket, a body equal to the previous one of its topic and subject says nothing new. Between
//! the two sockets of a hand-over, events are matched one to one by topic, subject and body, in order: what one has told
//! is owed by the other, and is not told again when it comes from there. A-B-A stays A-B-A.
//!
//! Each socket delivers in order. The older one has heard all along; the newer one may have begun to hear in the middle,
//! so what it delivers can be behind what the older one told, or ahead of it, and its beginning can be missing.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use crate::limits::{COPY_AWAITED, REMEMBERED_BODIES};

/// A topic and what it is about, as a hash.
type Key = u64;
/// A body, as a hash.
type Body = u64;

/// What each socket has delivered, and what it owes.
#[derive(Debug, Default)]
pub(super) struct Echo {
    sockets: BTreeMap<u64, Socket>,
}

#[derive(Debug, Default)]
struct Socket {
    /// The last body of each topic and subject.
    last: HashMap<Key, Body>,
    /// What another socket told, and this one may still deliver; and when it was told.
    owed: HashMap<Key, VecDeque<(Body, Duration)>>,
}

impl Echo {
    /// A socket begins to be subscribed: from now on it owes what another one tells.
    pub(super) fn joins(&mut self, epoch: u64) {
        self.sockets.entry(epoch).or_default();
    }

    /// A socket is no more, and owes nothing. What it told, the other one still owes for a while.
    pub(super) fn leaves(&mut self, epoch: u64) {
        self.sockets.remove(&epoch);
    }

    /// Whether this says something new; remembers it.
    pub(super) fn tells(&mut self, epoch: u64, of: (&str, &str), body: &str, now: Duration) -> bool {
        let (key, body) = (hash(&of), hash(&body));
        let socket = self.sockets.entry(epoch).or_default();
        // A bound on memory: after so many subjects a repeat may pass once, and the desk ignores it.
        if socket.last.len() >= REMEMBERED_BODIES && !socket.last.contains_key(&key) {
            socket.last.clear();
        }
        if socket.last.insert(key, body) == Some(body) {
            return false;
        }
        if socket.delivers(key, body, now) {
            return false;
        }
        let owing = socket.owed.contains_key(&key);
        if self.sockets.last_key_value().is_some_and(|(newest, _)| *newest == epoch) {
            // What it did not deliver before this, it never will: it began in the middle.
            if let Some(socket) = self.sockets.get_mut(&epoch) {
                socket.owed.remove(&key);
            }
        } else if owing {
            // The newer socket is ahead and has passed this by, or began after it: it will not deliver it.
            return true;
        }
        for (_, other) in self.sockets.iter_mut().filter(|(other, _)| **other != epoch) {
            other.owes(key, body, now);
        }
        true
    }
}

impl Socket {
    /// Whether this socket owed this body; what it owed before that, it has passed by.
    fn delivers(&mut self, key: Key, body: Body, now: Duration) -> bool {
        let Some(owed) = self.owed.get_mut(&key) else { return false };
        owed.retain(|(_, told_at)| now < *told_at + COPY_AWAITED);
        let place = owed.iter().position(|(other, _)| *other == body);
        if let Some(place) = place {
            owed.drain(..=place);
        }
        if owed.is_empty() {
            self.owed.remove(&key);
        }
        place.is_some()
    }

    fn owes(&mut self, key: Key, body: Body, now: Duration) {
        if self.owed.len() >= REMEMBERED_BODIES && !self.owed.contains_key(&key) {
            self.owed.clear();
        }
        let owed = self.owed.entry(key).or_default();
        owed.retain(|(_, told_at)| now < *told_at + COPY_AWAITED);
        owed.push_back((body, now));
    }
}

fn hash(of: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}
