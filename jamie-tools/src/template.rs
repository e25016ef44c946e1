//! A workload in, the pod it makes out, also where none was made yet.

use jamie_core::ObjectRef;
use k8s_openapi::api::core::v1::{Pod, PodTemplateSpec};

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
