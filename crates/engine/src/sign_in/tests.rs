//! Real loopback sockets, a scripted Genesys.
#![allow(clippy::unwrap_used)]

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use earshot_genesys::error::{ApiError, StatusError};
use earshot_genesys::hosts::Environment;
use earshot_genesys::transport::{HttpRequest, HttpResponse, HttpTransport, TransportError, TransportKind};
use rstest::rstest;
use secrecy::{ExposeSecret, SecretString};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use url::Url;

use super::{Attempt, Grant, PORTS, SignInError};

type Answer = Result<(u16, &'static str), TransportKind>;

const TOKEN: &str = r#"{"access_token":"canary","token_type":"bearer","expires_in":3600}"#;
const PAGE: Answer = Ok((200, "<html>sign in</html>"));

/// Genesys: one answer for the sign-in page, one for the token.
struct Genesys {
    page: Answer,
    token: Answer,
    bodies: Mutex<Vec<String>>,
}

impl Genesys {
    fn new(page: Answer, token: Answer) -> Arc<Self> {
        Arc::new(Self { page, token, bodies: Mutex::default() })
    }
}

#[async_trait]
impl HttpTransport for Genesys {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        assert_eq!(request.url.host_str(), Some("login.mypurecloud.de"));
        let answer = match request.url.path() {
            "/oauth/authorize" => self.page,
            "/oauth/token" => {
                self.bodies.lock().unwrap().push(String::from_utf8(request.body.unwrap().to_vec()).unwrap());
                self.token
            }
            path => panic!("{path}"),
        };
        let (status, body) = answer.map_err(|kind| TransportError { kind, detail: "scripted".to_owned() })?;
        let mut headers = http::HeaderMap::new();
        let body = match body.strip_prefix("location:") {
            Some(location) => {
                headers.insert("location", location.parse().unwrap());
                ""
            }
            None => body,
        };
        Ok(HttpResponse { status, headers, body: body.into() })
    }
}

fn environment() -> Environment {
    Environment::region("mypurecloud.de").unwrap()
}

/// A sign-in on a port of its own, under way.
struct UnderWay {
    port: u16,
    state: String,
    genesys: Arc<Genesys>,
    result: JoinHandle<Result<Grant, SignInError>>,
}

async fn begin_with(page: Answer, token: Answer, secret: Option<SecretString>) -> UnderWay {
    let attempt = Attempt::listen_on(&[0], environment(), " client ".into(), secret).await.unwrap();
    let url = attempt.authorize_url();
    let genesys = Genesys::new(page, token);
    let http: Arc<dyn HttpTransport> = genesys.clone();
    let result = tokio::spawn(async move { attempt.finish(&http).await });
    let redirect = Url::parse(&field(&url, "redirect_uri")).unwrap();
    UnderWay { port: redirect.port().unwrap(), state: field(&url, "state"), genesys, result }
}

async fn begin() -> UnderWay {
    begin_with(PAGE, Ok((200, TOKEN)), None).await
}

fn field(url: &Url, name: &str) -> String {
    url.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned()
}

impl UnderWay {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await.unwrap()
    }

    /// Sends these bytes, and reads until the end.
    async fn send(&self, bytes: &[u8]) -> String {
        exchange(self.connect().await, bytes).await
    }

    async fn get(&self, target: &str) -> String {
        self.send(format!("GET {target} HTTP/1.1\r\nHost: localhost:{}\r\nCookie: a=b\r\n\r\n", self.port).as_bytes())
            .await
    }

    fn callback(&self, rest: &str) -> String {
        format!("/callback?state={}&{rest}", self.state)
    }
}

async fn exchange(mut stream: TcpStream, bytes: &[u8]) -> String {
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    // A reset after the page is no concern of these tests; the page is.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn the_browser_comes_back_with_a_code() {
    let sign_in = begin().await;
    let page = sign_in.get(&sign_in.callback("code=c%2B1")).await;
    assert!(page.starts_with("HTTP/1.1 200 OK\r\n"), "{page}");
    assert!(page.contains("You can close this window"), "{page}");
    let grant = sign_in.result.await.unwrap().unwrap();
    assert_eq!(grant.access_token.expose(), "canary");
    assert_eq!((grant.client_id.as_str(), grant.expires_in), ("client", Duration::from_secs(3600)));
    assert!(!format!("{grant:?}").contains("canary"));
    let bodies = std::mem::take(&mut *sign_in.genesys.bodies.lock().unwrap());
    assert_eq!(bodies.len(), 1);
    let sent: Vec<(String, String)> = url::form_urlencoded::parse(bodies[0].as_bytes()).into_owned().collect();
    assert!(sent.contains(&("code".into(), "c+1".into())), "{sent:?}");
    let redirect = format!("http://localhost:{}/callback", sign_in.port);
    assert!(sent.contains(&("redirect_uri".into(), redirect)), "{sent:?}");
    // The port is free again.
    assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, sign_in.port)).await.is_err());
}

#[tokio::test]
async fn the_browser_may_come_by_ipv6() {
    if TcpListener::bind("[::1]:0").await.is_err() {
        return; // a computer without IPv6 has nothing to be tried
    }
    let sign_in = begin().await;
    let stream = TcpStream::connect(("::1", sign_in.port)).await.unwrap();
    let request = format!("GET {} HTTP/1.1\r\n\r\n", sign_in.callback("code=c"));
    assert!(exchange(stream, request.as_bytes()).await.contains("200 OK"));
    assert!(sign_in.result.await.unwrap().is_ok());
}

#[tokio::test]
async fn strangers_are_turned_away_and_the_wait_goes_on() {
    let sign_in = begin().await;
    for (target, status) in [
        ("/callback?code=c&state=wrong".to_owned(), "400"),
        ("/callback?code=c".to_owned(), "400"),
        ("/callback".to_owned(), "400"),
        (sign_in.callback("code="), "400"),
        (sign_in.callback("x=y"), "400"),
        ("/favicon.ico".to_owned(), "404"),
        (sign_in.callback("code=c").replace("/callback", "/callback/"), "404"),
        ("/".to_owned(), "404"),
    ] {
        let page = sign_in.get(&target).await;
        assert!(page.starts_with(&format!("HTTP/1.1 {status} ")), "{target}: {page}");
        assert!(!page.contains(&sign_in.state));
    }
    let post = format!("POST {} HTTP/1.1\r\n\r\n", sign_in.callback("code=c"));
    assert!(sign_in.send(post.as_bytes()).await.starts_with("HTTP/1.1 405 "));
    assert!(!sign_in.result.is_finished());
    sign_in.get(&sign_in.callback("code=c")).await;
    assert!(sign_in.result.await.unwrap().is_ok());
}

#[tokio::test]
async fn garbage_is_turned_away_and_the_wait_goes_on() {
    let sign_in = begin().await;
    let tls_hello = [&[0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0xfc][..], &[0xff; 300], b"\r\n\r\n"].concat();
    for garbage in [&b"\r\n\r\n"[..], b"GET\r\n\r\n", b"GET / SPDY/3\r\n\r\n", b"a b c d e\r\n\r\n", &tls_hello] {
        assert!(sign_in.send(garbage).await.starts_with("HTTP/1.1 400 "));
    }
    let endless = [b"GET / HTTP/1.1\r\n".to_vec(), b"X: y\r\n".repeat(20_000)].concat();
    let mut stream = sign_in.connect().await;
    // The other side may close before it has all of it.
    let _ = stream.write_all(&endless).await;
    drop(stream);
    drop(sign_in.connect().await);
    sign_in.get(&sign_in.callback("code=c")).await;
    assert!(sign_in.result.await.unwrap().is_ok());
}

#[tokio::test]
async fn slow_visitors_hold_nobody_up() {
    let sign_in = begin().await;
    let mut slow = Vec::new();
    for _ in 0..20 {
        let mut stream = sign_in.connect().await;
        stream.write_all(b"GET /callback").await.unwrap();
        slow.push(stream);
    }
    sign_in.get(&sign_in.callback("code=c")).await;
    assert!(sign_in.result.await.unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn slow_visitors_are_let_go() {
    let sign_in = begin().await;
    let mut stream = sign_in.connect().await;
    stream.write_all(b"GET /callback").await.unwrap();
    let mut rest = Vec::new();
    // The clock leaps to the next time limit whenever nobody has anything to do.
    let _ = stream.read_to_end(&mut rest).await;
    assert!(rest.is_empty());
    // It was let go for its slowness, not because the whole sign-in was over.
    assert!(!sign_in.result.is_finished());
    sign_in.result.abort();
}

#[tokio::test(start_paused = true)]
async fn nobody_comes_back() {
    let sign_in = begin().await;
    assert_eq!(sign_in.result.await.unwrap().unwrap_err(), SignInError::TimedOut);
}

#[rstest]
#[case("error=access_denied&error_description=no", SignInError::Denied)]
#[case("error=invalid_client", SignInError::WrongClient)]
#[case("error=unauthorized_client&code=c", SignInError::WrongClient)]
#[case("error=invalid_scope", SignInError::Refused { code: "invalid_scope".into() })]
#[case("error=server_error", SignInError::Refused { code: "server_error".into() })]
#[case("error=%3Cb%3Ecanary%3C/b%3E", SignInError::Refused { code: "unknown_error".into() })]
#[case("error=", SignInError::Refused { code: "unknown_error".into() })]
#[tokio::test]
async fn the_browser_comes_back_with_a_no(#[case] query: &str, #[case] want: SignInError) {
    let sign_in = begin().await;
    let page = sign_in.get(&sign_in.callback(query)).await;
    assert!(page.contains("Earshot is not signed in"), "{page}");
    assert!(!page.contains("canary"), "{page}");
    assert_eq!(sign_in.result.await.unwrap().unwrap_err(), want);
    assert!(sign_in.genesys.bodies.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_redirect_that_is_not_registered_is_named() {
    let sign_in = begin().await;
    sign_in.get(&sign_in.callback("error=invalid_request&error_description=bad+redirect_uri")).await;
    let error = sign_in.result.await.unwrap().unwrap_err();
    let redirect_uri = format!("http://localhost:{}/callback", sign_in.port);
    assert!(error.trouble().message.contains(&redirect_uri));
    assert_eq!(error, SignInError::RedirectNotRegistered { redirect_uri });
}

fn status(status: u16, code: Option<&str>) -> SignInError {
    let code = code.map(str::to_owned);
    SignInError::Exchange(ApiError::Status(StatusError {
        status,
        code,
        message: None,
        context_id: None,
        retry_after: None,
        html: false,
    }))
}

#[rstest]
#[case(Ok((400, r#"{"error":"invalid_client"}"#)), false, SignInError::WrongClient)]
#[case(Ok((401, r#"{"error":"invalid_client"}"#)), true, SignInError::WrongSecret)]
#[case(Ok((400, r#"{"error":"invalid_grant"}"#)), false, status(400, Some("invalid_grant")))]
#[case(Ok((503, "")), false, status(503, None))]
#[case(Ok((200, "<html>")), false, SignInError::Exchange(ApiError::Malformed { call: "POST /oauth/token", html: true }))]
#[case(
    Err(TransportKind::Timeout),
    false,
    SignInError::Exchange(ApiError::Transport(TransportError { kind: TransportKind::Timeout, detail: "scripted".into() }))
)]
#[tokio::test]
async fn the_exchange_fails_and_the_browser_says_so(
    #[case] token: Answer,
    #[case] confidential: bool,
    #[case] want: SignInError,
) {
    let secret = confidential.then(|| SecretString::from("s"));
    let sign_in = begin_with(PAGE, token, secret).await;
    let page = sign_in.get(&sign_in.callback("code=c")).await;
    assert!(page.contains("Earshot is not signed in"), "{page}");
    assert_eq!(sign_in.result.await.unwrap().unwrap_err(), want);
}

/// The browser shows an error and never comes back: we look ourselves.
#[rstest]
#[case(Ok((400, "<p>invalid_client")), Some(SignInError::WrongClient))]
#[case(Ok((302, "location:/#/error?errorCode=invalid_client")), Some(SignInError::WrongClient))]
#[case(Ok((404, "no such page")), Some(SignInError::NotGenesys { status: 404 }))]
#[case(Err(TransportKind::Dns), Some(SignInError::Unreachable(TransportError { kind: TransportKind::Dns, detail: "scripted".into() })))]
#[case(Ok((302, "location:http://localhost:1/callback?code=c&state=s")), None)]
#[case(Ok((302, "location:https://idp.example.org/saml?x=invalid_client")), None)]
#[case(Ok((200, "<script>if (error == 'invalid_client')</script>")), None)]
#[case(Ok((503, "")), None)]
#[case(Ok((429, "")), None)]
#[case(Err(TransportKind::Timeout), None)]
#[tokio::test(start_paused = true)]
async fn what_no_browser_gets_past_is_told_at_once(#[case] page: Answer, #[case] want: Option<SignInError>) {
    let sign_in = begin_with(page, Ok((200, TOKEN)), None).await;
    let error = sign_in.result.await.unwrap().unwrap_err();
    assert_eq!(error, want.unwrap_or(SignInError::TimedOut));
}

#[tokio::test]
async fn a_page_that_refuses_the_redirect_names_it() {
    let sign_in = begin_with(Ok((400, "The Redirect URI is unknown")), Ok((200, TOKEN)), None).await;
    let redirect_uri = format!("http://localhost:{}/callback", sign_in.port);
    assert_eq!(sign_in.result.await.unwrap().unwrap_err(), SignInError::RedirectNotRegistered { redirect_uri });
}

#[tokio::test]
async fn a_taken_port_is_passed_over_and_all_taken_is_said() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let taken_port = taken.local_addr().unwrap().port();
    let attempt = Attempt::listen_on(&[taken_port, 0], environment(), "client".into(), None).await.unwrap();
    assert!(!field(&attempt.authorize_url(), "redirect_uri").contains(&format!(":{taken_port}/")));
    let error = Attempt::listen_on(&[taken_port, taken_port], environment(), "client".into(), None).await.unwrap_err();
    assert_eq!(error, SignInError::AllPortsTaken { ports: vec![taken_port, taken_port] });
    assert!(error.trouble().message.contains(&taken_port.to_string()));
}

#[tokio::test]
async fn a_port_somebody_has_on_ipv6_is_taken() {
    let Ok(taken) = TcpListener::bind("[::1]:0").await else { return };
    let SocketAddr::V6(address) = taken.local_addr().unwrap() else { panic!() };
    let ports = [address.port()];
    let error = Attempt::listen_on(&ports, environment(), "client".into(), None).await.unwrap_err();
    assert_eq!(error, SignInError::AllPortsTaken { ports: ports.to_vec() });
}

#[test]
fn the_registered_ports_are_these() {
    assert_eq!(PORTS, [8085, 8086, 8087]);
}

#[tokio::test]
async fn a_redirect_can_be_handed_in() {
    let genesys = Genesys::new(PAGE, Ok((200, TOKEN)));
    let http: Arc<dyn HttpTransport> = genesys.clone();
    let attempt = || Attempt::without_listener(environment(), "client".into(), None);
    let practice = attempt();
    let url = practice.authorize_url();
    let location = format!("{}?code=c&state={}", field(&url, "redirect_uri"), field(&url, "state"));
    assert_eq!(field(&url, "redirect_uri"), "http://localhost:8085/callback");
    assert!(practice.finish_with_redirect(&location, &http).await.is_ok());

    let other = attempt();
    let denied =
        format!("http://localhost:8085/callback?error=access_denied&state={}", field(&other.authorize_url(), "state"));
    assert_eq!(other.finish_with_redirect(&denied, &http).await.unwrap_err(), SignInError::Denied);
    for wrong in [location.as_str(), "", "http://localhost:8085/callback", "http://evil.example/callback?code=c"] {
        let error = attempt().finish_with_redirect(wrong, &http).await.unwrap_err();
        assert_eq!(error, SignInError::WrongRedirect, "{wrong}");
    }
    assert_eq!(genesys.bodies.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_confidential_client_brings_its_refresh_token() {
    let token = r#"{"access_token":"canary","token_type":"bearer","expires_in":60,"refresh_token":"canary-r"}"#;
    let sign_in = begin_with(PAGE, Ok((200, token)), Some(SecretString::from("canary-s"))).await;
    sign_in.get(&sign_in.callback("code=c")).await;
    let grant = sign_in.result.await.unwrap().unwrap();
    assert_eq!(grant.refresh_token.as_ref().unwrap().expose_secret(), "canary-r");
    assert_eq!(grant.secret.as_ref().unwrap().read().await.unwrap().expose_secret(), "canary-s");
    assert!(!format!("{grant:?}").contains("canary"));
}

#[tokio::test]
async fn every_attempt_is_its_own() {
    let attempt = || Attempt::without_listener(environment(), "client".into(), None).authorize_url();
    let (one, two) = (attempt(), attempt());
    assert_ne!(field(&one, "state"), field(&two, "state"));
    assert_ne!(field(&one, "code_challenge"), field(&two, "code_challenge"));
    assert_eq!(field(&one, "state").len(), 64);
}

#[rstest]
#[case(SignInError::AllPortsTaken { ports: vec![1] }, true)]
#[case(SignInError::Denied, true)]
#[case(SignInError::WrongClient, false)]
#[case(SignInError::WrongSecret, false)]
#[case(SignInError::RedirectNotRegistered { redirect_uri: "x".into() }, false)]
#[case(SignInError::Refused { code: "invalid_scope".into() }, false)]
#[case(SignInError::Refused { code: "server_error".into() }, true)]
#[case(SignInError::NotGenesys { status: 404 }, false)]
#[case(SignInError::TimedOut, true)]
#[case(SignInError::WrongRedirect, true)]
#[case(status(400, Some("invalid_grant")), true)]
fn every_failure_says_what_happened_and_what_to_do(#[case] error: SignInError, #[case] retryable: bool) {
    let trouble = error.trouble();
    assert!(trouble.message.ends_with('.') && trouble.cure.unwrap().ends_with('.'));
    assert_eq!(trouble.retryable, retryable);
}

#[test]
fn a_wrong_client_id_is_said_in_plain_words() {
    let trouble = SignInError::WrongClient.trouble();
    assert_eq!(trouble.message, "Genesys Cloud does not know this OAuth client id in this region.");
    let cure = "Check the client id with your administrator, and that the region is right.";
    assert_eq!(trouble.cure.as_deref(), Some(cure));
}
