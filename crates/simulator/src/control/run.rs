//! Obeys commands.

use super::ControlError;
use super::access::token_end;
use super::command::{Answers, Command, Elsewhere, SendRaw, Target};
use crate::channels::{Eviction, ToSocket, TokenEnd};
use crate::clock::{Ms, seconds};
use crate::faults::{Faults, TopicFault};
use crate::state::State;
use crate::world::acts::Refused;
use crate::world::conversation::LegState;
use crate::world::offer::named_agent;
use crate::world::{AnswerOutcome, AnswerPlan, catalogue};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

pub(super) type Answer = Result<Value, ControlError>;

/// The longest frame that can be asked for.
const LARGEST_FRAME: usize = 64 * 1024 * 1024;

pub(super) fn invalid(why: impl Into<String>) -> ControlError {
    ControlError::Invalid(why.into())
}

pub(super) fn done() -> Value {
    json!({})
}

fn count(n: usize) -> Value {
    json!({"count": n})
}

fn whose(target: &Target) -> Result<Option<usize>, ControlError> {
    named_agent(target.agent.as_deref()).map_err(invalid)
}

fn agent(word: Option<&str>) -> Result<usize, ControlError> {
    Ok(named_agent(word).map_err(invalid)?.unwrap_or(0))
}

fn refused(refused: Refused) -> ControlError {
    invalid(refused.message)
}

impl State {
    fn conversation(&self, id: &str) -> Result<usize, ControlError> {
        self.world.find(id).ok_or_else(|| ControlError::NotFound(format!("there is no conversation `{id}`")))
    }

    fn alerting(&self, id: &str) -> Result<(usize, usize), ControlError> {
        let c = self.conversation(id)?;
        let p = self.world.conversations[c].in_state(LegState::Alerting);
        Ok((c, p.ok_or_else(|| ControlError::NotFound(format!("the conversation `{id}` is not alerting")))?))
    }

    /// Obeys one command.
    pub(crate) fn obey(&mut self, command: Command) -> Answer {
        let now = self.now();
        match command {
            Command::Offer(offer) => {
                let offered = self.world.offer(&offer).map_err(invalid)?;
                Ok(json!(offered))
            }
            Command::HangUp(body) => {
                let c = self.conversation(&body.conversation)?;
                self.world.customer_leaves(c);
                self.world.settle();
                Ok(done())
            }
            Command::AnsweredElsewhere(body) => self.answered_elsewhere(&body),
            Command::End(body) => {
                let c = self.conversation(&body.conversation)?;
                self.world.conversations[c].plan.wrapup = None;
                self.world.end_all(c, "system", "system");
                self.world.settle();
                Ok(done())
            }
            Command::Requeue(body) => {
                let c = self.conversation(&body.conversation)?;
                if self.world.conversations[c].ended.is_some() {
                    return Err(ControlError::NotFound("the conversation has ended".to_owned()));
                }
                for participant in self.world.conversations[c].participants.iter_mut().skip(1) {
                    if participant.agent.is_some() {
                        participant.disconnect(now, "transfer.noanswer");
                    }
                }
                let agent = self.world.conversations[c].plan.agent;
                self.world.conversation_changed(c);
                self.world.alert(c, agent);
                self.world.settle();
                Ok(json!(self.world.offered(&body.conversation)))
            }
            Command::TimeOut(body) => {
                let (c, p) = self.alerting(&body.conversation)?;
                self.world.miss(c, p, "transfer.noanswer");
                self.world.settle();
                Ok(done())
            }
            Command::ChangeLeg(body) => {
                let c = self.conversation(&body.conversation)?;
                let conversation = &self.world.conversations[c];
                let p = conversation.in_state(LegState::Connected).or(conversation.in_state(LegState::Parked));
                let p = p.ok_or_else(|| ControlError::NotFound("no agent is connected there".to_owned()))?;
                self.world.change_leg(c, p, body.held, body.muted, body.parked).map_err(refused)?;
                Ok(done())
            }
            Command::Answers(body) => {
                self.plan_answers(body);
                Ok(done())
            }
            Command::SetPresence(body) => {
                let agent = agent(body.agent.as_deref())?;
                let presence = catalogue::presence(&body.presence).ok_or_else(|| {
                    let names: Vec<_> = catalogue::PRESENCES.iter().map(|p| p.name).collect();
                    invalid(format!("there is no presence `{}`; there are {}", body.presence, names.join(", ")))
                })?;
                self.world.set_presence(agent, presence, body.message);
                Ok(done())
            }
            Command::SetRoutingStatus(body) => {
                let agent = agent(body.agent.as_deref())?;
                match body.status.as_str() {
                    "NOT_RESPONDING" => self.world.mark_not_responding(agent),
                    "IDLE" => self.world.clear_not_responding(agent),
                    other => {
                        return Err(invalid(format!(
                            "`{other}` cannot be set: write IDLE or NOT_RESPONDING; the others follow from what happens"
                        )));
                    }
                }
                Ok(done())
            }
            Command::CloseSockets(body) => {
                let (code, reason) = (body.code.unwrap_or(1000), body.reason);
                if reason.len() > 123 {
                    return Err(invalid("a reason can have 123 bytes at most"));
                }
                Ok(count(self.hub.tell(whose(&body.target)?, || ToSocket::Close { code, reason: reason.clone() })))
            }
            Command::DropSockets(body) => Ok(count(self.hub.drop_sockets(whose(&body.target)?))),
            Command::HalfOpen(body) => Ok(count(self.hub.half_open(whose(&body.target)?))),
            Command::Deaf(body) => Ok(count(self.hub.deaf(whose(&body.target)?, body.on.unwrap_or(true)))),
            Command::RefuseUpgrades(body) => {
                self.refuse_upgrades(&body);
                Ok(done())
            }
            Command::SendRaw(body) => self.send_raw(body),
            Command::SocketClosing(body) => {
                let whose = whose(&body.target)?;
                let told = self.hub.closing(whose);
                let n = told.len();
                if let Some(after) = body.close_after_ms {
                    self.close_later.push((now + after.max(0), told));
                }
                Ok(count(n))
            }
            Command::EvictChannels(body) => {
                let ids = self.hub.channel_ids(whose(&body.target)?);
                let usual = Eviction::default();
                let how = Eviction {
                    reason: body.reason.unwrap_or(usual.reason),
                    silent: body.silent,
                    keep_open: body.keep_open,
                };
                for id in &ids {
                    self.hub.evict(id, &how);
                }
                Ok(count(ids.len()))
            }
            Command::Events(body) => {
                self.faults.duplicate = body.duplicate.min(1_000);
                self.faults.event_delay = body.delay_ms.max(0);
                self.faults.subscribe_delay = body.subscribe_delay_ms.max(0);
                Ok(done())
            }
            Command::RejectTopic(body) => {
                let (topic, reason, missing) = (body.topic, body.reason, body.missing_permissions);
                if topic.is_empty() {
                    return Err(invalid("say which `topic`"));
                }
                self.faults.topics.push(TopicFault { topic, reason, missing });
                Ok(done())
            }
            Command::AllowTopics(_) => {
                self.faults.topics.clear();
                Ok(done())
            }
            Command::ExpireTokens(body) => {
                let how = token_end(body.sockets, body.code, body.reason)?;
                let ended = self.oauth.expire(whose(&body.target)?);
                self.hub.token_ended(&ended, &how);
                Ok(count(ended.len()))
            }
            Command::RevokeTokens(body) => {
                let ended = self.oauth.revoke(whose(&body.target)?);
                self.hub.token_ended(&ended, &TokenEnd::Revoked);
                Ok(count(ended.len()))
            }
            Command::TokenLife(body) => self.token_life(body),
            Command::Idle(body) => self.idle(&body),
            Command::Channels(body) => {
                self.channels(&body);
                Ok(done())
            }
            Command::SocketAuth(body) => {
                self.access.require = body.require;
                Ok(done())
            }
            Command::ClientSecrets(body) => self.client_secrets(body),
            Command::Analytics(body) => {
                self.access.analytics_lag = body.lag_ms.max(0);
                Ok(done())
            }
            Command::Stream(body) => self.stream(&body),
            Command::FailTokenEndpoint(body) => {
                self.fail_token_endpoint(body);
                Ok(done())
            }
            Command::Fail(body) => self.fail(body),
            Command::Skew(body) => {
                self.skew(body);
                Ok(done())
            }
            Command::ClearFaults(_) => {
                self.faults = Faults { topics: std::mem::take(&mut self.faults.topics), ..Faults::default() };
                self.offline = false;
                self.world.answers = None;
                self.hub.deaf(None, false);
                Ok(done())
            }
            Command::Permissions(body) => {
                let permissions = if body.service {
                    &mut self.access.service
                } else {
                    &mut self.world.agents[agent(body.agent.as_deref())?].permissions
                };
                permissions.extend(body.add);
                permissions.retain(|p| !body.remove.contains(p));
                Ok(done())
            }
            Command::Scopes(body) => {
                self.oauth.scopes.extend(body.add);
                self.oauth.scopes.retain(|s| !body.remove.contains(s));
                Ok(done())
            }
            Command::RateLimit(body) => {
                self.limits.per_minute = body.per_minute;
                Ok(done())
            }
            Command::Offline(body) => {
                self.offline = true;
                self.faults.offline_until = body.seconds.map(|s| now + seconds(s));
                Ok(done())
            }
            Command::Online(_) => {
                self.offline = false;
                self.faults.offline_until = None;
                Ok(done())
            }
            Command::Reset(body) => {
                self.log.clear();
                self.limits.forget();
                self.hub.forget_counts();
                if body.conversations {
                    self.world.forget_conversations();
                }
                Ok(done())
            }
        }
    }

    fn answered_elsewhere(&mut self, body: &Elsewhere) -> Answer {
        let (c, p) = self.alerting(&body.conversation)?;
        match body.by.as_deref().unwrap_or("client") {
            "client" => self.world.connect(c, p),
            "agent" => {
                let agent = self.world.conversations[c].participants[p].agent.unwrap_or(0);
                self.world.taken_by_other(c, agent);
            }
            other => return Err(invalid(format!("`by` cannot be `{other}`; write client or agent"))),
        }
        self.world.settle();
        Ok(done())
    }

    fn plan_answers(&mut self, body: Answers) {
        let usual = match body.outcome {
            AnswerOutcome::Fails => "The station could not be reached.",
            _ => "The communication cannot be answered.",
        };
        self.world.answers = Some(AnswerPlan {
            outcome: body.outcome,
            message: body.message.unwrap_or_else(|| usual.to_owned()),
            delay: body.delay_ms.map(|d| d.max(0)),
            left: body.count,
        });
    }

    fn send_raw(&mut self, body: SendRaw) -> Answer {
        let whose = whose(&body.target)?;
        let decode = |text: &str| STANDARD.decode(text).map_err(|e| invalid(format!("not base64: {e}")));
        if let Some(garbage) = &body.garbage {
            return Ok(count(self.hub.garbage(whose, &decode(garbage)?)));
        }
        let (bytes, binary) = match (body.text, body.base64, body.bytes) {
            (Some(text), None, None) => (text.into_bytes(), body.binary),
            (None, Some(base64), None) => (decode(&base64)?, true),
            (None, None, Some(n)) if n <= LARGEST_FRAME => (vec![b'x'; n], body.binary),
            (None, None, Some(_)) => return Err(invalid(format!("`bytes` can be {LARGEST_FRAME} at most"))),
            _ => return Err(invalid("say one of `text`, `base64`, `bytes`, `garbage`")),
        };
        if binary {
            return Ok(count(self.hub.tell(whose, || ToSocket::Binary(bytes.clone()))));
        }
        let text = String::from_utf8(bytes).map_err(|_| invalid("a text frame must be UTF-8"))?;
        Ok(count(self.hub.tell(whose, || ToSocket::Text(text.clone()))))
    }

    /// Closes sockets whose closing was announced.
    pub(crate) fn close_announced(&mut self, now: Ms) {
        let (due, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.close_later).into_iter().partition(|(at, _)| *at <= now);
        self.close_later = later;
        for (_, sockets) in due {
            self.hub.close(&sockets);
        }
    }

    /// What `GET /_simulator/state` answers.
    pub(crate) fn report(&self) -> Value {
        let (sockets, channels) = self.hub.report();
        let (live, issued) = self.oauth.counts();
        json!({
            "now": crate::clock::iso(self.now()),
            "agents": self.world.report_agents(),
            "conversations": self.world.report_conversations(),
            "counts": self.log.counts(),
            "actions": self.log.actions(),
            "sockets": sockets,
            "channels": channels,
            "tokens": {"live": live, "issued": issued, "refreshed": self.oauth.refreshed, "revoked": self.oauth.revoked},
            "events_sent": self.hub.events_sent,
            "streams": self.world.report_streams(),
            "inhabitants": {
                "public_client_id": crate::oauth::PUBLIC_CLIENT_ID,
                "agents": catalogue::AGENTS.iter().map(|a| a.name).collect::<Vec<_>>(),
                "queues": catalogue::QUEUES.iter().map(|q| q.name).collect::<Vec<_>>(),
            },
        })
    }
}
