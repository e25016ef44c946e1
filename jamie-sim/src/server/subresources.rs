//! What is reached under an object: status, scale, eviction, binding, token and their kin.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::admission::{self, Write};
use super::auth;
use super::delete::{self, DeleteOptions};
use super::fields::{list, number, text};
use super::patch::{self, Language, owners};
use super::render::Form;
use super::request::Request;
use super::respond::{self, Outcome};
use super::router::Aim;
use super::table::selector_text;
use super::write::{self, Half};
use crate::store::{ApiStatus, Key, Store, timestamp_now};

/// Answers a request for a subresource.
pub(crate) fn answer(store: &Store, form: &Form, aim: &Aim, subresource: &str, request: &Request) -> Outcome {
    if !aim.kind.has(subresource) {
        return Err(ApiStatus::no_such_resource());
    }
    let key = aim.key();
    let reads = request.method == Method::GET;
    match subresource {
        "scale" => scale(store, aim, &key, request),
        "status" | "approval" | "ephemeralcontainers" | "resize" if reads => {
            super::read::get(store, form, &key)
        }
        "status" | "approval" => write::change(store, form, aim, request, Half::Status),
        "ephemeralcontainers" | "resize" => write::change(store, form, aim, request, Half::Main),
        "finalize" => finalize(store, form, &key, request),
        "eviction" if request.method == Method::POST => evict(store, &key, request),
        "binding" if request.method == Method::POST => bind(store, &key, request),
        "token" if request.method == Method::POST => token(store, &key, request),
        _ => Err(ApiStatus::bad_request(format!(
            "the simulated server does not serve {subresource} in this way"
        ))),
    }
}

fn scale(store: &Store, aim: &Aim, key: &Key, request: &Request) -> Outcome {
    let object = store.get(key).ok_or_else(|| ApiStatus::not_found(key))?;
    let current = scale_of(&object);
    let wanted = match request.method {
        Method::GET => return Ok(respond::json(&current)),
        Method::PUT => request.object()?,
        Method::PATCH => match Language::of(request.content_type())? {
            Language::Strategic | Language::Apply => {
                let mut scale = current.clone();
                json_patch::merge(&mut scale, &request.object()?);
                scale
            }
            language => {
                let kind = super::resources::by_kind(&key.group, "Deployment")
                    .or_else(|| super::resources::built_in().first());
                let kind = kind.ok_or_else(ApiStatus::no_such_resource)?;
                patch::patched(language, kind, &current, &request.object()?)?
            }
        },
        _ => return Err(ApiStatus::method_not_allowed()),
    };
    let replicas = wanted.pointer("/spec/replicas").map_or(Some(0), Value::as_i64);
    let Some(replicas) = replicas.filter(|replicas| *replicas >= 0) else {
        let told = format!(
            "Invalid value: {}: must be greater than or equal to 0",
            wanted.pointer("/spec/replicas").cloned().unwrap_or_default()
        );
        let message = format!(
            "Scale.autoscaling \"{}\" is invalid: spec.replicas: {told}",
            key.name
        );
        return Err(ApiStatus::new(422, "Invalid", message).with_details(json!({
            "name": key.name, "group": "autoscaling", "kind": "Scale",
            "causes": [{"reason": "FieldValueInvalid", "message": told, "field": "spec.replicas"}],
        })));
    };
    let mut scaled = (*object).clone();
    for field in ["uid", "resourceVersion"] {
        // What the client names must be what is there; what it leaves out is what is there now.
        match text(&wanted, &format!("/metadata/{field}")) {
            "" => {}
            given => scaled["metadata"][field] = json!(given),
        }
    }
    if scaled.get("spec").is_some_and(Value::is_object) {
        scaled["spec"]["replicas"] = json!(replicas);
    }
    let write = Write {
        kind: &aim.kind,
        version: &aim.target.version,
        key,
        operation: "UPDATE",
        old: Some(&object),
        new: Some(&scaled),
    };
    admission::admit(store, write, request)?;
    let api_version = aim.kind.api_version(&aim.target.version);
    owners::note(
        Some(&object),
        &mut scaled,
        &request.manager(),
        &api_version,
        "scale",
    );
    let scaled = if request.query.dry_run()? {
        store.rehearse_update(key, scaled)?
    } else {
        store.update(key, scaled)?
    };
    Ok(respond::json(&scale_of(&scaled)))
}

fn scale_of(object: &Value) -> Value {
    let metadata = |field: &str| {
        object
            .pointer(&format!("/metadata/{field}"))
            .cloned()
            .unwrap_or_default()
    };
    let mut scale = json!({
        "kind": "Scale", "apiVersion": "autoscaling/v1",
        "metadata": {
            "name": metadata("name"), "namespace": metadata("namespace"), "uid": metadata("uid"),
            "resourceVersion": metadata("resourceVersion"), "creationTimestamp": metadata("creationTimestamp"),
        },
        "spec": {"replicas": object.pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(1)},
        "status": {"replicas": number(object, "/status/replicas")},
    });
    if let Some(selector) = object.pointer("/spec/selector") {
        scale["status"]["selector"] = json!(selector_text(selector));
    }
    scale
}

fn finalize(store: &Store, form: &Form, key: &Key, request: &Request) -> Outcome {
    let wanted = request.object()?;
    let finalizers = wanted
        .pointer("/spec/finalizers")
        .cloned()
        .unwrap_or_else(|| json!([]));
    let done = finalizers.as_array().is_none_or(Vec::is_empty);
    let object = store.modify(key, |object| {
        if let Some(fields) = object.as_object_mut() {
            fields.insert("spec".to_owned(), json!({"finalizers": finalizers}));
        }
    })?;
    if done && object.pointer("/metadata/deletionTimestamp").is_some() {
        store.delete(key)?;
    }
    Ok(respond::json(&form.value(&object)))
}

/// Evicts a pod unless a disruption budget forbids it.
fn evict(store: &Store, key: &Key, request: &Request) -> Outcome {
    let eviction = request.object()?;
    let empty = json!({});
    let options = DeleteOptions::from_parts(eviction.get("deleteOptions").unwrap_or(&empty), request)?;
    let pod = store.get(key).ok_or_else(|| ApiStatus::not_found(key))?;
    options.check(key, &pod)?;
    let running =
        text(&pod, "/status/phase") == "Running" && pod.pointer("/metadata/deletionTimestamp").is_none();
    let mut budgets = store.list("policy", "poddisruptionbudgets", key.namespace.as_deref());
    budgets.retain(|budget| running && crate::object::matches(budget.pointer("/spec/selector"), &pod));
    match budgets.as_slice() {
        [] => {}
        [budget] => spend(store, budget, &pod, options.dry_run)?,
        _ => {
            return Err(ApiStatus::internal(
                "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
            ));
        }
    }
    if !options.dry_run {
        delete::remove(store, key, &pod, &options)?;
    }
    let done =
        json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201});
    Ok(respond::json_with(StatusCode::CREATED, &done))
}

fn spend(store: &Store, budget: &Value, pod: &Value, dry_run: bool) -> Result<(), ApiStatus> {
    let ready = list(pod, "/status/conditions")
        .iter()
        .any(|condition| text(condition, "/type") == "Ready" && text(condition, "/status") == "True");
    let (healthy, wanted) = (
        number(budget, "/status/currentHealthy"),
        number(budget, "/status/desiredHealthy"),
    );
    let unready_may_go =
        text(budget, "/spec/unhealthyPodEvictionPolicy") == "AlwaysAllow" || healthy >= wanted;
    if !ready && wanted > 0 && unready_may_go {
        return Ok(());
    }
    let name = text(budget, "/metadata/name");
    let allowed = number(budget, "/status/disruptionsAllowed");
    if allowed <= 0 {
        let mut status = ApiStatus::new(
            429,
            "TooManyRequests",
            "Cannot evict pod as it would violate the pod's disruption budget.",
        );
        let why =
            format!("The disruption budget {name} needs {wanted} healthy pods and has {healthy} currently");
        status.details = Some(json!({"causes": [{"reason": "DisruptionBudget", "message": why}]}));
        return Err(status);
    }
    if !dry_run {
        let namespace = text(budget, "/metadata/namespace");
        let key = Key::namespaced("policy", "poddisruptionbudgets", namespace, name);
        store.modify(&key, |budget| {
            if budget.get("status").is_some_and(Value::is_object) {
                budget["status"]["disruptionsAllowed"] = json!(allowed - 1);
            }
        })?;
    }
    Ok(())
}

fn bind(store: &Store, key: &Key, request: &Request) -> Outcome {
    let binding = request.object()?;
    let node = text(&binding, "/target/name").to_owned();
    if node.is_empty() {
        return Err(ApiStatus::bad_request("the binding names no node"));
    }
    let pod = store.get(key).ok_or_else(|| ApiStatus::not_found(key))?;
    let taken = text(&pod, "/spec/nodeName");
    if !taken.is_empty() {
        let why = format!("pod {} is already assigned to node \"{taken}\"", key.name);
        return Err(ApiStatus::cannot_be_fulfilled(key, &why));
    }
    store.modify(key, |pod| {
        if pod.get("spec").is_some_and(Value::is_object) {
            pod["spec"]["nodeName"] = json!(node);
        }
    })?;
    let done =
        json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201});
    Ok(respond::json_with(StatusCode::CREATED, &done))
}

fn token(store: &Store, key: &Key, request: &Request) -> Outcome {
    let account = store.get(key).ok_or_else(|| ApiStatus::not_found(key))?;
    let asked = if request.body.is_empty() {
        json!({})
    } else {
        request.object()?
    };
    let seconds = asked
        .pointer("/spec/expirationSeconds")
        .and_then(Value::as_i64)
        .unwrap_or(3600)
        .clamp(600, 1 << 32);
    let now = jiff::Timestamp::now();
    let end = now
        .checked_add(jiff::SignedDuration::from_secs(seconds))
        .unwrap_or(now);
    let token = auth::service_account_token(key.namespace.as_deref().unwrap_or_default(), &key.name);
    let answer = json!({
        "kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1",
        "metadata": {"name": text(&account, "/metadata/name"), "namespace": key.namespace,
            "creationTimestamp": timestamp_now()},
        "spec": {"expirationSeconds": seconds, "audiences": ["https://kubernetes.default.svc"]},
        "status": {"token": token, "expirationTimestamp": end.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()},
    });
    Ok(respond::json_with(StatusCode::CREATED, &answer))
}
