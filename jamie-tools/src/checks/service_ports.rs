//! Services whose `targetPort` is not a port of the pods behind them, and services that reach into strangers.
//!
//! Checks: `service-target-port`, `service-protocol`, `service-selects-strangers`.
//! A declared port is only information for the cluster, so a number counts as wrong when the pods name other
//! ports and nothing in them mentions it; a name that no container has is wrong for certain.

use jamie_core::{Evidence, NextStep, Severity, Verdict};
use k8s_openapi::{
    api::core::v1::{PodSpec, Probe, Service, ServicePort},
    apimachinery::pkg::util::intstr::IntOrString,
};
use serde_json::json;

use super::{
    backing::{Backing, Selected, address, selector},
    nearest::nearest,
    proposals,
    template,
};
use crate::{
    fault::{Depth, Fault},
    selector::show_pairs,
    snapshot::{Snapshot, reference},
    wording,
};

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    let backing = Backing::new(snapshot);
    let mut faults = Vec::new();
    for service in &snapshot.services {
        if selector(service).is_none() || !snapshot.may_see("Pod", service.metadata.namespace.as_deref()) {
            continue;
        }
        let selected = backing.selected(snapshot, service);
        let ports = service.spec.iter().flat_map(|spec| spec.ports.iter().flatten());
        let before = faults.len();
        for port in ports {
            faults.extend(of_port(&backing, service, port, &selected));
        }
        if faults.len() == before {
            faults.extend(strangers(snapshot, service, &selected));
        }
    }
    faults
}

/// How a pod spec relates to a target port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// A container has it.
    Has,
    /// A container has it under the other protocol.
    OtherProtocol,
    /// The containers have ports, and this is not one of them.
    Lacks,
    /// The containers do not say.
    Unknown,
}

fn of_port(
    backing: &Backing<'_>,
    service: &Service,
    port: &ServicePort,
    selected: &[Selected<'_>],
) -> Option<Fault> {
    let target = port.target_port.clone().unwrap_or(IntOrString::Int(port.port));
    let protocol = port.protocol.as_deref().unwrap_or("TCP");
    let fits: Vec<Fit> = selected
        .iter()
        .map(|selected| fit(selected.spec, &target, protocol))
        .collect();
    if fits.is_empty() {
        return None;
    }
    if fits.iter().all(|fit| *fit == Fit::Lacks) {
        return Some(wrong_port(backing, service, port, &target, selected));
    }
    if fits.iter().all(|fit| *fit == Fit::OtherProtocol) {
        return Some(wrong_protocol(service, port, protocol, selected));
    }
    let lacking: Vec<&Selected<'_>> = selected
        .iter()
        .zip(&fits)
        .filter(|(_, fit)| **fit == Fit::Lacks)
        .map(|(selected, _)| selected)
        .collect();
    (!lacking.is_empty() && fits.contains(&Fit::Has))
        .then(|| partly_wrong(service, &show(&target), selected, &lacking))
}

fn fit(spec: &PodSpec, target: &IntOrString, protocol: &str) -> Fit {
    let mut ports = template::ports(spec).peekable();
    let same = |found: Option<&str>| found.unwrap_or("TCP") == protocol;
    match target {
        IntOrString::String(name) => {
            // A number in quotes is still a name for the API, and no port may be named so.
            let found: Vec<bool> = ports
                .filter(|(_, port)| port.name.as_deref() == Some(name))
                .map(|(_, port)| same(port.protocol.as_deref()))
                .collect();
            match found.as_slice() {
                [] => Fit::Lacks,
                found if found.contains(&true) => Fit::Has,
                _ => Fit::OtherProtocol,
            }
        }
        IntOrString::Int(number) => {
            let listens = listening_variables(spec);
            if ports.peek().is_none() && listens.is_empty() {
                return Fit::Unknown;
            }
            let found: Vec<bool> = ports
                .filter(|(_, port)| port.container_port == *number)
                .map(|(_, port)| same(port.protocol.as_deref()))
                .collect();
            match found.as_slice() {
                [] if listens.contains(number) || mentions(spec, *number) => Fit::Unknown,
                [] => Fit::Lacks,
                found if found.contains(&true) => Fit::Has,
                _ => Fit::OtherProtocol,
            }
        }
    }
}

/// Ports that variables such as `PORT` tell the app to listen on.
fn listening_variables(spec: &PodSpec) -> Vec<i32> {
    const LISTEN: [&str; 6] = [
        "PORT",
        "HTTP_PORT",
        "SERVER_PORT",
        "LISTEN_PORT",
        "APP_PORT",
        "GRPC_PORT",
    ];
    template::serving_containers(spec)
        .flat_map(|container| container.env.iter().flatten())
        .filter(|variable| LISTEN.contains(&variable.name.as_str()))
        .filter_map(|variable| variable.value.as_deref()?.trim().parse().ok())
        .collect()
}

/// Whether a probe, an argument or a variable about ports mentions the number: the app may well listen there.
fn mentions(spec: &PodSpec, number: i32) -> bool {
    let text = number.to_string();
    let has_token = |value: &str| {
        value
            .split(|c: char| !c.is_ascii_digit())
            .any(|token| token == text)
    };
    template::serving_containers(spec).any(|container| {
        let probes = [
            &container.readiness_probe,
            &container.liveness_probe,
            &container.startup_probe,
        ];
        let asked = probes
            .into_iter()
            .flatten()
            .any(|probe| probe_port(probe) == Some(number));
        let told = container
            .command
            .iter()
            .chain(&container.args)
            .flatten()
            .any(|word| has_token(word));
        let set = container.env.iter().flatten().any(|variable| {
            let name = variable.name.to_ascii_uppercase();
            let is_about_ports = ["PORT", "LISTEN", "BIND", "ADDR"]
                .iter()
                .any(|word| name.contains(word));
            is_about_ports && variable.value.as_deref().is_some_and(has_token)
        });
        asked || told || set
    })
}

fn probe_port(probe: &Probe) -> Option<i32> {
    let port = match (&probe.http_get, &probe.tcp_socket, &probe.grpc) {
        (Some(http), _, _) => &http.port,
        (_, Some(tcp), _) => &tcp.port,
        (_, _, Some(grpc)) => return Some(grpc.port),
        _ => return None,
    };
    match port {
        IntOrString::Int(number) => Some(*number),
        IntOrString::String(_) => None,
    }
}

fn show(target: &IntOrString) -> String {
    match target {
        IntOrString::Int(number) => number.to_string(),
        IntOrString::String(name) => name.clone(),
    }
}

/// The ports of a spec as people read them: "8080 (`http`)".
fn show_ports(spec: &PodSpec) -> Vec<String> {
    let mut shown: Vec<String> = template::ports(spec)
        .map(|(_, port)| {
            let protocol = port.protocol.as_deref().filter(|protocol| *protocol != "TCP");
            let number = protocol.map_or_else(
                || port.container_port.to_string(),
                |protocol| format!("{}/{protocol}", port.container_port),
            );
            match port.name.as_deref() {
                Some(name) => format!("{number} (`{name}`)"),
                None => number,
            }
        })
        .collect();
    if shown.is_empty() {
        shown = listening_variables(spec)
            .iter()
            .map(|port| format!("{port} (from `PORT`)"))
            .collect();
    }
    shown
}

/// The port that was meant: the only one, one of the service's own number, or one of a like name.
fn meant(port: &ServicePort, target: &IntOrString, spec: &PodSpec) -> Option<String> {
    let ports: Vec<_> = template::ports(spec).map(|(_, port)| port).collect();
    let listens = listening_variables(spec);
    if let ([only], _) | ([only, ..], 0) = (ports.as_slice(), ports.len()) {
        return Some(only.container_port.to_string());
    }
    if let ([], [only]) = (ports.as_slice(), listens.as_slice()) {
        return Some(only.to_string());
    }
    if let IntOrString::String(name) = target
        && let Some(near) = nearest(name, ports.iter().filter_map(|port| port.name.as_deref()))
    {
        return Some(near.to_owned());
    }
    let by_name = ports
        .iter()
        .find(|found| found.name.is_some() && found.name == port.name);
    let by_number = ports.iter().find(|found| found.container_port == port.port);
    by_name
        .or(by_number)
        .map(|found| found.container_port.to_string())
}

fn wrong_port(
    backing: &Backing<'_>,
    service: &Service,
    port: &ServicePort,
    target: &IntOrString,
    selected: &[Selected<'_>],
) -> Fault {
    let (namespace, name) = address(service);
    let shown = show(target);
    let owners: Vec<String> = selected.iter().map(|selected| selected.object.path()).collect();
    let mut fault = Fault::new(
        "service-target-port",
        backing.severity(service),
        Depth::Cause,
        reference(service),
        format!(
            "Service `{namespace}/{name}` sends port {} to `targetPort` `{shown}`, which {} does not have",
            port.port,
            wording::code_list(&owners, 3),
        ),
    );
    let first = selected.first();
    let ports = first
        .map(|selected| show_ports(selected.spec))
        .unwrap_or_default();
    let held = if ports.is_empty() {
        "its containers name no port".to_owned()
    } else {
        format!("its containers listen on {}", wording::list(&ports, 5))
    };
    fault.verdict = match target {
        IntOrString::String(_) => Verdict::Confirmed,
        IntOrString::Int(_) => Verdict::Likely,
    };
    fault.cause = match target {
        IntOrString::String(_) => format!(
            "No container has a port named `{shown}`; {held}. So the Service has no address to send to, although its pods may be ready."
        ),
        IntOrString::Int(_) => format!(
            "{}; nothing in the pods mentions {shown}, so connections are refused although the pods may be ready.",
            wording::sentence(&held)
        ),
    };
    fault.key = format!("Service/{namespace}/{name}#port-{}", port.port);
    fault.evidence.push(Evidence::new(
        format!("Service {namespace}/{name} ports"),
        format!(
            "port: {}, targetPort: {shown}, protocol: {}",
            port.port,
            port.protocol.as_deref().unwrap_or("TCP")
        ),
        None,
    ));
    if let Some(first) = first {
        fault.evidence.push(Evidence::new(
            format!("{} container ports", first.object),
            if ports.is_empty() {
                "none".to_owned()
            } else {
                ports.join(", ")
            },
            None,
        ));
        if let Some(meant) = meant(port, target, first.spec) {
            let value = if meant.parse::<i32>().is_ok() {
                meant.clone()
            } else {
                format!("\"{meant}\"")
            };
            fault.remedy = Some(NextStep::command(
                format!("Point `targetPort` at `{meant}`"),
                format!(
                    "kubectl patch service {name} -n {namespace} --type json -p '[{{\"op\":\"replace\",\"path\":\"/spec/ports/{}/targetPort\",\"value\":{value}}}]'",
                    position(service, port),
                ),
            ));
            let only = template::ports(first.spec).count() == 1 && selected.len() == 1;
            if let (true, Some(step)) = (only, &mut fault.remedy) {
                let value = meant.parse::<i32>().map_or_else(|_| json!(meant), |number| json!(number));
                step.proposal = Some(proposals::proposal(
                    "patch",
                    json!({"target": reference(service), "steps": [
                        {"op": "replace", "path": format!("/spec/ports/{}/targetPort", position(service, port)), "value": value},
                    ]}),
                    vec![
                        format!("the pods of {} have no port `{shown}`", first.object),
                        format!("`{meant}` is the only port that they have"),
                    ],
                ));
            }
        }
    }
    if fault.remedy.is_none() {
        fault.remedy = Some(NextStep::command(
            "Correct `targetPort`, or give the container a port of that name",
            format!("kubectl edit service {name} -n {namespace}"),
        ));
    }
    fault.blames = selected.iter().map(|selected| selected.object.clone()).collect();
    fault
}

fn position(service: &Service, port: &ServicePort) -> usize {
    let ports = service
        .spec
        .as_ref()
        .and_then(|spec| spec.ports.as_deref())
        .unwrap_or_default();
    ports.iter().position(|other| other == port).unwrap_or(0)
}

fn wrong_protocol(service: &Service, port: &ServicePort, protocol: &str, selected: &[Selected<'_>]) -> Fault {
    let (namespace, name) = address(service);
    let ports = selected
        .first()
        .map(|selected| show_ports(selected.spec))
        .unwrap_or_default();
    let mut fault = Fault::new(
        "service-protocol",
        Severity::Error,
        Depth::Cause,
        reference(service),
        format!(
            "Service `{namespace}/{name}` offers port {} over {protocol}, its pods over another protocol",
            port.port
        ),
    );
    fault.cause = format!("The containers have {}.", wording::list(&ports, 5));
    fault.verdict = Verdict::Likely;
    fault.key = format!("Service/{namespace}/{name}#protocol-{}", port.port);
    fault.evidence.push(Evidence::new(
        format!("Service {namespace}/{name} ports"),
        format!("port: {}, protocol: {protocol}", port.port),
        None,
    ));
    fault.remedy = Some(NextStep::command(
        "Give the Service's port the protocol of the container's",
        format!("kubectl edit service {name} -n {namespace}"),
    ));
    fault
}

/// Some of the workloads behind the service have the port, others do not: a part of the requests fails.
fn partly_wrong(
    service: &Service,
    target: &str,
    selected: &[Selected<'_>],
    lacking: &[&Selected<'_>],
) -> Fault {
    let (namespace, name) = address(service);
    let strangers: Vec<String> = lacking.iter().map(|selected| selected.object.path()).collect();
    let mut fault = strangers_fault(service, selected, &strangers);
    fault.cause = format!(
        "{}, and {} does not listen on `targetPort` `{target}`: the part of the requests that lands there fails.",
        selection(service, selected),
        wording::code_list(&strangers, 3),
    );
    fault.key = format!("Service/{namespace}/{name}#selector");
    fault
}

/// A service that selects the pods of a workload which has a service of its own.
fn strangers(snapshot: &Snapshot, service: &Service, selected: &[Selected<'_>]) -> Option<Fault> {
    let (namespace, name) = address(service);
    let is_own = |object: &str| object.contains(name) || name.contains(object);
    if selected.len() < 2 || !selected.iter().any(|selected| selected.object.name == name) {
        return None;
    }
    let strangers: Vec<String> = selected
        .iter()
        .map(|selected| &selected.object)
        .filter(|object| !is_own(&object.name) && snapshot.service(namespace, &object.name).is_some())
        .map(jamie_core::ObjectRef::path)
        .collect();
    if strangers.is_empty() {
        return None;
    }
    let mut fault = strangers_fault(service, selected, &strangers);
    fault.cause = format!(
        "{}, and {} has a Service of its own: a part of the requests for `{name}` lands in the wrong app.",
        selection(service, selected),
        wording::code_list(&strangers, 3),
    );
    Some(fault)
}

fn selection(service: &Service, selected: &[Selected<'_>]) -> String {
    let owners: Vec<String> = selected.iter().map(|selected| selected.object.path()).collect();
    let pairs = selector(service).map(show_pairs).unwrap_or_default();
    format!("Its selector `{pairs}` fits {}", wording::code_list(&owners, 4))
}

fn strangers_fault(service: &Service, selected: &[Selected<'_>], strangers: &[String]) -> Fault {
    let (namespace, name) = address(service);
    let mut fault = Fault::new(
        "service-selects-strangers",
        Severity::Error,
        Depth::Cause,
        reference(service),
        format!(
            "Service `{namespace}/{name}` also selects the pods of {}",
            wording::code_list(strangers, 3)
        ),
    );
    fault.verdict = Verdict::Likely;
    fault.key = format!("Service/{namespace}/{name}#selector");
    fault.evidence.push(Evidence::new(
        format!("Service {namespace}/{name} selector"),
        selector(service).map(show_pairs).unwrap_or_default(),
        None,
    ));
    fault.remedy = Some(NextStep::command(
        "Give the selector a label that only its own pods have",
        format!("kubectl edit service {name} -n {namespace}"),
    ));
    fault.blames = selected.iter().map(|selected| selected.object.clone()).collect();
    fault
}
