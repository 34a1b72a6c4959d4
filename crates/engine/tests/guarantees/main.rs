//! The ten guarantees, as random series of everything that can happen, in virtual time, against a model of the server.
//!
//! A series is a list of steps ([`steps`]) from a seed. The model ([`centre`], [`cloud`]) performs what the machine asks
//! for and answers later; the witness ([`witness`]) holds every single thing the machine does against all guarantees; then
//! the faults end, a quiet time passes, and the machine has to know the truth and to owe nothing ([`run`]).
//!
//! Each test has a mix of steps of its own and a tenth of the series, and each series is held against every guarantee. Why
//! plain proptest and not `proptest-state-machine`: there a series is drawn from the reference alone, before the system
//! under test has done anything. Here the server answers what it is asked, when it is asked, so the reference and its
//! transitions depend on the machine; any list of steps makes sense, so nothing but the list is left to shrink.
//!
//! `EARSHOT_SERIES=n` runs n series in all instead of ten thousand, `EARSHOT_SEED=n` begins at another seed; a failure
//! prints the seed of its series, and the shortest list of steps that still fails.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, unreachable_pub)]

mod bounds;
mod centre;
mod chance;
mod cloud;
mod found;
mod herd;
mod junk;
mod run;
mod secrecy;
mod series;
mod steps;
mod witness;

use series::run_all;
use steps::About;

#[test]
fn guarantee_01_nothing_is_lost() {
    run_all(1, About::Everything);
}

#[test]
fn guarantee_02_nothing_is_told_twice_and_nothing_alerts_after_it_has_ended() {
    run_all(2, About::Order);
}

#[test]
fn guarantee_03_a_planned_change_leaves_no_instant_without_a_live_subscription() {
    run_all(3, About::Planned);
}

#[test]
fn guarantee_04_a_dead_link_is_noticed_and_a_live_one_never_declared_dead() {
    run_all(4, About::Liveness);
}

#[test]
fn guarantee_05_one_renewal_at_a_time_and_never_for_a_permission() {
    run_all(5, About::Tokens);
}

#[test]
fn guarantee_06_no_request_storm() {
    run_all(6, About::Failures);
}

#[test]
fn guarantee_07_a_reconnect_changes_no_presence_and_rings_nothing_that_has_ended() {
    run_all(7, About::Order);
}

#[test]
fn guarantee_08_when_in_doubt_ring() {
    run_all(8, About::Everything);
}

#[test]
fn guarantee_09_nothing_confidential_is_on_record_or_in_the_log() {
    let log = secrecy::logged(|| run_all(9, About::Input));
    secrecy::keeps("the log", &log).unwrap();
}

#[test]
fn guarantee_10_no_input_crashes_or_stalls() {
    run_all(10, About::Input);
}

#[test]
fn guarantee_10_frames_that_nobody_would_send_are_counted() {
    let frames = 20_000;
    let mut run = run::Run::new(1, About::Input).unwrap();
    run.pass(std::time::Duration::from_secs(8)).unwrap();
    run.fuzz(frames).unwrap();
    println!("guarantee 10: {frames} bent frames, none of them stalled anything");
}
