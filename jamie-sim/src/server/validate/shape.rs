//! The shape of built-in kinds: an object goes in, and out again with numbers turned into
//! quantities and without unknown fields, whose names are told; or a complaint about one of the wrong type.

use k8s_openapi::api::{
    apps::v1::{DaemonSet, Deployment, ReplicaSet, StatefulSet},
    autoscaling::v2::HorizontalPodAutoscaler,
    batch::v1::{CronJob, Job},
    core::v1::{
        ConfigMap, LimitRange, Namespace, Node, PersistentVolume, PersistentVolumeClaim, Pod, ResourceQuota,
        Secret, Service, ServiceAccount,
    },
    networking::v1::{Ingress, NetworkPolicy},
    policy::v1::PodDisruptionBudget,
    rbac::v1::{ClusterRole, ClusterRoleBinding, Role, RoleBinding},
    storage::v1::StorageClass,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::server::resources::ResourceType;

/// Takes what its kind does not know out of an object and tells where it was, or says why the object cannot be of its
/// kind. Kinds that are not in the list below are only held to what every object has.
pub(crate) fn shape(kind: &ResourceType, object: &mut Value) -> Result<Vec<String>, String> {
    quantities(object);
    if !object.is_object() || !object.get("metadata").is_some_and(Value::is_object) {
        return Err("the object provided is unrecognized: it has no metadata".to_owned());
    }
    if let Some(wrong) = wrong_amount(object) {
        return Err(wrong);
    }
    let parsed = match (kind.group.as_str(), kind.kind.as_str()) {
        ("", "Pod") => read::<Pod>(object),
        ("", "Service") => read::<Service>(object),
        ("", "ConfigMap") => read::<ConfigMap>(object),
        ("", "Secret") => read::<Secret>(object),
        ("", "Namespace") => read::<Namespace>(object),
        ("", "Node") => read::<Node>(object),
        ("", "PersistentVolumeClaim") => read::<PersistentVolumeClaim>(object),
        ("", "PersistentVolume") => read::<PersistentVolume>(object),
        ("", "ResourceQuota") => read::<ResourceQuota>(object),
        ("", "LimitRange") => read::<LimitRange>(object),
        ("", "ServiceAccount") => read::<ServiceAccount>(object),
        ("apps", "Deployment") => read::<Deployment>(object),
        ("apps", "ReplicaSet") => read::<ReplicaSet>(object),
        ("apps", "StatefulSet") => read::<StatefulSet>(object),
        ("apps", "DaemonSet") => read::<DaemonSet>(object),
        ("batch", "Job") => read::<Job>(object),
        ("batch", "CronJob") => read::<CronJob>(object),
        ("autoscaling", _) => read::<HorizontalPodAutoscaler>(object),
        ("networking.k8s.io", "Ingress") => read::<Ingress>(object),
        ("networking.k8s.io", "NetworkPolicy") => read::<NetworkPolicy>(object),
        ("policy", "PodDisruptionBudget") => read::<PodDisruptionBudget>(object),
        ("rbac.authorization.k8s.io", "Role") => read::<Role>(object),
        ("rbac.authorization.k8s.io", "RoleBinding") => read::<RoleBinding>(object),
        ("rbac.authorization.k8s.io", "ClusterRole") => read::<ClusterRole>(object),
        ("rbac.authorization.k8s.io", "ClusterRoleBinding") => read::<ClusterRoleBinding>(object),
        ("storage.k8s.io", "StorageClass") => read::<StorageClass>(object),
        _ => return Ok(Vec::new()),
    };
    let understood = parsed.map_err(|(path, error)| misfit(&kind.kind, &path, &error))?;
    let mut unknown = Vec::new();
    strangers(object, &understood, "", &mut unknown);
    Ok(unknown)
}

/// The object as its type understands it. The kind and version in it are checked elsewhere.
fn read<T: DeserializeOwned + Serialize + k8s_openapi::Resource>(
    object: &Value,
) -> Result<Value, (Vec<String>, serde_json::Error)> {
    let mut object = object.clone();
    if let Some(fields) = object.as_object_mut() {
        fields.insert("apiVersion".to_owned(), Value::from(T::API_VERSION));
        fields.insert("kind".to_owned(), Value::from(T::KIND));
    }
    let read: T = serde_path_to_error::deserialize(object).map_err(|error| {
        let path = error.path().iter();
        let path = path
            .filter_map(|step| match step {
                serde_path_to_error::Segment::Map { key } => Some(key.clone()),
                _ => None,
            })
            .collect();
        (path, error.into_inner())
    })?;
    serde_json::to_value(read).map_err(|error| (Vec::new(), error))
}

/// The complaint of the real server's JSON reader about a value of the wrong type.
fn misfit(kind: &str, path: &[String], error: &serde_json::Error) -> String {
    let told = error.to_string();
    let Some((found, wanted)) = told
        .strip_prefix("invalid type: ")
        .and_then(|rest| rest.split_once(", expected "))
    else {
        return format!("json: cannot unmarshal: {told}");
    };
    let found = match found.split_whitespace().next().unwrap_or_default() {
        "integer" | "floating" => "number",
        "boolean" => "bool",
        "map" => "object",
        "sequence" => "array",
        other => other,
    };
    let maps = [
        "labels",
        "annotations",
        "matchLabels",
        "data",
        "nodeSelector",
        "limits",
        "requests",
        "hard",
    ];
    let ends = path.iter().position(|step| maps.contains(&step.as_str()));
    let path = path.get(..ends.map_or(path.len(), |end| end + 1)).unwrap_or(path);
    let wanted = match wanted {
        "i32" => "int32",
        "i64" => "int64",
        "a boolean" => "bool",
        "a string" | "string" => "string",
        other => other,
    };
    format!(
        "json: cannot unmarshal {found} into Go struct field {}.{} of type {wanted}",
        holder(kind, path),
        path.join(".")
    )
}

/// The Go type that holds the last field of a path.
fn holder(kind: &str, path: &[String]) -> String {
    let mut steps = path.iter().rev().skip(1).map(String::as_str);
    let Some(last) = steps.next() else {
        return kind.to_owned();
    };
    let above = steps.next();
    match (last, above) {
        ("metadata", _) => "ObjectMeta".to_owned(),
        ("spec", Some("jobTemplate")) => "JobSpec".to_owned(),
        ("spec", Some("template")) => "PodSpec".to_owned(),
        ("spec", _) => format!("{kind}Spec"),
        ("template", _) => "PodTemplateSpec".to_owned(),
        ("containers" | "initContainers", _) => "Container".to_owned(),
        ("ports", Some("spec")) => "ServicePort".to_owned(),
        ("ports", _) => "ContainerPort".to_owned(),
        ("env", _) => "EnvVar".to_owned(),
        ("resources", _) => "ResourceRequirements".to_owned(),
        ("livenessProbe" | "readinessProbe" | "startupProbe", _) => "Probe".to_owned(),
        (other, _) => {
            let mut letters = other.trim_end_matches('s').chars();
            letters
                .next()
                .map(|first| first.to_ascii_uppercase())
                .into_iter()
                .chain(letters)
                .collect()
        }
    }
}

/// The complaint about the first amount of a resource that is none.
fn wrong_amount(value: &Value) -> Option<String> {
    match value {
        Value::Object(fields) => fields.iter().find_map(|(name, inner)| {
            let amounts = matches!(name.as_str(), "limits" | "requests" | "hard" | "capacity");
            let mut texts = inner.as_object().into_iter().flatten().filter_map(|(_, amount)| amount.as_str());
            if amounts && texts.any(|amount| crate::quantity::milli(amount).is_none()) {
                return Some(
                    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
                        .to_owned(),
                );
            }
            wrong_amount(inner)
        }),
        Value::Array(items) => items.iter().find_map(wrong_amount),
        _ => None,
    }
}

/// Takes out fields that the object has and its type does not know, and tells their paths.
fn strangers(object: &mut Value, understood: &Value, path: &str, found: &mut Vec<String>) {
    match (object, understood) {
        (Value::Object(object), Value::Object(understood)) => object.retain(|name, value| {
            let path = if path.is_empty() {
                name.clone()
            } else {
                format!("{path}.{name}")
            };
            match understood.get(name) {
                Some(known) => strangers(value, known, &path, found),
                None if is_empty(value) => {}
                None => {
                    found.push(path);
                    return false;
                }
            }
            true
        }),
        (Value::Array(object), Value::Array(understood)) => {
            for (place, (value, known)) in object.iter_mut().zip(understood).enumerate() {
                strangers(value, known, &format!("{path}[{place}]"), found);
            }
        }
        _ => {}
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

/// Amounts may be written as numbers; they are kept as texts.
pub(crate) fn quantities(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields.iter_mut() {
                let amounts = matches!(
                    name.as_str(),
                    "limits"
                        | "requests"
                        | "capacity"
                        | "allocatable"
                        | "hard"
                        | "used"
                        | "default"
                        | "defaultRequest"
                        | "max"
                        | "min"
                        | "overhead"
                );
                if let (true, Some(inner)) = (amounts, inner.as_object_mut()) {
                    for amount in inner.values_mut().filter(|amount| amount.is_number()) {
                        *amount = Value::from(amount.to_string());
                    }
                }
                if name == "sizeLimit" && inner.is_number() {
                    *inner = Value::from(inner.to_string());
                }
                quantities(inner);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(quantities),
        _ => {}
    }
}
