//! The way to hearing: its order, its round trips, its limit, and the extension of the channel.

use super::*;

#[test]
fn the_way_to_hearing_takes_its_steps_in_order() {
    let mut rig = Rig::new();
    assert_eq!(rig.state(), LinkState::Closed);
    assert_eq!(rig.token(1, false, true), [Output::Identify { epoch: 1, generation: 1 }]);
    assert_eq!(rig.state(), LinkState::Connecting);
    let accepted = Output::Accepted { generation: 1 };
    let create = Output::CreateChannel { epoch: 1, generation: 1 };
    assert_eq!(rig.identified(Ok(())), [accepted.clone(), create]);
    let subscribe = Output::Subscribe { epoch: 1, generation: 1 };
    let beside = [accepted.clone(), subscribe, Output::Dial { epoch: 1 }];
    assert_eq!(rig.created(Ok(None)), beside, "the subscription is asked for beside the socket");
    assert_eq!(rig.subscribed(Ok(true)), [accepted]);
    assert_eq!(rig.state(), LinkState::Connecting, "half of it is not hearing");
    assert_eq!(rig.opened(), [Output::Ping { epoch: 1 }, Output::Up]);
    assert_eq!(rig.state(), LinkState::Connected);
    assert!(rig.link.live());
}

#[test]
fn it_hears_in_whichever_order_socket_and_subscription_come() {
    let mut rig = Rig::opening();
    assert_eq!(rig.opened(), [Output::Ping { epoch: 1 }]);
    assert_eq!(rig.state(), LinkState::Connecting);
    assert_eq!(rig.subscribed(Ok(true)), [Output::Accepted { generation: 1 }, Output::Up]);
}

#[test]
fn a_reconnect_costs_no_round_trip_that_is_known_already() {
    let mut rig = Rig::stable();
    let out = rig.closed(None, "");
    assert_eq!(out[0], Output::Drop { epoch: 1 });
    assert!(matches!(out[1], Output::Lost { .. }));
    assert_eq!(out[2..], [Output::CreateChannel { epoch: 2, generation: 1 }]);
    let out = rig.created(Ok(None));
    assert!(subscribes(&out) && out.contains(&Output::Dial { epoch: 2 }));
}

#[test]
fn a_renewed_token_is_the_same_person_and_a_new_sign_in_may_be_another() {
    let mut rig = Rig::stable();
    let out = rig.token(2, true, false);
    assert!(out.contains(&Output::CreateChannel { epoch: 2, generation: 2 }), "{out:?}");
    rig.take_over();
    rig.listen(s(20));
    let out = rig.token(3, false, true);
    assert!(out.contains(&Output::Identify { epoch: 3, generation: 3 }), "{out:?}");
}

#[test]
fn an_attempt_that_comes_to_no_end_is_given_up() {
    for mut rig in [Rig::identifying(), Rig::creating(), Rig::opening()] {
        let begun = rig.now - s(1);
        let waited = rig.until_attempt();
        assert_eq!(rig.now - waited - begun, s(1));
        assert!(waited >= ATTEMPT_LIMIT - s(1) && waited <= ATTEMPT_LIMIT, "{waited:?}");
        assert_eq!(rig.epoch(), 2);
        assert_eq!(rig.code(), "network.timeout");
    }
}

#[test]
fn a_socket_without_a_subscription_is_given_up_too() {
    let mut rig = Rig::opening();
    rig.opened();
    let mut waited = 0;
    while rig.epoch() == 1 {
        rig.pass(s(1));
        rig.heard(Heard::Pong);
        waited += 1;
        assert!(waited <= 60, "it listens to nothing");
    }
}

#[test]
fn the_channel_is_extended_at_half_its_life_over_the_open_socket() {
    let mut rig = Rig::creating();
    let expires = rig.wall() + millis(s(2 * 3600));
    rig.created(Ok(Some(expires)));
    rig.subscribed(Ok(true));
    rig.opened();
    rig.listen(s(3599));
    let extension = || Output::Subscribe { epoch: 1, generation: 1 };
    let said: Vec<_> = rig.pass(s(1)).into_iter().map(|(_, output)| output).collect();
    assert!(said.contains(&extension()), "{said:?}");
    assert!(rig.link.live());
    let asked = [Output::Accepted { generation: 1 }, Output::AskExpiry { epoch: 1, generation: 1 }];
    assert_eq!(rig.subscribed(Ok(true)), asked);
    assert!(!subscribes(&rig.go(Input::Tick)), "once");
    let later = rig.wall() + millis(s(2 * 3600));
    assert_eq!(rig.go(Input::Expiry { epoch: 1, result: Ok(Some(later)) }), []);
    assert_eq!(rig.state(), LinkState::Connected);
    rig.listen(s(3599));
    assert!(subscribes(&rig.pass(s(1)).into_iter().map(|(_, output)| output).collect::<Vec<_>>()), "and so on");
}

#[test]
fn an_extension_that_fails_leaves_the_socket_alone_and_is_tried_again() {
    let at_half_life = || {
        let mut rig = Rig::creating();
        rig.created(Ok(Some(rig.wall() + millis(s(120)))));
        rig.subscribed(Ok(true));
        rig.opened();
        rig.listen(s(60));
        rig
    };
    let next_put = |rig: &mut Rig, error: ApiError| {
        let out = rig.subscribed(Err(error));
        assert!(out.is_empty(), "{out:?}");
        (1..1000).find(|_| {
            rig.heard(Heard::Pong);
            let said = rig.pass(s(1));
            said.iter().any(|(_, output)| matches!(output, Output::Subscribe { .. }))
        })
    };
    let mut rig = at_half_life();
    assert_eq!(next_put(&mut rig, status(503)), Some(300));
    assert_eq!(next_put(&mut rig, limited(429, Some(7))), Some(7));
    assert!(rig.link.live());
    let out = rig.subscribed(Err(status(404)));
    assert!(suspects(&out) && lost(&out).is_some(), "404 says that the channel is gone: {out:?}");
}

#[test]
fn an_extension_that_no_longer_grants_the_essential_topic_is_said() {
    let mut rig = Rig::stable();
    let out = rig.subscribed(Ok(false));
    assert!(lost(&out).is_some());
    assert_eq!(rig.state(), LinkState::Blocked);
}

#[test]
fn a_lifetime_longer_than_any_is_a_wrong_clock_and_not_believed() {
    let mut rig = Rig::creating();
    rig.created(Ok(Some(rig.wall() + millis(s(100 * 24 * 3600)))));
    rig.subscribed(Ok(true));
    rig.opened();
    rig.listen(s(20));
    let Some(Stage::Live { extend_at, .. }) = rig.link.live.as_ref().map(|connection| connection.stage) else {
        panic!("not live")
    };
    assert!(extend_at <= rig.now + CHANNEL_LIFETIME / 2, "{extend_at:?}");
}
