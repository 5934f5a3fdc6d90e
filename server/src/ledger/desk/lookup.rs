//! Everything that a command is judged on, looked up on every path, refusals included.

use super::*;

impl Desk<'_> {
    /// The look-ups that a command declares, made on every path.
    pub(super) fn look_up(
        &self,
        who: &Who,
        id: RoomId,
        named: &Named,
    ) -> Result<Found, LedgerError> {
        let loaded = self.load(id)?;
        let (standing, mine) = match who {
            Who::Member { standing, .. } => (
                Some(standing.as_ref()),
                self.row(Table::Own, &rows::own(id, standing.member.id))?,
            ),
            Who::Operator | Who::Newcomer { .. } => (None, None),
        };
        let door = match (who, standing) {
            (Who::Operator, _) => Door::Operator,
            (Who::Newcomer { .. }, _) | (_, None) => Door::Invited,
            (Who::Member { .. }, Some(standing)) => match self.terms(standing, &loaded.room)? {
                Some(terms) => Door::Seat(terms),
                None if standing.active() && loaded.room.invites(standing) => Door::Invited,
                None => Door::Outside,
            },
        };
        let my_org = standing.map(|standing| standing.org.id);
        let other: Option<OrgCard> = named
            .org
            .map(|org| self.row(Table::Orgs, &org.bits()))
            .transpose()?
            .flatten();
        let tie = match (my_org, named.org) {
            (Some(mine), Some(org)) => self.tied(mine, org)?,
            (_, _) => None,
        };
        let home = match my_org {
            Some(org) if named.home => Some(self.load(RoomId::org(org))?),
            Some(_) | None => None,
        };
        let mut members = Vec::with_capacity(named.members.len().min(limits::GRANTS_MAX));
        for member in named.members.iter().take(limits::GRANTS_MAX) {
            members.extend(self.row::<MemberCard>(Table::Cards, &member.bits())?);
        }
        let claim = match named.claim {
            Some(claim) => self.holder(claim)?,
            None => None,
        };
        let code_used = match named.code {
            Some(code) => self.holder(code)?.is_some(),
            None => false,
        };
        let cited = match named.cites {
            Some(seq) => self.cited(id, seq, standing)?,
            None => None,
        };
        Ok(Found {
            loaded,
            own: mine.unwrap_or_default(),
            door,
            tie,
            other,
            home,
            members,
            cited,
            claim,
            code_used,
        })
    }

    fn cited(
        &self,
        id: RoomId,
        seq: Seq,
        who: Option<&Standing>,
    ) -> Result<Option<Remark>, LedgerError> {
        let key = rows::at(id, seq);
        let Some(position) = self.get(Table::At, &key)? else {
            return Ok(None);
        };
        let Some(bytes) = self.get(Table::Log, &position)? else {
            return Ok(None);
        };
        let marks = match who {
            Some(who) => self.row(Table::Marks, &rows::mark(id, seq, who.member.id))?,
            None => None,
        };
        Ok(Some(Remark {
            entry: Entry::decode(&bytes)?,
            note: self.row(Table::Notes, &key)?.unwrap_or_default(),
            marks: marks.unwrap_or_default(),
        }))
    }
}

/// An earlier entry with what became of it.
struct Remark {
    entry: Entry,
    note: Note,
    marks: Marks,
}

/// How an actor stands to a room.
#[derive(Clone, Copy)]
enum Door {
    Seat(rialto_shared::audience::Terms),
    Invited,
    Operator,
    Outside,
}

/// Everything that a case borrows.
pub(super) struct Found {
    loaded: Rc<Loaded>,
    own: Own,
    door: Door,
    tie: Option<Tie>,
    other: Option<OrgCard>,
    home: Option<Rc<Loaded>>,
    members: Vec<MemberCard>,
    cited: Option<Remark>,
    claim: Option<RoomId>,
    code_used: bool,
}

/// What an outsider is judged on, in place of whatever is there.
static VOID: std::sync::LazyLock<Loaded> = std::sync::LazyLock::new(Loaded::default);

impl Found {
    pub(super) fn case<'a>(
        &'a self,
        who: &'a Who,
        id: RoomId,
        setting: &Setting,
        fresh: &'a [[u8; 16]],
        now: Timestamp,
    ) -> Case<'a> {
        let outside = matches!(self.door, Door::Outside);
        let loaded: &'a Loaded = if outside { &VOID } else { &self.loaded };
        let texts: &'a Texts = &loaded.texts;
        Case {
            id,
            room: &loaded.room,
            texts,
            admission: match self.door {
                Door::Seat(terms) => Admission::Seat {
                    role: terms.role,
                    since: terms.since,
                    own: &self.own,
                },
                Door::Invited => Admission::Invited,
                Door::Operator => Admission::Operator,
                Door::Outside => Admission::Outsider,
            },
            actor: match who {
                Who::Member { standing, .. } => Actor::Member(standing),
                Who::Operator => Actor::Operator,
                Who::Newcomer { .. } => Actor::Newcomer,
            },
            tie: self.tie.as_ref(),
            other: self.other.as_ref(),
            home: self.home.as_ref().map(|home| &home.room),
            named: &self.members,
            cited: self.cited.as_ref().filter(|_| !outside).map(|cited| Cited {
                entry: &cited.entry,
                note: &cited.note,
                marks: &cited.marks,
            }),
            claim: self.claim,
            code_used: self.code_used,
            policy: setting.policy,
            server: setting.server,
            fresh,
            now,
        }
    }
}

/// A statement names the entry that it answers by hash: whoever signed saw exactly that entry.
pub(super) fn answers(
    found: &Found,
    named: &Named,
    statement: Option<&Statement>,
) -> Result<(), Rejection> {
    let Some(statement) = statement else {
        return Ok(());
    };
    if matches!(found.door, Door::Outside) {
        return Err(Rejection::NoSuchRoom);
    }
    let mismatch = Rejection::Unsigned(
        "its subject is another entry than the one that the command names".to_owned(),
    );
    let subject = statement
        .read()
        .map_err(|error| Rejection::Unsigned(error.to_string()))?
        .subject;
    let wanted = match (&found.cited, named.cites, named.answers) {
        // Whether it is what waits for an answer, the room's own rule says.
        (_, None, Some(matter)) => matter,
        (Some(cited), _, _) => cited.entry.hash(),
        (None, None, None) => Hash::ZERO,
        // Whoever has no seat learns nothing of how long the log is.
        (None, Some(_), _) if matches!(found.door, Door::Invited) => return Err(mismatch),
        (None, Some(_), _) => return Err(Rejection::NoSuchEntry),
    };
    if subject == wanted {
        Ok(())
    } else {
        Err(mismatch)
    }
}
