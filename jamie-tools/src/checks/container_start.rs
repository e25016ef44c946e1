//! Containers that the runtime cannot create or start: a wrong command, a missing program, a failed hook.
//!
//! Checks: `container-start`, `container-hook`.

use jamie_core::{NextStep, Severity};

use super::{
    containers::{self, Group, Seen},
    happened,
    template::kubectl,
};
use crate::{
    fault::{Depth, Fault},
    snapshot::Snapshot,
    wording,
};

const WAITING: [&str; 8] = [
    "CreateContainerError",
    "RunContainerError",
    "StartError",
    "ContainerCannotRun",
    "PreStartHookError",
    "PreCreateHookError",
    "KillContainerError",
    "VerifyNonRootError",
];
const ENDED: [&str; 2] = ["StartError", "ContainerCannotRun"];

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    let mut faults: Vec<Fault> = containers::grouped(snapshot, |seen| cannot_start(seen).then_some(()))
        .into_iter()
        .filter_map(|((), group)| start_fault(snapshot, &group))
        .collect();
    faults.extend(
        containers::grouped(snapshot, |seen| hook(snapshot, seen))
            .into_iter()
            .filter_map(|(hook, group)| hook_fault(snapshot, hook, &group)),
    );
    faults
}

/// Whether the runtime refuses the container: it never ran a line of its own.
pub(crate) fn cannot_start(seen: &Seen<'_>) -> bool {
    if seen
        .waiting()
        .is_some_and(|(reason, _)| WAITING.contains(&reason))
    {
        return true;
    }
    seen.last_end().is_some_and(|end| {
        !seen.is_running()
            && end
                .reason
                .as_deref()
                .is_some_and(|reason| ENDED.contains(&reason))
    })
}

fn start_fault(snapshot: &Snapshot, group: &Group<'_>) -> Option<Fault> {
    let seen = group.first()?;
    let event = containers::container_event(snapshot, seen, &["Failed"], |text| {
        text.starts_with("Error: ") && !text.contains("ImagePull")
    });
    let told = event
        .map(|event| happened::message(event).trim_start_matches("Error: "))
        .unwrap_or_default();
    let ended = seen
        .last_end()
        .and_then(|end| end.message.as_deref())
        .unwrap_or_default();
    let waiting = seen
        .waiting()
        .map(|(_, message)| message)
        .filter(|message| !message.starts_with("back-off"));
    let message = [waiting.unwrap_or_default(), ended, told]
        .into_iter()
        .find(|text| !text.is_empty())
        .unwrap_or_default();
    let reason = seen
        .waiting()
        .map(|(reason, _)| reason)
        .filter(|reason| WAITING.contains(reason))
        .or_else(|| seen.last_end().and_then(|end| end.reason.as_deref()))
        .unwrap_or("StartError");
    let name = group.workload.path();
    let mut fault = group.fault(
        "container-start",
        containers::severity(snapshot, &group.workload).max(Severity::Error),
        Depth::Cause,
        format!(
            "`{name}` cannot start{}: the runtime refuses {} ({reason})",
            containers::share(snapshot, group),
            seen.label()
        ),
    );
    let (cause, key) = explain(seen, message);
    fault.cause = cause;
    fault.key = key;
    fault.evidence.push(containers::evidence(seen));
    if let Some(event) = event {
        fault.evidence.push(happened::evidence(event));
    }
    fault.since = containers::since(snapshot, seen);
    fault.remedy = Some(NextStep::command(
        "Compare `command`, `args` and mounts with what the image holds, and correct them",
        format!("kubectl get {} -o yaml", kubectl(&group.workload)),
    ));
    Some(fault)
}

fn explain(seen: &Seen<'_>, message: &str) -> (String, String) {
    let text = message.to_ascii_lowercase();
    let label = wording::sentence(&seen.label());
    let program = message
        .split("exec: ")
        .nth(1)
        .and_then(|rest| rest.split('"').nth(1));
    let command = seen.command();
    let ran = if command.is_empty() {
        " (the image's own command)".to_owned()
    } else {
        format!(" (its command is `{command}`)")
    };
    if text.contains("executable file not found")
        || text.contains("no such file or directory") && text.contains("exec")
    {
        let program = program.unwrap_or("the command");
        return (
            format!(
                "{label} is to run `{program}`, which does not exist in the image `{}`{ran}: executable file not found",
                seen.image()
            ),
            format!("command:{program}"),
        );
    }
    if text.contains("exec format error") {
        return (
            format!(
                "the image `{}` is built for another processor architecture than the node's (exec format error)",
                seen.image()
            ),
            "architecture".to_owned(),
        );
    }
    if text.contains("permission denied") {
        let program = program.unwrap_or("the command");
        return (
            format!(
                "{label} may not execute `{program}` (permission denied): the file in the image is not executable for its user"
            ),
            format!("permission:{program}"),
        );
    }
    if text.contains("not a directory") && text.contains("mount")
        || text.contains("are you trying to mount a directory")
    {
        return (
            format!(
                "{label} mounts a file onto a directory or the other way round: {}",
                wording::clip(message, 240)
            ),
            "mount".to_owned(),
        );
    }
    if text.contains("no such file") || text.contains("mount") {
        return (
            format!(
                "{label} cannot mount what it needs: {}",
                wording::clip(message, 240)
            ),
            "mount".to_owned(),
        );
    }
    if text.contains("memory") && (text.contains("limit") || text.contains("too low") || text.contains("oom"))
    {
        return (
            format!(
                "{label} has too low a memory limit to be started at all: {}",
                wording::clip(message, 200)
            ),
            "memory".to_owned(),
        );
    }
    if message.is_empty() {
        return (
            format!("{label} fails before its program runs{ran}"),
            String::new(),
        );
    }
    (
        format!("The runtime says: {}", wording::said(message, 280)),
        String::new(),
    )
}

/// The lifecycle hook that fails, by its events or reasons.
fn hook(snapshot: &Snapshot, seen: &Seen<'_>) -> Option<&'static str> {
    let reason = seen.waiting().map(|(reason, _)| reason);
    if reason == Some("PostStartHookError") {
        return Some("postStart");
    }
    seen.spec?.lifecycle.as_ref()?;
    if seen.status.ready && seen.restarts() == 0 {
        return None;
    }
    containers::container_event(snapshot, seen, &["FailedPostStartHook"], |_| true).map(|_| "postStart")
}

fn hook_fault(snapshot: &Snapshot, hook: &'static str, group: &Group<'_>) -> Option<Fault> {
    let seen = group.first()?;
    let event = containers::container_event(snapshot, seen, &["FailedPostStartHook"], |_| true);
    let told = event
        .map(|event| happened::message(event))
        .or_else(|| seen.waiting().map(|(_, message)| message))
        .unwrap_or_default();
    let mut fault = group.fault(
        "container-hook",
        containers::severity(snapshot, &group.workload),
        Depth::Cause,
        format!(
            "`{}` keeps restarting{}: the {hook} hook of {} fails (PostStartHookError)",
            group.workload.path(),
            containers::share(snapshot, group),
            seen.label()
        ),
    );
    fault.cause = format!(
        "The {hook} hook fails, so the kubelet kills the container: {}",
        wording::clip(told, 240)
    );
    hook.clone_into(&mut fault.key);
    fault.evidence.push(containers::evidence(seen));
    if let Some(event) = event {
        fault.evidence.push(happened::evidence(event));
    }
    fault.since = containers::since(snapshot, seen);
    fault.remedy = Some(NextStep::command(
        format!("Correct the {hook} hook of {}", seen.label()),
        format!("kubectl edit {}", kubectl(&group.workload)),
    ));
    Some(fault)
}
