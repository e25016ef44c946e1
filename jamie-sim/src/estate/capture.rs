//! A running estate in, all that a person would miss in it out: what is compared with afterwards.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use serde_json::Value;

use super::Estate;
use crate::{
    object::{self, kind, name, uid},
    scenario::Target,
    store::{Key, Store},
};

/// How an estate stood at one moment.
#[derive(Clone, Debug)]
pub struct Capture {
    objects: BTreeMap<Key, Arc<Value>>,
    uids: HashSet<String>,
}

impl Estate {
    /// How everything stands now.
    pub fn capture(&self) -> Capture {
        Capture::of(self.store())
    }
}

impl Capture {
    fn of(store: &Store) -> Self {
        let mut objects = BTreeMap::new();
        let mut uids = HashSet::new();
        for (group, plural) in store.kinds() {
            if matches!(plural.as_str(), "events" | "leases") {
                continue;
            }
            for stored in store.snapshot(&group, &plural, None).0 {
                uids.insert(uid(&stored.object).to_owned());
                objects.insert(stored.key.clone(), Arc::clone(&stored.object));
            }
        }
        Self { objects, uids }
    }

    /// Whether this very object was there.
    pub(super) fn knows(&self, object: &Value) -> bool {
        self.uids.contains(uid(object))
    }

    /// The objects of that kind and name that were there.
    pub(super) fn find(&self, target: &Target) -> Vec<&Arc<Value>> {
        self.objects.values().filter(|one| target.is(one)).collect()
    }

    /// What has gone, differs or has come since, pods and what controllers make aside; objects that `except` holds
    /// for are passed over.
    pub(super) fn differences(&self, store: &Store, except: impl Fn(&Value) -> bool) -> Vec<String> {
        let mut told = Vec::new();
        for (key, before) in &self.objects {
            if is_derived(before) || except(before) {
                continue;
            }
            let now = store.get(key);
            told.extend(difference(before, now.as_deref()));
        }
        for (key, object) in Self::of(store).objects {
            if !self.objects.contains_key(&key) && !is_derived(&object) && !except(&object) {
                told.push(format!("{} has been made", title(&object)));
            }
        }
        told
    }
}

/// How an object differs from what it was, in one sentence.
pub(super) fn difference(before: &Value, now: Option<&Value>) -> Option<String> {
    let Some(now) = now.filter(|now| uid(now) == uid(before)) else {
        return Some(format!("{} has gone", title(before)));
    };
    if object::is_leaving(now) && !object::is_leaving(before) {
        return Some(format!("{} is on its way out", title(before)));
    }
    let (was, is) = (content(before), content(now));
    let part = was.iter().chain(&is).map(|(part, _)| *part);
    let changed: Vec<&str> = part.filter(|part| was.get(part) != is.get(part)).collect();
    let first = changed.first()?;
    Some(format!("{} has another {first}", title(before)))
}

/// What a person wrote: all but the status and what controllers keep in the metadata.
fn content(object: &Value) -> BTreeMap<&str, &Value> {
    let fields = object.as_object().into_iter().flatten();
    let mut content: BTreeMap<&str, &Value> = fields
        .map(|(field, value)| (field.as_str(), value))
        .filter(|(field, _)| !matches!(*field, "apiVersion" | "kind" | "metadata" | "status"))
        .collect();
    if let Some(labels) = object.pointer("/metadata/labels") {
        content.insert("labels", labels);
    }
    content
}

/// Whether controllers make and change objects like this by themselves.
fn is_derived(one: &Value) -> bool {
    object::controller(one).is_some()
        || matches!(
            kind(one),
            "Pod"
                | "Event"
                | "Lease"
                | "Endpoints"
                | "EndpointSlice"
                | "ControllerRevision"
                | "PersistentVolume"
        )
        || kind(one) == "ServiceAccount" && name(one) == "default"
        || kind(one) == "ConfigMap" && name(one) == "kube-root-ca.crt"
}

/// `Kind namespace/name`.
pub(super) fn title(one: &Value) -> String {
    match object::namespace(one) {
        "" => format!("{} {}", kind(one), name(one)),
        namespace => format!("{} {namespace}/{}", kind(one), name(one)),
    }
}
