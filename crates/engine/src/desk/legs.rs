//! All legs of the agent's that are known, found by leg, participant and conversation; forgets the oldest ended ones.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use super::leg::Leg;
use super::limits::{ENDED_KEPT, KEEP_ENDED, OPEN_KEPT};
use super::sighting::{LegSighting, Party};

/// The legs.
#[derive(Debug, Default)]
pub(super) struct Legs {
    by_key: HashMap<String, Leg>,
    /// Communication ids learned after the media form had named the leg by its participant.
    other_names: HashMap<String, String>,
    conversations: HashMap<String, Conversation>,
    /// Keys of the legs that are not finished, by place.
    open: Vec<String>,
    /// Keys of the others, the longest finished first.
    ended: VecDeque<(Duration, String)>,
    next_order: u64,
}

/// What is known of a conversation beyond the agent's legs.
#[derive(Debug, Default)]
pub(super) struct Conversation {
    pub(super) legs: Vec<String>,
    pub(super) caller: Party,
    pub(super) caller_gone: bool,
    pub(super) ended: bool,
}

impl Legs {
    pub(super) fn get(&self, key: &str) -> Option<&Leg> {
        self.by_key.get(self.other_names.get(key).map_or(key, String::as_str))
    }

    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Leg> {
        self.by_key.get_mut(self.other_names.get(key).map_or(key, String::as_str))
    }

    pub(super) fn conversation(&self, id: &str) -> Option<&Conversation> {
        self.conversations.get(id)
    }

    pub(super) fn conversation_mut(&mut self, id: &str) -> Option<&mut Conversation> {
        self.conversations.get_mut(id)
    }

    /// Legs that are not finished, by place.
    pub(super) fn open(&self) -> impl DoubleEndedIterator<Item = &Leg> {
        self.open.iter().filter_map(|key| self.by_key.get(key))
    }

    /// Keys of the legs that alert.
    pub(super) fn alerting(&self) -> Vec<String> {
        self.open().filter(|leg| leg.offer.is_some()).map(|leg| leg.key.clone()).collect()
    }

    /// Which known legs the looks are at; `None` where it is the first look at one.
    ///
    /// The media form names no leg, only the participant. With several legs of one participant, the newest looks belong to
    /// the newest legs.
    pub(super) fn recognise(&mut self, conversation: &str, looks: &[LegSighting]) -> Vec<Option<String>> {
        let mut found = vec![None; looks.len()];
        for (place, look) in looks.iter().enumerate().rev().filter(|(_, look)| look.leg != look.participant) {
            found[place] = self.get(&look.leg).map(|leg| leg.key.clone());
            if found[place].is_none() {
                found[place] = self.adopt(conversation, look);
            }
        }
        for (place, look) in looks.iter().enumerate().rev().filter(|(_, look)| look.leg == look.participant) {
            found[place] = self.newest(conversation, look, &found);
        }
        found
    }

    /// A leg that is known by its participant alone learns its own name.
    fn adopt(&mut self, conversation: &str, look: &LegSighting) -> Option<String> {
        let keys = &self.conversations.get(conversation)?.legs;
        let key = keys.iter().find(|key| self.by_key.get(*key).is_some_and(|leg| leg.nameless && same(leg, look)))?;
        let key = key.clone();
        self.by_key.get_mut(&key)?.nameless = false;
        self.other_names.insert(look.leg.clone(), key.clone());
        Some(key)
    }

    fn newest(&self, conversation: &str, look: &LegSighting, taken: &[Option<String>]) -> Option<String> {
        let keys = &self.conversations.get(conversation)?.legs;
        let free = |key: &&String| !taken.iter().flatten().any(|taken| taken == *key);
        keys.iter().rev().filter(free).find(|key| self.by_key.get(*key).is_some_and(|leg| same(leg, look))).cloned()
    }

    /// Names the next leg's place; `None` where there are more open legs than can be real.
    pub(super) fn next_order(&mut self) -> Option<u64> {
        if self.open.len() >= OPEN_KEPT {
            return None;
        }
        self.next_order += 1;
        Some(self.next_order)
    }

    /// Takes in a new leg.
    pub(super) fn insert(&mut self, leg: Leg) {
        let conversation = self.conversations.entry(leg.conversation.clone()).or_default();
        conversation.legs.push(leg.key.clone());
        let at = self.open.partition_point(|key| self.by_key.get(key).is_some_and(|other| other.place < leg.place));
        self.open.insert(at, leg.key.clone());
        self.by_key.insert(leg.key.clone(), leg);
    }

    /// Puts the leg where its state says it belongs, and forgets what has been over for long.
    pub(super) fn settle(&mut self, key: &str, now: Duration) {
        let Some(leg) = self.by_key.get(key) else { return };
        let (finished, listed) = (leg.finished(), self.open.iter().position(|open| open == key));
        match (finished, listed) {
            (true, Some(at)) => {
                self.open.remove(at);
                self.ended.push_back((now, key.to_owned()));
            }
            // Wrap-up became due after the end.
            (false, None) => {
                self.ended.retain(|(_, ended)| ended != key);
                let place = leg.place;
                let at = self.open.partition_point(|key| self.by_key.get(key).is_some_and(|other| other.place < place));
                self.open.insert(at, key.to_owned());
            }
            _ => {}
        }
        self.prune(now);
    }

    fn prune(&mut self, now: Duration) {
        while let Some((at, _)) = self.ended.front() {
            if self.ended.len() <= ENDED_KEPT && now.saturating_sub(*at) < KEEP_ENDED {
                break;
            }
            let Some((_, key)) = self.ended.pop_front() else { break };
            let Some(leg) = self.by_key.remove(&key) else { continue };
            self.other_names.retain(|_, name| *name != key);
            if let Some(conversation) = self.conversations.get_mut(&leg.conversation) {
                conversation.legs.retain(|other| *other != key);
                if conversation.legs.is_empty() {
                    self.conversations.remove(&leg.conversation);
                }
            }
        }
    }

    /// How many legs are remembered.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.by_key.len()
    }
}

/// A look that names only the participant is at this leg, as far as participant and kind can tell. That holds for an
/// ended leg too: an answer that was long under way must not ring again (a requeue brings a new participant).
fn same(leg: &Leg, look: &LegSighting) -> bool {
    leg.participant == look.participant && leg.medium == look.medium
}
