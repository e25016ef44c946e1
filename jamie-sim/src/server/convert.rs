//! One stored object, several served versions: the stored form goes in, the asked-for one comes
//! out, and back.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::fields::{list, number, text};
use super::resources::ResourceType;

/// Where the objects of a type are kept: events are the same things in both of their groups.
pub(crate) fn storage(kind: &ResourceType) -> (&str, &str) {
    match kind.group.as_str() {
        "events.k8s.io" => ("", "events"),
        group => (group, &kind.plural),
    }
}

/// Whether the stored text can be served as it is, but for its apiVersion.
pub(crate) fn is_stored_form(kind: &ResourceType, version: &str) -> bool {
    !(kind.group == "events.k8s.io" || (kind.group == "autoscaling" && version == "v1"))
}

/// The object in the given version, apiVersion and kind set.
pub(crate) fn to_version<'a>(kind: &ResourceType, version: &str, object: &'a Value) -> Cow<'a, Value> {
    let api_version = kind.api_version(version);
    if is_stored_form(kind, version)
        && text(object, "/apiVersion") == api_version
        && text(object, "/kind") == kind.kind
    {
        return Cow::Borrowed(object);
    }
    let mut object = object.clone();
    if kind.group == "events.k8s.io" {
        object = new_event(&object);
    } else if kind.group == "autoscaling" && version == "v1" {
        object = old_autoscaler(object);
    }
    object["apiVersion"] = json!(api_version);
    object["kind"] = json!(kind.kind);
    Cow::Owned(object)
}

/// The stored form of an object that came in the given version.
pub(crate) fn from_version(kind: &ResourceType, version: &str, mut object: Value) -> Value {
    if kind.group == "events.k8s.io" {
        object = old_event(&object);
        object["apiVersion"] = json!("v1");
    } else if kind.group == "autoscaling" && version == "v1" {
        object = new_autoscaler(object);
        object["apiVersion"] = json!("autoscaling/v2");
    } else {
        let stored = kind
            .versions
            .iter()
            .find(|one| !one.contains("beta"))
            .map_or(version, String::as_str);
        object["apiVersion"] =
            json!(kind.api_version(if kind.columns.is_empty() { stored } else { version }));
    }
    object["kind"] = json!(kind.kind);
    object
}

const EVENT_NAMES: &[(&str, &str)] = &[
    ("involvedObject", "regarding"),
    ("message", "note"),
    ("count", "deprecatedCount"),
    ("firstTimestamp", "deprecatedFirstTimestamp"),
    ("lastTimestamp", "deprecatedLastTimestamp"),
    ("source", "deprecatedSource"),
    ("reportingComponent", "reportingController"),
];

fn new_event(event: &Value) -> Value {
    rename(event, |name| {
        EVENT_NAMES
            .iter()
            .find(|(old, _)| *old == name)
            .map(|(_, new)| *new)
    })
}

fn old_event(event: &Value) -> Value {
    rename(event, |name| {
        EVENT_NAMES
            .iter()
            .find(|(_, new)| *new == name)
            .map(|(old, _)| *old)
    })
}

fn rename(object: &Value, new_name: impl Fn(&str) -> Option<&'static str>) -> Value {
    let fields = object.as_object().into_iter().flatten();
    fields
        .map(|(name, value)| {
            (
                new_name(name).map_or_else(|| name.clone(), str::to_owned),
                value.clone(),
            )
        })
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// `autoscaling/v1` knows one figure, the CPU; the other metrics travel in an annotation.
fn old_autoscaler(mut object: Value) -> Value {
    let cpu = |metric: &&Value| text(metric, "/resource/name") == "cpu";
    let target = list(&object, "/spec/metrics")
        .iter()
        .find(cpu)
        .map(|metric| number(metric, "/resource/target/averageUtilization"));
    let current = list(&object, "/status/currentMetrics")
        .iter()
        .find(cpu)
        .map(|metric| number(metric, "/resource/current/averageUtilization"));
    let conditions = object.pointer("/status/conditions").cloned();
    for (part, fields) in [
        ("spec", &["metrics", "behavior"]),
        ("status", &["currentMetrics", "conditions"]),
    ] {
        if let Some(part) = object.get_mut(part).and_then(Value::as_object_mut) {
            for field in fields {
                part.remove(*field);
            }
        }
    }
    if let (Some(target), Some(spec)) = (target, object.get_mut("spec")) {
        spec["targetCPUUtilizationPercentage"] = json!(target);
    }
    if let (Some(current), Some(status)) = (current, object.get_mut("status")) {
        status["currentCPUUtilizationPercentage"] = json!(current);
    }
    if let Some(conditions) = conditions
        && let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut)
    {
        let annotations = metadata.entry("annotations").or_insert_with(|| json!({}));
        annotations["autoscaling.alpha.kubernetes.io/conditions"] = json!(conditions.to_string());
    }
    object
}

fn new_autoscaler(mut object: Value) -> Value {
    if let Some(spec) = object.get_mut("spec").and_then(Value::as_object_mut)
        && let Some(target) = spec.remove("targetCPUUtilizationPercentage")
    {
        let target = json!({"type": "Utilization", "averageUtilization": target});
        spec.insert(
            "metrics".to_owned(),
            json!([{"type": "Resource", "resource": {"name": "cpu", "target": target}}]),
        );
    }
    if let Some(annotations) = object
        .pointer_mut("/metadata/annotations")
        .and_then(Value::as_object_mut)
    {
        annotations.remove("autoscaling.alpha.kubernetes.io/conditions");
    }
    object
}
