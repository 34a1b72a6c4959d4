//! Both forms of a conversation, as Genesys sends them, read into looks.

use earshot_genesys::wire::{Conversation, MediaConversation, MediaKind};
use rstest::rstest;

use super::super::read::{media_sighting, sighting};
use super::*;

fn generic(json: &str) -> Sighting {
    let conversation: Conversation = serde_json::from_str(json).unwrap();
    sighting(&conversation, "me")
}

fn flat(json: &str, kind: MediaKind) -> Sighting {
    let conversation: MediaConversation = serde_json::from_str(json).unwrap();
    media_sighting(&conversation, kind, "me")
}

const REST: &str = r#"{"id":"c1","startTime":"2026-11-21T09:00:00.000Z","participants":[
 {"id":"p1","purpose":"customer","name":"Ana Pereira","address":"tel:+4930123456","ani":"tel:+4930123456","aniName":"Berlin",
  "calls":[{"id":"x1","state":"connected","direction":"inbound"}]},
 {"id":"p2","purpose":"acd","name":"Sales DE","queueId":"q1","calls":[{"id":"x2","state":"disconnected"}]},
 {"id":"p3","purpose":"agent","userId":"me","queueId":"q1","queueName":"Sales","alertingTimeoutMs":20000,
  "calls":[{"id":"x3","state":"disconnected","disconnectType":"transfer.noanswer","direction":"inbound",
    "startAlertingTime":"2026-11-21T09:00:10Z","disconnectedTime":"2026-11-21T09:00:30Z"}]},
 {"id":"p4","purpose":"voicemail","userId":"me","calls":[{"id":"x4","state":"alerting"}]},
 {"id":"p5","purpose":"Agent","userId":"me","queueId":"q1","queueName":"Sales","wrapupRequired":true,"wrapupPrompt":"mandatory",
  "calls":[{"id":"x5","state":"alerting","direction":"inbound","held":false,"muted":false,"startAlertingTime":"2026-11-21T09:00:31Z",
    "queueMediaSettings":{"alertingTimeoutSeconds":15,"enableAutoAnswer":true}}]}]}"#;

#[test]
fn the_generic_form_of_rest() {
    let look = generic(REST);
    assert_eq!(look.caller, Party { name: Some("Ana Pereira".into()), address: Some("+4930123456".into()) });
    assert_eq!((look.ended, look.caller_gone), (false, false));
    let legs: Vec<_> = look.legs.iter().map(|leg| (leg.leg.as_str(), leg.participant.as_str(), leg.state)).collect();
    assert_eq!(legs, [("x3", "p3", LegState::Disconnected), ("x5", "p5", LegState::Alerting)], "voicemail is not me");
    let (first, second) = (&look.legs[0], &look.legs[1]);
    assert_eq!((first.alerting_timeout_ms, second.alerting_timeout_ms), (Some(20_000), Some(15_000)));
    assert_eq!(first.disconnected_at.unwrap() - first.alerting_since.unwrap(), 20_000);
    assert_eq!(first.disconnect_type.as_deref(), Some("transfer.noanswer"));
    assert_eq!(
        (second.queue_name.as_deref(), second.auto_answer, second.purpose.as_str()),
        (Some("Sales"), true, "agent")
    );
}

#[test]
fn the_generic_form_of_the_topic_takes_the_queues_name_from_its_participant() {
    let look = generic(
        r#"{"id":"c2","participants":[
        {"id":"p1","purpose":"external","name":"+49 30 99","address":"sip:anna@example.org;transport=tls","messages":[{"id":"m1","state":"connected",
          "fromAddress":{"name":"Anna","addressNormalized":"4930"}}]},
        {"id":"p2","purpose":"acd","name":"Support","queueId":"q2"},
        {"id":"p3","purpose":"agent","userId":"me","queueId":"q2","messages":[{"id":"m3","state":"parked","type":"whatsapp",
          "errorInfo":{"code":"x.y","message":"It broke"},"afterCallWork":{"state":"pending"}}]}]}"#,
    );
    let leg = &look.legs[0];
    assert_eq!(
        (leg.medium, leg.message_type.as_deref(), leg.state),
        (Medium::Message, Some("whatsapp"), LegState::Connected)
    );
    assert_eq!((leg.state_word.as_str(), leg.queue_name.as_deref()), ("parked", Some("Support")));
    assert_eq!((leg.error.as_deref(), leg.wrap_up_due), (Some("It broke"), true));
    assert_eq!(look.caller.name.as_deref(), Some("Anna"), "a number is no name");
    assert_eq!(look.caller.address.as_deref(), Some("anna@example.org"));
}

#[test]
fn the_flat_form_names_the_participant_alone() {
    let look = flat(
        r#"{"id":"c1","participants":[
        {"id":"p1","purpose":"customer","state":"disconnected","address":"tel:+4930123456","disconnectType":"endpoint"},
        {"id":"p5","purpose":"agent","user":{"id":"me"},"queue":{"id":"q1","name":"Sales"},"state":"alerting","direction":"inbound",
         "startAlertingTime":"2026-11-21T09:00:31Z","alertingTimeoutMs":20000}]}"#,
        MediaKind::Call,
    );
    let leg = &look.legs[0];
    assert_eq!((leg.leg.as_str(), leg.participant.as_str(), leg.medium), ("p5", "p5", Medium::Call));
    assert_eq!((leg.queue_id.as_deref(), leg.queue_name.as_deref()), (Some("q1"), Some("Sales")));
    assert_eq!((leg.state, leg.alerting_timeout_ms), (LegState::Alerting, Some(20_000)));
    assert_eq!((look.caller_gone, look.ended), (true, false));
    assert_eq!(look.caller, Party { name: None, address: Some("+4930123456".into()) });
}

#[test]
fn callbacks_emails_and_colleagues_have_their_callers() {
    let callback = generic(
        r#"{"id":"c","participants":[{"id":"p1","purpose":"customer"},
        {"id":"p2","purpose":"agent","userId":"me","callbacks":[{"id":"b","state":"alerting","callbackUserName":"Bo Lind",
         "callbackNumbers":["tel:+4640","+4641"]}]}]}"#,
    );
    assert_eq!(callback.caller, Party { name: Some("Bo Lind".into()), address: Some("+4640".into()) });
    assert_eq!(callback.legs[0].medium, Medium::Callback);
    let mail = flat(
        r#"{"id":"c","participants":[{"id":"p1","purpose":"customer","name":"Cy","address":"cy@example.org","state":"connected"},
        {"id":"p2","purpose":"agent","user":{"id":"me"},"state":"alerting","subject":"Order 17"}]}"#,
        MediaKind::Email,
    );
    assert_eq!(mail.legs[0].subject.as_deref(), Some("Order 17"));
    assert_eq!(mail.caller.address.as_deref(), Some("cy@example.org"));
    let direct = generic(
        r#"{"id":"c","participants":[{"id":"p1","purpose":"user","userId":"ben","name":"Ben Okafor","calls":[{"id":"a","state":"connected","direction":"outbound"}]},
        {"id":"p2","purpose":"user","userId":"me","calls":[{"id":"b","state":"alerting","direction":"inbound"}]}]}"#,
    );
    assert_eq!(direct.caller.name.as_deref(), Some("Ben Okafor"));
}

#[rstest]
#[case("alerting", "inbound", LegState::Alerting)]
#[case("ALERTING", "inbound", LegState::Alerting)]
#[case("offering", "inbound", LegState::Alerting)]
#[case("contacting", "inbound", LegState::Alerting)]
#[case("contacting", "outbound", LegState::Connected)]
#[case("dialing", "outbound", LegState::Connected)]
#[case("parked", "inbound", LegState::Connected)]
#[case("transmitting", "inbound", LegState::Connected)]
#[case("terminated", "inbound", LegState::Disconnected)]
#[case("scheduled", "inbound", LegState::Other)]
#[case("levitating", "inbound", LegState::Other)]
fn each_word_has_its_place(#[case] word: &str, #[case] direction: &str, #[case] state: LegState) {
    let json = format!(
        r#"{{"id":"c","participants":[{{"id":"p","userId":"me","purpose":"agent","calls":[{{"id":"l","state":"{word}","direction":"{direction}"}}]}}]}}"#
    );
    assert_eq!(generic(&json).legs[0].state, state);
}

#[rstest]
#[case(r#""wrapupRequired":true"#, "", true)]
#[case(r#""wrapupPrompt":"mandatory""#, "", true)]
#[case(r#""wrapupPrompt":"optional""#, "", false)]
#[case(r#""startAcwTime":"2026-11-21T09:00:00Z""#, "", true)]
#[case(r#""wrapupRequired":true,"endAcwTime":"2026-11-21T09:00:00Z""#, "", false)]
#[case(r#""wrapupRequired":true,"wrapup":{"code":"w1"}"#, "", false)]
#[case(r#""wrapupRequired":true,"wrapup":{"code":"w1","provisional":true}"#, "", true)]
#[case(r#""wrapupRequired":true,"wrapupSkipped":true"#, "", false)]
#[case(r#""wrapupRequired":true"#, r#","afterCallWork":{"state":"complete"}"#, false)]
#[case(r#""wrapupRequired":false"#, r#","afterCallWork":{"state":"pending"}"#, true)]
#[case(r#""wrapupRequired":true"#, r#","wrapup":{"code":"w1"}"#, false)]
#[case(r#""name":"x""#, "", false)]
fn wrap_up_is_due_when_wanted_and_not_done(#[case] participant: &str, #[case] leg: &str, #[case] due: bool) {
    let json = format!(
        r#"{{"id":"c","participants":[{{"id":"p","userId":"me",{participant},"calls":[{{"id":"l","state":"disconnected"{leg}}}]}}]}}"#
    );
    assert_eq!(generic(&json).legs[0].wrap_up_due, due);
}

#[rstest]
#[case(r#""endTime":"2026-11-21T09:00:00Z","#, "connected", true, false)]
#[case(r#""state":"disconnected","#, "connected", true, false)]
#[case("", "disconnected", true, true)]
#[case("", "connected", false, false)]
fn a_conversation_is_over_when_it_says_so_or_all_have_left(
    #[case] extra: &str,
    #[case] caller: &str,
    #[case] ended: bool,
    #[case] gone: bool,
) {
    let look = generic(&format!(
        r#"{{"id":"c",{extra}"participants":[{{"id":"p1","purpose":"customer","calls":[{{"id":"a","state":"{caller}"}}]}},
        {{"id":"p2","userId":"me","calls":[{{"id":"b","state":"disconnected"}}]}}]}}"#
    ));
    assert_eq!((look.ended, look.caller_gone), (ended, gone));
}

#[test]
fn what_makes_no_sense_is_no_crash() {
    for json in [r"{}", r#"{"id":"c","participants":[null,{},{"userId":"me","calls":[{},{"id":"l"}]}]}"#] {
        let look = generic(json);
        assert!(look.legs.iter().all(|leg| leg.state == LegState::Other));
        flat(json, MediaKind::Generic);
    }
    assert_eq!(sighting(&serde_json::from_str(REST).unwrap(), "").legs, [], "nobody is signed in: nothing is mine");
}
