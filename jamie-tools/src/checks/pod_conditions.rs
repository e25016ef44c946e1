//! Pods held back by a condition: a readiness gate that nobody opens, a resize that does not come.
//!
//! Checks: `pod-readiness-gate`, `pod-resize`.

use std::sync::Arc;

use jamie_core::{Evidence, Severity, Verdict};
use k8s_openapi::api::core::v1::Pod;

use super::{
    containers,
    pods::{self, Together},
    template,
};
use crate::{
    fault::{Depth, Fault},
    snapshot::{Snapshot, is_ready, reference},
    wording,
};

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    let gates = pods::grouped(snapshot, |pod| gate(snapshot, pod))
        .into_iter()
        .filter_map(|(gate, together)| gate_fault(snapshot, &gate, &together));
    let resizes = pods::grouped(snapshot, resize)
        .into_iter()
        .filter_map(|(reason, together)| resize_fault(&reason, &together));
    gates.chain(resizes).collect()
}

fn gate(snapshot: &Snapshot, pod: &Arc<Pod>) -> Option<String> {
    if pod.metadata.deletion_timestamp.is_some() || is_ready(pod) || pods::phase(pod) != "Running" {
        return None;
    }
    let gates = pod.spec.as_ref()?.readiness_gates.as_ref()?;
    let all_ready = containers::of(pod).all(|seen| seen.status.ready || seen.role == containers::Role::Init);
    if !all_ready || template::is_starting(pod, snapshot.taken_at) {
        return None;
    }
    gates
        .iter()
        .find(|gate| {
            pods::condition(pod, &gate.condition_type).is_none_or(|condition| condition.status != "True")
        })
        .map(|gate| gate.condition_type.clone())
}

fn gate_fault(snapshot: &Snapshot, gate: &str, together: &Together<'_>) -> Option<Fault> {
    let pod = together.first()?;
    let name = together.workload.path();
    let condition = pods::condition(pod, gate);
    let mut fault = together.fault(
        "pod-readiness-gate",
        containers::severity(snapshot, &together.workload),
        Depth::Cause,
        format!("`{name}` is not ready: its readiness gate `{gate}` is not open"),
    );
    fault.cause = match condition {
        Some(condition) => format!(
            "All containers are ready, but the condition `{gate}` is {}{}",
            condition.status,
            condition
                .message
                .as_deref()
                .filter(|message| !message.is_empty())
                .map(|message| format!(": {}", wording::clip(message, 200)))
                .unwrap_or_default()
        ),
        None => format!(
            "All containers are ready, but nobody has set the condition `{gate}`: the controller that should (a load \
             balancer's, mostly) does not run or does not know this pod"
        ),
    };
    gate.clone_into(&mut fault.key);
    fault.since = containers::unready_since(pod);
    fault.evidence.push(Evidence::new(
        format!("conditions of Pod {}", reference(pod.as_ref()).path()),
        condition.map_or_else(
            || format!("{gate}: not set"),
            |condition| format!("{gate}: {}", condition.status),
        ),
        fault.since,
    ));
    Some(fault)
}

fn resize(pod: &Arc<Pod>) -> Option<String> {
    let condition = pods::condition(pod, "PodResizePending").filter(|condition| condition.status == "True");
    match condition {
        Some(condition) => Some(condition.reason.clone().unwrap_or_default()),
        None => pod
            .status
            .as_ref()?
            .resize
            .clone()
            .filter(|resize| matches!(resize.as_str(), "Infeasible" | "Deferred")),
    }
}

fn resize_fault(reason: &str, together: &Together<'_>) -> Option<Fault> {
    let pod = together.first()?;
    let name = together.workload.path();
    let message = pods::condition(pod, "PodResizePending")
        .and_then(|condition| condition.message.as_deref())
        .unwrap_or_default();
    let mut fault = together.fault(
        "pod-resize",
        Severity::Warning,
        Depth::Cause,
        format!(
            "`{name}` waits for its new resources: the resize is {}",
            reason.to_ascii_lowercase()
        ),
    );
    fault.cause = if message.is_empty() {
        match reason {
            "Infeasible" => "The node can never give what the resize asks for".to_owned(),
            _ => "The node has no room for the resize at the moment".to_owned(),
        }
    } else {
        format!("The kubelet says: {}", wording::said(message, 240))
    };
    fault.verdict = Verdict::Confirmed;
    reason.clone_into(&mut fault.key);
    fault.evidence.push(Evidence::new(
        format!("status of Pod {}", reference(pod.as_ref()).path()),
        format!("resize {reason}: {message}"),
        None,
    ));
    Some(fault)
}
