//! CronJobs that have stopped: schedules that cannot be read, runs that are missed or blocked, and the switch.
//!
//! Checks: `cron-schedule`, `cron-missed`, `cron-blocked`, `cron-suspended`. Runs that fail: see `jobs`.

use std::fmt::Write as _;

use croner::{Cron, parser::CronParser};
use jamie_core::{Evidence, NextStep, Severity, Verdict};
use jiff::{Timestamp, tz::TimeZone};
use k8s_openapi::api::batch::v1::{CronJob, Job};

use super::{happened, jobs};
use crate::{
    fault::{Depth, Fault},
    snapshot::{Snapshot, reference},
    wording,
};

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    snapshot
        .cron_jobs
        .iter()
        .filter(|cron_job| cron_job.metadata.deletion_timestamp.is_none())
        .filter_map(|cron_job| of_cron_job(snapshot, cron_job))
        .collect()
}

fn fault(cron_job: &CronJob, check: &'static str, severity: Severity, title: &str) -> Fault {
    let object = reference(cron_job);
    let path = object.path();
    let mut fault = Fault::new(
        check,
        severity,
        Depth::Cause,
        object,
        format!("CronJob `{path}` {title}"),
    );
    fault.key = format!("CronJob/{path}");
    fault.evidence.push(Evidence::new(
        format!("CronJob {path}"),
        format!(
            "schedule: {}, last scheduled: {}, last successful: {}",
            cron_job.spec.schedule,
            cron_job
                .status
                .as_ref()
                .and_then(|status| status.last_schedule_time.as_ref())
                .map_or_else(|| "never".to_owned(), |time| time.0.to_string()),
            cron_job
                .status
                .as_ref()
                .and_then(|status| status.last_successful_time.as_ref())
                .map_or_else(|| "never".to_owned(), |time| time.0.to_string()),
        ),
        None,
    ));
    fault
}

fn of_cron_job(snapshot: &Snapshot, cron_job: &CronJob) -> Option<Fault> {
    let spec = &cron_job.spec;
    let own = reference(cron_job);
    let namespace = own.namespace.as_deref().unwrap_or("default");
    if spec.suspend == Some(true) {
        let mut found = fault(cron_job, "cron-suspended", Severity::Info, "is suspended");
        found.cause = "`spec.suspend` is true: it makes no jobs until somebody resumes it.".into();
        found.remedy = Some(NextStep::command(
            "Resume it when it is wanted",
            format!(
                "kubectl patch cronjob {} -n {namespace} --type merge -p '{{\"spec\":{{\"suspend\":false}}}}'",
                own.name
            ),
        ));
        return Some(found);
    }
    let events = snapshot.events_of(&own);
    let told = happened::latest(
        &events,
        &["UnparseableSchedule", "InvalidSchedule", "UnknownTimeZone"],
        snapshot,
    );
    let zone = match spec.time_zone.as_deref().map(TimeZone::get) {
        Some(Err(_)) => {
            let mut found = fault(
                cron_job,
                "cron-schedule",
                Severity::Error,
                "has a time zone that does not exist",
            );
            found.cause = format!(
                "`timeZone: {}` is no name of a time zone, so it never runs.",
                spec.time_zone.as_deref().unwrap_or_default()
            );
            return Some(found);
        }
        Some(Ok(zone)) => zone,
        None => TimeZone::UTC,
    };
    let schedule = match read(&spec.schedule) {
        Ok(schedule) => schedule,
        // Forms that only the server knows (`@every 1h`) are taken at its word.
        Err(why) if told.is_some() || !spec.schedule.contains('@') => {
            let mut found = fault(
                cron_job,
                "cron-schedule",
                Severity::Error,
                "has a schedule that cannot be read",
            );
            found.cause = format!(
                "`{}` is no cron schedule ({why}), so it never runs.",
                spec.schedule
            );
            found.evidence.extend(told.map(|event| happened::evidence(event)));
            found.remedy = Some(NextStep::command(
                "Correct the schedule",
                format!("kubectl edit cronjob {} -n {namespace}", own.name),
            ));
            return Some(found);
        }
        Err(_) => return None,
    };
    let runs: Vec<&Job> = snapshot
        .jobs
        .iter()
        .filter(|job| {
            jobs::maker(job) == Some(own.name.as_str())
                && job.metadata.namespace == cron_job.metadata.namespace
        })
        .map(AsRef::as_ref)
        .collect();
    missed(snapshot, cron_job, &schedule, &zone, &runs)
}

fn read(schedule: &str) -> Result<Cron, String> {
    let schedule = schedule.trim();
    let schedule = match schedule.split_once(' ') {
        Some((zone, rest)) if zone.starts_with("TZ=") || zone.starts_with("CRON_TZ=") => rest,
        _ => schedule,
    };
    if schedule.len() > 256 {
        return Err("it is too long".to_owned());
    }
    CronParser::builder()
        .seconds(croner::parser::Seconds::Disallowed)
        .build()
        .parse(schedule)
        .map_err(|error| error.to_string().trim_end_matches('.').to_owned())
}

/// The moments between two times when it should have run, at most so many.
fn due(schedule: &Cron, zone: &TimeZone, after: Timestamp, until: Timestamp) -> Vec<Timestamp> {
    let mut due = Vec::new();
    let mut at = after.to_zoned(zone.clone());
    while due.len() < 100 {
        let Ok(next) = schedule.find_next_occurrence(&at, false) else {
            break;
        };
        if next.timestamp() > until || next.timestamp() <= at.timestamp() {
            break;
        }
        due.push(next.timestamp());
        at = next;
    }
    due
}

/// A run that does not end lets no other start.
fn blocked(snapshot: &Snapshot, cron_job: &CronJob, job: &Job, due: &[Timestamp], many: &str) -> Fault {
    let namespace = cron_job.metadata.namespace.as_deref().unwrap_or("default");
    let job_ref = reference(job);
    let mut found = fault(
        cron_job,
        "cron-blocked",
        Severity::Error,
        "is blocked by a run that does not end",
    );
    let running = jobs::started(job)
        .map(|at| format!(" for {}", wording::age(at, snapshot.taken_at)))
        .unwrap_or_default();
    found.cause = format!(
        "Job `{}` has been active{running}, and `concurrencyPolicy: Forbid` lets no other start: {many} missed.",
        job_ref.path()
    );
    found.since = due.first().copied();
    found.blames.push(job_ref.clone());
    found.evidence.push(Evidence::new(
        job_ref.to_string(),
        "active: 1, not complete",
        jobs::started(job),
    ));
    found.next_check = Some(NextStep::command(
        "See what it is doing",
        format!("kubectl logs job/{} -n {namespace} --tail=50", job_ref.name),
    ));
    found.remedy = Some(NextStep::command(
        "Delete the hanging run; give the job an `activeDeadlineSeconds`",
        format!("kubectl delete job {} -n {namespace}", job_ref.name),
    ));
    found
}

/// At least two runs were due since the last one.
fn missed(
    snapshot: &Snapshot,
    cron_job: &CronJob,
    schedule: &Cron,
    zone: &TimeZone,
    runs: &[&Job],
) -> Option<Fault> {
    let own = reference(cron_job);
    let namespace = own.namespace.as_deref().unwrap_or("default");
    let status = cron_job.status.as_ref();
    let last = status
        .and_then(|status| status.last_schedule_time.as_ref())
        .map(|time| time.0)
        .max(runs.iter().filter_map(|job| jobs::started(job)).max());
    let made = cron_job.metadata.creation_timestamp.as_ref().map(|time| time.0);
    let from = last.or(made)?;
    // A controller needs a moment.
    let until = Timestamp::from_second(snapshot.taken_at.as_second() - 120).ok()?;
    let due = due(schedule, zone, from, until);
    let hanging = runs
        .iter()
        .filter(|job| {
            job.status
                .as_ref()
                .is_some_and(|status| status.active.unwrap_or(0) > 0)
                && !jobs::has_succeeded(job)
        })
        .min_by_key(|job| jobs::started(job));
    if due.len() < 2 {
        return None;
    }
    let many = if due.len() == 100 {
        "100 or more runs".to_owned()
    } else {
        wording::count(due.len(), "run")
    };
    let since_last = match last {
        Some(last) => format!("The last run was {} ago", wording::age(last, snapshot.taken_at)),
        None => format!(
            "It has never run since it was made {} ago",
            wording::age(from, snapshot.taken_at)
        ),
    };
    if let (Some("Forbid"), Some(job)) = (cron_job.spec.concurrency_policy.as_deref(), hanging) {
        return Some(blocked(snapshot, cron_job, job, &due, &many));
    }
    let events = snapshot.events_of(&own);
    let told = happened::latest(
        &events,
        &[
            "TooManyMissedTimes",
            "FailedNeedsStart",
            "MissSchedule",
            "FailedCreate",
        ],
        snapshot,
    );
    // Nothing but missing runs of a young object, or in a cluster whose controllers are off, proves little.
    let is_known = last.is_some() || told.is_some();
    let mut found = fault(
        cron_job,
        "cron-missed",
        if is_known {
            Severity::Error
        } else {
            Severity::Warning
        },
        "has stopped running",
    );
    found.cause = format!(
        "{since_last}, and {many} {} been due since by its schedule `{}`.",
        if due.len() == 1 { "has" } else { "have" },
        cron_job.spec.schedule
    );
    found.verdict = if told.is_some() {
        Verdict::Confirmed
    } else {
        Verdict::Likely
    };
    match (told, cron_job.spec.starting_deadline_seconds) {
        (Some(event), _) => {
            _ = write!(
                found.cause,
                " {}.",
                wording::clip(happened::message(event), 200).trim_end_matches('.')
            );
            found.evidence.push(happened::evidence(event));
        }
        (None, Some(deadline)) if deadline < 30 => {
            _ = write!(
                found.cause,
                " Its `startingDeadlineSeconds` of {deadline} is so short that the controller may miss every run."
            );
        }
        _ => {}
    }
    found.since = due.first().copied();
    found.next_check = Some(NextStep::command(
        "See what the controller says",
        format!("kubectl describe cronjob {} -n {namespace}", own.name),
    ));
    found.remedy = Some(NextStep::command(
        "Start a run by hand meanwhile",
        format!(
            "kubectl create job {}-manual --from=cronjob/{} -n {namespace}",
            own.name, own.name
        ),
    ));
    Some(found)
}
