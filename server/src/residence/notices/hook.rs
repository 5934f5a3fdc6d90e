//! The operator's own program: run for each letter, with the letter on its stdin, and judged by how it ends.
//!
//! No shell is between: the program is a path. What it prints goes nowhere, so that it can fill no log; it gets so long and
//! is then killed with everything that it started.

use super::carrier::Undelivered;
use crate::config;
use rustix::process::{Pid, Signal, kill_process_group};
use std::{path::PathBuf, process::Stdio, time::Duration};
use tokio::{
    io::AsyncWriteExt as _,
    process::{Child, Command},
};

/// The way to the operator's program.
#[derive(Debug)]
pub struct Hook {
    program: PathBuf,
    timeout: Duration,
}

impl Hook {
    /// The way as it is configured; none where there is no program.
    #[must_use]
    pub fn open(hook: &config::Hook) -> Option<Self> {
        Some(Self {
            program: hook.program.clone()?,
            timeout: hook.timeout,
        })
    }

    /// Runs it on this: done when it has ended well.
    pub(super) async fn run(&self, letter: &[u8]) -> Result<(), Undelivered> {
        let child = Command::new(&self.program)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .process_group(0)
            .kill_on_drop(true)
            .spawn();
        let child = child.map_err(|error| {
            Undelivered::Unreachable(format!("the program cannot be run: {error}"))
        })?;
        let mut group = Group(child);
        let ended = tokio::time::timeout(self.timeout, group.takes(letter)).await;
        match ended {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(status)) => Err(Undelivered::Later(format!("the program ended: {status}"))),
            Ok(Err(error)) => Err(Undelivered::Later(format!("the program: {error}"))),
            Err(_) => Err(Undelivered::Later(
                "the program took too long and was killed".to_owned(),
            )),
        }
    }
}

/// A program with everything that it started, which ends with it.
struct Group(Child);

impl Group {
    /// A program that reads nothing may still end well.
    async fn takes(&mut self, letter: &[u8]) -> std::io::Result<std::process::ExitStatus> {
        if let Some(mut stdin) = self.0.stdin.take() {
            drop(stdin.write_all(letter).await);
        }
        self.0.wait().await
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let id = self.0.id().and_then(|id| i32::try_from(id).ok());
        if let Some(group) = id.and_then(Pid::from_raw)
            && let Err(error) = kill_process_group(group, Signal::KILL)
        {
            tracing::debug!(%error, "it had ended by itself");
        }
    }
}
