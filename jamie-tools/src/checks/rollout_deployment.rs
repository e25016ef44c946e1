//! Deployments that do not have the replicas they want, or whose rollout has come to a halt.
//!
//! Checks: `rollout-stuck`, `replicas-missing`, `replicas-refused`, `rollout-paused`, `rollout-unobserved`,
//! `scaled-to-zero`. A rollout that moves is nobody's fault.

use jamie_core::{Evidence, NextStep, ObjectRef, Severity, Verdict};
use jiff::Timestamp;
use k8s_openapi::api::apps::v1::{Deployment, DeploymentCondition, ReplicaSet};

use super::{happened, proposals, refusal, template::kubectl};
use crate::{
    fault::{Depth, Fault},
    snapshot::{Snapshot, reference},
    wording,
};

/// A rollout may be quiet for so long before it counts as halted, when nothing says better.
const GRACE: i64 = 90;

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    snapshot
        .deployments
        .iter()
        .flat_map(|deployment| of(snapshot, deployment))
        .collect()
}

struct Look<'a> {
    object: ObjectRef,
    wanted: i32,
    ready: i32,
    updated: i32,
    total: i32,
    progressing: Option<&'a DeploymentCondition>,
    available: Option<&'a DeploymentCondition>,
    failure: Option<&'a DeploymentCondition>,
}

fn condition<'a>(deployment: &'a Deployment, type_: &str) -> Option<&'a DeploymentCondition> {
    deployment
        .status
        .as_ref()?
        .conditions
        .iter()
        .flatten()
        .find(|condition| condition.type_.as_deref() == Some(type_))
}

fn is(condition: Option<&DeploymentCondition>, status: &str) -> bool {
    condition.is_some_and(|condition| condition.status.as_deref() == Some(status))
}

fn of(snapshot: &Snapshot, deployment: &Deployment) -> Vec<Fault> {
    if deployment.metadata.deletion_timestamp.is_some() {
        return Vec::new();
    }
    let status = deployment.status.as_ref();
    let look = Look {
        object: reference(deployment),
        wanted: deployment.spec.replicas.unwrap_or(1),
        ready: status.and_then(|status| status.ready_replicas).unwrap_or(0),
        updated: status.and_then(|status| status.updated_replicas).unwrap_or(0),
        total: status.and_then(|status| status.replicas).unwrap_or(0),
        progressing: condition(deployment, "Progressing"),
        available: condition(deployment, "Available"),
        failure: condition(deployment, "ReplicaFailure"),
    };
    let mut faults = Vec::new();
    faults.extend(paused(snapshot, deployment, &look));
    faults.extend(unobserved(snapshot, deployment, &look));
    if look.wanted == 0 {
        faults.push(scaled_to_zero(deployment, &look));
        return faults;
    }
    if is(look.failure, "True") {
        faults.push(refused(&look));
    }
    match halted(snapshot, deployment, &look) {
        Some(fault) => faults.push(fault),
        None => faults.extend(missing(snapshot, deployment, &look)),
    }
    faults
}

fn since(condition: Option<&DeploymentCondition>) -> Option<Timestamp> {
    let condition = condition?;
    condition
        .last_transition_time
        .as_ref()
        .or(condition.last_update_time.as_ref())
        .map(|time| time.0)
}

fn quote(look: &Look<'_>, condition: Option<&DeploymentCondition>) -> Option<Evidence> {
    let condition = condition?;
    Some(Evidence::new(
        format!("conditions of {}", look.object),
        format!(
            "{}={} {}: {}",
            condition.type_.as_deref().unwrap_or_default(),
            condition.status.as_deref().unwrap_or_default(),
            condition.reason.as_deref().unwrap_or_default(),
            condition.message.as_deref().unwrap_or_default()
        ),
        since(Some(condition)),
    ))
}

fn counts(look: &Look<'_>) -> Evidence {
    Evidence::new(
        format!("status of {}", look.object),
        format!(
            "{} wanted, {} there, {} of the newest revision, {} ready",
            look.wanted, look.total, look.updated, look.ready
        ),
        None,
    )
}

/// A rollout past its progress deadline.
fn halted(snapshot: &Snapshot, deployment: &Deployment, look: &Look<'_>) -> Option<Fault> {
    let progressing = look.progressing?;
    if progressing.status.as_deref() != Some("False")
        || progressing
            .reason
            .as_deref()
            .is_some_and(|reason| reason == "DeploymentPaused")
    {
        return None;
    }
    // Whoever got all replicas after the deadline is well, whatever the condition says.
    if look.ready >= look.wanted && look.updated >= look.wanted {
        return None;
    }
    let name = look.object.path();
    let sets = snapshot.replica_sets_of(deployment);
    let old: i32 = sets
        .iter()
        .skip(1)
        .filter_map(|set| set.status.as_ref()?.ready_replicas)
        .sum();
    let reason = progressing
        .reason
        .as_deref()
        .unwrap_or("ProgressDeadlineExceeded");
    let serving = if old > 0 {
        format!(
            "; the old revision still serves with {}",
            wording::count(old as usize, "ready pod")
        )
    } else {
        String::new()
    };
    let mut fault = Fault::new(
        "rollout-stuck",
        if look.ready > 0 {
            Severity::Error
        } else {
            Severity::Critical
        },
        Depth::Symptom,
        look.object.clone(),
        format!(
            "The rollout of `{name}` is stuck ({reason}): {} of {} replicas are of the new revision, {} ready{serving}",
            look.updated, look.wanted, look.ready
        ),
    );
    fault.cause = changed(&sets).unwrap_or_default();
    fault.verdict = Verdict::Inconclusive;
    fault.evidence.extend(quote(look, Some(progressing)));
    fault.evidence.push(counts(look));
    fault.since = since(Some(progressing));
    fault.remedy = (old > 0).then(|| {
        let step = NextStep::command(
            "Go back to the revision that works",
            format!("kubectl rollout undo {}", kubectl(&look.object)),
        );
        match proposals::serving_revision(snapshot, deployment) {
            Some(number) => step.proposing(proposals::rollback(
                &look.object,
                number,
                "the new revision gets no pod ready, and its time is up".to_owned(),
            )),
            None => step,
        }
    });
    fault.next_check = Some(NextStep::command(
        "See how the rollout stands",
        format!("kubectl rollout status {}", kubectl(&look.object)),
    ));
    Some(fault)
}

/// What the newest revision changed, where that is small enough to say.
fn changed(sets: &[&std::sync::Arc<ReplicaSet>]) -> Option<String> {
    let images = |set: &ReplicaSet| {
        let spec = set.spec.template.as_ref()?.spec.as_ref()?;
        Some(
            spec.containers
                .iter()
                .map(|container| {
                    (
                        container.name.clone(),
                        container.image.clone().unwrap_or_default(),
                    )
                })
                .collect::<Vec<_>>(),
        )
    };
    let (new, old) = (images(sets.first()?)?, images(sets.get(1)?)?);
    let moves: Vec<String> = new
        .iter()
        .filter_map(|(name, image)| {
            let before = &old.iter().find(|(other, _)| other == name)?.1;
            (before != image).then(|| format!("`{before}` to `{image}`"))
        })
        .collect();
    (!moves.is_empty()).then(|| {
        format!(
            "The new revision changes the image from {}",
            wording::list(&moves, 3)
        )
    })
}

/// Replicas that are not ready without a rollout to excuse them.
fn missing(snapshot: &Snapshot, deployment: &Deployment, look: &Look<'_>) -> Option<Fault> {
    let status = deployment.status.as_ref()?;
    if look.ready >= look.wanted {
        return None;
    }
    let now = snapshot.taken_at.as_second();
    let moving = look.progressing.is_some_and(|condition| {
        condition.status.as_deref() == Some("True")
            && condition.reason.as_deref() != Some("NewReplicaSetAvailable")
            && condition.last_update_time.as_ref().is_some_and(|time| {
                let deadline = deployment.spec.progress_deadline_seconds.unwrap_or(600);
                now.saturating_sub(time.0.as_second()) < i64::from(deadline.min(600))
            })
    });
    let pods = snapshot.pods_of(&look.object);
    let empty = pods.is_empty() && look.total == 0;
    let unavailable_since = since(
        look.available
            .filter(|condition| condition.status.as_deref() == Some("False")),
    );
    let fresh = unavailable_since
        .or_else(|| super::containers::unready_since(pods.first()?))
        .or_else(|| deployment.metadata.creation_timestamp.as_ref().map(|time| time.0))
        .is_some_and(|since| now.saturating_sub(since.as_second()) < GRACE);
    let says_so = is(look.available, "False") || status.unavailable_replicas.unwrap_or(0) > 0;
    let waiting_only = pods
        .iter()
        .all(|pod| super::template::is_starting(pod, snapshot.taken_at));
    // A server without controllers never writes a status: nothing is known then.
    if !says_so && pods.is_empty() && status.observed_generation.is_none() && status.replicas.is_none() {
        return None;
    }
    if (moving && waiting_only && !pods.is_empty())
        || (fresh && waiting_only && !pods.is_empty())
        || (fresh && empty && !says_so)
    {
        return None;
    }
    // What is ready by the pods is ready: a status written by hand may lag.
    let ready = pods.iter().filter(|pod| super::template::is_ready(pod)).count();
    if ready as i32 >= look.wanted {
        return None;
    }
    let name = look.object.path();
    let (title, cause) = if empty && snapshot.may_see("Pod", look.object.namespace.as_deref()) {
        (
            format!(
                "`{name}` wants {} but has no pods at all",
                wording::count(look.wanted as usize, "replica")
            ),
            "No pod could be made, or nobody makes them".to_owned(),
        )
    } else {
        (
            format!("`{name}` has {} of {} replicas ready", look.ready, look.wanted),
            String::new(),
        )
    };
    let mut fault = Fault::new(
        "replicas-missing",
        if look.ready == 0 {
            Severity::Error
        } else {
            Severity::Warning
        },
        Depth::Symptom,
        look.object.clone(),
        title,
    );
    fault.cause = cause;
    fault.verdict = Verdict::Inconclusive;
    fault.evidence.push(counts(look));
    fault.evidence.extend(quote(
        look,
        look.available
            .filter(|condition| condition.status.as_deref() == Some("False")),
    ));
    fault.since = unavailable_since;
    for set in snapshot.replica_sets_of(deployment).into_iter().take(1) {
        let events = snapshot.events_of(&reference(set.as_ref()));
        if let Some(event) = events
            .iter()
            .rev()
            .find(|event| event.reason.as_deref() == Some("FailedCreate"))
        {
            let (cause, blames) = refusal::read(happened::message(event), look.object.namespace.as_deref());
            fault.check = "replicas-refused";
            fault.depth = Depth::Failure;
            fault.title = format!(
                "`{name}` cannot get its pods: {}",
                refusal::short(happened::message(event))
            );
            fault.cause = cause;
            fault.verdict = Verdict::Confirmed;
            fault.blames = blames;
            fault.evidence.push(happened::evidence(event));
        }
    }
    fault.next_check = Some(NextStep::command(
        "See its pods and events",
        format!("kubectl describe {}", kubectl(&look.object)),
    ));
    Some(fault)
}

/// Pods that the API server refuses to create.
fn refused(look: &Look<'_>) -> Fault {
    let message = look
        .failure
        .and_then(|condition| condition.message.as_deref())
        .unwrap_or_default();
    let (cause, blames) = refusal::read(message, look.object.namespace.as_deref());
    let name = look.object.path();
    let mut fault = Fault::new(
        "replicas-refused",
        if look.ready > 0 {
            Severity::Error
        } else {
            Severity::Critical
        },
        Depth::Failure,
        look.object.clone(),
        format!("`{name}` cannot get its pods: {}", refusal::short(message)),
    );
    fault.cause = cause;
    fault.blames = blames;
    fault.evidence.extend(quote(look, look.failure));
    fault.evidence.push(counts(look));
    fault.since = since(look.failure);
    fault
}

fn paused(snapshot: &Snapshot, deployment: &Deployment, look: &Look<'_>) -> Option<Fault> {
    if deployment.spec.paused != Some(true) {
        return None;
    }
    let newest = snapshot
        .replica_sets_of(deployment)
        .first()
        .map(|set| reference(set.as_ref()));
    let half_way = look.updated < look.wanted && look.wanted > 0;
    let since = since(
        look.progressing
            .filter(|condition| condition.reason.as_deref() == Some("DeploymentPaused")),
    );
    let long =
        since.is_none_or(|since| snapshot.taken_at.as_second().saturating_sub(since.as_second()) > 1_800);
    let name = look.object.path();
    let lasts = since.map_or_else(String::new, |since| {
        format!(" for {}", wording::age(since, snapshot.taken_at))
    });
    let mut fault = Fault::new(
        "rollout-paused",
        if half_way && long {
            Severity::Warning
        } else {
            Severity::Info
        },
        Depth::Cause,
        look.object.clone(),
        format!("The rollout of `{name}` is paused{lasts}"),
    );
    fault.cause = if half_way {
        format!(
            "`spec.paused` is true, so changes wait: {} of {} replicas are of the newest revision",
            look.updated, look.wanted
        )
    } else {
        "`spec.paused` is true, so changes to it are not rolled out".to_owned()
    };
    fault.since = since;
    fault.evidence.push(Evidence::new(
        format!("spec of {}", look.object),
        "paused: true",
        since,
    ));
    fault.evidence.push(counts(look));
    fault.remedy = Some(NextStep::command(
        "Let it go on",
        format!("kubectl rollout resume {}", kubectl(&look.object)),
    ));
    if let (true, Some(step)) = (half_way && long, &mut fault.remedy) {
        step.proposal = Some(proposals::proposal(
            "resume",
            serde_json::json!({"target": look.object}),
            vec![format!("its rollout stands half way{lasts}")],
        ));
    }
    let _ = newest;
    Some(fault)
}

/// A spec that the controller has not looked at.
fn unobserved(snapshot: &Snapshot, deployment: &Deployment, look: &Look<'_>) -> Option<Fault> {
    let observed = deployment.status.as_ref()?.observed_generation?;
    let generation = deployment.metadata.generation?;
    if observed >= generation {
        return None;
    }
    let written = deployment
        .metadata
        .managed_fields
        .iter()
        .flatten()
        .filter_map(|entry| entry.time.as_ref())
        .map(|time| time.0)
        .max()?;
    if snapshot.taken_at.as_second().saturating_sub(written.as_second()) < 120 {
        return None;
    }
    let name = look.object.path();
    let mut fault = Fault::new(
        "rollout-unobserved",
        Severity::Error,
        Depth::Failure,
        look.object.clone(),
        format!("The last change of `{name}` has not been taken up by the deployment controller"),
    );
    fault.cause = format!(
        "It was changed {} ago (generation {generation}), but the controller has only seen generation {observed}: the \
         kube-controller-manager is down or far behind",
        wording::age(written, snapshot.taken_at)
    );
    fault.since = Some(written);
    fault.evidence.push(Evidence::new(
        format!("status of {}", look.object),
        format!("generation {generation}, observedGeneration {observed}"),
        Some(written),
    ));
    Some(fault)
}

fn scaled_to_zero(deployment: &Deployment, look: &Look<'_>) -> Fault {
    let name = look.object.path();
    let mut fault = Fault::new(
        "scaled-to-zero",
        Severity::Info,
        Depth::Cause,
        look.object.clone(),
        format!("`{name}` is scaled to zero: it has no pods, as its spec wants"),
    );
    "`spec.replicas` is 0".clone_into(&mut fault.cause);
    fault.since = since(look.progressing);
    fault.evidence.push(Evidence::new(
        format!("spec of {}", look.object),
        "replicas: 0",
        None,
    ));
    fault.remedy = Some(NextStep::command(
        "Scale it up, if it is to run",
        format!("kubectl scale {} --replicas=1", kubectl(&look.object)),
    ));
    let _ = deployment;
    fault
}
