//! Pods and nodes in; what they use, as `metrics.k8s.io` tells it, out.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Kubelets, behaviours::Applied};
use crate::{
    controllers::{answers, names},
    object::{self, list, name, stamp, text},
    quantity,
    scenario::Usage,
};

/// A container's use in thousandths: CPU, memory; and whether the scenario says so.
pub(crate) struct Used {
    pub(crate) cpu: i64,
    pub(crate) memory: i64,
    pub(crate) told: bool,
}

impl Kubelets {
    /// What one container uses.
    pub(crate) fn used(&self, pod: &Value, container: &Value) -> Used {
        let slot = self
            .memory()
            .get(object::uid(pod))
            .map_or(0, |memory| memory.slot);
        let applied = self
            .behaviour(pod, slot, container, false)
            .filter(|applied: &Applied<'_>| !applied.healed);
        let told = applied.and_then(|applied| applied.behaviour.usage.as_ref());
        let given =
            |pick: fn(&Usage) -> Option<&String>| told.and_then(pick).and_then(|text| quantity::milli(text));
        let modest = |resource: &str, default: i64| {
            let request = container
                .pointer(&format!("/resources/requests/{resource}"))
                .and_then(quantity::of);
            let limit = container
                .pointer(&format!("/resources/limits/{resource}"))
                .and_then(quantity::of);
            // A steady figure between 20 and 45 per cent of what was asked for.
            let share = 20 + (names::hash(&format!("{}/{resource}", name(pod))) % 26) as i64;
            request.or(limit).map_or(default, |room| room / 100 * share)
        };
        Used {
            cpu: given(|usage| usage.cpu.as_ref()).unwrap_or_else(|| modest("cpu", 12)),
            memory: given(|usage| usage.memory.as_ref())
                .unwrap_or_else(|| modest("memory", 48 * 1_048_576 * 1000)),
            told: told.is_some(),
        }
    }
}

fn running<'a>(pod: &'a Value) -> impl Iterator<Item = &'a Value> {
    list(pod, "/spec/containers").iter().filter(|container| {
        list(pod, "/status/containerStatuses").iter().any(|status| {
            text(status, "/name") == text(container, "/name") && status.pointer("/state/running").is_some()
        })
    })
}

fn figures(cpu: i64, memory: i64) -> Value {
    json!({"cpu": format!("{}n", cpu * 1_000_000), "memory": format!("{}Ki", memory / 1000 / 1024)})
}

pub(super) fn of_pod(kubelets: &Kubelets, pod: &Value) -> Option<Value> {
    let containers: Vec<Value> = running(pod)
        .map(|container| {
            let used = kubelets.used(pod, container);
            json!({"name": text(container, "/name"), "usage": figures(used.cpu, used.memory)})
        })
        .collect();
    if containers.is_empty() {
        return None;
    }
    Some(json!({
        "apiVersion": "metrics.k8s.io/v1beta1",
        "kind": "PodMetrics",
        "metadata": {
            "name": name(pod),
            "namespace": object::namespace(pod),
            "labels": pod.pointer("/metadata/labels").cloned().unwrap_or_else(|| json!({})),
            "creationTimestamp": stamp(Timestamp::now()),
        },
        "timestamp": stamp(Timestamp::now()),
        "window": "15.021s",
        "containers": containers,
    }))
}

pub(super) fn of_node(kubelets: &Kubelets, node: &Value) -> Option<Value> {
    if !answers(node) {
        return None;
    }
    let told = kubelets
        .scenario
        .nodes
        .iter()
        .find(|one| one.name == name(node))
        .and_then(|one| one.usage.as_ref());
    let given = |text: Option<&String>| text.and_then(|text| quantity::milli(text));
    // The system itself takes a little too.
    let (mut cpu, mut memory) = (120, 700 * 1_048_576 * 1000);
    for pod in kubelets.store.list("", "pods", None) {
        if text(&pod, "/spec/nodeName") == name(node) {
            for container in running(&pod) {
                let used = kubelets.used(&pod, container);
                cpu += used.cpu;
                memory += used.memory;
            }
        }
    }
    let cpu = given(told.and_then(|usage| usage.cpu.as_ref())).unwrap_or(cpu);
    let memory = given(told.and_then(|usage| usage.memory.as_ref())).unwrap_or(memory);
    Some(json!({
        "apiVersion": "metrics.k8s.io/v1beta1",
        "kind": "NodeMetrics",
        "metadata": {
            "name": name(node),
            "labels": node.pointer("/metadata/labels").cloned().unwrap_or_else(|| json!({})),
            "creationTimestamp": stamp(Timestamp::now()),
        },
        "timestamp": stamp(Timestamp::now()),
        "window": "20.05s",
        "usage": figures(cpu, memory),
    }))
}
