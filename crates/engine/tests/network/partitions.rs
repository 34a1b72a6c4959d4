//! The network between the agent and Genesys breaks, slows down and comes back.

use std::time::Duration;

use earshot_engine::snapshot::LinkState;
use earshot_simulator as sim;

use crate::chance::each_seed;
use crate::lab::{Lab, Setup, ms, s};
use crate::reckoning::Terms;

/// A socket that has answered a ping is dead after 12 s of silence; a message and a look at the clock come on top.
const NOTICED: Duration = s(14);
/// After a repair: the longest back-off, and an attempt.
const BACK: Duration = s(35);

#[test]
fn on_a_good_network_everything_is_heard_live() {
    each_seed(&[100, 101], |seed| {
        let mut lab = Lab::open(Setup::new(seed));
        lab.pass(s(300));
        let sums = lab.finish(Terms::deaf(s(1)));
        assert_eq!((sums.live, sums.gaps, sums.attempts), (sums.offered, 0, 1), "{sums}");
    });
}

#[test]
fn the_same_seed_tells_the_same_story() {
    let told = |seed| {
        let mut lab = Lab::open(Setup::new(seed));
        lab.pass(s(30));
        lab.partition();
        lab.pass(s(30));
        lab.repair();
        lab.pass(s(60));
        lab.finish(Terms::deaf(BACK));
        lab.witness().told().to_vec()
    };
    let (first, second) = (told(110), told(110));
    for (one, other) in first.iter().zip(&second) {
        assert_eq!(one, other);
    }
    assert_eq!(first.len(), second.len());
    assert_ne!(first, told(111), "another seed, another story");
}

#[test]
fn a_partition_is_noticed_and_its_end_is_used() {
    each_seed(&[120, 121, 122], |seed| {
        let mut lab = Lab::open(Setup::new(seed));
        lab.pass(s(20));
        lab.partition();
        lab.state_within(LinkState::Reconnecting, NOTICED);
        lab.pass(s(40));
        lab.repair();
        lab.caught_up_within(BACK);
        lab.pass(s(60));
        lab.finish(Terms::deaf(BACK));
    });
}

#[test]
fn with_analytics_everything_offered_in_a_partition_is_told_by_name() {
    each_seed(&[125, 126], |seed| {
        let mut lab = Lab::open(Setup { look_back: true, ..Setup::new(seed) });
        for _ in 0..3 {
            lab.pass(s(20));
            lab.partition();
            lab.pass(s(60));
            lab.repair();
            lab.caught_up_within(BACK);
        }
        let sums = lab.finish(Terms::deaf(BACK));
        assert!(sums.missed > 0, "{sums}");
        assert_eq!(sums.inside_gaps, 0, "{sums}");
    });
}

#[test]
fn many_short_partitions_lose_nothing() {
    each_seed(&[130, 131], |seed| {
        let mut lab = Lab::open(Setup::new(seed));
        for length in [200, 900, 2_500, 6_000, 11_000, 13_000, 20_000] {
            lab.pass(s(25));
            lab.partition();
            lab.pass(ms(length));
            lab.repair();
        }
        lab.pass(s(40));
        // A lost message stops its connection for good: found by silence, then opened anew.
        lab.finish(Terms::deaf(NOTICED + BACK));
    });
}

#[test]
fn a_half_open_connection_is_found_by_its_silence() {
    each_seed(&[140, 141, 142], |seed| {
        let mut lab = Lab::open(Setup::new(seed));
        lab.pass(s(20));
        lab.hold();
        lab.state_within(LinkState::Reconnecting, NOTICED);
        lab.pass(s(20));
        lab.release();
        lab.caught_up_within(BACK);
        lab.pass(s(60));
        lab.finish(Terms::deaf(BACK));
    });
}

#[test]
fn a_server_that_only_stops_reading_and_writing_is_found_too() {
    each_seed(&[145], |seed| {
        let mut lab = Lab::open(Setup::new(seed));
        lab.pass(s(20));
        lab.genesys(sim::Control::half_open);
        lab.jolt();
        lab.state_within(LinkState::Reconnecting, NOTICED);
        lab.caught_up_within(s(5));
        lab.pass(s(30));
        lab.finish(Terms::deaf(NOTICED + s(5)));
    });
}

#[test]
fn a_network_that_only_sends_is_found_by_what_does_not_come() {
    each_seed(&[150, 151], |seed| {
        let mut lab = Lab::open(Setup::new(seed));
        lab.pass(s(20));
        lab.deafen();
        lab.state_within(LinkState::Reconnecting, NOTICED);
        lab.pass(s(30));
        lab.undeafen();
        lab.caught_up_within(BACK);
        lab.pass(s(30));
        lab.finish(Terms::deaf(BACK));
    });
}

#[test]
fn a_slow_link_is_slow_and_never_taken_for_dead() {
    each_seed(&[160, 161], |seed| {
        let mut lab = Lab::open(Setup::new(seed));
        lab.pass(s(20));
        lab.latency(ms(300), ms(700));
        lab.pass(s(180));
        lab.usual_latency();
        let sums = lab.finish(Terms::deaf(s(1)));
        assert_eq!((sums.live, sums.gaps, sums.attempts), (sums.offered, 0, 1), "{sums}");
    });
}

#[test]
fn signing_in_over_a_slow_link_gets_there() {
    each_seed(&[165], |seed| {
        let mut lab = Lab::new(Setup::new(seed));
        lab.latency(ms(700), ms(900));
        lab.sign_in();
        lab.caught_up_within(s(20));
        lab.customers_call();
        lab.pass(s(60));
        lab.usual_latency();
        lab.finish(Terms::deaf(s(20)));
    });
}

#[test]
fn packets_out_of_order_change_nothing() {
    each_seed(&[170, 171], |seed| {
        let mut lab = Lab::open(Setup::new(seed));
        lab.latency(ms(1), ms(900));
        lab.pass(s(180));
        lab.usual_latency();
        let sums = lab.finish(Terms::deaf(s(2)));
        assert_eq!((sums.live, sums.gaps), (sums.offered, 0), "{sums}");
    });
}

#[test]
fn a_latency_beyond_the_limit_of_a_ping_is_an_outage_and_ends_as_one() {
    each_seed(&[180, 181], |seed| {
        let mut lab = Lab::open(Setup::new(seed));
        lab.pass(s(20));
        lab.broken();
        lab.latency(s(20), s(20));
        lab.state_within(LinkState::Reconnecting, NOTICED);
        lab.pass(s(60));
        lab.usual_latency();
        // What was sent while it was slow is on its way for as long.
        lab.pass(s(20));
        lab.mended();
        lab.caught_up_within(BACK);
        lab.pass(s(60));
        lab.finish(Terms::deaf(BACK));
    });
}

#[test]
fn a_connection_lost_at_any_moment_of_its_opening_is_opened_again() {
    for after in [0, 5, 10, 20, 30, 40, 60, 80, 120, 200] {
        each_seed(&[190], |seed| {
            let mut lab = Lab::open(Setup::new(seed));
            lab.pass(s(15));
            let attempts = lab.agent().way.attempts().len();
            lab.broken();
            lab.genesys(sim::Control::drop_sockets);
            lab.until("a new attempt", s(5), |lab| lab.agent().way.attempts().len() > attempts);
            lab.pass(ms(after));
            lab.partition();
            lab.pass(s(3));
            lab.repair();
            // Each request of the lost attempt may wait for its answer to the end of its own limit.
            lab.caught_up_within(s(45));
            lab.pass(s(30));
            lab.finish(Terms::deaf(s(45)));
        });
    }
}

#[test]
fn a_socket_dropped_before_its_first_word_is_opened_again() {
    each_seed(&[200, 201], |seed| {
        let mut lab = Lab::open(Setup::new(seed));
        lab.pass(s(15));
        for _ in 0..3 {
            lab.jolt();
            let attempts = lab.agent().way.attempts().len();
            lab.genesys(sim::Control::drop_sockets);
            lab.until("a new attempt", s(35), |lab| lab.agent().way.attempts().len() > attempts);
            // The very moment at which it is on the simulator's books.
            while lab.genesys(sim::Control::drop_sockets) == 0 {}
            lab.jolt();
            lab.pass(s(20));
        }
        lab.finish(Terms::deaf(s(12)));
    });
}

#[test]
fn a_partition_while_waiting_to_try_again_only_makes_it_longer() {
    each_seed(&[210, 211], |seed| {
        let mut lab = Lab::open(Setup::new(seed));
        lab.pass(s(15));
        lab.broken();
        let refusal = sim::RefuseUpgrades { status: Some(503), seconds: Some(20.0), ..sim::RefuseUpgrades::default() };
        lab.genesys(|control| control.refuse_upgrades(refusal)).expect("a fault");
        lab.genesys(sim::Control::drop_sockets);
        lab.until("it waits", s(20), |lab| lab.witness().snapshot().link.next_try_at.is_some());
        lab.partition();
        lab.pass(s(30));
        lab.repair();
        lab.caught_up_within(BACK);
        lab.pass(s(60));
        lab.finish(Terms::deaf(BACK));
    });
}

#[test]
fn a_partition_while_listing_again_loses_nothing() {
    for after in [10, 30, 50, 80] {
        each_seed(&[220], |seed| {
            let mut lab = Lab::open(Setup::new(seed));
            lab.pass(s(15));
            lab.broken();
            lab.genesys(sim::Control::drop_sockets);
            lab.until("connected, not caught up", s(10), |lab| {
                lab.witness().state() == LinkState::Connected && !lab.witness().caught_up()
            });
            lab.pass(ms(after));
            lab.partition();
            lab.pass(s(5));
            lab.repair();
            lab.caught_up_within(s(50));
            lab.pass(s(30));
            lab.finish(Terms::deaf(s(50)));
        });
    }
}
