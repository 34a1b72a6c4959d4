//! Conversations that behave: offers, answers, misses, hang-ups, wrap-up, voicemail, colleagues.

use crate::support::*;
use earshot_simulator::{
    ADA, AnswerOutcome, Answers, ChangeLeg, IfMissed, Medium, Offer, Options, Permissions, Script,
};
use serde_json::{Value, json};
use std::time::Duration;

const ALL: &[&str] = &["conversations", "routingStatus", "conversationsummary"];

fn participant(medium: &str, conversation: &str, participant: &str) -> String {
    format!("/api/v2/conversations/{medium}/{conversation}/participants/{participant}")
}

#[tokio::test]
async fn both_shapes_tell_of_an_offer() {
    for (medium, plural, extra) in [
        (Medium::Call, "calls", ("provider", json!("Edge"))),
        (Medium::Message, "messages", ("type", json!("whatsapp"))),
        (Medium::Email, "emails", ("subject", json!("Broken meter"))),
        (Medium::Callback, "callbacks", ("callbackNumbers", json!(["+493012345"]))),
    ] {
        let client = Client::new().await;
        let mut generic = client.listen(&["conversations"]).await;
        let mut flat = client.listen(&[&format!("conversations.{plural}")]).await;
        let offer = Offer {
            medium,
            caller: Some("Maria Keller".to_owned()),
            address: Some("tel:+493012345".to_owned()),
            message_type: Some("whatsapp".to_owned()),
            subject: Some("Broken meter".to_owned()),
            queue: Some("Sales".to_owned()),
            alerting_seconds: Some(15.0),
            ..Offer::default()
        };
        let (conversation, pid, leg) = ids(&client.control.offer(offer).expect("offered"));

        let body = generic.event(".conversations").await;
        let me = mine(&body).expect("my participant");
        assert_eq!((body["id"].as_str(), me["id"].as_str()), (Some(&*conversation), Some(&*pid)));
        assert_eq!((&me["purpose"], &me["alertingTimeoutMs"]), (&json!("agent"), &json!(15_000)));
        assert!(me["queueId"].is_string() && me.get("queue").is_none() && me.get("queueName").is_none());
        let own = &me[plural][0];
        assert_eq!((own["id"].as_str(), &own["state"], &own[extra.0]), (Some(&*leg), &json!("alerting"), &extra.1));
        assert_eq!(own["queueMediaSettings"]["alertingTimeoutSeconds"], 15);
        assert_eq!(body["participants"][0]["name"], "Maria Keller");
        assert_eq!(body["participants"][0]["purpose"], "customer");

        let body = flat.event(&format!(".conversations.{plural}")).await;
        let me = mine(&body).expect("my participant");
        assert_eq!((me["id"].as_str(), &me["state"], &me[extra.0]), (Some(&*pid), &json!("alerting"), &extra.1));
        assert!(me["queue"]["id"].is_string() && me.get("queueId").is_none() && me.get("calls").is_none());
        assert_eq!(me["queueMediaSettings"]["alertingTimeoutSeconds"], 15);

        let list = client.get("/api/v2/conversations").await.json();
        let listed = mine(&list["entities"][0]).expect("mine");
        assert_eq!(listed["queueName"], "Sales");
        assert!(listed[plural][0]["startAlertingTime"].is_string());
        let by_medium = client.get(&format!("/api/v2/conversations/{plural}")).await.json();
        assert_eq!(by_medium["entities"][0]["id"], conversation);
        assert_eq!(mine(&by_medium["entities"][0]).expect("mine")["state"], "alerting");
        let other = if plural == "calls" { "emails" } else { "calls" };
        assert_eq!(client.get(&format!("/api/v2/conversations/{other}")).await.json()["total"], 0);
        assert_eq!(client.get(&format!("/api/v2/conversations/{other}/{conversation}")).await.status, 404);
    }
}

#[tokio::test]
async fn an_answer_is_accepted_and_confirmed_by_event_and_wrap_up_follows() {
    let client = Client::new().await;
    let mut ear = client.listen(ALL).await;
    let (conversation, pid, leg) = ids(&client.control.offer(Offer::default()).expect("offered"));
    ear.leg(".conversations", "alerting").await;
    assert_eq!(ear.event(".conversationsummary").await["call"]["contactCenter"]["active"], 1);
    let path = participant("calls", &conversation, &pid);
    let answer = client.call("PATCH", &path, &json!({"state": "connected"})).await;
    assert_eq!((answer.status, answer.body.as_str()), (202, ""));
    let body = ear.leg(".conversations", "connected").await;
    assert!(mine(&body).expect("mine")["calls"][0]["connectedTime"].is_string());
    assert_eq!(ear.event(".routingStatus").await["routingStatus"]["status"], "INTERACTING");
    assert_eq!(client.call("PATCH", &path, &json!({"state": "connected"})).await.error().0, 400, "it does not alert");

    // Hold and mute.
    assert_eq!(client.call("PATCH", &path, &json!({"held": true})).await.status, 202);
    assert_eq!(mine(&ear.event(".conversations").await).expect("mine")["calls"][0]["held"], true);
    let change = ChangeLeg { conversation: conversation.clone(), held: Some(false), ..ChangeLeg::default() };
    client.control.change_leg(change).expect("obeyed");
    assert_eq!(mine(&ear.event(".conversations").await).expect("mine")["calls"][0]["held"], false);

    client.control.hang_up(&conversation).expect("obeyed");
    let body = ear.leg(".conversations", "disconnected").await;
    let me = mine(&body).expect("mine");
    assert_eq!((&me["calls"][0]["disconnectType"], &me["wrapupRequired"]), (&json!("peer"), &json!(true)));
    assert_eq!(me["calls"][0]["afterCallWork"]["state"], "pending");
    assert_eq!(ear.event(".conversationsummary").await["call"]["contactCenter"], json!({"active": 0, "acw": 1}));
    assert_eq!(client.me("routingStatus").await["routingStatus"]["status"], "INTERACTING", "wrapping up");
    assert_eq!(client.get("/api/v2/conversations").await.json()["total"], 1);

    let codes = client.get(&format!("{path}/wrapupcodes")).await.json();
    let body = json!({"code": codes[0]["id"], "notes": "all well"});
    let empty = client.call("POST", &format!("{path}/communications/{leg}/wrapup"), &json!({})).await;
    assert_eq!(empty.error(), (400, "conversation.error.wrapup.code.required".to_owned()));
    let done = client.call("POST", &format!("{path}/communications/{leg}/wrapup"), &body).await;
    assert_eq!(done.status, 202);
    assert_eq!(ear.event(".routingStatus").await["routingStatus"]["status"], "IDLE");
    assert_eq!(client.get("/api/v2/conversations").await.json()["total"], 0);
    // By id it is still there, without any permission, and over.
    let ended = client.get(&format!("/api/v2/conversations/calls/{conversation}")).await.json();
    assert_eq!(mine(&ended).expect("mine")["state"], "disconnected");
    assert_eq!(mine(&ended).expect("mine")["wrapup"]["code"], codes[0]["id"]);
}

#[tokio::test]
async fn wrap_up_can_be_patched_skipped_or_end_by_itself() {
    let wrapup = Some(Duration::from_secs(600));
    let client = Client::with(Options { wrapup, ..Options::default() }).await;
    let mut ear = client.listen(ALL).await;
    for how in [json!({"wrapup": {"code": "c", "notes": "n"}}), json!({"wrapupSkipped": true}), Value::Null] {
        let seconds = how.is_null().then_some(0.1);
        let offer = Offer { wrapup_seconds: seconds, ..Offer::default() };
        let (conversation, pid, _) = ids(&client.control.offer(offer).expect("offered"));
        client.control.answered_by_other_client(&conversation).expect("obeyed");
        assert_eq!(ear.event(".routingStatus").await["routingStatus"]["status"], "INTERACTING");
        client.control.hang_up(&conversation).expect("obeyed");
        if !how.is_null() {
            let generic = format!("/api/v2/conversations/{conversation}/participants/{pid}");
            assert_eq!(client.call("PATCH", &generic, &how).await.status, 202);
            let again = client.call("PATCH", &generic, &json!({"wrapupSkipped": true})).await;
            assert_eq!(again.error(), (400, "conversation.error.wrapup.cannot.skip".to_owned()));
        }
        assert_eq!(ear.event(".routingStatus").await["routingStatus"]["status"], "IDLE");
    }
}

#[tokio::test]
async fn declining_makes_not_responding_and_the_customer_comes_again_when_that_is_over() {
    let client = Client::new().await;
    let mut ear = client.listen(ALL).await;
    let (conversation, pid, leg) = ids(&client.control.offer(Offer::default()).expect("offered"));
    let path = participant("calls", &conversation, &pid);
    assert_eq!(client.call("PATCH", &path, &json!({"held": true})).await.error().1, "conversation.error.hold.alerting");
    let leg_path = format!("{path}/communications/{leg}");
    assert_eq!(client.call("PATCH", &leg_path, &json!({"state": "disconnected"})).await.status, 202);
    let body = ear.leg(".conversations", "disconnected").await;
    assert_eq!(mine(&body).expect("mine")["calls"][0]["disconnectType"], "client");
    assert_eq!(ear.event(".routingStatus").await["routingStatus"]["status"], "NOT_RESPONDING");
    let again = client.call("PATCH", &path, &json!({"state": "connected"})).await;
    assert_eq!(again.error(), (400, "conversation.error.call.disconnected".to_owned()));
    assert_eq!(client.get("/api/v2/conversations").await.json()["total"], 0);

    client.call("PUT", &format!("/api/v2/users/{ADA}/routingstatus"), &json!({"status": "IDLE"})).await;
    assert_eq!(ear.event(".routingStatus").await["routingStatus"]["status"], "IDLE");
    let body = ear.leg(".conversations", "alerting").await;
    let me = mine(&body).expect("mine");
    assert_eq!(body["id"], conversation);
    assert!(me["id"] != json!(pid) && me["calls"][0]["id"] != json!(leg), "a new participant with a new leg");
    let actions = client.control.state()["actions"].clone();
    let patches = actions.as_array().expect("actions").iter().filter(|a| a["body"]["state"] == "disconnected").count();
    assert_eq!(patches, 1);
}

#[tokio::test]
async fn an_offer_nobody_takes_runs_out() {
    for (if_missed, alerts_again) in [(IfMissed::Requeue, true), (IfMissed::End, false)] {
        // Each with a simulator of its own: what alerts again runs out again, and would be heard in the next round.
        let client = Client::new().await;
        let mut ear = client.listen(ALL).await;
        let offer = Offer { alerting_seconds: Some(0.1), if_missed, ..Offer::default() };
        let (conversation, pid, _) = ids(&client.control.offer(offer).expect("offered"));
        let body = ear.leg(".conversations", "disconnected").await;
        assert_eq!(mine(&body).expect("mine")["calls"][0]["disconnectType"], "transfer.noanswer");
        assert_eq!(ear.event(".routingStatus").await["routingStatus"]["status"], "NOT_RESPONDING");
        if alerts_again {
            let body = ear.leg(".conversations", "alerting").await;
            assert_eq!(body["id"], conversation);
            assert_ne!(mine(&body).expect("mine")["id"], json!(pid));
        }
    }
}

#[tokio::test]
async fn customers_leave_colleagues_answer_and_other_clients_too() {
    let client = Client::new().await;
    let mut ear = client.listen(ALL).await;
    let offered = client.control.offer(Offer::default()).expect("offered");
    client.control.hang_up(&offered.conversation).expect("obeyed");
    let body = ear.leg(".conversations", "disconnected").await;
    assert_eq!(mine(&body).expect("mine")["calls"][0]["disconnectType"], "peer");
    assert_eq!(body["participants"][0]["calls"][0]["disconnectType"], "endpoint");
    assert_eq!(client.me("routingStatus").await["routingStatus"]["status"], "IDLE", "that is nobody's fault");

    let offered = client.control.offer(Offer::default()).expect("offered");
    client.control.answered_by_other_agent(&offered.conversation).expect("obeyed");
    let body = ear.leg(".conversations", "disconnected").await;
    assert_eq!(mine(&body).expect("mine")["calls"][0]["disconnectType"], "transfer");
    assert_eq!(body["participants"].as_array().expect("some").last().expect("one")["name"], "Jonas Weber");

    let offered = client.control.offer(Offer::default()).expect("offered");
    client.control.answered_by_other_client(&offered.conversation).expect("obeyed");
    ear.leg(".conversations", "connected").await;
    assert_eq!(client.control.count_requests("PATCH", "/api/v2/conversations"), 0);

    let offered = client.control.offer(Offer::default()).expect("offered");
    let again = client.control.requeue(&offered.conversation).expect("obeyed");
    assert_eq!(again.conversation, offered.conversation);
    assert_ne!(again.communication, offered.communication);
    client.control.end(&offered.conversation).expect("obeyed");
    assert!(client.control.time_out(&offered.conversation).is_err(), "it does not alert any more");
}

#[tokio::test]
async fn a_colleagues_call_is_declined_to_voicemail() {
    let client = Client::new().await;
    let mut ear = client.listen(ALL).await;
    let direct = Offer { direct: true, ..Offer::default() };
    let (conversation, pid, _) = ids(&client.control.offer(direct.clone()).expect("offered"));
    let body = ear.leg(".conversations", "alerting").await;
    let me = mine(&body).expect("mine");
    assert_eq!(me["purpose"], "user");
    assert!(me.get("queueId").is_none());
    assert_eq!(body["participants"][0]["name"], "Jonas Weber");
    let path = format!("{}/replace", participant("calls", &conversation, &pid));
    assert_eq!(client.call("POST", &path, &json!({"voicemail": true})).await.status, 202);
    let body = ear.event(".conversations").await;
    let all = body["participants"].as_array().expect("some");
    assert_eq!(all.last().expect("one")["purpose"], "voicemail");
    assert_eq!(all.last().expect("one")["userId"], ADA, "the voicemail is the agent's, too");
    assert_eq!(all[1]["calls"][0]["state"], "disconnected");
    assert_eq!(client.call("POST", &path, &json!({"voicemail": true})).await.status, 400);

    let (conversation, _, _) = ids(&client.control.offer(direct).expect("offered"));
    client.control.answered_by_other_client(&conversation).expect("obeyed");
    assert_eq!(ear.event(".routingStatus").await["routingStatus"]["status"], "COMMUNICATING");
    let (acd, pid, _) = ids(&client.control.offer(Offer::default()).expect("offered"));
    let path = format!("{}/replace", participant("calls", &acd, &pid));
    assert_eq!(client.call("POST", &path, &json!({"voicemail": true})).await.status, 400, "that one came by a queue");
}

#[tokio::test]
async fn answers_can_fail_in_every_way() {
    let client = Client::new().await;
    let mut ear = client.listen(&["conversations", "conversations.calls"]).await;
    let plan = |outcome| Answers { outcome, count: Some(1), ..Answers::default() };
    let answer = |ids: (String, String, String)| {
        let client = &client;
        async move {
            client.call("PATCH", &participant("calls", &ids.0, &ids.1), &json!({"state": "connected"})).await.status
        }
    };
    let offer = || ids(&client.control.offer(Offer::default()).expect("offered"));

    client.control.answers(plan(AnswerOutcome::Refused)).expect("obeyed");
    assert_eq!(answer(offer()).await, 400);

    client.control.answers(plan(AnswerOutcome::Fails)).expect("obeyed");
    assert_eq!(answer(offer()).await, 202);
    let body = ear.leg(".conversations", "disconnected").await;
    assert!(mine(&body).expect("mine")["calls"][0]["errorInfo"]["message"].as_str().expect("why").contains("station"));
    let flat = ear.leg(".calls", "disconnected").await;
    assert!(mine(&flat).expect("mine")["errorInfo"]["message"].is_string());

    client.control.answers(plan(AnswerOutcome::Ignored)).expect("obeyed");
    let ignored = offer();
    assert_eq!(answer(ignored.clone()).await, 202);
    ear.leg(".conversations", "alerting").await;
    let seen = client.get(&format!("/api/v2/conversations/calls/{}", ignored.0)).await.json();
    assert_eq!(mine(&seen).expect("mine")["state"], "alerting");
    assert_eq!(answer(ignored).await, 202, "a second try counts");
    ear.leg(".conversations", "connected").await;
}

#[tokio::test]
async fn genesys_answers_by_itself_where_told() {
    let client = Client::new().await;
    let mut ear = client.listen(ALL).await;
    client.control.offer(Offer { auto_answer: true, ..Offer::default() }).expect("offered");
    let body = ear.leg(".conversations", "alerting").await;
    assert_eq!(mine(&body).expect("mine")["calls"][0]["queueMediaSettings"]["enableAutoAnswer"], true);
    ear.leg(".conversations", "connected").await;
}

#[tokio::test]
async fn conversations_of_others_and_the_generic_form_by_id_are_guarded() {
    let client = Client::new().await;
    let other = Offer { agent: Some("Jonas Weber".to_owned()), ..Offer::default() };
    let theirs = client.control.offer(other).expect("offered");
    let path = format!("/api/v2/conversations/calls/{}", theirs.conversation);
    assert_eq!(client.get(&path).await.error(), (404, "not.found".to_owned()));
    let mine = client.control.offer(Offer::default()).expect("offered");
    let generic = format!("/api/v2/conversations/{}", mine.conversation);
    let answer = client.get(&generic).await;
    assert_eq!(answer.error(), (403, "missing.permissions".to_owned()));
    let add = vec!["conversation:communication:view".to_owned()];
    client.control.permissions(Permissions { add, ..Permissions::default() }).expect("obeyed");
    assert_eq!(client.get(&generic).await.json()["id"], mine.conversation);
}

#[tokio::test]
async fn a_waiting_customer_reaches_the_agent_who_comes_on_queue() {
    let client = Client::with(Options { on_queue: false, ..Options::default() }).await;
    let mut ear = client.listen(ALL).await;
    let waits = Offer { wait: true, ..Offer::default() };
    let offered = client.control.offer(waits.clone()).expect("waits");
    assert_eq!((offered.participant, offered.communication), (None, None));
    client.control.offer(waits).expect("waits");
    assert_eq!(client.get("/api/v2/conversations").await.json()["total"], 0);
    client.control.set_presence("On Queue").expect("obeyed");
    let body = ear.leg(".conversations", "alerting").await;
    assert_eq!(body["id"], offered.conversation);
    assert_eq!(client.get("/api/v2/conversations").await.json()["total"], 1, "one at a time");
}

#[tokio::test]
async fn a_script_plays_when_somebody_listens() {
    let text = "name = \"t\"\nstarts = \"when-heard\"\nlength = 4\nrepeat = true\n[defaults]\nwrapup = 0\ntalks = 0.1\n\
                [[offer]]\nat = 0.1\ncaller = \"Script Caller\"\npatience = 0.3\n[[trouble]]\nat = 3.5\nkind = \"deaf-spell\"\nseconds = 0.2\n";
    let script = Script::parse("t.toml", text).expect("valid");
    let client = Client::with(Options { script: Some(script), ..Options::default() }).await;
    assert_eq!(client.control.state()["conversations"], json!([]));
    // The socket first: the script begins with the subscription, and its trouble lets no socket in.
    let channel = client.channel().await;
    let mut ear = Ear::open(channel["connectUri"].as_str().expect("an address")).await.expect("the socket opens");
    let topics: Vec<_> = ALL.iter().map(|topic| format!("v2.users.{ADA}.{topic}")).collect();
    client.subscribe(&channel, &topics).await;
    let body = ear.leg(".conversations", "alerting").await;
    assert_eq!(body["participants"][0]["name"], "Script Caller");
    ear.leg(".conversations", "disconnected").await;
    loop {
        match ear.frame().await {
            None | Some(Err(_)) => break,
            Some(Ok(_)) => {}
        }
    }
    // It begins again: a second customer comes.
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while client.control.state()["conversations"].as_array().map_or(0, Vec::len) < 2 {
        assert!(tokio::time::Instant::now() < deadline, "the script did not repeat");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn practice_offers_a_conversation_within_seconds() {
    let client = Client::with(Options::practice()).await;
    let mut ear = client.listen(ALL).await;
    let body = ear.leg(".conversations", "alerting").await;
    let (conversation, me) = (body["id"].as_str().expect("an id"), mine(&body).expect("mine"));
    assert_eq!(me["alertingTimeoutMs"], 90_000, "the first one waits");
    let path = participant("calls", conversation, me["id"].as_str().expect("an id"));
    assert_eq!(client.call("PATCH", &path, &json!({"state": "connected"})).await.status, 202);
    ear.leg(".conversations", "connected").await;
}
