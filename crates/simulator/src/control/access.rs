//! Obeys commands about tokens, secrets, channels and what else decides who may hear, and the stream of counted events.

use super::ControlError;
use super::command::{Channels, ClientSecrets, Idle, SocketsOfExpired, Stream, TokenLife};
use super::run::{Answer, done, invalid};
use crate::channels::TokenEnd;
use crate::clock::seconds;
use crate::oauth::{Early, Kind, client_by_word};
use crate::state::State;
use crate::world::offer::named_agent;
use crate::world::stream::{StreamPlan, offer_of};
use serde_json::json;

/// What the end of tokens means for their sockets.
pub(super) fn token_end(
    sockets: SocketsOfExpired,
    code: Option<u16>,
    reason: Option<String>,
) -> Result<TokenEnd, ControlError> {
    let reason = reason.unwrap_or_else(|| "Token expired".to_owned());
    if reason.len() > 123 {
        return Err(invalid("a reason can have 123 bytes at most"));
    }
    Ok(match sockets {
        SocketsOfExpired::Close => TokenEnd::Closed { code: code.unwrap_or(1000), reason },
        SocketsOfExpired::Silent => TokenEnd::Silent,
        SocketsOfExpired::Leave => TokenEnd::Left,
    })
}

impl State {
    pub(super) fn token_life(&mut self, body: TokenLife) -> Answer {
        let how = token_end(body.sockets, body.code, body.reason)?;
        let by = body.early_seconds.map_or(0, seconds);
        let every = body.early_every.unwrap_or(1);
        if every == 0 {
            return Err(invalid("`early_every` must be 1 or more"));
        }
        if let Some(lifetime) = body.lifetime_seconds {
            self.oauth.rules.lifetime = seconds(lifetime).max(1);
        }
        self.oauth.rules.early = Some(Early { by, every, how });
        Ok(done())
    }

    pub(super) fn idle(&mut self, body: &Idle) -> Answer {
        let off_or = |s: f64| (s > 0.0).then(|| seconds(s).max(1));
        if let Some(secs) = body.token_seconds {
            self.oauth.rules.idle = off_or(secs);
        }
        if let Some(secs) = body.socket_seconds {
            self.access.socket_idle = off_or(secs);
        }
        match body.stale_upgrade_status {
            None => {}
            Some(status @ (401 | 403)) => self.access.stale_upgrade = status,
            Some(_) => return Err(invalid("`stale_upgrade_status` must be 401 or 403")),
        }
        Ok(done())
    }

    pub(super) fn channels(&mut self, body: &Channels) {
        if let Some(extend) = body.extend {
            self.hub.extend = extend;
        }
        if let Some(lifetime) = body.lifetime_seconds {
            self.hub.lifetime = seconds(lifetime).max(1);
        }
    }

    pub(super) fn client_secrets(&mut self, body: ClientSecrets) -> Answer {
        let client = client_by_word(&body.client).filter(|c| c.kind != Kind::Public);
        let client = client.ok_or_else(|| invalid("say which `client`: its id, or `confidential` or `service`"))?;
        self.oauth.set_secrets(client, body.secrets.into_iter().map(|s| s.reveal().into()).collect());
        Ok(done())
    }

    pub(super) fn stream(&mut self, body: &Stream) -> Answer {
        if body.stop {
            self.world.stop_streams();
            return Ok(done());
        }
        named_agent(body.agent.as_deref()).map_err(invalid)?;
        let plan = StreamPlan {
            of: body.of,
            offer: offer_of(body.of, body.medium, body.agent.as_deref(), body.queue.as_deref()),
            unheard: body.agent.is_none() && body.queue.is_some(),
            patience: body.patience_ms.unwrap_or(2_000).max(1),
            every: body.every_ms.unwrap_or(50).max(1),
            count: body.count.unwrap_or(100),
        };
        let stream = self.world.start_stream(plan).map_err(invalid)?;
        // The first event is due now.
        let now = self.now();
        self.world.advance(now);
        let conversation = self.world.report_streams()[stream]["conversation"].clone();
        Ok(json!({"stream": stream, "conversation": conversation}))
    }
}
