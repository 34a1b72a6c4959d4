//! The journal on a real disk: what is written can be proved, and what cannot be written stops nothing.
#![allow(clippy::expect_used, clippy::unwrap_used, missing_docs)]

mod chain;
mod crash;
mod disk;
mod report;
mod retention;
mod support;
mod told;
mod torn;
