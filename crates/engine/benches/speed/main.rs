//! How fast the engine is, for the figures in the README: events through feed and desk, records into the journal, and a lone
//! close until all is caught up. `make bench`.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::print_stdout, missing_docs)]

mod close;
mod events;
mod journal;

use criterion::{criterion_group, criterion_main};

criterion_group!(speed, events::bench, journal::bench, close::bench);
criterion_main!(speed);
