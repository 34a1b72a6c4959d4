//! Passing trouble: how soon it is tried again, and that no failure becomes a storm.

use rstest::rstest;

use super::*;

#[rstest]
#[case::end_of_stream(None)]
#[case::normal(Some(1000))]
#[case::no_code(Some(1005))]
#[case::server_error(Some(1011))]
#[case::unheard_of(Some(4999))]
fn a_cause_that_is_ours_alone_is_retried_at_once(#[case] code: Option<u16>) {
    let mut rig = Rig::stable();
    rig.dice = u64::MAX;
    let out = rig.closed(code, "");
    assert!(begins(&out) && !suspects(&out), "{out:?}");
    assert_eq!(rig.state(), LinkState::Reconnecting);
}

#[rstest]
#[case::going_away(1001)]
#[case::restart(1012)]
#[case::later(1013)]
fn a_cause_that_hits_everybody_is_spread_over_three_seconds(#[case] code: u16) {
    let mut rig = Rig::stable();
    rig.dice = u64::MAX;
    let out = rig.closed(Some(code), "");
    let wait = rig.retried_after(&out);
    assert!(wait > ms(2999) && wait <= s(3), "{wait:?}");
    let mut rig = Rig::stable();
    rig.dice = u64::MAX / 4;
    let out = rig.closed(Some(code), "");
    let wait = rig.retried_after(&out);
    assert!(wait > ms(749) && wait <= ms(751), "{wait:?}");
}

#[rstest]
#[case::identify(|rig: &mut Rig| rig.identified(Err(status(503))), Rig::identifying())]
#[case::create(|rig: &mut Rig| rig.created(Err(status(500))), Rig::creating())]
#[case::subscribe(|rig: &mut Rig| rig.subscribed(Err(status(502))), Rig::opening())]
#[case::upgrade(|rig: &mut Rig| rig.not_opened(refused(503)), Rig::opening())]
fn a_5xx_backs_off_and_never_suspects_the_token(#[case] fail: fn(&mut Rig) -> Vec<Output>, #[case] mut rig: Rig) {
    rig.dice = u64::MAX;
    let out = fail(&mut rig);
    assert!(!suspects(&out) && out.contains(&Output::Drop { epoch: 1 }), "{out:?}");
    let wait = rig.retried_after(&out);
    assert!(wait > ms(2999) && wait <= s(3), "{wait:?}");
    assert_eq!(rig.state(), LinkState::Connecting, "never connected, so not reconnecting");
}

#[test]
fn no_network_is_said_to_be_offline() {
    let mut rig = Rig::stable();
    rig.closed(None, "");
    let out = rig.created(Err(ApiError::Transport(network(TransportKind::Offline))));
    assert!(!suspects(&out));
    assert_eq!(rig.state(), LinkState::Offline);
    rig.until_attempt();
    rig.finish();
    assert_eq!(rig.state(), LinkState::Connected);
}

#[test]
fn attempts_never_begin_closer_than_the_floor() {
    let mut rig = Rig::up();
    // Connected a second after the attempt began: the floor has passed.
    assert!(begins(&rig.closed(None, "")));
    let begun = rig.now;
    rig.now += ms(10);
    let out = rig.created(Err(ApiError::Transport(network(TransportKind::Broken))));
    rig.retried_after(&out);
    assert!(rig.now - begun >= ATTEMPT_FLOOR, "{:?}", rig.now - begun);
}

#[test]
fn a_click_in_the_middle_of_an_attempt_begins_another_but_not_below_the_floor() {
    let mut rig = Rig::new();
    rig.token(1, false, true);
    let begun = rig.now;
    let mut begins_at = vec![begun];
    for _ in 0..100 {
        rig.now += ms(10);
        let now = rig.now;
        if begins(&rig.go(Input::ReconnectNow)) || begins(&rig.go(Input::Tick)) {
            begins_at.push(now);
        }
    }
    assert!(begins_at.len() > 2, "a click does something");
    assert!(begins_at.windows(2).all(|pair| pair[1] - pair[0] >= ATTEMPT_FLOOR), "{begins_at:?}");
}

/// Begins of attempts within ten minutes, on a server that accepts and then does `end` after `lasting`.
fn attempts_in_ten_minutes(dice: u64, lasting: Duration, end: fn(&mut Rig) -> Vec<Output>) -> usize {
    let mut rig = Rig::new();
    rig.dice = dice;
    rig.token(1, false, true);
    let stop = rig.now + s(600);
    let mut attempts = 1;
    while rig.now < stop {
        rig.finish();
        rig.listen(lasting);
        let out = end(&mut rig);
        rig.retried_after(&out);
        attempts += 1;
    }
    attempts
}

#[rstest]
#[case::cut_off(|rig: &mut Rig| rig.closed(None, ""))]
#[case::restarting(|rig: &mut Rig| rig.closed(Some(1012), ""))]
fn accept_then_close_for_ever_stays_bounded(#[case] end: fn(&mut Rig) -> Vec<Output>) {
    let middle = attempts_in_ten_minutes(u64::MAX / 2, Duration::ZERO, end);
    assert!((20..=60).contains(&middle), "{middle} attempts");
    let short_lived = attempts_in_ten_minutes(u64::MAX / 2, s(9), end);
    assert!(short_lived < 60, "nine seconds forgive nothing: {short_lived} attempts");
}

#[test]
fn even_with_the_worst_luck_there_are_four_attempts_a_second_at_most() {
    let attempts = attempts_in_ten_minutes(0, Duration::ZERO, |rig| rig.closed(None, ""));
    assert!(attempts <= 2401, "{attempts}");
}

#[test]
fn ten_seconds_of_hearing_forgive_earlier_failures() {
    let mut rig = Rig::up();
    rig.dice = u64::MAX;
    for expected in [2_u32, 3, 4] {
        rig.listen(s(9));
        let out = rig.closed(None, "");
        rig.retried_after(&out);
        assert_eq!(rig.view().attempt, expected - 1);
        rig.finish();
    }
    rig.listen(s(10));
    assert_eq!(rig.view().attempt, 0);
    assert!(begins(&rig.closed(None, "")), "the first retry is at once again");
}

#[rstest]
#[case::a_click(Input::ReconnectNow)]
#[case::a_wake_up_or_network_change(Input::Woke)]
fn a_back_off_is_cut_short(#[case] input: Input) {
    let mut rig = Rig::stable();
    rig.dice = u64::MAX;
    rig.closed(Some(1012), "");
    rig.pass(ms(500));
    assert_eq!(rig.shown_wait(), Some(2500));
    assert!(begins(&rig.go(input)));
    assert_eq!(rig.shown_wait(), None);
}

#[test]
fn an_announced_end_is_spread_over_five_seconds() {
    let mut rig = Rig::stable();
    rig.dice = u64::MAX;
    let out = rig.heard(Heard::Closing);
    assert!(!suspects(&out));
    let wait = rig.retried_after(&out);
    assert!(wait > ms(4999) && wait <= s(5), "{wait:?}");
}

#[test]
fn the_indicator_says_since_when_and_why_and_when_next() {
    let mut rig = Rig::stable();
    let up_since = rig.view().since;
    assert_eq!(up_since, WALL + millis(s(101)));
    rig.dice = u64::MAX;
    rig.closed(Some(1012), "");
    let lost_at = rig.wall();
    let view = rig.view();
    assert_eq!((view.state, view.since, view.attempt), (LinkState::Reconnecting, lost_at, 1));
    assert_eq!(view.trouble.map(|trouble| trouble.code).as_deref(), Some("socket.closed"));
    assert_eq!(view.next_try_at, Some(lost_at + 3000));
    rig.until_attempt();
    rig.created(Err(status(500)));
    assert_eq!(rig.view().since, lost_at, "still the same outage");
    assert_eq!(rig.code(), "server.error");
    rig.until_attempt();
    rig.finish();
    assert_eq!((rig.state(), rig.view().since), (LinkState::Connected, rig.wall()));
    assert_eq!(rig.code(), "server.error", "what was survived last");
}
