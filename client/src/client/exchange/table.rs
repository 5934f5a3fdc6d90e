//! Reading a foreign file: every row becomes what is wanted here, or is refused with its line, its field, what is wrong and
//! what would be right.

use super::{
    cell,
    date::{self, DateOrder, DayError},
    mapping::{Field, Goal, Mapping, right},
};
use rialto_shared::{
    money::{Currency, Money, MoneyError},
    room::deal::{LostReason, Stage},
    text::{TextError, TextKind, clean},
    time::Date,
};
use std::collections::BTreeMap;

/// Bytes of one file.
pub const FILE_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Rows of one file.
pub const ROWS_MAX: usize = 100_000;

/// What a row wants of a deal. What is absent says nothing: it sets nothing and takes nothing away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Its line in the file.
    pub line: u64,
    /// What the other system calls it.
    pub reference: String,
    /// What it is called.
    pub title: Option<String>,
    /// Who the customer is.
    pub customer: Option<String>,
    /// What the customer needs.
    pub problem: Option<String>,
    /// What is to be done next.
    pub next_step: Option<String>,
    /// What it is worth.
    pub value: Option<Money>,
    /// By which day it is, or was, to be closed.
    pub close: Option<Date>,
    /// How far it is to be.
    pub goal: Option<Goal>,
    /// How far it was before it ended.
    pub reached: Option<Stage>,
    /// Why it was lost.
    pub lost_reason: Option<LostReason>,
    /// The same in words.
    pub lost_words: Option<String>,
    /// What the other system says of it.
    pub imported: Option<String>,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// In which field.
    pub field: String,
    /// What.
    pub wrong: String,
    /// What would be right.
    pub right: String,
}

impl Fault {
    /// A fault.
    #[must_use]
    pub fn new(field: &str, wrong: impl Into<String>, right: impl Into<String>) -> Self {
        Self {
            field: field.to_owned(),
            wrong: wrong.into(),
            right: right.into(),
        }
    }
}

/// A row that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Its line in the file.
    pub line: u64,
    /// What the other system calls it, as far as that can be told.
    pub reference: String,
    /// Why.
    pub fault: Fault,
}

/// What was read.
#[derive(Debug, Default)]
pub struct Table {
    /// The columns' names.
    pub headings: Vec<String>,
    /// Each row as it stands, by its line.
    pub rows: BTreeMap<u64, Vec<String>>,
    /// Those that were understood, in their order.
    pub wanted: Vec<Wanted>,
    /// Those that were not.
    pub refused: Vec<Refused>,
    /// Texts that were cut: line and field.
    pub cut: Vec<(u64, Field)>,
}

/// Reads a table out of memory: UTF-8, with or without a mark at its beginning, with whatever line ends, separated by
/// commas, semicolons or tabs.
///
/// # Errors
/// Why it is no table, or not one with the columns that were named. A row that cannot be understood is no error.
pub fn read(bytes: &[u8], mapping: &Mapping) -> Result<Table, String> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(format!(
            "the file is larger than {} MB: import it in parts",
            FILE_BYTES_MAX / 1024 / 1024
        ));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .delimiter(delimiter(bytes))
        .from_reader(bytes);
    let headings: Vec<String> = reader
        .byte_headers()
        .map_err(|error| format!("the first row must name the columns: {error}"))?
        .iter()
        .map(|name| String::from_utf8_lossy(name).trim().to_owned())
        .collect();
    let columns = columns(&headings, mapping)?;
    let mut table = Table {
        headings,
        ..Table::default()
    };
    let mut lines: BTreeMap<String, u64> = BTreeMap::new();
    let mut place = Place {
        bytes,
        at: 0,
        line: 1,
    };
    for record in reader.byte_records() {
        let record = record.map_err(|error| format!("the file cannot be read: {error}"))?;
        if table.rows.len() >= ROWS_MAX {
            return Err(format!("more than {ROWS_MAX} rows: import them in parts"));
        }
        let line = place.line(&record);
        let cells: Vec<String> = record
            .iter()
            .map(|cell| String::from_utf8_lossy(cell).into_owned())
            .collect();
        let row = Row {
            line,
            cells: &cells,
            columns: &columns,
            mapping,
        };
        let read = utf8(&record).and_then(|()| row.read(&mut table.cut));
        let read = read.and_then(
            |wanted| match lines.insert(wanted.reference.clone(), line) {
                Some(first) => Err(Fault::new(
                    "external_reference",
                    format!("line {first} has the same one"),
                    "one row for each deal",
                )),
                None => Ok(wanted),
            },
        );
        match read {
            Ok(wanted) => table.wanted.push(wanted),
            Err(fault) => table.refused.push(Refused {
                line,
                reference: row
                    .cell(Field::ExternalReference)
                    .unwrap_or_default()
                    .to_owned(),
                fault,
            }),
        }
        table.rows.insert(line, cells);
    }
    Ok(table)
}

fn utf8(record: &csv::ByteRecord) -> Result<(), Fault> {
    if record.iter().all(|cell| std::str::from_utf8(cell).is_ok()) {
        return Ok(());
    }
    let right = "a file saved as UTF-8";
    Err(Fault::new("row", "it holds bytes that are no UTF-8", right))
}

/// Where in the file a record is. The reader counts a line's end of two characters for the record after it.
struct Place<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl Place<'_> {
    /// The line that a record, which comes after the one before, begins on.
    fn line(&mut self, record: &csv::ByteRecord) -> u64 {
        let begins = record.position().map_or(0, csv::Position::byte);
        let begins = usize::try_from(begins).unwrap_or(usize::MAX);
        while let Some(byte) = self.bytes.get(self.at)
            && (self.at < begins || matches!(byte, b'\r' | b'\n'))
        {
            self.at += 1;
            self.line += u64::from(*byte == b'\n');
        }
        self.line
    }
}

/// The one of comma, semicolon and tab that stands most often in the first line.
fn delimiter(bytes: &[u8]) -> u8 {
    let first = bytes
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let count = |wanted: u8| first.iter().filter(|byte| **byte == wanted).count();
    [b';', b'\t', b',']
        .into_iter()
        .max_by_key(|delimiter| count(*delimiter))
        .unwrap_or(b',')
}

fn columns(headings: &[String], mapping: &Mapping) -> Result<BTreeMap<Field, usize>, String> {
    let missing = mapping.missing(headings);
    let there = headings.join(", ");
    if !missing.is_empty() {
        return Err(format!(
            "--map names columns that are not there: {}; the file has {there}",
            missing.join(", ")
        ));
    }
    let mut columns = BTreeMap::new();
    for (place, heading) in headings.iter().enumerate() {
        if let Some(field) = mapping.field(heading)
            && columns.insert(field, place).is_some()
        {
            return Err(format!(
                "two columns are {field}: leave one out with --map \"{heading}=\""
            ));
        }
    }
    if columns.contains_key(&Field::ExternalReference) {
        return Ok(columns);
    }
    Err(format!(
        "no column is external_reference: name the one that identifies a deal with --map COLUMN=external_reference; the \
         file has {there}"
    ))
}

struct Row<'a> {
    line: u64,
    cells: &'a [String],
    columns: &'a BTreeMap<Field, usize>,
    mapping: &'a Mapping,
}

impl Row<'_> {
    /// A cell, unless it is empty or the file has no such column.
    fn cell(&self, field: Field) -> Option<&str> {
        let cell = self.cells.get(*self.columns.get(&field)?)?;
        Some(cell::meant(cell.trim())).filter(|cell| !cell.is_empty())
    }

    fn read(&self, cut: &mut Vec<(u64, Field)>) -> Result<Wanted, Fault> {
        let mut text = |field, kind| self.text(field, kind, cut);
        let reference = text(Field::ExternalReference, TextKind::Title)?;
        let reference = reference.ok_or_else(|| {
            let field = Field::ExternalReference;
            Fault::new(field.into(), "it is empty", right(field))
        })?;
        let mut wanted = Wanted {
            line: self.line,
            reference,
            title: text(Field::Title, TextKind::Title)?,
            customer: text(Field::Customer, TextKind::Name)?,
            problem: text(Field::Problem, TextKind::Body)?,
            next_step: text(Field::NextStep, TextKind::Line)?,
            lost_words: text(Field::LostWords, TextKind::Line)?,
            imported: text(Field::Imported, TextKind::Line)?,
            value: self.value()?,
            close: self.close()?,
            goal: self.closed(Field::Stage, Mapping::goal)?,
            reached: self.closed(Field::Reached, Mapping::reached)?,
            lost_reason: None,
        };
        if let Some(said) = self.cell(Field::LostReason) {
            wanted.lost_reason = self.mapping.reason(said);
            // A reason that has no word here is kept in the other system's own.
            if wanted.lost_reason.is_none() && wanted.lost_words.is_none() {
                wanted.lost_words = text(Field::LostReason, TextKind::Line)?;
            }
        }
        if wanted.imported.is_none() {
            let note = shortened(&clean(TextKind::Line, &self.note()), TextKind::Line);
            wanted.imported = Some(note);
        }
        Ok(wanted)
    }

    /// What the other system says of its past: words, for nothing of it happened here.
    fn note(&self) -> String {
        let mut note = "imported".to_owned();
        for (field, says) in [
            (Field::Stage, "stage there"),
            (Field::Created, "created there"),
            (Field::Close, "close date there"),
        ] {
            if let Some(cell) = self.cell(field) {
                note.push_str(&format!("; {says}: {cell}"));
            }
        }
        note
    }

    fn text(
        &self,
        field: Field,
        kind: TextKind,
        cut: &mut Vec<(u64, Field)>,
    ) -> Result<Option<String>, Fault> {
        let Some(cell) = self.cell(field) else {
            return Ok(None);
        };
        let text = clean(kind, cell);
        match kind.check(&text) {
            Ok(()) => Ok(Some(text)),
            Err(TextError::Empty | TextError::Blank) => Ok(None),
            // A reference that is cut names something else.
            Err(TextError::TooLong { .. } | TextError::TooManyBytes { .. })
                if self.mapping.truncate && field != Field::ExternalReference =>
            {
                cut.push((self.line, field));
                Ok(Some(shortened(&text, kind)))
            }
            Err(error) => Err(Fault::new(
                field.into(),
                error.to_string(),
                format!(
                    "at most {} characters, or --truncate",
                    kind.rule().chars_max
                ),
            )),
        }
    }

    fn closed<T>(
        &self,
        field: Field,
        read: impl Fn(&Mapping, &str) -> Option<T>,
    ) -> Result<Option<T>, Fault> {
        let Some(cell) = self.cell(field) else {
            return Ok(None);
        };
        read(self.mapping, cell).map(Some).ok_or_else(|| {
            let right = format!("{}: --map-value \"{field}.{cell}=WORD\"", right(field));
            Fault::new(field.into(), format!("{cell:?} means nothing here"), right)
        })
    }

    fn close(&self) -> Result<Option<Date>, Fault> {
        let Some(cell) = self.cell(Field::Close) else {
            return Ok(None);
        };
        date::read(cell, self.mapping.order)
            .map(Some)
            .map_err(|error| {
                let right = match error {
                    DayError::Ambiguous(..) => "--date-order mdy, dmy or ymd".to_owned(),
                    DayError::Form if self.mapping.order == DateOrder::Auto => {
                        "a day such as 2026-05-14".to_owned()
                    }
                    DayError::Form => format!("a day in the order {}", self.mapping.order),
                };
                Fault::new(Field::Close.into(), format!("{cell:?}: {error}"), right)
            })
    }

    fn value(&self) -> Result<Option<Money>, Fault> {
        let currency = match self.closed(Field::Currency, Mapping::currency)? {
            Some(currency) => Some(currency),
            None => self.mapping.currency,
        };
        let Some(cell) = self.cell(Field::Value) else {
            return Ok(None);
        };
        let read = amount(cell, currency);
        let negative = |money: &Money| money.minor() < 0;
        match read {
            Ok(money) if negative(&money) => Err(Fault::new(
                Field::Value.into(),
                format!("{cell:?} is less than nothing"),
                "an amount of zero or more, or an empty cell",
            )),
            Ok(money) => Ok(Some(money)),
            Err(error) => Err(Fault::new(
                Field::Value.into(),
                format!("{cell:?}: {error}"),
                "an amount such as 48,000.50, with its currency in the cell, in a column, or by --currency",
            )),
        }
    }
}

/// An amount in a currency that stands beside it, or that the row names elsewhere.
fn amount(cell: &str, currency: Option<Currency>) -> Result<Money, MoneyError> {
    let Some(currency) = currency else {
        return Money::parse(cell);
    };
    let symbol = match currency.as_str() {
        "EUR" => '€',
        "GBP" => '£',
        "JPY" | "CNY" => '¥',
        _ => '$',
    };
    let bare = cell.trim_matches(|c: char| c == symbol || c.is_whitespace());
    match Money::parse(bare) {
        Err(MoneyError::NoCurrency) => Money::parse(&format!("{currency} {bare}")),
        Ok(money) if money.currency() != currency => Err(MoneyError::TwoCurrencies),
        read => read,
    }
}

/// As much of a text as its kind holds.
fn shortened(text: &str, kind: TextKind) -> String {
    let rule = kind.rule();
    if kind.check(text).is_ok() {
        return text.to_owned();
    }
    let mut kept: String = text
        .chars()
        .take(rule.chars_max.saturating_sub(1))
        .collect();
    kept.push('…');
    clean(kind, &kept)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;

    fn mapping() -> Mapping {
        let mut mapping = Mapping::default();
        for column in [
            "Id=external_reference",
            "Name=title",
            "Account=customer",
            "Amount=value",
        ] {
            mapping.column(column).unwrap();
        }
        mapping.currency = "USD".parse().ok();
        mapping
    }

    #[test]
    fn a_foreign_table_is_read_with_its_mark_quotes_and_line_ends() {
        let text = "\u{feff}Id,Name,Account,Amount,Close,Stage\r\n\
                    6-1,\"Line 4, \"\"north\"\"\",Globex,\"$1,234,567.50\",5/14/2026,Committed\r\n\
                    6-2,'=SUM,Initech,,,\r\n";
        let table = read(text.as_bytes(), &mapping()).unwrap();
        assert!(table.refused.is_empty(), "{:?}", table.refused);
        let [first, second] = table.wanted.as_slice() else {
            panic!("two rows");
        };
        assert_eq!(first.title.as_deref(), Some("Line 4, \"north\""));
        assert_eq!(first.value.unwrap().to_string(), "USD 1,234,567.50");
        assert_eq!(first.close.unwrap().to_string(), "2026-05-14");
        assert_eq!(first.goal, Some(Goal::At(Stage::Committed)));
        assert_eq!(second.title.as_deref(), Some("=SUM"));
        let empty = (second.value, second.close, second.goal);
        assert_eq!(empty, (None, None, None), "an empty cell is no zero");
        assert_eq!((first.line, second.line), (2, 3));
    }

    #[test]
    fn a_row_that_cannot_be_understood_says_where_what_and_what_would_be_right() {
        let long = "x".repeat(81);
        let text = format!(
            "Id;Name;Account;Amount;Close;Stage\n\
             ;A;B;;;\n2;A;B;1.000,50;;\n3;A;B;;3/4/2026;\n4;A;B;;;Hot\n5;{long};B;;;\n\
             6;A;B;-5;;\n7;A;B;;;\n7;A;B;;;\n8;A;B;EUR 5;;\n"
        );
        let table = read(text.as_bytes(), &mapping()).unwrap();
        let refused: Vec<(u64, &str)> = table
            .refused
            .iter()
            .map(|row| (row.line, row.fault.field.as_str()))
            .collect();
        let expected = [
            (2, "external_reference"),
            (3, "value"),
            (4, "close"),
            (5, "stage"),
            (6, "title"),
            (7, "value"),
            (9, "external_reference"),
            (10, "value"),
        ];
        assert_eq!(refused, expected);
        assert!(table.refused.iter().all(|row| !row.fault.right.is_empty()));
        assert!(table.refused[3].fault.right.contains("stage.Hot="));
        let cut = Mapping {
            truncate: true,
            ..mapping()
        };
        let table = read(text.as_bytes(), &cut).unwrap();
        assert_eq!(table.cut, [(6, Field::Title)]);
    }

    #[test]
    fn a_table_without_its_columns_is_refused_whole() {
        let none = read(b"a,b\n1,2\n", &Mapping::default()).unwrap_err();
        assert!(none.contains("external_reference") && none.contains("a, b"));
        let missing = read(b"Id,Name\n", &mapping()).unwrap_err();
        assert!(missing.contains("account"), "{missing}");
        let twice = read(b"Id,Name,Account,Amount,Title\n", &mapping()).unwrap_err();
        assert!(twice.contains("Title="), "{twice}");
    }
}
