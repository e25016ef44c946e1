//! A word in, the kind it means out: kinds of the API by their names, plurals, short forms and nicknames.

/// Kind, and the words for it beside its own name in lower case, singular and plural.
static KINDS: &[(&str, &[&str])] = &[
    ("Pod", &["po", "pods", "pod's"]),
    ("Deployment", &["deploy", "deploys", "dep", "deps", "depl"]),
    ("StatefulSet", &["sts", "stateful-set", "stateful-sets"]),
    ("DaemonSet", &["ds", "daemon-set", "daemon-sets"]),
    ("ReplicaSet", &["rs", "replica-set", "replica-sets"]),
    ("ReplicationController", &["rc"]),
    ("Job", &[]),
    ("CronJob", &["cj", "cron", "crons", "cron-job", "cron-jobs"]),
    ("Service", &["svc", "svcs"]),
    ("Ingress", &["ing", "ingresses"]),
    ("Endpoints", &["ep", "endpoint"]),
    ("EndpointSlice", &["endpoint-slice"]),
    (
        "NetworkPolicy",
        &[
            "netpol",
            "netpols",
            "networkpolicies",
            "network-policy",
            "network-policies",
        ],
    ),
    ("ConfigMap", &["cm", "cms", "config-map", "config-maps"]),
    ("Secret", &[]),
    (
        "PersistentVolumeClaim",
        &["pvc", "pvcs", "claim", "claims", "volumeclaim"],
    ),
    ("PersistentVolume", &["pv", "pvs"]),
    ("StorageClass", &["sc", "storageclasses", "storage-class"]),
    ("Namespace", &["ns", "nses"]),
    ("Node", &["nodes", "machine", "machines"]),
    (
        "HorizontalPodAutoscaler",
        &["hpa", "hpas", "autoscaler", "autoscalers"],
    ),
    ("PodDisruptionBudget", &["pdb", "pdbs"]),
    ("ResourceQuota", &["quota", "quotas", "resource-quota"]),
    ("LimitRange", &["limits", "limit-range"]),
    ("ServiceAccount", &["sa", "service-account", "service-accounts"]),
    ("Role", &[]),
    ("ClusterRole", &["cluster-role"]),
    ("RoleBinding", &["role-binding"]),
    ("ClusterRoleBinding", &["cluster-role-binding"]),
    ("CustomResourceDefinition", &["crd", "crds"]),
    ("PriorityClass", &["pc", "priorityclasses"]),
    ("ValidatingWebhookConfiguration", &["webhook", "webhooks"]),
    ("APIService", &[]),
    ("VolumeAttachment", &[]),
];

/// Two words that are one kind.
static SPACED: &[(&str, &str, &str)] = &[
    ("stateful", "set", "StatefulSet"),
    ("daemon", "set", "DaemonSet"),
    ("replica", "set", "ReplicaSet"),
    ("cron", "job", "CronJob"),
    ("config", "map", "ConfigMap"),
    ("network", "policy", "NetworkPolicy"),
    ("network", "policies", "NetworkPolicy"),
    ("persistent", "volume", "PersistentVolume"),
    ("volume", "claim", "PersistentVolumeClaim"),
    ("storage", "class", "StorageClass"),
    ("storage", "classes", "StorageClass"),
    ("service", "account", "ServiceAccount"),
    ("disruption", "budget", "PodDisruptionBudget"),
    ("resource", "quota", "ResourceQuota"),
    ("limit", "range", "LimitRange"),
    ("pod", "autoscaler", "HorizontalPodAutoscaler"),
    ("cluster", "role", "ClusterRole"),
    ("role", "binding", "RoleBinding"),
    ("endpoint", "slice", "EndpointSlice"),
];

/// The kind that a word means, in the API's spelling.
pub(super) fn kind(word: &str) -> Option<&'static str> {
    // "limits" is far more often about requests and limits than about a LimitRange.
    if word == "limits" {
        return None;
    }
    let base = word.strip_suffix('s');
    KINDS
        .iter()
        .find(|(kind, short)| {
            kind.eq_ignore_ascii_case(word)
                || base.is_some_and(|base| kind.eq_ignore_ascii_case(base))
                || short.contains(&word)
        })
        .map(|(kind, _)| *kind)
}

/// The kind that two words mean together.
pub(super) fn spaced(first: &str, second: &str) -> Option<&'static str> {
    SPACED
        .iter()
        .find(|(a, b, _)| *a == first && (*b == second || second.strip_suffix('s') == Some(*b)))
        .map(|(.., kind)| *kind)
}

/// Every word for a kind that somebody may mistype.
pub(super) fn words() -> impl Iterator<Item = String> {
    KINDS.iter().flat_map(|(kind, short)| {
        let lower = kind.to_lowercase();
        [format!("{lower}s"), lower]
            .into_iter()
            .chain(short.iter().filter(|s| s.len() > 4).map(|s| (*s).to_owned()))
    })
}

/// Whether the kind runs pods and is what people mean by "app".
pub(super) fn is_workload(kind: &str) -> bool {
    matches!(
        kind,
        "Deployment" | "StatefulSet" | "DaemonSet" | "CronJob" | "Job" | "Rollout" | "ReplicationController"
    )
}

/// How likely a name means an object of this kind when nothing says which, 0 to 10.
pub(super) fn weight(kind: &str) -> f64 {
    match kind {
        "Deployment" | "StatefulSet" | "DaemonSet" | "Rollout" => 10.0,
        "CronJob" => 9.0,
        "Job" | "ReplicationController" => 8.5,
        "Namespace" | "Node" => 8.0,
        "Service" => 7.0,
        "Ingress" | "Gateway" | "HTTPRoute" => 6.0,
        "Pod" => 5.0,
        "ReplicaSet" => 3.0,
        "PersistentVolumeClaim" => 4.0,
        "HorizontalPodAutoscaler" | "PodDisruptionBudget" | "NetworkPolicy" => 2.5,
        "PersistentVolume" => 2.4,
        "ConfigMap" | "Secret" => 2.0,
        "Endpoints" | "EndpointSlice" | "ServiceAccount" => 1.0,
        _ => 3.5,
    }
}
