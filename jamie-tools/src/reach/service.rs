//! From pods to a Service or to pods: the name, the Service, its port, its endpoints, then the policies.

use std::sync::Arc;

use jamie_core::{NextStep, ObjectRef};
use k8s_openapi::{
    api::core::v1::{Pod, Service, ServicePort},
    apimachinery::pkg::util::intstr::IntOrString,
};

use super::{
    Hop, Party, Path, PortAsked, backing, names,
    party::path as path_of,
    traffic::{self, Connection, Side},
};
use crate::{
    Snapshot,
    snapshot::{is_ready, reference},
    template, wording,
};

/// Walks from pods to a Service, or to whatever Service leads to the pods named.
pub(super) fn walk(snapshot: &Snapshot, path: &mut Path, from: &Party, to: &Party, port: Option<&PortAsked>) {
    let senders = senders(snapshot, path, from);
    let service = match to {
        Party::Service(service) => Some(service.clone()),
        _ => service_for(snapshot, to, port),
    };
    if let Some(service) = service {
        path.service = Some(reference(service.as_ref()));
        names::name(snapshot, path, from, &senders, &service);
        through(snapshot, path, from, &Side::Pods(senders), &service, port);
        return;
    }
    let Party::Pods { object, pods } = to else { return };
    if object.kind != "Namespace" {
        path.hops.push(Hop::doubtful(
            "service",
            format!(
                "No Service leads to `{}`: there is no name to call it by, only its pods' addresses",
                object.path()
            ),
        ));
    }
    let receivers = if pods.is_empty() {
        imagined(snapshot, object)
    } else {
        pods.clone()
    };
    if pods.is_empty() {
        path.hops.push(
            Hop::fails("endpoints", format!("`{}` has no pods", object.path())).blaming(object.clone()),
        );
    } else if !pods.iter().any(|pod| is_ready(pod)) {
        path.hops.push(
            Hop::fails(
                "endpoints",
                format!(
                    "None of the {} of `{}` is ready",
                    wording::count(pods.len(), "pod"),
                    object.path()
                ),
            )
            .blaming(object.clone()),
        );
    }
    let number = match port {
        Some(PortAsked::Number(number)) => Some(*number),
        _ => None,
    };
    path.port = number;
    let connection = Connection {
        from,
        to: to.name(),
        senders: &Side::Pods(senders),
        receivers: &Side::Pods(receivers),
        port: number,
        protocol: "TCP",
    };
    traffic::judge(snapshot, path, &connection);
}

/// The pods that send; one imagined from the template where there are none.
fn senders(snapshot: &Snapshot, path: &mut Path, from: &Party) -> Vec<Arc<Pod>> {
    let senders = from.senders(snapshot);
    if !senders.is_empty() {
        return senders;
    }
    let object = match from {
        Party::Pods { object, .. } => object.clone(),
        Party::Service(service) => reference(service.as_ref()),
        _ => return senders,
    };
    path.hops.push(Hop::doubtful(
        "source",
        format!(
            "{} has no pods right now that could call",
            wording::sentence(&from.name())
        ),
    ));
    imagined(snapshot, &object)
}

fn imagined(snapshot: &Snapshot, object: &ObjectRef) -> Vec<Arc<Pod>> {
    template::imagined_pod(snapshot, object)
        .into_iter()
        .map(Arc::new)
        .collect()
}

/// The Service that leads to some pods: one with the port asked for and the workload's own name first.
pub(super) fn service_for(snapshot: &Snapshot, to: &Party, port: Option<&PortAsked>) -> Option<Arc<Service>> {
    let Party::Pods { object, pods } = to else {
        return None;
    };
    if object.kind == "Namespace" {
        return None;
    }
    let namespace = object.namespace.as_deref()?;
    let pod = pods.first().cloned().or_else(|| imagined(snapshot, object).pop());
    let mut leading: Vec<&Arc<Service>> = pod
        .as_ref()
        .map(|pod| snapshot.services_of(pod))
        .unwrap_or_default();
    if leading.is_empty() {
        // A Service of the same name that selects nothing is what the client calls all the same.
        return snapshot.service(namespace, &object.name).cloned();
    }
    leading.sort_by_key(|service| {
        let spec = service.spec.as_ref();
        let has_port = port.is_none_or(|port| find_port(service, port).is_some());
        let headless = spec.and_then(|spec| spec.cluster_ip.as_deref()) == Some("None");
        (
            !has_port,
            service.metadata.name.as_deref() != Some(&object.name),
            headless,
            service.metadata.name.clone(),
        )
    });
    leading.first().map(|service| Arc::clone(service))
}

fn find_port<'a>(service: &'a Service, port: &PortAsked) -> Option<&'a ServicePort> {
    service
        .spec
        .as_ref()?
        .ports
        .iter()
        .flatten()
        .find(|one| match port {
            PortAsked::Number(number) => one.port == *number,
            PortAsked::Name(name) => one.name.as_ref() == Some(name),
        })
}

/// From the Service on: its type, port, endpoints, target port, then the policies.
pub(super) fn through(
    snapshot: &Snapshot,
    path: &mut Path,
    from: &Party,
    senders: &Side,
    service: &Service,
    port: Option<&PortAsked>,
) {
    let called = format!("Service `{}`", path_of(&service.metadata));
    let object = reference(service);
    path.service = Some(object.clone());
    let spec = service.spec.clone().unwrap_or_default();
    if spec.type_.as_deref() == Some("ExternalName") {
        let host = spec.external_name.unwrap_or_default();
        path.hops.push(Hop::doubtful(
            "service",
            format!("{called} is only another name for `{host}` outside the cluster"),
        ));
        return;
    }
    let Some(chosen) = choose_port(path, service, &called, port) else {
        return;
    };
    path.port = Some(chosen.port);
    path.hops.push(Hop::passes(
        "service",
        format!("{called} takes {} port {}", protocol(&chosen), chosen.port),
    ));
    let Some(receivers) = backing::endpoints(snapshot, path, service, &called) else {
        return;
    };
    let number = backing::target_port(path, service, &called, &chosen, &receivers);
    if spec.internal_traffic_policy.as_deref() == Some("Local") {
        backing::local(path, senders, &receivers, &called, &object);
    }
    let protocol = protocol(&chosen).to_owned();
    let connection = Connection {
        from,
        to: called,
        senders,
        receivers: &Side::Pods(receivers),
        port: number,
        protocol: &protocol,
    };
    traffic::judge(snapshot, path, &connection);
}

fn protocol(port: &ServicePort) -> &str {
    port.protocol.as_deref().unwrap_or("TCP")
}

fn choose_port(
    path: &mut Path,
    service: &Service,
    called: &str,
    asked: Option<&PortAsked>,
) -> Option<ServicePort> {
    let ports = service
        .spec
        .iter()
        .flat_map(|spec| spec.ports.iter().flatten())
        .cloned()
        .collect::<Vec<_>>();
    let shown: Vec<String> = ports
        .iter()
        .map(|port| match &port.name {
            Some(name) => format!("{} ({name})", port.port),
            None => port.port.to_string(),
        })
        .collect();
    let object = reference(service);
    match asked {
        None => {
            if ports.is_empty() {
                path.hops
                    .push(Hop::doubtful("port", format!("{called} declares no ports")));
                return None;
            }
            ports.into_iter().next()
        }
        Some(port) => {
            if let Some(found) = find_port(service, port) {
                return Some(found.clone());
            }
            let wanted = match port {
                PortAsked::Number(number) => number.to_string(),
                PortAsked::Name(name) => format!("`{name}`"),
            };
            let behind = ports.iter().find(|one| match (&one.target_port, port) {
                (Some(IntOrString::Int(target)), PortAsked::Number(number)) => target == number,
                _ => false,
            });
            let hint = behind.map_or_else(String::new, |one| {
                format!(
                    ": {wanted} is the port of the pods, clients must call {}",
                    one.port
                )
            });
            path.hops.push(
                Hop::fails(
                    "port",
                    format!(
                        "{called} has no port {wanted}, only {}{hint}",
                        wording::list(&shown, 6)
                    ),
                )
                .blaming(object.clone())
                .mended_by(NextStep::command(
                    "Call one of its ports, or add that port to the Service",
                    format!(
                        "kubectl get service {} -n {} -o wide",
                        object.name,
                        object.namespace.as_deref().unwrap_or_default()
                    ),
                )),
            );
            None
        }
    }
}
