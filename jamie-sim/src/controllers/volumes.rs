//! Claims in; bound volumes, or the events that say why there is none, out. The scheduler asks here about a pod's claims.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    World,
    events::Report,
    rollout::complain,
    scheduler::{Refusal, term_holds},
};
use crate::{
    object::{self, child, entry, list, name, stamp, text},
    quantity,
    store::Key,
};

const COMPONENT: &str = "persistentvolume-controller";
const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";
const DEFAULT_CLASS: &str = "storageclass.kubernetes.io/is-default-class";

pub(super) fn reconcile(world: &mut World, namespace: &str) {
    for claim in world.list("", "persistentvolumeclaims", namespace) {
        if text(&claim, "/status/phase") != "Bound"
            && !object::is_leaving(&claim)
            && !world.frozen.contains(object::uid(&claim))
        {
            one(world, &claim);
        } else if text(&claim, "/status/phase") == "Bound" && !object::is_leaving(&claim) {
            grow(world, &claim);
        }
    }
    release(world, namespace);
}

/// A bound claim that asks for more gets it where its class lets volumes grow.
fn grow(world: &mut World, claim: &Value) {
    let size = |pointer: &str| claim.pointer(pointer).and_then(quantity::of).unwrap_or(0);
    let held = world.frozen.contains(object::uid(claim)) || !list(claim, "/status/conditions").is_empty();
    if held || size("/spec/resources/requests/storage") <= size("/status/capacity/storage") {
        return;
    }
    let grows = matches!(class_of(world, claim), Ok(Some(class))
        if class.get("allowVolumeExpansion").and_then(Value::as_bool) == Some(true));
    let Ok(key) = world.store.key_for(claim) else {
        return;
    };
    if !grows {
        return;
    }
    let wanted = claim["spec"]["resources"]["requests"]["storage"].clone();
    let volume = Key::cluster("", "persistentvolumes", text(claim, "/spec/volumeName"));
    let _ = world.store.modify(&volume, |volume| {
        volume["spec"]["capacity"]["storage"] = wanted.clone();
    });
    let _ = world.store.modify(&key, |claim| {
        claim["status"]["capacity"]["storage"] = wanted.clone();
    });
}

fn one(world: &mut World, claim: &Arc<Value>) {
    let class = match text(claim, "/status/phase") {
        "Lost" => return,
        _ => class_of(world, claim),
    };
    let waits = class
        .as_ref()
        .is_ok_and(|class| class.as_ref().is_some_and(|class| waits_for_consumer(class)));
    let selected = entry(claim, "/metadata/annotations", SELECTED_NODE).map(str::to_owned);
    if object::text(claim, "/status/phase").is_empty() {
        world.set_status(claim, json!({"phase": "Pending"}));
    }
    if let Some(volume) = find_volume(world, claim, selected.as_deref())
        .filter(|_| !waits || selected.is_some() || !text(claim, "/spec/volumeName").is_empty())
    {
        return bind(world, claim, &volume);
    }
    match class {
        Err(missing) => {
            let message = format!("storageclass.storage.k8s.io \"{missing}\" not found");
            complain(world, COMPONENT, claim, "ProvisioningFailed", &message);
        }
        Ok(None) => {
            let message = "no persistent volumes available for this claim and no storage class is set";
            // The real one is a Normal event.
            repeat(world, claim, "FailedBinding", message);
        }
        Ok(Some(class)) => {
            if waits && selected.is_none() {
                return repeat(
                    world,
                    claim,
                    "WaitForFirstConsumer",
                    "waiting for first consumer to be created before binding",
                );
            }
            let provisioner = text(&class, "/provisioner").to_owned();
            if provisioner == "kubernetes.io/no-provisioner" {
                let message = format!("no volume plugin matched name: {provisioner}");
                return complain(world, COMPONENT, claim, "ProvisioningFailed", &message);
            }
            provision(world, claim, &class, &provisioner, selected.as_deref());
        }
    }
}

fn repeat(world: &mut World, claim: &Value, reason: &str, message: &str) {
    // Told once a quarter of a minute by the real one; what matters is that it is recent.
    let now = world.now;
    let due = format!("{}/{reason}", object::uid(claim));
    if world.recently(&due, 15_000) {
        return;
    }
    let first = object::created(claim);
    let count = (object::elapsed(first, now) / 15_000).clamp(0, 4_000) as u32;
    let report = Report::new(COMPONENT, claim, reason, message);
    if !world.live && count > 1 {
        world.recorder.note(&report, first, 1);
        world.recorder.note(&report, now, count - 1);
    } else {
        world.report(&report);
    }
}

fn waits_for_consumer(class: &Value) -> bool {
    text(class, "/volumeBindingMode") == "WaitForFirstConsumer"
}

/// The claim's class; none for an explicitly empty one; an error with the name of a missing one.
fn class_of(world: &World, claim: &Value) -> Result<Option<Arc<Value>>, String> {
    match claim.pointer("/spec/storageClassName").and_then(Value::as_str) {
        Some("") => Ok(None),
        Some(class) => world
            .store
            .get(&Key::cluster("storage.k8s.io", "storageclasses", class))
            .map(Some)
            .ok_or_else(|| class.to_owned()),
        None => {
            let classes = world.store.list("storage.k8s.io", "storageclasses", None);
            let default = classes
                .into_iter()
                .find(|class| entry(class, "/metadata/annotations", DEFAULT_CLASS) == Some("true"));
            if let Some(class) = &default
                && let Ok(key) = world.store.key_for(claim)
            {
                let _ = world.store.modify(&key, |claim| {
                    claim["spec"]["storageClassName"] = json!(name(class));
                });
            }
            Ok(default)
        }
    }
}

fn find_volume(world: &World, claim: &Value, node: Option<&str>) -> Option<Arc<Value>> {
    let wanted = text(claim, "/spec/volumeName");
    let size = claim
        .pointer("/spec/resources/requests/storage")
        .and_then(quantity::of)
        .unwrap_or(0);
    let node = node.and_then(|node| world.store.get(&Key::cluster("", "nodes", node)));
    let mut volumes = world.store.list("", "persistentvolumes", None);
    volumes.retain(|volume| {
        let claimed = (
            text(volume, "/spec/claimRef/namespace"),
            text(volume, "/spec/claimRef/name"),
        );
        let mine = claimed == (object::namespace(claim), name(claim));
        let free = claimed.1.is_empty() && matches!(text(volume, "/status/phase"), "" | "Available");
        let modes = list(claim, "/spec/accessModes")
            .iter()
            .all(|mode| list(volume, "/spec/accessModes").contains(mode));
        (mine || free)
            && modes
            && (wanted.is_empty() || wanted == name(volume))
            && text(volume, "/spec/storageClassName") == text(claim, "/spec/storageClassName")
            && volume
                .pointer("/spec/capacity/storage")
                .and_then(quantity::of)
                .unwrap_or(0)
                >= size
            && node.as_ref().is_none_or(|node| reaches(volume, node))
    });
    volumes.sort_by_key(|volume| volume.pointer("/spec/capacity/storage").and_then(quantity::of));
    volumes.into_iter().next()
}

fn reaches(volume: &Value, node: &Value) -> bool {
    volume
        .pointer("/spec/nodeAffinity/required")
        .is_none_or(|required| {
            list(required, "/nodeSelectorTerms")
                .iter()
                .any(|term| term_holds(term, node))
        })
}

fn bind(world: &mut World, claim: &Value, volume: &Value) {
    let _ = world
        .store
        .modify(&Key::cluster("", "persistentvolumes", name(volume)), |volume| {
            volume["spec"]["claimRef"] = json!({
                "apiVersion": "v1", "kind": "PersistentVolumeClaim",
                "namespace": object::namespace(claim), "name": name(claim), "uid": object::uid(claim),
            });
            volume["status"] = json!({"phase": "Bound"});
        });
    let key = Key::namespaced(
        "",
        "persistentvolumeclaims",
        object::namespace(claim),
        name(claim),
    );
    let _ = world.store.modify(&key, |claim| {
        claim["spec"]["volumeName"] = json!(name(volume));
        let annotations = child(&mut claim["metadata"], "annotations");
        annotations["pv.kubernetes.io/bind-completed"] = json!("yes");
        annotations["pv.kubernetes.io/bound-by-controller"] = json!("yes");
        claim["status"] = json!({
            "phase": "Bound",
            "accessModes": volume["spec"]["accessModes"],
            "capacity": volume["spec"]["capacity"],
        });
    });
}

fn provision(world: &mut World, claim: &Value, class: &Value, provisioner: &str, node: Option<&str>) {
    let volume_name = format!("pvc-{}", object::uid(claim));
    let mut volume = json!({
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {
            "name": volume_name,
            "creationTimestamp": stamp(world.now),
            "annotations": {"pv.kubernetes.io/provisioned-by": provisioner},
            "finalizers": ["kubernetes.io/pv-protection"],
        },
        "spec": {
            "accessModes": claim["spec"]["accessModes"],
            "capacity": {"storage": claim.pointer("/spec/resources/requests/storage").cloned().unwrap_or_else(|| json!("1Gi"))},
            "persistentVolumeReclaimPolicy": class.get("reclaimPolicy").cloned().unwrap_or_else(|| json!("Delete")),
            "storageClassName": name(class),
            "volumeMode": "Filesystem",
            "csi": {"driver": provisioner, "volumeHandle": format!("vol-{}", super::names::hex(&volume_name).get(..17).unwrap_or_default()), "fsType": "ext4"},
        },
        "status": {"phase": "Available"},
    });
    if let Some(zone) = node
        .and_then(|node| world.store.get(&Key::cluster("", "nodes", node)))
        .and_then(|node| entry(&node, "/metadata/labels", "topology.kubernetes.io/zone").map(str::to_owned))
    {
        volume["spec"]["nodeAffinity"] = json!({"required": {"nodeSelectorTerms": [
            {"matchExpressions": [{"key": "topology.kubernetes.io/zone", "operator": "In", "values": [zone]}]}]}});
    }
    let claim_key = format!("{}/{}", object::namespace(claim), name(claim));
    if let Ok(volume) = world
        .store
        .create(Key::cluster("", "persistentvolumes", &volume_name), volume)
    {
        world.report(&Report::new(
            provisioner,
            claim,
            "Provisioning",
            format!("External provisioner is provisioning volume for claim \"{claim_key}\""),
        ));
        world.report(&Report::new(
            provisioner,
            claim,
            "ProvisioningSucceeded",
            format!("Successfully provisioned volume {volume_name}"),
        ));
        bind(world, claim, &volume);
    }
}

/// Volumes whose claims are gone are released, or go with them.
fn release(world: &mut World, namespace: &str) {
    for volume in world.store.list("", "persistentvolumes", None) {
        if text(&volume, "/spec/claimRef/namespace") != namespace || text(&volume, "/status/phase") != "Bound"
        {
            continue;
        }
        if world.frozen.contains(object::uid(&volume))
            || world
                .get(
                    "",
                    "persistentvolumeclaims",
                    namespace,
                    text(&volume, "/spec/claimRef/name"),
                )
                .is_some()
        {
            continue;
        }
        let key = Key::cluster("", "persistentvolumes", name(&volume));
        if text(&volume, "/spec/persistentVolumeReclaimPolicy") == "Delete" {
            let _ = world
                .store
                .modify(&key, |volume| volume["metadata"]["finalizers"] = json!([]));
            let _ = world.store.delete(&key);
        } else {
            world.set_status(&volume, json!({"phase": "Released"}));
        }
    }
}

/// A pod's claims, or why the scheduler will not look at any node.
pub(super) fn claims_of(world: &World, pod: &Value) -> Result<Vec<Arc<Value>>, String> {
    let mut claims = Vec::new();
    for volume in list(pod, "/spec/volumes") {
        let generic = volume
            .get("ephemeral")
            .map(|_| format!("{}-{}", name(pod), text(volume, "/name")));
        let named = volume
            .pointer("/persistentVolumeClaim/claimName")
            .and_then(Value::as_str)
            .map(str::to_owned);
        let Some(claim_name) = named.or(generic) else {
            continue;
        };
        let Some(claim) = world.get("", "persistentvolumeclaims", object::namespace(pod), &claim_name) else {
            return Err(format!("persistentvolumeclaim \"{claim_name}\" not found"));
        };
        if object::is_leaving(&claim) {
            return Err(format!("persistentvolumeclaim \"{claim_name}\" is being deleted"));
        }
        if text(&claim, "/status/phase") == "Lost" {
            return Err(format!(
                "persistentvolumeclaim \"{claim_name}\" bound to non-existent persistentvolume \"{}\"",
                text(&claim, "/spec/volumeName")
            ));
        }
        if text(&claim, "/status/phase") != "Bound" {
            let class = text(&claim, "/spec/storageClassName");
            let class = world
                .store
                .get(&Key::cluster("storage.k8s.io", "storageclasses", class));
            if !class.is_some_and(|class| waits_for_consumer(&class)) {
                return Err("pod has unbound immediate PersistentVolumeClaims".to_owned());
            }
        }
        claims.push(claim);
    }
    Ok(claims)
}

/// Why a node does not do for these claims.
pub(super) fn refuses(world: &World, claims: &[Arc<Value>], node: &Value) -> Option<Refusal> {
    for claim in claims {
        if text(claim, "/status/phase") == "Bound" {
            let volume = world.store.get(&Key::cluster(
                "",
                "persistentvolumes",
                text(claim, "/spec/volumeName"),
            ));
            if volume.is_some_and(|volume| !reaches(&volume, node)) {
                return Some(Refusal::for_good("node(s) had volume node affinity conflict"));
            }
            continue;
        }
        let class = world.store.get(&Key::cluster(
            "storage.k8s.io",
            "storageclasses",
            text(claim, "/spec/storageClassName"),
        ));
        let fixed = class
            .as_ref()
            .is_some_and(|class| text(class, "/provisioner") == "kubernetes.io/no-provisioner");
        if fixed && find_volume(world, claim, Some(name(node))).is_none() {
            return Some(Refusal::for_good(
                "node(s) didn't find available persistent volumes to bind",
            ));
        }
        let topologies = class
            .as_ref()
            .map_or(&[][..], |class| list(class, "/allowedTopologies"));
        let allowed = |term: &Value| {
            list(term, "/matchLabelExpressions").iter().all(|one| {
                list(one, "/values")
                    .iter()
                    .any(|value| value.as_str() == entry(node, "/metadata/labels", text(one, "/key")))
            })
        };
        if !topologies.is_empty() && !topologies.iter().any(allowed) {
            return Some(Refusal::for_good("node(s) did not have enough free storage"));
        }
    }
    None
}

/// Binds or provisions what the pod's claims waited for, now that its node is known.
pub(super) fn reserve(world: &mut World, pod: &Value, node: &str) {
    for claim in claims_of(world, pod).unwrap_or_default() {
        if text(&claim, "/status/phase") == "Bound" || world.frozen.contains(object::uid(&claim)) {
            continue;
        }
        let key = Key::namespaced(
            "",
            "persistentvolumeclaims",
            object::namespace(&claim),
            name(&claim),
        );
        let chosen = world.store.modify(&key, |claim| {
            child(&mut claim["metadata"], "annotations")[SELECTED_NODE] = json!(node);
        });
        if let Ok(claim) = chosen {
            one(world, &claim);
        }
    }
}
