//! Two Earshots of one user, at a Genesys that grants one channel: each takes the other's place. They must come to rest,
//! each must ring all the same, and the last one hears for good.

use proptest::prelude::*;

use super::*;
use crate::limits::{EVICTED_POLL, EVICTION_WAIT_CAP};

/// Genesys, which is slow, and the two.
struct Fight {
    earshots: [Rig; 2],
    seed: u64,
    /// When each request of each of them is answered.
    pending: Vec<(Duration, usize, Effect)>,
    /// Whose connection has the one channel.
    channel: Option<(usize, u64)>,
    /// Whether that is subscribed, and whether its socket is open.
    subscribed: bool,
    open: bool,
    /// When each of them made a channel.
    made: [Vec<Duration>; 2],
    offered: Vec<(Duration, String)>,
    /// When what was told first rang.
    rang: [Vec<(Duration, String)>; 2],
}

impl Fight {
    fn new(seed: u64) -> Self {
        let mut fight = Self {
            earshots: [(); 2].map(|()| Rig { unseen: true, ..Rig::new() }),
            seed,
            pending: Vec::new(),
            channel: None,
            subscribed: false,
            open: false,
            made: Default::default(),
            offered: Vec::new(),
            rang: Default::default(),
        };
        fight.earshots[0].sign_in(Renewal::RefreshToken);
        let apart = Duration::from_millis(fight.roll(20_000));
        fight.take(0);
        fight.pass(apart);
        fight.earshots[1].sign_in(Renewal::RefreshToken);
        fight.take(1);
        // Nobody promises what came and went before the first list.
        fight.pass(s(60));
        fight
    }

    fn roll(&mut self, below: u64) -> u64 {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.seed >> 33) % below
    }

    fn now(&self) -> Duration {
        self.earshots[0].now
    }

    /// Takes over what this one wants.
    fn take(&mut self, who: usize) {
        while let Some(effect) = self.earshots[who].pending.pop_front() {
            match effect {
                Effect::Drop { epoch } if self.channel == Some((who, epoch)) => self.channel = None,
                Effect::Drop { .. } => {}
                effect => {
                    let due = self.now() + Duration::from_millis(self.roll(800));
                    self.pending.push((due, who, effect));
                }
            }
        }
        let now = self.now();
        for event in std::mem::take(&mut self.earshots[who].told) {
            if let Event::OfferStarted { offer, .. } = event {
                self.rang[who].push((now, offer.conversation));
            }
        }
    }

    fn go(&mut self, who: usize, input: Input) {
        self.earshots[who].go(input);
        self.earshots[who].asked.clear();
        self.take(who);
    }

    fn answer(&mut self, who: usize, effect: Effect) {
        let mine = |epoch| self.channel == Some((who, epoch));
        let refusal = match effect {
            Effect::CreateChannel { epoch, .. } => {
                let before = self.channel.replace((who, epoch));
                let heard = std::mem::take(&mut self.open);
                self.subscribed = false;
                let now = self.now();
                self.made[who].push(now);
                if let Some((loser, epoch)) = before.filter(|_| heard) {
                    let frame = system_frame("no_longer_subscribed", Some("another_channel_subscribed"));
                    self.go(loser, Input::Frame { epoch, frame });
                    self.go(
                        loser,
                        Input::Ended { epoch, end: End::Closed { code: Some(1000), reason: String::new() } },
                    );
                }
                None
            }
            Effect::Subscribe { epoch, .. } if !mine(epoch) => {
                Some(Input::Subscribed { epoch, result: Err(refused(404)) })
            }
            Effect::Dial { epoch } if !mine(epoch) => {
                let error = DialError::Refused { status: 404, retry_after: None };
                Some(Input::NotOpened { epoch, error })
            }
            Effect::Ping { epoch } if !mine(epoch) => return,
            Effect::Subscribe { .. } => {
                self.subscribed = true;
                None
            }
            Effect::Dial { .. } => {
                self.open = true;
                None
            }
            _ => None,
        };
        if let Some(input) = refusal.or_else(|| self.earshots[who].server.answer(effect)) {
            self.go(who, input);
        }
    }

    fn pass(&mut self, span: Duration) {
        let end = self.now() + span;
        loop {
            let answer = self.pending.iter().map(|(due, ..)| *due).min();
            let deadline = self.earshots.iter().filter_map(|rig| rig.machine.deadline()).min();
            let look = self.now() + s(1);
            let next = [answer, deadline, Some(look)].into_iter().flatten().min().unwrap_or(end).max(self.now());
            let at = next.min(end);
            self.earshots.iter_mut().for_each(|rig| rig.now = at);
            if next >= end {
                return;
            }
            if let Some(place) = self.pending.iter().position(|(due, ..)| *due <= next) {
                let (_, who, effect) = self.pending.remove(place);
                self.answer(who, effect);
            } else {
                self.earshots.iter_mut().for_each(|rig| rig.now += Duration::from_millis(1));
                (0..2).for_each(|who| self.go(who, Input::Tick));
            }
        }
    }

    /// A call that rings for ten seconds.
    fn offer(&mut self) {
        let id = format!("o{}", self.offered.len());
        self.offered.push((self.now(), id.clone()));
        for state in ["alerting", "disconnected"] {
            for rig in &mut self.earshots {
                let listed = if state == "alerting" { vec![call("ada", &id, state)] } else { Vec::new() };
                rig.server.conversations = listed;
                rig.server.ended = vec![call("ada", &id, state)];
            }
            if let Some((who, epoch)) = self.channel.filter(|_| self.open && self.subscribed) {
                self.go(who, Input::Frame { epoch, frame: frame_of("ada", &id, state) });
            }
            self.pass(s(10));
        }
    }

    /// How many channels this one made since then.
    fn made_since(&self, who: usize, since: Duration) -> usize {
        self.made[who].iter().filter(|at| **at >= since).count()
    }
}

fn fight(seed: u64) -> Result<(), TestCaseError> {
    let mut fight = Fight::new(seed);
    // Until each of them has heard once, there is nothing to fight for.
    fight.pass(s(60));
    for _ in 0..30 {
        fight.offer();
    }
    // Ten minutes later each of them waits as long as it ever will.
    let settled = fight.now();
    for _ in 0..60 {
        fight.offer();
    }
    let rounds = (fight.now() - settled).as_secs() / (EVICTION_WAIT_CAP.as_secs() * 2) + 1;
    let most = usize::try_from(2 * rounds + 2).unwrap();
    for who in 0..2 {
        // One channel in two rounds of the longest wait, and one more for each that lost its way through the door.
        let made = fight.made_since(who, settled);
        prop_assert!(made <= most, "{made} channels in {rounds} rounds of a settled fight");
        prop_assert!(fight.made[who].len() <= made + 16, "and few before: {:?}", fight.made[who]);
        let shown = fight.earshots[who].notices().contains(&"channel.evicted".to_owned());
        let waits = !fight.earshots[who].machine.link.live();
        prop_assert!(shown || !waits, "who waits for its turn says so: {:?}", fight.earshots[who].notices());
        let mut rang: Vec<_> = fight.rang[who].iter().map(|(_, id)| id.clone()).collect();
        rang.sort_by_key(|id| id[1..].parse::<usize>().ok());
        let offered: Vec<_> = fight.offered.iter().map(|(_, id)| id.clone()).collect();
        prop_assert_eq!(rang, offered, "each rang once, whoever had the channel");
        for (rang, id) in &fight.rang[who] {
            let offered = fight.offered.iter().find(|(at, of)| of == id && *at >= settled).map(|(at, _)| *at);
            let late = offered.map_or(Duration::ZERO, |offered| rang.saturating_sub(offered));
            prop_assert!(late <= EVICTED_POLL + s(3), "{id} rang after {late:?}");
        }
    }
    // One of them leaves: the other comes to hear, and stays.
    fight.go(0, Input::SignedOut);
    fight.pass(EVICTION_WAIT_CAP + s(10));
    let left = &fight.earshots[1];
    prop_assert!(left.state() == LinkState::Connected && left.snapshot().link.caught_up);
    let (made, from) = (fight.made[1].len(), fight.now());
    fight.pass(s(600));
    prop_assert_eq!(fight.made[1].len(), made, "nobody takes its place after {:?}", from);
    prop_assert!(fight.earshots[1].notices().is_empty(), "{:?}", fight.earshots[1].notices());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 16, ..ProptestConfig::default() })]

    #[test]
    fn two_that_take_each_others_place_come_to_rest_and_ring_all_the_same(seed: u64) {
        fight(seed)?;
    }
}
