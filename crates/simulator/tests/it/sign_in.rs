//! Authorize page and token endpoint.

use crate::support::*;
use earshot_simulator::{
    CONFIDENTIAL_CLIENT_ID, CONFIDENTIAL_SECRETS, ExpireTokens, FailTokenEndpoint, JONAS, Options, PUBLIC_CLIENT_ID,
    SERVICE_CLIENT_ID, SERVICE_SECRETS, Simulator,
};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn pkce_signs_in_and_gives_no_refresh_token() {
    let client = Client::stranger(Options::default()).await;
    let token = client.sign_in().await;
    assert_eq!(token["token_type"], "bearer");
    assert_eq!(token["expires_in"], 86_400);
    assert!(token.get("refresh_token").is_none());
}

#[tokio::test]
async fn a_code_is_good_once_and_only_with_its_verifier() {
    let client = Client::stranger(Options::default()).await;
    let code = client.code().await;
    let exchange = |code: String, verifier: &'static str| {
        let client = &client;
        async move {
            client
                .token_request(
                    None,
                    &[
                        ("grant_type", "authorization_code"),
                        ("code", &code),
                        ("code_verifier", verifier),
                        ("client_id", PUBLIC_CLIENT_ID),
                        ("redirect_uri", REDIRECT),
                    ],
                )
                .await
        }
    };
    let other = "another-verifier-that-is-long-enough-for-the-rules-01234";
    let wrong = exchange(code.clone(), other).await;
    assert_eq!((wrong.status, &wrong.json()["error"]), (400, &json!("invalid_grant")));
    let spent = exchange(code, VERIFIER).await;
    assert_eq!((spent.status, &spent.json()["error"]), (400, &json!("invalid_grant")));
    let fresh = client.code().await;
    assert_eq!(exchange(fresh, VERIFIER).await.status, 200);
}

#[tokio::test]
async fn what_is_wrong_with_a_question_decides_who_hears_of_it() {
    let client = Client::stranger(Options::default()).await;
    let challenge = challenge();
    let good: Vec<(&str, &str)> = vec![
        ("client_id", PUBLIC_CLIENT_ID),
        ("redirect_uri", REDIRECT),
        ("response_type", "code"),
        ("state", "x"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    let changed = |key: &'static str, value: &'static str| {
        let mut pairs = good.clone();
        for pair in &mut pairs {
            if pair.0 == key {
                pair.1 = value;
            }
        }
        pairs
    };
    // An unknown client or address never gets a redirect.
    for pairs in [
        changed("client_id", "no-such-client"),
        changed("redirect_uri", "http://localhost:8085/callback?extra=1"),
        changed("redirect_uri", "http://127.0.0.1:8085/callback"),
        changed("client_id", SERVICE_CLIENT_ID),
    ] {
        let answer = client.authorize(&pairs).await;
        assert_eq!(answer.status, 400);
        assert!(answer.body.contains("<h1>"), "a page for people");
        assert!(answer.header("location").is_none());
    }
    for (pairs, error) in [
        (changed("response_type", "token"), "unsupported_response_type"),
        (changed("code_challenge", ""), "invalid_request"),
        (changed("code_challenge_method", "plain"), "invalid_request"),
    ] {
        let answer = client.authorize(&pairs).await;
        let location = answer.header("location").expect("a way back").to_owned();
        assert!(location.contains(&format!("error={error}")) && location.contains("state=x"), "{location}");
    }
}

#[tokio::test]
async fn the_page_lets_people_continue_or_cancel() {
    let sim = Simulator::start(Options::default()).await.expect("starts");
    let (control, base) = (sim.control(), sim.base_url());
    let mut client = Client { sim, control, http: http(), base, token: String::new() };
    let challenge = challenge();
    let mut pairs = vec![
        ("client_id", PUBLIC_CLIENT_ID),
        ("redirect_uri", REDIRECT),
        ("response_type", "code"),
        ("state", "\"><script>"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    let page = client.authorize(&pairs).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Continue as Ada Moreno") && page.body.contains("Continue as Jonas Weber"));
    assert!(!page.body.contains("<script>"), "what the client sends is text");
    let headers = [("content-type", "application/x-www-form-urlencoded")];

    pairs.push(("user", ""));
    let cancelled = client.raw("POST", "/oauth/authorize", &headers, &form(&pairs)).await;
    assert!(cancelled.header("location").expect("a way back").contains("error=access_denied"));

    *pairs.last_mut().expect("pushed") = ("user", JONAS);
    let continued = client.raw("POST", "/oauth/authorize", &headers, &form(&pairs)).await;
    let back = url::Url::parse(continued.header("location").expect("a way back")).expect("an address");
    let code = back.query_pairs().find(|(k, _)| k == "code").expect("a code").1.into_owned();
    let token = client
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
    client.token = token.json()["access_token"].as_str().expect("a token").to_owned();
    assert_eq!(client.me("").await["name"], "Jonas Weber");
}

async fn confidential(client: &Client, secret: &str) -> Answer {
    let pairs = [("client_id", CONFIDENTIAL_CLIENT_ID), ("redirect_uri", REDIRECT), ("response_type", "code")];
    let answer = client.authorize(&pairs).await;
    let back = url::Url::parse(answer.header("location").expect("a way back")).expect("an address");
    let code = back.query_pairs().find(|(k, _)| k == "code").expect("a code").1.into_owned();
    client
        .token_request(
            Some(&format!("{CONFIDENTIAL_CLIENT_ID}:{secret}")),
            &[("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", REDIRECT)],
        )
        .await
}

async fn refresh(client: &Client, word: &Value) -> Answer {
    let basic = format!("{CONFIDENTIAL_CLIENT_ID}:{}", CONFIDENTIAL_SECRETS[0]);
    let word = word.as_str().expect("a refresh token");
    client.token_request(Some(&basic), &[("grant_type", "refresh_token"), ("refresh_token", word)]).await
}

#[tokio::test]
async fn a_client_with_a_secret_gets_a_refresh_token_that_stays_or_rotates() {
    for rotate in [false, true] {
        let client = Client::stranger(Options { rotate_refresh: rotate, ..Options::default() }).await;
        let wrong = confidential(&client, "wrong").await;
        assert_eq!((wrong.status, &wrong.json()["error"]), (401, &json!("invalid_client")));
        assert_eq!(confidential(&client, CONFIDENTIAL_SECRETS[1]).await.status, 200, "both secrets are valid");
        let first = confidential(&client, CONFIDENTIAL_SECRETS[0]).await.json();
        let second = refresh(&client, &first["refresh_token"]).await.json();
        assert_ne!(first["access_token"], second["access_token"]);
        assert_eq!(first["refresh_token"] == second["refresh_token"], !rotate);
        let old = refresh(&client, &first["refresh_token"]).await;
        assert_eq!(old.status, if rotate { 400 } else { 200 });
        // Signing out revokes it.
        let bearer = format!("Bearer {}", second["access_token"].as_str().expect("a token"));
        let out = client.raw("DELETE", "/api/v2/tokens/me", &[("authorization", &bearer)], "").await;
        assert_eq!(out.status, 200);
        let dead = refresh(&client, &second["refresh_token"]).await;
        assert_eq!((dead.status, &dead.json()["error"]), (400, &json!("invalid_grant")));
    }
}

#[tokio::test]
async fn an_option_gives_pkce_clients_a_refresh_token_too() {
    let client = Client::stranger(Options { refresh_for_pkce: true, ..Options::default() }).await;
    let token = client.sign_in().await;
    let word = token["refresh_token"].as_str().expect("a refresh token");
    let pairs = [("grant_type", "refresh_token"), ("refresh_token", word), ("client_id", PUBLIC_CLIENT_ID)];
    assert_eq!(client.token_request(None, &pairs).await.status, 200);
}

#[tokio::test]
async fn client_credentials_have_no_user() {
    let mut client = Client::stranger(Options::default()).await;
    for secret in SERVICE_SECRETS {
        let basic = format!("{SERVICE_CLIENT_ID}:{secret}");
        let token = client.token_request(Some(&basic), &[("grant_type", "client_credentials")]).await.json();
        assert!(token.get("refresh_token").is_none());
        client.token = token["access_token"].as_str().expect("a token").to_owned();
        assert_eq!(client.get("/api/v2/users/me").await.error(), (400, "not.a.user".to_owned()));
        assert_eq!(client.get("/api/v2/tokens/me").await.status, 200);
    }
}

#[tokio::test]
async fn tokens_end_by_age_by_idleness_and_on_demand() {
    let client =
        Client::with(Options { token_lifetime: Duration::from_secs(4), rate_limit: None, ..Options::default() }).await;
    assert_eq!(client.get("/api/v2/users/me").await.status, 200);
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while client.get("/api/v2/users/me").await.status == 200 {
        assert!(tokio::time::Instant::now() < deadline, "the token never ended");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(client.get("/api/v2/users/me").await.error(), (401, "bad.credentials".to_owned()));

    let idle = Some(Duration::from_secs(900));
    let client = Client::with(Options { idle_timeout: idle, ..Options::default() }).await;
    let timeout = client.get("/api/v2/tokens/timeout").await.json();
    assert_eq!(timeout["idleTokenTimeoutSeconds"], 900);
    assert!(client.me("token").await["token"]["dateTokenIdles"].is_string());
    client.control.expire_tokens(ExpireTokens::default()).expect("obeyed");
    let head = client.call("HEAD", "/api/v2/tokens/me", &Value::Null).await;
    assert_eq!((head.status, head.body.as_str()), (401, ""));
}

#[tokio::test]
async fn the_token_endpoint_fails_on_demand() {
    let client = Client::stranger(Options::default()).await;
    let fail = |error: &str| FailTokenEndpoint {
        error: Some(error.to_owned()),
        count: Some(1),
        retry_after: Some(7),
        ..FailTokenEndpoint::default()
    };
    for (error, status) in [("invalid_grant", 400), ("invalid_client", 401), ("server_error", 500)] {
        client.control.fail_token_endpoint(fail(error)).expect("obeyed");
        let answer = client.token_request(None, &[("grant_type", "refresh_token")]).await;
        assert_eq!((answer.status, &answer.json()["error"]), (status, &json!(error)));
        assert_eq!(answer.header("retry-after"), Some("7"));
    }
    assert_eq!(client.sign_in().await["token_type"], "bearer", "the faults are used up");
}
