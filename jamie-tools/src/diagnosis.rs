//! From a question's scope to its incidents: what is wrong, why, and how it reaches what was asked about.

use jamie_core::{Finding, ObjectRef, Result};

use crate::{
    cluster::{Cluster, Freshness},
    snapshot::Snapshot,
};

/// What a diagnosis is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// One object and what it depends on.
    Object(ObjectRef),
    /// Everything in a namespace.
    Namespace(String),
    /// Everything.
    Cluster,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Diagnosis {
    /// What is wrong, worst first; one per cause.
    pub incidents: Vec<Finding>,
    /// What is well, one sentence each, with figures: "3 of 3 pods are ready".
    pub facts: Vec<String>,
    /// What could not be looked at, one sentence each.
    pub notes: Vec<String>,
}

/// Looks at the cluster, fetches what the faults ask for, and sorts causes from symptoms.
pub async fn diagnose(cluster: &Cluster, scope: &Scope, freshness: Freshness) -> Result<Diagnosis> {
    let snapshot = cluster.snapshot(freshness).await?;
    Ok(of_snapshot(&snapshot, scope))
}

/// The same from a snapshot alone, without logs.
pub fn of_snapshot(snapshot: &Snapshot, scope: &Scope) -> Diagnosis {
    let _ = scope;
    Diagnosis {
        notes: snapshot.notes.clone(),
        ..Diagnosis::default()
    }
}
