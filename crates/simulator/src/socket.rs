//! The notification socket: upgrade, heartbeats, pings, the in-band subscribe, and its misbehaviours.

use crate::channels::{ToSocket, metadata};
use crate::clock::ms;
use crate::connection::WireHandle;
use crate::rest::errors::{ApiError, fault_response};
use crate::state::Shared;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{ConnectInfo, Path, State};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

/// After our close frame we wait so long for the other side's.
const CLOSE_GRACE: Duration = Duration::from_secs(1);

/// `GET /channels/{id}`: no token, the id is the capability.
pub(crate) async fn upgrade(
    State(shared): State<Shared>,
    Path(channel): Path<String>,
    ConnectInfo(WireHandle(wire)): ConnectInfo<WireHandle>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let refusal = shared.with(|state| {
        let now = state.now();
        let refusal = state.faults.upgrade(now);
        let known = state.hub.channel(&channel).is_some();
        if refusal.is_some() || !known {
            state.hub.refused += 1;
        }
        (refusal, known)
    });
    match refusal {
        (Some(failure), _) => return fault_response(&failure),
        (None, false) => return ApiError::bad_credentials().into_response(),
        (None, true) => {}
    }
    upgrade.on_upgrade(move |socket| async move {
        let (tx, rx) = unbounded_channel();
        let Some(id) = shared.with(|state| {
            let now = state.now();
            state.hub.attach(now, &channel, tx, wire)
        }) else {
            return;
        };
        run(socket, rx, &shared, &channel).await;
        shared.with(|state| state.hub.detach(id));
    })
}

async fn run(mut socket: WebSocket, mut rx: UnboundedReceiver<ToSocket>, shared: &Shared, channel: &str) {
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
            frame = socket.next() => match frame {
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
