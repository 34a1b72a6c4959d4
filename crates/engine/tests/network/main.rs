//! The real engine, driver and all, on a simulated network with the simulated Genesys Cloud, in virtual time.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    missing_docs
)]

mod asleep;
mod chance;
mod closes;
mod customers;
mod day;
mod faults;
mod fights;
mod host;
mod lab;
mod outages;
mod partitions;
mod reckoning;
mod soak;
mod tokens;
mod wire;
mod witness;
