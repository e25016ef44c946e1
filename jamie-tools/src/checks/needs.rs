//! A pod's spec in, every object by name that its pods need before they can start out.

use k8s_openapi::api::core::v1::{Container, KeyToPath, PodSpec, Volume};

/// One object that a pod spec names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Need {
    /// `ConfigMap`, `Secret`, `PersistentVolumeClaim`, `ServiceAccount`, `PriorityClass`.
    pub(crate) kind: &'static str,
    /// Its name.
    pub(crate) name: String,
    /// The key that must be in it.
    pub(crate) key: Option<String>,
    /// Whether pods start without it too.
    pub(crate) is_optional: bool,
    /// Where the spec names it: "variable `LOG_LEVEL` of container `api`".
    pub(crate) place: String,
}

/// Everything that the spec names; claims that a StatefulSet makes itself are left out.
pub(crate) fn of(spec: &PodSpec, claim_templates: &[&str]) -> Vec<Need> {
    let mut needs = Vec::new();
    for container in super::template::containers(spec) {
        of_container(container, &mut needs);
    }
    for volume in spec.volumes.iter().flatten() {
        if !claim_templates.contains(&volume.name.as_str()) {
            of_volume(volume, &mut needs);
        }
    }
    let plain = |kind, name: &str, place: &str| Need {
        kind,
        name: name.to_owned(),
        key: None,
        is_optional: false,
        place: place.to_owned(),
    };
    if let Some(name) = spec
        .service_account_name
        .as_deref()
        .or(spec.service_account.as_deref())
    {
        needs.push(plain("ServiceAccount", name, "`serviceAccountName`"));
    }
    if let Some(name) = spec.priority_class_name.as_deref() {
        needs.push(plain("PriorityClass", name, "`priorityClassName`"));
    }
    needs.retain(|need| !need.name.is_empty());
    needs
}

fn of_container(container: &Container, needs: &mut Vec<Need>) {
    let name = &container.name;
    for variable in container.env.iter().flatten() {
        let Some(source) = &variable.value_from else {
            continue;
        };
        let place = format!("variable `{}` of container `{name}`", variable.name);
        if let Some(key) = &source.config_map_key_ref {
            needs.push(Need {
                kind: "ConfigMap",
                name: key.name.clone(),
                key: Some(key.key.clone()),
                is_optional: key.optional == Some(true),
                place: place.clone(),
            });
        }
        if let Some(key) = &source.secret_key_ref {
            needs.push(Need {
                kind: "Secret",
                name: key.name.clone(),
                key: Some(key.key.clone()),
                is_optional: key.optional == Some(true),
                place,
            });
        }
    }
    for source in container.env_from.iter().flatten() {
        let place = format!("`envFrom` of container `{name}`");
        if let Some(map) = &source.config_map_ref {
            needs.push(whole("ConfigMap", &map.name, map.optional, place.clone()));
        }
        if let Some(secret) = &source.secret_ref {
            needs.push(whole("Secret", &secret.name, secret.optional, place));
        }
    }
}

fn of_volume(volume: &Volume, needs: &mut Vec<Need>) {
    let place = format!("volume `{}`", volume.name);
    if let Some(map) = &volume.config_map {
        keyed(
            "ConfigMap",
            &map.name,
            map.optional,
            map.items.as_deref(),
            &place,
            needs,
        );
    }
    if let Some(secret) = &volume.secret {
        let name = secret.secret_name.as_deref().unwrap_or_default();
        keyed(
            "Secret",
            name,
            secret.optional,
            secret.items.as_deref(),
            &place,
            needs,
        );
    }
    for source in volume
        .projected
        .iter()
        .flat_map(|projected| projected.sources.iter().flatten())
    {
        if let Some(map) = &source.config_map {
            keyed(
                "ConfigMap",
                &map.name,
                map.optional,
                map.items.as_deref(),
                &place,
                needs,
            );
        }
        if let Some(secret) = &source.secret {
            keyed(
                "Secret",
                &secret.name,
                secret.optional,
                secret.items.as_deref(),
                &place,
                needs,
            );
        }
    }
    if let Some(secret) = volume
        .csi
        .as_ref()
        .and_then(|csi| csi.node_publish_secret_ref.as_ref())
    {
        needs.push(whole("Secret", &secret.name, None, place.clone()));
    }
    if let Some(claim) = &volume.persistent_volume_claim {
        needs.push(whole("PersistentVolumeClaim", &claim.claim_name, None, place));
    }
}

fn whole(kind: &'static str, name: &str, optional: Option<bool>, place: String) -> Need {
    Need {
        kind,
        name: name.to_owned(),
        key: None,
        is_optional: optional == Some(true),
        place,
    }
}

/// A mounted map or secret: itself, and each key that the mount picks out.
fn keyed(
    kind: &'static str,
    name: &str,
    optional: Option<bool>,
    items: Option<&[KeyToPath]>,
    place: &str,
    needs: &mut Vec<Need>,
) {
    needs.push(whole(kind, name, optional, place.to_owned()));
    for item in items.into_iter().flatten() {
        needs.push(Need {
            key: Some(item.key.clone()),
            ..whole(kind, name, optional, place.to_owned())
        });
    }
}
