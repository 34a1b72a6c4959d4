//! The production ports: HTTP by reqwest, sockets by tokio-tungstenite, both with the operating system's trust store and
//! proxy settings. For the programs; tests and simulations bring their own ports.

mod connect;
mod failure;
mod http;
mod look;
mod proxy;
mod socket;
mod tls;

pub use self::failure::io as io_failure;
pub use self::http::HttpClient;
pub use self::look::{Reach, Stage, look};
pub use self::proxy::Proxies;
pub use self::socket::{SocketDialer, upgrade};
pub use self::tls::Tls;

/// How Earshot names itself to servers and proxies.
pub const USER_AGENT: &str = concat!("Earshot/", env!("CARGO_PKG_VERSION"));

/// Largest body or frame taken in. `users/me` of a large organisation has a few megabytes; sixteen is the limit Genesys'
/// own tools use for a frame, and bounds what a confused server can make us hold.
pub const MAX_SIZE: usize = 16 * 1024 * 1024;

/// What both ports stand on; made once for a program.
#[derive(Debug, Clone)]
pub struct Network {
    /// Whom to trust.
    pub tls: Tls,
    /// Which way out.
    pub proxies: Proxies,
}

impl Network {
    /// As the operating system has it set up.
    pub fn system() -> Self {
        Self { tls: Tls::system(), proxies: Proxies::System }
    }
}

#[cfg(test)]
mod tests;
