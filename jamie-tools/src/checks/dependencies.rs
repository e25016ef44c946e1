//! Containers that are told to call a Service that does not exist, or a port that it does not have.
//!
//! Checks: `dependency-missing`, `dependency-port`. A name that is no Service may still be known outside of the
//! cluster, so a healthy app with a short name that is unlike every Service is only worth a note.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use jamie_core::{Evidence, NextStep, ObjectRef, Severity, Verdict};
use k8s_openapi::api::core::v1::Service;

use super::{
    hosts::{self, Host},
    nearest::nearest,
    template::{self, Template},
};
use crate::{
    fault::{Depth, Fault},
    snapshot::Snapshot,
    wording,
};

/// One workload calls one Service.
#[derive(Debug, Clone)]
pub(crate) struct Dependency {
    /// The workload that calls.
    pub(crate) from: ObjectRef,
    /// The namespace of the Service.
    pub(crate) namespace: String,
    /// The Service.
    pub(crate) service: String,
    /// The port, where it is written down.
    pub(crate) port: Option<u16>,
    /// Where it says so.
    pub(crate) place: String,
}

/// What a host name means to a pod of a namespace.
enum Meaning<'a> {
    Service(&'a Service),
    /// It can only be a Service, or is written like one, and there is none.
    Missing {
        namespace: &'a str,
        service: &'a str,
        is_certain: bool,
    },
    Elsewhere,
}

fn meaning<'a>(snapshot: &'a Snapshot, namespace: &'a str, host: &'a str) -> Meaning<'a> {
    let labels: Vec<&str> = host.split('.').collect();
    let has = |namespace: &str, name: &str| snapshot.service(namespace, name).map(AsRef::as_ref);
    let missing = |namespace: &'a str, service: &'a str, is_certain| {
        if snapshot.may_see("Service", Some(namespace)) {
            Meaning::Missing {
                namespace,
                service,
                is_certain,
            }
        } else {
            Meaning::Elsewhere
        }
    };
    match labels.as_slice() {
        [name] => has(namespace, name).map_or_else(|| missing(namespace, name, false), Meaning::Service),
        [name, space] => match (has(space, name), has(namespace, space)) {
            (Some(service), _) | (None, Some(service)) => Meaning::Service(service),
            // `db-0.db`: a pod of a StatefulSet here, by the name that its governing Service would give it.
            (None, None) if is_ordinal(snapshot, namespace, name) => missing(namespace, space, true),
            (None, None) if snapshot.namespace(space).is_some() => missing(space, name, true),
            _ => Meaning::Elsewhere,
        },
        [name, space, "svc", ..] => {
            has(space, name).map_or_else(|| missing(space, name, true), Meaning::Service)
        }
        [_, name, space, "svc", ..] => {
            has(space, name).map_or_else(|| missing(space, name, true), Meaning::Service)
        }
        // `db-0.db.shop`: a pod of a headless Service in another namespace.
        [_, name, space] => has(space, name).map_or(Meaning::Elsewhere, Meaning::Service),
        _ => Meaning::Elsewhere,
    }
}

/// Whether the name is that of a StatefulSet's pod.
fn is_ordinal(snapshot: &Snapshot, namespace: &str, name: &str) -> bool {
    name.rsplit_once('-').is_some_and(|(set, ordinal)| {
        ordinal.parse::<u32>().is_ok() && snapshot.stateful_set(namespace, set).is_some()
    })
}

/// Who calls which Service, as far as variables and arguments tell.
pub(crate) fn all(snapshot: &Snapshot) -> Vec<Dependency> {
    let mut found = Vec::new();
    for template in template::all(snapshot) {
        for host in hosts::of(snapshot, template.namespace, template.spec) {
            if let Meaning::Service(service) = meaning(snapshot, template.namespace, &host.name) {
                found.push(Dependency {
                    from: template.object.clone(),
                    namespace: service.metadata.namespace.clone().unwrap_or_default(),
                    service: service.metadata.name.clone().unwrap_or_default(),
                    port: host.port,
                    place: host.place,
                });
            }
        }
    }
    found
}

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    let mut faults = Vec::new();
    for template in template::all(snapshot) {
        let mut told = BTreeSet::new();
        for host in hosts::of(snapshot, template.namespace, template.spec) {
            if template.object.name == host.name || !told.insert((host.name.clone(), host.port)) {
                continue;
            }
            match meaning(snapshot, template.namespace, &host.name) {
                Meaning::Service(service) => faults.extend(wrong_port(snapshot, &template, &host, service)),
                Meaning::Missing {
                    namespace,
                    service,
                    is_certain,
                } => {
                    faults.extend(missing(
                        snapshot, &template, &host, namespace, service, is_certain,
                    ));
                }
                Meaning::Elsewhere => {}
            }
        }
    }
    faults
}

fn missing(
    snapshot: &Snapshot,
    template: &Template<'_>,
    host: &Host,
    namespace: &str,
    service: &str,
    is_certain: bool,
) -> Option<Fault> {
    let spec = template.spec;
    let has_alias = spec
        .host_aliases
        .iter()
        .flatten()
        .any(|alias| alias.hostnames.iter().flatten().any(|name| *name == host.name));
    let searches = spec
        .dns_config
        .as_ref()
        .is_some_and(|dns| dns.searches.as_ref().is_some_and(|list| !list.is_empty()));
    // A container of the same pod, a pod by its name: not names that DNS knows, but no Service is meant.
    let is_own = template::containers(spec).any(|container| container.name == host.name && !is_certain);
    if has_alias || (searches && !is_certain) || (is_own && template.standing(snapshot).is_healthy()) {
        return None;
    }
    let here: Vec<&str> = snapshot
        .services_in(namespace)
        .filter_map(|service| service.metadata.name.as_deref())
        .collect();
    let meant = nearest(service, here.iter().copied());
    let other = snapshot
        .services
        .iter()
        .find(|found| found.metadata.name.as_deref() == Some(service))
        .and_then(|found| found.metadata.namespace.as_deref());
    let is_healthy = template.is_idle || template.standing(snapshot).is_healthy();
    let severity = match (is_healthy, is_certain || meant.is_some() || other.is_some()) {
        _ if template.is_idle => Severity::Info,
        (false, _) => Severity::Error,
        (true, true) => Severity::Warning,
        (true, false) => Severity::Info,
    };
    let mut fault = Fault::new(
        "dependency-missing",
        severity,
        Depth::Cause,
        template.object.clone(),
        format!(
            "{} calls `{}`, but there is no Service `{namespace}/{service}`",
            template.name(),
            host.name
        ),
    );
    let mut cause = format!("{} says `{}`", wording::sentence(&host.place), host.text);
    if snapshot.may_see("Namespace", None)
        && snapshot.namespace(namespace).is_none()
        && !snapshot.namespaces.is_empty()
    {
        _ = write!(cause, ", and there is no namespace `{namespace}`.");
    } else {
        _ = write!(
            cause,
            ", and namespace `{namespace}` has no Service `{service}`, so the name cannot be resolved (NXDOMAIN)."
        );
    }
    if let Some(meant) = meant {
        _ = write!(cause, " There is a Service `{meant}`: perhaps that is meant.");
    } else if let Some(other) = other {
        _ = write!(
            cause,
            " There is one in namespace `{other}`, which is called `{service}.{other}` from here."
        );
    } else if !is_certain {
        cause.push_str(" It may be a name that is known outside of the cluster.");
    }
    fault.cause = cause;
    fault.verdict = if is_certain || meant.is_some() {
        Verdict::Confirmed
    } else {
        Verdict::Likely
    };
    fault.key = format!("Service/{namespace}/{service}");
    fault.evidence.push(Evidence::new(
        format!("{} pod template", template.object),
        format!("{}: {}", host.place, host.text),
        None,
    ));
    fault.evidence.push(Evidence::new(
        format!("Services in {namespace}"),
        if here.is_empty() {
            "none".to_owned()
        } else {
            here.iter().take(20).copied().collect::<Vec<_>>().join(", ")
        },
        Some(snapshot.taken_at),
    ));
    let target = meant.map_or_else(
        || other.map(|other| format!("{service}.{other}")),
        |meant| Some(meant.to_owned()),
    );
    fault.remedy = Some(NextStep::command(
        match target {
            Some(target) => format!("Point it at `{target}`, or create Service `{service}`"),
            None => format!("Create Service `{service}`, or correct the name"),
        },
        format!("kubectl edit {}", template.kubectl()),
    ));
    fault
        .blames
        .push(ObjectRef::namespaced("Service", namespace, service));
    Some(fault)
}

fn wrong_port(snapshot: &Snapshot, template: &Template<'_>, host: &Host, service: &Service) -> Option<Fault> {
    let port = i32::from(host.port?);
    let spec = service.spec.as_ref()?;
    let ports = spec.ports.as_deref().unwrap_or_default();
    let is_headless = spec.cluster_ip.as_deref() == Some("None");
    if spec.type_.as_deref() == Some("ExternalName")
        || ports.is_empty()
        || ports.iter().any(|own| own.port == port)
    {
        return None;
    }
    let (namespace, name) = super::backing::address(service);
    if is_headless {
        // Without a virtual address clients reach the pods themselves, on whatever these listen.
        let pods = super::backing::live_pods(snapshot, namespace, spec.selector.as_ref()?);
        let declared: Vec<i32> = pods
            .iter()
            .filter_map(|pod| pod.spec.as_ref())
            .flat_map(|spec| template::ports(spec).map(|(_, port)| port.container_port))
            .collect();
        if declared.is_empty() || declared.contains(&port) {
            return None;
        }
    }
    let offered: Vec<String> = ports
        .iter()
        .map(|own| match own.name.as_deref() {
            Some(name) => format!("{} (`{name}`)", own.port),
            None => own.port.to_string(),
        })
        .collect();
    let is_target = ports.iter().any(|own| {
        own.target_port
            == Some(k8s_openapi::apimachinery::pkg::util::intstr::IntOrString::Int(
                port,
            ))
    });
    let severity = match (template.is_idle, template.standing(snapshot).is_healthy()) {
        (true, _) => Severity::Info,
        (_, true) => Severity::Warning,
        (_, false) => Severity::Error,
    };
    let mut fault = Fault::new(
        "dependency-port",
        severity,
        Depth::Cause,
        template.object.clone(),
        format!(
            "{} calls Service `{namespace}/{name}` on port {port}, which the Service does not have",
            template.name()
        ),
    );
    fault.cause = format!(
        "{} says `{}`, but the Service offers {}{}, so connections to {port} time out or are refused.",
        wording::sentence(&host.place),
        host.text,
        wording::list(&offered, 5),
        if is_target {
            " ({port} is its `targetPort`, the port on the pods)".replace("{port}", &port.to_string())
        } else {
            String::new()
        },
    );
    fault.key = format!("Service/{namespace}/{name}#{port}");
    fault.evidence.push(Evidence::new(
        format!("{} pod template", template.object),
        format!("{}: {}", host.place, host.text),
        None,
    ));
    fault.evidence.push(Evidence::new(
        format!("Service {namespace}/{name} ports"),
        offered.join(", "),
        None,
    ));
    let right = ports.first().filter(|_| ports.len() == 1);
    fault.remedy = Some(NextStep::command(
        match right {
            Some(right) => format!("Call port {} instead", right.port),
            None => "Call a port that the Service has".to_owned(),
        },
        format!("kubectl edit {}", template.kubectl()),
    ));
    fault
        .blames
        .push(ObjectRef::namespaced("Service", namespace, name));
    Some(fault)
}
