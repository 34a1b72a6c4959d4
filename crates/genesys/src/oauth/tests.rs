#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::header::AUTHORIZATION;
use rstest::rstest;
use sha2::{Digest, Sha256};

use super::*;
use crate::error::StatusError;
use crate::testing::{Scripted, answer};

const REDIRECT: &str = "http://localhost:8085/callback";
const GRANT: &str = r#"{"access_token":"canary-a","token_type":"bearer","expires_in":3600}"#;

fn environment() -> Environment {
    Environment::region("mypurecloud.de").unwrap()
}

fn secret(text: &str) -> SecretString {
    text.to_owned().into()
}

fn form(http: &Scripted) -> BTreeMap<String, String> {
    let asked = http.asked.lock().unwrap();
    url::form_urlencoded::parse(asked[0].body.as_ref().unwrap()).into_owned().collect()
}

async fn exchange(http: &Arc<Scripted>, secret_: Option<&SecretString>) -> Result<TokenGrant, ApiError> {
    let port: Arc<dyn HttpTransport> = http.clone();
    let client = ClientCredentials { id: "client", secret: secret_ };
    exchange_code(&port, &environment(), &client, &secret("code"), REDIRECT, &secret("verifier")).await
}

#[test]
fn the_browser_is_sent_with_a_challenge_that_fits_the_verifier() {
    let pkce = Pkce::new();
    let verifier = pkce.verifier().expose_secret();
    assert!((43..=128).contains(&verifier.len()));
    assert_eq!(pkce.challenge(), URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)));
    assert!(!format!("{pkce:?}").contains(verifier));
    assert_ne!(Pkce::new().challenge(), pkce.challenge());

    let url = authorize_url(&environment(), "cl&ient", REDIRECT, "st", pkce.challenge());
    assert_eq!((url.host_str(), url.path()), (Some("login.mypurecloud.de"), "/oauth/authorize"));
    let query: BTreeMap<_, _> = url.query_pairs().into_owned().collect();
    let want = [
        ("client_id", "cl&ient"),
        ("code_challenge", pkce.challenge()),
        ("code_challenge_method", "S256"),
        ("redirect_uri", REDIRECT),
        ("response_type", "code"),
        ("state", "st"),
    ];
    assert_eq!(query, want.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
}

#[tokio::test]
async fn a_public_client_shows_its_verifier_and_no_header() {
    let http = Scripted::new([answer(200, &[("content-type", "application/json;charset=utf-8")], GRANT)]);
    let grant = exchange(&http, None).await.unwrap();
    assert_eq!(grant.access_token.expose(), "canary-a");
    assert_eq!(grant.expires_in, Duration::from_secs(3600));
    assert!(grant.refresh_token.is_none());
    assert!(!format!("{grant:?}").contains("canary"));
    let want = [
        ("client_id", "client"),
        ("code", "code"),
        ("code_verifier", "verifier"),
        ("grant_type", "authorization_code"),
        ("redirect_uri", REDIRECT),
    ];
    assert_eq!(form(&http), want.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    let asked = http.asked.lock().unwrap();
    assert_eq!(asked[0].url.as_str(), "https://login.mypurecloud.de/oauth/token");
    assert!(!asked[0].headers.contains_key(AUTHORIZATION));
}

#[tokio::test]
async fn a_confidential_client_shows_its_secret_in_the_header_alone() {
    let body = r#"{"access_token":"a","token_type":"bearer","expires_in":60,"refresh_token":"canary-r"}"#;
    let http = Scripted::new([answer(200, &[], body)]);
    let grant = exchange(&http, Some(&secret("s3cret"))).await.unwrap();
    assert_eq!(grant.refresh_token.as_ref().unwrap().expose_secret(), "canary-r");
    assert!(!format!("{grant:?}").contains("canary"));
    assert!(!form(&http).contains_key("client_secret"));
    let asked = http.asked.lock().unwrap();
    let header = &asked[0].headers[AUTHORIZATION];
    assert!(header.is_sensitive());
    assert_eq!(header, &format!("Basic {}", STANDARD.encode("client:s3cret")));
}

#[tokio::test]
async fn refresh_and_client_credentials() {
    let http = Scripted::new([answer(200, &[], GRANT), answer(200, &[], GRANT)]);
    let port: Arc<dyn HttpTransport> = http.clone();
    let key = secret("s");
    let client = ClientCredentials { id: "client", secret: Some(&key) };
    refresh(&port, &environment(), &client, &secret("r1")).await.unwrap();
    let sent = form(&http);
    assert_eq!((sent["grant_type"].as_str(), sent["refresh_token"].as_str()), ("refresh_token", "r1"));
    http.asked.lock().unwrap().clear();
    client_credentials(&port, &environment(), &client).await.unwrap();
    assert_eq!(form(&http)["grant_type"], "client_credentials");
}

#[rstest]
#[case(
    400,
    r#"{"error":"invalid_grant","error_description":"code expired"}"#,
    Some("invalid_grant"),
    Some("code expired")
)]
#[case(401, r#"{"error":"invalid_client","description":"who?"}"#, Some("invalid_client"), Some("who?"))]
#[case(429, r#"{"code":"too.many.requests"}"#, Some("too.many.requests"), None)]
#[case(503, "", None, None)]
#[case(200, r#"{"error":"invalid_grant"}"#, Some("invalid_grant"), None)]
#[tokio::test]
async fn a_refusal_keeps_status_words_and_retry_after(
    #[case] status: u16,
    #[case] body: &str,
    #[case] code: Option<&str>,
    #[case] message: Option<&str>,
) {
    let http = Scripted::new([answer(status, &[("retry-after", "9"), ("inin-correlation-id", "ctx")], body)]);
    let error = exchange(&http, None).await.unwrap_err();
    assert_eq!(
        error,
        ApiError::Status(StatusError {
            status,
            code: code.map(str::to_owned),
            message: message.map(str::to_owned),
            context_id: Some("ctx".into()),
            retry_after: Some(Duration::from_secs(9)),
            html: false,
        })
    );
}

#[rstest]
#[case("<html>hotel</html>", true)]
#[case("{", false)]
#[case("{}", false)]
#[tokio::test]
async fn a_success_without_a_token_is_malformed(#[case] body: &str, #[case] html: bool) {
    let http = Scripted::new([answer(200, &[], body)]);
    let error = exchange(&http, None).await.unwrap_err();
    assert_eq!(error, ApiError::Malformed { call: CALL, html });
}

#[tokio::test]
async fn a_failure_of_the_transport_is_told_as_it_is() {
    let failure = TransportError { kind: TransportKind::Dns, detail: "x".into() };
    let http = Scripted::new([Err(failure.clone())]);
    assert_eq!(exchange(&http, None).await.unwrap_err(), ApiError::Transport(failure));
}

#[rstest]
#[case("0", LEAST_LIFETIME)]
#[case("18446744073709551615", MOST_LIFETIME)]
#[tokio::test]
async fn a_lifetime_beyond_reason_is_brought_back_to_it(#[case] seconds: &str, #[case] expected: Duration) {
    let body = format!(r#"{{"access_token":"canary-a","token_type":"bearer","expires_in":{seconds}}}"#);
    let http = Scripted::new([answer(200, &[], &body)]);
    assert_eq!(exchange(&http, None).await.unwrap().expires_in, expected);
}
