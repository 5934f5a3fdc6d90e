//! What became true. Events are facts: applying one cannot fail, and no event is ever taken back.
//!
//! The names of kinds and the JSON of facts are for ever (golden bytes in `tests/`): add variants and fields, never rename
//! or remove one.

mod bond;
mod bonds;
mod bound;
mod earlier;

pub use bond::Bond;
pub use bonds::{BONDS, Bonds};
pub use bound::departs;
pub use earlier::Earlier;
use earlier::requested;

use crate::{
    entry::{Entry, Facts},
    id::{Hash, OrgId, PublicKey, RoomId},
    room::{
        channel, deal, direct, inbox, key, org, profile, record, referral, relation, side, talk,
    },
};
use serde::{Deserialize, Serialize};
use strum::VariantNames as _;

/// Everything that can become true, by the kind of room that it happens in.
#[derive(
    Debug, Clone, PartialEq, Eq, Serialize, Deserialize, strum::IntoStaticStr, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Event {
    /// In any room that talks.
    Talk(talk::Event),
    /// In an organisation's own room.
    Org(org::Event),
    /// In a member's Inbox.
    Inbox(inbox::Event),
    /// In a channel.
    Channel(channel::Event),
    /// In a Direct.
    Direct(direct::Event),
    /// In an organisation's face.
    Profile(profile::Event),
    /// In a Relation.
    Relation(relation::Event),
    /// In a Side.
    Side(side::Event),
    /// In a Referral.
    Referral(referral::Event),
    /// In a Deal.
    Deal(deal::Event),
    /// In an organisation's record.
    Record(record::Event),
    /// In any room that records an organisation's root key.
    Key(key::Event),
    /// Of a kind that this program does not know: made by a newer one.
    #[serde(skip)]
    Newer(String),
}

/// Which signed command may cause which entries, in whichever room. A verifier refuses a statement under an entry that it
/// does not justify.
pub const CAUSES: &[(&str, &[&str])] = &[
    ("talk.redact", &["talk.redacted", "side.kept"]),
    ("org.remove", &["org.removed", "channel.left"]),
    // In the rooms that it reaches: in none it is asked again, and in each nothing is left to do then.
    (
        "org.hand_over",
        &[
            "org.handed_over",
            "side.handed_over",
            "referral.handed_over",
            "deal.handed_over",
            "side.kept",
        ],
    ),
    ("org.suspend_org", &["org.org_suspended"]),
    (
        "org.seat_admin",
        &["org.successor_named", "org.successor_announced"],
    ),
    ("channel.remove", &["channel.removed"]),
    (
        "org.connect",
        &[
            "org.asked",
            "org.knocked",
            "org.met",
            "org.answered",
            "relation.opened",
            "relation.reopened",
        ],
    ),
    (
        "org.answer_connection",
        &[
            "org.replied",
            "org.answered",
            "relation.opened",
            "relation.reopened",
        ],
    ),
    ("relation.agree", &["relation.proposed"]),
    ("relation.confirm", &["relation.confirmed"]),
    ("relation.end", &["relation.ended"]),
    (
        "relation.disconnect",
        &["relation.disconnected", "org.disconnected"],
    ),
    // Where an offer goes to a stranger, the entries of connecting are listed with the commands of connecting.
    (
        "side.offer",
        &["side.offered", "referral.opened", "referral.shown"],
    ),
    (
        "side.offer_with_request",
        &[
            "side.offered",
            "referral.opened",
            "referral.shown",
            "org.asked",
            "org.knocked",
            "org.met",
            "org.answered",
            "relation.opened",
            "relation.reopened",
        ],
    ),
    ("side.remove", &["side.removed"]),
    (
        "side.withdraw",
        &[
            "side.withdrawn",
            "side.closed",
            "referral.withdrawn",
            "org.withdrawn",
            "org.recalled",
        ],
    ),
    (
        "referral.accept",
        &[
            "referral.accepted",
            "referral.disclosed",
            "side.opened",
            "side.released",
        ],
    ),
    ("referral.decline", &["referral.declined", "side.closed"]),
    (
        "referral.withdraw",
        &[
            "referral.withdrawn",
            "side.closed",
            "org.withdrawn",
            "org.recalled",
        ],
    ),
    ("referral.return", &["referral.returned", "side.closed"]),
    (
        "referral.convert",
        &["referral.converted", "deal.opened", "side.opened"],
    ),
    (
        "org.answer_connection",
        &[
            "referral.accepted",
            "referral.declined",
            "referral.disclosed",
            "side.opened",
            "side.released",
            "side.closed",
        ],
    ),
    (
        "deal.accept_invitation",
        &[
            "deal.accepted",
            "org.deal_invitation_closed",
            "side.opened",
            "side.kept",
        ],
    ),
    (
        "deal.decline_invitation",
        &["deal.declined", "org.deal_invitation_closed", "side.kept"],
    ),
    ("deal.remove_people", &["deal.people_removed", "side.kept"]),
    ("deal.withdraw", &["deal.withdrawn", "side.kept"]),
    ("deal.remove_party", &["deal.party_removed", "side.kept"]),
    ("deal.move_stage", &["deal.stage_moved", "side.kept"]),
    (
        "deal.win",
        &["deal.won", "deal.invitation_cancelled", "side.kept"],
    ),
    (
        "deal.lose",
        &["deal.lost", "deal.invitation_cancelled", "side.kept"],
    ),
    ("deal.freeze", &["deal.frozen", "side.kept"]),
    ("deal.unfreeze", &["deal.unfrozen", "side.kept"]),
    (
        "deal.propose_presence",
        &["deal.presence_proposed", "deal.presence_set", "side.kept"],
    ),
    (
        "deal.sign_presence",
        &["deal.presence_signed", "deal.presence_set", "side.kept"],
    ),
    (
        "deal.call_vendor",
        &[
            "deal.vendor_called",
            "deal.vendor_asked",
            "org.deal_called",
            "side.kept",
        ],
    ),
];

/// What one command may cause more than once in one room: everything else that it causes there is of a kind of its own.
pub const REPEATED: &[&str] = &["deal.invitation_cancelled"];

/// What nothing but a signed command makes true: an entry of these kinds without a statement is none, whoever is said to have
/// made it.
pub const SIGNED: &[&str] = &[
    "org.asked",
    "org.knocked",
    "org.met",
    "org.replied",
    "org.answered",
    "org.deal_called",
    "org.successor_named",
    "org.successor_announced",
    "relation.opened",
    "relation.reopened",
    "relation.proposed",
    "relation.confirmed",
    "relation.ended",
    "relation.disconnected",
    "org.disconnected",
    "side.offered",
    "side.released",
    "side.withdrawn",
    "referral.opened",
    "referral.accepted",
    "referral.disclosed",
    "referral.declined",
    "referral.returned",
    "referral.converted",
    "deal.accepted",
    "deal.declined",
    "deal.stage_moved",
    "deal.won",
    "deal.lost",
    "deal.frozen",
    "deal.unfrozen",
    "deal.presence_proposed",
    "deal.presence_signed",
    "deal.presence_set",
    "deal.vendor_called",
    "deal.vendor_asked",
    "deal.withdrawn",
    "deal.party_removed",
];

/// What an entry says to whoever answers it from another room, by a hash that both sides can work out: nothing of its place
/// in the log, which the readers of the answer may know nothing of, and nothing that was not said to the one who answers.
/// None for all entries that are answered where they stand.
#[must_use]
pub fn matter(entry: &Entry) -> Option<Hash> {
    match &entry.event {
        // Whoever asked knows all of it: who, in which words, until when, by which signed command.
        Event::Org(org::Event::Knocked { .. }) => {
            let statement = entry.statement.as_ref();
            let statement = statement.map_or(Hash::ZERO, |statement| statement.hash());
            Some(Hash::of(
                "rialto-knock-1",
                &[
                    &entry.room.to_key(),
                    &entry.author.preimage(),
                    &Hash::plain(entry.facts.as_bytes()).0,
                    &statement.0,
                ],
            ))
        }
        // Only what the invited organisation is shown.
        Event::Deal(deal::Event::Invited(invited)) => {
            let (texts, _) = Event::read(&entry.kind, &entry.facts).ok()?;
            let message = texts.get(usize::from(invited.message.0))?;
            let responsibility: &'static str = invited.responsibility.into();
            Some(Hash::of(
                "rialto-deal-invitation-1",
                &[
                    &entry.room.to_key(),
                    &entry.author.org()?.bits(),
                    &invited.org.bits(),
                    responsibility.as_bytes(),
                    &invited.until.as_millis().to_be_bytes(),
                    &message.0,
                ],
            ))
        }
        Event::Org(_)
        | Event::Deal(_)
        | Event::Talk(_)
        | Event::Inbox(_)
        | Event::Channel(_)
        | Event::Direct(_)
        | Event::Profile(_)
        | Event::Relation(_)
        | Event::Side(_)
        | Event::Referral(_)
        | Event::Record(_)
        | Event::Key(_)
        | Event::Newer(_) => None,
    }
}

/// The root keys of organisations that an entry of this room records: what later statements are verified against.
#[must_use]
pub fn roots(room: RoomId, event: &Event) -> Vec<(OrgId, PublicKey)> {
    match event {
        Event::Org(org::Event::Joined {
            root: Some(root), ..
        }) => vec![(OrgId::from_bits(room.bits()), *root)],
        Event::Org(
            org::Event::Knocked { from, root, .. }
            | org::Event::Replied { from, root, .. }
            | org::Event::Met { from, root, .. }
            | org::Event::Answered {
                by: from,
                root: Some(root),
                ..
            },
        ) => vec![(*from, *root)],
        Event::Relation(
            relation::Event::Opened { parties } | relation::Event::Reopened { parties },
        ) => parties.to_vec(),
        Event::Referral(referral::Event::Opened { from, .. }) => vec![(from.org, from.root)],
        Event::Referral(referral::Event::Shown { org, root }) => vec![(*org, *root)],
        Event::Deal(deal::Event::Opened(opening)) => opening
            .parties
            .iter()
            .map(|party| (party.org, party.root))
            .collect(),
        Event::Deal(deal::Event::Accepted(accepted)) => vec![(accepted.org, accepted.root)],
        Event::Record(record::Event::Kept { by, root, .. }) => vec![(*by, *root)],
        Event::Side(side::Event::Offered { to, to_root, .. }) => {
            to_root.iter().map(|root| (*to, *root)).collect()
        }
        Event::Org(_)
        | Event::Talk(_)
        | Event::Inbox(_)
        | Event::Channel(_)
        | Event::Direct(_)
        | Event::Profile(_)
        | Event::Relation(_)
        | Event::Side(_)
        | Event::Referral(_)
        | Event::Deal(_)
        | Event::Record(_)
        | Event::Key(_)
        | Event::Newer(_) => vec![],
    }
}

impl Event {
    /// The kind, as it stands in the entry's head and in the chain: `talk.said`.
    #[must_use]
    pub fn kind(&self) -> String {
        let verb: &'static str = match self {
            Self::Talk(event) => event.into(),
            Self::Org(event) => event.into(),
            Self::Inbox(event) => event.into(),
            Self::Channel(event) => event.into(),
            Self::Direct(event) => event.into(),
            Self::Profile(event) => event.into(),
            Self::Relation(event) => event.into(),
            Self::Side(event) => event.into(),
            Self::Referral(event) => event.into(),
            Self::Deal(event) => event.into(),
            Self::Record(event) => event.into(),
            Self::Key(event) => event.into(),
            Self::Newer(kind) => return kind.clone(),
        };
        let room: &'static str = self.into();
        format!("{room}.{verb}")
    }

    /// Every kind that this program knows.
    #[must_use]
    pub fn kinds() -> Vec<String> {
        [
            ("talk", talk::Event::VARIANTS),
            ("org", org::Event::VARIANTS),
            ("inbox", inbox::Event::VARIANTS),
            ("channel", channel::Event::VARIANTS),
            ("direct", direct::Event::VARIANTS),
            ("profile", profile::Event::VARIANTS),
            ("relation", relation::Event::VARIANTS),
            ("side", side::Event::VARIANTS),
            ("referral", referral::Event::VARIANTS),
            ("deal", deal::Event::VARIANTS),
            ("record", record::Event::VARIANTS),
            ("key", key::Event::VARIANTS),
        ]
        .iter()
        .flat_map(|(room, verbs)| verbs.iter().map(move |verb| format!("{room}.{verb}")))
        .collect()
    }

    /// Whether a signed command of this kind may have caused this event.
    #[must_use]
    pub fn justified_by(&self, command: &str) -> bool {
        let kind = self.kind();
        CAUSES
            .iter()
            .any(|(cause, effects)| *cause == command && effects.contains(&kind.as_str()))
    }

    /// Reads facts: the commitments of the texts, and the event.
    ///
    /// # Errors
    /// Facts of a known kind that cannot be read, or whose kind is not the one named. A kind that this program does not
    /// know is no error.
    pub fn read(kind: &str, facts: &str) -> Result<(Vec<Hash>, Self), String> {
        match serde_json::from_str::<Facts<Self>>(facts) {
            Ok(read) if read.fact.kind() == kind => Ok((read.texts, read.fact)),
            Ok(read) => Err(format!("they are of a {}", read.fact.kind())),
            Err(error) if Self::kinds().iter().any(|known| known == kind) => Err(error.to_string()),
            Err(_) => {
                let newer: Facts<serde::de::IgnoredAny> =
                    serde_json::from_str(facts).map_err(|error| error.to_string())?;
                Ok((newer.texts, Self::Newer(kind.to_owned())))
            }
        }
    }
}
