//! Tokens that end, again and again, while customers call.

use earshot_simulator as sim;

use crate::chance::each_seed;
use crate::customers::{Pace, QUIET};
use crate::lab::{Lab, Setup, ms, s};
use crate::reckoning::Terms;

#[test]
fn a_hundred_renewals_lose_nothing() {
    each_seed(&[600], |seed| {
        let mut setup = Setup { tick: ms(25), pace: QUIET, ..Setup::new(seed) };
        setup.genesys.token_lifetime = s(30);
        setup.genesys.rotate_refresh = true;
        let mut lab = Lab::open(setup);
        lab.pass(s(100 * 25));
        let sums = lab.finish(Terms::deaf(s(2)));
        assert_eq!((sums.live, sums.gaps), (sums.offered, 0), "{sums}");
        let state = lab.genesys(sim::Control::state);
        assert!(state["tokens"]["refreshed"].as_u64() >= Some(100), "{}", state["tokens"]);
    });
}

#[test]
fn a_hundred_tokens_that_end_early_lose_nothing() {
    each_seed(&[610], |seed| {
        let mut lab = Lab::open(Setup { tick: ms(25), pace: QUIET, ..Setup::new(seed) });
        for round in 0..100 {
            lab.pass(s(11 + round % 7));
            lab.jolt();
            lab.genesys(|control| control.expire_tokens(sim::ExpireTokens::default())).expect("expired");
            lab.pass(ms(100));
            lab.caught_up_within(s(3));
        }
        lab.finish(Terms::deaf(s(3)));
        let state = lab.genesys(sim::Control::state);
        assert_eq!(state["tokens"]["refreshed"], 100, "one renewal each");
    });
}

#[test]
fn a_token_that_ends_without_a_word_is_found_by_comparison() {
    each_seed(&[620, 621], |seed| {
        let mut lab = Lab::open(Setup::new(seed));
        lab.pass(s(80));
        lab.jolt();
        let silent = sim::ExpireTokens { sockets: sim::SocketsOfExpired::Silent, ..sim::ExpireTokens::default() };
        lab.genesys(|control| control.expire_tokens(silent)).expect("expired");
        lab.until("another connection", s(62), |lab| lab.agent().way.attempts().len() > 1);
        lab.caught_up_within(s(3));
        lab.pass(s(60));
        lab.finish(Terms::deaf(s(65)));
    });
}

#[test]
fn what_a_dead_token_did_not_hear_is_in_the_gap_though_pings_were_answered() {
    each_seed(&[630, 631], |seed| {
        let pace = Pace { between: (500, 1_500), alerting: (3_000, 6_000) };
        let mut lab = Lab::new(Setup { pace, ..Setup::new(seed) });
        lab.sign_in();
        lab.caught_up_within(s(10));
        // Soon after a comparison, with nothing on the desk that would be read again.
        lab.pass(s(65));
        lab.jolt();
        let silent = sim::ExpireTokens { sockets: sim::SocketsOfExpired::Silent, ..sim::ExpireTokens::default() };
        lab.genesys(|control| control.expire_tokens(silent)).expect("expired");
        lab.customers_call();
        lab.pass(s(20));
        lab.customers_rest();
        lab.pass(s(10));
        lab.jolt();
        lab.genesys(sim::Control::drop_sockets);
        lab.pass(ms(100));
        lab.caught_up_within(s(5));
        lab.finish(Terms::deaf(s(35)));
    });
}
