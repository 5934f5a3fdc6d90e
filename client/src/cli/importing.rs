//! `rialto deal import` and `rialto deal upsert`: another system's deals come in, by its own references.

use super::{
    Context,
    exit::{Exit, Failure},
    nouns::one_of,
};
use crate::{
    client::{Client, ClientError},
    exchange::{
        cell::{harmless, meant},
        date::DateOrder,
        mapping::{Goal, Mapping},
        reconcile::Setting,
        run::{Came, forecast, run},
        table::{FILE_BYTES_MAX, Fault, Refused, Table, Wanted, read},
    },
};
use clap::Args as ClapArgs;
use indicatif::{ProgressBar, ProgressStyle};
use rialto_shared::{
    id::MemberId,
    limits,
    money::{Currency, Money},
    room::deal::{LostReason, Presence, Stage},
    text::{TextKind, clean},
    time::Date,
};
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Read as _,
    path::{Path, PathBuf},
};

#[derive(Debug, ClapArgs)]
pub(super) struct Import {
    /// A table with a row for each deal, as CSV; the first row names the columns.
    pub(super) file: PathBuf,
    /// Which column is which field, such as "Opportunity ID=external_reference"; "COLUMN=" leaves one out. A column of a
    /// field's own name needs none.
    #[arg(long, value_name = "COLUMN=FIELD")]
    pub(super) map: Vec<String>,
    /// What a value means, such as "stage.Closed Won=won"; for stage, reached, lost_reason and currency.
    #[arg(long, value_name = "FIELD.VALUE=WORD")]
    pub(super) map_value: Vec<String>,
    /// In which order days are written: auto, mdy, dmy or ymd.
    #[arg(long, default_value_t, value_parser = one_of::<DateOrder>)]
    pub(super) date_order: DateOrder,
    /// The currency of amounts that name none.
    #[arg(long)]
    pub(super) currency: Option<Currency>,
    /// Cut texts that are too long, and say so, instead of refusing their rows.
    #[arg(long)]
    pub(super) truncate: bool,
    /// Say what would be done, and do nothing.
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Write the refused rows here, as they were, with what is wrong with them.
    #[arg(long, value_name = "FILE")]
    pub(super) refused: Option<PathBuf>,
    /// How the vendor is present in deals that are opened: in_room, on_call or not_present.
    #[arg(long, default_value = "not_present", value_parser = one_of::<Presence>)]
    pub(super) presence: Presence,
    /// How many commands may be on their way at once.
    #[arg(long, default_value_t = limits::LANE_UNANSWERED_MAX)]
    pub(super) window: usize,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Upsert {
    /// What your own system calls the deal. Nobody outside your organisation sees it.
    #[arg(long, value_name = "REF")]
    pub(super) external_ref: String,
    #[arg(long)]
    pub(super) title: Option<String>,
    #[arg(long)]
    pub(super) customer: Option<String>,
    /// The customer's problem.
    #[arg(long)]
    pub(super) problem: Option<String>,
    /// What it is worth, such as "EUR 48,000".
    #[arg(long, value_parser = Money::parse)]
    pub(super) value: Option<Money>,
    /// By which day it is, or was, to be closed.
    #[arg(long)]
    pub(super) close: Option<Date>,
    /// What is to be done next.
    #[arg(long)]
    pub(super) next: Option<String>,
    /// How far it is; you sign it.
    #[arg(long, value_parser = one_of::<Stage>, conflicts_with_all = ["won", "lost"])]
    pub(super) stage: Option<Stage>,
    /// It is won: it ends; you sign it.
    #[arg(long, conflicts_with = "lost")]
    pub(super) won: bool,
    /// It is lost, for this reason: it ends; you sign it.
    #[arg(long, value_name = "REASON", value_parser = one_of::<LostReason>)]
    pub(super) lost: Option<LostReason>,
    /// Why it was lost, in a line.
    #[arg(long, requires = "lost")]
    pub(super) lost_words: Option<String>,
    /// How the vendor is present, where it is opened: in_room, on_call or not_present.
    #[arg(long, default_value = "not_present", value_parser = one_of::<Presence>)]
    pub(super) presence: Presence,
}

fn usage(words: impl Into<String>) -> Failure {
    Failure::new(Exit::Usage, words)
}

fn setting(client: &Client, presence: Presence) -> Setting {
    let about = &client.console().account().about;
    let people: BTreeSet<MemberId> = BTreeSet::new();
    Setting {
        me: about.member,
        own: about.org,
        presence,
        people,
    }
}

impl Upsert {
    fn wanted(&self) -> Result<Wanted, Failure> {
        let text = |field: &str, kind: TextKind, given: &str| {
            let text = clean(kind, given);
            kind.check(&text)
                .map_err(|error| usage(format!("{field} {error}")))?;
            Ok::<_, Failure>(text)
        };
        let some = |field: &str, kind, given: &Option<String>| {
            given
                .as_deref()
                .map(|given| text(field, kind, given))
                .transpose()
        };
        let goal = match (self.won, self.lost) {
            (true, _) => Some(Goal::Won),
            (false, Some(_)) => Some(Goal::Lost),
            (false, None) => self.stage.map(Goal::At),
        };
        Ok(Wanted {
            line: 0,
            reference: text("--external-ref", TextKind::Title, &self.external_ref)?,
            title: some("--title", TextKind::Title, &self.title)?,
            customer: some("--customer", TextKind::Name, &self.customer)?,
            problem: some("--problem", TextKind::Body, &self.problem)?,
            next_step: some("--next", TextKind::Line, &self.next)?,
            value: self.value,
            close: self.close,
            goal,
            reached: None,
            lost_reason: self.lost,
            lost_words: some("--lost-words", TextKind::Line, &self.lost_words)?,
            imported: None,
        })
    }
}

/// Has one deal as the command line says, opened where it is not here yet.
pub(super) async fn upsert(
    context: &Context,
    mut client: Client,
    asked: Upsert,
) -> Result<(), Failure> {
    let wanted = [asked.wanted()?];
    let setting = setting(&client, asked.presence);
    let mut told = |_| {};
    let came = run(&mut client, &wanted, &setting, 1, &mut told).await?;
    let [wanted] = wanted;
    for one in came {
        let (deal, result) = match one {
            Came::Created(deal) => (deal, "created"),
            Came::Updated(deal) => (deal, "updated"),
            Came::Unchanged(deal) => (deal, "unchanged"),
            Came::Refused(fault) => {
                let words = format!("{}: {}; right is {}", fault.field, fault.wrong, fault.right);
                return Err(Failure::new(Exit::Refused, words));
            }
        };
        context.output.data(
            &json!({"deal": deal, "external_reference": wanted.reference, "result": result}),
            &format!("{deal}  {}  {result}", wanted.reference),
        )?;
    }
    Ok(client.close()?)
}

/// What is in a file, unless it is larger than a table may be.
fn bytes_of(path: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |error: std::io::Error| usage(format!("{}: {error}", path.display()));
    let mut bytes = vec![];
    let most = u64::try_from(FILE_BYTES_MAX).unwrap_or(u64::MAX);
    let file = fs::File::open(path).map_err(failed)?;
    file.take(most.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    Ok(bytes)
}

fn mapping(asked: &Import) -> Result<Mapping, Failure> {
    let mut mapping = Mapping {
        order: asked.date_order,
        currency: asked.currency,
        truncate: asked.truncate,
        ..Mapping::default()
    };
    for text in &asked.map {
        mapping.column(text).map_err(usage)?;
    }
    for text in &asked.map_value {
        mapping.value(text).map_err(usage)?;
    }
    Ok(mapping)
}

/// A bar on a terminal, and nothing elsewhere.
fn bar(rows: usize) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(rows).unwrap_or(u64::MAX));
    let style = ProgressStyle::with_template("{bar:30} {pos} of {len} rows, {eta} left");
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// What a file came to.
#[derive(Debug, Default)]
struct Report {
    rows: usize,
    created: usize,
    updated: usize,
    unchanged: usize,
    refused: Vec<Refused>,
}

impl Report {
    fn of(table: &Table, came: Vec<Came>) -> Self {
        let mut report = Self {
            rows: table.rows.len(),
            refused: table.refused.clone(),
            ..Self::default()
        };
        for (wanted, one) in table.wanted.iter().zip(came) {
            match one {
                Came::Created(_) => report.created += 1,
                Came::Updated(_) => report.updated += 1,
                Came::Unchanged(_) => report.unchanged += 1,
                Came::Refused(fault) => report.refused.push(Refused {
                    line: wanted.line,
                    reference: wanted.reference.clone(),
                    fault,
                }),
            }
        }
        report.refused.sort_by_key(|row| row.line);
        report
    }

    fn print(&self, context: &Context, table: &Table, dry: bool) -> Result<(), Failure> {
        let row = |refused: &Refused| {
            let Fault {
                field,
                wrong,
                right,
            } = &refused.fault;
            let json = json!({"line": refused.line, "external_reference": refused.reference,
                "field": field, "wrong": wrong, "right": right});
            let words = format!(
                "line {}  {}  {field}: {wrong}; right is {right}",
                refused.line, refused.reference
            );
            (json, words)
        };
        let (refusals, mut lines): (Vec<_>, Vec<_>) = self.refused.iter().map(row).unzip();
        let mut cut: BTreeMap<String, usize> = BTreeMap::new();
        for (_, field) in &table.cut {
            *cut.entry(field.to_string()).or_default() += 1;
        }
        lines.extend(
            cut.iter()
                .map(|(field, count)| format!("{field} was cut in {count} rows")),
        );
        let refused = self.refused.len();
        lines.push(format!(
            "{}created {} + updated {} + unchanged {} + refused {refused} = {} rows",
            if dry { "would be: " } else { "" },
            self.created,
            self.updated,
            self.unchanged,
            self.rows
        ));
        context.output.data(
            &json!({"created": self.created, "updated": self.updated, "unchanged": self.unchanged,
                "refused": refused, "rows": self.rows, "cut": cut, "dry_run": dry, "refusals": refusals}),
            &lines.join("\n"),
        )
    }

    /// The refused rows as they stood, each with what is wrong, for a person to mend and import.
    fn write_refused(&self, table: &Table, path: &Path) -> Result<(), Failure> {
        let failed =
            |error: String| Failure::new(Exit::Failure, format!("{}: {error}", path.display()));
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(vec![]);
        let because = "refused_because".to_owned();
        let headings = table.headings.iter().cloned().chain([because]);
        let mut written = writer.write_record(headings);
        for refused in &self.refused {
            let fault = &refused.fault;
            let why = format!("{}: {}; right is {}", fault.field, fault.wrong, fault.right);
            let mut cells = table.rows.get(&refused.line).cloned().unwrap_or_default();
            cells.resize(table.headings.len(), String::new());
            let cells = cells.iter().map(|cell| harmless(meant(cell)).into_owned());
            written = written.and_then(|()| writer.write_record(cells.chain([why])));
        }
        written.map_err(|error| failed(error.to_string()))?;
        let bytes = writer
            .into_inner()
            .map_err(|error| failed(error.to_string()))?;
        fs::write(path, bytes).map_err(|error| failed(error.to_string()))
    }
}

/// Has every row's deal here, and says what came of each.
pub(super) async fn import(
    context: &Context,
    mut client: Client,
    asked: Import,
) -> Result<(), Failure> {
    let table = read(&bytes_of(&asked.file)?, &mapping(&asked)?).map_err(usage)?;
    let setting = setting(&client, asked.presence);
    let came = if asked.dry_run {
        forecast(&client, &table.wanted, &setting)
    } else {
        let bar = bar(table.wanted.len());
        let mut done = 0;
        let mut told = |rows: usize| {
            done = rows;
            bar.set_position(u64::try_from(rows).unwrap_or(u64::MAX));
        };
        let came = run(
            &mut client,
            &table.wanted,
            &setting,
            asked.window,
            &mut told,
        )
        .await;
        bar.finish_and_clear();
        came.map_err(|error| cut_off(error, done, table.rows.len()))?
    };
    let report = Report::of(&table, came);
    report.print(context, &table, asked.dry_run)?;
    if let Some(path) = &asked.refused {
        report.write_refused(&table, path)?;
    }
    client.close()?;
    match report.refused.len() {
        0 => Ok(()),
        count => Err(Failure::new(
            Exit::Refused,
            format!("{count} rows were refused"),
        )),
    }
}

fn cut_off(error: ClientError, done: usize, rows: usize) -> Failure {
    let mut failure = Failure::from(error);
    failure.words = format!(
        "{} after {done} of {rows} rows: the same import again goes on from there and doubles nothing",
        failure.words
    );
    failure
}
