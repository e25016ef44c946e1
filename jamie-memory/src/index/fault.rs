//! What LanceDB says went wrong in, an error that says what to do out.

use std::future::Future;

use jamie_core::{Error, ErrorKind, Result};

/// What is said of an index that cannot be read.
const DAMAGED: &str = "is damaged";

pub(super) fn fault(error: lancedb::Error) -> Error {
    use lancedb::Error as Lance;
    let (kind, what, hint) = match &error {
        Lance::TableCorrupted { .. } => (
            ErrorKind::Config,
            DAMAGED,
            "it is rebuilt from the records, which are whole",
        ),
        Lance::Timeout { .. } => (
            ErrorKind::Timeout,
            "did not answer in time",
            "searching goes on in the records; try again in a moment",
        ),
        Lance::ObjectStore { .. } | Lance::CreateDir { .. } => (
            ErrorKind::Unreachable,
            "cannot be reached",
            "searching goes on in the records; check memory.index and its keys",
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

/// Whether what is there cannot be read, and never will be.
pub(super) fn is_damage(error: &Error) -> bool {
    error.message().contains(DAMAGED)
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
            Error::new(ErrorKind::Unavailable, "the search index cannot be read")
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
