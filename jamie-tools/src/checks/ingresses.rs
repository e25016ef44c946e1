//! Ingresses that lead nowhere: no controller, no Service, no port, or nobody behind it.
//!
//! Checks: `ingress-class`, `ingress-backend-missing`, `ingress-backend-port`, `ingress-backend-down`,
//! `ingress-no-address`. Rules that contradict each other: see `ingress_rules`; certificates: see `certificates`.

use std::fmt::Write as _;

use jamie_core::{Evidence, NextStep, ObjectRef, Severity, Verdict};
use k8s_openapi::api::{
    core::v1::ServicePort,
    networking::v1::{Ingress, IngressBackend, IngressClass, ServiceBackendPort},
};

use super::{
    backing::{self, live_pods},
    nearest::nearest,
    template,
};
use crate::{
    fault::{Depth, Fault},
    snapshot::{Snapshot, reference},
    wording,
};

const CLASS: &str = "kubernetes.io/ingress.class";
const DEFAULT: &str = "ingressclass.kubernetes.io/is-default-class";

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    let mut faults = Vec::new();
    for ingress in snapshot
        .ingresses
        .iter()
        .filter(|ingress| ingress.metadata.deletion_timestamp.is_none())
    {
        faults.extend(class(snapshot, ingress));
        let mut seen: Vec<&IngressBackend> = Vec::new();
        for backend in backing::backends(ingress) {
            if !seen.contains(&backend) {
                seen.push(backend);
                faults.extend(of_backend(snapshot, ingress, backend));
            }
        }
    }
    faults
}

pub(super) fn path(ingress: &Ingress) -> String {
    reference(ingress).path()
}

pub(super) fn namespace(ingress: &Ingress) -> &str {
    ingress.metadata.namespace.as_deref().unwrap_or("default")
}

pub(super) fn fault(ingress: &Ingress, check: &'static str, severity: Severity, title: String) -> Fault {
    let mut fault = Fault::new(check, severity, Depth::Cause, reference(ingress), title);
    fault.key = format!("Ingress/{}", path(ingress));
    fault.next_check = Some(NextStep::command(
        "Look at the ingress",
        format!(
            "kubectl describe ingress {} -n {}",
            reference(ingress).name,
            namespace(ingress)
        ),
    ));
    fault
}

fn has_address(ingress: &Ingress) -> bool {
    let balancer = ingress
        .status
        .as_ref()
        .and_then(|status| status.load_balancer.as_ref());
    balancer
        .and_then(|balancer| balancer.ingress.as_ref())
        .is_some_and(|addresses| !addresses.is_empty())
}

/// The class by its field or by the annotation of before.
pub(super) fn class_of(ingress: &Ingress) -> Option<(&str, bool)> {
    let field = ingress
        .spec
        .as_ref()
        .and_then(|spec| spec.ingress_class_name.as_deref());
    let annotation = ingress
        .metadata
        .annotations
        .as_ref()
        .and_then(|annotations| annotations.get(CLASS));
    field
        .map(|class| (class, true))
        .or(annotation.map(|class| (class.as_str(), false)))
}

fn class(snapshot: &Snapshot, ingress: &Ingress) -> Option<Fault> {
    // Whoever has given it an address serves it, whatever it is called.
    if has_address(ingress) || !snapshot.may_see("IngressClass", None) {
        return None;
    }
    let names: Vec<&str> = snapshot
        .ingress_classes
        .iter()
        .filter_map(|class| class.metadata.name.as_deref())
        .collect();
    let is_default = |class: &IngressClass| {
        class
            .metadata
            .annotations
            .as_ref()
            .and_then(|annotations| annotations.get(DEFAULT))
            .is_some_and(|value| value == "true")
    };
    let there = if names.is_empty() {
        "The cluster has no IngressClass at all".to_owned()
    } else {
        format!("The cluster has {}", wording::code_list(&names, 6))
    };
    let mut found = match class_of(ingress) {
        Some((class, _)) if names.contains(&class) => return no_address(snapshot, ingress, class),
        // Old controllers go by the annotation alone and need no object of that name.
        Some((_, false)) if names.is_empty() => return None,
        Some((class, is_field)) => {
            let severity = if names.is_empty() || !is_field {
                Severity::Warning
            } else {
                Severity::Error
            };
            let mut found = fault(
                ingress,
                "ingress-class",
                severity,
                format!(
                    "Ingress `{}` wants class `{class}`, which does not exist",
                    path(ingress)
                ),
            );
            found.cause = format!("{there}, so no controller serves it.");
            if let Some(meant) = nearest(class, names.iter().copied()) {
                _ = write!(found.cause, " Perhaps `{meant}` is meant.");
            }
            found.blames.push(ObjectRef::cluster("IngressClass", class));
            found
        }
        None if snapshot.ingress_classes.iter().any(|class| is_default(class)) => return None,
        None => {
            let mut found = fault(
                ingress,
                "ingress-class",
                Severity::Warning,
                format!(
                    "Ingress `{}` names no class, and none is the default",
                    path(ingress)
                ),
            );
            found.cause = format!("{there}; without a class no controller feels responsible for it.");
            found.verdict = Verdict::Likely;
            found
        }
    };
    found
        .evidence
        .push(Evidence::new("IngressClasses", there, Some(snapshot.taken_at)));
    found.key = format!("Ingress/{}#class", path(ingress));
    let meant = class_of(ingress)
        .and_then(|(class, _)| nearest(class, names.iter().copied()))
        .or(names.first().copied());
    if let Some(meant) = meant {
        found.remedy = Some(NextStep::command(
            format!("Give it the class `{meant}`"),
            format!(
                "kubectl patch ingress {} -n {} --type merge -p '{{\"spec\":{{\"ingressClassName\":\"{meant}\"}}}}'",
                reference(ingress).name,
                namespace(ingress)
            ),
        ));
    }
    Some(found)
}

/// The class exists, its controller gives others an address, and this one waits.
fn no_address(snapshot: &Snapshot, ingress: &Ingress, class: &str) -> Option<Fault> {
    let is_served =
        |other: &Ingress| class_of(other).is_some_and(|(name, _)| name == class) && has_address(other);
    let is_old = template::age(&ingress.metadata, snapshot.taken_at).is_some_and(|age| age > 600);
    if !is_old || !snapshot.ingresses.iter().any(|other| is_served(other)) {
        return None;
    }
    let mut found = fault(
        ingress,
        "ingress-no-address",
        Severity::Warning,
        format!("Ingress `{}` has no address", path(ingress)),
    );
    found.cause = format!(
        "Others of class `{class}` have one, so its controller runs and does not accept this ingress."
    );
    found.verdict = Verdict::Likely;
    found.key = format!("Ingress/{}#address", path(ingress));
    found.evidence.push(Evidence::new(
        format!("Ingress {} status", path(ingress)),
        "loadBalancer.ingress is empty",
        Some(snapshot.taken_at),
    ));
    Some(found)
}

fn of_backend(snapshot: &Snapshot, ingress: &Ingress, backend: &IngressBackend) -> Option<Fault> {
    let wanted = backend.service.as_ref()?;
    let namespace = namespace(ingress);
    let name = wanted.name.as_str();
    let routes = routes(ingress, backend);
    let Some(service) = snapshot.service(namespace, name) else {
        if !snapshot.may_see("Service", Some(namespace)) {
            return None;
        }
        return Some(backend_missing(snapshot, ingress, name, &routes));
    };
    let ports = service
        .spec
        .as_ref()
        .and_then(|spec| spec.ports.as_deref())
        .unwrap_or_default();
    let is_external = service.spec.as_ref().and_then(|spec| spec.type_.as_deref()) == Some("ExternalName");
    if let Some(port) = &wanted.port {
        let fits = ports.iter().any(|own| {
            port.number.is_some_and(|number| number == own.port)
                || (port.name.is_some() && port.name == own.name)
        });
        if !fits && !is_external && (!ports.is_empty() || port.name.is_some()) {
            return Some(port_missing(ingress, name, port, ports, &routes));
        }
    }
    down(snapshot, ingress, &routes, service)
}

/// The Service itself is not there.
fn backend_missing(snapshot: &Snapshot, ingress: &Ingress, name: &str, routes: &str) -> Fault {
    let namespace = namespace(ingress);
    let here: Vec<&str> = snapshot
        .services_in(namespace)
        .filter_map(|service| service.metadata.name.as_deref())
        .collect();
    let other = snapshot
        .services
        .iter()
        .find(|service| service.metadata.name.as_deref() == Some(name))
        .and_then(|service| service.metadata.namespace.as_deref());
    let mut found = fault(
        ingress,
        "ingress-backend-missing",
        Severity::Critical,
        format!(
            "Ingress `{}` leads to Service `{name}`, which does not exist",
            path(ingress)
        ),
    );
    found.cause = format!(
        "{routes} goes to `{name}`, and namespace `{namespace}` has no Service of that name: visitors get 503 (or 404)."
    );
    if let Some(meant) = nearest(name, here.iter().copied()) {
        _ = write!(found.cause, " Perhaps `{meant}` is meant.");
    } else if let Some(other) = other {
        _ = write!(
            found.cause,
            " There is one in namespace `{other}`, but an ingress only reaches its own."
        );
    }
    found.key = format!("Service/{namespace}/{name}");
    found
        .blames
        .push(ObjectRef::namespaced("Service", namespace, name));
    found.evidence.push(Evidence::new(
        format!("Ingress {} rules", path(ingress)),
        format!("{routes} → {name}"),
        None,
    ));
    found.evidence.push(Evidence::new(
        format!("Services in {namespace}"),
        if here.is_empty() {
            "none".to_owned()
        } else {
            here.join(", ")
        },
        Some(snapshot.taken_at),
    ));
    found.remedy = Some(NextStep::command(
        "Correct the backend's name, or create the Service",
        format!("kubectl edit ingress {} -n {namespace}", reference(ingress).name),
    ));
    found
}

/// The Service is there, the port is not.
fn port_missing(
    ingress: &Ingress,
    name: &str,
    port: &ServiceBackendPort,
    ports: &[ServicePort],
    routes: &str,
) -> Fault {
    let namespace = namespace(ingress);
    let asked = port
        .name
        .clone()
        .or(port.number.map(|number| number.to_string()))
        .unwrap_or_default();
    let offered: Vec<String> = ports
        .iter()
        .map(|own| {
            own.name
                .as_ref()
                .map_or_else(|| own.port.to_string(), |name| format!("{} (`{name}`)", own.port))
        })
        .collect();
    let mut found = fault(
        ingress,
        "ingress-backend-port",
        Severity::Critical,
        format!(
            "Ingress `{}` leads to port `{asked}` of Service `{name}`, which it does not have",
            path(ingress)
        ),
    );
    found.cause = format!(
        "{routes} goes to `{name}:{asked}`, but the Service offers {}: visitors get 503 (or 404).",
        wording::list(&offered, 5)
    );
    found.key = format!("Service/{namespace}/{name}#{asked}");
    found
        .blames
        .push(ObjectRef::namespaced("Service", namespace, name));
    found.evidence.push(Evidence::new(
        format!("Ingress {} rules", path(ingress)),
        format!("{routes} → {name}:{asked}"),
        None,
    ));
    found.evidence.push(Evidence::new(
        format!("Service {namespace}/{name} ports"),
        offered.join(", "),
        None,
    ));
    found.remedy = Some(NextStep::command(
        match ports {
            [only] => format!("Lead it to port {}", only.port),
            _ => "Lead it to a port that the Service has".to_owned(),
        },
        format!("kubectl edit ingress {} -n {namespace}", reference(ingress).name),
    ));
    found
}

/// The Service is there, but nobody answers behind it.
fn down(
    snapshot: &Snapshot,
    ingress: &Ingress,
    routes: &str,
    service: &k8s_openapi::api::core::v1::Service,
) -> Option<Fault> {
    let (namespace, name) = backing::address(service);
    let selector = backing::selector(service)?;
    let state = snapshot.endpoints_of(service);
    let pods = live_pods(snapshot, namespace, selector);
    let is_starting = !pods.is_empty()
        && pods
            .iter()
            .all(|pod| template::is_starting(pod, snapshot.taken_at));
    if !state.known || state.ready > 0 || is_starting || pods.iter().any(|pod| template::is_ready(pod)) {
        return None;
    }
    let idle = pods.is_empty()
        && template::all(snapshot).iter().any(|template| {
            template.namespace == namespace
                && template.is_idle
                && crate::snapshot::matches_labels(selector, Some(template.labels))
        });
    let severity = if idle { Severity::Info } else { Severity::Critical };
    let mut found = fault(
        ingress,
        "ingress-backend-down",
        severity,
        format!(
            "Ingress `{}` answers 503: Service `{name}` has no ready endpoints",
            path(ingress)
        ),
    );
    found.depth = Depth::Symptom;
    found.cause = format!(
        "{routes} goes to `{name}`, behind which {}.",
        if idle {
            "everything is scaled to 0".to_owned()
        } else {
            format!("none of {} is ready", wording::count(pods.len(), "pod"))
        }
    );
    found.key = format!("Service/{namespace}/{name}");
    found.evidence.push(Evidence::new(
        format!("Service {namespace}/{name}"),
        "0 ready endpoints",
        Some(snapshot.taken_at),
    ));
    found.blames.push(reference(service));
    for pod in &pods {
        let workload = snapshot.workload_of(pod);
        if !found.blames.contains(&workload) {
            found.blames.push(workload);
        }
    }
    Some(found)
}

/// The hosts and paths that lead to a backend: "`shop.example.com/api`".
fn routes(ingress: &Ingress, backend: &IngressBackend) -> String {
    let mut found: Vec<String> = Vec::new();
    for rule in ingress.spec.iter().flat_map(|spec| spec.rules.iter().flatten()) {
        let host = rule.host.as_deref().unwrap_or("*");
        for path in rule.http.iter().flat_map(|http| &http.paths) {
            if &path.backend == backend {
                found.push(format!("{host}{}", path.path.as_deref().unwrap_or("/")));
            }
        }
    }
    if found.is_empty() {
        "Everything that no rule fits".to_owned()
    } else {
        wording::code_list(&found, 3)
    }
}
