//! Argo CD Applications that heal in; objects of theirs that somebody changed by hand, put back a few seconds later, out.
//!
//! What is in the repository is what the cluster held when its past met the present.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{World, events::Report};
use crate::{
    object::{self, entry, flag, later, list, name, stamp, text},
    store::Key,
};

/// How long it takes Argo CD to notice and to heal.
const HEALS_AFTER_MS: i64 = 3_000;
const COMPONENT: &str = "argocd-application-controller";

/// What is wished of the objects of all healing applications.
#[derive(Debug, Default)]
pub(super) struct Repository {
    read: bool,
    wished: BTreeMap<Key, Wished>,
}

#[derive(Clone, Debug)]
struct Wished {
    application: Key,
    object: Arc<Value>,
    /// Since when the live object is different.
    drifted: Option<Timestamp>,
}

pub(super) fn reconcile(world: &mut World) {
    if !world.live {
        return;
    }
    if !world.repository.read {
        world.repository = read(world);
    }
    let wished: Vec<(Key, Wished)> = world
        .repository
        .wished
        .iter()
        .map(|(key, wished)| (key.clone(), wished.clone()))
        .collect();
    for (key, wished) in wished {
        let Some(application) = world.store.get(&wished.application).filter(|one| heals(one)) else {
            continue;
        };
        one(world, &key, &wished, &application);
    }
}

/// Whether changes by hand are reverted.
fn heals(application: &Value) -> bool {
    flag(application, "/spec/syncPolicy/automated/selfHeal")
}

fn read(world: &World) -> Repository {
    let mut wished = BTreeMap::new();
    let applications = world.store.list("argoproj.io", "applications", None);
    for application in applications.iter().filter(|one| heals(one)) {
        let Ok(address) = world.store.key_for(application) else {
            continue;
        };
        for (group, plural) in world.store.kinds() {
            for stored in world.store.snapshot(&group, &plural, None).0 {
                let object = &stored.object;
                if object::controller(object).is_none() && tracks(application, object) {
                    let one = Wished {
                        application: address.clone(),
                        object: Arc::clone(object),
                        drifted: None,
                    };
                    wished.insert(stored.key.clone(), one);
                }
            }
        }
    }
    Repository { read: true, wished }
}

/// Whether the object belongs to the application, by annotation or by label.
fn tracks(application: &Value, object: &Value) -> bool {
    if let Some(id) = entry(object, "/metadata/annotations", "argocd.argoproj.io/tracking-id") {
        return id.split(':').next() == Some(name(application));
    }
    let destination = text(application, "/spec/destination/namespace");
    let namespace = object::namespace(object);
    entry(object, "/metadata/labels", "app.kubernetes.io/instance") == Some(name(application))
        && (namespace.is_empty() || destination.is_empty() || destination == namespace)
        && !matches!(object::kind(object), "Pod" | "Endpoints" | "EndpointSlice")
}

fn one(world: &mut World, key: &Key, wished: &Wished, application: &Value) {
    let live = world.store.get(key).filter(|live| !object::is_leaving(live));
    let ignored = ignored(application, &wished.object);
    let healthy = live
        .as_ref()
        .is_some_and(|live| content(live, &ignored) == content(&wished.object, &ignored));
    let drifted = if healthy {
        None
    } else {
        Some(wished.drifted.unwrap_or(world.now))
    };
    if let Some(wished) = world.repository.wished.get_mut(key) {
        wished.drifted = drifted;
    }
    let Some(since) = drifted else {
        return;
    };
    let due = later(since, HEALS_AFTER_MS);
    if due > world.now {
        let namespace = key.namespace.clone().unwrap_or_else(|| "default".to_owned());
        sync_status(world, application, "OutOfSync");
        return world.wake_namespace_at(&namespace, due);
    }
    heal(world, key, &wished.object, live.as_deref(), &ignored);
    sync_status(world, application, "Synced");
    let message = "Sync operation to main succeeded".to_owned();
    world.report(&Report::new(
        COMPONENT,
        application,
        "OperationCompleted",
        message,
    ));
}

/// Puts the live object back, or makes it anew; where it cannot, the next look tries again.
fn heal(world: &World, key: &Key, wished: &Value, live: Option<&Value>, ignored: &[String]) {
    if live.is_none() {
        let mut fresh = wished.clone();
        if let Some(fields) = fresh.as_object_mut() {
            fields.remove("status");
        }
        if let Some(metadata) = fresh.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.retain(|field, _| {
                !matches!(
                    field.as_str(),
                    "uid" | "resourceVersion" | "generation" | "creationTimestamp" | "deletionTimestamp"
                )
            });
        }
        fresh["metadata"]["creationTimestamp"] = json!(stamp(world.now));
        let _ = world.store.create(key.clone(), fresh);
        return;
    }
    let _ = world.store.modify(key, |object| {
        let kept: Vec<(&String, Option<Value>)> = ignored
            .iter()
            .map(|path| (path, object.pointer(path).cloned()))
            .collect();
        let Some(fields) = object.as_object_mut() else {
            return;
        };
        let own = |field: &str| matches!(field, "metadata" | "status" | "apiVersion" | "kind");
        fields.retain(|field, _| own(field));
        for (field, value) in wished.as_object().into_iter().flatten() {
            if !own(field) {
                fields.insert(field.clone(), value.clone());
            }
        }
        if let Some(labels) = wished.pointer("/metadata/labels") {
            object["metadata"]["labels"] = labels.clone();
        }
        for (path, value) in kept {
            if let (Some(slot), Some(value)) = (object.pointer_mut(path), value) {
                *slot = value;
            }
        }
    });
}

fn ignored(application: &Value, object: &Value) -> Vec<String> {
    list(application, "/spec/ignoreDifferences")
        .iter()
        .filter(|one| text(one, "/kind") == object::kind(object))
        .flat_map(|one| list(one, "/jsonPointers"))
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// What the repository has a say in.
fn content(object: &Value, ignored: &[String]) -> Value {
    let mut content = object.clone();
    for path in ignored {
        if let Some(slot) = content.pointer_mut(path) {
            *slot = Value::Null;
        }
    }
    let labels = content.pointer("/metadata/labels").cloned();
    if let Some(fields) = content.as_object_mut() {
        for field in ["status", "metadata", "apiVersion", "kind"] {
            fields.remove(field);
        }
        fields.insert("labels".to_owned(), labels.unwrap_or_default());
    }
    content
}

fn sync_status(world: &World, application: &Value, sync: &str) {
    if text(application, "/status/sync/status") == sync {
        return;
    }
    let mut status = application
        .get("status")
        .filter(|status| status.is_object())
        .cloned()
        .unwrap_or_else(|| json!({}));
    status["sync"]["status"] = json!(sync);
    status["reconciledAt"] = json!(stamp(world.now));
    world.set_status(application, status);
}
