//! 429: nothing of that kind before `Retry-After`, nothing cuts it short, and it holds up no open socket.

use rstest::rstest;

use super::*;

/// Everything that makes other waits shorter.
fn impatience(rig: &mut Rig) -> Vec<Output> {
    let trouble = Trouble::passing("token.unknown", "Unknown.");
    let mut out = rig.go(Input::ReconnectNow);
    out.extend(rig.go(Input::Woke));
    out.extend(rig.go(Input::TokenWaiting { trouble, until: None }));
    out.extend(rig.token(1, true, false));
    out.extend(rig.token(2, true, false));
    out.extend(rig.go(Input::Deaf));
    out
}

fn on_identify() -> Rig {
    let mut rig = Rig::identifying();
    rig.identified(Err(limited(429, Some(7))));
    rig
}

fn on_create() -> Rig {
    let mut rig = Rig::creating();
    rig.created(Err(limited(429, Some(7))));
    rig
}

fn on_upgrade() -> Rig {
    let mut rig = Rig::opening();
    rig.not_opened(DialError::Refused { status: 429, retry_after: Some(s(7)) });
    rig
}

#[rstest]
#[case::identify(on_identify())]
#[case::create(on_create())]
#[case::upgrade(on_upgrade())]
fn nothing_goes_out_before_retry_after_and_nothing_cuts_it_short(#[case] mut rig: Rig) {
    assert_eq!(rig.shown_wait(), Some(7000));
    for _ in 0..6 {
        assert_eq!(rig.pass(ms(1100)), []);
        assert_eq!(impatience(&mut rig), []);
    }
    let waited = rig.until_attempt();
    assert_eq!(waited, ms(400));
}

#[test]
fn a_refused_subscription_waits_and_the_socket_opens_meanwhile() {
    let mut rig = Rig::opening();
    assert_eq!(rig.subscribed(Err(limited(429, Some(7)))), []);
    assert_eq!(rig.opened(), [Output::Ping { epoch: 1 }], "the socket is not held up");
    assert_eq!(rig.state(), LinkState::Connecting);
    assert_eq!(rig.code(), "rate.limited");
    assert_eq!(rig.shown_wait(), Some(7000), "a long wait is shown with its time");
    let said = rig.pass(ms(6999));
    assert!(said.iter().all(|(_, output)| matches!(output, Output::Ping { .. })), "{said:?}");
    assert!(subscribes(&rig.pass(ms(1)).into_iter().map(|(_, output)| output).collect::<Vec<_>>()));
    assert!(rig.subscribed(Ok(true)).contains(&Output::Up));
}

#[rstest]
#[case::a_click(Input::ReconnectNow)]
#[case::the_socket_dies(Input::Ended { epoch: 1, end: End::Closed { code: None, reason: String::new() } })]
#[case::a_new_token(Input::Token { generation: 2, proved: true, fresh: false })]
fn not_even_a_new_channel_is_subscribed_before_retry_after(#[case] cause: Input) {
    let mut rig = Rig::opening();
    rig.opened();
    rig.subscribed(Err(limited(429, Some(7))));
    let out = rig.go(cause);
    rig.retried_after(&out);
    let out = rig.created(Ok(None));
    assert!(out.contains(&Output::Dial { epoch: 2 }), "{out:?}");
    assert!(!subscribes(&out), "too early: {out:?}");
    rig.opened();
    let said = rig.pass(s(7));
    let at = said.iter().find(|(_, output)| matches!(output, Output::Subscribe { .. })).map(|(at, _)| *at);
    assert!(at.is_some_and(|at| at > s(6) && at <= s(7)), "{at:?}");
    assert!(rig.subscribed(Ok(true)).contains(&Output::Up));
}

#[test]
fn a_429_without_retry_after_has_a_wait_of_its_own() {
    let mut rig = Rig::creating();
    rig.created(Err(limited(429, None)));
    assert_eq!(rig.until_attempt(), s(5));
}

#[test]
fn retry_after_zero_makes_no_storm() {
    let mut rig = Rig::opening();
    rig.opened();
    let (mut puts, mut asked, end) = (0, true, rig.now + s(30));
    while rig.now < end {
        if std::mem::take(&mut asked) {
            rig.subscribed(Err(limited(429, Some(0))));
        }
        rig.heard(Heard::Pong);
        asked = rig.pass(ms(10)).iter().any(|(_, output)| matches!(output, Output::Subscribe { .. }));
        puts += u32::from(asked);
    }
    assert!((1..=31).contains(&puts), "{puts} in 30 s");
}

#[test]
fn a_live_socket_goes_on_hearing_while_its_extension_waits() {
    let mut rig = Rig::stable();
    assert_eq!(rig.subscribed(Err(limited(429, Some(60)))), []);
    rig.listen(s(59));
    assert_eq!(rig.state(), LinkState::Connected);
}
