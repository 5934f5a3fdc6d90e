//! TLS without certificate authorities: any certificate is taken, and which one it was is remembered. Who the server is,
//! its identity key proves, bound to that certificate. That the other end holds the certificate's key is verified here.
//! Whoever asks for it has the system's authorities vouch for the certificate as well.

use super::{Distrust, LinkError};
use crate::route::Trust;
use rialto_shared::id::Hash;
use rustls::{
    ClientConfig, DigitallySignedStruct, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
    version,
};
use rustls_platform_verifier::Verifier;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Takes whatever certificate there is, whose key the other end has.
#[must_use]
pub fn any_certificate() -> Arc<dyn ServerCertVerifier> {
    Arc::new(AnyCertificate(Arc::new(ring::default_provider())))
}

/// What this end found wrong with the certificate is no matter of the network.
fn refused(error: std::io::Error) -> LinkError {
    let found = error.get_ref().and_then(|error| error.downcast_ref());
    if let Some(rustls::Error::InvalidCertificate(why)) = found {
        return Distrust::Untrusted(why.to_string()).into();
    }
    error.into()
}

/// Speaks TLS 1.3 over this stream; also gives the hash of the certificate that the other end has.
pub(super) async fn wrap(
    stream: TcpStream,
    host: &str,
    trust: Trust,
) -> Result<(TlsStream<TcpStream>, Hash), LinkError> {
    let provider = Arc::new(ring::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = match trust {
        Trust::Pinned => any_certificate(),
        Trust::System => {
            let verifier = Verifier::new(Arc::clone(&provider));
            Arc::new(verifier.map_err(|error| Distrust::Untrusted(error.to_string()))?)
        }
    };
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&version::TLS13])
        .map_err(std::io::Error::other)?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned())
        .map_err(|_| LinkError::Host(host.chars().take(80).collect()))?;
    let stream = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .map_err(refused)?;
    let certificates = stream.get_ref().1.peer_certificates();
    let leaf = certificates
        .and_then(<[_]>::first)
        .ok_or(LinkError::Closed)?;
    let hash = Hash::plain(leaf);
    Ok((stream, hash))
}
