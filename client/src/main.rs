//! `rialto`: the command line, and the screens where no command is given.

use rialto::cli::{self, Asked};
use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run(std::env::args_os()) {
        Asked::Done(exit) => ExitCode::from(exit.code()),
        Asked::Screens(account) => ExitCode::from(cli::screens(*account).code()),
        // The demo's server and its people live until the screens close.
        #[cfg(feature = "demo")]
        Asked::Demo(demo) => ExitCode::from(cli::screens(demo.account().clone()).code()),
    }
}
