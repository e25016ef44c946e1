//! A Deployment in, its revisions with what each changed out.

use jamie_core::ObjectRef;
use jiff::Timestamp;
use k8s_openapi::api::apps::v1::Deployment;

use super::{Difference, differences};
use crate::{Snapshot, snapshot::reference};

/// One revision of a workload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// Its number.
    pub number: u64,
    /// When it was first rolled out.
    pub at: Option<Timestamp>,
    /// The images it runs, init containers first.
    pub images: Vec<String>,
    /// What was noted as its cause.
    pub cause: Option<String>,
    /// The ReplicaSet or ControllerRevision behind it.
    pub object: ObjectRef,
    /// How many of its pods are wanted now.
    pub wanted: u64,
    /// How many of them are ready.
    pub ready: u64,
    /// Its template, as JSON.
    pub template: serde_json::Value,
}

impl Revision {
    /// What this revision changed against an earlier one, what matters most first.
    pub fn since(&self, earlier: &Self) -> Vec<Difference> {
        let mut all = differences(&earlier.template, &self.template);
        all.sort_by_key(|one| std::cmp::Reverse(one.weight()));
        all
    }
}

/// The revisions of a Deployment, newest first.
pub fn revisions_of(snapshot: &Snapshot, deployment: &Deployment) -> Vec<Revision> {
    const CAUSE: &str = "kubernetes.io/change-cause";
    const REVISION: &str = "deployment.kubernetes.io/revision";
    snapshot
        .replica_sets_of(deployment)
        .into_iter()
        .map(|set| {
            let spec = set
                .spec
                .template
                .as_ref()
                .and_then(|template| template.spec.as_ref());
            let annotation = |key: &str| {
                set.metadata
                    .annotations
                    .as_ref()
                    .and_then(|all| all.get(key))
                    .cloned()
            };
            let count = |count: Option<i32>| count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0);
            Revision {
                number: annotation(REVISION)
                    .and_then(|number| number.parse().ok())
                    .unwrap_or(0),
                at: set.metadata.creation_timestamp.as_ref().map(|time| time.0),
                images: spec
                    .into_iter()
                    .flat_map(|spec| spec.init_containers.iter().flatten().chain(&spec.containers))
                    .filter_map(|container| container.image.clone())
                    .collect(),
                cause: annotation(CAUSE),
                object: reference(set.as_ref()),
                wanted: count(set.spec.replicas),
                ready: count(set.status.as_ref().and_then(|status| status.ready_replicas)),
                template: set
                    .spec
                    .template
                    .as_ref()
                    .and_then(|template| serde_json::to_value(template).ok())
                    .unwrap_or_default(),
            }
        })
        .collect()
}
