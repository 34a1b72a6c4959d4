//! Sleep, seen by the two clocks.

use super::*;

#[test]
fn a_sleep_is_seen_by_the_clocks_and_the_socket_proves_itself_or_is_replaced() {
    let mut rig = Rig::up();
    rig.slept += s(600);
    rig.now += s(1);
    rig.go(Input::Tick);
    assert_eq!(rig.count("Ping"), 1);
    let epoch = rig.epoch();
    rig.pass_unanswered(s(2));
    assert!(rig.epoch() > epoch, "silent for two seconds after waking up");
    assert_eq!(rig.code(), "socket.silent");
}

#[test]
fn a_socket_that_answers_after_a_sleep_is_kept() {
    let mut rig = Rig::up();
    rig.slept += s(600);
    rig.now += s(1);
    rig.go(Input::Tick);
    rig.serve();
    rig.pass(s(10));
    assert_eq!(rig.count("Drop"), 0);
    assert_eq!(rig.count("List"), 1, "and the truth is compared: {:?}", rig.asked);
}

#[test]
fn the_first_frame_after_a_sleep_proves_nothing_about_what_was_before() {
    let mut rig = Rig::up();
    rig.slept += s(600);
    rig.frame(pong());
    assert_eq!(rig.count("Ping"), 1, "{:?}", rig.asked);
}

#[test]
fn a_clock_that_is_set_a_little_is_no_sleep() {
    let mut rig = Rig::up();
    rig.slept += s(3);
    rig.now += Duration::from_millis(100);
    rig.go(Input::Tick);
    assert_eq!(rig.asked, [""; 0]);
}

#[test]
fn a_clock_that_is_set_back_is_no_sleep_either() {
    let mut rig = Rig::up();
    rig.slept = s(3600);
    rig.go(Input::Tick);
    rig.serve();
    rig.forget();
    rig.slept = Duration::ZERO;
    rig.go(Input::Tick);
    assert_eq!(rig.count("Ping"), 0, "{:?}", rig.asked);
    assert_eq!(rig.state(), LinkState::Connected);
}

#[test]
fn a_token_that_ended_during_a_sleep_is_renewed_on_waking() {
    let mut rig = Rig::up();
    rig.slept += HOUR * 2;
    rig.now += s(1);
    rig.go(Input::Tick);
    assert_eq!(rig.count("Renew"), 1, "{:?}", rig.asked);
    rig.serve();
    rig.pass(s(10));
    assert_eq!((rig.state(), rig.machine.generation()), (LinkState::Connected, 2));
}

#[test]
fn waking_up_cuts_a_back_off_short() {
    let mut rig = Rig::up();
    rig.close(None, "");
    rig.serve();
    // Not stable yet, so this time it backs off.
    rig.close(None, "");
    rig.forget();
    rig.now += Duration::from_millis(250);
    rig.slept += s(60);
    rig.go(Input::Tick);
    assert_eq!(rig.count("CreateChannel"), 1);
}
