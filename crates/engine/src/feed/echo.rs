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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// What an echo makes of bodies about one subject, delivered by sockets 1 and 2 in this order.
    fn told(echo: &mut Echo, delivered: &[(u64, char)]) -> String {
        let tells = |(epoch, body): &&(u64, char)| echo.tells(*epoch, ("t", "1"), &body.to_string(), s(1));
        delivered.iter().filter(tells).map(|(_, body)| body).collect()
    }

    #[test]
    fn on_one_socket_only_the_previous_body_of_the_same_topic_and_subject_counts() {
        let mut echo = Echo::default();
        assert!(echo.tells(1, ("t", "1"), "A", s(0)));
        assert!(!echo.tells(1, ("t", "1"), "A", s(0)));
        assert!(echo.tells(1, ("t", "2"), "A", s(0)), "another conversation");
        assert!(echo.tells(1, ("u", "1"), "A", s(0)), "another topic");
        assert!(echo.tells(1, ("t", "1"), "B", s(0)));
        assert!(echo.tells(1, ("t", "1"), "A", s(0)), "A-B-A stays A-B-A");
        echo.leaves(1);
        assert!(echo.tells(2, ("t", "1"), "A", s(0)), "another socket, with none beside it");
    }

    #[test]
    fn what_one_socket_told_the_other_need_not() {
        let mut echo = Echo::default();
        echo.joins(1);
        echo.joins(2);
        assert_eq!(told(&mut echo, &[(1, 'A'), (2, 'A'), (2, 'B'), (1, 'B'), (1, 'A'), (1, 'C'), (2, 'A')]), "ABAC");
        assert_eq!(told(&mut echo, &[(2, 'C'), (2, 'A'), (1, 'A')]), "A");
    }

    #[test]
    fn what_was_told_before_the_other_joined_is_not_owed() {
        let mut echo = Echo::default();
        assert_eq!(told(&mut echo, &[(1, 'A'), (1, 'B')]), "AB");
        echo.joins(2);
        assert_eq!(told(&mut echo, &[(2, 'A')]), "A", "it is news");
    }

    #[test]
    fn a_late_copy_is_known_after_the_old_socket_is_gone_until_a_newer_body_or_some_seconds_later() {
        let late = || {
            let mut echo = Echo::default();
            echo.joins(1);
            echo.joins(2);
            assert_eq!(told(&mut echo, &[(1, 'A'), (1, 'B')]), "AB");
            echo.leaves(1);
            echo
        };
        assert_eq!(told(&mut late(), &[(2, 'A'), (2, 'B')]), "");
        assert_eq!(told(&mut late(), &[(2, 'C'), (2, 'A'), (2, 'B')]), "CAB");
        let mut echo = late();
        assert!(echo.tells(2, ("t", "1"), "A", s(1) + COPY_AWAITED));
    }

    #[test]
    fn memory_is_bounded() {
        let mut echo = Echo::default();
        echo.joins(1);
        echo.joins(2);
        for n in 0..REMEMBERED_BODIES * 2 {
            echo.tells(1, ("t", &n.to_string()), "A", s(0));
        }
        for socket in echo.sockets.values() {
            assert!(socket.last.len() <= REMEMBERED_BODIES && socket.owed.len() <= REMEMBERED_BODIES);
        }
    }

    /// Both streams put together as `order` says, each body once or twice in a row as `twice` says; the older socket leaves
    /// after its last one.
    fn interleave(
        echo: &mut Echo,
        (old, new): (&[char], &[char]),
        joins: usize,
        order: &[bool],
        twice: &[bool],
    ) -> String {
        let (mut old_at, mut new_at, mut said) = (0, 0, String::new());
        for step in 0.. {
            if old_at == joins {
                echo.joins(2);
            }
            let new_may = old_at >= joins && new_at < new.len();
            let old_may = old_at < old.len();
            let delivered = match (old_may, new_may) {
                (false, false) => break,
                (true, true) if order[step % order.len()] => (2, new[new_at]),
                (false, true) => (2, new[new_at]),
                _ => (1, old[old_at]),
            };
            if delivered.0 == 1 {
                old_at += 1;
            } else {
                new_at += 1;
            }
            let times = 1 + usize::from(twice[step % twice.len()]);
            said.push_str(&told(echo, &vec![delivered; times]));
            if old_at == old.len() && old_at >= joins {
                echo.leaves(1);
            }
        }
        said
    }

    fn whole(mut bodies: Vec<char>) -> Vec<char> {
        bodies.dedup();
        bodies
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

        /// States that come again are told again; the old socket may be cut off anywhere after the new one has joined.
        #[test]
        fn two_sockets_tell_a_series_exactly_once_and_in_order(
            bodies in prop::collection::vec(prop::sample::select(vec!['A', 'B', 'C']), 1..24).prop_map(whole),
            joins: prop::sample::Index,
            cut: prop::sample::Index,
            order in prop::collection::vec(any::<bool>(), 1..32),
            twice in prop::collection::vec(any::<bool>(), 1..8),
        ) {
            let joins = joins.index(bodies.len() + 1);
            let cut = joins + cut.index(bodies.len() - joins + 1);
            let mut echo = Echo::default();
            echo.joins(1);
            let said = interleave(&mut echo, (&bodies[..cut], &bodies[joins..]), joins, &order, &twice);
            prop_assert_eq!(said, bodies.iter().collect::<String>());
        }

        /// The new socket may begin to deliver later than it joined, as long as the old one covers the beginning.
        #[test]
        fn a_socket_that_begins_in_the_middle_costs_and_repeats_nothing(
            length in 1..24_usize,
            joins: prop::sample::Index,
            begins: prop::sample::Index,
            cut: prop::sample::Index,
            order in prop::collection::vec(any::<bool>(), 1..32),
            twice in prop::collection::vec(any::<bool>(), 1..8),
        ) {
            let bodies: Vec<char> = ('a'..='z').take(length).collect();
            let joins = joins.index(length + 1);
            let begins = joins + begins.index(length - joins + 1);
            let cut = begins + cut.index(length - begins + 1);
            let mut echo = Echo::default();
            echo.joins(1);
            let said = interleave(&mut echo, (&bodies[..cut], &bodies[begins..]), joins, &order, &twice);
            // The new socket may be ahead of what only the old one will tell: then the order is not to be had.
            let mut sorted: Vec<char> = said.chars().collect();
            sorted.sort_unstable();
            prop_assert_eq!(sorted, bodies, "{}", said);
        }
    }
}
