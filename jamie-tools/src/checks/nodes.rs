//! Nodes that are down, under pressure, cordoned while pods wait, too old for the server, or short of addresses.
//!
//! Checks: `node-not-ready`, `node-pressure`, `node-network`, `node-problem`, `node-cordoned`, `node-version-skew`,
//! `node-memory-high`, `node-trouble`.
//! Conditions that nobody here knows count only when they are True and their name speaks of a problem.

use std::sync::Arc;

use jamie_core::{Evidence, NextStep, ObjectRef, Severity, Verdict};
use k8s_openapi::api::core::v1::{Node, NodeCondition, Pod};

use super::{happened, template};
use crate::{
    fault::{Depth, Fault},
    quantity,
    snapshot::{Snapshot, reference},
    wording,
};

/// Words in the type of a condition that is bad when True.
const PROBLEMS: [&str; 18] = [
    "problem",
    "deadlock",
    "readonly",
    "frequent",
    "corrupt",
    "unhealthy",
    "pressure",
    "fail",
    "error",
    "unregister",
    "hang",
    "hung",
    "exhaust",
    "down",
    "unavailable",
    "oom",
    "xid",
    "outofdisk",
];

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    let mut faults = cordoned(snapshot);
    for node in &snapshot.nodes {
        let object = reference(node.as_ref());
        let pods: Vec<&Arc<Pod>> = snapshot
            .pods_of(&object)
            .into_iter()
            .filter(|pod| !crate::snapshot::is_finished(pod))
            .collect();
        let mut own: Vec<Fault> = Vec::new();
        for condition in node
            .status
            .iter()
            .flat_map(|status| status.conditions.iter().flatten())
        {
            own.extend(of_condition(snapshot, node, condition, &pods));
        }
        own.extend(version_skew(snapshot, node));
        own.extend(memory(snapshot, node));
        if own.iter().all(|fault| fault.severity < Severity::Error) {
            own.extend(trouble(snapshot, node));
        }
        faults.extend(own);
    }
    faults
}

fn name(node: &Node) -> &str {
    node.metadata.name.as_deref().unwrap_or_default()
}

fn fault(node: &Node, check: &'static str, severity: Severity, title: String) -> Fault {
    let mut fault = Fault::new(check, severity, Depth::Cause, reference(node), title);
    fault.key = format!("Node/{}", name(node));
    fault.next_check = Some(NextStep::command(
        "Look at the node",
        format!("kubectl describe node {}", name(node)),
    ));
    fault
}

fn of_condition(
    snapshot: &Snapshot,
    node: &Node,
    condition: &NodeCondition,
    pods: &[&Arc<Pod>],
) -> Option<Fault> {
    let name = name(node);
    let (type_, status) = (condition.type_.as_str(), condition.status.as_str());
    let is_true = status == "True";
    let mut found = match type_ {
        "Ready" if !is_true => not_ready(snapshot, node, condition, pods)?,
        "MemoryPressure" if is_true => pressure(
            node,
            "memory",
            "It evicts pods to get memory back, those beyond their requests first.",
        ),
        "DiskPressure" if is_true => pressure(
            node,
            "disk space",
            "It deletes images and evicts pods to get disk space back, and takes no new ones.",
        ),
        "PIDPressure" if is_true => pressure(
            node,
            "process ids",
            "A container makes too many processes; new ones fail to start.",
        ),
        "NetworkUnavailable" if is_true => {
            let mut found = fault(
                node,
                "node-network",
                Severity::Error,
                format!("Node `{name}` has no working network (NetworkUnavailable)"),
            );
            found.cause =
                "Its routes or the network plugin are not set up, so pods there cannot be reached.".into();
            found
        }
        "Ready" | "MemoryPressure" | "DiskPressure" | "PIDPressure" | "NetworkUnavailable" => return None,
        other
            if is_true
                && PROBLEMS
                    .iter()
                    .any(|word| other.to_ascii_lowercase().contains(word)) =>
        {
            let mut found = fault(
                node,
                "node-problem",
                Severity::Warning,
                format!("Node `{name}` reports {other}"),
            );
            found.key = format!("Node/{name}#{other}");
            found
        }
        _ => return None,
    };
    let reason = condition.reason.as_deref().unwrap_or("no reason");
    let message = condition.message.as_deref().unwrap_or_default();
    found.since = condition.last_transition_time.as_ref().map(|time| time.0);
    if !message.is_empty() {
        let said = format!("The node says: {} ({reason}).", wording::said(message, 220));
        found.cause = if found.cause.is_empty() {
            said
        } else {
            format!("{said} {}", found.cause)
        };
    }
    found.evidence.push(Evidence::new(
        format!("Node {name} conditions"),
        format!("{type_}={status}, {reason}: {message}"),
        found.since,
    ));
    see(&mut found, pods);
    Some(found)
}

fn see(fault: &mut Fault, pods: &[&Arc<Pod>]) {
    fault.seen_count = pods.len();
    fault.seen_on = pods
        .iter()
        .take(Fault::MAX_SEEN)
        .map(|pod| reference(pod.as_ref()))
        .collect();
}

fn not_ready(
    snapshot: &Snapshot,
    node: &Node,
    condition: &NodeCondition,
    pods: &[&Arc<Pod>],
) -> Option<Fault> {
    let name = name(node);
    let since = condition.last_transition_time.as_ref().map(|time| time.0);
    let waited = since.map(|since| snapshot.taken_at.as_second().saturating_sub(since.as_second()));
    let is_unknown = condition.status == "Unknown";
    // A node that has just joined starts out not ready, and has no pods.
    let is_joining = !is_unknown
        && pods.is_empty()
        && template::age(&node.metadata, snapshot.taken_at).is_some_and(|age| age < 120)
        && waited.is_none_or(|waited| waited < 120);
    if is_joining {
        return None;
    }
    let for_long = waited
        .map(|waited| format!(" for {}", wording::duration(waited)))
        .unwrap_or_default();
    let state = if is_unknown {
        "NotReady: its kubelet has stopped reporting (Unknown)"
    } else {
        "NotReady"
    };
    let others = snapshot.nodes.iter().filter(|other| is_ready(other)).count();
    let workloads = workloads(snapshot, pods);
    let severity = if pods.is_empty() {
        Severity::Error
    } else {
        Severity::Critical
    };
    let mut found = fault(
        node,
        "node-not-ready",
        severity,
        format!("Node `{name}` is {state}"),
    );
    let carried = if pods.is_empty() {
        "No pods run on it".to_owned()
    } else {
        format!(
            "{} on it {} affected, of {}",
            wording::count(pods.len(), "pod"),
            wording::is_are(pods.len()),
            wording::code_list(&workloads, 4)
        )
    };
    found.cause = format!(
        "It has been so{for_long}. {carried}; {} of {} ready.",
        if others == 0 {
            "none".to_owned()
        } else {
            others.to_string()
        },
        wording::count(snapshot.nodes.len(), "node"),
    );
    found.remedy = Some(NextStep::command(
        "See to the machine and its kubelet; if it is lost, drain it so that its pods move",
        format!("kubectl drain {name} --ignore-daemonsets --delete-emptydir-data"),
    ));
    Some(found)
}

fn is_ready(node: &Node) -> bool {
    node.status
        .iter()
        .flat_map(|status| status.conditions.iter().flatten())
        .any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

fn workloads(snapshot: &Snapshot, pods: &[&Arc<Pod>]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for pod in pods {
        let workload: ObjectRef = snapshot.workload_of(pod);
        if workload.kind != "DaemonSet" && !found.contains(&workload.path()) {
            found.push(workload.path());
        }
    }
    found
}

fn pressure(node: &Node, of: &str, effect: &str) -> Fault {
    let name = name(node);
    let mut found = fault(
        node,
        "node-pressure",
        Severity::Error,
        format!("Node `{name}` is running out of {of}"),
    );
    found.key = format!("Node/{name}#{of}");
    found.cause = effect.into();
    found.next_check = Some(NextStep::command(
        "See what uses it up",
        format!("kubectl describe node {name}; kubectl top pods -A --sort-by=memory"),
    ));
    found
}

/// Cordoned by hand is fine, unless pods wait for a place: then all cordoned nodes are one matter.
fn cordoned(snapshot: &Snapshot) -> Vec<Fault> {
    let is_cordoned =
        |node: &&Arc<Node>| node.spec.as_ref().and_then(|spec| spec.unschedulable) == Some(true);
    let nodes: Vec<&Arc<Node>> = snapshot.nodes.iter().filter(is_cordoned).collect();
    let Some(first) = nodes.first() else {
        return Vec::new();
    };
    let waiting: Vec<&Arc<Pod>> = snapshot.pods.iter().filter(|pod| waits_for_node(pod)).collect();
    if waiting.is_empty() {
        return nodes
            .iter()
            .map(|node| {
                let mut found = cordoned_fault(node, Severity::Info);
                found.cause = "Somebody has cordoned or drained it; no pod waits for a place.".into();
                found
            })
            .collect();
    }
    let mut found = cordoned_fault(first, Severity::Warning);
    let names: Vec<&str> = nodes.iter().map(|node| name(node)).collect();
    if names.len() > 1 {
        found.title = format!(
            "Nodes {} are cordoned: they take no new pods",
            wording::code_list(&names, 4)
        );
        found
            .blames
            .extend(nodes.iter().skip(1).map(|node| reference(node.as_ref())));
        found.remedy = Some(NextStep::command(
            "Let them take pods again when the work on them is done",
            format!("kubectl uncordon {}", names.join(" ")),
        ));
    }
    let names: Vec<String> = waiting.iter().map(|pod| reference(pod.as_ref()).path()).collect();
    found.cause = format!(
        "{} of {} cordoned, and {} cannot be scheduled.",
        nodes.len(),
        wording::count(snapshot.nodes.len(), "node"),
        wording::code_list(&names, 4)
    );
    see(&mut found, &waiting);
    vec![found]
}

fn cordoned_fault(node: &Node, severity: Severity) -> Fault {
    let name = name(node);
    let mut found = fault(
        node,
        "node-cordoned",
        severity,
        format!("Node `{name}` is cordoned: it takes no new pods"),
    );
    found.verdict = Verdict::Likely;
    found.since = node
        .spec
        .iter()
        .flat_map(|spec| spec.taints.iter().flatten())
        .find(|taint| taint.key == "node.kubernetes.io/unschedulable")
        .and_then(|taint| taint.time_added.as_ref())
        .map(|time| time.0);
    found.evidence.push(Evidence::new(
        format!("Node {name} spec"),
        "unschedulable: true",
        found.since,
    ));
    found.remedy = Some(NextStep::command(
        "Let it take pods again when the work on it is done",
        format!("kubectl uncordon {name}"),
    ));
    if let (true, Some(step)) = (severity > Severity::Info, &mut found.remedy) {
        step.proposal = Some(super::proposals::proposal(
            "uncordon",
            serde_json::json!({"target": reference(node)}),
            vec!["pods wait for a place, and it takes none".to_owned()],
        ));
    }
    found
}

fn waits_for_node(pod: &Pod) -> bool {
    let has_node = pod.spec.as_ref().is_some_and(|spec| spec.node_name.is_some());
    let conditions = pod
        .status
        .iter()
        .flat_map(|status| status.conditions.iter().flatten());
    let told = |message: &str| message.contains("unschedulable") || message.contains("cordoned");
    !has_node
        && template::is_live(pod)
        && conditions.into_iter().any(|condition| {
            condition.type_ == "PodScheduled"
                && condition.status == "False"
                && condition.message.as_deref().is_none_or(told)
        })
}

/// Kubelets may be three minor versions older than the server (two before 1.28), and never newer.
fn version_skew(snapshot: &Snapshot, node: &Node) -> Option<Fault> {
    let (major, server) = snapshot.version?;
    let version = node.status.as_ref()?.node_info.as_ref()?.kubelet_version.as_str();
    let mut parts = version.trim_start_matches('v').split('.');
    let own_major: u32 = parts.next()?.parse().ok()?;
    let own: u32 = parts.next()?.parse().ok()?;
    let most = if server >= 28 { 3 } else { 2 };
    if own_major != major || (own <= server && server - own <= most) {
        return None;
    }
    let name = name(node);
    let mut found = fault(
        node,
        "node-version-skew",
        Severity::Warning,
        format!("Node `{name}` runs kubelet {version}, too far from the server's {major}.{server}"),
    );
    found.cause = if own > server {
        "A kubelet must not be newer than the API server.".to_owned()
    } else {
        format!(
            "It is {} minor versions behind; {most} are supported.",
            server - own
        )
    };
    found.evidence.push(Evidence::new(
        format!("Node {name} status"),
        format!("kubeletVersion: {version}"),
        None,
    ));
    found.remedy = Some(NextStep::advice("Upgrade the node, draining it first"));
    Some(found)
}

/// By the metrics API, where there is one.
fn memory(snapshot: &Snapshot, node: &Node) -> Option<Fault> {
    let used = snapshot.node_use.get(name(node))?.memory;
    let allocatable = node
        .status
        .as_ref()?
        .allocatable
        .as_ref()?
        .get("memory")
        .map(quantity::whole)?;
    let share = quantity::percent(used, allocatable)?;
    if share < 95 {
        return None;
    }
    let mut found = fault(
        node,
        "node-memory-high",
        Severity::Warning,
        format!("Node `{}` uses {share} % of its memory", name(node)),
    );
    found.cause = format!(
        "{} of {} that pods may use: the kernel or the kubelet will soon kill or evict something.",
        quantity::show_bytes(used),
        quantity::show_bytes(allocatable)
    );
    found.evidence.push(Evidence::new(
        format!("metrics of node {}", name(node)),
        quantity::show_bytes(used),
        Some(snapshot.taken_at),
    ));
    Some(found)
}

/// What the kubelet or a problem detector has told of late.
fn trouble(snapshot: &Snapshot, node: &Node) -> Option<Fault> {
    let events = snapshot.events_of(&reference(node));
    let event = happened::latest(
        &events,
        &[
            "SystemOOM",
            "OOMKilling",
            "FreeDiskSpaceFailed",
            "ImageGCFailed",
            "EvictionThresholdMet",
            "CIDRNotAvailable",
            "KernelOops",
            "TaskHung",
            "ContainerGCFailed",
        ],
        snapshot,
    )?;
    let name = name(node);
    let reason = event.reason.as_deref().unwrap_or_default();
    let told = match reason {
        "SystemOOM" | "OOMKilling" => "has run out of memory, and the kernel killed a process",
        "FreeDiskSpaceFailed" | "ImageGCFailed" | "ContainerGCFailed" => "cannot free disk space",
        "EvictionThresholdMet" => "is evicting pods to free something",
        "CIDRNotAvailable" => "has no addresses left for pods",
        _ => "has trouble in its kernel",
    };
    // A container that breaks its own limit shows up here as well, and is no matter of the node.
    if reason == "OOMKilling" && happened::message(event).contains("Memory cgroup out of memory") {
        return None;
    }
    let mut found = fault(
        node,
        "node-trouble",
        Severity::Warning,
        format!("Node `{name}` {told} ({reason})"),
    );
    found.key = format!("Node/{name}#{reason}");
    found.cause = format!(
        "{}.",
        wording::clip(happened::message(event), 240).trim_end_matches('.')
    );
    found.since = happened::first_seen(event);
    found.evidence.push(happened::evidence(event));
    Some(found)
}
