//! ReplicaSets in, as many pods as they ask for out.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    World,
    events::Report,
    pods::{self, Order},
};
use crate::object::{self, is_controlled_by, is_true, number, renewed, text};

const COMPONENT: &str = "replicaset-controller";

pub(super) fn reconcile(world: &mut World, namespace: &str) {
    let sets = world.list("apps", "replicasets", namespace);
    if sets.is_empty() {
        return;
    }
    let all_pods = world.list("", "pods", namespace);
    for set in sets {
        if !object::is_leaving(&set) && !world.frozen.contains(object::uid(&set)) {
            let mine = all_pods
                .iter()
                .filter(|pod| is_controlled_by(pod, &set))
                .cloned()
                .collect();
            one(world, &set, mine);
        }
    }
}

fn one(world: &mut World, set: &Arc<Value>, pods: Vec<Arc<Value>>) {
    let mut active: Vec<_> = pods.into_iter().filter(|pod| pods::is_active(pod)).collect();
    let wanted = number(set, "/spec/replicas").unwrap_or(1).max(0) as usize;
    let mut refused = None;
    if active.len() < wanted {
        for _ in active.len()..wanted {
            match pods::create(world, order(set)) {
                Ok(pod) => {
                    let message = format!("Created pod: {}", object::name(&pod));
                    world.report(&Report::new(COMPONENT, set, "SuccessfulCreate", message));
                    active.push(pod);
                }
                Err(status) => {
                    refused = Some(status.message);
                    break;
                }
            }
        }
    } else if active.len() > wanted {
        pods::least_useful_first(&mut active);
        let surplus = active.len() - wanted;
        for pod in active.drain(..surplus) {
            pods::delete(world, &pod);
            let message = format!("Deleted pod: {}", object::name(&pod));
            world.report(&Report::new(COMPONENT, set, "SuccessfulDelete", message));
        }
    }
    write_status(world, set, &active, wanted, refused);
}

fn order(set: &Value) -> Order<'_> {
    Order {
        owner: set,
        template: &set["spec"]["template"],
        name: None,
        labels: Vec::new(),
        node: None,
    }
}

fn write_status(
    world: &mut World,
    set: &Arc<Value>,
    active: &[Arc<Value>],
    wanted: usize,
    refused: Option<String>,
) {
    let template = set
        .pointer("/spec/template/metadata/labels")
        .cloned()
        .unwrap_or_default();
    let labelled = active
        .iter()
        .filter(|pod| object::matches_map(Some(&template), pod))
        .count();
    let ready = active.iter().filter(|pod| is_true(pod, "Ready")).count();
    let mut available = 0;
    let minimum = number(set, "/spec/minReadySeconds").unwrap_or(0) * 1000;
    for pod in active.iter().filter(|pod| is_true(pod, "Ready")) {
        let since =
            object::condition(pod, "Ready").and_then(|ready| object::time(ready, "/lastTransitionTime"));
        let from = object::later(since.unwrap_or(world.now), minimum);
        if from <= world.now {
            available += 1;
        } else {
            world.wake_at(from);
        }
    }
    let mut status = json!({"replicas": active.len(), "observedGeneration": set["metadata"]["generation"]});
    for (field, count) in [
        ("fullyLabeledReplicas", labelled),
        ("readyReplicas", ready),
        ("availableReplicas", available),
    ] {
        if count > 0 {
            status[field] = json!(count);
        }
    }
    let previous = object::condition(set, "ReplicaFailure");
    let failed = match refused {
        Some(message) => {
            let told = format!("Error creating: {message}");
            complain(world, set, &told);
            Some(
                json!({"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message}),
            )
        }
        None if active.len() < wanted => previous.cloned(),
        None => None,
    };
    if let Some(failed) = failed {
        status["conditions"] = json!([renewed(previous, failed, world.now)]);
    }
    world.set_status(set, status);
}

/// A refused creation is tried again and again, ever less often.
fn complain(world: &mut World, set: &Value, message: &str) {
    super::rollout::complain(world, COMPONENT, set, "FailedCreate", message);
}

/// The revision that a Deployment's ReplicaSet stands for.
pub(crate) fn revision(set: &Value) -> u64 {
    object::entry(set, "/metadata/annotations", "deployment.kubernetes.io/revision")
        .and_then(|revision| revision.parse().ok())
        .unwrap_or_default()
}

/// Whether two pod templates ask for the same, the hash label aside.
pub(crate) fn same_template(a: &Value, b: &Value) -> bool {
    let bare = |template: &Value| {
        let mut template = template.clone();
        if let Some(labels) = template
            .pointer_mut("/metadata/labels")
            .and_then(Value::as_object_mut)
        {
            labels.remove("pod-template-hash");
        }
        if let Some(metadata) = template.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.remove("creationTimestamp");
            metadata.retain(|_, value| !value.as_object().is_some_and(serde_json::Map::is_empty));
        }
        template
    };
    text(a, "/spec/containers/0/image") == text(b, "/spec/containers/0/image") && bare(a) == bare(b)
}
