//! Keys that sign: made from the system's chance, kept as 64 hexadecimal digits in a file of the owner's alone.

use super::{
    AccountError,
    folder::{read_private, write_private},
};
use data_encoding::HEXLOWER;
use ed25519_dalek::SigningKey;
use rialto_shared::{id::PublicKey, statement::public_key};
use std::{fmt, path::Path};
use zeroize::Zeroizing;

/// An ed25519 key of this device. Not shown by accident, wiped from memory when it goes.
#[derive(Clone)]
pub struct DeviceKey(SigningKey);

impl fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeviceKey({:?})", self.public())
    }
}

/// Random bytes from the system.
///
/// # Errors
/// Where it has none to give: nothing secret can be made then.
pub fn chance<const N: usize>() -> Result<[u8; N], AccountError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| AccountError::Chance(error.to_string()))?;
    Ok(bytes)
}

impl DeviceKey {
    /// A new key, nowhere but in memory.
    ///
    /// # Errors
    /// See [`chance`].
    pub fn make() -> Result<Self, AccountError> {
        let seed = Zeroizing::new(chance::<32>()?);
        Ok(Self(SigningKey::from_bytes(&seed)))
    }

    /// The key of this seed.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The key in a file; `None` where there is no file.
    ///
    /// # Errors
    /// A file that others may read, or that holds no key.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, AccountError> {
        let Some(text) = read_private(path)?.map(Zeroizing::new) else {
            return Ok(None);
        };
        let seed: Option<[u8; 32]> = HEXLOWER
            .decode(text.trim_end().as_bytes())
            .ok()
            .and_then(|bytes| Zeroizing::new(bytes).as_slice().try_into().ok());
        let seed = Zeroizing::new(seed.ok_or_else(|| AccountError::Malformed {
            path: path.to_owned(),
            why: "it holds no key (64 hexadecimal digits)".to_owned(),
        })?);
        Ok(Some(Self::from_seed(&seed)))
    }

    /// The key in a file, or a new one that is in the file now.
    pub(super) fn read_or_make(path: &Path) -> Result<Self, AccountError> {
        if let Some(key) = Self::read(path)? {
            return Ok(key);
        }
        let key = Self::make()?;
        let seed = Zeroizing::new(key.0.to_bytes());
        write_private(path, &Zeroizing::new(HEXLOWER.encode(seed.as_slice())))?;
        Ok(key)
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        public_key(&self.0)
    }

    /// The key itself, to sign with.
    #[must_use]
    pub const fn signing(&self) -> &SigningKey {
        &self.0
    }
}
