//! Two states of an object in, what differs out: as paths, and in words for what people change most.

use serde_json::Value;

use jamie_core::Redactor;

use crate::wording;

/// One thing that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where: `spec.containers[api].image`.
    pub path: String,
    /// What it was; nothing when it was added.
    pub old: Option<String>,
    /// What it is; nothing when it was removed.
    pub new: Option<String>,
}

/// More differences than this are not worked out.
const MAX: usize = 200;
/// What changes by itself with every revision.
const NOISE: [&str; 5] = [
    "pod-template-hash",
    "controller-revision-hash",
    "pod-template-generation",
    "creationTimestamp",
    "controller-uid",
];

/// What differs between two values; lists of named things are compared by name.
pub fn differences(old: &Value, new: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare("", old, new, &mut found, 0);
    found
}

fn compare(path: &str, old: &Value, new: &Value, found: &mut Vec<Difference>, depth: usize) {
    if old == new || found.len() >= MAX || depth > 40 {
        return;
    }
    match (old, new) {
        (Value::Object(a), Value::Object(b)) => {
            let mut keys: Vec<&String> = a
                .keys()
                .chain(b.keys().filter(|key| !a.contains_key(*key)))
                .collect();
            keys.sort();
            for key in keys {
                if NOISE.contains(&key.as_str()) {
                    continue;
                }
                let inner = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                compare(
                    &inner,
                    a.get(key).unwrap_or(&Value::Null),
                    b.get(key).unwrap_or(&Value::Null),
                    found,
                    depth + 1,
                );
            }
        }
        (Value::Array(a), Value::Array(b)) if is_named(a) && is_named(b) => by_name(path, a, b, found, depth),
        (Value::Array(a), Value::Null) if is_named(a) => by_name(path, a, &[], found, depth),
        (Value::Null, Value::Array(b)) if is_named(b) => by_name(path, &[], b, found, depth),
        _ => found.push(Difference {
            path: path.to_owned(),
            old: shown(path, old),
            new: shown(path, new),
        }),
    }
}

fn by_name(path: &str, a: &[Value], b: &[Value], found: &mut Vec<Difference>, depth: usize) {
    let mut names: Vec<String> = a.iter().filter_map(name).collect();
    names.extend(
        b.iter()
            .filter_map(name)
            .filter(|name| !a.iter().any(|one| self::name(one).as_ref() == Some(name))),
    );
    for one in names {
        let of = |list: &[Value]| {
            list.iter()
                .find(|item| name(item).as_ref() == Some(&one))
                .cloned()
                .unwrap_or(Value::Null)
        };
        let inner = format!("{path}[{one}]");
        // A variable is one thing, whatever its value comes from.
        if path.ends_with("env") {
            let (old, new) = (variable(&of(a)), variable(&of(b)));
            if old != new {
                found.push(Difference {
                    path: inner,
                    old,
                    new,
                });
            }
        } else {
            compare(&inner, &of(a), &of(b), found, depth + 1);
        }
    }
}

fn is_named(list: &[Value]) -> bool {
    !list.is_empty() && list.iter().all(|item| name(item).is_some())
}

/// What tells a list's item from its neighbours.
fn name(item: &Value) -> Option<String> {
    ["name", "key", "mountPath", "containerPort", "port", "ip"]
        .iter()
        .find_map(|key| item.get(*key))
        .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

fn variable(value: &Value) -> Option<String> {
    if value.is_null() {
        return None;
    }
    let name = value.get("name").and_then(Value::as_str).unwrap_or_default();
    match (value.get("value").and_then(Value::as_str), value.get("valueFrom")) {
        (Some(text), _) => Some(wording::clip(&Redactor::default().setting(name, text), 120)),
        (None, Some(from)) => {
            let source = from.as_object().and_then(|from| from.iter().next());
            Some(source.map_or_else(
                || "from elsewhere".to_owned(),
                |(kind, source)| {
                    let text = |key: &str| source.get(key).and_then(Value::as_str).unwrap_or_default();
                    match kind.as_str() {
                        "configMapKeyRef" => format!("from ConfigMap {} key {}", text("name"), text("key")),
                        "secretKeyRef" => format!("from Secret {} key {}", text("name"), text("key")),
                        _ => wording::clip(&format!("from {source}"), 100),
                    }
                },
            ))
        }
        (None, None) => Some(String::new()),
    }
}

fn shown(path: &str, value: &Value) -> Option<String> {
    let name = path.rsplit('.').next().unwrap_or(path);
    match value {
        Value::Null => None,
        Value::String(text) => Some(wording::clip(&Redactor::default().setting(name, text), 200)),
        Value::Object(_) | Value::Array(_) => {
            let mut value = value.clone();
            Redactor::default().value(&mut value);
            let text = serde_json::to_string(&value).unwrap_or_default();
            Some(wording::clip(&text, 160))
        }
        other => Some(other.to_string()),
    }
}

impl Difference {
    /// The difference in words: "image of `api`: `shop/api:1.4.1` → `shop/api:1.4.2`".
    pub fn text(&self) -> String {
        let what = self.what();
        if what == RESTARTED {
            return what.clone();
        }
        match (&self.old, &self.new) {
            (Some(old), Some(new)) => format!("{what}: `{old}` → `{new}`"),
            (None, Some(new)) => format!("{what} added: `{new}`"),
            (Some(old), None) => format!("{what} removed (was `{old}`)"),
            (None, None) => what,
        }
    }

    /// How much it matters for whether things run: images and commands first, labels last.
    pub fn weight(&self) -> u8 {
        let path = self.path.as_str();
        if path.rsplit('.').next() == Some("image") {
            9
        } else if path.contains(".command") || path.contains(".args") {
            8
        } else if path.contains("env[") || path.contains("envFrom") {
            7
        } else if path.contains("resources") || path.contains("Probe") {
            6
        } else if path.contains("metadata.") {
            1
        } else {
            4
        }
    }

    fn what(&self) -> String {
        if self.path.ends_with("restartedAt") {
            return RESTARTED.to_owned();
        }
        let Some((container, rest)) = self.container() else {
            let short = self.path.strip_prefix("spec.").unwrap_or(&self.path);
            return format!("`{short}`");
        };
        let inside = |list: &str| {
            rest.strip_prefix(list)
                .and_then(|rest| rest.strip_prefix('['))
                .and_then(|rest| rest.split(']').next())
        };
        if rest == "image" {
            return format!("image of `{container}`");
        }
        if let Some(variable) = inside("env") {
            return format!("variable `{variable}` of `{container}`");
        }
        if let Some(resource) = rest.strip_prefix("resources.limits.") {
            return format!("{resource} limit of `{container}`");
        }
        if let Some(resource) = rest.strip_prefix("resources.requests.") {
            return format!("{resource} request of `{container}`");
        }
        if let Some((probe, part)) = rest.split_once("Probe") {
            return format!("{probe} probe of `{container}`{}", part.replacen('.', " ", 1));
        }
        format!("`{rest}` of `{container}`")
    }

    /// The container that the path goes into, and the rest of the path.
    fn container(&self) -> Option<(&str, &str)> {
        let start = self.path.find("ontainers[")? + "ontainers[".len();
        let (name, rest) = self.path.get(start..)?.split_once(']')?;
        Some((name, rest.strip_prefix('.').unwrap_or(rest)))
    }
}

const RESTARTED: &str = "restarted by hand (rollout restart)";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn texts(old: &Value, new: &Value) -> Vec<String> {
        differences(old, new).iter().map(Difference::text).collect()
    }

    #[test]
    fn what_people_change_is_said_in_words() {
        let old = json!({"metadata": {"labels": {"pod-template-hash": "a"}}, "spec": {"containers": [
            {"name": "api", "image": "api:1", "env": [{"name": "A", "value": "1"}, {"name": "DB_PASSWORD", "value": "old"}],
             "resources": {"limits": {"memory": "512Mi"}}, "readinessProbe": {"httpGet": {"path": "/a", "port": 80}}}]}});
        let new = json!({"metadata": {"labels": {"pod-template-hash": "b"}}, "spec": {"containers": [
            {"name": "api", "image": "api:2", "env": [{"name": "B", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}, {"name": "DB_PASSWORD", "value": "new"}],
             "resources": {"limits": {"memory": "128Mi"}}, "readinessProbe": {"httpGet": {"path": "/b", "port": 80}}}]}});
        let hidden = |value: &'static str| Redactor::default().setting("DB_PASSWORD", value);
        let password = format!(
            "variable `DB_PASSWORD` of `api`: `{}` → `{}`",
            hidden("old"),
            hidden("new")
        );
        assert!(!password.contains("new"));
        assert_eq!(
            texts(&old, &new),
            [
                "variable `A` of `api` removed (was `1`)",
                &password,
                "variable `B` of `api` added: `from Secret s key k`",
                "image of `api`: `api:1` → `api:2`",
                "readiness probe of `api` httpGet.path: `/a` → `/b`",
                "memory limit of `api`: `512Mi` → `128Mi`",
            ]
        );
    }
}
