//! Job pods whose work is done but which a sidecar keeps alive, so that the Job never completes.
//!
//! Check: `job-sidecar`.

use std::sync::Arc;

use jamie_core::{Evidence, NextStep, Severity};
use k8s_openapi::api::core::v1::Pod;

use super::{
    containers::{self, Role, Seen},
    pods::{self, Together},
    template::kubectl,
};
use crate::{
    fault::{Depth, Fault},
    snapshot::{Snapshot, reference},
    wording,
};

/// A helper may take so long to notice that its master is gone.
const PATIENCE: i64 = 180;

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    pods::grouped(snapshot, |pod| lingers(snapshot, pod).then_some(()))
        .into_iter()
        .filter_map(|((), together)| fault(snapshot, &together))
        .collect()
}

fn done(pod: &Arc<Pod>) -> impl Iterator<Item = Seen<'_>> {
    containers::of(pod)
        .filter(|seen| seen.role == Role::Main && seen.ended().is_some_and(|end| end.exit_code == 0))
}

fn running(pod: &Arc<Pod>) -> impl Iterator<Item = Seen<'_>> {
    containers::of(pod).filter(|seen| seen.role == Role::Main && seen.is_running())
}

fn lingers(snapshot: &Snapshot, pod: &Arc<Pod>) -> bool {
    let of_job = pod
        .metadata
        .owner_references
        .iter()
        .flatten()
        .any(|owner| owner.kind == "Job");
    if !of_job || pods::phase(pod) != "Running" || pod.metadata.deletion_timestamp.is_some() {
        return false;
    }
    let long_done = done(pod).any(|seen| {
        seen.ended()
            .and_then(|end| end.finished_at.as_ref())
            .is_none_or(|time| snapshot.taken_at.as_second().saturating_sub(time.0.as_second()) > PATIENCE)
    });
    long_done && running(pod).next().is_some()
}

fn fault(snapshot: &Snapshot, together: &Together<'_>) -> Option<Fault> {
    let pod = together.first()?;
    let work = done(pod).next()?;
    let helper = running(pod).next()?;
    let ended = work
        .ended()
        .and_then(|end| end.finished_at.as_ref())
        .map(|time| time.0);
    let ago = ended.map_or_else(String::new, |ended| {
        format!(" {} ago", wording::age(ended, snapshot.taken_at))
    });
    let mut fault = together.fault(
        "job-sidecar",
        Severity::Error,
        Depth::Cause,
        format!(
            "`{}` never completes: {} is done, but {} keeps running",
            together.workload.path(),
            work.label(),
            helper.label()
        ),
    );
    fault.cause = format!(
        "{} ended well (exit code 0){ago}; the pod only counts as completed when `{}` ends too, which nobody tells it to",
        wording::sentence(&work.label()),
        helper.name()
    );
    helper.name().clone_into(&mut fault.key);
    fault.since = ended;
    fault.evidence.push(containers::evidence(&work));
    fault.evidence.push(Evidence::new(
        format!(
            "status of {} in Pod {}",
            helper.label(),
            reference(pod.as_ref()).path()
        ),
        "running",
        helper.running_since(),
    ));
    fault.remedy = Some(NextStep::command(
        format!(
            "Make `{}` a native sidecar (an init container with `restartPolicy: Always`), or let the work stop it",
            helper.name()
        ),
        format!("kubectl edit {}", kubectl(&together.workload)),
    ));
    Some(fault)
}
