//! `rialtod import`: the file's whole path and the mapping, as they were typed.

use clap::{Args, Subcommand};
use rialto_server::admin::{ImportOrder, Request};
use std::{io, path::PathBuf};

#[derive(Debug, Subcommand)]
pub(crate) enum Import {
    /// Organisations from a CSV file: a row is a membership in a program, an organisation is its name.
    ///
    /// Prints every row that was refused, every text that was cut, and the sum: created + merged + unchanged + refused =
    /// rows. A second import of the same file changes nothing. Exit code 4 where rows were refused.
    Orgs(Orgs),
}

#[derive(Debug, Args)]
pub(crate) struct Orgs {
    /// The file; a running server reads it itself.
    file: PathBuf,
    /// Which column holds a field: organization, domain, partner_type, program, tier or description.
    #[arg(long, value_name = "FIELD=COLUMN")]
    map: Vec<String>,
    /// What a value of the type column means: a type of partner, or none.
    #[arg(long, value_name = "partner_type.VALUE=TYPE")]
    map_value: Vec<String>,
    /// Say what an import would do, and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Cut texts that are too long, and report them, instead of refusing their rows.
    #[arg(long)]
    truncate: bool,
    /// As JSON, for programs.
    #[arg(long)]
    pub(crate) json: bool,
}

impl Orgs {
    /// The request, which holds in whichever folder the server runs.
    ///
    /// # Errors
    /// Where there is no such file, or its path is no Unicode.
    pub(crate) fn request(&self) -> io::Result<Request> {
        let file = std::fs::canonicalize(&self.file)?;
        let file = file.to_str().ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidInput, "the path is not Unicode")
        })?;
        Ok(Request::ImportOrgs(ImportOrder {
            file: file.to_owned(),
            columns: self.map.clone(),
            values: self.map_value.clone(),
            truncate: self.truncate,
            dry: self.dry_run,
        }))
    }

    /// For messages.
    pub(crate) fn file(&self) -> String {
        self.file.display().to_string()
    }
}
