//! Tokens that end, again and again, while customers call.

use earshot_simulator as sim;

use crate::chance::each_seed;
use crate::lab::{Lab, Setup, ms, s};
use crate::reckoning::Terms;

#[test]
fn a_hundred_renewals_lose_nothing() {
    each_seed(&[600], |seed| {
        let mut setup = Setup { tick: ms(20), ..Setup::new(seed) };
        setup.genesys.token_lifetime = s(60);
        setup.genesys.rotate_refresh = true;
        let mut lab = Lab::open(setup);
        lab.pass(s(100 * 50));
        lab.finish(Terms::deaf(s(2)));
        let state = lab.genesys(sim::Control::state);
        assert!(state["tokens"]["refreshed"].as_u64() >= Some(100), "{}", state["tokens"]);
    });
}

#[test]
fn a_hundred_tokens_that_end_early_lose_nothing() {
    each_seed(&[610], |seed| {
        let mut lab = Lab::open(Setup { tick: ms(20), ..Setup::new(seed) });
        for round in 0..100 {
            lab.pass(s(20 + round % 17));
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
