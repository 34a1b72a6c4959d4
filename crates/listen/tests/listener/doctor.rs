//! `earshot-listen doctor`: all well with every grant, what is broken named, a rotated token kept, no word of a secret.

use std::process::{Command, Output};

use earshot_simulator::{Options, RefuseUpgrades, RejectTopic, SERVICE_SECRETS};
use serde_json::Value;

use crate::bench::{Listener, Stage, conversations, options, program};

/// The examination instead of the listening that was meant.
fn examine(listening: &Command, more: &[&str]) -> (Option<i32>, String) {
    let mut command = program();
    command.arg("doctor").args(listening.get_args()).args(more);
    let Output { status, stdout, stderr } = command.output().expect("the program starts");
    let text = String::from_utf8(stdout).expect("UTF-8");
    assert!(!text.contains("canary") && !text.contains("-secret"), "{text}");
    assert!(stderr.is_empty(), "{}", String::from_utf8_lossy(&stderr));
    (status.code(), text)
}

/// The lines of what is not well.
fn wrong(text: &str) -> Vec<&str> {
    text.lines()
        .filter(|line| [" FAILED ", " warning "].iter().any(|word| line.get(18..34).unwrap_or("").contains(word)))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn with_every_grant_all_is_well() {
    let stage = Stage::new(options()).await;
    let agent = stage.agent().await;
    let access = stage.grant().await.access_token;
    let mut token = stage.command();
    token.args(["--grant", "access-token", "--access-token-file"]).arg(stage.file("access", access.expose()));
    for (listening, who) in [(stage.agent().await, "Ada Moreno"), (token, "Ada Moreno"), (agent, "Ada Moreno")] {
        let (code, text) = examine(&listening, &[]);
        assert_eq!((code, wrong(&text)), (Some(0), vec![]), "{text}");
        assert!(text.contains(who) && text.contains("answered a ping"), "{text}");
    }
    let (code, text) = examine(&stage.service(), &[]);
    assert_eq!((code, wrong(&text)), (Some(0), vec![]), "{text}");
    assert!(text.contains("no user") && text.contains(&conversations()), "{text}");
    stage.until("no socket is left", |state| state["sockets"]["live"] == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_broken_is_named_and_the_exit_code_says_so() {
    let stage = Stage::new(options()).await;
    let listening = stage.service();
    stage.file("secret", "canary");
    let (code, text) = examine(&listening, &[]);
    assert!(code == Some(1) && wrong(&text).len() == 1 && wrong(&text)[0].starts_with("Sign-in "), "{text}");

    let mut listening = stage.service();
    stage.file("secret", "canary");
    listening.arg("--client-secret-file").arg(stage.file("second", SERVICE_SECRETS[1]));
    let (code, text) = examine(&listening, &[]);
    assert!(code == Some(0) && wrong(&text).len() == 1 && wrong(&text)[0].starts_with("Sign-in "), "{text}");
    assert!(text.contains(stage.path("secret").to_str().unwrap()), "{text}");

    stage.control.skew(400.0, None);
    let topic = RejectTopic { topic: conversations(), ..RejectTopic::default() };
    stage.control.reject_topic(topic).expect("a fault");
    stage.control.refuse_upgrades(RefuseUpgrades { status: Some(403), ..RefuseUpgrades::default() }).expect("a fault");
    let mut listening = stage.service();
    listening.arg("--journal").arg(stage.path("missing").join("journal.db"));
    let (code, text) = examine(&listening, &["--json"]);
    let whole: Value = serde_json::from_str(&text).expect("one JSON object");
    let checks = whole["checks"].as_array().expect("a list");
    let failed: Vec<_> = checks.iter().filter(|row| row["result"] == "failed").map(|row| &row["check"]).collect();
    assert_eq!(failed, ["clock", "subscription", "socket", "journal"], "{text}");
    assert_eq!((code, &whole["exit_code"]), (Some(1), &1.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_refresh_token_is_kept_for_the_listener() {
    let stage = Stage::new(Options { rotate_refresh: true, ..options() }).await;
    let listening = stage.agent().await;
    let before = std::fs::read_to_string(stage.path("refresh")).unwrap();
    let (code, text) = examine(&listening, &[]);
    assert_eq!(code, Some(0), "{text}");
    assert_ne!(std::fs::read_to_string(stage.path("refresh")).unwrap(), before);
    let listener = Listener::start(listening);
    listener.connected(1).await;
    listener.finish().await;
}

#[test]
fn arguments_that_make_no_sense_are_64() {
    let listening = {
        let mut command = program();
        command.args(["--region", "mypurecloud.de"]);
        command
    };
    let mut command = program();
    let output = command.arg("doctor").args(listening.get_args()).output().expect("the program starts");
    assert_eq!(output.status.code(), Some(64));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--grant"));
}
