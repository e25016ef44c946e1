//! Deletion: gracefully for pods, by way of finalizers where there are some, with dependants
//! orphaned when that is asked for.

use serde_json::{Value, json};

use super::admission::{self, Write};
use super::fields::{list, text};
use super::read;
use super::render::Form;
use super::request::{Request, parse_object};
use super::respond::{self, Outcome};
use super::router::Aim;
use crate::store::{ApiStatus, Key, Store, timestamp_now};

/// How something shall go.
#[derive(Debug, Default)]
pub(crate) struct DeleteOptions {
    pub(crate) grace: Option<i64>,
    orphan: bool,
    pub(crate) dry_run: bool,
    uid: Option<String>,
    version: Option<String>,
}

impl DeleteOptions {
    fn of(request: &Request) -> Result<Self, ApiStatus> {
        let body = if request.body.is_empty() {
            json!({})
        } else {
            parse_object(&request.body)?
        };
        Self::from_parts(&body, request)
    }

    /// The options in an object, over those in the query.
    pub(crate) fn from_parts(body: &Value, request: &Request) -> Result<Self, ApiStatus> {
        let query = &request.query;
        let policy = match text(body, "/propagationPolicy") {
            "" => query.text("propagationPolicy"),
            policy => policy,
        };
        if !matches!(policy, "" | "Background" | "Foreground" | "Orphan") {
            return Err(ApiStatus::new(
                422,
                "Invalid",
                format!(
                    "DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Unsupported value: \"{policy}\": \
                     supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\""
                ),
            ));
        }
        let given = body.get("gracePeriodSeconds").and_then(Value::as_i64);
        let asked = query
            .number("gracePeriodSeconds")?
            .and_then(|seconds| i64::try_from(seconds).ok());
        let orphaned = body
            .get("orphanDependents")
            .and_then(Value::as_bool)
            .unwrap_or_default();
        let precondition = |field: &str| {
            let found = text(body, &format!("/preconditions/{field}"));
            (!found.is_empty()).then(|| found.to_owned())
        };
        Ok(Self {
            grace: given.or(asked),
            orphan: policy == "Orphan"
                || orphaned
                || query.flag("orphanDependents") && query.get("orphanDependents").is_some(),
            dry_run: query.dry_run()? || !list(body, "/dryRun").is_empty(),
            uid: precondition("uid"),
            version: precondition("resourceVersion"),
        })
    }

    /// Whether the object is the one that is meant.
    pub(crate) fn check(&self, key: &Key, object: &Value) -> Result<(), ApiStatus> {
        for (wanted, field, name, perhaps) in [
            (&self.uid, "/metadata/uid", "UID", "deleted and then recreated"),
            (
                &self.version,
                "/metadata/resourceVersion",
                "ResourceVersion",
                "modified",
            ),
        ] {
            if let Some(wanted) = wanted
                && text(object, field) != wanted
            {
                let why = format!(
                    "the {name} in the precondition ({wanted}) does not match the {name} in record ({}). The object \
                     might have been {perhaps}",
                    text(object, field)
                );
                return Err(ApiStatus::cannot_be_fulfilled(key, &why));
            }
        }
        Ok(())
    }
}

/// Deletes one object.
pub(crate) fn one(store: &Store, form: &Form, aim: &Aim, request: &Request) -> Outcome {
    let (key, options) = (aim.key(), DeleteOptions::of(request)?);
    let object = store.get(&key).ok_or_else(|| ApiStatus::not_found(&key))?;
    options.check(&key, &object)?;
    let write = Write {
        kind: &aim.kind,
        version: &aim.target.version,
        key: &key,
        operation: "DELETE",
        old: Some(&object),
        new: None,
    };
    admission::admit(store, write, request)?;
    if key.plural == "namespaces" && key.group.is_empty() {
        return namespace(store, form, &key, &options);
    }
    let (gone, stays) = if options.dry_run {
        rehearsed(&object, &options)
    } else {
        let gone = remove(store, &key, &object, &options)?;
        ((*gone).clone(), store.get(&key).is_some())
    };
    if stays || key.plural == "pods" {
        return Ok(respond::json(&form.value(&gone)));
    }
    Ok(respond::json(&json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success",
        "details": {"name": key.name, "group": key.group, "kind": key.plural, "uid": text(&gone, "/metadata/uid")},
    })))
}

/// Deletes all objects that match.
pub(crate) fn collection(store: &Store, form: &Form, aim: &Aim, request: &Request) -> Outcome {
    let options = DeleteOptions::of(request)?;
    let page = read::page(store, &aim.kind, aim.target.namespace.as_deref(), &request.query)?;
    let mut items = Vec::new();
    for stored in page.objects {
        let write = Write {
            kind: &aim.kind,
            version: &aim.target.version,
            key: &stored.key,
            operation: "DELETE",
            old: Some(&stored.object),
            new: None,
        };
        admission::admit(store, write, request)?;
        if !options.dry_run {
            // Somebody else may have been faster; then it is gone, as wanted.
            let _ = remove(store, &stored.key, &stored.object, &options);
        }
        items.push(form.value(&stored.object));
    }
    let (kind, api_version) = form.list_head();
    let metadata = json!({"resourceVersion": store.resource_version().to_string()});
    Ok(respond::json(
        &json!({"kind": kind, "apiVersion": api_version, "metadata": metadata, "items": items}),
    ))
}

/// How an object would look on its way out, and whether it would stay for a while.
fn rehearsed(object: &Value, options: &DeleteOptions) -> (Value, bool) {
    let mut gone = object.clone();
    let is_pod = text(object, "/kind") == "Pod";
    let leaving = object.pointer("/metadata/deletionTimestamp").is_some();
    if let Some((end, grace)) = graceful(object, options).filter(|_| is_pod) {
        if !leaving {
            gone["metadata"]["deletionTimestamp"] = json!(end);
            gone["metadata"]["deletionGracePeriodSeconds"] = json!(grace);
        }
        return (gone, true);
    }
    let held = !list(object, "/metadata/finalizers").is_empty();
    if held && !leaving {
        gone["metadata"]["deletionTimestamp"] = json!(timestamp_now());
        gone["metadata"]["deletionGracePeriodSeconds"] = json!(0);
    }
    (gone, held)
}

/// When a pod will have gone and how many seconds it is given, if it may take its leave.
fn graceful(pod: &Value, options: &DeleteOptions) -> Option<(String, i64)> {
    let own = pod
        .pointer("/spec/terminationGracePeriodSeconds")
        .and_then(Value::as_i64)
        .unwrap_or(30);
    let grace = options.grace.unwrap_or(own).max(0);
    let over = matches!(text(pod, "/status/phase"), "Succeeded" | "Failed");
    if grace == 0 || over || text(pod, "/spec/nodeName").is_empty() {
        return None;
    }
    let now = jiff::Timestamp::now();
    let end = now
        .checked_add(jiff::SignedDuration::from_secs(grace))
        .unwrap_or(now);
    Some((end.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(), grace))
}

/// Removes an object, or starts its way out.
pub(crate) fn remove(
    store: &Store,
    key: &Key,
    object: &Value,
    options: &DeleteOptions,
) -> Result<std::sync::Arc<Value>, ApiStatus> {
    if options.orphan {
        orphan(store, text(object, "/metadata/uid"));
    }
    if key.plural == "pods"
        && key.group.is_empty()
        && let Some((end, grace)) = graceful(object, options)
    {
        return store.modify(key, |pod| {
            let leaving = pod.pointer("/metadata/deletionTimestamp").is_some();
            let sooner = pod
                .pointer("/metadata/deletionGracePeriodSeconds")
                .and_then(Value::as_i64);
            if !leaving || sooner.is_some_and(|sooner| grace < sooner) {
                pod["metadata"]["deletionTimestamp"] = json!(end);
                pod["metadata"]["deletionGracePeriodSeconds"] = json!(grace);
            }
        });
    }
    store.delete(key)
}

/// Takes an owner off everything it owns.
fn orphan(store: &Store, owner: &str) {
    for (group, plural) in store.kinds() {
        for stored in store.snapshot(&group, &plural, None).0 {
            let mut references = list(&stored.object, "/metadata/ownerReferences").iter();
            if references.all(|reference| text(reference, "/uid") != owner) {
                continue;
            }
            // An object that went away meanwhile needs no orphaning.
            let _ = store.modify(&stored.key, |object| {
                if let Some(references) = object
                    .pointer_mut("/metadata/ownerReferences")
                    .and_then(Value::as_array_mut)
                {
                    references.retain(|reference| text(reference, "/uid") != owner);
                }
            });
        }
    }
}

/// A namespace empties itself before it goes, and stays, terminating, while anything in it does.
fn namespace(store: &Store, form: &Form, key: &Key, options: &DeleteOptions) -> Outcome {
    if options.dry_run {
        let object = store.get(key).ok_or_else(|| ApiStatus::not_found(key))?;
        let mut leaving = (*object).clone();
        if leaving.pointer("/metadata/deletionTimestamp").is_none() {
            leaving["metadata"]["deletionTimestamp"] = json!(timestamp_now());
        }
        leaving["status"] = json!({"phase": "Terminating"});
        return Ok(respond::json(&form.value(&leaving)));
    }
    let leaving = store.modify(key, |object| {
        if object.pointer("/metadata/deletionTimestamp").is_none() {
            object["metadata"]["deletionTimestamp"] = json!(timestamp_now());
        }
        object["status"] = json!({"phase": "Terminating"});
    })?;
    let at_once = DeleteOptions {
        grace: Some(0),
        ..DeleteOptions::default()
    };
    let mut left = Vec::new();
    // Owners before what they own, or their controllers would make it anew: pods go last.
    let mut kinds = store.kinds();
    kinds.sort_by_key(|(_, plural)| (plural == "replicasets", plural == "pods"));
    for (group, plural) in kinds {
        for stored in store.snapshot(&group, &plural, Some(&key.name)).0 {
            // An object that went away meanwhile is as wanted.
            let _ = remove(store, &stored.key, &stored.object, &at_once);
            if let Some(object) = store.get(&stored.key) {
                left.push((
                    stored.key.resource(),
                    list(&object, "/metadata/finalizers").to_vec(),
                ));
            }
        }
    }
    if left.is_empty() {
        store.delete(key)?;
    } else {
        store.modify(key, |object| object["status"]["conditions"] = remaining(&left))?;
    }
    Ok(respond::json(&form.value(&leaving)))
}

fn remaining(left: &[(String, Vec<Value>)]) -> Value {
    let (mut kinds, mut holders) = (
        std::collections::BTreeMap::new(),
        std::collections::BTreeMap::new(),
    );
    for (kind, finalizers) in left {
        *kinds.entry(kind.as_str()).or_insert(0) += 1;
        for finalizer in finalizers.iter().filter_map(Value::as_str) {
            *holders.entry(finalizer).or_insert(0) += 1;
        }
    }
    let resources: Vec<String> = kinds
        .iter()
        .map(|(kind, count)| format!("{kind} has {count} resource instances"))
        .collect();
    let finalizers: Vec<String> = holders
        .iter()
        .map(|(holder, count)| format!("{holder} in {count} resource instances"))
        .collect();
    let condition = |kind: &str, reason: &str, message: String| {
        json!({"type": kind, "status": "True", "reason": reason, "message": message,
            "lastTransitionTime": timestamp_now()})
    };
    json!([
        condition(
            "NamespaceContentRemaining",
            "SomeResourcesRemain",
            format!("Some resources are remaining: {}", resources.join(", "))
        ),
        condition(
            "NamespaceFinalizersRemaining",
            "SomeFinalizersRemain",
            format!(
                "Some content in the namespace has finalizers remaining: {}",
                finalizers.join(", ")
            )
        ),
    ])
}
