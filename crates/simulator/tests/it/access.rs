//! What ends early, is idle, or must be shown at the door.

use crate::support::*;
use earshot_simulator::{ADA, Channels, Idle, Options, Require, TokenLife};
use std::time::Duration;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

#[tokio::test]
async fn tokens_can_end_before_their_time() {
    let mut client = Client::stranger(Options::default()).await;
    let life = TokenLife {
        lifetime_seconds: Some(3600.0),
        early_seconds: Some(3596.0),
        early_every: Some(2),
        reason: Some("Token expired or invalid".to_owned()),
        ..TokenLife::default()
    };
    client.control.token_life(life).expect("obeyed");
    let first = client.sign_in().await;
    let second = client.sign_in().await;
    assert_eq!((&first["expires_in"], &second["expires_in"]), (&3600.into(), &3600.into()));
    second["access_token"].as_str().expect("a token").clone_into(&mut client.token);
    let mut ear = client.listen(&["presence"]).await;
    assert_eq!(ear.closed().await, (1000, "Token expired or invalid".to_owned()));
    assert_eq!(client.get("/api/v2/users/me").await.status, 401);
    first["access_token"].as_str().expect("a token").clone_into(&mut client.token);
    assert_eq!(client.get("/api/v2/users/me").await.status, 200, "only every second one");
}

#[tokio::test]
async fn a_quiet_socket_is_closed_and_a_stale_channel_refused_with_403() {
    let client = Client::with(Options { socket_idle: Some(Duration::from_millis(2_500)), ..Options::default() }).await;
    let mut ear = client.listen(&["presence"]).await;
    for _ in 0..6 {
        tokio::time::sleep(Duration::from_millis(500)).await;
        ear.round_trip().await;
    }
    assert_eq!(ear.closed().await, (1001, "idle timeout".to_owned()));

    // Its clock begins with its last use.
    client.get("/api/v2/users/me").await;
    let idle = Idle { token_seconds: Some(3.0), socket_seconds: Some(0.0), stale_upgrade_status: Some(403) };
    client.control.idle(idle).expect("obeyed");
    let channel = client.channel().await;
    let uri = channel["connectUri"].as_str().expect("an address");
    let mut ear = Ear::open(uri).await.expect("opens");
    assert_eq!(ear.closed().await, (1001, "idle timeout".to_owned()), "the token was idle");
    assert_eq!(refusal(Ear::open(uri).await.err().expect("refused")).0, 403);
    assert_eq!(client.get("/api/v2/tokens/me").await.status, 401);
    let unknown = format!("{}/channels/never-was", client.base.replace("http", "ws"));
    assert_eq!(refusal(Ear::open(&unknown).await.err().expect("refused")).0, 401);
}

#[tokio::test]
async fn an_upgrade_may_have_to_show_a_live_token() {
    let client = Client::new().await;
    let channel = client.channel().await;
    let uri = channel["connectUri"].as_str().expect("an address");
    let with_query = |token: &str| format!("{uri}?access_token={token}");
    let with_header = |token: &str| {
        let mut request = uri.into_client_request().expect("a request");
        request.headers_mut().insert("authorization", format!("Bearer {token}").parse().expect("a value"));
        request
    };
    client.control.socket_auth(Require::Header);
    assert_eq!(refusal(Ear::open(uri).await.err().expect("refused")).0, 401);
    assert_eq!(refusal(Ear::open(&with_query(&client.token)).await.err().expect("refused")).0, 401);
    assert_eq!(refusal(connect_async(with_header("guess")).await.expect_err("refused")).0, 401);
    connect_async(with_header(&client.token)).await.expect("opens");
    client.control.socket_auth(Require::Query);
    assert_eq!(refusal(connect_async(with_header(&client.token)).await.expect_err("refused")).0, 401);
    Ear::open(&with_query(&client.token)).await.expect("opens");
    client.control.socket_auth(Require::None);
    Ear::open(uri).await.expect("opens");
    let log = format!("{:?}", client.control.requests());
    assert!(!log.contains(&client.token), "the token in the query reached the log");
}

#[tokio::test]
async fn the_end_of_a_channel_can_be_made_not_to_move() {
    let client = Client::new().await;
    let ends = |list: serde_json::Value| list["entities"][0]["expires"].as_str().expect("an end").to_owned();
    client.control.channels(Channels { extend: Some(false), lifetime_seconds: Some(3.0) }).expect("obeyed");
    let channel = client.channel().await;
    let topics = [format!("v2.users.{ADA}.presence")];
    client.subscribe(&channel, &topics).await;
    assert_eq!(channel["expires"], ends(client.get("/api/v2/notifications/channels").await.json()));
    let mut ear = Ear::open(channel["connectUri"].as_str().expect("an address")).await.expect("opens");
    assert_eq!(ear.closed().await.0, 1000, "its life is over");
    assert_eq!(client.subscribe(&channel, &topics).await.status, 404);
}
