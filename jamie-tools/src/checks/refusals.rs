//! A snapshot in, what the API server refused to make for each workload out: the words of events and conditions.

use jamie_core::{Evidence, ObjectRef};
use jiff::Timestamp;

use super::{
    happened,
    template::{self, Template},
};
use crate::snapshot::{Snapshot, event_time, reference};

/// One refusal, still in force.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    /// The workload whose pods (or claims) are not made.
    pub(crate) object: ObjectRef,
    /// What the server said.
    pub(crate) message: String,
    /// Where that stands.
    pub(crate) evidence: Evidence,
    /// Since when.
    pub(crate) since: Option<Timestamp>,
}

const REASONS: [&str; 4] = [
    "FailedCreate",
    "ReplicaSetCreateError",
    "FailedUpdate",
    "FailedRecreate",
];

/// Every refusal of a workload that still lacks pods, the newest of each workload and wording.
pub(crate) fn all(snapshot: &Snapshot) -> Vec<Refusal> {
    let mut found: Vec<Refusal> = Vec::new();
    let mut add = |refusal: Refusal| {
        let kind = kind_of(&refusal.message);
        let is_known = found
            .iter()
            .any(|other| other.object.is_same(&refusal.object) && kind_of(&other.message) == kind);
        if !is_known && !refusal.message.is_empty() {
            found.push(refusal);
        }
    };
    for event in snapshot.events.iter().rev() {
        if !event
            .reason
            .as_deref()
            .is_some_and(|reason| REASONS.contains(&reason))
            || !happened::is_fresh(event, snapshot)
        {
            continue;
        }
        let about = &event.involved_object;
        let namespace = about
            .namespace
            .as_deref()
            .or(event.metadata.namespace.as_deref())
            .unwrap_or("default");
        let (Some(kind), Some(name)) = (about.kind.as_deref(), about.name.as_deref()) else {
            continue;
        };
        let object = owner_of(snapshot, kind, namespace, name);
        if is_over(snapshot, &object, event_time(event)) {
            continue;
        }
        add(Refusal {
            object,
            message: happened::message(event).to_owned(),
            evidence: happened::evidence(event),
            since: happened::first_seen(event),
        });
    }
    for (object, type_, message, since) in conditions(snapshot) {
        if is_over(snapshot, &object, None) {
            continue;
        }
        add(Refusal {
            evidence: Evidence::new(format!("{object} condition {type_}"), &message, since),
            object,
            message,
            since,
        });
    }
    found
}

/// Two messages about different pods of one workload that say the same.
fn kind_of(message: &str) -> &'static str {
    const KINDS: [&str; 9] = [
        "exceeded quota",
        "failed quota",
        "usage per",
        "violates PodSecurity",
        "denied the request",
        "failed calling webhook",
        "error looking up service account",
        "PriorityClass",
        "RuntimeClass",
    ];
    KINDS
        .into_iter()
        .find(|kind| message.contains(kind))
        .unwrap_or("")
}

/// `ReplicaFailure` of Deployments and ReplicaSets.
fn conditions(snapshot: &Snapshot) -> Vec<(ObjectRef, &'static str, String, Option<Timestamp>)> {
    let mut found = Vec::new();
    for set in &snapshot.replica_sets {
        let name = set.metadata.name.as_deref().unwrap_or_default();
        let namespace = set.metadata.namespace.as_deref().unwrap_or("default");
        for condition in set
            .status
            .iter()
            .flat_map(|status| status.conditions.iter().flatten())
        {
            if condition.type_.as_deref() == Some("ReplicaFailure")
                && condition.status.as_deref() == Some("True")
                && set.spec.replicas != Some(0)
            {
                found.push((
                    owner_of(snapshot, "ReplicaSet", namespace, name),
                    "ReplicaFailure",
                    condition.message.clone().unwrap_or_default(),
                    condition.last_transition_time.as_ref().map(|time| time.0),
                ));
            }
        }
    }
    for deployment in &snapshot.deployments {
        for condition in deployment
            .status
            .iter()
            .flat_map(|status| status.conditions.iter().flatten())
        {
            if condition.type_.as_deref() == Some("ReplicaFailure")
                && condition.status.as_deref() == Some("True")
            {
                found.push((
                    reference(deployment.as_ref()),
                    "ReplicaFailure",
                    condition.message.clone().unwrap_or_default(),
                    condition.last_transition_time.as_ref().map(|time| time.0),
                ));
            }
        }
    }
    found
}

/// The workload that people know, above a ReplicaSet or a Job.
pub(crate) fn owner_of(snapshot: &Snapshot, kind: &str, namespace: &str, name: &str) -> ObjectRef {
    let own = ObjectRef::namespaced(kind, namespace, name);
    let metadata = match kind {
        "ReplicaSet" => snapshot.replica_set(namespace, name).map(|set| &set.metadata),
        "Job" => snapshot.job(namespace, name).map(|job| &job.metadata),
        "Deployment" => {
            return snapshot
                .deployment(namespace, name)
                .map_or(own, |found| reference(found.as_ref()));
        }
        "StatefulSet" => {
            return snapshot
                .stateful_set(namespace, name)
                .map_or(own, |found| reference(found.as_ref()));
        }
        "DaemonSet" => {
            return snapshot
                .daemon_set(namespace, name)
                .map_or(own, |found| reference(found.as_ref()));
        }
        _ => return own,
    };
    let owner = metadata.and_then(|metadata| {
        let owners = metadata.owner_references.as_deref()?;
        owners
            .iter()
            .find(|owner| owner.controller == Some(true))
            .or(owners.first())
    });
    match owner {
        Some(owner) => ObjectRef::namespaced(owner.kind.as_str(), namespace, owner.name.as_str())
            .with_uid(Some(owner.uid.clone()).filter(|uid| !uid.is_empty())),
        // The ReplicaSet is not in the snapshot: its name is the Deployment's and a hash.
        None if kind == "ReplicaSet" && metadata.is_none() => name
            .rsplit_once('-')
            .and_then(|(deployment, _)| snapshot.deployment(namespace, deployment))
            .map_or(own, |found| reference(found.as_ref())),
        None => metadata.map_or(own, |metadata| template::reference(kind, metadata)),
    }
}

/// Whether the workload got its pods in the end, or is gone.
fn is_over(snapshot: &Snapshot, object: &ObjectRef, at: Option<Timestamp>) -> bool {
    let namespace = object.namespace.as_deref().unwrap_or_default();
    let alive = || {
        snapshot
            .pods_of(object)
            .iter()
            .filter(|pod| template::is_live(pod))
            .count()
    };
    let wants = |wanted: Option<i32>| usize::try_from(wanted.unwrap_or(1)).unwrap_or(0);
    match object.kind.as_str() {
        "Deployment" => snapshot.deployment(namespace, &object.name).is_none_or(|found| {
            let updated = found.status.as_ref().and_then(|status| status.updated_replicas);
            let wanted = wants(found.spec.replicas);
            // In a rollout the old pods stay while the new ones are refused.
            alive() >= wanted && updated.is_none_or(|updated| wants(Some(updated)) >= wanted)
        }),
        "StatefulSet" => snapshot
            .stateful_set(namespace, &object.name)
            .is_none_or(|found| alive() >= wants(found.spec.replicas)),
        "ReplicaSet" => snapshot
            .replica_set(namespace, &object.name)
            .is_none_or(|found| alive() >= wants(found.spec.replicas)),
        "DaemonSet" => snapshot.daemon_set(namespace, &object.name).is_none_or(|found| {
            let wanted = found
                .status
                .as_ref()
                .map_or(0, |status| status.desired_number_scheduled);
            wanted > 0 && alive() >= wants(Some(wanted))
        }),
        "Job" => snapshot.job(namespace, &object.name).is_some_and(|job| {
            job.status.as_ref().is_some_and(|status| {
                status.succeeded.unwrap_or(0) > 0
                    || status.active.unwrap_or(0) > 0
                    || status.completion_time.is_some()
            })
        }),
        // Others do not say what they want: their word counts for half an hour.
        _ => at.is_some_and(|at| snapshot.taken_at.as_second().saturating_sub(at.as_second()) > 1_800),
    }
}

/// Templates that want pods and have fewer.
pub(crate) fn short_of_pods(snapshot: &Snapshot) -> Vec<(Template<'_>, usize)> {
    template::all(snapshot)
        .into_iter()
        .filter(|template| !template.is_idle && !template.is_batch)
        .filter_map(|template| {
            let wanted = usize::try_from(template.wanted?).ok()?;
            let alive = template.live_pods(snapshot).len();
            let missing = wanted.saturating_sub(alive);
            (missing > 0).then_some((template, missing))
        })
        .collect()
}
