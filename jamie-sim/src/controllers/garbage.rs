//! Objects whose owners are gone in; their removal out.

use std::collections::HashSet;

use serde_json::Value;

use super::{World, pods};
use crate::{
    object::{self, list, text},
    store::Key,
};

/// Kinds that are made on behalf of others.
const OWNED: [(&str, &str); 7] = [
    ("", "pods"),
    ("apps", "replicasets"),
    ("apps", "controllerrevisions"),
    ("batch", "jobs"),
    ("discovery.k8s.io", "endpointslices"),
    ("", "persistentvolumeclaims"),
    ("", "configmaps"),
];

/// Kinds that make others; owners of other kinds are taken to exist.
const OWNERS: [(&str, &str, &str); 7] = [
    ("Deployment", "apps", "deployments"),
    ("ReplicaSet", "apps", "replicasets"),
    ("StatefulSet", "apps", "statefulsets"),
    ("DaemonSet", "apps", "daemonsets"),
    ("Job", "batch", "jobs"),
    ("CronJob", "batch", "cronjobs"),
    ("Service", "", "services"),
];

pub(super) fn reconcile(world: &mut World, namespace: &str) {
    let mut alive: Option<HashSet<String>> = None;
    for (group, plural) in OWNED {
        for object in world.list(group, plural, namespace) {
            let owners = list(&object, "/metadata/ownerReferences");
            if owners.is_empty() || object::is_leaving(&object) || world.frozen.contains(object::uid(&object))
            {
                continue;
            }
            let alive = alive.get_or_insert_with(|| {
                OWNERS
                    .iter()
                    .flat_map(|(_, group, plural)| world.store.list(group, plural, Some(namespace)))
                    .map(|owner| object::uid(&owner).to_owned())
                    .collect()
            });
            let gone = |owner: &Value| {
                OWNERS.iter().any(|(kind, ..)| *kind == text(owner, "/kind"))
                    && !alive.contains(text(owner, "/uid"))
            };
            if !owners.iter().all(gone) {
                continue;
            }
            if plural == "pods" {
                pods::delete(world, &object);
            } else {
                let _ = world
                    .store
                    .delete(&Key::namespaced(group, plural, namespace, object::name(&object)));
            }
        }
    }
}
