//! TLS in front of a server, with certificates made on the spot.

use std::net::SocketAddr;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// An authority that signs certificates.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    /// A new authority of this name, which nobody knows yet.
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::new([]).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(params, key).expect("an authority signs itself"))
    }

    /// The authority's own certificate, in PEM.
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate for this host name, valid until the beginning of the year.
    pub fn certify(&self, name: &str, until: i32) -> Certified {
        let mut params = CertificateParams::new([name.to_owned()]).expect("a host name");
        params.not_after = rcgen::date_time_ymd(until, 1, 1);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.0).expect("an authority signs");
        Certified { certificate, key }
    }
}

/// A certificate with its key.
pub struct Certified {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl Certified {
    /// Certificate and key in PEM, one after the other.
    pub fn pem(&self) -> String {
        self.certificate.pem() + &self.key.serialize_pem()
    }

    fn parts(&self) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let key = PrivateKeyDer::try_from(self.key.serialize_der()).expect("PKCS#8");
        (vec![self.certificate.der().clone()], key)
    }
}

/// How the front shakes hands.
pub struct Handshake<'a> {
    /// What it shows.
    pub certificate: Certified,
    /// Who has to have signed the certificate of the client, if it demands one.
    pub clients: Option<&'a Authority>,
    /// The versions of TLS that it speaks.
    pub versions: &'a [&'static SupportedProtocolVersion],
}

impl Handshake<'_> {
    fn config(self) -> ServerConfig {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(self.versions)
            .expect("versions that the provider speaks");
        let builder = match self.clients {
            None => builder.with_no_client_auth(),
            Some(authority) => {
                let mut roots = RootCertStore::empty();
                roots.add(authority.0.der().clone()).expect("a certificate");
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                builder.with_client_cert_verifier(verifier.build().expect("an authority"))
            }
        };
        let (chain, key) = self.certificate.parts();
        builder.with_single_cert(chain, key).expect("a key that fits its certificate")
    }
}

/// Speaks TLS and hands on what it takes in to a server that does not. Ends when it is dropped.
pub struct TlsFront {
    address: SocketAddr,
    accepting: JoinHandle<()>,
}

impl TlsFront {
    /// Starts on loopback, in front of the server at this address.
    pub async fn start(handshake: Handshake<'_>, behind: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port on loopback");
        let address = listener.local_addr().expect("a bound listener has an address");
        let acceptor = TlsAcceptor::from(Arc::new(handshake.config()));
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    // What the client does to the connection is not of interest.
                    let mut client = match acceptor.accept(stream).into_fallible().await {
                        Ok(client) => client,
                        Err((_, mut stream)) => {
                            // A close with something unread would reset the alert away.
                            stream.read_to_end(&mut Vec::new()).await.ok();
                            return;
                        }
                    };
                    let Ok(mut server) = TcpStream::connect(behind).await else { return };
                    if copy_bidirectional(&mut client, &mut server).await.is_err() {
                        client.get_mut().0.set_zero_linger().ok();
                    } else {
                        client.shutdown().await.ok();
                    }
                });
            }
        });
        Self { address, accepting }
    }

    /// Its base URL, by the name `localhost`.
    pub fn url(&self) -> String {
        format!("https://localhost:{}", self.address.port())
    }
}

impl Drop for TlsFront {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}
