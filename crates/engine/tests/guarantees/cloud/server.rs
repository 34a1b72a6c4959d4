//! How the server answers: each request as one call of Genesys', by the state it finds.

use std::time::Duration;

use earshot_engine::desk::io::Request;
use earshot_engine::desk::read;
use earshot_engine::desk::sighting::Sighting;
use earshot_engine::machine::{Effect, Input};
use earshot_engine::snapshot::Medium;
use earshot_engine::verdict::token_check;
use earshot_genesys::api::TopicResult;
use earshot_genesys::error::{ApiError, StatusError};
use earshot_genesys::transport::DialError;
use earshot_genesys::wire::{self, MediaKind};

use super::failing::{call, failure, status};
use super::{Arrival, Channel, Cloud, PATIENCE, Plan, QUICK, REMEMBERED, What};
use crate::centre::{AGENT, State, WALL, Why};
use crate::steps::{Call, How};

/// How long a channel lives.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Cloud {
    pub(super) fn request(&mut self, effect: Effect) {
        let Some(call) = call(&effect) else { return };
        let how = self.fault(call);
        if call == Call::LookBack && how.is_some() {
            self.analytics = None;
        }
        let cut_off = how == Some(How::CutOff);
        let answer = match how {
            Some(how) if !cut_off => failure(&effect, how),
            _ => {
                let failed = cut_off.then(|| failure(&effect, How::CutOff)).flatten();
                let done = self.serve(effect);
                failed.or(done)
            }
        };
        let Some(answer) = answer else { return };
        let after = match how {
            Some(How::Silence) => PATIENCE,
            Some(How::Refused | How::Offline) => QUICK,
            _ => self.travel(),
        };
        // The answer to an upgrade comes on the line of the socket, and so before its frames.
        if let Arrival::Answer(Input::Opened { epoch }, _) = answer {
            self.send(epoch, answer);
        } else {
            self.plan(after, What::Arrive(answer));
        }
    }

    fn with<T>(&self, generation: u64, answer: T) -> Result<T, ApiError> {
        if !self.good(generation) {
            return Err(status(401));
        }
        self.tokens[self.generations[&generation]].used.set(self.now);
        Ok(answer)
    }

    fn me(&mut self) -> Result<Box<wire::Me>, ApiError> {
        let body = self.centre.at(self.now).me();
        serde_json::from_str(&body).map_err(|_| status(500))
    }

    /// The request is served as by a server without trouble.
    fn serve(&mut self, effect: Effect) -> Option<Arrival> {
        let mut shows = Vec::new();
        let input = match effect {
            Effect::Check { generation } => {
                let result = self.with(generation, ());
                Input::Checked { generation, check: token_check(&result), retry_after: None }
            }
            Effect::Renew { attempt, .. } if self.credential => {
                return Some(Arrival::Renewed { attempt, token: self.issue() });
            }
            Effect::Renew { attempt, .. } => {
                let ApiError::Status(error) = status(400) else { return None };
                let error = StatusError { code: Some("invalid_grant".into()), ..error };
                Input::RenewFailed { attempt, error: ApiError::Status(error) }
            }
            Effect::RereadCredential { attempt } => {
                // Another process may have renewed it.
                let changed = self.chance.once_in(2);
                self.credential |= changed;
                Input::Reread { attempt, changed }
            }
            Effect::Identify { epoch, generation } => {
                let me = self.me();
                Input::Identified { epoch, result: self.with(generation, ()).and(me) }
            }
            Effect::ReadMe { look, generation } => {
                let me = self.me();
                Input::MeRead { look, generation, result: self.with(generation, ()).and(me) }
            }
            Effect::CreateChannel { epoch, generation } => {
                let result = self.with(generation, None);
                if result.is_ok() {
                    let token = self.generations[&generation];
                    let channel = Channel {
                        token,
                        alive: true,
                        active_from: None,
                        open: false,
                        half_open: false,
                        deaf: false,
                        line: self.now,
                    };
                    self.channels.insert(epoch, channel);
                }
                Input::ChannelCreated { epoch, result }
            }
            Effect::Subscribe { epoch, generation, topics } => {
                let found = self.channels.get(&epoch).is_some_and(|channel| channel.alive);
                let result = self.with(generation, ()).and(if found { Ok(()) } else { Err(status(404)) });
                if result.is_ok()
                    && let Some(channel) = self.channels.get_mut(&epoch)
                {
                    channel.active_from = Some(self.now + self.subscribe_late);
                }
                let granted =
                    |topic| TopicResult { topic, permitted: true, reason: None, missing_permissions: Vec::new() };
                Input::Subscribed { epoch, result: result.map(|()| topics.into_iter().map(granted).collect()) }
            }
            Effect::Dial { epoch } => {
                let token = self.channels.get(&epoch).map(|channel| channel.token);
                let good = token.is_some_and(|token| !self.tokens[token].dead && self.now < self.tokens[token].ends);
                let refused = [401_u16, 403, 404][usize::try_from(self.chance.below(3)).unwrap_or(0)];
                match self.channels.get_mut(&epoch) {
                    Some(channel) if good => {
                        channel.open = true;
                        channel.line = channel.line.max(self.now);
                        self.plan(Duration::from_secs(30), What::Heartbeat(epoch));
                        Input::Opened { epoch }
                    }
                    _ => Input::NotOpened { epoch, error: DialError::Refused { status: refused, retry_after: None } },
                }
            }
            Effect::List { look, generation } => {
                let listed: Vec<usize> = self.centre.listed().collect();
                let mut conversations = Vec::new();
                for place in listed {
                    shows.extend(self.centre.shows(place));
                    conversations.extend(serde_json::from_str::<wire::Conversation>(&self.centre.body(place, true)));
                }
                let result = self.with(generation, conversations);
                match &result {
                    Ok(_) => self.listed.push(self.now),
                    Err(_) => shows.clear(),
                }
                Input::Listed { look, generation, result }
            }
            Effect::LookUp { conversation, medium, generation, .. } => {
                let found = self.with(generation, ()).and_then(|()| self.look_up(&conversation, medium));
                let result = found.map(|(sighting, place)| {
                    shows = self.centre.shows(place);
                    sighting
                });
                Input::LookedUp { conversation, medium, generation, result }
            }
            Effect::AskIdle { generation } => Input::IdleTimeout { generation, timeout: self.idle },
            Effect::Touch { generation } => {
                let result = self.with(generation, ());
                Input::Touched { generation, check: token_check(&result), retry_after: None }
            }
            Effect::AskExpiry { epoch, generation } => {
                let ends = WALL + i64::try_from((self.now + DAY).as_millis()).unwrap_or(i64::MAX);
                Input::Expiry { epoch, result: self.with(generation, Some(ends)) }
            }
            Effect::LookBack { question, generation } => {
                let result = self.with(generation, ()).and_then(|()| self.look_back());
                Input::LookedBack { ask: question.ask, generation, result }
            }
            Effect::Act { action, request, generation } => {
                let result = self.with(generation, ()).and_then(|()| self.act(request));
                Input::Acted { action, generation, result }
            }
            // Only a listener's record asks for these; an agent's machine does not.
            Effect::Read { reading, ask, generation } => {
                Input::Read { reading, ask, generation, result: Err(status(404)) }
            }
            Effect::Ping { .. } | Effect::Drop { .. } | Effect::Tell(_) | Effect::Record(_) => return None,
        };
        Some(Arrival::Answer(input, shows))
    }

    /// What analytics know by now of every conversation.
    fn look_back(&self) -> Result<wire::ConversationDetails, ApiError> {
        let Some(lag) = self.analytics else { return Err(status(403)) };
        let body = self.centre.details(self.now.saturating_sub(lag));
        serde_json::from_str(&body).map_err(|_| status(500))
    }

    fn look_up(&self, id: &str, medium: Medium) -> Result<(Sighting, usize), ApiError> {
        let kind = match medium {
            Medium::Call => MediaKind::Call,
            Medium::Message => MediaKind::Message,
            Medium::Email => MediaKind::Email,
            // Only the generic form is left, and agents lack the permission for that.
            _ => return Err(status(403)),
        };
        let place = self.centre.conversations.iter().position(|conversation| conversation.id == id);
        let forgotten = |place: &usize| {
            self.centre.conversations[*place].over.is_some_and(|at| self.now.saturating_sub(at) > REMEMBERED)
        };
        let place = place.filter(|place| !forgotten(place)).ok_or_else(|| status(404))?;
        let flat: wire::MediaConversation = serde_json::from_str(&self.centre.flat(place)).map_err(|_| status(500))?;
        Ok((read::media_sighting(&flat, kind, AGENT), place))
    }

    fn act(&mut self, request: Request) -> Result<(), ApiError> {
        self.centre.at(self.now);
        match request {
            Request::Answer { participant, .. } => {
                let leg = self.centre.leg(&participant).ok_or_else(|| status(404))?;
                if leg.state != State::Alerting {
                    return Err(status(409));
                }
                let id = leg.id.clone();
                // Genesys says 202, and does it; or the phone does not pick up.
                if !self.chance.once_in(8) {
                    let after = self.chance.span(QUICK, Duration::from_millis(900));
                    self.plan(after, What::Centre(Plan::Taken(id, None)));
                }
            }
            Request::Decline { participant, .. } | Request::ToVoicemail { participant, .. } => {
                let leg = self.centre.leg(&participant).ok_or_else(|| status(404))?;
                let (id, state) = (leg.id.clone(), leg.state);
                match state {
                    State::Alerting => self.centre.end(&id, Why::Declined),
                    // To Genesys the two are one.
                    State::Connected => self.centre.end(&id, Why::HungUp),
                    State::Ended => return Err(status(404)),
                };
            }
            Request::Presence { definition, .. } => {
                self.centre.be(if definition == "p-queue" { "OnQueue" } else { "Available" });
            }
            Request::RoutingIdle { .. } => self.centre.route("IDLE"),
        }
        self.publish();
        Ok(())
    }
}
