//! The verdicts on all nodes in; the smallest changes that would make the pod fit out.

use k8s_openapi::api::core::v1::Pod;

use super::{Blocker, NodeVerdict, Reason, demand, demand::spoken};
use crate::{Snapshot, quantity};

/// One thing to do that would let the pod run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The node it would then fit on; `None` when the change is not about one node.
    pub node: Option<String>,
    /// What to do, one sentence without a full stop.
    pub what: String,
    /// The command that does it, where one does.
    pub command: Option<String>,
}

/// At most so many ways out are offered.
const MOST: usize = 3;

/// How much stands between a pod and a node: cheap things first.
pub(super) fn cost(reasons: &[Reason]) -> u64 {
    reasons
        .iter()
        .map(|reason| match reason {
            Reason::Cordoned => 10,
            Reason::Label { .. } | Reason::NodeAffinity { .. } => 24,
            Reason::Taint { .. } => 26,
            Reason::Spread { .. } | Reason::SpreadLabel { .. } => 28,
            Reason::Resource {
                name,
                wanted,
                free,
                allocatable,
            } => {
                let missing = wanted.saturating_sub(*free).saturating_mul(20) / (*wanted).max(1);
                let missing = u64::try_from(missing).unwrap_or(20);
                match name.as_str() {
                    "pods" => 45,
                    // No lowering of requests makes a GPU appear.
                    _ if *allocatable == 0 => 80,
                    _ => 20 + missing,
                }
            }
            Reason::HostPort { .. } | Reason::PodAntiAffinity { .. } => 40,
            Reason::PodAffinity { .. } => 42,
            Reason::NotReady { .. } | Reason::OtherNode { .. } => 60,
            Reason::Volume { .. } => 70,
        })
        .sum()
}

/// The cheapest ways out; for one kind of obstacle the best node only.
pub(super) fn smallest(
    snapshot: &Snapshot,
    pod: &Pod,
    blockers: &[Blocker],
    verdicts: &[NodeVerdict],
) -> Vec<Change> {
    if !blockers.is_empty() {
        return blockers
            .iter()
            .take(MOST)
            .map(|blocker| unblock(pod, blocker))
            .collect();
    }
    let mut seen: Vec<Vec<&str>> = Vec::new();
    let mut changes = Vec::new();
    for verdict in verdicts.iter().filter(|verdict| !verdict.reasons.is_empty()) {
        let mut families: Vec<&str> = verdict.reasons.iter().map(Reason::family).collect();
        families.sort_unstable();
        families.dedup();
        // What would need three different things at once is no small change.
        if seen.contains(&families) || families.len() > 2 {
            continue;
        }
        seen.push(families);
        changes.push(for_node(snapshot, pod, verdict));
        if changes.len() == MOST {
            break;
        }
    }
    changes
}

fn unblock(pod: &Pod, blocker: &Blocker) -> Change {
    let namespace = pod.metadata.namespace.as_deref().unwrap_or("default");
    let (what, command) = match blocker {
        Blocker::Gates(_) => (
            "Whatever set the scheduling gates must remove them".to_owned(),
            None,
        ),
        Blocker::Claim { claim, why } if why == "does not exist" => (
            format!("Create the PersistentVolumeClaim `{claim}`, or mend the name in the pod's volumes"),
            Some(format!("kubectl get pvc -n {namespace}")),
        ),
        Blocker::Claim { claim, why } if why.contains("StorageClass") && why.contains("does not exist") => (
            format!("Create that StorageClass, or make the claim `{claim}` anew with one that exists"),
            Some("kubectl get storageclass".to_owned()),
        ),
        Blocker::Claim { claim, .. } => (
            format!("Get the PersistentVolumeClaim `{claim}` bound first"),
            Some(format!("kubectl describe pvc {claim} -n {namespace}")),
        ),
        Blocker::NoSuchNode(node) => (
            format!("Remove the node name `{node}` from the pod, or bring that node back"),
            Some("kubectl get nodes".to_owned()),
        ),
        Blocker::Scheduler(name) => (
            format!("Check that the scheduler `{name}` runs, or remove schedulerName from the pod template"),
            Some("kubectl get pods -n kube-system".to_owned()),
        ),
    };
    Change {
        node: None,
        what,
        command,
    }
}

/// What it takes on one node; several obstacles become one sentence.
fn for_node(snapshot: &Snapshot, pod: &Pod, verdict: &NodeVerdict) -> Change {
    let mut command = None;
    let mut parts: Vec<String> = Vec::new();
    for reason in &verdict.reasons {
        let (part, does) = one(snapshot, pod, &verdict.node, reason);
        if !parts.contains(&part) {
            parts.push(part);
        }
        command = command.or(does);
    }
    let what = parts.join("; and ");
    // One command for two obstacles would promise too much.
    let command = if parts.len() == 1 { command } else { None };
    Change {
        node: Some(verdict.node.clone()),
        what,
        command,
    }
}

fn one(snapshot: &Snapshot, pod: &Pod, node: &str, reason: &Reason) -> (String, Option<String>) {
    match reason {
        Reason::Cordoned => (
            format!("Uncordon `{node}`"),
            Some(format!("kubectl uncordon {node}")),
        ),
        Reason::NotReady { .. } => (
            format!("Bring `{node}` back to Ready"),
            Some(format!("kubectl describe node {node}")),
        ),
        Reason::Taint { .. } => {
            let taint = reason.taint();
            (
                format!(
                    "Add a toleration for `{taint}` to the pod template, or remove that taint from `{node}`"
                ),
                Some(format!("kubectl taint nodes {node} {taint}-")),
            )
        }
        Reason::Label { key, wanted, .. } => (
            format!("Give `{node}` the label `{key}={wanted}`, or remove it from the pod's nodeSelector"),
            Some(format!("kubectl label node {node} {key}={wanted} --overwrite")),
        ),
        Reason::NodeAffinity { wanted } => (
            format!("Label `{node}` so that it matches `{wanted}`, or relax the node affinity"),
            None,
        ),
        Reason::OtherNode { wanted } => (format!("Remove the node name `{wanted}` from the pod"), None),
        Reason::Resource { name, .. } if name == "pods" => {
            (format!("Free a pod place on `{node}`, or add a node"), None)
        }
        Reason::Resource {
            name,
            wanted,
            free,
            allocatable,
        } => resource(snapshot, pod, node, name, [*wanted, *free, *allocatable]),
        Reason::HostPort { port, holder } => (
            format!(
                "Drop the host port {port}, or move `{}` off `{node}`",
                holder.path()
            ),
            None,
        ),
        Reason::PodAffinity { wanted, .. } => (
            format!("Run a pod `{wanted}` near `{node}`, or relax the pod affinity"),
            None,
        ),
        Reason::PodAntiAffinity { with, .. } => (
            format!(
                "Add a node, move `{}` away from `{node}`, or make the anti-affinity preferred instead of required",
                with.path()
            ),
            None,
        ),
        Reason::Spread { topology, most, .. } => (
            format!(
                "Make room in the other domains of `{topology}`, raise maxSkew above {most}, or use ScheduleAnyway"
            ),
            None,
        ),
        Reason::SpreadLabel { topology } => (
            format!("Give `{node}` the label `{topology}`"),
            Some(format!("kubectl label node {node} {topology}=VALUE")),
        ),
        Reason::Volume { wanted, .. } => (
            format!("Make room on a node in {wanted}: the volume cannot move"),
            None,
        ),
    }
}

fn resource(
    snapshot: &Snapshot,
    pod: &Pod,
    node: &str,
    name: &str,
    [wanted, free, allocatable]: [u128; 3],
) -> (String, Option<String>) {
    let show = |milli| quantity::show(name, milli);
    let called = spoken(name);
    if allocatable == 0 {
        return (
            format!("Add a node that offers {called}; `{node}` has none"),
            None,
        );
    }
    if free == 0 {
        return (
            format!("Free {} of {called} on `{node}`, or add a node", show(wanted)),
            None,
        );
    }
    let short = show(wanted.saturating_sub(free));
    let lower = format!(
        "Lower the {called} request from {} to at most {}",
        show(wanted),
        show(free)
    );
    let what = if wanted > allocatable {
        format!(
            "{lower} (`{node}`), or add a larger node: no freeing helps, `{node}` has {} in all",
            show(allocatable)
        )
    } else {
        format!("{lower}, or free {short} of {called} on `{node}`")
    };
    (what, lower_request(snapshot, pod, name, wanted, free))
}

/// The command that lowers the request, where one container asks for all of it.
fn lower_request(snapshot: &Snapshot, pod: &Pod, name: &str, wanted: u128, free: u128) -> Option<String> {
    let spec = pod.spec.as_ref()?;
    let asking: Vec<_> = spec
        .containers
        .iter()
        .filter(|container| demand::requests(container.resources.as_ref()).contains_key(name))
        .collect();
    let [container] = asking.as_slice() else {
        return None;
    };
    (demand::requests(container.resources.as_ref()).get(name) == Some(&wanted)).then_some(())?;
    let workload = snapshot.workload_of(pod);
    matches!(workload.kind.as_str(), "Deployment" | "StatefulSet" | "DaemonSet").then(|| {
        format!(
            "kubectl set resources {}/{} -n {} -c {} --requests={name}={}",
            workload.kind.to_lowercase(),
            workload.name,
            workload.namespace.as_deref().unwrap_or("default"),
            container.name,
            quantity::show(
                name,
                free / 1_000 * 1_000 + if name == "cpu" { free % 1_000 } else { 0 }
            ),
        )
    })
}
