//! Server-side apply: what a manager wants goes in, the live object with it comes out; fields it
//! no longer wants go, fields of other managers conflict unless forced.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::keys::{Style, same, style};
use crate::server::fields::{list, text};
use crate::server::request::Request;
use crate::server::resources::{self, ResourceType};
use crate::store::{ApiStatus, timestamp_now};

/// The object after a manager has applied its wishes.
pub(crate) fn applied(
    kind: &ResourceType,
    version: &str,
    current: Option<&Value>,
    wanted: &Value,
    request: &Request,
) -> Result<Value, ApiStatus> {
    let manager = request.query.text("fieldManager");
    if manager.is_empty() {
        let message = "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch";
        return Err(ApiStatus::new(422, "Invalid", message));
    }
    if !list(wanted, "/metadata/managedFields").is_empty() {
        return Err(ApiStatus::bad_request("metadata.managedFields must be nil"));
    }
    if wanted
        .get("metadata")
        .is_some_and(|metadata| !metadata.is_object())
    {
        return Err(ApiStatus::bad_request(
            "the metadata of the object is not a JSON object",
        ));
    }
    if !wanted.is_object() || text(wanted, "/apiVersion").is_empty() || text(wanted, "/kind").is_empty() {
        return Err(ApiStatus::bad_request(
            "invalid object type: apiVersion and kind must be set",
        ));
    }
    let typed = resources::by_kind(&kind.group, &kind.kind).is_some();
    let mut object = current.cloned().unwrap_or_else(|| json!({"metadata": {}}));
    let mut entries = list(&object, "/metadata/managedFields").to_vec();
    let mine = |entry: &Value| text(entry, "/manager") == manager && text(entry, "/operation") == "Apply";
    let before = entries
        .iter()
        .find(|entry| mine(entry))
        .and_then(|entry| entry.get("fieldsV1"))
        .cloned();
    entries.retain(|entry| !mine(entry));

    let owned = fields_of(wanted, "", typed, true);
    resolve(&mut entries, &object, wanted, &owned, request)?;
    if let Some(before) = before {
        let mut kept = owned.clone();
        for entry in &entries {
            unite(&mut kept, entry.get("fieldsV1").unwrap_or(&Value::Null));
        }
        drop_fields(&mut object, &before, &kept);
    }
    let mut content = wanted.clone();
    if let Some(metadata) = content.get_mut("metadata").and_then(Value::as_object_mut) {
        for field in ["creationTimestamp", "managedFields", "uid", "generation"] {
            metadata.remove(field);
        }
    }
    merge(&mut object, &content, "", typed);
    entries.push(json!({
        "manager": manager, "operation": "Apply", "apiVersion": kind.api_version(version),
        "time": timestamp_now(), "fieldsType": "FieldsV1", "fieldsV1": owned,
    }));
    object["metadata"]["managedFields"] = json!(entries);
    Ok(object)
}

/// Finds what others own with another value: they conflict, or lose it when forced.
fn resolve(
    entries: &mut [Value],
    object: &Value,
    wanted: &Value,
    owned: &Value,
    request: &Request,
) -> Result<(), ApiStatus> {
    let force = request.query.flag("force");
    let mut clashing: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for entry in entries {
        let name = shown(entry);
        let Some(theirs) = entry.get_mut("fieldsV1") else {
            continue;
        };
        let mut paths = Vec::new();
        clashes(owned, theirs, Some(object), Some(wanted), "", force, &mut paths);
        if !paths.is_empty() {
            clashing.entry(name).or_default().extend(paths);
        }
    }
    if clashing.is_empty() || force {
        return Ok(());
    }
    let causes: Vec<Value> = clashing
        .iter()
        .flat_map(|(name, paths)| paths.iter().map(move |path| (name, path)))
        .map(|(name, path)| {
            json!({"reason": "FieldManagerConflict", "message": format!("conflict with {name}"), "field": path})
        })
        .collect();
    let told = match (causes.len(), clashing.first_key_value()) {
        (1, Some((name, paths))) => format!("1 conflict: conflict with {name}: {}", paths.join("")),
        (count, _) => {
            let lines = clashing
                .iter()
                .map(|(name, paths)| format!("conflicts with {name}:\n- {}", paths.join("\n- ")));
            format!("{count} conflicts: {}", lines.collect::<Vec<_>>().join("\n"))
        }
    };
    let message = format!("Apply failed with {told}");
    Err(ApiStatus::new(409, "Conflict", message).with_details(json!({"causes": causes})))
}

/// A manager as messages name it: who applies by name, who just writes also by version and time.
fn shown(entry: &Value) -> String {
    let mut shown = format!("\"{}\"", text(entry, "/manager"));
    let part = text(entry, "/subresource");
    if !part.is_empty() {
        shown = format!("{shown} with subresource \"{part}\"");
    }
    if text(entry, "/operation") == "Update" {
        shown = format!("{shown} using {}", text(entry, "/apiVersion"));
        let time = text(entry, "/time");
        if !time.is_empty() {
            shown = format!("{shown} at {time}");
        }
    }
    shown
}

fn clashes(
    mine: &Value,
    theirs: &mut Value,
    live: Option<&Value>,
    wanted: Option<&Value>,
    path: &str,
    force: bool,
    found: &mut Vec<String>,
) {
    let (Some(mine), Some(theirs)) = (mine.as_object(), theirs.as_object_mut()) else {
        return;
    };
    let mut lost = Vec::new();
    for (step, inner) in mine {
        let Some(their_inner) = theirs.get_mut(step) else {
            continue;
        };
        if step == "." {
            continue;
        }
        let (live, wanted) = (
            live.and_then(|value| follow(value, step)),
            wanted.and_then(|value| follow(value, step)),
        );
        let path = match step.strip_prefix("f:") {
            Some(name) => format!("{path}.{name}"),
            None => format!(
                "{path}[{}]",
                step.trim_start_matches("k:")
                    .trim_matches(['{', '}'])
                    .split(',')
                    .map(|pair| pair.trim_start_matches('"').replacen("\":", "=", 1))
                    .collect::<Vec<_>>()
                    .join(",")
            ),
        };
        let is_leaf = inner.as_object().is_none_or(Map::is_empty);
        if is_leaf {
            if live.is_some() && live != wanted {
                found.push(path);
                lost.push(step.clone());
            }
        } else {
            clashes(inner, their_inner, live, wanted, &path, force, found);
        }
    }
    if force {
        for step in lost {
            theirs.remove(&step);
        }
    }
}

/// One step of a field set: `f:name`, `k:{"name":"web"}` or `v:"text"`.
pub(super) fn follow<'a>(value: &'a Value, step: &str) -> Option<&'a Value> {
    if let Some(name) = step.strip_prefix("f:") {
        return value.get(name);
    }
    if let Some(key) = step.strip_prefix("k:") {
        let key: Value = serde_json::from_str(key).ok()?;
        return value.as_array()?.iter().find(|item| has(item, &key));
    }
    let wanted: Value = serde_json::from_str(step.strip_prefix("v:")?).ok()?;
    value.as_array()?.iter().find(|item| **item == wanted)
}

fn has(item: &Value, key: &Value) -> bool {
    key.as_object()
        .is_some_and(|key| key.iter().all(|(name, value)| item.get(name) == Some(value)))
}

/// The set of fields that a value sets, in the form of `fieldsV1`.
pub(super) fn fields_of(value: &Value, parent: &str, typed: bool, top: bool) -> Value {
    let mut set = Map::new();
    for (name, value) in value.as_object().into_iter().flatten() {
        let identity = top && matches!(name.as_str(), "apiVersion" | "kind")
            || parent == "metadata"
                && matches!(
                    name.as_str(),
                    "name" | "namespace" | "creationTimestamp" | "managedFields" | "resourceVersion" | "uid"
                );
        if identity {
            continue;
        }
        let inner = match value {
            Value::Object(fields) if !fields.is_empty() => fields_of(value, name, typed, false),
            Value::Array(items) if typed => items_of(items, parent, name),
            _ => json!({}),
        };
        let says_nothing = value.as_object().is_some_and(|fields| !fields.is_empty())
            && inner.as_object().is_some_and(Map::is_empty);
        if !says_nothing {
            set.insert(format!("f:{name}"), inner);
        }
    }
    Value::Object(set)
}

fn items_of(items: &[Value], parent: &str, field: &str) -> Value {
    let mut set = Map::new();
    for item in items {
        match style(parent, field) {
            Style::Keyed(key) => {
                let mut identity = json!({key: item.get(key)});
                if field == "ports" {
                    identity["protocol"] = item.get("protocol").cloned().unwrap_or_else(|| json!("TCP"));
                    // Before defaults are filled in, items may lack a protocol: found by port then.
                    if item.get("protocol").is_none() {
                        identity = json!({key: item.get(key)});
                    }
                }
                let mut inner = fields_of(item, field, true, false);
                inner["."] = json!({});
                set.insert(format!("k:{identity}"), inner);
            }
            Style::Set => {
                set.insert(format!("v:{item}"), json!({}));
            }
            Style::Atomic => return json!({}),
        }
    }
    Value::Object(set)
}

pub(super) fn unite(into: &mut Value, other: &Value) {
    let (Some(into), Some(other)) = (into.as_object_mut(), other.as_object()) else {
        return;
    };
    for (step, inner) in other {
        unite(into.entry(step.clone()).or_insert_with(|| json!({})), inner);
    }
}

/// Takes out of the object what was in `before` and is in `kept` no more.
fn drop_fields(object: &mut Value, before: &Value, kept: &Value) {
    for (step, inner) in before.as_object().into_iter().flatten() {
        if step == "." {
            continue;
        }
        let still = kept.get(step);
        if let Some(name) = step.strip_prefix("f:") {
            match still {
                None => {
                    if let Some(fields) = object.as_object_mut() {
                        fields.remove(name);
                    }
                }
                Some(kept) => {
                    if let Some(value) = object.get_mut(name) {
                        drop_fields(value, inner, kept);
                    }
                }
            }
            continue;
        }
        let Some(items) = object.as_array_mut() else {
            continue;
        };
        let is_it = |item: &Value| follow(&json!([item]), step).is_some();
        match still {
            None => items.retain(|item| !is_it(item)),
            Some(kept) => {
                if let Some(item) = items.iter_mut().find(|item| is_it(item)) {
                    drop_fields(item, inner, kept);
                }
            }
        }
    }
}

/// Writes the wanted values over the object's.
fn merge(object: &mut Value, wanted: &Value, parent: &str, typed: bool) {
    let (Some(fields), Some(wanted)) = (object.as_object_mut(), wanted.as_object()) else {
        *object = wanted.clone();
        return;
    };
    for (name, value) in wanted {
        match value {
            Value::Null => {}
            Value::Object(_) => {
                let target = fields.entry(name.clone()).or_insert_with(|| json!({}));
                merge(target, value, name, typed);
            }
            Value::Array(items) => {
                let target = fields.entry(name.clone()).or_insert_with(|| json!([]));
                match (style(parent, name), target.as_array_mut()) {
                    (Style::Keyed(key), Some(known)) if typed => merge_items(known, items, key, name),
                    (Style::Set, Some(known)) if typed => {
                        let fresh: Vec<Value> = items
                            .iter()
                            .filter(|item| !known.contains(item))
                            .cloned()
                            .collect();
                        known.extend(fresh);
                    }
                    _ => *target = value.clone(),
                }
            }
            _ => {
                fields.insert(name.clone(), value.clone());
            }
        }
    }
}

fn merge_items(known: &mut Vec<Value>, items: &[Value], key: &str, field: &str) {
    for item in items {
        match known.iter_mut().find(|known| same(known, item, key)) {
            Some(known) => merge(known, item, field, true),
            None => known.push(item.clone()),
        }
    }
}
