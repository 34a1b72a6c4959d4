use rstest::rstest;

use super::servers::{Authority, ConnectProxy, answering, dead_port, greeter, listen, web};
use super::*;
use crate::net::USER_AGENT;
use crate::transport::Frame;

/// Names that exist nowhere: only the proxy leads to them.
const API: &str = "api.earshot.test";
const STREAMING: &str = "streaming.earshot.test";

fn through(proxy: &ConnectProxy, authority: &Authority, except: &str) -> Network {
    let url = format!("http://user:p%40ss@{}", proxy.address);
    Network {
        tls: Tls::with_extra_roots([authority.root.clone()]),
        proxies: Proxies::Fixed { url, except: except.into() },
    }
}

/// `user:p@ss`.
const AUTHORIZATION: &str = "proxy-authorization: basic dxnlcjpwqhnz";

#[tokio::test]
async fn http_goes_through_the_proxy() {
    let authority = Authority::new(&[API]);
    let proxy = ConnectProxy::start(authority.listen(web).await, None).await;
    let response = get(&through(&proxy, &authority, ""), &format!("https://{API}/api/v2/users/me"), PATIENCE).await;
    assert_eq!(response.unwrap().status, 200);
    let heads = proxy.heads();
    assert_eq!(heads.len(), 1);
    assert!(heads[0].starts_with(&format!("CONNECT {API}:443 HTTP/1.1\r\n")), "{heads:?}");
    assert!(heads[0].to_ascii_lowercase().contains(AUTHORIZATION), "{heads:?}");
}

#[tokio::test]
async fn sockets_go_through_the_proxy() {
    let authority = Authority::new(&[STREAMING]);
    let proxy = ConnectProxy::start(authority.listen(greeter).await, None).await;
    let uri = format!("wss://{STREAMING}/channels/canary");
    let mut socket =
        dial(&through(&proxy, &authority, ""), &uri, PATIENCE).await.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(socket.receiver.next().await.unwrap().unwrap(), Frame::Text("hello".into()));
    let heads = proxy.heads();
    assert_eq!(heads.len(), 1);
    assert!(heads[0].starts_with(&format!("CONNECT {STREAMING}:443 HTTP/1.1\r\n")), "{heads:?}");
    assert!(heads[0].to_ascii_lowercase().contains(AUTHORIZATION), "{heads:?}");
    assert!(heads[0].contains(USER_AGENT), "{heads:?}");
    assert!(!heads[0].contains("canary"), "{heads:?}");
}

#[rstest]
#[case("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n")]
#[case("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")]
#[tokio::test]
async fn a_proxy_that_says_no(#[case] refusal: &'static str) {
    let authority = Authority::new(&[API]);
    let proxy = ConnectProxy::start(dead_port(), Some(refusal)).await;
    let network = through(&proxy, &authority, "");
    assert_eq!(kind(get(&network, &format!("https://{API}/"), PATIENCE).await), TransportKind::Proxy);
    assert_eq!(dial_kind(dial(&network, &format!("wss://{STREAMING}/canary"), PATIENCE).await), TransportKind::Proxy);
    assert_eq!(proxy.heads().len(), 2);
}

#[rstest]
#[case("")]
#[case("not http at all\r\n\r\n")]
#[tokio::test]
async fn a_proxy_that_is_none(#[case] answer: &'static str) {
    let url = format!("http://{}", answering(answer).await);
    let network = Network { tls: Tls::system(), proxies: Proxies::Fixed { url, except: String::new() } };
    assert_eq!(dial_kind(dial(&network, &format!("wss://{STREAMING}/canary"), PATIENCE).await), TransportKind::Proxy);
}

#[tokio::test]
async fn a_proxy_that_talks_without_end() {
    let proxy = answering([&b"HTTP/1.1 200 OK\r\n"[..], &b"X: y\r\n".repeat(10_000)[..]].concat()).await;
    let proxies = Proxies::Fixed { url: format!("http://{proxy}"), except: String::new() };
    let network = Network { tls: Tls::system(), proxies };
    assert_eq!(dial_kind(dial(&network, &format!("wss://{STREAMING}/canary"), PATIENCE).await), TransportKind::Proxy);
}

#[tokio::test]
async fn a_proxy_that_is_not_there() {
    let proxies = Proxies::Fixed { url: format!("http://{}", dead_port()), except: String::new() };
    let network = Network { tls: Tls::system(), proxies };
    assert_eq!(kind(get(&network, &format!("https://{API}/"), PATIENCE).await), TransportKind::Refused);
    assert_eq!(dial_kind(dial(&network, &format!("wss://{STREAMING}/canary"), PATIENCE).await), TransportKind::Refused);
}

#[tokio::test]
async fn exceptions_are_reached_directly() {
    let authority = Authority::new(&[API]);
    let proxy = ConnectProxy::start(authority.listen(web).await, None).await;
    // A name that only fails when it is looked up here, instead of by the proxy.
    let host = unresolvable();
    let network = through(&proxy, &authority, &format!("{API},.example"));
    let direct = |kind| matches!(kind, TransportKind::Dns | TransportKind::Offline);
    assert!(direct(kind(get(&network, &format!("https://{host}/"), PATIENCE).await)));
    assert!(direct(dial_kind(dial(&network, &format!("wss://{host}/canary"), PATIENCE).await)));
    assert!(proxy.heads().is_empty());
    // Without the exception both ask the proxy.
    let network = through(&proxy, &authority, API);
    assert!(get(&network, &format!("https://{host}/"), PATIENCE).await.is_err());
    assert!(dial(&network, &format!("wss://{host}/canary"), PATIENCE).await.is_err());
    assert_eq!(proxy.heads().len(), 2);
}

#[tokio::test]
async fn this_computer_is_never_reached_through_a_proxy() {
    let proxies = Proxies::Fixed { url: format!("http://{}", dead_port()), except: String::new() };
    let network = Network { tls: Tls::system(), proxies };
    let server = answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    assert_eq!(get(&network, &format!("http://{server}/"), PATIENCE).await.unwrap().status, 200);
    let server = listen(greeter).await;
    assert!(dial(&network, &format!("ws://{server}/"), PATIENCE).await.is_ok());
}

#[test]
fn a_proxy_password_is_not_printed() {
    let proxies = Proxies::Fixed { url: "http://user:canary@proxy".into(), except: String::new() };
    assert!(!format!("{proxies:?}").contains("canary"));
}
