//! Importing organisations from a table: a row is a *membership*, an organisation is its normalised name.
//!
//! Reading ([`table`]) makes memberships of rows or refuses them by name; planning ([`plan`]) folds memberships into
//! organisations and counts what each row did; carrying out is the operator's ordinary commands, judged by the same rules
//! as everybody's. Created + merged + unchanged + refused = rows, and a second import changes nothing.

pub mod plan;
pub mod table;

use crate::{
    ledger::{
        LedgerError,
        reader::Snapshot,
        rows::{Rows as _, Table},
        writer::BATCH_MAX,
    },
    server::{Begun, Server, chance, salted},
};
use plan::{Known, Plan, Planned};
use rialto_shared::{
    command::Command,
    entry::{SaltedText, Seq},
    id::{OrgId, RoomId},
    rejection::Rejection,
    room::{State, org, profile},
    standing::{OrgCard, OrgKind},
    text::TextKind,
};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    path::Path,
};

/// Why an import could not be carried out at all. Rows that cannot be taken are no error: the report names them.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read as a table.
    #[error(transparent)]
    Table(#[from] table::TableError),
    /// The ledger cannot be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// There is no vendor yet.
    #[error("this server has no vendor yet: run `rialtod init`")]
    NoVendor,
    /// A command of the import was refused: what was handed in before it was known stands, and the import may be run again.
    #[error("{name}: {rejection}")]
    Refused {
        /// Of which organisation.
        name: String,
        /// The rule's no.
        rejection: Rejection,
    },
}

/// Imports a file, or only says what an import would do.
///
/// # Errors
/// When the file is no table, or the ledger fails.
pub fn import(
    server: &Server,
    file: &Path,
    mapping: &table::Mapping,
    dry: bool,
) -> Result<Plan, ImportError> {
    let read = table::read(file, mapping)?;
    let snapshot = server.house().snapshot()?;
    let (vendor, known) = known(&snapshot)?;
    let vendor = vendor.ok_or(ImportError::NoVendor)?;
    let mut plan = plan::plan(read, &known);
    // A look-alike of a name that is taken would be refused; the plan says so before anything is written.
    let mut claims = BTreeSet::new();
    for planned in plan
        .planned
        .iter_mut()
        .filter(|planned| planned.id.is_none())
    {
        let claim = org::name_claim(planned.name.as_str());
        planned.taken = !claims.insert(claim) || snapshot.get(Table::Claims, &claim.0)?.is_some();
    }
    plan.refuse_taken();
    // A read that stays open keeps every page that thousands of commits replace: the file would grow with each.
    drop(snapshot);
    if dry {
        return Ok(plan);
    }
    let mut carrier = Carrier {
        server,
        vendor,
        under_way: VecDeque::with_capacity(IN_FLIGHT_MAX),
    };
    for planned in &plan.planned {
        carrier.carry_out(planned)?;
    }
    carrier.finish()?;
    Ok(plan)
}

/// Every organisation as it stands, by normalised name.
fn known(snapshot: &Snapshot) -> Result<(Option<OrgId>, BTreeMap<String, Known>), LedgerError> {
    let mut cards: Vec<OrgCard> = Vec::new();
    snapshot.each(Table::Orgs, |_, value| {
        cards.push(crate::ledger::rows::decode(Table::Orgs, value)?);
        Ok(())
    })?;
    let vendor = cards
        .iter()
        .find(|card| card.kind == OrgKind::Vendor)
        .map(|card| card.id);
    let mut known = BTreeMap::new();
    for card in cards {
        let Some(name) = &card.name else { continue };
        let (description, website) = faces(snapshot, card.id)?;
        let entry = Known {
            id: card.id,
            claimed: card.root.is_some(),
            types: card.types.clone(),
            levels: card.levels.clone(),
            description,
            website,
        };
        known.insert(plan::normal(name.text.as_str()), entry);
    }
    Ok((vendor, known))
}

/// A text that a face states: the entry that set it, and what it says.
type Face = (Seq, Option<String>);

fn faces(snapshot: &Snapshot, org: OrgId) -> Result<(Face, Face), LedgerError> {
    let loaded = snapshot.load(RoomId::profile(org))?;
    let State::Profile(profile) = &loaded.room.state else {
        return Ok(((Seq::ZERO, None), (Seq::ZERO, None)));
    };
    let face = |stated: &rialto_shared::room::Stated<rialto_shared::entry::TextRef>| {
        let text = stated
            .value
            .and_then(|at| loaded.texts.get(at))
            .map(|text| text.text.to_string());
        (stated.at, text)
    };
    Ok((face(&profile.description), face(&profile.website)))
}

/// Commands handed in and not answered: as many as the writer takes in one batch, and few of what its queue holds.
const IN_FLIGHT_MAX: usize = BATCH_MAX;

/// Hands in the commands of a plan, in its order, without waiting for each: the writer judges them in that order, many with
/// one commit. The first refusal ends it; what was handed in by then stands, as what came before it does.
struct Carrier<'a> {
    server: &'a Server,
    vendor: OrgId,
    under_way: VecDeque<(&'a Planned, Begun)>,
}

impl<'a> Carrier<'a> {
    fn carry_out(&mut self, planned: &'a Planned) -> Result<(), ImportError> {
        let id = match planned.id {
            Some(id) => id,
            None => {
                let id = OrgId::from_bits(chance());
                let open = org::Command::Open {
                    kind: OrgKind::Partner,
                };
                let name = planned.name.as_str();
                let texts = vec![self.salted(planned, "name", TextKind::Name, name)?];
                self.hand_in(planned, RoomId::org(id), Command::Org(open), texts)?;
                id
            }
        };
        if planned.class_changed {
            let class = org::Class {
                types: planned.types.clone(),
                levels: planned.levels.clone(),
            };
            let classify = Command::Org(org::Command::Classify { org: id, class });
            self.hand_in(planned, RoomId::org(self.vendor), classify, vec![])?;
        }
        if let Some((at, text)) = &planned.description {
            let text = self.salted(planned, "description", TextKind::About, text)?;
            let describe = Command::Profile(profile::Command::Describe { at: *at });
            self.hand_in(planned, RoomId::profile(id), describe, vec![text])?;
        }
        if let Some((at, text)) = &planned.website {
            let text = self.salted(planned, "website", TextKind::Line, text)?;
            let website = Command::Profile(profile::Command::Website { at: *at });
            self.hand_in(planned, RoomId::profile(id), website, vec![text])?;
        }
        Ok(())
    }

    /// A text of a command to come. Where it cannot be, what was handed in before has the first word.
    fn salted(
        &mut self,
        planned: &Planned,
        field: &'static str,
        kind: TextKind,
        text: &str,
    ) -> Result<SaltedText, ImportError> {
        match salted(field, kind, text) {
            Ok(text) => Ok(text),
            Err(rejection) => {
                self.finish()?;
                Err(refused(planned, rejection))
            }
        }
    }

    fn hand_in(
        &mut self,
        planned: &'a Planned,
        room: RoomId,
        what: Command,
        texts: Vec<SaltedText>,
    ) -> Result<(), ImportError> {
        if self.under_way.len() >= IN_FLIGHT_MAX {
            self.take_one()?;
        }
        let begun = self.server.begin(room, what, texts);
        self.under_way.push_back((planned, begun));
        Ok(())
    }

    /// Waits for the answer that was asked for first.
    fn take_one(&mut self) -> Result<(), ImportError> {
        let Some((planned, begun)) = self.under_way.pop_front() else {
            return Ok(());
        };
        let done = begun.wait().map(drop);
        done.map_err(|rejection| refused(planned, rejection))
    }

    fn finish(&mut self) -> Result<(), ImportError> {
        while !self.under_way.is_empty() {
            self.take_one()?;
        }
        Ok(())
    }
}

fn refused(planned: &Planned, rejection: Rejection) -> ImportError {
    ImportError::Refused {
        name: planned.name.to_string(),
        rejection,
    }
}
