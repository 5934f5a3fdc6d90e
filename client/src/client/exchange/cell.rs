//! Cells that a spreadsheet takes for formulas.
//!
//! A cell that begins with one of = + - @, their full-width forms, a tab or a carriage return gets an apostrophe before it;
//! so does one that begins with apostrophes and then one of these. Reading takes exactly one apostrophe off such a cell
//! again, so that what was written comes back, and a cell such as `'s-Hertogenbosch` is nobody's formula and stays.

use std::borrow::Cow;

/// What a spreadsheet begins to reckon at.
const TRIGGERS: [char; 10] = [
    '=', '+', '-', '@', '\t', '\r', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
];

fn triggers(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(TRIGGERS)
}

/// The cell as it is written.
#[must_use]
pub fn harmless(cell: &str) -> Cow<'_, str> {
    if triggers(cell) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// The cell as it was meant.
#[must_use]
pub fn meant(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if triggers(rest) => rest,
        Some(_) | None => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formulas_are_made_harmless_and_nothing_else_is_touched() {
        for (cell, written) in [
            ("=1+1", "'=1+1"),
            ("+49 30", "'+49 30"),
            ("-5", "'-5"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("'=1", "''=1"),
            ("'s-Hertogenbosch", "'s-Hertogenbosch"),
            ("''", "''"),
            ("a=1", "a=1"),
            ("", ""),
        ] {
            assert_eq!(harmless(cell), written);
            assert_eq!(meant(written), cell);
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_no_formula_and_comes_back(cell in "['=+@\t\ra-]{0,6}|\\PC{0,20}") {
            let written = harmless(&cell);
            prop_assert!(!written.starts_with(TRIGGERS));
            prop_assert_eq!(meant(&written), cell.as_str());
        }
    }
}
