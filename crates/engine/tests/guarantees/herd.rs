//! The thundering herd: a fleet of machines loses its server at one instant, in virtual time, and finds it again. Counted is
//! what the server is asked in each second, beside two recipes that people use.
//!
//! `EARSHOT_HERD=10000` sets the size of the fleet, `EARSHOT_HERD_OUT=docs` writes the figures and the plots there.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use earshot_engine::limits::{BACKOFF_CAP, SERVER_SPREAD};
use earshot_engine::machine::{Effect, Input, Machine};
use earshot_engine::moment::Moment;

use crate::centre::{At, WALL};
use crate::chance::Chance;
use crate::cloud::{Arrival, Cloud, What, call, renewal};
use crate::steps::{Call, How};

mod plot;

/// The fleet of an ordinary test run.
const FLEET: u32 = 1_000;
/// Everybody is connected before the blow …
const BEFORE: Duration = Duration::from_secs(20);
/// … and sees to it that the answers after it count.
const AFTER: Duration = Duration::from_secs(90);
/// The server is away for this long.
const OUTAGE: Duration = Duration::from_secs(600);

/// What happens to all of them at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blow {
    /// Every socket breaks, and for ten minutes no connection is accepted.
    Outage,
    /// Every socket is closed with 1012 (the service restarts), and at once it is there again.
    Restart,
}

impl Blow {
    fn back(self) -> At {
        BEFORE + if self == Self::Outage { OUTAGE } else { Duration::ZERO }
    }

    fn end(self) -> At {
        self.back() + AFTER
    }
}

/// Requests in each second.
pub type PerSecond = Vec<u32>;

/// What the server saw.
#[derive(Debug, Default)]
pub struct Seen {
    /// Of each kind.
    pub kinds: BTreeMap<Call, PerSecond>,
    /// When each client that had caught up again had done so, after the server was back.
    pub caught_up: Vec<Duration>,
}

impl Seen {
    fn count(&mut self, at: At, call: Call, blow: Blow) {
        let place = usize::try_from(at.as_secs()).unwrap_or(usize::MAX);
        let seconds = usize::try_from(blow.end().as_secs()).unwrap_or_default();
        if let Some(count) = self.kinds.entry(call).or_insert_with(|| vec![0; seconds]).get_mut(place) {
            *count += 1;
        }
    }

    fn add(&mut self, other: Self) {
        for (call, seconds) in other.kinds {
            let mine = self.kinds.entry(call).or_insert_with(|| vec![0; seconds.len()]);
            mine.iter_mut().zip(seconds).for_each(|(mine, other)| *mine += other);
        }
        self.caught_up.extend(other.caught_up);
    }

    /// All kinds together.
    pub fn all(&self, blow: Blow) -> PerSecond {
        let seconds = usize::try_from(blow.end().as_secs()).unwrap_or_default();
        let sum = |second: usize| self.kinds.values().filter_map(|kind| kind.get(second)).sum();
        (0..seconds).map(sum).collect()
    }
}

/// One client with its own piece of the server: what one asks for changes nothing for another.
struct Client {
    machine: Machine,
    cloud: Cloud,
    blow: Blow,
    seen: Seen,
}

impl Client {
    fn new(seed: u64, blow: Blow) -> Self {
        let mut cloud = Cloud::new(seed);
        // They began their day one after the other.
        cloud.now = cloud.chance.span(Duration::ZERO, BEFORE / 2);
        Self { machine: Machine::default(), cloud, blow, seen: Seen::default() }
    }

    fn give(&mut self, input: Input, token: Option<usize>) {
        let wall = WALL + i64::try_from(self.cloud.now.as_millis()).unwrap_or(i64::MAX);
        let moment = Moment { mono: self.cloud.now, wall, dice: self.cloud.chance.next() };
        let before = self.machine.generation();
        let effects = self.machine.handle(input, moment);
        let generation = self.machine.generation();
        if let Some(token) = token.filter(|_| generation > before) {
            self.cloud.name(generation, token);
        }
        for effect in effects {
            // The stored credential is read on this computer.
            if let Some(call) = call(&effect).filter(|_| !matches!(effect, Effect::RereadCredential { .. })) {
                self.seen.count(self.cloud.now, call, self.blow);
            }
            self.cloud.perform(effect);
        }
        let back = self.blow.back();
        if self.seen.caught_up.is_empty() && self.cloud.now > back && self.machine.snapshot(1, moment).link.caught_up {
            self.seen.caught_up.push(self.cloud.now.saturating_sub(back));
        }
    }

    fn pass(&mut self, until: At) {
        loop {
            let planned = self.cloud.agenda.first_key_value().map(|((at, _), _)| *at);
            let next = planned.into_iter().chain(self.machine.deadline()).min().unwrap_or(until).max(self.cloud.now);
            if next >= until {
                self.cloud.now = until;
                return;
            }
            self.cloud.now = next;
            if planned.is_none_or(|at| at > next) {
                self.give(Input::Tick, None);
            } else if let Some((_, what)) = self.cloud.agenda.pop_first() {
                match what {
                    What::Arrive(arrival) => self.arrives(arrival),
                    what => self.cloud.happens(what),
                }
            }
        }
    }

    fn arrives(&mut self, arrival: Arrival) {
        match arrival {
            Arrival::Renewed { attempt, token } if self.machine.awaits_renewal(attempt) => {
                self.give(Input::Renewed { attempt, lifetime: self.cloud.lifetime }, Some(token));
            }
            Arrival::Renewed { .. } => {}
            Arrival::Answer(input, _) => self.give(input, None),
            Arrival::Frame { epoch, frame, .. } => self.give(Input::Frame { epoch, frame }, None),
            Arrival::Ended { epoch, end } => self.give(Input::Ended { epoch, end }, None),
        }
    }

    fn live(mut self) -> Seen {
        let token = self.cloud.issue();
        let lifetime = self.cloud.lifetime;
        self.give(Input::SignedIn { renewal: renewal(1), secrets: 1, lifetime }, Some(token));
        self.pass(BEFORE);
        let code = match self.blow {
            Blow::Outage => {
                self.cloud.fail(None, How::Refused, u32::MAX, OUTAGE);
                None
            }
            Blow::Restart => Some(1012),
        };
        for epoch in self.cloud.live() {
            self.cloud.close(epoch, code, "");
        }
        self.pass(self.blow.end());
        self.seen
    }
}

/// The fleet lives through it.
pub fn earshot(fleet: u32, blow: Blow) -> Seen {
    let threads = u32::try_from(thread::available_parallelism().map_or(1, usize::from)).unwrap_or(1);
    let part = move |first: u32| {
        let mut seen = Seen::default();
        for seed in (first..fleet).step_by(usize::try_from(threads).unwrap_or(1)) {
            seen.add(Client::new(u64::from(seed), blow).live());
        }
        seen
    };
    thread::scope(|scope| {
        let parts: Vec<_> = (0..threads).map(|first| scope.spawn(move || part(first))).collect();
        let mut all = Seen::default();
        for part in parts {
            all.add(part.join().unwrap());
        }
        all
    })
}

/// The same fleet by a recipe: how long it waits after so many failures.
pub fn recipe(fleet: u32, blow: Blow, wait: impl Fn(u32) -> Duration) -> PerSecond {
    let mut seconds = vec![0; usize::try_from(blow.end().as_secs()).unwrap_or_default()];
    let mut count = |at: At| {
        if let Some(count) = seconds.get_mut(usize::try_from(at.as_secs()).unwrap_or(usize::MAX)) {
            *count += 1;
        }
    };
    for seed in 0..fleet {
        let mut chance = Chance::new(u64::from(seed));
        let mut answer = || chance.span(Duration::from_millis(20), Duration::from_millis(300));
        let mut now = BEFORE + answer();
        for failures in 1.. {
            now += wait(failures);
            count(now);
            now += answer();
            if now >= blow.back() {
                break;
            }
        }
        // A channel it has; then the subscription, the socket, and a list of conversations as Earshot asks for it.
        for _ in 0..4 {
            count(now);
            now += answer();
        }
    }
    seconds
}

/// "Try again every second."
pub fn every_second(_: u32) -> Duration {
    Duration::from_secs(1)
}

/// "Wait 2 s, and double it up to 90 s."
pub fn doubling(failures: u32) -> Duration {
    Duration::from_secs(2_u64.saturating_pow(failures.min(10)).min(90))
}

fn fleet() -> u32 {
    std::env::var("EARSHOT_HERD").ok().and_then(|size| size.parse().ok()).unwrap_or(FLEET)
}

/// The most in a second from here on, as a share of the fleet.
fn peak(seconds: &[u32], from: At, fleet: u32) -> f64 {
    let from = usize::try_from(from.as_secs()).unwrap_or_default();
    f64::from(seconds[from..].iter().copied().max().unwrap_or_default()) / f64::from(fleet)
}

/// A share of the fleet, and what chance may add to it: five standard deviations.
fn at_most(share: f64, fleet: u32) -> f64 {
    share + 5.0 * (share / f64::from(fleet)).sqrt()
}

fn try_herd(name: &str, blow: Blow, share: f64) {
    let fleet = fleet();
    let seen = earshot(fleet, blow);
    let (all, naive, growing) = (seen.all(blow), recipe(fleet, blow, every_second), recipe(fleet, blow, doubling));
    let percent = |seconds: &[u32]| 100.0 * peak(seconds, blow.back(), fleet);
    let mut caught_up = seen.caught_up.clone();
    caught_up.sort();
    let [half, most] = [50, 99].map(|share| caught_up[(caught_up.len() - 1) * share / 100].as_secs_f64());
    println!(
        "herd {name}: {fleet} clients; at most {:.1} % of them in a second once the server is back ({:.1} % begin to connect), \
         {:.0} % when retrying every second, {:.0} % when doubling from 2 s to 90 s; half have caught up after {half:.1} s, \
         99 % after {most:.1} s",
        percent(&all),
        percent(&seen.kinds[&Call::Channel]),
        percent(&naive),
        percent(&growing),
    );
    if let Some(folder) = std::env::var_os("EARSHOT_HERD_OUT") {
        plot::write(folder.as_ref(), name, fleet, blow, &[all, naive, growing]).unwrap();
    }
    assert_eq!(caught_up.len(), usize::try_from(fleet).unwrap(), "all of them hear again");
    for (call, seconds) in &seen.kinds {
        let (peak, most) = (peak(seconds, blow.back(), fleet), at_most(share, fleet));
        assert!(peak <= most, "{call:?}: {peak:.3} of the fleet in one second, {most:.3} allowed");
    }
}

/// Full jitter up to the cap lasts half of it on average: one in fifteen begins to connect in any second, and one in four of
/// these again, since its token died unused meanwhile. What is asked twice for each connection (the list, at once and three
/// seconds later) is asked by two such shares.
#[test]
fn herd_after_an_outage_of_ten_minutes() {
    try_herd("outage", Blow::Outage, 2.0 * 1.25 / (BACKOFF_CAP.as_secs_f64() / 2.0));
}

/// The first retry is spread evenly over three seconds; the second list comes when the others have had their first.
#[test]
fn herd_when_every_socket_is_closed_with_1012() {
    try_herd("restart", Blow::Restart, 1.0 / SERVER_SPREAD.as_secs_f64());
}
