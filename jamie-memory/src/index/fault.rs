//! What LanceDB says went wrong in, an error that says what to do out.

use std::future::Future;

use jamie_core::{Error, ErrorKind, Result};
use object_store::Error as Stored;

/// What is said of an index that cannot be read.
const DAMAGED: &str = "is damaged";

pub(super) fn fault(error: lancedb::Error) -> Error {
    use lancedb::Error as Lance;
    const ELSEWHERE: &str = "searching goes on in the records; check memory.index and its keys";
    let (kind, what, hint) = match (&error, stored(&error)) {
        (Lance::TableCorrupted { .. }, _) => (
            ErrorKind::Config,
            DAMAGED,
            "it is rebuilt from the records, which are whole",
        ),
        (Lance::Timeout { .. }, _) => (
            ErrorKind::Timeout,
            "did not answer in time",
            "searching goes on in the records; try again in a moment",
        ),
        (_, Some(Stored::PermissionDenied { .. } | Stored::Unauthenticated { .. })) => {
            (ErrorKind::Forbidden, "is not for these keys", ELSEWHERE)
        }
        (Lance::CreateDir { .. }, _) | (_, Some(Stored::Generic { .. })) => {
            (ErrorKind::Unreachable, "cannot be reached", ELSEWHERE)
        }
        (Lance::NotSupported { .. }, _) => (
            ErrorKind::Unsupported,
            "has a form that this Jamie does not know",
            "searching goes on in the records; start the Jamie that wrote it, or set memory.index to another place",
        ),
        _ => (
            ErrorKind::Unavailable,
            "failed",
            "searching goes on in the records; `jamie memory rebuild` builds it anew",
        ),
    };
    Error::new(
        kind,
        format!("the search index {what}: {}", short(&error.to_string())),
    )
    .with_hint(hint)
    .with_source(error)
}

/// What the store of the files said, somewhere below what LanceDB makes of it.
fn stored(error: &lancedb::Error) -> Option<&Stored> {
    let mut below: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = below {
        if let Some(stored) = error.downcast_ref::<Stored>() {
            return Some(stored);
        }
        below = error.source();
    }
    None
}

/// Whether it lies in what was read, as far as an error can tell: neither in the way to it nor in who asks.
pub(super) fn is_about_content(error: &Error) -> bool {
    !is_foreign(error)
        && !matches!(
            error.kind(),
            ErrorKind::Unreachable | ErrorKind::Timeout | ErrorKind::Forbidden | ErrorKind::Unsupported
        )
}

/// Whether what is there is no index of ours.
pub(super) fn is_foreign(error: &Error) -> bool {
    error.kind() == ErrorKind::Config && error.message().contains("other columns")
}

/// Whether a table is there already.
pub(super) fn is_there(error: &Error) -> bool {
    use std::error::Error as _;
    let source = error.source().and_then(|source| source.downcast_ref());
    matches!(source, Some(lancedb::Error::TableAlreadyExists { .. }))
}

/// Runs something of LanceDB's on its own: files that are cut short have made it panic.
pub(super) async fn guarded<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    tokio::spawn(work).await.unwrap_or_else(|_| {
        Err(
            Error::new(ErrorKind::Config, format!("the search index {DAMAGED}"))
                .with_hint("searching goes on in the records; `jamie memory rebuild` builds it anew"),
        )
    })
}

/// What it says can be pages long.
fn short(text: &str) -> String {
    const LONGEST: usize = 300;
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}
