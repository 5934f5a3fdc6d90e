//! Who this server is: an ed25519 key that outlives certificates, addresses and machines.
//!
//! The server's id is the hash of the key, invitations pin it, and clients refuse a server that cannot prove it. The key is
//! the one file of the data folder that nothing can replace. TLS certificates are another thing, in [`tls`].

mod private;
pub mod tls;

pub use private::{FileError, close_to_others, create_folder};
pub(crate) use private::{read_private, read_public};

use ed25519_dalek::SigningKey;
use private::write_private;
use rialto_shared::{
    id::{Hash, PublicKey, Signature},
    protocol::{Binding, challenge_preimage, server_id},
    statement::{public_key, sign},
};
use std::{fmt, path::Path};
use zeroize::Zeroizing;

/// The file in the data folder: one line, the key's seed in hexadecimal digits.
pub const IDENTITY_FILE: &str = "identity.key";

/// The server's identity key.
pub struct Identity {
    key: SigningKey,
}

/// Why there is no identity.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The file.
    #[error(transparent)]
    File(#[from] FileError),
    /// Its content.
    #[error(
        "{0} does not hold an identity key: put it back from a backup; a new key would be another server"
    )]
    Malformed(String),
    /// The system.
    #[error("the system gives no random bytes: {0}")]
    Chance(getrandom::Error),
}

impl Identity {
    /// Reads the key.
    ///
    /// # Errors
    /// Where it is absent, readable by others than its owner, or no key.
    pub fn load(folder: &Path) -> Result<Self, IdentityError> {
        let path = folder.join(IDENTITY_FILE);
        let text = read_private(&path)?;
        let seed = data_encoding::HEXLOWER
            .decode(text.trim_ascii())
            .map(Zeroizing::new)
            .ok()
            .and_then(|bytes| bytes.as_slice().try_into().map(Zeroizing::new).ok())
            .ok_or_else(|| IdentityError::Malformed(path.display().to_string()))?;
        Ok(Self {
            key: SigningKey::from_bytes(&seed),
        })
    }

    /// Makes the key, once.
    ///
    /// # Errors
    /// Where there is one: it is never replaced.
    pub fn create(folder: &Path) -> Result<Self, IdentityError> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(seed.as_mut_slice()).map_err(IdentityError::Chance)?;
        let mut text = Zeroizing::new(data_encoding::HEXLOWER.encode(seed.as_slice()));
        text.push('\n');
        write_private(&folder.join(IDENTITY_FILE), text.as_bytes())?;
        Ok(Self {
            key: SigningKey::from_bytes(&seed),
        })
    }

    /// The key, made if there is none yet.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn load_or_create(folder: &Path) -> Result<Self, IdentityError> {
        match Self::load(folder) {
            Err(IdentityError::File(FileError::Absent(_))) => Self::create(folder),
            other => other,
        }
    }

    /// The key itself, for the sessions that prove who the server is.
    pub const fn key(&self) -> &SigningKey {
        &self.key
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        public_key(&self.key)
    }

    /// The server's id.
    #[must_use]
    pub fn server(&self) -> Hash {
        server_id(self.public())
    }

    /// The proof that a client asks for.
    #[must_use]
    pub fn answer_challenge(
        &self,
        client_nonce: Hash,
        server_nonce: Hash,
        binding: Binding,
    ) -> Signature {
        proof(
            &self.key,
            self.server(),
            client_nonce,
            server_nonce,
            binding,
        )
    }

    /// A secret of this server's for deriving ids (a domain for each use): whoever knows the ids cannot tell how they were
    /// made.
    #[must_use]
    pub fn secret(&self, domain: &str) -> [u8; 32] {
        Hash::of(domain, &[self.key.as_bytes()]).0
    }
}

/// What this key answers a client that asks who the server is.
#[must_use]
pub fn proof(
    key: &SigningKey,
    server: Hash,
    client_nonce: Hash,
    server_nonce: Hash,
    binding: Binding,
) -> Signature {
    let preimage = challenge_preimage(client_nonce, server_nonce, server, binding);
    sign(key, &preimage.0)
}

/// The public half only.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({:?})", self.server())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rialto_shared::statement::signed;
    use std::{
        fs::{self, Permissions},
        os::unix::fs::PermissionsExt as _,
    };

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[test]
    fn a_key_is_made_once_and_is_the_same_ever_after() {
        let folder = folder();
        assert!(matches!(
            Identity::load(folder.path()),
            Err(IdentityError::File(FileError::Absent(_)))
        ));
        let made = Identity::load_or_create(folder.path()).unwrap();
        let read = Identity::load_or_create(folder.path()).unwrap();
        assert_eq!(made.server(), read.server());
        assert!(matches!(
            Identity::create(folder.path()),
            Err(IdentityError::File(FileError::Exists(_)))
        ));
        assert_eq!(
            Identity::load(folder.path()).unwrap().server(),
            made.server()
        );
    }

    #[test]
    fn a_key_that_others_may_read_is_refused_with_the_way_out() {
        let folder = folder();
        Identity::create(folder.path()).unwrap();
        let path = folder.path().join(IDENTITY_FILE);
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        for mode in [0o640, 0o604, 0o620, 0o644] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let error = Identity::load(folder.path()).unwrap_err().to_string();
            assert!(error.contains("chmod 600"), "{error}");
        }
        fs::set_permissions(&path, Permissions::from_mode(0o400)).unwrap();
        Identity::load(folder.path()).unwrap();
    }

    #[test]
    fn a_damaged_key_is_refused_and_not_replaced() {
        let folder = folder();
        Identity::create(folder.path()).unwrap();
        let path = folder.path().join(IDENTITY_FILE);
        for damaged in ["", "00", &"g".repeat(64), &"0".repeat(66)] {
            fs::write(&path, damaged).unwrap();
            assert!(matches!(
                Identity::load_or_create(folder.path()),
                Err(IdentityError::Malformed(_))
            ));
        }
    }

    #[test]
    fn the_proof_binds_both_nonces_and_the_certificate() {
        let folder = folder();
        let identity = Identity::create(folder.path()).unwrap();
        let (ours, theirs) = (Hash([1; 32]), Hash([2; 32]));
        let binding = Binding::Tls(Hash([3; 32]));
        let proof = identity.answer_challenge(theirs, ours, binding);
        let holds = |theirs, ours, binding| {
            let preimage = challenge_preimage(theirs, ours, identity.server(), binding);
            signed(identity.public(), &preimage.0, proof)
        };
        assert!(holds(theirs, ours, binding));
        assert!(!holds(ours, theirs, binding));
        assert!(!holds(theirs, ours, Binding::Tls(Hash([4; 32]))));
        assert!(!holds(theirs, ours, Binding::BehindProxy));
    }

    #[test]
    fn secrets_of_two_domains_have_nothing_in_common() {
        let folder = folder();
        let identity = Identity::create(folder.path()).unwrap();
        assert_ne!(identity.secret("rooms"), identity.secret("entries"));
        assert!(
            !format!("{identity:?}")
                .contains(&data_encoding::HEXLOWER.encode(identity.key.as_bytes()))
        );
    }
}
