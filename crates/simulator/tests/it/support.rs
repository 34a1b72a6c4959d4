//! A client that knows nothing of the simulator's insides.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use earshot_simulator::{ADA, Control, Options, PUBLIC_CLIENT_ID, SERVICE_CLIENT_ID, SERVICE_SECRETS, Simulator};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

pub(crate) const VERIFIER: &str = "a-verifier-that-is-long-enough-for-the-rules-0123456789";
pub(crate) const REDIRECT: &str = "http://localhost:8085/callback";
/// Nothing on loopback takes longer, not even on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("not JSON ({e}): {}", self.body))
    }
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }
    /// The status, and the code of the error body.
    pub(crate) fn error(&self) -> (u16, String) {
        let body = self.json();
        assert_eq!(body["status"], self.status);
        assert_eq!(body["contextId"].as_str(), self.header("ININ-Correlation-Id"), "context id and header differ");
        (self.status, body["code"].as_str().unwrap_or_default().to_owned())
    }
}

pub(crate) fn http() -> reqwest::Client {
    // A second installation in the same process is refused, and that is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(PATIENCE)
        .build()
        .expect("an HTTP client")
}

pub(crate) fn form(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

pub(crate) fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER.as_bytes()))
}

pub(crate) struct Client {
    pub(crate) sim: Simulator,
    pub(crate) control: Control,
    pub(crate) http: reqwest::Client,
    pub(crate) base: String,
    pub(crate) token: String,
}

impl Client {
    /// A simulator that consents by itself, not signed in.
    pub(crate) async fn stranger(options: Options) -> Self {
        let sim = Simulator::start(Options { auto_consent: true, ..options }).await.expect("the simulator starts");
        let (control, base) = (sim.control(), sim.base_url());
        Self { sim, control, http: http(), base, token: String::new() }
    }

    /// Signed in as Ada.
    pub(crate) async fn with(options: Options) -> Self {
        let mut client = Self::stranger(options).await;
        let token = client.sign_in().await;
        token["access_token"].as_str().expect("a token").clone_into(&mut client.token);
        client
    }

    pub(crate) async fn new() -> Self {
        Self::with(Options::default()).await
    }

    /// Signed in as the service: a client without a user.
    pub(crate) async fn service(options: Options) -> Self {
        let mut client = Self::stranger(options).await;
        client.token = client.service_token(SERVICE_SECRETS[0]).await.expect("a token");
        client
    }

    /// A token for the service, if this is a valid secret; else the error.
    pub(crate) async fn service_token(&self, secret: &str) -> Result<String, Value> {
        let basic = format!("{SERVICE_CLIENT_ID}:{secret}");
        let answer = self.token_request(Some(&basic), &[("grant_type", "client_credentials")]).await.json();
        answer["access_token"].as_str().map(str::to_owned).ok_or_else(|| answer["error"].clone())
    }

    pub(crate) async fn raw(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let method = method.parse().expect("a method");
        let mut request = self.http.request(method, format!("{}{path}", self.base)).body(body.to_owned());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, body: response.text().await.expect("a body") }
    }

    pub(crate) async fn call(&self, method: &str, path: &str, body: &Value) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.raw(method, path, &[("authorization", &bearer), ("content-type", "application/json")], &body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, &Value::Null).await
    }

    /// Where `/oauth/authorize` sends the browser.
    pub(crate) async fn authorize(&self, pairs: &[(&str, &str)]) -> Answer {
        self.raw("GET", &format!("/oauth/authorize?{}", form(pairs)), &[], "").await
    }

    pub(crate) async fn code(&self) -> String {
        let challenge = challenge();
        let answer = self
            .authorize(&[
                ("client_id", PUBLIC_CLIENT_ID),
                ("redirect_uri", REDIRECT),
                ("response_type", "code"),
                ("state", "s&t"),
                ("code_challenge", &challenge),
                ("code_challenge_method", "S256"),
            ])
            .await;
        assert_eq!(answer.status, 302, "{}", answer.body);
        let back = url::Url::parse(answer.header("location").expect("a location")).expect("an address");
        assert!(back.as_str().starts_with(REDIRECT));
        let pair = |key: &str| back.query_pairs().find(|(k, _)| k == key).map(|(_, v)| v.into_owned());
        assert_eq!(pair("state").as_deref(), Some("s&t"));
        pair("code").expect("a code")
    }

    pub(crate) async fn token_request(&self, basic: Option<&str>, pairs: &[(&str, &str)]) -> Answer {
        let mut headers = vec![("content-type", "application/x-www-form-urlencoded".to_owned())];
        if let Some(basic) = basic {
            let encoded = base64::engine::general_purpose::STANDARD.encode(basic);
            headers.push(("authorization", format!("Basic {encoded}")));
        }
        let headers: Vec<_> = headers.iter().map(|(k, v)| (*k, v.as_str())).collect();
        self.raw("POST", "/oauth/token", &headers, &form(pairs)).await
    }

    pub(crate) async fn sign_in(&self) -> Value {
        let code = self.code().await;
        let answer = self
            .token_request(
                None,
                &[
                    ("grant_type", "authorization_code"),
                    ("code", &code),
                    ("code_verifier", VERIFIER),
                    ("client_id", PUBLIC_CLIENT_ID),
                    ("redirect_uri", REDIRECT),
                ],
            )
            .await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    pub(crate) async fn channel(&self) -> Value {
        let answer = self.call("POST", "/api/v2/notifications/channels", &Value::Null).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    pub(crate) async fn subscribe(&self, channel: &Value, topics: &[String]) -> Answer {
        let id = channel["id"].as_str().expect("a channel id");
        let body: Vec<_> = topics.iter().map(|t| json!({ "id": t })).collect();
        self.call("PUT", &format!("/api/v2/notifications/channels/{id}/subscriptions"), &body.into()).await
    }

    /// A socket that hears these topics of Ada's.
    pub(crate) async fn listen(&self, topics: &[&str]) -> Ear {
        let topics: Vec<_> = topics.iter().map(|t| format!("v2.users.{ADA}.{t}")).collect();
        self.listen_to(&topics).await
    }

    /// A socket that hears these topics.
    pub(crate) async fn listen_to(&self, topics: &[String]) -> Ear {
        let channel = self.channel().await;
        let answer = self.subscribe(&channel, topics).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        Ear::open(channel["connectUri"].as_str().expect("an address")).await.expect("the socket opens")
    }

    /// Ada as `users/me` sees her.
    pub(crate) async fn me(&self, expand: &str) -> Value {
        self.get(&format!("/api/v2/users/me?expand={expand}")).await.json()
    }
}

/// A notification socket.
pub(crate) struct Ear {
    pub(crate) socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

/// How an upgrade was refused.
pub(crate) fn refusal(error: Error) -> (u16, Option<String>) {
    match error {
        Error::Http(response) => {
            let retry = response.headers().get("retry-after").and_then(|v| v.to_str().ok()).map(str::to_owned);
            (response.status().as_u16(), retry)
        }
        other => panic!("expected a refusal, got {other}"),
    }
}

impl Ear {
    pub(crate) async fn open(uri: &str) -> Result<Self, Error> {
        let (socket, _) = timeout(PATIENCE, connect_async(uri)).await.expect("an answer in time")?;
        Ok(Self { socket })
    }

    pub(crate) async fn frame(&mut self) -> Option<Result<Message, Error>> {
        timeout(PATIENCE, self.socket.next()).await.expect("a frame in time")
    }

    /// The next text.
    pub(crate) async fn text(&mut self) -> Value {
        loop {
            match self.frame().await {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).expect("JSON"),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("expected a text, got {other:?}"),
            }
        }
    }

    /// The next event whose topic ends so.
    pub(crate) async fn event(&mut self, suffix: &str) -> Value {
        loop {
            let text = self.text().await;
            if text["topicName"].as_str().is_some_and(|t| t.ends_with(suffix)) {
                assert_eq!(text["version"], "2");
                assert!(text["metadata"]["CorrelationId"].is_string());
                return text["eventBody"].clone();
            }
        }
    }

    /// The next event of this topic in which Ada's newest participant is in this state.
    pub(crate) async fn leg(&mut self, suffix: &str, state: &str) -> Value {
        loop {
            let body = self.event(suffix).await;
            if mine(&body).is_some_and(|p| p["state"] == state || p["calls"][0]["state"] == state) {
                return body;
            }
        }
    }

    pub(crate) async fn say(&mut self, text: &str) {
        self.socket.send(Message::Text(text.into())).await.expect("sent");
    }

    /// A ping that comes back: everything sent before has been handled, and everything due has arrived.
    pub(crate) async fn round_trip(&mut self) -> Vec<Value> {
        self.say("{\"message\":\"ping\"}").await;
        let mut before = Vec::new();
        loop {
            let text = self.text().await;
            if text["eventBody"]["message"] == "pong" {
                return before;
            }
            before.push(text);
        }
    }

    /// The close frame: code, reason.
    pub(crate) async fn closed(&mut self) -> (u16, String) {
        loop {
            match self.frame().await {
                Some(Ok(Message::Close(Some(frame)))) => return (frame.code.into(), frame.reason.to_string()),
                Some(Ok(_)) => {}
                other => panic!("expected a close frame, got {other:?}"),
            }
        }
    }
}

/// Ada's newest participant.
pub(crate) fn mine(body: &Value) -> Option<&Value> {
    body["participants"].as_array()?.iter().rev().find(|p| p["userId"] == ADA || p["user"]["id"] == ADA)
}

/// The conversation, participant and communication of an offer.
pub(crate) fn ids(offered: &earshot_simulator::Offered) -> (String, String, String) {
    (
        offered.conversation.clone(),
        offered.participant.clone().expect("it alerts"),
        offered.communication.clone().expect("it alerts"),
    )
}
