//! A planned change: another connection is made beside the live one, proves itself, overlaps it, is compared once with the
//! truth, and only then takes over. Whatever goes wrong with it, the live one is not touched; where the live one ends
//! first, the other takes over at once, and only the time that neither covered is a gap.

use super::{
    COMPARE_LIMIT, Connection, Link, Memory, Moment, OVERLAP, Output, Rest, Signal, Stage, Trouble, Verdict, backoff,
    trouble, verdict,
};
use crate::backoff::Spread;
use crate::record::HandOver;

impl Link {
    /// Another connection is wanted while the live one goes on hearing.
    pub(super) fn plan(&mut self, signal: &Signal, now: Moment, out: &mut Vec<Output>) {
        // Without a token nothing could take this socket's place: it is heard out to its end.
        if self.planned.is_some() || self.live.is_none() || self.token.is_none() {
            return;
        }
        let Verdict::HandOver(spread) = verdict(signal, Memory::default()) else { return };
        self.planned = Some(trouble::of_signal(signal));
        // Ours alone to plan. What the server announces counts like any other failure: it may announce it for ever.
        let failures = if spread == Spread::Alone {
            1
        } else {
            self.failures += 1;
            self.failures
        };
        if !matches!(self.rest, Rest::Token { .. }) {
            self.begin_after(backoff::delay(failures, spread, now), true, now, out);
        }
    }

    /// What is already known to await the live connection.
    pub(super) fn follow_up(&mut self, now: Moment, out: &mut Vec<Output>) {
        let Some(live) = &self.live else { return };
        if self.token.is_some_and(|token| token.generation > live.generation) {
            self.plan(&Signal::TokenChanges, now, out);
        } else if live.closing {
            self.plan(&Signal::SocketClosing, now, out);
        }
    }

    /// What is on its way goes no further, because of the trouble that there is.
    pub(super) fn abandon(&mut self, out: &mut Vec<Output>) {
        let planned = self.planned.take();
        let Some(Connection { epoch, .. }) = self.next.take() else { return };
        out.push(Output::Drop { epoch });
        if let Some(trouble) = self.trouble.clone().or(planned.clone()).filter(|_| planned.is_some()) {
            out.push(Output::HandOver(HandOver::Failed { epoch, trouble }));
        }
    }

    /// The next connection is subscribed and open beside the live one.
    pub(super) fn beside(&mut self, now: Moment, out: &mut Vec<Output>) {
        if let Some(next) = &mut self.next {
            next.stage = Stage::Proving { since: now.mono };
        }
        let Some(live) = &mut self.live else { return };
        if live.doubtful {
            // It may have heard nothing for a while: there is nothing to overlap with.
            return self.replace(&trouble::of_signal(&Signal::TokenChanges), false, now, out);
        }
        // Both are to be heard in the overlap, so the old one is asked, too.
        let epoch = live.epoch;
        if let Some(liveness) = &mut live.liveness {
            liveness.ask();
        }
        self.watch(epoch, now, out);
        self.overlap(now, out);
    }

    /// Moves the next connection on, as far as the clocks and the signs of life allow.
    pub(super) fn overlap(&mut self, now: Moment, out: &mut Vec<Output>) {
        let (Some(live), Some(next)) = (&self.live, &mut self.next) else { return };
        let old_heard_at = live.heard_at(now.mono);
        let proved = next.liveness.is_some_and(|liveness| liveness.proved(now.mono));
        if let Stage::Proving { since } = next.stage
            && proved
        {
            next.stage = Stage::Overlapping { since, until: Some(now.mono + OVERLAP) };
        }
        if let Stage::Overlapping { since, until } = next.stage
            && until.is_none_or(|until| now.mono >= until)
        {
            // The old socket must have been heard since: what it heard until then is what makes this no gap.
            if old_heard_at >= since {
                next.stage = Stage::Comparing { since, by: now.mono + COMPARE_LIMIT };
                out.push(Output::Compare { epoch: next.epoch });
            } else {
                next.stage = Stage::Overlapping { since, until: None };
            }
        }
        if matches!(next.stage, Stage::Comparing { by, .. } if now.mono >= by) {
            self.promote(now, out);
        }
    }

    /// The next connection takes over.
    pub(super) fn promote(&mut self, now: Moment, out: &mut Vec<Output>) {
        let Some(mut next) = self.next.take() else { return };
        if let Some(old) = self.live.take() {
            out.push(Output::Drop { epoch: old.epoch });
        }
        next.becomes_live(now.mono);
        out.push(Output::HandOver(HandOver::Done { epoch: next.epoch }));
        self.live = Some(next);
        self.rest = Rest::Idle;
        self.planned = None;
        self.follow_up(now, out);
    }

    /// The live connection has ended while another was on its way. That one takes over at once if it is subscribed and
    /// open; else it becomes the one that is awaited.
    pub(super) fn replace(&mut self, cause: &Trouble, evicted: bool, now: Moment, out: &mut Vec<Output>) {
        let Some(next) = &self.next else { return };
        let (epoch, hears_since) = (next.epoch, next.hears_since());
        let proved = next.liveness.is_some_and(|liveness| liveness.proved(now.mono));
        let Some(old) = self.live.take() else { return };
        let heard_at = old.heard_at(now.mono);
        out.push(Output::Drop { epoch: old.epoch });
        let covered = proved && !old.doubtful && hears_since.is_some_and(|since| since <= heard_at);
        if !covered {
            let verified = old.verified(now);
            let evicted = evicted && hears_since.is_none();
            out.push(Output::Lost { verified, trouble: cause.clone(), evicted });
            self.trouble = Some(cause.clone());
        }
        if hears_since.is_none() {
            self.planned = None;
            out.push(Output::HandOver(HandOver::Failed { epoch, trouble: cause.clone() }));
            return;
        }
        // One look at the truth all the same: the overlap was shorter than it should have been.
        out.push(if covered { Output::Compare { epoch } } else { Output::Up });
        self.promote(now, out);
    }

    /// What was subscribed with a dead token may have gone deaf without a word. It is kept all the same, since it may ring
    /// yet; but what it did not tell is a gap.
    pub(super) fn token_dead(&mut self, generation: u64) {
        if let Some(live) = self.live.as_mut().filter(|live| live.generation <= generation) {
            live.doubtful = true;
        }
    }

    /// The token is another person's: what was heard for the one before is not theirs.
    pub(super) fn other_person(&mut self, epoch: u64, now: Moment, out: &mut Vec<Output>) {
        if self.next.as_ref().is_some_and(|next| next.epoch == epoch)
            && let Some(live) = self.live.take()
        {
            let cause = trouble::of_signal(&Signal::TokenChanges);
            lost(&live, &cause, false, now, out);
            self.planned = None;
            out.push(Output::HandOver(HandOver::Failed { epoch, trouble: cause }));
        }
    }
}

/// A live connection is no more, and there is no other.
pub(super) fn lost(live: &Connection, cause: &Trouble, evicted: bool, now: Moment, out: &mut Vec<Output>) {
    out.push(Output::Drop { epoch: live.epoch });
    out.push(Output::Lost { verified: live.verified(now), trouble: cause.clone(), evicted });
}
