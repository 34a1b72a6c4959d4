//! Random series of everything that can happen, against what must hold in every state. A failure prints its series.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::steps::{How, Step, command, frame, input, step};
use super::*;
use crate::limits::{ATTEMPT_FLOOR, RETRY_AFTER_FLOOR};

/// The machine, and a witness that holds everything it does against the rules.
#[derive(Default)]
struct Series {
    machine: Machine,
    now: Duration,
    slept: Duration,
    dice: u64,
    pending: Vec<Effect>,
    ringing: BTreeSet<String>,
    over: BTreeSet<String>,
    last_epoch: u64,
    attempt_at: Option<Duration>,
    dropped: BTreeSet<u64>,
    created: BTreeSet<u64>,
    dialled: BTreeSet<u64>,
    acted: BTreeSet<u64>,
    /// Nothing of these kinds goes out before then.
    attempts_held: Duration,
    subscriptions_held: Duration,
    /// A re-list whose answer still counts.
    listing: bool,
    newest_list: u64,
}

impl Series {
    fn moment(&self) -> Moment {
        Moment { mono: self.now, wall: WALL + millis(self.now + self.slept), dice: self.dice }
    }

    fn go(&mut self, input: Input) -> Result<bool, TestCaseError> {
        let now = self.moment();
        self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let signs = matches!(input, Input::SignedIn { .. } | Input::SignedOut);
        let out = matches!(input, Input::SignedOut);
        let (was_live, alerting) = (self.machine.link.live(), self.alerting());
        if signs {
            // What is under way is somebody else's now.
            self.pending.retain(|effect| {
                !matches!(effect, Effect::Renew { .. } | Effect::RereadCredential { .. } | Effect::Check { .. })
            });
        }
        if out {
            (self.attempts_held, self.subscriptions_held) = (Duration::ZERO, Duration::ZERO);
        }
        let effects = self.machine.handle(input, now);
        let any = !effects.is_empty();
        let rose = !was_live && self.machine.link.live();
        if out || rose || effects.iter().any(|effect| matches!(effect, Effect::Drop { .. })) {
            self.listing = false;
        }
        for effect in effects {
            self.witness(effect, &alerting)?;
        }
        if out {
            self.over.clear();
        }
        let offers: BTreeSet<_> = self.machine.snapshot(1, now).offers.into_iter().map(|offer| offer.leg).collect();
        prop_assert_eq!(&offers, &self.ringing, "events and snapshot tell the same");
        Ok(any)
    }

    fn alerting(&self) -> BTreeMap<String, String> {
        let offers = self.machine.snapshot(1, self.moment()).offers;
        offers.into_iter().map(|offer| (offer.conversation, offer.leg)).collect()
    }

    fn witness(&mut self, effect: Effect, alerting: &BTreeMap<String, String>) -> Result<(), TestCaseError> {
        match &effect {
            Effect::Tell(event) => return self.told(event),
            Effect::Record(_) => return Ok(()),
            Effect::Check { generation } => {
                let same = |other: &Effect| matches!(other, Effect::Check { generation: g } if g == generation);
                prop_assert!(!self.pending.iter().any(same), "one check at a time");
            }
            Effect::Renew { .. } | Effect::RereadCredential { .. } => {
                let same = |e: &Effect| matches!(e, Effect::Renew { .. } | Effect::RereadCredential { .. });
                prop_assert!(!self.pending.iter().any(same), "one renewal at a time");
            }
            Effect::List { look, .. } => {
                prop_assert!(!self.listing, "one re-list at a time");
                (self.listing, self.newest_list) = (true, *look);
            }
            Effect::Identify { epoch, .. } => self.attempt(*epoch)?,
            Effect::CreateChannel { epoch, .. } => {
                self.attempt(*epoch)?;
                prop_assert!(self.created.insert(*epoch), "one channel for each attempt");
            }
            Effect::Dial { epoch } => {
                prop_assert!(self.created.contains(epoch) && self.dialled.insert(*epoch), "one socket for each");
            }
            Effect::Subscribe { epoch, topics, .. } => {
                prop_assert!(self.now >= self.subscriptions_held, "subscribed before Retry-After");
                prop_assert!(!self.dropped.contains(epoch) && !topics.is_empty());
            }
            Effect::Drop { epoch } => {
                prop_assert!(self.dropped.insert(*epoch));
                return Ok(());
            }
            Effect::Act { action, request, .. } => {
                prop_assert!(self.acted.insert(*action), "sent once");
                if let Request::Decline { conversation, .. } | Request::ToVoicemail { conversation, .. } = request {
                    prop_assert!(alerting.contains_key(conversation), "a decline of nothing hangs up");
                }
            }
            Effect::Ping { epoch } => {
                prop_assert!(self.dialled.contains(epoch) && !self.dropped.contains(epoch));
                return Ok(());
            }
            Effect::ReadMe { .. }
            | Effect::LookUp { .. }
            | Effect::LookBack { .. }
            | Effect::Read { .. }
            | Effect::AskIdle { .. }
            | Effect::AskExpiry { .. } => {}
            Effect::Touch { generation } => {
                let same = |other: &Effect| matches!(other, Effect::Touch { generation: g } if g == generation);
                prop_assert!(!self.pending.iter().any(same), "kept alive once at a time");
            }
        }
        self.pending.push(effect);
        Ok(())
    }

    fn attempt(&mut self, epoch: u64) -> Result<(), TestCaseError> {
        if epoch == self.last_epoch {
            return Ok(());
        }
        prop_assert!(epoch > self.last_epoch, "epochs grow");
        let others: Vec<_> = (1..epoch).filter(|older| !self.dropped.contains(older)).collect();
        let beside = self.machine.link.live() && self.machine.link.epoch() == others.first().copied();
        prop_assert!(others.is_empty() || (others.len() == 1 && beside), "one connection, or one beside the live one");
        if let Some(before) = self.attempt_at {
            prop_assert!(self.now >= before + ATTEMPT_FLOOR, "attempts at {before:?} and {:?}", self.now);
        }
        prop_assert!(self.now >= self.attempts_held, "an attempt before Retry-After");
        (self.last_epoch, self.attempt_at) = (epoch, Some(self.now));
        Ok(())
    }

    fn told(&mut self, event: &Event) -> Result<(), TestCaseError> {
        match event {
            Event::OfferStarted { offer, .. } => {
                prop_assert!(!self.over.contains(&offer.leg), "{} rings after its end", offer.leg);
                prop_assert!(self.ringing.insert(offer.leg.clone()), "{} rings twice", offer.leg);
            }
            Event::OfferEnded { leg, .. } => {
                prop_assert!(self.ringing.remove(leg), "{leg} ends without having rung");
                self.over.insert(leg.clone());
            }
            _ => {}
        }
        Ok(())
    }

    fn tick(&mut self) -> Result<bool, TestCaseError> {
        let any = self.go(Input::Tick)?;
        prop_assert!(
            any || self.machine.deadline().is_none_or(|at| at > self.now),
            "a look at the clock at {:?} does nothing and is due again",
            self.now
        );
        Ok(any)
    }

    /// To the next deadline: whatever it brings, it does not keep anybody busy.
    fn due(&mut self) -> Result<(), TestCaseError> {
        let Some(at) = self.machine.deadline() else { return Ok(()) };
        // A day ahead there is only the half-life of the channel.
        self.now = self.now.max(at.min(self.now + s(60)));
        for _ in 0..5 {
            self.tick()?;
            if self.machine.deadline().is_none_or(|at| at > self.now) {
                return Ok(());
            }
        }
        prop_assert!(false, "busy at {:?}", self.now);
        Ok(())
    }

    fn answer(&mut self, place: usize, how: How) -> Result<(), TestCaseError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let effect = self.pending.remove(place % self.pending.len());
        if matches!(effect, Effect::List { look, .. } if look == self.newest_list) {
            self.listing = false;
        }
        if let How::Limited(seconds) = how {
            self.hold(&effect, Duration::from_secs(seconds).max(RETRY_AFTER_FLOOR));
        }
        let Some(input) = input(effect, how) else { return Ok(()) };
        self.go(input)?;
        Ok(())
    }

    fn hold(&mut self, effect: &Effect, wait: Duration) {
        match effect {
            Effect::Identify { epoch, .. } | Effect::CreateChannel { epoch, .. } | Effect::Dial { epoch }
                if self.machine.link.hears(*epoch) =>
            {
                self.attempts_held = self.attempts_held.max(self.now + wait);
            }
            Effect::Subscribe { epoch, .. } if self.machine.link.hears(*epoch) => {
                self.subscriptions_held = self.subscriptions_held.max(self.now + wait);
            }
            _ => {}
        }
    }
}

fn run(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let mut series = Series { now: s(100), ..Series::default() };
    series.go(Input::SignedIn { renewal: Renewal::RefreshToken, secrets: 1, lifetime: HOUR })?;
    for step in steps {
        match step {
            Step::Answer(place, how) => series.answer(place, how)?,
            Step::Serve { list } => {
                for _ in 0..200 {
                    if series.pending.is_empty() {
                        break;
                    }
                    series.answer(0, How::Well { list })?;
                }
                prop_assert!(series.pending.is_empty(), "good answers lead to rest: {:?}", series.pending);
            }
            Step::Frame { ago, frame: sent } => {
                let epoch = series.last_epoch.saturating_sub(ago);
                // Frames come on sockets that were opened.
                if series.dialled.contains(&epoch) {
                    series.go(Input::Frame { epoch, frame: frame(sent) })?;
                }
            }
            Step::End { ago, code } => {
                let epoch = series.last_epoch.saturating_sub(ago);
                if series.dialled.contains(&epoch) {
                    series.go(Input::Ended { epoch, end: End::Closed { code, reason: String::new() } })?;
                }
            }
            Step::Command(kind, leg) => {
                series.go(Input::Command(command(kind, leg)))?;
            }
            Step::SignIn(renewal) => {
                series.go(Input::SignedIn { renewal, secrets: 2, lifetime: s(900) })?;
            }
            Step::SignOut => {
                series.go(Input::SignedOut)?;
            }
            Step::ReconnectNow => {
                series.go(Input::ReconnectNow)?;
            }
            Step::Woke => {
                series.go(Input::Woke)?;
                series.go(Input::PersonHere(series.machine.generation().is_multiple_of(2)))?;
            }
            Step::Wait(span) => {
                let end = series.now + Duration::from_millis(span);
                for _ in 0..400 {
                    let Some(at) = series.machine.deadline().filter(|at| *at < end) else { break };
                    series.now = series.now.max(at);
                    series.due()?;
                }
                series.now = series.now.max(end);
                series.tick()?;
            }
            Step::Sleep(span) => {
                series.go(Input::GoingToSleep)?;
                series.slept += s(span);
                series.tick()?;
            }
            Step::Due => series.due()?,
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 4096, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_limits_hold(steps in prop::collection::vec(step(), 1..120)) {
        run(steps)?;
    }
}

/// After any series, once everything is answered well again, the machine hears and has caught up.
fn recovers(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let mut rig = Rig::new();
    rig.sign_in(Renewal::RefreshToken);
    for step in steps {
        match step {
            Step::Answer(place, how) if !rig.pending.is_empty() => {
                let place = place % rig.pending.len();
                if let Some(input) = rig.pending.remove(place).and_then(|effect| input(effect, how)) {
                    rig.go(input);
                }
            }
            Step::Frame { ago, frame: sent } => {
                let epoch = rig.machine.link.epoch().unwrap_or(1).saturating_sub(ago);
                rig.go(Input::Frame { epoch, frame: frame(sent) });
            }
            Step::End { code, .. } if rig.machine.link.epoch().is_some() => rig.close(code, ""),
            Step::Command(kind, leg) => rig.command(command(kind, leg)),
            Step::ReconnectNow => rig.go(Input::ReconnectNow),
            Step::Woke => rig.go(Input::Woke),
            Step::Wait(span) => rig.pass_unanswered(Duration::from_millis(span)),
            Step::Sleep(span) => rig.slept += s(span),
            _ => {}
        }
    }
    // From here on the server has no trouble any more; a person signs in where only that helps.
    rig.serve();
    rig.pass(s(300));
    if rig.state() == LinkState::SignInNeeded {
        rig.sign_in(Renewal::RefreshToken);
        rig.serve();
        rig.pass(s(30));
    }
    let link = rig.snapshot().link;
    prop_assert_eq!(link.state, LinkState::Connected);
    prop_assert!(link.caught_up, "the gap is never closed");
    let open = rig.told.iter().filter(|event| matches!(event, Event::GapOpened { .. })).count();
    prop_assert!(open == 0 || rig.gaps().last().is_some_and(|gap| gap.settled), "every gap is settled");
    rig.server.conversations = vec![call("ada", "c9", "alerting")];
    rig.close(None, "");
    rig.serve();
    rig.pass(s(30));
    let snapshot = rig.snapshot();
    prop_assert_eq!(snapshot.link.state, LinkState::Connected);
    prop_assert!(snapshot.link.caught_up, "the gap is never closed");
    let legs: Vec<_> = snapshot.offers.iter().map(|offer| offer.leg.as_str()).collect();
    prop_assert_eq!(legs, ["c9-leg"], "the desk is what Genesys says");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 2048, ..ProptestConfig::default() })]

    #[test]
    fn after_any_series_it_hears_again_and_owes_nothing(steps in prop::collection::vec(step(), 1..80)) {
        recovers(steps)?;
    }
}
