//! Who may read a room: a short list of grants, and the one function that turns it into an admission.
//!
//! A room has exactly one audience and nothing narrows it: two audiences for one deal are two rooms. The default arm admits
//! nobody. The crossings, by which what happens in a room may show to somebody outside it, are listed here and nowhere
//! else; the privacy suites exclude them by name.

use crate::{
    entry::Seq,
    id::{MemberId, OrgId},
    limits,
    standing::{OrgKind, PartnerType, Role, Standing},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The intended crossings. Nothing else that happens in a room shows outside it.
pub const CROSSINGS: [(&str, &str); 15] = [
    (
        "invitation",
        "an invited person or organisation sees who invites and the words, and later what became of it",
    ),
    ("seat", "being given a seat, or losing it"),
    (
        "knock",
        "a request to connect, or a call for the vendor, shows its sender and words",
    ),
    (
        "disclosure",
        "what a referral holds back is shown when it is accepted",
    ),
    (
        "outcome",
        "a deal's end comes back to the referral it began with",
    ),
    ("claim", "a unique public name is taken"),
    ("report", "one message is copied to the moderators"),
    (
        "break_glass",
        "two alliance managers enter a deal, and the deal shows it first",
    ),
    (
        "succession",
        "the vendor seats an admin in an organisation, and hears where one of its people objects",
    ),
    (
        "suspension",
        "a member or an organisation no longer takes part",
    ),
    (
        "over_quota",
        "an organisation's own limit is reached, said to the actor only",
    ),
    ("overload", "the server is busy"),
    (
        "card",
        "the name, organisation and role of whoever wrote what I may read or is named there, and again when they change",
    ),
    (
        "readers",
        "the name, organisation and role of whoever may read a room that I may read, when I ask",
    ),
    (
        "presence",
        "whoever shares a room with me is at their console",
    ),
];

/// A rule that admits whoever it fits, with no roster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Every active member of the server.
    Everyone,
    /// Members of organisations of one of these types, as the vendor recorded them, and the vendor's.
    Types(BTreeSet<PartnerType>),
    /// The vendor's alliance managers.
    Alliance,
}

/// One line of an audience.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Grant {
    /// One person, while they are of this organisation.
    Member {
        /// Who.
        id: MemberId,
        /// Of which organisation.
        org: OrgId,
        /// What they may do here.
        role: Role,
        /// Entries before this one are not shown to them.
        since: Seq,
    },
    /// An organisation's people from a role upwards; their role here is their own one.
    Org {
        /// Which organisation.
        id: OrgId,
        /// The lowest role that is admitted.
        min_role: Role,
        /// Entries before this one are not shown to them.
        since: Seq,
    },
    /// Everyone of an organisation that is connected with this one; they read.
    Tied {
        /// The organisation whose connections are admitted.
        org: OrgId,
    },
    /// Whoever fits the rule.
    Rule {
        /// The rule.
        rule: Rule,
        /// What they may do here.
        role: Role,
        /// Entries before this one are not shown to them.
        #[serde(default)]
        since: Seq,
    },
}

/// Who may read a room.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Audience {
    /// The grants; at most [`limits::GRANTS_MAX`].
    pub grants: Vec<Grant>,
}

/// On what terms somebody is seated: the highest role and the earliest beginning of all grants that fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// What they may do.
    pub role: Role,
    /// The first entry that they may read.
    pub since: Seq,
}

impl Audience {
    /// An audience of these grants.
    #[must_use]
    pub const fn of(grants: Vec<Grant>) -> Self {
        Self { grants }
    }

    /// On what terms this member reads the room, if at all. `tied` says whether the member's organisation is connected
    /// with another one.
    #[must_use]
    pub fn admits(&self, who: &Standing, tied: impl Fn(OrgId) -> bool) -> Option<Terms> {
        if !who.active() {
            return None;
        }
        self.grants
            .iter()
            .filter_map(|grant| admits(grant, who, &tied))
            .reduce(|one, other| Terms {
                role: one.role.max(other.role),
                since: one.since.min(other.since),
            })
    }

    /// Adds or replaces the grant of a member. A later beginning never takes history away that they had.
    pub fn seat(&mut self, id: MemberId, org: OrgId, role: Role, since: Seq) {
        let had = self.grants.iter_mut().find_map(|grant| match grant {
            Grant::Member {
                id: other,
                role,
                since,
                ..
            } if *other == id => Some((role, since)),
            Grant::Member { .. } | Grant::Org { .. } | Grant::Tied { .. } | Grant::Rule { .. } => {
                None
            }
        });
        if let Some((old_role, old_since)) = had {
            *old_role = role;
            *old_since = since.min(*old_since);
        } else {
            self.grants.push(Grant::Member {
                id,
                org,
                role,
                since,
            });
        }
    }

    /// Takes a member's own grant away; grants to their organisation or by rule stay.
    pub fn unseat(&mut self, member: MemberId) {
        self.grants
            .retain(|grant| !matches!(grant, Grant::Member { id, .. } if *id == member));
    }

    /// Puts a colleague in somebody's seat, where there is one: they read from where that one could.
    pub fn reseat(&mut self, from: MemberId, to: MemberId, org: OrgId, role: Role) {
        let since = self.grants.iter().find_map(|grant| match grant {
            Grant::Member { id, since, .. } if *id == from => Some(*since),
            Grant::Member { .. } | Grant::Org { .. } | Grant::Tied { .. } | Grant::Rule { .. } => {
                None
            }
        });
        if let Some(since) = since {
            self.unseat(from);
            self.seat(to, org, role, since);
        }
    }

    /// Takes every grant away that names this organisation or its people.
    pub fn unseat_org(&mut self, org: OrgId) {
        self.grants.retain(|grant| match grant {
            Grant::Member { org: of, .. } => *of != org,
            Grant::Org { id, .. } => *id != org,
            Grant::Tied { .. } | Grant::Rule { .. } => true,
        });
    }

    /// The members and organisations that the roster names: their sessions hold this room live. Rule rooms have none.
    pub fn roster(&self) -> impl Iterator<Item = Principal> + '_ {
        self.grants.iter().filter_map(|grant| match grant {
            Grant::Member { id, .. } => Some(Principal::Member(*id)),
            Grant::Org { id, .. } => Some(Principal::Org(*id)),
            Grant::Tied { .. } | Grant::Rule { .. } => None,
        })
    }

    /// Whether a rule or a connection admits anybody: such a room is found in the directory and live only while watched.
    #[must_use]
    pub fn by_rule(&self) -> bool {
        self.grants
            .iter()
            .any(|grant| matches!(grant, Grant::Tied { .. } | Grant::Rule { .. }))
    }

    /// Whether one more grant fits.
    #[must_use]
    pub fn has_place(&self) -> bool {
        self.grants.len() < limits::GRANTS_MAX
    }
}

/// Whom a roster names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Principal {
    /// One person.
    Member(MemberId),
    /// An organisation's people.
    Org(OrgId),
}

fn admits(grant: &Grant, who: &Standing, tied: &impl Fn(OrgId) -> bool) -> Option<Terms> {
    match grant {
        Grant::Member {
            id,
            org,
            role,
            since,
        } => (*id == who.member.id && *org == who.member.org).then_some(Terms {
            role: *role,
            since: *since,
        }),
        Grant::Org {
            id,
            min_role,
            since,
        } => (*id == who.member.org && who.member.role >= *min_role).then_some(Terms {
            role: who.member.role,
            since: *since,
        }),
        Grant::Tied { org } => tied(*org).then_some(Terms {
            role: Role::Viewer,
            since: Seq::ZERO,
        }),
        Grant::Rule { rule, role, since } => {
            let fits = match rule {
                Rule::Everyone => true,
                Rule::Types(types) => {
                    who.org.kind == OrgKind::Vendor || !types.is_disjoint(&who.org.types)
                }
                Rule::Alliance => who.alliance(),
            };
            fits.then_some(Terms {
                role: *role,
                since: *since,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::standing::{MemberCard, OrgCard, Status};
    use std::collections::BTreeMap;

    fn standing(member: u8, org: u8, role: Role) -> Standing {
        Standing {
            member: MemberCard {
                id: MemberId::from_bits([member; 16]),
                org: OrgId::from_bits([org; 16]),
                name: None,
                role,
                alliance: false,
                status: Status::Active,
            },
            org: OrgCard {
                id: OrgId::from_bits([org; 16]),
                kind: OrgKind::Partner,
                name: None,
                types: BTreeSet::from([PartnerType::Isv]),
                levels: BTreeMap::new(),
                status: Status::Active,
                root: None,
                former: vec![],
            },
        }
    }

    #[test]
    fn an_empty_audience_admits_nobody() {
        assert_eq!(
            Audience::default().admits(&standing(1, 1, Role::Admin), |_| true),
            None
        );
    }

    #[test]
    fn several_grants_give_the_highest_role_and_the_earliest_beginning() {
        let who = standing(1, 1, Role::Rep);
        let audience = Audience::of(vec![
            Grant::Member {
                id: who.member.id,
                org: who.org.id,
                role: Role::Lead,
                since: Seq(9),
            },
            Grant::Org {
                id: who.org.id,
                min_role: Role::Viewer,
                since: Seq(4),
            },
        ]);
        assert_eq!(
            audience.admits(&who, |_| false),
            Some(Terms {
                role: Role::Lead,
                since: Seq(4)
            })
        );
    }

    #[test]
    fn a_suspended_member_or_organisation_has_no_seat_anywhere() {
        let audience = Audience::of(vec![Grant::Rule {
            rule: Rule::Everyone,
            role: Role::Rep,
            since: Seq::ZERO,
        }]);
        let mut who = standing(1, 1, Role::Admin);
        assert!(audience.admits(&who, |_| false).is_some());
        who.member.status = Status::Suspended;
        assert_eq!(audience.admits(&who, |_| false), None);
        who.member.status = Status::Active;
        who.org.status = Status::Suspended;
        assert_eq!(audience.admits(&who, |_| false), None);
    }

    #[test]
    fn a_rule_that_came_late_shows_nothing_from_before() {
        let mut who = standing(1, 1, Role::Rep);
        let audience = Audience::of(vec![Grant::Rule {
            rule: Rule::Alliance,
            role: Role::Lead,
            since: Seq(7),
        }]);
        assert_eq!(audience.admits(&who, |_| false), None);
        (who.org.kind, who.member.alliance) = (OrgKind::Vendor, true);
        assert_eq!(
            audience.admits(&who, |_| false),
            Some(Terms {
                role: Role::Lead,
                since: Seq(7)
            })
        );
        let before: Grant = serde_json::from_str(r#"{"rule":{"rule":"everyone","role":"rep"}}"#)
            .expect("a grant that knew no beginning");
        assert!(matches!(
            before,
            Grant::Rule {
                since: Seq::ZERO,
                ..
            }
        ));
    }

    #[test]
    fn a_grant_counts_only_while_the_member_is_of_that_organisation() {
        let who = standing(1, 2, Role::Admin);
        let audience = Audience::of(vec![Grant::Member {
            id: who.member.id,
            org: OrgId::from_bits([1; 16]),
            role: Role::Lead,
            since: Seq(1),
        }]);
        assert_eq!(audience.admits(&who, |_| false), None);
    }

    #[test]
    fn types_and_ties_admit_whom_they_name() {
        let who = standing(1, 1, Role::Rep);
        let isv = Audience::of(vec![Grant::Rule {
            rule: Rule::Types(BTreeSet::from([PartnerType::Isv])),
            role: Role::Rep,
            since: Seq::ZERO,
        }]);
        let msp = Audience::of(vec![Grant::Rule {
            rule: Rule::Types(BTreeSet::from([PartnerType::Msp])),
            role: Role::Rep,
            since: Seq::ZERO,
        }]);
        assert!(isv.admits(&who, |_| false).is_some());
        assert!(msp.admits(&who, |_| false).is_none());
        let tied = Audience::of(vec![Grant::Tied {
            org: OrgId::from_bits([8; 16]),
        }]);
        assert_eq!(
            tied.admits(&who, |org| org == OrgId::from_bits([8; 16]))
                .unwrap()
                .role,
            Role::Viewer
        );
        assert!(tied.admits(&who, |_| false).is_none());
    }
}
