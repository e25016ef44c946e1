//! Pods that were thrown off a node for a more important one.
//!
//! Check: `pod-preempted`.

use jamie_core::{Evidence, NextStep, ObjectRef, Severity, Verdict};
use k8s_openapi::api::core::v1::{Pod, PodSpec};

use super::{happened, template};
use crate::{
    fault::{Depth, Fault},
    snapshot::{Snapshot, reference},
};

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    let mut faults: Vec<Fault> = Vec::new();
    for event in snapshot.events.iter().rev() {
        if event.reason.as_deref() != Some("Preempted") || !happened::is_fresh(event, snapshot) {
            continue;
        }
        let about = &event.involved_object;
        let namespace = about
            .namespace
            .as_deref()
            .or(event.metadata.namespace.as_deref())
            .unwrap_or("default");
        let pod = about.name.as_deref().unwrap_or_default();
        let victim = victim(snapshot, namespace, pod);
        let named = winner(snapshot, happened::message(event));
        let winner = named.or_else(|| stronger(snapshot, &victim, happened::message(event)));
        let known = faults.iter_mut().find(|fault| fault.object.is_same(&victim));
        let seen = ObjectRef::namespaced("Pod", namespace, pod);
        if let Some(known) = known {
            known.seen_count += 1;
            if known.seen_on.len() < Fault::MAX_SEEN {
                known.seen_on.push(seen);
            }
            continue;
        }
        let short = is_short(snapshot, &victim);
        let mut fault = Fault::new(
            "pod-preempted",
            if short { Severity::Error } else { Severity::Info },
            Depth::Cause,
            victim.clone(),
            format!(
                "`{}` lost its place on a node to a pod of higher priority (Preempted)",
                victim.path()
            ),
        );
        fault.cause = match winner {
            Some(winner) => {
                let owner = snapshot.workload_of(winner);
                let spec = winner.spec.as_ref();
                let class = spec.and_then(|spec| spec.priority_class_name.as_deref());
                let priority = spec.map(|spec| priority(snapshot, spec));
                fault.blames.push(owner.clone());
                format!(
                    "The scheduler evicted it for `{}`{}{}: the cluster has no room for both.",
                    owner.path(),
                    class
                        .map(|class| format!(", PriorityClass `{class}`"))
                        .unwrap_or_default(),
                    priority
                        .map(|priority| format!(", priority {priority}"))
                        .unwrap_or_default(),
                )
            }
            None => "The scheduler evicted it to make room: the cluster has no room for both.".to_owned(),
        };
        if named.is_none() {
            fault.verdict = Verdict::Likely;
        }
        fault.key = format!("preempted/{}", victim.path());
        fault.since = happened::first_seen(event);
        fault.evidence.push(happened::evidence(event));
        let own = own_priority(snapshot, &victim);
        fault.evidence.push(Evidence::new(
            format!("{victim}"),
            format!("priority: {own}"),
            None,
        ));
        fault.remedy = Some(NextStep::advice(
            "Add nodes or lower requests; or give this workload a PriorityClass of its own",
        ));
        fault.next_check = Some(NextStep::command(
            "See who was preempted for whom",
            "kubectl get events -A --field-selector reason=Preempted",
        ));
        fault.seen_on.push(seen);
        fault.seen_count = 1;
        faults.push(fault);
    }
    faults
}

/// The workload of a pod that is gone as a rule: by name, when it is no longer there.
fn victim(snapshot: &Snapshot, namespace: &str, pod: &str) -> ObjectRef {
    if let Some(found) = snapshot.pod(namespace, pod) {
        return snapshot.workload_of(found);
    }
    let stem = pod.rsplit_once('-').map_or(pod, |(stem, _)| stem);
    if let Some(set) = snapshot.replica_set(namespace, stem) {
        return super::refusals::owner_of(
            snapshot,
            "ReplicaSet",
            namespace,
            set.metadata.name.as_deref().unwrap_or_default(),
        );
    }
    let deployment = stem
        .rsplit_once('-')
        .and_then(|(name, _)| snapshot.deployment(namespace, name));
    if let Some(found) = deployment {
        return reference(found.as_ref());
    }
    if let Some(found) = snapshot.stateful_set(namespace, stem) {
        return reference(found.as_ref());
    }
    snapshot.daemon_set(namespace, stem).map_or_else(
        || ObjectRef::namespaced("Pod", namespace, pod),
        |found| reference(found.as_ref()),
    )
}

/// "Preempted by shop/big-1 on node node-1", or by a UID in place of the name.
fn winner<'s>(snapshot: &'s Snapshot, message: &str) -> Option<&'s Pod> {
    let words: Vec<&str> = message
        .split_whitespace()
        .map(|word| word.trim_matches(['"', ',', '.']))
        .collect();
    let named = words
        .iter()
        .filter_map(|word| word.split_once('/'))
        .find_map(|(namespace, name)| snapshot.pod(namespace, name));
    named
        .or_else(|| {
            snapshot.pods.iter().find(|pod| {
                pod.metadata
                    .uid
                    .as_deref()
                    .is_some_and(|uid| words.contains(&uid))
            })
        })
        .map(AsRef::as_ref)
}

/// The pod of higher priority that stands on the node now, where the event's own word leads to none.
fn stronger<'s>(snapshot: &'s Snapshot, victim: &ObjectRef, message: &str) -> Option<&'s Pod> {
    let node = message.rsplit_once("on node ")?.1.trim().trim_end_matches('.');
    let template = crate::template::template_of(snapshot, victim).and_then(|template| template.spec.as_ref());
    let own = template.map_or(0, |spec| priority(snapshot, spec));
    snapshot
        .pods_of(&ObjectRef::cluster("Node", node))
        .into_iter()
        .filter(|pod| template::is_live(pod) && pod.metadata.namespace.as_deref() != Some("kube-system"))
        .filter_map(|pod| Some((priority(snapshot, pod.spec.as_ref()?), pod)))
        .filter(|(priority, _)| *priority > own)
        .max_by_key(|(priority, _)| *priority)
        .map(|(_, pod)| pod.as_ref())
}

fn priority(snapshot: &Snapshot, spec: &PodSpec) -> i32 {
    let class = spec
        .priority_class_name
        .as_deref()
        .and_then(|class| snapshot.priority_class(class));
    spec.priority.or(class.and_then(|class| class.value)).unwrap_or(0)
}

fn is_short(snapshot: &Snapshot, object: &ObjectRef) -> bool {
    template::all(snapshot)
        .iter()
        .find(|template| template.object.is_same(object))
        .is_none_or(|template| !template.is_idle && !template.standing(snapshot).is_healthy())
}

fn own_priority(snapshot: &Snapshot, object: &ObjectRef) -> String {
    let spec = crate::template::template_of(snapshot, object).and_then(|template| template.spec.as_ref());
    let class = spec.and_then(|spec| spec.priority_class_name.as_deref());
    let value = class
        .and_then(|class| snapshot.priority_class(class))
        .and_then(|class| class.value);
    match (class, value) {
        (Some(class), Some(value)) => format!("{value} (PriorityClass {class})"),
        (Some(class), None) => format!("PriorityClass {class}"),
        _ => "0, no PriorityClass".to_owned(),
    }
}
