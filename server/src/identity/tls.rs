//! TLS: a certificate made at the first start, or one from files.
//!
//! Clients do not ask an authority who this is: the identity key signs the hash of the certificate that they see. So one
//! that the server made itself is as good as a bought one, and may be replaced at any time.

use super::private::{FileError, read_private, write_private};
use crate::{
    config::{Config, TlsMode},
    connection::Security,
};
use rialto_shared::{host::Host, id::Hash, time::Timestamp};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use std::{path::Path, sync::Arc, time::Duration};
use tokio_rustls::TlsAcceptor;

/// The files in the data folder.
pub const CERTIFICATE_FILE: &str = "tls.crt";
/// The key of the certificate in the data folder.
pub const KEY_FILE: &str = "tls.key";
/// Ten years: nobody is there to renew it, and nothing but its hash is looked at.
const VALID: Duration = Duration::from_secs(10 * 365 * 86_400);
/// Clocks of clients may be behind.
const BACKDATED: Duration = Duration::from_secs(86_400);

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file.
    #[error(transparent)]
    File(#[from] FileError),
    /// A certificate file's content.
    #[error("{0} holds no certificate (PEM)")]
    NoCertificate(String),
    /// A key file's content.
    #[error("{0} holds no private key (PEM)")]
    NoKey(String),
    /// They do not fit, or are of a sort that is not served.
    #[error("the certificate and its key cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
    /// None could be made.
    #[error("no certificate could be made: {0}")]
    Making(#[from] rcgen::Error),
}

/// How connections are secured, by what is configured; makes a certificate where one is wanted and absent.
///
/// # Errors
/// Where files are absent, open to others, or do not hold what they should.
pub fn security(config: &Config, now: Timestamp) -> Result<Security, TlsError> {
    match config.tls.mode {
        TlsMode::Plain => Ok(Security::Plain),
        TlsMode::BehindProxy => Ok(Security::BehindProxy {
            proxies: config.tls.proxies.clone(),
        }),
        TlsMode::Own => {
            let certificate = config.data_dir.join(CERTIFICATE_FILE);
            let key = config.data_dir.join(KEY_FILE);
            ensure_own(&certificate, &key, &config.address().host, now)?;
            from_files(&certificate, &key)
        }
        TlsMode::Files => {
            let absent = |what: &str| FileError::Absent(what.to_owned());
            let files = &config.tls;
            let certificate = files
                .cert_file
                .as_deref()
                .ok_or_else(|| absent("tls.cert_file"))?;
            let key = files
                .key_file
                .as_deref()
                .ok_or_else(|| absent("tls.key_file"))?;
            from_files(certificate, key)
        }
    }
}

/// Makes key and certificate where they are absent; the key first, so that an interrupted start goes on with it.
fn ensure_own(certificate: &Path, key: &Path, host: &Host, now: Timestamp) -> Result<(), TlsError> {
    let exists = |path: &Path| {
        path.try_exists()
            .map_err(|error| FileError::of(path, error))
    };
    if exists(certificate)? {
        return Ok(());
    }
    let pair = if exists(key)? {
        let text = read_private(key)?;
        let text = std::str::from_utf8(&text).unwrap_or_default();
        rcgen::KeyPair::from_pem(text)?
    } else {
        let pair = rcgen::KeyPair::generate()?;
        let text = zeroize::Zeroizing::new(pair.serialize_pem());
        write_private(key, text.as_bytes())?;
        pair
    };
    let host = host.to_string();
    let mut names = vec![host.trim_matches(['[', ']']).to_owned()];
    names.extend(["localhost", "127.0.0.1", "::1"].map(str::to_owned));
    names.dedup();
    let mut parameters = rcgen::CertificateParams::new(names)?;
    let seconds = u64::try_from(now.as_millis() / 1_000).unwrap_or_default();
    let today = rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(seconds);
    parameters.not_before = today - BACKDATED;
    parameters.not_after = today + VALID;
    let mut subject = rcgen::DistinguishedName::new();
    subject.push(rcgen::DnType::CommonName, "Rialto server");
    parameters.distinguished_name = subject;
    let made = parameters.self_signed(&pair)?;
    write_private(certificate, made.pem().as_bytes())?;
    Ok(())
}

fn from_files(certificate: &Path, key: &Path) -> Result<Security, TlsError> {
    let pem = std::fs::read(certificate).map_err(|error| FileError::of(certificate, error))?;
    let no_certificate = || TlsError::NoCertificate(certificate.display().to_string());
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<_, _>>()
        .map_err(|_| no_certificate())?;
    let leaf = chain.first().ok_or_else(no_certificate)?;
    let hash = Hash::plain(leaf);
    let secret = PrivateKeyDer::from_pem_slice(&read_private(key)?)
        .map_err(|_| TlsError::NoKey(key.display().to_string()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(chain, secret)?;
    Ok(Security::Tls {
        acceptor: TlsAcceptor::from(Arc::new(config)),
        certificate: hash,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        fs::{self, Permissions},
        os::unix::fs::PermissionsExt as _,
    };

    const NOW: Timestamp = Timestamp::from_millis(1_777_887_000_000);

    fn own(folder: &Path) -> Config {
        Config {
            data_dir: folder.to_owned(),
            ..Config::default()
        }
    }

    fn hash(security: &Security) -> Hash {
        match security {
            Security::Tls { certificate, .. } => *certificate,
            Security::BehindProxy { .. } | Security::Plain => panic!("no TLS"),
        }
    }

    #[test]
    fn a_certificate_is_made_once_and_its_key_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let made = security(&own(folder.path()), NOW).unwrap();
        let read = security(&own(folder.path()), NOW).unwrap();
        assert_eq!(hash(&made), hash(&read));
        let key = folder.path().join(KEY_FILE);
        assert_eq!(
            fs::metadata(&key).unwrap().permissions().mode() & 0o777,
            0o600
        );
        fs::set_permissions(&key, Permissions::from_mode(0o644)).unwrap();
        let error = security(&own(folder.path()), NOW).unwrap_err().to_string();
        assert!(error.contains("chmod 600"), "{error}");
    }

    #[test]
    fn an_interrupted_start_goes_on_with_its_key() {
        let folder = tempfile::tempdir().unwrap();
        security(&own(folder.path()), NOW).unwrap();
        let key = fs::read(folder.path().join(KEY_FILE)).unwrap();
        fs::remove_file(folder.path().join(CERTIFICATE_FILE)).unwrap();
        security(&own(folder.path()), NOW).unwrap();
        assert_eq!(fs::read(folder.path().join(KEY_FILE)).unwrap(), key);
    }

    #[test]
    fn the_key_of_another_certificate_is_refused() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        security(&own(one.path()), NOW).unwrap();
        security(&own(other.path()), NOW).unwrap();
        let mut config = own(one.path());
        config.tls.mode = TlsMode::Files;
        config.tls.cert_file = Some(one.path().join(CERTIFICATE_FILE));
        config.tls.key_file = Some(one.path().join(KEY_FILE));
        security(&config, NOW).unwrap();
        config.tls.key_file = Some(other.path().join(KEY_FILE));
        assert!(matches!(security(&config, NOW), Err(TlsError::Unusable(_))));
        config.tls.cert_file = Some(one.path().join(KEY_FILE));
        assert!(matches!(
            security(&config, NOW),
            Err(TlsError::NoCertificate(_))
        ));
    }

    #[test]
    fn a_certificate_file_that_is_absent_is_named() {
        let mut config = Config::default();
        config.tls.mode = TlsMode::Files;
        config.tls.cert_file = Some("/nonexistent/a.pem".into());
        config.tls.key_file = Some("/nonexistent/b.pem".into());
        let error = security(&config, NOW).unwrap_err().to_string();
        assert!(error.contains("/nonexistent/a.pem"), "{error}");
    }
}
