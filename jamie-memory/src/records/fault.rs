//! What a database says went wrong in, an error that says what to do out.

use jamie_core::{Error, ErrorKind};
use sqlx::migrate::MigrateError;

/// The error behind what a database said about the store at `place`, which holds no secret.
pub(crate) fn fault(error: sqlx::Error, place: &str) -> Error {
    let (kind, what, hint) = match &error {
        sqlx::Error::Database(said) => {
            let code = said.code().unwrap_or_default();
            match told(&code) {
                Some((kind, what, hint)) => (kind, what.to_owned(), hint),
                None => (
                    ErrorKind::Internal,
                    format!("refused: {}", said.message()),
                    REPORT,
                ),
            }
        }
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) => (
            ErrorKind::Unreachable,
            "cannot be reached".to_owned(),
            "check that the server runs and that memory.url or memory.folder names it",
        ),
        sqlx::Error::PoolTimedOut => (
            ErrorKind::Timeout,
            "did not answer in time".to_owned(),
            "it may be overloaded or out of reach; try again in a moment",
        ),
        sqlx::Error::Protocol(_) => (
            ErrorKind::Unavailable,
            "broke off in the middle".to_owned(),
            "try again in a moment",
        ),
        sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => (
            ErrorKind::Unavailable,
            "was closed".to_owned(),
            "start Jamie again",
        ),
        sqlx::Error::Configuration(said) => (
            ErrorKind::Config,
            format!("cannot be opened: {said}"),
            "memory.url is written postgres://user:password@host/database",
        ),
        other => (ErrorKind::Internal, format!("failed: {other}"), REPORT),
    };
    Error::new(kind, format!("the memory {place} {what}"))
        .with_hint(hint)
        .with_source(error)
}

const REPORT: &str = "this is a fault in Jamie or in the file; `jamie memory status` shows what is there";

/// What a code of `SQLite` (a number) or of `PostgreSQL` (five characters) means.
fn told(code: &str) -> Option<(ErrorKind, &'static str, &'static str)> {
    const FULL: &str = "cannot grow: the disk is full";
    const MAKE_ROOM: &str = "make room; nothing that was acknowledged is lost";
    // The primary code of SQLite is in the lowest byte of an extended one.
    if let Ok(number) = code.parse::<u32>()
        && code.len() < 5
    {
        return Some(match number & 0xff {
            5 | 6 => (
                ErrorKind::Unavailable,
                "is locked by another process",
                "try again; if it stays so, see which process holds the file",
            ),
            8 | 14 => (
                ErrorKind::Forbidden,
                "cannot be written",
                "give Jamie the right to write to the folder, or set memory.folder to another",
            ),
            10 => (
                ErrorKind::Unavailable,
                "cannot be read or written: the disk fails",
                "check the disk and the file system",
            ),
            11 | 26 => (
                ErrorKind::Config,
                "is damaged",
                "move the file away and put a backup in its place; without one, Jamie begins a new memory. The damaged \
                 file is left as it is",
            ),
            13 => (ErrorKind::Unavailable, FULL, MAKE_ROOM),
            _ => return None,
        });
    }
    Some(match code {
        "53100" => (ErrorKind::Unavailable, FULL, MAKE_ROOM),
        "42501" => (
            ErrorKind::Forbidden,
            "does not let this user in",
            "grant the user the right to create tables in the schema that memory.schema names",
        ),
        "3D000" => (
            ErrorKind::Config,
            "has no such database",
            "create the database that memory.url names",
        ),
        code if code.starts_with("28") => (
            ErrorKind::Unauthorized,
            "does not know this user or password",
            "check the user and the password in memory.url",
        ),
        code if ["57", "53", "08", "40"]
            .iter()
            .any(|class| code.starts_with(class)) =>
        {
            (
                ErrorKind::Unavailable,
                "cannot answer just now",
                "try again in a moment",
            )
        }
        _ => return None,
    })
}

/// The error behind a migration that did not work.
pub(crate) fn migration(error: MigrateError, place: &str) -> Error {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => fault(error, place),
        MigrateError::VersionMissing(version) | MigrateError::VersionTooNew(version, _) => Error::new(
            ErrorKind::Config,
            format!("the memory {place} was written by a newer Jamie (its schema is {version})"),
        )
        .with_hint("start that newer version, or set memory.folder or memory.schema to another place"),
        other => Error::new(
            ErrorKind::Config,
            format!("the memory {place} has a schema that this Jamie does not know: {other}"),
        )
        .with_hint("set memory.folder or memory.schema to another place, or put a backup there"),
    }
}
