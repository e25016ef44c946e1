//! What workloads need and what bounds them, as items: settings, storage, quotas, budgets, autoscalers.

use k8s_openapi::api::{
    autoscaling::v2::HorizontalPodAutoscaler,
    core::v1::{ConfigMap, Namespace, PersistentVolume, PersistentVolumeClaim, ResourceQuota},
    policy::v1::PodDisruptionBudget,
    scheduling::v1::PriorityClass,
    storage::v1::StorageClass,
};

use super::{
    item::Item,
    kinds::{default_mark, item},
};
use crate::{Snapshot, snapshot::SecretKeys, wording};

pub(super) fn secret(one: &SecretKeys) -> Item {
    let keys: Vec<&str> = one.keys.keys().map(String::as_str).collect();
    let mut item = Item::new(one.reference(), &one.metadata);
    item.state.clone_from(&one.type_);
    item.cells = vec![one.type_.clone().unwrap_or_default(), wording::list(&keys, 6)];
    item
}

pub(super) fn claim(claim: &PersistentVolumeClaim) -> Item {
    let mut item = item(claim);
    let spec = claim.spec.clone().unwrap_or_default();
    let status = claim.status.clone().unwrap_or_default();
    let phase = status.phase.unwrap_or_else(|| "Pending".to_owned());
    item.is_well = Some(phase == "Bound");
    let size = status
        .capacity
        .as_ref()
        .and_then(|all| all.get("storage"))
        .or_else(|| {
            spec.resources
                .as_ref()
                .and_then(|all| all.requests.as_ref())
                .and_then(|all| all.get("storage"))
        });
    item.cells = vec![
        phase.clone(),
        size.map(|size| size.0.clone()).unwrap_or_default(),
        spec.storage_class_name.unwrap_or_default(),
        spec.volume_name.unwrap_or_default(),
    ];
    item.state = Some(phase);
    item
}

pub(super) fn config_map(one: &ConfigMap) -> Item {
    let mut item = item(one);
    let keys: Vec<&str> = one
        .data
        .iter()
        .flat_map(|data| data.keys())
        .chain(one.binary_data.iter().flat_map(|data| data.keys()))
        .map(String::as_str)
        .collect();
    item.cells = vec![String::new(), wording::list(&keys, 6)];
    item
}

pub(super) fn namespace(snapshot: &Snapshot, one: &Namespace) -> Item {
    let mut item = item(one);
    let phase = one
        .status
        .as_ref()
        .and_then(|status| status.phase.clone())
        .unwrap_or_else(|| "Active".to_owned());
    item.is_well = Some(phase == "Active");
    let pods = snapshot.pods_in(&item.object.name).count();
    item.cells = vec![phase.clone(), pods.to_string()];
    item.state = Some(phase);
    item
}

pub(super) fn volume(one: &PersistentVolume) -> Item {
    let mut item = item(one);
    let spec = one.spec.clone().unwrap_or_default();
    let phase = one
        .status
        .as_ref()
        .and_then(|status| status.phase.clone())
        .unwrap_or_default();
    item.is_well = Some(matches!(phase.as_str(), "Bound" | "Available" | ""));
    let claim = spec.claim_ref.map(|claim| {
        format!(
            "{}/{}",
            claim.namespace.unwrap_or_default(),
            claim.name.unwrap_or_default()
        )
    });
    let size = spec
        .capacity
        .and_then(|all| all.get("storage").map(|size| size.0.clone()));
    item.cells = vec![
        phase.clone(),
        size.unwrap_or_default(),
        spec.storage_class_name.unwrap_or_default(),
        claim.unwrap_or_default(),
    ];
    item.state = Some(phase);
    item
}

pub(super) fn autoscaler(one: &HorizontalPodAutoscaler) -> Item {
    let mut item = item(one);
    let spec = &one.spec;
    let status = one.status.clone().unwrap_or_default();
    let current = status.current_replicas.unwrap_or(0);
    item.replicas = u64::try_from(current).ok();
    item.cells = vec![
        format!("{}/{}", spec.scale_target_ref.kind, spec.scale_target_ref.name),
        current.to_string(),
        format!("{} to {}", spec.min_replicas.unwrap_or(1), spec.max_replicas),
    ];
    item
}

pub(super) fn budget(one: &PodDisruptionBudget) -> Item {
    let mut item = item(one);
    let status = one.status.clone().unwrap_or_default();
    item.cells = vec![
        wording::count(
            usize::try_from(status.disruptions_allowed.unwrap_or(0)).unwrap_or(0),
            "disruption",
        ),
        format!(
            "{} of {} wanted",
            status.current_healthy.unwrap_or(0),
            status.desired_healthy.unwrap_or(0)
        ),
    ];
    item
}

pub(super) fn quota(one: &ResourceQuota) -> Item {
    let mut item = item(one);
    let status = one.status.clone().unwrap_or_default();
    let used = status.used.unwrap_or_default();
    let parts: Vec<String> = status
        .hard
        .iter()
        .flatten()
        .map(|(name, hard)| {
            let used = used.get(name).map_or("0", |used| used.0.as_str());
            format!("{name} {used} of {}", hard.0)
        })
        .collect();
    item.cells = vec![wording::list(&parts, 8)];
    item
}

pub(super) fn storage_class(one: &StorageClass) -> Item {
    let mut item = item(one);
    item.cells = vec![
        one.provisioner.clone(),
        default_mark(&one.metadata, "storageclass.kubernetes.io/is-default-class"),
    ];
    item
}

pub(super) fn priority(one: &PriorityClass) -> Item {
    let mut item = item(one);
    item.cells = vec![one.value.unwrap_or(0).to_string()];
    item
}
