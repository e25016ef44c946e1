//! A bound claim in, growing that failed or waits out.

use super::Case;
use crate::{
    checks::happened,
    fault::{Depth, Fault},
    quantity,
    snapshot::reference,
    wording,
};
use jamie_core::{NextStep, Severity};

/// Growing that failed, or that waits for a pod to start anew.
pub(super) fn resize(case: &Case<'_>) -> Option<Fault> {
    let status = case.claim.status.as_ref()?;
    let events = case.snapshot.events_of(&reference(case.claim));
    let failed = happened::latest(
        &events,
        &["VolumeResizeFailed", "FileSystemResizeFailed", "ResizeFailed"],
        case.snapshot,
    );
    let stuck = status
        .allocated_resource_statuses
        .iter()
        .flatten()
        .find(|(_, state)| state.ends_with("ResizeFailed") || state.ends_with("ResizeInfeasible"));
    let condition = status.conditions.iter().flatten().find(|condition| {
        condition.status == "True"
            && matches!(
                condition.type_.as_str(),
                "FileSystemResizePending" | "ControllerResizeError" | "NodeResizeError" | "ModifyVolumeError"
            )
    });
    let asked = case
        .claim
        .spec
        .as_ref()
        .and_then(|spec| spec.resources.as_ref()?.requests.as_ref()?.get("storage"));
    let has = status
        .capacity
        .as_ref()
        .and_then(|capacity| capacity.get("storage"));
    let (Some(asked), Some(has)) = (asked, has) else {
        return None;
    };
    if quantity::milli(has) >= quantity::milli(asked) {
        return None;
    }
    let why = match (failed, stuck, condition) {
        (Some(event), ..) => format!(
            "The resize failed: {}",
            wording::clip(happened::message(event), 240)
        ),
        (None, Some((_, state)), _) => format!("The resize stands at {state}"),
        (None, None, Some(condition)) if condition.type_ == "FileSystemResizePending" => {
            let since = condition.last_transition_time.as_ref().map(|time| time.0);
            let waited = since.map(|since| {
                case.snapshot
                    .taken_at
                    .as_second()
                    .saturating_sub(since.as_second())
            });
            if waited.is_some_and(|waited| waited < 600) {
                return None;
            }
            "The disk has grown, its file system grows when a pod mounts it anew (FileSystemResizePending)"
                .to_owned()
        }
        (None, None, Some(condition)) => {
            format!(
                "{}: {}",
                condition.type_,
                wording::clip(condition.message.as_deref().unwrap_or_default(), 240)
            )
        }
        (None, None, None) => return None,
    };
    let mut fault = case.fault(
        "claim-resize",
        Depth::Cause,
        format!(
            "Claim `{}/{}` has {} and not the {} it asks for",
            case.namespace, case.name, has.0, asked.0
        ),
    );
    fault.severity = Severity::Warning;
    fault.cause = format!("{}.", why.trim_end_matches('.'));
    fault
        .evidence
        .extend(failed.map(|event| happened::evidence(event)));
    fault.next_check = Some(NextStep::command(
        "See how far the resize has come",
        format!("kubectl describe pvc {} -n {}", case.name, case.namespace),
    ));
    Some(fault)
}
