//! A local Genesys Cloud for one machine: sign-in, REST, notification channels, a scripted contact centre, and faults on
//! demand. For tests, for practice mode, and for whoever wants to try a client without an organisation.
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use earshot_simulator::{Offer, Options, Simulator};
//! let sim = Simulator::start(Options::default()).await?;
//! let offered = sim.control().offer(Offer { caller: Some("Maria Keller".into()), ..Offer::default() })?;
//! println!("{} offers {}", sim.base_url(), offered.conversation);
//! sim.stop().await;
//! # Ok(()) }
//! ```
//!
//! It shares no type with the client it tests, so that one mistake cannot hide on both sides. The README describes the
//! control API and the scripts.

mod access;
mod channels;
mod clock;
mod connection;
mod control;
mod faults;
mod ids;
mod limits;
mod log;
mod oauth;
mod options;
mod rest;
mod script;
mod server;
mod shapes;
mod socket;
mod state;
mod topics;
mod world;

pub use access::Require;
pub use control::{
    Analytics, Answers, ChangeLeg, Channels, ClientSecrets, CloseSockets, Command, Control, ControlError, Conversation,
    Deaf, Elsewhere, Events, Evict, ExpireTokens, Fail, FailTokenEndpoint, Idle, Nothing, Offline, Permissions,
    RateLimit, RefuseUpgrades, RejectTopic, Reset, Scopes, Secret, SendRaw, SetPresence, SetRoutingStatus, Skew,
    SocketAuth, SocketClosing, SocketsOfExpired, Stream, Target, Targeted, TokenLife,
};
pub use faults::FaultBody;
pub use log::LoggedRequest;
pub use oauth::{CONFIDENTIAL_CLIENT_ID, CONFIDENTIAL_SECRETS, PUBLIC_CLIENT_ID, SERVICE_CLIENT_ID, SERVICE_SECRETS};
pub use options::Options;
pub use script::{Script, ScriptError};
pub use server::{Simulator, StartError};
pub use world::AnswerOutcome;
pub use world::catalogue::{ADA, JONAS};
pub use world::conversation::{IfMissed, Medium};
pub use world::offer::{Offer, Offered};
pub use world::stream::StreamOf;
