//! Which notification is to be shown, replaced or withdrawn: a pure machine from what happens to steps to take.
//!
//! One for each thing that waits for the agent, never two. What a person has closed stays closed, unless something that
//! they asked for has failed since. What could not be shown is tried again while it waits.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::card::{Button, Card, Key};

/// Between two tries at what could not be shown.
const AGAIN: Duration = Duration::from_secs(5);
/// A server that has gone away comes back by itself as a rule; asking for it sooner would start a second one.
const RETURN: Duration = Duration::from_secs(1);

/// What happens.
#[derive(Debug)]
pub(super) enum Input {
    /// These are wanted, oldest first.
    Wanted(Vec<Card>),
    /// This one could not be shown.
    NotShown(Key),
    /// A button of this one was pressed, or (`None`) the notification itself.
    Pressed(Key, Option<Button>),
    /// It is no longer on the screen, whoever closed it.
    Closed(Key),
    /// The server is gone, and all its notifications with it.
    Gone,
    /// There is a server again, which shows nothing yet.
    Back,
    /// Time has passed.
    Tick,
}

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Show it, in the place of the one that is about the same.
    Show(Card),
    Withdraw(Key),
    /// Do what this button says.
    Act(Key, Button),
    /// Bring the main window to the front.
    Open,
    /// What was pressed is over.
    Stale,
}

#[derive(Debug)]
enum State {
    Up(Card),
    /// Closed or pressed, as it then was. `gone`: the server has said that it is off the screen.
    Down {
        card: Card,
        gone: bool,
    },
    Waiting {
        again: Instant,
    },
}

/// The machine.
#[derive(Debug, Default)]
pub(super) struct Plan {
    wanted: Vec<Card>,
    states: BTreeMap<Key, State>,
}

impl Plan {
    /// Takes in what happened; says what to do, in order.
    pub(super) fn step(&mut self, input: Input, now: Instant) -> Vec<Step> {
        let mut steps = Vec::new();
        match input {
            Input::Wanted(cards) => self.wanted = cards,
            Input::NotShown(key) => {
                self.states.insert(key, State::Waiting { again: now + AGAIN });
            }
            Input::Pressed(key, button) => steps.push(self.pressed(key, button)),
            Input::Closed(key) => self.put_down(key, true),
            Input::Gone => self.lose_all(now + RETURN),
            Input::Back => self.lose_all(now),
            Input::Tick => {}
        }
        self.settle(now, &mut steps);
        steps
    }

    fn pressed(&mut self, key: Key, button: Option<Button>) -> Step {
        let Some(card) = self.wanted.iter().find(|card| card.key == key) else { return Step::Stale };
        if button.is_some_and(|button| !card.buttons.contains(&button)) {
            return Step::Stale;
        }
        self.put_down(key.clone(), false);
        button.map_or(Step::Open, |button| Step::Act(key, button))
    }

    /// Nothing is on the screen any more; what still waits is shown again then.
    fn lose_all(&mut self, again: Instant) {
        for state in self.states.values_mut() {
            match state {
                State::Down { gone, .. } => *gone = true,
                State::Up(_) | State::Waiting { .. } => *state = State::Waiting { again },
            }
        }
    }

    fn put_down(&mut self, key: Key, closed: bool) {
        let card = match self.states.remove(&key) {
            Some(State::Up(card)) => State::Down { card, gone: closed },
            Some(State::Down { card, gone }) => State::Down { card, gone: gone || closed },
            Some(waiting @ State::Waiting { .. }) => waiting,
            None => return,
        };
        self.states.insert(key, card);
    }

    fn settle(&mut self, now: Instant, steps: &mut Vec<Step>) {
        let wanted = &self.wanted;
        self.states.retain(|key, state| {
            let keep = wanted.iter().any(|card| card.key == *key);
            if !keep && matches!(state, State::Up(_) | State::Down { gone: false, .. }) {
                steps.push(Step::Withdraw(key.clone()));
            }
            keep
        });
        for card in &self.wanted {
            let show = match self.states.get(&card.key) {
                None => true,
                Some(State::Up(shown)) => shown != card,
                Some(State::Down { card: put_down, .. }) => card.trouble.is_some() && card.trouble != put_down.trouble,
                Some(State::Waiting { again }) => now >= *again,
            };
            if show {
                self.states.insert(card.key.clone(), State::Up(card.clone()));
                steps.push(Step::Show(card.clone()));
            }
        }
    }

    /// When to look at the clock again.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let times = self.states.values().filter_map(|state| match state {
            State::Waiting { again } => Some(*again),
            State::Up(_) | State::Down { .. } => None,
        });
        times.min()
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
