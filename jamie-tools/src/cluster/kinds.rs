//! The kinds that a look takes in: where each lives, and how an item of it is read and trimmed.

use k8s_openapi::{
    ByteString, Metadata,
    api::core::v1::{ConfigMap, Event, Node},
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use serde::de::DeserializeOwned;

use super::listing::Kind;
use crate::snapshot::{SecretKeys, cut, trim};

/// Secrets that Helm keeps its releases in are large, and nobody mounts them.
pub(super) const SECRETS: Kind = Kind {
    query: "&fieldSelector=type%21%3Dhelm.sh%2Frelease.v1",
    ..Kind::new(CORE, "secrets", true)
};

/// Of a ConfigMap's value so much is kept: enough for the host names and keys that matter.
const MAX_VALUE: usize = 8 * 1024;

/// Of an event's message.
const MAX_MESSAGE: usize = 2 * 1024;

pub(super) const CORE: &str = "/api/v1";
pub(super) const APPS: &str = "/apis/apps/v1";
pub(super) const BATCH: &str = "/apis/batch/v1";
pub(super) const NETWORKING: &str = "/apis/networking.k8s.io/v1";
pub(super) const STORAGE: &str = "/apis/storage.k8s.io/v1";
pub(super) const ADMISSION: &str = "/apis/admissionregistration.k8s.io/v1";

pub(super) fn plain<K: DeserializeOwned + Metadata<Ty = ObjectMeta>>(
    item: &str,
) -> Result<K, serde_json::Error> {
    let mut object: K = serde_json::from_str(item)?;
    trim(object.metadata_mut());
    Ok(object)
}

pub(super) fn event(item: &str) -> Result<Event, serde_json::Error> {
    let mut event: Event = plain(item)?;
    event.metadata.managed_fields = None;
    if let Some(message) = &mut event.message {
        cut(message, MAX_MESSAGE);
    }
    Ok(event)
}

pub(super) fn node(item: &str) -> Result<Node, serde_json::Error> {
    let mut node: Node = plain(item)?;
    if let Some(status) = &mut node.status {
        status.images = None;
    }
    Ok(node)
}

pub(super) fn config_map(item: &str) -> Result<ConfigMap, serde_json::Error> {
    let mut map: ConfigMap = plain(item)?;
    for value in map.data.iter_mut().flat_map(|data| data.values_mut()) {
        cut(value, MAX_VALUE);
        value.shrink_to_fit();
    }
    for value in map.binary_data.iter_mut().flat_map(|data| data.values_mut()) {
        *value = ByteString::default();
    }
    Ok(map)
}

pub(super) fn secret(item: &str) -> Result<SecretKeys, serde_json::Error> {
    let mut secret: SecretKeys = serde_json::from_str(item)?;
    trim(&mut secret.metadata);
    Ok(secret)
}

/// The kinds of a look: field, type, how an item is read, name, base path, plural, namespaced or not.
macro_rules! kinds {
    ($then:ident) => {
        $then! {
            pods: Pod, plain, "Pod", CORE, "pods", true;
            events: Event, event, "Event", CORE, "events", true;
            replica_sets: ReplicaSet, plain, "ReplicaSet", APPS, "replicasets", true;
            config_maps: ConfigMap, config_map, "ConfigMap", CORE, "configmaps", true;
            deployments: Deployment, plain, "Deployment", APPS, "deployments", true;
            services: Service, plain, "Service", CORE, "services", true;
            endpoint_slices: EndpointSlice, plain, "EndpointSlice", "/apis/discovery.k8s.io/v1", "endpointslices", true;
            nodes: Node, node, "Node", CORE, "nodes", false;
            namespaces: Namespace, plain, "Namespace", CORE, "namespaces", false;
            stateful_sets: StatefulSet, plain, "StatefulSet", APPS, "statefulsets", true;
            daemon_sets: DaemonSet, plain, "DaemonSet", APPS, "daemonsets", true;
            jobs: Job, plain, "Job", BATCH, "jobs", true;
            cron_jobs: CronJob, plain, "CronJob", BATCH, "cronjobs", true;
            ingresses: Ingress, plain, "Ingress", NETWORKING, "ingresses", true;
            ingress_classes: IngressClass, plain, "IngressClass", NETWORKING, "ingressclasses", false;
            network_policies: NetworkPolicy, plain, "NetworkPolicy", NETWORKING, "networkpolicies", true;
            service_accounts: ServiceAccount, plain, "ServiceAccount", CORE, "serviceaccounts", true;
            claims: PersistentVolumeClaim, plain, "PersistentVolumeClaim", CORE, "persistentvolumeclaims", true;
            volumes: PersistentVolume, plain, "PersistentVolume", CORE, "persistentvolumes", false;
            storage_classes: StorageClass, plain, "StorageClass", STORAGE, "storageclasses", false;
            volume_attachments: VolumeAttachment, plain, "VolumeAttachment", STORAGE, "volumeattachments", false;
            quotas: ResourceQuota, plain, "ResourceQuota", CORE, "resourcequotas", true;
            limit_ranges: LimitRange, plain, "LimitRange", CORE, "limitranges", true;
            disruption_budgets: PodDisruptionBudget, plain, "PodDisruptionBudget", "/apis/policy/v1", "poddisruptionbudgets", true;
            priority_classes: PriorityClass, plain, "PriorityClass", "/apis/scheduling.k8s.io/v1", "priorityclasses", false;
            validating_webhooks: ValidatingWebhookConfiguration, plain, "ValidatingWebhookConfiguration", ADMISSION, "validatingwebhookconfigurations", false;
            mutating_webhooks: MutatingWebhookConfiguration, plain, "MutatingWebhookConfiguration", ADMISSION, "mutatingwebhookconfigurations", false;
            api_services: APIService, plain, "APIService", "/apis/apiregistration.k8s.io/v1", "apiservices", false;
        }
    };
}
pub(super) use kinds;
