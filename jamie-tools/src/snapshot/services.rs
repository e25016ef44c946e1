//! Services and the pods behind them.

use std::sync::Arc;

use k8s_openapi::api::{
    core::v1::{Pod, Service},
    discovery::v1::EndpointSlice,
};

use super::{
    Snapshot, labels,
    lookup::within,
    pods::{is_finished, is_ready},
};

/// How many endpoints stand behind a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EndpointState {
    /// Endpoints that take traffic.
    pub ready: usize,
    /// Endpoints that do not yet, or no longer.
    pub not_ready: usize,
    /// Whether these figures can be relied on.
    pub known: bool,
    /// Whether the server's EndpointSlices say so; otherwise they were worked out from selector and pods.
    pub from_slices: bool,
}

impl Snapshot {
    /// The services whose selector picks a pod.
    pub fn services_of(&self, pod: &Pod) -> Vec<&Arc<Service>> {
        let namespace = pod.metadata.namespace.as_deref().unwrap_or_default();
        self.services_in(namespace)
            .filter(|service| {
                let selector = service.spec.as_ref().and_then(|spec| spec.selector.as_ref());
                selector.is_some_and(|selector| {
                    !selector.is_empty() && labels::matches_labels(selector, pod.metadata.labels.as_ref())
                })
            })
            .collect()
    }

    /// The services of a namespace.
    pub fn services_in(&self, namespace: &str) -> impl Iterator<Item = &Arc<Service>> + use<'_> {
        within(&self.services, namespace, |service| &service.metadata).iter()
    }

    /// The EndpointSlices of a service.
    pub fn slices_of(&self, service: &Service) -> Vec<&Arc<EndpointSlice>> {
        let namespace = service.metadata.namespace.as_deref().unwrap_or_default();
        let name = service.metadata.name.as_deref().unwrap_or_default();
        self.index()
            .slices(namespace, name)
            .filter_map(|position| self.endpoint_slices.get(position))
            .collect()
    }

    /// How many endpoints stand behind a service: from its EndpointSlices where the server keeps some for it,
    /// otherwise from its selector and the pods' readiness.
    pub fn endpoints_of(&self, service: &Service) -> EndpointState {
        let namespace = service.metadata.namespace.as_deref().unwrap_or_default();
        let slices = self.slices_of(service);
        if !slices.is_empty() {
            let mut state = EndpointState {
                known: true,
                from_slices: true,
                ..EndpointState::default()
            };
            let mut seen = std::collections::HashSet::new();
            for endpoint in slices.iter().flat_map(|slice| slice.endpoints.iter().flatten()) {
                // A dual-stack service has a slice per address family: one pod counts once.
                if let Some(target) = &endpoint.target_ref
                    && !seen.insert((target.kind.as_deref(), target.name.as_deref()))
                {
                    continue;
                }
                // No condition means ready, says the API.
                let ready = endpoint
                    .conditions
                    .as_ref()
                    .and_then(|conditions| conditions.ready);
                if ready.unwrap_or(true) {
                    state.ready += 1;
                } else {
                    state.not_ready += 1;
                }
            }
            return state;
        }
        let spec = service.spec.as_ref();
        let Some(selector) = spec
            .and_then(|spec| spec.selector.as_ref())
            .filter(|selector| !selector.is_empty())
        else {
            return EndpointState::default();
        };
        let publish = spec
            .and_then(|spec| spec.publish_not_ready_addresses)
            .unwrap_or(false);
        let mut state = EndpointState {
            known: self.may_see("Pod", Some(namespace)),
            ..EndpointState::default()
        };
        for pod in self.pods_labelled(namespace, selector) {
            if is_finished(pod) {
                continue;
            }
            if publish || (is_ready(pod) && pod.metadata.deletion_timestamp.is_none()) {
                state.ready += 1;
            } else {
                state.not_ready += 1;
            }
        }
        state
    }
}
