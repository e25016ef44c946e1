//! An error in, the sentence for standard error and the exit code out: the one place that maps them.

use std::process::ExitCode;

use jamie::{Error, ErrorKind};

use crate::terminal::Terminal;

/// How the command ended; the numbers are documented in `jamie --help`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Answered.
    Ok = 0,
    /// Something is wrong and the caller wanted to know.
    Unwell = 1,
    /// The question makes no sense as given.
    Usage = 2,
    /// No such thing, or several.
    NotFound = 3,
    /// Not allowed.
    NotAllowed = 4,
    /// Not reachable, failing, or too slow.
    Unreachable = 5,
    /// A configuration file is wrong or missing.
    Config = 6,
    /// A fault in Jamie.
    Internal = 70,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl From<ErrorKind> for Exit {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::InvalidInput | ErrorKind::Unsupported => Self::Usage,
            ErrorKind::NotFound | ErrorKind::Ambiguous => Self::NotFound,
            ErrorKind::Unauthorized | ErrorKind::Forbidden => Self::NotAllowed,
            ErrorKind::Unreachable | ErrorKind::Timeout | ErrorKind::RateLimited | ErrorKind::Unavailable => {
                Self::Unreachable
            }
            ErrorKind::Config => Self::Config,
            _ => Self::Internal,
        }
    }
}

/// Prints an error and its hint, and gives the exit code.
pub(crate) fn report(error: &anyhow::Error, terminal: &Terminal) -> Exit {
    if let Some(error) = error.downcast_ref::<Error>() {
        eprintln!("{} {error}", terminal.palette.error("jamie:"));
        if let Some(hint) = error.hint() {
            eprintln!("  {hint}");
        }
        return error.kind().into();
    }
    if error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
    {
        // `jamie … | head` is nobody's mistake.
        return Exit::Ok;
    }
    eprintln!("{} {error:#}", terminal.palette.error("jamie:"));
    Exit::Internal
}
