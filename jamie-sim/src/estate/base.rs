//! What every cluster has before anybody applies anything: system namespaces, nodes, a storage class, roles.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    controllers::{World, build_nodes, ensure_namespace},
    object::{kind, stamp},
    scenario::Access,
    store::Key,
};

pub(super) fn lay(world: &World, created: Timestamp) {
    for namespace in ["default", "kube-node-lease", "kube-public", "kube-system"] {
        ensure_namespace(&world.store, namespace, created);
    }
    build_nodes(&world.store, &world.scenario, created);
    let scenario = &world.scenario;
    let classes = scenario
        .manifests
        .iter()
        .chain(&scenario.objects)
        .any(|object| kind(object) == "StorageClass");
    if !classes {
        put(
            world,
            created,
            json!({
                "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
                "metadata": {"name": "standard", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
                "provisioner": "rancher.io/local-path", "reclaimPolicy": "Delete", "volumeBindingMode": "WaitForFirstConsumer",
            }),
        );
    }
    for (class, value) in [
        ("system-cluster-critical", 2_000_000_000),
        ("system-node-critical", 2_000_001_000),
    ] {
        put(
            world,
            created,
            json!({
                "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": class},
                "value": value, "preemptionPolicy": "PreemptLowerPriority",
            }),
        );
    }
    put(
        world,
        created,
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "cluster-admin"},
            "rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}, {"nonResourceURLs": ["*"], "verbs": ["*"]}],
        }),
    );
    put(
        world,
        created,
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "cluster-admin"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "system:masters"}],
        }),
    );
    put(
        world,
        created,
        json!({
            "apiVersion": "v1", "kind": "Service",
            "metadata": {"name": "kubernetes", "namespace": "default", "labels": {"component": "apiserver", "provider": "kubernetes"}},
            "spec": {
                "type": "ClusterIP", "clusterIP": "10.96.0.1", "clusterIPs": ["10.96.0.1"], "ipFamilies": ["IPv4"],
                "ipFamilyPolicy": "SingleStack", "sessionAffinity": "None", "internalTrafficPolicy": "Cluster",
                "ports": [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443}],
            },
            "status": {"loadBalancer": {}},
        }),
    );
    put(
        world,
        created,
        json!({
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
            "metadata": {"name": "kubernetes", "namespace": "default", "labels": {"kubernetes.io/service-name": "kubernetes"}},
            "addressType": "IPv4",
            "endpoints": [{"addresses": ["10.0.0.2"], "conditions": {"ready": true}}],
            "ports": [{"name": "https", "port": 6443, "protocol": "TCP"}],
        }),
    );
    put(
        world,
        created,
        json!({
            "apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "kubernetes", "namespace": "default"},
            "subsets": [{"addresses": [{"ip": "10.0.0.2"}], "ports": [{"name": "https", "port": 6443, "protocol": "TCP"}]}],
        }),
    );
    let of_argo = |object: &Value| kind(object) == "Application" && is_argo(object);
    if scenario.manifests.iter().chain(&scenario.objects).any(of_argo) {
        put(world, created, applications());
    }
    if let Some(access) = &scenario.rbac {
        allow(world, created, access);
    }
}

fn is_argo(object: &Value) -> bool {
    crate::object::text(object, "/apiVersion").starts_with("argoproj.io/")
}

/// The definition that Argo CD brings along.
fn applications() -> Value {
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "applications.argoproj.io"},
        "spec": {
            "group": "argoproj.io", "scope": "Namespaced",
            "names": {"kind": "Application", "listKind": "ApplicationList", "plural": "applications",
                "singular": "application", "shortNames": ["app", "apps"]},
            "versions": [{"name": "v1alpha1", "served": true, "storage": true, "additionalPrinterColumns": [
                {"name": "Sync Status", "type": "string", "jsonPath": ".status.sync.status"},
                {"name": "Health Status", "type": "string", "jsonPath": ".status.health.status"}]}],
        },
        "status": {"conditions": [{"type": "Established", "status": "True", "reason": "InitialNamesAccepted",
            "message": "the initial names have been accepted"}]},
    })
}

fn put(world: &World, created: Timestamp, mut object: Value) {
    object["metadata"]["creationTimestamp"] = json!(stamp(created));
    if let Ok(key) = Key::for_object(&object) {
        let _ = world.store.create(key, object);
    }
}

/// Roles and bindings for exactly what the scenario's user may do.
fn allow(world: &World, created: Timestamp, access: &Access) {
    for (index, rule) in access.allow.iter().enumerate() {
        let groups = if rule.groups.is_empty() {
            vec!["*".to_owned()]
        } else {
            rule.groups.clone()
        };
        let rules = json!([{"apiGroups": groups, "resources": rule.resources, "verbs": rule.verbs}]);
        let name = format!("{}-{index}", access.user.replace([':', '@', ' '], "-"));
        let subjects =
            json!([{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": access.user}]);
        let make = |kind: &str, namespace: Option<&str>| {
            let mut role = json!({
                "apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": {"name": name}, "rules": rules,
            });
            let mut binding = json!({
                "apiVersion": "rbac.authorization.k8s.io/v1", "kind": format!("{kind}Binding"), "metadata": {"name": name},
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name}, "subjects": subjects,
            });
            if let Some(namespace) = namespace {
                ensure_namespace(&world.store, namespace, created);
                role["metadata"]["namespace"] = json!(namespace);
                binding["metadata"]["namespace"] = json!(namespace);
            }
            put(world, created, role);
            put(world, created, binding);
        };
        if rule.namespaces.is_empty() {
            make("ClusterRole", None);
        } else {
            rule.namespaces
                .iter()
                .for_each(|namespace| make("Role", Some(namespace)));
        }
    }
}
