//! Containers that end again and again, or ended badly for good.
//!
//! Checks: `container-crash` (an error), `container-completes` (no error, but nothing stays running).

use jamie_core::{NextStep, Severity, Verdict};

use super::{
    container_memory, container_start,
    containers::{self, Group, Role, Seen},
    exit_codes, probes,
    template::kubectl,
};
use crate::{
    fault::{Depth, Fault},
    snapshot::{Snapshot, reference},
    wording,
};

/// Between two crashes a container runs for a while: an end of this long ago still counts as crashing.
const JUST_NOW: i64 = 10 * 60;
/// A container that runs well but restarted several times within this is flapping.
const LATELY: i64 = 3_600;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// Ends with an error again and again.
    Crashes,
    /// Ended with an error and stays so.
    Failed,
    /// Ends without an error and is started again.
    Completes,
    /// Runs now, after several restarts.
    Flaps,
}

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    containers::grouped(snapshot, |seen| kind(snapshot, seen))
        .into_iter()
        .filter_map(|(kind, group)| fault(snapshot, kind, &group))
        .collect()
}

fn kind(snapshot: &Snapshot, seen: &Seen<'_>) -> Option<Kind> {
    if container_memory::was_killed(snapshot, seen) || container_start::cannot_start(seen) {
        return None;
    }
    let stays_down = seen
        .pod
        .spec
        .as_ref()
        .is_some_and(|spec| matches!(spec.restart_policy.as_deref(), Some("Never" | "OnFailure")));
    let backs_off = seen
        .waiting()
        .is_some_and(|(reason, _)| reason == "CrashLoopBackOff");
    let kind = match (seen.last_end(), backs_off) {
        (None, true) => Kind::Crashes,
        (None, false) => return None,
        (Some(end), _) => {
            // A container that ended with its node says nothing about itself.
            if matches!(end.reason.as_deref(), Some("ContainerStatusUnknown" | "Unknown")) {
                return None;
            }
            let clean = end.exit_code == 0;
            if backs_off {
                if clean { Kind::Completes } else { Kind::Crashes }
            } else if seen.ended().is_some() {
                match (clean, seen.role) {
                    (true, Role::Init) => return None,
                    (true, _) if stays_down => return None,
                    (true, _)
                        if seen.restarts() == 0 && containers::ended_within(end, snapshot.taken_at, 30) =>
                    {
                        return None;
                    }
                    (true, _) => Kind::Completes,
                    (false, _) if stays_down && seen.restarts() == 0 => Kind::Failed,
                    (false, _) => Kind::Crashes,
                }
            } else if seen.is_running() {
                let just_now = containers::ended_within(end, snapshot.taken_at, JUST_NOW);
                match (clean, seen.restarts()) {
                    (false, 2..) if just_now && !seen.status.ready => Kind::Crashes,
                    (false, 3..) if containers::ended_within(end, snapshot.taken_at, LATELY) => Kind::Flaps,
                    (true, 3..) if just_now && !seen.status.ready => Kind::Completes,
                    _ => return None,
                }
            } else {
                return None;
            }
        }
    };
    // The probe that has it killed is the better story.
    if probes::killed_by_probe(snapshot, seen).is_some() {
        return None;
    }
    Some(kind)
}

fn fault(snapshot: &Snapshot, kind: Kind, group: &Group<'_>) -> Option<Fault> {
    let seen = group.first()?;
    let name = group.workload.path();
    let label = seen.label();
    let share = containers::share(snapshot, group);
    let restarts = seen.restarts();
    let end = seen.last_end();
    let code = end.map(|end| end.exit_code);
    let with_code = code.map_or_else(String::new, |code| format!(" with exit code {code}"));
    let backs_off = if group.seen.iter().any(|seen| {
        seen.waiting()
            .is_some_and(|(reason, _)| reason == "CrashLoopBackOff")
    }) {
        " (CrashLoopBackOff)"
    } else {
        ""
    };
    let worst = containers::severity(snapshot, &group.workload);
    let (check, severity, title) = match kind {
        Kind::Crashes if seen.role == Role::Init => (
            "container-crash",
            worst,
            format!("`{name}` cannot start{share}: its {label} fails{with_code}{backs_off}"),
        ),
        Kind::Crashes => (
            "container-crash",
            worst,
            format!("`{name}` keeps crashing{share}: {label} ends{with_code}{backs_off}"),
        ),
        Kind::Failed => (
            "container-crash",
            worst.min(Severity::Error),
            format!("`{name}` failed{share}: {label} ended{with_code}"),
        ),
        Kind::Completes => (
            "container-completes",
            worst,
            format!("`{name}` does not stay up{share}: {label} ends by itself with exit code 0{backs_off}"),
        ),
        Kind::Flaps => (
            "container-crash",
            Severity::Warning,
            format!(
                "`{name}` restarted {restarts} times{share}: {label} last ended{with_code}, and runs for now"
            ),
        ),
    };
    let mut fault = group.fault(check, severity, Depth::Failure, title);
    fault.cause = cause(snapshot, kind, seen);
    fault.key = format!("{}#{}", seen.name(), code.unwrap_or_default());
    fault.verdict = Verdict::Inconclusive;
    fault.evidence.push(containers::evidence(seen));
    fault.since = containers::since(snapshot, seen);
    fault.leads.push(seen.log_lead());
    let previous = if seen.ended().is_none() && restarts > 0 {
        " --previous"
    } else {
        ""
    };
    let pod = seen.pod_ref();
    fault.next_check = Some(NextStep::command(
        "Read the container's last words",
        format!(
            "kubectl logs {} -n {} -c {}{previous}",
            pod.name,
            pod.namespace.as_deref().unwrap_or("default"),
            seen.name()
        ),
    ));
    if kind == Kind::Completes {
        fault.verdict = Verdict::Likely;
        fault.remedy = Some(NextStep::command(
            "Let its command stay in the foreground, or make it a Job if it is meant to end",
            format!("kubectl edit {}", kubectl(&group.workload)),
        ));
    }
    Some(fault)
}

fn cause(snapshot: &Snapshot, kind: Kind, seen: &Seen<'_>) -> String {
    let label = wording::sentence(&seen.label());
    let restarts = wording::count(seen.restarts() as usize, "restart");
    let Some(end) = seen.last_end() else {
        return format!("{label} is restarted again and again ({restarts}); how it ends was not recorded");
    };
    let lasted = end
        .started_at
        .as_ref()
        .zip(end.finished_at.as_ref())
        .map(|(from, to)| to.0.as_second() - from.0.as_second())
        .filter(|seconds| *seconds >= 0)
        .map(|seconds| format!(" {} after its start", wording::duration(seconds)))
        .unwrap_or_default();
    let mut text = match kind {
        Kind::Completes => {
            let mut text = format!(
                "{label} runs to its end without an error{lasted}, and is started again each time ({restarts}): its \
                 command is not one that stays"
            );
            let command = seen.command();
            if !command.is_empty() {
                text.push_str(&format!(" (`{command}`)"));
            }
            text
        }
        _ => format!(
            "{label} ended{lasted} with exit code {}: {} ({restarts})",
            end.exit_code,
            exit_codes::meaning(end)
        ),
    };
    if end.exit_code == 137 && end.reason.as_deref() != Some("OOMKilled") {
        let killed = snapshot
            .events_of(&reference(seen.pod.as_ref()))
            .iter()
            .any(|event| event.reason.as_deref() == Some("Killing"));
        if !killed {
            text.push_str("; no event says who killed it");
        }
    }
    text
}
