//! Who has issued a certificate, and whether that is one of the world's public authorities. A private one before Genesys
//! Cloud is a proxy that opens secure connections and looks inside.

use x509_parser::prelude::*;

/// Public authorities, as the beginnings of their organisations' names. Genesys Cloud's own certificates are of Amazon and
/// DigiCert; the others are here so that a change of mind of theirs is no false alarm.
const PUBLIC: &[&str] = &[
    "actalis",
    "amazon",
    "asseco",
    "buypass",
    "certainly",
    "comodo",
    "d-trust",
    "deutsche telekom security",
    "digicert",
    "entrust",
    "globalsign",
    "godaddy",
    "google trust services",
    "harica",
    "hellenic academic",
    "identrust",
    "internet security research group",
    "let's encrypt",
    "microsoft corporation",
    "quovadis",
    "sectigo",
    "ssl corp",
    "starfield",
    "swisssign",
    "telia",
    "the usertrust network",
    "zerossl",
];

/// Who issued a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Issuer {
    /// Its name.
    pub(crate) name: String,
    /// It is a public authority.
    pub(crate) public: bool,
}

/// Who issued the first of these certificates (DER). `None` where it cannot be read.
pub(crate) fn issuer(chain: &[Vec<u8>]) -> Option<Issuer> {
    let (_, own) = X509Certificate::from_der(chain.first()?).ok()?;
    let organisation = part(own.issuer().iter_organization());
    let common = part(own.issuer().iter_common_name());
    let name = match (&organisation, &common) {
        (Some(organisation), Some(common)) if organisation != common => format!("{organisation} ({common})"),
        (Some(name), _) | (None, Some(name)) => name.clone(),
        (None, None) => "an authority without a name".to_owned(),
    };
    let who = organisation.or(common).unwrap_or_default().to_lowercase();
    Some(Issuer { name, public: PUBLIC.iter().any(|known| who.starts_with(known)) })
}

/// A name is somebody else's text: short, and of one line.
fn part<'a>(mut values: impl Iterator<Item = &'a AttributeTypeAndValue<'a>>) -> Option<String> {
    let text = values.next()?.as_str().ok()?;
    let text: String = text.chars().filter(|c| !c.is_control()).take(80).collect();
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer as Signer, KeyPair};
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Amazon", "Amazon RSA 2048 M02", "Amazon (Amazon RSA 2048 M02)", true)]
    #[case("Acme Proxies", "Acme inspecting proxy", "Acme Proxies (Acme inspecting proxy)", false)]
    #[case("Not Amazon", "Amazon", "Not Amazon (Amazon)", false)]
    fn the_issuer_is_named_and_judged(
        #[case] organisation: &str,
        #[case] common: &str,
        #[case] name: &str,
        #[case] public: bool,
    ) {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::OrganizationName, organisation);
        params.distinguished_name.push(DnType::CommonName, common);
        let signer = Signer::new(params, KeyPair::generate().unwrap());
        let key = KeyPair::generate().unwrap();
        let own = CertificateParams::new(["api.example".to_owned()]).unwrap().signed_by(&key, &signer).unwrap();
        let found = issuer(&[own.der().to_vec()]).unwrap();
        assert_eq!(found, Issuer { name: name.into(), public });
    }

    #[test]
    fn what_is_no_certificate_has_no_issuer() {
        assert_eq!(issuer(&[]), None);
        assert_eq!(issuer(&[b"canary".to_vec()]), None);
    }
}
