//! The computer sleeps, wakes, or changes its network. While it sleeps its monotonic clock stands still and the wall clock
//! does not; whoever is asleep hears nothing, and what matters is how soon after waking.

use std::time::Duration;

use earshot_simulator as sim;

use crate::chance::each_seed;
use crate::lab::{Lab, Setup, ms, s};
use crate::reckoning::Terms;

/// After waking: two seconds to prove the old socket, then an attempt.
const AWAKE: Duration = s(5);

#[test]
fn a_night_asleep_over_the_end_of_a_token_ends_in_hearing() {
    each_seed(&[500, 501], |seed| {
        let mut lab = Lab::open(Setup::new(seed));
        lab.pass(s(30));
        // Asleep: what is sent is lost, tokens and sockets end at the other side.
        lab.partition();
        let silent = sim::ExpireTokens { sockets: sim::SocketsOfExpired::Silent, ..sim::ExpireTokens::default() };
        lab.genesys(|control| control.expire_tokens(silent)).expect("expired");
        lab.genesys(sim::Control::drop_sockets);
        lab.pass(s(1));
        lab.wall_jumps(s(8 * 3600));
        lab.repair();
        lab.pass(ms(1_100));
        lab.caught_up_within(AWAKE);
        lab.pass(s(30));
        lab.finish(Terms::deaf(AWAKE));
        let state = lab.genesys(sim::Control::state);
        assert_eq!(state["tokens"]["refreshed"], 1, "one renewal");
    });
}

#[test]
fn a_nap_that_the_socket_survived_keeps_the_socket() {
    each_seed(&[510], |seed| {
        let mut lab = Lab::open(Setup::new(seed));
        lab.pass(s(30));
        lab.wall_jumps(s(600));
        lab.pass(s(30));
        let sums = lab.finish(Terms::deaf(s(1)));
        assert_eq!((sums.attempts, sums.gaps), (1, 0), "{sums}");
    });
}

#[test]
fn a_nap_that_the_socket_did_not_survive_is_over_within_seconds() {
    each_seed(&[520, 521], |seed| {
        let mut lab = Lab::open(Setup::new(seed));
        lab.pass(s(30));
        lab.broken();
        lab.genesys(sim::Control::half_open);
        lab.pass(ms(200));
        lab.wall_jumps(s(600));
        lab.mended();
        lab.pass(ms(1_100));
        lab.until("another connection", AWAKE, |lab| lab.agent().way.attempts().len() == 2);
        lab.caught_up_within(AWAKE);
        lab.pass(s(30));
        lab.finish(Terms::deaf(AWAKE));
    });
}

#[test]
fn a_change_of_network_replaces_everything_that_did_not_come_along() {
    each_seed(&[530, 531, 532], |seed| {
        let mut lab = Lab::open(Setup::new(seed));
        // A few seconds after a request: connections wait in the pool for the next one.
        lab.pass(s(64));
        lab.network_changes();
        lab.agent().engine().woke();
        lab.until("another connection", AWAKE, |lab| lab.agent().way.attempts().len() == 2);
        lab.caught_up_within(AWAKE);
        lab.pass(s(30));
        lab.finish(Terms::deaf(AWAKE));
    });
}

#[test]
fn a_change_of_network_leaves_a_socket_that_answers_alone() {
    each_seed(&[540], |seed| {
        let mut lab = Lab::open(Setup::new(seed));
        for _ in 0..20 {
            lab.pass(s(5));
            lab.agent().engine().woke();
        }
        let sums = lab.finish(Terms::deaf(s(1)));
        assert_eq!((sums.attempts, sums.gaps, sums.live), (1, 0, sums.offered), "{sums}");
    });
}

#[test]
fn waking_cuts_a_back_off_short() {
    each_seed(&[550, 551, 552], |seed| {
        let mut lab = Lab::open(Setup::new(seed));
        lab.pass(s(15));
        lab.partition();
        lab.pass(s(120));
        lab.repair();
        lab.agent().engine().woke();
        lab.caught_up_within(AWAKE);
        lab.pass(s(30));
        lab.finish(Terms::deaf(AWAKE));
    });
}
