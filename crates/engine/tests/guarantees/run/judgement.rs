//! The last judgement: the faults end, a quiet time passes, and the machine has to know what is true and to owe nothing.

use std::time::Duration;

use earshot_engine::event::Source;
use earshot_engine::limits::SECOND_LOOK;
use earshot_engine::snapshot::LinkState;

use super::{MS, Run, Tally};
use crate::centre::{AGENT, At, Leg, State, Why};
use crate::cloud::{Plan, What};
use crate::steps::{About, Fate};
use crate::witness::{Broken, Window, canonical};

/// So long before a gap analytics are asked for, at least.
const REACH: Duration = Duration::from_secs(4);

impl Run {
    /// The faults end and a quiet time passes; then the machine has to know what is true, and to owe nothing.
    pub fn judge(&mut self, about: About) -> Result<Tally, String> {
        let deaf_too = about == About::Liveness;
        self.cloud.mend();
        // Off queue nothing is compared, so nothing would be found.
        let on_queue = self.snapshot().agent.is_some_and(|agent| agent.on_queue);
        for epoch in self.cloud.live() {
            let deaf = self.cloud.channels.get(&epoch).is_some_and(|channel| channel.deaf);
            if deaf && !(deaf_too && on_queue) {
                self.cloud.close(epoch, None, "");
            }
        }
        // The rest of the day belongs to one long token: a renewal in the moment of the judgement would be a trouble of its
        // own.
        if !self.machine.signed_in() || self.mortal || self.cloud.lifetime < Duration::from_secs(3_600) {
            self.sign_in(1, 3_600)?;
        }
        self.pass(Duration::from_secs(60))?;
        let link = self.snapshot().link;
        let mismatch = link.trouble.is_some_and(|trouble| trouble.code == "region.mismatch");
        if link.state == LinkState::SignInNeeded || (link.state == LinkState::Blocked && mismatch) {
            self.sign_in(1, 3_600)?;
        }
        self.pass(Duration::from_secs(150))?;
        self.truth()?;
        self.ring_once_more(deaf_too)?;
        self.owes_nothing()
    }

    /// Only what was planned has happened: there was always somebody who heard.
    pub fn without_a_gap(&self) -> Broken {
        match self.witness.windows.first() {
            Some(window) => Err(format!("3: a planned change has made a gap: {window:?}")),
            None => Ok(()),
        }
    }

    fn truth(&mut self) -> Broken {
        let snapshot = self.snapshot();
        let link = &snapshot.link;
        if link.state != LinkState::Connected || !link.caught_up {
            return Err(format!(
                "1: does not hear again: {:?}, {:?}, caught up {}",
                link.state, link.trouble, link.caught_up
            ));
        }
        let wanted = |state| {
            let mut legs: Vec<_> =
                self.cloud.centre.legs().filter(|leg| leg.state == state).map(|leg| leg.id.clone()).collect();
            legs.sort();
            legs
        };
        let (alerting, connected) = (wanted(State::Alerting), wanted(State::Connected));
        let mut offers: Vec<_> = snapshot.offers.iter().map(|offer| canonical(&offer.leg)).collect();
        offers.sort();
        if offers != alerting {
            return Err(format!("1: {offers:?} on the desk, {alerting:?} in truth"));
        }
        let mut desk: Vec<_> = snapshot.conversations.iter().map(|line| canonical(&line.leg)).collect();
        desk.sort();
        if desk != connected {
            return Err(format!("1: in {desk:?} on the desk, in {connected:?} in truth"));
        }
        let Some(agent) = snapshot.agent else { return Err("1: no agent".into()) };
        let (presence, routing) = (self.cloud.centre.presence.0, self.cloud.centre.routing.0);
        if agent.id != AGENT || agent.presence.system != presence || agent.routing.status != routing {
            return Err(format!(
                "1: {} and {} on the desk, {presence} and {routing} in truth",
                agent.presence.system, agent.routing.status
            ));
        }
        Ok(())
    }

    /// It hears: one more offer rings.
    fn ring_once_more(&mut self, deaf_too: bool) -> Broken {
        let deaf = self.cloud.newest().and_then(|e| self.cloud.channels.get(&e)).is_some_and(|channel| channel.deaf);
        let on_queue = self.snapshot().agent.is_some_and(|agent| agent.on_queue);
        if deaf && !on_queue {
            // Off queue nothing is compared.
            return Ok(());
        }
        self.cloud.offer(0, 200, Fate::Rings);
        self.pass(if deaf { Duration::from_secs(75) } else { Duration::from_secs(1) })?;
        let leg = self.cloud.centre.legs().last().map(|leg| leg.id.clone()).unwrap_or_default();
        if !self.witness.ringing.contains(&leg) {
            return Err(format!("{}: {leg} does not ring", if deaf { 4 } else { 8 }));
        }
        if deaf_too {
            let deaf =
                self.cloud.newest().and_then(|e| self.cloud.channels.get(&e)).is_some_and(|channel| channel.deaf);
            if deaf {
                return Err("4: the socket is deaf, and nobody noticed".into());
            }
        }
        self.cloud.plan(MS, What::Centre(Plan::CallerLeaves(leg.clone())));
        self.pass(Duration::from_secs(if deaf { 10 } else { 1 }))?;
        if self.witness.ringing.contains(&leg) {
            return Err(format!("2: {leg} rings on"));
        }
        Ok(())
    }

    /// Every offer was told, or there is a reason why not.
    fn owes_nothing(&self) -> Result<Tally, String> {
        let mut tally = Tally { steps: self.steps, ..Tally::default() };
        let witness = &self.witness;
        // How late an event may be that a gap swallowed: it happened before the gap began.
        let slack = Duration::from_secs(10);
        for leg in self.cloud.centre.legs() {
            let ended = leg.ended.map_or(self.cloud.now, |(at, _)| at);
            let listened = witness.listens_since.is_some_and(|since| leg.began > since);
            let signed_out = |(from, until): &(At, Option<At>)| {
                ended + slack >= *from && until.is_none_or(|until| leg.began <= until + slack)
            };
            if !listened || witness.out.iter().any(signed_out) {
                continue;
            }
            tally.offered += 1;
            match witness.started.get(&leg.id) {
                Some(Source::Live) => tally.live += 1,
                Some(Source::Recovered) => tally.recovered += 1,
                None if witness.missed.contains(&leg.id) => tally.missed += 1,
                None if witness.shown_taken.contains(&leg.id)
                    && (leg.taken.is_some() || leg.ended.is_some_and(|(_, why)| why == Why::Declined)) =>
                {
                    tally.elsewhere += 1;
                }
                None => {
                    let past =
                        |window: &Window| leg.began + REACH >= window.from && window.to.is_some_and(|to| ended <= to);
                    // What the agent took in the end, at whichever offer, was not missed.
                    let taken = self.cloud.centre.siblings(leg).any(|leg| leg.taken.is_some());
                    let unanswered = !taken && leg.ended.is_none_or(|(_, why)| why != Why::Declined);
                    if self.cloud.analytics.is_some()
                        && unanswered
                        && witness.out.is_empty()
                        && witness.windows.iter().any(past)
                    {
                        return Err(format!("1: analytics knew of {leg:?}; gaps: {:?}", witness.windows));
                    }
                    if !self.inside_a_gap(leg, ended, slack) && !self.in_deafness(leg, ended) {
                        return Err(format!("1: {leg:?} was never told; gaps: {:?}", witness.windows));
                    }
                    tally.unseen += 1;
                }
            }
        }
        Ok(tally)
    }

    /// The whole life of the leg lies in a time for which the machine said that it could not hear.
    fn inside_a_gap(&self, leg: &Leg, ended: At, slack: Duration) -> bool {
        self.witness.windows.iter().any(|window| {
            // What was in the computer's buffers when it fell asleep is heard at the wake-up, as if it were new.
            let sleep = self
                .cloud
                .sleeps
                .iter()
                .find(|(_, until)| window.from >= *until && window.from <= *until + Duration::from_secs(2));
            let from = sleep.map_or(window.from, |(from, _)| *from);
            from <= leg.began + slack && window.to.is_none_or(|to| ended <= to + SECOND_LOOK + slack)
        })
    }

    /// The socket was deaf, and the leg came and went between two comparisons: nobody could have known.
    fn in_deafness(&self, leg: &Leg, ended: At) -> bool {
        let deaf =
            |(_, from, until): &(u64, At, Option<At>)| *from <= ended && until.is_none_or(|until| leg.began <= until);
        self.cloud.deafness.iter().any(deaf) && !self.cloud.listed.iter().any(|at| *at >= leg.began && *at < ended)
    }
}
