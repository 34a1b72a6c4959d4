//! The simulator from outside: real HTTP and WebSocket on loopback.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::print_stdout)]

mod channels;
mod control;
mod conversations;
mod program;
mod sign_in;
mod socket;
mod support;
mod users;
