//! The control API over HTTP: who may, and what it answers.

use crate::support::*;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

async fn post(client: &Client, name: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {}", client.sim.control_token().expose_secret());
    client.raw("POST", &format!("/_simulator/{name}"), &[("authorization", &bearer)], &body.to_string()).await
}

#[tokio::test]
async fn only_local_programs_with_the_token_may() {
    let client = Client::new().await;
    let bearer = format!("Bearer {}", client.sim.control_token().expose_secret());
    let ask = |headers: Vec<(&'static str, String)>| {
        let client = &client;
        async move {
            let headers: Vec<_> = headers.iter().map(|(k, v)| (*k, v.as_str())).collect();
            client.raw("GET", "/_simulator/state", &headers, "").await.status
        }
    };
    assert_eq!(ask(vec![("authorization", bearer.clone())]).await, 200);
    assert_eq!(ask(vec![("authorization", bearer.clone()), ("host", "localhost:1234".to_owned())]).await, 200);
    assert_eq!(ask(vec![]).await, 401);
    assert_eq!(ask(vec![("authorization", "Bearer guess".to_owned())]).await, 401);
    assert_eq!(
        ask(vec![("authorization", format!("Bearer {}", client.token))]).await,
        401,
        "an agent's token is not it"
    );
    assert_eq!(ask(vec![("authorization", bearer.clone()), ("host", "evil.example".to_owned())]).await, 403);
    assert_eq!(ask(vec![("authorization", bearer.clone()), ("host", "127.0.0.1.evil.example".to_owned())]).await, 403);
    assert_eq!(ask(vec![("authorization", bearer), ("origin", "http://127.0.0.1:1".to_owned())]).await, 403);
}

#[tokio::test]
async fn commands_are_obeyed_or_explained() {
    let client = Client::new().await;
    let mut ear = client.listen(&["conversations"]).await;
    let offered = post(&client, "offer", &json!({"medium": "email", "caller": "Yusuf", "queue": "sales"})).await.json();
    assert!(offered["communication"].is_string());
    ear.event(".conversations").await;
    let hung = post(&client, "hang-up", &json!({"conversation": offered["conversation"]})).await;
    assert_eq!((hung.status, hung.json()), (200, json!({})));
    assert_eq!(post(&client, "close-sockets", &json!({"code": 1001})).await.json(), json!({"count": 1}));
    let other = json!({"target": {"agent": "Jonas Weber"}});
    assert_eq!(post(&client, "drop-sockets", &other).await.json(), json!({"count": 0}));

    for (name, body, status, word) in [
        ("hang-up", json!({"conversation": "nope"}), 404, "nope"),
        ("offer", json!({"queue": "Nowhere"}), 400, "Billing"),
        ("offer", json!({"colour": "red"}), 400, "colour"),
        ("offer", json!({"agent": "Nobody"}), 400, "Ada Moreno"),
        ("set-presence", json!({"presence": "Dancing"}), 400, "On Queue"),
        ("fail", json!({}), 400, "path"),
        ("dance", json!({}), 404, "dance"),
        ("offer", json!([]), 400, "object"),
    ] {
        let answer = post(&client, name, &body).await;
        assert_eq!(answer.status, status, "{name} {body}");
        assert!(answer.json()["error"].as_str().expect("a sentence").contains(word), "{}", answer.body);
    }
}

/// Every command name of the README is known, with an empty body at worst refused for what is missing.
#[tokio::test]
async fn the_readme_lists_what_there_is() {
    let client = Client::new().await;
    let readme = include_str!("../../README.md");
    let api = readme.split("## The control API").nth(1).expect("the chapter").split("### `GET").next().expect("it");
    let names: Vec<_> =
        (api.lines()).filter_map(|l| l.strip_prefix("| `")?.split_once('`')).map(|(name, _)| name).collect();
    assert!(names.len() >= 30, "{names:?}");
    for name in names {
        let answer = post(&client, name, &json!({})).await;
        assert!(!answer.body.contains("unknown variant"), "{name} is in the README but not in the simulator");
        client.control.online();
    }
}

#[tokio::test]
async fn the_state_tells_what_happened_without_secrets() {
    let client = Client::new().await;
    let channel = client.channel().await;
    client.get("/api/v2/users/me?expand=presence").await;
    client.get("/api/v2/users/me").await;
    client.control.offer(earshot_simulator::Offer::default()).expect("offered");
    let state = client.control.state();
    let me = (state["counts"].as_array().expect("counts").iter()).find(|c| c["path"] == "/api/v2/users/me").cloned();
    assert_eq!(me.expect("counted"), json!({"method": "GET", "path": "/api/v2/users/me", "status": 200, "count": 2}));
    assert_eq!(state["tokens"]["issued"], 1);
    assert_eq!(state["channels"]["live"], 1);
    assert_eq!(state["agents"][0]["routing_status"], "IDLE");
    assert_eq!(state["conversations"][0]["participants"][2]["state"], "alerting");
    let requests = client.control.requests();
    let order: Vec<_> = requests.iter().map(|r| (r.method.as_str(), r.path.as_str())).collect();
    assert_eq!(order[0], ("GET", "/oauth/authorize"));
    assert_eq!(order[1], ("POST", "/oauth/token"));
    assert_eq!(requests[3].query.as_deref(), Some("expand=presence"));
    assert_eq!(requests[3].agent.as_deref(), Some("Ada Moreno"));
    let all = format!("{state} {requests:?} {:?} {:?}", client.control, client.sim);
    let control = client.sim.control_token().expose_secret();
    for secret in [&client.token, channel["id"].as_str().expect("an id"), VERIFIER, control] {
        assert!(!all.contains(secret), "a secret is shown");
    }
    client.control.reset(true);
    assert_eq!(client.control.state()["conversations"], json!([]));
    assert!(client.control.requests().is_empty());
}
