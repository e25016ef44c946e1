//! Pods that have a node but never get as far as a container: volumes, sandbox, network.
//!
//! Check: `pod-creating`.

use std::sync::Arc;

use jamie_core::{NextStep, ObjectRef, Severity, Verdict};
use k8s_openapi::api::core::v1::{Event, Pod};

use super::{
    containers, happened,
    pods::{self, Together},
    template::kubectl,
};
use crate::{
    fault::{Depth, Fault},
    snapshot::{Snapshot, event_time, reference},
    wording,
};

const REASONS: [&str; 12] = [
    "FailedMount",
    "FailedAttachVolume",
    "FailedMapVolume",
    "FailedCreatePodSandBox",
    "FailedCreatePodContainer",
    "FailedPrepareDynamicResources",
    "NetworkNotReady",
    "FailedPodSandBoxStatus",
    "FailedSync",
    "DNSConfigForming",
    "UnexpectedAdmissionError",
    "CreatePodSandbox",
];

/// Creating takes this long on a slow day.
const PATIENCE: i64 = 90;

pub(crate) fn check(snapshot: &Snapshot) -> Vec<Fault> {
    pods::grouped(snapshot, |pod| stuck(snapshot, pod))
        .into_iter()
        .filter_map(|(key, together)| fault(snapshot, &key, &together))
        .collect()
}

fn trouble<'a>(snapshot: &'a Snapshot, pod: &Pod) -> Option<&'a Arc<Event>> {
    let mut fallback = None;
    for event in containers::pod_events(snapshot, pod, &REASONS) {
        if event.reason.as_deref() == Some("DNSConfigForming") {
            continue;
        }
        // The summary ("timed out waiting for the condition") hides what the single volume says.
        if happened::message(event).contains("timed out waiting for the condition") {
            fallback = fallback.or(Some(event));
        } else {
            return Some(event);
        }
    }
    fallback
}

/// What keeps the pod, as a key to group by; empty when nothing says.
fn stuck(snapshot: &Snapshot, pod: &Arc<Pod>) -> Option<String> {
    if pod.metadata.deletion_timestamp.is_some() || pods::phase(pod) != "Pending" || pods::node(pod).is_none()
    {
        return None;
    }
    let waits = containers::of(pod).any(|seen| {
        seen.waiting()
            .is_some_and(|(reason, _)| matches!(reason, "ContainerCreating" | "PodInitializing" | ""))
    }) || containers::of(pod).next().is_none();
    // An init container that runs or fails is another story.
    let begun = containers::of(pod).any(|seen| {
        seen.is_running()
            || seen.last_end().is_some()
            || seen
                .waiting()
                .is_some_and(|(reason, _)| !matches!(reason, "ContainerCreating" | "PodInitializing" | ""))
    });
    if !waits || begun {
        return None;
    }
    let event = trouble(snapshot, pod);
    let started = pod
        .status
        .as_ref()
        .and_then(|status| status.start_time.as_ref())
        .or(pod.metadata.creation_timestamp.as_ref())
        .map(|time| time.0);
    let waited = started.map(|started| snapshot.taken_at.as_second().saturating_sub(started.as_second()));
    // Kubelets write down when they took a pod up: without that, its age says nothing.
    let taken_up = pod
        .status
        .as_ref()
        .is_some_and(|status| status.start_time.is_some());
    match event {
        // One failed try in the first seconds is normal: a token or a volume that comes a moment later.
        Some(event)
            if taken_up
                && waited.is_some_and(|waited| waited < 30)
                && crate::snapshot::event_count(event) < 2 =>
        {
            None
        }
        Some(event) => Some(event.reason.clone().unwrap_or_default()),
        None if waited.is_none_or(|waited| waited > PATIENCE) => Some(String::new()),
        None => None,
    }
}

fn fault(snapshot: &Snapshot, key: &str, together: &Together<'_>) -> Option<Fault> {
    let pod = together.first()?;
    let event = trouble(snapshot, pod);
    let told = event.map(|event| happened::message(event)).unwrap_or_default();
    let name = together.workload.path();
    let namespace = together.workload.namespace.clone().unwrap_or_default();
    let read = read(key, told, &namespace, pod);
    let severity = containers::severity(snapshot, &together.workload).min(Severity::Error);
    let mut fault = together.fault(
        "pod-creating",
        severity,
        if read.is_cause {
            Depth::Cause
        } else {
            Depth::Failure
        },
        if key.is_empty() {
            format!(
                "`{name}` hangs in ContainerCreating on node `{}`",
                pods::node(pod).unwrap_or("?")
            )
        } else {
            format!("`{name}` hangs in ContainerCreating: {} ({key})", read.short)
        },
    );
    fault.cause = if told.is_empty() {
        "The node has not started any of its containers, and no event says why".to_owned()
    } else {
        read.long
    };
    fault.key = format!("{key}#{}", read.short);
    fault.blames = read.blames;
    if told.is_empty() {
        fault
            .blames
            .extend(pods::node(pod).map(|node| ObjectRef::cluster("Node", node)));
    }
    fault.verdict = if told.is_empty() {
        Verdict::Inconclusive
    } else if read.is_cause {
        Verdict::Confirmed
    } else {
        Verdict::Likely
    };
    if let Some(event) = event {
        fault.evidence.push(happened::evidence(event));
        fault.since = happened::first_seen(event).or_else(|| event_time(event));
    }
    fault.since = fault
        .since
        .or_else(|| pod.metadata.creation_timestamp.as_ref().map(|time| time.0));
    fault.next_check = Some(NextStep::command(
        "See the pod's events",
        format!("kubectl describe {}", kubectl(&reference(pod.as_ref()))),
    ));
    Some(fault)
}

struct Read {
    short: String,
    long: String,
    blames: Vec<ObjectRef>,
    is_cause: bool,
}

fn quoted_after<'a>(text: &'a str, marker: &str) -> Option<&'a str> {
    let rest = text.split(marker).nth(1)?;
    let name = rest.split('"').nth(1)?.trim();
    let name = name.rsplit('/').next()?;
    (!name.is_empty()).then_some(name)
}

fn read(reason: &str, told: &str, namespace: &str, pod: &Pod) -> Read {
    let text = told.to_ascii_lowercase();
    let volume = quoted_after(told, "for volume ").or_else(|| quoted_after(told, "volume "));
    let node = pods::node(pod).map(|node| ObjectRef::cluster("Node", node));
    let mut blames = Vec::new();
    let mut is_cause = true;
    let claims: Vec<ObjectRef> = crate::snapshot::claims(pod)
        .map(|claim| ObjectRef::namespaced("PersistentVolumeClaim", namespace, claim.as_ref()))
        .collect();
    let in_volume = volume.map_or_else(String::new, |volume| format!(" (volume `{volume}`)"));
    let (short, long) = if text.contains("configmap") && text.contains("not found") {
        let name = quoted_after(told, "configmap ").unwrap_or("?");
        blames.push(ObjectRef::namespaced("ConfigMap", namespace, name));
        (
            format!("the ConfigMap `{name}` does not exist"),
            format!(
                "A volume needs the ConfigMap `{name}`, which namespace `{namespace}` does not have{in_volume}"
            ),
        )
    } else if text.contains("secret") && text.contains("not found") {
        let name = quoted_after(told, "secret ").unwrap_or("?");
        blames.push(ObjectRef::namespaced("Secret", namespace, name));
        (
            format!("the Secret `{name}` does not exist"),
            format!(
                "A volume needs the Secret `{name}`, which namespace `{namespace}` does not have{in_volume}"
            ),
        )
    } else if text.contains("non-existent config key") || text.contains("non-existent secret key") {
        let key = told.rsplit(": ").next().unwrap_or("?");
        (
            format!("a volume names the key `{key}`, which does not exist"),
            format!("A volume picks the key `{key}`, which its ConfigMap or Secret does not have{in_volume}"),
        )
    } else if text.contains("multi-attach") {
        blames.extend(claims);
        (
            "its volume is still attached to another node (Multi-Attach error)".to_owned(),
            format!(
                "The volume can only be used on one node at a time, and another node has it{in_volume}: {}",
                wording::clip(told, 240)
            ),
        )
    } else if text.contains("no space left") {
        blames.extend(node);
        (
            "the node's disk is full".to_owned(),
            format!("The node has no space left: {}", wording::clip(told, 240)),
        )
    } else if reason.contains("Sandbox")
        || reason.contains("SandBox")
        || reason.starts_with("Network")
        || text.contains("sandbox")
        || text.contains("cni")
    {
        let exhausted = [
            "no ip addresses available",
            "failed to assign an ip",
            "no available ip",
            "not enough ip",
            "ip exhausted",
        ]
        .iter()
        .any(|words| text.contains(words));
        if exhausted {
            blames.extend(node);
            (
                "no IP address is left for the pod".to_owned(),
                format!(
                    "The pod network has no free address left on the node: {}",
                    wording::clip(told, 260)
                ),
            )
        } else if text.contains("runtime handler") || text.contains("runtimeclass") {
            (
                "the node lacks the container runtime that its RuntimeClass asks for".to_owned(),
                format!(
                    "The node has no such runtime handler: {}",
                    wording::clip(told, 260)
                ),
            )
        } else {
            blames.extend(node);
            (
                "its sandbox and network cannot be set up".to_owned(),
                format!(
                    "The node cannot set up the pod's sandbox or network (CNI): {}",
                    wording::clip(told, 300)
                ),
            )
        }
    } else if text.contains("attach") {
        blames.extend(claims);
        is_cause = false;
        (
            "its volume cannot be attached to the node".to_owned(),
            format!(
                "The storage system does not attach the volume{in_volume}: {}",
                wording::clip(told, 260)
            ),
        )
    } else if text.contains("timed out waiting") {
        blames.extend(claims);
        is_cause = false;
        (
            "its volumes do not come".to_owned(),
            format!("The volumes were not ready in time: {}", wording::clip(told, 260)),
        )
    } else if text.contains("mount") {
        blames.extend(claims);
        is_cause = text.contains("permission denied")
            || text.contains("access denied")
            || text.contains("no such file")
            || text.contains("wrong fs type")
            || text.contains("connection refused")
            || text.contains("not a directory")
            || text.contains("hostpath type check failed")
            || text.contains("driver name");
        (
            format!("a volume cannot be mounted{in_volume}"),
            format!(
                "The node cannot mount a volume{in_volume}: {}",
                wording::clip(told, 280)
            ),
        )
    } else {
        is_cause = false;
        (wording::clip(told, 100), wording::clip(told, 280))
    };
    Read {
        short,
        long,
        blames,
        is_cause,
    }
}

#[cfg(test)]
mod tests {
    use super::quoted_after;

    #[test]
    fn names_between_quotes_are_found() {
        let told = "MountVolume.SetUp failed for volume \"conf\" : configmap \"app-config\" not found";
        assert_eq!(quoted_after(told, "for volume "), Some("conf"));
        assert_eq!(quoted_after(told, "configmap "), Some("app-config"));
        assert_eq!(quoted_after("secret é", "configmap "), None);
        assert_eq!(
            quoted_after("references secret \"shop/tls\" not found", "secret "),
            Some("tls")
        );
    }
}
