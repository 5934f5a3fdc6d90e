//! What the command line says of itself: man pages and completions.

use super::{Cli, output};
use anyhow::Context as _;
use clap::CommandFactory as _;
use clap_complete::{Shell, generate};
use std::{fs, path::Path};

/// Prints what completes this program's command lines in a shell.
pub(crate) fn completions(shell: Shell) -> anyhow::Result<()> {
    let mut text = Vec::new();
    generate(shell, &mut Cli::command(), "rialtod", &mut text);
    output::data(&String::from_utf8_lossy(&text))?;
    Ok(())
}

/// Prints the program's own page, or writes its page and one for each command into a folder.
pub(crate) fn man(folder: Option<&Path>) -> anyhow::Result<()> {
    if let Some(folder) = folder {
        let of = || format!("{} cannot be written", folder.display());
        fs::create_dir_all(folder).with_context(of)?;
        return clap_mangen::generate_to(Cli::command(), folder).with_context(of);
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut page)?;
    output::data(&String::from_utf8_lossy(&page))?;
    Ok(())
}
