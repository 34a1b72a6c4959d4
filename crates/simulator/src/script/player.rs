//! Plays a script: turns it into steps with their times, round after round.

use super::{Script, ScriptOffer, Starts, TroubleKind};
use crate::channels::ToSocket;
use crate::clock::Ms;
use crate::faults::{Failure, FaultBody, Span};
use crate::ids::Ids;
use crate::script::time::Draw;
use crate::state::State;
use crate::world::offer::Offer;

/// Something to do now.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Offer(Box<Offer>),
    Trouble { kind: TroubleKind, lasts: Ms, code: u16 },
    Again,
}

/// A script being played.
#[derive(Debug)]
pub(crate) struct Player {
    script: Script,
    ids: Ids,
    begun: bool,
    steps: Vec<(Ms, Step)>,
}

impl Player {
    /// Begins at once, or when somebody listens, as the script says.
    pub(crate) fn new(script: Script, ids: Ids, now: Ms) -> Self {
        let mut player = Self { script, ids, begun: false, steps: Vec::new() };
        if player.script.starts == Starts::AtOnce {
            player.begin(now);
        }
        player
    }

    /// Somebody listens.
    pub(crate) fn heard(&mut self, now: Ms) {
        if !self.begun {
            self.begin(now);
        }
    }

    /// When something is due.
    pub(crate) fn next_due(&self) -> Option<Ms> {
        self.steps.iter().map(|(at, _)| *at).min()
    }

    /// The next step that is due.
    pub(crate) fn take_due(&mut self, now: Ms) -> Option<Step> {
        loop {
            let index = (self.steps.iter().enumerate())
                .filter(|(_, (at, _))| *at <= now)
                .min_by_key(|(index, (at, _))| (*at, *index))
                .map(|(index, _)| index)?;
            match self.steps.remove(index) {
                (at, Step::Again) => self.begin(at),
                (_, step) => return Some(step),
            }
        }
    }

    fn begin(&mut self, start: Ms) {
        self.begun = true;
        for offer in self.script.offers.clone() {
            let mut at = start + self.draw(offer.at).unwrap_or(0);
            for _ in 0..offer.times.unwrap_or(1).max(1) {
                let step = Step::Offer(Box::new(self.offer(&offer)));
                self.steps.push((at, step));
                at += self.draw(offer.every).unwrap_or(0);
            }
        }
        for trouble in self.script.troubles.clone() {
            let at = start + trouble.at.draw(&mut self.ids);
            let lasts = trouble.seconds.map_or(0, |t| t.0);
            self.steps.push((at, Step::Trouble { kind: trouble.kind, lasts, code: trouble.code.unwrap_or(1001) }));
        }
        if let Some(length) = self.script.length {
            self.steps.push((start + length.0, Step::Again));
        }
    }

    fn draw(&mut self, draw: Option<Draw>) -> Option<Ms> {
        draw.map(|d| d.draw(&mut self.ids))
    }

    #[allow(clippy::cast_precision_loss)] // minutes, not centuries
    fn seconds(&mut self, own: Option<Draw>, default: Option<Draw>) -> Option<f64> {
        self.draw(own.or(default)).map(|ms| ms as f64 / 1000.0)
    }

    fn offer(&mut self, offer: &ScriptOffer) -> Offer {
        let defaults = self.script.defaults.clone();
        Offer {
            medium: offer.medium,
            caller: offer.caller.clone(),
            address: offer.address.clone(),
            queue: offer.queue.clone(),
            agent: offer.agent.clone(),
            direct: offer.direct,
            from: offer.from.clone(),
            message_type: offer.message_type.clone(),
            subject: offer.subject.clone(),
            auto_answer: offer.auto_answer,
            auto_answer_seconds: None,
            if_missed: offer.if_missed,
            // A colleague does not queue.
            wait: !offer.direct,
            alerting_seconds: self.seconds(offer.alerting, defaults.alerting),
            wrapup_seconds: self.seconds(offer.wrapup, defaults.wrapup),
            patience_seconds: self.seconds(offer.patience, defaults.patience),
            talk_seconds: self.seconds(offer.talks, defaults.talks),
            wrapup: None,
            attributes: std::collections::BTreeMap::new(),
        }
    }
}

impl State {
    /// Does what a step says.
    pub(crate) fn play(&mut self, step: &Step) {
        match step {
            Step::Offer(offer) => {
                // Names were checked when the script was read.
                if let Err(why) = self.world.offer(offer) {
                    tracing::warn!(%why, "an offer of the script was skipped");
                }
            }
            Step::Trouble { kind, lasts, code } => self.trouble(*kind, *lasts, *code),
            Step::Again => {}
        }
    }

    fn trouble(&mut self, kind: TroubleKind, lasts: Ms, code: u16) {
        match kind {
            TroubleKind::Drop => {
                self.hub.drop_sockets(None);
            }
            TroubleKind::Close => {
                self.hub.tell(None, || ToSocket::Close { code, reason: "going away".to_owned() });
            }
            TroubleKind::HalfOpen => {
                self.hub.half_open(None);
            }
            TroubleKind::DeafSpell => {
                let failure = Failure {
                    status: 503,
                    code: "service.unavailable".to_owned(),
                    message: "The service is unavailable.".to_owned(),
                    body: FaultBody::Json,
                    retry_after: None,
                    delay: 0,
                    hang: false,
                };
                self.faults.upgrades = Some((failure, Span::new(None, Some(self.now() + lasts))));
                self.hub.drop_sockets(None);
            }
        }
    }
}
