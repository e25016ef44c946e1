//! A pod's claims in; what storage has against the pod, and against single nodes, out.

use k8s_openapi::api::core::v1::{
    Node, NodeSelectorTerm, PersistentVolume, PersistentVolumeClaim, Pod, TopologySelectorTerm,
};

use super::{Blocker, Reason, nodes};
use crate::{
    Snapshot, quantity,
    snapshot::{claims, is_finished, reference},
};

/// Where one volume may be used.
pub(super) struct Volume {
    claim: String,
    wanted: String,
    where_: Where,
}

enum Where {
    /// Node selector terms of which one must match.
    Terms(Vec<NodeSelectorTerm>),
    /// Topologies of which one must match.
    Topologies(Vec<TopologySelectorTerm>),
    /// Label pairs, each with the values of which one must be there.
    Zone(String, Vec<String>),
    /// Any of several volumes, each with its terms.
    AnyOf(Vec<Vec<NodeSelectorTerm>>),
}

impl Volume {
    /// What this volume has against the node.
    pub(super) fn against(&self, node: &Node) -> Option<Reason> {
        let label = |key: &str| node.metadata.labels.as_ref().and_then(|labels| labels.get(key));
        let met = match &self.where_ {
            Where::Terms(terms) => terms.iter().any(|term| nodes::matches_term(term, node)),
            Where::Topologies(terms) => terms.iter().any(|term| {
                term.match_label_expressions
                    .iter()
                    .flatten()
                    .all(|wanted| label(&wanted.key).is_some_and(|value| wanted.values.contains(value)))
            }),
            Where::Zone(key, zones) => label(key).is_none_or(|zone| zones.contains(zone)),
            Where::AnyOf(all) => all
                .iter()
                .any(|terms| terms.is_empty() || terms.iter().any(|term| nodes::matches_term(term, node))),
        };
        (!met).then(|| Reason::Volume {
            claim: self.claim.clone(),
            wanted: self.wanted.clone(),
        })
    }
}

/// Goes through the pod's claims.
pub(super) fn look(snapshot: &Snapshot, pod: &Pod) -> (Vec<Blocker>, Vec<Volume>) {
    let namespace = pod.metadata.namespace.as_deref().unwrap_or_default();
    let mut blockers = Vec::new();
    let mut volumes = Vec::new();
    if !snapshot.may_see("PersistentVolumeClaim", Some(namespace)) {
        return (blockers, volumes);
    }
    for name in claims(pod) {
        let block = |why: String| Blocker::Claim {
            claim: name.to_string(),
            why,
        };
        let Some(claim) = snapshot.claim(namespace, &name) else {
            blockers.push(block("does not exist".to_owned()));
            continue;
        };
        if claim.metadata.deletion_timestamp.is_some() {
            blockers.push(block("is being deleted".to_owned()));
            continue;
        }
        if let Some(holder) = single_holder(snapshot, pod, claim) {
            blockers.push(block(format!(
                "is ReadWriteOncePod and already used by `{holder}`"
            )));
            continue;
        }
        match bound_to(claim) {
            Some(volume) => {
                volumes.extend(snapshot.volume(volume).and_then(|volume| place_of(&name, volume)));
            }
            None => match unbound(snapshot, &name, claim) {
                Ok(place) => volumes.extend(place),
                Err(why) => blockers.push(block(why)),
            },
        }
    }
    (blockers, volumes)
}

fn bound_to(claim: &PersistentVolumeClaim) -> Option<&str> {
    claim
        .spec
        .as_ref()?
        .volume_name
        .as_deref()
        .filter(|name| !name.is_empty())
}

/// The pod that already has a claim which only one pod may have.
fn single_holder(snapshot: &Snapshot, pod: &Pod, claim: &PersistentVolumeClaim) -> Option<String> {
    let modes = claim.spec.as_ref()?.access_modes.as_deref()?;
    if !modes.iter().any(|mode| mode == "ReadWriteOncePod") {
        return None;
    }
    snapshot
        .pods_of(&reference(claim))
        .into_iter()
        .find(|other| {
            other.metadata.name != pod.metadata.name
                && !is_finished(other)
                && other.spec.as_ref().is_some_and(|spec| spec.node_name.is_some())
        })
        .and_then(|other| other.metadata.name.clone())
}

/// Where a bound volume is.
fn place_of(claim: &str, volume: &PersistentVolume) -> Option<Volume> {
    const ZONES: [&str; 2] = [
        "topology.kubernetes.io/zone",
        "failure-domain.beta.kubernetes.io/zone",
    ];
    if let Some(terms) = required_terms(volume).filter(|terms| !terms.is_empty()) {
        let shown: Vec<String> = terms.iter().map(nodes::show_term).collect();
        let wanted = format!("`{}`", shown.join("` or `"));
        return Some(Volume {
            claim: claim.to_owned(),
            wanted,
            where_: Where::Terms(terms.to_vec()),
        });
    }
    let labels = volume.metadata.labels.as_ref()?;
    let (key, zones) = ZONES
        .iter()
        .find_map(|key| Some(((*key).to_owned(), labels.get(*key)?)))?;
    let zones: Vec<String> = zones.split("__").map(str::to_owned).collect();
    let wanted = format!("zone `{}`", zones.join("` or `"));
    Some(Volume {
        claim: claim.to_owned(),
        wanted,
        where_: Where::Zone(key, zones),
    })
}

fn required_terms(volume: &PersistentVolume) -> Option<&[NodeSelectorTerm]> {
    let affinity = volume.spec.as_ref()?.node_affinity.as_ref()?;
    Some(&affinity.required.as_ref()?.node_selector_terms)
}

/// Where the volume of an unbound claim could be; an error says why it cannot be had at all.
fn unbound(snapshot: &Snapshot, name: &str, claim: &PersistentVolumeClaim) -> Result<Option<Volume>, String> {
    if claim.status.as_ref().and_then(|status| status.phase.as_deref()) == Some("Lost") {
        return Err("is Lost: the volume behind it is gone".to_owned());
    }
    let spec = claim.spec.clone().unwrap_or_default();
    let class = match spec.storage_class_name.as_deref() {
        None => {
            // Without a class the API server would have put in the default one, had there been any.
            return Err("is not bound: it names no StorageClass and there was no default one".to_owned());
        }
        Some("") => return Err(
            "is not bound: no PersistentVolume matches it, and its StorageClass is \"\" (no provisioning)"
                .to_owned(),
        ),
        Some(class) => class,
    };
    let Some(storage) = snapshot.storage_class(class) else {
        if snapshot.may_see("StorageClass", None) {
            return Err(format!("is not bound: its StorageClass `{class}` does not exist"));
        }
        return Err(format!("is not bound yet (StorageClass `{class}`)"));
    };
    if storage.volume_binding_mode.as_deref() != Some("WaitForFirstConsumer") {
        let provisioner = &storage.provisioner;
        return Err(format!(
            "is not bound yet (StorageClass `{class}`, provisioner `{provisioner}`)"
        ));
    }
    if storage.provisioner == "kubernetes.io/no-provisioner" {
        return local_volumes(snapshot, name, class, claim).map(Some);
    }
    let topologies = storage.allowed_topologies.clone().unwrap_or_default();
    if topologies.is_empty() {
        return Ok(None);
    }
    let wanted: Vec<String> = topologies
        .iter()
        .flat_map(|term| term.match_label_expressions.iter().flatten())
        .map(|wanted| format!("`{}` in ({})", wanted.key, wanted.values.join(",")))
        .collect();
    let wanted = format!(
        "{} (allowedTopologies of StorageClass `{class}`)",
        wanted.join(" or ")
    );
    Ok(Some(Volume {
        claim: name.to_owned(),
        wanted,
        where_: Where::Topologies(topologies),
    }))
}

/// The free volumes made by hand that would suit a claim.
fn local_volumes(
    snapshot: &Snapshot,
    name: &str,
    class: &str,
    claim: &PersistentVolumeClaim,
) -> Result<Volume, String> {
    let wanted = claim
        .spec
        .as_ref()
        .and_then(|spec| spec.resources.as_ref()?.requests.as_ref()?.get("storage"))
        .map_or(0, quantity::whole);
    let suits = |volume: &PersistentVolume| {
        let spec = volume.spec.as_ref()?;
        let size = spec.capacity.as_ref()?.get("storage").map_or(0, quantity::whole);
        let free = spec.claim_ref.as_ref().is_none_or(|taken| {
            taken.name.as_deref() == Some(name) && taken.namespace == claim.metadata.namespace
        });
        (spec.storage_class_name.as_deref() == Some(class) && free && size >= wanted)
            .then(|| required_terms(volume).unwrap_or_default().to_vec())
    };
    let suitable: Vec<Vec<NodeSelectorTerm>> = snapshot
        .volumes
        .iter()
        .filter_map(|volume| suits(volume))
        .collect();
    if suitable.is_empty() {
        return Err(format!(
            "is not bound: no free PersistentVolume of class `{class}` with at least {}, and nothing provisions that class",
            quantity::show_bytes(wanted)
        ));
    }
    Ok(Volume {
        claim: name.to_owned(),
        wanted: format!("the nodes with a free volume of class `{class}`"),
        where_: Where::AnyOf(suitable),
    })
}
