//! The Earshot engine: hears every conversation that Genesys Cloud offers to an agent, and never goes deaf unnoticed.
//!
//! It has no screen and knows no window: [`Engine`] is the whole face, with commands in, complete [`snapshot`]s and
//! typed [`event`]s out.
//!
//! ```no_run
//! # async fn example(grant: earshot_engine::sign_in::Grant) -> Result<(), Box<dyn std::error::Error>> {
//! use earshot_engine::Engine;
//! use earshot_genesys::hosts::Environment;
//!
//! let engine = Engine::builder(Environment::region("mypurecloud.de")?).spawn()?;
//! engine.sign_in(grant); // from `sign_in::Attempt`
//! let mut snapshots = engine.snapshots();
//! while snapshots.changed().await.is_ok() {
//!     let snapshot = snapshots.borrow_and_update().clone();
//!     println!("{:?}, {} offers", snapshot.link.state, snapshot.offers.len());
//! }
//! # Ok(()) }
//! ```
//!
//! Inside, decisions are pure and input and output stand at the edge: [`session`], [`link`], [`feed`] and [`desk`] are
//! state machines that own no clock, socket, task or random source; [`machine`] is their sum; the private driver performs
//! what it asks, through the ports of [`world`]. Every constant stands in [`limits`] with its reason, and what a failure
//! means in the table of [`verdict`].

pub mod backoff;
pub mod desk;
mod driver;
mod engine;
pub mod event;
pub mod feed;
#[cfg(feature = "journal")]
pub mod journal;
pub mod limits;
pub mod link;
pub mod machine;
pub mod moment;
pub mod plan;
pub mod record;
pub mod session;
pub mod sign_in;
pub mod snapshot;
pub mod trouble;
pub mod verdict;
pub mod world;

pub use engine::{Builder, Engine};
