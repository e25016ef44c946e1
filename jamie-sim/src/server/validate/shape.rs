//! The shape of built-in kinds: an object goes in, and out again with numbers turned into
//! quantities, or a complaint about a field of the wrong type or, when strict, of a wrong name.

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

use crate::server::fields::text;
use crate::server::resources::ResourceType;
use crate::store::ApiStatus;

/// Refuses an object whose fields have the wrong types. Kinds that are not in the list below are
/// only held to what every object has.
pub(crate) fn shape(kind: &ResourceType, object: &mut Value, strict: bool) -> Result<(), ApiStatus> {
    quantities(object);
    if !object.is_object() || !object.get("metadata").is_some_and(Value::is_object) {
        return Err(ApiStatus::bad_request(
            "the object provided is unrecognized: it has no metadata",
        ));
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
        _ => return Ok(()),
    };
    let understood = parsed.map_err(|error| {
        ApiStatus::bad_request(format!(
            "{} in version \"{}\" cannot be handled as a {}: json: cannot unmarshal: {error}",
            kind.kind,
            text(object, "/apiVersion"),
            kind.kind
        ))
    })?;
    if strict {
        let mut unknown = Vec::new();
        strangers(object, &understood, "", &mut unknown);
        if !unknown.is_empty() {
            let told: Vec<String> = unknown
                .iter()
                .map(|field| format!("unknown field \"{field}\""))
                .collect();
            return Err(ApiStatus::bad_request(format!(
                "{} in version \"{}\" cannot be handled as a {}: strict decoding error: {}",
                kind.kind,
                text(object, "/apiVersion"),
                kind.kind,
                told.join(", ")
            )));
        }
    }
    Ok(())
}

/// The object as its type understands it. The kind and version in it are checked elsewhere.
fn read<T: DeserializeOwned + Serialize + k8s_openapi::Resource>(
    object: &Value,
) -> Result<Value, serde_json::Error> {
    let mut object = object.clone();
    if let Some(fields) = object.as_object_mut() {
        fields.insert("apiVersion".to_owned(), Value::from(T::API_VERSION));
        fields.insert("kind".to_owned(), Value::from(T::KIND));
    }
    serde_json::to_value(serde_json::from_value::<T>(object)?)
}

/// Fields that the object has and its type does not know.
fn strangers(object: &Value, understood: &Value, path: &str, found: &mut Vec<String>) {
    match (object, understood) {
        (Value::Object(object), Value::Object(understood)) => {
            for (name, value) in object {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                match understood.get(name) {
                    Some(known) => strangers(value, known, &path, found),
                    None if is_empty(value) => {}
                    None => found.push(path),
                }
            }
        }
        (Value::Array(object), Value::Array(understood)) => {
            for (place, (value, known)) in object.iter().zip(understood).enumerate() {
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
