//! Nodes as a scenario describes them in; Node objects with their conditions and taints out.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{World, events::Report, names, pods};
use crate::{
    object::{self, flag, is_true, list, name, number, stamp, text},
    scenario::{Node, Scenario},
    store::{Key, Store},
};

/// Puts the scenario's nodes (or the usual three) into the store, all well.
pub(crate) fn build(store: &Store, scenario: &Scenario, created: Timestamp) {
    for (index, node) in all(scenario).iter().enumerate() {
        let _ = store.create(
            Key::cluster("", "nodes", &node.name),
            object_of(node, scenario, index, created),
        );
    }
}

/// The nodes of a scenario.
pub(crate) fn all(scenario: &Scenario) -> Vec<Node> {
    if scenario.nodes.is_empty() {
        ["node-1", "node-2", "node-3"].map(Node::named).to_vec()
    } else {
        scenario.nodes.clone()
    }
}

const WELL: [(&str, &str, &str, &str); 4] = [
    (
        "MemoryPressure",
        "False",
        "KubeletHasSufficientMemory",
        "kubelet has sufficient memory available",
    ),
    (
        "DiskPressure",
        "False",
        "KubeletHasNoDiskPressure",
        "kubelet has no disk pressure",
    ),
    (
        "PIDPressure",
        "False",
        "KubeletHasSufficientPID",
        "kubelet has sufficient PID available",
    ),
    ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
];

fn object_of(node: &Node, scenario: &Scenario, index: usize, created: Timestamp) -> Value {
    let zone = node
        .zone
        .clone()
        .unwrap_or_else(|| ["a", "b", "c"].get(index % 3).copied().unwrap_or("a").to_owned());
    let zone = if zone.contains('-') {
        zone
    } else {
        format!("eu-west-1{zone}")
    };
    let mut labels = json!({
        "beta.kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": node.name,
        "kubernetes.io/os": "linux",
        "topology.kubernetes.io/region": zone.trim_end_matches(|c: char| c.is_ascii_alphabetic()),
        "topology.kubernetes.io/zone": zone,
    });
    for (key, value) in &node.labels {
        labels[key] = json!(value);
    }
    let kubelet = node
        .kubelet
        .clone()
        .unwrap_or_else(|| match scenario.server.minor() {
            32 => "v1.32.4".to_owned(),
            minor => format!("v1.{minor}.4"),
        });
    let capacity = json!({
        "cpu": node.cpu, "memory": node.memory, "pods": node.pods.to_string(),
        "ephemeral-storage": "100Gi", "hugepages-1Gi": "0", "hugepages-2Mi": "0",
    });
    let mut capacity = capacity;
    // Devices are offered by labels in scenario files, as `capacity/nvidia.com/gpu: "1"`.
    for (key, value) in &node.labels {
        if let Some(resource) = key.strip_prefix("capacity/") {
            capacity[resource] = json!(value);
            if let Some(labels) = labels.as_object_mut() {
                labels.remove(key);
            }
        }
    }
    let conditions: Vec<Value> = WELL
        .iter()
        .map(|(kind, status, reason, message)| {
            json!({
                "type": kind, "status": status, "reason": reason, "message": message,
                "lastHeartbeatTime": stamp(created), "lastTransitionTime": stamp(created),
            })
        })
        .collect();
    let mut spec =
        json!({"podCIDR": format!("10.244.{index}.0/24"), "podCIDRs": [format!("10.244.{index}.0/24")]});
    if !node.taints.is_empty() {
        spec["taints"] = json!(node.taints);
    }
    if node.unschedulable {
        spec["unschedulable"] = json!(true);
    }
    json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": node.name,
            "labels": labels,
            "annotations": {"node.alpha.kubernetes.io/ttl": "0"},
            "creationTimestamp": stamp(object::later(created, -86_400_000 * 30)),
        },
        "spec": spec,
        "status": {
            "addresses": [
                {"type": "InternalIP", "address": address(index)},
                {"type": "Hostname", "address": node.name},
            ],
            "capacity": capacity,
            "allocatable": capacity,
            "conditions": conditions,
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
            "images": [],
            "nodeInfo": {
                "architecture": "amd64",
                "bootID": names::hex(&node.name).get(..32).unwrap_or_default(),
                "containerRuntimeVersion": "containerd://1.7.27",
                "kernelVersion": "6.1.0-34-amd64",
                "kubeProxyVersion": kubelet,
                "kubeletVersion": kubelet,
                "machineID": names::hex(&node.name).get(32..).unwrap_or_default(),
                "operatingSystem": "linux",
                "osImage": "Debian GNU/Linux 12 (bookworm)",
                "systemUUID": names::hex(&node.name).get(16..48).unwrap_or_default(),
            },
        },
    })
}

fn address(index: usize) -> String {
    format!("10.0.{}.{}", index / 200, 10 + index % 200)
}

/// Lets the conditions of a node turn to what the scenario says, now.
pub(crate) fn degrade(world: &mut World, node: &Node) {
    let key = Key::cluster("", "nodes", &node.name);
    let now = stamp(world.now);
    let silent = node
        .conditions
        .get("Ready")
        .is_some_and(|status| status == "Unknown");
    let single = node.conditions.contains_key("Ready");
    let changed = world.store.modify(&key, |object| {
        for (kind, status) in &node.conditions {
            set_condition(object, kind, status, &now, told(node, kind, status, single));
        }
        if silent {
            for (kind, ..) in WELL {
                let told = (
                    "NodeStatusUnknown".to_owned(),
                    "Kubelet stopped posting node status.".to_owned(),
                );
                if !node.conditions.contains_key(kind) {
                    set_condition(object, kind, "Unknown", &now, told);
                }
            }
        }
    });
    let Ok(object) = changed else { return };
    for (kind, status) in &node.conditions {
        let reason = match (kind.as_str(), status.as_str()) {
            ("Ready", "True") => continue,
            ("Ready", _) => "NodeNotReady",
            ("MemoryPressure", "True") => "NodeHasInsufficientMemory",
            ("DiskPressure", "True") => "NodeHasDiskPressure",
            ("PIDPressure", "True") => "NodeHasInsufficientPID",
            _ => continue,
        };
        let component = if reason == "NodeNotReady" {
            "node-controller"
        } else {
            "kubelet"
        };
        let message = format!("Node {} status is now: {reason}", node.name);
        world.report(&Report::new(component, &object, reason, message));
    }
}

fn told(node: &Node, kind: &str, status: &str, single: bool) -> (String, String) {
    let (reason, message) = match (kind, status) {
        ("Ready", "Unknown") => ("NodeStatusUnknown", "Kubelet stopped posting node status."),
        ("Ready", "False") => ("KubeletNotReady", "container runtime is down"),
        ("MemoryPressure", "True") => (
            "KubeletHasInsufficientMemory",
            "kubelet has insufficient memory available",
        ),
        ("DiskPressure", "True") => ("KubeletHasDiskPressure", "kubelet has disk pressure"),
        ("PIDPressure", "True") => (
            "KubeletHasInsufficientPID",
            "kubelet has insufficient PID available",
        ),
        _ => WELL
            .iter()
            .find(|(well, good, ..)| *well == kind && *good == status)
            .map_or((kind, ""), |(_, _, reason, message)| (*reason, *message)),
    };
    let meant = !single || kind == "Ready";
    let reason = node
        .reason
        .clone()
        .filter(|_| meant)
        .unwrap_or_else(|| reason.to_owned());
    let message = node
        .message
        .clone()
        .filter(|_| meant)
        .unwrap_or_else(|| message.to_owned());
    (reason, message)
}

fn set_condition(object: &mut Value, kind: &str, status: &str, now: &str, told: (String, String)) {
    let condition = json!({
        "type": kind, "status": status, "reason": told.0, "message": told.1,
        "lastHeartbeatTime": now, "lastTransitionTime": now,
    });
    let Some(conditions) = object
        .pointer_mut("/status/conditions")
        .and_then(Value::as_array_mut)
    else {
        return;
    };
    if let Some(place) = conditions.iter_mut().find(|one| text(one, "/type") == kind) {
        *place = condition;
    } else {
        conditions.insert(0, condition);
    }
}

/// Taints follow conditions; pods leave nodes that do not answer.
pub(super) fn reconcile(world: &mut World) {
    for node in world.store.list("", "nodes", None) {
        taint(world, &node);
        let down = !is_true(&node, "Ready");
        if down
            || list(&node, "/spec/taints")
                .iter()
                .any(|taint| text(taint, "/effect") == "NoExecute")
        {
            evict(world, &node);
        }
    }
}

/// Whether the kubelet of the node answers.
pub(crate) fn answers(node: &Value) -> bool {
    is_true(node, "Ready")
}

fn taint(world: &mut World, node: &Value) {
    let ready = object::condition(node, "Ready").map_or("Unknown", |ready| text(ready, "/status"));
    let mut wanted: Vec<(&str, &str)> = Vec::new();
    match ready {
        "True" => {}
        "False" => wanted.extend([
            ("node.kubernetes.io/not-ready", "NoSchedule"),
            ("node.kubernetes.io/not-ready", "NoExecute"),
        ]),
        _ => wanted.extend([
            ("node.kubernetes.io/unreachable", "NoSchedule"),
            ("node.kubernetes.io/unreachable", "NoExecute"),
        ]),
    }
    for (condition, key) in [
        ("MemoryPressure", "node.kubernetes.io/memory-pressure"),
        ("DiskPressure", "node.kubernetes.io/disk-pressure"),
        ("PIDPressure", "node.kubernetes.io/pid-pressure"),
        ("NetworkUnavailable", "node.kubernetes.io/network-unavailable"),
    ] {
        if is_true(node, condition) {
            wanted.push((key, "NoSchedule"));
        }
    }
    if flag(node, "/spec/unschedulable") {
        wanted.push(("node.kubernetes.io/unschedulable", "NoSchedule"));
    }
    let present = list(node, "/spec/taints");
    let managed = |taint: &Value| text(taint, "/key").starts_with("node.kubernetes.io/");
    let is = |taint: &Value, (key, effect): (&str, &str)| {
        text(taint, "/key") == key && text(taint, "/effect") == effect
    };
    let mut taints: Vec<Value> = present
        .iter()
        .filter(|taint| !managed(taint) || wanted.iter().any(|one| is(taint, *one)))
        .cloned()
        .collect();
    for one in &wanted {
        if !present.iter().any(|taint| is(taint, *one)) {
            taints.push(json!({"key": one.0, "effect": one.1, "timeAdded": stamp(world.now)}));
        }
    }
    if taints != present {
        let _ = world
            .store
            .modify(&Key::cluster("", "nodes", name(node)), |node| {
                if taints.is_empty() {
                    if let Some(spec) = node.get_mut("spec").and_then(Value::as_object_mut) {
                        spec.remove("taints");
                    }
                } else {
                    node["spec"]["taints"] = json!(taints);
                }
            });
    }
}

/// Pods that do not tolerate a NoExecute taint leave, after the wait that they tolerate (five minutes by default).
fn evict(world: &mut World, node: &Value) {
    let pods = world.store.list("", "pods", None);
    for pod in pods
        .iter()
        .filter(|pod| text(pod, "/spec/nodeName") == name(node) && pods::is_active(pod))
    {
        for taint in list(node, "/spec/taints")
            .iter()
            .filter(|taint| text(taint, "/effect") == "NoExecute")
        {
            let own = text(taint, "/key").starts_with("node.kubernetes.io/");
            let tolerated = list(pod, "/spec/tolerations")
                .iter()
                .find(|one| super::scheduler::tolerates(one, taint));
            let wait = match tolerated {
                Some(tolerated) => match number(tolerated, "/tolerationSeconds") {
                    Some(seconds) => seconds,
                    None => continue,
                },
                None if own => 300,
                None => 0,
            };
            let added = object::time(taint, "/timeAdded").unwrap_or(world.now);
            let at = object::later(added, wait * 1000);
            if at <= world.now {
                let message = format!(
                    "Marking for deletion Pod {}/{}",
                    object::namespace(pod),
                    name(pod)
                );
                world.recorder.note(
                    &Report::new("taint-eviction-controller", pod, "TaintManagerEviction", message),
                    at,
                    1,
                );
                let back = world.now;
                world.now = at;
                pods::delete(world, pod);
                world.now = back;
            } else {
                world.current = object::namespace(pod).to_owned();
                world.wake_at(at);
            }
        }
    }
}
