//! How a request fails: each kind of failure as the network or the server would make it.

use std::time::Duration;

use earshot_engine::machine::{Effect, Input};
use earshot_engine::verdict::token_check;
use earshot_genesys::error::{ApiError, StatusError};
use earshot_genesys::transport::{DialError, TransportError, TransportKind};

use super::Arrival;
use crate::steps::{Call, How};

/// Which request an effect is; `None` for one that is none.
pub fn call(effect: &Effect) -> Option<Call> {
    Some(match effect {
        Effect::Check { .. } => Call::Check,
        Effect::Renew { .. } | Effect::RereadCredential { .. } => Call::Renew,
        Effect::Identify { .. } => Call::Identify,
        Effect::CreateChannel { .. } => Call::Channel,
        Effect::Subscribe { .. } => Call::Subscribe,
        Effect::Dial { .. } => Call::Dial,
        Effect::List { .. } => Call::List,
        Effect::ReadMe { .. } => Call::ReadMe,
        Effect::LookUp { .. } | Effect::Read { .. } => Call::LookUp,
        Effect::Act { .. } => Call::Act,
        Effect::AskIdle { .. } | Effect::Touch { .. } => Call::Idle,
        Effect::AskExpiry { .. } => Call::Expiry,
        Effect::LookBack { .. } => Call::LookBack,
        Effect::Ping { .. } | Effect::Drop { .. } | Effect::Tell(_) | Effect::Record(_) => return None,
    })
}

/// An answer with this status.
pub fn status(status: u16) -> ApiError {
    let code = (status == 403).then(|| "missing.permissions".to_owned());
    ApiError::Status(StatusError { status, code, message: None, context_id: None, retry_after: None, html: false })
}

fn transport(kind: TransportKind) -> TransportError {
    TransportError { kind, detail: String::new() }
}

fn error(how: How) -> ApiError {
    match how {
        How::Status(code) => status(code),
        How::Limited(seconds) => match status(429) {
            ApiError::Status(error) => {
                ApiError::Status(StatusError { retry_after: Some(Duration::from_secs(seconds)), ..error })
            }
            other => other,
        },
        How::Page => ApiError::Malformed { call: "anything", html: true },
        How::Refused => ApiError::Transport(transport(TransportKind::Refused)),
        How::Offline => ApiError::Transport(transport(TransportKind::Offline)),
        How::Silence => ApiError::Transport(transport(TransportKind::Timeout)),
        How::CutOff => ApiError::Transport(transport(TransportKind::Broken)),
    }
}

fn retry_after(error: &ApiError) -> Option<Duration> {
    match error {
        ApiError::Status(status) => status.retry_after,
        _ => None,
    }
}

fn refusal(how: How) -> DialError {
    match how {
        How::Status(status) => DialError::Refused { status, retry_after: None },
        How::Limited(seconds) => DialError::Refused { status: 429, retry_after: Some(Duration::from_secs(seconds)) },
        How::Page => DialError::Refused { status: 200, retry_after: None },
        How::Refused => DialError::Transport(transport(TransportKind::Refused)),
        How::Offline => DialError::Transport(transport(TransportKind::Offline)),
        How::Silence => DialError::Transport(transport(TransportKind::Timeout)),
        How::CutOff => DialError::Transport(transport(TransportKind::Broken)),
    }
}

/// What the client is told of a request that fails this way; `None` for an effect that is no request.
pub fn failure(effect: &Effect, how: How) -> Option<Arrival> {
    let result = error(how);
    let input = match effect {
        Effect::Check { generation } => {
            let retry_after = retry_after(&result);
            Input::Checked { generation: *generation, check: token_check(&Err(result)), retry_after }
        }
        Effect::Renew { attempt, .. } => Input::RenewFailed { attempt: *attempt, error: result },
        // A store on this computer: it is there, or it has nothing new.
        Effect::RereadCredential { attempt } => Input::Reread { attempt: *attempt, changed: false },
        Effect::Identify { epoch, .. } => Input::Identified { epoch: *epoch, result: Err(result) },
        Effect::CreateChannel { epoch, .. } => Input::ChannelCreated { epoch: *epoch, result: Err(result) },
        Effect::Subscribe { epoch, .. } => Input::Subscribed { epoch: *epoch, result: Err(result) },
        Effect::Dial { epoch } => Input::NotOpened { epoch: *epoch, error: refusal(how) },
        Effect::AskIdle { generation } => Input::IdleTimeout { generation: *generation, timeout: None },
        Effect::Touch { generation } => {
            let retry_after = retry_after(&result);
            Input::Touched { generation: *generation, check: token_check(&Err(result)), retry_after }
        }
        Effect::AskExpiry { epoch, .. } => Input::Expiry { epoch: *epoch, result: Err(result) },
        Effect::LookBack { question, generation } => {
            Input::LookedBack { ask: question.ask, generation: *generation, result: Err(result) }
        }
        Effect::Read { reading, ask, generation } => {
            Input::Read { reading: reading.clone(), ask: *ask, generation: *generation, result: Err(result) }
        }
        Effect::List { look, generation } => {
            Input::Listed { look: *look, generation: *generation, result: Err(result) }
        }
        Effect::ReadMe { look, generation } => {
            Input::MeRead { look: *look, generation: *generation, result: Err(result) }
        }
        Effect::LookUp { conversation, medium, generation, .. } => Input::LookedUp {
            conversation: conversation.clone(),
            medium: *medium,
            generation: *generation,
            result: Err(result),
        },
        Effect::Act { action, generation, .. } => {
            Input::Acted { action: *action, generation: *generation, result: Err(result) }
        }
        Effect::Ping { .. } | Effect::Drop { .. } | Effect::Tell(_) | Effect::Record(_) => return None,
    };
    Some(Arrival::Answer(input, Vec::new()))
}
