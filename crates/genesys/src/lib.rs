//! What Genesys Cloud says.
pub mod error;
pub mod transport;
