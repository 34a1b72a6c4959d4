//! The watch over an open socket: half-open, deaf, asleep; and what the loss of it says.

use super::*;

fn lost_within(rig: &mut Rig, span: Duration) -> Option<(Duration, Millis, String)> {
    rig.pass(span).into_iter().find_map(|(at, output)| match output {
        Output::Lost { verified, trouble, .. } => Some((at, verified, trouble.code)),
        _ => None,
    })
}

#[test]
fn a_socket_that_answers_pings_is_dead_after_twelve_seconds() {
    let mut rig = Rig::stable();
    let verified = rig.wall();
    let (at, since, code) = lost_within(&mut rig, s(30)).expect("noticed");
    assert_eq!((at, since, code.as_str()), (s(12), verified, "socket.silent"));
}

#[test]
fn a_socket_that_never_answered_has_thirty_five_seconds() {
    let mut rig = Rig::up();
    rig.pass(s(10));
    rig.heard(Heard::Frame);
    let verified = rig.wall();
    let (at, since, _) = lost_within(&mut rig, s(60)).expect("noticed");
    assert_eq!((at, since), (s(35), verified));
}

#[test]
fn silence_is_asked_about_every_five_seconds() {
    let mut rig = Rig::up();
    let pings: Vec<_> = rig
        .pass(s(16))
        .into_iter()
        .filter(|(_, output)| matches!(output, Output::Ping { .. }))
        .map(|(at, _)| at.as_secs())
        .collect();
    assert_eq!(pings, [5, 10, 15]);
}

#[test]
fn a_half_open_socket_is_replaced_at_once() {
    let mut rig = Rig::stable();
    let said = rig.pass(s(12));
    assert!(said.iter().any(|(_, output)| begins(std::slice::from_ref(output))), "{said:?}");
}

#[test]
fn after_a_wake_up_it_proves_itself_within_two_seconds() {
    let mut rig = Rig::stable();
    assert_eq!(rig.go(Input::Woke), [Output::Ping { epoch: 1 }]);
    rig.pass(ms(1500));
    rig.heard(Heard::Pong);
    assert_eq!(lost_within(&mut rig, s(5)), None);
    rig.heard(Heard::Pong);
    let verified = rig.wall();
    rig.go(Input::Woke);
    let (at, since, _) = lost_within(&mut rig, s(5)).expect("replaced");
    assert_eq!((at, since), (s(2), verified));
}

#[test]
fn a_click_on_a_live_link_makes_it_prove_itself() {
    let mut rig = Rig::stable();
    assert_eq!(rig.go(Input::ReconnectNow), [Output::Ping { epoch: 1 }]);
    assert_eq!(lost_within(&mut rig, s(5)).map(|(at, ..)| at), Some(s(2)));
}

#[test]
fn a_click_does_not_give_a_doubted_socket_more_time() {
    let mut rig = Rig::stable();
    rig.go(Input::Woke);
    rig.pass(ms(1900));
    rig.go(Input::ReconnectNow);
    assert_eq!(lost_within(&mut rig, s(5)).map(|(at, ..)| at), Some(ms(100)));
}

#[test]
fn the_loss_carries_the_last_sign_of_life() {
    let mut rig = Rig::stable();
    rig.pass(s(3));
    rig.heard(Heard::Frame);
    let verified = rig.wall();
    rig.pass(s(4));
    assert_eq!(lost(&rig.closed(Some(1006), "")), Some((verified, "socket.closed", false)));
}

#[test]
fn a_deaf_socket_is_replaced_and_called_deaf() {
    let mut rig = Rig::stable();
    let out = rig.go(Input::Deaf);
    assert_eq!(lost(&out).map(|(_, code, _)| code), Some("socket.deaf"), "the gap's cause, too");
    assert!(begins(&out), "{out:?}");
    assert_eq!(rig.code(), "socket.deaf");
    assert_eq!(rig.go(Input::Deaf), [], "nothing is live now");
}

#[test]
fn nothing_is_lost_where_nothing_was_heard() {
    let mut rig = Rig::opening();
    rig.opened();
    let out = rig.closed(None, "");
    assert_eq!(lost(&out), None, "{out:?}");
}

#[test]
fn a_good_result_inside_the_socket_is_only_life() {
    let mut rig = Rig::stable();
    assert_eq!(rig.heard(Heard::InBand(200)), []);
    assert_eq!(rig.heard(Heard::Frame), []);
    assert!(rig.link.live());
}

#[test]
fn a_frame_too_large_ends_the_socket_and_it_reconnects() {
    let mut rig = Rig::stable();
    let out = rig.go(Input::Ended { epoch: 1, end: End::Broken(TransportKind::TooLarge) });
    assert_eq!(lost(&out).map(|(_, code, _)| code), Some("frame.too_large"));
    assert!(begins(&out));
}

#[test]
fn a_gap_over_a_sleep_begins_before_it() {
    let mut rig = Rig::stable();
    let verified = rig.wall();
    // The monotonic clock stands still while the computer sleeps.
    let slept = millis(s(600));
    let now = Moment { wall: rig.wall() + slept, ..rig.moment() };
    rig.link.handle(Input::Woke, now);
    let now = Moment { mono: now.mono + s(2), wall: now.wall + 2_000, ..now };
    let out = rig.link.handle(Input::Tick, now);
    assert_eq!(lost(&out), Some((verified, "socket.silent", false)));
}
