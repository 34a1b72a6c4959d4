//! Tests of the owner, by subject. `world` is what they happen in, and lends itself to other rooms' tests.
#![allow(clippy::expect_used)]

mod before;
mod session;
mod settings;
mod signing_in;
mod world;

pub(crate) use world::{World, on_the_desk, until};
