//! Pods whose init container runs and runs, so that the application never starts.
//!
//! Check: `init-waiting`.

use jamie_core::{NextStep, Severity, Verdict};

use super::containers::{self, Group, Role, Seen};
use crate::{
    fault::{Depth, Fault, Lead},
    snapshot::Snapshot,
    wording,
};

/// An init container may take so long before anybody wonders.
const PATIENCE: i64 = 180;

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    containers::grouped(snapshot, |seen| hangs(snapshot, seen).then_some(()))
        .into_iter()
        .filter_map(|((), group)| fault(snapshot, &group))
        .collect()
}

fn hangs(snapshot: &Snapshot, seen: &Seen<'_>) -> bool {
    if seen.role != Role::Init || !seen.is_running() {
        return false;
    }
    // A status without a start was not written by a kubelet, and tells of something that lasts.
    let since = seen.running_since();
    since.is_none_or(|since| snapshot.taken_at.as_second().saturating_sub(since.as_second()) > PATIENCE)
}

fn fault(snapshot: &Snapshot, group: &Group<'_>) -> Option<Fault> {
    let seen = group.first()?;
    let name = group.workload.path();
    let lasts = seen
        .running_since()
        .map(|since| format!(" for {}", wording::age(since, snapshot.taken_at)))
        .unwrap_or_default();
    let mut fault = group.fault(
        "init-waiting",
        containers::severity(snapshot, &group.workload).min(Severity::Error),
        Depth::Failure,
        format!(
            "`{name}` does not start{}: its init container `{}` has been running{lasts} and does not end",
            containers::share(snapshot, group),
            seen.name()
        ),
    );
    let command = seen.command();
    fault.cause = if command.is_empty() {
        "The application's containers only start once it has ended".to_owned()
    } else {
        format!("The application's containers only start once it has ended; it runs `{command}`")
    };
    fault.key = seen.name().to_owned();
    fault.verdict = Verdict::Inconclusive;
    fault.evidence.push(containers::evidence(seen));
    fault.since = seen.running_since();
    let pod = seen.pod_ref();
    fault.leads.push(Lead::Log {
        pod: pod.clone(),
        container: seen.name().to_owned(),
        previous: false,
    });
    fault.next_check = Some(NextStep::command(
        "See what it waits for",
        format!(
            "kubectl logs {} -n {} -c {}",
            pod.name,
            pod.namespace.as_deref().unwrap_or("default"),
            seen.name()
        ),
    ));
    Some(fault)
}
