//! What makes lookups fast: pods by owner, node and label, events by object, slices by service.

use std::collections::HashMap;

use jamie_core::ObjectRef;

use super::{Snapshot, events};

/// Positions in a snapshot's lists.
type Positions = Vec<u32>;

/// Lookups over a snapshot whose objects no longer change.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// Pods by each of their owners, the direct one and the top one.
    owned: HashMap<Box<str>, Positions>,
    by_node: HashMap<Box<str>, Positions>,
    by_label: HashMap<Box<str>, Positions>,
    events: HashMap<Box<str>, Positions>,
    slices: HashMap<Box<str>, Positions>,
}

fn address(kind: &str, namespace: &str, name: &str) -> Box<str> {
    [kind, namespace, name].join("/").into_boxed_str()
}

fn key(object: &ObjectRef) -> Box<str> {
    address(
        &object.kind,
        object.namespace.as_deref().unwrap_or_default(),
        &object.name,
    )
}

fn positions<'a>(
    map: &'a HashMap<Box<str>, Positions>,
    key: &str,
) -> impl Iterator<Item = usize> + Clone + use<'a> {
    map.get(key)
        .into_iter()
        .flatten()
        .map(|position| *position as usize)
}

/// Labels that every pod of a revision has a value of its own for would only bloat the index.
const UNIQUE_LABELS: [&str; 4] = [
    "statefulset.kubernetes.io/pod-name",
    "controller-uid",
    "batch.kubernetes.io/controller-uid",
    "apps.kubernetes.io/pod-index",
];

impl Index {
    fn build(snapshot: &Snapshot) -> Self {
        let mut index = Self::default();
        for (position, pod) in snapshot.pods.iter().enumerate() {
            let position = position as u32;
            let namespace = pod.metadata.namespace.as_deref().unwrap_or_default();
            let top = snapshot.workload_of(pod);
            let top_key = key(&top);
            for owner in pod.metadata.owner_references.iter().flatten() {
                let direct = address(&owner.kind, namespace, &owner.name);
                if direct != top_key {
                    index.owned.entry(direct).or_default().push(position);
                }
            }
            index.owned.entry(top_key).or_default().push(position);
            let node = pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref());
            if let Some(node) = node.filter(|node| !node.is_empty()) {
                index.by_node.entry(node.into()).or_default().push(position);
            }
            for (label, value) in pod.metadata.labels.iter().flatten() {
                if !UNIQUE_LABELS.contains(&label.as_str()) {
                    let key = address(namespace, label, value);
                    index.by_label.entry(key).or_default().push(position);
                }
            }
        }
        for (position, event) in snapshot.events.iter().enumerate() {
            let key = key(&events::object(event));
            index.events.entry(key).or_default().push(position as u32);
        }
        for (position, slice) in snapshot.endpoint_slices.iter().enumerate() {
            let labels = slice.metadata.labels.as_ref();
            if let Some(service) = labels.and_then(|labels| labels.get("kubernetes.io/service-name")) {
                let namespace = slice.metadata.namespace.as_deref().unwrap_or_default();
                let key = address("", namespace, service);
                index.slices.entry(key).or_default().push(position as u32);
            }
        }
        index
    }

    /// Pods that an object owns, directly or as the top owner.
    pub(super) fn owned_by(&self, object: &ObjectRef) -> impl Iterator<Item = usize> + use<'_> {
        positions(&self.owned, &key(object))
    }

    /// Pods bound to a node.
    pub(super) fn on_node(&self, node: &str) -> impl Iterator<Item = usize> + use<'_> {
        positions(&self.by_node, node)
    }

    /// Pods with that label; `None` when that label is not indexed.
    pub(super) fn labelled(&self, namespace: &str, label: &str, value: &str) -> Option<&[u32]> {
        if UNIQUE_LABELS.contains(&label) {
            return None;
        }
        let found = self.by_label.get(address(namespace, label, value).as_ref());
        Some(found.map(Vec::as_slice).unwrap_or_default())
    }

    /// Events about an object.
    pub(super) fn events(&self, object: &ObjectRef) -> impl Iterator<Item = usize> + use<'_> {
        positions(&self.events, &key(object))
    }

    /// EndpointSlices of a service.
    pub(super) fn slices(&self, namespace: &str, service: &str) -> impl Iterator<Item = usize> + use<'_> {
        positions(&self.slices, &address("", namespace, service))
    }
}

impl Snapshot {
    pub(super) fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::build(self))
    }
}
