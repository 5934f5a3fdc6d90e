//! Identities and fixed-size byte values.
//!
//! Every id is 128 bits, looks random, carries its type in code and in text (`org_…`, `mem_…`, `dl_…`), and is never
//! counted from anything that organisations share. Rooms that exist once per thing (an organisation's own room, a
//! member's Inbox, the Relation of two organisations) have ids computed from that thing, so that no table is needed to
//! find them; knowing an id admits nobody.

use crate::schema::written_as;
use data_encoding::{BASE32_DNSSEC, HEXLOWER};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// What was wrong with an id, a hash or a key in text form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not {expected}: {text:?} is not of that form")]
pub struct IdError {
    /// What would be right, for example `an organisation id (org_…)`.
    pub expected: &'static str,
    /// What came instead, at most 64 characters of it.
    pub text: String,
}

impl IdError {
    fn new(expected: &'static str, text: &str) -> Self {
        Self {
            expected,
            text: text.chars().filter(|c| !c.is_control()).take(64).collect(),
        }
    }
}

fn decode16(prefix: &str, text: &str) -> Option<[u8; 16]> {
    let digits = text.strip_prefix(prefix)?.strip_prefix('_')?;
    BASE32_DNSSEC
        .decode(digits.as_bytes())
        .ok()?
        .try_into()
        .ok()
}

/// 128 bits are 25 digits and three bits of another.
macro_rules! digits16 {
    () => {
        "[0-9a-v]{25}[048cgkos]"
    };
}

macro_rules! text_serde {
    ($name:ident, $bytes:ty, $make:expr) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    serde::Serialize::serialize(&self.to_key().to_vec(), serializer)
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                    text.parse().map_err(serde::de::Error::custom)
                } else {
                    let bytes = Vec::<u8>::deserialize(deserializer)?;
                    let bytes: $bytes = bytes
                        .try_into()
                        .map_err(|_| serde::de::Error::custom("wrong length of an id"))?;
                    $make(bytes).ok_or_else(|| serde::de::Error::custom("no such kind of room"))
                }
            }
        }
    };
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $expected:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// The id with these bits.
            #[must_use]
            pub const fn from_bits(bits: [u8; 16]) -> Self {
                Self(bits)
            }

            /// The bits, for deriving other ids.
            #[must_use]
            pub const fn bits(self) -> [u8; 16] {
                self.0
            }

            /// The key of a row.
            #[must_use]
            pub const fn to_key(self) -> [u8; 16] {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), BASE32_DNSSEC.encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                decode16($prefix, text).map(Self).ok_or_else(|| IdError::new($expected, text))
            }
        }

        text_serde!($name, [u8; 16], |bits| Some($name(bits)));
        written_as!($name, $expected, concat!("^", $prefix, "_", digits16!(), "$"));
    };
}

id!(
    /// An organisation. It never changes for a member: who moves elsewhere is a new member.
    OrgId, "org", "an organisation id (org_…)"
);
id!(
    /// A person in one organisation.
    MemberId, "mem", "a member id (mem_…)"
);
id!(
    /// One device of one member: a key that signs.
    DeviceId, "dev", "a device id (dev_…)"
);
id!(
    /// What makes one signed command unlike every other of its device: drawn by the client, used once, and telling nothing.
    Nonce, "nonce", "a nonce (nonce_…)"
);
id!(
    /// One outbox of one device: the commands of a lane are numbered from 1 and sent in order.
    LaneId, "lane", "a lane id (lane_…)"
);

/// The kinds of room; see `DESIGN` in the README, "Where things live". The number is part of every stored key and of
/// the chain's preimage: append only.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::VariantArray,
    strum::IntoStaticStr,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum RoomKind {
    /// An organisation's own room.
    Org,
    /// One member's own room.
    Inbox,
    /// A channel of the community.
    Channel,
    /// Two to eight members.
    Direct,
    /// An organisation's public face.
    Profile,
    /// The face that only connected organisations see.
    Card,
    /// Two connected organisations.
    Relation,
    /// One organisation's private side of a referral or a deal.
    Side,
    /// One offer of one referral, between two organisations.
    Referral,
    /// A deal of up to twelve organisations.
    Deal,
    /// One organisation's proofs of what was signed.
    Record,
}

impl RoomKind {
    /// The number of this kind in keys and preimages.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Org => 1,
            Self::Inbox => 2,
            Self::Channel => 3,
            Self::Direct => 4,
            Self::Profile => 5,
            Self::Card => 6,
            Self::Relation => 7,
            Self::Side => 8,
            Self::Referral => 9,
            Self::Deal => 10,
            Self::Record => 11,
        }
    }

    /// The letters before the underscore in a room's id.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Org => "or",
            Self::Inbox => "in",
            Self::Channel => "ch",
            Self::Direct => "dm",
            Self::Profile => "pf",
            Self::Card => "pc",
            Self::Relation => "rl",
            Self::Side => "sd",
            Self::Referral => "rf",
            Self::Deal => "dl",
            Self::Record => "rc",
        }
    }

    fn from_code(code: u8) -> Option<Self> {
        use strum::VariantArray as _;
        Self::VARIANTS
            .iter()
            .copied()
            .find(|kind| kind.code() == code)
    }
}

/// A room's id: its kind and 128 bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoomId {
    kind: RoomKind,
    bits: [u8; 16],
}

impl RoomId {
    /// The room of this kind with these bits.
    #[must_use]
    pub const fn new(kind: RoomKind, bits: [u8; 16]) -> Self {
        Self { kind, bits }
    }

    /// An organisation's own room.
    #[must_use]
    pub const fn org(org: OrgId) -> Self {
        Self::new(RoomKind::Org, org.bits())
    }

    /// An organisation's public face.
    #[must_use]
    pub const fn profile(org: OrgId) -> Self {
        Self::new(RoomKind::Profile, org.bits())
    }

    /// The face that an organisation shows to its connections only.
    #[must_use]
    pub const fn card(org: OrgId) -> Self {
        Self::new(RoomKind::Card, org.bits())
    }

    /// An organisation's record.
    #[must_use]
    pub const fn record(org: OrgId) -> Self {
        Self::new(RoomKind::Record, org.bits())
    }

    /// A member's Inbox.
    #[must_use]
    pub const fn inbox(member: MemberId) -> Self {
        Self::new(RoomKind::Inbox, member.bits())
    }

    /// The Relation of two organisations, whichever is named first.
    #[must_use]
    pub fn relation(one: OrgId, other: OrgId) -> Self {
        let (low, high) = if one <= other {
            (one, other)
        } else {
            (other, one)
        };
        Self::new(
            RoomKind::Relation,
            digest16("rialto-relation-1", &[&low.bits(), &high.bits()]),
        )
    }

    /// The Direct of exactly these members, in whatever order they are named.
    #[must_use]
    pub fn direct(members: &std::collections::BTreeSet<MemberId>) -> Self {
        let bits: Vec<[u8; 16]> = members.iter().map(|member| member.bits()).collect();
        let parts: Vec<&[u8]> = bits.iter().map(<[u8; 16]>::as_slice).collect();
        Self::new(RoomKind::Direct, digest16("rialto-direct-1", &parts))
    }

    /// What kind of room it is.
    #[must_use]
    pub const fn kind(self) -> RoomKind {
        self.kind
    }

    /// The bits, for deriving other ids.
    #[must_use]
    pub const fn bits(self) -> [u8; 16] {
        self.bits
    }

    /// The key of a row: the kind's code, then the bits.
    #[must_use]
    pub fn to_key(self) -> [u8; 17] {
        let mut key = [0; 17];
        if let Some((first, rest)) = key.split_first_mut() {
            *first = self.kind.code();
            rest.copy_from_slice(&self.bits);
        }
        key
    }

    /// The room of a row's key.
    #[must_use]
    pub fn from_key(key: [u8; 17]) -> Option<Self> {
        let (code, bits) = key.split_first()?;
        Some(Self::new(
            RoomKind::from_code(*code)?,
            bits.try_into().ok()?,
        ))
    }
}

impl fmt::Display for RoomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}_{}",
            self.kind.prefix(),
            BASE32_DNSSEC.encode(&self.bits)
        )
    }
}

impl fmt::Debug for RoomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for RoomId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        use strum::VariantArray as _;
        RoomKind::VARIANTS
            .iter()
            .find_map(|kind| decode16(kind.prefix(), text).map(|bits| Self::new(*kind, bits)))
            .ok_or_else(|| IdError::new("a room id (ch_…, dl_…)", text))
    }
}

text_serde!(RoomId, [u8; 17], RoomId::from_key);
written_as!(RoomId, "a room id (ch_…, dl_…)", room_pattern());

fn room_pattern() -> String {
    use strum::VariantArray as _;
    let prefixes: Vec<&str> = RoomKind::VARIANTS
        .iter()
        .map(|kind| kind.prefix())
        .collect();
    format!("^({})_{}$", prefixes.join("|"), digits16!())
}

/// 16 bytes of blake3 over a domain and parts, each part preceded by its length.
#[must_use]
pub fn digest16(domain: &str, parts: &[&[u8]]) -> [u8; 16] {
    let hash = Hash::of(domain, parts);
    let mut bits = [0; 16];
    bits.copy_from_slice(hash.0.first_chunk::<16>().expect("a hash has 32 bytes"));
    bits
}

macro_rules! hex {
    ($(#[$doc:meta])* $name:ident, $len:literal, $expected:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $len]);

        impl $name {
            /// The bytes themselves.
            #[must_use]
            pub const fn to_key(self) -> [u8; $len] {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&HEXLOWER.encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let text = HEXLOWER.encode(&self.0);
                f.write_str(text.get(..12).unwrap_or(&text))
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                HEXLOWER
                    .decode(text.as_bytes())
                    .ok()
                    .and_then(|bytes| bytes.try_into().ok())
                    .map(Self)
                    .ok_or_else(|| IdError::new($expected, text))
            }
        }

        text_serde!($name, [u8; $len], |bytes| Some($name(bytes)));
        written_as!($name, $expected, format!("^[0-9a-f]{{{}}}$", $len * 2));
    };
}

hex!(
    /// A blake3 hash.
    Hash, 32, "a hash (64 lower-case hexadecimal digits)"
);
hex!(
    /// An ed25519 public key.
    PublicKey, 32, "a public key (64 lower-case hexadecimal digits)"
);
hex!(
    /// An ed25519 signature.
    Signature, 64, "a signature (128 lower-case hexadecimal digits)"
);
hex!(
    /// 32 random bytes that stand beside one text, made by its author's client. Without it a short text could be
    /// guessed from its commitment after erasure.
    Salt, 32, "a salt (64 lower-case hexadecimal digits)"
);

impl Hash {
    /// The hash of nothing: what stands before a room's first entry, and where no entry is answered.
    pub const ZERO: Self = Self([0; 32]);

    /// blake3 of a domain and parts, each part preceded by its length as 8 bytes, big end first.
    #[must_use]
    pub fn of(domain: &str, parts: &[&[u8]]) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(domain.as_bytes());
        for part in parts {
            let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
            hasher.update(&length.to_be_bytes());
            hasher.update(part);
        }
        Self(*hasher.finalize().as_bytes())
    }

    /// blake3 of exactly these bytes.
    #[must_use]
    pub fn plain(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_id_reads_back_in_text_in_json_and_as_a_key() {
        use strum::VariantArray as _;
        for kind in RoomKind::VARIANTS {
            let id = RoomId::new(*kind, [7; 16]);
            assert_eq!(id.to_string().parse::<RoomId>().unwrap(), id);
            assert_eq!(RoomId::from_key(id.to_key()).unwrap(), id);
            assert_eq!(
                serde_json::from_str::<RoomId>(&serde_json::to_string(&id).unwrap()).unwrap(),
                id
            );
        }
    }

    #[test]
    fn a_member_id_is_not_an_organisation_id() {
        let member = MemberId::from_bits([1; 16]);
        let error = member.to_string().parse::<OrgId>().unwrap_err();
        assert!(error.to_string().contains("organisation id"), "{error}");
    }

    #[test]
    fn the_relation_of_two_is_one_room_whoever_asks() {
        let (a, b) = (OrgId::from_bits([1; 16]), OrgId::from_bits([2; 16]));
        assert_eq!(RoomId::relation(a, b), RoomId::relation(b, a));
    }

    #[test]
    fn parts_of_a_hash_cannot_be_shifted_into_each_other() {
        assert_ne!(Hash::of("d", &[b"ab", b"c"]), Hash::of("d", &[b"a", b"bc"]));
    }
}
