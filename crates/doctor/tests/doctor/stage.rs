//! A simulator, a subject to examine there, and a person who consents at once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use earshot_doctor::{
    Browser, Check, Entered, Examination, Needs, NotIn, Outcome, Row, Subject, Wanted, Watch, examine,
};
use earshot_engine::sign_in::Attempt;
use earshot_genesys::hosts::Environment;
use earshot_genesys::net::{Network, Proxies, Tls};
use earshot_genesys::socket_auth::SocketAuth;
use earshot_genesys::transport::{HttpRequest, HttpTransport};
use earshot_simulator::{Control, Options, PUBLIC_CLIENT_ID, Simulator};
use http::{HeaderMap, Method};
use serde_json::Value;

/// How long the simulator may take to notice what was done to it.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Stage {
    pub(crate) simulator: Simulator,
    pub(crate) control: Control,
    pub(crate) subject: Subject,
    /// Ports that are taken, and at which nobody listens.
    pub(crate) dead: Vec<tokio::net::TcpSocket>,
}

pub(crate) fn options() -> Options {
    Options { auto_consent: true, ..Options::default() }
}

impl Stage {
    pub(crate) async fn new(options: Options) -> Self {
        let simulator = Simulator::start(options).await.expect("a simulator");
        let base = simulator.base_url();
        let wanted = |name: &str, essential| Wanted { topic: format!("v2.users.{{me}}.{name}"), essential };
        let subject = Subject {
            environment: Environment::custom(&base, &base).expect("addresses"),
            network: Network { tls: Tls::system(), proxies: Proxies::None },
            browser: Some(Browser { client_id: PUBLIC_CLIENT_ID.to_owned(), ports: vec![8085, 8086, 8087] }),
            topics: vec![
                wanted("conversations", true),
                wanted("presence", false),
                wanted("routingStatus", false),
                wanted("conversationsummary", false),
            ],
            socket_auth: SocketAuth::None,
            needs: Needs::Desk,
        };
        Self { control: simulator.control(), simulator, subject, dead: Vec::new() }
    }

    /// Another address of the sign-in, or of the API.
    pub(crate) fn at(&mut self, login: Option<&str>, api: Option<&str>) {
        let base = self.simulator.base_url();
        self.subject.environment =
            Environment::custom(login.unwrap_or(&base), api.unwrap_or(&base)).expect("addresses");
    }

    /// A sign-in of its own.
    pub(crate) async fn enter(&self, http: &Arc<dyn HttpTransport>) -> std::result::Result<Entered, NotIn> {
        let client = self.subject.browser.as_ref().expect("a browser").client_id.clone();
        consent(self.subject.environment.clone(), client, http).await
    }

    pub(crate) async fn examine(&self) -> Result {
        self.examine_within(&mut Watch::start()).await
    }

    /// Waits until the simulator's side is so: it hears the end of a socket a moment after we closed it.
    pub(crate) async fn until(&self, what: &str, check: impl Fn(&Value) -> bool) {
        let begin = Instant::now();
        while !check(&self.control.state()) {
            assert!(begin.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}\n{:#}", self.control.state());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub(crate) async fn examine_within(&self, watch: &mut Watch) -> Result {
        let mut examination = Examination::default();
        let enter = |http: Arc<dyn HttpTransport>| async move { self.enter(&http).await };
        examine(&self.subject, &mut examination, watch, enter).await;
        let result = Result { rows: examination.rows().to_vec(), exit_code: examination.exit_code() };
        let text: String = result.rows.iter().map(Row::lines).collect();
        assert!(!text.contains("/channels/") && !text.contains("/oauth/"), "an address is told: {text}");
        result
    }
}

pub(crate) struct Result {
    pub(crate) rows: Vec<Row>,
    pub(crate) exit_code: u8,
}

impl Result {
    pub(crate) fn row(&self, check: Check) -> &Row {
        self.rows.iter().find(|row| row.check == check).unwrap_or_else(|| panic!("no row {check:?}: {self}"))
    }

    /// What is wrong, by name.
    pub(crate) fn wrong(&self) -> Vec<(Check, Outcome)> {
        let wrong = |row: &&Row| matches!(row.result, Outcome::Warning | Outcome::Failed);
        self.rows.iter().filter(wrong).map(|row| (row.check, row.result)).collect()
    }
}

impl std::fmt::Display for Result {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.rows.iter().try_for_each(|row| writeln!(f, "{}: {}: {}", row.check.title(), row.result.word(), row.found))
    }
}

/// Signs in to a simulator that consents by itself.
async fn consent(
    environment: Environment,
    client: String,
    http: &Arc<dyn HttpTransport>,
) -> std::result::Result<Entered, NotIn> {
    let attempt = Attempt::without_listener(environment, client, None);
    let request = HttpRequest {
        method: Method::GET,
        url: attempt.authorize_url(),
        headers: HeaderMap::new(),
        body: None,
        timeout: Duration::from_secs(10),
    };
    let failed = |why: String| NotIn::Failed(why, "Mend it.".to_owned());
    let answer = http.send(request).await.map_err(|error| failed(error.to_string()))?;
    let location = answer.headers.get("location").and_then(|location| location.to_str().ok());
    let location = location.ok_or_else(|| failed("no consent".to_owned()))?;
    let grant = attempt.finish_with_redirect(location, http).await.map_err(|error| failed(error.to_string()))?;
    Ok(Entered {
        token: grant.access_token,
        expires_in: Some(grant.expires_in),
        renewable: grant.refresh_token.is_some(),
        revoke: true,
        how: "with the browser".to_owned(),
        warning: None,
    })
}
