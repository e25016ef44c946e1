//! What the tools read, as the permissions that they need.

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
