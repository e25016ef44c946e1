//! A folder in, the same in a memory out: only what changed is read again, and what is gone goes.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use ignore::WalkBuilder;
use jamie_core::{
    Error, ErrorKind, MemoryStore, Result,
    memory::{Forget, Kind},
};
use jiff::Timestamp;
use serde::Serialize;

use crate::{
    read::{LARGEST, read, too_large},
    shelf,
};

/// The most files of a folder that are looked at.
const MOST_FILES: usize = 50_000;
/// The files that are documents.
const EXTENSIONS: &[&str] = &["md", "markdown", "txt", "rst", "adoc", "html", "htm", "pdf"];

/// What became of a folder.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Report {
    /// Documents that are new.
    pub added: Vec<String>,
    /// Documents that were read again.
    pub changed: Vec<String>,
    /// How many were as they are.
    pub unchanged: usize,
    /// Documents whose file is gone.
    pub removed: Vec<String>,
    /// Files that could not be read, with why.
    pub skipped: Vec<(String, String)>,
}

/// Brings a memory in line with a folder or a git checkout: what `.gitignore` leaves out and hidden files are left out,
/// no link is followed.
pub async fn sync(
    store: &dyn MemoryStore,
    folder: &Path,
    collection: &str,
    person: &str,
    now: Timestamp,
) -> Result<Report> {
    let files = files(folder)?;
    let mut report = Report::default();
    let known: BTreeMap<String, String> = shelf::list(store)
        .await?
        .into_iter()
        .filter(|entry| entry.collection == collection)
        .map(|entry| (entry.source, entry.digest))
        .collect();
    let mut there = BTreeSet::new();
    for relative in files {
        let source = format!("{collection}/{relative}");
        there.insert(source.clone());
        let path = folder.join(&relative);
        let document = match load(&path, &relative).await {
            Ok(document) => document,
            Err(error) => {
                report.skipped.push((relative, error.message().to_owned()));
                continue;
            }
        };
        match known.get(&source) {
            Some(digest) if *digest == document.digest => report.unchanged += 1,
            before => {
                shelf::add(store, &document, &source, collection, person, now).await?;
                if before.is_some() {
                    report.changed.push(source);
                } else {
                    report.added.push(source);
                }
            }
        }
    }
    for source in known.into_keys().filter(|source| !there.contains(source)) {
        store
            .forget(&Forget::group(Kind::Document, source.clone()))
            .await?;
        report.removed.push(source);
    }
    Ok(report)
}

async fn load(path: &Path, relative: &str) -> Result<crate::Source> {
    let (path, relative) = (path.to_owned(), relative.to_owned());
    let loaded = tokio::task::spawn_blocking(move || {
        let failed = |error: std::io::Error| {
            Error::new(
                ErrorKind::InvalidInput,
                format!("{relative} cannot be read: {error}"),
            )
        };
        let length = std::fs::metadata(&path).map_err(failed)?.len();
        if length > LARGEST {
            return Err(too_large(&relative, length));
        }
        read(&relative, &std::fs::read(&path).map_err(failed)?)
    });
    loaded.await.unwrap_or_else(|error| {
        Err(Error::new(
            ErrorKind::Internal,
            format!("reading a document broke off: {error}"),
        ))
    })
}

/// The documents below a folder, by their relative paths, in order.
fn files(folder: &Path) -> Result<Vec<String>> {
    if !folder.is_dir() {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            format!("{} is no folder", folder.display()),
        )
        .with_hint("name a folder or a git checkout; `jamie knowledge add` takes a single file"));
    }
    let mut files = Vec::new();
    let mut seen = 0_usize;
    for entry in WalkBuilder::new(folder)
        .follow_links(false)
        .require_git(false)
        .build()
    {
        seen += 1;
        if seen > MOST_FILES {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                format!(
                    "{} holds more than {MOST_FILES} files; nothing was changed",
                    folder.display()
                ),
            )
            .with_hint("name the folder with the documents in it, or leave the rest out with a .gitignore"));
        }
        let Ok(entry) = entry else { continue };
        let document = entry.file_type().is_some_and(|kind| kind.is_file())
            && entry
                .path()
                .extension()
                .and_then(|extension| extension.to_str())
                .is_some_and(|extension| EXTENSIONS.contains(&extension.to_lowercase().as_str()));
        if let Some(relative) = entry
            .path()
            .strip_prefix(folder)
            .ok()
            .and_then(Path::to_str)
            .filter(|_| document)
        {
            files.push(relative.to_owned());
        }
    }
    files.sort();
    Ok(files)
}

/// A file itself, or the Markdown files below a folder.
pub fn markdown_files(path: &Path) -> Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let markdown = |file: &String| {
        Path::new(file)
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("md"))
    };
    Ok(files(path)?
        .into_iter()
        .filter(markdown)
        .map(|file| path.join(file))
        .collect())
}
