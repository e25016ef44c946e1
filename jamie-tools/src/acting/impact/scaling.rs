//! A workload with more or fewer replicas: who would fight it, whether it fits, and who is left without pods.

use jamie_core::ObjectRef;
use k8s_openapi::api::core::v1::Pod;
use serde_json::Value;

use super::{Told, pod_of, replicas};
use crate::{
    Snapshot, quantity,
    scheduling::{allocatable_of, place, rooms},
    snapshot::matches_labels,
    wording,
};

/// More replicas than this are not counted one by one.
const MOST: i64 = 10_000;

pub(super) fn of(
    snapshot: &Snapshot,
    target: &ObjectRef,
    after: &Value,
    had: i64,
    wanted: i64,
    told: &mut Told,
) {
    let namespace = target.namespace.as_deref().unwrap_or_default();
    told.reach(format!(
        "{target} goes from {had} to {}.",
        wording::count(usize::try_from(wanted).unwrap_or(0), "replica")
    ));
    for autoscaler in &snapshot.autoscalers {
        let of = &autoscaler.spec.scale_target_ref;
        if autoscaler.metadata.namespace.as_deref() == Some(namespace)
            && of.kind == target.kind
            && of.name == target.name
            && wanted > 0
        {
            told.fight(format!(
                "HorizontalPodAutoscaler `{namespace}/{}` keeps {target} between {} and {} replicas and sets the number \
                 itself: it will soon overrule this. To make it last, change the autoscaler's bounds.",
                autoscaler.metadata.name.as_deref().unwrap_or_default(),
                autoscaler.spec.min_replicas.unwrap_or(1),
                autoscaler.spec.max_replicas,
            ));
        }
    }
    let Some(pod) = pod_of(target, after) else { return };
    if wanted == 0 {
        without_pods(snapshot, target, &pod, told);
    } else if wanted == 1 && had > 1 {
        told.fight(format!(
            "{target} has a single replica then: it is down whenever that one is."
        ));
    }
    if wanted > had {
        room(snapshot, target, &pod, (wanted - had).min(MOST), told);
        quota(snapshot, namespace, &pod, (wanted - had).min(MOST), told);
    }
}

/// A workload that goes altogether.
pub(super) fn left_alone(snapshot: &Snapshot, target: &ObjectRef, before: &Value, told: &mut Told) {
    told.reach(format!(
        "{target} goes with its {}.",
        wording::count(usize::try_from(replicas(before)).unwrap_or(0), "replica")
    ));
    if let Some(pod) = pod_of(target, before) {
        without_pods(snapshot, target, &pod, told);
    }
}

/// Services whose only pods are those of the workload.
fn without_pods(snapshot: &Snapshot, target: &ObjectRef, pod: &Pod, told: &mut Told) {
    let namespace = target.namespace.as_deref().unwrap_or_default();
    for service in snapshot.services_in(namespace) {
        let Some(selector) = service.spec.as_ref().and_then(|spec| spec.selector.as_ref()) else {
            continue;
        };
        let chosen = pod
            .metadata
            .labels
            .as_ref()
            .is_some_and(|labels| !selector.is_empty() && matches_labels(selector, Some(labels)));
        let others = snapshot
            .pods_labelled(namespace, selector)
            .iter()
            .any(|other| !snapshot.workload_of(other).is_same(target));
        if chosen && !others {
            told.fight(format!(
                "Service `{namespace}/{}` is left without any pod: whoever calls it gets no answer.",
                service.metadata.name.as_deref().unwrap_or_default()
            ));
        }
    }
}

/// Whether so many more find a place on the nodes as they are.
fn room(snapshot: &Snapshot, target: &ObjectRef, pod: &Pod, more: i64, told: &mut Told) {
    if !snapshot.may_see("Node", None) || !snapshot.may_see("Pod", None) || snapshot.nodes.is_empty() {
        return;
    }
    let placement = place(snapshot, pod);
    let rooms = rooms(snapshot, None);
    let fitting: Vec<&str> = placement.fitting().collect();
    let mut fits: u128 = 0;
    for node in &snapshot.nodes {
        let name = node.metadata.name.as_deref().unwrap_or_default();
        if !fitting.contains(&name) {
            continue;
        }
        let has = allocatable_of(node);
        let empty = std::collections::BTreeMap::new();
        let used = rooms.get(name).map_or(&empty, |room| &room.used);
        let by_resource = placement
            .demand
            .resources
            .iter()
            .filter(|(_, wanted)| **wanted > 0)
            .filter_map(|(resource, wanted)| {
                let free = has
                    .get(resource)?
                    .saturating_sub(used.get(resource).copied().unwrap_or(0));
                Some(free / wanted)
            })
            .min();
        let places = has.get("pods").map_or(110, |milli| milli / 1_000);
        let taken = rooms.get(name).map_or(0, |room| room.pods as u128);
        fits += by_resource.unwrap_or(u128::MAX).min(places.saturating_sub(taken));
    }
    if fits < more.unsigned_abs().into() {
        told.fight(format!(
            "Of the {} more of {target} only {fits} fit on the nodes as they are; the others wait for room.",
            wording::count(usize::try_from(more).unwrap_or(0), "replica")
        ));
    }
}

/// Whether the namespace's quotas have room for so many more.
fn quota(snapshot: &Snapshot, namespace: &str, pod: &Pod, more: i64, told: &mut Told) {
    let demand = crate::scheduling::demand_of(pod);
    let more = u128::from(more.unsigned_abs());
    for quota in &snapshot.quotas {
        if quota.metadata.namespace.as_deref() != Some(namespace) {
            continue;
        }
        let status = quota.status.as_ref();
        let hard = quota.spec.as_ref().and_then(|spec| spec.hard.as_ref());
        for (resource, limit) in hard.into_iter().flatten() {
            let each = match resource.as_str() {
                "pods" | "count/pods" => 1_000,
                "cpu" | "requests.cpu" => demand.of("cpu"),
                "memory" | "requests.memory" => demand.of("memory"),
                _ => continue,
            };
            let Some(limit) = quantity::milli(limit) else {
                continue;
            };
            let used = status
                .and_then(|status| status.used.as_ref()?.get(resource))
                .and_then(quantity::milli)
                .unwrap_or(0);
            if each * more > limit.saturating_sub(used) {
                told.fight(format!(
                    "ResourceQuota `{namespace}/{}` has not room for that: {} of {} {resource} are used, and this asks \
                     for {} more.",
                    quota.metadata.name.as_deref().unwrap_or_default(),
                    quantity::show(resource, used),
                    quantity::show(resource, limit),
                    quantity::show(resource, each * more),
                ));
            }
        }
    }
}
