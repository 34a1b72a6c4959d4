//! Certificates: a private authority before the sign-in, trusted and not.

use earshot_doctor::{Check, Outcome};
use earshot_genesys::net::{Network, Proxies, Tls};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::stage::{Stage, options};

/// A proxy that opens secure connections before the simulator; gives its address and its authority.
async fn inspecting(to: String) -> (String, CertificateDer<'static>) {
    let mut params = CertificateParams::new([]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::OrganizationName, "Acme Inspections");
    let ca_key = KeyPair::generate().unwrap();
    let root = params.self_signed(&ca_key).unwrap();
    let issuer = Issuer::new(params, ca_key);
    let key = KeyPair::generate().unwrap();
    let own = CertificateParams::new(["localhost".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
        .unwrap();
    let acceptor = TlsAcceptor::from(std::sync::Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, to) = (acceptor.clone(), to.clone());
            tokio::spawn(async move {
                let Ok(mut here) = acceptor.accept(stream).await else { return };
                let Ok(mut there) = TcpStream::connect(to).await else { return };
                let _ = tokio::io::copy_bidirectional(&mut here, &mut there).await;
            });
        }
    });
    (format!("https://localhost:{port}"), root.der().clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_inspecting_proxy_is_a_warning_where_it_is_trusted_and_a_failure_where_not() {
    let mut stage = Stage::new(options()).await;
    let (address, authority) = inspecting(stage.simulator.address().to_string()).await;
    stage.at(Some(&address), None);

    let result = stage.examine().await;
    assert_eq!(result.wrong(), [(Check::SignInAddress, Outcome::Failed)], "{result}");
    assert!(result.row(Check::SignInAddress).found.contains("issued by Acme Inspections"), "{result}");

    stage.subject.network = Network { tls: Tls::with_extra_roots([authority]), proxies: Proxies::None };
    let result = stage.examine().await;
    assert_eq!(result.wrong(), [(Check::CertificateIssuer, Outcome::Warning)], "{result}");
    assert!(result.row(Check::CertificateIssuer).found.contains("Acme Inspections"), "{result}");
    assert_eq!(result.exit_code, 0);
}
