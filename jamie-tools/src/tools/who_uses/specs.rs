//! A ConfigMap, Secret, claim, account or priority in; those whose pod specs name it, and how they use it, out.

use jamie_core::ObjectRef;
use k8s_openapi::api::core::v1::PodSpec;

use crate::{Snapshot, snapshot::reference, template, wording};

/// Everything that has a pod spec: workloads first, then pods that belong to none.
pub(super) fn users(snapshot: &Snapshot) -> Vec<(ObjectRef, PodSpec)> {
    let mut all: Vec<(ObjectRef, PodSpec)> = Vec::new();
    let workloads = snapshot
        .deployments
        .iter()
        .map(|one| reference(one.as_ref()))
        .chain(snapshot.stateful_sets.iter().map(|one| reference(one.as_ref())))
        .chain(snapshot.daemon_sets.iter().map(|one| reference(one.as_ref())))
        .chain(snapshot.cron_jobs.iter().map(|one| reference(one.as_ref())))
        .chain(
            snapshot
                .jobs
                .iter()
                .filter(|job| job.metadata.owner_references.as_ref().is_none_or(Vec::is_empty))
                .map(|one| reference(one.as_ref())),
        );
    for object in workloads {
        if let Some(spec) =
            template::template_of(snapshot, &object).and_then(|template| template.spec.clone())
        {
            all.push((object, spec));
        }
    }
    for pod in &snapshot.pods {
        let workload = snapshot.workload_of(pod);
        if !all.iter().any(|(object, _)| object.is_same(&workload))
            && let Some(spec) = &pod.spec
        {
            all.push((workload, spec.clone()));
        }
    }
    all
}

/// How a pod spec uses a ConfigMap, Secret, claim or account.
fn ways(spec: &PodSpec, kind: &str, name: &str) -> Vec<String> {
    let mut ways: Vec<String> = Vec::new();
    for container in spec
        .containers
        .iter()
        .chain(spec.init_containers.iter().flatten())
    {
        for source in container.env_from.iter().flatten() {
            let whole = match kind {
                "ConfigMap" => source.config_map_ref.as_ref().map(|one| &one.name),
                "Secret" => source.secret_ref.as_ref().map(|one| &one.name),
                _ => None,
            };
            if whole.is_some_and(|one| one == name) {
                ways.push(format!("all keys as variables of `{}`", container.name));
            }
        }
        for variable in container.env.iter().flatten() {
            let Some(from) = &variable.value_from else {
                continue;
            };
            let key = match kind {
                "ConfigMap" => from.config_map_key_ref.as_ref().map(|one| (&one.name, &one.key)),
                "Secret" => from.secret_key_ref.as_ref().map(|one| (&one.name, &one.key)),
                _ => None,
            };
            if let Some((_, key)) = key.filter(|(one, _)| *one == name) {
                ways.push(format!(
                    "key `{key}` as `{}` of `{}`",
                    variable.name, container.name
                ));
            }
        }
    }
    for volume in spec.volumes.iter().flatten() {
        let direct = match kind {
            "ConfigMap" => volume.config_map.as_ref().map(|one| one.name.as_str()),
            "Secret" => volume.secret.as_ref().and_then(|one| one.secret_name.as_deref()),
            "PersistentVolumeClaim" => volume
                .persistent_volume_claim
                .as_ref()
                .map(|one| one.claim_name.as_str()),
            _ => None,
        };
        let projected = volume
            .projected
            .iter()
            .flat_map(|one| one.sources.iter().flatten())
            .any(|source| match kind {
                "ConfigMap" => source.config_map.as_ref().is_some_and(|one| one.name == name),
                "Secret" => source.secret.as_ref().is_some_and(|one| one.name == name),
                _ => false,
            });
        if direct == Some(name) || projected {
            let at: Vec<String> = spec
                .containers
                .iter()
                .chain(spec.init_containers.iter().flatten())
                .flat_map(|container| container.volume_mounts.iter().flatten())
                .filter(|mount| mount.name == volume.name)
                .map(|mount| mount.mount_path.clone())
                .collect();
            ways.push(if at.is_empty() {
                "as a volume".to_owned()
            } else {
                format!("mounted at {}", wording::code_list(&at, 3))
            });
        }
    }
    match kind {
        "Secret"
            if spec
                .image_pull_secrets
                .iter()
                .flatten()
                .any(|one| one.name == name) =>
        {
            ways.push("to pull its images".to_owned());
        }
        "ServiceAccount"
            if spec
                .service_account_name
                .as_deref()
                .filter(|own| !own.is_empty())
                .unwrap_or("default")
                == name =>
        {
            ways.push("runs as it".to_owned());
        }
        "PriorityClass" if spec.priority_class_name.as_deref() == Some(name) => {
            ways.push("has that priority".to_owned());
        }
        _ => {}
    }
    ways.dedup();
    ways
}

/// Those whose pod spec names it.
pub(super) fn by_spec(snapshot: &Snapshot, target: &ObjectRef) -> Vec<(ObjectRef, String)> {
    users(snapshot)
        .into_iter()
        .filter(|(object, _)| target.kind == "PriorityClass" || object.namespace == target.namespace)
        .filter_map(|(object, spec)| {
            let how = ways(&spec, &target.kind, &target.name);
            (!how.is_empty()).then(|| (object, wording::list(&how, 5)))
        })
        .collect()
}
