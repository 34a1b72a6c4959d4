//! From sign-in to hearing, through the life and death of tokens, to sign-out.

use super::*;

#[test]
fn from_sign_in_to_caught_up() {
    let mut rig = Rig::new();
    assert_eq!(rig.state(), LinkState::Closed);
    rig.server.conversations = vec![call("ada", "c1", "alerting"), call("ada", "c2", "connected")];
    rig.sign_in(Renewal::None);
    assert_eq!(rig.state(), LinkState::Connecting);
    rig.serve();
    let snapshot = rig.snapshot();
    assert_eq!((snapshot.link.state, snapshot.link.caught_up), (LinkState::Connected, true));
    assert!(snapshot.agent.as_ref().is_some_and(|agent| agent.name == "Ada Agent" && agent.on_queue));
    assert_eq!(rig.started(), ["c1-leg"]);
    assert_eq!(snapshot.conversations.len(), 1);
    assert_eq!(snapshot.notices, []);
    for kind in ["Identify", "CreateChannel", "Subscribe", "Dial", "List", "ReadMe"] {
        assert_eq!(rig.count(kind), 1, "{kind}: {:?}", rig.asked);
    }
    let subscribe = rig.asked.iter().find(|asked| asked.starts_with("Subscribe")).unwrap();
    for topic in ["conversations", "presence", "routingStatus", "conversationsummary"] {
        assert!(subscribe.contains(&format!("v2.users.ada.{topic}\"")), "{subscribe}");
    }
    let states: Vec<_> = rig
        .told
        .iter()
        .filter_map(|event| match event {
            Event::Link(view) => Some((view.state, view.caught_up)),
            _ => None,
        })
        .collect();
    let caught_up = (LinkState::Connected, true);
    assert_eq!(states, [(LinkState::Connecting, false), (LinkState::Connected, false), caught_up]);
}

#[test]
fn a_token_that_dies_under_a_live_socket_is_renewed_once_whoever_complains() {
    let mut rig = Rig::ringing();
    rig.server.dead.insert(1);
    rig.command(Command::Answer { leg: "c1-leg".into() });
    rig.command(Command::SetPresence { id: "p-available".into() });
    rig.frame(system_frame("no_longer_subscribed", Some("another_channel_subscribed")));
    rig.go(Input::ReconnectNow);
    rig.serve();
    rig.pass(s(10));
    assert_eq!((rig.count("Check"), rig.count("Renew"), rig.machine.generation()), (1, 1, 2), "{:?}", rig.asked);
    assert_eq!(rig.state(), LinkState::Connected);
    assert!(rig.snapshot().link.caught_up);
    assert_eq!(rig.started(), [""; 0], "nothing rings twice");
}

#[test]
fn a_close_about_the_token_is_looked_into_before_anything_is_renewed() {
    for (dead, renewals) in [(true, 1), (false, 0)] {
        let mut rig = Rig::up();
        if dead {
            rig.server.dead.insert(1);
        }
        rig.close(Some(1008), "");
        rig.serve();
        rig.pass(s(1));
        assert_eq!((rig.count("Check"), rig.count("Renew")), (1, renewals), "{:?}", rig.asked);
        assert_eq!(rig.state(), LinkState::Connected);
        assert_eq!(rig.machine.generation(), 1 + renewals as u64);
    }
}

#[test]
fn the_token_is_renewed_before_its_end_and_the_link_follows() {
    let mut rig = Rig::up();
    rig.pass(HOUR);
    assert_eq!((rig.count("Renew"), rig.count("Check")), (1, 0));
    assert_eq!(rig.state(), LinkState::Connected);
    assert_eq!(rig.gaps(), [] as [&GapRecord; 0], "both hear for a while, so nothing is missed");
}

#[test]
fn a_pkce_sign_in_that_ends_asks_for_another_and_goes_on_hearing_meanwhile() {
    let mut rig = Rig::new();
    rig.sign_in(Renewal::None);
    rig.serve();
    rig.pass(s(20));
    rig.pass(s(3600 - 20 - 590));
    assert_eq!(rig.notices(), ["sign_in.needed"], "well before the end");
    assert_eq!(rig.state(), LinkState::Connected);
    rig.server.dead.insert(1);
    rig.pass(s(600));
    assert_eq!(rig.state(), LinkState::SignInNeeded);
    assert_eq!(rig.count("Renew"), 0, "there is nothing to renew with");
    rig.frame(frame_of("ada", "c1", "alerting"));
    assert_eq!(rig.started(), ["c1-leg"], "the old socket may ring yet");
    rig.server.conversations = vec![call("ada", "c1", "alerting")];
    rig.sign_in(Renewal::None);
    rig.serve();
    rig.pass(s(10));
    assert_eq!((rig.state(), rig.machine.generation()), (LinkState::Connected, 2));
    assert_eq!(rig.notices(), [""; 0]);
    assert_eq!(rig.started(), ["c1-leg"], "and does not ring twice");
}

#[test]
fn while_a_sign_in_is_needed_a_dead_token_is_not_used_again_and_again() {
    let mut rig = Rig::new();
    rig.sign_in(Renewal::None);
    rig.serve();
    rig.pass(s(20));
    rig.server.dead.insert(1);
    rig.close(Some(1008), "");
    rig.serve();
    assert_eq!(rig.state(), LinkState::SignInNeeded);
    rig.forget();
    rig.pass(s(600));
    assert_eq!(rig.asked, [""; 0]);
    assert_eq!(rig.code(), "sign_in.needed");
}

#[test]
fn another_person_who_signs_in_is_listened_to_as_themselves() {
    let mut rig = Rig::ringing();
    rig.server.dead.insert(1);
    rig.server.user = "bob";
    rig.server.conversations.clear();
    rig.sign_in(Renewal::RefreshToken);
    rig.serve();
    rig.pass(s(10));
    assert_eq!(rig.state(), LinkState::Connected, "{:?}", rig.snapshot().link);
    assert_eq!(rig.snapshot().agent.map(|agent| agent.id).as_deref(), Some("bob"));
    assert_eq!(rig.ended(), [("c1-leg", OfferEnd::Withdrawn)], "the other one's offers are not his");
    rig.frame(frame_of("bob", "c2", "alerting"));
    assert_eq!(rig.started(), ["c2-leg"]);
}

#[test]
fn an_agent_without_an_id_is_an_answer_that_cannot_be_read() {
    let mut rig = Rig::new();
    rig.server.user = "";
    rig.sign_in(Renewal::None);
    let identify = rig.pending.pop_front().unwrap();
    let answer = rig.server.answer(identify).unwrap();
    rig.go(answer);
    assert_eq!(rig.code(), "answer.malformed");
    assert!(rig.snapshot().agent.is_none());
}

#[test]
fn sign_out_clears_everything_and_late_answers_bring_nothing_back() {
    let mut rig = Rig::ringing();
    rig.server.ended = vec![call("ada", "c1", "alerting")];
    let epoch = rig.epoch();
    rig.command(Command::Answer { leg: "c1-leg".into() });
    rig.close(None, "");
    let late: Vec<_> = std::mem::take(&mut rig.pending).into();
    rig.go(Input::SignedOut);
    assert_eq!(rig.ended(), [("c1-leg", OfferEnd::Withdrawn)]);
    assert!(matches!(rig.pending.pop_back(), Some(Effect::Drop { .. })));
    rig.forget();
    for effect in late {
        if let Some(answer) = rig.server.answer(effect) {
            rig.go(answer);
        }
    }
    rig.go(Input::Frame { epoch, frame: frame_of("ada", "c2", "alerting") });
    rig.serve();
    rig.pass(HOUR);
    let snapshot = rig.snapshot();
    assert_eq!((snapshot.link.state, snapshot.link.trouble), (LinkState::Closed, None));
    assert!(snapshot.agent.is_none() && snapshot.offers.is_empty() && snapshot.conversations.is_empty());
    assert!(snapshot.missed.is_empty() && snapshot.notices.is_empty());
    assert_eq!(rig.asked, [""; 0], "nothing more is asked");
    assert!(!rig.machine.signed_in());
}

#[test]
fn a_late_look_up_does_not_ring_for_nobody() {
    let mut rig = Rig::ringing();
    rig.server.conversations.clear();
    rig.close(None, "");
    // Absent from the list, so looked up; the person signs out before the answer comes.
    for _ in 0..50 {
        let Some(at) = rig.pending.iter().position(|effect| !matches!(effect, Effect::LookUp { .. })) else { break };
        let effect = rig.pending.remove(at).unwrap();
        if let Some(answer) = rig.server.answer(effect) {
            rig.go(answer);
        }
    }
    assert!(rig.count("LookUp") > 0, "{:?}", rig.asked);
    rig.go(Input::SignedOut);
    rig.forget();
    let sighting = read::sighting(&conversation(&call("ada", "c1", "alerting")), "ada");
    let medium = crate::snapshot::Medium::Call;
    rig.go(Input::LookedUp { conversation: "c1".into(), medium, generation: 1, result: Ok(sighting) });
    assert_eq!(rig.started(), [""; 0]);
    assert!(rig.snapshot().offers.is_empty());
}
