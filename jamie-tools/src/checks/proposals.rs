//! What a fault says is wrong in, the change that mends it out: only where it is plain which one that is.

use jamie_core::{NextStep, ObjectRef, Proposal, Severity};
use k8s_openapi::api::{
    apps::v1::{Deployment, ReplicaSet},
    core::v1::Container,
};
use serde_json::{Value, json};

use super::template::kubectl;
use crate::{
    Snapshot,
    fault::Fault,
    quantity,
    scheduling::allocatable_of,
    snapshot::revision,
    wording,
};

/// Sizes that people give containers, in mebibytes.
const USUAL: [u64; 22] = [
    32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1_024, 1_536, 2_048, 3_072, 4_096, 6_144, 8_192, 12_288, 16_384,
    24_576, 32_768, 65_536,
];

pub(crate) fn proposal(tool: &str, args: Value, reasons: Vec<String>) -> Proposal {
    Proposal {
        tool: tool.to_owned(),
        args,
        reasons,
    }
}

/// The usual size at or above so many bytes.
pub(crate) fn usual(bytes: u64) -> u64 {
    USUAL
        .iter()
        .map(|mebi| mebi << 20)
        .find(|size| *size >= bytes)
        .unwrap_or(bytes)
}

/// More memory for a container that was killed for want of it; none where no node, limit range or quota leaves room.
pub(crate) fn memory(
    snapshot: &Snapshot,
    workload: &ObjectRef,
    container: &Container,
    limit: u64,
    wanted: u64,
) -> Option<Proposal> {
    let is_set = matches!(workload.kind.as_str(), "Deployment" | "StatefulSet" | "DaemonSet");
    let namespace = workload.namespace.as_deref()?;
    if !is_set || !main_container(snapshot, workload, &container.name) {
        return None;
    }
    let mut most = snapshot
        .nodes
        .iter()
        .filter_map(|node| allocatable_of(node).get("memory").copied())
        .max()
        .map_or(u64::MAX, |milli| u64::try_from(milli / 1_000).unwrap_or(u64::MAX));
    let own = |of: Option<&str>| of == Some(namespace);
    for range in snapshot
        .limit_ranges
        .iter()
        .filter(|range| own(range.metadata.namespace.as_deref()))
    {
        for item in range.spec.iter().flat_map(|spec| &spec.limits) {
            if let Some(max) = item.max.as_ref().and_then(|max| max.get("memory"))
                && matches!(item.type_.as_str(), "Container" | "Pod")
            {
                most = most.min(quantity::whole(max));
            }
        }
    }
    let pods = u64::try_from(snapshot.pods_of(workload).len().max(1)).unwrap_or(1);
    for quota in snapshot
        .quotas
        .iter()
        .filter(|quota| own(quota.metadata.namespace.as_deref()))
    {
        let of = |list: Option<&std::collections::BTreeMap<String, _>>| {
            list.and_then(|list| list.get("limits.memory")).map(quantity::whole)
        };
        let hard = of(quota.spec.as_ref().and_then(|spec| spec.hard.as_ref()));
        let used = of(quota.status.as_ref().and_then(|status| status.used.as_ref())).unwrap_or(0);
        if let Some(hard) = hard {
            most = most.min(limit + hard.saturating_sub(used) / pods);
        }
    }
    let fitting = USUAL
        .iter()
        .rev()
        .map(|mebi| mebi << 20)
        .find(|size| *size <= most.min(usual(wanted)))?;
    // Less than half as much again only puts the next kill off.
    if fitting < limit.saturating_add(limit / 2) {
        return None;
    }
    let shown = quantity::show_bytes(fitting);
    Some(proposal(
        "set_resources",
        json!({"target": workload, "container": container.name, "memory_limit": shown}),
        vec![
            format!(
                "`{}` was killed for using more than its limit of {}",
                container.name,
                quantity::show_bytes(limit)
            ),
            format!("{shown} is the next usual size that leaves room, and it fits the nodes and the namespace's bounds"),
        ],
    ))
}

/// Whether it is one of the containers of the workload's template, not an init container.
fn main_container(snapshot: &Snapshot, workload: &ObjectRef, container: &str) -> bool {
    position(snapshot, workload, container).is_some()
}

/// Where a container stands in its workload's template.
pub(crate) fn position(snapshot: &Snapshot, workload: &ObjectRef, container: &str) -> Option<usize> {
    let namespace = workload.namespace.as_deref()?;
    let template = match workload.kind.as_str() {
        "Deployment" => &snapshot.deployment(namespace, &workload.name)?.spec.template,
        "StatefulSet" => &snapshot.stateful_set(namespace, &workload.name)?.spec.template,
        "DaemonSet" => &snapshot.daemon_set(namespace, &workload.name)?.spec.template,
        _ => return None,
    };
    template
        .spec
        .as_ref()?
        .containers
        .iter()
        .position(|one| one.name == container)
}

/// The revision of a Deployment that still serves while its newest one does not.
pub(crate) fn serving_revision(snapshot: &Snapshot, deployment: &Deployment) -> Option<u64> {
    if deployment.spec.paused == Some(true) || deployment.metadata.deletion_timestamp.is_some() {
        return None;
    }
    let sets = snapshot.replica_sets_of(deployment);
    let ready = |set: &ReplicaSet| set.status.as_ref().and_then(|status| status.ready_replicas).unwrap_or(0);
    let (newest, older) = sets.split_first()?;
    if ready(newest) > 0 {
        return None;
    }
    older
        .iter()
        .find(|set| ready(set) > 0)
        .map(|set| revision(set))
        .filter(|number| *number > 0)
}

/// Back to a revision that serves.
pub(crate) fn rollback(workload: &ObjectRef, number: u64, reason: String) -> Proposal {
    proposal(
        "rollback",
        json!({"target": workload, "revision": number}),
        vec![reason, format!("the pods of revision {number} are ready")],
    )
}

/// Faults of the newest revision's pods for which going back is the remedy, as long as the one before serves.
const OF_A_REVISION: [&str; 5] = ["container-crash", "container-start", "container-config", "probe-", "init-"];

/// Where a new revision fails and the old one still serves, going back mends what users feel, whatever the new one
/// lacks.
pub(crate) fn go_back(snapshot: &Snapshot, fault: &mut Fault) {
    let is_of_revision = OF_A_REVISION.iter().any(|start| fault.check.starts_with(start));
    let proposed = fault.remedy.as_ref().is_some_and(|step| step.proposal.is_some());
    if !is_of_revision || proposed || fault.object.kind != "Deployment" || fault.severity <= Severity::Info {
        return;
    }
    let Some(number) = fault
        .object
        .namespace
        .as_deref()
        .and_then(|namespace| snapshot.deployment(namespace, &fault.object.name))
        .and_then(|deployment| serving_revision(snapshot, deployment))
    else {
        return;
    };
    let label = match &fault.remedy {
        Some(step) => format!(
            "Go back to revision {number}, which serves; to mend the new one: {}",
            lower(&step.label)
        ),
        None => format!("Go back to revision {number}, which serves"),
    };
    let command = format!("kubectl rollout undo {} --to-revision={number}", kubectl(&fault.object));
    let reason = format!("no pod of the newest revision is ready: {}", wording::clip(&fault.title, 160));
    fault.remedy = Some(NextStep::command(label, command).proposing(rollback(&fault.object, number, reason)));
}

fn lower(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next();
    let second = text.chars().nth(1).is_some_and(char::is_lowercase);
    match first {
        Some(first) if second => first.to_lowercase().chain(chars).collect(),
        _ => text.to_owned(),
    }
}

/// A right that a pod's own account lacks by its own log, where it is one to look: what a log says is no reason to let
/// anybody change or read secrets.
pub(crate) fn permission(
    snapshot: &Snapshot,
    pod: &ObjectRef,
    who: &str,
    verb: &str,
    resource: &str,
    inside: Option<&str>,
) -> Option<Proposal> {
    const LOOKS: [&str; 3] = ["get", "list", "watch"];
    const OPEN: [&str; 12] = [
        "pods",
        "services",
        "endpoints",
        "endpointslices",
        "configmaps",
        "events",
        "deployments",
        "replicasets",
        "statefulsets",
        "daemonsets",
        "jobs",
        "ingresses",
    ];
    let (namespace, account) = who.strip_prefix("system:serviceaccount:")?.split_once(':')?;
    let own = snapshot.pod(pod.namespace.as_deref()?, &pod.name)?;
    let runs_as = own
        .spec
        .as_ref()
        .and_then(|spec| spec.service_account_name.as_deref())
        .unwrap_or("default");
    let is_own = runs_as == account && pod.namespace.as_deref() == Some(namespace) && account != "default";
    let inside = inside?;
    if !is_own
        || !LOOKS.contains(&verb)
        || !OPEN.contains(&resource)
        || snapshot.namespace(inside).is_none()
        || snapshot.service_account(namespace, account).is_none()
    {
        return None;
    }
    // Who lists to follow changes goes on to watch them.
    let verbs = if verb == "get" { vec!["get"] } else { vec!["get", "list", "watch"] };
    Some(proposal(
        "grant_permission",
        json!({
            "subject": {"kind": "ServiceAccount", "name": account, "namespace": namespace},
            "verbs": verbs, "resources": [resource], "namespace": inside,
        }),
        vec![
            format!("its log says that it may not {verb} `{resource}` in `{inside}`"),
            format!("`{account}` is the account that it runs as; the role allows only to look"),
        ],
    ))
}
