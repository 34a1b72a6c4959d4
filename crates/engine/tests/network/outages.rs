//! No name, no network, nobody listening, a hotel's web page, and a sign-in server that is down for an hour.

use std::time::Duration;

use earshot_engine::snapshot::LinkState;
use earshot_simulator as sim;

use crate::chance::each_seed;
use crate::customers::QUIET;
use crate::lab::{Lab, Setup, ms, s};
use crate::reckoning::Terms;
use crate::wire::Trouble;

const BACK: Duration = s(35);

#[test]
fn a_name_that_is_not_found_is_named_and_survived() {
    without_connections(400, Trouble::NoName, "network.dns", LinkState::Reconnecting);
}

#[test]
fn a_computer_without_a_network_says_offline() {
    without_connections(410, Trouble::NoNetwork, "network.offline", LinkState::Offline);
}

#[test]
fn a_captive_portal_for_a_minute_is_named_and_survived() {
    without_connections(420, Trouble::Portal, "network.portal", LinkState::Reconnecting);
}

/// Old connections are gone, new ones meet this for a minute.
fn without_connections(seed: u64, trouble: Trouble, code: &str, state: LinkState) {
    each_seed(&[seed, seed + 1], |seed| {
        let mut lab = Lab::open(Setup { portal: true, ..Setup::new(seed) });
        lab.pass(s(15));
        lab.trouble(trouble);
        lab.genesys(sim::Control::drop_sockets);
        lab.genesys(|control| control.offline(None));
        lab.until(code, s(10), |lab| {
            let link = &lab.witness().snapshot().link;
            link.state == state && link.trouble.as_ref().is_some_and(|trouble| trouble.code == code)
        });
        lab.genesys(sim::Control::online);
        lab.pass(s(60));
        lab.no_trouble();
        lab.caught_up_within(BACK);
        lab.pass(s(60));
        lab.finish(Terms { requests: 60, ..Terms::deaf(BACK) });
    });
}

#[test]
fn nobody_listening_is_asked_again_until_somebody_does() {
    each_seed(&[430, 431], |seed| {
        let mut lab = Lab::open(Setup::new(seed));
        lab.pass(s(15));
        lab.broken();
        lab.genesys(sim::Control::drop_sockets);
        lab.partition();
        // Silence is found first; then a request on a connection from before waits in vain.
        lab.until("connection refused", s(30), |lab| {
            lab.witness().snapshot().link.trouble.as_ref().is_some_and(|trouble| trouble.code == "network.refused")
        });
        lab.pass(s(120));
        lab.repair();
        lab.caught_up_within(BACK);
        lab.pass(s(30));
        lab.finish(Terms { requests: 60, ..Terms::deaf(BACK) });
    });
}

#[test]
fn a_sign_in_server_that_is_down_for_an_hour_is_waited_for() {
    each_seed(&[440], |seed| {
        let mut setup = Setup { tick: ms(50), pace: QUIET, ..Setup::new(seed) };
        setup.genesys.token_lifetime = s(1_200);
        let mut lab = Lab::open(setup);
        lab.pass(s(60));
        let down = sim::FailTokenEndpoint { status: Some(503), ..sim::FailTokenEndpoint::default() };
        lab.genesys(|control| control.fail_token_endpoint(down)).expect("a fault");
        // The token lives on for a while, and so does hearing; from its end on nobody can.
        let left = s(1_190).saturating_sub(lab.now());
        lab.pass(left);
        assert_eq!(lab.witness().state(), LinkState::Connected);
        lab.broken();
        lab.pass(s(3_600));
        lab.genesys(sim::Control::clear_faults);
        lab.mended();
        lab.caught_up_within(s(65));
        lab.pass(s(60));
        lab.finish(Terms { requests: 60, ..Terms::deaf(s(65)) });
    });
}
