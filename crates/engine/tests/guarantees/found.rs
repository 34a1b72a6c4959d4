//! Series that once failed, as short as they became: they are run before the random ones, each under its own name.

use crate::steps::Fate::Rings;
use crate::steps::How::{Limited, Status};
use crate::steps::Sockets::{self, Stay};
use crate::steps::Step::{self, Close, Closing, Evict, Fail, Offer, SignIn, Sleep, TokenEnds, Wait};
use crate::steps::{About, Call};

/// Runs one of them.
fn again(seed: u64, steps: &[Step]) {
    let outcome = crate::series::one(seed, steps, About::Everything);
    assert!(outcome.is_ok(), "{outcome:?}");
}

#[test]
fn a_token_that_dies_after_it_was_proved_is_found_out() {
    again(
        2305,
        &[
            Offer(0, 30, Rings),
            SignIn(0, 60),
            Wait(15_671),
            SignIn(1, 3_600),
            Wait(5_892),
            Close(Some(1001), false),
            TokenEnds(false),
            Wait(652),
            Sleep(5, Stay),
            TokenEnds(false),
        ],
    );
}

#[test]
fn a_gap_over_a_sleep_begins_before_it() {
    again(107, &[Offer(0, 5, Rings), Sleep(18, Sockets::HalfOpen)]);
    again(206, &[Offer(0, 5, Rings), Evict, Sleep(10, Stay)]);
}

#[test]
fn a_check_waits_for_retry_after() {
    again(
        8001,
        &[Fail(Call::Check, Limited(0), 1), Fail(Call::Channel, Status(401), 1), Close(None, false), Wait(241)],
    );
    again(10_708, &[Fail(Call::Check, Limited(2), 3), TokenEnds(false), Closing(500), Wait(4_989)]);
}
