//! `earshot-listen`: the Earshot engine without a screen, for wallboards, audits, help desks and scripts. One JSON object
//! a line on standard output, and a journal.
//!
//! A library only so that its tests can reach it; the program is the interface. Records come from the engine in their
//! order, go through the journal where there is one, become [`lines`], and wait in [`output`] for whoever reads.

pub mod arguments;
pub mod audit;
pub mod clerk;
pub mod doctor;
pub mod exit;
pub mod lines;
pub mod listen;
pub mod logging;
pub mod output;
pub mod record;
pub mod secrets;
pub mod spill;
