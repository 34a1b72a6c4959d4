//! What happens in the contact centre by itself: offers, and what becomes of them.

use std::time::Duration;

use super::{Cloud, Plan, What};
use crate::centre::{Centre, Kind, State, Why};
use crate::steps::Fate;

impl Cloud {
    /// Offers something, with what becomes of it.
    pub fn offer(&mut self, kind: usize, rings: u64, fate: Fate) {
        let rings = Duration::from_secs(rings);
        let leg = self.centre.at(self.now).offer(Kind::ALL[kind % 4], rings);
        self.fate(&leg, rings, fate);
    }

    /// Offers the n-th conversation that waits in the queue once more.
    pub fn again(&mut self, n: usize, rings: u64) {
        let waits = |place: &usize| {
            let conversation = &self.centre.conversations[*place];
            conversation.over.is_none() && conversation.legs.iter().all(|leg| leg.state == State::Ended)
        };
        let waiting: Vec<usize> = (0..self.centre.conversations.len()).filter(waits).collect();
        if !waiting.is_empty() {
            let rings = Duration::from_secs(rings);
            let leg = self.centre.at(self.now).offer_again(waiting[n % waiting.len()], rings);
            self.fate(&leg, rings, Fate::Rings);
        }
    }

    fn fate(&mut self, leg: &str, rings: Duration, fate: Fate) {
        let leg = leg.to_owned();
        self.plan(rings, What::Centre(Plan::TimesOut(leg.clone())));
        let ms = Duration::from_millis;
        match fate {
            Fate::Rings => {}
            Fate::CallerLeaves(after) => self.plan(ms(after), What::Centre(Plan::CallerLeaves(leg))),
            Fate::TakenElsewhere(after, long) => {
                self.plan(ms(after), What::Centre(Plan::Taken(leg, Some(ms(long)))));
            }
            Fate::DeclinedElsewhere(after) => self.plan(ms(after), What::Centre(Plan::Declined(leg))),
        }
        self.publish();
    }

    pub(super) fn centre(&mut self, plan: Plan) {
        self.centre.at(self.now);
        let alerts = |centre: &Centre, leg: &str| centre.leg(leg).is_some_and(|leg| leg.state == State::Alerting);
        match plan {
            Plan::TimesOut(leg) if alerts(&self.centre, &leg) => {
                self.centre.end(&leg, Why::TimedOut);
                self.ready_later();
            }
            Plan::CallerLeaves(leg) if alerts(&self.centre, &leg) => {
                self.centre.end(&leg, Why::CallerLeft);
            }
            Plan::Declined(leg) if alerts(&self.centre, &leg) => {
                self.centre.end(&leg, Why::Declined);
                self.ready_later();
            }
            Plan::Taken(leg, long) => {
                if self.centre.take(&leg)
                    && let Some(long) = long
                {
                    self.plan(long, What::Centre(Plan::HangsUp(leg)));
                }
            }
            Plan::HangsUp(leg) => {
                self.centre.end(&leg, Why::HungUp);
            }
            Plan::Idle => self.centre.route("IDLE"),
            Plan::TimesOut(_) | Plan::CallerLeaves(_) | Plan::Declined(_) => {}
        }
        self.publish();
    }

    fn ready_later(&mut self) {
        if self.chance.once_in(2) {
            let after = self.chance.span(Duration::from_secs(2), Duration::from_secs(30));
            self.plan(after, What::Centre(Plan::Idle));
        }
    }
}
