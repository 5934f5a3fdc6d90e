//! An import as the operator orders it, and as it is reported: every row of the file is accounted for.

use serde::{Deserialize, Serialize};

/// Which file, and how its columns and values are read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportOrder {
    /// The file's whole path: the server reads it, wherever the operator's shell is.
    pub file: String,
    /// `FIELD=COLUMN` each.
    pub columns: Vec<String>,
    /// `partner_type.VALUE=TYPE` each.
    pub values: Vec<String>,
    /// Texts that are too long are cut and reported, not refused.
    pub truncate: bool,
    /// Nothing is written.
    pub dry: bool,
}

/// What an import did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// Nothing was written.
    pub dry: bool,
    /// Rows of the file, its headings not counted.
    pub rows: u64,
    /// Rows that made an organisation.
    pub created: u64,
    /// Rows that added to one.
    pub merged: u64,
    /// Rows that said nothing new.
    pub unchanged: u64,
    /// Rows that were not taken.
    pub refused: Vec<RefusedRow>,
    /// Texts that were cut.
    pub cut: Vec<CutText>,
    /// Names that were taken as one although they are written differently.
    pub spelled: Vec<Vec<String>>,
    /// Names that are likely one organisation; nothing was merged.
    pub alike: Vec<Alike>,
}

/// A row that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedRow {
    /// Its line in the file.
    pub line: u64,
    /// The name in it, as far as it can be shown.
    pub name: String,
    /// Why.
    pub why: String,
}

/// A text that was cut.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CutText {
    /// Its line in the file.
    pub line: u64,
    /// Which field.
    pub field: String,
}

/// Organisations that are likely one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alike {
    /// Their names.
    pub names: Vec<String>,
    /// What they have in common.
    pub why: String,
}

impl ImportReport {
    /// Whether every row is accounted for.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        let refused = u64::try_from(self.refused.len()).unwrap_or(u64::MAX);
        let parts = [self.created, self.merged, self.unchanged, refused];
        parts
            .into_iter()
            .try_fold(0_u64, u64::checked_add)
            .is_some_and(|sum| sum == self.rows)
    }

    /// The sum, in words that say so where it does not hold.
    pub(super) fn sum(&self) -> String {
        let sign = if self.adds_up() { "=" } else { "IS NOT" };
        format!(
            "created {} + merged {} + unchanged {} + refused {} {sign} {} rows",
            self.created,
            self.merged,
            self.unchanged,
            self.refused.len(),
            self.rows
        )
    }

    /// What a program may want line by line: kind, place, what, separated by tabs.
    pub(super) fn lines(&self) -> String {
        let refused = self.refused.iter().map(|row| {
            let (line, name, why) = (row.line, &row.name, &row.why);
            format!("refused\tline {line}\t{name}\t{why}\n")
        });
        let cut = self
            .cut
            .iter()
            .map(|text| format!("cut\tline {}\t{}\n", text.line, text.field));
        let spelled = self
            .spelled
            .iter()
            .map(|names| format!("spelled\t{}\n", names.join(" | ")));
        let alike = self
            .alike
            .iter()
            .map(|alike| format!("alike\t{}\t{}\n", alike.names.join(" | "), alike.why));
        let all = refused.chain(cut).chain(spelled).chain(alike);
        all.chain([format!("{}\n", self.sum())]).collect()
    }

    /// What the person is told beside it.
    pub(super) fn words(&self) -> String {
        let done = if self.dry {
            "nothing was written: this is what an import would do"
        } else {
            "imported"
        };
        format!(
            "{done}; {} texts cut, {} names spelled differently, {} likely duplicates left as they are",
            self.cut.len(),
            self.spelled.len(),
            self.alike.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_that_does_not_hold_says_so() {
        let mut report = ImportReport {
            dry: false,
            rows: 4,
            created: 1,
            merged: 1,
            unchanged: 1,
            refused: vec![RefusedRow {
                line: 7,
                name: "Oak".to_owned(),
                why: "organization: is empty".to_owned(),
            }],
            cut: vec![],
            spelled: vec![],
            alike: vec![],
        };
        assert!(report.adds_up());
        let lines = report.lines();
        assert!(lines.starts_with("refused\tline 7\tOak\t"), "{lines}");
        assert!(lines.ends_with("created 1 + merged 1 + unchanged 1 + refused 1 = 4 rows\n"));
        report.rows = 5;
        assert!(!report.adds_up() && report.sum().contains("IS NOT 5 rows"));
        report.created = u64::MAX;
        assert!(!report.adds_up());
    }
}
