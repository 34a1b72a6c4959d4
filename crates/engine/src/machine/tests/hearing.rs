//! Gaps, deafness, eviction and rejected topics through all the rooms.

use super::*;

#[test]
fn late_frames_of_an_older_socket_are_dropped() {
    let mut rig = Rig::up();
    let old = rig.epoch();
    rig.close(None, "");
    rig.serve();
    rig.forget();
    rig.go(Input::Frame { epoch: old, frame: frame_of("ada", "c1", "alerting") });
    rig.go(Input::Frame { epoch: old, frame: Frame::Text("{".into()) });
    rig.go(Input::Frame { epoch: old, frame: system_frame("token_revoked", None) });
    assert_eq!(rig.told, []);
    assert_eq!(rig.asked, [""; 0]);
    assert_eq!(rig.notices(), [""; 0]);
}

#[test]
fn an_offer_that_ended_in_the_gap_is_missed_once_and_the_gap_says_so_at_once() {
    let mut rig = Rig::ringing();
    let verified = rig.wall();
    rig.server.conversations.clear();
    rig.server.ended = vec![call("ada", "c1", "disconnected")];
    rig.server.routing = "NOT_RESPONDING";
    rig.now += s(1);
    rig.close(Some(1006), "");
    assert_eq!(rig.state(), LinkState::Reconnecting);
    rig.serve();
    assert_eq!(rig.missed().len(), 1, "known, so nothing is guessed beside it: {:?}", rig.missed());
    assert_eq!(rig.missed()[0].conversation.as_deref(), Some("c1"));
    let gaps = rig.gaps();
    assert_eq!(gaps.len(), 1);
    assert_eq!((gaps[0].from, gaps[0].missed, gaps[0].settled), (verified, 1, false));
    assert!(gaps[0].recovered > 0);
    rig.pass(s(4));
    let gaps = rig.gaps();
    assert_eq!((gaps.len(), gaps[1].missed, gaps[1].settled), (2, 1, true));
    assert_eq!(rig.ended().len(), 1);
}

#[test]
fn an_offer_that_nobody_can_name_counts_once() {
    let mut rig = Rig::up();
    rig.server.routing = "NOT_RESPONDING";
    rig.close(None, "");
    rig.serve();
    rig.pass(s(4));
    assert_eq!(rig.missed().len(), 1);
    assert_eq!(rig.missed()[0].conversation, None);
    let counted: Vec<_> = rig.gaps().iter().map(|gap| gap.missed).collect();
    assert_eq!(counted, [0, 1], "told once analytics have said that they cannot name it");
}

/// What analytics tell of an offer that came and went then.
fn came_and_went(began: Millis) -> wire::ConversationDetails {
    let at = |millis: Millis| jiff::Timestamp::from_millisecond(millis).unwrap().to_string();
    serde_json::from_value(json!({ "totalHits": 1, "conversations": [{
        "conversationId": "c9", "conversationStart": at(began - 5_000), "conversationEnd": at(began + 1_000),
        "participants": [
            { "participantId": "p1", "purpose": "customer", "participantName": "Ana Pereira" },
            { "participantId": "p2", "purpose": "agent", "userId": "ada", "sessions": [{ "mediaType": "voice",
                "segments": [{ "segmentType": "alert", "segmentStart": at(began),
                    "segmentEnd": at(began + 900), "disconnectType": "peer" }] }] },
        ] }] }))
    .unwrap()
}

#[test]
fn an_offer_that_analytics_name_is_told_with_its_caller_and_counts_for_its_gap() {
    // At once, or so late that only the last look finds it.
    for lag in [0, 100] {
        let mut rig = Rig::up();
        let began = rig.wall() + 500;
        rig.server.routing = "NOT_RESPONDING";
        rig.server.analytics = Some(wire::ConversationDetails::default());
        rig.now += s(1);
        rig.close(None, "");
        rig.serve();
        rig.pass(s(lag));
        rig.server.analytics = Some(came_and_went(began));
        rig.pass(s(300));
        let missed = rig.missed();
        assert_eq!(missed.len(), 1, "found after {lag} s: {missed:?}");
        assert_eq!((missed[0].caller.as_deref(), missed[0].end), (Some("Ana Pereira"), OfferEnd::WhileDeaf));
        let gap = rig.gaps().into_iter().rfind(|gap| gap.settled).cloned().unwrap();
        assert_eq!((gap.missed, gap.recovered), (1, 1), "found after {lag} s");
    }
}

#[test]
fn what_the_new_socket_told_by_itself_is_not_laid_to_the_gap() {
    let mut rig = Rig::up();
    rig.close(None, "");
    rig.serve();
    rig.frame(frame_of("ada", "c1", "alerting"));
    rig.frame(frame_of("ada", "c1", "disconnected"));
    rig.pass(s(4));
    assert_eq!(rig.missed().len(), 1);
    let counted: Vec<_> = rig.gaps().iter().map(|gap| gap.missed).collect();
    assert_eq!(counted, [0, 0]);
}

#[test]
fn a_conversation_that_is_gone_counts_as_missed_in_the_gap() {
    let mut rig = Rig::ringing();
    rig.server.conversations.clear();
    rig.close(None, "");
    rig.serve();
    rig.pass(s(10));
    assert_eq!(rig.missed().len(), 1);
    assert!(rig.snapshot().offers.is_empty());
    assert_eq!(rig.gaps().last().map(|gap| (gap.settled, gap.missed)), Some((true, 1)), "{:?}", rig.gaps());
}

#[test]
fn an_offer_that_still_alerts_after_the_gap_rings_on_and_not_again() {
    let mut rig = Rig::ringing();
    rig.close(None, "");
    rig.serve();
    rig.frame(frame_of("ada", "c1", "alerting"));
    rig.pass(s(4));
    assert_eq!(rig.started(), [""; 0]);
    assert_eq!(rig.snapshot().offers.len(), 1);
}

#[test]
fn a_deaf_socket_is_found_by_comparison_and_its_offer_rings_once() {
    let mut rig = Rig::up();
    rig.server.conversations = vec![call("ada", "c1", "alerting")];
    let epoch = rig.epoch();
    rig.pass(s(70));
    assert_eq!(rig.started(), ["c1-leg"]);
    assert!(rig.epoch() > epoch, "the socket is replaced");
    let gap = rig.gaps()[0].clone();
    assert_eq!(gap.causes[0].code, "socket.deaf");
    assert!(gap.to - gap.from > 55_000, "from the last agreement, a minute ago: {gap:?}");
    assert_eq!(rig.state(), LinkState::Connected);
    rig.pass(s(120));
    assert_eq!(rig.started().len(), 1);
}

#[test]
fn while_evicted_an_offer_still_rings_and_the_fight_is_said() {
    let mut rig = Rig::up();
    for _ in 0..4 {
        rig.frame(system_frame("no_longer_subscribed", Some("another_channel_subscribed")));
        if rig.machine.link.epoch().is_some() || rig.count("CreateChannel") < 3 {
            rig.pass(s(5));
        }
        if rig.machine.link.epoch().is_none() {
            break;
        }
    }
    assert!(rig.machine.link.epoch().is_none(), "sixteen seconds to wait now");
    assert_eq!(rig.notices(), ["channel.evicted"]);
    rig.server.conversations = vec![call("ada", "c1", "alerting")];
    rig.pass(s(6));
    assert_eq!(rig.started(), ["c1-leg"]);
    rig.pass(s(30));
    assert_eq!(rig.state(), LinkState::Connected);
    assert!(rig.snapshot().link.caught_up);
    assert_eq!(rig.notices(), [""; 0]);
}

#[test]
fn revoked_tokens_are_told_from_evictions() {
    for frame in
        [system_frame("no_longer_subscribed", Some("user_tokens_revoked")), system_frame("token_revoked", None)]
    {
        let mut rig = Rig::up();
        rig.frame(frame);
        assert_eq!(rig.count("RereadCredential"), 1, "{:?}", rig.asked);
        rig.serve();
        assert_eq!(rig.state(), LinkState::SignInNeeded, "the stored credential is the same");
    }
}

#[test]
fn a_topic_that_is_not_granted_is_named_and_hearing_goes_on_unless_it_is_the_essential_one() {
    let mut rig = Rig::new();
    rig.sign_in(Renewal::None);
    while let Some(effect) = rig.pending.pop_front() {
        let answer = match effect {
            Effect::Subscribe { epoch, topics, .. } => {
                let result = |topic: Topic| TopicResult {
                    permitted: !topic.as_str().ends_with("conversationsummary"),
                    missing_permissions: vec!["conversation:summary:view".into()],
                    reason: None,
                    topic,
                };
                Some(Input::Subscribed { epoch, result: Ok(topics.into_iter().map(result).collect()) })
            }
            effect => rig.server.answer(effect),
        };
        if let Some(answer) = answer {
            rig.go(answer);
        }
    }
    assert_eq!(rig.state(), LinkState::Connected);
    assert_eq!(rig.notices(), ["topic.rejected"]);
    let mut rig = Rig::new();
    rig.server.essential = false;
    rig.sign_in(Renewal::None);
    rig.serve();
    assert_eq!((rig.state(), rig.code().as_str()), (LinkState::Blocked, "topic.essential"));
}

#[test]
fn frames_that_cannot_be_read_are_counted_and_hearing_goes_on() {
    let mut rig = Rig::up();
    for frame in [
        Frame::Text("not JSON".into()),
        Frame::Text("[]".into()),
        Frame::Text(json!({ "topicName": "v2.users.ada.conversations", "eventBody": {} }).to_string()),
        Frame::Binary(vec![0, 1, 2].into()),
    ] {
        rig.frame(frame);
    }
    assert_eq!(rig.notices(), ["frame.unreadable"]);
    assert!(rig.snapshot().notices[0].trouble.message.starts_with("4 "));
    rig.frame(frame_of("ada", "c1", "alerting"));
    assert_eq!(rig.started(), ["c1-leg"]);
    assert_eq!(rig.state(), LinkState::Connected);
}

#[test]
fn a_socket_that_did_not_open_is_not_the_end() {
    let mut rig = Rig::up();
    rig.close(None, "");
    let create = rig.pending.pop_back().unwrap();
    let answer = rig.server.answer(create).unwrap();
    rig.go(answer);
    let epoch = rig.epoch();
    rig.go(Input::NotOpened { epoch, error: DialError::Refused { status: 503, retry_after: None } });
    assert_eq!(rig.state(), LinkState::Reconnecting);
    rig.pending.retain(|effect| !matches!(effect, Effect::Dial { epoch: dropped } | Effect::Subscribe { epoch: dropped, .. } if *dropped == epoch));
    rig.pass(s(5));
    assert_eq!(rig.state(), LinkState::Connected);
}

fn summary_frame(connected: u64) -> Frame {
    let body = json!({ "userId": "ada", "call": { "contactCenter": { "active": connected, "acw": 0 } } });
    let topic = "v2.users.ada.conversationsummary";
    Frame::Text(json!({ "topicName": topic, "version": "2", "eventBody": body, "metadata": {} }).to_string())
}

#[test]
fn a_count_that_the_desk_cannot_explain_brings_a_comparison_and_one_it_can_does_not() {
    let mut rig = Rig::up();
    rig.pass(s(10));
    let before = rig.count("List");
    rig.frame(summary_frame(0));
    rig.pass(s(5));
    assert_eq!(rig.count("List"), before, "the desk is as empty as Genesys says");
    rig.frame(summary_frame(1));
    rig.pass(s(5));
    assert_eq!(rig.count("List"), before + 1, "a conversation that no event told of");
}
