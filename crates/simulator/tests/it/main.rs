//! The simulator from outside: real HTTP and WebSocket on loopback.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::print_stdout)]

mod access;
mod analytics;
mod channels;
mod control;
mod conversations;
mod listener;
mod program;
mod service;
mod sign_in;
mod socket;
mod stream;
mod support;
mod users;
