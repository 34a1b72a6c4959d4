//! What Genesys Cloud says: hosts, OAuth, REST calls, wire types and notification frames. For the engine, and for any
//! other Rust program that wants to talk to Genesys Cloud as an agent.
//!
//! This crate decides nothing: it has no policy, starts no task, retries nothing and keeps no state between two calls.
//! Everything reaches the network through the two ports of [`transport`]; [`net`] has the production ones.

mod answer;
pub mod api;
pub mod error;
pub mod hosts;
pub mod net;
pub mod notification;
pub mod oauth;
pub mod recovery;
pub mod socket_auth;
pub mod topics;
pub mod transport;
pub mod wire;

#[cfg(test)]
mod testing;
