//! The operator's import: an order becomes a mapping, a plan becomes a report.

use crate::{
    admin::{Alike, CutText, ImportOrder, ImportReport, RefusedRow, Trouble},
    import::{
        self, ImportError,
        plan::Plan,
        table::{Mapping, MappingError},
    },
    server::Server,
};
use rialto_shared::rejection::Refusal;
use std::path::Path;

pub(super) fn carry_out(server: &Server, order: &ImportOrder) -> Result<ImportReport, Trouble> {
    let file = Path::new(&order.file);
    if !file.is_absolute() {
        // The server's present folder is nobody's idea of where a file is.
        return Err(Trouble::refused(
            "import.file",
            "file",
            "name the file by its whole path",
        ));
    }
    let mapping = mapping(order)?;
    let plan = import::import(server, file, &mapping, order.dry)?;
    Ok(report(plan, order.dry))
}

fn mapping(order: &ImportOrder) -> Result<Mapping, Trouble> {
    let mut mapping = Mapping {
        truncate: order.truncate,
        ..Mapping::default()
    };
    let wrong = |error: MappingError| Trouble::refused("import.map", "map", error.to_string());
    for column in &order.columns {
        mapping.column(column).map_err(wrong)?;
    }
    for value in &order.values {
        mapping.value(value).map_err(wrong)?;
    }
    Ok(mapping)
}

impl From<ImportError> for Trouble {
    fn from(error: ImportError) -> Self {
        let words = error.to_string();
        match error {
            ImportError::Table(_) => Self::refused("import.file", "file", words),
            ImportError::NoVendor => Self::refused("import.vendor", "vendor", words),
            ImportError::Ledger(error) => error.into(),
            ImportError::Refused { rejection, .. } => {
                let refusal = Refusal::from(&rejection);
                let words =
                    format!("{words}; what came before it stands, and the import may be run again");
                Self::Refused(Refusal { words, ..refusal })
            }
        }
    }
}

fn report(mut plan: Plan, dry: bool) -> ImportReport {
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    plan.refused.sort_by_key(|row| row.line);
    let refused = plan.refused.into_iter().map(|row| RefusedRow {
        line: row.line,
        name: row.name,
        why: row.why,
    });
    let cut = plan.cut.into_iter().map(|(line, field)| CutText {
        line,
        field: field.to_owned(),
    });
    let alike = plan
        .alike
        .into_iter()
        .map(|(names, why)| Alike { names, why });
    ImportReport {
        dry,
        rows: count(plan.rows),
        created: count(plan.created),
        merged: count(plan.merged),
        unchanged: count(plan.unchanged),
        refused: refused.collect(),
        cut: cut.collect(),
        spelled: plan.spelled,
        alike: alike.collect(),
    }
}
