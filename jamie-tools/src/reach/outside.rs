//! Ways that leave or enter the cluster: Ingresses, load balancers, addresses and names outside.

use std::{net::IpAddr, sync::Arc};

use jamie_core::NextStep;
use k8s_openapi::api::{
    core::v1::{Pod, Service},
    networking::v1::{Ingress, IngressServiceBackend},
};

use super::{
    Hop, Party, Path, PortAsked, names,
    party::path as path_of,
    service,
    traffic::{self, Connection, Side},
};
use crate::{
    Snapshot,
    snapshot::{is_finished, is_ready, reference},
    wording,
};

/// From pods to an address or name outside.
pub(super) fn leave(
    snapshot: &Snapshot,
    path: &mut Path,
    from: &Party,
    to: &Party,
    port: Option<&PortAsked>,
) {
    let pods = from.senders(snapshot);
    if pods.is_empty() {
        path.hops.push(Hop::doubtful(
            "source",
            format!(
                "{} has no pods right now that could call",
                wording::sentence(&from.name())
            ),
        ));
        return;
    }
    if matches!(to, Party::Host(_))
        && let Some(hop) = names::lookup(snapshot, path, from, &pods, false)
    {
        path.hops.push(hop);
    }
    let address: Option<IpAddr> = match to {
        Party::Address(address) => Some(*address),
        _ => None,
    };
    let number = match port {
        Some(PortAsked::Number(number)) => Some(*number),
        _ => None,
    };
    path.port = number;
    let connection = Connection {
        from,
        to: to.name(),
        senders: &Side::Pods(pods),
        receivers: &Side::Outside(address),
        port: number,
        protocol: "TCP",
    };
    traffic::judge(snapshot, path, &connection);
    if path.broken().is_none() {
        path.notes
            .push("Whether something outside answers cannot be seen in the cluster's objects.".to_owned());
    }
}

/// From outside to a Service or to pods: what exposes it.
pub(super) fn enter(
    snapshot: &Snapshot,
    path: &mut Path,
    from: &Party,
    to: &Party,
    port: Option<&PortAsked>,
) {
    let service = match to {
        Party::Service(service) => Some(service.clone()),
        _ => service::service_for(snapshot, to, port),
    };
    let Some(service) = service else {
        path.hops.push(Hop::fails(
            "exposure",
            format!(
                "No Service leads to {}, so nothing outside can reach it",
                to.name()
            ),
        ));
        return;
    };
    let routes = routes_to(snapshot, &service);
    if let Some((ingress, backend)) = routes.first() {
        let hosts: Vec<String> = hosts(ingress);
        path.hops.push(Hop::passes(
            "exposure",
            format!(
                "Ingress `{}` leads {} to Service `{}`",
                path_of(&ingress.metadata),
                shown_hosts(&hosts),
                path_of(&service.metadata)
            ),
        ));
        gate(snapshot, path, ingress);
        from_controller(
            snapshot,
            path,
            from,
            &service,
            backend_port(backend).or_else(|| port.cloned()).as_ref(),
        );
        return;
    }
    let spec = service.spec.clone().unwrap_or_default();
    let name = format!("Service `{}`", path_of(&service.metadata));
    match spec.type_.as_deref() {
        Some("LoadBalancer") => match balancer_address(&service) {
            Some(address) => path.hops.push(Hop::passes(
                "exposure",
                format!("{name} has the load balancer address `{address}`"),
            )),
            None => {
                path.hops.push(
                    Hop::fails(
                        "exposure",
                        format!("{name} is of type LoadBalancer and has no address yet (pending)"),
                    )
                    .blaming(reference(service.as_ref()))
                    .mended_by(NextStep::command(
                        "See what the load balancer controller says",
                        format!(
                            "kubectl describe service {} -n {}",
                            reference(service.as_ref()).name,
                            to.namespace().unwrap_or_default()
                        ),
                    )),
                );
            }
        },
        Some("NodePort") => {
            let ports: Vec<String> = spec
                .ports
                .iter()
                .flatten()
                .filter_map(|port| Some(port.node_port?.to_string()))
                .collect();
            path.hops.push(Hop::passes(
                "exposure",
                format!(
                    "{name} is open on every node at port {}",
                    wording::list(&ports, 4)
                ),
            ));
        }
        _ => {
            path.hops.push(
                Hop::fails(
                    "exposure",
                    format!(
                        "Nothing exposes {name}: no Ingress leads to it and its type is {}",
                        spec.type_.as_deref().unwrap_or("ClusterIP")
                    ),
                )
                .blaming(reference(service.as_ref()))
                .mended_by(NextStep::advice(
                    "Add an Ingress for it, or make it a LoadBalancer",
                )),
            );
            return;
        }
    }
    let outside = match from {
        Party::Address(address) => Side::Outside(Some(*address)),
        _ => Side::Outside(None),
    };
    service::through(snapshot, path, from, &outside, &service, port);
}

/// From anywhere through an Ingress to what lies behind it.
pub(super) fn through_ingress(
    snapshot: &Snapshot,
    path: &mut Path,
    from: &Party,
    ingress: &Ingress,
    port: Option<&PortAsked>,
) {
    gate(snapshot, path, ingress);
    let namespace = ingress.metadata.namespace.as_deref().unwrap_or_default();
    let backends = backends(ingress);
    if backends.is_empty() {
        path.hops.push(
            Hop::fails(
                "exposure",
                format!("Ingress `{}` leads to no Service", path_of(&ingress.metadata)),
            )
            .blaming(reference(ingress)),
        );
        return;
    }
    let mut walked: Vec<Path> = Vec::new();
    for (text, backend) in backends.iter().take(5) {
        let mut branch = Path::default();
        match snapshot.service(namespace, &backend.name) {
            Some(service) => {
                branch.hops.push(Hop::passes(
                    "exposure",
                    format!("{text} leads to Service `{namespace}/{}`", backend.name),
                ));
                from_controller(
                    snapshot,
                    &mut branch,
                    from,
                    service,
                    backend_port(backend).or_else(|| port.cloned()).as_ref(),
                );
            }
            None if snapshot.may_see("Service", Some(namespace)) => branch.hops.push(
                Hop::fails(
                    "exposure",
                    format!(
                        "{text} leads to Service `{namespace}/{}`, which does not exist",
                        backend.name
                    ),
                )
                .blaming(reference(ingress))
                .mended_by(NextStep::command(
                    "See which Services there are",
                    format!("kubectl get services -n {namespace}"),
                )),
            ),
            None => branch
                .notes
                .push(format!("I may not look at the Services of `{namespace}`.")),
        }
        walked.push(branch);
    }
    // The branch that fails is the one to tell about.
    walked.sort_by_key(|branch| branch.broken().is_none());
    if let Some(worst) = walked.into_iter().next() {
        path.hops.extend(worst.hops);
        path.notes.extend(worst.notes);
        path.service = worst.service;
        path.port = worst.port;
        path.opening = worst.opening;
    }
}

/// From an Ingress to a Service or pods: the controller's pods are the senders.
pub(super) fn from_ingress(
    snapshot: &Snapshot,
    path: &mut Path,
    ingress: &Ingress,
    to: &Party,
    port: Option<&PortAsked>,
) {
    let service = match to {
        Party::Service(service) => Some(service.clone()),
        _ => service::service_for(snapshot, to, port),
    };
    let Some(service) = service else {
        path.hops.push(Hop::fails(
            "service",
            format!("No Service leads to {}", to.name()),
        ));
        return;
    };
    let name = service.metadata.name.as_deref().unwrap_or_default();
    let all = backends(ingress);
    let Some((text, backend)) = all.iter().find(|(_, backend)| backend.name == name) else {
        let names: Vec<String> = all.iter().map(|(_, backend)| backend.name.clone()).collect();
        path.hops.push(
            Hop::fails(
                "exposure",
                format!(
                    "Ingress `{}` does not lead to Service `{name}`, only to {}",
                    path_of(&ingress.metadata),
                    wording::code_list(&names, 5)
                ),
            )
            .blaming(reference(ingress)),
        );
        return;
    };
    gate(snapshot, path, ingress);
    path.hops.push(Hop::passes(
        "exposure",
        format!("{text} leads to Service `{}`", path_of(&service.metadata)),
    ));
    let from = Party::Ingress(Arc::new(ingress.clone()));
    from_controller(
        snapshot,
        path,
        &from,
        &service,
        backend_port(backend).or_else(|| port.cloned()).as_ref(),
    );
}

fn from_controller(
    snapshot: &Snapshot,
    path: &mut Path,
    from: &Party,
    target: &Service,
    port: Option<&PortAsked>,
) {
    let controllers = controllers(snapshot);
    let senders = if controllers.is_empty() {
        Side::Outside(None)
    } else {
        Side::Pods(controllers)
    };
    if matches!(senders, Side::Outside(_)) {
        path.notes.push("I do not recognise the ingress controller's pods, so policies are judged as if it called from outside.".to_owned());
    }
    service::through(snapshot, path, from, &senders, target, port);
}

/// Whether the Ingress itself is taken up by a controller.
fn gate(snapshot: &Snapshot, path: &mut Path, ingress: &Ingress) {
    const OLD: &str = "kubernetes.io/ingress.class";
    let spec = ingress.spec.as_ref();
    let named = spec
        .and_then(|spec| spec.ingress_class_name.as_deref())
        .or_else(|| {
            ingress
                .metadata
                .annotations
                .as_ref()
                .and_then(|all| all.get(OLD))
                .map(String::as_str)
        });
    let own = reference(ingress);
    match named {
        Some(class)
            if snapshot.ingress_class(class).is_none()
                && snapshot.may_see("IngressClass", None)
                && spec.is_some_and(|spec| spec.ingress_class_name.is_some()) =>
        {
            let exist: Vec<&str> = snapshot
                .ingress_classes
                .iter()
                .filter_map(|class| class.metadata.name.as_deref())
                .collect();
            path.hops.push(
                Hop::fails(
                    "exposure",
                    format!(
                        "Ingress `{}` names the class `{class}`, which does not exist (there is {})",
                        own.path(),
                        wording::code_list(&exist, 4)
                    ),
                )
                .blaming(own)
                .mended_by(NextStep::command(
                    "See which classes there are",
                    "kubectl get ingressclass",
                )),
            );
        }
        None if snapshot.may_see("IngressClass", None)
            && !snapshot.ingress_classes.iter().any(|class| is_default(class)) =>
        {
            path.hops.push(
                Hop::doubtful("exposure", format!("Ingress `{}` names no class and none is the default: perhaps no controller takes it up", own.path()))
                    .blaming(own),
            );
        }
        _ => {}
    }
}

fn is_default(class: &k8s_openapi::api::networking::v1::IngressClass) -> bool {
    class
        .metadata
        .annotations
        .as_ref()
        .and_then(|all| all.get("ingressclass.kubernetes.io/is-default-class"))
        .is_some_and(|value| value == "true")
}

fn routes_to<'a>(
    snapshot: &'a Snapshot,
    service: &Service,
) -> Vec<(&'a Arc<Ingress>, IngressServiceBackend)> {
    snapshot
        .ingresses
        .iter()
        .filter(|ingress| ingress.metadata.namespace == service.metadata.namespace)
        .filter_map(|ingress| {
            let (_, backend) = backends(ingress)
                .into_iter()
                .find(|(_, backend)| Some(&backend.name) == service.metadata.name.as_ref())?;
            Some((ingress, backend))
        })
        .collect()
}

/// The Services an Ingress leads to, each with the host and path that lead there.
fn backends(ingress: &Ingress) -> Vec<(String, IngressServiceBackend)> {
    let Some(spec) = &ingress.spec else {
        return Vec::new();
    };
    let mut all: Vec<(String, IngressServiceBackend)> = Vec::new();
    for rule in spec.rules.iter().flatten() {
        let host = rule.host.as_deref().unwrap_or("*");
        for path in rule.http.iter().flat_map(|http| &http.paths) {
            if let Some(backend) = &path.backend.service {
                all.push((
                    format!("`{host}{}`", path.path.as_deref().unwrap_or("/")),
                    backend.clone(),
                ));
            }
        }
    }
    if let Some(backend) = spec
        .default_backend
        .as_ref()
        .and_then(|backend| backend.service.clone())
    {
        all.push(("everything else".to_owned(), backend));
    }
    all
}

fn hosts(ingress: &Ingress) -> Vec<String> {
    ingress
        .spec
        .iter()
        .flat_map(|spec| spec.rules.iter().flatten())
        .filter_map(|rule| rule.host.clone())
        .collect()
}

fn shown_hosts(hosts: &[String]) -> String {
    if hosts.is_empty() {
        "any host".to_owned()
    } else {
        wording::code_list(hosts, 3)
    }
}

fn backend_port(backend: &IngressServiceBackend) -> Option<PortAsked> {
    let port = backend.port.as_ref()?;
    port.number
        .map(PortAsked::Number)
        .or_else(|| port.name.clone().map(PortAsked::Name))
}

fn balancer_address(service: &Service) -> Option<String> {
    let points = service
        .status
        .as_ref()?
        .load_balancer
        .as_ref()?
        .ingress
        .as_ref()?;
    points
        .iter()
        .find_map(|point| point.ip.clone().or_else(|| point.hostname.clone()))
}

/// The pods of the common ingress controllers.
fn controllers(snapshot: &Snapshot) -> Vec<Arc<Pod>> {
    const NAMES: [&str; 9] = [
        "ingress-nginx",
        "nginx-ingress",
        "traefik",
        "haproxy-ingress",
        "kubernetes-ingress",
        "contour",
        "envoy",
        "kong",
        "istio-ingressgateway",
    ];
    let named = |pod: &Pod| {
        pod.metadata.labels.as_ref().is_some_and(|labels| {
            ["app.kubernetes.io/name", "app", "k8s-app"]
                .into_iter()
                .filter_map(|key| labels.get(key))
                .any(|value| NAMES.contains(&value.as_str()))
        })
    };
    let mut found: Vec<Arc<Pod>> = Vec::new();
    for pod in snapshot
        .pods
        .iter()
        .filter(|pod| !is_finished(pod) && is_ready(pod) && named(pod))
    {
        if found.len() == 4 {
            break;
        }
        found.push(pod.clone());
    }
    found
}
