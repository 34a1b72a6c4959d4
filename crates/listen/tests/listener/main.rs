//! The program `earshot-listen` against the simulator: its interface to the letter, under every fault.
#![cfg(unix)]
#![allow(clippy::expect_used, clippy::unwrap_used, missing_docs)]
#![allow(clippy::print_stdout, clippy::similar_names)] // figures are printed; a stage has a state

mod access;
mod arguments;
mod bench;
mod doctor;
mod expiries;
mod faults;
mod frames;
mod hearing;
mod journal;
mod killed;
mod minute;
mod reader;
mod requests;
mod shape;
mod signing_in;
mod sockets;
