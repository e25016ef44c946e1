//! CronJobs in; the jobs of their last runs, and their status, out.

use std::{str::FromStr, sync::Arc};

use croner::Cron;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use super::{World, events::Report, job};
use crate::{
    object::{self, flag, is_controlled_by, is_true, name, number, stamp, text, time},
    store::Key,
};

/// The last few times that a CronJob was due between two moments, oldest first.
pub(crate) fn runs(cron_job: &Value, from: Timestamp, to: Timestamp, most: usize) -> Vec<Timestamp> {
    let Ok(cron) = Cron::from_str(text(cron_job, "/spec/schedule")) else {
        return Vec::new();
    };
    let zone = TimeZone::get(text(cron_job, "/spec/timeZone")).unwrap_or(TimeZone::UTC);
    let mut runs = Vec::new();
    let mut at = to.to_zoned(zone);
    while runs.len() < most {
        let Ok(previous) = cron.find_previous_occurrence(&at, false) else {
            break;
        };
        if previous.timestamp() <= from {
            break;
        }
        runs.push(previous.timestamp());
        at = previous;
    }
    runs.reverse();
    runs
}

/// Starts the run of `namespace/cron` that was due now.
pub(crate) fn run(world: &mut World, namespace: &str, cron: &str) {
    let Some(cron_job) = world.get("batch", "cronjobs", namespace, cron) else {
        return;
    };
    if flag(&cron_job, "/spec/suspend") {
        return;
    }
    let forbid = text(&cron_job, "/spec/concurrencyPolicy") == "Forbid";
    let running = world
        .list("batch", "jobs", namespace)
        .iter()
        .any(|one| is_controlled_by(one, &cron_job) && !job::is_finished(one));
    if forbid && running {
        let message = "Not starting job because prior execution is running and concurrency policy is Forbid";
        world.report(&Report::new(
            "cronjob-controller",
            &cron_job,
            "JobAlreadyActive",
            message,
        ));
        return;
    }
    let mut spec = cron_job
        .pointer("/spec/jobTemplate/spec")
        .cloned()
        .unwrap_or_default();
    let job_name = format!("{}-{}", name(&cron_job), world.now.as_second() / 60);
    let mut one = json!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": job_name,
            "namespace": namespace,
            "creationTimestamp": stamp(world.now),
            "annotations": {"batch.kubernetes.io/cronjob-scheduled-timestamp": stamp(world.now)},
            "ownerReferences": [object::owner_reference(&cron_job)],
        },
        "spec": spec.take(),
    });
    for field in ["labels", "annotations"] {
        let given = cron_job.pointer(&format!("/spec/jobTemplate/metadata/{field}"));
        for (key, value) in given.and_then(Value::as_object).into_iter().flatten() {
            object::child(&mut one["metadata"], field)[key] = value.clone();
        }
    }
    crate::defaults::fill(&mut one);
    if world
        .store
        .create(Key::namespaced("batch", "jobs", namespace, &job_name), one)
        .is_ok()
    {
        let message = format!("Created job {job_name}");
        world.report(&Report::new(
            "cronjob-controller",
            &cron_job,
            "SuccessfulCreate",
            message,
        ));
        let mut status = cron_job.get("status").cloned().unwrap_or_else(|| json!({}));
        if !status.is_object() {
            status = json!({});
        }
        status["lastScheduleTime"] = json!(stamp(world.now));
        world.set_status(&cron_job, status);
    }
}

pub(super) fn reconcile(world: &mut World, namespace: &str) {
    let cron_jobs = world.list("batch", "cronjobs", namespace);
    if cron_jobs.is_empty() {
        return;
    }
    let jobs = world.list("batch", "jobs", namespace);
    for cron_job in cron_jobs {
        if world.frozen.contains(object::uid(&cron_job)) {
            continue;
        }
        one(world, &cron_job, &jobs);
    }
}

fn one(world: &mut World, cron_job: &Value, jobs: &[Arc<Value>]) {
    let mut mine: Vec<_> = jobs
        .iter()
        .filter(|one| is_controlled_by(one, cron_job))
        .cloned()
        .collect();
    mine.sort_by_key(|one| object::created(one));
    let mut status = cron_job
        .get("status")
        .filter(|status| status.is_object())
        .cloned()
        .unwrap_or_else(|| json!({}));
    let active: Vec<Value> = mine
        .iter()
        .filter(|one| !job::is_finished(one))
        .map(|one| {
            json!({"apiVersion": "batch/v1", "kind": "Job", "name": name(one), "namespace": object::namespace(one), "uid": object::uid(one)})
        })
        .collect();
    if active.is_empty() {
        if let Some(status) = status.as_object_mut() {
            status.remove("active");
        }
    } else {
        status["active"] = json!(active);
    }
    if let Some(last) = mine
        .iter()
        .filter(|one| is_true(one, "Complete"))
        .filter_map(|one| time(one, "/status/completionTime"))
        .max()
    {
        let known = time(&status, "/lastSuccessfulTime");
        if known.is_none_or(|known| known < last) {
            status["lastSuccessfulTime"] = json!(stamp(last));
        }
    }
    world.set_status(cron_job, status);
    for (condition, field, default) in [
        ("Complete", "/spec/successfulJobsHistoryLimit", 3),
        ("Failed", "/spec/failedJobsHistoryLimit", 1),
    ] {
        let keep = number(cron_job, field).unwrap_or(default).max(0) as usize;
        let done: Vec<_> = mine.iter().filter(|one| is_true(one, condition)).collect();
        for one in done.iter().take(done.len().saturating_sub(keep)) {
            let _ = world.store.delete(&Key::namespaced(
                "batch",
                "jobs",
                object::namespace(one),
                name(one),
            ));
        }
    }
}
