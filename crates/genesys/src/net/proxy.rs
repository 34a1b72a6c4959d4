//! Which way out: the proxy settings, told to reqwest and to the socket dialer alike. This computer itself is never reached
//! through a proxy.

use std::fmt;

use hyper_util::client::proxy::matcher::Matcher;

/// Proxy settings.
#[derive(Clone)]
pub enum Proxies {
    /// As the environment (`HTTPS_PROXY`, `NO_PROXY`, …) or else the operating system says.
    System,
    /// Always directly.
    None,
    /// Through this proxy.
    Fixed {
        /// Its address; may carry a user and a password.
        url: String,
        /// Hosts to reach directly, in the form of `NO_PROXY`.
        except: String,
    },
}

impl Proxies {
    /// For the socket dialer.
    pub(super) fn matcher(&self) -> Matcher {
        match self {
            Self::System => Matcher::from_system(),
            Self::None => Matcher::builder().build(),
            Self::Fixed { url, except } => Matcher::builder().all(url.clone()).no(except.clone()).build(),
        }
    }

    /// For reqwest.
    pub(super) fn apply(&self, builder: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder, reqwest::Error> {
        Ok(match self {
            Self::System => builder,
            Self::None => builder.no_proxy(),
            Self::Fixed { url, except } => {
                let exceptions = reqwest::NoProxy::from_string(except);
                builder.proxy(reqwest::Proxy::all(url.as_str())?.no_proxy(exceptions))
            }
        })
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address may carry a password.
        f.write_str(match self {
            Self::System => "System",
            Self::None => "None",
            Self::Fixed { .. } => "Fixed",
        })
    }
}
