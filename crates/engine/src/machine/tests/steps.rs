//! The steps of a random series, and what each of them is to the machine.

use earshot_genesys::transport::{TransportError, TransportKind};
use proptest::prelude::*;

use super::*;

/// How a request is answered.
#[derive(Debug, Clone, Copy)]
pub(super) enum How {
    Well { list: u16 },
    Refused(u16),
    Limited(u64),
    Page,
    Network(TransportKind),
}

/// One step of a series.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// The request at this place is answered.
    Answer(usize, How),
    /// Everything is answered well.
    Serve {
        list: u16,
    },
    /// A frame comes on the socket that was opened so many sockets ago.
    Frame {
        ago: u64,
        frame: Sent,
    },
    /// That socket ends.
    End {
        ago: u64,
        code: Option<u16>,
    },
    Command(usize, usize),
    SignIn(Renewal),
    SignOut,
    ReconnectNow,
    Woke,
    /// Milliseconds on both clocks, with a look at each deadline.
    Wait(u64),
    /// Seconds on the wall clock alone.
    Sleep(u64),
    /// Straight to the next deadline.
    Due,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Sent {
    Call { id: usize, state: usize },
    Pong,
    Heartbeat,
    System(&'static str, Option<&'static str>),
    InBand(u16),
    Routing(bool),
    Garbage,
    Binary,
}

const STATES: [&str; 3] = ["alerting", "connected", "disconnected"];

fn how() -> impl Strategy<Value = How> {
    prop_oneof![
        6 => any::<u16>().prop_map(|list| How::Well { list }),
        4 => prop::sample::select(vec![400_u16, 401, 401, 403, 404, 409, 410, 500, 502, 503]).prop_map(How::Refused),
        1 => (0..90_u64).prop_map(How::Limited),
        1 => Just(How::Page),
        1 => prop::sample::select(vec![TransportKind::Offline, TransportKind::Timeout, TransportKind::Broken])
            .prop_map(How::Network),
    ]
}

fn sent() -> impl Strategy<Value = Sent> {
    let evicted = Some("another_channel_subscribed");
    prop_oneof![
        6 => (0..3_usize, 0..3_usize).prop_map(|(id, state)| Sent::Call { id, state }),
        2 => Just(Sent::Pong),
        1 => Just(Sent::Heartbeat),
        2 => prop::sample::select(vec![
            ("socket_closing", None),
            ("no_longer_subscribed", evicted),
            ("no_longer_subscribed", Some("user_tokens_revoked")),
            ("token_revoked", None),
            ("something_new", None),
        ])
        .prop_map(|(kind, reason)| Sent::System(kind, reason)),
        1 => prop::sample::select(vec![200_u16, 401, 404, 500]).prop_map(Sent::InBand),
        1 => any::<bool>().prop_map(Sent::Routing),
        1 => Just(Sent::Garbage),
        1 => Just(Sent::Binary),
    ]
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    let renewal = prop::sample::select(vec![Renewal::None, Renewal::RefreshToken, Renewal::ClientCredentials]);
    let codes = vec![None, Some(1000), Some(1001), Some(1008), Some(1012), Some(4001), Some(4999)];
    prop_oneof![
        10 => (0..8_usize, how()).prop_map(|(place, how)| Step::Answer(place, how)),
        6 => any::<u16>().prop_map(|list| Step::Serve { list }),
        8 => (0..3_u64, sent()).prop_map(|(ago, frame)| Step::Frame { ago: ago.saturating_sub(1), frame }),
        3 => (0..3_u64, prop::sample::select(codes))
            .prop_map(|(ago, code)| Step::End { ago: ago.saturating_sub(1), code }),
        3 => (0..6_usize, 0..3_usize).prop_map(|(command, leg)| Step::Command(command, leg)),
        1 => renewal.prop_map(Step::SignIn),
        1 => prop::bool::weighted(0.2).prop_map(|out| if out { Step::SignOut } else { Step::Woke }),
        1 => Just(Step::ReconnectNow),
        4 => (0..2_000_u64).prop_map(Step::Wait),
        1 => (0..40_000_u64).prop_map(Step::Wait),
        1 => (0..120_u64).prop_map(Step::Sleep),
        4 => Just(Step::Due),
    ]
}

fn error(how: How) -> ApiError {
    match how {
        How::Limited(seconds) => match refused(429) {
            ApiError::Status(status) => {
                ApiError::Status(StatusError { retry_after: Some(Duration::from_secs(seconds)), ..status })
            }
            other => other,
        },
        How::Page => ApiError::Malformed { call: "anything", html: true },
        How::Network(kind) => ApiError::Transport(TransportError { kind, detail: String::new() }),
        How::Refused(status) => refused(status),
        How::Well { .. } => refused(500),
    }
}

pub(super) fn input(effect: Effect, how: How) -> Option<Input> {
    let How::Well { list } = how else { return failure(effect, how) };
    // Two bits for each of three calls: absent, or in one of its states.
    let listed = (0..3_usize).filter_map(|id| {
        let state = usize::from(list >> (2 * id) & 3);
        (state < 3).then(|| call("ada", &format!("c{id}"), STATES[state]))
    });
    let server =
        Server { conversations: listed.collect(), routing: ROUTING[usize::from(list >> 15)], ..Server::default() };
    server.answer(effect)
}

const ROUTING: [&str; 2] = ["IDLE", "NOT_RESPONDING"];

fn failure(effect: Effect, how: How) -> Option<Input> {
    let error = error(how);
    Some(match effect {
        Effect::Check { generation } => {
            let check = crate::verdict::token_check(&Err(error));
            Input::Checked { generation, check, retry_after: None }
        }
        Effect::AskIdle { generation } => Input::IdleTimeout { generation, timeout: None },
        Effect::Touch { generation } => {
            let check = crate::verdict::token_check(&Err(error));
            Input::Touched { generation, check, retry_after: None }
        }
        Effect::AskExpiry { epoch, .. } => Input::Expiry { epoch, result: Err(error) },
        Effect::Renew { attempt, .. } => Input::RenewFailed { attempt, error },
        Effect::RereadCredential { attempt } => Input::Reread { attempt, changed: matches!(how, How::Page) },
        Effect::Identify { epoch, .. } => Input::Identified { epoch, result: Err(error) },
        Effect::CreateChannel { epoch, .. } => Input::ChannelCreated { epoch, result: Err(error) },
        Effect::Subscribe { epoch, .. } => Input::Subscribed { epoch, result: Err(error) },
        Effect::Dial { epoch } => {
            let error = match how {
                How::Refused(status) => DialError::Refused { status, retry_after: None },
                How::Limited(seconds) => {
                    DialError::Refused { status: 429, retry_after: Some(Duration::from_secs(seconds)) }
                }
                How::Network(kind) => DialError::Transport(TransportError { kind, detail: String::new() }),
                How::Page | How::Well { .. } => DialError::Refused { status: 200, retry_after: None },
            };
            Input::NotOpened { epoch, error }
        }
        Effect::List { look, generation } => Input::Listed { look, generation, result: Err(error) },
        Effect::ReadMe { look, generation } => Input::MeRead { look, generation, result: Err(error) },
        Effect::LookUp { conversation, medium, generation, .. } => {
            Input::LookedUp { conversation, medium, generation, result: Err(error) }
        }
        Effect::Read { ask, reading, generation } => Input::Read { ask, reading, generation, result: Err(error) },
        Effect::LookBack { question, generation } => {
            Input::LookedBack { ask: question.ask, generation, result: Err(error) }
        }
        Effect::Act { action, generation, .. } => Input::Acted { action, generation, result: Err(error) },
        Effect::Ping { .. } | Effect::Drop { .. } | Effect::Tell(_) | Effect::Record(_) => return None,
    })
}

pub(super) fn frame(sent: Sent) -> Frame {
    match sent {
        Sent::Call { id, state } => frame_of("ada", &format!("c{id}"), STATES[state]),
        Sent::Pong => Frame::Pong,
        Sent::Heartbeat => {
            Frame::Text(r#"{"topicName":"channel.metadata","eventBody":{"message":"WebSocket Heartbeat"}}"#.into())
        }
        Sent::System(kind, reason) => system_frame(kind, reason),
        Sent::InBand(result) => Frame::Text(json!({ "result": result }).to_string()),
        Sent::Routing(responding) => {
            let status = ROUTING[usize::from(!responding)];
            let body = json!({ "id": "ada", "routingStatus": { "status": status } });
            Frame::Text(json!({ "topicName": "v2.users.ada.routingStatus", "eventBody": body }).to_string())
        }
        Sent::Garbage => Frame::Text(r#"{"topicName":"v2.users.ada.conversations","eventBody":{"id":"#.into()),
        Sent::Binary => Frame::Binary(vec![1, 2, 3].into()),
    }
}

pub(super) fn command(kind: usize, leg: usize) -> Command {
    let leg = format!("c{leg}-leg");
    match kind {
        0 => Command::Answer { leg },
        1 => Command::Decline { leg },
        2 => Command::Dismiss { leg },
        3 => Command::SetOnQueue { on: leg == "c0-leg" },
        4 => Command::SetPresence { id: "p-available".into() },
        _ => Command::BackOnQueue,
    }
}
