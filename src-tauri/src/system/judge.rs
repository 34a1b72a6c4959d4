//! What follows from what the system tells. Pure. Never a change of presence: whether an agent can be reached is for the
//! agent to say.

use std::time::{Duration, Instant};

use super::Signal;

/// A network that changes does so in dozens of steps. Each of them as an order would be a question to Genesys.
pub(super) const APART: Duration = Duration::from_millis(500);

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Input {
    Signal(Signal),
    /// Time has passed.
    Tick,
}

/// What is to be told to the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    GoingToSleep,
    /// The link is to prove itself, and to wait no longer where it waits.
    Woke,
    /// A person uses this computer.
    PersonHere(bool),
}

/// The machine.
#[derive(Debug, Default)]
pub(super) struct Judge {
    locked: Option<bool>,
    idle: bool,
    here: bool,
    /// When [`Order::Woke`] was given last.
    woke: Option<Instant>,
    /// When it is to be given again.
    due: Option<Instant>,
}

impl Judge {
    /// Takes in what happened; says what to do, in order.
    pub(super) fn step(&mut self, input: Input, now: Instant) -> Vec<Order> {
        let mut orders = Vec::new();
        match input {
            Input::Signal(Signal::GoingToSleep) => orders.push(Order::GoingToSleep),
            Input::Signal(Signal::WokeUp) => self.due = Some(now),
            Input::Signal(Signal::Locked) => self.locked = Some(true),
            Input::Signal(Signal::Unlocked) => self.locked = Some(false),
            Input::Signal(Signal::Idle(idle)) => self.idle = idle,
            Input::Signal(Signal::PersonUnknown) => (self.locked, self.idle) = (None, false),
            // Nothing is gained by hurrying into a network that leads nowhere; the silence tells soon enough.
            Input::Signal(Signal::NetworkChanged { online: Some(false) }) | Input::Tick => {}
            Input::Signal(Signal::NetworkChanged { .. }) => {
                let earliest = self.woke.map_or(now, |woke| woke + APART);
                self.due.get_or_insert(earliest.max(now));
            }
        }
        if self.due.is_some_and(|due| now >= due) {
            (self.woke, self.due) = (Some(now), None);
            orders.push(Order::Woke);
        }
        // Not known is not here: then nobody is kept signed in on a guess.
        let here = self.locked == Some(false) && !self.idle;
        if here != std::mem::replace(&mut self.here, here) {
            orders.push(Order::PersonHere(here));
        }
        orders
    }

    /// When to look at the clock again.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.due
    }
}

#[cfg(test)]
mod tests {
    use super::Signal::{GoingToSleep, Idle, Locked, NetworkChanged, PersonUnknown, Unlocked, WokeUp};
    use super::*;

    type Told = [(u64, Signal)];
    type Ordered = [(u64, Order)];

    /// What is ordered when, in milliseconds, if these are told when.
    fn orders(told: &Told) -> Vec<(u64, Order)> {
        let begin = Instant::now();
        let ms = Duration::from_millis;
        let (mut judge, mut orders) = (Judge::default(), Vec::new());
        for at in 0..3000 {
            let now = begin + ms(at);
            let signals = told.iter().filter(|(when, _)| *when == at).map(|(_, signal)| Input::Signal(*signal));
            let due = judge.deadline().is_some_and(|due| now >= due).then_some(Input::Tick);
            for input in due.into_iter().chain(signals) {
                orders.extend(judge.step(input, now).into_iter().map(|order| (at, order)));
            }
        }
        orders
    }

    const CHANGED: Signal = NetworkChanged { online: None };
    const ONLINE: Signal = NetworkChanged { online: Some(true) };
    const OFFLINE: Signal = NetworkChanged { online: Some(false) };

    #[test]
    fn a_sleep_is_told_before_and_after() {
        let told = orders(&[(10, GoingToSleep), (900, WokeUp)]);
        assert_eq!(told, [(10, Order::GoingToSleep), (900, Order::Woke)]);
    }

    #[test]
    fn a_network_that_changes_in_dozens_of_steps_is_told_at_once_and_when_it_has_settled() {
        let burst: Vec<_> = (100..400).step_by(10).map(|at| (at, CHANGED)).collect();
        assert_eq!(orders(&burst), [(100, Order::Woke), (600, Order::Woke)]);
        let endless: Vec<_> = (0..2000).step_by(10).map(|at| (at, CHANGED)).collect();
        let at: Vec<_> = orders(&endless).iter().map(|(at, _)| *at).collect();
        assert_eq!(at, [0, 500, 1000, 1500, 2000]);
        // After a sleep it comes up again: the wake-up has told that already, and the rest follows.
        assert_eq!(orders(&[(0, WokeUp), (200, CHANGED)]), [(0, Order::Woke), (500, Order::Woke)]);
    }

    #[test]
    fn a_way_to_the_internet_is_used_at_once_and_one_that_is_gone_is_no_reason_to_hurry() {
        assert_eq!(orders(&[(5, ONLINE)]), [(5, Order::Woke)]);
        assert_eq!(orders(&[(5, OFFLINE)]), []);
    }

    #[test]
    fn a_person_is_here_while_the_screen_is_open_and_something_is_touched() {
        let (here, away) = (Order::PersonHere(true), Order::PersonHere(false));
        let rows: &[(&Told, &Ordered)] = &[
            (&[(1, Unlocked)], &[(1, here)]),
            (&[(1, Locked)], &[]),
            (&[(1, Idle(false))], &[]),
            (
                &[(1, Unlocked), (2, Unlocked), (3, Locked), (4, Locked), (5, Unlocked)],
                &[(1, here), (3, away), (5, here)],
            ),
            (
                &[(1, Unlocked), (2, Idle(true)), (3, Locked), (4, Idle(false)), (5, Unlocked)],
                &[(1, here), (2, away), (5, here)],
            ),
            (&[(1, Unlocked), (2, PersonUnknown), (3, Idle(false)), (4, Unlocked)], &[(1, here), (2, away), (4, here)]),
        ];
        for (told, ordered) in rows {
            assert_eq!(orders(told), *ordered, "{told:?}");
        }
    }

    #[test]
    fn what_comes_at_once_is_told_at_once() {
        // Nobody looks at the clock before the lock comes.
        let now = Instant::now();
        let mut judge = Judge { woke: Some(now), due: Some(now + APART), here: true, ..Judge::default() };
        let told = judge.step(Input::Signal(Locked), now + APART * 2);
        assert_eq!(told, [Order::Woke, Order::PersonHere(false)]);
    }
}
