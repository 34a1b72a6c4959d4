//! Signing in, or not: exit code 2 and one line where it is impossible from the start, patience where it is not.

use earshot_simulator::{FailTokenEndpoint, SERVICE_SECRETS};

use crate::bench::{Listener, Stage, options};

/// It ends with 2, one line on standard error, and no word of a secret.
async fn impossible(mut listener: Listener, says: &str) {
    assert_eq!(listener.ended().await.code(), Some(2), "{}", listener.told());
    listener.prove();
    let errors = listener.errors();
    assert_eq!(errors.lines().count(), 1, "{errors}");
    assert!(errors.contains(says), "{says}: {errors}");
    assert!(!errors.contains("canary"), "{errors}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_holds_no_secret_is_named() {
    let stage = Stage::new(options()).await;
    for (content, says) in [("", "is empty"), ("canary one\ncanary two", "more than one line")] {
        let command = stage.service();
        stage.file("secret", content);
        impossible(Listener::start(command), says).await;
    }
    let command = stage.service();
    std::fs::remove_file(stage.path("secret")).unwrap();
    impossible(Listener::start(command), &stage.path("secret").to_string_lossy()).await;
    assert!(stage.control.requests().is_empty(), "nobody was bothered");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_impossible_and_a_second_one_is_tried() {
    let stage = Stage::new(options()).await;
    let command = stage.service();
    stage.file("secret", "canary");
    impossible(Listener::start(command), "impossible").await;
    let mut command = stage.service();
    stage.file("secret", "canary");
    command.arg("--client-secret-file").arg(stage.file("second", SERVICE_SECRETS[1]));
    let listener = Listener::start(command);
    listener.connected(1).await;
    listener.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_that_is_no_good_is_impossible() {
    let stage = Stage::new(options()).await;
    let command = stage.agent().await;
    stage.file("refresh", "canary");
    impossible(Listener::start(command), "impossible").await;
    assert_eq!(stage.control.state()["tokens"]["refreshed"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_token_that_is_no_good_is_impossible() {
    let stage = Stage::new(options()).await;
    let mut command = stage.command();
    command.args(["--grant", "access-token", "--access-token-file"]).arg(stage.file("access", "canary"));
    impossible(Listener::start(command), "impossible").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_client_is_impossible() {
    let stage = Stage::new(options()).await;
    let mut command = stage.command();
    command.args(["--grant", "client-credentials", "--client-id", "nobody", "--topic", "v2.users.u.presence"]);
    command.arg("--client-secret-file").arg(stage.file("secret", "canary"));
    impossible(Listener::start(command), "impossible").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_is_not_there_yet_is_waited_for() {
    let stage = Stage::new(options()).await;
    stage.control.offline(Some(2.0));
    let listener = Listener::start(stage.service());
    listener.connected(1).await;
    listener.heard(&stage.offer()).await;
    listener.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_endpoint_that_is_ill_is_waited_for() {
    let stage = Stage::new(options()).await;
    let fault =
        FailTokenEndpoint { error: Some("server_error".into()), count: Some(2), ..FailTokenEndpoint::default() };
    let command = stage.agent().await;
    stage.control.fail_token_endpoint(fault).expect("a fault");
    let listener = Listener::start(command);
    listener.connected(1).await;
    assert_eq!(stage.control.state()["tokens"]["refreshed"], 1);
    listener.finish().await;
}
