//! The customers of the simulated contact centre: they call, wait and leave as their seed says, whatever the network does.
//! The ledger knows of each offer when it began to alert and when it ended, which is the truth that is held against what
//! the agents were told.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use earshot_simulator::{Control, IfMissed, Medium, Offer};

use crate::chance::Chance;

/// What becomes of an offer that this agent does not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Nobody takes it in time; a colleague gets it.
    TimesOut,
    /// The customer hangs up.
    CustomerLeaves,
    /// The agent takes it with another client, talks a little, and ends it.
    TakenElsewhere,
    /// A colleague takes it.
    Colleague,
}

/// One conversation that was offered. Times are those of the simulation.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) conversation: String,
    pub(crate) leg: String,
    pub(crate) from: Duration,
    pub(crate) until: Duration,
    /// The agent takes it in the end, with another client: it is not missed.
    pub(crate) taken: bool,
}

/// How often, and how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// Between two offers, in milliseconds.
    pub(crate) between: (u64, u64),
    /// How long one alerts, in milliseconds.
    pub(crate) alerting: (u64, u64),
}

/// Fewer customers, for what takes an hour.
pub(crate) const QUIET: Pace = Pace { between: (5_000, 30_000), alerting: (8_000, 25_000) };

impl Default for Pace {
    fn default() -> Self {
        Self { between: (2_000, 12_000), alerting: (8_000, 25_000) }
    }
}

/// Who calls next, and everybody who has called.
pub(crate) struct Customers {
    chance: Chance,
    pace: Pace,
    next: Option<Duration>,
    ledger: Rc<RefCell<Vec<Entry>>>,
    /// What is still to happen to a conversation.
    plans: Rc<RefCell<Vec<(Duration, String, Act)>>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    HangUp,
    TakeElsewhere,
    Colleague,
}

/// How long the agent talks to somebody taken elsewhere.
const TALK_MS: (u64, u64) = (3_000, 20_000);

impl Customers {
    pub(crate) fn new(seed: u64, pace: Pace) -> Self {
        Self { chance: Chance::new(seed), pace, next: None, ledger: Rc::default(), plans: Rc::default() }
    }

    /// They begin to call.
    pub(crate) fn open(&mut self, now: Duration) {
        self.next = Some(now + self.chance.millis(0, self.pace.between.0));
    }

    /// Nobody calls any more.
    pub(crate) fn close(&mut self) {
        self.next = None;
    }

    /// What everybody has done so far.
    pub(crate) fn ledger(&self) -> Vec<Entry> {
        self.ledger.borrow().clone()
    }

    /// What is due now, to be carried out at the contact centre.
    pub(crate) fn due(&mut self, now: Duration) -> Option<impl FnOnce(&Control) + 'static> {
        let calls = self.next.filter(|at| *at <= now).map(|_| {
            self.next = Some(now + self.chance.millis(self.pace.between.0, self.pace.between.1));
            self.call()
        });
        let mut acts = Vec::new();
        self.plans.borrow_mut().retain(|(at, conversation, act)| {
            let due = *at <= now;
            if due {
                acts.push((conversation.clone(), *act));
            }
            !due
        });
        if calls.is_none() && acts.is_empty() {
            return None;
        }
        let (ledger, plans) = (Rc::clone(&self.ledger), Rc::clone(&self.plans));
        Some(move |control: &Control| {
            for (conversation, act) in acts {
                // It may be over already: a message that timed out, a call that was taken.
                let _ = match act {
                    Act::HangUp => control.hang_up(&conversation),
                    Act::TakeElsewhere => control.answered_by_other_client(&conversation),
                    Act::Colleague => control.answered_by_other_agent(&conversation),
                };
            }
            let Some((offer, fate, after, talk)) = calls else { return };
            let offered = control.offer(offer).expect("an offer");
            let conversation = offered.conversation;
            let leg = offered.communication.expect("it alerts at once");
            let mut plans = plans.borrow_mut();
            match fate {
                Fate::TimesOut => {}
                Fate::CustomerLeaves => plans.push((now + after, conversation.clone(), Act::HangUp)),
                Fate::Colleague => plans.push((now + after, conversation.clone(), Act::Colleague)),
                Fate::TakenElsewhere => {
                    plans.push((now + after, conversation.clone(), Act::TakeElsewhere));
                    plans.push((now + after + talk, conversation.clone(), Act::HangUp));
                }
            }
            ledger.borrow_mut().push(Entry {
                conversation,
                leg,
                from: now,
                until: now + after,
                taken: fate == Fate::TakenElsewhere,
            });
        })
    }

    fn call(&mut self) -> (Offer, Fate, Duration, Duration) {
        let chance = &mut self.chance;
        let alerting = chance.millis(self.pace.alerting.0, self.pace.alerting.1);
        let fate = chance.of(&[Fate::TimesOut, Fate::CustomerLeaves, Fate::TakenElsewhere, Fate::Colleague]);
        let offer = Offer {
            medium: chance.of(&[Medium::Call, Medium::Message, Medium::Email, Medium::Callback]),
            alerting_seconds: Some(alerting.as_secs_f64()),
            if_missed: if chance.between(0, 1) == 0 { IfMissed::Other } else { IfMissed::End },
            wrapup: Some(false),
            ..Offer::default()
        };
        let whole = u64::try_from(alerting.as_millis()).expect("seconds");
        let after = if fate == Fate::TimesOut { alerting } else { chance.millis(300, whole - 300) };
        let talk = chance.millis(TALK_MS.0, TALK_MS.1);
        (offer, fate, after, talk)
    }
}
