//! One thing broken at a time.

use earshot_doctor::{Check, Outcome};
use earshot_genesys::net::Proxies;
use earshot_simulator::{
    Fail, FailTokenEndpoint, FaultBody, Options, Permissions, RefuseUpgrades, RejectTopic, Scopes,
};

use crate::stage::{Stage, options};

const WARNING: Outcome = Outcome::Warning;
const FAILED: Outcome = Outcome::Failed;

/// What is broken, how, and what the row must be and say.
type Breakage = (&'static str, fn(&mut Stage), Check, Outcome, &'static str);

fn fail(stage: &Stage, path: &str, status: u16, body: FaultBody) {
    stage.control.fail(Fail { path: path.into(), status: Some(status), body, ..Fail::default() }).unwrap();
}

fn without_scope(stage: &Stage, scope: &str) {
    stage.control.scopes(Scopes { remove: vec![scope.into()], ..Scopes::default() }).unwrap();
}

fn without_permission(stage: &Stage, permissions: &[&str]) {
    let remove = permissions.iter().map(|name| (*name).to_owned()).collect();
    stage.control.permissions(Permissions { remove, ..Permissions::default() }).unwrap();
}

fn reject(stage: &Stage, topic: &str, permission: &str) {
    let missing_permissions = vec![permission.to_owned()];
    stage
        .control
        .reject_topic(RejectTopic { topic: topic.into(), missing_permissions, ..RejectTopic::default() })
        .unwrap();
}

fn ports(stage: &mut Stage, ports: &[u16]) {
    stage.subject.browser.as_mut().unwrap().ports = ports.to_vec();
}

/// An address at which nobody listens while the stage stands: the port is taken, or another test could get it.
fn dead_port(stage: &mut Stage) -> String {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind(std::net::SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let address = socket.local_addr().unwrap();
    stage.dead.push(socket);
    format!("http://{address}")
}

const BREAKAGES: &[Breakage] = &[
    ("the sign-in's name", |s| s.at(Some("https://login.nowhere.invalid"), None), Check::SignInAddress, FAILED, ""),
    ("the API's name", |s| s.at(None, Some("https://api.nowhere.invalid")), Check::ApiAddress, FAILED, ""),
    (
        "nobody listens",
        |s| {
            let dead = dead_port(s);
            s.at(None, Some(&dead));
        },
        Check::ApiAddress,
        FAILED,
        "accept a connection",
    ),
    (
        "the proxy",
        |s| {
            s.at(Some("https://login.nowhere.invalid"), None);
            s.subject.network.proxies = Proxies::Fixed { url: format!("{}/", dead_port(s)), except: String::new() };
        },
        Check::SignInAddress,
        FAILED,
        "The proxy 127.0.0.1:",
    ),
    ("the sign-in is ill", |s| fail(s, "/oauth/authorize", 503, FaultBody::Html), Check::SignInAddress, FAILED, "503"),
    ("the API is ill", |s| fail(s, "/api/v2/tokens/me", 503, FaultBody::Json), Check::ApiAddress, FAILED, "503"),
    ("a captive portal", |s| fail(s, "/api/", 200, FaultBody::Html), Check::ApiAddress, FAILED, "web page"),
    ("no API there", |s| fail(s, "/api/", 404, FaultBody::Html), Check::ApiAddress, FAILED, "no Genesys Cloud API"),
    ("a slow clock", |s| s.control.skew(45.0, None), Check::Clock, WARNING, "behind"),
    ("a fast clock", |s| s.control.skew(-45.0, Some("/api")), Check::Clock, WARNING, "ahead of that of the API"),
    ("a wrong clock", |s| s.control.skew(400.0, Some("/oauth")), Check::Clock, FAILED, "of the sign-in address"),
    (
        "the OAuth client",
        |s| s.subject.browser.as_mut().unwrap().client_id = "no-such-client".into(),
        Check::OAuthClient,
        FAILED,
        "does not know this OAuth client",
    ),
    (
        "one return address",
        |s| ports(s, &[8085, 9999]),
        Check::ReturnAddresses,
        WARNING,
        "http://localhost:9999/callback",
    ),
    ("all return addresses", |s| ports(s, &[9998, 9999]), Check::ReturnAddresses, FAILED, "localhost:9998/callback"),
    (
        "the token endpoint",
        |s| {
            let error = Some("invalid_grant".into());
            s.control.fail_token_endpoint(FailTokenEndpoint { error, ..FailTokenEndpoint::default() }).unwrap();
        },
        Check::SignIn,
        FAILED,
        "invalid_grant",
    ),
    ("who the user is", |s| fail(s, "/api/v2/users/me", 500, FaultBody::Json), Check::Token, FAILED, "HTTP 500"),
    ("the region", |s| fail(s, "/api/v2/users/me", 401, FaultBody::Json), Check::Token, FAILED, "region"),
    (
        "scope notifications",
        |s| without_scope(s, "notifications"),
        Check::Scopes,
        FAILED,
        "notifications (without it Earshot hears nothing)",
    ),
    (
        "scope conversations",
        |s| without_scope(s, "conversations"),
        Check::Scopes,
        FAILED,
        "conversations (without it nobody can answer",
    ),
    ("scope users", |s| without_scope(s, "users"), Check::Scopes, FAILED, "users"),
    (
        "scope presence",
        |s| without_scope(s, "presence"),
        Check::Scopes,
        WARNING,
        "presence and on-queue cannot be changed",
    ),
    (
        "the right to answer",
        |s| {
            let any = [
                "conversation:participant:wrapup",
                "conversation:call:record",
                "conversation:communication:disconnect",
            ];
            without_permission(s, &any);
        },
        Check::Permissions,
        WARNING,
        "nobody can answer",
    ),
    (
        "the right to go on queue",
        |s| without_permission(s, &["routing:agent:onQueue"]),
        Check::Permissions,
        WARNING,
        "on queue",
    ),
    (
        "the right to decline to voicemail",
        |s| without_permission(s, &["conversation:communication:blindTransfer"]),
        Check::Permissions,
        WARNING,
        "voicemail",
    ),
    (
        "channels",
        |s| fail(s, "/api/v2/notifications/channels", 403, FaultBody::Json),
        Check::Channel,
        FAILED,
        "notifications",
    ),
    (
        "subscriptions",
        |s| fail(s, "/api/v2/notifications/channels/*/subscriptions", 500, FaultBody::Json),
        Check::Subscription,
        FAILED,
        "HTTP 500",
    ),
    (
        "the topic of conversations",
        |s| reject(s, "*.conversations", "conversation:communication:view"),
        Check::Subscription,
        FAILED,
        "v2.users.{me}.conversations (missing permission conversation:communication:view)",
    ),
    ("another topic", |s| reject(s, "*.presence", ""), Check::Subscription, WARNING, "v2.users.{me}.presence"),
    (
        "the socket",
        |s| s.control.refuse_upgrades(RefuseUpgrades { status: Some(403), ..RefuseUpgrades::default() }).unwrap(),
        Check::Socket,
        FAILED,
        "HTTP 403",
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_nothing_broken_all_is_well() {
    let stage = Stage::new(options()).await;
    let result = stage.examine().await;
    assert!(result.rows.iter().all(|row| row.result == Outcome::Ok), "{result}");
    assert_eq!((result.exit_code, result.rows.len()), (0, 13), "{result}");
    let said = result.to_string();
    for words in ["Ada Moreno", "ends in 24 h", "plain http", "answered a ping", "analytics:readonly"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert_eq!(stage.control.state()["tokens"]["live"], 0, "the token that was made for this is revoked");
    stage.until("no socket is left", |state| state["sockets"]["live"] == 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_single_thing_broken_is_the_only_thing_named() {
    let mut complaints = Vec::new();
    for (what, breaks, check, outcome, says) in BREAKAGES {
        let mut stage = Stage::new(options()).await;
        breaks(&mut stage);
        let result = stage.examine().await;
        let row = result.row(*check);
        let named = result.wrong() == [(*check, *outcome)] && row.found.contains(says) && row.cure.is_some();
        let code = u8::from(*outcome == FAILED);
        if !named || result.exit_code != code {
            complaints.push(format!("{what}: exit code {}\n{result}", result.exit_code));
        }
        // What was not looked at says why, and nothing else is missing.
        let silent = result.rows.iter().any(|row| row.result == Outcome::NotChecked && row.found.len() < 10);
        if silent || result.rows.len() != 13 {
            complaints.push(format!("{what}: {} rows\n{result}", result.rows.len()));
        }
        stage.simulator.stop().await;
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_ends_within_a_shift_is_a_warning_unless_it_can_be_renewed() {
    let lifetime = std::time::Duration::from_secs(3600);
    let stage = Stage::new(Options { token_lifetime: lifetime, ..options() }).await;
    let result = stage.examine().await;
    assert_eq!(result.wrong(), [(Check::Token, WARNING)], "{result}");
    assert!(result.row(Check::Token).cure.as_ref().unwrap().contains("64800"), "{result}");
    let stage = Stage::new(Options { token_lifetime: lifetime, refresh_for_pkce: true, ..options() }).await;
    assert_eq!(stage.examine().await.wrong(), []);
}
