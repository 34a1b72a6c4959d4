//! What recovery makes of REST, beside what the simulator said live of the same state: the two must be one.
#![allow(clippy::unwrap_used)]

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use earshot_genesys::api::{AccessToken, Api, MediaKind};
use earshot_genesys::hosts::Environment;
use earshot_genesys::net::{HttpClient, Network, SocketDialer};
use earshot_genesys::notification::Notification;
use earshot_genesys::oauth::{self, ClientCredentials, Pkce};
use earshot_genesys::recovery::{Source, recoverable, single_topics};
use earshot_genesys::topics::Topic;
use earshot_genesys::transport::{Dialer, Frame, HttpRequest, HttpTransport, Socket, SocketRequest};
use earshot_simulator::{ChangeLeg, Medium, Offer, Options, PUBLIC_CLIENT_ID, Permissions, Simulator};
use secrecy::SecretString;
use serde_json::Value;
use serde_json::value::RawValue;
use url::Url;

const REDIRECT: &str = "http://localhost:8085/callback";
const PATIENCE: Duration = Duration::from_secs(30);

/// What only the event has, wherever it stands.
const ONLY_THE_EVENT_HAS: [&str; 2] = ["wrapupExpected", "activeQueueIds"];
/// The same, and more, in the flat forms and in the parts of `activity`.
const ONLY_THE_FLAT_EVENT_HAS: [&str; 3] = ["initialState", "queueMediaSettings", "address"];
/// What only the event `activity` has.
const ONLY_ACTIVITY_HAS: [&str; 1] = ["dateActiveQueuesChanged"];

struct Bench {
    sim: Simulator,
    api: Api,
    token: AccessToken,
    me: String,
    socket: Socket,
    /// The last body of each topic.
    heard: HashMap<String, Value>,
}

impl Bench {
    async fn start() -> Self {
        let options = Options { auto_consent: true, on_queue: true, ..Options::default() };
        let sim = Simulator::start(options).await.unwrap();
        let add = vec!["conversation:communication:view".to_owned()];
        sim.control().permissions(Permissions { add, ..Permissions::default() }).unwrap();
        let environment = Environment::custom(&sim.base_url(), &sim.base_url()).unwrap();
        let network = Network::system();
        let http: Arc<dyn HttpTransport> = Arc::new(HttpClient::new(&network).unwrap());
        let token = sign_in(&http, &environment).await;
        let api = Api::new(environment, http);
        let me = api.me(&token).await.unwrap().id;
        let channel = api.create_channel(&token).await.unwrap();
        let mut topics: Vec<_> = ["", ".calls", ".callbacks", ".messages", ".emails"]
            .map(|kind| Topic::new(format!("v2.users.{me}.conversations{kind}")))
            .into();
        topics.extend(single_topics(&format!("v2.users.{me}?presence&routingStatus&conversationsummary&activity")));
        let results = api.put_subscriptions(&token, &channel.id, &topics).await.unwrap();
        assert!(results.iter().all(|result| result.permitted), "{results:?}");
        let request = SocketRequest { uri: channel.connect_uri, bearer: None, timeout: PATIENCE };
        let socket = SocketDialer::new(&network).dial(request).await.unwrap_or_else(|error| panic!("{error}"));
        Self { sim, api, token, me, socket, heard: HashMap::new() }
    }

    /// Listens until what was heard last of `topic` satisfies `wanted`.
    async fn hear(&mut self, topic: &str, wanted: impl Fn(&Value) -> bool) {
        let search = async {
            while !self.heard.get(topic).is_some_and(&wanted) {
                let Frame::Text(text) = self.socket.receiver.next().await.unwrap().unwrap() else { continue };
                if let Notification::Topic { topic, body, .. } = Notification::parse(&text).unwrap() {
                    self.heard.insert(topic, serde_json::from_str(body.get()).unwrap());
                }
            }
        };
        tokio::time::timeout(PATIENCE, search).await.unwrap_or_else(|_| panic!("{topic} in time"));
    }

    /// What REST shows of it now.
    async fn look(&self, source: Source, conversation: &str) -> Arc<RawValue> {
        let (api, token) = (&self.api, &self.token);
        match source {
            Source::Conversation => api.conversation_raw(token, conversation).await.unwrap().raw,
            Source::MediaConversation(kind) => {
                api.media_conversation_raw(token, kind, conversation).await.unwrap().unwrap().raw
            }
            Source::User => api.user_raw(token, &self.me).await.unwrap().raw,
        }
    }

    /// Compares what was heard last of `topic` with what is recovered now.
    async fn compare(&self, topic: &str, conversation: &str, only_event: &[&[&str]]) {
        let recovery = recoverable(topic).unwrap();
        let rest = self.look(recovery.source(), conversation).await;
        let recovered: Value = serde_json::from_str(recovery.body(&rest).unwrap().get()).unwrap();
        let mut heard = self.heard[topic].clone();
        without(&mut heard, &only_event.concat());
        assert_eq!(recovered, heard, "{topic}");
    }
}

async fn sign_in(http: &Arc<dyn HttpTransport>, environment: &Environment) -> AccessToken {
    let client = ClientCredentials { id: PUBLIC_CLIENT_ID, secret: None };
    let pkce = Pkce::new();
    let url = oauth::authorize_url(environment, client.id, REDIRECT, "state", pkce.challenge());
    let headers = http::HeaderMap::new();
    let request = HttpRequest { method: http::Method::GET, url, headers, body: None, timeout: PATIENCE };
    let response = http.send(request).await.unwrap();
    let location = Url::parse(response.headers["location"].to_str().unwrap()).unwrap();
    let code = location.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let code = SecretString::from(code);
    let grant = oauth::exchange_code(http, environment, &client, &code, REDIRECT, pkce.verifier()).await;
    grant.unwrap().access_token
}

/// Takes these fields out of a flat participant, and of the body itself.
fn without(body: &mut Value, names: &[&str]) {
    let Value::Object(fields) = body else { return };
    fields.retain(|name, _| !names.contains(&name.as_str()));
    for participant in fields.get_mut("participants").and_then(Value::as_array_mut).into_iter().flatten() {
        let Value::Object(fields) = participant else { continue };
        // A participant's own address is in both.
        fields.retain(|name, _| name == "address" || !names.contains(&name.as_str()));
    }
}

/// The state of the user's own leg, in either form.
fn own_state(body: &Value, me: &str, legs: &str) -> Option<String> {
    let own = |one: &&Value| one["userId"] == me || one["user"]["id"] == me;
    let participant = body["participants"].as_array()?.iter().rev().find(own)?;
    let state = if participant["state"].is_string() { &participant["state"] } else { &participant[legs][0]["state"] };
    state.as_str().map(str::to_owned)
}

#[tokio::test]
async fn conversations_are_recovered_as_they_were_told() {
    let mut bench = Bench::start().await;
    let me = bench.me.clone();
    for (medium, kind, legs) in [
        (Medium::Call, MediaKind::Call, "calls"),
        (Medium::Callback, MediaKind::Callback, "callbacks"),
        (Medium::Message, MediaKind::Message, "messages"),
        (Medium::Email, MediaKind::Email, "emails"),
    ] {
        let offer = Offer {
            medium,
            caller: Some("Maria Keller".into()),
            alerting_seconds: Some(120.0),
            message_type: Some("whatsapp".into()),
            subject: Some("Order 17".into()),
            attributes: [("order".to_owned(), "17".to_owned())].into(),
            ..Offer::default()
        };
        let offered = bench.sim.control().offer(offer).unwrap();
        let (id, participant) = (offered.conversation, offered.participant.unwrap());
        let generic = format!("v2.users.{me}.conversations");
        let flat = format!("{generic}.{legs}");
        for state in ["alerting", "connected", "held", "disconnected"] {
            match state {
                "connected" | "disconnected" => {
                    bench.api.patch_participant_state(&bench.token, kind, &id, &participant, state).await.unwrap();
                }
                "held" => {
                    let (conversation, held) = (id.clone(), Some(true));
                    let muted = (kind == MediaKind::Call).then_some(true);
                    let change = ChangeLeg { conversation, held, muted, ..ChangeLeg::default() };
                    bench.sim.control().change_leg(change).unwrap();
                }
                _ => {}
            }
            let word = if state == "held" { "connected" } else { state };
            for topic in [&generic, &flat] {
                let (id, me) = (id.clone(), me.clone());
                let reached = move |body: &Value| {
                    body["id"] == *id
                        && own_state(body, &me, legs).as_deref() == Some(word)
                        && (state != "held" || body.to_string().contains("startHoldTime"))
                };
                bench.hear(topic, reached).await;
            }
            bench.compare(&generic, &id, &[&ONLY_THE_EVENT_HAS]).await;
            bench.compare(&flat, &id, &[&ONLY_THE_EVENT_HAS, &ONLY_THE_FLAT_EVENT_HAS]).await;
        }
    }
}

#[tokio::test]
async fn the_user_is_recovered_as_told() {
    let mut bench = Bench::start().await;
    let base = format!("v2.users.{}", bench.me);
    for (presence, system, routing) in [("Away", "AWAY", "OFF_QUEUE"), ("OnQueue", "ON_QUEUE", "IDLE")] {
        let me = bench.api.me(&bench.token).await.unwrap();
        let definition = me.presence_definitions.iter().find(|one| one.system().as_deref() == Some(presence)).unwrap();
        bench.api.set_presence(&bench.token, &bench.me, &definition.id).await.unwrap();
        let presence_is = |body: &Value| body["presenceDefinition"]["systemPresence"] == system;
        bench.hear(&format!("{base}.presence"), presence_is).await;
        bench.hear(&format!("{base}.routingStatus"), |body| body["routingStatus"]["status"] == routing).await;
        bench
            .hear(&format!("{base}.activity"), |body| {
                presence_is(&body["presence"]) && body["routingStatus"]["status"] == routing
            })
            .await;
        for name in ["presence", "routingStatus"] {
            bench.compare(&format!("{base}.{name}"), "", &[]).await;
        }
        // REST does not show when out-of-office changed.
        let heard = bench.heard.get_mut(&format!("{base}.activity")).unwrap();
        heard["outOfOffice"].as_object_mut().unwrap().remove("modifiedDate");
        bench.compare(&format!("{base}.activity"), "", &[&ONLY_THE_EVENT_HAS, &ONLY_ACTIVITY_HAS]).await;
    }
    bench.sim.control().offer(Offer { alerting_seconds: Some(120.0), ..Offer::default() }).unwrap();
    let topic = format!("{base}.conversationsummary");
    bench.hear(&topic, |body| body["call"]["contactCenter"]["active"] == 1).await;
    bench.compare(&topic, "", &[]).await;
}
