//! An object in; who uses it, by what its kind is used for, and how, out.

use std::collections::BTreeMap;

use jamie_core::ObjectRef;
use k8s_openapi::api::apps::v1::StatefulSet;

use super::{callers::callers, specs::by_spec};
use crate::{
    Snapshot,
    snapshot::{is_finished, reference},
    wording,
};

/// Who uses an object, and how.
pub(super) fn find(snapshot: &Snapshot, target: &ObjectRef) -> Vec<(ObjectRef, String)> {
    let name = target.name.as_str();
    match target.kind.as_str() {
        "Node" => on_node(snapshot, target),
        "StorageClass" => snapshot
            .claims
            .iter()
            .filter(|claim| {
                claim
                    .spec
                    .as_ref()
                    .and_then(|spec| spec.storage_class_name.as_deref())
                    == Some(name)
            })
            .map(|claim| (reference(claim.as_ref()), "claims a volume of it".to_owned()))
            .collect(),
        "IngressClass" => snapshot
            .ingresses
            .iter()
            .filter(|one| {
                one.spec
                    .as_ref()
                    .and_then(|spec| spec.ingress_class_name.as_deref())
                    == Some(name)
            })
            .map(|one| (reference(one.as_ref()), "belongs to it".to_owned()))
            .collect(),
        "PersistentVolume" => {
            let claim = snapshot
                .volume(name)
                .and_then(|volume| volume.spec.as_ref()?.claim_ref.clone());
            let Some(claim) = claim else { return Vec::new() };
            let (namespace, name) = (
                claim.namespace.unwrap_or_default(),
                claim.name.unwrap_or_default(),
            );
            let claim = ObjectRef::namespaced("PersistentVolumeClaim", namespace, name);
            let mut found = vec![(claim.clone(), "is bound to it".to_owned())];
            found.extend(find(snapshot, &claim));
            found
        }
        "Service" | "Deployment" | "StatefulSet" => callers(snapshot, target),
        kind => {
            let mut found = by_spec(snapshot, target);
            match kind {
                "Secret" => found.extend(secret_users(snapshot, target)),
                "PersistentVolumeClaim" => found.extend(claim_maker(snapshot, target)),
                _ => {}
            }
            let mut seen: Vec<ObjectRef> = Vec::new();
            found.retain(|(object, _)| {
                let new = !seen.iter().any(|other| other.is_same(object));
                seen.push(object.clone());
                new
            });
            found
        }
    }
}

fn on_node(snapshot: &Snapshot, target: &ObjectRef) -> Vec<(ObjectRef, String)> {
    let mut counts: BTreeMap<ObjectRef, usize> = BTreeMap::new();
    for pod in snapshot
        .pods_of(target)
        .into_iter()
        .filter(|pod| !is_finished(pod))
    {
        *counts.entry(snapshot.workload_of(pod)).or_default() += 1;
    }
    counts
        .into_iter()
        .map(|(object, count)| (object, format!("{} there", wording::count(count, "pod"))))
        .collect()
}

/// Ingresses that show it as their certificate, and accounts that pull images with it.
fn secret_users(snapshot: &Snapshot, target: &ObjectRef) -> Vec<(ObjectRef, String)> {
    let mut found: Vec<(ObjectRef, String)> = Vec::new();
    for ingress in snapshot
        .ingresses
        .iter()
        .filter(|one| one.metadata.namespace == target.namespace)
    {
        let tls: Vec<_> = ingress
            .spec
            .iter()
            .flat_map(|spec| spec.tls.iter().flatten())
            .filter(|tls| tls.secret_name.as_ref() == Some(&target.name))
            .collect();
        if !tls.is_empty() {
            let hosts: Vec<String> = tls
                .iter()
                .flat_map(|tls| tls.hosts.clone().unwrap_or_default())
                .collect();
            found.push((
                reference(ingress.as_ref()),
                format!("certificate for {}", wording::code_list(&hosts, 3)),
            ));
        }
    }
    for account in snapshot
        .service_accounts
        .iter()
        .filter(|one| one.metadata.namespace == target.namespace)
    {
        if account
            .image_pull_secrets
            .iter()
            .flatten()
            .any(|one| one.name == target.name)
        {
            found.push((reference(account.as_ref()), "to pull images".to_owned()));
        }
    }
    found
}

/// The StatefulSet that made a claim, whose pods may be gone for now.
fn claim_maker(snapshot: &Snapshot, target: &ObjectRef) -> Vec<(ObjectRef, String)> {
    let is_maker = |set: &StatefulSet| {
        let own = set.metadata.name.as_deref().unwrap_or_default();
        set.metadata.namespace == target.namespace
            && set.spec.volume_claim_templates.iter().flatten().any(|claim| {
                let prefix = format!("{}-{own}-", claim.metadata.name.as_deref().unwrap_or_default());
                let ordinal = target.name.strip_prefix(&prefix);
                ordinal.is_some_and(|ordinal| ordinal.chars().all(|c| c.is_ascii_digit()))
            })
    };
    let makers = snapshot.stateful_sets.iter().filter(|set| is_maker(set));
    makers
        .map(|set| {
            (
                reference(set.as_ref()),
                "made it from its claim template".to_owned(),
            )
        })
        .collect()
}
