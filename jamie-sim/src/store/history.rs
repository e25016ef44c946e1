//! The recent past of the store: changes go in, watchers read on from where they stopped, or
//! are told that they fell too far behind.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::Value;

use super::{Key, Store, Stored};

/// How many changes are remembered; a watch from further back gets "410 Gone".
const REMEMBERED: usize = 20_000;

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// It was written over.
    Modified,
    /// It is gone.
    Deleted,
}

/// One change of one object.
#[derive(Clone, Debug)]
pub struct Change {
    /// What happened.
    pub kind: ChangeKind,
    /// The object's address.
    pub key: Key,
    /// The object after the change; for a deletion, as it last was.
    pub object: Arc<Value>,
    /// The object before the change.
    pub previous: Option<Arc<Value>>,
    /// The version of the store that this change made.
    pub resource_version: u64,
    pub(crate) stored: Arc<Stored>,
}

impl Change {
    pub(crate) fn new(
        kind: ChangeKind,
        stored: Arc<Stored>,
        previous: Option<Arc<Value>>,
        resource_version: u64,
    ) -> Self {
        let (key, object) = (stored.key.clone(), Arc::clone(&stored.object));
        Self {
            kind,
            key,
            object,
            previous,
            resource_version,
            stored,
        }
    }
}

/// The watcher fell so far behind that changes were lost: list again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too old resource version")]
pub struct Lagged;

/// A reader of the store's changes, in order.
#[derive(Debug)]
pub struct Subscription {
    store: Store,
    seen: u64,
    ready: VecDeque<Change>,
    newest: tokio::sync::watch::Receiver<u64>,
}

impl Subscription {
    pub(crate) fn new(store: Store, seen: u64, newest: tokio::sync::watch::Receiver<u64>) -> Self {
        Self {
            store,
            seen,
            ready: VecDeque::new(),
            newest,
        }
    }

    /// The next change, waiting for it. After [`Lagged`] the reading goes on from now.
    pub async fn next(&mut self) -> Result<Change, Lagged> {
        loop {
            if let Some(change) = self.try_next()? {
                return Ok(change);
            }
            // The sender lives in the store that we hold, so waiting cannot fail.
            if self.newest.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// The next change if there is one already.
    pub fn try_next(&mut self) -> Result<Option<Change>, Lagged> {
        if self.ready.is_empty() {
            self.newest.mark_unchanged();
            match self.store.after(self.seen, 256) {
                Ok(changes) => self.ready.extend(changes),
                Err(lagged) => {
                    self.seen = self.store.resource_version();
                    return Err(lagged);
                }
            }
        }
        let next = self.ready.pop_front();
        if let Some(change) = &next {
            self.seen = change.resource_version;
        }
        Ok(next)
    }

    /// The resource version of the last change read.
    pub fn resource_version(&self) -> u64 {
        self.seen
    }
}

#[derive(Debug)]
pub(crate) struct History {
    /// Changes after this version are all here.
    start: u64,
    changes: VecDeque<Change>,
}

impl History {
    pub(crate) fn new(start: u64) -> Self {
        Self {
            start,
            changes: VecDeque::new(),
        }
    }

    pub(crate) fn push(&mut self, change: Change) {
        if self.changes.len() >= REMEMBERED
            && let Some(oldest) = self.changes.pop_front()
        {
            self.start = oldest.resource_version;
        }
        self.changes.push_back(change);
    }

    pub(crate) fn reaches(&self, version: u64) -> bool {
        version >= self.start
    }

    pub(crate) fn after(&self, version: u64, limit: usize) -> Result<Vec<Change>, Lagged> {
        if !self.reaches(version) {
            return Err(Lagged);
        }
        let first = self
            .changes
            .partition_point(|change| change.resource_version <= version);
        Ok(self.changes.iter().skip(first).take(limit).cloned().collect())
    }
}
