//! `analytics/conversations/details/query`: who may, what it tells, and how late.

use crate::support::*;
use earshot_simulator::{ADA, JONAS, Medium, Offer, Options, Permissions};
use serde_json::{Value, json};
use std::time::Duration;

const PATH: &str = "/api/v2/analytics/conversations/details/query";

fn body(filters: &Value) -> Value {
    let mut body = json!({"interval": "2020-01-01T00:00:00Z/2100-01-01T00:00:00Z"});
    for (key, value) in filters.as_object().expect("an object") {
        body[key] = value.clone();
    }
    body
}

fn is(dimension: &str, value: &str) -> Value {
    json!([{"type": "and", "predicates": [{"type": "dimension", "dimension": dimension, "operator": "matches", "value": value}]}])
}

async fn ids(client: &Client, filters: &Value) -> Vec<String> {
    let answer = client.call("POST", PATH, &body(filters)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let list = answer.json()["conversations"].as_array().cloned().unwrap_or_default();
    list.iter().map(|c| c["conversationId"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test]
async fn agents_lack_the_permission_unless_given_it() {
    let client = Client::new().await;
    let query = body(&json!({}));
    assert_eq!(client.call("POST", PATH, &query).await.error(), (403, "missing.permissions".to_owned()));
    let add = vec!["analytics:conversationDetail:view".to_owned()];
    client.control.permissions(Permissions { add, ..Permissions::default() }).expect("obeyed");
    assert_eq!(
        client.call("POST", PATH, &query).await.json(),
        json!({"totalHits": 0}),
        "no list where there is nothing"
    );
}

#[tokio::test]
async fn a_missed_offer_is_told_with_its_segments() {
    let client = Client::service(Options::default()).await;
    let offer = Offer { caller: Some("Maria Keller".to_owned()), queue: Some("Sales".to_owned()), ..Offer::default() };
    let missed = client.control.offer(offer).expect("offered").conversation;
    client.control.time_out(&missed).expect("obeyed");
    client.control.hang_up(&missed).expect("obeyed");
    let found = client.call("POST", PATH, &body(&json!({"segmentFilters": is("userId", ADA)}))).await.json();
    assert_eq!(found["totalHits"], 1);
    let conversation = &found["conversations"][0];
    assert_eq!(conversation["conversationId"], missed.as_str());
    assert!(conversation["conversationEnd"].is_string());
    let agent = conversation["participants"].as_array().expect("a list").iter().find(|p| p["userId"] == ADA);
    let session = &agent.expect("Ada's part")["sessions"][0];
    assert_eq!((&session["mediaType"], &session["remote"]), (&json!("voice"), &json!("Maria Keller")));
    assert_eq!(session["segments"][0]["segmentType"], "alert");
    assert_eq!(session["segments"][0]["disconnectType"], "noAnswerTransfer");
    assert!(session["metrics"].as_array().expect("a list").iter().any(|m| m["name"] == "tNotResponding"));
    assert!(found["conversations"][0]["participants"][0].get("attributes").is_none());
}

#[tokio::test]
async fn filters_order_and_pages() {
    let client = Client::service(Options::default()).await;
    let offer = |medium, queue: &str, agent: &str| {
        let offer = Offer { medium, queue: Some(queue.to_owned()), agent: Some(agent.to_owned()), ..Offer::default() };
        client.control.offer(offer).expect("offered").conversation
    };
    let call = offer(Medium::Call, "Billing", ADA);
    let mail = offer(Medium::Email, "Sales", ADA);
    let other = offer(Medium::Message, "Sales", JONAS);
    let sales = "5a1e0000-4c3d-4f0a-9b1e-000000005a1e";
    assert_eq!(ids(&client, &json!({"segmentFilters": is("userId", ADA)})).await.len(), 2);
    assert_eq!(ids(&client, &json!({"segmentFilters": is("mediaType", "email")})).await, [mail]);
    assert_eq!(ids(&client, &json!({"conversationFilters": is("conversationId", &call)})).await, [call]);
    let both = json!([{"type": "and", "predicates": [
        {"type": "dimension", "dimension": "userId", "value": JONAS}, {"dimension": "queueId", "value": sales}]}]);
    assert_eq!(ids(&client, &json!({"segmentFilters": both})).await, [other]);
    let clauses = json!([{"type": "or", "clauses": [
        {"type": "and", "predicates": [{"dimension": "userId", "value": JONAS}]},
        {"type": "and", "predicates": [{"dimension": "mediaType", "value": "voice"}]}]}]);
    assert_eq!(ids(&client, &json!({"segmentFilters": clauses})).await.len(), 2);

    let ascending = ids(&client, &json!({"order": "asc", "orderBy": "conversationStart"})).await;
    assert_eq!(ascending.len(), 3);
    let mut descending = ids(&client, &json!({"order": "desc", "orderBy": "conversationStart"})).await;
    descending.reverse();
    assert_eq!(ascending, descending);
    let page = |n: u32| json!({"paging": {"pageSize": 2, "pageNumber": n}});
    let (first, second) = (ids(&client, &page(1)).await, ids(&client, &page(2)).await);
    assert_eq!([first, second].concat(), ascending);
    assert!(ids(&client, &page(3)).await.is_empty());

    for wrong in [
        json!({"interval": "yesterday"}),
        json!({"paging": {"pageSize": 101, "pageNumber": 1}}),
        json!({"segmentFilters": is("shoeSize", "44")}),
        json!({"surveyFilters": []}),
    ] {
        assert_eq!(client.call("POST", PATH, &body(&wrong)).await.error(), (400, "bad.request".to_owned()), "{wrong}");
    }
    let past = json!({"interval": "2020-01-01T00:00:00Z/2020-01-02T00:00:00Z"});
    assert!(ids(&client, &past).await.is_empty());
}

#[tokio::test]
async fn it_lags_as_told_and_remembers_what_rest_has_forgotten() {
    let kept = Options { ended_kept: Duration::from_millis(50), rate_limit: None, ..Options::default() };
    let client = Client::service(kept).await;
    client.control.analytics_lag(3_000);
    let conversation = client.control.offer(Offer::default()).expect("offered").conversation;
    assert!(ids(&client, &json!({})).await.is_empty(), "it shows only after the lag");
    client.control.end(&conversation).expect("obeyed");
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while ids(&client, &json!({})).await.is_empty() {
        assert!(tokio::time::Instant::now() < deadline, "it never showed");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(client.get(&format!("/api/v2/conversations/{conversation}")).await.status, 404);
}
