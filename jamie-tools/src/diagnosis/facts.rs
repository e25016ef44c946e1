//! What is well about an object or a place, with figures, for an answer that has nothing bad to tell.

use jamie_core::ObjectRef;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;

use super::Scope;
use crate::{
    causes::canonical,
    scheduling::{self, Reason},
    snapshot::{Snapshot, is_finished, is_ready},
    template::imagined_pod,
    wording,
};

pub(super) fn of(snapshot: &Snapshot, scope: &Scope) -> Vec<String> {
    match scope {
        Scope::Object(object) => of_object(snapshot, object),
        Scope::Objects(objects) => objects
            .iter()
            .flat_map(|object| of_object(snapshot, object))
            .collect(),
        Scope::Namespace(namespace) => of_place(snapshot, Some(namespace)),
        Scope::Cluster => of_place(snapshot, None),
    }
}

fn of_place(snapshot: &Snapshot, namespace: Option<&str>) -> Vec<String> {
    let here = |of: &Option<String>| namespace.is_none() || of.as_deref() == namespace;
    let pods: Vec<_> = snapshot
        .pods
        .iter()
        .filter(|pod| here(&pod.metadata.namespace) && !is_finished(pod))
        .collect();
    let ready = pods.iter().filter(|pod| is_ready(pod)).count();
    let mut facts = vec![format!("{ready} of {} ready", are(pods.len(), "running pod"))];
    let workloads = snapshot
        .deployments
        .iter()
        .filter(|one| here(&one.metadata.namespace))
        .count()
        + snapshot
            .stateful_sets
            .iter()
            .filter(|one| here(&one.metadata.namespace))
            .count()
        + snapshot
            .daemon_sets
            .iter()
            .filter(|one| here(&one.metadata.namespace))
            .count();
    let services = snapshot
        .services
        .iter()
        .filter(|one| here(&one.metadata.namespace))
        .count();
    facts.push(format!(
        "I looked at {}, {}, their events and what they refer to",
        wording::count(workloads, "workload"),
        wording::count(services, "Service")
    ));
    if namespace.is_none() && !snapshot.nodes.is_empty() {
        let ready = snapshot
            .nodes
            .iter()
            .filter(|node| {
                node.status
                    .iter()
                    .flat_map(|status| status.conditions.iter().flatten())
                    .any(|condition| condition.type_ == "Ready" && condition.status == "True")
            })
            .count();
        facts.push(format!("{ready} of {} ready", are(snapshot.nodes.len(), "node")));
    }
    facts
}

fn of_object(snapshot: &Snapshot, asked: &ObjectRef) -> Vec<String> {
    let mut facts = Vec::new();
    let namespace = asked.namespace.as_deref().unwrap_or_default();
    match asked.kind.as_str() {
        "Service" => {
            if let Some(service) = snapshot.service(namespace, &asked.name) {
                let state = snapshot.endpoints_of(service);
                if state.known {
                    facts.push(format!(
                        "{} behind it",
                        wording::count(state.ready, "ready endpoint")
                    ));
                }
            }
        }
        "Job" => {
            if let Some(status) = snapshot
                .job(namespace, &asked.name)
                .and_then(|job| job.status.as_ref())
            {
                if let Some(done) = &status.completion_time {
                    facts.push(format!(
                        "it completed {} ago",
                        wording::age(done.0, snapshot.taken_at)
                    ));
                } else {
                    facts.push(format!(
                        "{} active, {} succeeded, {} failed",
                        status.active.unwrap_or(0),
                        status.succeeded.unwrap_or(0),
                        status.failed.unwrap_or(0)
                    ));
                }
            }
        }
        "CronJob" => {
            if let Some(cron_job) = snapshot.cron_job(namespace, &asked.name) {
                let last = cron_job
                    .status
                    .as_ref()
                    .and_then(|status| status.last_schedule_time.as_ref());
                if let Some(last) = last {
                    facts.push(format!(
                        "it last ran {} ago, on the schedule `{}`",
                        wording::age(last.0, snapshot.taken_at),
                        cron_job.spec.schedule
                    ));
                }
            }
        }
        "Node" => {
            if let Some(node) = snapshot.node(&asked.name) {
                let ready = node
                    .status
                    .iter()
                    .flat_map(|status| status.conditions.iter().flatten())
                    .find(|condition| condition.type_ == "Ready");
                if let Some(ready) = ready {
                    facts.push(format!("its Ready condition is {}", ready.status));
                }
            }
        }
        "PersistentVolumeClaim" => {
            let phase = snapshot
                .claim(namespace, &asked.name)
                .and_then(|claim| claim.status.as_ref()?.phase.as_deref());
            if let Some(phase) = phase {
                facts.push(format!("it is {phase}"));
            }
            let class = snapshot
                .claim(namespace, &asked.name)
                .and_then(|claim| claim.spec.as_ref()?.storage_class_name.as_deref())
                .and_then(|class| snapshot.storage_class(class));
            let waits = class
                .is_some_and(|class| class.volume_binding_mode.as_deref() == Some("WaitForFirstConsumer"));
            if waits && phase == Some("Pending") {
                facts.push(
                    "its StorageClass makes the volume only when the first pod uses it (WaitForFirstConsumer)".to_owned(),
                );
            }
        }
        _ => {}
    }
    let object = if asked.kind == "Pod" {
        asked.clone()
    } else {
        canonical(snapshot, asked)
    };
    let pods: Vec<&Pod> = snapshot
        .pods_of(&object)
        .into_iter()
        .map(AsRef::as_ref)
        .filter(|pod| !is_finished(pod))
        .collect();
    if !pods.is_empty() {
        of_pods(snapshot, &object, &pods, &mut facts);
    }
    facts.extend(left_out(snapshot, &object));
    if object.kind == "Deployment"
        && let Some(deployment) = snapshot.deployment(namespace, &object.name)
        && let Some(set) = snapshot.replica_sets_of(deployment).first()
        && let Some(made) = &set.metadata.creation_timestamp
    {
        facts.push(format!(
            "its last rollout began {} ago",
            wording::age(made.0, snapshot.taken_at)
        ));
    }
    facts
}

/// The nodes that a DaemonSet leaves out, and why.
pub(crate) fn left_out(snapshot: &Snapshot, object: &ObjectRef) -> Option<String> {
    const MOST: usize = 4;
    if object.kind != "DaemonSet" {
        return None;
    }
    let pod = imagined_pod(snapshot, object)?;
    let placement = scheduling::place(snapshot, &pod);
    let mut told: Vec<String> = placement
        .nodes
        .iter()
        .filter_map(|verdict| {
            // A DaemonSet's pods go to cordoned and full nodes as well.
            let reason = verdict.reasons.iter().find(|reason| {
                matches!(
                    reason,
                    Reason::Taint { .. } | Reason::Label { .. } | Reason::NodeAffinity { .. }
                )
            })?;
            Some(format!("`{}` ({})", verdict.node, reason.text()))
        })
        .collect();
    told.sort_unstable();
    (!told.is_empty()).then(|| format!("it leaves out {}", wording::list(&told, MOST)))
}

fn of_pods(snapshot: &Snapshot, object: &ObjectRef, pods: &[&Pod], facts: &mut Vec<String>) {
    let ready = pods.iter().filter(|pod| is_ready(pod)).count();
    facts.push(if object.kind == "Pod" {
        if ready == 1 {
            "it is ready".to_owned()
        } else {
            "it is not ready".to_owned()
        }
    } else {
        format!("{ready} of {} ready", are(pods.len(), "pod"))
    });
    let mut restarts = 0_i32;
    let mut last: Option<Timestamp> = None;
    for status in pods
        .iter()
        .filter_map(|pod| pod.status.as_ref())
        .flat_map(|status| status.container_statuses.iter().flatten())
    {
        restarts = restarts.saturating_add(status.restart_count.max(0));
        let ended = status
            .last_state
            .as_ref()
            .and_then(|state| state.terminated.as_ref()?.finished_at.as_ref())
            .map(|time| time.0);
        last = last.max(ended);
    }
    facts.push(match (restarts, last) {
        (0, _) => "no container has restarted".to_owned(),
        (count, Some(last)) => format!(
            "{} in all, the last {} ago",
            wording::count(count as usize, "restart"),
            wording::age(last, snapshot.taken_at)
        ),
        (count, None) => format!("{} in all", wording::count(count as usize, "restart")),
    });
    let youngest = pods
        .iter()
        .filter_map(|pod| {
            pod.status
                .as_ref()?
                .start_time
                .as_ref()
                .or(pod.metadata.creation_timestamp.as_ref())
        })
        .map(|time| time.0)
        .max();
    if let Some(youngest) = youngest {
        let age = wording::age(youngest, snapshot.taken_at);
        facts.push(if ready < pods.len() {
            format!("the youngest pod is {age} old and still starting")
        } else {
            format!("up for {age}")
        });
    }
}

/// `1 pod is`, `3 pods are`.
fn are(number: usize, noun: &str) -> String {
    format!(
        "{} {}",
        wording::count(number, noun),
        if number == 1 { "is" } else { "are" }
    )
}
