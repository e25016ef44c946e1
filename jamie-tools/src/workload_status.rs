//! A workload in, how many of its pods are wanted, there and ready out.

use jamie_core::ObjectRef;
use k8s_openapi::api::batch::v1::Job;

use crate::{
    Snapshot,
    snapshot::{is_finished, is_ready},
};

/// The counts of a workload that keeps pods running.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Replicas {
    /// Wanted.
    pub wanted: usize,
    /// There.
    pub current: usize,
    /// Of the newest revision.
    pub updated: usize,
    /// Ready.
    pub ready: usize,
    /// Available: ready for long enough.
    pub available: usize,
}

impl Replicas {
    /// Whether fewer are ready than wanted.
    pub fn is_short(self) -> bool {
        self.ready < self.wanted
    }

    /// Whether everything wanted is there, new and available.
    pub fn is_complete(self) -> bool {
        self.updated >= self.wanted && self.available >= self.wanted && self.current <= self.wanted
    }
}

fn number(count: Option<i32>) -> usize {
    count.and_then(|count| usize::try_from(count).ok()).unwrap_or(0)
}

/// The counts of a Deployment, StatefulSet, DaemonSet or ReplicaSet. Where its status says nothing (no controller
/// ever wrote one), its pods are counted.
pub fn replicas_of(snapshot: &Snapshot, object: &ObjectRef) -> Option<Replicas> {
    let namespace = object.namespace.as_deref().unwrap_or_default();
    let name = object.name.as_str();
    let (counts, written) = match object.kind.as_str() {
        "Deployment" => {
            let found = snapshot.deployment(namespace, name)?;
            let status = found.status.clone().unwrap_or_default();
            let wanted = found.spec.replicas.unwrap_or(1);
            let counts = Replicas {
                wanted: number(Some(wanted)),
                current: number(status.replicas),
                updated: number(status.updated_replicas),
                ready: number(status.ready_replicas),
                available: number(status.available_replicas),
            };
            let written = status.replicas.is_some()
                || status.ready_replicas.is_some()
                || status.conditions.is_some()
                || status.observed_generation.is_some()
                || status.unavailable_replicas.is_some();
            (counts, written)
        }
        "StatefulSet" => {
            let found = snapshot.stateful_set(namespace, name)?;
            let wanted = number(found.spec.replicas.or(Some(1)));
            let status = found.status.clone();
            let written = status
                .as_ref()
                .is_some_and(|status| status.replicas > 0 || status.observed_generation.is_some());
            let status = status.unwrap_or_default();
            let same = status.update_revision.is_none() || status.update_revision == status.current_revision;
            let counts = Replicas {
                wanted,
                current: number(Some(status.replicas)),
                updated: if same {
                    number(Some(status.replicas))
                } else {
                    number(status.updated_replicas)
                },
                ready: number(status.ready_replicas),
                available: number(status.available_replicas).max(if status.available_replicas.is_none() {
                    number(status.ready_replicas)
                } else {
                    0
                }),
            };
            (counts, written)
        }
        "DaemonSet" => {
            let status = snapshot.daemon_set(namespace, name)?.status.clone();
            let written = status.is_some();
            let status = status.unwrap_or_default();
            let counts = Replicas {
                wanted: number(Some(status.desired_number_scheduled)),
                current: number(Some(status.current_number_scheduled)),
                updated: number(
                    status
                        .updated_number_scheduled
                        .or(Some(status.current_number_scheduled)),
                ),
                ready: number(Some(status.number_ready)),
                available: number(status.number_available.or(Some(status.number_ready))),
            };
            (counts, written)
        }
        "ReplicaSet" => {
            let found = snapshot.replica_set(namespace, name)?;
            let status = found.status.clone().unwrap_or_default();
            let counts = Replicas {
                wanted: number(found.spec.replicas.or(Some(1))),
                current: number(Some(status.replicas)),
                updated: number(Some(status.replicas)),
                ready: number(status.ready_replicas),
                available: number(status.available_replicas),
            };
            (counts, found.status.is_some())
        }
        _ => return None,
    };
    if written {
        return Some(counts);
    }
    let pods = snapshot.pods_of(object);
    let live = pods
        .iter()
        .filter(|pod| !is_finished(pod) && pod.metadata.deletion_timestamp.is_none());
    let current = live.clone().count();
    let ready = live.filter(|pod| is_ready(pod)).count();
    Some(Replicas {
        wanted: if object.kind == "DaemonSet" {
            counts.wanted.max(current)
        } else {
            counts.wanted
        },
        current,
        updated: current,
        ready,
        available: ready,
    })
}

/// How a Job stands, in a word: `Complete`, `Failed`, `Suspended`, `Running`.
pub fn job_state(job: &Job) -> &'static str {
    let has = |wanted: &str| {
        job.status
            .iter()
            .flat_map(|status| status.conditions.iter().flatten())
            .any(|condition| condition.type_ == wanted && condition.status == "True")
    };
    if has("Complete") || has("SuccessCriteriaMet") {
        "Complete"
    } else if has("Failed") || has("FailureTarget") {
        "Failed"
    } else if has("Suspended") || job.spec.as_ref().and_then(|spec| spec.suspend) == Some(true) {
        "Suspended"
    } else {
        "Running"
    }
}
