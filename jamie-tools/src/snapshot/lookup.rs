//! Objects by name: binary search, since every list is sorted by namespace and name.

use std::sync::Arc;

use jamie_core::ObjectRef;
use k8s_openapi::{
    Metadata, Resource,
    api::{
        apps::v1::{DaemonSet, Deployment, ReplicaSet, StatefulSet},
        autoscaling::v2::HorizontalPodAutoscaler,
        batch::v1::{CronJob, Job},
        core::v1::{
            ConfigMap, LimitRange, Namespace, Node, PersistentVolume, PersistentVolumeClaim, Pod,
            ResourceQuota, Service, ServiceAccount,
        },
        networking::v1::{Ingress, IngressClass, NetworkPolicy},
        policy::v1::PodDisruptionBudget,
        scheduling::v1::PriorityClass,
        storage::v1::StorageClass,
    },
    apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta},
};

use super::{Coverage, SecretKeys, Snapshot};

/// The address of a typed object.
pub fn reference<K: Resource + Metadata<Ty = ObjectMeta>>(object: &K) -> ObjectRef {
    let metadata = object.metadata();
    ObjectRef {
        kind: K::KIND.to_owned(),
        namespace: metadata.namespace.clone(),
        name: metadata.name.clone().unwrap_or_default(),
        uid: metadata.uid.clone(),
    }
}

/// Namespace and name, for sorting and finding.
pub(super) fn address(metadata: &ObjectMeta) -> (&str, &str) {
    (
        metadata.namespace.as_deref().unwrap_or_default(),
        metadata.name.as_deref().unwrap_or_default(),
    )
}

fn find<'a, K: Metadata<Ty = ObjectMeta>>(
    list: &'a [Arc<K>],
    namespace: &str,
    name: &str,
) -> Option<&'a Arc<K>> {
    let position = list
        .binary_search_by(|one| address(one.metadata()).cmp(&(namespace, name)))
        .ok()?;
    list.get(position)
}

/// The stretch of a sorted list that belongs to a namespace.
pub(super) fn within<'a, K>(
    list: &'a [Arc<K>],
    namespace: &str,
    metadata: impl Fn(&K) -> &ObjectMeta,
) -> &'a [Arc<K>] {
    let from = list.partition_point(|one| address(metadata(one)).0 < namespace);
    let to = list.partition_point(|one| address(metadata(one)).0 <= namespace);
    list.get(from..to).unwrap_or_default()
}

macro_rules! namespaced {
    ($($accessor:ident, $list:ident, $kind:ty, $what:literal;)*) => {
        impl Snapshot {
            $(
                #[doc = concat!("The ", $what, " of that namespace and name.")]
                pub fn $accessor(&self, namespace: &str, name: &str) -> Option<&Arc<$kind>> {
                    find(&self.$list, namespace, name)
                }
            )*
        }
    };
}

macro_rules! cluster_wide {
    ($($accessor:ident, $list:ident, $kind:ty, $what:literal;)*) => {
        impl Snapshot {
            $(
                #[doc = concat!("The ", $what, " of that name.")]
                pub fn $accessor(&self, name: &str) -> Option<&Arc<$kind>> {
                    find(&self.$list, "", name)
                }
            )*
        }
    };
}

namespaced! {
    pod, pods, Pod, "Pod";
    deployment, deployments, Deployment, "Deployment";
    replica_set, replica_sets, ReplicaSet, "ReplicaSet";
    stateful_set, stateful_sets, StatefulSet, "StatefulSet";
    daemon_set, daemon_sets, DaemonSet, "DaemonSet";
    job, jobs, Job, "Job";
    cron_job, cron_jobs, CronJob, "CronJob";
    service, services, Service, "Service";
    ingress, ingresses, Ingress, "Ingress";
    network_policy, network_policies, NetworkPolicy, "NetworkPolicy";
    config_map, config_maps, ConfigMap, "ConfigMap";
    service_account, service_accounts, ServiceAccount, "ServiceAccount";
    claim, claims, PersistentVolumeClaim, "PersistentVolumeClaim";
    quota, quotas, ResourceQuota, "ResourceQuota";
    limit_range, limit_ranges, LimitRange, "LimitRange";
    autoscaler, autoscalers, HorizontalPodAutoscaler, "HorizontalPodAutoscaler";
    disruption_budget, disruption_budgets, PodDisruptionBudget, "PodDisruptionBudget";
}

cluster_wide! {
    namespace, namespaces, Namespace, "Namespace";
    node, nodes, Node, "Node";
    volume, volumes, PersistentVolume, "PersistentVolume";
    storage_class, storage_classes, StorageClass, "StorageClass";
    ingress_class, ingress_classes, IngressClass, "IngressClass";
    priority_class, priority_classes, PriorityClass, "PriorityClass";
}

impl SecretKeys {
    /// The Secret's address.
    pub fn reference(&self) -> ObjectRef {
        ObjectRef {
            kind: "Secret".to_owned(),
            namespace: self.metadata.namespace.clone(),
            name: self.metadata.name.clone().unwrap_or_default(),
            uid: self.metadata.uid.clone(),
        }
    }
}

impl Snapshot {
    /// The Secret of that namespace and name, keys only.
    pub fn secret(&self, namespace: &str, name: &str) -> Option<&Arc<SecretKeys>> {
        let position = self
            .secrets
            .binary_search_by(|one| address(&one.metadata).cmp(&(namespace, name)))
            .ok()?;
        self.secrets.get(position)
    }

    /// Whether the snapshot holds all objects of a kind (in a namespace, or everywhere with `None`).
    ///
    /// When it does not, "it is not there" must not be said.
    pub fn may_see(&self, kind: &str, namespace: Option<&str>) -> bool {
        match self.coverage.get(kind) {
            Some(Coverage::Complete) => true,
            Some(Coverage::Namespaces(seen)) => {
                namespace.is_some_and(|namespace| seen.iter().any(|one| one == namespace))
            }
            Some(Coverage::Forbidden | Coverage::Missing | Coverage::Failed(_)) | None => false,
        }
    }

    /// Whether an object is in the snapshot; `None` when it may not be looked at or its kind is not held.
    pub fn exists(&self, object: &ObjectRef) -> Option<bool> {
        let namespace = object.namespace.as_deref().unwrap_or_default();
        let name = object.name.as_str();
        let found = match object.kind.as_str() {
            "Pod" => self.pod(namespace, name).is_some(),
            "Deployment" => self.deployment(namespace, name).is_some(),
            "ReplicaSet" => self.replica_set(namespace, name).is_some(),
            "StatefulSet" => self.stateful_set(namespace, name).is_some(),
            "DaemonSet" => self.daemon_set(namespace, name).is_some(),
            "Job" => self.job(namespace, name).is_some(),
            "CronJob" => self.cron_job(namespace, name).is_some(),
            "Service" => self.service(namespace, name).is_some(),
            "Ingress" => self.ingress(namespace, name).is_some(),
            "NetworkPolicy" => self.network_policy(namespace, name).is_some(),
            "ConfigMap" => self.config_map(namespace, name).is_some(),
            "Secret" => self.secret(namespace, name).is_some(),
            "ServiceAccount" => self.service_account(namespace, name).is_some(),
            "PersistentVolumeClaim" => self.claim(namespace, name).is_some(),
            "ResourceQuota" => self.quota(namespace, name).is_some(),
            "LimitRange" => self.limit_range(namespace, name).is_some(),
            "HorizontalPodAutoscaler" => self.autoscaler(namespace, name).is_some(),
            "PodDisruptionBudget" => self.disruption_budget(namespace, name).is_some(),
            "Namespace" => self.namespace(name).is_some(),
            "Node" => self.node(name).is_some(),
            "PersistentVolume" => self.volume(name).is_some(),
            "StorageClass" => self.storage_class(name).is_some(),
            "IngressClass" => self.ingress_class(name).is_some(),
            "PriorityClass" => self.priority_class(name).is_some(),
            _ => return None,
        };
        (found || self.may_see(&object.kind, object.namespace.as_deref())).then_some(found)
    }

    /// The selector of a workload that has one.
    pub fn selector_of(&self, object: &ObjectRef) -> Option<&LabelSelector> {
        let namespace = object.namespace.as_deref().unwrap_or_default();
        match object.kind.as_str() {
            "Deployment" => Some(&self.deployment(namespace, &object.name)?.spec.selector),
            "ReplicaSet" => Some(&self.replica_set(namespace, &object.name)?.spec.selector),
            "StatefulSet" => Some(&self.stateful_set(namespace, &object.name)?.spec.selector),
            "DaemonSet" => Some(&self.daemon_set(namespace, &object.name)?.spec.selector),
            _ => None,
        }
    }

    /// Sorts every list, which lookups rely on. Whoever fills a snapshot calls it last.
    pub(crate) fn sort(&mut self) {
        macro_rules! by_address {
            ($($list:ident),*) => {
                $( self.$list.sort_by(|a, b| address(&a.metadata).cmp(&address(&b.metadata))); )*
            };
        }
        by_address!(
            namespaces,
            nodes,
            pods,
            deployments,
            replica_sets,
            stateful_sets,
            daemon_sets,
            jobs,
            cron_jobs,
            services,
            endpoint_slices,
            ingresses,
            ingress_classes,
            network_policies,
            config_maps,
            secrets,
            service_accounts,
            claims,
            volumes,
            storage_classes,
            volume_attachments,
            quotas,
            limit_ranges,
            autoscalers,
            disruption_budgets,
            priority_classes,
            validating_webhooks,
            mutating_webhooks,
            api_services
        );
        self.events.sort_by_cached_key(|event| super::events::time(event));
        self.index = std::sync::OnceLock::new();
    }

    /// The same objects, shared, so that something can be added to the copy.
    pub(crate) fn shallow_clone(&self) -> Self {
        macro_rules! copy {
            ($($field:ident),*) => {
                Self { $( $field: self.$field.clone(), )* index: std::sync::OnceLock::new() }
            };
        }
        copy!(
            cluster,
            taken_at,
            version,
            coverage,
            namespaces,
            nodes,
            pods,
            events,
            deployments,
            replica_sets,
            stateful_sets,
            daemon_sets,
            jobs,
            cron_jobs,
            services,
            endpoint_slices,
            ingresses,
            ingress_classes,
            network_policies,
            config_maps,
            secrets,
            service_accounts,
            claims,
            volumes,
            storage_classes,
            volume_attachments,
            quotas,
            limit_ranges,
            autoscalers,
            disruption_budgets,
            priority_classes,
            validating_webhooks,
            mutating_webhooks,
            api_services,
            pod_use,
            node_use,
            notes
        )
    }
}
