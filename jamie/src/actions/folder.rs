//! The folder of a store: its paths, its lock, its leases, and files written as a whole.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use jamie_core::Result;

use super::faults::failed;

/// A folder of actions.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    root: PathBuf,
    pub(super) keep: Duration,
}

impl Folder {
    pub(super) fn new(root: PathBuf, keep: Duration) -> Self {
        Self { root, keep }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn exists(&self) -> bool {
        self.root.is_dir()
    }

    /// Where an action is kept; nothing for what cannot be an id.
    pub(super) fn file(&self, id: &str) -> Option<PathBuf> {
        let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let fits = (1..=64).contains(&id.len()) && id.chars().all(letters);
        fits.then(|| self.root.join(format!("{id}.json")))
    }

    pub(super) fn audit(&self) -> PathBuf {
        self.root.join("audit.jsonl")
    }

    /// Where the lease of an action is: a file that is locked for as long as somebody has it.
    pub(super) fn lease_file(&self, id: &str) -> PathBuf {
        self.root.join(format!("{id}.lease"))
    }

    /// Keeps every other process and thread from writing until the file is dropped.
    pub(super) fn lock(&self) -> Result<File> {
        self.make()?;
        let path = self.root.join("lock");
        let lock = || {
            let file = private().create(true).truncate(false).write(true).open(&path)?;
            file.lock()?;
            Ok(file)
        };
        lock().map_err(|error| failed("lock", &path, error))
    }

    /// The lease of an action, if nobody has it.
    pub(super) fn lease(&self, id: &str) -> Result<Option<File>> {
        self.make()?;
        if self.file(id).is_none() {
            return Ok(None);
        }
        let path = self.lease_file(id);
        let file = private()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| failed("open", &path, error))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(failed("lock", &path, error)),
        }
    }

    /// Writes a file as a whole: whoever reads it sees what was there before, or all of this.
    pub(super) fn put(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        // One name for everybody: only who holds the lock writes, and what a crash left here is written over.
        let beside = self.root.join("new");
        let write = || {
            let mut file = private().create(true).truncate(true).write(true).open(&beside)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&beside, path)?;
            self.sync()
        };
        write().map_err(|error| failed("write", path, error))
    }

    /// Makes the names in the folder last.
    pub(super) fn sync(&self) -> io::Result<()> {
        File::open(&self.root)?.sync_all()
    }

    fn make(&self) -> Result<()> {
        if self.exists() {
            return Ok(());
        }
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder
            .create(&self.root)
            .map_err(|error| failed("make", &self.root, error))
    }
}

/// A file that nobody else may read.
pub(super) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
