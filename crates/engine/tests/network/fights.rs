//! Two Earshots of one agent, each of whose channels takes the place of the other's.

use crate::chance::each_seed;
use crate::lab::{Lab, Setup, ms, s};
use crate::reckoning::Terms;

#[test]
fn two_of_one_agent_side_by_side_both_hear_everything() {
    each_seed(&[700], |seed| {
        let mut lab = Lab::open(Setup { agents: 2, ..Setup::new(seed) });
        lab.pass(s(120));
        let sums = lab.finish(Terms::deaf(s(1)));
        assert_eq!((sums.live, sums.gaps, sums.attempts), (sums.offered, 0, 1), "{sums}");
    });
}

#[test]
fn two_that_take_each_others_place_slow_down_and_still_ring() {
    each_seed(&[710, 711], |seed| {
        let mut setup = Setup { agents: 2, tick: ms(25), ..Setup::new(seed) };
        setup.genesys.channels_per_user = 1;
        let mut lab = Lab::new(setup);
        lab.sign_in();
        lab.customers_call();
        let begin = lab.now();
        lab.pass(s(900));
        let after = |minutes: u64| begin + s(minutes * 60);
        for agent in &lab.agents {
            let late = agent.way.attempts().iter().filter(|at| **at > after(5)).count();
            assert!(late <= 10, "{}: {late} attempts in ten minutes of a settled fight", agent.name);
            let told = agent.witness().snapshot().notices.iter().any(|notice| notice.trouble.code == "channel.evicted");
            assert!(told || agent.witness().caught_up(), "{}: it is shown", agent.name);
        }
        // While it waits for its turn, it asks for conversations every five seconds. One of them leaves; the other hears for good.
        lab.one_leaves();
        lab.caught_up_within(s(125));
        lab.pass(s(150));
        lab.finish(Terms { prompt: s(8), ..Terms::deaf(s(8)) });
    });
}
