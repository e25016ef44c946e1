//! DaemonSets in, one pod on every node that fits out.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    World,
    events::Report,
    pods::{self, Order},
    rollout::{amount, complain},
    scheduler, statefulset,
};
use crate::object::{self, is_controlled_by, is_true, list, name, text};

const COMPONENT: &str = "daemonset-controller";

pub(super) fn reconcile(world: &mut World, namespace: &str) {
    for set in world.list("apps", "daemonsets", namespace) {
        if !object::is_leaving(&set) && !world.frozen.contains(object::uid(&set)) {
            one(world, &set);
        }
    }
}

/// The node that a pod of a DaemonSet is meant for.
fn target(pod: &Value) -> &str {
    text(
        pod,
        "/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms/0/matchFields/0/values/0",
    )
}

fn one(world: &mut World, set: &Arc<Value>) {
    let revision = statefulset::revision(world, set);
    let hash = revision.rsplit('-').next().unwrap_or_default().to_owned();
    let nodes = world.store.list("", "nodes", None);
    let pods: Vec<Arc<Value>> = world
        .list("", "pods", object::namespace(set))
        .into_iter()
        .filter(|pod| is_controlled_by(pod, set))
        .collect();
    let (fits, misfits): (Vec<_>, Vec<_>) = nodes.iter().partition(|node| suits(set, node));
    for node in &fits {
        let here: Vec<_> = pods.iter().filter(|pod| target(pod) == name(node)).collect();
        for pod in here.iter().filter(|pod| pods::is_finished(pod)) {
            pods::delete(world, pod);
        }
        if here.is_empty() {
            create(world, set, name(node), &hash);
        }
    }
    for pod in pods.iter().filter(|pod| {
        misfits
            .iter()
            .any(|node| target(pod) == name(node) && !may_stay(set, node))
    }) {
        pods::delete(world, pod);
    }
    roll(world, set, &pods, &hash, fits.len());
    write_status(world, set, &fits, &misfits, &hash);
}

fn with_daemon_tolerations(set: &Value) -> Value {
    let mut spec = set["spec"]["template"]["spec"].clone();
    let mut tolerations = list(&spec, "/tolerations").to_vec();
    for key in [
        "not-ready",
        "unreachable",
        "disk-pressure",
        "memory-pressure",
        "pid-pressure",
        "unschedulable",
    ] {
        tolerations.push(json!({"key": format!("node.kubernetes.io/{key}"), "operator": "Exists"}));
    }
    spec["tolerations"] = json!(tolerations);
    spec
}

fn suits(set: &Value, node: &Value) -> bool {
    let spec = with_daemon_tolerations(set);
    scheduler::selects(&spec, node)
        && scheduler::untolerated(&spec, node, &["NoSchedule", "NoExecute"]).is_none()
}

/// A taint that only keeps new pods away lets the old ones stay.
fn may_stay(set: &Value, node: &Value) -> bool {
    let spec = with_daemon_tolerations(set);
    scheduler::selects(&spec, node) && scheduler::untolerated(&spec, node, &["NoExecute"]).is_none()
}

fn create(world: &mut World, set: &Arc<Value>, node: &str, hash: &str) {
    let order = Order {
        owner: set,
        template: &set["spec"]["template"],
        name: None,
        labels: vec![
            ("controller-revision-hash", hash.to_owned()),
            ("pod-template-generation", generation(set)),
        ],
        node: Some(node),
    };
    match pods::create(world, order) {
        Ok(pod) => {
            let message = format!("Created pod: {}", name(&pod));
            world.report(&Report::new(COMPONENT, set, "SuccessfulCreate", message));
        }
        Err(status) => complain(
            world,
            COMPONENT,
            set,
            "FailedCreate",
            &format!("Error creating: {}", status.message),
        ),
    }
}

fn generation(set: &Value) -> String {
    object::number(set, "/metadata/generation")
        .unwrap_or(1)
        .to_string()
}

fn roll(world: &mut World, set: &Value, pods: &[Arc<Value>], hash: &str, nodes: usize) {
    if text(set, "/spec/updateStrategy/type") == "OnDelete" {
        return;
    }
    let most = amount(
        set.pointer("/spec/updateStrategy/rollingUpdate/maxUnavailable"),
        nodes as i64,
        true,
        1,
    )
    .max(1);
    let old = |pod: &&Arc<Value>| text(pod, "/metadata/labels/controller-revision-hash") != hash;
    let mut down = pods.iter().filter(|pod| !pods::is_ready(pod)).count() as i64;
    let broken_first = pods.iter().filter(old).filter(|pod| !pods::is_ready(pod));
    for pod in broken_first.chain(pods.iter().filter(old).filter(|pod| pods::is_ready(pod))) {
        if object::is_leaving(pod) {
            continue;
        }
        if pods::is_ready(pod) {
            if down >= most {
                break;
            }
            down += 1;
        }
        pods::delete(world, pod);
        world.report(&Report::new(
            COMPONENT,
            set,
            "SuccessfulDelete",
            format!("Deleted pod: {}", name(pod)),
        ));
    }
}

fn write_status(world: &mut World, set: &Value, fits: &[&Arc<Value>], misfits: &[&Arc<Value>], hash: &str) {
    let pods: Vec<Arc<Value>> = world
        .list("", "pods", object::namespace(set))
        .into_iter()
        .filter(|pod| is_controlled_by(pod, set) && pods::is_active(pod))
        .collect();
    let on = |nodes: &[&Arc<Value>]| -> Vec<Arc<Value>> {
        pods.iter()
            .filter(|pod| nodes.iter().any(|node| target(pod) == name(node)))
            .cloned()
            .collect()
    };
    let rightly = on(fits);
    let misplaced = on(misfits).len();
    let ready = rightly.iter().filter(|pod| is_true(pod, "Ready")).count();
    let updated = rightly
        .iter()
        .filter(|pod| text(pod, "/metadata/labels/controller-revision-hash") == hash)
        .count();
    let mut status = json!({
        "currentNumberScheduled": rightly.len(),
        "numberMisscheduled": misplaced,
        "desiredNumberScheduled": fits.len(),
        "numberReady": ready,
        "observedGeneration": set["metadata"]["generation"],
    });
    let unavailable = fits.len() - ready.min(fits.len());
    for (field, count) in [
        ("updatedNumberScheduled", updated),
        ("numberAvailable", ready),
        ("numberUnavailable", unavailable),
    ] {
        if count > 0 {
            status[field] = json!(count);
        }
    }
    world.set_status(set, status);
}
