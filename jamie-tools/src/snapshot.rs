//! A cluster at one moment: every kind that matters, trimmed, with what could not be looked at.

mod endpoints;
mod events;
mod index;
mod labels;
mod lookup;
mod manifests;
mod naming;
mod pods;
mod secret_keys;
mod services;
mod trim;

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use jiff::Timestamp;
use k8s_openapi::{
    api::{
        admissionregistration::v1::{MutatingWebhookConfiguration, ValidatingWebhookConfiguration},
        apps::v1::{DaemonSet, Deployment, ReplicaSet, StatefulSet},
        autoscaling::v2::HorizontalPodAutoscaler,
        batch::v1::{CronJob, Job},
        core::v1::{
            ConfigMap, Event, LimitRange, Namespace, Node, PersistentVolume, PersistentVolumeClaim, Pod,
            ResourceQuota, Service, ServiceAccount,
        },
        discovery::v1::EndpointSlice,
        networking::v1::{Ingress, IngressClass, NetworkPolicy},
        policy::v1::PodDisruptionBudget,
        scheduling::v1::PriorityClass,
        storage::v1::{StorageClass, VolumeAttachment},
    },
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
    kube_aggregator::pkg::apis::apiregistration::v1::APIService,
};

pub(crate) use self::{
    endpoints::needs_old_style,
    index::Index,
    pods::{claims, is_finished, is_ready, revision},
    secret_keys::certificate,
    trim::{cut, trim},
};
pub use self::{
    events::{count as event_count, object as event_object, time as event_time},
    labels::{Labels, matches as selector_matches, matches_labels},
    lookup::reference,
    services::EndpointState,
};

/// How much of a kind the snapshot holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Coverage {
    /// All of it.
    Complete,
    /// Only these namespaces; the rest may not be looked at.
    Namespaces(Vec<String>),
    /// We are not allowed to look.
    Forbidden,
    /// The server has no such kind.
    Missing,
    /// It could not be fetched: why.
    Failed(String),
}

/// A Secret without its values: they are dropped while the response is read.
#[derive(Debug, Clone, Default)]
pub struct SecretKeys {
    /// Name, namespace, UID, labels.
    pub metadata: ObjectMeta,
    /// `Opaque`, `kubernetes.io/tls`, …
    pub type_: Option<String>,
    /// The keys, with the size of each value in bytes.
    pub keys: BTreeMap<String, usize>,
    /// When the certificate in `tls.crt` (public by nature) ends, where there is a readable one.
    pub certificate_ends: Option<Timestamp>,
    /// The names that certificate is for.
    pub certificate_names: Vec<String>,
}

/// What a pod or node uses right now, from the metrics API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Use {
    /// Thousandths of a core.
    pub milli_cpu: u64,
    /// Bytes.
    pub memory: u64,
}

/// A cluster at one moment. Objects are trimmed of managed fields and large annotations.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// The context's name: which cluster.
    pub cluster: String,
    /// When it was taken.
    pub taken_at: Timestamp,
    /// The server's version: (1, 32).
    pub version: Option<(u32, u32)>,
    /// What is in it, per kind.
    pub coverage: BTreeMap<&'static str, Coverage>,
    /// Namespaces.
    pub namespaces: Vec<Arc<Namespace>>,
    /// Nodes.
    pub nodes: Vec<Arc<Node>>,
    /// Pods.
    pub pods: Vec<Arc<Pod>>,
    /// Events, oldest first.
    pub events: Vec<Arc<Event>>,
    /// Deployments.
    pub deployments: Vec<Arc<Deployment>>,
    /// ReplicaSets.
    pub replica_sets: Vec<Arc<ReplicaSet>>,
    /// StatefulSets.
    pub stateful_sets: Vec<Arc<StatefulSet>>,
    /// DaemonSets.
    pub daemon_sets: Vec<Arc<DaemonSet>>,
    /// Jobs.
    pub jobs: Vec<Arc<Job>>,
    /// CronJobs.
    pub cron_jobs: Vec<Arc<CronJob>>,
    /// Services.
    pub services: Vec<Arc<Service>>,
    /// EndpointSlices.
    pub endpoint_slices: Vec<Arc<EndpointSlice>>,
    /// Ingresses.
    pub ingresses: Vec<Arc<Ingress>>,
    /// IngressClasses.
    pub ingress_classes: Vec<Arc<IngressClass>>,
    /// NetworkPolicies.
    pub network_policies: Vec<Arc<NetworkPolicy>>,
    /// ConfigMaps, each value cut at a few kilobytes.
    pub config_maps: Vec<Arc<ConfigMap>>,
    /// Secrets, keys only.
    pub secrets: Vec<Arc<SecretKeys>>,
    /// ServiceAccounts.
    pub service_accounts: Vec<Arc<ServiceAccount>>,
    /// PersistentVolumeClaims.
    pub claims: Vec<Arc<PersistentVolumeClaim>>,
    /// PersistentVolumes.
    pub volumes: Vec<Arc<PersistentVolume>>,
    /// StorageClasses.
    pub storage_classes: Vec<Arc<StorageClass>>,
    /// VolumeAttachments.
    pub volume_attachments: Vec<Arc<VolumeAttachment>>,
    /// ResourceQuotas.
    pub quotas: Vec<Arc<ResourceQuota>>,
    /// LimitRanges.
    pub limit_ranges: Vec<Arc<LimitRange>>,
    /// HorizontalPodAutoscalers (read as autoscaling/v1 from servers without v2).
    pub autoscalers: Vec<Arc<HorizontalPodAutoscaler>>,
    /// PodDisruptionBudgets.
    pub disruption_budgets: Vec<Arc<PodDisruptionBudget>>,
    /// PriorityClasses.
    pub priority_classes: Vec<Arc<PriorityClass>>,
    /// Validating webhooks.
    pub validating_webhooks: Vec<Arc<ValidatingWebhookConfiguration>>,
    /// Mutating webhooks.
    pub mutating_webhooks: Vec<Arc<MutatingWebhookConfiguration>>,
    /// Aggregated APIs.
    pub api_services: Vec<Arc<APIService>>,
    /// Use by pod (namespace, name).
    pub pod_use: BTreeMap<(String, String), Use>,
    /// Use by node.
    pub node_use: BTreeMap<String, Use>,
    /// What could not be read in full, one sentence each: a malformed object, a list that was cut.
    pub notes: Vec<String>,
    /// Lookups, built on first use: objects must not change any more once one was asked for.
    pub(crate) index: OnceLock<Index>,
}
