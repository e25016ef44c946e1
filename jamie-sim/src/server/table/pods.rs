//! The row of a pod: its readiness, its state in one word, its restarts.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{age, human, name};
use crate::server::fields::{flag, list, number, text};

pub(super) const PLAIN: &[&str] = &["Name", "Ready", "Status", "Restarts", "Age"];
pub(super) const WIDE: &[&str] = &["IP", "Node", "Nominated Node", "Readiness Gates"];

pub(super) fn cells(pod: &Value, now: Timestamp) -> Vec<Value> {
    let summary = summarise(pod);
    let total = list(pod, "/spec/containers").len() + sidecars(pod).count();
    let restarts = match summary.last_restart {
        Some(time) if summary.restarts > 0 => format!("{} ({} ago)", summary.restarts, human(time, now)),
        _ => summary.restarts.to_string(),
    };
    let or_none = |pointer: &str| match text(pod, pointer) {
        "" => "<none>".to_owned(),
        found => found.to_owned(),
    };
    let gates = list(pod, "/spec/readinessGates");
    let open = gates
        .iter()
        .filter(|gate| {
            list(pod, "/status/conditions").iter().any(|condition| {
                text(condition, "/type") == text(gate, "/conditionType")
                    && text(condition, "/status") == "True"
            })
        })
        .count();
    let gates = if gates.is_empty() {
        "<none>".to_owned()
    } else {
        format!("{open}/{}", gates.len())
    };
    vec![
        json!(name(pod)),
        json!(format!("{}/{total}", summary.ready)),
        json!(summary.state),
        json!(restarts),
        json!(age(pod, now)),
        json!(or_none("/status/podIP")),
        json!(or_none("/spec/nodeName")),
        json!(or_none("/status/nominatedNodeName")),
        json!(gates),
    ]
}

struct Summary<'a> {
    state: String,
    ready: usize,
    restarts: i64,
    last_restart: Option<&'a str>,
}

fn sidecars(pod: &Value) -> impl Iterator<Item = &Value> {
    list(pod, "/spec/initContainers")
        .iter()
        .filter(|one| text(one, "/restartPolicy") == "Always")
}

fn condition(pod: &Value, kind: &str) -> bool {
    let conditions = list(pod, "/status/conditions");
    conditions
        .iter()
        .any(|one| text(one, "/type") == kind && text(one, "/status") == "True")
}

fn ended(status: &Value, prefix: &str) -> String {
    match (
        text(status, "/state/terminated/reason"),
        number(status, "/state/terminated/signal"),
    ) {
        ("", 0) => format!(
            "{prefix}ExitCode:{}",
            number(status, "/state/terminated/exitCode")
        ),
        ("", signal) => format!("{prefix}Signal:{signal}"),
        (reason, _) => format!("{prefix}{reason}"),
    }
}

fn later<'a>(best: Option<&'a str>, status: &'a Value) -> Option<&'a str> {
    let time = status
        .pointer("/lastState/terminated/finishedAt")
        .and_then(Value::as_str);
    best.max(time)
}

/// The same reading of a pod's status as the real server's.
fn summarise(pod: &Value) -> Summary<'_> {
    let mut state = text(pod, "/status/phase").to_owned();
    if !text(pod, "/status/reason").is_empty() {
        text(pod, "/status/reason").clone_into(&mut state);
    }
    let gated = list(pod, "/status/conditions")
        .iter()
        .any(|one| text(one, "/type") == "PodScheduled" && text(one, "/reason") == "SchedulingGated");
    if gated {
        "SchedulingGated".clone_into(&mut state);
    }
    let (mut ready, mut restarts, mut sidecar_restarts) = (0, 0, 0);
    let (mut last_restart, mut sidecar_last) = (None, None);
    let init_containers = list(pod, "/spec/initContainers");
    let is_sidecar = |status: &Value| sidecars(pod).any(|one| text(one, "/name") == text(status, "/name"));
    let mut initialising = false;
    for (place, status) in list(pod, "/status/initContainerStatuses").iter().enumerate() {
        restarts += number(status, "/restartCount");
        last_restart = later(last_restart, status);
        if is_sidecar(status) {
            sidecar_restarts += number(status, "/restartCount");
            sidecar_last = later(sidecar_last, status);
        }
        let done = status.pointer("/state/terminated").is_some()
            && number(status, "/state/terminated/exitCode") == 0;
        if done {
            continue;
        }
        if is_sidecar(status) && flag(status, "/started") {
            ready += usize::from(flag(status, "/ready"));
            continue;
        }
        let waiting = text(status, "/state/waiting/reason");
        state = if status.pointer("/state/terminated").is_some() {
            ended(status, "Init:")
        } else if !waiting.is_empty() && waiting != "PodInitializing" {
            format!("Init:{waiting}")
        } else {
            format!("Init:{place}/{}", init_containers.len())
        };
        initialising = true;
        break;
    }
    if !initialising || condition(pod, "Initialized") {
        restarts = sidecar_restarts;
        last_restart = sidecar_last;
        let mut running = false;
        for status in list(pod, "/status/containerStatuses").iter().rev() {
            restarts += number(status, "/restartCount");
            last_restart = later(last_restart, status);
            let waiting = text(status, "/state/waiting/reason");
            if !waiting.is_empty() {
                waiting.clone_into(&mut state);
            } else if status.pointer("/state/terminated").is_some() {
                state = ended(status, "");
            } else if flag(status, "/ready") && status.pointer("/state/running").is_some() {
                running = true;
                ready += 1;
            }
        }
        if state == "Completed" && running {
            let shown = if condition(pod, "Ready") {
                "Running"
            } else {
                "NotReady"
            };
            shown.clone_into(&mut state);
        }
    }
    if pod.pointer("/metadata/deletionTimestamp").is_some() {
        let over = matches!(text(pod, "/status/phase"), "Succeeded" | "Failed");
        if text(pod, "/status/reason") == "NodeLost" {
            "Unknown".clone_into(&mut state);
        } else if !over {
            "Terminating".clone_into(&mut state);
        }
    }
    Summary {
        state,
        ready,
        restarts,
        last_restart,
    }
}
