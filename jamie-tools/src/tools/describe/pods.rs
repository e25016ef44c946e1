//! What runs: the containers of a pod or template, and the pods behind an object.

use jamie_core::{Block, ObjectRef, Redactor, ToolContext, ToolOutput};
use k8s_openapi::api::core::v1::{Container, ContainerStatus, Pod, PodSpec, Probe};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::super::table::table;
use crate::{
    Snapshot,
    pod_status::{last_end, show_end, status_of},
    template, wording,
};

/// One list entry a container: image, state, resources, ports, probes, where its settings come from.
pub(super) fn containers(snapshot: &Snapshot, target: &ObjectRef, output: &mut ToolOutput) {
    let pod = match target.kind.as_str() {
        "Pod" => snapshot
            .pod(target.namespace.as_deref().unwrap_or_default(), &target.name)
            .map(|pod| pod.as_ref().clone()),
        _ => template::imagined_pod(snapshot, target),
    };
    let Some(pod) = pod else { return };
    let Some(spec) = &pod.spec else { return };
    let mut items: Vec<String> = Vec::new();
    for (container, what) in
        spec.containers
            .iter()
            .map(|one| (one, "Container"))
            .chain(spec.init_containers.iter().flatten().map(|one| {
                (
                    one,
                    if one.restart_policy.as_deref() == Some("Always") {
                        "Sidecar"
                    } else {
                        "Init container"
                    },
                )
            }))
    {
        items.push(one(&pod, spec, container, what));
    }
    output.blocks.push(Block::List { items });
}

fn one(pod: &Pod, spec: &PodSpec, container: &Container, what: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    if let Some(status) = status_for(pod, &container.name) {
        parts.push(state(status));
    }
    if let Some(image) = &container.image {
        parts.push(format!("image `{image}`"));
    }
    if let Some(command) = container.command.as_ref().filter(|command| !command.is_empty()) {
        parts.push(format!("command `{}`", wording::clip(&command.join(" "), 120)));
    }
    let amounts = |list: Option<
        &std::collections::BTreeMap<String, k8s_openapi::apimachinery::pkg::api::resource::Quantity>,
    >| {
        let all: Vec<String> = list
            .into_iter()
            .flatten()
            .map(|(name, amount)| format!("{name} {}", amount.0))
            .collect();
        if all.is_empty() {
            "none".to_owned()
        } else {
            all.join(", ")
        }
    };
    let resources = container.resources.as_ref();
    parts.push(format!(
        "requests {}; limits {}",
        amounts(resources.and_then(|all| all.requests.as_ref())),
        amounts(resources.and_then(|all| all.limits.as_ref()))
    ));
    let open: Vec<String> = container
        .ports
        .iter()
        .flatten()
        .map(|port| {
            port.name.as_ref().map_or_else(
                || port.container_port.to_string(),
                |name| format!("{} ({name})", port.container_port),
            )
        })
        .collect();
    if !open.is_empty() {
        parts.push(format!("ports {}", wording::list(&open, 6)));
    }
    for (name, probe) in [
        ("readiness", &container.readiness_probe),
        ("liveness", &container.liveness_probe),
        ("startup", &container.startup_probe),
    ] {
        if let Some(probe) = probe {
            parts.push(format!("{name} probe {}", show_probe(probe)));
        }
    }
    let sources = settings(container);
    if !sources.is_empty() {
        parts.push(format!("settings from {}", wording::list(&sources, 8)));
    }
    let plain: Vec<String> = container
        .env
        .iter()
        .flatten()
        .filter_map(|one| {
            Some(format!(
                "`{}={}`",
                one.name,
                wording::clip(&Redactor::default().setting(&one.name, one.value.as_deref()?), 80)
            ))
        })
        .collect();
    if !plain.is_empty() {
        parts.push(format!("variables {}", wording::list(&plain, 8)));
    }
    let mounts: Vec<String> = container
        .volume_mounts
        .iter()
        .flatten()
        .filter(|mount| !mount.mount_path.starts_with("/var/run/secrets/kubernetes.io"))
        .map(|mount| format!("`{}` ({})", mount.mount_path, volume(spec, &mount.name)))
        .collect();
    if !mounts.is_empty() {
        parts.push(format!("mounts {}", wording::list(&mounts, 6)));
    }
    format!("{what} `{}`: {}", container.name, parts.join("; "))
}

fn status_for<'a>(pod: &'a Pod, name: &str) -> Option<&'a ContainerStatus> {
    let status = pod.status.as_ref()?;
    status
        .container_statuses
        .iter()
        .flatten()
        .chain(status.init_container_statuses.iter().flatten())
        .find(|one| one.name == name)
}

fn state(status: &ContainerStatus) -> String {
    let now = status.state.as_ref();
    let mut text = if let Some(waiting) = now.and_then(|state| state.waiting.as_ref()) {
        let why = waiting.message.as_deref().map_or_else(String::new, |message| {
            format!(" ({})", wording::clip(message, 160))
        });
        format!(
            "waiting: {}{why}",
            waiting.reason.as_deref().unwrap_or("no reason given")
        )
    } else if let Some(end) = now.and_then(|state| state.terminated.as_ref()) {
        format!("ended: {}", show_end(end))
    } else if now.is_some_and(|state| state.running.is_some()) {
        if status.ready {
            "running and ready".to_owned()
        } else {
            "running, not ready".to_owned()
        }
    } else {
        "state unknown".to_owned()
    };
    if status.restart_count > 0 {
        text.push_str(", ");
        text.push_str(&wording::count(
            usize::try_from(status.restart_count).unwrap_or(0),
            "restart",
        ));
        if let Some(end) = last_end(status).filter(|_| now.is_none_or(|state| state.terminated.is_none())) {
            text.push_str(", last ended ");
            text.push_str(&show_end(end));
        }
    }
    text
}

fn port(port: &IntOrString) -> String {
    match port {
        IntOrString::Int(number) => number.to_string(),
        IntOrString::String(name) => name.clone(),
    }
}

fn show_probe(probe: &Probe) -> String {
    let how = if let Some(http) = &probe.http_get {
        format!(
            "GET `:{}{}`",
            port(&http.port),
            http.path.as_deref().unwrap_or("/")
        )
    } else if let Some(tcp) = &probe.tcp_socket {
        format!("TCP `:{}`", port(&tcp.port))
    } else if let Some(exec) = &probe.exec {
        format!(
            "runs `{}`",
            wording::clip(&exec.command.clone().unwrap_or_default().join(" "), 80)
        )
    } else if let Some(grpc) = &probe.grpc {
        format!("gRPC `:{}`", grpc.port)
    } else {
        "without an action".to_owned()
    };
    format!(
        "{how} every {} s, {} s timeout, fails after {}",
        probe.period_seconds.unwrap_or(10),
        probe.timeout_seconds.unwrap_or(1),
        probe.failure_threshold.unwrap_or(3)
    )
}

/// The ConfigMaps and Secrets that give a container its variables.
fn settings(container: &Container) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for source in container.env_from.iter().flatten() {
        if let Some(map) = &source.config_map_ref {
            all.push(format!("ConfigMap `{}`", map.name));
        }
        if let Some(secret) = &source.secret_ref {
            all.push(format!("Secret `{}`", secret.name));
        }
    }
    for from in container
        .env
        .iter()
        .flatten()
        .filter_map(|one| one.value_from.as_ref())
    {
        if let Some(key) = &from.config_map_key_ref {
            all.push(format!("ConfigMap `{}` key `{}`", key.name, key.key));
        }
        if let Some(key) = &from.secret_key_ref {
            all.push(format!("Secret `{}` key `{}`", key.name, key.key));
        }
    }
    all.dedup();
    all
}

fn volume(spec: &PodSpec, name: &str) -> String {
    let Some(volume) = spec.volumes.iter().flatten().find(|volume| volume.name == name) else {
        return format!("volume {name}");
    };
    if let Some(claim) = &volume.persistent_volume_claim {
        format!("claim {}", claim.claim_name)
    } else if let Some(map) = &volume.config_map {
        format!("ConfigMap {}", map.name)
    } else if let Some(secret) = &volume.secret {
        format!("Secret {}", secret.secret_name.as_deref().unwrap_or_default())
    } else if volume.empty_dir.is_some() {
        "emptyDir".to_owned()
    } else if let Some(path) = &volume.host_path {
        format!("host path {}", path.path)
    } else {
        format!("volume {name}")
    }
}

/// The pods behind an object.
pub(super) fn table_of(
    snapshot: &Snapshot,
    context: &ToolContext,
    target: &ObjectRef,
    output: &mut ToolOutput,
) {
    let rows: Vec<Vec<String>> = snapshot
        .pods_of(target)
        .into_iter()
        .map(|pod| {
            let status = status_of(pod);
            vec![
                format!("`{}`", pod.metadata.name.as_deref().unwrap_or_default()),
                status.state.clone(),
                status.readiness(),
                status.restarts.to_string(),
                status
                    .last_end
                    .clone()
                    .filter(|_| status.restarts > 0)
                    .unwrap_or_default(),
                pod.spec
                    .as_ref()
                    .and_then(|spec| spec.node_name.clone())
                    .unwrap_or_default(),
                pod.metadata
                    .creation_timestamp
                    .as_ref()
                    .map(|at| wording::age(at.0, context.now))
                    .unwrap_or_default(),
            ]
        })
        .collect();
    output.blocks.extend(table(
        &["Pod", "State", "Ready", "Restarts", "Last end", "Node", "Age"],
        rows,
        "pod",
    ));
}
