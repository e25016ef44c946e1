//! Jobs in; pods that run to completion, and the job's verdict, out.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    World,
    events::Report,
    pods::{self, Order},
    rollout::complain,
};
use crate::object::{
    self, child, condition, is_controlled_by, is_true, list, name, number, stamp, text, time,
};

const COMPONENT: &str = "job-controller";

pub(super) fn reconcile(world: &mut World, namespace: &str) {
    for job in world.list("batch", "jobs", namespace) {
        if !object::is_leaving(&job) && !world.frozen.contains(object::uid(&job)) {
            one(world, &job);
        }
    }
}

/// Complete or Failed.
pub(super) fn is_finished(job: &Value) -> bool {
    is_true(job, "Complete") || is_true(job, "Failed")
}

fn one(world: &mut World, job: &Arc<Value>) {
    if is_finished(job) {
        return;
    }
    let job = &with_selector(world, job);
    let pods: Vec<Arc<Value>> = world
        .list("", "pods", object::namespace(job))
        .into_iter()
        .filter(|pod| is_controlled_by(pod, job))
        .collect();
    let active: Vec<_> = pods.iter().filter(|pod| pods::is_active(pod)).cloned().collect();
    let count = |phase: &str| {
        pods.iter()
            .filter(|pod| text(pod, "/status/phase") == phase)
            .count() as i64
    };
    let (succeeded, failed) = (count("Succeeded"), count("Failed"));
    let mut status = job
        .get("status")
        .filter(|status| status.is_object())
        .cloned()
        .unwrap_or_else(|| json!({}));

    if object::flag(job, "/spec/suspend") {
        for pod in &active {
            pods::delete(world, pod);
        }
        if !is_true(job, "Suspended") {
            world.report(&Report::new(COMPONENT, job, "Suspended", "Job suspended"));
        }
        let suspended = told("Suspended", "JobSuspended", "Job suspended", world);
        status["conditions"] = json!([object::renewed(condition(job, "Suspended"), suspended, world.now)]);
        if let Some(status) = status.as_object_mut() {
            status.remove("startTime");
        }
        count_into(&mut status, 0, &[], succeeded, failed);
        return world.set_status(job, status);
    }
    if is_true(job, "Suspended") {
        status["conditions"] = json!([]);
        world.report(&Report::new(COMPONENT, job, "Resumed", "Job resumed"));
    }
    object::default_to(&mut status, "startTime", json!(stamp(world.now)));
    let limit = number(job, "/spec/backoffLimit").unwrap_or(6);
    let restarts: i64 = active
        .iter()
        .flat_map(|pod| list(pod, "/status/containerStatuses"))
        .filter_map(|one| number(one, "/restartCount"))
        .sum();
    let deadline = number(job, "/spec/activeDeadlineSeconds")
        .and_then(|seconds| Some(object::later(time(&status, "/startTime")?, seconds * 1000)));
    let wanted = number(job, "/spec/completions");
    let done = wanted.map_or(succeeded > 0 && active.is_empty(), |wanted| succeeded >= wanted);

    if done {
        let finished = pods
            .iter()
            .filter_map(|pod| ended(pod))
            .max()
            .unwrap_or(world.now);
        status["completionTime"] = json!(stamp(finished));
        let message = "Reached expected number of succeeded pods";
        conclude(
            world,
            job,
            &mut status,
            "Complete",
            "SuccessCriteriaMet",
            "CompletionsReached",
            message,
            finished,
        );
        world.recorder.note(
            &Report::new(COMPONENT, job, "Completed", "Job completed"),
            finished,
            1,
        );
        count_into(&mut status, 0, &[], succeeded, failed);
        return world.set_status(job, status);
    }
    let verdict = if deadline.is_some_and(|deadline| deadline <= world.now) {
        Some((
            "DeadlineExceeded",
            "Job was active longer than specified deadline",
            deadline,
        ))
    } else if failed > limit || restarts > 0 && restarts > limit {
        let last = pods.iter().filter_map(|pod| ended(pod)).max();
        Some((
            "BackoffLimitExceeded",
            "Job has reached the specified backoff limit",
            last,
        ))
    } else {
        None
    };
    if let Some((reason, message, at)) = verdict {
        let at = at.unwrap_or(world.now);
        for pod in &active {
            pods::delete(world, pod);
            world.recorder.note(
                &Report::new(
                    COMPONENT,
                    job,
                    "SuccessfulDelete",
                    format!("Deleted pod: {}", name(pod)),
                ),
                at,
                1,
            );
        }
        conclude(
            world,
            job,
            &mut status,
            "Failed",
            "FailureTarget",
            reason,
            message,
            at,
        );
        world
            .recorder
            .note(&Report::new(COMPONENT, job, reason, message).warning(), at, 1);
        let lost = if reason == "DeadlineExceeded" || restarts > limit {
            active.len() as i64
        } else {
            0
        };
        count_into(&mut status, 0, &[], succeeded, failed + lost);
        return world.set_status(job, status);
    }
    if let Some(deadline) = deadline {
        world.wake_at(deadline);
    }
    let active = start_pods(world, job, active, &pods, succeeded, failed);
    count_into(&mut status, active.len() as i64, &active, succeeded, failed);
    world.set_status(job, status);
}

fn start_pods(
    world: &mut World,
    job: &Arc<Value>,
    mut active: Vec<Arc<Value>>,
    all: &[Arc<Value>],
    succeeded: i64,
    failed: i64,
) -> Vec<Arc<Value>> {
    let parallel = number(job, "/spec/parallelism").unwrap_or(1);
    let left = number(job, "/spec/completions").map_or(if succeeded > 0 { 0 } else { parallel }, |wanted| {
        wanted - succeeded
    });
    let mut missing = parallel.min(left) - active.len() as i64;
    if missing > 0 && failed > 0 {
        // A failed pod is replaced after a wait that doubles from ten seconds to six minutes.
        let last = all
            .iter()
            .filter(|pod| text(pod, "/status/phase") == "Failed")
            .filter_map(|pod| ended(pod))
            .max();
        let wait = (10_000_i64 << (failed - 1).clamp(0, 6)).min(360_000);
        let from = object::later(last.unwrap_or(world.now), wait);
        if from > world.now {
            world.wake_at(from);
            return active;
        }
    }
    while missing > 0 {
        missing -= 1;
        let mut labels = vec![
            ("batch.kubernetes.io/controller-uid", object::uid(job).to_owned()),
            ("batch.kubernetes.io/job-name", name(job).to_owned()),
            ("controller-uid", object::uid(job).to_owned()),
            ("job-name", name(job).to_owned()),
        ];
        let mut pod_name = None;
        if text(job, "/spec/completionMode") == "Indexed" {
            let taken = |index: i64| {
                let index = index.to_string();
                all.iter().chain(&active).any(|pod| {
                    text(pod, "/status/phase") != "Failed"
                        && object::entry(
                            pod,
                            "/metadata/labels",
                            "batch.kubernetes.io/job-completion-index",
                        ) == Some(&index)
                })
            };
            let index = (0..number(job, "/spec/completions").unwrap_or(1))
                .find(|index| !taken(*index))
                .unwrap_or(0);
            labels.push(("batch.kubernetes.io/job-completion-index", index.to_string()));
            let made = world.made.get(object::uid(job)).copied().unwrap_or(0);
            let suffix =
                super::names::letters(&format!("{}/{}/{made}", object::namespace(job), name(job)), 5);
            pod_name = Some(format!("{}-{index}-{suffix}", name(job)));
        }
        let order = Order {
            owner: job,
            template: &job["spec"]["template"],
            name: pod_name,
            labels,
            node: None,
        };
        match pods::create(world, order) {
            Ok(pod) => {
                let message = format!("Created pod: {}", name(&pod));
                world.report(&Report::new(COMPONENT, job, "SuccessfulCreate", message));
                active.push(pod);
            }
            Err(status) => {
                complain(
                    world,
                    COMPONENT,
                    job,
                    "FailedCreate",
                    &format!("Error creating: {}", status.message),
                );
                break;
            }
        }
    }
    active
}

fn ended(pod: &Value) -> Option<jiff::Timestamp> {
    list(pod, "/status/containerStatuses")
        .iter()
        .filter_map(|one| time(one, "/state/terminated/finishedAt"))
        .max()
}

fn told(kind: &str, reason: &str, message: &str, world: &World) -> Value {
    json!({"type": kind, "status": "True", "reason": reason, "message": message, "lastProbeTime": stamp(world.now)})
}

#[allow(clippy::too_many_arguments)]
fn conclude(
    world: &World,
    job: &Value,
    status: &mut Value,
    kind: &str,
    before: &str,
    reason: &str,
    message: &str,
    at: jiff::Timestamp,
) {
    let mut conditions = list(job, "/status/conditions").to_vec();
    conditions.retain(|condition| text(condition, "/type") != "Suspended");
    let kinds: &[&str] = if world.scenario.server.minor() >= 31 {
        &[before, kind]
    } else {
        &[kind]
    };
    for kind in kinds {
        conditions.push(json!({
            "type": kind, "status": "True", "reason": reason, "message": message,
            "lastProbeTime": stamp(at), "lastTransitionTime": stamp(at),
        }));
    }
    status["conditions"] = json!(conditions);
}

fn count_into(status: &mut Value, active: i64, pods: &[Arc<Value>], succeeded: i64, failed: i64) {
    let ready = pods.iter().filter(|pod| is_true(pod, "Ready")).count();
    status["ready"] = json!(ready);
    status["terminating"] = json!(0);
    status["uncountedTerminatedPods"] = json!({});
    for (field, count) in [("active", active), ("succeeded", succeeded), ("failed", failed)] {
        if count > 0 {
            status[field] = json!(count);
        } else if let Some(status) = status.as_object_mut() {
            status.remove(field);
        }
    }
}

/// A job selects its pods by its own uid.
fn with_selector(world: &World, job: &Arc<Value>) -> Arc<Value> {
    if job.pointer("/spec/selector").is_some() {
        return Arc::clone(job);
    }
    let uid = object::uid(job).to_owned();
    let job_name = name(job).to_owned();
    let Ok(key) = world.store.key_for(job) else {
        return Arc::clone(job);
    };
    world
        .store
        .modify(&key, |job| {
            job["spec"]["selector"] = json!({"matchLabels": {"batch.kubernetes.io/controller-uid": uid}});
            let labels = child(child(&mut job["spec"]["template"], "metadata"), "labels");
            for (key, value) in [
                ("batch.kubernetes.io/controller-uid", &uid),
                ("controller-uid", &uid),
                ("batch.kubernetes.io/job-name", &job_name),
                ("job-name", &job_name),
            ] {
                labels[key] = json!(value);
            }
        })
        .unwrap_or_else(|_| Arc::clone(job))
}
