//! StatefulSets and DaemonSets that do not have the pods they want.
//!
//! Checks: `stateful-set-stuck`, `stateful-set-partition`, `daemon-set-missing`, `daemon-set-misscheduled`, and
//! `replicas-refused`, `scaled-to-zero` as for Deployments.

use jamie_core::{Evidence, NextStep, ObjectRef, Severity, Verdict};
use k8s_openapi::api::apps::v1::{DaemonSet, StatefulSet};

use super::{happened, refusal, template, template::kubectl};
use crate::{
    fault::{Depth, Fault},
    snapshot::{Snapshot, is_ready, reference},
    wording,
};

/// New pods get so long before anybody counts them.
const GRACE: i64 = 90;

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    let stateful = snapshot
        .stateful_sets
        .iter()
        .flat_map(|set| stateful(snapshot, set));
    let daemons = snapshot.daemon_sets.iter().flat_map(|set| daemon(snapshot, set));
    stateful.chain(daemons).collect()
}

fn refused(snapshot: &Snapshot, object: &ObjectRef) -> Option<Fault> {
    let events = snapshot.events_of(object);
    let event = happened::latest(&events, &["FailedCreate"], snapshot)?;
    let message = happened::message(event);
    // Controllers tell of a pod that was there already, which mends itself.
    if message.contains("already exists") || message.contains("object is being deleted") {
        return None;
    }
    let (cause, blames) = refusal::read(message, object.namespace.as_deref());
    let mut fault = Fault::new(
        "replicas-refused",
        Severity::Error,
        Depth::Failure,
        object.clone(),
        format!(
            "`{}` cannot get its pods: {}",
            object.path(),
            refusal::short(message)
        ),
    );
    fault.cause = cause;
    fault.blames = blames;
    fault.since = happened::first_seen(event);
    fault.evidence.push(happened::evidence(event));
    Some(fault)
}

fn stateful(snapshot: &Snapshot, set: &StatefulSet) -> Vec<Fault> {
    let object = reference(set);
    let name = object.path();
    let wanted = set.spec.replicas.unwrap_or(1);
    let mut faults = Vec::new();
    if set.metadata.deletion_timestamp.is_some() {
        return faults;
    }
    if wanted == 0 {
        let mut fault = Fault::new(
            "scaled-to-zero",
            Severity::Info,
            Depth::Cause,
            object.clone(),
            format!("`{name}` is scaled to zero: it has no pods, as its spec wants"),
        );
        "`spec.replicas` is 0".clone_into(&mut fault.cause);
        fault
            .evidence
            .push(Evidence::new(format!("spec of {object}"), "replicas: 0", None));
        fault.remedy = Some(NextStep::command(
            "Scale it up, if it is to run",
            format!("kubectl scale {} --replicas=1", kubectl(&object)),
        ));
        return vec![fault];
    }
    let Some(status) = set.status.as_ref() else {
        return faults;
    };
    let pods = snapshot.pods_of(&object);
    let ready = status
        .ready_replicas
        .unwrap_or(0)
        .max(pods.iter().filter(|pod| is_ready(pod)).count() as i32);
    if ready >= wanted {
        faults.extend(partition(set, &object));
        return faults;
    }
    let refused = refused(snapshot, &object);
    let was_refused = refused.is_some();
    faults.extend(refused);
    let waiting_only = !pods.is_empty()
        && pods
            .iter()
            .all(|pod| is_ready(pod) || template::is_starting(pod, snapshot.taken_at));
    let young = template::age(&set.metadata, snapshot.taken_at).is_some_and(|age| age < GRACE);
    let untold = pods.is_empty() && status.replicas == 0 && status.observed_generation.is_none();
    if waiting_only || (young && pods.is_empty()) || untold {
        return faults;
    }
    let ordered = set.spec.pod_management_policy.as_deref() != Some("Parallel");
    let blocking = pods
        .iter()
        .find(|pod| !is_ready(pod))
        .map(|pod| pod.metadata.name.clone().unwrap_or_default());
    let mut fault = Fault::new(
        "stateful-set-stuck",
        if ready == 0 {
            Severity::Error
        } else {
            Severity::Warning
        },
        Depth::Symptom,
        object.clone(),
        format!("`{name}` has {ready} of {wanted} replicas ready"),
    );
    fault.verdict = Verdict::Inconclusive;
    match blocking {
        Some(pod) if ordered && (pods.len() as i32) < wanted => {
            fault.cause =
                format!("Its pods come one after another, and the next waits for `{pod}` to become ready");
        }
        Some(pod) => fault.cause = format!("`{pod}` is not ready"),
        None if pods.is_empty() && !was_refused => fault.cause = "It has no pods at all".to_owned(),
        None => {}
    }
    fault.evidence.push(Evidence::new(
        format!("status of {object}"),
        format!(
            "{wanted} wanted, {} there, {ready} ready, currentRevision {}, updateRevision {}",
            status.replicas,
            status.current_revision.as_deref().unwrap_or("?"),
            status.update_revision.as_deref().unwrap_or("?")
        ),
        None,
    ));
    fault.next_check = Some(NextStep::command(
        "See its pods and events",
        format!("kubectl describe {}", kubectl(&object)),
    ));
    faults.push(fault);
    faults
}

/// An update that stops at a partition, by intent or forgotten.
fn partition(set: &StatefulSet, object: &ObjectRef) -> Option<Fault> {
    let status = set.status.as_ref()?;
    let partition = set
        .spec
        .update_strategy
        .as_ref()?
        .rolling_update
        .as_ref()?
        .partition?;
    if partition <= 0 || status.current_revision == status.update_revision || status.update_revision.is_none()
    {
        return None;
    }
    let mut fault = Fault::new(
        "stateful-set-partition",
        Severity::Info,
        Depth::Cause,
        object.clone(),
        format!("The update of `{}` stops at partition {partition}", object.path()),
    );
    fault.cause = format!(
        "Pods with an ordinal below {partition} keep the old revision until the partition is lowered"
    );
    fault.remedy = Some(NextStep::command(
        "Let the update go on",
        format!(
            "kubectl patch {} -p '{{\"spec\":{{\"updateStrategy\":{{\"rollingUpdate\":{{\"partition\":0}}}}}}}}'",
            kubectl(object)
        ),
    ));
    Some(fault)
}

fn daemon(snapshot: &Snapshot, set: &DaemonSet) -> Vec<Fault> {
    let object = reference(set);
    let name = object.path();
    let mut faults = Vec::new();
    let Some(status) = set
        .status
        .as_ref()
        .filter(|_| set.metadata.deletion_timestamp.is_none())
    else {
        return faults;
    };
    let wanted = status.desired_number_scheduled;
    let pods = snapshot.pods_of(&object);
    let ready = status
        .number_ready
        .max(pods.iter().filter(|pod| is_ready(pod)).count() as i32);
    let misscheduled = status.number_misscheduled;
    if misscheduled > 0 {
        let mut fault = Fault::new(
            "daemon-set-misscheduled",
            Severity::Info,
            Depth::Symptom,
            object.clone(),
            format!(
                "`{name}` runs on {} where it should not",
                wording::count(misscheduled as usize, "node")
            ),
        );
        fault.cause = "Its selector, affinity or tolerations no longer fit nodes that it runs on".to_owned();
        faults.push(fault);
    }
    if ready >= wanted {
        return faults;
    }
    faults.extend(refused(snapshot, &object));
    let waiting_only = !pods.is_empty()
        && pods.len() as i32 >= wanted
        && pods
            .iter()
            .all(|pod| is_ready(pod) || template::is_starting(pod, snapshot.taken_at));
    let young = template::age(&set.metadata, snapshot.taken_at).is_some_and(|age| age < GRACE);
    if waiting_only || (young && pods.is_empty()) {
        return faults;
    }
    let without: Vec<&str> = snapshot
        .nodes
        .iter()
        .filter_map(|node| node.metadata.name.as_deref())
        .filter(|node| {
            !pods.iter().any(|pod| {
                is_ready(pod) && pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref()) == Some(node)
            })
        })
        .collect();
    let mut fault = Fault::new(
        "daemon-set-missing",
        if ready == 0 {
            Severity::Error
        } else {
            Severity::Warning
        },
        Depth::Symptom,
        object.clone(),
        format!("`{name}` is ready on {ready} of {wanted} nodes"),
    );
    if !without.is_empty() && without.len() <= 20 && !pods.is_empty() {
        fault.cause = format!("It is not ready on {}", wording::code_list(&without, 6));
        if let [only] = without.as_slice() {
            fault.blames.push(ObjectRef::cluster("Node", *only));
        }
    }
    fault.verdict = Verdict::Inconclusive;
    fault.evidence.push(Evidence::new(
        format!("status of {object}"),
        format!(
            "{wanted} wanted, {} scheduled, {ready} ready, {} unavailable, {misscheduled} misscheduled",
            status.current_number_scheduled,
            status.number_unavailable.unwrap_or(0)
        ),
        None,
    ));
    fault.next_check = Some(NextStep::command(
        "See its pods and events",
        format!("kubectl describe {}", kubectl(&object)),
    ));
    faults.push(fault);
    faults
}
