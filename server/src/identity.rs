//! Who this server is: an ed25519 key that outlives certificates, addresses and machines.
//!
//! The server's id is the hash of the first key, invitations pin it, and clients refuse a server that cannot prove it. A key
//! is replaced by one that it signs; the steps stand in the same file, so that either both are there or neither. The file is
//! the one of the data folder that nothing can replace. TLS certificates are another thing, in [`tls`].

mod private;
pub mod tls;

pub use private::{FileError, close_to_others, create_folder};
pub(crate) use private::{read_private, read_public};

use ed25519_dalek::SigningKey;
use private::{replace_private, write_private};
use rialto_shared::{
    id::{Hash, PublicKey, Signature},
    limits::IDENTITY_ROTATIONS_MAX,
    protocol::{Binding, Rotation, challenge_preimage, leads, rotated_id},
    statement::{public_key, sign},
};
use std::{fmt, path::Path};
use zeroize::Zeroizing;

/// The file in the data folder: a line with the key's seed in hexadecimal digits; where it replaced another, a line `ids` with
/// the secret that ids are derived under, which stays, and a line `rotated` for each step, with the old key and its signature.
pub const IDENTITY_FILE: &str = "identity.key";
/// What the secret that ids are derived under is derived by, from the first key.
const IDS: &str = "rialto-ids-1";

/// The server's identity key.
pub struct Identity {
    key: SigningKey,
    rotations: Vec<Rotation>,
    ids: Zeroizing<[u8; 32]>,
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
    /// Clients verify each step, each time.
    #[error(
        "the identity key was replaced {IDENTITY_ROTATIONS_MAX} times already: clients follow no further"
    )]
    Often,
}

impl Identity {
    /// Reads the key.
    ///
    /// # Errors
    /// Where it is absent, readable by others than its owner, or no key.
    pub fn load(folder: &Path) -> Result<Self, IdentityError> {
        let path = folder.join(IDENTITY_FILE);
        let text = read_private(&path)?;
        let malformed = || IdentityError::Malformed(path.display().to_string());
        let text = std::str::from_utf8(&text).map_err(|_| malformed())?;
        read(text).ok_or_else(malformed)
    }

    /// Makes the key, once.
    ///
    /// # Errors
    /// Where there is one: it is never replaced.
    pub fn create(folder: &Path) -> Result<Self, IdentityError> {
        let seed = seed()?;
        let identity = Self::first(&seed);
        write_private(&folder.join(IDENTITY_FILE), identity.written().as_bytes())?;
        Ok(identity)
    }

    fn first(seed: &[u8; 32]) -> Self {
        let key = SigningKey::from_bytes(seed);
        Self {
            ids: Zeroizing::new(Hash::of(IDS, &[key.as_bytes()]).0),
            key,
            rotations: vec![],
        }
    }

    /// Replaces the key by a new one, which it signs; the old one is gone from the folder when this returns. No server may
    /// run on the folder: it would go on with the key that it has read.
    ///
    /// # Errors
    /// Where the key cannot be read or the new one not be written: then the old one stands.
    pub fn rotate(folder: &Path) -> Result<Self, IdentityError> {
        let old = Self::load(folder)?;
        if old.rotations.len() >= IDENTITY_ROTATIONS_MAX {
            return Err(IdentityError::Often);
        }
        let seed = seed()?;
        let key = SigningKey::from_bytes(&seed);
        let step = Rotation::make(old.server(), &old.rotations, &old.key, public_key(&key));
        let mut rotations = old.rotations;
        rotations.push(step);
        let new = Self {
            key,
            rotations,
            ids: old.ids,
        };
        replace_private(&folder.join(IDENTITY_FILE), new.written().as_bytes())?;
        Ok(new)
    }

    /// As the file holds it.
    fn written(&self) -> Zeroizing<String> {
        let hex = |bytes: &[u8]| Zeroizing::new(data_encoding::HEXLOWER.encode(bytes));
        let mut text = hex(self.key.as_bytes());
        text.push('\n');
        if !self.rotations.is_empty() {
            text.push_str(&format!("ids {}\n", *hex(self.ids.as_slice())));
        }
        for step in &self.rotations {
            text.push_str(&format!("rotated {} {}\n", step.from, step.signature));
        }
        text
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

    /// How the first key was replaced, up to this one.
    #[must_use]
    pub fn rotations(&self) -> &[Rotation] {
        &self.rotations
    }

    /// The server's id.
    #[must_use]
    pub fn server(&self) -> Hash {
        rotated_id(&self.rotations, self.public())
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

    /// The secret that this server derives ids under: whoever knows the ids cannot tell how they were made. It is the first
    /// key's, and stays when that is replaced: ids must come out the same.
    #[must_use]
    pub fn ids(&self) -> [u8; 32] {
        *self.ids
    }

    /// Another such secret, for each use its own; it stays as that one does.
    #[must_use]
    pub fn secret(&self, domain: &str) -> [u8; 32] {
        Hash::of(domain, &[self.ids.as_slice()]).0
    }
}

fn seed() -> Result<Zeroizing<[u8; 32]>, IdentityError> {
    let mut seed = Zeroizing::new([0; 32]);
    getrandom::fill(seed.as_mut_slice()).map_err(IdentityError::Chance)?;
    Ok(seed)
}

fn hex(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let bytes = data_encoding::HEXLOWER.decode(text.as_bytes());
    let bytes = bytes.map(Zeroizing::new).ok()?;
    bytes.as_slice().try_into().map(Zeroizing::new).ok()
}

/// Reads what the file holds; nothing where its steps do not lead to its key.
fn read(text: &str) -> Option<Identity> {
    let mut lines = text.lines();
    let seed = hex(lines.next()?.trim())?;
    let mut identity = Identity::first(&seed);
    let Some(ids) = lines.next() else {
        return Some(identity);
    };
    identity.ids = hex(ids.strip_prefix("ids ")?)?;
    for line in lines {
        let (from, signature) = line.strip_prefix("rotated ")?.split_once(' ')?;
        identity.rotations.push(Rotation {
            from: from.parse().ok()?,
            signature: signature.parse().ok()?,
        });
    }
    let holds = leads(identity.server(), &identity.rotations, identity.public());
    (holds && !identity.rotations.is_empty()).then_some(identity)
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
    fn the_secret_of_ids_is_no_key_and_neither_is_shown() {
        let folder = folder();
        let identity = Identity::create(folder.path()).unwrap();
        assert_ne!(identity.ids(), *identity.key.as_bytes());
        let shown = format!("{identity:?}");
        for secret in [identity.key.as_bytes(), &identity.ids()] {
            assert!(!shown.contains(&data_encoding::HEXLOWER.encode(secret)));
        }
    }

    #[test]
    fn a_key_is_replaced_by_one_that_it_signs_and_the_server_stays_the_same() {
        let folder = folder();
        let first = Identity::create(folder.path()).unwrap();
        let path = folder.path().join(IDENTITY_FILE);
        let mut before = first.public();
        for count in 1..=3 {
            let made = Identity::rotate(folder.path()).unwrap();
            let read = Identity::load(folder.path()).unwrap();
            assert_eq!(made.public(), read.public());
            assert_ne!(read.public(), before);
            assert_eq!((read.server(), read.ids()), (first.server(), first.ids()));
            assert_eq!(read.rotations().len(), count);
            assert!(leads(first.server(), read.rotations(), read.public()));
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            before = read.public();
        }
        let text = fs::read_to_string(&path).unwrap();
        assert!(!text.contains(&data_encoding::HEXLOWER.encode(first.key.as_bytes())));
        // A step that is lost or changed leaves no identity, and certainly no other one.
        let lines: Vec<&str> = text.lines().collect();
        for damaged in [
            lines[..2].join("\n"),
            lines[..4].join("\n"),
            [&lines[..1], &lines[2..]].concat().join("\n"),
            text.replacen("rotated ", "rotated 0", 1),
        ] {
            fs::write(&path, damaged).unwrap();
            assert!(matches!(
                Identity::load(folder.path()),
                Err(IdentityError::Malformed(_))
            ));
        }
    }

    #[test]
    fn nobody_replaces_a_key_more_often_than_clients_follow() {
        let folder = folder();
        Identity::create(folder.path()).unwrap();
        for _ in 0..IDENTITY_ROTATIONS_MAX {
            Identity::rotate(folder.path()).unwrap();
        }
        let error = Identity::rotate(folder.path()).unwrap_err();
        assert!(matches!(error, IdentityError::Often));
        assert_eq!(
            Identity::load(folder.path()).unwrap().rotations().len(),
            IDENTITY_ROTATIONS_MAX
        );
    }
}
