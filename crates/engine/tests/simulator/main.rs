//! The engine against the simulator, over real sockets on loopback: what the pure tests cannot show.
#![allow(clippy::expect_used, clippy::unwrap_used, missing_docs)]

mod acting;
mod bad_input;
mod bench;
mod connection;
mod handover;
mod hearing;
mod keeping;
mod listening;
mod permissions;
mod resume;
mod session;
