//! Whom to trust: the operating system's certificate store, by way of rustls with the ring provider. One for HTTP and
//! sockets alike.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use rustls_platform_verifier::Verifier;

/// TLS settings.
#[derive(Clone)]
pub struct Tls {
    config: Arc<ClientConfig>,
    /// Who judges certificates; none where the system's cannot be read.
    verifier: Option<Arc<dyn ServerCertVerifier>>,
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
        match verifier {
            Ok(verifier) => {
                let verifier: Arc<dyn ServerCertVerifier> = Arc::new(verifier);
                let config = builder.dangerous().with_custom_certificate_verifier(Arc::clone(&verifier));
                Self { config: Arc::new(config.with_no_client_auth()), verifier: Some(verifier) }
            }
            Err(error) => {
                tracing::warn!(%error, "the operating system's certificates cannot be read; no secure connection will work");
                let config = builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth();
                Self { config: Arc::new(config), verifier: None }
            }
        }
    }

    /// As for sockets, with a look at the certificates that a server shows, trusted or not. What is judged, and how, stays
    /// the same.
    pub(super) fn looking(&self) -> (Arc<ClientConfig>, Arc<Shown>) {
        let shown = Arc::new(Shown::default());
        let mut config = ClientConfig::clone(&self.config);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        if let Some(verifier) = &self.verifier {
            let looking = Looking { verifier: Arc::clone(verifier), shown: Arc::clone(&shown) };
            config.dangerous().set_certificate_verifier(Arc::new(looking));
        }
        (Arc::new(config), shown)
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

/// The certificates a server has shown, its own first, as DER.
#[derive(Debug, Default)]
pub(super) struct Shown(Mutex<Vec<Vec<u8>>>);

impl Shown {
    pub(super) fn take(&self) -> Vec<Vec<u8>> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Notes what is shown, and leaves the judging to the one who always judges.
#[derive(Debug)]
struct Looking {
    verifier: Arc<dyn ServerCertVerifier>,
    shown: Arc<Shown>,
}

impl ServerCertVerifier for Looking {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let chain = std::iter::once(end_entity).chain(intermediates).map(|each| each.as_ref().to_vec()).collect();
        *self.shown.0.lock().unwrap_or_else(PoisonError::into_inner) = chain;
        self.verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}
