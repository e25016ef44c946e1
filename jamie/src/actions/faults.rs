//! What the file system says in, an error that says what to do out.

use std::{io, path::Path};

use jamie_core::{Error, ErrorKind};

/// The error for something that could not be done with a file.
pub(super) fn failed(what: &str, path: &Path, error: io::Error) -> Error {
    let shown = path.display();
    let (kind, hint) = match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => (
            ErrorKind::Config,
            "actions.folder must name a folder that I may write to",
        ),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => (
            ErrorKind::Unavailable,
            "the disk is full: make room, or set actions.folder to another",
        ),
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => (
            ErrorKind::Config,
            "actions.folder must name a folder; there is a file",
        ),
        _ => (ErrorKind::Internal, "see to the folder that actions.folder names"),
    };
    Error::new(kind, format!("cannot {what} {shown}: {error}"))
        .with_hint(hint)
        .with_source(error)
}
