//! Holds everything the machine does against the guarantees, step by step, and keeps what the last judgement needs.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use earshot_engine::desk::io::Request;
use earshot_engine::event::{Event, Source};
use earshot_engine::limits::{
    CLOCK_LOOK, PROOF_AFTER_WAKE, RENEW_BEFORE, RENEW_SHARE, SILENCE_ANSWERING, SILENCE_MUTE,
};
use earshot_engine::machine::Effect;
use earshot_engine::verdict::TokenCheck;

use crate::bounds;
use crate::centre::{At, Shows, State, WALL};
use crate::cloud::{Cloud, call};
use crate::secrecy;
use crate::steps::Call;

/// What broke, in words that begin with the number of the guarantee.
pub type Broken = Result<(), String>;

/// A time for which the machine said that it could not hear.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// Since when it was not sure.
    pub from: At,
    /// When it said it could again.
    pub to: Option<At>,
    /// When it said that all was looked up.
    pub settled: Option<At>,
    /// How many it said were missed.
    pub missed: u32,
}

#[derive(Debug, Clone, Copy)]
struct Heard {
    at: Duration,
    answers_pings: bool,
    doubted: Option<Doubt>,
}

/// A connection has to prove itself.
#[derive(Debug, Clone, Copy)]
struct Doubt {
    since: Duration,
    /// Until then the machine may not have noticed, and what comes proves nothing to it.
    noticed: Duration,
}

/// The witness.
#[derive(Debug, Default)]
pub struct Witness {
    /// Legs that were told to alert, and from where.
    pub started: BTreeMap<String, Source>,
    /// Legs that alert now, as the events tell it.
    pub ringing: BTreeSet<String>,
    /// Legs of missed offers.
    pub missed: BTreeSet<String>,
    /// Legs of which the machine was shown that somebody dealt with them.
    pub shown_taken: BTreeSet<String>,
    /// Times in which it could not hear.
    pub windows: Vec<Window>,
    /// When it first had caught up since the sign-in.
    pub listens_since: Option<At>,
    /// Signed out in these times.
    pub out: Vec<(At, Option<At>)>,
    over: BTreeSet<String>,
    heard: BTreeMap<u64, Heard>,
    dropped: BTreeSet<u64>,
    /// The connection that was given up last.
    gone: Option<Heard>,
    doubted: Option<Doubt>,
    renewing: bool,
    renewal_open: bool,
    told_dead: bool,
    newest_look: Option<u64>,
    commanding: bool,
    requests: BTreeMap<Call, VecDeque<Duration>>,
    cuts: VecDeque<Duration>,
    held: BTreeMap<Call, Duration>,
    sockets: BTreeSet<u64>,
}

/// A leg by the name of its participant, which is its name where the flat form was seen first.
pub fn canonical(key: &str) -> String {
    key.replace("-p", "-l")
}

/// The model's time of a wall clock's.
fn at(wall: i64) -> At {
    Duration::from_millis(u64::try_from(wall - WALL).unwrap_or(0))
}

fn judge(holds: bool, broken: impl FnOnce() -> String) -> Broken {
    if holds { Ok(()) } else { Err(broken()) }
}

impl Witness {
    /// Whether frames of this connection still count.
    pub fn listens_to(&self, epoch: u64) -> bool {
        !self.dropped.contains(&epoch)
    }

    /// A frame came on this connection.
    pub fn frame(&mut self, epoch: u64, mono: Duration, pong: bool) {
        let doubted = self.doubted(mono);
        let heard = self.heard.entry(epoch).or_insert(Heard { at: mono, answers_pings: false, doubted });
        heard.at = mono;
        heard.answers_pings |= pong;
        heard.doubted = heard.doubted.filter(|doubt| mono <= doubt.noticed);
    }

    /// A socket opened.
    pub fn opened(&mut self, epoch: u64, mono: Duration) {
        if self.listens_to(epoch) {
            let doubted = self.doubted(mono);
            self.heard.insert(epoch, Heard { at: mono, answers_pings: false, doubted });
        }
    }

    /// The doubt that a new socket falls under: the machine may not have looked at the clocks yet.
    fn doubted(&self, mono: Duration) -> Option<Doubt> {
        self.doubted.filter(|doubt| mono <= doubt.noticed)
    }

    /// Something after which the sockets must prove themselves. A sleep is only noticed at the next look at the clocks.
    pub fn doubt(&mut self, mono: Duration, slept: bool) {
        let doubt = Doubt { since: mono, noticed: if slept { mono + CLOCK_LOOK } else { mono } };
        self.doubted = Some(doubt);
        for heard in self.heard.values_mut() {
            heard.doubted.get_or_insert(doubt).noticed = doubt.noticed;
        }
        self.cuts.push_back(mono);
    }

    /// A person cut the waiting short, or began anew.
    pub fn cut(&mut self, mono: Duration) {
        self.cuts.push_back(mono);
    }

    /// A sign-in or sign-out: what was under way is nobody's any more.
    pub fn begins_anew(&mut self, out: bool, now: At, mono: Duration) {
        self.renewing = false;
        self.renewal_open = false;
        self.told_dead = false;
        self.cut(mono);
        // The endpoint that asked to wait has just let somebody in.
        self.held.remove(&Call::Renew);
        self.held.remove(&Call::Check);
        if out {
            self.held.clear();
            self.started.clear();
            self.listens_since = None;
            self.newest_look = None;
            for window in &mut self.windows {
                window.settled.get_or_insert(now);
            }
            if self.out.last().is_none_or(|(_, until)| until.is_some()) {
                self.out.push((now, None));
            }
        } else if let Some((_, until @ None)) = self.out.last_mut() {
            *until = Some(now);
        }
    }

    /// A command is being handled.
    pub fn commanding(&mut self, commanding: bool) {
        self.commanding = commanding;
    }

    /// The result of a renewal arrived.
    pub fn renewal_ended(&mut self, well: bool) {
        self.renewing = false;
        if well {
            self.renewal_open = false;
            self.told_dead = false;
        }
    }

    /// A check arrived.
    pub fn checked(&mut self, check: TokenCheck) {
        self.told_dead |= check == TokenCheck::Dead;
    }

    /// Word came that the tokens were revoked.
    pub fn revoked(&mut self) {
        self.told_dead = true;
    }

    /// 429 came for this kind of request.
    pub fn limited(&mut self, call: Call, until: Duration) {
        let held = self.held.entry(call).or_default();
        *held = until.max(*held);
    }

    /// Whether the answer to this look counts.
    pub fn awaits(&self, look: u64) -> bool {
        self.newest_look == Some(look)
    }

    /// A connection was given up: what was being looked up for it is of no more interest, even if asked for just now.
    pub fn look_is_void(&mut self) {
        self.newest_look = None;
    }

    /// The machine does something.
    pub fn effect(&mut self, effect: &Effect, cloud: &Cloud, mono: Duration, signed_in: Option<u64>) -> Broken {
        // The stored credential is read on this computer.
        if let Some(call) = call(effect).filter(|_| !matches!(effect, Effect::RereadCredential { .. })) {
            self.rate(call, mono)?;
        }
        match effect {
            Effect::Tell(event) => self.told(event, cloud.now, mono)?,
            Effect::Record(record) => secrecy::keeps("the record", &format!("{record:?}"))?,
            Effect::Renew { .. } | Effect::RereadCredential { .. } => {
                judge(!self.renewing, || "5: two renewals at once".into())?;
                self.renewing = true;
                if matches!(effect, Effect::Renew { .. }) {
                    let generation = signed_in.unwrap_or_default();
                    let near = RENEW_BEFORE.min(cloud.lifetime * RENEW_SHARE / 100) + Duration::from_secs(2);
                    let left = cloud.left(generation);
                    judge(left <= near || !cloud.good(generation) || self.told_dead || self.renewal_open, || {
                        format!("5: renewed without a reason, {left:?} before its end")
                    })?;
                    self.renewal_open = true;
                }
            }
            Effect::Act { request, .. } => {
                judge(self.commanding, || format!("7: nobody asked for {request:?}"))?;
                if let Request::Decline { participant, .. } | Request::ToVoicemail { participant, .. } = request {
                    let leg = canonical(participant);
                    judge(!self.over.contains(&leg), || format!("7: the decline of {leg} would hang up"))?;
                }
            }
            Effect::List { look, .. } => self.newest_look = Some(*look),
            Effect::Dial { epoch } => {
                self.sockets.insert(*epoch);
                judge(self.sockets.len() <= bounds::SOCKETS, || format!("6: {} sockets", self.sockets.len()))?;
            }
            Effect::Drop { epoch } => {
                self.dropped.insert(*epoch);
                self.sockets.remove(epoch);
                self.gone = self.heard.remove(epoch);
            }
            _ => {}
        }
        Ok(())
    }

    /// No request storm: how many requests of a kind there may be in how much time.
    fn rate(&mut self, call: Call, mono: Duration) -> Broken {
        if let Some(held) = self.held.get(&call) {
            judge(mono >= *held, || format!("6: {call:?} at {mono:?}, held until {held:?}"))?;
        }
        let sent = self.requests.entry(call).or_default();
        sent.push_back(mono);
        for (window, most) in bounds::of(call) {
            let since = mono.saturating_sub(*window);
            let count = sent.iter().rev().take_while(|at| **at > since).count();
            let cuts = self.cuts.iter().rev().take_while(|at| **at > since).count();
            judge(count <= most + cuts * bounds::CUT, || {
                format!("6: {count} of {call:?} within {window:?}, {cuts} of them asked for")
            })?;
        }
        let longest = bounds::LONGEST;
        while sent.front().is_some_and(|at| *at + longest < mono) {
            sent.pop_front();
        }
        while self.cuts.front().is_some_and(|at| *at + longest < mono) {
            self.cuts.pop_front();
        }
        Ok(())
    }

    fn told(&mut self, event: &Event, now: At, mono: Duration) -> Broken {
        match event {
            Event::OfferStarted { offer, source } => {
                let leg = canonical(&offer.leg);
                judge(!self.over.contains(&leg), || format!("2: {leg} rings after its end"))?;
                judge(self.ringing.insert(leg.clone()), || format!("2: {leg} rings twice at once"))?;
                judge(self.started.insert(leg.clone(), *source).is_none(), || format!("2: {leg} rings a second time"))?;
            }
            Event::OfferEnded { leg, .. } => {
                let leg = canonical(leg);
                judge(self.ringing.remove(&leg), || format!("2: {leg} ends without having rung"))?;
            }
            Event::Missed(line) if line.conversation.is_some() => {
                let leg = canonical(&line.id);
                judge(self.missed.insert(leg.clone()), || format!("2: {leg} is missed twice"))?;
            }
            Event::GapOpened { from, cause } => {
                let from = at(*from);
                // Gaps that touch are one; its record says when it began.
                let open = |window: &Window| window.to.is_none();
                if !self.windows.last().is_some_and(open) {
                    self.windows.push(Window { from, to: None, settled: None, missed: 0 });
                }
                if cause.code == "socket.silent" {
                    let gone = self.gone;
                    let dead = |heard: Heard| {
                        let proof = heard.doubted.is_some_and(|doubt| mono >= doubt.since + PROOF_AFTER_WAKE);
                        proof || mono >= heard.at + SILENCE_ANSWERING
                    };
                    judge(gone.is_none_or(dead), || format!("4: declared dead at {mono:?}: {gone:?}"))?;
                }
            }
            Event::GapClosed(record) => {
                let (from, to) = (at(record.from), at(record.to));
                // Gaps that touch have one record, and so several windows; one that settles late may reach into the next.
                let of_this_gap = |window: &&mut Window| {
                    let closes = window.to.map_or(to + Duration::from_millis(1) > now, |closed| closed <= to);
                    window.settled.is_none() && window.from >= from && closes
                };
                for window in self.windows.iter_mut().filter(of_this_gap) {
                    window.missed = record.missed;
                    window.to = Some(to);
                    window.settled = record.settled.then_some(now);
                }
            }
            Event::Link(view) if view.caught_up => {
                self.listens_since.get_or_insert(now);
            }
            _ => {}
        }
        Ok(())
    }

    /// What the machine was shown, right after it has dealt with it.
    pub fn shown(&mut self, shows: &Shows, counts: bool) -> Broken {
        for (leg, state) in shows {
            match state {
                State::Alerting if counts => {
                    // In doubt, ring: whichever source tells of it, and at once.
                    let known = self.started.contains_key(leg) || self.over.contains(leg) || self.missed.contains(leg);
                    judge(known, || format!("8: {leg} is known to alert and does not ring"))?;
                }
                State::Alerting => {}
                State::Connected | State::Ended => {
                    self.shown_taken.insert(leg.clone());
                    if counts {
                        self.over.insert(leg.clone());
                        judge(!self.ringing.contains(leg), || format!("2: {leg} rings on, and is known to be over"))?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Dead links are noticed: called whenever time has passed.
    pub fn time(&self, mono: Duration) -> Broken {
        for (epoch, heard) in &self.heard {
            let limit = if heard.answers_pings { SILENCE_ANSWERING } else { SILENCE_MUTE };
            judge(mono <= heard.at + limit + Duration::from_millis(1), || {
                format!("4: connection {epoch} is silent since {:?} at {mono:?}", heard.at)
            })?;
        }
        Ok(())
    }
}
