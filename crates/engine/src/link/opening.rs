//! The way to hearing: a token, then who we are, a channel, its subscription beside its socket, and up.

use super::{
    ATTEMPT_FLOOR, ATTEMPT_LIMIT, ApiError, CHANNEL_LIFETIME, Call, Connection, DialError, Duration, Link, Memory,
    Millis, Moment, Output, Rest, Signal, Spread, Stage, Token, TransportError, TransportKind, Verdict, backoff,
    trouble, verdict,
};
use crate::record::HandOver;

impl Link {
    pub(super) fn token(&mut self, generation: u64, proved: bool, fresh: bool, now: Moment, out: &mut Vec<Output>) {
        self.token = Some(Token { generation, fresh });
        // A new sign-in may be somebody else's; a renewal is not.
        self.identified &= !fresh;
        if proved && let Some(refusal) = &mut self.refusal {
            refusal.proved = true;
        }
        if self.live.is_some() && self.rest == Rest::SignInNeeded {
            self.rest = Rest::Idle;
        }
        let older = |connection: &Connection| connection.generation < generation;
        match (&self.live, &self.next, self.rest) {
            // One that is to take over goes on with the token it has, for else tokens that are renewed quickly would never
            // let it arrive; the newer token has its turn after it. A new sign-in is not for waiting.
            (Some(_), Some(next), _) if !fresh || !older(next) => {}
            (_, Some(next), _) if older(next) => {
                let epoch = next.epoch;
                self.fail(epoch, &Signal::TokenChanges, now, out);
            }
            (_, Some(_), _) => {}
            (_, None, Rest::Token { .. }) => {
                let wait = backoff::delay(self.failures, Spread::Alone, now);
                self.begin_after(wait, true, now, out);
            }
            (_, None, Rest::Until { .. }) if !fresh => {}
            (Some(_), None, _) if self.planned.is_none() => self.follow_up(now, out),
            // A person has just signed in: what was waited for may be mended. `Retry-After` still holds.
            (_, None, _) => {
                self.failures = 0;
                self.blocks = 0;
                self.refusal = None;
                self.begin(now, out);
            }
        }
    }

    pub(super) fn begin_after(&mut self, wait: Duration, may_cut: bool, now: Moment, out: &mut Vec<Output>) {
        if wait.is_zero() {
            self.begin(now, out);
        } else {
            self.rest = Rest::Until { at: now.mono + wait, may_cut };
        }
    }

    pub(super) fn begin(&mut self, now: Moment, out: &mut Vec<Output>) {
        let Some(token) = self.token else {
            self.rest = Rest::SignInNeeded;
            return;
        };
        if let Some(at) = self.earliest().filter(|at| now.mono < *at) {
            self.rest = Rest::Until { at, may_cut: false };
            return;
        }
        self.epoch += 1;
        self.begun_at = Some(now.mono);
        self.rest = Rest::Idle;
        self.next = Some(Connection::new(self.epoch, token.generation, now.mono));
        if self.live.is_some()
            && let Some(trouble) = self.planned.clone()
        {
            out.push(Output::HandOver(HandOver::Begun { epoch: self.epoch, trouble }));
        }
        if self.identified {
            self.create(out);
        } else {
            out.push(Output::Identify { epoch: self.epoch, generation: token.generation });
        }
    }

    /// Before this no attempt begins, whatever the reason.
    fn earliest(&self) -> Option<Duration> {
        self.begun_at.map(|at| at + ATTEMPT_FLOOR).max(self.held_until)
    }

    pub(super) fn create(&mut self, out: &mut Vec<Output>) {
        if let Some(connection) = &mut self.next {
            connection.stage = Stage::Creating;
            out.push(Output::CreateChannel { epoch: connection.epoch, generation: connection.generation });
        }
    }

    pub(super) fn open(&mut self, expires: Option<Millis>, now: Moment, out: &mut Vec<Output>) {
        let Some(Connection { epoch, generation, .. }) = self.next else { return };
        self.accepted(epoch, out);
        if let Some(connection) = &mut self.next {
            let left = expires.and_then(|at| u64::try_from(at - now.wall).ok()).map(Duration::from_millis);
            // No channel lives longer: a greater figure is a clock that is wrong.
            connection.channel.ends_at = now.mono + left.map_or(CHANNEL_LIFETIME, |left| left.min(CHANNEL_LIFETIME));
            connection.channel.stated = expires;
            connection.stage = Stage::Opening { subscribed: false };
            connection.resubscribe_at = self.subscribe_held_until.filter(|held| now.mono < *held);
            if connection.resubscribe_at.is_none() {
                out.push(Output::Subscribe { epoch, generation });
            }
            out.push(Output::Dial { epoch });
        }
    }

    pub(super) fn subscribed(
        &mut self,
        epoch: u64,
        result: Result<bool, ApiError>,
        now: Moment,
        out: &mut Vec<Output>,
    ) {
        if self.live.as_ref().is_some_and(|live| live.epoch == epoch) {
            return self.extended(epoch, result, now, out);
        }
        let Some(connection) = self.next.as_mut().filter(|connection| connection.epoch == epoch) else { return };
        let Stage::Opening { subscribed } = &mut connection.stage else { return };
        match result {
            Ok(true) => {
                *subscribed = true;
                connection.resubscribe_at = None;
                self.accepted(epoch, out);
                self.up_if_complete(now, out);
            }
            Ok(false) => self.fail(epoch, &Signal::EssentialTopicRejected, now, out),
            Err(error) => {
                let signal = Signal::Rest { call: Call::Subscribe, error };
                if let Verdict::Wait(wait) = verdict(&signal, Memory::default()) {
                    // A wait for this kind of request does not hold up an open socket.
                    connection.resubscribe_at = Some(now.mono + wait);
                    self.subscribe_held_until = connection.resubscribe_at;
                    self.trouble = Some(trouble::of_signal(&signal));
                } else {
                    self.fail(epoch, &signal, now, out);
                }
            }
        }
    }

    pub(super) fn up_if_complete(&mut self, now: Moment, out: &mut Vec<Output>) {
        let complete = |next: &mut Connection| next.stage == Stage::Opening { subscribed: true } && next.open();
        if self.live.is_some() {
            if self.next.as_mut().is_some_and(&complete) {
                self.beside(now, out);
            }
        } else if let Some(mut connection) = self.next.take_if(complete) {
            connection.becomes_live(now.mono);
            self.live = Some(connection);
            self.was_up = true;
            out.push(Output::Up);
            self.follow_up(now, out);
        }
    }

    pub(super) fn tick_opening(&mut self, now: Moment, out: &mut Vec<Output>) {
        let Some(connection) = &mut self.next else { return };
        let Connection { epoch, generation, .. } = *connection;
        if connection.resubscribe_at.is_some_and(|at| now.mono >= at) {
            connection.resubscribe_at = None;
            connection.begun_at = now.mono;
            out.push(Output::Subscribe { epoch, generation });
        }
        let opening = matches!(connection.stage, Stage::Identifying | Stage::Creating | Stage::Opening { .. });
        if opening && connection.resubscribe_at.is_none() && now.mono >= connection.begun_at + ATTEMPT_LIMIT {
            let stuck = TransportError { kind: TransportKind::Timeout, detail: String::new() };
            self.fail(epoch, &Signal::Upgrade(DialError::Transport(stuck)), now, out);
        }
    }

    pub(super) fn accepted(&mut self, epoch: u64, out: &mut Vec<Output>) {
        let Some(generation) = self.get(epoch).map(|connection| connection.generation) else { return };
        if let Some(token) = self.token.as_mut().filter(|token| token.generation == generation) {
            token.fresh = false;
            out.push(Output::Accepted { generation });
        }
    }
}
