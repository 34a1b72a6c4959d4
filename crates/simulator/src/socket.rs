//! The notification socket: upgrade, heartbeats, pings, the in-band subscribe, and its misbehaviours.

use crate::access::Require;
use crate::channels::{ToSocket, metadata};
use crate::clock::ms;
use crate::connection::WireHandle;
use crate::rest::auth::bearer;
use crate::rest::errors::{ApiError, fault_response};
use crate::state::{Shared, State as Sim};
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{ConnectInfo, Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

/// After our close frame we wait so long for the other side's.
const CLOSE_GRACE: Duration = Duration::from_secs(1);

/// `GET /channels/{id}`: no token, the id is the capability, unless `socket-auth` was told to want one.
pub(crate) async fn upgrade(
    State(shared): State<Shared>,
    Path(channel): Path<String>,
    ConnectInfo(WireHandle(wire)): ConnectInfo<WireHandle>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let shown = Shown { header: bearer(&headers), query: query.get("access_token").map(String::as_str) };
    let (tx, rx) = unbounded_channel();
    // In the books before the answer is sent: whoever has it hears everything from then on.
    let attached = shared.with(|state| {
        if let Some(refusal) = refusal(state, &channel, &shown) {
            state.hub.refused += 1;
            return Err(Box::new(refusal));
        }
        let now = state.now();
        let id = state.hub.attach(now, &channel, tx, wire);
        id.ok_or_else(|| Box::new(ApiError::bad_credentials().into_response()))
    });
    let attached = match attached {
        Ok(id) => Attached { shared, id },
        Err(refusal) => return *refusal,
    };
    upgrade.on_upgrade(move |socket| async move { run(socket, rx, &attached.shared, &channel, attached.id).await })
}

/// A socket in the books, until its end; one that never came about, too.
struct Attached {
    shared: Shared,
    id: u64,
}

impl Drop for Attached {
    fn drop(&mut self) {
        self.shared.with(|state| state.hub.detach(self.id));
    }
}

/// Tokens that an upgrade carries.
struct Shown<'a> {
    header: Option<&'a str>,
    query: Option<&'a str>,
}

/// Why this upgrade is refused, if it is.
fn refusal(state: &mut Sim, channel: &str, shown: &Shown) -> Option<Response> {
    let now = state.now();
    if let Some(failure) = state.faults.upgrade(now) {
        return Some(fault_response(&failure));
    }
    let word = match state.access.require {
        Require::None => None,
        Require::Header => Some(shown.header),
        Require::Query => Some(shown.query),
    };
    let token = word.map(|word| word.and_then(|word| state.oauth.peek(now, word)));
    if matches!(token, Some(None)) {
        return Some(ApiError::bad_credentials().into_response());
    }
    let Some(known) = state.hub.channel(channel) else {
        let forbidden = state.hub.is_stale(channel) && state.access.stale_upgrade == 403;
        let error = if forbidden { ApiError::stale() } else { ApiError::bad_credentials() };
        return Some(error.into_response());
    };
    let foreign = token.flatten().is_some_and(|t| t.client.id != known.client || t.user != known.user);
    foreign.then(|| ApiError::not_found("channel").into_response())
}

async fn run(mut socket: WebSocket, mut rx: UnboundedReceiver<ToSocket>, shared: &Shared, channel: &str, id: u64) {
    let period = shared.heartbeat();
    let mut heartbeat = interval_at(Instant::now() + period, period);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let sent = tokio::select! {
            biased;
            order = rx.recv() => match order {
                Some(ToSocket::Text(text)) => socket.send(Message::Text(text.into())).await,
                Some(ToSocket::Binary(bytes)) => socket.send(Message::Binary(bytes.into())).await,
                Some(ToSocket::Close { code, reason }) => return close(socket, code, reason).await,
                Some(ToSocket::HalfOpen) => return half_open(socket, rx).await,
                Some(ToSocket::Drop) | None => return,
            },
            frame = socket.next() => match frame.inspect(|_| heard(shared, id)) {
                Some(Ok(Message::Text(text))) => match answer(&text, shared, channel) {
                    Some(answer) => socket.send(Message::Text(answer.into())).await,
                    None => Ok(()),
                },
                // The library answers pings by itself; anything else is tolerated in silence, as at Genesys.
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => Ok(()),
            },
            _ = heartbeat.tick() => socket.send(Message::Text(metadata("WebSocket Heartbeat").into())).await,
        };
        if sent.is_err() {
            return;
        }
    }
}

/// The client has sent something.
fn heard(shared: &Shared, id: u64) {
    shared.with(|state| {
        let now = state.now();
        state.hub.heard_from(now, id);
    });
}

/// Sends a close frame, waits a little for the answer, and lets go.
async fn close(mut socket: WebSocket, code: u16, reason: String) {
    // 1005 means "without a code"; it cannot be written.
    let frame = (code != 1005).then(|| CloseFrame { code, reason: reason.into() });
    if socket.send(Message::Close(frame)).await.is_ok() {
        // Whether the peer answers or not, we are done.
        let _ = timeout(CLOSE_GRACE, async { while let Some(Ok(_)) = socket.next().await {} }).await;
    }
}

/// Holds the connection without reading or writing, until it is dropped.
async fn half_open(socket: WebSocket, mut rx: UnboundedReceiver<ToSocket>) {
    while let Some(order) = rx.recv().await {
        if matches!(order, ToSocket::Drop) {
            break;
        }
    }
    drop(socket);
}

/// What the server says to a text, if anything.
fn answer(text: &str, shared: &Shared, channel: &str) -> Option<String> {
    let message: Value = serde_json::from_str(text).ok()?;
    match message.get("message")?.as_str()? {
        "ping" => Some(metadata("pong")),
        "subscribe" => Some(subscribe(&message, shared, channel).to_string()),
        _ => None,
    }
}

fn subscribe(message: &Value, shared: &Shared, channel: &str) -> Value {
    let topics: Vec<String> = (message.get("topics").and_then(Value::as_array).into_iter().flatten())
        .filter_map(|t| t.as_str().map(str::to_owned))
        .collect();
    let result = shared.with(|state| state.subscribe_in_band(channel, &topics));
    let mut answer = match result {
        Ok(()) => json!({"result": "200", "status": "subscribed"}),
        Err((404, why)) => json!({"result": "404", "message": why}),
        Err((_, why)) => json!({"result": "400", "status": "failure", "message": why}),
    };
    if let Some(id) = message.get("correlationId") {
        answer["correlationId"] = id.clone();
    }
    answer
}

/// Heartbeats cannot be more frequent than this.
pub(crate) fn sane_heartbeat(wanted: Duration) -> Duration {
    if ms(wanted) < 10 { Duration::from_millis(10) } else { wanted }
}
