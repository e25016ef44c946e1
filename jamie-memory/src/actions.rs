//! A place of records in, the actions that wait there out: changes that replicas decide about and carry out together.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use jamie_core::{
    Action, ActionStore, Result,
    action::{AuditEntry, Lease},
};
use tokio::sync::OnceCell;

use crate::RecordsAt;

/// Actions beside the records, in the same database. It is opened when it is first needed; while it cannot be, every
/// call says why and tries again.
#[derive(Debug)]
pub struct Actions {
    at: RecordsAt,
    keep: Duration,
    opened: OnceCell<Arc<dyn ActionStore>>,
}

impl Actions {
    /// Actions at a place. What has been over for longer than `keep` is removed; the audit stays.
    pub fn new(at: RecordsAt, keep: Duration) -> Self {
        Self {
            at,
            keep,
            opened: OnceCell::new(),
        }
    }

    async fn opened(&self) -> Result<&Arc<dyn ActionStore>> {
        self.opened
            .get_or_try_init(|| self.at.open_actions(self.keep))
            .await
    }
}

#[async_trait]
impl ActionStore for Actions {
    async fn park(&self, action: Action) -> Result<()> {
        self.opened().await?.park(action).await
    }

    async fn get(&self, id: &str) -> Result<Option<Action>> {
        self.opened().await?.get(id).await
    }

    async fn list(&self, limit: usize) -> Result<Vec<Action>> {
        self.opened().await?.list(limit).await
    }

    async fn replace(&self, action: Action) -> Result<bool> {
        self.opened().await?.replace(action).await
    }

    async fn lease(&self, id: &str) -> Result<Option<Lease>> {
        self.opened().await?.lease(id).await
    }

    async fn record(&self, entry: AuditEntry) -> Result<()> {
        self.opened().await?.record(entry).await
    }

    async fn audit(&self, action: Option<&str>, limit: usize) -> Result<Vec<AuditEntry>> {
        self.opened().await?.audit(action, limit).await
    }
}
