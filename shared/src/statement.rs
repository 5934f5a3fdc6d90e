//! Commitments and their proof: what a device signs, and the certificates that tie the device to its organisation.
//!
//! What is signed is the *command*, as the exact bytes that the person's client made. The statement stands verbatim, with
//! its signature and certificate chain, in every entry that it causes, in whichever room; a table (see
//! [`crate::event::Event::justified_by`]) says which command may cause which entry. A verifier needs the entries, the
//! server's id and the root key that the room recorded for the organisation: not the server.
//!
//! Whoever reads such an entry reads the declaration, so it holds nothing that follows from what its maker did where that
//! reader never was: a nonce in place of the command's number, and no place in a room's log.

use crate::{
    id::{DeviceId, Hash, Nonce, OrgId, PublicKey, RoomId, Signature},
    limits,
};
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

/// What a certificate lets its subject do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Use {
    /// Sign commands and certify other keys of the organisation.
    Admin,
    /// Certify the device of one who is invited as an admin: the key stands in an invitation's code.
    InviteAdmin,
    /// Certify one device: the key stands in an invitation's code.
    Invite,
    /// Sign commands.
    Device,
    /// Certify one more device of the same person: the key stands in a link's code.
    Link,
}

impl Use {
    const fn code(self) -> u8 {
        match self {
            Self::Admin => 1,
            Self::InviteAdmin => 2,
            Self::Invite => 3,
            Self::Device => 4,
            Self::Link => 5,
        }
    }

    /// Whether a key for this use may vouch for a key for that use. A key out of an invitation never makes another one,
    /// and an admin only where an admin was invited. A device lets in no other person; only its own person's next device.
    const fn may_issue(self, other: Self) -> bool {
        match self {
            Self::Admin => true,
            Self::InviteAdmin => matches!(other, Self::Admin | Self::Device),
            Self::Invite | Self::Link => matches!(other, Self::Device),
            Self::Device => matches!(other, Self::Link),
        }
    }
}

/// One key of an organisation vouches for another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Certificate {
    /// The organisation.
    pub org: OrgId,
    /// Who vouches.
    pub issuer: PublicKey,
    /// For whom.
    pub subject: PublicKey,
    /// To do what.
    pub to: Use,
    /// The issuer's signature over all of this and the server's id.
    pub signature: Signature,
}

impl Certificate {
    fn preimage(server: Hash, org: OrgId, issuer: PublicKey, subject: PublicKey, to: Use) -> Hash {
        Hash::of(
            "rialto-certificate-1",
            &[&server.0, &org.bits(), &issuer.0, &subject.0, &[to.code()]],
        )
    }

    /// A certificate by this key.
    #[must_use]
    pub fn issue(
        issuer: &SigningKey,
        server: Hash,
        org: OrgId,
        subject: PublicKey,
        to: Use,
    ) -> Self {
        let public = public_key(issuer);
        let signature = sign(issuer, &Self::preimage(server, org, public, subject, to).0);
        Self {
            org,
            issuer: public,
            subject,
            to,
            signature,
        }
    }

    /// Whether the issuer signed this, for this server and organisation.
    #[must_use]
    pub fn holds(&self, server: Hash, org: OrgId) -> bool {
        let preimage = Self::preimage(server, org, self.issuer, self.subject, self.to);
        self.org == org && signed(self.issuer, &preimage.0, self.signature)
    }
}

/// The public half of a key.
#[must_use]
pub fn public_key(key: &SigningKey) -> PublicKey {
    PublicKey(key.verifying_key().to_bytes())
}

/// Signs bytes.
#[must_use]
pub fn sign(key: &SigningKey, bytes: &[u8]) -> Signature {
    Signature(key.sign(bytes).to_bytes())
}

/// Whether this key signed these bytes. Strict: weak keys and malleable signatures are refused.
#[must_use]
pub fn signed(key: PublicKey, bytes: &[u8], signature: Signature) -> bool {
    VerifyingKey::from_bytes(&key.0).is_ok_and(|key| {
        key.verify_strict(bytes, &ed25519_dalek::Signature::from_bytes(&signature.0))
            .is_ok()
    })
}

/// What a device signs, as one JSON string.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Declaration {
    /// The server's id: the same command means nothing elsewhere.
    pub server: Hash,
    /// The organisation that is bound.
    pub org: OrgId,
    /// The device that signs.
    pub device: DeviceId,
    /// Random and used once by this device: a command that was executed is not executed again under another number.
    pub nonce: Nonce,
    /// The room that the command is sent to.
    pub room: RoomId,
    /// The kind of command.
    pub kind: String,
    /// The hash of the entry that is answered or replaced; zero where there is none. Where the statement is read by others
    /// than those who read that entry, what the entry says, without its place ([`crate::event::matter`]).
    pub subject: Hash,
    /// The command's facts.
    pub facts: String,
}

/// Why a statement proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// Not the JSON of a declaration.
    #[error("the signed bytes are not a declaration: {0}")]
    Malformed(String),
    /// Signed for another server.
    #[error("it was signed for another server")]
    Server,
    /// Too many certificates, or none.
    #[error("{0} certificates, where 1 to {max} are right", max = limits::CERTIFICATES_MAX)]
    ChainLength(usize),
    /// The first certificate is not by the organisation's root.
    #[error("the first certificate is not issued by the organisation's root key")]
    Root,
    /// A link of the chain does not hold.
    #[error("certificate {0} does not hold")]
    Link(usize),
    /// The device's key did not sign these bytes.
    #[error("the signature is not by the certified device")]
    Signature,
}

/// A signed command, as it stands in the entries that it caused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Statement {
    /// The exact bytes that were signed: JSON of a [`Declaration`].
    #[schemars(with = "crate::schema::SignedDeclaration")]
    pub declaration: String,
    /// By the device's key.
    pub signature: Signature,
    /// From the organisation's root to the device, 1 to [`limits::CERTIFICATES_MAX`].
    pub chain: Vec<Certificate>,
}

impl Statement {
    /// Signs a declaration.
    ///
    /// # Panics
    /// Never: a declaration always has a JSON form.
    #[must_use]
    pub fn make(key: &SigningKey, declaration: &Declaration, chain: Vec<Certificate>) -> Self {
        let declaration = serde_json::to_string(declaration)
            .expect("a declaration has string keys and no floats");
        let signature = sign(key, declaration.as_bytes());
        Self {
            declaration,
            signature,
            chain,
        }
    }

    /// What the chain of entries holds of it.
    #[must_use]
    pub fn hash(&self) -> Hash {
        let chain: Vec<u8> = self
            .chain
            .iter()
            .flat_map(|link| {
                [
                    &link.org.bits()[..],
                    &link.issuer.0,
                    &link.subject.0,
                    &[link.to.code()],
                    &link.signature.0,
                ]
                .concat()
            })
            .collect();
        Hash::of(
            "rialto-statement-1",
            &[self.declaration.as_bytes(), &self.signature.0, &chain],
        )
    }

    /// The declaration, read but not verified.
    ///
    /// # Errors
    /// When the bytes are none.
    pub fn read(&self) -> Result<Declaration, StatementError> {
        serde_json::from_str(&self.declaration)
            .map_err(|error| StatementError::Malformed(error.to_string()))
    }

    /// Verifies the whole: the chain from `root`, the device's signature, the server and the organisation.
    ///
    /// # Errors
    /// The first thing that does not hold.
    pub fn verify(&self, server: Hash, root: PublicKey) -> Result<Declaration, StatementError> {
        let declaration = self.read()?;
        if declaration.server != server {
            return Err(StatementError::Server);
        }
        let device = verify_chain(&self.chain, server, declaration.org, root)?;
        if !signed(device, self.declaration.as_bytes(), self.signature) {
            return Err(StatementError::Signature);
        }
        Ok(declaration)
    }
}

/// The key at the end of a certificate chain that starts at `root`.
///
/// # Errors
/// The first link that does not hold.
pub fn verify_chain(
    chain: &[Certificate],
    server: Hash,
    org: OrgId,
    root: PublicKey,
) -> Result<PublicKey, StatementError> {
    if chain.is_empty() || chain.len() > limits::CERTIFICATES_MAX {
        return Err(StatementError::ChainLength(chain.len()));
    }
    let mut holder = root;
    let mut last = Use::Admin;
    for (place, link) in chain.iter().enumerate() {
        if place == 0 && link.issuer != root {
            return Err(StatementError::Root);
        }
        if link.issuer != holder || !last.may_issue(link.to) || !link.holds(server, org) {
            return Err(StatementError::Link(place));
        }
        holder = link.subject;
        last = link.to;
    }
    if matches!(last, Use::Invite | Use::InviteAdmin | Use::Link) {
        return Err(StatementError::Link(chain.len().saturating_sub(1)));
    }
    Ok(holder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_bytes(&[seed; 32])
    }

    fn declaration() -> Declaration {
        let org = OrgId::from_bits([3; 16]);
        Declaration {
            server: Hash::plain(b"server"),
            org,
            device: DeviceId::from_bits([4; 16]),
            nonce: Nonce::from_bits([5; 16]),
            room: RoomId::org(org),
            kind: "org.remove".to_owned(),
            subject: Hash::ZERO,
            facts: "{}".to_owned(),
        }
    }

    fn chain() -> Vec<Certificate> {
        let (root, admin, invite, device) = (key(1), key(2), key(3), key(4));
        let said = declaration();
        vec![
            Certificate::issue(&root, said.server, said.org, public_key(&admin), Use::Admin),
            Certificate::issue(
                &admin,
                said.server,
                said.org,
                public_key(&invite),
                Use::Invite,
            ),
            Certificate::issue(
                &invite,
                said.server,
                said.org,
                public_key(&device),
                Use::Device,
            ),
        ]
    }

    #[test]
    fn an_honest_statement_verifies_from_the_root() {
        let statement = Statement::make(&key(4), &declaration(), chain());
        assert_eq!(
            statement
                .verify(declaration().server, public_key(&key(1)))
                .unwrap(),
            declaration()
        );
    }

    #[test]
    fn each_broken_link_is_named() {
        let server = declaration().server;
        let root = public_key(&key(1));
        for place in 0..3 {
            let mut links = chain();
            links[place].signature.0[0] ^= 1;
            let statement = Statement::make(&key(4), &declaration(), links);
            assert_eq!(
                statement.verify(server, root),
                Err(StatementError::Link(place))
            );
        }
        let stranger = Statement::make(&key(9), &declaration(), chain());
        assert_eq!(
            stranger.verify(server, root),
            Err(StatementError::Signature)
        );
        assert_eq!(
            stranger.verify(Hash::ZERO, root),
            Err(StatementError::Server)
        );
        let honest = Statement::make(&key(4), &declaration(), chain());
        assert_eq!(
            honest.verify(server, public_key(&key(8))),
            Err(StatementError::Root)
        );
    }

    #[test]
    fn a_device_certifies_nobody_and_an_invite_key_signs_nothing() {
        let said = declaration();
        let mut links = chain();
        links.push(Certificate::issue(
            &key(4),
            said.server,
            said.org,
            public_key(&key(5)),
            Use::Device,
        ));
        let statement = Statement::make(&key(5), &said, links);
        assert_eq!(
            statement.verify(said.server, public_key(&key(1))),
            Err(StatementError::Link(3))
        );
        let statement = Statement::make(&key(3), &said, chain()[..2].to_vec());
        assert_eq!(
            statement.verify(said.server, public_key(&key(1))),
            Err(StatementError::Link(1))
        );
        let mut links = chain();
        links[2] = Certificate::issue(
            &key(3),
            said.server,
            said.org,
            public_key(&key(4)),
            Use::Admin,
        );
        let statement = Statement::make(&key(4), &said, links);
        assert_eq!(
            statement.verify(said.server, public_key(&key(1))),
            Err(StatementError::Link(2)),
            "invited as no admin"
        );
    }

    #[test]
    fn a_device_lets_in_its_persons_next_one_and_a_links_key_signs_nothing() {
        let said = declaration();
        let issue = |by: u8, to: u8, what| {
            let subject = public_key(&key(to));
            Certificate::issue(&key(by), said.server, said.org, subject, what)
        };
        let linked = |last| [chain(), vec![issue(4, 6, Use::Link), issue(6, 7, last)]].concat();
        let root = public_key(&key(1));
        let second = Statement::make(&key(7), &said, linked(Use::Device));
        assert_eq!(second.verify(said.server, root), Ok(said.clone()));
        let admin = Statement::make(&key(7), &said, linked(Use::Admin));
        assert_eq!(
            admin.verify(said.server, root),
            Err(StatementError::Link(4))
        );
        let link = Statement::make(&key(6), &said, linked(Use::Device)[..4].to_vec());
        assert_eq!(link.verify(said.server, root), Err(StatementError::Link(3)));
    }

    #[test]
    fn every_byte_of_a_statement_is_in_its_hash() {
        let honest = Statement::make(&key(4), &declaration(), chain());
        let mut other = honest.clone();
        other.chain[1].signature.0[63] ^= 1;
        assert_ne!(honest.hash(), other.hash());
        let mut other = honest.clone();
        other.declaration.push(' ');
        assert_ne!(honest.hash(), other.hash());
    }
}
