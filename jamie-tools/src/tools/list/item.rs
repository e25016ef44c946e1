//! One object as a filter sees it, whatever its kind.

use std::collections::BTreeMap;

use jamie_core::ObjectRef;
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::snapshot::Labels;

/// One object.
#[derive(Debug, Clone)]
pub(in crate::tools) struct Item {
    pub(in crate::tools) object: ObjectRef,
    pub(in crate::tools) labels: Labels,
    pub(in crate::tools) images: Vec<String>,
    pub(in crate::tools) node: Option<String>,
    pub(in crate::tools) created: Option<Timestamp>,
    pub(in crate::tools) restarts: Option<u64>,
    /// How it stands, in a word or two: `Running`, `CrashLoopBackOff`, `Bound`.
    pub(in crate::tools) state: Option<String>,
    /// Whether it is as it should be, where that can be said.
    pub(in crate::tools) is_well: Option<bool>,
    /// Wanted replicas.
    pub(super) replicas: Option<u64>,
    /// What its containers lack.
    pub(super) lacks: Lacks,
    /// Whether it is suspended or paused.
    pub(super) is_suspended: bool,
    /// Whether it is a node with a taint.
    pub(super) is_tainted: bool,
    /// What the table shows between name and age.
    pub(in crate::tools) cells: Vec<String>,
}

/// What at least one container lacks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "six independent things that can lack"
)]
pub(super) struct Lacks {
    pub(super) cpu_limit: bool,
    pub(super) memory_limit: bool,
    pub(super) cpu_request: bool,
    pub(super) memory_request: bool,
    pub(super) readiness: bool,
    pub(super) liveness: bool,
}

impl Item {
    /// An object about which only its metadata is known.
    pub(super) fn new(object: ObjectRef, metadata: &ObjectMeta) -> Self {
        Self {
            object,
            labels: metadata.labels.clone().unwrap_or_default(),
            images: Vec::new(),
            node: None,
            created: metadata.creation_timestamp.as_ref().map(|time| time.0),
            restarts: None,
            state: None,
            is_well: None,
            replicas: None,
            lacks: Lacks::default(),
            is_suspended: false,
            is_tainted: false,
            cells: Vec::new(),
        }
    }

    /// Its state, for a sentence with one item.
    pub(super) fn aside(&self) -> String {
        let mut parts: Vec<String> = self.state.clone().into_iter().collect();
        if let Some(restarts) = self.restarts.filter(|restarts| *restarts > 0) {
            parts.push(crate::wording::count(restarts as usize, "restart"));
        }
        if parts.is_empty() {
            String::new()
        } else {
            format!(" ({})", parts.join(", "))
        }
    }
}

/// "3 Running", "1 Pending": how often each word occurs, commonest first.
pub(super) fn tally<'a>(words: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for word in words {
        *counts.entry(word).or_default() += 1;
    }
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(word, count)| (std::cmp::Reverse(*count), *word));
    counts
        .into_iter()
        .map(|(word, count)| format!("{count} {word}"))
        .collect()
}

/// The kinds that a snapshot holds; others are found by discovery.
const HELD: [&str; 26] = [
    "Pod",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "ReplicaSet",
    "Job",
    "CronJob",
    "Service",
    "Ingress",
    "IngressClass",
    "NetworkPolicy",
    "ConfigMap",
    "Secret",
    "ServiceAccount",
    "PersistentVolumeClaim",
    "PersistentVolume",
    "StorageClass",
    "Namespace",
    "Node",
    "HorizontalPodAutoscaler",
    "PodDisruptionBudget",
    "ResourceQuota",
    "LimitRange",
    "PriorityClass",
    "EndpointSlice",
    "Workload",
];

/// Whether a snapshot holds the kind.
pub(in crate::tools) fn is_held(kind: &str) -> bool {
    HELD.contains(&kind)
}
