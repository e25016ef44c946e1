//! Jobs that have failed for good, keep failing, or run far longer than they should.
//!
//! Checks: `job-failed`, `job-deadline`, `job-failing`, `job-overrunning`, `job-suspended`.
//! A job whose work is done while a sidecar runs on: see `container_lingers`.
//! A job that has succeeded after retries is fine, and so is a failed run of a CronJob that has succeeded since.

use std::fmt::Write as _;
use std::sync::Arc;

use jamie_core::{Evidence, NextStep, ObjectRef, Severity, Verdict};
use jiff::Timestamp;
use k8s_openapi::api::{
    batch::v1::{Job, JobCondition},
    core::v1::Pod,
};

use super::happened;
use crate::{
    fault::{Depth, Fault},
    snapshot::{Snapshot, reference},
    wording,
};

/// A job of its own that failed longer ago than this is history.
const HISTORY: i64 = 7 * 86_400;

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    snapshot
        .jobs
        .iter()
        .filter(|job| job.metadata.deletion_timestamp.is_none())
        .filter_map(|job| of_job(snapshot, job))
        .collect()
}

/// The CronJob that made it.
pub(crate) fn maker(job: &Job) -> Option<&str> {
    let owners = job.metadata.owner_references.as_deref()?;
    owners
        .iter()
        .find(|owner| owner.kind == "CronJob")
        .map(|owner| owner.name.as_str())
}

/// A condition of the job that is True.
pub(crate) fn condition<'j>(job: &'j Job, type_: &str) -> Option<&'j JobCondition> {
    let conditions = job.status.as_ref()?.conditions.as_ref()?;
    conditions
        .iter()
        .find(|condition| condition.type_ == type_ && condition.status == "True")
}

/// Whether it has come to its end well.
pub(crate) fn has_succeeded(job: &Job) -> bool {
    let is_complete = condition(job, "Complete")
        .or(condition(job, "SuccessCriteriaMet"))
        .is_some();
    is_complete
        || (job
            .status
            .as_ref()
            .is_some_and(|status| status.completion_time.is_some())
            && condition(job, "Failed").is_none())
}

/// When the job was started, or made.
pub(crate) fn started(job: &Job) -> Option<Timestamp> {
    let status = job.status.as_ref().and_then(|status| status.start_time.as_ref());
    status
        .or(job.metadata.creation_timestamp.as_ref())
        .map(|time| time.0)
}

fn of_job(snapshot: &Snapshot, job: &Job) -> Option<Fault> {
    let spec = job.spec.as_ref()?;
    if has_succeeded(job) {
        return None;
    }
    if spec.suspend == Some(true) {
        return Some(suspended(job));
    }
    if let Some(failed) = condition(job, "Failed").or(condition(job, "FailureTarget")) {
        return of_failed(snapshot, job, failed);
    }
    let status = job.status.as_ref()?;
    let failures = status.failed.unwrap_or(0);
    if failures > 0 {
        return Some(failing(snapshot, job, failures));
    }
    overrunning(snapshot, job)
}

/// The CronJob where there is one, which is what people know, and else the job.
fn shown(job: &Job) -> ObjectRef {
    match maker(job) {
        Some(name) => ObjectRef::namespaced(
            "CronJob",
            job.metadata.namespace.as_deref().unwrap_or("default"),
            name,
        ),
        None => reference(job),
    }
}

fn suspended(job: &Job) -> Fault {
    let object = reference(job);
    let mut fault = Fault::new(
        "job-suspended",
        Severity::Info,
        Depth::Cause,
        object.clone(),
        format!("Job `{}` is suspended", object.path()),
    );
    fault.cause = "`spec.suspend` is true: it starts no pods until somebody resumes it.".into();
    fault.key = format!("Job/{}#suspend", object.path());
    fault
        .evidence
        .push(Evidence::new(object.to_string(), "suspend: true", None));
    fault.remedy = Some(NextStep::command(
        "Resume it when it is wanted",
        format!(
            "kubectl patch job {} -n {} --type merge -p '{{\"spec\":{{\"suspend\":false}}}}'",
            object.name,
            object.namespace.as_deref().unwrap_or("default")
        ),
    ));
    fault
}

fn of_failed(snapshot: &Snapshot, job: &Job, failed: &JobCondition) -> Option<Fault> {
    let at = failed.last_transition_time.as_ref().map(|time| time.0);
    let is_history =
        at.is_some_and(|at| snapshot.taken_at.as_second().saturating_sub(at.as_second()) > HISTORY);
    if is_history || is_made_good(snapshot, job) {
        return None;
    }
    let own = reference(job);
    let object = shown(job);
    let spec = job.spec.as_ref()?;
    let reason = failed.reason.as_deref().unwrap_or("Failed");
    let failures = job.status.as_ref().and_then(|status| status.failed).unwrap_or(0);
    let (check, title, cause) = match reason {
        "BackoffLimitExceeded" => (
            "job-failed",
            format!(
                "Job `{}` has failed and given up (BackoffLimitExceeded)",
                own.path()
            ),
            format!(
                "Its pod failed {}, more often than `backoffLimit: {}` allows.",
                if failures == 1 {
                    "once".to_owned()
                } else {
                    format!("{} times", failures.max(1))
                },
                spec.backoff_limit.unwrap_or(6)
            ),
        ),
        "DeadlineExceeded" => (
            "job-deadline",
            format!(
                "Job `{}` took too long and was stopped (DeadlineExceeded)",
                own.path()
            ),
            format!(
                "It ran longer than its `activeDeadlineSeconds` of {}.",
                spec.active_deadline_seconds.map_or_else(
                    || "?".to_owned(),
                    |seconds| format!("{seconds} ({})", wording::duration(seconds))
                )
            ),
        ),
        "PodFailurePolicy" => (
            "job-failed",
            format!("Job `{}` was failed by its podFailurePolicy", own.path()),
            "A pod ended in a way that the policy does not want to be tried again.".to_owned(),
        ),
        other => (
            "job-failed",
            format!("Job `{}` has failed ({other})", own.path()),
            String::new(),
        ),
    };
    let mut fault = Fault::new(check, Severity::Error, Depth::Failure, object, title);
    if check == "job-deadline" {
        fault.remedy = Some(NextStep::advice(
            "Find out what holds it up, or give it a longer `activeDeadlineSeconds`",
        ));
    }
    let message = failed.message.as_deref().unwrap_or_default();
    fault.cause = cause;
    if reason == "PodFailurePolicy" && !message.is_empty() {
        _ = write!(
            fault.cause,
            " {}.",
            wording::clip(message, 240).trim_end_matches('.')
        );
    }
    fault.cause.push_str(&streak(snapshot, job));
    fault.cause = fault.cause.trim().to_owned();
    fault.key = format!("Job/{}", job_family(job));
    fault.since = at;
    fault.evidence.push(Evidence::new(
        format!("{own} condition Failed"),
        format!("{reason}: {message}"),
        at,
    ));
    ends(snapshot, job, &mut fault);
    Some(fault)
}

/// How many runs in a row have failed, and when one last did not.
fn streak(snapshot: &Snapshot, job: &Job) -> String {
    let Some(name) = maker(job) else {
        return String::new();
    };
    let namespace = job.metadata.namespace.as_deref().unwrap_or("default");
    let runs = || {
        snapshot
            .jobs
            .iter()
            .filter(|other| maker(other) == Some(name) && other.metadata.namespace == job.metadata.namespace)
    };
    let good = runs()
        .filter(|other| has_succeeded(other))
        .filter_map(|other| started(other))
        .chain(
            snapshot
                .cron_job(namespace, name)
                .and_then(|cron| cron.status.as_ref()?.last_successful_time.as_ref())
                .map(|time| time.0),
        )
        .max();
    let failed = runs()
        .filter(|other| condition(other, "Failed").is_some() && started(other) > good)
        .count();
    let last = good.map(|good| {
        format!(
            "; the last good run was {} ago",
            wording::age(good, snapshot.taken_at)
        )
    });
    match (failed, last) {
        (0 | 1, None) => String::new(),
        (0 | 1, Some(last)) => format!(" The run before was fine{last}."),
        (failed, last) => format!(
            " The last {failed} runs have all failed{}.",
            last.unwrap_or_default()
        ),
    }
}

/// Runs of one CronJob are one matter.
fn job_family(job: &Job) -> String {
    match maker(job) {
        Some(name) => format!(
            "{}/{name}",
            job.metadata.namespace.as_deref().unwrap_or("default")
        ),
        None => reference(job).path(),
    }
}

/// Whether a later run of the same CronJob has succeeded, or this is not its latest failure.
fn is_made_good(snapshot: &Snapshot, job: &Job) -> bool {
    let Some(maker_name) = maker(job) else {
        return false;
    };
    snapshot.jobs.iter().any(|other| {
        other.metadata.namespace == job.metadata.namespace
            && maker(other) == Some(maker_name)
            && started(other) > started(job)
            && (has_succeeded(other) || condition(other, "Failed").is_some())
    })
}

/// How its pods ended, with the log that would tell more.
fn ends(snapshot: &Snapshot, job: &Job, fault: &mut Fault) {
    let own = reference(job);
    let pods: Vec<&Arc<Pod>> = snapshot.pods_of(&own);
    fault.seen_count = pods.len();
    fault.seen_on = pods
        .iter()
        .take(Fault::MAX_SEEN)
        .map(|pod| reference(pod.as_ref()))
        .collect();
    fault.blames.push(own.clone());
    let namespace = own.namespace.as_deref().unwrap_or("default");
    fault.next_check = Some(NextStep::command(
        "Read what it logged",
        format!("kubectl logs job/{} -n {namespace} --tail=50", own.name),
    ));
    for pod in pods.iter().rev() {
        let statuses = pod.status.iter().flat_map(|status| {
            status
                .init_container_statuses
                .iter()
                .chain(&status.container_statuses)
                .flatten()
        });
        for container in statuses {
            let ended = container
                .state
                .as_ref()
                .and_then(|state| state.terminated.as_ref())
                .or(container
                    .last_state
                    .as_ref()
                    .and_then(|state| state.terminated.as_ref()));
            let Some(ended) = ended.filter(|ended| ended.exit_code != 0) else {
                continue;
            };
            let reason = ended.reason.as_deref().unwrap_or("Error");
            _ = write!(
                fault.cause,
                " Container `{}` ended with exit code {} ({reason}).",
                container.name, ended.exit_code
            );
            fault.cause = fault.cause.trim().to_owned();
            fault.evidence.push(Evidence::new(
                format!("{} status", reference(pod.as_ref())),
                format!(
                    "{}: exit code {}, {reason} {}",
                    container.name,
                    ended.exit_code,
                    ended.message.as_deref().unwrap_or_default()
                ),
                ended.finished_at.as_ref().map(|time| time.0),
            ));
            fault.leads.push(crate::fault::Lead::Log {
                pod: reference(pod.as_ref()),
                container: container.name.clone(),
                previous: container
                    .state
                    .as_ref()
                    .is_some_and(|state| state.terminated.is_none()),
            });
            return;
        }
    }
    let events = snapshot.events_of(&own);
    if let Some(event) = happened::latest(
        &events,
        &["BackoffLimitExceeded", "DeadlineExceeded", "FailedCreate"],
        snapshot,
    ) {
        fault.evidence.push(happened::evidence(event));
    }
}

/// Pods of it fail, and it still tries.
fn failing(snapshot: &Snapshot, job: &Job, failures: i32) -> Fault {
    let own = reference(job);
    let limit = job.spec.as_ref().and_then(|spec| spec.backoff_limit).unwrap_or(6);
    let mut fault = Fault::new(
        "job-failing",
        Severity::Warning,
        Depth::Failure,
        shown(job),
        format!(
            "Job `{}` keeps failing: {} so far",
            own.path(),
            wording::count(usize::try_from(failures).unwrap_or(0), "failed pod")
        ),
    );
    fault.cause = format!("It is tried again until `backoffLimit: {limit}` is reached.");
    fault.key = format!("Job/{}", job_family(job));
    fault.since = started(job);
    fault.evidence.push(Evidence::new(
        format!("{own} status"),
        format!("failed: {failures}"),
        Some(snapshot.taken_at),
    ));
    ends(snapshot, job, &mut fault);
    fault
}

/// It runs many times longer than the runs before, or past its deadline.
fn overrunning(snapshot: &Snapshot, job: &Job) -> Option<Fault> {
    let status = job.status.as_ref()?;
    let since = started(job)?;
    if status.active.unwrap_or(0) == 0 {
        return None;
    }
    let running = snapshot.taken_at.as_second().saturating_sub(since.as_second());
    let name = maker(job)?;
    let mut lengths: Vec<i64> = snapshot
        .jobs
        .iter()
        .filter(|other| {
            maker(other) == Some(name)
                && other.metadata.namespace == job.metadata.namespace
                && has_succeeded(other)
        })
        .filter_map(|other| {
            let status = other.status.as_ref()?;
            let end = status.completion_time.as_ref()?.0;
            Some(end.as_second().saturating_sub(started(other)?.as_second()))
        })
        .collect();
    lengths.sort_unstable();
    let longest = *lengths.last()?;
    if running < 600 || running < longest.saturating_mul(5) {
        return None;
    }
    let own = reference(job);
    let mut fault = Fault::new(
        "job-overrunning",
        Severity::Warning,
        Depth::Failure,
        shown(job),
        format!(
            "Job `{}` has been running for {}, far longer than usual",
            own.path(),
            wording::duration(running)
        ),
    );
    fault.cause = format!(
        "The last {} took {} at most: it probably hangs.",
        wording::count(lengths.len(), "run"),
        wording::duration(longest)
    );
    fault.verdict = Verdict::Likely;
    fault.key = format!("Job/{}#long", job_family(job));
    fault.since = Some(since);
    fault.evidence.push(Evidence::new(
        format!("{own} status"),
        format!("active since {since}"),
        Some(since),
    ));
    ends(snapshot, job, &mut fault);
    Some(fault)
}
