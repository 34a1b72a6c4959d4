//! What is on the agent's desk?
pub mod io;
pub mod sighting;
