//! Whom to trust: the operating system's certificate store, by way of rustls with the ring provider. One for HTTP and
//! sockets alike.

use std::fmt;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;

/// TLS settings.
#[derive(Clone)]
pub struct Tls {
    config: Arc<ClientConfig>,
}

impl Tls {
    /// Trusts whom the operating system trusts. A system without any certificates is no reason to fail here: practice
    /// mode needs none, and every real connection will say what is wrong.
    pub fn system() -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        Self::with_verifier(Verifier::new(provider.clone()), provider)
    }

    /// Trusts these certificates too: those of a test, or of an organisation that does not install its own system-wide.
    #[cfg(not(target_os = "android"))]
    pub fn with_extra_roots(roots: impl IntoIterator<Item = CertificateDer<'static>>) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        Self::with_verifier(Verifier::new_with_extra_roots(roots, provider.clone()), provider)
    }

    fn with_verifier(verifier: Result<Verifier, rustls::Error>, provider: Arc<CryptoProvider>) -> Self {
        let builder = ClientConfig::builder_with_provider(provider);
        // The ring provider always has the default versions' suites; the alternative is only there for the type.
        let builder = match builder.with_safe_default_protocol_versions() {
            Ok(builder) => builder,
            Err(_) => ClientConfig::builder(),
        };
        let config = match verifier {
            Ok(verifier) => {
                builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth()
            }
            Err(error) => {
                tracing::warn!(%error, "the operating system's certificates cannot be read; no secure connection will work");
                builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth()
            }
        };
        Self { config: Arc::new(config) }
    }

    /// For HTTP, which negotiates its version.
    pub(super) fn for_http(&self) -> ClientConfig {
        let mut config = ClientConfig::clone(&self.config);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        config
    }

    /// For sockets, which are HTTP/1.1 or nothing.
    pub(super) fn for_socket(&self) -> Arc<ClientConfig> {
        let mut config = ClientConfig::clone(&self.config);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Arc::new(config)
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}
