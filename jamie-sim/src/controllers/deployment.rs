//! Deployments in, a ReplicaSet per revision out, rolled within the bounds of surge and unavailability.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{World, events::Report, names, replicaset, rollout::amount};
use crate::{
    object::{self, child, condition, is_controlled_by, list, name, number, stamp, text},
    store::Key,
};

const COMPONENT: &str = "deployment-controller";
const REVISION: &str = "deployment.kubernetes.io/revision";

pub(super) fn reconcile(world: &mut World, namespace: &str) {
    for deployment in world.list("apps", "deployments", namespace) {
        if !object::is_leaving(&deployment) && !world.frozen.contains(object::uid(&deployment)) {
            one(world, &deployment);
        }
    }
}

fn one(world: &mut World, deployment: &Arc<Value>) {
    let namespace = object::namespace(deployment).to_owned();
    let mut sets: Vec<Arc<Value>> = world.list("apps", "replicasets", &namespace);
    sets.retain(|set| is_controlled_by(set, deployment));
    let template = &deployment["spec"]["template"];
    let found = sets
        .iter()
        .position(|set| replicaset::same_template(&set["spec"]["template"], template));
    let paused = object::flag(deployment, "/spec/paused");
    let newest = match found {
        Some(index) => Some(sets.swap_remove(index)),
        None if paused && !sets.is_empty() => None,
        None => create_set(world, deployment, &sets),
    };
    let newest = newest.map(|set| renumber(world, deployment, set, &sets));
    if let Some(newest) = &newest {
        if paused {
            scale_paused(world, deployment, newest, &sets);
        } else if text(deployment, "/spec/strategy/type") == "Recreate" {
            recreate(world, deployment, newest, &sets);
        } else {
            roll(world, deployment, newest, &sets);
        }
    }
    write_status(world, deployment);
}

/// How many replicas a ReplicaSet asks for, and has, and has available.
fn asked(set: &Value) -> i64 {
    number(set, "/spec/replicas").unwrap_or(0)
}

fn available(set: &Value) -> i64 {
    number(set, "/status/availableReplicas").unwrap_or(0)
}

fn wanted(deployment: &Value) -> i64 {
    number(deployment, "/spec/replicas").unwrap_or(1)
}

/// (surge, unavailable), never both zero.
fn bounds(deployment: &Value) -> (i64, i64) {
    let total = wanted(deployment);
    let surge = amount(
        deployment.pointer("/spec/strategy/rollingUpdate/maxSurge"),
        total,
        true,
        1,
    );
    let unavailable = amount(
        deployment.pointer("/spec/strategy/rollingUpdate/maxUnavailable"),
        total,
        false,
        0,
    );
    if surge == 0 && unavailable == 0 {
        (0, 1)
    } else {
        (surge, unavailable)
    }
}

fn create_set(world: &mut World, deployment: &Value, old: &[Arc<Value>]) -> Option<Arc<Value>> {
    let namespace = object::namespace(deployment);
    let template = &deployment["spec"]["template"];
    let hash = names::letters(&format!("{namespace}/{}/{template}", name(deployment)), 10);
    let hash: String = hash
        .chars()
        .take(if names::hash(&hash) % 3 == 0 { 9 } else { 10 })
        .collect();
    let mut template = template.clone();
    child(child(&mut template, "metadata"), "labels")["pod-template-hash"] = json!(hash);
    let mut selector = deployment["spec"]["selector"].clone();
    child(&mut selector, "matchLabels")["pod-template-hash"] = json!(hash);
    let set_name = format!("{}-{hash}", name(deployment));
    let total = wanted(deployment);
    let first = old.is_empty();
    let start = if first
        || text(deployment, "/spec/strategy/type") == "Recreate" && old.iter().all(|set| asked(set) == 0)
    {
        total
    } else {
        let (surge, _) = bounds(deployment);
        let current: i64 = old.iter().map(|set| asked(set)).sum();
        if text(deployment, "/spec/strategy/type") == "Recreate" {
            0
        } else {
            (total + surge - current).clamp(0, total)
        }
    };
    let mut set = json!({
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": set_name,
            "namespace": namespace,
            "creationTimestamp": stamp(world.now),
            "labels": template["metadata"]["labels"],
            "annotations": {},
            "ownerReferences": [object::owner_reference(deployment)],
        },
        "spec": {"replicas": start, "selector": selector, "template": template},
        "status": {"replicas": 0},
    });
    if let Some(minimum) = deployment.pointer("/spec/minReadySeconds") {
        set["spec"]["minReadySeconds"] = minimum.clone();
    }
    let set = world
        .store
        .create(Key::namespaced("apps", "replicasets", namespace, &set_name), set)
        .ok()?;
    if start > 0 {
        told_scaling(world, deployment, &set_name, 0, start);
    }
    Some(set)
}

fn told_scaling(world: &mut World, deployment: &Value, set: &str, from: i64, to: i64) {
    let way = if to > from { "up" } else { "down" };
    let message = format!("Scaled {way} replica set {set} from {from} to {to}");
    world.report(&Report::new(COMPONENT, deployment, "ScalingReplicaSet", message));
}

/// The newest ReplicaSet carries the highest revision; the deployment carries the same.
fn renumber(world: &mut World, deployment: &Value, set: Arc<Value>, old: &[Arc<Value>]) -> Arc<Value> {
    let highest = old.iter().map(|set| replicaset::revision(set)).max().unwrap_or(0);
    let mut revision = replicaset::revision(&set);
    let mut set = set;
    if revision <= highest {
        let previous = revision;
        revision = highest + 1;
        let key = Key::namespaced("apps", "replicasets", object::namespace(&set), name(&set));
        let annotations = deployment
            .pointer("/metadata/annotations")
            .cloned()
            .unwrap_or_default();
        let total = wanted(deployment);
        let (surge, _) = bounds(deployment);
        if let Ok(changed) = world.store.modify(&key, |set| {
            let own = child(&mut set["metadata"], "annotations");
            for (key, value) in annotations.as_object().into_iter().flatten() {
                if !key.starts_with("kubectl.kubernetes.io/last-applied") && key != REVISION {
                    own[key] = value.clone();
                }
            }
            own[REVISION] = json!(revision.to_string());
            own["deployment.kubernetes.io/desired-replicas"] = json!(total.to_string());
            own["deployment.kubernetes.io/max-replicas"] = json!((total + surge).to_string());
            if previous > 0 {
                let history = own
                    .get("deployment.kubernetes.io/revision-history")
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                let history = if history.is_empty() {
                    previous.to_string()
                } else {
                    format!("{history},{previous}")
                };
                own["deployment.kubernetes.io/revision-history"] = json!(history);
            }
        }) {
            set = changed;
        }
    }
    if object::entry(deployment, "/metadata/annotations", REVISION) != Some(revision.to_string().as_str()) {
        if let Ok(key) = world.store.key_for(deployment) {
            let _ = world.store.modify(&key, |deployment| {
                child(&mut deployment["metadata"], "annotations")[REVISION] = json!(revision.to_string());
            });
        }
    }
    set
}

fn scale(world: &mut World, deployment: &Value, set: &Value, to: i64) {
    let from = asked(set);
    if from == to {
        return;
    }
    let key = Key::namespaced("apps", "replicasets", object::namespace(set), name(set));
    if world
        .store
        .modify(&key, |set| set["spec"]["replicas"] = json!(to))
        .is_ok()
    {
        told_scaling(world, deployment, name(set), from, to);
    }
}

fn scale_paused(world: &mut World, deployment: &Value, newest: &Value, old: &[Arc<Value>]) {
    let others: i64 = old.iter().map(|set| asked(set)).sum();
    scale(world, deployment, newest, (wanted(deployment) - others).max(0));
}

fn recreate(world: &mut World, deployment: &Value, newest: &Value, old: &[Arc<Value>]) {
    for set in old {
        scale(world, deployment, set, 0);
    }
    let namespace = object::namespace(deployment);
    let pods = world.list("", "pods", namespace);
    let gone = old
        .iter()
        .all(|set| !pods.iter().any(|pod| is_controlled_by(pod, set)));
    if gone {
        scale(world, deployment, newest, wanted(deployment));
    }
}

fn roll(world: &mut World, deployment: &Value, newest: &Value, old: &[Arc<Value>]) {
    let total = wanted(deployment);
    let (surge, unavailable) = bounds(deployment);
    let current: i64 = asked(newest) + old.iter().map(|set| asked(set)).sum::<i64>();
    if asked(newest) > total {
        return scale(world, deployment, newest, total);
    }
    let room = total + surge - current;
    if asked(newest) < total && room > 0 {
        return scale(world, deployment, newest, (asked(newest) + room).min(total));
    }
    // Old pods that do not work go first; the rest as new ones become available.
    let missing_new = asked(newest) - available(newest);
    let mut spare = current - (total - unavailable) - missing_new;
    let mut sets: Vec<&Arc<Value>> = old.iter().filter(|set| asked(set) > 0).collect();
    sets.sort_by_key(|set| object::created(set));
    for set in &sets {
        let broken = (asked(set) - available(set)).clamp(0, spare.max(0));
        if broken > 0 {
            scale(world, deployment, set, asked(set) - broken);
            return;
        }
    }
    let working: i64 = available(newest) + sets.iter().map(|set| available(set)).sum::<i64>();
    spare = spare.min(working - (total - unavailable));
    for set in sets {
        let less = asked(set).min(spare);
        if less > 0 {
            scale(world, deployment, set, asked(set) - less);
            spare -= less;
        }
    }
}

fn write_status(world: &mut World, seen: &Arc<Value>) {
    let namespace = object::namespace(seen).to_owned();
    let Some(deployment) = world.get("apps", "deployments", &namespace, name(seen)) else {
        return;
    };
    let mut sets = world.list("apps", "replicasets", &namespace);
    sets.retain(|set| is_controlled_by(set, &deployment));
    let newest = sets
        .iter()
        .find(|set| replicaset::same_template(&set["spec"]["template"], &deployment["spec"]["template"]));
    let sum = |field: &str| {
        sets.iter()
            .map(|set| number(set, field).unwrap_or(0))
            .sum::<i64>()
    };
    let (replicas, ready, working) = (
        sum("/status/replicas"),
        sum("/status/readyReplicas"),
        sum("/status/availableReplicas"),
    );
    let total = wanted(&deployment);
    let updated = newest.map_or(0, |set| number(set, "/status/replicas").unwrap_or(0));
    let missing = (total - working).max(0);
    let mut status = json!({"observedGeneration": deployment["metadata"]["generation"]});
    for (field, count) in [
        ("replicas", replicas),
        ("updatedReplicas", updated),
        ("readyReplicas", ready),
        ("availableReplicas", working),
        ("unavailableReplicas", missing),
    ] {
        if count > 0 {
            status[field] = json!(count);
        }
    }
    let (_, unavailable) = bounds(&deployment);
    let enough = working >= total - unavailable;
    let availability = json!({
        "type": "Available",
        "status": if enough { "True" } else { "False" },
        "reason": if enough { "MinimumReplicasAvailable" } else { "MinimumReplicasUnavailable" },
        "message": if enough { "Deployment has minimum availability." } else { "Deployment does not have minimum availability." },
    });
    let mut conditions = vec![with_update_time(
        condition(&deployment, "Available"),
        availability,
        world,
        false,
    )];
    if let Some(failure) = sets.iter().find_map(|set| condition(set, "ReplicaFailure")) {
        let mut failure = failure.clone();
        failure["type"] = json!("ReplicaFailure");
        conditions.push(with_update_time(
            condition(&deployment, "ReplicaFailure"),
            failure,
            world,
            false,
        ));
    }
    let complete = updated == total && replicas == total && working == total;
    if let Some(progress) = progress(world, &deployment, newest, complete, (replicas, updated, working)) {
        conditions.insert(1.min(conditions.len()), progress);
    }
    // The real controller lists them by last change; readers must not care.
    status["conditions"] = json!(conditions);
    world.set_status(&deployment, status);
    if complete {
        trim_history(world, &deployment, newest, &sets);
    }
}

fn with_update_time(previous: Option<&Value>, condition: Value, world: &World, touched: bool) -> Value {
    let same = previous.is_some_and(|previous| {
        ["status", "reason", "message"]
            .iter()
            .all(|field| previous.get(*field) == condition.get(*field))
    });
    let kept = previous
        .filter(|_| same && !touched)
        .and_then(|previous| previous.get("lastUpdateTime").cloned());
    let mut condition = object::renewed(previous, condition, world.now);
    condition["lastUpdateTime"] = kept.unwrap_or_else(|| json!(stamp(world.now)));
    condition
}

fn progress(
    world: &mut World,
    deployment: &Value,
    newest: Option<&Arc<Value>>,
    complete: bool,
    counts: (i64, i64, i64),
) -> Option<Value> {
    let deadline = number(deployment, "/spec/progressDeadlineSeconds").unwrap_or(600);
    let previous = condition(deployment, "Progressing");
    let told = |reason: &str, status: &str, message: String| json!({"type": "Progressing", "status": status, "reason": reason, "message": message});
    if object::flag(deployment, "/spec/paused") {
        return Some(with_update_time(
            previous,
            told("DeploymentPaused", "Unknown", "Deployment is paused".to_owned()),
            world,
            false,
        ));
    }
    let set = name(newest?);
    let before = |field: &str| number(deployment, field).unwrap_or(0);
    let moved = (
        before("/status/replicas"),
        before("/status/updatedReplicas"),
        before("/status/availableReplicas"),
    ) != counts;
    let was = previous.map_or("", |previous| text(previous, "/reason"));
    if complete {
        let message = format!("ReplicaSet \"{set}\" has successfully progressed.");
        return Some(with_update_time(
            previous,
            told("NewReplicaSetAvailable", "True", message),
            world,
            false,
        ));
    }
    let renamed = previous.is_none_or(|previous| !text(previous, "/message").contains(&format!("\"{set}\"")));
    // A finished rollout that loses pods is no longer progressing, and no deadline runs.
    if was == "NewReplicaSetAvailable" && !renamed {
        return previous.cloned();
    }
    let since = previous.and_then(|previous| object::time(previous, "/lastUpdateTime"));
    let expires = since.map(|since| object::later(since, deadline * 1000));
    if !renamed && was == "ProgressDeadlineExceeded" && counts.2 <= before("/status/availableReplicas") {
        return previous.cloned();
    }
    if !renamed && !moved && expires.is_some_and(|expires| expires <= world.now) {
        let mut late = told(
            "ProgressDeadlineExceeded",
            "False",
            format!("ReplicaSet \"{set}\" has timed out progressing."),
        );
        let at = expires.map(stamp);
        late["lastTransitionTime"] = json!(at);
        late["lastUpdateTime"] = json!(at);
        return Some(late);
    }
    if let Some(expires) = expires.filter(|expires| *expires > world.now) {
        world.wake_at(expires);
    }
    if previous.is_none() {
        let message = format!("Created new replica set \"{set}\"");
        return Some(with_update_time(
            previous,
            told("NewReplicaSetCreated", "True", message),
            world,
            true,
        ));
    }
    let message = format!("ReplicaSet \"{set}\" is progressing.");
    Some(with_update_time(
        previous,
        told("ReplicaSetUpdated", "True", message),
        world,
        moved,
    ))
}

fn trim_history(world: &mut World, deployment: &Value, newest: Option<&Arc<Value>>, sets: &[Arc<Value>]) {
    let keep = number(deployment, "/spec/revisionHistoryLimit")
        .unwrap_or(10)
        .max(0) as usize;
    let mut old: Vec<_> = sets
        .iter()
        .filter(|set| asked(set) == 0 && newest.is_none_or(|newest| name(newest) != name(set)))
        .collect();
    old.sort_by_key(|set| replicaset::revision(set));
    let surplus = old.len().saturating_sub(keep);
    for set in old.into_iter().take(surplus) {
        let _ = world.store.delete(&Key::namespaced(
            "apps",
            "replicasets",
            object::namespace(set),
            name(set),
        ));
    }
    let _ = list(deployment, "/status/conditions");
}
