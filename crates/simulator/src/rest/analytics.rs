//! `POST analytics/conversations/details/query`: what happened, for those who may know, and a little late.

use super::auth::{Caller, any_of};
use super::errors::ApiError;
use crate::clock::Ms;
use crate::shapes::analytics;
use crate::state::Shared;
use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

/// The permission; agents seldom have it.
const PERMISSION: &str = "analytics:conversationDetail:view";
/// Conversations on a page, at most.
const LARGEST_PAGE: usize = 100;

/// `ConversationQuery`. Filters that the simulator does not know are refused, not ignored.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Query {
    interval: String,
    conversation_filters: Vec<Filter>,
    segment_filters: Vec<Filter>,
    order: Option<Order>,
    order_by: Option<OrderBy>,
    paging: Paging,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Filter {
    #[serde(rename = "type")]
    kind: Join,
    #[serde(default)]
    clauses: Vec<Clause>,
    #[serde(default)]
    predicates: Vec<Predicate>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Clause {
    #[serde(rename = "type")]
    kind: Join,
    #[serde(default)]
    predicates: Vec<Predicate>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Join {
    And,
    Or,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Predicate {
    #[serde(default, rename = "type")]
    kind: Option<String>,
    dimension: Option<String>,
    #[serde(default)]
    operator: Operator,
    value: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Operator {
    #[default]
    Matches,
    Exists,
    NotExists,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Order {
    Asc,
    Desc,
    Unordered,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::enum_variant_names)] // Genesys' names
enum OrderBy {
    ConversationStart,
    ConversationEnd,
    SegmentStart,
    SegmentEnd,
}

#[derive(Debug, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
#[allow(clippy::struct_field_names)] // Genesys' names
struct Paging {
    page_size: usize,
    page_number: usize,
}

impl Default for Paging {
    fn default() -> Self {
        Self { page_size: 25, page_number: 1 }
    }
}

/// What can be asked of a conversation, and of its participants, sessions and segments.
const OF_CONVERSATION: &[&str] =
    &["conversationEnd", "conversationId", "conversationStart", "divisionId", "originatingDirection"];
const OF_SEGMENT: &[&str] = &[
    "ani",
    "direction",
    "disconnectType",
    "dnis",
    "mediaType",
    "messageType",
    "participantName",
    "provider",
    "purpose",
    "queueId",
    "remote",
    "segmentEnd",
    "segmentType",
    "sessionId",
    "userId",
    "wrapUpCode",
];

impl Predicate {
    fn check(&self, known: &[&str]) -> Result<(), ApiError> {
        let dimension = self.dimension.as_deref().unwrap_or_default();
        if self.kind.as_deref().is_some_and(|k| k != "dimension") || !known.contains(&dimension) {
            let what = format!("The simulator does not know the predicate {dimension}; it knows {}.", known.join(", "));
            return Err(ApiError::bad_request(what));
        }
        match (self.operator, &self.value) {
            (Operator::Matches, None) => Err(ApiError::bad_request("A predicate that matches needs a value.")),
            _ => Ok(()),
        }
    }

    /// Does any of these objects hold what is asked?
    fn holds(&self, objects: &[&Value]) -> bool {
        let dimension = self.dimension.as_deref().unwrap_or_default();
        let found = objects.iter().find_map(|o| match dimension {
            "divisionId" => o["divisionIds"].get(0),
            other => o.get(other),
        });
        match self.operator {
            Operator::Exists => found.is_some(),
            Operator::NotExists => found.is_none(),
            Operator::Matches => found.is_some_and(|f| {
                // Genesys compares ids and words without regard to case.
                let wanted = self.value.as_deref().unwrap_or_default();
                f.as_str().is_some_and(|f| f.eq_ignore_ascii_case(wanted))
            }),
        }
    }
}

impl Join {
    fn of(self, mut results: impl Iterator<Item = bool>) -> bool {
        match self {
            Self::And => results.all(|r| r),
            Self::Or => results.any(|r| r),
        }
    }
}

impl Filter {
    fn predicates(&self) -> impl Iterator<Item = &Predicate> {
        self.predicates.iter().chain(self.clauses.iter().flat_map(|c| &c.predicates))
    }

    fn holds(&self, objects: &[&Value]) -> bool {
        let clause = |c: &Clause| c.kind.of(c.predicates.iter().map(|p| p.holds(objects)));
        let all = self.predicates.iter().map(|p| p.holds(objects)).chain(self.clauses.iter().map(clause));
        self.kind.of(all)
    }

    /// Does one segment of the conversation satisfy the whole filter?
    fn holds_in_a_segment(&self, conversation: &Value) -> bool {
        let list = |v: &Value, key: &str| v[key].as_array().cloned().unwrap_or_default();
        list(conversation, "participants").iter().any(|participant| {
            list(participant, "sessions").iter().any(|session| {
                list(session, "segments").iter().any(|segment| self.holds(&[segment, session, participant]))
            })
        })
    }
}

/// Two times with a slash between them.
fn interval(text: &str) -> Result<(Ms, Ms), ApiError> {
    let time = |t: &str| t.parse::<Timestamp>().map(Timestamp::as_millisecond).ok();
    let both = text.split_once('/').and_then(|(from, to)| Some((time(from)?, time(to)?)));
    both.filter(|(from, to)| from < to).ok_or_else(|| {
        ApiError::bad_request("The interval must be two ISO-8601 times: 2026-01-01T00:00Z/2026-01-02T00:00Z.")
    })
}

/// The query.
pub(crate) async fn details(
    State(shared): State<Shared>,
    caller: Caller,
    query: Result<Json<Query>, JsonRejection>,
) -> Result<Json<Value>, ApiError> {
    shared.with(|sim| any_of(sim, caller.token.user, &[PERMISSION]))?;
    let Json(query) = query.map_err(|e| ApiError::bad_request(e.body_text()))?;
    let (from, to) = interval(&query.interval)?;
    let Paging { page_size, page_number } = query.paging;
    if !(1..=LARGEST_PAGE).contains(&page_size) || page_number == 0 {
        return Err(ApiError::bad_request("pageSize must be 1 to 100, and pageNumber 1 or more."));
    }
    for predicate in query.conversation_filters.iter().flat_map(Filter::predicates) {
        predicate.check(OF_CONVERSATION)?;
    }
    for predicate in query.segment_filters.iter().flat_map(Filter::predicates) {
        predicate.check(OF_SEGMENT)?;
    }
    let mut found: Vec<(Ms, Value)> = shared.with(|sim| {
        let at = sim.now() - sim.access.analytics_lag;
        (sim.world.archive.iter().chain(&sim.world.conversations))
            .filter(|c| c.started < to && c.ended.is_none_or(|end| end > at || end >= from))
            .filter_map(|c| {
                let key = match query.order_by {
                    Some(OrderBy::ConversationEnd | OrderBy::SegmentEnd) => c.ended.unwrap_or(Ms::MAX),
                    _ => c.started,
                };
                Some((key, analytics::conversation(c, at)?))
            })
            .collect()
    });
    found.retain(|(_, c)| {
        query.conversation_filters.iter().all(|f| f.holds(&[c]))
            && query.segment_filters.iter().all(|f| f.holds_in_a_segment(c))
    });
    found.sort_by_key(|(key, _)| *key);
    if query.order == Some(Order::Desc) {
        found.reverse();
    }
    let total = found.len();
    let page: Vec<_> = found.into_iter().skip(page_size * (page_number - 1)).take(page_size).map(|(_, c)| c).collect();
    // Where there is nothing, Genesys leaves the list out.
    Ok(Json(if page.is_empty() {
        json!({"totalHits": total})
    } else {
        json!({"conversations": page, "totalHits": total})
    }))
}
