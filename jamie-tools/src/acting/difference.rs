//! An object before and after in, a unified diff of what people write into it out; secret values stay hidden.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use similar::TextDiff;

use crate::secrecy;

/// Lines kept round a change.
const CONTEXT: usize = 3;

/// What changes from the one to the other, as YAML; empty where nothing does.
pub(super) fn between(before: Option<&Value>, after: Option<&Value>) -> String {
    let mut known = BTreeMap::new();
    let old = before.map(|object| shown(object, &mut known, false));
    let new = after.map(|object| shown(object, &mut known, true));
    let old = old.unwrap_or_default();
    let new = new.unwrap_or_default();
    TextDiff::from_lines(&old, &new)
        .unified_diff()
        .context_radius(CONTEXT)
        .header("now", "then")
        .to_string()
}

/// A tidy copy as YAML; what is hidden is remembered by its path, so that a new hidden value can be said to be one.
fn shown(object: &Value, known: &mut BTreeMap<String, String>, is_new: bool) -> String {
    let mut object = object.clone();
    let is_secret = object.get("kind").and_then(Value::as_str) == Some("Secret");
    tidy(&mut object);
    hide(&mut object, is_secret, "", known, is_new);
    serde_saphyr::to_string(&object).unwrap_or_else(|_| object.to_string())
}

/// Drops what only the server writes.
fn tidy(object: &mut Value) {
    let Some(fields) = object.as_object_mut() else {
        return;
    };
    fields.remove("status");
    if let Some(metadata) = fields.get_mut("metadata").and_then(Value::as_object_mut) {
        for noise in [
            "managedFields",
            "selfLink",
            "uid",
            "resourceVersion",
            "generation",
            "creationTimestamp",
        ] {
            metadata.remove(noise);
        }
        if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
            annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
            annotations.remove("deployment.kubernetes.io/revision");
            if annotations.is_empty() {
                metadata.remove("annotations");
            }
        }
    }
    drop_nulls(object, 0);
}

fn drop_nulls(value: &mut Value, depth: usize) {
    if depth > 64 {
        return;
    }
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| drop_nulls(item, depth + 1)),
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            fields.values_mut().for_each(|value| drop_nulls(value, depth + 1));
        }
        _ => {}
    }
}

fn hide(value: &mut Value, is_secret: bool, path: &str, known: &mut BTreeMap<String, String>, is_new: bool) {
    if path.len() > 2_000 {
        return;
    }
    let cover = |text: &mut Value, path: &str, known: &mut BTreeMap<String, String>| {
        let raw = text.to_string();
        let changed = is_new && known.get(path).is_some_and(|old| *old != raw);
        if !is_new {
            known.insert(path.to_owned(), raw);
        }
        *text = json!(if changed {
            "(hidden, a new value)"
        } else {
            "(hidden)"
        });
    };
    match value {
        Value::Array(items) => {
            for (at, item) in items.iter_mut().enumerate() {
                // Entries keep their place by name, so that an inserted one shifts nothing.
                let key = item
                    .get("name")
                    .and_then(Value::as_str)
                    .map_or_else(|| at.to_string(), str::to_owned);
                hide(item, is_secret, &format!("{path}/{key}"), known, is_new);
            }
        }
        Value::Object(fields) => {
            let is_setting = fields
                .get("name")
                .and_then(Value::as_str)
                .is_some_and(secrecy::is_secret_name);
            for (key, value) in fields.iter_mut() {
                let path = format!("{path}/{key}");
                let in_secret = is_secret && (path.starts_with("/data/") || path.starts_with("/stringData/"));
                let by_name = secrecy::is_secret_name(key) || (is_setting && key == "value");
                match value {
                    Value::String(text) if in_secret || (by_name && !text.is_empty()) => {
                        cover(value, &path, known);
                    }
                    Value::String(text) => *text = secrecy::without_password(text),
                    other => hide(other, is_secret, &path, known, is_new),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::between;

    #[test]
    fn secret_values_stay_hidden_and_a_new_one_is_said() {
        let secret = |value: &str| json!({"kind": "Secret", "metadata": {"name": "s", "uid": "1"}, "data": {"key": value, "same": "b"}});
        let diff = between(Some(&secret("b2xk")), Some(&secret("bmV3")));
        assert!(
            !diff.contains("b2xk") && !diff.contains("bmV3") && !diff.contains("uid"),
            "{diff}"
        );
        assert!(diff.contains("+  key: (hidden, a new value)"), "{diff}");
        assert_eq!(between(Some(&secret("x")), Some(&secret("x"))), "");
        let env = |value: &str| json!({"spec": {"env": [{"name": "DB_PASSWORD", "value": value}, {"name": "A", "value": value}]}});
        let diff = between(Some(&env("one")), Some(&env("two")));
        assert!(
            diff.contains("-    value: one") && diff.matches("two").count() == 1,
            "{diff}"
        );
    }
}
