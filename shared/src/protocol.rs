//! The wire: text frames of JSON, one enum each way, over a WebSocket.
//!
//! The order of a connection: `hello` up, `challenge` down (the server proves who it is, bound to the certificate that the
//! client sees), then `login` up; or, with an invitation, `invitation` up, the same down, and `join` up. Then `welcome`
//! down, any number of `resume` frames up of which the last says so, everything the member lacks down, `ready` down. From
//! then on both sides speak when they have something to say.
//!
//! Entries inside frames are the stored bytes, never re-serialised. A client checks `seq` and `prev` before it takes an
//! entry in, and resynchronises with a `watch` when they do not fit.

pub mod closing;
mod invite;
mod rotation;
pub mod schema;

pub use invite::{InviteCode, InviteLink, InviteLinkError, JOIN_PATH, Transport};
pub use rotation::{KnownKey, Rotation, leads, rotated_id};

use crate::{
    entry::{Head, SaltedText, Seq},
    id::{DeviceId, Hash, LaneId, MemberId, OrgId, PublicKey, RoomId, Signature},
    rejection::Refusal,
    room::{Policy, Room, Texts},
    standing::{MemberCard, OrgCard, PartnerType, Role},
    statement::Certificate,
    text::Text,
    time::Timestamp,
    timeline::{Marks, Note},
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeSet;

/// The newest version of the wire that this program speaks; it also speaks the one before, once there is one.
pub const VERSION: u16 = 1;

/// The WebSocket subprotocol.
pub const SUBPROTOCOL: &str = "rialto.1";

/// What the server's proof of identity is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Binding {
    /// The blake3 hash of the TLS certificate (DER) that the server presents.
    Tls(Hash),
    /// TLS ends in front of the server, as its operator configured.
    BehindProxy,
    /// No TLS: loopback only.
    Plain,
}

impl Binding {
    fn preimage(self) -> Vec<u8> {
        match self {
            Self::Tls(hash) => [&[1][..], &hash.0].concat(),
            Self::BehindProxy => vec![2],
            Self::Plain => vec![3],
        }
    }
}

/// What the server's identity key signs.
#[must_use]
pub fn challenge_preimage(
    client_nonce: Hash,
    server_nonce: Hash,
    server: Hash,
    binding: Binding,
) -> Hash {
    Hash::of(
        "rialto-challenge-1",
        &[
            &client_nonce.0,
            &server_nonce.0,
            &server.0,
            &binding.preimage(),
        ],
    )
}

/// What a device signs to log in.
#[must_use]
pub fn login_preimage(
    client_nonce: Hash,
    server_nonce: Hash,
    server: Hash,
    binding: Binding,
    device: DeviceId,
    version: u16,
) -> Hash {
    Hash::of(
        "rialto-login-1",
        &[
            &client_nonce.0,
            &server_nonce.0,
            &server.0,
            &binding.preimage(),
            &device.bits(),
            &version.to_be_bytes(),
        ],
    )
}

/// The server's id: the hash of its first identity key. Invitations pin it.
#[must_use]
pub fn server_id(first_key: PublicKey) -> Hash {
    Hash::of("rialto-server-1", &[&first_key.0])
}

/// A signed declaration as a client sends it; the server adds the certificates that it holds. Its nonce is the device's own and
/// used once: in a second command it is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Signed {
    /// The exact bytes that were signed.
    #[schemars(with = "crate::schema::SignedDeclaration")]
    pub declaration: String,
    /// By the device's key.
    pub signature: Signature,
}

/// Which part of a room's log is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Want {
    /// The entries before this one, newest last; `0` for the newest.
    Before(Seq),
    /// The entries after this one.
    After(Seq),
    /// The entries on both sides of this one.
    Around(Seq),
    /// A message and the replies in its thread.
    Thread(Seq),
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Query {
    /// Organisations, by words and facets; everything empty finds all.
    Orgs {
        /// Words that must all occur.
        #[serde(default)]
        words: String,
        /// One of these types.
        #[serde(default)]
        types: BTreeSet<PartnerType>,
        /// In a program whose name holds this.
        #[serde(default)]
        program: Option<String>,
        /// In a region whose name holds this.
        #[serde(default)]
        region: Option<String>,
        /// Results to leave out before the first.
        #[serde(default)]
        skip: u32,
    },
    /// Channels that the member may read, by words.
    Channels {
        /// Words that must all occur.
        #[serde(default)]
        words: String,
    },
    /// People whom the member may name: those of an organisation that the member shares a room with, or their own.
    People {
        /// Words that must all occur in a name.
        #[serde(default)]
        words: String,
    },
    /// Everybody who may read a room that the member may read, organisation by organisation. Whom a rule admits without
    /// naming them (everyone, a type of partner, whoever is connected) is not listed: the room's audience says that.
    Readers {
        /// Which room. Absent and forbidden are refused alike.
        room: RoomId,
        /// Results to leave out before the first.
        #[serde(default)]
        skip: u32,
    },
}

/// From a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Up {
    /// The first frame.
    Hello {
        /// Versions of the wire that the client speaks.
        versions: Vec<u16>,
        /// 32 random bytes.
        nonce: Hash,
    },
    /// Asks what an invitation is to; whoever knows the code may, before they join.
    Invitation {
        /// The code, as it stands in the link.
        code: String,
    },
    /// Becomes a member by an invitation's code, and logs in.
    Join {
        /// The code, as it stands in the link.
        code: String,
        /// The facts of an `org.join`.
        #[schemars(with = "crate::schema::CommandFacts")]
        facts: String,
        /// Its texts: the person's name, or, where the code lets in a member's next device, what that is called.
        texts: Vec<SaltedText>,
        /// Signature of the new device over the login's preimage.
        signature: Signature,
    },
    /// Logs a device in.
    Login {
        /// Which.
        device: DeviceId,
        /// Over [`login_preimage`].
        signature: Signature,
    },
    /// Says what the client holds, after `welcome`: at most [`crate::limits::RESUME_FRAMES_MAX`] such frames.
    Resume {
        /// For each room the last entry held.
        cursors: Vec<(RoomId, Head)>,
        /// Whether this is the last such frame.
        last: bool,
    },
    /// Asks for something, under a number that stays the same however often it is sent.
    Command {
        /// The outbox. A device may ever use [`crate::limits::DEVICE_LANES_MAX`], a connection
        /// [`crate::limits::CONNECTION_LANES_MAX`]: a command of one more is refused with `limit`.
        lane: LaneId,
        /// The number in it, from 1.
        n: u64,
        /// The room that judges it.
        room: RoomId,
        /// The facts, as JSON.
        #[schemars(with = "crate::schema::CommandFacts")]
        facts: String,
        /// The texts.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        texts: Vec<SaltedText>,
        /// The signature, where the command commits somebody.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signed: Option<Signed>,
    },
    /// Wants a room live, from a cursor on; also how a client resynchronises a room.
    Watch {
        /// Which.
        room: RoomId,
        /// The last entry held.
        #[serde(default)]
        cursor: Option<Head>,
    },
    /// Wants a rule room live no longer.
    Unwatch {
        /// Which.
        room: RoomId,
    },
    /// Wants a part of a room's log.
    Page {
        /// For the answer.
        id: u64,
        /// Which room.
        room: RoomId,
        /// Which part.
        want: Want,
        /// At most so many entries.
        limit: u32,
    },
    /// Looks something up.
    Find {
        /// For the answer.
        id: u64,
        /// What.
        query: Query,
    },
    /// Is writing something.
    Typing {
        /// Where.
        room: RoomId,
    },
    /// Has read a room up to here.
    Seen {
        /// Which room.
        room: RoomId,
        /// Up to which entry.
        seq: Seq,
    },
    /// Is there.
    Ping {
        /// Comes back in the pong.
        id: u64,
    },
}

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is durable.
    Accepted {
        /// The room that judged it.
        room: RoomId,
        /// Its first entry there.
        from: Seq,
        /// Its last entry there.
        to: Seq,
        /// When.
        at: Timestamp,
    },
    /// It was refused, and nothing happened.
    Refused(Refusal),
}

/// A room whole, as one seat sees it: it replaces everything that a client holds of the room, stored messages too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Snapshot {
    /// The last entry taken in.
    pub head: Head,
    /// The room.
    pub room: Room,
    /// Its standing texts.
    pub texts: Texts,
    /// The first entry that this seat may page to.
    pub since: Seq,
}

/// One result of a search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Hit {
    /// An organisation.
    Org {
        /// Which.
        org: OrgId,
        /// Its name.
        name: Option<Text>,
        /// Its types.
        types: BTreeSet<PartnerType>,
        /// Its programs, and the level in each.
        programs: Vec<(Text, Option<Text>)>,
        /// Where it works.
        regions: Vec<Text>,
        /// What it says of itself.
        description: Option<Text>,
        /// Whether somebody answers there; unclaimed ones are ranked after the others.
        claimed: bool,
    },
    /// A channel.
    Channel {
        /// Its room.
        room: RoomId,
        /// Its name.
        handle: String,
        /// What it is for.
        purpose: Option<Text>,
    },
    /// A person.
    Person {
        /// Who.
        member: MemberId,
        /// Of which organisation.
        org: OrgId,
        /// Their name.
        name: Option<Text>,
        /// The organisation's name.
        org_name: Option<Text>,
    },
    /// Somebody who may read the room that was asked about.
    Reader {
        /// Who.
        member: MemberId,
        /// Of which organisation.
        org: OrgId,
        /// Their name.
        name: Option<Text>,
        /// The organisation's name.
        org_name: Option<Text>,
        /// What they may do there.
        role: Role,
        /// The first entry that they may read.
        since: Seq,
        /// Whether they are one of the vendor's alliance managers.
        alliance: bool,
    },
}

/// Whether a member is at a console.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "MemberPresence")]
pub enum Presence {
    /// At a console.
    Here,
    /// At none.
    Away,
    /// Writing in this room.
    Typing(RoomId),
}

/// From the server.
#[derive(Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Down {
    /// Proves who the server is.
    Challenge {
        /// The version of the wire that is spoken from here on.
        version: u16,
        /// The server's id.
        server: Hash,
        /// Its identity key.
        key: PublicKey,
        /// How its first identity key, which its id is the hash of, was replaced, step by step, up to this one; at most
        /// [`crate::limits::IDENTITY_ROTATIONS_MAX`].
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        rotations: Vec<Rotation>,
        /// 32 random bytes.
        nonce: Hash,
        /// What the proof is bound to.
        binding: Binding,
        /// Over [`challenge_preimage`].
        signature: Signature,
    },
    /// What an invitation is to: all that whoever holds its code needs to make their own certificate.
    Invitation {
        /// The organisation.
        org: OrgId,
        /// Its name; `None` once erased.
        org_name: Option<Text>,
        /// What the invited person will be.
        role: Role,
        /// Certificates from the organisation's root to the key in the code; empty where nobody certified it.
        chain: Vec<Certificate>,
        /// Whether the organisation has its root key. If not, joining claims it.
        claimed: bool,
        /// Whether whoever joins brings the organisation a new root key, because the vendor seats them.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        renews: bool,
        /// Whose next device it lets in, by name, where it is no invitation of a person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        person: Option<Text>,
    },
    /// Logged in.
    Welcome {
        /// Who this is.
        member: Box<MemberCard>,
        /// Of which organisation.
        org: Box<OrgCard>,
        /// From which device.
        device: DeviceId,
        /// The server's name, as its operator set it.
        server_name: Text,
        /// What this server demands.
        policy: Policy,
        /// Whose server this is: the organisation whose profile names whom to turn to.
        vendor: Option<OrgId>,
        /// The server's time.
        now: Timestamp,
    },
    /// The client holds everything it may.
    Ready {
        /// How many rooms it is seated in.
        rooms: u32,
    },
    /// What became of a command.
    Answer {
        /// The outbox.
        lane: LaneId,
        /// The number.
        n: u64,
        /// What became of it.
        outcome: Outcome,
    },
    /// A part of a room whole: the parts' bodies, joined, are the JSON of a [`Snapshot`].
    Snapshot {
        /// Which room.
        room: RoomId,
        /// Which part, from 0.
        part: u32,
        /// Of how many.
        parts: u32,
        /// The part.
        body: String,
    },
    /// New entries, in order, as stored.
    Entries {
        /// Which room.
        room: RoomId,
        /// The entries.
        #[schemars(with = "Vec<crate::entry::Record>")]
        entries: Vec<Box<RawValue>>,
    },
    /// A part of a room's log that was asked for.
    Page {
        /// Of the question.
        id: u64,
        /// Which room.
        room: RoomId,
        /// True at this entry.
        head: Seq,
        /// The entries, in order, as stored.
        #[schemars(with = "Vec<crate::entry::Record>")]
        entries: Vec<Box<RawValue>>,
        /// What became of them.
        notes: Vec<(Seq, Note)>,
        /// What the asker reacted with.
        marks: Vec<(Seq, Marks)>,
        /// Whether there is more in that direction.
        more: bool,
    },
    /// How far rooms are that the member keeps and does not watch, and how far they have read.
    Heads {
        /// Room, last entry, last entry read.
        heads: Vec<(RoomId, Seq, Seq)>,
    },
    /// The room is not, or no longer, readable: forget it.
    Closed {
        /// Which.
        room: RoomId,
    },
    /// Names that go with what was or will be sent, and again when one of them has changed.
    Cards {
        /// People.
        members: Vec<MemberCard>,
        /// Organisations.
        orgs: Vec<OrgCard>,
    },
    /// Somebody came, went, or writes.
    Presence {
        /// Who.
        member: MemberId,
        /// What.
        state: Presence,
    },
    /// What a search found.
    Found {
        /// Of the question.
        id: u64,
        /// The results, best first.
        hits: Vec<Hit>,
        /// How many there are in all.
        total: u32,
    },
    /// The server stops, or another connection took this one's place.
    GoingAway {
        /// Why.
        words: String,
        /// Come back after so many milliseconds.
        retry_after_ms: u64,
    },
    /// The frame could not be served. After a fatal one the connection closes.
    Error {
        /// The question that this answers, if it had an id.
        id: Option<u64>,
        /// What was wrong.
        error: Refusal,
        /// Whether the connection closes.
        fatal: bool,
    },
    /// The answer to a ping.
    Pong {
        /// The ping's.
        id: u64,
    },
}
