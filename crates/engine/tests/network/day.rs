//! A whole day with random faults, in seconds.

use std::time::Duration;

use crate::chance::{Chance, each_seed};
use crate::customers::Pace;
use crate::faults::{strike, terms};
use crate::lab::{Lab, Setup, ms, s};

const DAY: Duration = s(24 * 3600);

#[test]
fn a_day_with_random_faults_loses_nothing_and_repeats_nothing() {
    each_seed(&[800], |seed| {
        let pace = Pace { between: (30_000, 300_000), alerting: (8_000, 60_000) };
        let mut lab = Lab::open(Setup { tick: ms(200), pace, ..Setup::new(seed) });
        let mut chance = Chance::new(seed);
        let mut faults = 0;
        while lab.now() < DAY {
            let quiet = chance.millis(1_000, 1_800_000);
            lab.pass(quiet);
            strike(&mut lab, &mut chance, s(120));
            faults += 1;
        }
        let sums = lab.finish(terms());
        eprintln!("faults {faults}, {sums}");
    });
}
