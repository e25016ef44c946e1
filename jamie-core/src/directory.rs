//! The names of what exists, so that words can be linked to objects.

use std::{fmt, sync::Arc};

use async_trait::async_trait;

use crate::{ObjectRef, Person, Result, Scope};

/// One thing that can be named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The object.
    pub object: ObjectRef,
    /// Other words for it: its `app` label, a host name of an ingress, a container's name.
    pub aliases: Vec<String>,
    /// The object above it, for a pod its workload: an index into [`Names::all`].
    pub owner: Option<usize>,
}

/// Everything that can be named, at one moment.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// The names: namespaces, nodes, workloads, pods, services and the rest.
    pub all: Vec<Name>,
}

/// Knows what exists; implemented over a cluster's snapshot.
#[async_trait]
pub trait Directory: fmt::Debug + Send + Sync {
    /// The names in reach, as of now or a few seconds ago.
    /// Only what `person` may know of, where that makes a difference.
    async fn names(&self, person: &Person, scope: &Scope) -> Result<Arc<Names>>;
}

/// A directory whose names never change, for embedders without a cluster and for tests.
#[derive(Debug, Clone, Default)]
pub struct FixedNames(Arc<Names>);

impl FixedNames {
    /// Knows these names.
    pub fn new(names: Names) -> Self {
        Self(Arc::new(names))
    }
}

#[async_trait]
impl Directory for FixedNames {
    async fn names(&self, _person: &Person, _scope: &Scope) -> Result<Arc<Names>> {
        Ok(Arc::clone(&self.0))
    }
}
