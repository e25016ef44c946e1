//! Pods that were evicted, or whose node no longer answers for them.
//!
//! Checks: `pod-evicted`, `pod-node-lost`, `pod-rejected`.

use std::sync::Arc;

use jamie_core::{Evidence, NextStep, ObjectRef, Severity};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;

use super::{
    containers,
    pods::{self, Together},
    template,
};
use crate::{
    fault::{Depth, Fault},
    snapshot::{Snapshot, event_time, is_ready, reference},
    wording,
};

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// For the pod's own use of disk, or for the node's pressure.
    Evicted {
        own: bool,
    },
    NodeLost(String),
    /// Refused by the kubelet: OutOfcpu, NodeAffinity, …
    Rejected(String),
}

/// So many evicted pods of a workload are a pile to clear away.
const PILE: usize = 3;
/// Evictions of longer ago are history.
const RECENT: i64 = 24 * 3_600;

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    pods::grouped(snapshot, |pod| kind(snapshot, pod))
        .into_iter()
        .filter_map(|(kind, together)| fault(snapshot, &kind, &together))
        .collect()
}

/// When it happened, as far as anybody wrote that down.
fn when(snapshot: &Snapshot, pod: &Pod) -> Option<Timestamp> {
    let told = containers::pod_events(
        snapshot,
        pod,
        &["Evicted", "NodeNotReady", "TaintManagerEviction"],
    )
    .next()
    .and_then(|event| event_time(event));
    if told.is_some() {
        return told;
    }
    let status = pod.status.as_ref()?;
    let ended = status
        .container_statuses
        .iter()
        .flatten()
        .filter_map(|container| {
            container
                .state
                .as_ref()?
                .terminated
                .as_ref()?
                .finished_at
                .as_ref()
        })
        .map(|time| time.0)
        .max();
    let changed = status
        .conditions
        .iter()
        .flatten()
        .filter_map(|condition| condition.last_transition_time.as_ref())
        .map(|time| time.0)
        .max();
    ended.or(changed)
}

fn kind(snapshot: &Snapshot, pod: &Arc<Pod>) -> Option<Kind> {
    let status = pod.status.as_ref()?;
    let reason = status.reason.as_deref().unwrap_or_default();
    let message = status.message.as_deref().unwrap_or_default();
    let recent = || {
        when(snapshot, pod)
            .is_none_or(|when| snapshot.taken_at.as_second().saturating_sub(when.as_second()) < RECENT)
    };
    if reason == "Evicted" && pods::phase(pod) == "Failed" {
        let own = message.contains("exceeds the total limit")
            || message.contains("exceeded its local ephemeral storage limit")
            || message.contains("exceeds the limit");
        return recent().then_some(Kind::Evicted { own });
    }
    if pods::phase(pod) == "Failed"
        && (reason.starts_with("OutOf")
            || matches!(reason, "NodeAffinity" | "UnexpectedAdmissionError" | "NodePorts"))
    {
        return recent().then(|| Kind::Rejected(reason.to_owned()));
    }
    let node = pods::node(pod)?;
    if pod.metadata.deletion_timestamp.is_some() {
        return None;
    }
    let is_unknown = pods::phase(pod) == "Unknown" || matches!(reason, "NodeLost");
    let node_away = snapshot.node(node).is_some_and(|node| {
        node.status
            .iter()
            .flat_map(|status| status.conditions.iter().flatten())
            .any(|condition| condition.type_ == "Ready" && condition.status != "True")
    });
    let node_gone =
        snapshot.may_see("Node", None) && !snapshot.nodes.is_empty() && snapshot.node(node).is_none();
    let live = matches!(pods::phase(pod), "Running" | "Pending" | "Unknown");
    (is_unknown || (node_away && live && !is_ready(pod)) || (node_gone && live && !is_ready(pod)))
        .then(|| Kind::NodeLost(node.to_owned()))
}

fn fault(snapshot: &Snapshot, kind: &Kind, together: &Together<'_>) -> Option<Fault> {
    let pod = together.pods.iter().max_by_key(|pod| when(snapshot, pod))?;
    let name = together.workload.path();
    let status = pod.status.as_ref()?;
    let message = status.message.as_deref().unwrap_or_default();
    let node = pods::node(pod).unwrap_or("?");
    let count = together.pods.len();
    // Where a replacement serves, an eviction is a warning about the next one.
    let mended = snapshot
        .pods_of(&together.workload)
        .iter()
        .any(|pod| template::is_ready(pod));
    // Evicted pods lie about for weeks: one without a time is no news where another has taken its place.
    let undated = matches!(kind, Kind::Evicted { .. } | Kind::Rejected(_)) && when(snapshot, pod).is_none();
    let severity = if mended && undated {
        Severity::Info
    } else if mended {
        Severity::Warning
    } else {
        containers::severity(snapshot, &together.workload)
    };
    let mut fault = match kind {
        Kind::Evicted { own } => {
            let mut fault = together.fault(
                "pod-evicted",
                severity,
                if *own { Depth::Cause } else { Depth::Failure },
                if *own {
                    format!(
                        "{} evicted for using more disk than allowed (Evicted, ephemeral storage)",
                        pods_of(count, &name, "was", "were")
                    )
                } else {
                    format!(
                        "{} evicted (Evicted) from node `{node}`: {}",
                        pods_of(count, &name, "was", "were"),
                        resource(message)
                    )
                },
            );
            fault.cause = format!("The kubelet says: {}", wording::clip(message, 280));
            if !own {
                fault.blames.push(ObjectRef::cluster("Node", node));
            }
            fault.remedy = Some(if *own || message.contains("ephemeral-storage") {
                NextStep::advice(
                    "Write less to the container's disk, use a volume, or raise the ephemeral-storage limit",
                )
            } else {
                NextStep::advice(
                    "Give the containers requests that match their use, so that the scheduler keeps room for them",
                )
            });
            if let (true, Some(step)) = (mended && count >= PILE, &mut fault.remedy) {
                let namespace = together.workload.namespace.clone().unwrap_or_default();
                step.label = format!("Clear the {count} evicted pods away; lest it happen again: {}", step.label);
                step.command = Some(format!(
                    "kubectl delete pods -n {namespace} --field-selector=status.phase=Failed"
                ));
                step.proposal = Some(super::proposals::proposal(
                    "clean_up_pods",
                    serde_json::json!({"namespace": namespace, "which": ["evicted"]}),
                    vec![format!("{count} evicted pods of `{name}` lie about, and others serve in their place")],
                ));
            }
            fault
        }
        Kind::NodeLost(node) => {
            let gone = snapshot.node(node).is_none() && snapshot.may_see("Node", None);
            let mut fault = together.fault(
                "pod-node-lost",
                severity,
                Depth::Failure,
                if gone {
                    format!(
                        "{} bound to node `{node}`, which no longer exists",
                        pods_of(count, &name, "is", "are")
                    )
                } else {
                    format!(
                        "{} out of reach on node `{node}`, which is not ready",
                        pods_of(count, &name, "is", "are")
                    )
                },
            );
            fault.cause = format!("What runs on `{node}` does not count as ready until the node is back");
            fault.blames.push(ObjectRef::cluster("Node", node.as_str()));
            fault
        }
        Kind::Rejected(reason) => {
            let mut fault = together.fault(
                "pod-rejected",
                severity,
                Depth::Failure,
                format!(
                    "{} refused by node `{node}` ({reason})",
                    pods_of(count, &name, "was", "were")
                ),
            );
            fault.cause = format!("The kubelet says: {}", wording::clip(message, 280));
            fault.blames.push(ObjectRef::cluster("Node", node));
            fault
        }
    };
    fault.key = format!("{kind:?}");
    fault.since = when(snapshot, pod);
    fault.evidence.push(Evidence::new(
        format!("status of Pod {}", reference(pod.as_ref()).path()),
        format!(
            "{} {}: {message}",
            pods::phase(pod),
            status.reason.as_deref().unwrap_or_default()
        ),
        when(snapshot, pod),
    ));
    Some(fault)
}

/// "A pod of `x` was", "3 pods of `x` were".
fn pods_of(count: usize, name: &str, one: &str, many: &str) -> String {
    if count == 1 {
        format!("A pod of `{name}` {one}")
    } else {
        format!("{count} pods of `{name}` {many}")
    }
}

fn resource(message: &str) -> String {
    let low = message.split("low on resource: ").nth(1);
    match low.and_then(|rest| rest.split(['.', ',']).next()) {
        Some(resource) => format!("the node was low on {}", wording::clip(resource, 40)),
        None if message.is_empty() => "no reason given".to_owned(),
        None => wording::clip(message, 100),
    }
}
