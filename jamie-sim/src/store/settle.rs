//! Writing over an object: the current one and the new one go in, the one to keep comes out,
//! identity kept and generation counted.

use serde_json::{Value, json};

use super::{ApiStatus, Key};

/// The object that results from writing `object` over `current`, identity kept, generation
/// counted.
pub(super) fn settle(key: &Key, current: &Value, mut object: Value) -> Result<Value, ApiStatus> {
    let now = current.get("metadata").cloned().unwrap_or_default();
    let given = object.get("metadata").cloned().unwrap_or_default();
    let stale = |field: &str| {
        let wanted = given.get(field).and_then(Value::as_str).unwrap_or_default();
        !wanted.is_empty() && now.get(field).and_then(Value::as_str) != Some(wanted)
    };
    if stale("uid") {
        return Err(ApiStatus::uid_conflict(key, &given, &now));
    }
    if stale("resourceVersion") {
        return Err(ApiStatus::conflict(key));
    }
    for field in [
        "name",
        "namespace",
        "uid",
        "creationTimestamp",
        "resourceVersion",
        "generation",
    ] {
        if let Some(value) = now.get(field) {
            set_metadata(&mut object, field, value.clone());
        }
    }
    // Once set, a deletion time stays: there is no way back.
    for field in ["deletionTimestamp", "deletionGracePeriodSeconds"] {
        if let Some(value) = now.get(field)
            && given.get(field).is_none()
        {
            set_metadata(&mut object, field, value.clone());
        }
    }
    if key.counts_generations() && differs_in_spec(current, &object) {
        let generation = now.get("generation").and_then(Value::as_u64).unwrap_or(1);
        set_metadata(&mut object, "generation", json!(generation + 1));
    }
    Ok(object)
}

fn differs_in_spec(a: &Value, b: &Value) -> bool {
    let (Some(a), Some(b)) = (a.as_object(), b.as_object()) else {
        return true;
    };
    let counts = |field: &String| !matches!(field.as_str(), "metadata" | "status" | "apiVersion" | "kind");
    a.iter()
        .any(|(field, value)| counts(field) && b.get(field) != Some(value))
        || b.keys().any(|field| counts(field) && !a.contains_key(field))
}

pub(super) fn has_finalizers(object: &Value) -> bool {
    object
        .pointer("/metadata/finalizers")
        .and_then(Value::as_array)
        .is_some_and(|list| !list.is_empty())
}

pub(super) fn set_metadata(object: &mut Value, field: &str, value: Value) {
    if let Some(fields) = object.as_object_mut() {
        let metadata = fields.entry("metadata").or_insert_with(|| json!({}));
        if let Some(metadata) = metadata.as_object_mut() {
            metadata.insert(field.to_owned(), value);
        }
    }
}
