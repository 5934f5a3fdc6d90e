//! The demo from the command line: the screens over an invented ecosystem, or with `--headless` what is in one.

use super::{
    Asked, args,
    exit::{Exit, Failure},
    output::Output,
};
use crate::demo::{Demo, DemoError};
use serde_json::json;

impl From<DemoError> for Failure {
    fn from(error: DemoError) -> Self {
        let exit = if matches!(error, DemoError::Taken(_)) {
            Exit::Usage
        } else {
            Exit::Failure
        };
        Self::new(exit, error.to_string())
    }
}

pub(super) fn begin(asked: &args::Demo, output: Output) -> Result<Asked, Failure> {
    let mut demo = Demo::start(asked.player, asked.data.as_deref())?;
    if !asked.headless {
        demo.liven()?;
        return Ok(Asked::Demo(Box::new(demo)));
    }
    let counts = demo.verify()?;
    let account = demo.account();
    output.data(
        &json!({
            "orgs": counts.orgs, "people": counts.people, "rooms": counts.rooms, "entries": counts.entries,
            "statements": counts.statements, "account": account.name, "folder": account.dir,
        }),
        &format!(
            "{} organisations, {} people, {} rooms, {} entries, {} signatures: all verified\naccount {} in {}",
            counts.orgs,
            counts.people,
            counts.rooms,
            counts.entries,
            counts.statements,
            account.name,
            account.dir.display()
        ),
    )?;
    Ok(Asked::Done(Exit::Ok))
}
