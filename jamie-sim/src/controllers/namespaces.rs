//! Namespaces in; what every namespace has, out: its service account and the cluster's root certificate.

use serde_json::json;

use super::World;
use crate::{
    defaults,
    object::{self, stamp},
    store::{Key, Store},
};

/// Makes a namespace unless it is there.
pub(crate) fn ensure(store: &Store, name: &str, created: jiff::Timestamp) {
    let key = Key::cluster("", "namespaces", name);
    if store.get(&key).is_some() {
        return;
    }
    let mut namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "creationTimestamp": stamp(created)}});
    defaults::fill(&mut namespace);
    let _ = store.create(key, namespace);
}

pub(super) fn reconcile(world: &mut World, name: &str) {
    let Some(namespace) = world.store.get(&Key::cluster("", "namespaces", name)) else {
        return;
    };
    if object::is_leaving(&namespace) {
        if !world.frozen.contains(object::uid(&namespace)) {
            empty(world, name);
        }
        return;
    }
    let account = Key::namespaced("", "serviceaccounts", name, "default");
    if world.store.get(&account).is_none() {
        let created = object::text(&namespace, "/metadata/creationTimestamp");
        let _ = world.store.create(
            account,
            json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": name, "creationTimestamp": created}}),
        );
        let root = json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {
                "name": "kube-root-ca.crt",
                "namespace": name,
                "creationTimestamp": created,
                "annotations": {"kubernetes.io/description": "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters."},
            },
            "data": {"ca.crt": "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"},
        });
        let _ = world
            .store
            .create(Key::namespaced("", "configmaps", name, "kube-root-ca.crt"), root);
    }
}

/// A namespace on its way out takes everything in it along; what has finalizers holds it up.
fn empty(world: &mut World, name: &str) {
    let mut left = 0;
    for (group, plural) in world.store.kinds() {
        for object in world.store.list(&group, &plural, Some(name)) {
            if object::namespace(&object) != name {
                continue;
            }
            left += 1;
            if plural == "pods" && group.is_empty() {
                super::pods::delete(world, &object);
            } else if !object::is_leaving(&object) || object::list(&object, "/metadata/finalizers").is_empty()
            {
                let _ = world
                    .store
                    .delete(&Key::namespaced(&group, &plural, name, object::name(&object)));
            }
        }
    }
    if left == 0 {
        let key = Key::cluster("", "namespaces", name);
        let held = world
            .store
            .get(&key)
            .is_some_and(|namespace| !object::list(&namespace, "/metadata/finalizers").is_empty());
        if !held {
            // The server keeps a namespace for its finalizer in the spec; this is it.
            let _ = world.store.modify(&key, |namespace| {
                namespace["spec"]["finalizers"] = json!([]);
            });
            let _ = world.store.delete(&key);
        }
    }
}
