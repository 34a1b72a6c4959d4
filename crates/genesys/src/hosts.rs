//! Where Genesys Cloud lives: the known regions, and the two addresses (sign-in and API) that make an environment.
//! For sign-in screens, configuration files, and whoever builds a request.

use std::net::IpAddr;

use url::{Host, Url};

/// One region of Genesys Cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region {
    /// What a person calls it.
    pub label: &'static str,
    /// Its domain: `mypurecloud.de`.
    pub domain: &'static str,
}

const fn region(label: &'static str, domain: &'static str) -> Region {
    Region { label, domain }
}

/// The regions known when this was written. Genesys adds some now and then, so any other domain is accepted too.
pub const REGIONS: &[Region] = &[
    region("Americas (US East)", "mypurecloud.com"),
    region("Americas (US West)", "usw2.pure.cloud"),
    region("Americas (US East 2, FedRAMP)", "use2.us-gov-pure.cloud"),
    region("Americas (Canada)", "cac1.pure.cloud"),
    region("Americas (Mexico)", "mxc1.pure.cloud"),
    region("Americas (São Paulo)", "sae1.pure.cloud"),
    region("Europe (Frankfurt)", "mypurecloud.de"),
    region("Europe (Dublin)", "mypurecloud.ie"),
    region("Europe (London)", "euw2.pure.cloud"),
    region("Europe (Zurich)", "euc2.pure.cloud"),
    region("Europe (Sovereign Cloud, Germany)", "edee1.eusc-pure.cloud"),
    region("Middle East (UAE)", "mec1.pure.cloud"),
    region("Asia Pacific (Mumbai)", "aps1.pure.cloud"),
    region("Asia Pacific (Singapore)", "apse1.pure.cloud"),
    region("Asia Pacific (Seoul)", "apne2.pure.cloud"),
    region("Asia Pacific (Tokyo)", "mypurecloud.jp"),
    region("Asia Pacific (Osaka)", "apne3.pure.cloud"),
    region("Asia Pacific (Sydney)", "mypurecloud.com.au"),
];

/// The two addresses of one Genesys Cloud. Both end in `/`, and carry neither user, query nor fragment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Environment {
    login: Url,
    api: Url,
}

impl Environment {
    /// The environment of a region, by its domain. Domains this crate does not know are accepted.
    pub fn region(domain: &str) -> Result<Self, HostError> {
        let domain = domain.trim();
        let domain = domain.strip_prefix("https://").unwrap_or(domain);
        let domain = domain.trim_end_matches('/');
        // People paste what the browser shows; the region is what follows the well-known first label.
        let domain = ["api.", "login.", "apps."].iter().find_map(|label| domain.strip_prefix(label)).unwrap_or(domain);
        if domain.is_empty() {
            return Err(HostError::Empty);
        }
        let plain = domain.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-');
        if !plain || !domain.contains('.') || domain.starts_with('.') || domain.ends_with('.') || domain.contains("..")
        {
            return Err(HostError::NotADomain { given: domain.to_owned() });
        }
        let login = address(&format!("https://login.{domain}"))?;
        let api = address(&format!("https://api.{domain}"))?;
        Ok(Self { login, api })
    }

    /// An environment by its two addresses: a proxy, a simulator, a region of a kind yet unknown.
    pub fn custom(login: &str, api: &str) -> Result<Self, HostError> {
        Ok(Self { login: address(login)?, api: address(api)? })
    }

    /// Base address of sign-in: `https://login.mypurecloud.de/`.
    pub fn login(&self) -> &Url {
        &self.login
    }

    /// Base address of the REST API: `https://api.mypurecloud.de/`.
    pub fn api(&self) -> &Url {
        &self.api
    }
}

/// Why an address cannot be used. Each says what is wrong with it and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// Nothing given.
    #[error("The address is empty. Enter one like login.mypurecloud.de.")]
    Empty,
    /// Not the name of a domain.
    #[error("\u{201c}{given}\u{201d} is not a domain name. Enter the region's domain only, like mypurecloud.de.")]
    NotADomain {
        /// What was given.
        given: String,
    },
    /// Not an address at all.
    #[error("\u{201c}{given}\u{201d} is not a web address. Enter one like https://api.mypurecloud.de.")]
    NotAnAddress {
        /// What was given; anything that looked like a password is taken out.
        given: String,
    },
    /// Another scheme than http or https.
    #[error("Addresses that begin with {scheme}: cannot be used. Enter one that begins with https://.")]
    Scheme {
        /// The scheme.
        scheme: String,
    },
    /// Plain http to another computer.
    #[error(
        "http:// would send your sign-in unprotected to {host}. Enter the address with https://; plain http works only with this computer itself (localhost)."
    )]
    PlainHttp {
        /// The host.
        host: String,
    },
    /// User name or password in the address.
    #[error("The address has a user name or password in it (before the @). Enter it without.")]
    UserInfo,
    /// Query or fragment in the address.
    #[error("The address has a part after ? or #. Enter it without, like https://api.mypurecloud.de.")]
    Query,
}

/// Whether this address stays inside this computer, by the way it is written (nothing is looked up).
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name.eq_ignore_ascii_case("localhost") || name.to_ascii_lowercase().ends_with(".localhost")
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => {
            address.is_loopback() || address.to_ipv4_mapped().is_some_and(|address| IpAddr::from(address).is_loopback())
        }
        None => false,
    }
}

fn address(given: &str) -> Result<Url, HostError> {
    let given = given.trim();
    if given.is_empty() {
        return Err(HostError::Empty);
    }
    let with_scheme =
        if given.contains("://") { given.to_owned() } else { format!("https://{}", given.trim_start_matches('/')) };
    let not_an_address = || {
        let given = given.rsplit('@').next().unwrap_or_default().chars().take(80).collect();
        HostError::NotAnAddress { given }
    };
    let mut url = Url::parse(&with_scheme).map_err(|_| not_an_address())?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(HostError::Scheme { scheme: url.scheme().to_owned() });
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(HostError::UserInfo);
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(HostError::Query);
    }
    let host = url.host_str().ok_or_else(not_an_address)?.to_owned();
    if host.is_empty() || host.split('.').any(str::is_empty) && !host.ends_with('.') {
        return Err(not_an_address());
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(HostError::PlainHttp { host });
    }
    // One trailing slash exactly, so that `join` appends.
    let path = format!("{}/", url.path().trim_end_matches('/'));
    url.set_path(&path);
    Ok(url)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use rstest::rstest;

    use super::*;

    #[test]
    fn eighteen_regions_each_once_and_usable() {
        let mut domains: Vec<_> = REGIONS.iter().map(|region| region.domain).collect();
        domains.sort_unstable();
        domains.dedup();
        assert_eq!(domains.len(), 18);
        for region in REGIONS {
            let environment = Environment::region(region.domain).unwrap();
            assert_eq!(environment.api().as_str(), format!("https://api.{}/", region.domain));
            assert_eq!(environment.login().as_str(), format!("https://login.{}/", region.domain));
        }
    }

    #[rstest]
    #[case("mypurecloud.de", "https://api.mypurecloud.de/")]
    #[case("  https://mypurecloud.de/ ", "https://api.mypurecloud.de/")]
    #[case("apps.mypurecloud.de", "https://api.mypurecloud.de/")]
    #[case("new1.pure.cloud", "https://api.new1.pure.cloud/")]
    fn a_region_by_its_domain(#[case] given: &str, #[case] api: &str) {
        assert_eq!(Environment::region(given).unwrap().api().as_str(), api);
    }

    #[rstest]
    #[case("")]
    #[case("mypurecloud")]
    #[case("mypurecloud.de/path")]
    #[case("user@mypurecloud.de")]
    #[case("my purecloud.de")]
    #[case("mypurecloud.de:444")]
    #[case("..")]
    #[case("http://mypurecloud.de")]
    fn what_is_no_domain_is_refused(#[case] given: &str) {
        assert!(Environment::region(given).is_err());
    }

    #[rstest]
    #[case("https://api.example.org", "https://api.example.org/")]
    #[case("api.example.org", "https://api.example.org/")]
    #[case("https://api.example.org///", "https://api.example.org/")]
    #[case("https://example.org/genesys", "https://example.org/genesys/")]
    #[case("http://127.0.0.1:8080", "http://127.0.0.1:8080/")]
    #[case("http://127.9.9.9", "http://127.9.9.9/")]
    #[case("http://[::1]:8080/", "http://[::1]:8080/")]
    #[case("http://[::ffff:127.0.0.1]:8080/", "http://[::ffff:7f00:1]:8080/")]
    #[case("http://localhost:9", "http://localhost:9/")]
    #[case("http://genesys.localhost:9", "http://genesys.localhost:9/")]
    #[case("localhost:9", "https://localhost:9/")]
    fn an_address_is_tidied(#[case] given: &str, #[case] want: &str) {
        assert_eq!(Environment::custom(given, given).unwrap().api().as_str(), want);
    }

    #[rstest]
    #[case("", HostError::Empty)]
    #[case("http://api.example.org", HostError::PlainHttp { host: "api.example.org".into() })]
    #[case("http://localhost.example.org", HostError::PlainHttp { host: "localhost.example.org".into() })]
    #[case("http://128.0.0.1", HostError::PlainHttp { host: "128.0.0.1".into() })]
    #[case("https://me:pass@api.example.org", HostError::UserInfo)]
    #[case("https://api.example.org?x=1", HostError::Query)]
    #[case("https://api.example.org/#x", HostError::Query)]
    #[case("ftp://api.example.org", HostError::Scheme { scheme: "ftp".into() })]
    #[case("https://", HostError::NotAnAddress { given: "https://".into() })]
    #[case("https://a..b", HostError::NotAnAddress { given: "https://a..b".into() })]
    #[case("me:pass@bad host", HostError::NotAnAddress { given: "bad host".into() })]
    fn an_address_that_cannot_be_used_says_why(#[case] given: &str, #[case] want: HostError) {
        assert_eq!(Environment::custom("https://login.example.org", given).unwrap_err(), want);
    }
}
