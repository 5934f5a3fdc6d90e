//! Folding memberships into organisations: pure, so that a dry run says exactly what a run does.

use super::table::{Membership, Read, Refused};
use rialto_shared::{entry::Seq, id::OrgId, standing::PartnerType, text::Text};
use std::collections::{BTreeMap, BTreeSet};

/// Words at the end of a company's name that say what it is in law and not who it is.
const LEGAL: [&str; 21] = [
    "inc",
    "incorporated",
    "llc",
    "ltd",
    "limited",
    "gmbh",
    "ag",
    "sa",
    "sas",
    "sarl",
    "bv",
    "nv",
    "oy",
    "ab",
    "as",
    "kk",
    "plc",
    "corp",
    "corporation",
    "co",
    "srl",
];

/// Names on one domain beyond which it is a host of many and no hint.
const DOMAIN_NAMES_MAX: usize = 4;

/// An organisation as it stands before the import.
#[derive(Debug, Clone)]
pub struct Known {
    /// Which.
    pub id: OrgId,
    /// Whether somebody answers there: then its faces are its own.
    pub claimed: bool,
    /// Its types.
    pub types: BTreeSet<PartnerType>,
    /// Its programs.
    pub levels: BTreeMap<Text, Option<Text>>,
    /// Its description, and the entry that set it.
    pub description: (Seq, Option<String>),
    /// Its site, and the entry that set it.
    pub website: (Seq, Option<String>),
}

/// An organisation as it is to be.
#[derive(Debug, Clone)]
pub struct Planned {
    /// Which; `None` where it is new.
    pub id: Option<OrgId>,
    /// Its name, as first written.
    pub name: Text,
    /// Its types.
    pub types: BTreeSet<PartnerType>,
    /// Its programs.
    pub levels: BTreeMap<Text, Option<Text>>,
    /// Whether types or programs are to be recorded.
    pub class_changed: bool,
    /// A description to set, and the entry that it replaces.
    pub description: Option<(Seq, String)>,
    /// A site to set, and the entry that it replaces.
    pub website: Option<(Seq, String)>,
    /// A look-alike of its name is taken by another organisation.
    pub taken: bool,
    lines: Vec<(u64, Did)>,
}

/// What a row did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Did {
    Created,
    Merged,
    Unchanged,
}

/// What an import does, or would do.
#[derive(Debug, Default)]
pub struct Plan {
    /// Rows of the file.
    pub rows: usize,
    /// Rows that began an organisation.
    pub created: usize,
    /// Rows that added something to one.
    pub merged: usize,
    /// Rows that said nothing new.
    pub unchanged: usize,
    /// Rows that were refused.
    pub refused: Vec<Refused>,
    /// The organisations that are touched.
    pub planned: Vec<Planned>,
    /// Texts that were cut: line and field.
    pub cut: Vec<(u64, &'static str)>,
    /// Names that are probably the same organisation, and why one may think so. Nothing is merged.
    pub alike: Vec<(Vec<String>, String)>,
    /// Names that were taken as one organisation although they are written differently.
    pub spelled: Vec<Vec<String>>,
}

/// A name as it is compared: case and spaces do not count.
#[must_use]
pub fn normal(name: &str) -> String {
    name.to_lowercase()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// A name without what it is in law and without punctuation.
fn bare(name: &str) -> String {
    let letters: String = name
        .to_lowercase()
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    let mut words: Vec<&str> = letters.split_whitespace().collect();
    while words.len() > 1 && words.last().is_some_and(|word| LEGAL.contains(word)) {
        words.pop();
    }
    words.concat()
}

/// Folds what was read into what is known.
#[must_use]
pub fn plan(read: Read, known: &BTreeMap<String, Known>) -> Plan {
    let chosen = choose(&read.taken);
    let mut orgs: BTreeMap<String, Planned> = BTreeMap::new();
    for row in &read.taken {
        let key = normal(row.name.as_str());
        let had = known.get(&key);
        let first = !orgs.contains_key(&key);
        let org = orgs.entry(key.clone()).or_insert_with(|| begin(row, had));
        let mut did = org.take(row, chosen.get(&key), had);
        if first && had.is_none() {
            did = Did::Created;
        }
        org.lines.push((row.line, did));
    }
    let (alike, spelled) = (alike(&read.taken), spelled(&read.taken));
    let mut plan = Plan {
        rows: read.rows,
        refused: read.refused,
        planned: orgs.into_values().collect(),
        cut: read.cut,
        alike,
        spelled,
        ..Plan::default()
    };
    plan.count();
    plan
}

/// What a file says of an organisation where its rows differ: the first that says something.
#[derive(Debug, Default)]
struct Chosen<'a> {
    levels: BTreeMap<&'a Text, &'a Text>,
    description: Option<&'a Text>,
    domain: Option<&'a Text>,
}

fn choose(rows: &[Membership]) -> BTreeMap<String, Chosen<'_>> {
    let mut all: BTreeMap<String, Chosen<'_>> = BTreeMap::new();
    for row in rows {
        let chosen = all.entry(normal(row.name.as_str())).or_default();
        if let Some((program, Some(level))) = &row.program {
            chosen.levels.entry(program).or_insert(level);
        }
        chosen.description = chosen.description.or(row.description.as_ref());
        chosen.domain = chosen.domain.or(row.domain.as_ref());
    }
    all
}

fn begin(row: &Membership, had: Option<&Known>) -> Planned {
    Planned {
        id: had.map(|known| known.id),
        name: row.name.clone(),
        types: had.map(|known| known.types.clone()).unwrap_or_default(),
        levels: had.map(|known| known.levels.clone()).unwrap_or_default(),
        class_changed: false,
        description: None,
        website: None,
        taken: false,
        lines: Vec::new(),
    }
}

impl Planned {
    fn take(&mut self, row: &Membership, chosen: Option<&Chosen<'_>>, had: Option<&Known>) -> Did {
        let mut changed = false;
        for kind in &row.types {
            changed |= self.types.insert(*kind);
        }
        if let Some((program, _)) = &row.program {
            let level = chosen.and_then(|chosen| chosen.levels.get(program).copied());
            let stands = self.levels.get(program);
            // A file without a level takes none away.
            let new = stands.is_none()
                || level.is_some_and(|level| stands.and_then(Option::as_ref) != Some(level));
            if new {
                self.levels.insert(program.clone(), level.cloned());
                changed = true;
            }
        }
        self.class_changed |= changed;
        // What a claimed organisation says of itself is its own.
        if had.is_none_or(|known| !known.claimed) {
            let face = |stated: Option<&(Seq, Option<String>)>, new: Option<&Text>| {
                let (at, text) = stated.cloned().unwrap_or((Seq::ZERO, None));
                let new = new.filter(|new| text.as_deref() != Some(new.as_str()))?;
                Some((at, new.to_string()))
            };
            if self.description.is_none() {
                let new = chosen.and_then(|chosen| chosen.description);
                self.description = face(had.map(|known| &known.description), new);
                changed |= self.description.is_some();
            }
            if self.website.is_none() {
                let new = chosen.and_then(|chosen| chosen.domain);
                self.website = face(had.map(|known| &known.website), new);
                changed |= self.website.is_some();
            }
        }
        if changed { Did::Merged } else { Did::Unchanged }
    }

    const fn touched(&self) -> bool {
        self.id.is_none()
            || self.class_changed
            || self.description.is_some()
            || self.website.is_some()
    }
}

impl Plan {
    fn count(&mut self) {
        let did = |plan: &Self, what| {
            plan.planned
                .iter()
                .flat_map(|org| &org.lines)
                .filter(|(_, did)| *did == what)
                .count()
        };
        self.created = did(self, Did::Created);
        self.merged = did(self, Did::Merged);
        self.unchanged = did(self, Did::Unchanged);
    }

    /// Refuses the rows of organisations whose name looks like one that is taken, and forgets what is not touched.
    pub fn refuse_taken(&mut self) {
        let (taken, free): (Vec<_>, Vec<_>) = std::mem::take(&mut self.planned)
            .into_iter()
            .partition(|org| org.taken);
        for org in taken {
            let why = "organization: looks like the name of an organisation that is here already"
                .to_owned();
            let name = org.name.to_string();
            let lines = org.lines.into_iter();
            self.refused.extend(lines.map(|(line, _)| Refused {
                line,
                name: name.clone(),
                why: why.clone(),
            }));
        }
        self.planned = free;
        self.count();
        self.planned.retain(Planned::touched);
    }

    /// Whether every row is accounted for.
    #[must_use]
    pub const fn adds_up(&self) -> bool {
        self.created + self.merged + self.unchanged + self.refused.len() == self.rows
    }
}

fn spelled(rows: &[Membership]) -> Vec<Vec<String>> {
    let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in rows {
        names
            .entry(normal(row.name.as_str()))
            .or_default()
            .insert(row.name.to_string());
    }
    names
        .into_values()
        .filter(|names| names.len() > 1)
        .map(|names| names.into_iter().collect())
        .collect()
}

fn alike(rows: &[Membership]) -> Vec<(Vec<String>, String)> {
    let (mut by_name, mut by_domain) = (BTreeMap::<String, _>::new(), BTreeMap::<String, _>::new());
    for row in rows {
        let name = normal(row.name.as_str());
        let as_written = row.name.to_string();
        by_name
            .entry(bare(row.name.as_str()))
            .or_insert_with(BTreeMap::new)
            .insert(name.clone(), as_written.clone());
        if let Some(domain) = &row.domain {
            by_domain
                .entry(domain.as_str().to_lowercase())
                .or_insert_with(BTreeMap::new)
                .insert(name, as_written);
        }
    }
    let mut alike = Vec::new();
    for names in by_name.into_values().filter(|names| names.len() > 1) {
        alike.push((
            names.into_values().collect(),
            "the same name but for punctuation or legal form".to_owned(),
        ));
    }
    for (domain, names) in by_domain {
        if names.len() > 1 && names.len() <= DOMAIN_NAMES_MAX {
            alike.push((
                names.into_values().collect(),
                format!("the same domain, {domain}"),
            ));
        }
    }
    alike
}
