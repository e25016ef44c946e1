//! Strategic merge: a patch with its directives goes in, the object is changed in place.

use serde_json::{Map, Value};

use super::keys::{Style, same, style};
use crate::store::ApiStatus;

/// Merges the patch into the object.
pub(crate) fn merge(object: &mut Value, patch: &Value) -> Result<(), ApiStatus> {
    merge_value(object, patch, "")
}

fn wrong(what: &str) -> ApiStatus {
    ApiStatus::bad_request(format!("error decoding patch: {what}"))
}

fn merge_value(object: &mut Value, patch: &Value, place: &str) -> Result<(), ApiStatus> {
    let Some(patch) = patch.as_object() else {
        return Err(wrong("the patch is not a JSON object"));
    };
    match patch.get("$patch").and_then(Value::as_str) {
        Some("replace") => {
            *object = Value::Object(without_directives(patch));
            return Ok(());
        }
        Some("delete") => {
            *object = Value::Object(Map::new());
            return Ok(());
        }
        _ => {}
    }
    if !object.is_object() {
        *object = Value::Object(Map::new());
    }
    let Some(fields) = object.as_object_mut() else {
        return Err(wrong("the object is not a JSON object"));
    };
    if let Some(kept) = patch.get("$retainKeys").and_then(Value::as_array) {
        fields.retain(|name, _| kept.iter().any(|kept| kept == name));
    }
    for (name, removed) in patch {
        if let (Some(field), Some(removed)) =
            (name.strip_prefix("$deleteFromPrimitiveList/"), removed.as_array())
            && let Some(list) = fields.get_mut(field).and_then(Value::as_array_mut)
        {
            list.retain(|item| !removed.contains(item));
        }
    }
    for (name, value) in patch.iter().filter(|(name, _)| !name.starts_with('$')) {
        match value {
            Value::Null => {
                fields.remove(name);
            }
            Value::Object(inner) if inner.get("$patch").and_then(Value::as_str) == Some("delete") => {
                fields.remove(name);
            }
            Value::Object(_) => {
                let target = fields
                    .entry(name.clone())
                    .or_insert_with(|| Value::Object(Map::new()));
                merge_value(target, value, name)?;
            }
            Value::Array(items) => {
                let target = fields
                    .entry(name.clone())
                    .or_insert_with(|| Value::Array(Vec::new()));
                if !target.is_array() {
                    *target = Value::Array(Vec::new());
                }
                if let Some(target) = target.as_array_mut() {
                    merge_list(target, items, place, name)?;
                }
            }
            _ => {
                fields.insert(name.clone(), value.clone());
            }
        }
    }
    for (name, order) in patch {
        if let (Some(field), Some(order)) = (name.strip_prefix("$setElementOrder/"), order.as_array())
            && let Some(list) = fields.get_mut(field).and_then(Value::as_array_mut)
        {
            let key = match style(place, field) {
                Style::Keyed(key) => Some(key),
                _ => None,
            };
            list.sort_by_key(|item| {
                let wanted = |wanted: &Value| key.map_or(item == wanted, |key| same(item, wanted, key));
                order.iter().position(wanted).unwrap_or(usize::MAX)
            });
        }
    }
    Ok(())
}

fn merge_list(target: &mut Vec<Value>, items: &[Value], parent: &str, field: &str) -> Result<(), ApiStatus> {
    let directive = |item: &Value| item.get("$patch").and_then(Value::as_str).map(str::to_owned);
    if items
        .iter()
        .any(|item| directive(item).as_deref() == Some("replace"))
    {
        let kept = items.iter().filter(|item| directive(item).is_none());
        *target = kept.cloned().collect();
        return Ok(());
    }
    match style(parent, field) {
        Style::Atomic => {
            let kept = items.iter().filter(|item| directive(item).is_none());
            *target = kept.cloned().map(clean).collect();
        }
        Style::Set => {
            for item in items {
                if !target.contains(item) {
                    target.push(item.clone());
                }
            }
        }
        Style::Keyed(key) => {
            for item in items {
                if item.get(key).is_none() {
                    return Err(wrong(&format!(
                        "map: {item} does not contain declared merge key: {key}"
                    )));
                }
                if directive(item).as_deref() == Some("delete") {
                    target.retain(|known| !same(known, item, key));
                } else if let Some(known) = target.iter_mut().find(|known| same(known, item, key)) {
                    merge_value(known, item, field)?;
                } else {
                    let mut fresh = Value::Object(Map::new());
                    merge_value(&mut fresh, item, field)?;
                    target.push(fresh);
                }
            }
        }
    }
    Ok(())
}

fn without_directives(patch: &Map<String, Value>) -> Map<String, Value> {
    let kept = patch.iter().filter(|(name, _)| !name.starts_with('$'));
    kept.map(|(name, value)| (name.clone(), clean(value.clone())))
        .collect()
}

/// A new value holds no nulls: they mean "not there".
fn clean(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields
                .into_iter()
                .filter(|(name, value)| !value.is_null() && !name.starts_with('$'));
            kept.map(|(name, value)| (name, clean(value)))
                .collect::<Map<_, _>>()
                .into()
        }
        Value::Array(items) => items.into_iter().map(clean).collect::<Vec<_>>().into(),
        other => other,
    }
}
