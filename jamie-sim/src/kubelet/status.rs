//! The lives of a pod's containers in, the pod's status as a kubelet writes it out.

use serde_json::{Value, json};

use super::{
    PodMemory, images,
    life::{Ended, Life, Phase},
    pod::Held,
};
use crate::{
    controllers::{World, names},
    object::{self, condition, list, name, renewed, stamp, text},
    store::Key,
};

pub(super) fn of(world: &World, pod: &Value, memory: &PodMemory, held: Option<Held>) -> Value {
    let mut status = json!({
        "qosClass": pod.pointer("/status/qosClass").cloned().unwrap_or_else(|| json!("BestEffort")),
        "startTime": pod.pointer("/status/startTime").cloned().unwrap_or_else(|| json!(stamp(memory.seen))),
    });
    let node = world
        .store
        .get(&Key::cluster("", "nodes", text(pod, "/spec/nodeName")));
    if let Some(address) = node
        .as_ref()
        .map(|node| text(node, "/status/addresses/0/address"))
    {
        status["hostIP"] = json!(address);
        status["hostIPs"] = json!([{"ip": address}]);
        let host_network = object::flag(pod, "/spec/hostNetwork");
        if held.is_none() && !memory.lives.is_empty() {
            let own = if host_network {
                address.to_owned()
            } else {
                pod_address(pod, node.as_deref())
            };
            status["podIP"] = json!(own);
            status["podIPs"] = json!([{"ip": own}]);
        }
    }
    let inits = statuses(pod, memory, "/spec/initContainers", true);
    let mains = statuses(pod, memory, "/spec/containers", false);
    let phase = phase(pod, memory);
    status["conditions"] = json!(conditions(world, pod, memory, phase, held));
    status["phase"] = json!(phase);
    if !inits.is_empty() {
        status["initContainerStatuses"] = json!(inits);
    }
    status["containerStatuses"] = json!(mains);
    status
}

fn pod_address(pod: &Value, node: Option<&Value>) -> String {
    let range = node.map_or("", |node| text(node, "/spec/podCIDR"));
    let net = range.rsplit_once('.').map_or("10.244.0", |(net, _)| net);
    format!("{net}.{}", 2 + names::hash(object::uid(pod)) % 250)
}

fn sidecar(container: &Value) -> bool {
    text(container, "/restartPolicy") == "Always"
}

fn lives<'a>(
    pod: &'a Value,
    memory: &'a PodMemory,
    pointer: &str,
) -> impl Iterator<Item = (&'a Value, Option<&'a Life>)> {
    list(pod, pointer)
        .iter()
        .map(|container| (container, memory.lives.get(text(container, "/name"))))
}

fn initialised(pod: &Value, memory: &PodMemory) -> bool {
    lives(pod, memory, "/spec/initContainers").all(|(container, life)| {
        match life.map(|life| (&life.phase, life.started)) {
            Some((Phase::Ended(ended), _)) => ended.exit == 0,
            Some((Phase::Running { .. }, started)) => sidecar(container) && started,
            Some((Phase::BackOff { .. }, _)) => sidecar(container),
            _ => false,
        }
    })
}

fn phase(pod: &Value, memory: &PodMemory) -> &'static str {
    let failed_init = lives(pod, memory, "/spec/initContainers").any(
        |(_, life)| matches!(life.map(|life| &life.phase), Some(Phase::Ended(ended)) if ended.exit != 0),
    );
    if failed_init {
        return "Failed";
    }
    if !initialised(pod, memory) {
        return "Pending";
    }
    let (mut waiting, mut running, mut ended, mut failed) = (0, 0, 0, 0);
    for (_, life) in lives(pod, memory, "/spec/containers") {
        match life {
            None => waiting += 1,
            Some(life) => match &life.phase {
                Phase::Waiting { .. } if life.last.is_none() => waiting += 1,
                Phase::Ended(end) => {
                    ended += 1;
                    failed += i32::from(end.exit != 0);
                }
                _ => running += 1,
            },
        }
    }
    match (waiting, running, ended) {
        (1.., _, _) => "Pending",
        (0, 0, 1..) if failed > 0 => "Failed",
        (0, 0, 1..) => "Succeeded",
        _ => "Running",
    }
}

fn conditions(world: &World, pod: &Value, memory: &PodMemory, phase: &str, held: Option<Held>) -> Vec<Value> {
    let unready: Vec<&str> = lives(pod, memory, "/spec/containers")
        .filter(|(_, life)| !life.is_some_and(|life| life.ready))
        .map(|(container, _)| text(container, "/name"))
        .collect();
    let incomplete: Vec<&str> = lives(pod, memory, "/spec/initContainers")
        .filter(
            |(container, life)| match life.map(|life| (&life.phase, life.started)) {
                Some((Phase::Ended(ended), _)) => ended.exit != 0,
                Some((Phase::Running { .. }, started)) => !(sidecar(container) && started),
                _ => true,
            },
        )
        .map(|(container, _)| text(container, "/name"))
        .collect();
    let missing_gate = list(pod, "/spec/readinessGates")
        .iter()
        .map(|gate| text(gate, "/conditionType"))
        .find(|gate| condition(pod, gate).is_none_or(|condition| text(condition, "/status") != "True"));
    let done = matches!(phase, "Succeeded");
    let not_ready = if done {
        Some(("PodCompleted", String::new()))
    } else if phase == "Failed" {
        Some(("PodFailed", String::new()))
    } else if unready.is_empty() {
        None
    } else {
        Some((
            "ContainersNotReady",
            format!("containers with unready status: [{}]", unready.join(" ")),
        ))
    };
    let gate = missing_gate.map(|gate| {
        (
            "ReadinessGatesNotReady",
            format!("corresponding condition of pod readiness gate \"{gate}\" does not exist."),
        )
    });
    let initial = if incomplete.is_empty() || done {
        None
    } else {
        Some((
            "ContainersNotInitialized",
            format!("containers with incomplete status: [{}]", incomplete.join(" ")),
        ))
    };
    let sandbox = if held.is_some() {
        Some(("", String::new()))
    } else {
        None
    };
    let mut conditions = Vec::with_capacity(5);
    let told: [(&str, Option<(&str, String)>); 4] = [
        ("PodReadyToStartContainers", sandbox),
        ("Initialized", initial),
        ("Ready", not_ready.clone().or(gate)),
        ("ContainersReady", not_ready),
    ];
    for (kind, wrong) in told {
        if kind == "PodReadyToStartContainers" && world.scenario.server.minor() < 29 {
            continue;
        }
        let mut one = json!({"type": kind, "status": if wrong.is_some() { "False" } else { "True" }, "lastProbeTime": null});
        if let Some((reason, message)) = wrong {
            for (field, value) in [("reason", reason), ("message", message.as_str())] {
                if !value.is_empty() {
                    one[field] = json!(value);
                }
            }
        }
        conditions.push(renewed(condition(pod, kind), one, world.now));
    }
    if let Some(scheduled) = condition(pod, "PodScheduled") {
        conditions.push(scheduled.clone());
    } else {
        let one = json!({"type": "PodScheduled", "status": "True", "lastProbeTime": null});
        conditions.push(renewed(None, one, memory.seen));
    }
    // What others have written (readiness gates, disruption) stays.
    const OWN: [&str; 5] = [
        "PodReadyToStartContainers",
        "Initialized",
        "Ready",
        "ContainersReady",
        "PodScheduled",
    ];
    conditions.extend(
        list(pod, "/status/conditions")
            .iter()
            .filter(|one| !OWN.contains(&text(one, "/type")))
            .cloned(),
    );
    conditions
}

fn statuses(pod: &Value, memory: &PodMemory, pointer: &str, init: bool) -> Vec<Value> {
    let waiting = if !init && !initialised(pod, memory) || init {
        "PodInitializing"
    } else {
        "ContainerCreating"
    };
    let waiting = if memory.lives.is_empty() && list(pod, "/spec/initContainers").is_empty() {
        "ContainerCreating"
    } else {
        waiting
    };
    lives(pod, memory, pointer)
        .map(|(container, life)| {
            let image = text(container, "/image");
            let mut status = json!({
                "name": text(container, "/name"),
                "state": {"waiting": {"reason": waiting}},
                "lastState": {},
                "ready": false,
                "restartCount": 0,
                "image": image,
                "imageID": "",
                "started": false,
            });
            let Some(life) = life else { return status };
            let id = |number: u32| {
                format!(
                    "containerd://{}",
                    names::hex(&format!(
                        "{}/{}/{number}",
                        object::uid(pod),
                        text(container, "/name")
                    ))
                )
            };
            status["restartCount"] = json!(life.restarts);
            status["started"] = json!(life.started);
            status["ready"] = json!(life.ready);
            if let Some(last) = &life.last {
                status["lastState"] =
                    json!({"terminated": terminated(last, &id(life.restarts.saturating_sub(1)))});
            }
            status["state"] = match &life.phase {
                Phase::Waiting { reason, message } => match message {
                    Some(message) => json!({"waiting": {"reason": reason, "message": message}}),
                    None => json!({"waiting": {"reason": waiting}}),
                },
                Phase::Running { started } => json!({"running": {"startedAt": stamp(*started)}}),
                Phase::BackOff { wait, .. } => {
                    let wait = wait / 1000;
                    let wait = if wait >= 60 {
                        format!("{}m{}s", wait / 60, wait % 60)
                    } else {
                        format!("{wait}s")
                    };
                    let pod_name = format!("{}_{}({})", name(pod), object::namespace(pod), object::uid(pod));
                    let message = format!(
                        "back-off {wait} restarting failed container={} pod={pod_name}",
                        text(container, "/name")
                    );
                    json!({"waiting": {"reason": "CrashLoopBackOff", "message": message}})
                }
                Phase::Ended(ended) => {
                    if init && ended.exit == 0 {
                        status["ready"] = json!(true);
                    }
                    json!({"terminated": terminated(ended, &id(life.restarts))})
                }
            };
            if !matches!(life.phase, Phase::Waiting { .. }) {
                let full = images::full(image);
                let repository = full.split('@').next().unwrap_or_default();
                let repository = repository
                    .rsplit_once(':')
                    .filter(|(_, tag)| !tag.contains('/'))
                    .map_or(repository, |(path, _)| path);
                status["image"] = json!(full);
                status["imageID"] = json!(format!("{repository}@sha256:{}", names::hex(&full)));
                let number = if matches!(life.phase, Phase::BackOff { .. }) {
                    life.restarts.saturating_sub(1)
                } else {
                    life.restarts
                };
                status["containerID"] = json!(id(number));
            }
            if init && !sidecar(container) {
                status["started"] = json!(matches!(life.phase, Phase::Running { .. }));
            }
            status
        })
        .collect()
}

fn terminated(ended: &Ended, id: &str) -> Value {
    let mut state = json!({
        "exitCode": ended.exit,
        "reason": ended.reason,
        "startedAt": stamp(ended.started),
        "finishedAt": stamp(ended.finished),
        "containerID": id,
    });
    if let Some(message) = &ended.message {
        state["message"] = json!(message);
    }
    state
}
