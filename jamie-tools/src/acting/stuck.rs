//! A draft in; the same with what frees a StatefulSet whose broken pods stand in the way of their own replacement, out.
//!
//! A StatefulSet replaces its pods one after another and waits for each to be ready: a pod that cannot become ready
//! under the old template is waited for for ever. The Kubernetes documentation calls that a forced rollback and
//! has the broken pods deleted by hand, which is what is added here:
//! <https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback>.

use jamie_core::{ObjectRef, Result};
use serde_json::Value;

use super::{Draft, Operation, Write};
use crate::{
    Snapshot,
    cluster::{Cluster, Freshness},
    pod_status, wording,
};

/// Adds the deletion of broken pods to each change of a StatefulSet's template.
pub(super) async fn free(cluster: &Cluster, draft: &mut Draft) -> Result<()> {
    let changed: Vec<ObjectRef> = draft
        .operations
        .iter()
        .filter(|operation| operation.target.kind == "StatefulSet" && changes_template(&operation.write))
        .map(|operation| operation.target.clone())
        .collect();
    if changed.is_empty() {
        return Ok(());
    }
    // Without the right to look at pods the change is made as it is, and watched like any other.
    let Ok(snapshot) = cluster.snapshot(Freshness::Recent).await else {
        return Ok(());
    };
    for set in changed {
        if !waits_for_its_pods(&snapshot, &set) {
            continue;
        }
        let broken: Vec<ObjectRef> = snapshot
            .pods_of(&set)
            .into_iter()
            .filter(|pod| pod.metadata.deletion_timestamp.is_none() && pod_status::status_of(pod).is_unwell())
            .map(|pod| {
                ObjectRef::namespaced(
                    "Pod",
                    pod.metadata.namespace.clone().unwrap_or_default(),
                    pod.metadata.name.clone().unwrap_or_default(),
                )
                .with_uid(pod.metadata.uid.clone())
            })
            .collect();
        if broken.is_empty() {
            continue;
        }
        let names: Vec<&str> = broken.iter().map(|pod| pod.name.as_str()).collect();
        draft.impact.push(format!(
            "Its broken {} {} deleted, or the StatefulSet would wait for {} for ever before it goes on.",
            wording::code_list(&names, 5),
            if names.len() == 1 { "is" } else { "are" },
            if names.len() == 1 { "it" } else { "them" },
        ));
        for pod in broken {
            draft
                .operations
                .push(Operation::on(cluster, &pod, Write::Delete).await?);
        }
    }
    Ok(())
}

/// Whether a write touches the pods' template.
fn changes_template(write: &Write) -> bool {
    let within = |body: &Value| body.pointer("/spec/template").is_some();
    match write {
        Write::Merge { body } | Write::Strategic { body } | Write::Apply { body } => within(body),
        Write::Json { .. } => true,
        Write::Create { .. } | Write::Delete | Write::Evict => false,
    }
}

/// Whether the set replaces its pods itself, one after another.
fn waits_for_its_pods(snapshot: &Snapshot, set: &ObjectRef) -> bool {
    let found = snapshot.stateful_sets.iter().find(|one| {
        one.metadata.name.as_deref() == Some(set.name.as_str()) && one.metadata.namespace == set.namespace
    });
    let Some(spec) = found.map(|set| &set.spec) else {
        return false;
    };
    let by_hand = spec
        .update_strategy
        .as_ref()
        .and_then(|strategy| strategy.type_.as_deref())
        == Some("OnDelete");
    !by_hand && spec.pod_management_policy.as_deref() != Some("Parallel")
}
