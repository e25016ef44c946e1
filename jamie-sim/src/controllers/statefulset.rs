//! StatefulSets in; numbered pods with their own claims out, in order.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    World,
    events::Report,
    names,
    pods::{self, Order},
};
use crate::{
    object::{self, child, is_controlled_by, is_true, list, name, number, stamp, text},
    store::Key,
};

const COMPONENT: &str = "statefulset-controller";

pub(super) fn reconcile(world: &mut World, namespace: &str) {
    for set in world.list("apps", "statefulsets", namespace) {
        if !object::is_leaving(&set) && !world.frozen.contains(object::uid(&set)) {
            one(world, &set);
        }
    }
}

fn one(world: &mut World, set: &Arc<Value>) {
    let namespace = object::namespace(set).to_owned();
    let update = revision(world, set);
    let pods: Vec<Arc<Value>> = world
        .list("", "pods", &namespace)
        .into_iter()
        .filter(|pod| is_controlled_by(pod, set))
        .collect();
    let wanted = number(set, "/spec/replicas").unwrap_or(1).max(0);
    let parallel = text(set, "/spec/podManagementPolicy") == "Parallel";
    let mut settled = true;
    for ordinal in 0..wanted {
        let pod_name = format!("{}-{ordinal}", name(set));
        match pods.iter().find(|pod| name(pod) == pod_name) {
            None => {
                create(world, set, ordinal, &update);
                settled = false;
            }
            Some(pod) if pods::is_finished(pod) && !object::is_leaving(pod) => {
                pods::delete(world, pod);
                settled = false;
            }
            Some(pod) => settled &= pods::is_ready(pod),
        }
        if !settled && !parallel {
            break;
        }
    }
    let mut surplus: Vec<_> = pods
        .iter()
        .filter(|pod| ordinal(pod).is_none_or(|number| number >= wanted))
        .collect();
    surplus.sort_by_key(|pod| std::cmp::Reverse(ordinal(pod)));
    if let Some(last) = surplus.first().filter(|pod| !object::is_leaving(pod) && settled) {
        pods::delete(world, last);
        let message = format!(
            "delete Pod {} in StatefulSet {} successful",
            name(last),
            name(set)
        );
        world.report(&Report::new(COMPONENT, set, "SuccessfulDelete", message));
    } else if settled || parallel {
        roll(world, set, &pods, &update);
    } else if surplus.is_empty() {
        replace_broken(world, set, &pods, &update);
    }
    write_status(world, set, &update);
}

fn ordinal(pod: &Value) -> Option<i64> {
    name(pod)
        .rsplit_once('-')
        .and_then(|(_, number)| number.parse().ok())
}

fn revision_of(pod: &Value) -> &str {
    text(pod, "/metadata/labels/controller-revision-hash")
}

/// The highest pod of an old revision goes next.
fn roll(world: &mut World, set: &Value, pods: &[Arc<Value>], update: &str) {
    if text(set, "/spec/updateStrategy/type") == "OnDelete" {
        return;
    }
    let partition = number(set, "/spec/updateStrategy/rollingUpdate/partition").unwrap_or(0);
    let mut old: Vec<_> = pods
        .iter()
        .filter(|pod| ordinal(pod).is_some_and(|number| number >= partition) && revision_of(pod) != update)
        .collect();
    old.sort_by_key(|pod| std::cmp::Reverse(ordinal(pod)));
    if let Some(pod) = old.first().filter(|pod| !object::is_leaving(pod)) {
        pods::delete(world, pod);
        let message = format!("delete Pod {} in StatefulSet {} successful", name(pod), name(set));
        world.report(&Report::new(COMPONENT, set, "SuccessfulDelete", message));
    }
}

/// The real controller waits for a broken pod of an old revision for ever; a person deletes it. Here, as there,
/// nothing happens unless the pod never ran, which newer controllers replace.
fn replace_broken(world: &mut World, set: &Value, pods: &[Arc<Value>], update: &str) {
    let stuck = pods.iter().find(|pod| {
        text(pod, "/status/phase") == "Pending" && revision_of(pod) != update && !object::is_leaving(pod)
    });
    if let Some(pod) = stuck.filter(|_| text(set, "/spec/updateStrategy/type") != "OnDelete") {
        pods::delete(world, pod);
    }
}

fn create(world: &mut World, set: &Arc<Value>, ordinal: i64, revision: &str) {
    let pod_name = format!("{}-{ordinal}", name(set));
    let mut template = set["spec"]["template"].clone();
    let spec = child(&mut template, "spec");
    spec["hostname"] = json!(pod_name);
    if let Some(service) = set.pointer("/spec/serviceName") {
        spec["subdomain"] = service.clone();
    }
    if !spec["volumes"].is_array() {
        spec["volumes"] = json!([]);
    }
    for claim in list(set, "/spec/volumeClaimTemplates") {
        let claim_name = format!("{}-{pod_name}", name(claim));
        create_claim(world, set, claim, &claim_name, &pod_name);
        if let Some(volumes) = spec["volumes"].as_array_mut() {
            volumes.push(json!({"name": name(claim), "persistentVolumeClaim": {"claimName": claim_name}}));
        }
    }
    let order = Order {
        owner: set,
        template: &template,
        name: Some(pod_name.clone()),
        labels: vec![
            ("apps.kubernetes.io/pod-index", ordinal.to_string()),
            ("controller-revision-hash", revision.to_owned()),
            ("statefulset.kubernetes.io/pod-name", pod_name.clone()),
        ],
        node: None,
    };
    match pods::create(world, order) {
        Ok(_) => {
            let message = format!("create Pod {pod_name} in StatefulSet {} successful", name(set));
            world.report(&Report::new(COMPONENT, set, "SuccessfulCreate", message));
        }
        Err(status) => {
            let message = format!(
                "create Pod {pod_name} in StatefulSet {} failed error: {}",
                name(set),
                status.message
            );
            super::rollout::complain(world, COMPONENT, set, "FailedCreate", &message);
        }
    }
}

fn create_claim(world: &mut World, set: &Value, template: &Value, claim_name: &str, pod_name: &str) {
    let namespace = object::namespace(set);
    let key = Key::namespaced("", "persistentvolumeclaims", namespace, claim_name);
    if world.store.get(&key).is_some() {
        return;
    }
    let mut claim = template.clone();
    claim["apiVersion"] = json!("v1");
    claim["kind"] = json!("PersistentVolumeClaim");
    claim["metadata"] = json!({
        "name": claim_name,
        "namespace": namespace,
        "labels": set.pointer("/spec/selector/matchLabels").cloned().unwrap_or_default(),
        "creationTimestamp": stamp(world.now),
    });
    claim["status"] = json!({"phase": "Pending"});
    if world.store.create(key, claim).is_ok() {
        let message = format!(
            "create Claim {claim_name} Pod {pod_name} in StatefulSet {} success",
            name(set)
        );
        world.report(&Report::new(COMPONENT, set, "SuccessfulCreate", message));
    }
}

/// The ControllerRevision of the template as it is; made when it is new.
pub(super) fn revision(world: &mut World, set: &Value) -> String {
    let namespace = object::namespace(set);
    let hash = names::letters(&format!("{}/{}", name(set), set["spec"]["template"]), 10);
    let revision = format!("{}-{hash}", name(set));
    let revisions = world.list("apps", "controllerrevisions", namespace);
    let mine = revisions.iter().filter(|one| is_controlled_by(one, set));
    let highest = mine
        .clone()
        .filter_map(|one| number(one, "/revision"))
        .max()
        .unwrap_or(0);
    let key = Key::namespaced("apps", "controllerrevisions", namespace, &revision);
    match mine.clone().find(|one| name(one) == revision) {
        Some(one) if number(one, "/revision") == Some(highest) => {}
        Some(_) => {
            let _ = world
                .store
                .modify(&key, |one| one["revision"] = json!(highest + 1));
        }
        None => {
            let mut labels = set
                .pointer("/spec/template/metadata/labels")
                .cloned()
                .unwrap_or_default();
            if labels.is_object() {
                labels["controller-revision-hash"] = json!(hash);
            }
            let one = json!({
                "apiVersion": "apps/v1",
                "kind": "ControllerRevision",
                "metadata": {
                    "name": revision,
                    "namespace": namespace,
                    "labels": labels,
                    "creationTimestamp": stamp(world.now),
                    "ownerReferences": [object::owner_reference(set)],
                },
                "data": {"spec": {"template": set["spec"]["template"]}},
                "revision": highest + 1,
            });
            let _ = world.store.create(key, one);
        }
    }
    revision
}

fn write_status(world: &mut World, set: &Value, update: &str) {
    let pods: Vec<Arc<Value>> = world
        .list("", "pods", object::namespace(set))
        .into_iter()
        .filter(|pod| is_controlled_by(pod, set) && !pods::is_finished(pod))
        .collect();
    let ready = pods.iter().filter(|pod| is_true(pod, "Ready")).count();
    let updated = pods.iter().filter(|pod| revision_of(pod) == update).count();
    let wanted = number(set, "/spec/replicas").unwrap_or(1);
    let mut current = text(set, "/status/currentRevision").to_owned();
    if current.is_empty() || updated as i64 == wanted && updated == pods.len() {
        update.clone_into(&mut current);
    }
    let on_current = pods.iter().filter(|pod| revision_of(pod) == current).count();
    let mut status = json!({
        "observedGeneration": set["metadata"]["generation"],
        "replicas": pods.len(),
        "availableReplicas": ready,
        "currentRevision": current,
        "updateRevision": update,
        "collisionCount": 0,
    });
    for (field, count) in [
        ("readyReplicas", ready),
        ("currentReplicas", on_current),
        ("updatedReplicas", updated),
    ] {
        if count > 0 {
            status[field] = json!(count);
        }
    }
    world.set_status(set, status);
}
