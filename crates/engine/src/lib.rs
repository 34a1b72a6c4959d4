//! The Earshot engine.
pub mod desk;
pub mod event;
pub mod moment;
pub mod snapshot;
