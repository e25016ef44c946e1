//! Pods that should be gone and are not.
//!
//! Check: `pod-terminating`.

use std::sync::Arc;

use jamie_core::{Evidence, NextStep, ObjectRef, Severity, Verdict};
use k8s_openapi::api::core::v1::Pod;

use super::{
    containers, happened,
    pods::{self, Together},
    template::kubectl,
};
use crate::{
    fault::{Depth, Fault},
    snapshot::{Snapshot, reference},
    wording,
};

/// The deletion timestamp already includes the grace period; kubelets need a moment more.
const SLACK: i64 = 60;

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    pods::grouped(snapshot, |pod| overdue(snapshot, pod).then_some(()))
        .into_iter()
        .filter_map(|((), together)| fault(snapshot, &together))
        .collect()
}

fn overdue(snapshot: &Snapshot, pod: &Arc<Pod>) -> bool {
    pod.metadata.deletion_timestamp.as_ref().is_some_and(|due| {
        // A pod whose containers have all stopped waits for nothing but a finalizer.
        let slack = if pods::phase(pod) == "Succeeded" {
            SLACK * 5
        } else {
            SLACK
        };
        snapshot.taken_at.as_second().saturating_sub(due.0.as_second()) > slack
    })
}

fn fault(snapshot: &Snapshot, together: &Together<'_>) -> Option<Fault> {
    let pod = together.first()?;
    let object = reference(pod.as_ref());
    let name = object.path();
    let due = pod.metadata.deletion_timestamp.as_ref()?.0;
    let lasts = wording::age(due, snapshot.taken_at);
    let finalizers: Vec<&str> = pod
        .metadata
        .finalizers
        .iter()
        .flatten()
        .map(String::as_str)
        .collect();
    let more = match together.pods.len() {
        1 => String::new(),
        count => format!(" (and {} more)", count - 1),
    };
    let mut fault = together.fault(
        "pod-terminating",
        Severity::Warning,
        Depth::Failure,
        format!("Pod `{name}`{more} hangs in Terminating, {lasts} past its grace period"),
    );
    let node_away = pods::node(pod).filter(|node| {
        snapshot.node(node).is_none_or(|node| {
            node.status
                .iter()
                .flat_map(|status| status.conditions.iter().flatten())
                .any(|condition| condition.type_ == "Ready" && condition.status != "True")
        }) && snapshot.may_see("Node", None)
            && !snapshot.nodes.is_empty()
    });
    let event = containers::pod_events(
        snapshot,
        pod,
        &["FailedKillPod", "FailedPreStopHook", "ExceededGracePeriod"],
    )
    .next();
    if !finalizers.is_empty() {
        fault.depth = Depth::Cause;
        fault.title = format!(
            "Pod `{name}`{more} hangs in Terminating: the finalizer {} has not been removed",
            wording::code_list(&finalizers, 4)
        );
        fault.cause = format!(
            "It was to be gone {lasts} ago, but carries the finalizer {}: whoever set it has to do its part and remove it",
            wording::code_list(&finalizers, 4)
        );
        fault.key = finalizers.join(",");
        fault.remedy = Some(NextStep::command(
            "Find out why its controller does not finish; only if that is gone for good, remove the finalizer",
            format!(
                "kubectl patch {} --type=merge -p '{{\"metadata\":{{\"finalizers\":null}}}}'",
                kubectl(&object)
            ),
        ));
    } else if let Some(node) = node_away {
        fault.cause =
            format!("Its node `{node}` does not answer, so nobody confirms that its containers have stopped");
        fault.blames.push(ObjectRef::cluster("Node", node));
        node.clone_into(&mut fault.key);
        fault.remedy = Some(NextStep::command(
            "Bring the node back; if it is gone for good, delete the pod by force",
            format!("kubectl delete {} --force --grace-period=0", kubectl(&object)),
        ));
    } else if let Some(event) = event {
        fault.depth = Depth::Cause;
        fault.cause = format!(
            "The kubelet says: {}",
            wording::said(happened::message(event), 260)
        );
        fault.evidence.push(happened::evidence(event));
        "kubelet".clone_into(&mut fault.key);
    } else {
        fault.verdict = Verdict::Inconclusive;
        fault.cause = "Its kubelet has not confirmed that the containers have stopped".to_owned();
        fault
            .blames
            .extend(pods::node(pod).map(|node| ObjectRef::cluster("Node", node)));
        fault.next_check = Some(NextStep::command(
            "See what the kubelet says",
            format!("kubectl describe {}", kubectl(&object)),
        ));
    }
    fault.since = Some(due);
    fault.evidence.push(Evidence::new(
        format!("metadata of Pod {name}"),
        format!(
            "deletionTimestamp: {due}; finalizers: {}",
            if finalizers.is_empty() {
                "none".to_owned()
            } else {
                finalizers.join(", ")
            }
        ),
        Some(due),
    ));
    Some(fault)
}
