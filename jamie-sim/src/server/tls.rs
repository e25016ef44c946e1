//! Encryption for the server: certificates of its own making, sound ones and, when a fault is
//! wanted, expired or foreign ones.

use std::fmt;
use std::io;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

/// What the server's certificate is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tls {
    /// As it should be.
    Sound,
    /// Its time is over.
    Expired,
    /// Signed by an authority that the kubeconfig does not know.
    Foreign,
}

/// The server's certificate and the authority that clients are told to trust.
pub(crate) struct Certificates {
    authority: String,
    chain: CertificateDer<'static>,
    key: Vec<u8>,
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificates").finish_non_exhaustive()
    }
}

impl Certificates {
    pub(crate) fn issue(tls: Tls) -> io::Result<Self> {
        Self::make(tls).map_err(io::Error::other)
    }

    fn make(tls: Tls) -> Result<Self, rcgen::Error> {
        let authority_key = KeyPair::generate()?;
        let authority = authority(&authority_key)?;
        let trusted = match tls {
            Tls::Foreign => {
                let key = KeyPair::generate()?;
                authority_params()?.self_signed(&key)?.pem()
            }
            Tls::Sound | Tls::Expired => authority.1,
        };
        let mut params = CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned()])?;
        params
            .distinguished_name
            .push(DnType::CommonName, "kube-apiserver");
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = match tls {
            Tls::Expired => date_time_ymd(2021, 1, 1),
            Tls::Sound | Tls::Foreign => date_time_ymd(2090, 1, 1),
        };
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &authority.0)?;
        Ok(Self {
            authority: trusted,
            chain: certificate.der().clone(),
            key: key.serialize_der(),
        })
    }

    /// The authority's certificate, as PEM.
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    pub(crate) fn acceptor(&self) -> io::Result<TlsAcceptor> {
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.clone()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(vec![self.chain.clone()], key)
            .map_err(io::Error::other)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

fn authority_params() -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "kubernetes");
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2090, 1, 1);
    Ok(params)
}

fn authority(key: &KeyPair) -> Result<(Issuer<'static, &KeyPair>, String), rcgen::Error> {
    let params = authority_params()?;
    let pem = params.self_signed(key)?.pem();
    Ok((Issuer::new(params, key), pem))
}
