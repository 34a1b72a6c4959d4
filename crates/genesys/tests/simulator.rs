//! The whole crate against a server that shares no type with it: every call, every way to a token, and the socket, over
//! the production ports.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::time::Duration;

use earshot_genesys::api::{AccessToken, Api, MediaKind};
use earshot_genesys::error::ApiError;
use earshot_genesys::hosts::Environment;
use earshot_genesys::net::{HttpClient, Network, SocketDialer};
use earshot_genesys::notification::{Notification, PING, TopicEvent};
use earshot_genesys::oauth::{self, ClientCredentials, Pkce, TokenGrant};
use earshot_genesys::topics::Topic;
use earshot_genesys::transport::{Dialer, Frame, HttpRequest, HttpTransport, Socket, SocketRequest};
use earshot_genesys::wire::Conversation;
use earshot_simulator::{
    CONFIDENTIAL_CLIENT_ID, CONFIDENTIAL_SECRETS, Medium, Offer, Options, PUBLIC_CLIENT_ID, SERVICE_CLIENT_ID,
    SERVICE_SECRETS, Simulator,
};
use secrecy::SecretString;
use url::Url;

const REDIRECT: &str = "http://localhost:8085/callback";
const PATIENCE: Duration = Duration::from_secs(30);

struct Bench {
    sim: Simulator,
    environment: Environment,
    network: Network,
    http: Arc<dyn HttpTransport>,
}

impl Bench {
    async fn start() -> Self {
        let options = Options { auto_consent: true, on_queue: true, ..Options::default() };
        let sim = Simulator::start(options).await.unwrap();
        let base = sim.base_url();
        let environment = Environment::custom(&base, &base).unwrap();
        let network = Network::system();
        let http = Arc::new(HttpClient::new(&network).unwrap());
        Self { sim, environment, network, http }
    }

    fn api(&self) -> Api {
        Api::new(self.environment.clone(), self.http.clone())
    }

    /// As a browser would: asks, and takes the code out of the redirect.
    async fn sign_in(&self, client: &ClientCredentials<'_>) -> Result<TokenGrant, ApiError> {
        let pkce = Pkce::new();
        let url = oauth::authorize_url(&self.environment, client.id, REDIRECT, "state", pkce.challenge());
        let headers = http::HeaderMap::new();
        let request = HttpRequest { method: http::Method::GET, url, headers, body: None, timeout: PATIENCE };
        let response = self.http.send(request).await.unwrap();
        let location = Url::parse(response.headers["location"].to_str().unwrap()).unwrap();
        let field = |wanted| location.query_pairs().find(|(name, _)| name == wanted).unwrap().1.into_owned();
        assert_eq!(field("state"), "state");
        let code = SecretString::from(field("code"));
        oauth::exchange_code(&self.http, &self.environment, client, &code, REDIRECT, pkce.verifier()).await
    }

    async fn token(&self) -> AccessToken {
        self.sign_in(&ClientCredentials { id: PUBLIC_CLIENT_ID, secret: None }).await.unwrap().access_token
    }

    fn offer(&self, medium: Medium) -> String {
        let offer = Offer { medium, caller: Some("Maria Keller".into()), ..Offer::default() };
        self.sim.control().offer(offer).unwrap().conversation
    }
}

/// Reads frames until one satisfies `wanted`.
async fn until<T>(socket: &mut Socket, mut wanted: impl FnMut(Notification) -> Option<T>) -> T {
    let search = async {
        loop {
            let Frame::Text(text) = socket.receiver.next().await.unwrap().unwrap() else { continue };
            if let Some(found) = wanted(Notification::parse(&text).unwrap()) {
                return found;
            }
        }
    };
    tokio::time::timeout(PATIENCE, search).await.expect("the frame in time")
}

fn as_event(notification: Notification) -> Option<TopicEvent> {
    match notification {
        Notification::Topic { topic, body, .. } => Some(TopicEvent::read(&topic, &body).unwrap()),
        _ => None,
    }
}

fn leg_state(conversation: &Conversation, user: &str) -> Option<(MediaKind, String)> {
    let mine =
        conversation.participants.iter().rev().find(|participant| participant.user_id.as_deref() == Some(user))?;
    let (kind, leg) = mine.communications().last()?;
    Some((kind, leg.state.clone()?))
}

#[tokio::test]
async fn every_way_to_a_token() {
    let bench = Bench::start().await;
    let public = bench.sign_in(&ClientCredentials { id: PUBLIC_CLIENT_ID, secret: None }).await.unwrap();
    assert!(public.refresh_token.is_none());
    assert!(public.expires_in > Duration::from_secs(60));

    let secret = SecretString::from(CONFIDENTIAL_SECRETS[0]);
    let client = ClientCredentials { id: CONFIDENTIAL_CLIENT_ID, secret: Some(&secret) };
    let grant = bench.sign_in(&client).await.unwrap();
    let refresh = grant.refresh_token.unwrap();
    let renewed = oauth::refresh(&bench.http, &bench.environment, &client, &refresh).await.unwrap();
    assert!(renewed.refresh_token.is_some());
    bench.api().check_token(&renewed.access_token).await.unwrap();

    let wrong = SecretString::from("wrong");
    let client = ClientCredentials { id: CONFIDENTIAL_CLIENT_ID, secret: Some(&wrong) };
    let ApiError::Status(error) = bench.sign_in(&client).await.unwrap_err() else { panic!() };
    assert_eq!(error.code.as_deref(), Some("invalid_client"));

    let secret = SecretString::from(SERVICE_SECRETS[0]);
    let client = ClientCredentials { id: SERVICE_CLIENT_ID, secret: Some(&secret) };
    let service = oauth::client_credentials(&bench.http, &bench.environment, &client).await.unwrap();
    let ApiError::Status(error) = bench.api().me(&service.access_token).await.unwrap_err() else { panic!() };
    assert_eq!((error.status, error.code.as_deref()), (400, Some("not.a.user")));
    assert!(error.context_id.is_some());
}

#[tokio::test]
async fn the_user_and_the_token() {
    let bench = Bench::start().await;
    let (api, token) = (bench.api(), bench.token().await);
    let me = api.me(&token).await.unwrap();
    assert!(me.name.is_some() && me.organization.is_some() && me.date.unwrap().current_date.is_some());
    assert!(me.conversation_summary.is_some() && me.routing_status.is_some() && me.token.is_some());
    assert_eq!(me.presence.unwrap().presence_definition.unwrap().system().as_deref(), Some("OnQueue"));

    let definitions = api.presence_definitions(&token).await.unwrap();
    let away = definitions.iter().find(|definition| definition.system().as_deref() == Some("Away")).unwrap();
    assert!(me.presence_definitions.iter().any(|definition| definition.id == away.id));
    api.set_presence(&token, &me.id, &away.id).await.unwrap();
    let presence = api.user_presence(&token, &me.id).await.unwrap();
    assert_eq!(presence.presence_definition.unwrap().id, away.id);
    assert!(presence.modified_date.is_some());

    let routing = api.routing_status(&token, &me.id).await.unwrap();
    assert_eq!(routing.status.as_deref(), Some("OFF_QUEUE"));
    assert!(!api.queues_me(&token).await.unwrap().is_empty());
    api.token_timeout(&token).await.unwrap();

    api.check_token(&token).await.unwrap();
    api.revoke_token(&token).await.unwrap();
    let ApiError::Status(error) = api.check_token(&token).await.unwrap_err() else { panic!() };
    assert_eq!(error.status, 401);
}

#[tokio::test]
async fn offers_are_heard_read_and_answered() {
    let bench = Bench::start().await;
    let (api, token) = (bench.api(), bench.token().await);
    let me = api.me(&token).await.unwrap().id;
    let channel = api.create_channel(&token).await.unwrap();
    assert!(channel.expires.is_some());
    let topics = [
        Topic::conversations(&me),
        Topic::presence(&me),
        Topic::routing_status(&me),
        Topic::conversation_summary(&me),
        Topic::new("v2.users.somebody.else.conversations"),
    ];
    let results = api.put_subscriptions(&token, &channel.id, &topics).await.unwrap();
    let permitted: Vec<_> = results.iter().map(|result| result.permitted).collect();
    assert_eq!(permitted, [true, true, true, true, false]);

    let dialer = SocketDialer::new(&bench.network);
    let request = SocketRequest { uri: channel.connect_uri.clone(), bearer: None, timeout: PATIENCE };
    let mut socket = dialer.dial(request).await.unwrap_or_else(|error| panic!("{error}"));
    socket.sender.send(Frame::Text(PING.into())).await.unwrap();
    until(&mut socket, |notification| matches!(notification, Notification::Pong).then_some(())).await;

    for (medium, kind) in [
        (Medium::Call, MediaKind::Call),
        (Medium::Callback, MediaKind::Callback),
        (Medium::Message, MediaKind::Message),
        (Medium::Email, MediaKind::Email),
    ] {
        let id = bench.offer(medium);
        let in_state = |wanted: &'static str| {
            let (id, me) = (id.clone(), me.clone());
            move |notification| match as_event(notification)? {
                TopicEvent::Conversation(conversation) if conversation.id == id => {
                    (leg_state(&conversation, &me) == Some((kind, wanted.to_owned()))).then_some(conversation)
                }
                _ => None,
            }
        };
        until(&mut socket, in_state("alerting")).await;
        let listed = api.conversations(&token).await.unwrap();
        let listed = listed.iter().find(|conversation| conversation.id == id).unwrap();
        assert_eq!(leg_state(listed, &me), Some((kind, "alerting".to_owned())));
        // The generic form of one conversation wants a permission that agents lack; the flat one wants none.
        let ApiError::Status(error) = api.conversation(&token, &id).await.unwrap_err() else { panic!() };
        assert_eq!((error.status, error.code.as_deref()), (403, Some("missing.permissions")));
        let flat = api.media_conversation(&token, kind, &id).await.unwrap().unwrap();
        let mine = flat.participants.iter().find(|one| one.user.as_ref().is_some_and(|user| user.id == me)).unwrap();
        assert_eq!(mine.state.as_deref(), Some("alerting"));
        assert!(mine.queue.is_some());

        api.patch_participant_state(&token, kind, &id, &mine.id, "connected").await.unwrap();
        until(&mut socket, in_state("connected")).await;
        api.patch_participant_state(&token, MediaKind::Generic, &id, &mine.id, "disconnected").await.unwrap();
        until(&mut socket, in_state("disconnected")).await;
    }
}

#[tokio::test]
async fn presence_and_routing_are_heard() {
    let bench = Bench::start().await;
    let (api, token) = (bench.api(), bench.token().await);
    let me = api.me(&token).await.unwrap();
    let channel = api.create_channel(&token).await.unwrap();
    let topics = [Topic::presence(&me.id), Topic::routing_status(&me.id)];
    api.put_subscriptions(&token, &channel.id, &topics).await.unwrap();
    let request = SocketRequest { uri: channel.connect_uri.clone(), bearer: None, timeout: PATIENCE };
    let dialer = SocketDialer::new(&bench.network);
    let mut socket = dialer.dial(request).await.unwrap_or_else(|error| panic!("{error}"));
    let away = me.presence_definitions.iter().find(|one| one.system().as_deref() == Some("Away")).unwrap();
    api.set_presence(&token, &me.id, &away.id).await.unwrap();
    let (mut presence, mut routing) = (None, None);
    until(&mut socket, |notification| {
        match as_event(notification)? {
            TopicEvent::Presence(event) => presence = event.presence_definition,
            TopicEvent::Routing(event) => routing = event.routing_status,
            _ => {}
        }
        (presence.is_some() && routing.is_some()).then_some(())
    })
    .await;
    let presence = presence.unwrap();
    assert_eq!((presence.id.as_str(), presence.system().as_deref()), (away.id.as_str(), Some("Away")));
    assert_eq!(routing.unwrap().status.as_deref(), Some("OFF_QUEUE"));
}

#[tokio::test]
async fn a_direct_call_goes_to_voicemail() {
    let bench = Bench::start().await;
    let (api, token) = (bench.api(), bench.token().await);
    let offered = bench.sim.control().offer(Offer { direct: true, ..Offer::default() }).unwrap();
    let participant = offered.participant.unwrap();
    api.replace_with_voicemail(&token, &offered.conversation, &participant).await.unwrap();
    let me = api.me(&token).await.unwrap().id;
    let ended = async {
        loop {
            let kind = MediaKind::Call;
            let flat = api.media_conversation(&token, kind, &offered.conversation).await.unwrap().unwrap();
            let mine = flat.participants.iter().find(|one| one.id == participant).unwrap();
            assert_eq!(mine.user.as_ref().unwrap().id, me);
            if mine.state.as_deref() == Some("disconnected") {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, ended).await.expect("the leg to end");
}
