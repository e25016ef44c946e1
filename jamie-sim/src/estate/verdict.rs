//! A request, the estate as it was and as it is in; what does not hold that must, one sentence each, out.

use std::{sync::Arc, time::Duration};

use serde_json::Value;

use super::{
    Capture, Estate,
    capture::{difference, title},
};
use crate::{
    object::uid,
    quantity,
    scenario::{Check, Condition, Permission, Request, Test},
    server::may,
    store::Store,
};

impl Request {
    /// Whether the state is as it must be after this request, now.
    pub fn check(&self, estate: &Estate, before: &Capture) -> Result<(), Vec<String>> {
        let store = estate.store();
        let mut misses = Vec::new();
        for condition in &self.after {
            match condition {
                Condition::Object(check) => misses.extend(look(check, store, before)),
                Condition::Access { access, allowed } => misses.extend(permitted(access, *allowed, store)),
            }
        }
        misses.extend(self.bystanders(store, before));
        if misses.is_empty() { Ok(()) } else { Err(misses) }
    }

    /// The same as soon as it holds, with what is missing once `patience` is over.
    pub async fn settled(
        &self,
        estate: &Estate,
        before: &Capture,
        patience: Duration,
    ) -> Result<(), Vec<String>> {
        let holds = async {
            let mut changes = estate.store().subscribe();
            while self.check(estate, before).is_err() {
                // Whether told of a change or too late for it: the state itself says what holds.
                let _ = changes.next().await;
            }
        };
        // What the state says at the end counts, whether it was reached or the time is up.
        let _ = tokio::time::timeout(patience, holds).await;
        self.check(estate, before)
    }

    /// What was to stay as it was and has not.
    fn bystanders(&self, store: &Store, before: &Capture) -> Vec<String> {
        if self.outcome.leaves_all() {
            return before.differences(store, |_| false);
        }
        if let Some(targets) = &self.unchanged {
            let of = |target| before.find(target).into_iter();
            return targets
                .iter()
                .flat_map(of)
                .filter_map(|was| {
                    let now = store.key_for(was).ok().and_then(|key| store.get(&key));
                    difference(was, now.as_deref())
                })
                .collect();
        }
        let grants = self
            .after
            .iter()
            .any(|condition| matches!(condition, Condition::Access { allowed: true, .. }));
        before.differences(store, |object| {
            let named = self
                .after
                .iter()
                .filter_map(Condition::target)
                .any(|target| target.is(object));
            // Which role a permission comes by is left open; that no other permission changes is not.
            let role = matches!(
                crate::object::kind(object),
                "Role" | "RoleBinding" | "ClusterRole" | "ClusterRoleBinding"
            );
            named || grants && role
        })
    }
}

fn permitted(access: &Permission, allowed: bool, store: &Store) -> Option<String> {
    (may(store, access) != allowed).then(|| {
        format!(
            "{} may{} {} {}",
            access.user,
            if allowed { " not" } else { "" },
            access.verb,
            access.resource
        )
    })
}

fn look(check: &Check, store: &Store, before: &Capture) -> Option<String> {
    let mut found = check.object.find(store);
    if check.new {
        found.retain(|one| !before.knows(one));
    }
    match &check.path {
        None => count(check, &found, before),
        Some(path) => inside(check, path, &found, before),
    }
}

/// A test of which objects there are.
fn count(check: &Check, found: &[Arc<Value>], before: &Capture) -> Option<String> {
    let (target, many) = (&check.object, found.len() as u64);
    let limit = |wanted: &Value| wanted.as_u64().unwrap_or_default();
    match &check.test {
        Test::Exists if many == 0 => Some(format!("{target} is not there")),
        Test::Absent if many > 0 => Some(format!("{target} is still there")),
        Test::Equals(wanted) if many != limit(wanted) => {
            Some(format!("{target}: {many} instead of {wanted}"))
        }
        Test::AtLeast(wanted) if many < limit(wanted) => {
            Some(format!("{target}: {many}, fewer than {wanted}"))
        }
        Test::AtMost(wanted) if many > limit(wanted) => Some(format!("{target}: {many}, more than {wanted}")),
        Test::Gone => {
            let left = found.iter().find(|one| before.knows(one))?;
            Some(format!("{} is still the one from before", title(left)))
        }
        Test::Changed(wanted) => {
            let was = before.find(target);
            let same = was.len() == found.len()
                && was.iter().all(|was| {
                    let now = found.iter().find(|now| uid(now) == uid(was));
                    difference(was, now.map(|now| &**now)).is_none()
                });
            let why = if *wanted {
                "is as it was"
            } else {
                "is not as it was"
            };
            (same == *wanted).then(|| format!("{target} {why}"))
        }
        _ => None,
    }
}

/// A test of what is in the objects: it must hold in each.
fn inside(check: &Check, path: &str, found: &[Arc<Value>], before: &Capture) -> Option<String> {
    if matches!(check.test, Test::Not(_)) && found.is_empty() {
        return None;
    }
    if check.test == Test::Absent {
        let one = found.iter().find(|one| at(one, path).is_some())?;
        return Some(format!("{} still has {path}", title(one)));
    }
    if found.is_empty() {
        return Some(format!("{} is not there", check.object));
    }
    found.iter().find_map(|one| {
        let value = at(one, path);
        let shown = value.map_or_else(|| "nothing".to_owned(), Value::to_string);
        let (holds, wanted) = match &check.test {
            Test::Exists | Test::Absent | Test::Gone => (value.is_some(), "something".to_owned()),
            Test::Equals(wanted) => (
                value.is_some_and(|value| is_equal(path, value, wanted)),
                wanted.to_string(),
            ),
            Test::Not(unwanted) => (
                value.is_none_or(|value| !is_equal(path, value, unwanted)),
                "that".to_owned(),
            ),
            Test::Contains(wanted) => (
                value.is_some_and(|value| includes(value, wanted)),
                format!("with {wanted}"),
            ),
            Test::AtLeast(wanted) => (
                compare(value, wanted, |a, b| a >= b),
                format!("at least {wanted}"),
            ),
            Test::AtMost(wanted) => (compare(value, wanted, |a, b| a <= b), format!("at most {wanted}")),
            Test::Changed(wanted) => {
                let was = before.find(&check.object);
                let same = was.iter().any(|was| {
                    crate::object::name(was) == crate::object::name(one) && at(was, path) == value
                });
                (
                    same != *wanted,
                    if *wanted { "another" } else { "what it was" }.to_owned(),
                )
            }
        };
        (!holds).then(|| format!("{}: {path} is {shown}, not {wanted}", title(one)))
    })
}

/// What a path leads to. In a list, a word that is no number stands for the item of that name, type or key.
fn at<'a>(object: &'a Value, path: &str) -> Option<&'a Value> {
    let steps = path.split('/').skip(1).filter(|step| !step.is_empty());
    let found = steps.into_iter().try_fold(object, |value, step| {
        let step = step.replace("~1", "/").replace("~0", "~");
        match value {
            Value::Object(fields) => fields.get(&step),
            Value::Array(items) => match step.parse::<usize>() {
                Ok(place) => items.get(place),
                Err(_) => items.iter().find(|item| {
                    ["name", "type", "key"]
                        .iter()
                        .any(|field| item.get(field).and_then(Value::as_str) == Some(&step))
                }),
            },
            _ => None,
        }
    });
    found.filter(|value| !value.is_null())
}

/// Equal, or the same amount written differently where amounts are kept.
fn is_equal(path: &str, value: &Value, wanted: &Value) -> bool {
    let amounts = ["resources", "capacity", "limits", "requests", "hard"];
    value == wanted
        || amounts.iter().any(|part| path.contains(part))
            && quantity::of(value).is_some()
            && quantity::of(value) == quantity::of(wanted)
}

fn compare(value: Option<&Value>, wanted: &Value, holds: fn(i64, i64) -> bool) -> bool {
    match (value.and_then(quantity::of), quantity::of(wanted)) {
        (Some(value), Some(wanted)) => holds(value, wanted),
        _ => false,
    }
}

/// Whether all that is wanted is in the value: parts of texts, items of lists, fields of objects.
fn includes(value: &Value, wanted: &Value) -> bool {
    match (value, wanted) {
        (Value::String(value), Value::String(wanted)) => value.contains(wanted.as_str()),
        (Value::Object(value), Value::Object(wanted)) => wanted.iter().all(|(field, wanted)| {
            value
                .get(field)
                .is_some_and(|value| value == wanted || !wanted.is_string() && includes(value, wanted))
        }),
        (Value::Array(value), Value::Array(wanted)) => wanted.iter().all(|wanted| {
            value
                .iter()
                .any(|value| value == wanted || !wanted.is_string() && includes(value, wanted))
        }),
        (Value::Array(value), wanted) => value
            .iter()
            .any(|value| value == wanted || wanted.is_object() && includes(value, wanted)),
        _ => value == wanted,
    }
}
