//! Volumes that have failed, are not deleted, or are tied to a node that is gone.
//!
//! Checks: `volume-failed`, `volume-released`, `volume-node-gone`. Attaching them: see `volume_attach`.

use std::sync::Arc;

use jamie_core::{Evidence, NextStep, ObjectRef, Severity};
use k8s_openapi::api::core::v1::{Node, NodeSelectorRequirement, PersistentVolume, Pod};

use super::{
    claims::{Users, users},
    happened, template,
};
use crate::{
    fault::{Depth, Fault},
    snapshot::{Snapshot, reference},
    wording,
};

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    let users = users(snapshot);
    let mut faults = Vec::new();
    for volume in &snapshot.volumes {
        faults.extend(phase(snapshot, volume));
        faults.extend(node_gone(snapshot, &users, volume));
    }
    faults
}

/// The claim that a volume is bound to, or else the volume itself.
pub(super) fn shown(volume: &PersistentVolume) -> ObjectRef {
    let claim = volume.spec.as_ref().and_then(|spec| spec.claim_ref.as_ref());
    match claim.map(|claim| (claim.namespace.as_deref(), claim.name.as_deref())) {
        Some((Some(namespace), Some(name))) => {
            ObjectRef::namespaced("PersistentVolumeClaim", namespace, name)
        }
        _ => reference(volume),
    }
}

pub(super) fn pods<'a>(users: &'a Users<'a>, claim: &ObjectRef) -> &'a [&'a Arc<Pod>] {
    let namespace = claim.namespace.as_deref().unwrap_or_default();
    let found = users
        .iter()
        .find(|((space, name), _)| *space == namespace && *name == claim.name);
    found.map(|(_, pods)| pods.as_slice()).unwrap_or_default()
}

pub(super) fn see(fault: &mut Fault, pods: &[&Arc<Pod>]) {
    fault.seen_count = pods.len();
    fault.seen_on = pods
        .iter()
        .take(Fault::MAX_SEEN)
        .map(|pod| reference(pod.as_ref()))
        .collect();
}

fn phase(snapshot: &Snapshot, volume: &PersistentVolume) -> Option<Fault> {
    let status = volume.status.as_ref()?;
    let spec = volume.spec.as_ref()?;
    let name = volume.metadata.name.as_deref().unwrap_or_default();
    let object = reference(volume);
    let events = snapshot.events_of(&object);
    let failed = happened::latest(&events, &["VolumeFailedDelete", "VolumeFailedRecycle"], snapshot);
    let deletes = spec.persistent_volume_reclaim_policy.as_deref() == Some("Delete");
    let since = status.last_phase_transition_time.as_ref().map(|time| time.0);
    let (check, severity, title, cause) = match status.phase.as_deref()? {
        "Failed" => (
            "volume-failed",
            Severity::Error,
            format!("PersistentVolume `{name}` is Failed"),
            status
                .message
                .clone()
                .unwrap_or_else(|| "It could not be reclaimed.".to_owned()),
        ),
        "Released" if deletes && (failed.is_some() || is_over(snapshot, since, 1_800)) => (
            "volume-released",
            Severity::Warning,
            format!("PersistentVolume `{name}` should be deleted and is not"),
            failed.map_or_else(
                || "Its claim is gone and its reclaim policy is Delete, but it is still there.".to_owned(),
                |event| wording::clip(happened::message(event), 240),
            ),
        ),
        _ => return None,
    };
    let mut fault = Fault::new(check, severity, Depth::Cause, object, title);
    fault.cause = cause;
    fault.key = format!("PersistentVolume/{name}");
    fault.since = since;
    fault.evidence.push(Evidence::new(
        format!("PersistentVolume {name} status"),
        format!(
            "phase: {}, message: {}",
            status.phase.as_deref().unwrap_or("?"),
            status.message.as_deref().unwrap_or("none")
        ),
        since,
    ));
    fault
        .evidence
        .extend(failed.map(|event| happened::evidence(event)));
    fault.next_check = Some(NextStep::command(
        "See why",
        format!("kubectl describe pv {name}"),
    ));
    if let Some(claim) = &spec.claim_ref
        && let (Some(namespace), Some(claim)) = (&claim.namespace, &claim.name)
    {
        fault.blames.push(ObjectRef::namespaced(
            "PersistentVolumeClaim",
            namespace.as_str(),
            claim.as_str(),
        ));
    }
    Some(fault)
}

fn is_over(snapshot: &Snapshot, since: Option<jiff::Timestamp>, seconds: i64) -> bool {
    since.is_some_and(|since| snapshot.taken_at.as_second().saturating_sub(since.as_second()) > seconds)
}

/// The volume can only be used on nodes that no longer exist (or never did).
fn node_gone(snapshot: &Snapshot, users: &Users<'_>, volume: &PersistentVolume) -> Option<Fault> {
    let spec = volume.spec.as_ref()?;
    let required = spec.node_affinity.as_ref()?.required.as_ref()?;
    let claim = shown(volume);
    let pods = pods(users, &claim);
    let waiting: Vec<&Arc<Pod>> = pods
        .iter()
        .filter(|pod| !template::is_ready(pod))
        .copied()
        .collect();
    if waiting.is_empty() || snapshot.nodes.is_empty() || !snapshot.may_see("Node", None) {
        return None;
    }
    let fits = |node: &Node| {
        required.node_selector_terms.iter().any(|term| {
            let labels = template::labels(Some(&node.metadata));
            term.match_expressions
                .iter()
                .flatten()
                .all(|one| meets(one, labels.get(&one.key).map(String::as_str)))
                && term
                    .match_fields
                    .iter()
                    .flatten()
                    .all(|one| meets(one, node.metadata.name.as_deref()))
        })
    };
    if snapshot.nodes.iter().any(|node| fits(node)) {
        return None;
    }
    let wanted: Vec<String> = required
        .node_selector_terms
        .iter()
        .flat_map(|term| term.match_expressions.iter().chain(&term.match_fields).flatten())
        .map(|one| {
            format!(
                "{} {} {}",
                one.key,
                one.operator,
                one.values
                    .iter()
                    .flatten()
                    .cloned()
                    .collect::<Vec<_>>()
                    .join(", ")
            )
        })
        .collect();
    let name = volume.metadata.name.as_deref().unwrap_or_default();
    let mut fault = Fault::new(
        "volume-node-gone",
        Severity::Error,
        Depth::Cause,
        claim,
        format!("Volume `{name}` can only be used where no node is"),
    );
    let is_local = spec.local.is_some() || spec.host_path.is_some();
    fault.cause = format!(
        "Its node affinity wants {}, and no node of the cluster is like that{}, so the pods that mount it cannot be scheduled.",
        wording::code_list(&wanted, 3),
        if is_local {
            "; being a local volume, its data lives on that one node"
        } else {
            ""
        },
    );
    fault.key = format!("PersistentVolume/{name}#affinity");
    fault.evidence.push(Evidence::new(
        format!("PersistentVolume {name} nodeAffinity"),
        wanted.join("; "),
        None,
    ));
    let nodes: Vec<&str> = snapshot
        .nodes
        .iter()
        .filter_map(|node| node.metadata.name.as_deref())
        .collect();
    fault.evidence.push(Evidence::new(
        "Nodes",
        wording::list(&nodes, 12),
        Some(snapshot.taken_at),
    ));
    fault.next_check = Some(NextStep::command(
        "See which node it is tied to",
        format!("kubectl describe pv {name}"),
    ));
    fault.blames.push(reference(volume));
    see(&mut fault, &waiting);
    Some(fault)
}

fn meets(requirement: &NodeSelectorRequirement, value: Option<&str>) -> bool {
    let values = requirement.values.as_deref().unwrap_or_default();
    let listed = |value: &str| values.iter().any(|wanted| wanted == value);
    match requirement.operator.as_str() {
        "In" => value.is_some_and(listed),
        "NotIn" => !value.is_some_and(listed),
        "Exists" => value.is_some(),
        "DoesNotExist" => value.is_none(),
        // Comparing numbers is for nodes, volumes do not do it: give the benefit of the doubt.
        _ => true,
    }
}
