//! Other listeners, virtual time and repeatable runs.

use crate::support::*;
use earshot_simulator::{ADA, Offer, Options, Simulator, Stream};
use std::net::SocketAddr;
use std::time::{Duration, UNIX_EPOCH};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// A network of one machine in memory.
struct Memory(Receiver<DuplexStream>);

impl axum::serve::Listener for Memory {
    type Io = DuplexStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (DuplexStream, SocketAddr) {
        match self.0.recv().await {
            Some(stream) => (stream, SocketAddr::from(([192, 0, 2, 1], 9))),
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        Ok(SocketAddr::from(([192, 0, 2, 7], 80)))
    }
}

async fn ask(network: &Sender<DuplexStream>, request: &str) -> String {
    let (mut ours, theirs) = duplex(64 * 1024);
    network.send(theirs).await.expect("it listens");
    ours.write_all(request.as_bytes()).await.expect("written");
    let mut answer = String::new();
    ours.read_to_string(&mut answer).await.expect("read");
    answer
}

#[tokio::test(start_paused = true)]
async fn it_runs_on_any_listener_in_virtual_time() {
    let (network, accepts) = channel(4);
    let starts_at = Some(UNIX_EPOCH + Duration::from_secs(1_700_000_000));
    let sim = Simulator::start_on(Memory(accepts), Options { starts_at, ..Options::default() }).expect("it starts");
    assert_eq!(sim.base_url(), "http://192.0.2.7:80");
    let get = "GET /api/v2/date HTTP/1.1\r\nhost: genesys\r\nconnection: close\r\n\r\n";
    assert!(ask(&network, get).await.contains("2023-11-14T22:13:20"), "it starts when told to");
    sim.control().offer(Offer::default()).expect("offered");
    tokio::time::sleep(Duration::from_secs(86_400)).await;
    assert!(ask(&network, get).await.contains("2023-11-15T22:13:20"), "a day of virtual time");
    assert!(sim.control().state()["conversations"].as_array().is_some_and(|c| c[0]["waiting"] == true));
    sim.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_stream_keeps_its_pace_in_virtual_time() {
    let (_network, accepts) = channel(4);
    let sim = Simulator::start_on(Memory(accepts), Options::default()).expect("it starts");
    let plan = Stream { agent: Some(ADA.to_owned()), every_ms: Some(50), count: Some(100_000), ..Stream::default() };
    let stream = sim.control().stream(plan).expect("begun");
    tokio::time::sleep(Duration::from_millis(60 * 60 * 1000 + 10)).await;
    assert_eq!(sim.control().stream_sent(stream), (72_001, false));
}

#[tokio::test]
async fn the_same_seed_gives_the_same_ids_and_tokens() {
    let mut seen = Vec::new();
    for _ in 0..2 {
        let client = Client::with(Options { seed: Some(7), ..Options::default() }).await;
        let offered = client.control.offer(Offer::default()).expect("offered");
        let id = client.channel().await["id"].as_str().expect("an id").to_owned();
        seen.push((client.token.clone(), id, offered.conversation));
    }
    assert_eq!(seen[0], seen[1]);
    assert_ne!(seen[0].0, Client::new().await.token);
}
