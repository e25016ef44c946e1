//! Where actions wait and their audit is kept: parked actions survive a restart where the store is a lasting one.

use std::{any::Any, fmt};

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Action;
use crate::Result;

/// What happened to an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AuditStep {
    /// It was worked out and parked.
    Parked,
    /// Policy said no.
    Denied,
    /// Somebody approved.
    Approved,
    /// Somebody said no.
    Refused,
    /// Nobody decided in time.
    Expired,
    /// It no longer fits what is there.
    Stale,
    /// It begins to run.
    Started,
    /// Its writes were accepted.
    Written,
    /// A write failed.
    WriteFailed,
    /// Its effect is as wished.
    Succeeded,
    /// Its effect is not.
    Failed,
    /// A run that a crash cut short was found.
    Interrupted,
}

/// One line of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// Which action.
    pub action: String,
    /// What happened.
    pub step: AuditStep,
    /// Who did it; Jamie itself where nobody did.
    pub person: String,
    /// The tool.
    pub tool: String,
    /// What the action is, one sentence.
    pub title: String,
    /// The action's digest.
    pub digest: String,
    /// More, where there is more: a reason, an error.
    pub detail: String,
}

/// The sole right to carry out an action, until it is dropped or the process dies; others may see that a moment later.
pub struct Lease(#[expect(dead_code, reason = "held for its drop")] Box<dyn Any + Send + Sync>);

impl Lease {
    /// A lease that ends when `held` is dropped.
    pub fn new(held: impl Any + Send + Sync) -> Self {
        Self(Box::new(held))
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lease")
    }
}

/// Keeps actions and their audit.
#[async_trait]
pub trait ActionStore: fmt::Debug + Send + Sync {
    /// Keeps a new action. An id that is taken is an error of kind [`crate::ErrorKind::InvalidInput`].
    async fn park(&self, action: Action) -> Result<()>;
    /// The action with this id.
    async fn get(&self, id: &str) -> Result<Option<Action>>;
    /// Actions, the newest first, at most `limit`.
    async fn list(&self, limit: usize) -> Result<Vec<Action>>;
    /// Puts `action`, whose version is one above what is kept, in the place of what is kept: atomically, once.
    /// `false`: somebody else was faster, nothing was written.
    async fn replace(&self, action: Action) -> Result<bool>;
    /// Takes the sole right to carry out an action; nothing while anybody has it, in this process or another. An action
    /// that is [`super::ActionState::Running`] and whose lease can be had is carried out by nobody.
    async fn lease(&self, id: &str) -> Result<Option<Lease>>;
    /// Appends to the audit log; lasting when acknowledged.
    async fn record(&self, entry: AuditEntry) -> Result<()>;
    /// The audit log, the newest first, at most `limit` entries; of one action where it is named.
    async fn audit(&self, action: Option<&str>, limit: usize) -> Result<Vec<AuditEntry>>;
}
