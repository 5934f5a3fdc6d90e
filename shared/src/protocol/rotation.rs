//! How a server's identity key is replaced by another: the old one signs the new one, and the server's id stays what the
//! first one made it.

use super::server_id;
use crate::{
    id::{Hash, PublicKey, Signature},
    limits,
    statement::{public_key, sign, signed},
};
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};

/// One step of a server's identity, from a key to the one after it: the next step's, or the one that is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Rotation {
    /// The key that was replaced.
    pub from: PublicKey,
    /// Over the server's id, the step's number from 0, this key and the next one; by this key.
    pub signature: Signature,
}

fn preimage(server: Hash, step: usize, from: PublicKey, to: PublicKey) -> Hash {
    let step = u32::try_from(step).unwrap_or(u32::MAX).to_be_bytes();
    Hash::of("rialto-rotation-1", &[&server.0, &step, &from.0, &to.0])
}

impl Rotation {
    /// The step from this key, the server's last one, to the next.
    #[must_use]
    pub fn make(server: Hash, before: &[Self], from: &SigningKey, to: PublicKey) -> Self {
        let own = public_key(from);
        let preimage = preimage(server, before.len(), own, to);
        Self {
            from: own,
            signature: sign(from, &preimage.0),
        }
    }
}

/// The id of the server that these steps begin at.
#[must_use]
pub fn rotated_id(rotations: &[Rotation], key: PublicKey) -> Hash {
    server_id(rotations.first().map_or(key, |first| first.from))
}

/// Whether these steps, at most [`limits::IDENTITY_ROTATIONS_MAX`], lead from the server's first key to this one.
#[must_use]
pub fn leads(server: Hash, rotations: &[Rotation], key: PublicKey) -> bool {
    let next = rotations.iter().skip(1).map(|step| step.from).chain([key]);
    rotations.len() <= limits::IDENTITY_ROTATIONS_MAX
        && rotated_id(rotations, key) == server
        && rotations
            .iter()
            .zip(next)
            .enumerate()
            .all(|(place, (step, to))| {
                let preimage = preimage(server, place, step.from, to);
                signed(step.from, &preimage.0, step.signature)
            })
}

/// The newest key of a server that somebody has seen: what they go on from, and never back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownKey {
    /// How often the first key had been replaced.
    pub rotations: usize,
    /// The key.
    pub key: PublicKey,
}

impl KnownKey {
    /// Whether these steps go through this key: a server that proves itself by an older one, or by another successor of an
    /// older one, is not the one that was known.
    #[must_use]
    pub fn stands_in(&self, rotations: &[Rotation], key: PublicKey) -> bool {
        let mut keys = rotations.iter().map(|step| step.from).chain([key]);
        keys.nth(self.rotations) == Some(self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_bytes(&[seed; 32])
    }

    /// The steps through these keys.
    fn steps(seeds: &[u8]) -> (Hash, Vec<Rotation>, PublicKey) {
        let server = server_id(public_key(&key(seeds[0])));
        let mut made = vec![];
        for pair in seeds.windows(2) {
            let step = Rotation::make(server, &made, &key(pair[0]), public_key(&key(pair[1])));
            made.push(step);
        }
        (server, made, public_key(&key(*seeds.last().unwrap())))
    }

    #[test]
    fn steps_lead_from_the_first_key_to_the_last_and_nowhere_else() {
        let (server, made, last) = steps(&[1, 2, 3]);
        assert!(leads(server, &made, last));
        assert!(leads(server, &[], public_key(&key(1))));
        assert!(leads(server, &made[..1], public_key(&key(2))));
        assert!(!leads(server, &[], last), "no steps");
        assert!(!leads(server, &made[..1], last), "a step is missing");
        assert!(!leads(server, &made[1..], last), "the first is missing");
        assert!(!leads(server, &made, public_key(&key(4))), "another key");
        let swapped = [made[1], made[0]];
        assert!(!leads(server, &swapped, last));
        let mut forged = made.clone();
        forged[1].signature.0[5] ^= 1;
        assert!(!leads(server, &forged, last));
        let (other, ..) = steps(&[9, 2]);
        assert!(!leads(other, &made, last));
    }

    #[test]
    fn steps_without_end_lead_nowhere() {
        let most = u8::try_from(limits::IDENTITY_ROTATIONS_MAX).unwrap();
        let (server, made, last) = steps(&(0..=most).collect::<Vec<_>>());
        assert!(leads(server, &made, last));
        let (server, made, last) = steps(&(0..=most + 1).collect::<Vec<_>>());
        assert!(!leads(server, &made, last));
    }

    #[test]
    fn nobody_goes_back_and_nobody_follows_another_branch() {
        let known = |rotations, seed| KnownKey {
            rotations,
            key: public_key(&key(seed)),
        };
        let (_, made, last) = steps(&[1, 2, 3]);
        for (rotations, seed) in [(0, 1), (1, 2), (2, 3)] {
            assert!(known(rotations, seed).stands_in(&made, last));
        }
        let (_, older, second) = steps(&[1, 2]);
        assert!(!known(2, 3).stands_in(&older, second));
        let (_, branch, fourth) = steps(&[1, 2, 4]);
        assert!(!known(2, 3).stands_in(&branch, fourth));
        assert!(known(1, 2).stands_in(&branch, fourth));
    }
}
