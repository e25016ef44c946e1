//! Services that do not get traffic to where it should go: load balancers without an address, external names
//! that lead nowhere, and traffic policies that drop what has no endpoint on its own node.
//!
//! Checks: `load-balancer-pending`, `external-name`, `internal-traffic-local`.

use std::collections::BTreeSet;

use jamie_core::{Evidence, NextStep, ObjectRef, Severity, Verdict};
use k8s_openapi::api::core::v1::{Service, ServiceSpec};

use super::{
    backing::{address, live_pods, selector},
    dependencies::Dependency,
    happened, template,
};
use crate::{
    fault::{Depth, Fault},
    snapshot::{Snapshot, reference},
    wording,
};

/// A cloud takes a few minutes to hand out an address.
const PATIENCE: i64 = 5 * 60;

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut dependencies = None;
    for service in &snapshot.services {
        let Some(spec) = &service.spec else { continue };
        if service.metadata.deletion_timestamp.is_some() {
            continue;
        }
        match spec.type_.as_deref() {
            Some("LoadBalancer") => faults.extend(load_balancer(snapshot, service)),
            Some("ExternalName") => faults.extend(external_name(snapshot, service, spec)),
            _ => {}
        }
        if spec.internal_traffic_policy.as_deref() == Some("Local") {
            let known = dependencies.get_or_insert_with(|| super::dependencies::all(snapshot));
            faults.extend(local_only(snapshot, service, known));
        }
    }
    faults
}

fn load_balancer(snapshot: &Snapshot, service: &Service) -> Option<Fault> {
    let status = service
        .status
        .as_ref()
        .and_then(|status| status.load_balancer.as_ref());
    if status
        .and_then(|status| status.ingress.as_ref())
        .is_some_and(|addresses| !addresses.is_empty())
    {
        return None;
    }
    let (namespace, name) = address(service);
    let object = reference(service);
    let events = snapshot.events_of(&object);
    let refused = happened::latest(
        &events,
        &[
            "SyncLoadBalancerFailed",
            "CreatingLoadBalancerFailed",
            "AllocationFailed",
            "UnAvailableLoadBalancer",
            "FailedBuildModel",
            "FailedDeployModel",
        ],
        snapshot,
    );
    let age = template::age(&service.metadata, snapshot.taken_at);
    let severity = match (refused, age) {
        (Some(_), _) => Severity::Error,
        (None, Some(age)) if age < PATIENCE => Severity::Info,
        (None, _) => Severity::Warning,
    };
    let mut fault = Fault::new(
        "load-balancer-pending",
        severity,
        if refused.is_some() {
            Depth::Cause
        } else {
            Depth::Failure
        },
        object,
        format!(
            "Service `{namespace}/{name}` of type LoadBalancer has no external address: EXTERNAL-IP is pending"
        ),
    );
    fault.key = format!("Service/{namespace}/{name}#load-balancer");
    fault.since = service.metadata.creation_timestamp.as_ref().map(|time| time.0);
    if let Some(event) = refused {
        fault.cause = format!(
            "The load balancer could not be made: {}.",
            wording::clip(happened::message(event), 240).trim_end_matches('.')
        );
        fault.evidence.push(happened::evidence(event));
    } else {
        fault.cause = format!(
            "Nothing has given it one{}: either no controller for load balancers (a cloud's, MetalLB) runs here, or its address pool is used up. Inside the cluster the Service works all the same.",
            age.map(|age| format!(" in {}", wording::duration(age)))
                .unwrap_or_default()
        );
        fault.verdict = Verdict::Likely;
        fault.evidence.push(Evidence::new(
            format!("Service {namespace}/{name} status"),
            "loadBalancer.ingress is empty",
            Some(snapshot.taken_at),
        ));
    }
    fault.next_check = Some(NextStep::command(
        "See what the load balancer's controller says",
        format!("kubectl describe service {name} -n {namespace}"),
    ));
    Some(fault)
}

fn external_name(snapshot: &Snapshot, service: &Service, spec: &ServiceSpec) -> Option<Fault> {
    let (namespace, name) = address(service);
    let target = spec.external_name.as_deref()?.trim().trim_end_matches('.');
    let (title, cause) = if target.parse::<std::net::IpAddr>().is_ok() {
        (
            format!("Service `{namespace}/{name}` has the IP address `{target}` as its `externalName`"),
            "An `externalName` becomes a DNS alias (CNAME), and an IP address is no DNS name, so it cannot be resolved. A Service without a selector and an EndpointSlice with the address does that.".to_owned(),
        )
    } else {
        let labels: Vec<&str> = target.split('.').collect();
        let at = labels.iter().position(|label| *label == "svc");
        // A pod's name may stand before the Service's.
        let Some([.., found, space]) = at.and_then(|at| labels.get(..at)) else {
            return None;
        };
        if !snapshot.may_see("Service", Some(space)) || snapshot.service(space, found).is_some() {
            return None;
        }
        (
            format!("Service `{namespace}/{name}` leads to Service `{space}/{found}`, which does not exist"),
            format!("Its `externalName` is `{target}`, and namespace `{space}` has no Service `{found}`."),
        )
    };
    let mut fault = Fault::new(
        "external-name",
        Severity::Error,
        Depth::Cause,
        reference(service),
        title,
    );
    fault.cause = cause;
    fault.key = format!("Service/{namespace}/{name}#external-name");
    fault.evidence.push(Evidence::new(
        format!("Service {namespace}/{name}"),
        format!("externalName: {target}"),
        None,
    ));
    fault.remedy = Some(NextStep::command(
        "Correct the name it leads to",
        format!("kubectl edit service {name} -n {namespace}"),
    ));
    Some(fault)
}

/// With `internalTrafficPolicy: Local` a client only reaches endpoints on its own node.
fn local_only(snapshot: &Snapshot, service: &Service, dependencies: &[Dependency]) -> Option<Fault> {
    let (namespace, name) = address(service);
    let pods = live_pods(snapshot, namespace, selector(service)?);
    let served: BTreeSet<&str> = pods
        .iter()
        .filter(|pod| template::is_ready(pod))
        .filter_map(|pod| pod.spec.as_ref()?.node_name.as_deref())
        .collect();
    let is_daemon = pods
        .iter()
        .any(|pod| snapshot.workload_of(pod).kind == "DaemonSet");
    if served.is_empty() || is_daemon {
        return None;
    }
    let clients: Vec<ObjectRef> = dependencies
        .iter()
        .filter(|dependency| dependency.namespace == namespace && dependency.service == name)
        .map(|dependency| dependency.from.clone())
        .collect();
    let mut cut_off: BTreeSet<String> = BTreeSet::new();
    let mut nodes: BTreeSet<&str> = BTreeSet::new();
    for client in &clients {
        for pod in snapshot
            .pods_of(client)
            .into_iter()
            .filter(|pod| template::is_live(pod))
        {
            if let Some(node) = pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref())
                && !served.contains(node)
            {
                cut_off.insert(client.path());
                nodes.insert(node);
            }
        }
    }
    let is_felt = !cut_off.is_empty();
    if !is_felt {
        nodes = snapshot
            .nodes
            .iter()
            .filter(|node| node.spec.as_ref().and_then(|spec| spec.unschedulable) != Some(true))
            .filter_map(|node| node.metadata.name.as_deref())
            .filter(|node| !served.contains(node))
            .collect();
    }
    if nodes.is_empty() {
        return None;
    }
    let mut fault = Fault::new(
        "internal-traffic-local",
        if is_felt {
            Severity::Error
        } else {
            Severity::Warning
        },
        Depth::Cause,
        reference(service),
        format!("Service `{namespace}/{name}` only answers on nodes that run one of its pods"),
    );
    let nodes: Vec<&str> = nodes.into_iter().collect();
    let served: Vec<&str> = served.into_iter().collect();
    let cut_off: Vec<String> = cut_off.into_iter().collect();
    fault.cause = format!(
        "`internalTrafficPolicy: Local` drops requests from nodes without a ready endpoint: {} {} one, only {} {}.{}",
        wording::code_list(&nodes, 4),
        if nodes.len() == 1 { "lacks" } else { "lack" },
        wording::code_list(&served, 4),
        if served.len() == 1 { "has" } else { "have" },
        if is_felt {
            format!(" {} calls it from there.", wording::code_list(&cut_off, 3))
        } else {
            String::new()
        },
    );
    fault.key = format!("Service/{namespace}/{name}#internal-traffic-policy");
    fault.verdict = if is_felt {
        Verdict::Confirmed
    } else {
        Verdict::Likely
    };
    fault.evidence.push(Evidence::new(
        format!("Service {namespace}/{name}"),
        "internalTrafficPolicy: Local",
        None,
    ));
    fault.remedy = Some(NextStep::command(
        "Let it answer cluster-wide, or run a pod of it on every node",
        format!(
            "kubectl patch service {name} -n {namespace} --type merge -p '{{\"spec\":{{\"internalTrafficPolicy\":\"Cluster\"}}}}'"
        ),
    ));
    fault.blames = clients;
    Some(fault)
}
