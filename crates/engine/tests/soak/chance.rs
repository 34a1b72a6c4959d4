//! What happens to whom: customers and faults, drawn from a seed.

use std::time::Duration;

use earshot_simulator as sim;
use earshot_simulator::Command;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

/// The drawing of lots.
pub(crate) struct Chance(StdRng);

/// A customer's offer, and what becomes of it after a while.
pub(crate) struct Call {
    pub(crate) offer: sim::Offer,
    pub(crate) fate: Fate,
    pub(crate) after: Duration,
    pub(crate) talk: Duration,
}

/// What becomes of an offer that this agent does not take here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    TimesOut,
    CustomerLeaves,
    /// The agent takes it with another client.
    TakenElsewhere,
    Colleague,
}

/// One fault: what begins it, and what ends it, if that takes anything.
pub(crate) struct Fault {
    pub(crate) name: &'static str,
    pub(crate) begin: Vec<Command>,
    pub(crate) end: Option<Command>,
    /// The engine is told that the computer woke up or changed its network.
    pub(crate) woke: bool,
}

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }

    pub(crate) fn millis(&mut self, low: u64, high: u64) -> Duration {
        Duration::from_millis(self.0.random_range(low..=high))
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.0.random_range(0..choices.len())]
    }

    pub(crate) fn call(&mut self) -> Call {
        let alerting = self.millis(5_000, 15_000);
        let fate = self.of(&[Fate::TimesOut, Fate::CustomerLeaves, Fate::TakenElsewhere, Fate::Colleague]);
        let offer = sim::Offer {
            medium: self.of(&[sim::Medium::Call, sim::Medium::Message, sim::Medium::Email, sim::Medium::Callback]),
            alerting_seconds: Some(alerting.as_secs_f64()),
            if_missed: self.of(&[sim::IfMissed::Other, sim::IfMissed::End]),
            wrapup: Some(false),
            ..sim::Offer::default()
        };
        let after = if fate == Fate::TimesOut { alerting } else { alerting.mul_f64(self.0.random_range(0.1..0.9)) };
        Call { offer, fate, after, talk: self.millis(2_000, 8_000) }
    }

    pub(crate) fn fault(&mut self) -> Fault {
        let drop = Command::DropSockets(sim::Targeted::default());
        let clear = || Some(Command::ClearFaults(sim::Nothing {}));
        let plain = |name, begin| Fault { name, begin: vec![begin], end: None, woke: false };
        let fail = |name, fail: sim::Fail| {
            let fail = sim::Fail { path: "/api/v2/".into(), ..fail };
            Fault { name, begin: vec![Command::Fail(fail), drop.clone()], end: clear(), woke: false }
        };
        match self.0.random_range(0..17) {
            0 => plain("dropped", drop),
            1 => {
                let code = self.of(&[1000, 1001, 1008, 1011, 1012, 1013, 4001, 4999]);
                let close = sim::CloseSockets { code: Some(code), ..sim::CloseSockets::default() };
                plain("closed", Command::CloseSockets(close))
            }
            2 => plain("half-open", Command::HalfOpen(sim::Targeted::default())),
            3 => {
                let begin = vec![Command::Offline(sim::Offline { seconds: None })];
                Fault { name: "offline", begin, end: Some(Command::Online(sim::Nothing {})), woke: false }
            }
            4 => {
                let refusal = sim::RefuseUpgrades {
                    status: Some(self.of(&[401, 403, 404, 429, 500, 503])),
                    ..sim::RefuseUpgrades::default()
                };
                let begin = vec![Command::RefuseUpgrades(refusal), drop];
                Fault { name: "refused upgrades", begin, end: clear(), woke: false }
            }
            5 | 6 => {
                let sockets = self.of(&[
                    sim::SocketsOfExpired::Close,
                    sim::SocketsOfExpired::Silent,
                    sim::SocketsOfExpired::Leave,
                ]);
                plain("token ends", Command::ExpireTokens(sim::ExpireTokens { sockets, ..Default::default() }))
            }
            7 => {
                let down = sim::FailTokenEndpoint { status: Some(503), ..sim::FailTokenEndpoint::default() };
                let begin = vec![Command::FailTokenEndpoint(down), Command::ExpireTokens(sim::ExpireTokens::default())];
                Fault { name: "sign-in server down", begin, end: clear(), woke: false }
            }
            8 => {
                let closing = sim::SocketClosing { close_after_ms: Some(4_000), ..sim::SocketClosing::default() };
                plain("announced", Command::SocketClosing(closing))
            }
            9 => fail("rate limit", sim::Fail { status: Some(429), retry_after: Some(2), ..Default::default() }),
            10 => {
                let status = self.of(&[500, 502, 503, 504]);
                fail("server errors", sim::Fail { status: Some(status), ..sim::Fail::default() })
            }
            11 => {
                let page = sim::Fail { status: Some(200), body: sim::FaultBody::Html, ..sim::Fail::default() };
                fail("web pages", page)
            }
            12 => fail("slow answers", sim::Fail { status: Some(0), delay_ms: 1_500, ..sim::Fail::default() }),
            13 => {
                let events = sim::Events { duplicate: 2, delay_ms: 300, ..sim::Events::default() };
                Fault { name: "twice and late", begin: vec![Command::Events(events)], end: clear(), woke: false }
            }
            14 => {
                let events = sim::Events { subscribe_delay_ms: 2_000, ..sim::Events::default() };
                Fault {
                    name: "late subscription",
                    begin: vec![Command::Events(events), drop],
                    end: clear(),
                    woke: false,
                }
            }
            15 => {
                let text = Some(self.of(&["", "{\"topicName\":\"v2.users", "[[[[[[[[", "null"]).to_owned());
                plain("garbage", Command::SendRaw(sim::SendRaw { text, ..sim::SendRaw::default() }))
            }
            _ => Fault { name: "woke", begin: Vec::new(), end: None, woke: true },
        }
    }
}
