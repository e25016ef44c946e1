//! Pods by what they belong to: namespace, owner, node, selector.

use std::{borrow::Cow, sync::Arc};

use jamie_core::ObjectRef;
use k8s_openapi::{
    api::{
        apps::v1::{Deployment, ReplicaSet},
        core::v1::Pod,
    },
    apimachinery::pkg::apis::meta::v1::{LabelSelector, OwnerReference},
};

use super::{
    Snapshot, labels,
    labels::Labels,
    lookup::{reference, within},
};

const TEMPLATE_HASH: &str = "pod-template-hash";

fn controller(owners: Option<&Vec<OwnerReference>>) -> Option<&OwnerReference> {
    let owners = owners?;
    owners
        .iter()
        .find(|owner| owner.controller == Some(true))
        .or_else(|| owners.first())
}

fn owner_reference(owner: &OwnerReference, namespace: &str) -> ObjectRef {
    ObjectRef::namespaced(owner.kind.as_str(), namespace, owner.name.as_str())
        .with_uid(Some(owner.uid.clone()).filter(|uid| !uid.is_empty()))
}

impl Snapshot {
    /// The pods of a namespace.
    pub fn pods_in(&self, namespace: &str) -> impl Iterator<Item = &Arc<Pod>> + use<'_> {
        within(&self.pods, namespace, |pod| &pod.metadata).iter()
    }

    /// The pods that a selector picks in a namespace; an empty selector picks all.
    pub fn pods_selected(&self, namespace: &str, selector: &LabelSelector) -> Vec<&Arc<Pod>> {
        let nothing = Labels::new();
        let exact = selector.match_labels.as_ref().unwrap_or(&nothing);
        self.candidates(namespace, exact)
            .into_iter()
            .filter(|pod| labels::matches(selector, pod.metadata.labels.as_ref()))
            .collect()
    }

    /// The pods of a namespace that have all these labels; no labels pick none, as with a Service.
    pub fn pods_labelled(&self, namespace: &str, wanted: &Labels) -> Vec<&Arc<Pod>> {
        if wanted.is_empty() {
            return Vec::new();
        }
        self.candidates(namespace, wanted)
            .into_iter()
            .filter(|pod| labels::matches_labels(wanted, pod.metadata.labels.as_ref()))
            .collect()
    }

    /// A superset of the pods with these labels, by the rarest of them.
    fn candidates(&self, namespace: &str, wanted: &Labels) -> Vec<&Arc<Pod>> {
        let rarest = wanted
            .iter()
            .filter_map(|(label, value)| self.index().labelled(namespace, label, value))
            .min_by_key(|found| found.len());
        match rarest {
            Some(found) => found
                .iter()
                .filter_map(|position| self.pods.get(*position as usize))
                .collect(),
            None => self.pods_in(namespace).collect(),
        }
    }

    /// The pods behind an object: of a workload, job, ReplicaSet or custom owner; bound to a node; mounting a
    /// claim; picked by a Service, autoscaler or budget; in a namespace; or the pod itself.
    pub fn pods_of(&self, object: &ObjectRef) -> Vec<&Arc<Pod>> {
        let namespace = object.namespace.as_deref().unwrap_or_default();
        let name = object.name.as_str();
        let at = |position| self.pods.get(position);
        match object.kind.as_str() {
            "Pod" => self.pod(namespace, name).into_iter().collect(),
            "Namespace" => self.pods_in(name).collect(),
            "Node" => self.index().on_node(name).filter_map(at).collect(),
            "Service" => self
                .service(namespace, name)
                .and_then(|service| service.spec.as_ref()?.selector.as_ref())
                .map(|selector| self.pods_labelled(namespace, selector))
                .unwrap_or_default(),
            "PersistentVolumeClaim" => self
                .pods_in(namespace)
                .filter(|pod| claims(pod).any(|claim| claim == name))
                .collect(),
            "HorizontalPodAutoscaler" => self
                .autoscaler(namespace, name)
                .map(|autoscaler| {
                    let target = &autoscaler.spec.scale_target_ref;
                    self.pods_of(&ObjectRef::namespaced(
                        target.kind.as_str(),
                        namespace,
                        target.name.as_str(),
                    ))
                })
                .unwrap_or_default(),
            "PodDisruptionBudget" => self
                .disruption_budget(namespace, name)
                .and_then(|budget| budget.spec.as_ref()?.selector.as_ref())
                .map(|selector| self.pods_selected(namespace, selector))
                .unwrap_or_default(),
            _ => self.index().owned_by(object).filter_map(at).collect(),
        }
    }

    /// The top owner of a pod: a Deployment through its ReplicaSet, a StatefulSet, a DaemonSet, a CronJob through
    /// its Job, whatever its owner reference names, a workload whose selector picks an ownerless pod, or itself.
    pub fn workload_of(&self, pod: &Pod) -> ObjectRef {
        let namespace = pod.metadata.namespace.as_deref().unwrap_or_default();
        let Some(owner) = controller(pod.metadata.owner_references.as_ref()) else {
            return self.adopter(pod, namespace).unwrap_or_else(|| reference(pod));
        };
        match owner.kind.as_str() {
            // A static pod belongs to its node, but it is the pod that people mean.
            "Node" => reference(pod),
            "ReplicaSet" => self.above_replica_set(owner, namespace, pod.metadata.labels.as_ref()),
            "Job" => self.above_job(owner, namespace),
            _ => owner_reference(owner, namespace),
        }
    }

    fn above_replica_set(
        &self,
        owner: &OwnerReference,
        namespace: &str,
        labels: Option<&Labels>,
    ) -> ObjectRef {
        if let Some(set) = self.replica_set(namespace, &owner.name) {
            return controller(set.metadata.owner_references.as_ref()).map_or_else(
                || reference(set.as_ref()),
                |above| owner_reference(above, namespace),
            );
        }
        // The ReplicaSet may be gone or not ours to see: its name is the Deployment's plus the template's hash.
        let deployment = labels
            .and_then(|labels| labels.get(TEMPLATE_HASH))
            .and_then(|hash| owner.name.strip_suffix(hash.as_str())?.strip_suffix('-'));
        match deployment {
            Some(deployment) => {
                let uid = self
                    .deployment(namespace, deployment)
                    .and_then(|found| found.metadata.uid.clone());
                ObjectRef::namespaced("Deployment", namespace, deployment).with_uid(uid)
            }
            None => owner_reference(owner, namespace),
        }
    }

    fn above_job(&self, owner: &OwnerReference, namespace: &str) -> ObjectRef {
        self.job(namespace, &owner.name)
            .and_then(|job| controller(job.metadata.owner_references.as_ref()))
            .map_or_else(
                || owner_reference(owner, namespace),
                |above| owner_reference(above, namespace),
            )
    }

    /// The workload whose selector picks a pod that names no owner.
    fn adopter(&self, pod: &Pod, namespace: &str) -> Option<ObjectRef> {
        let labels = pod.metadata.labels.as_ref()?;
        let picks = |selector: &LabelSelector| {
            let empty = selector.match_labels.as_ref().is_none_or(Labels::is_empty)
                && selector.match_expressions.as_ref().is_none_or(Vec::is_empty);
            !empty && labels::matches(selector, Some(labels))
        };
        let deployment = within(&self.deployments, namespace, |one| &one.metadata)
            .iter()
            .find(|one| picks(&one.spec.selector));
        if let Some(found) = deployment {
            return Some(reference(found.as_ref()));
        }
        let stateful = within(&self.stateful_sets, namespace, |one| &one.metadata)
            .iter()
            .find(|one| picks(&one.spec.selector));
        if let Some(found) = stateful {
            return Some(reference(found.as_ref()));
        }
        within(&self.daemon_sets, namespace, |one| &one.metadata)
            .iter()
            .find(|one| picks(&one.spec.selector))
            .map(|found| reference(found.as_ref()))
    }

    /// The ReplicaSets of a Deployment, newest revision first.
    pub fn replica_sets_of(&self, deployment: &Deployment) -> Vec<&Arc<ReplicaSet>> {
        let namespace = deployment.metadata.namespace.as_deref().unwrap_or_default();
        let name = deployment.metadata.name.as_deref();
        let uid = deployment.metadata.uid.as_deref();
        let mut found: Vec<_> = within(&self.replica_sets, namespace, |set| &set.metadata)
            .iter()
            .filter(|set| {
                set.metadata.owner_references.iter().flatten().any(|owner| {
                    owner.kind == "Deployment"
                        && Some(owner.name.as_str()) == name
                        && (owner.uid.is_empty() || uid.is_none_or(|uid| uid == owner.uid))
                })
            })
            .collect();
        found.sort_by_key(|set| {
            std::cmp::Reverse((
                revision(set),
                set.metadata.creation_timestamp.as_ref().map(|time| time.0),
            ))
        });
        found
    }
}

/// A ReplicaSet's revision; 0 where it has none.
pub(crate) fn revision(set: &ReplicaSet) -> u64 {
    set.metadata
        .annotations
        .as_ref()
        .and_then(|annotations| annotations.get("deployment.kubernetes.io/revision")?.parse().ok())
        .unwrap_or(0)
}

/// The claims that a pod mounts, those it makes itself (ephemeral volumes) included.
pub(crate) fn claims(pod: &Pod) -> impl Iterator<Item = Cow<'_, str>> {
    let name = pod.metadata.name.as_deref().unwrap_or_default();
    let volumes = pod.spec.iter().flat_map(|spec| spec.volumes.iter().flatten());
    volumes.filter_map(move |volume| {
        if let Some(claim) = &volume.persistent_volume_claim {
            return Some(Cow::Borrowed(claim.claim_name.as_str()));
        }
        volume
            .ephemeral
            .as_ref()
            .map(|_| Cow::Owned(format!("{name}-{}", volume.name)))
    })
}

/// Whether a pod is Ready by its condition.
pub(crate) fn is_ready(pod: &Pod) -> bool {
    pod.status
        .iter()
        .flat_map(|status| status.conditions.iter().flatten())
        .any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

/// Whether a pod has ended for good.
pub(crate) fn is_finished(pod: &Pod) -> bool {
    let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
    matches!(phase, Some("Succeeded" | "Failed"))
}
