use futures_util::{SinkExt, StreamExt};
use rstest::rstest;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};

use super::servers::{Authority, answering, dead_port, greeter, listen, silent};
use super::*;
use crate::net::MAX_SIZE;
use crate::transport::Frame;

#[tokio::test]
async fn frames_go_both_ways_and_pings_are_answered() {
    let server = listen(|stream| async move {
        let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
        socket.send(Message::text("one")).await.unwrap();
        socket.send(Message::Binary(vec![1, 2].into())).await.unwrap();
        socket.send(Message::Ping(vec![7].into())).await.unwrap();
        // The server goes on only once the client has answered its ping.
        let two = [socket.next().await.unwrap().unwrap(), socket.next().await.unwrap().unwrap()];
        assert!(two.contains(&Message::Pong(vec![7].into())), "{two:?}");
        assert!(two.contains(&Message::Ping(vec![].into())), "{two:?}");
        assert_eq!(socket.next().await.unwrap().unwrap(), Message::text("two"));
        let close = CloseFrame { code: 1012.into(), reason: "restart".into() };
        socket.send(Message::Close(Some(close))).await.unwrap();
        while let Some(Ok(_)) = socket.next().await {}
    })
    .await;
    // By name: the server listens on IPv4 alone, whatever `localhost` means first.
    let uri = format!("ws://localhost:{}/channels/canary?x=1", server.port());
    let mut socket = dial(&direct(), &uri, PATIENCE).await.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(socket.receiver.next().await.unwrap().unwrap(), Frame::Text("one".into()));
    assert_eq!(socket.receiver.next().await.unwrap().unwrap(), Frame::Binary(vec![1, 2].into()));
    assert_eq!(socket.receiver.next().await.unwrap().unwrap(), Frame::Ping);
    socket.sender.send(Frame::Ping).await.unwrap();
    assert_eq!(socket.receiver.next().await.unwrap().unwrap(), Frame::Pong);
    socket.sender.send(Frame::Text("two".into())).await.unwrap();
    let close = socket.receiver.next().await.unwrap().unwrap();
    assert_eq!(close, Frame::Close { code: Some(1012), reason: "restart".into() });
    assert!(socket.receiver.next().await.is_none());
}

#[tokio::test]
async fn a_lone_end_of_the_connection_is_broken() {
    let server = listen(|stream| async move {
        let socket = tokio_tungstenite::accept_async(stream).await.unwrap();
        drop(socket);
    })
    .await;
    let mut socket =
        dial(&direct(), &format!("ws://{server}/"), PATIENCE).await.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(kind(socket.receiver.next().await.unwrap()), TransportKind::Broken);
}

#[tokio::test]
async fn we_can_close_too() {
    let (told, heard) = tokio::sync::oneshot::channel();
    let told = std::sync::Arc::new(std::sync::Mutex::new(Some(told)));
    let server = listen(move |stream| {
        let told = told.clone();
        async move {
            let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
            let message = socket.next().await.unwrap().unwrap();
            told.lock().unwrap().take().unwrap().send(message).unwrap();
        }
    })
    .await;
    let mut socket =
        dial(&direct(), &format!("ws://{server}/"), PATIENCE).await.unwrap_or_else(|error| panic!("{error}"));
    socket.sender.send(Frame::Close { code: Some(1000), reason: "bye".into() }).await.unwrap();
    let close = CloseFrame { code: 1000.into(), reason: "bye".into() };
    assert_eq!(heard.await.unwrap(), Message::Close(Some(close)));
}

#[rstest]
#[case(MAX_SIZE - 1024 * 1024, None)]
#[case(MAX_SIZE + 1024 * 1024, Some(TransportKind::TooLarge))]
#[tokio::test]
async fn a_frame_has_a_largest_size(#[case] size: usize, #[case] want: Option<TransportKind>) {
    let server = listen(move |stream| async move {
        let config = WebSocketConfig::default().max_frame_size(None).max_message_size(None);
        let mut socket = tokio_tungstenite::accept_async_with_config(stream, Some(config)).await.unwrap();
        // The client hangs up on the larger one, so this may fail.
        let _ = socket.send(Message::text("x".repeat(size))).await;
        while let Some(Ok(_)) = socket.next().await {}
    })
    .await;
    let mut socket =
        dial(&direct(), &format!("ws://{server}/"), PATIENCE).await.unwrap_or_else(|error| panic!("{error}"));
    let frame = socket.receiver.next().await.unwrap();
    match want {
        None => assert_eq!(frame.unwrap(), Frame::Text("x".repeat(size))),
        Some(want) => assert_eq!(kind(frame), want),
    }
}

#[rstest]
#[case("HTTP/1.1 403 Forbidden\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n", 403, Some(7))]
#[case("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", 401, None)]
#[case("HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n", 302, None)]
#[case("HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\n\r\n<html>", 502, None)]
#[tokio::test]
async fn a_refused_upgrade_keeps_status_and_retry_after(
    #[case] answer: &'static str,
    #[case] want: u16,
    #[case] seconds: Option<u64>,
) {
    let server = answering(answer).await;
    match dial(&direct(), &format!("ws://{server}/"), PATIENCE).await {
        Err(DialError::Refused { status, retry_after }) => {
            assert_eq!((status, retry_after), (want, seconds.map(Duration::from_secs)));
        }
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it opened"),
    }
}

#[tokio::test]
async fn what_stands_in_the_way_is_told_apart() {
    let network = direct();
    let dead = dead_port();
    assert_eq!(dial_kind(dial(&network, &format!("ws://{dead}/canary"), PATIENCE).await), TransportKind::Refused);
    let silent = silent().await;
    let soon = Duration::from_millis(150);
    assert_eq!(dial_kind(dial(&network, &format!("ws://{silent}/canary"), soon).await), TransportKind::Timeout);
    let ssh = answering("SSH-2.0-OpenSSH\r\n\r\n").await;
    assert_eq!(dial_kind(dial(&network, &format!("ws://{ssh}/canary"), PATIENCE).await), TransportKind::Broken);
    let nowhere = dial_kind(dial(&network, &format!("wss://{}/canary", unresolvable()), PATIENCE).await);
    assert!(matches!(nowhere, TransportKind::Dns | TransportKind::Offline), "{nowhere}");
    assert_eq!(dial_kind(dial(&network, "ws://192.0.2.1/canary", PATIENCE).await), TransportKind::Tls);
    for bad in ["", "canary", "https://127.0.0.1/canary", "wss://", "ws://[::1/canary"] {
        assert_eq!(dial_kind(dial(&network, bad, PATIENCE).await), TransportKind::Broken, "{bad}");
    }
}

#[tokio::test]
async fn sockets_check_certificates() {
    let authority = Authority::new(&["127.0.0.1"]);
    let server = authority.listen(greeter).await;
    let uri = format!("wss://{server}/canary");
    assert_eq!(dial_kind(dial(&direct(), &uri, PATIENCE).await), TransportKind::Tls);
    let trusting = Network { tls: Tls::with_extra_roots([authority.root.clone()]), proxies: Proxies::None };
    let mut socket = dial(&trusting, &uri, PATIENCE).await.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(socket.receiver.next().await.unwrap().unwrap(), Frame::Text("hello".into()));
}

#[rstest]
#[case(Some("canary"), Some("Bearer canary"))]
#[case(None, None)]
#[tokio::test]
async fn the_token_goes_with_the_upgrade_where_it_is_wanted(
    #[case] bearer: Option<&'static str>,
    #[case] want: Option<&'static str>,
) {
    let (told, heard) = tokio::sync::oneshot::channel();
    let told = std::sync::Arc::new(std::sync::Mutex::new(Some(told)));
    let server = listen(move |mut stream| {
        let told = told.clone();
        async move {
            let request = super::servers::head(&mut stream).await;
            told.lock().unwrap().take().unwrap().send(request).unwrap();
        }
    })
    .await;
    let uri = SecretString::from(format!("ws://{server}/channels/x"));
    let request = SocketRequest { uri, bearer: bearer.map(SecretString::from), timeout: PATIENCE };
    assert!(!format!("{request:?}").contains("canary"));
    assert!(SocketDialer::new(&direct()).dial(request).await.is_err());
    let head = heard.await.unwrap();
    let header = head.lines().find_map(|line| line.strip_prefix("authorization: "));
    assert_eq!(header, want, "{head}");
}

#[tokio::test]
async fn a_token_no_header_can_carry_is_not_quoted() {
    let server = silent().await;
    let uri = SecretString::from(format!("ws://{server}/channels/x"));
    let request = SocketRequest { uri, bearer: Some("canary\n".into()), timeout: PATIENCE };
    assert_eq!(dial_kind(SocketDialer::new(&direct()).dial(request).await), TransportKind::Broken);
}
