use std::sync::Arc;

use rstest::rstest;

use super::servers::{Authority, answering, dead_port, head, listen, silent, web};
use super::*;
use crate::api::{AccessToken, Api};
use crate::error::ApiError;
use crate::hosts::Environment;
use crate::net::{MAX_SIZE, USER_AGENT};

const TOO_SOON: Duration = Duration::from_millis(150);

#[tokio::test]
async fn an_answer_of_any_status_is_an_answer() {
    let (told, heard) = tokio::sync::oneshot::channel();
    let told = std::sync::Mutex::new(Some(told));
    let told = Arc::new(told);
    let server = listen(move |mut stream| {
        let told = told.clone();
        async move {
            let request = head(&mut stream).await;
            told.lock().unwrap().take().unwrap().send(request).unwrap();
            let answer =
                "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nSet-Cookie: a=b\r\nContent-Length: 2\r\n\r\nhi";
            tokio::io::AsyncWriteExt::write_all(&mut stream, answer.as_bytes()).await.unwrap();
        }
    })
    .await;
    let response = get(&direct(), &format!("http://{server}/a?b=c"), PATIENCE).await.unwrap();
    assert_eq!((response.status, &response.body[..]), (302, &b"hi"[..]));
    assert_eq!(response.headers["location"], "http://127.0.0.1:1/");
    let request = heard.await.unwrap();
    assert!(request.starts_with("GET /a?b=c HTTP/1.1\r\n"), "{request}");
    assert!(request.contains(&format!("user-agent: {USER_AGENT}\r\n")), "{request}");
}

#[tokio::test]
async fn a_502_in_html_is_told_as_such() {
    let server =
        answering("HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<html></html>")
            .await;
    let address = format!("http://{server}");
    let environment = Environment::custom(&address, &address).unwrap();
    let api = Api::new(environment, Arc::new(HttpClient::new(&direct()).unwrap()));
    let error = api.conversations(&AccessToken::new("t")).await.unwrap_err();
    let ApiError::Status(error) = error else { panic!("{error}") };
    assert_eq!((error.status, error.html), (502, true));
}

#[tokio::test]
async fn nobody_listens() {
    let port = dead_port();
    assert_eq!(kind(get(&direct(), &format!("http://{port}/"), PATIENCE).await), TransportKind::Refused);
}

#[tokio::test]
async fn silence_is_a_time_out() {
    let server = silent().await;
    assert_eq!(kind(get(&direct(), &format!("http://{server}/"), TOO_SOON).await), TransportKind::Timeout);
}

#[tokio::test]
async fn a_body_that_never_ends_is_a_time_out_too() {
    let server = listen(|mut stream| async move {
        head(&mut stream).await;
        tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
            .await
            .unwrap();
        std::future::pending::<()>().await;
    })
    .await;
    assert_eq!(kind(get(&direct(), &format!("http://{server}/"), TOO_SOON).await), TransportKind::Timeout);
}

#[rstest]
#[case("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")]
#[case("SSH-2.0-OpenSSH\r\n")]
#[case("")]
#[tokio::test]
async fn what_is_cut_off_or_no_http_is_broken(#[case] answer: &'static str) {
    let server = answering(answer).await;
    assert_eq!(kind(get(&direct(), &format!("http://{server}/"), PATIENCE).await), TransportKind::Broken);
}

#[rstest]
#[case(MAX_SIZE, None)]
#[case(MAX_SIZE + 1, Some(TransportKind::TooLarge))]
#[tokio::test]
async fn a_body_has_a_largest_size(#[case] size: usize, #[case] want: Option<TransportKind>) {
    let mut answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec();
    answer.resize(answer.len() + size, b'x');
    let server = answering(answer).await;
    let result = get(&direct(), &format!("http://{server}/"), PATIENCE).await;
    match want {
        None => assert_eq!(result.unwrap().body.len(), size),
        Some(want) => assert_eq!(kind(result), want),
    }
}

#[tokio::test]
async fn a_name_that_is_not_found() {
    for url in ["https://XX/", "http://XX.localhost/"].map(|url| url.replace("XX", &unresolvable())) {
        let got = kind(get(&direct(), &url, PATIENCE).await);
        // Where the tests run without any network, that is what is said.
        assert!(matches!(got, TransportKind::Dns | TransportKind::Offline), "{got}");
    }
}

#[tokio::test]
async fn plain_http_stays_inside() {
    assert_eq!(kind(get(&direct(), "http://192.0.2.1/", PATIENCE).await), TransportKind::Tls);
}

#[tokio::test]
async fn a_certificate_nobody_vouches_for() {
    let authority = Authority::new(&["localhost", "127.0.0.1"]);
    let server = authority.listen(web).await;
    let url = format!("https://127.0.0.1:{}/", server.port());
    assert_eq!(kind(get(&direct(), &url, PATIENCE).await), TransportKind::Tls);
    // The same with its authority trusted: so it was the certificate.
    let trusting = Network { tls: Tls::with_extra_roots([authority.root.clone()]), proxies: Proxies::None };
    assert_eq!(get(&trusting, &url, PATIENCE).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_certificate_for_somebody_else() {
    let authority = Authority::new(&["other.example"]);
    let server = authority.listen(web).await;
    let trusting = Network { tls: Tls::with_extra_roots([authority.root.clone()]), proxies: Proxies::None };
    assert_eq!(
        kind(get(&trusting, &format!("https://127.0.0.1:{}/", server.port()), PATIENCE).await),
        TransportKind::Tls
    );
}

#[tokio::test]
async fn https_to_a_plain_server() {
    let server = listen(|mut stream| async move {
        tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        head(&mut stream).await;
    })
    .await;
    assert_eq!(kind(get(&direct(), &format!("https://{server}/"), PATIENCE).await), TransportKind::Tls);
}
