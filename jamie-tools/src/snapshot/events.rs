//! Events: when one happened, how often, and which belong to an object.

use std::sync::Arc;

use jamie_core::ObjectRef;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Event;

use super::Snapshot;

/// When an event was last seen, whichever of its five time fields the sender filled.
pub fn time(event: &Event) -> Option<Timestamp> {
    let series = event
        .series
        .as_ref()
        .and_then(|series| series.last_observed_time.as_ref());
    series
        .map(|time| time.0)
        .max(event.last_timestamp.as_ref().map(|time| time.0))
        .or_else(|| event.event_time.as_ref().map(|time| time.0))
        .or_else(|| event.first_timestamp.as_ref().map(|time| time.0))
        .or_else(|| event.metadata.creation_timestamp.as_ref().map(|time| time.0))
}

/// How often it happened; at least once.
pub fn count(event: &Event) -> u32 {
    let series = event.series.as_ref().and_then(|series| series.count);
    let count = series.max(event.count).unwrap_or(1);
    u32::try_from(count).unwrap_or(1).max(1)
}

/// Kinds whose objects have no namespace; senders disagree on which namespace to write for them.
const CLUSTER_WIDE: [&str; 5] = [
    "Node",
    "PersistentVolume",
    "Namespace",
    "StorageClass",
    "PriorityClass",
];

/// The object that an event is about.
pub fn object(event: &Event) -> ObjectRef {
    let about = &event.involved_object;
    let kind = about.kind.clone().unwrap_or_default();
    let namespace = if CLUSTER_WIDE.contains(&kind.as_str()) {
        None
    } else {
        about
            .namespace
            .clone()
            .filter(|namespace| !namespace.is_empty())
            .or_else(|| event.metadata.namespace.clone())
    };
    ObjectRef {
        kind,
        namespace,
        name: about.name.clone().unwrap_or_default(),
        uid: about.uid.clone().filter(|uid| !uid.is_empty()),
    }
}

impl Snapshot {
    /// The events about an object, oldest first: matched by kind, namespace and name, and by UID where both
    /// sides have one, so that a namesake of before is not mixed in.
    pub fn events_of(&self, object: &ObjectRef) -> Vec<&Arc<Event>> {
        let wanted = object.uid.as_deref().filter(|uid| !uid.is_empty());
        self.index()
            .events(object)
            .filter_map(|position| self.events.get(position))
            .filter(|event| {
                // Kubelets write a node's name where its UID belongs.
                let uid = event.involved_object.uid.as_deref().filter(|uid| !uid.is_empty());
                object.kind == "Node" || wanted.is_none() || uid.is_none() || wanted == uid
            })
            .collect()
    }
}
