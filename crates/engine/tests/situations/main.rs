//! The five situations people asked about, each against the simulator over real sockets. Each prints what was offered,
//! heard live, recovered and missed, and the sums must agree.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::print_stdout, missing_docs)]

#[allow(dead_code)] // the simulator tests use more of it
#[path = "../simulator/bench.rs"]
mod bench;
mod ledger;
mod s0_expired;
mod s1_signals;
mod s2_audit;
mod s3_rotation;
mod s4_idle;
mod stage;
