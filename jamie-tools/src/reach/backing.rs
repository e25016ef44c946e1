//! What stands behind a Service: its endpoints, the port they listen on, and on which nodes they are.

use std::{collections::BTreeSet, sync::Arc};

use jamie_core::{Evidence, NextStep, ObjectRef};
use k8s_openapi::{
    api::core::v1::{Pod, Service, ServicePort},
    apimachinery::pkg::util::intstr::IntOrString,
};

use super::{Hop, Path, traffic::Side};
use crate::{
    Snapshot, selector,
    snapshot::{Labels, is_finished, is_ready, reference},
    wording,
};

/// The pods behind the Service that take traffic; says why there are none.
pub(super) fn endpoints(
    snapshot: &Snapshot,
    path: &mut Path,
    service: &Service,
    called: &str,
) -> Option<Vec<Arc<Pod>>> {
    let namespace = service.metadata.namespace.as_deref().unwrap_or_default();
    let wanted = service.spec.as_ref().and_then(|spec| spec.selector.as_ref());
    let Some(wanted) = wanted.filter(|wanted| !wanted.is_empty()) else {
        path.hops.push(by_hand(snapshot, service, called));
        return None;
    };
    if !snapshot.may_see("Pod", Some(namespace)) {
        path.notes
            .push(format!("I may not look at the pods of `{namespace}`."));
        return None;
    }
    let pods: Vec<Arc<Pod>> = snapshot
        .pods_labelled(namespace, wanted)
        .into_iter()
        .filter(|pod| !is_finished(pod))
        .cloned()
        .collect();
    if pods.is_empty() {
        path.hops.push(selects_nothing(snapshot, service, called, wanted));
        return None;
    }
    let unready_count = service
        .spec
        .as_ref()
        .and_then(|spec| spec.publish_not_ready_addresses)
        == Some(true);
    let ready: Vec<Arc<Pod>> = pods.iter().filter(|pod| is_ready(pod)).cloned().collect();
    if ready.is_empty() && !unready_count {
        path.hops.push(none_ready(snapshot, &pods, called, wanted));
        return Some(pods);
    }
    let state = snapshot.endpoints_of(service);
    path.hops
        .push(if state.from_slices && state.ready == 0 && !unready_count {
            let text = format!(
                "{called} has no ready endpoint in its EndpointSlices, although {} ready",
                wording::count(ready.len(), "pod")
            );
            Hop::fails("endpoints", text).blaming(reference(service))
        } else {
            let text = format!(
                "{} of {} behind it {} ready",
                ready.len(),
                wording::count(pods.len(), "pod"),
                wording::is_are(ready.len())
            );
            Hop::passes("endpoints", text)
        });
    Some(if unready_count { pods } else { ready })
}

/// A Service without a selector: somebody keeps its endpoints.
fn by_hand(snapshot: &Snapshot, service: &Service, called: &str) -> Hop {
    let state = snapshot.endpoints_of(service);
    let hop = match (state.ready, state.known) {
        (0, true) => {
            let text = format!("{called} has no selector and no ready endpoint was added by hand");
            Hop::fails("endpoints", text)
        }
        (0, false) => {
            let text = format!("{called} has no selector, and its endpoints cannot be seen");
            Hop::doubtful("endpoints", text)
        }
        (ready, _) => {
            let text = format!(
                "{called} has {}, added by hand",
                wording::count(ready, "ready endpoint")
            );
            Hop::passes("endpoints", text)
        }
    };
    hop.blaming(reference(service))
}

fn selects_nothing(snapshot: &Snapshot, service: &Service, called: &str, wanted: &Labels) -> Hop {
    let object = reference(service);
    let namespace = service.metadata.namespace.as_deref().unwrap_or_default();
    let shown = selector::show_pairs(wanted);
    let mut text = format!("{called} selects no pod: its selector is `{shown}`");
    if let Some(near) = near_miss(snapshot, namespace, wanted) {
        text.push_str(", ");
        text.push_str(&near);
    }
    Hop::fails("endpoints", text)
        .proved_by(Evidence::new(
            format!("Service {} selector", object.path()),
            shown,
            None,
        ))
        .mended_by(NextStep::command(
            "Make the selector and the pods' labels agree",
            format!("kubectl get pods -n {namespace} --show-labels"),
        ))
        .blaming(object)
}

fn none_ready(snapshot: &Snapshot, pods: &[Arc<Pod>], called: &str, wanted: &Labels) -> Hop {
    let why: BTreeSet<String> = pods.iter().filter_map(|pod| why_not_ready(pod)).collect();
    let why: Vec<String> = why.into_iter().collect();
    let because = if why.is_empty() {
        String::new()
    } else {
        format!(": {}", wording::list(&why, 3))
    };
    let count = wording::count(pods.len(), "pod");
    let text = format!("{called} has no ready endpoint: 0 of {count} ready{because}");
    let mut hop = Hop::fails("endpoints", text);
    if let Some(pod) = pods.first() {
        let namespace = pod.metadata.namespace.as_deref().unwrap_or_default();
        hop = hop
            .blaming(snapshot.workload_of(pod))
            .mended_by(NextStep::command(
                "Find out why its pods are not ready",
                format!(
                    "kubectl describe pods -n {namespace} -l {}",
                    selector::show_pairs(wanted)
                ),
            ));
    }
    hop
}

/// The pods that come nearest to a selector that picks none.
fn near_miss(snapshot: &Snapshot, namespace: &str, wanted: &Labels) -> Option<String> {
    let mut best: Option<(usize, String)> = None;
    for pod in snapshot.pods_in(namespace).filter(|pod| !is_finished(pod)) {
        let Some(labels) = &pod.metadata.labels else {
            continue;
        };
        let hits = wanted
            .iter()
            .filter(|(key, value)| labels.get(*key) == Some(*value))
            .count();
        let known = wanted.keys().filter(|key| labels.contains_key(*key)).count();
        let alike = wanted.values().any(|value| {
            labels.values().any(|has| {
                has.len() > 2
                    && value.len() > 2
                    && (strsim::jaro_winkler(has, value) > 0.88
                        || has.contains(value.as_str())
                        || value.contains(has.as_str()))
            })
        });
        let score = hits * 4 + usize::from(alike) * 3 + known;
        if score >= 3 && best.as_ref().is_none_or(|(most, _)| score > *most) {
            let has: Labels = labels
                .iter()
                .filter(|(key, _)| {
                    wanted.contains_key(*key) || matches!(key.as_str(), "app" | "app.kubernetes.io/name")
                })
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect();
            let workload = snapshot.workload_of(pod);
            best = Some((
                score,
                format!(
                    "while the pods of `{}` have `{}`",
                    workload.name,
                    selector::show_pairs(&has)
                ),
            ));
        }
    }
    best.map(|(_, text)| text)
}

fn why_not_ready(pod: &Pod) -> Option<String> {
    let status = pod.status.as_ref()?;
    for container in status
        .container_statuses
        .iter()
        .flatten()
        .chain(status.init_container_statuses.iter().flatten())
    {
        if let Some(reason) = container
            .state
            .as_ref()
            .and_then(|state| state.waiting.as_ref())
            .and_then(|waiting| waiting.reason.as_deref())
            && !matches!(reason, "PodInitializing")
        {
            return Some(reason.to_owned());
        }
    }
    match status.phase.as_deref() {
        Some("Pending") => Some("Pending".to_owned()),
        _ => Some("running but not ready".to_owned()),
    }
}

/// The number that the Service's target port means in the pods.
pub(super) fn target_port(
    path: &mut Path,
    service: &Service,
    called: &str,
    chosen: &ServicePort,
    receivers: &[Arc<Pod>],
) -> Option<i32> {
    let object = reference(service);
    let pod = receivers.first()?;
    let declared: Vec<(Option<&str>, i32, &str)> = pod
        .spec
        .iter()
        .flat_map(|spec| {
            spec.containers
                .iter()
                .chain(spec.init_containers.iter().flatten())
        })
        .flat_map(|container| container.ports.iter().flatten())
        .map(|port| {
            (
                port.name.as_deref(),
                port.container_port,
                port.protocol.as_deref().unwrap_or("TCP"),
            )
        })
        .collect();
    let shown: Vec<String> = declared
        .iter()
        .map(|(name, number, _)| name.map_or_else(|| number.to_string(), |name| format!("{number} ({name})")))
        .collect();
    let mend = |to: &str| {
        NextStep::command(
            format!(
                "Set targetPort of port {} to what the container listens on{to}",
                chosen.port
            ),
            format!(
                "kubectl edit service {} -n {}",
                object.name,
                object.namespace.as_deref().unwrap_or_default()
            ),
        )
    };
    match chosen.target_port.as_ref() {
        Some(IntOrString::String(name)) => {
            if let Some((_, number, _)) = declared.iter().find(|(one, ..)| *one == Some(name.as_str())) {
                path.hops.push(Hop::passes(
                    "port",
                    format!("Its target port `{name}` is {number} in the pods"),
                ));
                return Some(*number);
            }
            path.hops.push(
                Hop::fails(
                    "port",
                    format!("{called} sends to the container port named `{name}`, but no container has one: they declare {}", wording::list(&shown, 6)),
                )
                .blaming(object.clone())
                .mended_by(mend("")),
            );
            None
        }
        other => {
            let number = match other {
                Some(IntOrString::Int(number)) if *number > 0 => *number,
                _ => chosen.port,
            };
            if declared.is_empty() || declared.iter().any(|(_, one, _)| *one == number) {
                path.hops.push(Hop::passes(
                    "port",
                    format!("It sends to port {number} of the pods"),
                ));
            } else {
                path.hops.push(
                    Hop::doubtful(
                        "port",
                        format!("{called} sends to port {number} (targetPort), but the containers declare only {}", wording::list(&shown, 6)),
                    )
                    .blaming(object.clone())
                    .mended_by(mend(&format!(" ({})", wording::list(&shown, 3)))),
                );
            }
            Some(number)
        }
    }
}

/// `internalTrafficPolicy: Local` needs an endpoint on the sender's own node.
pub(super) fn local(
    path: &mut Path,
    senders: &Side,
    receivers: &[Arc<Pod>],
    called: &str,
    object: &ObjectRef,
) {
    let Side::Pods(senders) = senders else { return };
    let node = |pod: &Arc<Pod>| pod.spec.as_ref().and_then(|spec| spec.node_name.clone());
    let there: BTreeSet<String> = receivers.iter().filter_map(node).collect();
    let lacking: BTreeSet<String> = senders
        .iter()
        .filter_map(node)
        .filter(|node| !there.contains(node))
        .collect();
    if lacking.is_empty() {
        return;
    }
    let all = senders
        .iter()
        .filter_map(node)
        .all(|node| lacking.contains(&node));
    let lacking: Vec<String> = lacking.into_iter().collect();
    let text = format!(
        "{called} has internalTrafficPolicy: Local, and there is no ready endpoint on {} where the client runs",
        wording::code_list(&lacking, 4)
    );
    let hop = if all {
        Hop::fails("endpoints", text)
    } else {
        Hop::doubtful("endpoints", text)
    };
    path.hops
        .push(hop.blaming(object.clone()).mended_by(NextStep::command(
            "Set internalTrafficPolicy to Cluster, or run a pod on every node",
            format!(
                "kubectl patch service {} -n {} -p '{{\"spec\":{{\"internalTrafficPolicy\":\"Cluster\"}}}}'",
                object.name,
                object.namespace.as_deref().unwrap_or_default()
            ),
        )));
}
