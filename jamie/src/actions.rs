//! Actions in a folder: one file each and an audit log, shared by any number of processes, durable when acknowledged.
//!
//! Every write is made under the lock of the folder. A file is replaced as a whole (written beside, synced, renamed,
//! the folder synced), so that a reader sees the old or the new one, whatever dies in between.

mod audit;
mod faults;
mod file;
mod folder;

use std::{path::PathBuf, time::Duration};

use async_trait::async_trait;
use jamie_core::{
    Action, ActionStore, Error, ErrorKind, Result,
    action::{AuditEntry, Lease},
};

use self::folder::Folder;

/// Actions in a folder.
#[derive(Debug, Clone)]
pub struct FileActions {
    folder: Folder,
}

impl FileActions {
    /// The store in this folder, which is made with the first write. What has been over for longer than `keep` is
    /// removed; the audit log stays.
    pub fn new(folder: impl Into<PathBuf>, keep: Duration) -> Self {
        Self {
            folder: Folder::new(folder.into(), keep),
        }
    }

    /// What is wrong in the folder, one sentence each: files that cannot be read, lines that a crash has torn.
    pub async fn faults(&self) -> Result<Vec<String>> {
        self.blocking(|folder| {
            let mut faults = file::list(folder)?.faults;
            faults.extend(audit::faults(folder)?);
            Ok(faults)
        })
        .await
    }

    /// Does something with the folder where waiting for a disk keeps nobody else from working.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Folder) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let folder = self.folder.clone();
        tokio::task::spawn_blocking(move || work(&folder))
            .await
            .unwrap_or_else(|error| {
                Err(Error::new(
                    ErrorKind::Internal,
                    "the store of actions stopped with a fault of its own",
                )
                .with_source(error))
            })
    }
}

#[async_trait]
impl ActionStore for FileActions {
    async fn park(&self, action: Action) -> Result<()> {
        self.blocking(move |folder| {
            let _lock = folder.lock()?;
            file::prune(folder);
            file::park(folder, &action)
        })
        .await
    }

    async fn get(&self, id: &str) -> Result<Option<Action>> {
        let id = id.to_owned();
        self.blocking(move |folder| file::read(folder, &id)).await
    }

    async fn list(&self, limit: usize) -> Result<Vec<Action>> {
        self.blocking(move |folder| {
            let mut listed = file::list(folder)?;
            for fault in &listed.faults {
                tracing::warn!("{fault}");
            }
            listed.actions.truncate(limit);
            Ok(listed.actions)
        })
        .await
    }

    async fn replace(&self, action: Action) -> Result<bool> {
        self.blocking(move |folder| {
            if !folder.exists() {
                return Ok(false);
            }
            let _lock = folder.lock()?;
            file::replace(folder, &action)
        })
        .await
    }

    async fn lease(&self, id: &str) -> Result<Option<Lease>> {
        let id = id.to_owned();
        self.blocking(move |folder| Ok(folder.lease(&id)?.map(Lease::new)))
            .await
    }

    async fn record(&self, entry: AuditEntry) -> Result<()> {
        self.blocking(move |folder| {
            let _lock = folder.lock()?;
            audit::append(folder, &entry)
        })
        .await
    }

    async fn audit(&self, action: Option<&str>, limit: usize) -> Result<Vec<AuditEntry>> {
        let action = action.map(str::to_owned);
        self.blocking(move |folder| audit::newest(folder, action.as_deref(), limit))
            .await
    }
}
