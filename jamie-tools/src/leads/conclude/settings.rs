//! What a container is given: its variables now and before, its Secrets, what is mounted where.

use jamie_core::ObjectRef;

use crate::{snapshot::Snapshot, template::template_of};

fn container_of<'a>(
    snapshot: &'a Snapshot,
    object: &ObjectRef,
    container: &str,
) -> Option<&'a k8s_openapi::api::core::v1::Container> {
    let spec = match template_of(snapshot, object) {
        Some(template) => template.spec.as_ref(),
        None => snapshot.pods_of(object).first().and_then(|pod| pod.spec.as_ref()),
    }?;
    spec.containers
        .iter()
        .chain(spec.init_containers.iter().flatten())
        .find(|one| one.name == container)
}

pub(super) fn is_set(snapshot: &Snapshot, object: &ObjectRef, container: &str, variable: &str) -> bool {
    container_of(snapshot, object, container)
        .is_some_and(|container| container.env.iter().flatten().any(|one| one.name == variable))
}

/// Where the revision before had the variable from.
pub(super) fn set_before(
    snapshot: &Snapshot,
    object: &ObjectRef,
    container: &str,
    variable: &str,
) -> Option<String> {
    if object.kind != "Deployment" || is_set(snapshot, object, container, variable) {
        return None;
    }
    let deployment = snapshot.deployment(object.namespace.as_deref()?, &object.name)?;
    snapshot
        .replica_sets_of(deployment)
        .into_iter()
        .skip(1)
        .find_map(|set| {
            let spec = set.spec.template.as_ref()?.spec.as_ref()?;
            let container = spec.containers.iter().find(|one| one.name == container)?;
            let found = container.env.iter().flatten().find(|one| one.name == variable)?;
            let source = found.value_from.as_ref();
            let map = source
                .and_then(|source| source.config_map_key_ref.as_ref())
                .map(|from| format!(" from ConfigMap `{}`", from.name));
            let secret = source
                .and_then(|source| source.secret_key_ref.as_ref())
                .map(|from| format!(" from Secret `{}`", from.name));
            Some(map.or(secret).unwrap_or_default())
        })
}

/// The Secrets that a container's variables come from.
pub(super) fn secrets_of(snapshot: &Snapshot, object: &ObjectRef, container: &str) -> Vec<String> {
    let Some(container) = container_of(snapshot, object, container) else {
        return Vec::new();
    };
    let keys = container.env.iter().flatten().filter_map(|variable| {
        let from = variable.value_from.as_ref()?.secret_key_ref.as_ref()?;
        Some(format!(
            "key `{}` of Secret `{}` (`{}`)",
            from.key, from.name, variable.name
        ))
    });
    let whole = container
        .env_from
        .iter()
        .flatten()
        .filter_map(|source| Some(format!("Secret `{}`", source.secret_ref.as_ref()?.name)));
    keys.chain(whole).collect()
}

/// What is mounted where the missing file should be.
pub(super) fn mounted(snapshot: &Snapshot, object: &ObjectRef, container: &str, path: &str) -> String {
    let Some(container) = container_of(snapshot, object, container) else {
        return String::new();
    };
    let mount = container
        .volume_mounts
        .iter()
        .flatten()
        .filter(|mount| path.starts_with(mount.mount_path.trim_end_matches('/')))
        .max_by_key(|mount| mount.mount_path.len());
    match mount {
        Some(mount) => format!(
            "The volume `{}` is mounted at `{}`, but does not hold that file",
            mount.name, mount.mount_path
        ),
        None => format!(
            "Nothing is mounted there: the file must be in the image, or in a volume that is missing ({path})"
        ),
    }
}
