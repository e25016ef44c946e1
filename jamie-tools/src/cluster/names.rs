//! The names of what exists, for linking words to objects: taken from the last look at the cluster.

use std::sync::{Arc, Mutex, Weak};

use async_trait::async_trait;
use jamie_core::{Directory, Names, Person, Result, Scope};

use super::{Cluster, Freshness};
use crate::snapshot::Snapshot;

/// The names of the last snapshot that somebody asked them of.
#[derive(Debug, Default)]
pub(super) struct NamesCache(Mutex<Option<(Weak<Snapshot>, Arc<Names>)>>);

#[async_trait]
impl Directory for Cluster {
    async fn names(&self, person: &Person, scope: &Scope) -> Result<Arc<Names>> {
        match self.seen_by(person)? {
            Some(theirs) => theirs.names_here(scope).await,
            None => self.names_here(scope).await,
        }
    }
}

impl Cluster {
    /// The names as this connection sees them.
    async fn names_here(&self, scope: &Scope) -> Result<Arc<Names>> {
        // A namespace may be a guess at what a word means: a wrong one is not asked for again and again.
        let guess = scope
            .namespace
            .as_deref()
            .filter(|namespace| self.newly_include(namespace));
        let snapshot = self.snapshot(Freshness::Recent).await.inspect_err(|_| {
            if let Some(namespace) = guess {
                self.leave_out_namespace(namespace);
            }
        })?;
        if let Some(namespace) = guess
            && !snapshot.holds_namespace(namespace)
        {
            self.leave_out_namespace(namespace);
        }
        if let Ok(cached) = self.names.0.lock()
            && let Some((of, names)) = cached.as_ref()
            && std::ptr::eq(of.as_ptr(), Arc::as_ptr(&snapshot))
        {
            return Ok(names.clone());
        }
        let names = Arc::new(snapshot.names());
        if let Ok(mut cached) = self.names.0.lock() {
            *cached = Some((Arc::downgrade(&snapshot), names.clone()));
        }
        Ok(names)
    }
}
