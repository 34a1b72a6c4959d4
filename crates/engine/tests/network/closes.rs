//! Genesys closes, refuses and restarts, at the least convenient moments.

use std::time::Duration;

use earshot_engine::snapshot::LinkState;
use earshot_simulator as sim;

use crate::chance::each_seed;
use crate::customers::Pace;
use crate::lab::{Lab, Setup, ms, s};
use crate::reckoning::Terms;

/// After a close that hits everybody: the spread of the first retry, and an attempt.
const BACK: Duration = s(5);
/// A comparison a minute, and three seconds for the event that should have come.
const COMPARED: Duration = s(64);

#[test]
fn every_close_code_is_followed_by_a_new_connection() {
    each_seed(&[300], |seed| {
        let mut lab = Lab::open(Setup::new(seed));
        for code in [1000, 1001, 1005, 1008, 1011, 1012, 1013, 4001, 4003, 4999] {
            lab.pass(s(30));
            lab.jolt();
            lab.genesys(move |control| control.close_sockets(code, ""));
            lab.pass(ms(100));
            lab.caught_up_within(BACK);
        }
        let sums = lab.finish(Terms::deaf(BACK));
        assert_eq!(sums.attempts, 11, "{sums}");
        assert_eq!(lab.genesys(sim::Control::state)["tokens"]["issued"], 1, "a live token is not renewed");
    });
}

#[test]
fn a_close_during_a_renewal_is_no_second_renewal() {
    for after in [0, 20, 50, 100] {
        each_seed(&[310], |seed| {
            let mut lab = Lab::open(Setup::new(seed));
            lab.pass(s(15));
            let slow =
                sim::Fail { path: "/oauth/token".into(), status: Some(0), delay_ms: 400, ..sim::Fail::default() };
            lab.genesys(|control| control.fail(slow)).expect("a fault");
            lab.jolt();
            let leave = sim::ExpireTokens { sockets: sim::SocketsOfExpired::Leave, ..sim::ExpireTokens::default() };
            lab.genesys(|control| control.expire_tokens(leave)).expect("expired");
            lab.genesys(|control| control.close_sockets(1000, "Token expired"));
            lab.pass(ms(100 + after));
            lab.genesys(|control| control.close_sockets(1011, ""));
            lab.genesys(sim::Control::drop_sockets);
            lab.caught_up_within(BACK);
            lab.pass(s(40));
            lab.finish(Terms::deaf(BACK));
            let state = lab.genesys(sim::Control::state);
            assert_eq!(state["tokens"]["refreshed"], 1, "one renewal");
        });
    }
}

#[test]
fn a_close_during_a_hand_over_loses_nothing() {
    for after in [10, 50, 100, 500, 2_000, 4_900, 5_300] {
        each_seed(&[320, 321], |seed| {
            let mut lab = Lab::open(Setup::new(seed));
            lab.pass(s(15));
            let attempts = lab.agent().way.attempts().len();
            lab.genesys(|control| control.socket_closing(None));
            lab.until("the successor", s(7), |lab| lab.agent().way.attempts().len() > attempts);
            lab.pass(ms(after));
            lab.jolt();
            lab.genesys(|control| control.close_sockets(1001, ""));
            lab.pass(ms(100));
            lab.caught_up_within(s(10));
            lab.pass(s(30));
            lab.finish(Terms::deaf(s(10)));
        });
    }
}

#[test]
fn a_planned_close_leaves_no_gap() {
    each_seed(&[325, 326], |seed| {
        let mut lab = Lab::open(Setup::new(seed));
        for _ in 0..3 {
            lab.pass(s(20));
            lab.genesys(|control| control.socket_closing(Some(60_000)));
            lab.pass(s(70));
        }
        let sums = lab.finish(Terms::deaf(s(1)));
        assert_eq!((sums.live, sums.gaps, sums.attempts), (sums.offered, 0, 4), "{sums}");
    });
}

#[test]
fn a_close_while_listing_again_loses_nothing() {
    for after in [0, 20, 40, 60, 100] {
        each_seed(&[330], |seed| {
            let mut lab = Lab::open(Setup::new(seed));
            lab.pass(s(15));
            lab.jolt();
            lab.genesys(sim::Control::drop_sockets);
            lab.until("connected, not caught up", s(10), |lab| {
                lab.witness().state() == LinkState::Connected && !lab.witness().caught_up()
            });
            lab.pass(ms(after));
            lab.jolt();
            lab.genesys(|control| control.close_sockets(1011, ""));
            lab.pass(ms(100));
            lab.caught_up_within(s(10));
            lab.pass(s(30));
            lab.finish(Terms::deaf(s(10)));
        });
    }
}

#[test]
fn a_restart_of_the_server_is_waited_for_without_a_storm() {
    each_seed(&[340, 341, 342], |seed| {
        let mut lab = Lab::open(Setup::new(seed));
        lab.pass(s(15));
        lab.broken();
        lab.genesys(|control| control.close_sockets(1012, "restart"));
        lab.pass(ms(50));
        lab.genesys(|control| control.offline(None));
        lab.state_within(LinkState::Reconnecting, s(1));
        lab.pass(s(90));
        lab.genesys(sim::Control::online);
        lab.mended();
        lab.caught_up_within(s(35));
        lab.pass(s(60));
        lab.finish(Terms { requests: 60, ..Terms::deaf(s(35)) });
    });
}

#[test]
fn a_server_that_accepts_and_closes_is_asked_less_and_less() {
    each_seed(&[350, 351], |seed| {
        let mut lab = Lab::open(Setup::new(seed));
        lab.pass(s(15));
        lab.broken();
        let begin = lab.now();
        while lab.now() < begin + s(300) {
            lab.genesys(|control| control.close_sockets(1011, ""));
            lab.pass(ms(20));
        }
        lab.mended();
        let attempts = lab.agent().way.attempts();
        let within =
            |from: u64, to: u64| attempts.iter().filter(|at| **at >= begin + s(from) && **at < begin + s(to)).count();
        let (first, last) = (within(0, 60), within(180, 300));
        assert!((4..=20).contains(&first), "in the first minute: {first}");
        assert!((4..=20).contains(&last), "in the last two: {last}");
        lab.finish(Terms { requests: 100, ..Terms::deaf(s(35)) });
    });
}

#[test]
fn refused_upgrades_are_tried_again_until_they_are_not() {
    for status in [401, 403, 404, 429, 500, 502, 503] {
        each_seed(&[360], |seed| {
            let mut lab = Lab::open(Setup::new(seed));
            lab.pass(s(15));
            let refusal =
                sim::RefuseUpgrades { status: Some(status), seconds: Some(45.0), ..sim::RefuseUpgrades::default() };
            lab.broken();
            lab.genesys(move |control| control.refuse_upgrades(refusal)).expect("a fault");
            lab.genesys(sim::Control::drop_sockets);
            lab.pass(s(45));
            lab.mended();
            // A refusal that only a person can mend is tried once a minute.
            lab.caught_up_within(s(65));
            lab.pass(s(30));
            lab.finish(Terms { requests: 60, ..Terms::deaf(s(65)) });
        });
    }
}

#[test]
fn a_deaf_subscription_is_found_by_comparison() {
    each_seed(&[370, 371, 372], |seed| {
        // Long enough that each comparison meets an offer of which no event came.
        let pace = Pace { between: (3_000, 6_000), alerting: (60_000, 80_000) };
        let mut lab = Lab::open(Setup { pace, ..Setup::new(seed) });
        lab.pass(s(70));
        lab.genesys(|control| control.deaf(true));
        lab.jolt();
        lab.until("another connection", COMPARED, |lab| lab.agent().way.attempts().len() > 1);
        lab.caught_up_within(BACK);
        lab.pass(s(60));
        lab.finish(Terms::deaf(COMPARED + BACK));
    });
}
