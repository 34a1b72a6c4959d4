//! The requests that look for what was missed.

use earshot_genesys::api::{AccessToken, Api, DetailsOf, DetailsQuery};
use earshot_genesys::error::ApiError;
use earshot_genesys::wire::ConversationDetails;
use jiff::Timestamp;

use crate::feed::{PAGE, Question, Whose};
use crate::limits::CONVERSATION_REACH;
use crate::moment::millis;
use crate::snapshot::Millis;

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
