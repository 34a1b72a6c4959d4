//! The life of a channel: extended at half of it, and asked whether that did anything; else another channel takes over.

use super::{
    ApiError, CHANNEL_LIFETIME, Call, Connection, Duration, EXTEND_RETRY, Link, Memory, Millis, Moment, Output, Signal,
    Stage, Verdict, verdict,
};
use crate::limits::EXTEND_TRIES;

impl Link {
    pub(super) fn tick_live(&mut self, now: Moment, out: &mut Vec<Output>) {
        let planned = self.planned.is_some();
        let Some(Connection { epoch, generation, stage: Stage::Live { stable_at, extend_at }, channel, .. }) =
            &mut self.live
        else {
            return;
        };
        if now.mono >= *extend_at {
            *extend_at = now.mono + CHANNEL_LIFETIME / 2;
            channel.extending = true;
            out.push(Output::Subscribe { epoch: *epoch, generation: *generation });
        }
        // One that is told to go has proved nothing by lasting.
        if !planned && stable_at.is_some_and(|at| now.mono >= at) {
            *stable_at = None;
            self.failures = 0;
            self.blocks = 0;
            self.refusal = None;
        }
    }

    /// The PUT that extends the channel of the live connection was answered.
    pub(super) fn extended(&mut self, epoch: u64, result: Result<bool, ApiError>, now: Moment, out: &mut Vec<Output>) {
        match result {
            Ok(true) => {
                self.accepted(epoch, out);
                if let Some(live) = self.live.as_mut().filter(|live| live.channel.extending) {
                    out.push(Output::AskExpiry { epoch, generation: live.generation });
                }
            }
            Ok(false) => self.fail(epoch, &Signal::EssentialTopicRejected, now, out),
            Err(error) => {
                if let Some(signal) = self.not_extended(epoch, error, Call::Subscribe, now, out) {
                    self.fail(epoch, &signal, now, out);
                }
            }
        }
    }

    /// How long the channel lives now.
    pub(super) fn expiry(
        &mut self,
        epoch: u64,
        result: Result<Option<Millis>, ApiError>,
        now: Moment,
        out: &mut Vec<Output>,
    ) {
        let Some(live) = self.live.as_mut().filter(|live| live.epoch == epoch && live.channel.extending) else {
            return;
        };
        match result {
            Ok(stated) => {
                live.channel.extending = false;
                live.channel.tries = 0;
                let Some(ends) = stated.filter(|ends| live.channel.stated.is_none_or(|before| *ends > before)) else {
                    return self.plan(&Signal::ChannelNotExtended, now, out);
                };
                let left = Duration::from_millis(u64::try_from(ends - now.wall).unwrap_or(0)).min(CHANNEL_LIFETIME);
                live.channel.stated = Some(ends);
                live.channel.ends_at = now.mono + left;
                live.extend_at(now.mono + left / 2);
            }
            // Not knowing is no reason to let go: the channel is asked about once more, and later replaced.
            Err(error) => drop(self.not_extended(epoch, error, Call::Read, now, out)),
        }
    }

    /// Extending, or asking about it, failed: the socket is not touched, and it is tried again. Gives back a failure that
    /// says something about the channel itself.
    fn not_extended(
        &mut self,
        epoch: u64,
        error: ApiError,
        call: Call,
        now: Moment,
        out: &mut Vec<Output>,
    ) -> Option<Signal> {
        let live = self.live.as_mut().filter(|live| live.epoch == epoch)?;
        let generation = live.generation;
        let signal = Signal::Rest { call, error };
        let wait = match verdict(&signal, Memory::default()) {
            Verdict::Wait(wait) => wait,
            Verdict::TokenSuspect => {
                out.push(Output::Suspect { generation });
                EXTEND_RETRY
            }
            Verdict::Transient(_) => EXTEND_RETRY,
            _ if call == Call::Read => EXTEND_RETRY,
            _ => return Some(signal),
        };
        live.extend_at(now.mono + wait);
        live.channel.tries += 1;
        if call == Call::Subscribe && matches!(verdict(&signal, Memory::default()), Verdict::Wait(_)) {
            self.subscribe_held_until = Some(now.mono + wait);
        } else if live.channel.tries >= EXTEND_TRIES {
            live.channel.tries = 0;
            self.plan(&Signal::ChannelNotExtended, now, out);
        }
        None
    }
}

impl Connection {
    fn extend_at(&mut self, at: Duration) {
        if let Stage::Live { extend_at, .. } = &mut self.stage {
            *extend_at = at;
        }
    }
}
