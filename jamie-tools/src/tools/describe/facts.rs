//! An object in, the facts about it that its row in a list does not have, out.

use jamie_core::{ObjectRef, Redactor};
use k8s_openapi::{
    api::core::v1::{Node, Pod, Service, Toleration},
    apimachinery::pkg::util::intstr::IntOrString,
};

use crate::{
    Snapshot, quantity,
    scheduling::{allocatable_of, rooms},
    selector,
    snapshot::reference,
    wording,
};

pub(super) fn of(snapshot: &Snapshot, target: &ObjectRef) -> Vec<String> {
    let namespace = target.namespace.as_deref().unwrap_or_default();
    let name = target.name.as_str();
    match target.kind.as_str() {
        "Pod" => snapshot
            .pod(namespace, name)
            .map(|pod| pod_facts(snapshot, pod))
            .unwrap_or_default(),
        "Deployment" => deployment(snapshot, namespace, name),
        "StatefulSet" => snapshot
            .stateful_set(namespace, name)
            .map(|set| {
                let mut facts = Vec::new();
                if let Some(service) = &set.spec.service_name {
                    facts.push(format!("Service: `{service}`"));
                }
                let claims: Vec<&str> = set
                    .spec
                    .volume_claim_templates
                    .iter()
                    .flatten()
                    .filter_map(|claim| claim.metadata.name.as_deref())
                    .collect();
                if !claims.is_empty() {
                    facts.push(format!("Claim templates: {}", wording::code_list(&claims, 5)));
                }
                facts
            })
            .unwrap_or_default(),
        "Service" => snapshot
            .service(namespace, name)
            .map(|service| service_facts(snapshot, service))
            .unwrap_or_default(),
        "Node" => snapshot
            .node(name)
            .map(|node| node_facts(snapshot, node))
            .unwrap_or_default(),
        "ConfigMap" => snapshot
            .config_map(namespace, name)
            .map(|map| {
                map.data
                    .iter()
                    .flatten()
                    .take(15)
                    .map(|(key, value)| {
                        format!(
                            "`{key}`: {}",
                            wording::clip(&Redactor::default().setting(key, value), 100)
                        )
                    })
                    .collect()
            })
            .unwrap_or_default(),
        "Secret" => snapshot
            .secret(namespace, name)
            .map(|secret| {
                let mut facts: Vec<String> = secret
                    .keys
                    .iter()
                    .take(15)
                    .map(|(key, size)| format!("`{key}`: {size} bytes"))
                    .collect();
                if let Some(end) = secret.certificate_ends {
                    facts.push(format!(
                        "Certificate for {}, ends {}",
                        wording::code_list(&secret.certificate_names, 3),
                        end.strftime("%-d %b %Y %H:%M UTC")
                    ));
                }
                facts
            })
            .unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn pod_facts(snapshot: &Snapshot, pod: &Pod) -> Vec<String> {
    let mut facts = Vec::new();
    let spec = pod.spec.clone().unwrap_or_default();
    let status = pod.status.clone().unwrap_or_default();
    let workload = snapshot.workload_of(pod);
    if !workload.is_same(&reference(pod)) {
        facts.push(format!("Belongs to: {workload}"));
    }
    if let Some(ip) = status.pod_ip {
        facts.push(format!("Address: `{ip}`"));
    }
    if let Some(message) = status.message.filter(|message| !message.is_empty()) {
        facts.push(format!("Message: {}", wording::clip(&message, 200)));
    }
    let failing: Vec<String> = status
        .conditions
        .iter()
        .flatten()
        .filter(|condition| condition.status != "True")
        .map(|condition| {
            let why = condition
                .message
                .as_deref()
                .or(condition.reason.as_deref())
                .unwrap_or_default();
            if why.is_empty() {
                format!("{} is {}", condition.type_, condition.status)
            } else {
                format!(
                    "{} is {} ({})",
                    condition.type_,
                    condition.status,
                    wording::clip(why, 160)
                )
            }
        })
        .collect();
    if !failing.is_empty() {
        facts.push(format!(
            "Conditions that are not met: {}",
            wording::list(&failing, 6)
        ));
    }
    if let Some(qos) = status.qos_class {
        facts.push(format!("Quality of service: {qos}"));
    }
    if let Some(account) = spec.service_account_name {
        facts.push(format!("Service account: `{account}`"));
    }
    if let Some(wanted) = spec.node_selector.filter(|wanted| !wanted.is_empty()) {
        facts.push(format!("Node selector: `{}`", selector::show_pairs(&wanted)));
    }
    let tolerated: Vec<String> = spec.tolerations.iter().flatten().filter_map(toleration).collect();
    if !tolerated.is_empty() {
        facts.push(format!("Tolerates: {}", wording::code_list(&tolerated, 5)));
    }
    let services: Vec<String> = snapshot
        .services_of(pod)
        .iter()
        .filter_map(|service| service.metadata.name.clone())
        .collect();
    if !services.is_empty() {
        facts.push(format!("Reached through: {}", wording::code_list(&services, 5)));
    }
    facts
}

/// Tolerations that every pod gets say nothing.
fn toleration(one: &Toleration) -> Option<String> {
    let key = one.key.as_deref().unwrap_or("everything");
    if matches!(
        key,
        "node.kubernetes.io/not-ready" | "node.kubernetes.io/unreachable"
    ) {
        return None;
    }
    let value = one
        .value
        .as_ref()
        .map_or_else(String::new, |value| format!("={value}"));
    let effect = one
        .effect
        .as_ref()
        .map_or_else(String::new, |effect| format!(":{effect}"));
    Some(format!("{key}{value}{effect}"))
}

fn amount(value: Option<&IntOrString>) -> String {
    match value {
        Some(IntOrString::Int(number)) => number.to_string(),
        Some(IntOrString::String(text)) => text.clone(),
        None => "25%".to_owned(),
    }
}

fn deployment(snapshot: &Snapshot, namespace: &str, name: &str) -> Vec<String> {
    let Some(found) = snapshot.deployment(namespace, name) else {
        return Vec::new();
    };
    let mut facts = vec![format!("Selector: `{}`", selector::show(&found.spec.selector))];
    let strategy = found.spec.strategy.as_ref();
    let kind = strategy
        .and_then(|strategy| strategy.type_.as_deref())
        .unwrap_or("RollingUpdate");
    let rolling = strategy.and_then(|strategy| strategy.rolling_update.as_ref());
    facts.push(if kind == "RollingUpdate" {
        format!(
            "Strategy: RollingUpdate (at most {} unavailable, {} extra)",
            amount(rolling.and_then(|rolling| rolling.max_unavailable.as_ref())),
            amount(rolling.and_then(|rolling| rolling.max_surge.as_ref()))
        )
    } else {
        format!("Strategy: {kind}")
    });
    if found.spec.paused == Some(true) {
        facts.push("Paused: its rollout does not go on".to_owned());
    }
    for condition in found
        .status
        .iter()
        .flat_map(|status| status.conditions.iter().flatten())
    {
        let kind = condition.type_.as_deref().unwrap_or_default();
        let status = condition.status.as_deref().unwrap_or_default();
        let healthy = if kind == "ReplicaFailure" { "False" } else { "True" };
        if status != healthy {
            facts.push(format!(
                "{kind} is {status}: {}",
                wording::clip(
                    condition
                        .message
                        .as_deref()
                        .or(condition.reason.as_deref())
                        .unwrap_or_default(),
                    240
                )
            ));
        }
    }
    let scaler = snapshot.autoscalers.iter().find(|scaler| {
        let to = &scaler.spec.scale_target_ref;
        scaler.metadata.namespace.as_deref() == Some(namespace) && to.kind == "Deployment" && to.name == name
    });
    if let Some(scaler) = scaler {
        facts.push(format!(
            "Autoscaler: `{}`, {} to {} replicas",
            scaler.metadata.name.as_deref().unwrap_or_default(),
            scaler.spec.min_replicas.unwrap_or(1),
            scaler.spec.max_replicas
        ));
    }
    facts
}

fn service_facts(snapshot: &Snapshot, service: &Service) -> Vec<String> {
    let mut facts = Vec::new();
    let spec = service.spec.clone().unwrap_or_default();
    for port in spec.ports.iter().flatten() {
        let target = match &port.target_port {
            Some(IntOrString::Int(number)) => number.to_string(),
            Some(IntOrString::String(name)) => format!("`{name}`"),
            None => port.port.to_string(),
        };
        let name = port
            .name
            .as_ref()
            .map_or_else(String::new, |name| format!(" ({name})"));
        facts.push(format!(
            "Port {}{name} goes to container port {target}",
            port.port
        ));
    }
    match spec.selector.filter(|wanted| !wanted.is_empty()) {
        Some(wanted) => facts.push(format!("Selector: `{}`", selector::show_pairs(&wanted))),
        None => facts.push("No selector: its endpoints are kept by hand".to_owned()),
    }
    let state = snapshot.endpoints_of(service);
    if state.known {
        facts.push(format!(
            "Endpoints: {} ready, {} not ready",
            state.ready, state.not_ready
        ));
    }
    facts
}

fn node_facts(snapshot: &Snapshot, node: &Node) -> Vec<String> {
    let mut facts = Vec::new();
    let name = node.metadata.name.as_deref().unwrap_or_default();
    let taints: Vec<String> = node
        .spec
        .iter()
        .flat_map(|spec| spec.taints.iter().flatten())
        .map(|taint| match &taint.value {
            Some(value) if !value.is_empty() => format!("{}={value}:{}", taint.key, taint.effect),
            _ => format!("{}:{}", taint.key, taint.effect),
        })
        .collect();
    if !taints.is_empty() {
        facts.push(format!("Taints: {}", wording::code_list(&taints, 6)));
    }
    let all = allocatable_of(node);
    let used = rooms(snapshot, None).remove(name).unwrap_or_default().used;
    for (resource, called) in [("cpu", "CPU"), ("memory", "memory")] {
        if let Some(whole) = all.get(resource) {
            let asked = used.get(resource).copied().unwrap_or(0);
            let share = (asked * 100).checked_div(*whole).unwrap_or(0);
            facts.push(format!(
                "Requested {called}: {} of {} ({share} %)",
                quantity::show(resource, asked),
                quantity::show(resource, *whole)
            ));
        }
    }
    for condition in node
        .status
        .iter()
        .flat_map(|status| status.conditions.iter().flatten())
    {
        let fine = if condition.type_ == "Ready" {
            "True"
        } else {
            "False"
        };
        if condition.status != fine {
            facts.push(format!(
                "{} is {}: {}",
                condition.type_,
                condition.status,
                wording::clip(
                    condition
                        .message
                        .as_deref()
                        .or(condition.reason.as_deref())
                        .unwrap_or_default(),
                    200
                )
            ));
        }
    }
    if let Some(info) = node.status.as_ref().and_then(|status| status.node_info.as_ref()) {
        facts.push(format!(
            "Runs: {}, {}, {}",
            info.os_image, info.container_runtime_version, info.architecture
        ));
    }
    facts
}
