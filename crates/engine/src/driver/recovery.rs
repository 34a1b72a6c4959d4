//! The requests that look for what was missed.

use earshot_genesys::api::{AccessToken, Api, DetailsOf, DetailsQuery, Unabridged};
use earshot_genesys::error::ApiError;
use earshot_genesys::recovery::Source;
use earshot_genesys::wire::{Conversation, ConversationDetails, Me};
use jiff::Timestamp;

use super::Arrival;
use crate::feed::{Hidden, PAGE, Question, Reading, Said, Whose};
use crate::limits::CONVERSATION_REACH;
use crate::machine::Input;
use crate::moment::millis;
use crate::snapshot::Millis;

/// The list of conversations: word for word for the record, and understood for the desk.
pub(super) fn listed(look: u64, generation: u64, result: Result<Vec<Unabridged<Conversation>>, ApiError>) -> Arrival {
    let (said, result) = match result {
        Ok(list) => {
            let said = list.iter().map(|one| said(Source::Conversation, one)).collect();
            (said, Ok(list.into_iter().map(|one| one.value).collect()))
        }
        Err(error) => (Vec::new(), Err(error)),
    };
    Arrival::Said { look, said, then: Box::new(Input::Listed { look, generation, result }) }
}

/// The same for the agent.
pub(super) fn me_read(look: u64, generation: u64, result: Result<Unabridged<Me>, ApiError>) -> Arrival {
    let (said, result) = match result {
        Ok(me) => (vec![said(Source::User, &me)], Ok(Box::new(me.value))),
        Err(error) => (Vec::new(), Err(error)),
    };
    Arrival::Said { look, said, then: Box::new(Input::MeRead { look, generation, result }) }
}

/// What only the record asks.
pub(super) async fn read(api: &Api, token: &AccessToken, reading: &Reading) -> Result<Vec<Said>, ApiError> {
    Ok(match reading {
        Reading::List(kind) => {
            let list = api.media_conversations_raw(token, *kind).await?.unwrap_or_default();
            list.iter().map(|one| said(Source::MediaConversation(*kind), one)).collect()
        }
        Reading::Conversation { id, kind } => match api.media_conversation_raw(token, *kind, id).await? {
            Some(one) => vec![said(Source::MediaConversation(*kind), &one)],
            None => vec![said(Source::Conversation, &api.conversation_raw(token, id).await?)],
        },
        Reading::User(user) => vec![said(Source::User, &api.user_raw(token, user).await?)],
    })
}

fn said<T>(source: Source, one: &Unabridged<T>) -> Said {
    Said { source, raw: Hidden(one.raw.clone()) }
}

/// Genesys finds conversations by their begin; those that began before the gap are of interest too.
pub(super) async fn look_back(
    api: &Api,
    token: &AccessToken,
    question: &Question,
) -> Result<ConversationDetails, ApiError> {
    let of = match &question.whose {
        Whose::User(user) => DetailsOf::User(user),
        Whose::Queue(queue) => DetailsOf::Queue(queue),
    };
    let query = DetailsQuery {
        from: instant(question.from - millis(CONVERSATION_REACH)),
        to: instant(question.to),
        of,
        page: question.page,
        page_size: PAGE,
    };
    api.conversation_details(token, &query).await
}

fn instant(at: Millis) -> Timestamp {
    Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH)
}
