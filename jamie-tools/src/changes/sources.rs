//! A snapshot in, everything in it that says when something happened, as changes, out.

use std::collections::BTreeMap;

use jamie_core::ObjectRef;
use jiff::Timestamp;
use k8s_openapi::{Metadata, Resource, apimachinery::pkg::apis::meta::v1::ObjectMeta};

use super::{Change, Difference, Sort, revisions_of};
use crate::{
    Snapshot,
    pod_status::{last_end, show_end},
    snapshot::{event_count, event_object, event_time, reference},
    wording,
    workload_status::job_state,
};

pub(super) fn collect(snapshot: &Snapshot) -> Vec<Change> {
    let mut all = Vec::new();
    rollouts(snapshot, &mut all);
    writes(snapshot, &mut all);
    jobs(snapshot, &mut all);
    nodes(snapshot, &mut all);
    events(snapshot, &mut all);
    breakages(snapshot, &mut all);
    all
}

fn change(at: Timestamp, sort: Sort, object: ObjectRef, text: impl Into<String>) -> Change {
    Change {
        at,
        sort,
        object,
        text: text.into(),
        differences: Vec::new(),
        by: None,
    }
}

/// Revisions of Deployments with what each changed.
fn rollouts(snapshot: &Snapshot, all: &mut Vec<Change>) {
    for deployment in &snapshot.deployments {
        let revisions = revisions_of(snapshot, deployment);
        let object = reference(deployment.as_ref());
        for (position, revision) in revisions.iter().enumerate() {
            let Some(at) = revision.at else { continue };
            let earlier = revisions.get(position + 1);
            // A rollback takes an old ReplicaSet up again: its creation is not when that happened.
            if earlier.is_some_and(|earlier| earlier.at > revision.at) {
                if let Some(at) = taken_up(deployment) {
                    all.push(change(
                        at,
                        Sort::Change,
                        object.clone(),
                        format!(
                            "rolled back: revision {} is `{}` again",
                            revision.number, revision.object.name
                        ),
                    ));
                }
                continue;
            }
            let differences = earlier.map(|earlier| revision.since(earlier)).unwrap_or_default();
            let text = match (earlier, differences.is_empty()) {
                (None, _) if revision.number <= 1 => {
                    format!("first rolled out ({})", wording::list(&revision.images, 3))
                }
                (None, _) => format!(
                    "revision {} rolled out ({})",
                    revision.number,
                    wording::list(&revision.images, 3)
                ),
                (Some(_), true) => format!(
                    "revision {} rolled out, nothing of weight changed",
                    revision.number
                ),
                (Some(_), false) => {
                    let shown: Vec<String> = differences.iter().map(Difference::text).collect();
                    format!(
                        "revision {} rolled out: {}",
                        revision.number,
                        wording::list(&shown, 4)
                    )
                }
            };
            let mut one = change(at, Sort::Change, object.clone(), text);
            one.differences = differences;
            one.by.clone_from(&revision.cause);
            all.push(one);
        }
    }
}

/// When a Deployment last made progress, by its condition.
fn taken_up(deployment: &k8s_openapi::api::apps::v1::Deployment) -> Option<Timestamp> {
    let conditions = deployment.status.as_ref()?.conditions.as_ref()?;
    let progressing = conditions
        .iter()
        .find(|condition| condition.type_.as_deref() == Some("Progressing"))?;
    progressing.last_update_time.as_ref().map(|time| time.0)
}

/// When an object was created and last written, by its own account.
fn written<K: Resource + Metadata<Ty = ObjectMeta>>(object: &K, all: &mut Vec<Change>) {
    written_as(reference(object), object.metadata(), all);
}

fn written_as(object: ObjectRef, metadata: &ObjectMeta, all: &mut Vec<Change>) {
    let created = metadata.creation_timestamp.as_ref().map(|time| time.0);
    let last = metadata
        .managed_fields
        .iter()
        .flatten()
        .filter(|entry| entry.subresource.as_deref().is_none_or(str::is_empty))
        .filter_map(|entry| Some((entry.time.as_ref()?.0, entry.manager.clone())))
        .max_by_key(|(at, _)| *at);
    if let Some(at) = created {
        all.push(change(at, Sort::Change, object.clone(), "created"));
    }
    if let Some((at, by)) = last
        && created.is_none_or(|created| at.as_second() > created.as_second() + 5)
    {
        let mut one = change(at, Sort::Change, object.clone(), "changed");
        one.by = by;
        all.push(one);
    }
    if let Some(at) = &metadata.deletion_timestamp {
        all.push(change(at.0, Sort::Change, object, "deleted (not gone yet)"));
    }
}

fn writes(snapshot: &Snapshot, all: &mut Vec<Change>) {
    for map in &snapshot.config_maps {
        // Every namespace has this one; leader elections write others all the time.
        let is_lock = map
            .metadata
            .annotations
            .as_ref()
            .is_some_and(|all| all.contains_key("control-plane.alpha.kubernetes.io/leader"));
        if map.metadata.name.as_deref() != Some("kube-root-ca.crt") && !is_lock {
            written(map.as_ref(), all);
        }
    }
    for secret in &snapshot.secrets {
        let is_token = secret.type_.as_deref() == Some("kubernetes.io/service-account-token");
        let is_release = secret
            .type_
            .as_deref()
            .is_some_and(|type_| type_.starts_with("helm.sh/release"));
        if is_release {
            helm(secret.reference(), &secret.metadata, all);
        } else if !is_token {
            written_as(secret.reference(), &secret.metadata, all);
        }
    }
    snapshot
        .services
        .iter()
        .for_each(|one| written(one.as_ref(), all));
    snapshot
        .ingresses
        .iter()
        .for_each(|one| written(one.as_ref(), all));
    snapshot
        .network_policies
        .iter()
        .for_each(|one| written(one.as_ref(), all));
    snapshot.quotas.iter().for_each(|one| written(one.as_ref(), all));
    snapshot
        .limit_ranges
        .iter()
        .for_each(|one| written(one.as_ref(), all));
    snapshot.claims.iter().for_each(|one| written(one.as_ref(), all));
    snapshot
        .autoscalers
        .iter()
        .for_each(|one| written(one.as_ref(), all));
    snapshot
        .disruption_budgets
        .iter()
        .for_each(|one| written(one.as_ref(), all));
    snapshot
        .stateful_sets
        .iter()
        .for_each(|one| written(one.as_ref(), all));
    snapshot
        .daemon_sets
        .iter()
        .for_each(|one| written(one.as_ref(), all));
    snapshot
        .cron_jobs
        .iter()
        .for_each(|one| written(one.as_ref(), all));
    snapshot
        .validating_webhooks
        .iter()
        .for_each(|one| written(one.as_ref(), all));
    snapshot
        .mutating_webhooks
        .iter()
        .for_each(|one| written(one.as_ref(), all));
    snapshot
        .storage_classes
        .iter()
        .for_each(|one| written(one.as_ref(), all));
    for deployment in &snapshot.deployments {
        // Its revisions tell what changed; the write itself only says when it was touched last.
        let before = all.len();
        written(deployment.as_ref(), all);
        let known = revisions_of(snapshot, deployment);
        let drop = |one: &Change| {
            one.text == "created" && !known.is_empty()
                || known.iter().any(|revision| {
                    revision
                        .at
                        .is_some_and(|at| (at.as_second() - one.at.as_second()).abs() <= 10)
                        && one.text == "changed"
                })
        };
        let late = all.split_off(before.min(all.len()));
        all.extend(late.into_iter().filter(|one| !drop(one)).map(|mut one| {
            if one.text == "changed" {
                "changed (replicas or settings)".clone_into(&mut one.text);
            }
            one
        }));
    }
}

/// A Helm release keeps one Secret a revision: `sh.helm.release.v1.shop.v4`.
fn helm(object: ObjectRef, metadata: &ObjectMeta, all: &mut Vec<Change>) {
    let Some(at) = metadata.creation_timestamp.as_ref().map(|time| time.0) else {
        return;
    };
    let label = |key: &str| {
        metadata
            .labels
            .as_ref()
            .and_then(|all| all.get(key))
            .cloned()
            .unwrap_or_default()
    };
    let text = format!(
        "Helm release `{}` version {} ({})",
        label("name"),
        label("version"),
        label("status")
    );
    all.push(change(at, Sort::Change, object, text));
}

fn jobs(snapshot: &Snapshot, all: &mut Vec<Change>) {
    for job in &snapshot.jobs {
        let object = reference(job.as_ref());
        let status = job.status.clone().unwrap_or_default();
        if let Some(at) = status.start_time {
            all.push(change(at.0, Sort::Reaction, object.clone(), "job started"));
        }
        match job_state(job) {
            "Failed" => {
                let failed = status
                    .conditions
                    .iter()
                    .flatten()
                    .find(|condition| condition.type_ == "Failed");
                if let Some(at) = failed.and_then(|condition| condition.last_transition_time.as_ref()) {
                    let why = failed
                        .and_then(|condition| condition.reason.clone())
                        .unwrap_or_default();
                    all.push(change(
                        at.0,
                        Sort::Breakage,
                        object,
                        format!("job failed ({why})"),
                    ));
                }
            }
            "Complete" => {
                if let Some(at) = status.completion_time {
                    all.push(change(at.0, Sort::Reaction, object, "job completed"));
                }
            }
            _ => {}
        }
    }
}

fn nodes(snapshot: &Snapshot, all: &mut Vec<Change>) {
    for node in &snapshot.nodes {
        let object = reference(node.as_ref());
        if let Some(at) = &node.metadata.creation_timestamp {
            all.push(change(at.0, Sort::Reaction, object.clone(), "joined the cluster"));
        }
        for taint in node.spec.iter().flat_map(|spec| spec.taints.iter().flatten()) {
            if let Some(at) = &taint.time_added {
                all.push(change(
                    at.0,
                    Sort::Change,
                    object.clone(),
                    format!("tainted `{}:{}`", taint.key, taint.effect),
                ));
            }
        }
        for condition in node
            .status
            .iter()
            .flat_map(|status| status.conditions.iter().flatten())
        {
            let Some(at) = condition.last_transition_time.as_ref().map(|time| time.0) else {
                continue;
            };
            let bad = if condition.type_ == "Ready" {
                condition.status != "True"
            } else {
                condition.status == "True"
            };
            let joined = node
                .metadata
                .creation_timestamp
                .as_ref()
                .is_some_and(|created| at.as_second() <= created.0.as_second() + 300);
            if bad {
                let why = condition.reason.clone().unwrap_or_default();
                all.push(change(
                    at,
                    Sort::Breakage,
                    object.clone(),
                    format!("{} became {} ({why})", condition.type_, condition.status),
                ));
            } else if condition.type_ == "Ready" && !joined {
                all.push(change(at, Sort::Reaction, object.clone(), "became Ready"));
            }
        }
    }
}

/// Reasons of events that tell of a change or a reaction; symptoms come from the objects themselves.
const REACTIONS: [&str; 20] = [
    "ScalingReplicaSet",
    "SuccessfulRescale",
    "SuccessfulCreate",
    "NodeNotReady",
    "NodeReady",
    "NodeNotSchedulable",
    "NodeSchedulable",
    "Rebooted",
    "Evicted",
    "Preempted",
    "TaintManagerEviction",
    "NodeHasDiskPressure",
    "NodeHasInsufficientMemory",
    "RemovingNode",
    "RegisteredNode",
    "TriggeredScaleUp",
    "ScaleDown",
    "DeploymentRollback",
    "SawCompletedJob",
    "VolumeResizeSuccessful",
];

fn events(snapshot: &Snapshot, all: &mut Vec<Change>) {
    const BREAKAGES: [&str; 10] = [
        "FailedCreate",
        "FailedMount",
        "FailedAttachVolume",
        "FailedScheduling",
        "OOMKilling",
        "SystemOOM",
        "ProvisioningFailed",
        "FailedRescale",
        "FailedKillPod",
        "ProgressDeadlineExceeded",
    ];
    let mut first_of: BTreeMap<(String, String), usize> = BTreeMap::new();
    for event in &snapshot.events {
        let reason = event.reason.as_deref().unwrap_or_default();
        let object = event_object(event);
        let breakage = BREAKAGES.contains(&reason);
        // Jobs and sets make pods all day; only what scales is worth a line.
        if !breakage
            && (!REACTIONS.contains(&reason) || reason == "SuccessfulCreate" && object.kind != "CronJob")
        {
            continue;
        }
        let message = wording::clip(event.message.as_deref().unwrap_or_default(), 160);
        let times = event_count(event);
        let again = if times > 1 {
            format!(" (×{times})")
        } else {
            String::new()
        };
        let at = if breakage {
            event
                .first_timestamp
                .as_ref()
                .map(|time| time.0)
                .or_else(|| event_time(event))
        } else {
            event_time(event)
        };
        let Some(at) = at else { continue };
        let sort = if breakage { Sort::Breakage } else { Sort::Reaction };
        // The same trouble of many pods of one workload is told once, when it began.
        let about = match object.kind.as_str() {
            "Pod" if breakage => snapshot
                .pod(object.namespace.as_deref().unwrap_or_default(), &object.name)
                .map_or_else(|| object.clone(), |pod| snapshot.workload_of(pod)),
            _ => object.clone(),
        };
        if breakage {
            let key = (about.path(), reason.to_owned());
            if let Some(position) = first_of.get(&key) {
                if let Some(earlier) = all.get_mut(*position) {
                    earlier.at = earlier.at.min(at);
                }
                continue;
            }
            first_of.insert(key, all.len());
        }
        let mut one = change(at, sort, about, format!("{reason}: {message}{again}"));
        one.by = event.source.as_ref().and_then(|source| source.component.clone());
        all.push(one);
    }
}

/// When containers first ended badly and pods stopped being ready, one line a workload.
fn breakages(snapshot: &Snapshot, all: &mut Vec<Change>) {
    let mut crashes: BTreeMap<String, Change> = BTreeMap::new();
    let mut unready: BTreeMap<String, Change> = BTreeMap::new();
    for pod in &snapshot.pods {
        let Some(status) = &pod.status else { continue };
        let workload = || snapshot.workload_of(pod);
        for one in status
            .container_statuses
            .iter()
            .flatten()
            .chain(status.init_container_statuses.iter().flatten())
        {
            let Some(end) = last_end(one).filter(|end| end.exit_code != 0) else {
                continue;
            };
            let Some(at) = end.finished_at.as_ref().map(|time| time.0) else {
                continue;
            };
            let about = workload();
            let text = format!(
                "`{}` ended: {}{}",
                one.name,
                show_end(end),
                if one.restart_count > 1 {
                    format!(" (restart {} by now)", one.restart_count)
                } else {
                    String::new()
                }
            );
            keep_first(&mut crashes, &about, at, text);
        }
        let ready = status
            .conditions
            .iter()
            .flatten()
            .find(|condition| condition.type_ == "Ready");
        if let Some(condition) = ready
            .filter(|condition| condition.status == "False" && status.phase.as_deref() != Some("Succeeded"))
            && let Some(at) = condition.last_transition_time.as_ref().map(|time| time.0)
        {
            let why = condition
                .reason
                .clone()
                .map_or_else(String::new, |reason| format!(" ({reason})"));
            let name = pod.metadata.name.as_deref().unwrap_or_default();
            keep_first(&mut unready, &workload(), at, format!("`{name}` not ready{why}"));
        }
    }
    all.extend(crashes.into_values());
    all.extend(unready.into_values());
}

fn keep_first(kept: &mut BTreeMap<String, Change>, about: &ObjectRef, at: Timestamp, text: String) {
    let key = about.to_string();
    match kept.get_mut(&key) {
        Some(earlier) if earlier.at <= at => {}
        Some(earlier) => {
            earlier.at = at;
            earlier.text = text;
        }
        None => _ = kept.insert(key, change(at, Sort::Breakage, about.clone(), text)),
    }
}
