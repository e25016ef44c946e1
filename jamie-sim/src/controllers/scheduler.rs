//! Pods without a node in; a node for each, or the scheduler's words on why none fits, out.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Value, json};

use super::{World, events::Report, pods, rollout::complain, volumes};
use crate::{
    object::{self, entries, flag, holds, list, name, stamp, text},
    quantity,
    store::Key,
};

mod fit;

pub(crate) use fit::{Refusal, requests, selects, term_holds, tolerates, untolerated};

use fit::Occupied;

const COMPONENT: &str = "default-scheduler";

pub(super) fn reconcile(world: &mut World, namespace: &str) {
    let waiting: Vec<Arc<Value>> = world
        .list("", "pods", namespace)
        .into_iter()
        .filter(|pod| text(pod, "/spec/nodeName").is_empty() && pods::is_active(pod))
        .filter(|pod| text(pod, "/spec/schedulerName") == COMPONENT)
        .collect();
    if waiting.is_empty() {
        return;
    }
    let nodes = world.store.list("", "nodes", None);
    let mut occupied = Occupied::of(&world.store.list("", "pods", None));
    for pod in waiting {
        if !list(&pod, "/spec/schedulingGates").is_empty() {
            let message = "Scheduling is blocked due to non-empty scheduling gates";
            write_condition(world, &pod, "SchedulingGated", message);
            continue;
        }
        match choose(world, &pod, &nodes, &occupied) {
            Ok(node) => {
                bind(world, &pod, &node);
                occupied.add(&pod, name(&node));
            }
            Err(message) => {
                write_condition(world, &pod, "Unschedulable", &message);
                complain(world, COMPONENT, &pod, "FailedScheduling", &message);
            }
        }
    }
}

/// The best node, or what the real scheduler would say.
fn choose(
    world: &mut World,
    pod: &Arc<Value>,
    nodes: &[Arc<Value>],
    occupied: &Occupied,
) -> Result<Arc<Value>, String> {
    let total = nodes.len();
    let hopeless = |reason: String| {
        let preemption = format!(
            "preemption: 0/{total} nodes are available: {total} Preemption is not helpful for scheduling."
        );
        format!("0/{total} nodes are available: {reason}. {preemption}")
    };
    if total == 0 {
        return Err("no nodes available to schedule pods".to_owned());
    }
    let claims = volumes::claims_of(world, pod).map_err(hopeless)?;
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    let mut resolvable = 0;
    let mut best: Option<(i64, &Arc<Value>)> = None;
    for node in nodes {
        match occupied
            .refuses(pod, node, nodes)
            .or_else(|| volumes::refuses(world, &claims, node))
        {
            Some(refusal) => {
                resolvable += usize::from(refusal.preemption_may_help);
                for reason in refusal.reasons {
                    *reasons.entry(reason).or_default() += 1;
                }
            }
            None => {
                let score = occupied.score(pod, node);
                if best.is_none_or(|(least, _)| score < least) {
                    best = Some((score, node));
                }
            }
        }
    }
    if let Some((_, node)) = best {
        return Ok(Arc::clone(node));
    }
    let mut told: Vec<String> = reasons
        .iter()
        .map(|(reason, count)| format!("{count} {reason}"))
        .collect();
    told.sort();
    let mut preemption = Vec::new();
    if resolvable > 0 {
        preemption.push(format!(
            "{resolvable} No preemption victims found for incoming pod"
        ));
    }
    if resolvable < total {
        preemption.push(format!(
            "{} Preemption is not helpful for scheduling",
            total - resolvable
        ));
    }
    preemption.sort();
    Err(format!(
        "0/{total} nodes are available: {}. preemption: 0/{total} nodes are available: {}.",
        told.join(", "),
        preemption.join(", ")
    ))
}

fn write_condition(world: &World, pod: &Value, reason: &str, message: &str) {
    let previous = object::condition(pod, "PodScheduled");
    let condition = json!({
        "type": "PodScheduled", "status": "False", "reason": reason, "message": message, "lastProbeTime": null,
    });
    let mut status = pod["status"].clone();
    status["conditions"] = json!([object::renewed(previous, condition, world.now)]);
    world.set_status(pod, status);
}

fn bind(world: &mut World, pod: &Arc<Value>, node: &Value) {
    volumes::reserve(world, pod, name(node));
    let key = Key::namespaced("", "pods", object::namespace(pod), name(pod));
    let condition = json!({"type": "PodScheduled", "status": "True", "lastProbeTime": null, "lastTransitionTime": stamp(world.now)});
    let bound = world.store.modify(&key, |pod| {
        pod["spec"]["nodeName"] = json!(name(node));
        pod["status"]["conditions"] = json!([condition]);
    });
    if bound.is_ok() {
        let message = format!(
            "Successfully assigned {}/{} to {}",
            object::namespace(pod),
            name(pod),
            name(node)
        );
        world.report(&Report::new(COMPONENT, pod, "Scheduled", message));
    }
}
