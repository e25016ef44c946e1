//! Old-style Endpoints in, EndpointSlices out: for servers without slices, and for lists written by hand.

use std::collections::BTreeMap;

use k8s_openapi::{
    api::{
        core::v1::{EndpointAddress, Endpoints, Service},
        discovery::v1::{Endpoint, EndpointConditions, EndpointPort, EndpointSlice},
    },
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};

use super::{Coverage, Snapshot};

/// Whether some Service's endpoints can only be known from its old-style Endpoints.
pub(crate) fn needs_old_style(snapshot: &Snapshot) -> bool {
    let has_slices = snapshot.coverage.get("EndpointSlice") == Some(&Coverage::Complete);
    let of_its_own = |service: &Service| {
        let spec = service.spec.as_ref();
        let is_external = spec.and_then(|spec| spec.type_.as_deref()) == Some("ExternalName");
        let has_selector = spec
            .and_then(|spec| spec.selector.as_ref())
            .is_some_and(|selector| !selector.is_empty());
        let is_api = service.metadata.namespace.as_deref() == Some("default")
            && service.metadata.name.as_deref() == Some("kubernetes");
        !is_external && !has_selector && !is_api
    };
    !snapshot.services.is_empty()
        && (!has_slices
            || snapshot
                .services
                .iter()
                .any(|service| of_its_own(service) && snapshot.slices_of(service).is_empty()))
}

/// The slice that a mirroring controller would make of an Endpoints object.
pub(crate) fn mirrored(endpoints: Endpoints) -> EndpointSlice {
    let name = endpoints.metadata.name.clone().unwrap_or_default();
    let labels = BTreeMap::from([("kubernetes.io/service-name".to_owned(), name.clone())]);
    let mut slice = EndpointSlice {
        metadata: ObjectMeta {
            name: Some(name),
            namespace: endpoints.metadata.namespace,
            labels: Some(labels),
            creation_timestamp: endpoints.metadata.creation_timestamp,
            ..ObjectMeta::default()
        },
        address_type: "IPv4".to_owned(),
        ..EndpointSlice::default()
    };
    let mut members: Vec<Endpoint> = Vec::new();
    let mut ports: Vec<EndpointPort> = Vec::new();
    for subset in endpoints.subsets.into_iter().flatten() {
        let mut add = |addresses: Option<Vec<EndpointAddress>>, ready: bool| {
            for address in addresses.into_iter().flatten() {
                members.push(Endpoint {
                    addresses: vec![address.ip],
                    conditions: Some(EndpointConditions {
                        ready: Some(ready),
                        ..EndpointConditions::default()
                    }),
                    node_name: address.node_name,
                    target_ref: address.target_ref,
                    ..Endpoint::default()
                });
            }
        };
        add(subset.addresses, true);
        add(subset.not_ready_addresses, false);
        for port in subset.ports.into_iter().flatten() {
            ports.push(EndpointPort {
                name: port.name,
                port: Some(port.port),
                protocol: port.protocol,
                ..EndpointPort::default()
            });
        }
    }
    slice.endpoints = Some(members);
    slice.ports = Some(ports);
    slice
}

impl Snapshot {
    /// Takes Endpoints in as slices, for the Services that have none.
    pub(crate) fn add_old_style(&mut self, endpoints: Vec<Endpoints>) {
        let mut slices = Vec::new();
        for one in endpoints {
            let namespace = one.metadata.namespace.clone().unwrap_or_default();
            let name = one.metadata.name.clone().unwrap_or_default();
            let lacks = self
                .service(&namespace, &name)
                .is_some_and(|service| self.slices_of(service).is_empty());
            if lacks {
                slices.push(std::sync::Arc::new(mirrored(one)));
            }
        }
        self.endpoint_slices.extend(slices);
        self.sort();
    }
}
