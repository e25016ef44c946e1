//! `Kind/namespace/name` or `Kind/name` in, the objects that are meant out; a `*` in the name stands for anything.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

use crate::{
    kubelet::matches_pattern,
    object,
    server::resources,
    store::{Key, Store},
};

/// One object, or all whose names match.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Target {
    /// The kind.
    pub kind: String,
    /// The namespace; none for kinds that live outside namespaces.
    pub namespace: Option<String>,
    /// The name; `*` stands for anything.
    pub name: String,
}

impl Target {
    /// Whether this object is meant.
    pub fn is(&self, found: &Value) -> bool {
        object::kind(found) == self.kind
            && self
                .namespace
                .as_deref()
                .is_none_or(|namespace| namespace == object::namespace(found))
            && matches_pattern(&self.name, object::name(found))
    }

    /// The objects meant that are there and not on their way out.
    pub fn find(&self, store: &Store) -> Vec<Arc<Value>> {
        let mut found = Vec::new();
        for (group, plural) in places(store, &self.kind) {
            if self.name.contains('*') {
                let all = store.list(&group, &plural, self.namespace.as_deref());
                found.extend(all.into_iter().filter(|one| self.is(one)));
            } else {
                let key = Key {
                    group,
                    plural,
                    namespace: self.namespace.clone(),
                    name: self.name.clone(),
                };
                found.extend(store.get(&key));
            }
        }
        found.retain(|one| !object::is_leaving(one));
        found
    }
}

/// Where objects of a kind are kept.
fn places(store: &Store, kind: &str) -> Vec<(String, String)> {
    let custom = store.custom_types();
    let all = resources::built_in().iter().chain(custom.iter());
    let mut places: Vec<_> = all
        .filter(|one| one.kind == kind && !matches!(one.group.as_str(), "events.k8s.io" | resources::METRICS))
        .map(|one| (one.group.clone(), one.plural.clone()))
        .collect();
    places.dedup();
    places
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split('/').collect();
        if parts.iter().any(|part| part.is_empty()) {
            return Err(format!("{text:?} has an empty part"));
        }
        let (kind, namespace, name) = match parts.as_slice() {
            [kind, namespace, name] => (*kind, Some(*namespace), *name),
            [kind, name] => (*kind, None, *name),
            _ => {
                return Err(format!(
                    "{text:?} is no object; write Kind/namespace/name, or Kind/name outside namespaces"
                ));
            }
        };
        if let Some(known) = resources::built_in().iter().find(|one| one.kind == kind)
            && known.namespaced != namespace.is_some()
        {
            let why = if known.namespaced { "needs a" } else { "has no" };
            return Err(format!("{text:?}: a {kind} {why} namespace"));
        }
        Ok(Self {
            kind: kind.to_owned(),
            namespace: namespace.map(str::to_owned),
            name: name.to_owned(),
        })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{}/{namespace}/{}", self.kind, self.name),
            None => write!(f, "{}/{}", self.kind, self.name),
        }
    }
}

impl<'de> Deserialize<'de> for Target {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}
