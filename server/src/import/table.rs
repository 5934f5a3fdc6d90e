//! Reading the table: columns by name, values by mapping, every cell through the same border as everybody's text.

use rialto_shared::{
    standing::PartnerType,
    text::{Text, TextError, TextKind, clean},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

/// Bytes of one file.
pub const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Rows of one file.
pub const ROWS_MAX: usize = 100_000;
/// Bytes of one cell.
pub const CELL_BYTES_MAX: usize = 64 * 1024;

/// What a column may hold.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantNames,
)]
#[strum(serialize_all = "snake_case")]
pub enum Field {
    /// The organisation's name.
    Organization,
    /// Its domain or site.
    Domain,
    /// Its type of partner; several with `;` between them.
    PartnerType,
    /// A program that it is in.
    Program,
    /// Its level in that program.
    Tier,
    /// What it is.
    Description,
}

/// How a file's columns and values are read.
#[derive(Debug, Clone, Default)]
pub struct Mapping {
    /// Field → the column's name, where it is not the field's.
    pub columns: BTreeMap<Field, String>,
    /// A value of the type column → a type, or none.
    pub types: BTreeMap<String, Option<PartnerType>>,
    /// Whether a text that is too long is cut, and reported, instead of refused.
    pub truncate: bool,
}

/// Why a mapping cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// Not `FIELD=COLUMN`.
    #[error(
        "--map {0}: FIELD=COLUMN is right, with a field out of organization, domain, partner_type, program, tier, description"
    )]
    Column(String),
    /// Not `partner_type.VALUE=TYPE`.
    #[error("--map-value {0}: partner_type.VALUE=TYPE is right, with a type of partner or none")]
    Value(String),
}

impl Mapping {
    /// Takes `FIELD=COLUMN` in.
    ///
    /// # Errors
    /// When it is not of that form.
    pub fn column(&mut self, text: &str) -> Result<(), MappingError> {
        let wrong = || MappingError::Column(text.to_owned());
        let (field, column) = text.split_once('=').ok_or_else(wrong)?;
        let field = field.trim().parse().map_err(|_| wrong())?;
        self.columns.insert(field, column.trim().to_owned());
        Ok(())
    }

    /// Takes `partner_type.VALUE=TYPE` in; the type may be `none`.
    ///
    /// # Errors
    /// When it is not of that form.
    pub fn value(&mut self, text: &str) -> Result<(), MappingError> {
        let wrong = || MappingError::Value(text.to_owned());
        let (value, kind) = text.split_once('=').ok_or_else(wrong)?;
        let value = value
            .trim()
            .strip_prefix("partner_type.")
            .ok_or_else(wrong)?;
        let kind = match kind.trim() {
            "none" => None,
            other => Some(other.parse().map_err(|_| wrong())?),
        };
        self.types.insert(value.to_lowercase(), kind);
        Ok(())
    }

    fn kind(&self, value: &str) -> Option<Option<PartnerType>> {
        self.types
            .get(&value.to_lowercase())
            .copied()
            .or_else(|| value.parse().ok().map(Some))
    }
}

/// Why a file is no table.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// It cannot be read.
    #[error("{path}: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// It is too large.
    #[error("the file is larger than {} MB", FILE_BYTES_MAX / 1024 / 1024)]
    TooLarge,
    /// A column that is needed is missing.
    #[error(
        "there is no column {wanted:?}; the file has {found}: name it with --map {field}=COLUMN"
    )]
    Column {
        /// Which field.
        field: &'static str,
        /// The column that was looked for.
        wanted: String,
        /// The columns that there are.
        found: String,
    },
    /// Two rows of headings, or none.
    #[error("the first row must name the columns: {0}")]
    Headings(String),
}

/// A row that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// Its line in the file.
    pub line: u64,
    /// The organisation's name.
    pub name: Text,
    /// Its domain, as written.
    pub domain: Option<Text>,
    /// Types of partner.
    pub types: BTreeSet<PartnerType>,
    /// A program and the level in it.
    pub program: Option<(Text, Option<Text>)>,
    /// What it is.
    pub description: Option<Text>,
}

/// A row that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Its line in the file.
    pub line: u64,
    /// The name in it, as far as it can be shown.
    pub name: String,
    /// Why.
    pub why: String,
}

/// What was read.
#[derive(Debug, Default)]
pub struct Read {
    /// Rows, the first with the columns' names not counted.
    pub rows: usize,
    /// Those that were taken.
    pub taken: Vec<Membership>,
    /// Those that were refused.
    pub refused: Vec<Refused>,
    /// Texts that were cut: line and field.
    pub cut: Vec<(u64, &'static str)>,
}

/// Reads a file.
///
/// # Errors
/// When it is no table with the columns needed. A row that cannot be taken is no error.
pub fn read(path: &Path, mapping: &Mapping) -> Result<Read, TableError> {
    let file = |error| TableError::File {
        path: path.to_owned(),
        error,
    };
    if std::fs::metadata(path).map_err(file)?.len() > FILE_BYTES_MAX {
        return Err(TableError::TooLarge);
    }
    let bytes = std::fs::read(path).map_err(file)?;
    read_bytes(&bytes, mapping)
}

/// Reads a table out of memory: see [`read`].
///
/// # Errors
/// See [`read`].
pub fn read_bytes(bytes: &[u8], mapping: &Mapping) -> Result<Read, TableError> {
    // A spreadsheet's byte order mark is not part of the first column's name.
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let headings = reader
        .headers()
        .map_err(|error| TableError::Headings(error.to_string()))?
        .clone();
    let columns = Columns::find(&headings, mapping)?;
    let mut read = Read::default();
    let mut record = csv::ByteRecord::new();
    loop {
        match reader.read_byte_record(&mut record) {
            Ok(false) => return Ok(read),
            Ok(true) => {}
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                read.rows += 1;
                read.refused.push(Refused {
                    line,
                    name: String::new(),
                    why: error.to_string(),
                });
                if error.is_io_error() {
                    return Ok(read);
                }
                continue;
            }
        }
        read.rows += 1;
        let line = record.position().map_or(0, csv::Position::line);
        if read.rows > ROWS_MAX {
            let why = format!("a file holds at most {ROWS_MAX} rows");
            read.refused.push(Refused {
                line,
                name: String::new(),
                why,
            });
            continue;
        }
        match row(&record, &columns, mapping, line, &mut read.cut) {
            Ok(membership) => read.taken.push(membership),
            Err((name, why)) => read.refused.push(Refused { line, name, why }),
        }
    }
}

/// Where each field stands.
struct Columns(BTreeMap<Field, usize>);

impl Columns {
    fn find(headings: &csv::StringRecord, mapping: &Mapping) -> Result<Self, TableError> {
        let fields = [
            Field::Organization,
            Field::Domain,
            Field::PartnerType,
            Field::Program,
            Field::Tier,
            Field::Description,
        ];
        let mut columns = BTreeMap::new();
        for field in fields {
            let name: &'static str = field.into();
            let wanted = mapping.columns.get(&field).map_or(name, String::as_str);
            let place = headings
                .iter()
                .position(|heading| heading.trim().eq_ignore_ascii_case(wanted));
            let needed = field == Field::Organization || mapping.columns.contains_key(&field);
            match place {
                Some(place) => drop(columns.insert(field, place)),
                None if needed => {
                    let shown: Vec<String> = headings.iter().take(20).map(show).collect();
                    let found = shown.join(", ");
                    return Err(TableError::Column {
                        field: name,
                        wanted: wanted.to_owned(),
                        found,
                    });
                }
                None => {}
            }
        }
        Ok(Self(columns))
    }
}

/// A piece of a file that was not accepted, fit to be shown.
fn show(text: &str) -> String {
    clean(TextKind::Line, text).chars().take(60).collect()
}

/// The name as far as it can be shown, and why the row was refused.
type No = (String, String);

fn row(
    record: &csv::ByteRecord,
    columns: &Columns,
    mapping: &Mapping,
    line: u64,
    cut: &mut Vec<(u64, &'static str)>,
) -> Result<Membership, No> {
    let shown = columns
        .0
        .get(&Field::Organization)
        .and_then(|place| record.get(*place));
    let shown = shown.map_or(String::new(), |bytes| {
        show(&String::from_utf8_lossy(
            bytes.get(..bytes.len().min(400)).unwrap_or_default(),
        ))
    });
    let no = |why: String| (shown.clone(), why);
    let mut cell = |field: Field, kind: TextKind| -> Result<Option<Text>, No> {
        let Some(bytes) = columns.0.get(&field).and_then(|place| record.get(*place)) else {
            return Ok(None);
        };
        let name: &'static str = field.into();
        if bytes.len() > CELL_BYTES_MAX {
            return Err(no(format!(
                "{name}: a cell holds at most {CELL_BYTES_MAX} bytes, this one {}",
                bytes.len()
            )));
        }
        let raw = std::str::from_utf8(bytes).map_err(|_| no(format!("{name}: not UTF-8")))?;
        if raw.contains('\0') {
            return Err(no(format!("{name}: holds a NUL")));
        }
        let cleaned = clean(kind, raw);
        if cleaned.is_empty() {
            return Ok(None);
        }
        match kind.parse(&cleaned) {
            Ok(text) => Ok(Some(text)),
            Err(TextError::TooLong { max }) if mapping.truncate => {
                cut.push((line, name));
                let short: String = cleaned.chars().take(max).collect();
                kind.parse(clean(kind, &short).as_str())
                    .map(Some)
                    .map_err(|error| no(format!("{name}: {error}")))
            }
            Err(error) => Err(no(format!("{name}: {error}"))),
        }
    };
    let name = cell(Field::Organization, TextKind::Name)?;
    let name = name.ok_or_else(|| no("organization: is empty".to_owned()))?;
    let domain = cell(Field::Domain, TextKind::Line)?;
    let kinds = cell(Field::PartnerType, TextKind::Line)?;
    let program = cell(Field::Program, TextKind::Name)?;
    let tier = cell(Field::Tier, TextKind::Name)?;
    let description = cell(Field::Description, TextKind::About)?;
    let types = types(kinds.as_ref(), mapping).map_err(no)?;
    Ok(Membership {
        line,
        name,
        domain,
        types,
        program: program.map(|program| (program, tier)),
        description,
    })
}

/// The types in a cell, several with `;` between them.
fn types(cell: Option<&Text>, mapping: &Mapping) -> Result<BTreeSet<PartnerType>, String> {
    let mut types = BTreeSet::new();
    for value in cell
        .into_iter()
        .flat_map(|cell| cell.as_str().split(';'))
        .map(str::trim)
    {
        match mapping.kind(value) {
            Some(kind) => types.extend(kind),
            None => {
                let how = format!("map it with --map-value partner_type.{value}=TYPE, or =none");
                return Err(format!(
                    "partner_type: {value:?} is no type of partner; {how}"
                ));
            }
        }
    }
    Ok(types)
}
