//! The call that looks back: conversations of a stretch of time. For the feed, after a gap.

use http::Method;
use jiff::Timestamp;
use serde_json::json;

use super::{AccessToken, Api, Call, READ_TIMEOUT};
use crate::error::ApiError;
use crate::wire::ConversationDetails;

/// Whose conversations to look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DetailsOf<'a> {
    /// Those a user took part in, or was offered.
    User(&'a str),
    /// Those that came through a queue.
    Queue(&'a str),
}

/// A question to analytics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DetailsQuery<'a> {
    /// Begin of the stretch. Genesys answers with the conversations *that began* on a day the stretch touches (UTC):
    /// reach back by a day for those that began before it, and look at the segments' times of what comes.
    pub from: Timestamp,
    /// End of the stretch; Genesys takes 31 days at most.
    pub to: Timestamp,
    /// Whose.
    pub of: DetailsOf<'a>,
    /// Which page; the first is 1.
    pub page: u32,
    /// Conversations on a page; Genesys gives 100 at most.
    pub page_size: u32,
}

impl Api {
    /// Conversations looked back upon, oldest first. Needs `analytics:conversationDetail:view`, which agents seldom have,
    /// and lags by minutes.
    pub async fn conversation_details(
        &self,
        token: &AccessToken,
        query: &DetailsQuery<'_>,
    ) -> Result<ConversationDetails, ApiError> {
        const NAME: &str = "POST /analytics/conversations/details/query";
        let (dimension, value) = match query.of {
            DetailsOf::User(user) => ("userId", user),
            DetailsOf::Queue(queue) => ("queueId", queue),
        };
        let predicate = json!({ "type": "dimension", "dimension": dimension, "operator": "matches", "value": value });
        let body = json!({
            "interval": interval(query.from, query.to),
            "order": "asc",
            "orderBy": "conversationStart",
            "paging": { "pageSize": query.page_size, "pageNumber": query.page },
            "segmentFilters": [{ "type": "or", "predicates": [predicate] }],
        });
        let path = ["analytics", "conversations", "details", "query"];
        let call = Call::act(NAME, Method::POST, &path).timeout(READ_TIMEOUT).json(&body);
        let details: ConversationDetails = self.read(token, call).await?;
        // Neither conversations nor their number: that is not "none", but somebody else's answer.
        if details.conversations.is_empty() && details.total_hits.is_none() {
            return Err(ApiError::Malformed { call: NAME, html: false });
        }
        Ok(details)
    }
}

/// An interval as Genesys writes it, to the millisecond, outward: an instant within the stretch stays within.
fn interval(from: Timestamp, to: Timestamp) -> String {
    let up = to.as_millisecond() + i64::from(to.subsec_nanosecond() % 1_000_000 != 0);
    let to = Timestamp::from_millisecond(up).unwrap_or(to);
    let from = Timestamp::from_millisecond(from.as_millisecond()).unwrap_or(from);
    let format = "%Y-%m-%dT%H:%M:%S%.3fZ";
    format!("{}/{}", from.strftime(format), to.strftime(format))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("2026-11-21T09:00:00Z", "2026-11-21T10:00:00Z", "2026-11-21T09:00:00.000Z/2026-11-21T10:00:00.000Z")]
    #[case(
        "2026-11-21T09:00:00.0019Z",
        "2026-11-21T10:00:00.0011Z",
        "2026-11-21T09:00:00.001Z/2026-11-21T10:00:00.002Z"
    )]
    #[case("1969-12-31T23:59:59.5Z", "1970-01-01T00:00:00.25Z", "1969-12-31T23:59:59.500Z/1970-01-01T00:00:00.250Z")]
    fn an_interval_as_genesys_writes_it(#[case] from: &str, #[case] to: &str, #[case] want: &str) {
        assert_eq!(interval(from.parse().unwrap(), to.parse().unwrap()), want);
    }
}
