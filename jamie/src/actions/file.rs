//! Actions as files: parked, read, replaced if the version fits, listed, and removed when they are long over.

use std::{
    fs, io,
    path::Path,
    time::{Duration, SystemTime},
};

use jamie_core::{Action, Error, ErrorKind, Result, action::ActionState};
use serde::{Deserialize, Serialize};

use super::{faults::failed, folder::Folder};

/// What the files look like; a file of a later look is left alone.
const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct Written<'a> {
    schema: u32,
    action: &'a Action,
}

/// The part of a file that every look of it has.
#[derive(Deserialize)]
struct Label {
    schema: u32,
}

#[derive(Deserialize)]
struct Kept {
    action: Action,
}

/// The actions in a folder, the newest first, and what could not be read.
#[derive(Debug, Default)]
pub(super) struct Listed {
    pub(super) actions: Vec<Action>,
    pub(super) faults: Vec<String>,
}

/// Keeps a new action; the lock is held.
pub(super) fn park(folder: &Folder, action: &Action) -> Result<()> {
    let Some(path) = folder.file(&action.id) else {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            format!("{:?} cannot be an action's id", action.id),
        ));
    };
    if path.exists() {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            format!("there is an action {} already", action.id),
        ));
    }
    write(folder, &path, action)
}

/// The action with this id.
pub(super) fn read(folder: &Folder, id: &str) -> Result<Option<Action>> {
    match folder.file(id) {
        Some(path) => load(&path),
        None => Ok(None),
    }
}

/// Puts an action in the place of the version before it; the lock is held.
pub(super) fn replace(folder: &Folder, action: &Action) -> Result<bool> {
    let Some(path) = folder.file(&action.id) else {
        return Ok(false);
    };
    let next = load(&path)?.and_then(|there| there.version.checked_add(1));
    if next != Some(action.version) {
        return Ok(false);
    }
    write(folder, &path, action)?;
    Ok(true)
}

/// Every action that can be read.
pub(super) fn list(folder: &Folder) -> Result<Listed> {
    let mut listed = Listed::default();
    for path in files(folder)? {
        match load(&path) {
            Ok(Some(action)) => listed.actions.push(action),
            // Removed between the listing and now.
            Ok(None) => {}
            Err(error) => listed.faults.push(format!("{}.", error.message())),
        }
    }
    listed
        .actions
        .sort_unstable_by(|a, b| b.asked_at.cmp(&a.asked_at).then_with(|| a.id.cmp(&b.id)));
    Ok(listed)
}

/// Removes what has been over, or has waited in vain, for longer than it is kept; the lock is held. What cannot be removed
/// stays, and is tried again with the next action.
pub(super) fn prune(folder: &Folder) {
    let old = |path: &Path| {
        let changed = fs::metadata(path).and_then(|metadata| metadata.modified());
        let age = changed.map(|changed| {
            SystemTime::now()
                .duration_since(changed)
                .unwrap_or(Duration::ZERO)
        });
        age.is_ok_and(|age| age > folder.keep)
    };
    for path in files(folder).unwrap_or_default() {
        if !old(&path) {
            continue;
        }
        if let Ok(Some(action)) = load(&path)
            && action.state != ActionState::Running
        {
            let removed =
                fs::remove_file(&path).and_then(|()| match fs::remove_file(folder.lease_file(&action.id)) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                    other => other,
                });
            if let Err(error) = removed {
                tracing::warn!("cannot remove {}: {error}", path.display());
            }
        }
    }
}

fn files(folder: &Folder) -> Result<Vec<std::path::PathBuf>> {
    let root = folder.root();
    let entries = match fs::read_dir(root) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed("read", root, error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| failed("read", root, error))?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    files.sort_unstable();
    Ok(files)
}

fn load(path: &Path) -> Result<Option<Action>> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed("read", path, error)),
    };
    let corrupt = |error: serde_json::Error| {
        Error::new(
            ErrorKind::Internal,
            format!("the action in {} cannot be read: {error}", path.display()),
        )
        .with_hint("move the file away; the audit log beside it says what became of the action")
    };
    let label: Label = serde_json::from_slice(&bytes).map_err(corrupt)?;
    if label.schema > SCHEMA {
        return Err(Error::new(
            ErrorKind::Unsupported,
            format!(
                "the action in {} was written by a newer Jamie (schema {}, I know {SCHEMA})",
                path.display(),
                label.schema
            ),
        )
        .with_hint("use the newer Jamie, or another actions.folder"));
    }
    let kept: Kept = serde_json::from_slice(&bytes).map_err(corrupt)?;
    Ok(Some(kept.action))
}

fn write(folder: &Folder, path: &Path, action: &Action) -> Result<()> {
    let written = Written {
        schema: SCHEMA,
        action,
    };
    let bytes = serde_json::to_vec_pretty(&written).map_err(|error| {
        Error::new(ErrorKind::Internal, "an action cannot be written as JSON").with_source(error)
    })?;
    folder.put(path, &bytes)
}
