//! Rehearsed writes and a snapshot in; how far they reach and what would fight them, one sentence each, out.
//!
//! The sentences rest on what is wished (replicas, strategies, budgets), hardly on what is so at the moment: the
//! same plan made again a minute later says the same.

mod keepers;
mod pods;
mod scaling;

use jamie_core::ObjectRef;
use k8s_openapi::{
    api::core::v1::{Pod, PodTemplateSpec},
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use serde_json::Value;

pub(super) use self::keepers::keepers;
use super::plan::Rehearsed;
use crate::{Snapshot, wording};

/// Sentences on the reach, and on what would fight.
#[derive(Debug, Default)]
struct Told {
    reach: Vec<String>,
    fights: Vec<String>,
}

impl Told {
    fn reach(&mut self, text: String) {
        if !self.reach.contains(&text) {
            self.reach.push(text);
        }
    }

    fn fight(&mut self, text: String) {
        if !self.fights.contains(&text) {
            self.fights.push(text);
        }
    }
}

/// How far the writes reach, and what would fight them.
pub(super) fn of(snapshot: &Snapshot, rehearsed: &[Rehearsed]) -> (Vec<String>, Vec<String>) {
    let mut told = Told::default();
    for one in rehearsed {
        let target = &one.operation.target;
        match (target.kind.as_str(), &one.before, &one.after) {
            ("Deployment" | "StatefulSet" | "DaemonSet", Some(before), Some(after)) => {
                workload(snapshot, target, before, after, &mut told);
            }
            ("Node", Some(before), Some(after)) => node(snapshot, target, before, after, &mut told),
            ("Service", Some(before), Some(after)) => service(snapshot, target, before, after, &mut told),
            ("Deployment" | "StatefulSet", Some(before), None) => {
                scaling::left_alone(snapshot, target, before, &mut told);
            }
            _ => {}
        }
    }
    pods::of(snapshot, rehearsed, &mut told);
    (told.reach, told.fights)
}

fn replicas(object: &Value) -> i64 {
    object
        .pointer("/spec/replicas")
        .and_then(Value::as_i64)
        .unwrap_or(1)
}

/// A pod as a workload would make it.
fn pod_of(target: &ObjectRef, object: &Value) -> Option<Pod> {
    let template: PodTemplateSpec = serde_json::from_value(object.pointer("/spec/template")?.clone()).ok()?;
    Some(Pod {
        metadata: ObjectMeta {
            name: Some(target.name.clone()),
            namespace: target.namespace.clone(),
            ..template.metadata.unwrap_or_default()
        },
        spec: template.spec,
        ..Pod::default()
    })
}

fn workload(snapshot: &Snapshot, target: &ObjectRef, before: &Value, after: &Value, told: &mut Told) {
    let (had, wanted) = (replicas(before), replicas(after));
    if target.kind != "DaemonSet" && had != wanted {
        scaling::of(snapshot, target, after, had, wanted, told);
    }
    if before.pointer("/spec/template") == after.pointer("/spec/template") {
        return;
    }
    if after.pointer("/spec/paused") == Some(&Value::Bool(true)) {
        told.fight(format!(
            "The rollout of {target} is paused: nothing happens before it is resumed."
        ));
        return;
    }
    told.reach(rollout(snapshot, target, after, wanted));
}

/// How the pods of a workload are replaced.
fn rollout(snapshot: &Snapshot, target: &ObjectRef, after: &Value, wanted: i64) -> String {
    let kind = target.kind.as_str();
    let strategy = |field: &str| {
        let list = if kind == "Deployment" {
            "strategy"
        } else {
            "updateStrategy"
        };
        after.pointer(&format!("/spec/{list}/{field}"))
    };
    let how = strategy("type")
        .and_then(Value::as_str)
        .unwrap_or("RollingUpdate");
    let wanted = if kind == "DaemonSet" {
        snapshot
            .daemon_set(target.namespace.as_deref().unwrap_or_default(), &target.name)
            .and_then(|set| set.status.as_ref())
            .map_or(0, |status| i64::from(status.desired_number_scheduled))
    } else {
        wanted
    };
    let pods = wording::count(usize::try_from(wanted).unwrap_or(0), "pod");
    match (kind, how) {
        _ if wanted == 0 => {
            format!("{target} has no pods at the moment: the change shows when it gets some.")
        }
        (_, "OnDelete") => format!(
            "{target} replaces its {pods} only as each is deleted (OnDelete): the change shows after that."
        ),
        ("Deployment", "Recreate") => format!(
            "{target} stops all of its {pods} before it starts new ones (Recreate): it is down in between."
        ),
        ("Deployment", _) => {
            let away = share(strategy("rollingUpdate/maxUnavailable"), wanted, false);
            let extra = share(strategy("rollingUpdate/maxSurge"), wanted, true);
            let stay = (wanted - away.max(i64::from(extra == 0))).max(0);
            if stay == 0 {
                format!(
                    "The {pods} of {target} {} replaced, and it is down in between.",
                    verb(wanted)
                )
            } else {
                format!(
                    "The {pods} of {target} {} replaced step by step; at least {stay} of {wanted} stay{} available.",
                    verb(wanted),
                    if stay == 1 { "s" } else { "" }
                )
            }
        }
        (_, _) if wanted == 1 => {
            format!("{target} has one pod only, which is down while it is replaced.")
        }
        (_, _) => format!("The {pods} of {target} are replaced one after another, each down while it is."),
    }
}

fn verb(count: i64) -> &'static str {
    wording::is_are(usize::try_from(count).unwrap_or(0))
}

/// A number or a percentage of the replicas; 25 % where nothing is said.
fn share(value: Option<&Value>, of: i64, round_up: bool) -> i64 {
    let percent = match value {
        Some(Value::Number(number)) => return number.as_i64().unwrap_or(0),
        Some(Value::String(text)) => text.trim_end_matches('%').parse::<i64>().unwrap_or(25),
        _ => 25,
    };
    if round_up {
        (of * percent + 99) / 100
    } else {
        of * percent / 100
    }
}

fn node(snapshot: &Snapshot, target: &ObjectRef, before: &Value, after: &Value, told: &mut Told) {
    let closed = |object: &Value| object.pointer("/spec/unschedulable") == Some(&Value::Bool(true));
    if closed(before) == closed(after) {
        return;
    }
    if closed(after) {
        told.reach(format!(
            "No new pods are placed on {target}; those that run there stay."
        ));
        let open = snapshot
            .nodes
            .iter()
            .filter(|node| {
                let spec = node.spec.as_ref();
                node.metadata.name.as_deref() != Some(target.name.as_str())
                    && spec.is_none_or(|spec| spec.unschedulable != Some(true))
            })
            .count();
        if open == 0 && snapshot.may_see("Node", None) {
            told.fight(format!(
                "{target} is the last node that takes pods: nothing new could start anywhere."
            ));
        }
    } else {
        told.reach(format!("New pods may be placed on {target} again."));
    }
}

fn service(snapshot: &Snapshot, target: &ObjectRef, before: &Value, after: &Value, told: &mut Told) {
    if before.pointer("/spec/selector") == after.pointer("/spec/selector") {
        return;
    }
    let namespace = target.namespace.as_deref().unwrap_or_default();
    let chosen = |object: &Value| {
        object
            .pointer("/spec/selector")
            .and_then(|selector| serde_json::from_value(selector.clone()).ok())
            .map_or(0, |labels| snapshot.pods_labelled(namespace, &labels).len())
    };
    let (had, gets) = (chosen(before), chosen(after));
    told.reach(format!(
        "All traffic to {target} moves at once: from {} to {}.",
        wording::count(had, "pod"),
        wording::count(gets, "pod")
    ));
    if gets == 0 {
        told.fight(format!(
            "No pod has the labels that {target} would look for: it would reach nobody."
        ));
    }
}
