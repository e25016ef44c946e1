//! A host that a log complains of in; whether it is a Service, and whether that could have answered, out.

use std::sync::Arc;

use jamie_core::{ObjectRef, Verdict};
use k8s_openapi::api::core::v1::{Pod, Service};

use super::Conclusion;
use crate::{
    causes,
    checks::nearest::nearest,
    fault::{Depth, Fault},
    snapshot::Snapshot,
    wording,
};

pub(super) fn unresolved(snapshot: &Snapshot, namespace: &str, host: &str, conclusion: &mut Conclusion) {
    if let Some((space, service)) = causes::resolve(snapshot, namespace, host) {
        conclusion.verdict = Verdict::Likely;
        conclusion.depth = Depth::Failure;
        conclusion.long = format!(
            "The Service `{space}/{service}` exists, so the cluster's DNS does not answer, or pods may not reach it"
        );
        conclusion
            .blames
            .push(ObjectRef::namespaced("Service", "kube-system", "kube-dns"));
        return;
    }
    let first = host.split('.').next().unwrap_or(host);
    let inside = !host.contains('.') || host.contains(".svc") || host.split('.').count() == 2;
    if !inside || !snapshot.may_see("Service", Some(namespace)) {
        conclusion.long = format!("The name `{host}` is not known to DNS");
        conclusion.verdict = Verdict::Likely;
        return;
    }
    let space = host
        .split('.')
        .nth(1)
        .filter(|space| snapshot.namespace(space).is_some())
        .unwrap_or(namespace);
    let here = snapshot
        .services_in(space)
        .filter_map(|service| service.metadata.name.as_deref());
    let elsewhere = snapshot
        .services
        .iter()
        .find(|service| service.metadata.name.as_deref() == Some(first))
        .and_then(|service| service.metadata.namespace.as_deref());
    conclusion.long = format!("There is no Service `{first}` in namespace `{space}`");
    if let Some(meant) = nearest(first, here) {
        conclusion
            .long
            .push_str(&format!("; there is a Service `{meant}`, which may be meant"));
    } else if let Some(elsewhere) = elsewhere {
        conclusion.long.push_str(&format!(
            "; there is one in namespace `{elsewhere}`, which is called `{first}.{elsewhere}` from here"
        ));
    }
    conclusion
        .blames
        .push(ObjectRef::namespaced("Service", space, first));
}

/// A refused connection or one that times out: which Service that is, and whether it could have answered.
pub(super) fn away(
    snapshot: &Snapshot,
    fault: &Fault,
    pod: &ObjectRef,
    host: Option<&str>,
    port: Option<u16>,
    refused: bool,
    conclusion: &mut Conclusion,
) {
    conclusion.depth = Depth::Failure;
    conclusion.verdict = Verdict::Likely;
    let namespace = pod.namespace.as_deref().unwrap_or_default();
    if host.is_some_and(|host| matches!(host, "localhost" | "127.0.0.1" | "::1" | "0.0.0.0")) {
        conclusion.depth = Depth::Cause;
        conclusion.long = "It calls its own pod, and nothing listens there on that port".to_owned();
        return;
    }
    let service = host
        .and_then(|host| service_of(snapshot, namespace, host))
        .or_else(|| by_port(snapshot, fault, port).filter(|_| host.is_none_or(is_address)));
    let Some(service) = service else {
        if let Some(host) = host.filter(|host| !is_address(host)) {
            conclusion.long = format!("`{host}` is not a Service of this cluster that I can see");
            conclusion.depth = Depth::Cause;
        }
        // Without a name it may still be something that the workload is known to call.
        return;
    };
    let name = crate::snapshot::reference(service.as_ref());
    conclusion.blames.push(name.clone());
    let ports: Vec<String> = service
        .spec
        .iter()
        .flat_map(|spec| spec.ports.iter().flatten())
        .map(|port| port.port.to_string())
        .collect();
    let headless = service.spec.as_ref().and_then(|spec| spec.cluster_ip.as_deref()) == Some("None");
    if let Some(port) = port
        && !ports.is_empty()
        && !ports.contains(&port.to_string())
        && !headless
        && host.is_some_and(|host| !is_address(host))
    {
        conclusion.depth = Depth::Cause;
        conclusion.verdict = Verdict::Confirmed;
        conclusion.short = format!(
            "it calls `{}` on port {port}, which is not a port of that Service",
            name.path()
        );
        conclusion.long = format!(
            "The Service `{}` listens on {}, not on {port}",
            name.path(),
            wording::list(&ports, 4)
        );
        return;
    }
    let state = snapshot.endpoints_of(service);
    conclusion.long = if state.known && state.ready == 0 {
        format!("The Service `{}` has no ready endpoint", name.path())
    } else if refused {
        format!(
            "The Service `{}` has {} now",
            name.path(),
            wording::count(state.ready, "ready endpoint")
        )
    } else {
        format!(
            "The Service `{}` has {}, so something on the way may hold the connection: a NetworkPolicy, or a server that is too busy",
            name.path(),
            wording::count(state.ready, "ready endpoint")
        )
    };
}

fn is_address(host: &str) -> bool {
    host.parse::<std::net::IpAddr>().is_ok()
}

/// The Service behind a host name or an address.
fn service_of<'a>(snapshot: &'a Snapshot, namespace: &str, host: &str) -> Option<&'a Arc<Service>> {
    if is_address(host) {
        let by_own = snapshot.services.iter().find(|service| {
            service
                .spec
                .as_ref()
                .is_some_and(|spec| spec.cluster_ip.as_deref() == Some(host))
        });
        return by_own.or_else(|| {
            let pod: &Arc<Pod> = snapshot
                .pods
                .iter()
                .find(|pod| pod.status.as_ref().and_then(|status| status.pod_ip.as_deref()) == Some(host))?;
            snapshot.services_of(pod).into_iter().next()
        });
    }
    let (space, name) = causes::resolve(snapshot, namespace, host)?;
    snapshot.service(&space, &name)
}

/// The one Service that the workload calls which has this port.
fn by_port<'a>(snapshot: &'a Snapshot, fault: &Fault, port: Option<u16>) -> Option<&'a Arc<Service>> {
    let port = i32::from(port?);
    let links = causes::Links::new(snapshot);
    let mut found = links
        .calls_of(&causes::canonical(snapshot, &fault.object))
        .into_iter()
        .filter_map(|edge| snapshot.service(edge.to.namespace.as_deref()?, &edge.to.name))
        .filter(|service| {
            service
                .spec
                .iter()
                .flat_map(|spec| spec.ports.iter().flatten())
                .any(|own| own.port == port)
        });
    let first = found.next()?;
    found.next().is_none().then_some(first)
}
