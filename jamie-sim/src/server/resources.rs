//! The table of resource types: group, versions, names and abilities of every kind the server
//! knows. Custom types are made from their CustomResourceDefinition.

use std::sync::LazyLock;

use serde_json::Value;

/// One kind of object that the API serves.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResourceType {
    /// The API group; empty for the core group.
    pub group: String,
    /// The served versions, preferred one first.
    pub versions: Vec<String>,
    /// The kind, such as `Deployment`.
    pub kind: String,
    /// The name in paths, such as `deployments`.
    pub plural: String,
    /// The name in messages, such as `deployment`.
    pub singular: String,
    /// Short names that kubectl understands.
    pub short: Vec<String>,
    /// Groups of kinds, such as `all`.
    pub categories: Vec<String>,
    /// Whether objects live in namespaces.
    pub namespaced: bool,
    /// What else can be reached under an object.
    pub subresources: Vec<String>,
    /// Columns of a custom type: name, type, JSON path, priority.
    pub columns: Vec<Column>,
}

/// A column that a custom type wants to be shown with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The heading.
    pub name: String,
    /// `string`, `integer`, `date` …
    pub kind: String,
    /// Where the value is, such as `.spec.size`.
    pub path: String,
    /// Above zero: only in wide output.
    pub priority: i64,
}

impl ResourceType {
    /// The kind of its lists.
    pub(crate) fn list_kind(&self) -> String {
        format!("{}List", self.kind)
    }

    pub(crate) fn api_version(&self, version: &str) -> String {
        if self.group.is_empty() {
            version.to_owned()
        } else {
            format!("{}/{version}", self.group)
        }
    }

    pub(crate) fn has(&self, subresource: &str) -> bool {
        self.subresources.iter().any(|one| one == subresource)
    }

    /// Reviews can only be created: they are questions, not things.
    pub(crate) fn is_question(&self) -> bool {
        matches!(
            self.group.as_str(),
            "authorization.k8s.io" | "authentication.k8s.io"
        )
    }

    pub(crate) fn verbs(&self) -> &'static [&'static str] {
        if self.is_question() {
            &["create"]
        } else if self.group == METRICS {
            &["get", "list"]
        } else {
            &[
                "create",
                "delete",
                "deletecollection",
                "get",
                "list",
                "patch",
                "update",
                "watch",
            ]
        }
    }
}

pub(crate) const METRICS: &str = "metrics.k8s.io";

// group, versions, kind, plural, short names, categories, namespaced, subresources
type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    bool,
    &'static str,
);

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("", "v1", "Binding", "bindings", "", "", true, ""),
    ("", "v1", "ComponentStatus", "componentstatuses", "cs", "", false, ""),
    ("", "v1", "ConfigMap", "configmaps", "cm", "", true, ""),
    ("", "v1", "Endpoints", "endpoints", "ep", "", true, ""),
    ("", "v1", "Event", "events", "ev", "", true, ""),
    ("", "v1", "LimitRange", "limitranges", "limits", "", true, ""),
    ("", "v1", "Namespace", "namespaces", "ns", "", false, "status finalize"),
    ("", "v1", "Node", "nodes", "no", "", false, "status proxy"),
    ("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", "pvc", "", true, "status"),
    ("", "v1", "PersistentVolume", "persistentvolumes", "pv", "", false, "status"),
    ("", "v1", "Pod", "pods", "po", "all", true, "status log eviction binding attach exec portforward proxy ephemeralcontainers resize"),
    ("", "v1", "PodTemplate", "podtemplates", "", "", true, ""),
    ("", "v1", "ReplicationController", "replicationcontrollers", "rc", "all", true, "status scale"),
    ("", "v1", "ResourceQuota", "resourcequotas", "quota", "", true, "status"),
    ("", "v1", "Secret", "secrets", "", "", true, ""),
    ("", "v1", "ServiceAccount", "serviceaccounts", "sa", "", true, "token"),
    ("", "v1", "Service", "services", "svc", "all", true, "status proxy"),
    ("admissionregistration.k8s.io", "v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", "", "api-extensions", false, ""),
    ("admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", "", "api-extensions", false, ""),
    ("admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicy", "validatingadmissionpolicies", "", "api-extensions", false, "status"),
    ("admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", "", "api-extensions", false, ""),
    ("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", "crd crds", "api-extensions", false, "status"),
    ("apiregistration.k8s.io", "v1", "APIService", "apiservices", "", "api-extensions", false, "status"),
    ("apps", "v1", "ControllerRevision", "controllerrevisions", "", "", true, ""),
    ("apps", "v1", "DaemonSet", "daemonsets", "ds", "all", true, "status"),
    ("apps", "v1", "Deployment", "deployments", "deploy", "all", true, "status scale"),
    ("apps", "v1", "ReplicaSet", "replicasets", "rs", "all", true, "status scale"),
    ("apps", "v1", "StatefulSet", "statefulsets", "sts", "all", true, "status scale"),
    ("authentication.k8s.io", "v1", "TokenReview", "tokenreviews", "", "", false, ""),
    ("authentication.k8s.io", "v1", "SelfSubjectReview", "selfsubjectreviews", "", "", false, ""),
    ("authorization.k8s.io", "v1", "LocalSubjectAccessReview", "localsubjectaccessreviews", "", "", true, ""),
    ("authorization.k8s.io", "v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews", "", "", false, ""),
    ("authorization.k8s.io", "v1", "SelfSubjectRulesReview", "selfsubjectrulesreviews", "", "", false, ""),
    ("authorization.k8s.io", "v1", "SubjectAccessReview", "subjectaccessreviews", "", "", false, ""),
    ("autoscaling", "v2 v1 v2beta2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", "hpa", "all", true, "status"),
    ("batch", "v1 v1beta1", "CronJob", "cronjobs", "cj", "all", true, "status"),
    ("batch", "v1", "Job", "jobs", "", "all", true, "status"),
    ("certificates.k8s.io", "v1", "CertificateSigningRequest", "certificatesigningrequests", "csr", "", false, "status approval"),
    ("coordination.k8s.io", "v1", "Lease", "leases", "", "", true, ""),
    ("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", "", "", true, ""),
    ("events.k8s.io", "v1", "Event", "events", "ev", "", true, ""),
    (METRICS, "v1beta1", "NodeMetrics", "nodes", "", "", false, ""),
    (METRICS, "v1beta1", "PodMetrics", "pods", "", "", true, ""),
    ("networking.k8s.io", "v1", "IngressClass", "ingressclasses", "", "", false, ""),
    ("networking.k8s.io", "v1", "Ingress", "ingresses", "ing", "", true, "status"),
    ("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", "netpol", "", true, ""),
    ("node.k8s.io", "v1", "RuntimeClass", "runtimeclasses", "", "", false, ""),
    ("policy", "v1 v1beta1", "PodDisruptionBudget", "poddisruptionbudgets", "pdb", "", true, "status"),
    ("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", "", "", false, ""),
    ("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", "", "", false, ""),
    ("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", "", "", true, ""),
    ("rbac.authorization.k8s.io", "v1", "Role", "roles", "", "", true, ""),
    ("scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses", "pc", "", false, ""),
    ("storage.k8s.io", "v1", "CSIDriver", "csidrivers", "", "", false, ""),
    ("storage.k8s.io", "v1", "CSINode", "csinodes", "", "", false, ""),
    ("storage.k8s.io", "v1", "CSIStorageCapacity", "csistoragecapacities", "", "", true, ""),
    ("storage.k8s.io", "v1", "StorageClass", "storageclasses", "sc", "", false, ""),
    ("storage.k8s.io", "v1", "VolumeAttachment", "volumeattachments", "", "", false, "status"),
];

static BUILT_IN: LazyLock<Vec<ResourceType>> = LazyLock::new(|| {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    ROWS.iter()
        .map(
            |&(group, versions, kind, plural, short, categories, namespaced, subresources)| ResourceType {
                group: group.to_owned(),
                versions: words(versions),
                kind: kind.to_owned(),
                plural: plural.to_owned(),
                singular: if group == METRICS {
                    String::new()
                } else {
                    kind.to_ascii_lowercase()
                },
                short: words(short),
                categories: words(categories),
                namespaced,
                subresources: words(subresources),
                columns: Vec::new(),
            },
        )
        .collect()
});

/// All built-in types.
pub(crate) fn built_in() -> &'static [ResourceType] {
    &BUILT_IN
}

/// The built-in type of a kind; versions do not matter.
pub(crate) fn by_kind(group: &str, kind: &str) -> Option<&'static ResourceType> {
    BUILT_IN.iter().find(|one| one.group == group && one.kind == kind)
}

/// The type that a CustomResourceDefinition describes.
pub(crate) fn custom_type(definition: &Value) -> Option<ResourceType> {
    let spec = definition.get("spec")?;
    let text = |value: &Value, field: &str| value.get(field).and_then(Value::as_str).map(str::to_owned);
    let list = |value: Option<&Value>| -> Vec<Value> {
        value.and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let words = |value: Option<&Value>| -> Vec<String> {
        list(value)
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    };
    let names = spec.get("names")?;
    let kind = text(names, "kind")?;
    let mut versions = list(spec.get("versions"));
    versions.retain(|version| version.get("served").and_then(Value::as_bool) != Some(false));
    // The storage version is the one that clients should meet first.
    versions.sort_by_key(|version| version.get("storage").and_then(Value::as_bool) != Some(true));
    let first = versions.first()?;
    let mut subresources = Vec::new();
    for name in ["status", "scale"] {
        if versions
            .iter()
            .any(|version| version.pointer(&format!("/subresources/{name}")).is_some())
        {
            subresources.push(name.to_owned());
        }
    }
    let printed = list(first.get("additionalPrinterColumns"));
    let columns = printed.iter().filter_map(|column| {
        Some(Column {
            name: text(column, "name")?,
            kind: text(column, "type").unwrap_or_else(|| "string".to_owned()),
            path: text(column, "jsonPath")?,
            priority: column.get("priority").and_then(Value::as_i64).unwrap_or(0),
        })
    });
    Some(ResourceType {
        group: text(spec, "group")?,
        columns: columns.collect(),
        versions: versions
            .iter()
            .filter_map(|version| text(version, "name"))
            .collect(),
        plural: text(names, "plural")?,
        singular: text(names, "singular").unwrap_or_else(|| kind.to_ascii_lowercase()),
        short: words(names.get("shortNames")),
        categories: words(names.get("categories")),
        namespaced: text(spec, "scope").as_deref() != Some("Cluster"),
        subresources,
        kind,
    })
}
