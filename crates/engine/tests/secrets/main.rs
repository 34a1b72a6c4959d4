//! No token, secret, channel id or customer data in a log, at the most talkative setting. A program of its own, since the
//! subscriber that listens is that of the whole process.
#![allow(clippy::expect_used, clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
#[path = "../simulator/bench.rs"]
mod bench;

use std::io;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use earshot_engine::world::World;
use earshot_genesys::transport::{HttpRequest, HttpResponse, HttpTransport, TransportError};
use earshot_simulator as sim;
use tracing_subscriber::fmt::MakeWriter;

use crate::bench::{Bench, options};

/// Keeps every log line.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("not poisoned").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Collects what Genesys hands out in confidence.
struct Eavesdropper {
    http: Arc<dyn HttpTransport>,
    secrets: Arc<Mutex<Vec<String>>>,
}

#[async_trait]
impl HttpTransport for Eavesdropper {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let response = self.http.send(request).await?;
        if let Ok(body) = serde_json::from_slice::<serde_json::Value>(&response.body) {
            let channel = body.get("connectUri").and_then(|_| body.get("id"));
            let found = ["access_token", "refresh_token", "connectUri"].iter().filter_map(|key| body.get(key));
            let found = found.chain(channel).filter_map(|value| value.as_str()).map(ToOwned::to_owned);
            self.secrets.lock().expect("not poisoned").extend(found);
        }
        Ok(response)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_confidential_is_logged_at_trace() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(log.clone())
        .with_env_filter("trace,hyper=off,hyper_util=off,reqwest=off,tungstenite=off,tokio_tungstenite=off,rustls=off,h2=off,earshot_simulator=off,axum=off,tower=off,tower_http=off,mio=off")
        .finish();
    tracing::subscriber::set_global_default(subscriber).expect("the only one");

    let secrets = Arc::new(Mutex::new(Vec::new()));
    let mut world = World::system().expect("a world");
    world.http = Arc::new(Eavesdropper { http: Arc::clone(&world.http), secrets: Arc::clone(&secrets) });
    let mut bench = Bench::with_world(options(), world).await;
    bench.sign_in_with_secret().await;
    bench.caught_up().await;
    let conversation = bench.offer(sim::Offer {
        caller: Some("Canary Customer".into()),
        address: Some("tel:+49301234567".into()),
        ..sim::Offer::default()
    });
    let offer = bench.offered(&conversation).await;
    bench.engine.answer(&offer.leg);
    bench.until("in conversation", |s| !s.conversations.is_empty()).await;
    bench
        .control
        .send_raw(sim::SendRaw { text: Some(r#"{"topicName": "Canary Customer"#.into()), ..sim::SendRaw::default() })
        .expect("a frame");
    bench.control.expire_tokens(sim::ExpireTokens::default()).expect("expired");
    bench.reconnected(2).await;
    bench.engine.sign_out().await;

    let log = String::from_utf8_lossy(&log.0.lock().expect("not poisoned")).into_owned();
    assert!(log.contains("GET /users/me"), "the test is blind, it sees only: {log}");
    let mut secrets = secrets.lock().expect("not poisoned").clone();
    assert!(secrets.len() >= 8, "tokens and channels of two connections: {}", secrets.len());
    secrets.extend(["Canary Customer".into(), "49301234567".into(), sim::CONFIDENTIAL_SECRETS[0].into()]);
    for secret in secrets {
        let place = log.lines().find(|line| line.contains(&secret));
        assert!(place.is_none(), "a secret of {} characters is in the log", secret.len());
    }
}
