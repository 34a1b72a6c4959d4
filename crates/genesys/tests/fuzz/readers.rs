//! The readers, each with what must hold whatever it reads.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use earshot_genesys::api::{AccessToken, Api, DetailsOf, DetailsQuery, MediaKind};
use earshot_genesys::error::ApiError;
use earshot_genesys::hosts::{Environment, is_loopback};
use earshot_genesys::notification::{FrameError, Notification, TopicEvent};
use earshot_genesys::oauth::{self, ClientCredentials, Pkce};
use earshot_genesys::recovery::{Recovery, recoverable, single_topics};
use earshot_genesys::socket_auth::{self, SocketAuth};
use earshot_genesys::topics::Topic;
use earshot_genesys::transport::{HttpRequest, HttpResponse, HttpTransport, TransportError};
use earshot_genesys::wire;
use futures_util::FutureExt;
use http::header::{CONTENT_TYPE, DATE, HeaderName, RETRY_AFTER};
use http::{HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde_json::value::RawValue;
use url::Url;

use crate::CANARY;
use crate::mutate::Program;

/// Longest words about something that cannot be read. They describe, and never repeat.
const LONGEST_WORDS: usize = 300;
/// A day: the longest wait that anybody is believed.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

const TOPICS: [&str; 22] = [
    "v2.users.u.conversations",
    "v2.users.u.conversations.calls",
    "v2.users.u.conversations.callbacks",
    "v2.users.u.conversations.messages",
    "v2.users.u.conversations.emails",
    "v2.users.u.conversations.chats",
    "v2.users.u.conversations.videos",
    "v2.users.u.conversations.screenshares",
    "v2.users.u.conversations.cobrowseSessions",
    "v2.users.u.conversations.socialexpressions",
    "v2.users.u.presence",
    "v2.users.u.routingStatus",
    "v2.users.u.station",
    "v2.users.u.conversationsummary",
    "v2.users.u.outofoffice",
    "v2.users.u.activity",
    "v2.users.u.tokens",
    "v2.routing.queues.q.conversations",
    "v2.routing.queues.q.conversations.calls",
    "v2.routing.queues.q.conversations.videos",
    "v2.routing.queues.q.conversations.chats",
    "v2.routing.queues.q.users",
];

fn says_nothing(words: &str) {
    assert!(words.len() <= LONGEST_WORDS, "{} bytes of words", words.len());
    assert!(!words.to_ascii_lowercase().contains(CANARY), "repeats the input");
}

fn frame_error(error: &FrameError, length: usize) {
    says_nothing(&format!("{error} {error:?}"));
    assert!(error.offset <= error.length && error.length <= length);
    assert_eq!(error.hash.len(), 16);
}

pub(crate) fn frame(input: &[u8], _: &mut Program<'_>) {
    // The socket gives texts, which are always UTF-8.
    let text = String::from_utf8_lossy(input);
    match Notification::parse(&text) {
        Err(error) => frame_error(&error, text.len()),
        Ok(Notification::Topic { topic, body, .. }) => {
            assert!(body.get().len() <= text.len());
            if let Err(error) = TopicEvent::read(&topic, &body) {
                frame_error(&error, body.get().len());
            }
        }
        Ok(Notification::System(message)) => says_nothing(&format!("{:?}", message.kind)),
        Ok(Notification::InBand { .. } | Notification::Heartbeat | Notification::Pong) => {}
    }
    frame_error(&FrameError::binary(input), input.len());
}

pub(crate) fn body(input: &[u8], choices: &mut Program<'_>) {
    let Ok(body) = serde_json::from_slice::<Box<RawValue>>(input) else { return };
    // Each is read as its own topic, and as any other.
    for topic in [TOPICS[0], TOPICS[10], TOPICS[13], *choices.pick(&TOPICS)] {
        match TopicEvent::read(topic, &body) {
            Err(error) => frame_error(&error, body.get().len()),
            Ok(TopicEvent::Conversation(conversation)) => {
                assert!(!conversation.id.is_empty());
                for participant in &conversation.participants {
                    for (_, leg) in participant.communications() {
                        let _ = leg.self_address.as_ref().and_then(wire::Address::shown);
                    }
                }
            }
            Ok(TopicEvent::ConversationSummary(summary)) => {
                for (_, counts) in summary.kinds() {
                    let _ = counts.active();
                }
            }
            Ok(TopicEvent::Presence(presence)) => {
                let system = presence.presence_definition.and_then(|definition| definition.system());
                // Told once more in its own words, it stays what it is.
                assert!(system.is_none_or(|word| wire::rest_system_presence(&word) == word));
            }
            Ok(_) => {}
        }
    }
}

/// Answers every request with the same.
struct Always {
    status: u16,
    headers: HeaderMap,
    body: Bytes,
    asked: Mutex<usize>,
}

#[async_trait]
impl HttpTransport for Always {
    async fn send(&self, _: HttpRequest) -> Result<HttpResponse, TransportError> {
        *self.asked.lock().unwrap() += 1;
        Ok(HttpResponse { status: self.status, headers: self.headers.clone(), body: self.body.clone() })
    }
}

fn always(status: u16, headers: HeaderMap, body: &[u8]) -> Arc<Always> {
    Arc::new(Always { status, headers, body: Bytes::copy_from_slice(body), asked: Mutex::default() })
}

fn environment() -> Environment {
    Environment::region("mypurecloud.de").unwrap()
}

/// An answer that is there at once needs no runtime.
fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("nothing to wait for")
}

fn api_error(error: &ApiError) {
    says_nothing(&error.to_string());
    let ApiError::Status(error) = error else { return };
    assert!(error.message.as_ref().is_none_or(|message| message.chars().count() <= 1000));
    assert!(error.retry_after.is_none_or(|wait| wait <= LONGEST_WAIT));
}

fn check<T>(result: Result<T, ApiError>) -> Option<T> {
    result.inspect_err(api_error).ok()
}

pub(crate) fn answer(input: &[u8], _: &mut Program<'_>) {
    let http = always(200, HeaderMap::new(), input);
    let api = Api::new(environment(), http.clone());
    let token = AccessToken::new("t");
    let from = "2026-11-21T09:00:00Z".parse().unwrap();
    let query = DetailsQuery { from, to: from, of: DetailsOf::User("u"), page: 1, page_size: 100 };
    now(async {
        for one in check(api.conversations_raw(&token).await).unwrap_or_default() {
            assert!(one.raw.get().len() <= input.len());
        }
        check(api.conversations(&token).await);
        check(api.conversation_raw(&token, "c").await);
        check(api.media_conversations_raw(&token, MediaKind::Call).await);
        check(api.media_conversation_raw(&token, MediaKind::Call, "c").await);
        if let Some(me) = check(api.me_raw(&token).await) {
            assert!(!me.value.id.is_empty() && me.raw.get().len() <= input.len());
            assert!(format!("{me:?}").len() < 100);
        }
        check(api.user_raw(&token, "u").await);
        check(api.user_presence(&token, "u").await);
        check(api.routing_status(&token, "u").await);
        check(api.presence_definitions(&token).await);
        check(api.queues_me(&token).await);
        check(api.token_timeout(&token).await);
        check(api.channels(&token).await);
        if let Some(channel) = check(api.create_channel(&token).await) {
            assert!(!channel.id.expose_secret().is_empty() && !channel.connect_uri.expose_secret().is_empty());
        }
        let topics = [Topic::presence("u"), Topic::conversations("u")];
        if let Some(results) = check(api.put_subscriptions(&token, &"ch".to_owned().into(), &topics).await) {
            assert!(results.iter().map(|result| &result.topic).eq(&topics));
        }
        for conversation in check(api.conversation_details(&token, &query).await).unwrap_or_default().conversations {
            let segments: usize = conversation
                .participants
                .iter()
                .flat_map(|participant| &participant.sessions)
                .map(|session| session.segments.len())
                .sum();
            assert!(conversation.alerts("u").count() <= segments);
        }
    });
    assert_eq!(*http.asked.lock().unwrap(), 16);
}

pub(crate) fn refusal(input: &[u8], choices: &mut Program<'_>) {
    let mut headers = HeaderMap::new();
    // The first line is a header's value, when it can be one; the rest is the body.
    let at = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
    let (line, body) = (&input[..at], input.get(at + 1..).unwrap_or_default());
    let correlation = HeaderName::from_static("inin-correlation-id");
    if let Ok(value) = HeaderValue::from_bytes(line) {
        headers.insert(choices.pick(&[RETRY_AFTER, DATE, CONTENT_TYPE, correlation]).clone(), value.clone());
        headers.entry(RETRY_AFTER).or_insert(value);
    }
    let status = [400, 401, 403, 404, 429, 500, 502, 503, 302, 100, 999][choices.below(11)];
    let http = always(status, headers, body);
    let api = Api::new(environment(), http.clone());
    let refused = now(api.check_token(&AccessToken::new("t")));
    assert!(matches!(&refused, Err(ApiError::Status(error)) if error.status == status));
    check(refused);
    grants(&(http as Arc<dyn HttpTransport>));
}

pub(crate) fn token(input: &[u8], _: &mut Program<'_>) {
    grants(&(always(200, HeaderMap::new(), input) as Arc<dyn HttpTransport>));
}

fn grants(http: &Arc<dyn HttpTransport>) {
    let environment = environment();
    let secret = SecretString::from("canary-secret");
    let client = ClientCredentials { id: "client", secret: Some(&secret) };
    let pkce = Pkce::new();
    let (code, redirect) = (SecretString::from("canary-code"), "http://localhost:8085/callback");
    now(async {
        let grants = [
            oauth::exchange_code(http, &environment, &client, &code, redirect, pkce.verifier()).await,
            oauth::refresh(http, &environment, &client, &code).await,
            oauth::client_credentials(http, &environment, &client).await,
        ];
        for grant in grants {
            let Some(grant) = check(grant) else { continue };
            assert!(grant.expires_in >= Duration::from_secs(1) && grant.expires_in < Duration::from_secs(1 << 32));
            let printed = format!("{grant:?}");
            assert!(printed.len() <= LONGEST_WORDS && !printed.contains("canary-"), "{printed}");
        }
    });
}

pub(crate) fn recover(input: &[u8], choices: &mut Program<'_>) {
    let Ok(rest) = serde_json::from_slice::<Box<RawValue>>(input) else { return };
    for topic in [TOPICS[0], TOPICS[5], TOPICS[6], *choices.pick(&TOPICS)] {
        let Some(recovery) = recoverable(topic) else { continue };
        let Some(body) = recovery.body(&rest) else { continue };
        // A participant can become sixteen.
        assert!(body.get().len() <= 20 * (rest.get().len() + 64), "{} of {}", body.get().len(), rest.get().len());
        let read = TopicEvent::read(topic, &body).unwrap_or_else(|error| panic!("{topic}: {error}"));
        // Told a second time from the same, it is the same.
        assert_eq!(recovery.body(&rest).unwrap().get(), body.get());
        if let (Recovery::Conversations { .. }, TopicEvent::Other) = (&recovery, read) {
            panic!("{topic} is read as nothing");
        }
    }
}

pub(crate) fn address(input: &[u8], choices: &mut Program<'_>) {
    let text = String::from_utf8_lossy(input);
    let custom = Environment::custom(&text, &text);
    for environment in [Environment::region(&text), custom] {
        match environment {
            Ok(environment) => {
                let (login, api) = (environment.login(), environment.api());
                assert_eq!(Environment::custom(login.as_str(), api.as_str()).unwrap(), environment);
                assert!(api.scheme() == "https" || is_loopback(api), "{api}");
                assert!(api.path().ends_with('/') && api.query().is_none() && api.username().is_empty());
            }
            Err(error) => {
                let words = error.to_string();
                assert!(words.len() <= 400 + 4 * text.len());
            }
        }
    }
    let api = environment();
    let uri = SecretString::from(text.clone().into_owned());
    let token = AccessToken::new("canary-token");
    let auth = *choices.pick(&[SocketAuth::Header, SocketAuth::Query]);
    match socket_auth::apply(auth, &uri, &token, api.api()) {
        Err(refusal) => says_nothing(&refusal.to_string()),
        Ok(authorized) => {
            let url = Url::parse(authorized.uri.expose_secret()).unwrap();
            let host = url.host_str().unwrap().trim_end_matches('.').to_owned();
            assert_eq!(url.scheme(), "wss");
            assert!(host == "mypurecloud.de" || host.ends_with(".mypurecloud.de"), "the token would go to {host}");
            assert!(!format!("{authorized:?}").contains("canary-token"));
        }
    }
}

pub(crate) fn topic(input: &[u8], _: &mut Program<'_>) {
    let text = String::from_utf8_lossy(input);
    for single in single_topics(&text) {
        assert!(single.as_str().len() <= text.len() + 1);
        if let Some(recovery) = recoverable(single.as_str()) {
            let _ = recovery.source();
        }
    }
    let _ = (MediaKind::from_topic_segment(&text), MediaKind::from_analytics(&text));
    let once = wire::rest_system_presence(&text);
    assert!(once.len() <= 4 * text.len());
    let _ = wire::rest_disconnect_type(&text);
}
