//! The examination against the simulator: with nothing broken all is well, and each single thing broken is the only thing
//! named.
#![allow(clippy::expect_used, clippy::unwrap_used, missing_docs)]

mod breakages;
mod limits;
mod stage;
mod tls;
