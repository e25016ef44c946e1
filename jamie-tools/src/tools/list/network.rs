//! What traffic goes through, as items: Services, Ingresses and policies.

use k8s_openapi::api::{
    core::v1::Service,
    discovery::v1::EndpointSlice,
    networking::v1::{Ingress, IngressClass, NetworkPolicy},
};

use super::{
    item::Item,
    kinds::{default_mark, item},
};
use crate::{Snapshot, selector, wording};

pub(super) fn service(snapshot: &Snapshot, service: &Service) -> Item {
    let mut item = item(service);
    let spec = service.spec.clone().unwrap_or_default();
    let kind = spec.type_.clone().unwrap_or_else(|| "ClusterIP".to_owned());
    let headless = spec.cluster_ip.as_deref() == Some("None");
    let ports: Vec<String> = spec
        .ports
        .iter()
        .flatten()
        .map(|port| match port.node_port {
            Some(node) => format!("{}:{node}", port.port),
            None => port.port.to_string(),
        })
        .collect();
    let endpoints = snapshot.endpoints_of(service);
    let selects = spec
        .selector
        .as_ref()
        .is_some_and(|selector| !selector.is_empty());
    item.is_well = (selects && endpoints.known).then_some(endpoints.ready > 0);
    let outside = service
        .status
        .iter()
        .filter_map(|status| status.load_balancer.as_ref())
        .flat_map(|balancer| balancer.ingress.iter().flatten())
        .find_map(|point| point.ip.clone().or_else(|| point.hostname.clone()));
    let address = match (kind.as_str(), outside) {
        ("ExternalName", _) => spec.external_name.clone().unwrap_or_default(),
        ("LoadBalancer", None) => "pending".to_owned(),
        (_, Some(outside)) => outside,
        _ if headless => "headless".to_owned(),
        _ => spec.cluster_ip.clone().unwrap_or_default(),
    };
    item.state = Some(if headless {
        format!("{kind}, headless")
    } else {
        kind.clone()
    });
    item.cells = vec![
        kind,
        address,
        ports.join(", "),
        if selects {
            endpoints.ready.to_string()
        } else {
            String::new()
        },
    ];
    item
}

pub(super) fn ingress(one: &Ingress) -> Item {
    let mut item = item(one);
    let spec = one.spec.clone().unwrap_or_default();
    let hosts: Vec<String> = spec
        .rules
        .iter()
        .flatten()
        .filter_map(|rule| rule.host.clone())
        .collect();
    let mut backends: Vec<String> = spec
        .rules
        .iter()
        .flatten()
        .flat_map(|rule| rule.http.iter().flat_map(|http| &http.paths))
        .filter_map(|path| path.backend.service.as_ref().map(|service| service.name.clone()))
        .collect();
    backends.dedup();
    item.cells = vec![
        spec.ingress_class_name.unwrap_or_default(),
        if hosts.is_empty() {
            "any".to_owned()
        } else {
            wording::list(&hosts, 3)
        },
        wording::list(&backends, 4),
    ];
    item
}

pub(super) fn ingress_class(one: &IngressClass) -> Item {
    let mut item = item(one);
    let controller = one.spec.as_ref().and_then(|spec| spec.controller.clone());
    item.cells = vec![
        controller.unwrap_or_default(),
        default_mark(&one.metadata, "ingressclass.kubernetes.io/is-default-class"),
    ];
    item
}

pub(super) fn policy(one: &NetworkPolicy) -> Item {
    let mut item = item(one);
    let spec = one.spec.clone().unwrap_or_default();
    let selects = spec
        .pod_selector
        .as_ref()
        .map_or_else(|| "everything".to_owned(), selector::show);
    item.cells = vec![selects, spec.policy_types.unwrap_or_default().join(", ")];
    item
}

pub(super) fn slice(one: &EndpointSlice) -> Item {
    let mut item = item(one);
    let service = item.labels.get("kubernetes.io/service-name").cloned();
    item.cells = vec![
        service.unwrap_or_default(),
        one.endpoints.as_ref().map_or(0, Vec::len).to_string(),
    ];
    item
}
