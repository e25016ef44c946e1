//! The same condition in the containers of one workload's pods: one group, one fault.

use std::collections::BTreeMap;

use jamie_core::{ObjectRef, Severity};
use k8s_openapi::api::core::v1::Pod;

use super::{Seen, of};
use crate::{
    checks::template,
    fault::{Depth, Fault},
    snapshot::Snapshot,
    wording,
};

/// The same condition in the same container of one workload.
#[derive(Debug)]
pub(crate) struct Group<'a> {
    pub(crate) workload: ObjectRef,
    /// In pods of the newest making first.
    pub(crate) seen: Vec<Seen<'a>>,
}

impl<'a> Group<'a> {
    /// The container to quote: the one that restarted most, which is the one with the longest story.
    pub(crate) fn first(&self) -> Option<&Seen<'a>> {
        self.seen.iter().max_by_key(|seen| {
            let made = seen.pod.metadata.creation_timestamp.as_ref().map(|time| time.0);
            (seen.restarts(), made)
        })
    }

    /// A fault about this group with what all such faults share.
    pub(crate) fn fault(
        &self,
        check: &'static str,
        severity: Severity,
        depth: Depth,
        title: impl Into<String>,
    ) -> Fault {
        let mut fault = Fault::new(check, severity, depth, self.workload.clone(), title);
        let mut pods: Vec<ObjectRef> = self.seen.iter().map(Seen::pod_ref).collect();
        pods.dedup();
        fault.seen_count = pods.len();
        pods.truncate(Fault::MAX_SEEN);
        fault.seen_on = pods;
        fault
    }
}

/// Groups the containers for which `key` has something to say, by workload, container and key.
pub(crate) fn grouped<'a, K: Ord>(
    snapshot: &'a Snapshot,
    mut key: impl FnMut(&Seen<'a>) -> Option<K>,
) -> Vec<(K, Group<'a>)> {
    let mut groups: BTreeMap<(ObjectRef, &'a str, K), Vec<Seen<'a>>> = BTreeMap::new();
    for pod in &snapshot.pods {
        if !counts(snapshot, pod) {
            continue;
        }
        for seen in of(pod) {
            if let Some(key) = key(&seen) {
                let mut workload = snapshot.workload_of(pod);
                // A UID is not part of the grouping: owner references may lack it.
                let uid = workload.uid.take();
                groups.entry((workload, seen.name(), key)).or_default().push(seen);
                drop(uid);
            }
        }
    }
    groups
        .into_iter()
        .map(|((workload, _, key), mut seen)| {
            seen.sort_by_key(|seen| {
                std::cmp::Reverse(seen.pod.metadata.creation_timestamp.as_ref().map(|time| time.0))
            });
            let workload = with_uid(snapshot, workload);
            (key, Group { workload, seen })
        })
        .collect()
}

fn with_uid(snapshot: &Snapshot, object: ObjectRef) -> ObjectRef {
    let namespace = object.namespace.as_deref().unwrap_or_default();
    let uid = match object.kind.as_str() {
        "Deployment" => snapshot
            .deployment(namespace, &object.name)
            .and_then(|one| one.metadata.uid.clone()),
        "StatefulSet" => snapshot
            .stateful_set(namespace, &object.name)
            .and_then(|one| one.metadata.uid.clone()),
        "DaemonSet" => snapshot
            .daemon_set(namespace, &object.name)
            .and_then(|one| one.metadata.uid.clone()),
        "Pod" => snapshot
            .pod(namespace, &object.name)
            .and_then(|one| one.metadata.uid.clone()),
        "CronJob" => snapshot
            .cron_job(namespace, &object.name)
            .and_then(|one| one.metadata.uid.clone()),
        "Job" => snapshot
            .job(namespace, &object.name)
            .and_then(|one| one.metadata.uid.clone()),
        _ => None,
    };
    object.with_uid(uid)
}

/// Whether a pod's containers speak of the present: not of a pod that is leaving, of a job that is done with,
/// or of an evicted pod whose place another has taken.
pub(crate) fn counts(snapshot: &Snapshot, pod: &Pod) -> bool {
    if pod.metadata.deletion_timestamp.is_some() {
        return false;
    }
    let status = pod.status.as_ref();
    match status.and_then(|status| status.phase.as_deref()) {
        Some("Succeeded") => return false,
        Some("Failed") => {
            let reason = status
                .and_then(|status| status.reason.as_deref())
                .unwrap_or_default();
            // These tell their own story, and their containers only echo it.
            if matches!(
                reason,
                "Evicted" | "NodeLost" | "Shutdown" | "NodeShutdown" | "Terminated" | "Preempting"
            ) {
                return false;
            }
        }
        _ => {}
    }
    let namespace = pod.metadata.namespace.as_deref().unwrap_or_default();
    let job = pod
        .metadata
        .owner_references
        .iter()
        .flatten()
        .find(|owner| owner.kind == "Job");
    job.is_none_or(|job| job_counts(snapshot, namespace, &job.name))
}

/// Whether a job is unfinished or failed, and the newest of its CronJob.
fn job_counts(snapshot: &Snapshot, namespace: &str, name: &str) -> bool {
    let Some(job) = snapshot.job(namespace, name) else {
        return true;
    };
    let status = job.status.as_ref();
    let is_complete = status.is_some_and(|status| {
        status.completion_time.is_some()
            || status.conditions.iter().flatten().any(|condition| {
                matches!(condition.type_.as_str(), "Complete" | "SuccessCriteriaMet")
                    && condition.status == "True"
            })
    });
    if is_complete {
        return false;
    }
    let Some(cron_job) = job
        .metadata
        .owner_references
        .iter()
        .flatten()
        .find(|owner| owner.kind == "CronJob")
    else {
        return true;
    };
    let made = job.metadata.creation_timestamp.as_ref().map(|time| time.0);
    !snapshot.jobs.iter().any(|other| {
        other.metadata.namespace.as_deref() == Some(namespace)
            && other
                .metadata
                .owner_references
                .iter()
                .flatten()
                .any(|owner| owner.name == cron_job.name)
            && other.metadata.creation_timestamp.as_ref().map(|time| time.0) > made
    })
}

/// How bad a failing container is: nobody serves, or only some do not.
pub(crate) fn severity(snapshot: &Snapshot, workload: &ObjectRef) -> Severity {
    match workload.kind.as_str() {
        "Job" | "CronJob" => return Severity::Error,
        _ => {}
    }
    let pods = snapshot.pods_of(workload);
    let ready = pods.iter().filter(|pod| template::is_ready(pod)).count();
    if ready > 0 {
        return Severity::Error;
    }
    let serves = pods
        .first()
        .is_some_and(|pod| !snapshot.services_of(pod).is_empty());
    if serves {
        Severity::Critical
    } else {
        Severity::Error
    }
}

/// " on 2 of 3 pods" where that tells something.
pub(crate) fn share(snapshot: &Snapshot, group: &Group<'_>) -> String {
    if group.workload.kind == "Pod" || matches!(group.workload.kind.as_str(), "Job" | "CronJob") {
        return String::new();
    }
    let all = snapshot
        .pods_of(&group.workload)
        .iter()
        .filter(|pod| template::is_live(pod))
        .count();
    let mut pods: Vec<&str> = group
        .seen
        .iter()
        .map(|seen| seen.pod.metadata.name.as_deref().unwrap_or_default())
        .collect();
    pods.sort_unstable();
    pods.dedup();
    match (pods.len(), all) {
        (1, 1) => String::new(),
        (seen, all) if seen >= all => format!(" in all {seen} pods"),
        (seen, all) => format!(" in {seen} of {}", wording::count(all, "pod")),
    }
}
