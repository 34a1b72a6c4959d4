//! `Control`: the commands as methods, for tests in Rust.

use super::ControlError;
use super::command::{
    Analytics, Answers, ChangeLeg, Channels, ClientSecrets, CloseSockets, Command, Conversation, Deaf, Elsewhere,
    Events, Evict, ExpireTokens, Fail, FailTokenEndpoint, Idle, Nothing, Offline, Permissions, RateLimit,
    RefuseUpgrades, RejectTopic, Reset, Scopes, SendRaw, SetPresence, SetRoutingStatus, Skew, SocketAuth,
    SocketClosing, Stream, Targeted, TokenLife,
};
use crate::access::Require;
use crate::connection::Wire;
use crate::log::LoggedRequest;
use crate::state::Shared;
use crate::world::offer::{Offer, Offered};
use serde_json::Value;
use std::sync::Arc;

/// A handle on a running simulator. Cheap to clone; its methods do not block on the network.
#[derive(Debug, Clone)]
pub struct Control(pub(crate) Shared);

type Done = Result<(), ControlError>;

fn offered(value: &Value) -> Offered {
    let text = |key: &str| value[key].as_str().map(str::to_owned);
    Offered {
        conversation: text("conversation").unwrap_or_default(),
        participant: text("participant"),
        communication: text("communication"),
    }
}

impl Control {
    /// Obeys any command; answers as the HTTP form does.
    pub fn run(&self, command: Command) -> Result<Value, ControlError> {
        self.run_for(command, None)
    }

    /// The same; the connection that asked survives what the command does to connections.
    pub(crate) fn run_for(&self, command: Command, asker: Option<&Arc<Wire>>) -> Result<Value, ControlError> {
        let offline = matches!(command, Command::Offline(_));
        let result = self.0.with(|state| state.obey(command));
        if offline {
            self.0.wires().abort_all(asker);
        }
        result
    }

    fn do_it(&self, command: Command) -> Done {
        self.run(command).map(|_| ())
    }

    fn count(&self, command: Command) -> usize {
        // Only an unknown agent can fail, and these name none.
        let answer = self.run(command).unwrap_or(Value::Null);
        usize::try_from(answer["count"].as_u64().unwrap_or(0)).unwrap_or(usize::MAX)
    }

    /// Offers a conversation.
    pub fn offer(&self, offer: Offer) -> Result<Offered, ControlError> {
        self.run(Command::Offer(offer)).map(|v| offered(&v))
    }

    /// The customer leaves.
    pub fn hang_up(&self, conversation: &str) -> Done {
        self.do_it(Command::HangUp(Conversation { conversation: conversation.to_owned() }))
    }

    /// The same agent answers with another client.
    pub fn answered_by_other_client(&self, conversation: &str) -> Done {
        let by = Some("client".to_owned());
        self.do_it(Command::AnsweredElsewhere(Elsewhere { conversation: conversation.to_owned(), by }))
    }

    /// Another agent gets it.
    pub fn answered_by_other_agent(&self, conversation: &str) -> Done {
        let by = Some("agent".to_owned());
        self.do_it(Command::AnsweredElsewhere(Elsewhere { conversation: conversation.to_owned(), by }))
    }

    /// The system ends it.
    pub fn end(&self, conversation: &str) -> Done {
        self.do_it(Command::End(Conversation { conversation: conversation.to_owned() }))
    }

    /// It comes to the same agent again, as a new participant.
    pub fn requeue(&self, conversation: &str) -> Result<Offered, ControlError> {
        self.run(Command::Requeue(Conversation { conversation: conversation.to_owned() })).map(|v| offered(&v))
    }

    /// The alerting ends now, unanswered.
    pub fn time_out(&self, conversation: &str) -> Done {
        self.do_it(Command::TimeOut(Conversation { conversation: conversation.to_owned() }))
    }

    /// Held, muted, parked from outside.
    pub fn change_leg(&self, change: ChangeLeg) -> Done {
        self.do_it(Command::ChangeLeg(change))
    }

    /// What the next answers come to.
    pub fn answers(&self, answers: Answers) -> Done {
        self.do_it(Command::Answers(answers))
    }

    /// The first agent's presence, as if set in another client.
    pub fn set_presence(&self, presence: &str) -> Done {
        let presence = presence.to_owned();
        self.do_it(Command::SetPresence(SetPresence { presence, ..SetPresence::default() }))
    }

    /// The first agent's routing status: `IDLE` or `NOT_RESPONDING`.
    pub fn set_routing_status(&self, status: &str) -> Done {
        self.do_it(Command::SetRoutingStatus(SetRoutingStatus { status: status.to_owned(), agent: None }))
    }

    /// Closes every socket.
    pub fn close_sockets(&self, code: u16, reason: &str) -> usize {
        let reason = reason.to_owned();
        self.count(Command::CloseSockets(CloseSockets { code: Some(code), reason, ..CloseSockets::default() }))
    }

    /// Resets every socket.
    pub fn drop_sockets(&self) -> usize {
        self.count(Command::DropSockets(Targeted::default()))
    }

    /// Makes every socket half-open.
    pub fn half_open(&self) -> usize {
        self.count(Command::HalfOpen(Targeted::default()))
    }

    /// Makes every open socket deaf, or hear again.
    pub fn deaf(&self, on: bool) -> usize {
        self.count(Command::Deaf(Deaf { on: Some(on), ..Deaf::default() }))
    }

    /// Refuses upgrades.
    pub fn refuse_upgrades(&self, refusal: RefuseUpgrades) -> Done {
        self.do_it(Command::RefuseUpgrades(refusal))
    }

    /// Puts a frame, or garbage, on every socket.
    pub fn send_raw(&self, raw: SendRaw) -> Result<usize, ControlError> {
        let answer = self.run(Command::SendRaw(raw))?;
        Ok(usize::try_from(answer["count"].as_u64().unwrap_or(0)).unwrap_or(usize::MAX))
    }

    /// `v2.system.socket_closing` on every socket, and the close after so many milliseconds if given.
    pub fn socket_closing(&self, close_after_ms: Option<i64>) -> usize {
        self.count(Command::SocketClosing(SocketClosing { close_after_ms, ..SocketClosing::default() }))
    }

    /// Evicts channels.
    pub fn evict_channels(&self, how: Evict) -> Result<Value, ControlError> {
        self.run(Command::EvictChannels(how))
    }

    /// Duplicates and delays events.
    pub fn events(&self, events: Events) -> Done {
        self.do_it(Command::Events(events))
    }

    /// Refuses a topic from now on.
    pub fn reject_topic(&self, topic: RejectTopic) -> Done {
        self.do_it(Command::RejectTopic(topic))
    }

    /// Refuses no topic any more.
    pub fn allow_topics(&self) {
        self.count(Command::AllowTopics(Nothing {}));
    }

    /// Ends access tokens.
    pub fn expire_tokens(&self, how: ExpireTokens) -> Result<Value, ControlError> {
        self.run(Command::ExpireTokens(how))
    }

    /// Ends every access and refresh token.
    pub fn revoke_tokens(&self) -> usize {
        self.count(Command::RevokeTokens(Targeted::default()))
    }

    /// How long tokens live from now on, and whether they end early.
    pub fn token_life(&self, life: TokenLife) -> Done {
        self.do_it(Command::TokenLife(life))
    }

    /// What ends by being unused.
    pub fn idle(&self, idle: Idle) -> Done {
        self.do_it(Command::Idle(idle))
    }

    /// How long channels live, and whether subscribing extends that.
    pub fn channels(&self, channels: Channels) -> Done {
        self.do_it(Command::Channels(channels))
    }

    /// Where an upgrade must show a live token.
    pub fn socket_auth(&self, require: Require) {
        self.count(Command::SocketAuth(SocketAuth { require }));
    }

    /// Replaces a client's valid secrets; `client` is its id, `confidential` or `service`.
    pub fn client_secrets(&self, client: &str, secrets: &[&str]) -> Done {
        let secrets = secrets.iter().map(|s| (*s).into()).collect();
        self.do_it(Command::ClientSecrets(ClientSecrets { client: client.to_owned(), secrets }))
    }

    /// How late analytics are, in milliseconds.
    pub fn analytics_lag(&self, lag_ms: i64) {
        self.count(Command::Analytics(Analytics { lag_ms }));
    }

    /// Begins a stream of counted events; gives its number, for [`Control::stream_sent`].
    pub fn stream(&self, stream: Stream) -> Result<usize, ControlError> {
        let answer = self.run(Command::Stream(stream))?;
        Ok(usize::try_from(answer["stream"].as_u64().unwrap_or(0)).unwrap_or(usize::MAX))
    }

    /// How many events a stream has sent, and whether it is over.
    pub fn stream_sent(&self, stream: usize) -> (u64, bool) {
        let streams = self.0.with(|state| state.world.report_streams());
        (streams[stream]["sent"].as_u64().unwrap_or(0), streams[stream]["done"] == true)
    }

    /// Fails the token endpoint.
    pub fn fail_token_endpoint(&self, how: FailTokenEndpoint) -> Done {
        self.do_it(Command::FailTokenEndpoint(how))
    }

    /// Fails requests.
    pub fn fail(&self, fail: Fail) -> Done {
        self.do_it(Command::Fail(fail))
    }

    /// Dates the answers on paths that begin so by so many seconds later; without a path all answers.
    pub fn skew(&self, seconds: f64, path: Option<&str>) {
        self.count(Command::Skew(Skew { seconds, path: path.map(str::to_owned) }));
    }

    /// Ends every fault.
    pub fn clear_faults(&self) {
        self.count(Command::ClearFaults(Nothing {}));
    }

    /// Gives and takes permissions.
    pub fn permissions(&self, permissions: Permissions) -> Done {
        self.do_it(Command::Permissions(permissions))
    }

    /// Gives and takes scopes.
    pub fn scopes(&self, scopes: Scopes) -> Done {
        self.do_it(Command::Scopes(scopes))
    }

    /// Sets the rate limit; none: off.
    pub fn rate_limit(&self, per_minute: Option<u32>) {
        self.count(Command::RateLimit(RateLimit { per_minute }));
    }

    /// Connections are dropped, for so many seconds or until [`Control::online`].
    pub fn offline(&self, seconds: Option<f64>) {
        self.count(Command::Offline(Offline { seconds }));
    }

    /// Connections are served again.
    pub fn online(&self) {
        self.count(Command::Online(Nothing {}));
    }

    /// Starts counters and the log anew, and forgets every conversation if asked.
    pub fn reset(&self, conversations: bool) {
        self.count(Command::Reset(Reset { conversations }));
    }

    /// Everything, as `GET /_simulator/state` answers.
    pub fn state(&self) -> Value {
        self.0.with(|state| state.report())
    }

    /// Every request, in order.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.0.with(|state| state.log.requests())
    }

    /// How many requests had this method and a path that begins so.
    pub fn count_requests(&self, method: &str, path: &str) -> usize {
        self.requests().iter().filter(|r| r.method == method && r.path.starts_with(path)).count()
    }

    /// Sockets open now.
    pub fn live_sockets(&self) -> usize {
        self.0.with(|state| usize::try_from(state.hub.report().0["live"].as_u64().unwrap_or(0)).unwrap_or(0))
    }
}
