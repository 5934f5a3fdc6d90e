//! The one place that prints: data to stdout, talk to stderr.

use std::{
    fmt::Display,
    io::{self, Write as _},
};

/// What a run ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0.
    Done,
    /// 1.
    Failed,
    /// 3.
    NotRunning,
    /// 4.
    Refused,
    /// 5.
    Damaged,
    /// 6.
    Broken,
}

impl Exit {
    /// The number; 2 is the grammar's own.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::NotRunning => 3,
            Self::Refused => 4,
            Self::Damaged => 5,
            Self::Broken => 6,
        }
    }
}

/// For programs and pipes, as it is.
///
/// # Errors
/// Where stdout takes no more, but for a pipe that was closed: whoever reads `| head` has what they want.
pub(crate) fn data(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// For the person, a line.
pub(crate) fn talk(words: impl Display) {
    // Where stderr is gone nobody is left to tell.
    drop(writeln!(io::stderr().lock(), "{words}"));
}
