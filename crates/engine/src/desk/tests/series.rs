//! Random series of looks, out of order, twice and from both sources, with commands between them, against the guarantees.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

/// One step of a series.
#[derive(Debug, Clone)]
enum Step {
    See { leg: usize, stage: usize, flat: bool, live: bool },
    Answer(usize),
    Decline(usize),
    Dismiss(usize),
    Settle { ok: bool },
    Gap(bool),
    Gone(usize),
    Wait(u64),
}

const LEGS: usize = 4;

fn step() -> impl Strategy<Value = Step> {
    let leg = 0..LEGS;
    prop_oneof![
        8 => (leg.clone(), 0..5_usize, any::<bool>(), any::<bool>())
            .prop_map(|(leg, stage, flat, live)| Step::See { leg, stage, flat, live }),
        2 => leg.clone().prop_map(Step::Answer),
        2 => leg.clone().prop_map(Step::Decline),
        1 => leg.clone().prop_map(Step::Dismiss),
        2 => any::<bool>().prop_map(|ok| Step::Settle { ok }),
        1 => any::<bool>().prop_map(Step::Gap),
        1 => leg.prop_map(Step::Gone),
        2 => (0..40_000_u64).prop_map(Step::Wait),
    ]
}

/// Leg `n` at one stage of its life; two legs share a conversation.
fn look(n: usize, stage: usize, flat: bool) -> Sighting {
    let name = format!("l{n}");
    let mut look = match stage {
        0 => LegSighting { state: LegState::Other, ..alerting(&name) },
        1 => alerting(&name),
        2 => LegSighting { alerting_timeout_ms: Some(20_000), ..alerting(&name) },
        3 => connected(&name),
        _ => over(&name, 9_000, "peer"),
    };
    if flat {
        look.leg.clone_from(&look.participant);
    }
    Sighting { conversation: format!("c{}", n / 2), ..with([look]) }
}

/// What a consumer of the events knows, held against the guarantees as they come.
#[derive(Default)]
struct Witness {
    ringing: BTreeSet<String>,
    over: BTreeSet<String>,
    missed: BTreeSet<String>,
    open: Vec<ActionId>,
    declines: BTreeMap<String, usize>,
}

impl Witness {
    fn take(&mut self, desk: &Desk, out: &[Output]) -> Result<(), TestCaseError> {
        for output in out {
            match output {
                Output::Tell(Event::OfferStarted { offer, .. }) => {
                    prop_assert!(!self.over.contains(&offer.leg), "2: {} alerts after it has ended", offer.leg);
                    prop_assert!(self.ringing.insert(offer.leg.clone()), "2: {} told twice", offer.leg);
                }
                Output::Tell(Event::OfferEnded { leg, .. }) => {
                    prop_assert!(self.ringing.remove(leg), "{leg} ended without alerting");
                    prop_assert!(self.over.insert(leg.clone()), "{leg} ended twice");
                }
                Output::Tell(Event::Missed(line)) => {
                    prop_assert!(self.missed.insert(line.id.clone()), "{} missed twice", line.id);
                }
                Output::Act { action, request } => {
                    prop_assert!(!self.open.contains(action), "request {action} sent twice");
                    self.open.push(*action);
                    if let Request::Decline { participant, .. } = request {
                        *self.declines.entry(participant.clone()).or_default() += 1;
                    }
                }
                _ => {}
            }
        }
        let shown: BTreeSet<_> = desk.offers().into_iter().map(|offer| offer.leg).collect();
        prop_assert_eq!(&shown, &self.ringing, "the snapshot and the events tell the same");
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_comes_in_whatever_order(steps in prop::collection::vec(step(), 1..60)) {
        let mut desk = Desk::new();
        let mut witness = Witness::default();
        let mut clock = 10_000;
        let mut furthest: BTreeMap<String, LegState> = BTreeMap::new();
        for step in steps {
            clock += 10;
            let now = at(clock);
            let before: BTreeMap<_, _> = witness.declines.clone();
            let out = match step.clone() {
                Step::See { leg, stage, flat, live: true } => live(&mut desk, look(leg, stage, flat), now),
                Step::See { leg, stage, flat, live: false } => recovered(&mut desk, look(leg, stage, flat), now),
                Step::Answer(leg) => answer(&mut desk, &format!("l{leg}"), now),
                Step::Decline(leg) => decline(&mut desk, &format!("l{leg}"), now),
                Step::Dismiss(leg) => command(&mut desk, Command::Dismiss { leg: format!("l{leg}") }, now),
                Step::Settle { ok } => match witness.open.pop() {
                    Some(action) => {
                        let result = if ok { Ok(()) } else { Err(transport(TransportKind::Timeout)) };
                        acted(&mut desk, action, result, now)
                    }
                    None => Vec::new(),
                },
                Step::Gap(open) => desk.handle(Input::Deaf { why: open.then(|| "test".into()), since: None }, now),
                Step::Gone(leg) => desk.handle(Input::Gone { conversation: format!("c{}", leg / 2) }, now),
                Step::Wait(ms) => {
                    clock += ms;
                    tick(&mut desk, at(clock))
                }
            };
            witness.take(&desk, &out)?;
            // Declines go out on a press alone, once for each, and for that very leg.
            let sent: usize = witness.declines.values().sum::<usize>() - before.values().sum::<usize>();
            prop_assert!(sent <= usize::from(matches!(step, Step::Decline(_))), "{sent} declines for {step:?}");
            // No leg goes back.
            for n in 0..LEGS {
                for key in [format!("l{n}"), format!("p-l{n}")] {
                    let Some(leg) = desk.legs.get(&key) else { continue };
                    let known = furthest.entry(leg.key.clone()).or_insert(leg.state);
                    prop_assert!(*known <= leg.state, "{key} went back from {known:?} to {:?}", leg.state);
                    *known = leg.state;
                }
            }
        }
        // Once all has been seen to end, nothing rings, and all that was asked settles.
        for n in 0..LEGS {
            let out = recovered(&mut desk, look(n, 4, false), at(clock + 1));
            witness.take(&desk, &out)?;
        }
        prop_assert!(witness.ringing.is_empty());
        prop_assert_eq!(desk.deadline(), None, "nothing is chased for ever");
    }

    #[test]
    fn every_order_of_the_same_looks_ends_the_same(order in Just((0..5_usize).collect::<Vec<_>>()).prop_shuffle(), twice in any::<bool>()) {
        let mut desk = Desk::new();
        let mut witness = Witness::default();
        for (n, stage) in order.into_iter().enumerate() {
            for _ in 0..=usize::from(twice) {
                let out = live(&mut desk, look(0, stage, false), at(10_000 + n as u64));
                witness.take(&desk, &out)?;
            }
        }
        prop_assert!(desk.offers().is_empty() && desk.conversations().is_empty());
    }
}
