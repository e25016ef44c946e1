//! A snapshot and a stretch of time in; what was changed in it, and what broke, in one timeline out.
//!
//! An API server keeps no history. What can be known lies scattered: revisions kept as ReplicaSets, the times of
//! creation and of the last write, conditions, and events of the last hour.

use std::collections::BTreeSet;

use jamie_core::ObjectRef;
use jiff::Timestamp;

use crate::{Snapshot, snapshot::claims, template};

mod difference;
mod revisions;
mod sources;

pub use self::{
    difference::{Difference, differences},
    revisions::{Revision, revisions_of},
};

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// Somebody or something changed the cluster: a likely cause.
    Change,
    /// The cluster reacted by itself: scaling, scheduling, nodes.
    Reaction,
    /// Something broke: a symptom.
    Breakage,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub at: Timestamp,
    /// What kind of thing it is.
    pub sort: Sort,
    /// To what.
    pub object: ObjectRef,
    /// What happened, one clause: "revision 4: image of `api` `1.4.1` → `1.4.2`".
    pub text: String,
    /// The differences, where two states are known.
    pub differences: Vec<Difference>,
    /// Who did it, where that was written down: a field manager, a controller.
    pub by: Option<String>,
}

/// About what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// An object and what it is made of or depends on.
    Object(ObjectRef),
    /// A namespace.
    Namespace(String),
    /// Everything.
    Cluster,
}

/// What happened in a stretch of time, oldest first.
pub fn timeline(snapshot: &Snapshot, about: &About, from: Timestamp, until: Timestamp) -> Vec<Change> {
    let mut all = sources::collect(snapshot);
    let related = match about {
        About::Object(object) => Some(related(snapshot, object)),
        _ => None,
    };
    all.retain(|change| {
        let inside = match about {
            About::Cluster => true,
            // Nodes have no namespace; what happens to one concerns those whose pods are there, which is not
            // worth working out for a namespace: few things happen to nodes, and all of them matter.
            About::Namespace(name) => change.object.namespace.as_ref().is_none_or(|own| own == name),
            About::Object(_) => related
                .as_ref()
                .is_some_and(|related| related.contains(&address(&change.object))),
        };
        inside && change.at >= from && change.at <= until
    });
    all.sort_by(|a, b| (a.at, a.sort, &a.object, &a.text).cmp(&(b.at, b.sort, &b.object, &b.text)));
    all.dedup_by(|a, b| a.object.is_same(&b.object) && a.text == b.text && a.at == b.at);
    all
}

type Address = (String, Option<String>, String);

fn address(object: &ObjectRef) -> Address {
    (object.kind.clone(), object.namespace.clone(), object.name.clone())
}

/// An object, its pods and their nodes, what its template names, what leads to it and what scales it.
fn related(snapshot: &Snapshot, object: &ObjectRef) -> BTreeSet<Address> {
    let namespace = object.namespace.clone().unwrap_or_default();
    let mut all: BTreeSet<Address> = BTreeSet::new();
    let mut add = |kind: &str, name: &str| {
        all.insert((kind.to_owned(), Some(namespace.clone()), name.to_owned()));
    };
    add(&object.kind, &object.name);
    let mut workloads = vec![object.clone()];
    let pods = snapshot.pods_of(object);
    let mut nodes: Vec<String> = Vec::new();
    for pod in &pods {
        add("Pod", pod.metadata.name.as_deref().unwrap_or_default());
        nodes.extend(pod.spec.as_ref().and_then(|spec| spec.node_name.clone()));
        let workload = snapshot.workload_of(pod);
        add(&workload.kind, &workload.name);
        if !workloads.iter().any(|one| one.is_same(&workload)) {
            workloads.push(workload);
        }
        for service in snapshot.services_of(pod) {
            add("Service", service.metadata.name.as_deref().unwrap_or_default());
        }
        for claim in claims(pod) {
            add("PersistentVolumeClaim", &claim);
        }
    }
    for workload in &workloads {
        for set in snapshot.replica_sets.iter().filter(|set| {
            set.metadata.namespace.as_deref() == Some(&namespace)
                && set
                    .metadata
                    .owner_references
                    .iter()
                    .flatten()
                    .any(|owner| owner.kind == workload.kind && owner.name == workload.name)
        }) {
            add("ReplicaSet", set.metadata.name.as_deref().unwrap_or_default());
        }
        for scaler in &snapshot.autoscalers {
            let to = &scaler.spec.scale_target_ref;
            if scaler.metadata.namespace.as_deref() == Some(&namespace)
                && to.kind == workload.kind
                && to.name == workload.name
            {
                add(
                    "HorizontalPodAutoscaler",
                    scaler.metadata.name.as_deref().unwrap_or_default(),
                );
            }
        }
        if let Some(spec) =
            template::template_of(snapshot, workload).and_then(|template| template.spec.as_ref())
        {
            for (kind, name) in template::references(spec) {
                add(kind, &name);
            }
        }
    }
    for policy in snapshot
        .network_policies
        .iter()
        .filter(|policy| policy.metadata.namespace.as_deref() == Some(&namespace))
    {
        add(
            "NetworkPolicy",
            policy.metadata.name.as_deref().unwrap_or_default(),
        );
    }
    for quota in snapshot
        .quotas
        .iter()
        .filter(|quota| quota.metadata.namespace.as_deref() == Some(&namespace))
    {
        add(
            "ResourceQuota",
            quota.metadata.name.as_deref().unwrap_or_default(),
        );
    }
    for node in nodes {
        all.insert(("Node".to_owned(), None, node));
    }
    if object.namespace.is_none() {
        all.insert(address(object));
    }
    all
}
