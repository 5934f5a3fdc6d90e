//! Who can read a room: everybody by name whom the server names, whom a rule admits, what the vendor sees, and what the
//! server's operator can technically read. Said the same on the screen and at the command line.

use super::Replica;
use rialto_shared::{
    audience::{Grant, Rule},
    entry::Seq,
    id::{MemberId, OrgId, RoomId},
    protocol::{Hit, Query},
    room::{Room, State, deal},
    standing::{OrgKind, Role},
    text::Text,
};

/// What is said of whoever holds the server's disk. Rialto keeps what is said as it was said: nothing is encrypted against
/// its own operator.
pub const OPERATOR: &str = "Whoever operates this server can technically read all of it, in its data folder and in its \
                            backups, and no entry shows that. What was erased is in no new backup.";

/// Somebody who may read a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// Who.
    pub member: MemberId,
    /// Their name.
    pub name: String,
    /// What they may do there.
    pub role: Role,
    /// The first entry that they may read.
    pub since: Seq,
    /// Whether they are one of the vendor's alliance managers.
    pub alliance: bool,
}

/// The readers of one organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// Which.
    pub org: OrgId,
    /// Its name.
    pub name: String,
    /// Whether it is the vendor.
    pub vendor: bool,
    /// Whoever it admits by their role, now and later; `None` where its people are named one by one.
    pub from: Option<Role>,
    /// Its people who read, those who may do most there first.
    pub people: Vec<Reader>,
}

/// Everybody who can read a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readers {
    /// By organisation.
    pub parties: Vec<Party>,
    /// Whom a rule admits without naming them, a sentence each.
    pub rules: Vec<String>,
    /// What the vendor sees of it.
    pub vendor: String,
}

/// What is asked of the server for them, once so many were named.
#[must_use]
pub fn question(room: RoomId, found: usize) -> Query {
    let skip = u32::try_from(found).unwrap_or(u32::MAX);
    Query::Readers { room, skip }
}

/// Whether everybody was named, of so many, with the answer that named these.
#[must_use]
pub fn complete(found: usize, total: u32, last: &[Hit]) -> bool {
    last.is_empty() || u32::try_from(found).is_ok_and(|found| found >= total)
}

impl Readers {
    /// From what is held of the room, and what the server answered to [`rialto_shared::protocol::Query::Readers`].
    #[must_use]
    pub fn of(replica: &Replica, room: &Room, hits: &[Hit]) -> Self {
        let mut parties: Vec<Party> = vec![];
        for hit in hits {
            let Hit::Reader {
                member,
                org,
                name,
                org_name,
                role,
                since,
                alliance,
            } = hit
            else {
                continue;
            };
            let reader = Reader {
                member: *member,
                name: named(name.as_ref(), || replica.person_name(*member)),
                role: *role,
                since: *since,
                alliance: *alliance,
            };
            match parties.iter_mut().find(|party| party.org == *org) {
                Some(party) => party.people.push(reader),
                None => parties.push(Party {
                    org: *org,
                    name: named(org_name.as_ref(), || replica.org_name(*org)),
                    vendor: is_vendor(replica, *org) || *alliance,
                    from: admitted_from(room, *org),
                    people: vec![reader],
                }),
            }
        }
        parties.sort_by(|one, other| one.name.cmp(&other.name));
        for party in &mut parties {
            party.people.sort_by(|one, other| {
                let rank = other.role.cmp(&one.role);
                rank.then_with(|| one.name.cmp(&other.name))
            });
        }
        let vendor = vendor(room, &parties);
        Self {
            parties,
            rules: rules(replica, room),
            vendor,
        }
    }

    /// How many people are named.
    #[must_use]
    pub fn people(&self) -> usize {
        self.parties.iter().map(|party| party.people.len()).sum()
    }
}

impl Party {
    /// On what terms its people are here, if not one by one.
    #[must_use]
    pub fn terms(&self) -> Option<String> {
        let who = match self.from? {
            Role::Viewer => "everybody of theirs".to_owned(),
            Role::Admin => "whoever of theirs is admin".to_owned(),
            role @ (Role::Rep | Role::Lead) => format!("whoever of theirs is {role} or above"),
        };
        Some(format!("{who}, now and later"))
    }
}

impl Reader {
    /// What they may do, and from where on they read.
    #[must_use]
    pub fn terms(&self) -> String {
        let manager = if self.alliance {
            ", alliance manager"
        } else {
            ""
        };
        let since = match self.since {
            Seq(0 | 1) => String::new(),
            since => format!(", from entry {since} on"),
        };
        format!("{}{manager}{since}", self.role)
    }
}

fn named(name: Option<&Text>, held: impl Fn() -> String) -> String {
    name.map_or_else(held, ToString::to_string)
}

fn is_vendor(replica: &Replica, org: OrgId) -> bool {
    replica
        .org(org)
        .is_some_and(|card| card.kind == OrgKind::Vendor)
}

/// The lowest role by which a room admits an organisation's people.
fn admitted_from(room: &Room, org: OrgId) -> Option<Role> {
    let roles = room.audience.grants.iter().filter_map(|grant| match grant {
        Grant::Org { id, min_role, .. } => (*id == org).then_some(*min_role),
        Grant::Member { .. } | Grant::Tied { .. } | Grant::Rule { .. } => None,
    });
    roles.min()
}

fn rules(replica: &Replica, room: &Room) -> Vec<String> {
    let sentence = |grant: &Grant| match grant {
        Grant::Tied { org } => Some(format!(
            "everybody of the organisations that {} is connected with",
            replica.org_name(*org)
        )),
        Grant::Rule { rule, .. } => match rule {
            Rule::Everyone => Some("every member of this server".to_owned()),
            Rule::Types(types) => {
                let types: Vec<String> = types.iter().map(ToString::to_string).collect();
                Some(format!(
                    "everybody of the partners of type {}, and of the vendor",
                    types.join(", ")
                ))
            }
            Rule::Alliance => None,
        },
        Grant::Member { .. } | Grant::Org { .. } => None,
    };
    room.audience.grants.iter().filter_map(sentence).collect()
}

fn vendor(room: &Room, parties: &[Party]) -> String {
    if let State::Deal(deal) = &room.state {
        let words = match deal.presence.value.unwrap_or(deal::Presence::NotPresent) {
            deal::Presence::InRoom => {
                "The vendor's alliance managers read this deal, as every party signed."
            }
            deal::Presence::OnCall => {
                "The vendor reads nothing here until a party calls one of its managers, who then reads from there on."
            }
            deal::Presence::NotPresent => {
                "The vendor does not read this deal; being called shows it who asks and the words, and nothing else."
            }
        };
        return words.to_owned();
    }
    let here = parties.iter().any(|party| party.vendor);
    let by_rule = room.audience.grants.iter().any(|grant| match grant {
        Grant::Rule { rule, .. } => *rule != Rule::Alliance,
        Grant::Member { .. } | Grant::Org { .. } | Grant::Tied { .. } => false,
    });
    let words = match (here, by_rule) {
        (_, true) => "The vendor's people read this by the rule above.",
        (true, false) => "People of the vendor's read this, as listed.",
        (false, false) => "Nobody of the vendor's reads this.",
    };
    words.to_owned()
}

/// Whether a room is one of which it can be asked who reads it: one that is here.
#[must_use]
pub fn can_be_asked(replica: &Replica, room: RoomId) -> bool {
    replica.room(room).is_some_and(|held| !held.closed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rialto_shared::audience::Audience;
    use rialto_shared::{id::Hash, standing::PartnerType};
    use std::collections::BTreeSet;

    fn reader(member: u8, org: u8, role: Role, since: u64) -> Hit {
        Hit::Reader {
            member: MemberId::from_bits([member; 16]),
            org: OrgId::from_bits([org; 16]),
            name: None,
            org_name: None,
            role,
            since: Seq(since),
            alliance: org == 9,
        }
    }

    #[test]
    fn people_stand_with_their_organisation_and_with_the_terms_they_are_on() {
        let id = OrgId::from_bits([2; 16]);
        let room = Room {
            audience: Audience::of(vec![Grant::Org {
                id,
                min_role: Role::Lead,
                since: Seq::ZERO,
            }]),
            ..Room::default()
        };
        let hits = [
            reader(1, 1, Role::Rep, 7),
            reader(2, 2, Role::Admin, 0),
            reader(3, 1, Role::Viewer, 1),
        ];
        let readers = Readers::of(&Replica::new(Hash::ZERO), &room, &hits);
        assert_eq!((readers.parties.len(), readers.people()), (2, 3));
        let party = |org: u8| {
            let org = OrgId::from_bits([org; 16]);
            let mut parties = readers.parties.iter();
            parties.find(|party| party.org == org).unwrap()
        };
        assert_eq!(party(1).terms(), None, "named one by one");
        let terms: Vec<String> = party(1).people.iter().map(Reader::terms).collect();
        assert_eq!(terms, ["rep, from entry 7 on", "viewer"]);
        assert_eq!(
            party(2).terms().as_deref(),
            Some("whoever of theirs is lead or above, now and later")
        );
        assert_eq!(readers.vendor, "Nobody of the vendor's reads this.");
    }

    #[test]
    fn a_rule_is_said_in_words_and_says_whether_the_vendor_reads() {
        let rule = |rule| Room {
            audience: Audience::of(vec![Grant::Rule {
                rule,
                role: Role::Rep,
                since: Seq::ZERO,
            }]),
            ..Room::default()
        };
        let replica = Replica::new(Hash::ZERO);
        let isv = Rule::Types(BTreeSet::from([PartnerType::Isv]));
        let readers = Readers::of(&replica, &rule(isv), &[]);
        assert_eq!(
            readers.rules,
            ["everybody of the partners of type isv, and of the vendor"]
        );
        assert_eq!(
            readers.vendor,
            "The vendor's people read this by the rule above."
        );
        let managers = Readers::of(
            &replica,
            &rule(Rule::Alliance),
            &[reader(4, 9, Role::Lead, 3)],
        );
        assert!(managers.rules.is_empty(), "the managers are named");
        assert_eq!(
            managers.vendor,
            "People of the vendor's read this, as listed."
        );
        let terms: Vec<String> = managers.parties[0]
            .people
            .iter()
            .map(Reader::terms)
            .collect();
        assert_eq!(terms, ["lead, alliance manager, from entry 3 on"]);
    }
}
