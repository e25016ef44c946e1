//! Pods that no node takes.
//!
//! Checks: `pod-unschedulable`, `pod-scheduling-gated`, `pod-unscheduled` (nobody has tried).

use std::sync::Arc;

use jamie_core::{Evidence, NextStep, ObjectRef, Severity, Verdict};
use k8s_openapi::api::core::v1::Pod;

use super::{
    containers, happened,
    pods::{self, Together},
    template::{self, kubectl},
};
use crate::{
    fault::{Depth, Fault},
    scheduling::{self, Blocker, Reason},
    snapshot::{Snapshot, reference},
    wording,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Unschedulable,
    Gated,
    Untried,
}

/// The scheduler takes a pod within moments; after this somebody should ask.
const UNTRIED: i64 = 120;
/// More placements than this are not worked out in one look.
const MOST_PLACED: usize = 20;

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    pods::grouped(snapshot, |pod| kind(snapshot, pod))
        .into_iter()
        .enumerate()
        .filter_map(|(position, (kind, together))| fault(snapshot, kind, &together, position < MOST_PLACED))
        .collect()
}

fn kind(snapshot: &Snapshot, pod: &Arc<Pod>) -> Option<Kind> {
    let phase = pods::phase(pod);
    if pod.metadata.deletion_timestamp.is_some()
        || !matches!(phase, "Pending" | "")
        || pods::node(pod).is_some()
    {
        return None;
    }
    match pods::condition(pod, "PodScheduled") {
        Some(condition) if condition.status == "True" => None,
        Some(condition) if condition.reason.as_deref() == Some("SchedulingGated") => Some(Kind::Gated),
        Some(condition) if condition.reason.as_deref() == Some("Unschedulable") => Some(Kind::Unschedulable),
        _ if failed_event(snapshot, pod).is_some() => Some(Kind::Unschedulable),
        _ => {
            let gated = pod.spec.as_ref().is_some_and(|spec| {
                spec.scheduling_gates
                    .as_ref()
                    .is_some_and(|gates| !gates.is_empty())
            });
            if gated {
                return Some(Kind::Gated);
            }
            let age = template::age(&pod.metadata, snapshot.taken_at)?;
            (age > UNTRIED).then_some(Kind::Untried)
        }
    }
}

fn failed_event<'a>(snapshot: &'a Snapshot, pod: &Pod) -> Option<&'a Arc<k8s_openapi::api::core::v1::Event>> {
    containers::pod_events(snapshot, pod, &["FailedScheduling"]).next()
}

fn fault(snapshot: &Snapshot, kind: Kind, together: &Together<'_>, place: bool) -> Option<Fault> {
    let pod = together.first()?;
    let name = together.workload.path();
    let count = together.pods.len();
    let share = if count > 1 {
        format!(" ({} waiting)", wording::count(count, "pod"))
    } else {
        String::new()
    };
    let condition = pods::condition(pod, "PodScheduled");
    let event = failed_event(snapshot, pod);
    let told = condition
        .and_then(|condition| condition.message.as_deref())
        .filter(|message| !message.is_empty())
        .or_else(|| event.map(|event| happened::message(event)))
        .unwrap_or_default();
    let severity = containers::severity(snapshot, &together.workload);
    let describe = NextStep::command(
        "See what the scheduler says",
        format!("kubectl describe {}", kubectl(&reference(pod.as_ref()))),
    );
    let mut fault = match kind {
        Kind::Gated => {
            let gates: Vec<&str> = pod
                .spec
                .iter()
                .flat_map(|spec| spec.scheduling_gates.iter().flatten())
                .map(|gate| gate.name.as_str())
                .collect();
            let age = template::age(&pod.metadata, snapshot.taken_at).unwrap_or(i64::MAX);
            let mut fault = together.fault(
                "pod-scheduling-gated",
                if age > 300 {
                    Severity::Warning
                } else {
                    Severity::Info
                },
                Depth::Cause,
                format!("`{name}` waits for a scheduling gate (SchedulingGated){share}"),
            );
            fault.cause = format!(
                "The pod carries the scheduling gate {}, which whoever set it has to remove",
                wording::code_list(&gates, 4)
            );
            fault.key = gates.join(",");
            fault
        }
        Kind::Unschedulable => together.fault(
            "pod-unschedulable",
            severity,
            Depth::Cause,
            format!("`{name}` cannot be scheduled (Pending, Unschedulable){share}: no node fits"),
        ),
        Kind::Untried => together.fault(
            "pod-unscheduled",
            severity.min(Severity::Error),
            Depth::Failure,
            format!("`{name}` is Pending without a node{share}"),
        ),
    };
    if kind != Kind::Gated {
        solve(snapshot, pod, told, place, kind, &mut fault);
    }
    if !told.is_empty() {
        fault.evidence.push(Evidence::new(
            format!("PodScheduled condition of Pod {}", reference(pod.as_ref()).path()),
            told,
            condition.and_then(|condition| condition.last_transition_time.as_ref().map(|time| time.0)),
        ));
    }
    fault.since = condition
        .and_then(|condition| condition.last_transition_time.as_ref())
        .or(pod.metadata.creation_timestamp.as_ref())
        .map(|time| time.0);
    fault.next_check = Some(describe);
    Some(fault)
}

/// Adds the scheduler's reasons, worked out again with the numbers that it leaves out.
fn solve(snapshot: &Snapshot, pod: &Pod, told: &str, place: bool, kind: Kind, fault: &mut Fault) {
    let mut cause = String::new();
    if !told.is_empty() {
        cause = format!("The scheduler says: {}", wording::said(told, 260));
    }
    if told.contains("exceed") && told.contains("quota") {
        fault.depth = Depth::Failure;
    }
    if place && !snapshot.nodes.is_empty() && snapshot.may_see("Node", None) {
        let placement = scheduling::place(snapshot, pod);
        let fits = placement.fitting().next().is_some();
        if fits {
            if kind == Kind::Untried {
                cause = match &pod.spec.as_ref().and_then(|spec| spec.scheduler_name.clone()) {
                    Some(name) if name != "default-scheduler" => {
                        format!(
                            "It waits for the scheduler `{name}`, which has not placed it; node `{}` would fit",
                            placement.fitting().next().unwrap_or("?")
                        )
                    }
                    _ => format!(
                        "Node `{}` would fit, but no scheduler has placed it: is the scheduler running?",
                        placement.fitting().next().unwrap_or("?")
                    ),
                };
                fault.verdict = Verdict::Likely;
            }
        } else {
            let summary = placement.summary();
            if kind == Kind::Untried {
                fault.depth = Depth::Cause;
                fault.verdict = Verdict::Likely;
                fault.title = format!("{}: no node fits", fault.title);
            }
            cause = if cause.is_empty() {
                summary
            } else {
                format!("{}. {cause}", wording::sentence(&summary))
            };
            for blocker in &placement.blockers {
                if let Blocker::Claim { claim, .. } = blocker {
                    fault.depth = Depth::Failure;
                    fault.blames.push(ObjectRef::namespaced(
                        "PersistentVolumeClaim",
                        pod.metadata.namespace.clone().unwrap_or_default(),
                        claim.as_str(),
                    ));
                }
            }
            for verdict in &placement.nodes {
                let is_node_trouble = verdict
                    .reasons
                    .iter()
                    .any(|reason| matches!(reason, Reason::NotReady { .. } | Reason::Cordoned));
                if is_node_trouble {
                    fault
                        .blames
                        .push(ObjectRef::cluster("Node", verdict.node.as_str()));
                }
            }
            if let Some(change) = placement.changes.first() {
                fault.remedy = Some(NextStep {
                    label: change.what.clone(),
                    command: change.command.clone(),
                    proposal: None,
                });
            }
        }
    }
    for claim in crate::snapshot::claims(pod) {
        if told.contains("persistentvolumeclaim") || told.contains("PersistentVolumeClaim") {
            fault.depth = Depth::Failure;
            let claim = ObjectRef::namespaced(
                "PersistentVolumeClaim",
                pod.metadata.namespace.clone().unwrap_or_default(),
                claim.as_ref(),
            );
            if !fault.blames.contains(&claim) {
                fault.blames.push(claim);
            }
        }
    }
    if fault.remedy.is_none() {
        fault.remedy = Some(NextStep::advice(
            "Make room or a matching node, or lower what the pod asks for",
        ));
    }
    fault.cause = cause;
    "placement".clone_into(&mut fault.key);
}
