//! The demo from the command line: the screens over an invented ecosystem, with `--headless` what is in one, and
//! with `--screens` the screens that README shows.

use super::{
    Asked, args,
    exit::{Exit, Failure},
    output::Output,
};
use crate::demo::{Demo, DemoError, screens};
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
    if asked.screens {
        let screens = screens()?;
        output.data(&json!({ "screens": screens }), screens.trim_end())?;
        return Ok(Asked::Done(Exit::Ok));
    }
    let mut demo = Demo::start(asked.player, asked.data.as_deref())?;
    if !asked.headless {
        demo.liven()?;
        return Ok(Asked::Demo(Box::new(demo)));
    }
    let counts = demo.verify()?;
    let account = demo.account();
    // A folder that goes with this process is nobody's to look into.
    let folder = (!demo.passes()).then_some(&account.dir);
    let place = folder.map_or_else(
        || "nothing of it is kept: --data DIR keeps it".to_owned(),
        |folder| format!("account {} in {}", account.name, folder.display()),
    );
    output.data(
        &json!({
            "orgs": counts.orgs, "people": counts.people, "rooms": counts.rooms, "entries": counts.entries,
            "statements": counts.statements, "account": account.name, "folder": folder,
        }),
        &format!(
            "{} organisations, {} people, {} rooms, {} entries, {} signatures: all verified\n{place}",
            counts.orgs, counts.people, counts.rooms, counts.entries, counts.statements,
        ),
    )?;
    Ok(Asked::Done(Exit::Ok))
}
