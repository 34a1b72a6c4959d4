//! A simulator, and the real program beside it: what it prints is read, checked line by line, and waited for.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use earshot_engine::sign_in::{Attempt, Grant};
use earshot_engine::world::World;
use earshot_genesys::hosts::Environment;
use earshot_genesys::transport::HttpRequest;
use earshot_simulator::{
    ADA, CONFIDENTIAL_CLIENT_ID, CONFIDENTIAL_SECRETS, Control, Offer, Options, SERVICE_CLIENT_ID, SERVICE_SECRETS,
    Simulator,
};
use rustix::process::{Pid, Signal, kill_process};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use serde_json::value::RawValue;
use tempfile::TempDir;

use crate::shape;

/// Whatever must come, comes within this: some things happen once a minute, and CI machines are slow.
pub(crate) const PATIENCE: Duration = Duration::from_secs(100);
/// What a simulated customer is called: it may be printed in a body, and nowhere else.
pub(crate) const CUSTOMER: &str = "Canary Customer";

/// The simulator and a folder for files.
pub(crate) struct Stage {
    pub(crate) sim: Simulator,
    pub(crate) control: Control,
    pub(crate) folder: TempDir,
}

/// A printed line.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) value: Arc<Value>,
    /// As it was printed.
    pub(crate) text: Arc<str>,
    pub(crate) read: Instant,
}

impl Line {
    pub(crate) fn is(&self, kind: &str) -> bool {
        self.value["type"] == kind
    }

    /// The body of an event, as it was printed.
    pub(crate) fn body(&self) -> String {
        #[derive(serde::Deserialize)]
        struct Event<'a> {
            #[serde(borrow)]
            body: &'a RawValue,
        }
        let event: Event<'_> = serde_json::from_str(&self.text).expect("an event");
        event.body.get().to_owned()
    }
}

/// The program, running.
pub(crate) struct Listener {
    child: Child,
    lines: Arc<Mutex<Vec<Line>>>,
    errors: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
    pub(crate) started: Instant,
}

pub(crate) fn conversations() -> String {
    format!("v2.users.{ADA}.conversations")
}

pub(crate) fn options() -> Options {
    Options { auto_consent: true, ..Options::default() }
}

impl Stage {
    pub(crate) async fn new(options: Options) -> Self {
        let sim = Simulator::start(options).await.expect("a simulator");
        Self { control: sim.control(), sim, folder: TempDir::new().expect("a folder") }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).expect("a file");
        path
    }

    /// The program with the addresses of this stage.
    pub(crate) fn command(&self) -> Command {
        let mut command = program();
        command.args(["--login-url", &self.sim.base_url(), "--api-url", &self.sim.base_url()]);
        // What a slow reader has not read waits here.
        command.env("TMPDIR", self.folder.path());
        command
    }

    /// A service, which listens to the first agent's conversations, and to what else is added.
    pub(crate) fn service(&self) -> Command {
        let secret = self.file("secret", SERVICE_SECRETS[0]);
        let mut command = self.command();
        command.args(["--grant", "client-credentials", "--client-id", SERVICE_CLIENT_ID]);
        command.arg("--client-secret-file").arg(secret);
        command.args(["--topic", &conversations()]);
        command
    }

    /// The first agent, with a refresh token.
    pub(crate) async fn agent(&self) -> Command {
        let grant = self.grant().await;
        let refresh = grant.refresh_token.expect("a refresh token");
        let secret = self.file("secret", CONFIDENTIAL_SECRETS[0]);
        let token = self.file("refresh", refresh.expose_secret());
        let mut command = self.command();
        command.args(["--grant", "refresh-token", "--client-id", CONFIDENTIAL_CLIENT_ID]);
        command.arg("--client-secret-file").arg(secret);
        command.arg("--refresh-token-file").arg(token);
        command
    }

    /// What a browser and a consenting agent bring.
    pub(crate) async fn grant(&self) -> Grant {
        let base = self.sim.base_url();
        let environment = Environment::custom(&base, &base).expect("loopback is allowed");
        let secret = Some(CONFIDENTIAL_SECRETS[0].into());
        let attempt = Attempt::without_listener(environment, CONFIDENTIAL_CLIENT_ID.to_owned(), secret);
        let request = HttpRequest {
            method: http::Method::GET,
            url: attempt.authorize_url(),
            headers: http::HeaderMap::default(),
            body: None,
            timeout: PATIENCE,
        };
        let http = World::system().expect("a world").http;
        let answer = http.send(request).await.expect("the sign-in page");
        let location = answer.headers.get("location").expect("consent leads back").to_str().expect("text").to_owned();
        attempt.finish_with_redirect(&location, &http).await.expect("a token")
    }

    /// A service that listens, connected.
    pub(crate) async fn connected(&self) -> Listener {
        let listener = Listener::start(self.service());
        listener.connected(1).await;
        self.until("the socket is in the simulator's books", |state| state["sockets"]["live"] == 1).await;
        listener
    }

    /// The first agent, who listens, connected.
    pub(crate) async fn agent_connected(&self) -> Listener {
        let listener = Listener::start(self.agent().await);
        listener.connected(1).await;
        self.until("the socket is in the simulator's books", |state| state["sockets"]["live"] == 1).await;
        listener
    }

    /// Offers a conversation to the first agent.
    pub(crate) fn offer(&self) -> String {
        let offer = Offer { caller: Some(CUSTOMER.into()), wrapup: Some(false), ..Offer::default() };
        self.control.offer(offer).expect("an offer").conversation
    }

    /// Waits until the simulator's side is so.
    pub(crate) async fn until(&self, what: &str, check: impl Fn(&Value) -> bool) {
        let begin = Instant::now();
        while !check(&self.control.state()) {
            assert!(begin.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}\n{:#}", self.control.state());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// How many requests had this method and path, and when.
    pub(crate) fn requests(&self, method: &str, path: &str) -> Vec<i64> {
        let matches = |request: &&earshot_simulator::LoggedRequest| request.method == method && request.path == path;
        let at = |request: &earshot_simulator::LoggedRequest| {
            request.at.parse::<jiff::Timestamp>().expect("a time").as_millisecond()
        };
        self.control.requests().iter().filter(matches).map(at).collect()
    }

    /// Requests with a token that was refused.
    pub(crate) fn unauthorized(&self) -> usize {
        let refused = |request: &&earshot_simulator::LoggedRequest| request.status == 401;
        self.control.requests().iter().filter(refused).filter(|request| request.path != "/oauth/token").count()
    }
}

pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_earshot-listen"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env_remove("EARSHOT_LOG");
    command
}

impl Listener {
    pub(crate) fn start(command: Command) -> Self {
        let (mut listener, stdout) = Self::unread(command);
        listener.read(stdout);
        listener
    }

    /// Nobody reads its standard output yet.
    pub(crate) fn unread(mut command: Command) -> (Self, ChildStdout) {
        let mut child = command.spawn().expect("the program starts");
        let (stdout, mut stderr) = (child.stdout.take().expect("piped"), child.stderr.take().expect("piped"));
        let errors = Arc::<Mutex<String>>::default();
        let of = Arc::clone(&errors);
        let reader = std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count) = stderr.read(&mut buffer) {
                if count == 0 {
                    break;
                }
                of.lock().unwrap().push_str(&String::from_utf8_lossy(&buffer[..count]));
            }
        });
        let lines = Arc::default();
        (Self { child, lines, errors, readers: vec![reader], started: Instant::now() }, stdout)
    }

    pub(crate) fn read(&mut self, stdout: ChildStdout) {
        let of = Arc::clone(&self.lines);
        self.readers.push(std::thread::spawn(move || {
            let mut from = BufReader::new(stdout);
            let mut text = String::new();
            while from.read_line(&mut text).expect("UTF-8") > 0 {
                // A program that is killed may leave half a line.
                if !text.ends_with('\n') {
                    break;
                }
                let value = shape::check(text.trim_end());
                let value = value.unwrap_or_else(|wrong| Value::String(format!("{wrong}: {text}")));
                let line = Line { value: value.into(), text: text.as_str().into(), read: Instant::now() };
                of.lock().unwrap().push(line);
                text.clear();
            }
        }));
    }

    pub(crate) fn lines(&self) -> Vec<Line> {
        self.lines.lock().unwrap().clone()
    }

    pub(crate) fn errors(&self) -> String {
        self.errors.lock().unwrap().clone()
    }

    /// Waits until standard error is so: it is read beside standard output, and may be a moment behind.
    pub(crate) async fn says(&self, what: &str, check: impl Fn(&str) -> bool) -> String {
        self.until(what, |_| Some(self.errors()).filter(|errors| check(errors))).await
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until what has been printed is so.
    pub(crate) async fn until<T>(&self, what: &str, check: impl Fn(&[Line]) -> Option<T>) -> T {
        self.until_within(PATIENCE, what, check).await
    }

    pub(crate) async fn until_within<T>(
        &self,
        patience: Duration,
        what: &str,
        check: impl Fn(&[Line]) -> Option<T>,
    ) -> T {
        let begin = Instant::now();
        loop {
            if let Some(found) = check(&self.lines()) {
                return found;
            }
            assert!(begin.elapsed() < patience, "not within {patience:?}: {what}\n{}", self.told());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// What it said, for whoever reads why a test failed: of events only the last.
    pub(crate) fn told(&self) -> String {
        let lines = self.lines();
        let late = lines.len().saturating_sub(40);
        let shown = lines.iter().enumerate().filter(|(at, line)| *at >= late || !line.is("event"));
        let short =
            |(_, line): (usize, &Line)| format!("{:8.3?} {:.400}\n", line.read - self.started, line.text.trim_end());
        let text: String = shown.map(short).collect();
        format!("{text}--- {} lines; standard error\n{}", lines.len(), self.errors())
    }

    /// Waits for the n-th line that says so.
    pub(crate) async fn link(&self, state: &str, times: usize) -> Line {
        let link = |line: &&Line| line.is("link") && line.value["state"] == state;
        self.until(&format!("{state}, {times} times"), |lines| lines.iter().filter(link).nth(times - 1).cloned()).await
    }

    pub(crate) async fn connected(&self, times: usize) -> Line {
        self.link("connected", times).await
    }

    /// How often it said so.
    pub(crate) fn links(&self, state: &str) -> usize {
        self.lines().iter().filter(|line| line.is("link") && line.value["state"] == state).count()
    }

    pub(crate) fn gaps(&self) -> Vec<Value> {
        self.lines().into_iter().filter(|line| line.is("gap")).map(|line| (*line.value).clone()).collect()
    }

    /// Waits for a gap that is closed, provisionally at least.
    pub(crate) async fn gap(&self, times: usize) -> Value {
        let nth = |lines: &[Line]| {
            let mut begins = Vec::new();
            for line in lines.iter().filter(|line| line.is("gap")) {
                if !begins.contains(&line.value["from"]) {
                    begins.push(line.value["from"].clone());
                }
                if begins.len() == times {
                    return Some((*line.value).clone());
                }
            }
            None
        };
        self.until(&format!("gap {times}"), nth).await
    }

    /// Waits for this gap to be settled. Analytics lag, so it may be looked up for three minutes.
    pub(crate) async fn settled(&self, gap: &Value) -> Value {
        let settled =
            |line: &&Line| line.is("gap") && line.value["from"] == gap["from"] && line.value["settled"] == true;
        self.until_within(PATIENCE * 3, "it is settled", |lines| {
            lines.iter().find(settled).map(|line| (*line.value).clone())
        })
        .await
    }

    /// Waits until it tells of this conversation.
    pub(crate) async fn heard(&self, conversation: &str) -> Line {
        let of = |line: &&Line| line.is("event") && line.value["body"]["id"] == conversation;
        self.until(&format!("conversation {conversation}"), |lines| lines.iter().find(of).cloned()).await
    }

    /// What it told of a conversation: the states of its agent.
    pub(crate) fn states(&self, conversation: &str) -> Vec<String> {
        let of = |line: &Line| line.is("event") && line.value["body"]["id"] == conversation;
        self.lines().iter().filter(|line| of(line)).map(|line| state(&line.value["body"])).collect()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).expect("a process");
        kill_process(pid, signal).expect("a signal");
    }

    /// Waits for its end.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let begin = Instant::now();
        let status = loop {
            match self.child.try_wait().expect("a child") {
                Some(status) => break status,
                None if begin.elapsed() < PATIENCE => tokio::time::sleep(Duration::from_millis(5)).await,
                None => panic!("it does not end\n{}", self.told()),
            }
        };
        for reader in self.readers.drain(..) {
            reader.join().expect("a reader");
        }
        status
    }

    /// Kills it, at once.
    pub(crate) async fn kill(&mut self) {
        self.child.kill().expect("a child");
        self.ended().await;
    }

    /// Ends it with a signal, and holds what it said against what was promised.
    pub(crate) async fn finish(mut self) -> Vec<Line> {
        let begin = Instant::now();
        self.signal(Signal::TERM);
        let status = self.ended().await;
        let took = begin.elapsed();
        assert_eq!(status.code(), Some(0), "{}", self.told());
        assert!(took < Duration::from_secs(5), "it took {took:?}\n{}", self.told());
        self.prove();
        let lines = self.lines();
        let last = &lines.last().expect("lines").value;
        assert_eq!((&last["type"], &last["state"]), (&"link".into(), &"closed".into()), "{}", self.told());
        lines
    }

    /// Every line as promised, nothing told twice, nothing confidential.
    pub(crate) fn prove(&self) {
        let mut last = std::collections::BTreeMap::new();
        for line in self.lines() {
            assert!(line.value.is_object(), "not as promised: {}\n{}", line.value, self.told());
            if line.is("event") {
                let about = (line.value["topic"].to_string(), line.value["body"]["id"].to_string());
                let again = last.insert(about, line.value["body"].clone()) == Some(line.value["body"].clone());
                assert!(!again, "told twice: {:.300}\n{}", line.text, self.told());
            } else {
                assert!(!line.text.contains(CUSTOMER), "a customer outside an event: {}", line.text);
            }
        }
        // A call is logged with its channel left out.
        let errors = self.errors().replace("/channels/{id}", "");
        let secrets = SERVICE_SECRETS.iter().chain(&CONFIDENTIAL_SECRETS).copied();
        for secret in secrets.chain([CUSTOMER, "/channels/"]) {
            assert!(!errors.contains(secret), "confidential: {errors}");
        }
        assert!(!errors.contains("panicked"), "{errors}");
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The state of the agent in a conversation, wherever its topic has it.
pub(crate) fn state(body: &Value) -> String {
    let agents = body["participants"].as_array().into_iter().flatten();
    let Some(agent) = agents.rev().find(|participant| participant["purpose"] == "agent") else { return String::new() };
    let leg = ["calls", "messages", "emails", "callbacks"].iter().find_map(|kind| agent[kind].as_array()?.last());
    agent["state"].as_str().or(leg.and_then(|leg| leg["state"].as_str())).unwrap_or_default().to_owned()
}

/// The one journal, read by the program itself.
pub(crate) fn ask_journal(question: &str, path: &Path) -> (i32, String, String) {
    let output = program().args(["journal", question]).arg(path).output().expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code().expect("a code"), text(output.stdout), text(output.stderr))
}
