//! A workload in, the pod it makes out, also where none was made yet.

use jamie_core::ObjectRef;
use k8s_openapi::api::core::v1::{Pod, PodSpec, PodTemplateSpec};

use crate::Snapshot;

/// The pod template of a workload.
pub fn template_of<'a>(snapshot: &'a Snapshot, object: &ObjectRef) -> Option<&'a PodTemplateSpec> {
    let namespace = object.namespace.as_deref().unwrap_or_default();
    let name = object.name.as_str();
    match object.kind.as_str() {
        "Deployment" => Some(&snapshot.deployment(namespace, name)?.spec.template),
        "StatefulSet" => Some(&snapshot.stateful_set(namespace, name)?.spec.template),
        "DaemonSet" => Some(&snapshot.daemon_set(namespace, name)?.spec.template),
        "ReplicaSet" => snapshot.replica_set(namespace, name)?.spec.template.as_ref(),
        "Job" => Some(&snapshot.job(namespace, name)?.spec.as_ref()?.template),
        "CronJob" => Some(
            &snapshot
                .cron_job(namespace, name)?
                .spec
                .job_template
                .spec
                .as_ref()?
                .template,
        ),
        _ => None,
    }
}

/// A pod as the workload would make it: not in the cluster, but good enough to reason about.
pub fn imagined_pod(snapshot: &Snapshot, object: &ObjectRef) -> Option<Pod> {
    let template = template_of(snapshot, object)?;
    let mut metadata = template.metadata.clone().unwrap_or_default();
    metadata.namespace.clone_from(&object.namespace);
    metadata.name = Some(object.name.clone());
    Some(Pod {
        metadata,
        spec: template.spec.clone(),
        status: None,
    })
}

/// The ConfigMaps, Secrets, claims and the service account that a pod spec names: kind and name.
pub fn references(spec: &PodSpec) -> Vec<(&'static str, String)> {
    let mut all: Vec<(&'static str, String)> = Vec::new();
    for container in spec
        .containers
        .iter()
        .chain(spec.init_containers.iter().flatten())
    {
        for source in container.env_from.iter().flatten() {
            all.extend(
                source
                    .config_map_ref
                    .iter()
                    .map(|map| ("ConfigMap", map.name.clone())),
            );
            all.extend(
                source
                    .secret_ref
                    .iter()
                    .map(|secret| ("Secret", secret.name.clone())),
            );
        }
        for from in container
            .env
            .iter()
            .flatten()
            .filter_map(|one| one.value_from.as_ref())
        {
            all.extend(
                from.config_map_key_ref
                    .iter()
                    .map(|key| ("ConfigMap", key.name.clone())),
            );
            all.extend(from.secret_key_ref.iter().map(|key| ("Secret", key.name.clone())));
        }
    }
    for volume in spec.volumes.iter().flatten() {
        all.extend(
            volume
                .config_map
                .iter()
                .map(|map| ("ConfigMap", map.name.clone())),
        );
        all.extend(
            volume
                .secret
                .iter()
                .filter_map(|secret| Some(("Secret", secret.secret_name.clone()?))),
        );
        all.extend(
            volume
                .persistent_volume_claim
                .iter()
                .map(|claim| ("PersistentVolumeClaim", claim.claim_name.clone())),
        );
        for source in volume
            .projected
            .iter()
            .flat_map(|projected| projected.sources.iter().flatten())
        {
            all.extend(
                source
                    .config_map
                    .iter()
                    .map(|map| ("ConfigMap", map.name.clone())),
            );
            all.extend(source.secret.iter().map(|secret| ("Secret", secret.name.clone())));
        }
        all.extend(
            volume
                .csi
                .iter()
                .filter_map(|csi| csi.node_publish_secret_ref.as_ref())
                .map(|secret| ("Secret", secret.name.clone())),
        );
    }
    all.extend(
        spec.image_pull_secrets
            .iter()
            .flatten()
            .map(|secret| ("Secret", secret.name.clone())),
    );
    let account = spec.service_account_name.clone().filter(|name| !name.is_empty());
    all.push(("ServiceAccount", account.unwrap_or_else(|| "default".to_owned())));
    all.retain(|(_, name)| !name.is_empty());
    all.sort();
    all.dedup();
    all
}
