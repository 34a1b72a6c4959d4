//! The contact centre of the soak: the simulator as a program of its own, so that what grows in it is not taken for the
//! engine's.

use std::env;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command as Program, Stdio};
use std::sync::Arc;
use std::time::Duration;

use earshot_engine::sign_in::{Attempt, Grant};
use earshot_engine::world::World;
use earshot_genesys::hosts::Environment;
use earshot_genesys::transport::{HttpRequest, HttpTransport};
use earshot_simulator::{CONFIDENTIAL_CLIENT_ID, CONFIDENTIAL_SECRETS, Command};
use http::{HeaderMap, HeaderValue, Method, header};
use serde_json::Value;
use url::Url;

/// Tokens that end every two minutes are renewed six times in ten.
const TOKEN_LIFE: &str = "120";
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Centre {
    program: Child,
    base: String,
    authorization: HeaderValue,
    http: Arc<dyn HttpTransport>,
}

impl Centre {
    /// Starts it, on any free port.
    pub(crate) fn start(seed: u64) -> Self {
        let path = env::var("EARSHOT_SIMULATOR").expect("EARSHOT_SIMULATOR names the program; `make soak` sets it");
        let seed = seed.to_string();
        let options = [
            &["--port", "0", "--print-ready", "--auto-consent", "--rotate-refresh", "--rate-limit", "0"][..],
            &["--token-lifetime", TOKEN_LIFE, "--seed", &seed],
        ];
        let mut program =
            Program::new(path).args(options.concat()).stdout(Stdio::piped()).spawn().expect("the simulator starts");
        let mut line = String::new();
        BufReader::new(program.stdout.take().expect("piped")).read_line(&mut line).expect("it says that it is ready");
        let ready: Value = serde_json::from_str(&line).expect("a JSON object");
        let word = |name: &str| ready[name].as_str().expect("in the object").to_owned();
        let token = std::fs::read_to_string(word("control_token_file")).expect("a control token");
        let token = token.lines().next().unwrap_or_default();
        let authorization = HeaderValue::from_str(&format!("Bearer {token}")).expect("plain text");
        let http = World::system().expect("a world").http;
        Self { program, base: word("base_url"), authorization, http }
    }

    pub(crate) fn environment(&self) -> Environment {
        Environment::custom(&self.base, &self.base).expect("loopback is allowed")
    }

    /// Has something happen there. `None` where there is nothing it could happen to, such as a call that is over.
    pub(crate) async fn run(&self, command: &Command) -> Option<Value> {
        let command = serde_json::to_value(command).expect("commands are JSON");
        let (name, body) = command.as_object().and_then(|object| object.iter().next()).expect("one name, one body");
        let (status, answer) = self.ask(Method::POST, name, Some(body)).await;
        assert!(status == 200 || status == 404, "{name} {body}: {status} {answer}");
        (status == 200).then_some(answer)
    }

    /// All that it knows.
    pub(crate) async fn state(&self) -> Value {
        self.ask(Method::GET, "state", None).await.1
    }

    async fn ask(&self, method: Method, name: &str, body: Option<&Value>) -> (u16, Value) {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, self.authorization.clone());
        let url = Url::parse(&format!("{}/_simulator/{name}", self.base)).expect("an address");
        let body = body.map(|body| body.to_string().into());
        let request = HttpRequest { method, url, headers, body, timeout: PATIENCE };
        let answer = self.http.send(request).await.expect("the control API always answers");
        (answer.status, serde_json::from_slice(&answer.body).unwrap_or_default())
    }

    /// What a browser and a consenting agent bring, for a client that renews.
    pub(crate) async fn grant(&self) -> Grant {
        let secret = Some(CONFIDENTIAL_SECRETS[0].into());
        let attempt = Attempt::without_listener(self.environment(), CONFIDENTIAL_CLIENT_ID.to_owned(), secret);
        let (url, headers) = (attempt.authorize_url(), HeaderMap::default());
        let request = HttpRequest { method: Method::GET, url, headers, body: None, timeout: PATIENCE };
        let answer = self.http.send(request).await.expect("the sign-in page");
        let location = answer.headers.get(header::LOCATION).expect("consent leads back");
        let location = location.to_str().expect("text").to_owned();
        attempt.finish_with_redirect(&location, &self.http).await.expect("a token")
    }

    /// The memory of its process.
    pub(crate) fn pid(&self) -> u32 {
        self.program.id()
    }
}

impl Drop for Centre {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}
