//! Who owns which field: an object before and after a plain write goes in, its managed fields say so afterwards.

use serde_json::{Map, Value, json};

use super::apply::{fields_of, follow, unite};
use crate::server::fields::{list, text};
use crate::store::timestamp_now;

/// Gives the fields that a write has set to its manager, and takes them from all others.
pub(crate) fn note(
    before: Option<&Value>,
    object: &mut Value,
    manager: &str,
    api_version: &str,
    subresource: &str,
) {
    let set = fields_of(object, "", true, true);
    let Some(mut set) = changed(&set, before, object) else {
        return;
    };
    if let Some(fields) = set.as_object_mut() {
        // A main write has no say in the status, nor a status write in the rest.
        fields.retain(|step, _| (step == "f:status") == (subresource == "status"));
        if fields.is_empty() {
            return;
        }
    }
    // Whoever leaves the record out does not wipe it out.
    let kept = [Some(&*object), before].into_iter().flatten();
    let mut entries = kept
        .map(|object| list(object, "/metadata/managedFields"))
        .find(|entries| !entries.is_empty())
        .unwrap_or_default()
        .to_vec();
    let mine = |entry: &Value| {
        text(entry, "/manager") == manager
            && text(entry, "/operation") == "Update"
            && text(entry, "/subresource") == subresource
    };
    let mut owned = json!({});
    entries.retain_mut(|entry| {
        if mine(entry) {
            owned = entry.get("fieldsV1").cloned().unwrap_or_else(|| json!({}));
            return false;
        }
        entry.get_mut("fieldsV1").is_none_or(|theirs| {
            take(theirs, &set);
            theirs.as_object().is_some_and(|theirs| !theirs.is_empty())
        })
    });
    unite(&mut owned, &set);
    let mut entry = json!({
        "manager": manager, "operation": "Update", "apiVersion": api_version, "time": timestamp_now(),
        "fieldsType": "FieldsV1", "fieldsV1": owned,
    });
    if !subresource.is_empty() {
        entry["subresource"] = json!(subresource);
    }
    entries.push(entry);
    object["metadata"]["managedFields"] = json!(entries);
}

/// The part of a field set whose values are new or differ.
fn changed(set: &Value, before: Option<&Value>, after: &Value) -> Option<Value> {
    let set = set.as_object()?;
    let mut differing = Map::new();
    for (step, inner) in set {
        if step == "." {
            continue;
        }
        let (was, is) = (before.and_then(|value| follow(value, step)), follow(after, step));
        if was == is {
            continue;
        }
        let leaf = inner.as_object().is_none_or(Map::is_empty);
        match is {
            Some(is) if !leaf => {
                if let Some(inner) = changed(inner, was, is) {
                    differing.insert(step.clone(), inner);
                }
            }
            _ => {
                differing.insert(step.clone(), json!({}));
            }
        }
    }
    (!differing.is_empty()).then_some(Value::Object(differing))
}

/// Takes the fields of one set out of another.
fn take(theirs: &mut Value, set: &Value) {
    let (Some(theirs), Some(set)) = (theirs.as_object_mut(), set.as_object()) else {
        return;
    };
    for (step, inner) in set {
        if inner.as_object().is_none_or(Map::is_empty) {
            theirs.remove(step);
        } else if let Some(left) = theirs.get_mut(step) {
            take(left, inner);
            let bare = left
                .as_object()
                .is_some_and(|left| left.keys().all(|step| step == "."));
            if bare {
                theirs.remove(step);
            }
        }
    }
}
