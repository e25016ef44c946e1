//! Jobs and schedules.

use jamie_core::Severity;

use super::{faults, only, quiet, says};

fn job(name: &str, spec: &str, status: &str, owner: &str) -> String {
    format!(
        "
---
apiVersion: batch/v1
kind: Job
metadata: {{name: {name}, namespace: shop, creationTimestamp: 2026-11-20T03:00:00Z{owner}}}
spec:
  {spec}
  template: {{spec: {{restartPolicy: Never, containers: [{{name: main, image: 'r:1'}}]}}}}
status: {status}
"
    )
}

const BY_REPORT: &str =
    ", ownerReferences: [{apiVersion: batch/v1, kind: CronJob, name: report, uid: c1, controller: true}]";

fn cron(spec: &str, status: &str) -> String {
    format!(
        "
---
apiVersion: batch/v1
kind: CronJob
metadata: {{name: report, namespace: shop, uid: c1, creationTimestamp: 2026-11-01T00:00:00Z}}
spec:
  {spec}
  jobTemplate: {{spec: {{template: {{spec: {{restartPolicy: Never, containers: [{{name: main, image: 'r:1'}}]}}}}}}}}
status: {status}
"
    )
}

#[test]
fn a_job_that_gave_up_is_told_with_the_exit_code_of_its_pod() {
    let failed = "{failed: 4, conditions: [{type: Failed, status: 'True', reason: BackoffLimitExceeded, message: Job has reached the specified backoff limit, lastTransitionTime: 2026-11-20T11:00:00Z}]}";
    let pod = "
---
apiVersion: v1
kind: Pod
metadata: {name: migrate-x, namespace: shop, ownerReferences: [{apiVersion: batch/v1, kind: Job, name: migrate, uid: j, controller: true}]}
spec: {restartPolicy: Never, containers: [{name: main, image: 'r:1'}]}
status: {phase: Failed, containerStatuses: [{name: main, ready: false, restartCount: 0, image: 'r:1', imageID: '', state: {terminated: {exitCode: 3, reason: Error}}}]}
";
    let found = faults(&(job("migrate", "backoffLimit: 3", failed, "") + pod));
    let fault = only(&found, "job-failed");
    says(
        fault,
        &[
            "`shop/migrate`",
            "BackoffLimitExceeded",
            "4 times",
            "`backoffLimit: 3`",
            "exit code 3",
        ],
    );
    assert_eq!((fault.severity, fault.leads.len()), (Severity::Error, 1));
}

#[test]
fn a_deadline_is_told_with_its_length() {
    let failed = "{failed: 1, conditions: [{type: Failed, status: 'True', reason: DeadlineExceeded, lastTransitionTime: 2026-11-20T11:00:00Z}]}";
    says(
        only(
            &faults(&job("load", "activeDeadlineSeconds: 600", failed, "")),
            "job-deadline",
        ),
        &["DeadlineExceeded", "600 (10 min)"],
    );
}

#[test]
fn success_after_retries_and_suspension_are_no_faults() {
    quiet(&faults(&job(
        "a",
        "backoffLimit: 6",
        "{succeeded: 1, failed: 2, conditions: [{type: Complete, status: 'True'}], completionTime: 2026-11-20T03:05:00Z}",
        "",
    )));
    let suspended = faults(&job("b", "suspend: true", "{}", ""));
    assert_eq!(only(&suspended, "job-suspended").severity, Severity::Info);
    let old = "{failed: 1, conditions: [{type: Failed, status: 'True', reason: BackoffLimitExceeded, lastTransitionTime: 2026-11-01T11:00:00Z}]}";
    quiet(&faults(&job("c", "backoffLimit: 0", old, "")));
}

#[test]
fn a_failed_run_that_a_later_one_made_good_is_history() {
    let failed = "{startTime: 2026-11-19T03:00:00Z, failed: 1, conditions: [{type: Failed, status: 'True', reason: BackoffLimitExceeded, lastTransitionTime: 2026-11-19T03:10:00Z}]}";
    let good = "{startTime: 2026-11-20T03:00:00Z, succeeded: 1, completionTime: 2026-11-20T03:05:00Z, conditions: [{type: Complete, status: 'True'}]}";
    let schedule = cron(
        "schedule: '0 3 * * *'",
        "{lastScheduleTime: 2026-11-20T03:00:00Z}",
    );
    quiet(&faults(
        &(schedule.clone()
            + &job("report-1", "backoffLimit: 0", failed, BY_REPORT)
            + &job("report-2", "backoffLimit: 0", good, BY_REPORT)),
    ));
    let found = faults(&(schedule + &job("report-1", "backoffLimit: 0", failed, BY_REPORT)));
    assert_eq!(only(&found, "job-failed").object.kind, "CronJob");
}

#[test]
fn schedules_are_read() {
    let good = cron(
        "schedule: '*/5 * * * *'",
        "{lastScheduleTime: 2026-11-20T11:55:00Z}",
    );
    quiet(&faults(&good));
    says(
        only(
            &faults(&good.replace("*/5 * * * *", "61 * * * *")),
            "cron-schedule",
        ),
        &["`61 * * * *`", "never runs"],
    );
    says(
        only(
            &faults(&cron("schedule: '0 3 * * *'\n  timeZone: Europe/Lundon", "{}")),
            "cron-schedule",
        ),
        &["`timeZone: Europe/Lundon`"],
    );
    quiet(&faults(&good.replace("*/5 * * * *", "@every 1h")));
}

#[test]
fn missed_runs_are_counted() {
    let stopped = cron(
        "schedule: '0 * * * *'",
        "{lastScheduleTime: 2026-11-20T06:00:00Z}",
    );
    says(
        only(&faults(&stopped), "cron-missed"),
        &[
            "6 h ago",
            "5 runs have been due",
            "kubectl create job report-manual --from=cronjob/report",
        ],
    );
    let suspended = faults(&stopped.replace("schedule:", "suspend: true\n  schedule:"));
    assert_eq!(only(&suspended, "cron-suspended").severity, Severity::Info);
    quiet(&suspended);
    let zoned = cron(
        "schedule: '0 3 * * *'\n  timeZone: Europe/London",
        "{lastScheduleTime: 2026-11-20T03:00:00Z}",
    );
    quiet(&faults(&zoned));
}

#[test]
fn a_run_that_hangs_blocks_the_next() {
    let blocked = cron(
        "schedule: '0 * * * *'\n  concurrencyPolicy: Forbid",
        "{lastScheduleTime: 2026-11-20T03:00:00Z}",
    ) + &job(
        "report-1",
        "backoffLimit: 0",
        "{startTime: 2026-11-20T03:00:00Z, active: 1}",
        BY_REPORT,
    );
    says(
        only(&faults(&blocked), "cron-blocked"),
        &["`shop/report-1`", "`concurrencyPolicy: Forbid`", "9 h"],
    );
}

#[test]
fn a_run_far_longer_than_the_ones_before_is_told() {
    let before = "{startTime: 2026-11-19T03:00:00Z, succeeded: 1, completionTime: 2026-11-19T03:04:00Z, conditions: [{type: Complete, status: 'True'}]}";
    let long = cron(
        "schedule: '0 3 * * *'",
        "{lastScheduleTime: 2026-11-20T03:00:00Z}",
    ) + &job("report-1", "backoffLimit: 0", before, BY_REPORT)
        + &job(
            "report-2",
            "backoffLimit: 0",
            "{startTime: 2026-11-20T03:00:00Z, active: 1}",
            BY_REPORT,
        );
    says(only(&faults(&long), "job-overrunning"), &["9 h", "4 min at most"]);
    quiet(&faults(&long.replace(
        "startTime: 2026-11-20T03:00:00Z, active",
        "startTime: 2026-11-20T11:57:00Z, active",
    )));
}

#[test]
fn runs_that_fail_in_a_row_are_counted() {
    let run = |name: &str, day: &str| {
        let failed = format!(
            "{{startTime: 2026-11-{day}T03:00:00Z, failed: 1, conditions: [{{type: Failed, status: 'True', reason: BackoffLimitExceeded, lastTransitionTime: 2026-11-{day}T03:10:00Z}}]}}"
        );
        job(name, "backoffLimit: 0", &failed, BY_REPORT)
    };
    let schedule = cron(
        "schedule: '0 3 * * *'",
        "{lastScheduleTime: 2026-11-20T03:00:00Z, lastSuccessfulTime: 2026-11-16T03:05:00Z}",
    );
    let found = faults(&(schedule + &run("report-1", "19") + &run("report-2", "20")));
    says(
        only(&found, "job-failed"),
        &[
            "`shop/report-2`",
            "The last 2 runs have all failed; the last good run was 4 d ago",
        ],
    );
}
