//! An object before and after in, a unified diff of what people write into it out; secret values stay hidden.

use jamie_core::redact::Redactor;
use serde_json::Value;
use similar::TextDiff;

/// Lines kept round a change.
const CONTEXT: usize = 3;

/// What changes from the one to the other, as YAML; empty where nothing does.
pub(super) fn between(before: Option<&Value>, after: Option<&Value>) -> String {
    let old = before.map(shown).unwrap_or_default();
    let new = after.map(shown).unwrap_or_default();
    TextDiff::from_lines(&old, &new)
        .unified_diff()
        .context_radius(CONTEXT)
        .header("now", "then")
        .to_string()
}

/// A tidy copy as YAML. Equal secrets have equal placeholders, so that a new one shows as one.
fn shown(object: &Value) -> String {
    let mut object = object.clone();
    tidy(&mut object);
    // Servers and rehearsals order fields differently; that is no change.
    object.sort_all_objects();
    Redactor::default().value(&mut object);
    // One order for both sides, whoever wrote them.
    object.sort_all_objects();
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::between;

    #[test]
    fn the_order_of_fields_is_no_change() {
        let read = |text: &str| serde_json::from_str(text).unwrap();
        let before = read(r#"{"kind":"Pod","apiVersion":"v1","spec":{"b":1,"a":2}}"#);
        let after = read(r#"{"apiVersion":"v1","kind":"Pod","spec":{"a":2,"b":3}}"#);
        let diff = between(Some(&before), Some(&after));
        let changed: Vec<&str> = diff
            .lines()
            .skip(2)
            .filter(|line| line.starts_with(['+', '-']))
            .collect();
        assert_eq!(changed, ["-  b: 1", "+  b: 3"]);
    }

    #[test]
    fn secret_values_stay_hidden_and_a_new_one_is_said() {
        let secret = |value: &str| json!({"kind": "Secret", "metadata": {"name": "s", "uid": "1"}, "data": {"key": value, "same": "b"}});
        let diff = between(Some(&secret("b2xk")), Some(&secret("bmV3")));
        assert!(
            !diff.contains("b2xk") && !diff.contains("bmV3") && !diff.contains("uid"),
            "{diff}"
        );
        assert!(
            diff.contains("\n-  key: ") && diff.contains("\n+  key: "),
            "{diff}"
        );
        assert_eq!(between(Some(&secret("x")), Some(&secret("x"))), "");
        let env = |value: &str| json!({"spec": {"env": [{"name": "DB_PASSWORD", "value": value}, {"name": "A", "value": value}]}});
        let diff = between(Some(&env("one")), Some(&env("two")));
        assert!(
            diff.contains("-    value: one") && diff.matches("two").count() == 1,
            "{diff}"
        );
    }
}
