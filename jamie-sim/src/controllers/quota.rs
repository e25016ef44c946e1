//! ResourceQuotas in; what is used of them, and the refusal of pods that would exceed them, out.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{World, admission::forbidden, pods, scheduler::requests};
use crate::{
    object::{self, entries, list, name, text},
    quantity,
    store::{ApiStatus, Key, Store},
};

pub(super) fn reconcile(world: &mut World, namespace: &str) {
    for quota in world.list("", "resourcequotas", namespace) {
        let hard = quota.pointer("/spec/hard").cloned().unwrap_or_default();
        let mut used = json!({});
        for (resource, amount) in usage(&world.store, &quota) {
            used[&resource] = json!(quantity::show(&resource, amount));
        }
        world.set_status(&quota, json!({"hard": hard, "used": used}));
    }
}

/// Refuses a pod that would exceed a quota, or leaves open what a quota counts.
pub(super) fn admit(store: &Store, pod: &Value) -> Result<(), ApiStatus> {
    for quota in store.list("", "resourcequotas", Some(object::namespace(pod))) {
        if !in_scope(&quota, pod) {
            continue;
        }
        let mut unsaid: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for (resource, _) in entries(&quota, "/spec/hard") {
            for container in list(pod, "/spec/containers") {
                if let Some((kind, plain)) = split(resource)
                    && matches!(plain, "cpu" | "memory")
                    && container.pointer(&format!("/resources/{kind}/{plain}")).is_none()
                {
                    unsaid
                        .entry(resource.clone())
                        .or_default()
                        .push(text(container, "/name"));
                }
            }
        }
        if !unsaid.is_empty() {
            let parts: Vec<String> = unsaid
                .iter()
                .map(|(resource, who)| format!("{resource} for: {}", who.join(",")))
                .collect();
            return Err(forbidden(
                name(pod),
                &format!(
                    "failed quota: {}: must specify {}",
                    name(&quota),
                    parts.join("; ")
                ),
            ));
        }
        let used = usage(store, &quota);
        let (mut asked, mut had, mut limited) = (Vec::new(), Vec::new(), Vec::new());
        for (resource, hard) in entries(&quota, "/spec/hard") {
            let wanted = share(pod, resource);
            let taken = used.get(resource).copied().unwrap_or(0);
            let Some(most) = quantity::of(hard) else { continue };
            if wanted > 0 && taken + wanted > most {
                asked.push(format!("{resource}={}", quantity::show(resource, wanted)));
                had.push(format!("{resource}={}", quantity::show(resource, taken)));
                limited.push(format!("{resource}={}", quantity::show(resource, most)));
            }
        }
        if !asked.is_empty() {
            let why = format!(
                "exceeded quota: {}, requested: {}, used: {}, limited: {}",
                name(&quota),
                asked.join(","),
                had.join(","),
                limited.join(",")
            );
            return Err(forbidden(name(pod), &why));
        }
    }
    Ok(())
}

/// Refuses an object other than a pod that would exceed a quota.
pub(crate) fn admit_object(
    store: &Store,
    key: &Key,
    old: Option<&Value>,
    new: &Value,
) -> Result<(), ApiStatus> {
    let Some(namespace) = key.namespace.as_deref().filter(|_| key.plural != "pods") else {
        return Ok(());
    };
    for quota in store.list("", "resourcequotas", Some(namespace)) {
        let mut over = Vec::new();
        let mut used = BTreeMap::new();
        for (resource, hard) in entries(&quota, "/spec/hard") {
            let more = demand(key, new, resource) - old.map_or(0, |old| demand(key, old, resource));
            let Some(most) = quantity::of(hard).filter(|_| more > 0) else {
                continue;
            };
            if used.is_empty() {
                used = usage(store, &quota);
            }
            let taken = used.get(resource).copied().unwrap_or(0);
            if taken + more > most {
                let show = |amount| format!("{resource}={}", quantity::show(resource, amount));
                over.push([show(more), show(taken), show(most)]);
            }
        }
        if !over.is_empty() {
            let column = |place: usize| {
                let cells: Vec<&str> = over
                    .iter()
                    .filter_map(|row| row.get(place))
                    .map(String::as_str)
                    .collect();
                cells.join(",")
            };
            let message = format!(
                "{} \"{}\" is forbidden: exceeded quota: {}, requested: {}, used: {}, limited: {}",
                key.resource(),
                key.name,
                name(&quota),
                column(0),
                column(1),
                column(2)
            );
            return Err(ApiStatus::about(key, 403, "Forbidden", message));
        }
    }
    Ok(())
}

/// What one object other than a pod takes of a resource that a quota counts.
fn demand(key: &Key, object: &Value, resource: &str) -> i64 {
    let kind = text(object, "/spec/type");
    match (key.plural.as_str(), resource) {
        ("persistentvolumeclaims", "requests.storage") => object
            .pointer("/spec/resources/requests/storage")
            .and_then(quantity::of)
            .unwrap_or(0),
        ("services", "services.loadbalancers") => i64::from(kind == "LoadBalancer") * 1000,
        ("services", "services.nodeports") => i64::from(matches!(kind, "NodePort" | "LoadBalancer")) * 1000,
        _ => {
            let counted = resource.strip_prefix("count/").unwrap_or(resource);
            i64::from(counted == key.resource()) * 1000
        }
    }
}

fn in_scope(quota: &Value, pod: &Value) -> bool {
    list(quota, "/spec/scopes")
        .iter()
        .all(|scope| match scope.as_str().unwrap_or_default() {
            "BestEffort" => text(pod, "/status/qosClass") == "BestEffort",
            "NotBestEffort" => text(pod, "/status/qosClass") != "BestEffort",
            "Terminating" => pod.pointer("/spec/activeDeadlineSeconds").is_some(),
            "NotTerminating" => pod.pointer("/spec/activeDeadlineSeconds").is_none(),
            _ => true,
        })
}

/// `requests.cpu` and `cpu` are requests; `limits.cpu` is a limit.
fn split(resource: &str) -> Option<(&'static str, &str)> {
    match resource {
        "cpu" | "memory" => Some(("requests", resource)),
        _ => match resource.split_once('.')? {
            ("requests", plain) => Some(("requests", plain)),
            ("limits", plain) => Some(("limits", plain)),
            _ => None,
        },
    }
}

/// What one pod takes of a resource that a quota counts.
fn share(pod: &Value, resource: &str) -> i64 {
    match (resource, split(resource)) {
        ("pods" | "count/pods", _) => 1000,
        (_, Some(("requests", plain))) => requests(pod).get(plain).copied().unwrap_or(0),
        (_, Some((kind, plain))) => list(pod, "/spec/containers")
            .iter()
            .filter_map(|container| {
                container
                    .pointer(&format!("/resources/{kind}"))
                    .and_then(|all| all.get(plain))
            })
            .filter_map(quantity::of)
            .sum(),
        _ => 0,
    }
}

fn usage(store: &Store, quota: &Value) -> BTreeMap<String, i64> {
    let namespace = object::namespace(quota);
    let pods = store.list("", "pods", Some(namespace));
    let counted: Vec<_> = pods
        .iter()
        .filter(|pod| !pods::is_finished(pod) && in_scope(quota, pod))
        .collect();
    entries(quota, "/spec/hard")
        .map(|(resource, _)| {
            let claims = || store.list("", "persistentvolumeclaims", Some(namespace));
            let services = || store.list("", "services", Some(namespace));
            let count = |kind: &str| {
                services()
                    .iter()
                    .filter(|one| text(one, "/spec/type") == kind)
                    .count() as i64
                    * 1000
            };
            let amount = match resource.as_str() {
                "requests.storage" => claims()
                    .iter()
                    .filter_map(|claim| {
                        claim
                            .pointer("/spec/resources/requests/storage")
                            .and_then(quantity::of)
                    })
                    .sum(),
                "services.loadbalancers" => count("LoadBalancer"),
                "services.nodeports" => count("NodePort") + count("LoadBalancer"),
                plain => match plain.strip_prefix("count/").unwrap_or(plain) {
                    "pods" => counted.len() as i64 * 1000,
                    kind if !kind.contains('.') || plain.starts_with("count/") => {
                        let (plural, group) = kind.split_once('.').unwrap_or((kind, ""));
                        let objects = store.list(group, plural, Some(namespace)).len() as i64 * 1000;
                        if matches!(plural, "cpu" | "memory") {
                            counted.iter().map(|pod| share(pod, resource)).sum()
                        } else {
                            objects
                        }
                    }
                    _ => counted.iter().map(|pod| share(pod, resource)).sum(),
                },
            };
            (resource.clone(), amount)
        })
        .collect()
}
