//! A manifest and what was different once in, the manifest as it was then out.

use serde_json::{Map, Value};

/// Lists whose items are told apart by a field, as a strategic merge does.
const KEYS: [&str; 6] = ["name", "containerPort", "port", "mountPath", "key", "ip"];

/// Merges `change` over `base`: objects by key, known lists by their items' names, the rest replaced; null removes.
pub(super) fn merge(base: &mut Value, change: &Value) {
    match (base, change) {
        (Value::Object(base), Value::Object(change)) => merge_objects(base, change),
        (Value::Array(base), Value::Array(change)) if key_of(base, change).is_some() => {
            let key = key_of(base, change).unwrap_or("name");
            for item in change {
                match base.iter_mut().find(|one| one.get(key) == item.get(key)) {
                    Some(one) => merge(one, item),
                    None => base.push(item.clone()),
                }
            }
        }
        (base, change) => *base = change.clone(),
    }
}

fn merge_objects(base: &mut Map<String, Value>, change: &Map<String, Value>) {
    for (key, value) in change {
        if value.is_null() {
            base.remove(key);
        } else {
            merge(base.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}

fn key_of(base: &[Value], change: &[Value]) -> Option<&'static str> {
    KEYS.into_iter()
        .find(|key| base.iter().chain(change).all(|item| item.get(*key).is_some()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::merge;

    #[test]
    fn containers_merge_by_name() {
        let mut base = json!({"spec": {"containers": [{"name": "a", "image": "a:2", "env": [{"name": "X", "value": "1"}]}], "args": ["x"]}});
        merge(
            &mut base,
            &json!({"spec": {"containers": [{"name": "a", "image": "a:1"}], "args": ["y", "z"]}}),
        );
        assert_eq!(
            base,
            json!({"spec": {"containers": [{"name": "a", "image": "a:1", "env": [{"name": "X", "value": "1"}]}], "args": ["y", "z"]}})
        );
    }
}
