//! A snapshot and a kind in, its objects as items out.

use jamie_core::ObjectRef;
use jiff::Timestamp;
use k8s_openapi::{
    Metadata, Resource,
    api::core::v1::{Container, PodSpec},
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};

use super::{
    item::{Item, Lacks},
    network, running, settings,
};
use crate::{Snapshot, snapshot::reference, wording};

/// The columns of a kind, between name and age.
pub(in crate::tools) fn headers(kind: &str) -> Vec<&'static str> {
    match kind {
        "Pod" => vec!["State", "Ready", "Restarts", "Node"],
        "Workload" => vec!["Kind", "Ready", "Images"],
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" => vec!["Ready", "Images"],
        "Job" => vec!["State", "Succeeded", "Images"],
        "CronJob" => vec!["Schedule", "Last run", "State"],
        "Service" => vec!["Type", "Address", "Ports", "Ready endpoints"],
        "Ingress" => vec!["Class", "Hosts", "Leads to"],
        "PersistentVolumeClaim" => vec!["State", "Size", "Class", "Volume"],
        "PersistentVolume" => vec!["State", "Size", "Class", "Claim"],
        "Node" => vec!["State", "CPU", "Memory", "Pods", "Version", "Taints"],
        "ConfigMap" | "Secret" => vec!["Type", "Keys"],
        "HorizontalPodAutoscaler" => vec!["Target", "Replicas", "Bounds"],
        "PodDisruptionBudget" => vec!["Allows", "Healthy"],
        "ResourceQuota" => vec!["Used"],
        "StorageClass" | "IngressClass" => vec!["Provided by", "Default"],
        "Namespace" => vec!["State", "Pods"],
        "NetworkPolicy" => vec!["Selects", "Types"],
        "EndpointSlice" => vec!["Service", "Endpoints"],
        "PriorityClass" => vec!["Value"],
        _ => Vec::new(),
    }
}

/// The objects of a kind.
pub(in crate::tools) fn collect(snapshot: &Snapshot, kind: &str, now: Timestamp) -> Vec<Item> {
    match kind {
        "Pod" => snapshot.pods.iter().map(|pod| running::pod(pod, now)).collect(),
        "Workload" => ["Deployment", "StatefulSet", "DaemonSet"]
            .into_iter()
            .flat_map(|kind| collect(snapshot, kind, now))
            .map(|mut item| {
                item.cells.insert(0, item.object.kind.clone());
                item
            })
            .collect(),
        "Deployment" => running::workloads(snapshot, &snapshot.deployments),
        "StatefulSet" => running::workloads(snapshot, &snapshot.stateful_sets),
        "DaemonSet" => running::workloads(snapshot, &snapshot.daemon_sets),
        "ReplicaSet" => running::workloads(snapshot, &snapshot.replica_sets),
        "Job" => snapshot.jobs.iter().map(|one| running::job(one)).collect(),
        "CronJob" => snapshot
            .cron_jobs
            .iter()
            .map(|one| running::cron(one, now))
            .collect(),
        "Node" => snapshot
            .nodes
            .iter()
            .map(|one| running::node(snapshot, one))
            .collect(),
        "Service" => snapshot
            .services
            .iter()
            .map(|one| network::service(snapshot, one))
            .collect(),
        "PersistentVolumeClaim" => snapshot.claims.iter().map(|one| settings::claim(one)).collect(),
        "Secret" => snapshot.secrets.iter().map(|one| settings::secret(one)).collect(),
        "Ingress" => snapshot
            .ingresses
            .iter()
            .map(|one| network::ingress(one))
            .collect(),
        "ConfigMap" => snapshot
            .config_maps
            .iter()
            .map(|one| settings::config_map(one))
            .collect(),
        "Namespace" => snapshot
            .namespaces
            .iter()
            .map(|one| settings::namespace(snapshot, one))
            .collect(),
        "PersistentVolume" => snapshot.volumes.iter().map(|one| settings::volume(one)).collect(),
        "HorizontalPodAutoscaler" => snapshot
            .autoscalers
            .iter()
            .map(|one| settings::autoscaler(one))
            .collect(),
        "PodDisruptionBudget" => snapshot
            .disruption_budgets
            .iter()
            .map(|one| settings::budget(one))
            .collect(),
        "ResourceQuota" => snapshot.quotas.iter().map(|one| settings::quota(one)).collect(),
        "StorageClass" => snapshot
            .storage_classes
            .iter()
            .map(|one| settings::storage_class(one))
            .collect(),
        "IngressClass" => snapshot
            .ingress_classes
            .iter()
            .map(|one| network::ingress_class(one))
            .collect(),
        "NetworkPolicy" => snapshot
            .network_policies
            .iter()
            .map(|one| network::policy(one))
            .collect(),
        "EndpointSlice" => snapshot
            .endpoint_slices
            .iter()
            .map(|one| network::slice(one))
            .collect(),
        "PriorityClass" => snapshot
            .priority_classes
            .iter()
            .map(|one| settings::priority(one))
            .collect(),
        "ServiceAccount" => snapshot
            .service_accounts
            .iter()
            .map(|one| item(one.as_ref()))
            .collect(),
        "LimitRange" => snapshot
            .limit_ranges
            .iter()
            .map(|one| item(one.as_ref()))
            .collect(),
        _ => Vec::new(),
    }
}

/// The objects of `kind` that belong to `target`; `None` when such a relation makes no sense.
pub(super) fn belonging(snapshot: &Snapshot, kind: &str, target: &ObjectRef) -> Option<Vec<ObjectRef>> {
    if target.kind == kind {
        return Some(vec![target.clone()]);
    }
    let pods = snapshot.pods_of(target);
    match kind {
        "Pod" => Some(pods.into_iter().map(|pod| reference(pod.as_ref())).collect()),
        "Node" => Some(
            pods.iter()
                .filter_map(|pod| pod.spec.as_ref()?.node_name.as_deref())
                .map(|node| ObjectRef::cluster("Node", node))
                .collect(),
        ),
        "Service" => Some(
            pods.iter()
                .flat_map(|pod| snapshot.services_of(pod))
                .map(|service| reference(service.as_ref()))
                .collect(),
        ),
        "Deployment" | "StatefulSet" | "DaemonSet" | "Workload" | "CronJob" | "Job" => {
            Some(pods.iter().map(|pod| snapshot.workload_of(pod)).collect())
        }
        "ReplicaSet" => {
            let deployment = snapshot.deployment(target.namespace.as_deref()?, &target.name)?;
            Some(
                snapshot
                    .replica_sets_of(deployment)
                    .into_iter()
                    .map(|set| reference(set.as_ref()))
                    .collect(),
            )
        }
        _ => None,
    }
}

pub(super) fn item<K: Resource + Metadata<Ty = ObjectMeta>>(object: &K) -> Item {
    Item::new(reference(object), object.metadata())
}

pub(super) fn images(spec: Option<&PodSpec>) -> Vec<String> {
    spec.into_iter()
        .flat_map(|spec| spec.init_containers.iter().flatten().chain(&spec.containers))
        .filter_map(|container| container.image.clone())
        .collect()
}

pub(super) fn lacks(spec: Option<&PodSpec>) -> Lacks {
    let Some(spec) = spec else { return Lacks::default() };
    let limit = |container: &Container, name: &str| {
        container
            .resources
            .as_ref()
            .and_then(|all| all.limits.as_ref())
            .is_some_and(|all| all.contains_key(name))
    };
    let request = |container: &Container, name: &str| {
        let asked = container
            .resources
            .as_ref()
            .and_then(|all| all.requests.as_ref())
            .is_some_and(|all| all.contains_key(name));
        asked || limit(container, name)
    };
    let any = |lacks: &dyn Fn(&Container) -> bool| spec.containers.iter().any(lacks);
    Lacks {
        cpu_limit: any(&|container| !limit(container, "cpu")),
        memory_limit: any(&|container| !limit(container, "memory")),
        cpu_request: any(&|container| !request(container, "cpu")),
        memory_request: any(&|container| !request(container, "memory")),
        readiness: any(&|container| container.readiness_probe.is_none()),
        liveness: any(&|container| container.liveness_probe.is_none()),
    }
}

/// An image without its registry and path.
pub(super) fn short_image(image: &str) -> String {
    image.rsplit('/').next().unwrap_or(image).to_owned()
}

pub(super) fn shown_images(images: &[String]) -> String {
    let short: Vec<String> = images.iter().map(|image| short_image(image)).collect();
    wording::list(&short, 3)
}

/// Marks the class that is taken where none is named.
pub(super) fn default_mark(metadata: &ObjectMeta, annotation: &str) -> String {
    let is_default = metadata
        .annotations
        .as_ref()
        .and_then(|all| all.get(annotation))
        .is_some_and(|value| value == "true");
    if is_default {
        "default".to_owned()
    } else {
        String::new()
    }
}
