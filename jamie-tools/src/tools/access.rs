//! What the tools read and change, as the permissions that they need.

use serde::Serialize;

/// One permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Permission {
    /// The API group; empty for the core one.
    pub group: &'static str,
    /// The resource, in the plural, with its subresource: `pods/log`.
    pub resource: &'static str,
    /// The verb: `list`, `get`, `create`.
    pub verb: &'static str,
    /// What is lost without it, a few words.
    pub used_for: &'static str,
    /// Whether Jamie is of little use without it.
    pub is_essential: bool,
}

/// What is listed, with its group, what for, and whether it is essential.
const LISTED: [(&str, &str, &str, bool); 29] = [
    ("", "namespaces", "names of namespaces", true),
    ("", "nodes", "the state and room of nodes", true),
    ("", "pods", "everything about pods", true),
    ("", "events", "what the cluster says happened", true),
    ("apps", "deployments", "workloads", true),
    ("apps", "replicasets", "revisions and what changed", true),
    ("apps", "statefulsets", "workloads", true),
    ("apps", "daemonsets", "workloads", true),
    ("batch", "jobs", "jobs", true),
    ("batch", "cronjobs", "scheduled jobs", true),
    ("", "services", "how apps are reached", true),
    (
        "discovery.k8s.io",
        "endpointslices",
        "who stands behind a Service",
        false,
    ),
    (
        "networking.k8s.io",
        "ingresses",
        "how apps are reached from outside",
        false,
    ),
    (
        "networking.k8s.io",
        "ingressclasses",
        "how apps are reached from outside",
        false,
    ),
    (
        "networking.k8s.io",
        "networkpolicies",
        "what may talk to what",
        false,
    ),
    ("", "configmaps", "missing settings and keys", false),
    (
        "",
        "secrets",
        "missing Secrets and keys, certificates that end; values are dropped unread",
        false,
    ),
    ("", "serviceaccounts", "missing service accounts", false),
    ("", "persistentvolumeclaims", "storage", false),
    ("", "persistentvolumes", "storage", false),
    ("storage.k8s.io", "storageclasses", "storage", false),
    (
        "storage.k8s.io",
        "volumeattachments",
        "volumes that cannot be attached",
        false,
    ),
    ("", "resourcequotas", "quotas that are used up", false),
    ("", "limitranges", "limits that reject pods", false),
    ("autoscaling", "horizontalpodautoscalers", "autoscalers", false),
    (
        "policy",
        "poddisruptionbudgets",
        "budgets that block drains",
        false,
    ),
    ("scheduling.k8s.io", "priorityclasses", "preemption", false),
    (
        "admissionregistration.k8s.io",
        "validatingwebhookconfigurations",
        "webhooks that reject or hang",
        false,
    ),
    (
        "admissionregistration.k8s.io",
        "mutatingwebhookconfigurations",
        "webhooks that reject or hang",
        false,
    ),
];

/// The permissions that all reading tools together use, for `jamie doctor` and for writing a role.
pub fn required_access() -> Vec<Permission> {
    let mut all: Vec<Permission> = LISTED
        .iter()
        .map(|(group, resource, used_for, is_essential)| Permission {
            group,
            resource,
            verb: "list",
            used_for,
            is_essential: *is_essential,
        })
        .collect();
    let more = [
        (
            "apiregistration.k8s.io",
            "apiservices",
            "list",
            "aggregated APIs that are down",
            false,
        ),
        ("", "pods/log", "get", "reading logs", true),
        ("metrics.k8s.io", "pods", "list", "what pods use right now", false),
        (
            "metrics.k8s.io",
            "nodes",
            "list",
            "what nodes use right now",
            false,
        ),
        (
            "authorization.k8s.io",
            "selfsubjectaccessreviews",
            "create",
            "telling what you may do",
            false,
        ),
        (
            "authorization.k8s.io",
            "subjectaccessreviews",
            "create",
            "telling what others may do",
            false,
        ),
    ];
    all.extend(
        more.into_iter()
            .map(|(group, resource, verb, used_for, is_essential)| Permission {
                group,
                resource,
                verb,
                used_for,
                is_essential,
            }),
    );
    all
}

/// What is changed, with its group, the verbs, and what for.
const CHANGED: [(&str, &str, &[&str], &str); 21] = [
    ("apps", "deployments", &["create", "patch", "delete"], "scaling, restarting, rolling back, images and resources"),
    ("apps", "statefulsets", &["create", "patch", "delete"], "the same for StatefulSets"),
    ("apps", "daemonsets", &["create", "patch", "delete"], "the same for DaemonSets"),
    ("apps", "controllerrevisions", &["list"], "rolling StatefulSets and DaemonSets back"),
    ("batch", "cronjobs", &["create", "patch", "delete"], "suspending and resuming schedules"),
    ("batch", "jobs", &["create", "patch", "delete"], "running a CronJob now"),
    ("", "pods", &["create", "patch", "delete"], "replacing and cleaning up pods"),
    ("", "pods/eviction", &["create"], "draining nodes within disruption budgets"),
    ("", "nodes", &["patch"], "cordoning and draining nodes"),
    ("", "services", &["create", "patch", "delete"], "pointing Services at the right pods"),
    ("", "configmaps", &["create", "patch", "delete"], "settings"),
    ("", "serviceaccounts", &["create", "patch", "delete"], "accounts of manifests that are applied"),
    ("", "persistentvolumeclaims", &["create", "patch", "delete"], "growing volumes"),
    ("", "namespaces", &["create", "patch"], "new namespaces"),
    ("autoscaling", "horizontalpodautoscalers", &["create", "patch", "delete"], "autoscalers"),
    ("networking.k8s.io", "networkpolicies", &["create", "patch", "delete"], "who may talk to whom"),
    ("networking.k8s.io", "ingresses", &["create", "patch", "delete"], "manifests that are applied"),
    ("policy", "poddisruptionbudgets", &["create", "patch", "delete"], "manifests that are applied"),
    ("rbac.authorization.k8s.io", "roles", &["get", "create", "patch", "delete"], "granting a missing permission"),
    ("rbac.authorization.k8s.io", "rolebindings", &["get", "create", "patch", "delete"], "granting a missing permission"),
    ("argoproj.io", "applications", &["list"], "telling who would put a change back"),
];

/// The permissions that the changing tools use beyond those that read: `deploy/clusterrole-actions.yaml`. Where
/// people are impersonated, Jamie itself needs none of these but the right to impersonate them.
pub fn required_access_to_act() -> Vec<Permission> {
    CHANGED
        .iter()
        .flat_map(|(group, resource, verbs, used_for)| {
            verbs.iter().map(|verb| Permission {
                group,
                resource,
                verb,
                used_for,
                is_essential: false,
            })
        })
        .collect()
}
