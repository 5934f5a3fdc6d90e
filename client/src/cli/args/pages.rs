//! What the command line says of itself: man pages and completions.

use super::Args;
use crate::cli::{
    exit::{Exit, Failure},
    output::Output,
};
use clap::CommandFactory as _;
use clap_complete::{Shell, generate};
use serde_json::json;
use std::{fs, io, path::Path};

/// Prints what completes this program's command lines in a shell.
pub(in crate::cli) fn completions(output: Output, shell: Shell) -> Result<(), Failure> {
    let mut text = Vec::new();
    generate(shell, &mut Args::command(), "rialto", &mut text);
    let text = String::from_utf8_lossy(&text);
    output.data(&json!({ "completions": text }), text.trim_end())
}

/// Prints the program's own page, or writes its page and one for each command into a folder.
pub(in crate::cli) fn man(output: Output, folder: Option<&Path>) -> Result<(), Failure> {
    let of = |error: io::Error| Failure::new(Exit::Failure, format!("man pages: {error}"));
    if let Some(folder) = folder {
        fs::create_dir_all(folder).map_err(of)?;
        clap_mangen::generate_to(Args::command(), folder).map_err(of)?;
        let place = folder.display().to_string();
        return output.data(&json!({ "folder": place }), &place);
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(Args::command())
        .render(&mut page)
        .map_err(of)?;
    let page = String::from_utf8_lossy(&page);
    output.data(&json!({ "man": page }), page.trim_end())
}
